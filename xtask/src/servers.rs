//! The throw-away database servers the tests run against.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::mariadb::MariaDb;
use crate::postgres::{Durability, Postgres};
use crate::watchdog::{Watchdog, Watched};
use crate::{interruption, system_packages, tools};

/// The user of both servers.
pub const USER: &str = "bindery";

/// Both servers, in a temporary folder that goes with them.
pub struct Servers {
    // In this order: the servers end before their folder is removed.
    postgres: Postgres,
    mariadb: MariaDb,
    _folder: TempDir,
    _watched: Watched,
}

impl Servers {
    /// Starts both, and returns when both answer.
    pub fn start(watchdog: &Watchdog) -> Result<Self> {
        let (folder, watched) = folder(watchdog)?;
        let password = random_password()?;
        Ok(Self {
            postgres: Postgres::start(folder.path(), &password, Durability::None, watchdog)
                .context("PostgreSQL did not start")?,
            mariadb: MariaDb::start(folder.path(), &password, watchdog)
                .context("MariaDB did not start")?,
            _folder: folder,
            _watched: watched,
        })
    }

    /// What the tests read to find the servers.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        [
            ("BINDERY_TEST_POSTGRES_URL", self.postgres.url()),
            ("BINDERY_TEST_MYSQL_URL", self.mariadb.url()),
        ]
    }

    /// Fails when one of them has ended.
    pub fn check_running(&mut self) -> Result<()> {
        self.postgres.check_running()?;
        self.mariadb.check_running()
    }
}

/// A temporary folder that servers' accounts pass through to folders of their own.
pub fn folder(watchdog: &Watchdog) -> Result<(TempDir, Watched)> {
    let folder = tempfile::Builder::new()
        .prefix("bindery-servers-")
        .tempdir()
        .context("cannot make a temporary folder")?;
    let watched = watchdog.watch_folder(folder.path())?;
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711))?;
    Ok((folder, watched))
}

/// `cargo xtask servers`: only the `export` lines go to standard output.
pub fn serve(watchdog: &Watchdog) -> Result<()> {
    system_packages::install(system_packages::SERVERS, watchdog)?;
    let mut servers = Servers::start(watchdog)?;
    for (name, value) in servers.environment() {
        println!("export {name}='{value}'");
    }
    if let Some(program) = tools::installed_diesel_cli() {
        println!("export DIESEL_CLI='{}'", program.display());
    }
    std::io::stdout().flush()?;
    eprintln!("PostgreSQL and MariaDB are running; Ctrl-C stops them.");
    interruption::wait_for_signal(|| servers.check_running())
}

/// Starts a server on a port nobody listens on, and on another when somebody was faster.
pub fn on_free_port<T>(start: impl Fn(u16) -> Result<T>) -> Result<T> {
    let mut attempts_left = 3;
    loop {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("cannot find a free port")?;
        let port = listener.local_addr()?.port();
        drop(listener);
        attempts_left -= 1;
        match start(port) {
            Err(_) if attempts_left > 0 && is_taken(port) => {}
            result => return result,
        }
    }
}

fn is_taken(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_err()
}

/// Writes a file that only its owner can read.
pub fn write_secret(file: &Path, text: &str) -> Result<()> {
    std::fs::File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", file.display()))
}

/// A password for servers that are thrown away.
pub fn random_password() -> Result<String> {
    let mut bytes = [0_u8; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("cannot read /dev/urandom")?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}
