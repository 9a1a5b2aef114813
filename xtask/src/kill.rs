//! `cargo xtask kill`: commands killed at random moments, for longer than the tests have time for.

use std::time::Duration;

use anyhow::Result;

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
