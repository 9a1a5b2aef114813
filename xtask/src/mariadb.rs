//! A throw-away MariaDB.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::Signal;

use crate::account::Account;
use crate::interruption::wait_for;
use crate::process::{self, Service};
use crate::servers::{USER, on_free_port, write_secret};
use crate::watchdog::Watchdog;

/// A running MariaDB; it ends when this is dropped.
pub struct MariaDb {
    service: Service,
    port: u16,
    password: String,
}

impl MariaDb {
    /// Makes a data folder in `parent` and starts a server on a free port of 127.0.0.1.
    pub fn start(parent: &Path, password: &str, watchdog: &Watchdog) -> Result<Self> {
        let account = Account::unprivileged("mysql")?;
        let folder = parent.join("mariadb");
        account.make_folder(&folder)?;
        let data = folder.join("data");
        account.make_folder(&data)?;

        let mut install = account.command(&program("mariadb-install-db")?, "KILL");
        install
            .current_dir(&folder)
            .args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=socket"])
            .arg(format!("--datadir={}", data.display()));
        process::run_quietly(&mut install, &parent.join("mariadb.init.log"), watchdog)?;

        let users = folder.join("users.sql");
        write_secret(
            &users,
            &format!(
                "CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{password}';\n\
                 GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n"
            ),
        )?;
        account.own(&users)?;

        let daemon = program("mariadbd")?;
        on_free_port(|port| {
            let mut command = account.command(&daemon, "KILL");
            command
                .current_dir(&folder)
                .arg("--no-defaults")
                .arg(format!("--datadir={}", data.display()))
                .arg(format!("--tmpdir={}", folder.display()))
                .arg(format!("--socket={}", folder.join("socket").display()))
                .arg(format!("--pid-file={}", folder.join("pid").display()))
                .arg(format!("--init-file={}", users.display()));
            let log = parent.join("mariadb.log");
            Self::launch(command, port, password, &log, watchdog)
        })
    }

    fn launch(
        mut command: Command,
        port: u16,
        password: &str,
        log: &Path,
        watchdog: &Watchdog,
    ) -> Result<Self> {
        command
            .args(["--bind-address=127.0.0.1", "--skip-name-resolve"])
            .arg(format!("--port={port}"))
            .arg("--character-set-server=utf8mb4")
            // Durability is of no use to data that is thrown away.
            .args([
                "--skip-log-bin",
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-doublewrite=0",
            ])
            .args(["--innodb-flush-method=nosync", "--innodb-fast-shutdown=2"])
            // Tests run many at a time, each with pools of its own.
            .arg("--max-connections=300");
        process::redirect(&mut command, log)?;
        let service = Service::start("MariaDB", &mut command, Signal::KILL, watchdog)?;
        let mut server = Self { service, port, password: password.to_owned() };
        server.wait_until_ready().with_context(|| process::last_lines(log))?;
        Ok(server)
    }

    /// The URL without a database.
    pub fn url(&self) -> String {
        format!("mysql://{USER}:{}@127.0.0.1:{}/", self.password, self.port)
    }

    /// Fails when the server has ended.
    pub fn check_running(&mut self) -> Result<()> {
        self.service.check_running()
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let mut client = Command::new(program("mariadb")?);
        client
            .args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1"])
            .arg(format!("--user={USER}"))
            .arg(format!("--port={}", self.port))
            .args(["--execute", "SELECT 1"])
            .env("MYSQL_PWD", &self.password);
        wait_for("MariaDB", Duration::from_mins(1), || {
            self.service.check_running()?;
            Ok(process::output(&mut client).ok())
        })?;
        Ok(())
    }
}

fn program(name: &str) -> Result<std::path::PathBuf> {
    process::find_program(name).with_context(|| format!("MariaDB's {name} is not installed"))
}
