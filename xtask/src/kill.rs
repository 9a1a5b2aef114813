//! `cargo xtask kill`: commands killed at random moments, for longer than the tests have time for.

use std::time::Duration;

use anyhow::Result;

use crate::servers::Servers;
use crate::watchdog::Watchdog;
use crate::{process, system_packages, workspace};

/// Runs the test of killed programs for that long; it prints its figures.
pub fn run(duration: Duration, watchdog: &Watchdog) -> Result<()> {
    system_packages::install(system_packages::BUILD, watchdog)?;
    let mut build = workspace::cargo();
    build.args(["build", "--package=bindery", "--all-features", "--bin=bindery"]);
    process::run(&mut build, watchdog)?;
    let mut test = workspace::cargo();
    test.args(["test", "--package=integration-tests", "--all-features", "--test=files"])
        .args(["--", "--exact", "--nocapture"])
        .arg("killing::a_killed_program_leaves_the_database_whole_and_nothing_beside_it")
        .env("BINDERY_KILL_SECONDS", duration.as_secs().to_string());
    process::run(&mut test, watchdog)
}

/// Runs the test of a killed program that edits and commits so many times on each engine; it prints its figures.
pub fn editing(times: u32, watchdog: &Watchdog) -> Result<()> {
    let packages = [system_packages::BUILD, system_packages::SERVERS].concat();
    system_packages::install(&packages, watchdog)?;
    let mut servers = Servers::start(watchdog)?;
    let mut test = workspace::cargo();
    test.args(["test", "--package=integration-tests", "--all-features", "--test=journal"])
        .args(["--", "--nocapture", "rounds::"])
        .envs(servers.environment())
        .env("BINDERY_KILL_TIMES", times.to_string());
    let result = process::run(&mut test, watchdog);
    if result.is_err() {
        // A server that fell over explains a failed test better than the test does.
        servers.check_running()?;
    }
    result
}
