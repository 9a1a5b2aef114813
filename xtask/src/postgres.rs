//! A throw-away PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::Signal;

use crate::account::Account;
use crate::interruption::wait_for;
use crate::process::{self, Service};
use crate::servers::{USER, on_free_port, write_secret};
use crate::watchdog::Watchdog;

/// The collation that compares without regard to case in every alphabet.
const ICU_COLLATION: &str = "und-x-icu";

/// Whether what was committed outlives the server's sudden end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It need not: data that is thrown away.
    None,
    /// It does, as long as the computer runs on.
    Process,
}

/// A running PostgreSQL; it ends when this is dropped.
pub struct Postgres {
    service: Service,
    cluster: Cluster,
    port: u16,
}

/// A cluster's files, and how to start a server on them.
struct Cluster {
    account: Account,
    programs: PathBuf,
    folder: PathBuf,
    log: PathBuf,
    password: String,
    durability: Durability,
}

impl Postgres {
    /// Makes a cluster in `parent` and starts it on a free port of 127.0.0.1.
    pub fn start(
        parent: &Path,
        password: &str,
        durability: Durability,
        watchdog: &Watchdog,
    ) -> Result<Self> {
        let programs = programs()?;
        let account = Account::unprivileged("postgres")?;
        let folder = parent.join("postgres");
        account.make_folder(&folder)?;
        let secret = folder.join("password");
        write_secret(&secret, password)?;
        account.own(&secret)?;
        let data = folder.join("data");

        let mut initdb = account.command(&programs.join("initdb"), "KILL");
        initdb
            .current_dir(&folder)
            .args([
                "--locale=C",
                "--encoding=UTF8",
                "--auth=scram-sha-256",
                "--no-sync",
                "--no-instructions",
            ])
            .arg(format!("--username={USER}"))
            .arg("--pwfile")
            .arg(&secret)
            .arg("--pgdata")
            .arg(&data);
        process::run_quietly(&mut initdb, &parent.join("postgres.init.log"), watchdog)?;

        let log = parent.join("postgres.log");
        let password = password.to_owned();
        let cluster = Cluster { account, programs, folder, log, password, durability };
        let (service, port) = on_free_port(|port| Ok((cluster.serve(port, watchdog)?, port)))?;
        Ok(Self { service, cluster, port })
    }

    /// Ends the server at once, its connections cut, and starts it again on the same port.
    pub fn restart(self, watchdog: &Watchdog) -> Result<Self> {
        let Self { service, cluster, port } = self;
        drop(service);
        Ok(Self { service: cluster.serve(port, watchdog)?, cluster, port })
    }

    /// The URL of the database every cluster has.
    pub fn url(&self) -> String {
        format!("postgres://{USER}:{}@127.0.0.1:{}/postgres", self.cluster.password, self.port)
    }

    /// Fails when the server has ended.
    pub fn check_running(&mut self) -> Result<()> {
        self.service.check_running()
    }
}

impl Cluster {
    /// Starts a server, and returns when it answers.
    fn serve(&self, port: u16, watchdog: &Watchdog) -> Result<Service> {
        let mut command = self.account.command(&self.programs.join("postgres"), "QUIT");
        command.current_dir(&self.folder).arg("-D").arg(self.folder.join("data"));
        let synchronous_commit = match self.durability {
            Durability::None => "off",
            Durability::Process => "on",
        };
        for setting in [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".into(),
            "unix_socket_directories=".into(),
            // Durability on the disk is of no use to data that is thrown away.
            "fsync=off".into(),
            "full_page_writes=off".into(),
            format!("synchronous_commit={synchronous_commit}"),
            // Tests run many at a time, each with pools of its own.
            "max_connections=300".into(),
        ] {
            command.arg("-c").arg(setting);
        }
        process::redirect(&mut command, &self.log)?;
        let mut service = Service::start("PostgreSQL", &mut command, Signal::QUIT, watchdog)?;
        self.wait_until_ready(port, &mut service)
            .with_context(|| process::last_lines(&self.log))?;
        Ok(service)
    }

    fn wait_until_ready(&self, port: u16, service: &mut Service) -> Result<()> {
        let sql = format!("SELECT count(*) FROM pg_collation WHERE collname = '{ICU_COLLATION}'");
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args([
            "--no-psqlrc",
            "--tuples-only",
            "--no-align",
            "--host=127.0.0.1",
            "--dbname=postgres",
        ])
        .arg(format!("--username={USER}"))
        .arg(format!("--port={port}"))
        .args(["--command", &sql])
        .env("PGPASSWORD", &self.password);
        let count = wait_for("PostgreSQL", Duration::from_mins(1), || {
            service.check_running()?;
            Ok(process::output(&mut psql).ok())
        })?;
        if count.trim() == "0" {
            bail!("this PostgreSQL has no collation {ICU_COLLATION}: it was built without ICU");
        }
        Ok(())
    }
}

/// Debian keeps the server's programs off the PATH, one folder a version: the newest.
fn programs() -> Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions
        .filter_map(|version| {
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            let folder = version.path().join("bin");
            folder.join("initdb").is_file().then_some((number, folder))
        })
        .max()
        .map(|(_, folder)| folder)
        .or_else(|| Some(process::find_program("initdb")?.parent()?.to_owned()))
        .context("PostgreSQL's initdb is neither under /usr/lib/postgresql nor on the PATH")
}
