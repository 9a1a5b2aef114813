//! `cargo xtask load`: the example service under load, its database restarted in the middle.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;

use crate::interruption::{self, wait_for};
use crate::postgres::{Durability, Postgres};
use crate::process::{self, Service};
use crate::servers::{folder, random_password};
use crate::watchdog::Watchdog;
use crate::{system_packages, workspace};

/// How long the load may take to check everything once it is over.
const CHECKING: Duration = Duration::from_mins(2);

/// Builds the service and its load, and runs them on a PostgreSQL of their own for that long.
pub fn run(duration: Duration, watchdog: &Watchdog) -> Result<()> {
    system_packages::install(
        &[system_packages::BUILD, system_packages::SERVERS].concat(),
        watchdog,
    )?;
    let mut build = workspace::cargo();
    build.args(["build", "--release", "--package=catalog", "--bin=catalog", "--example=load"]);
    process::run(&mut build, watchdog)?;

    let (folder, _watched) = folder(watchdog)?;
    let password = random_password()?;
    let postgres = Postgres::start(folder.path(), &password, Durability::Process, watchdog)?;
    let programs = workspace::target().join("release");
    let log = folder.path().join("catalog.log");
    let mut service = Command::new(programs.join("catalog"));
    service
        .env("CATALOG_DATABASE_URL", postgres.url())
        .env("CATALOG_LISTEN", "127.0.0.1:0")
        // All clients of the load have one address.
        .env("CATALOG_CLIENT_CONNECTIONS", "10")
        .env("RUST_LOG", "catalog=info,catalog::limits=warn");
    process::redirect(&mut service, &log)?;
    let mut service = Service::start("the service", &mut service, Signal::TERM, watchdog)?;
    let address = wait_for("the service", Duration::from_mins(1), || {
        service.check_running().with_context(|| process::last_lines(&log))?;
        Ok(address(&log))
    })?;

    let mut load = Command::new(programs.join("examples/load"));
    load.arg("--address").arg(&address).arg("--seconds").arg(duration.as_secs().to_string());
    let mut load = Service::start("the load", &mut load, Signal::TERM, watchdog)?;
    let begun = Instant::now();
    wait_until(begun + duration / 2)?;
    let ended = begun.elapsed().as_secs_f64();
    let _postgres = postgres.restart(watchdog)?;
    let back = begun.elapsed().as_secs_f64();
    println!("PostgreSQL was ended at {ended:.2} s and answered again at {back:.2} s");

    let status =
        wait_for("the load", duration + CHECKING, || load.exit_status()).with_context(|| {
            let log = process::last_lines(&log);
            format!("the service's log: {log}")
        })?;
    service.check_running().context("the service has to outlive its database")?;
    if !status.success() {
        bail!("the load: {status}; {}", process::last_lines(&log));
    }
    println!("The service was not restarted.");
    Ok(())
}

/// Where the service listens, by its log.
fn address(log: &Path) -> Option<String> {
    let text = std::fs::read_to_string(log).ok()?;
    let line = text.lines().find(|line| line.contains("listening") && text.ends_with('\n'))?;
    Some(line.split_once("address=")?.1.trim().to_owned())
}

fn wait_until(time: Instant) -> Result<()> {
    while Instant::now() < time {
        if interruption::is_requested() {
            bail!("interrupted");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
