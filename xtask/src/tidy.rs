//! `cargo xtask tidy`: everything about the code that needs no running of it.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::steps::Steps;
use crate::watchdog::Watchdog;
use crate::{process, system_packages, tools, workspace};

/// Whether files may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Only say what is wrong.
    Check,
    /// Repair what a program can repair, and say what remains.
    Fix,
}

/// Runs every check, also after one has failed, and fails when one has.
pub fn run(mode: Mode, watchdog: &Watchdog) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("Debian packages", || {
        system_packages::install(
            &[system_packages::BUILD, system_packages::CHECKERS].concat(),
            watchdog,
        )
    })?;
    let checkers = steps.run("typos, cargo-deny, cargo-shear", || tools::checkers(watchdog))?;
    let checker = |name: &str| {
        let mut command = Command::new(checkers.join(name));
        command.current_dir(workspace::root());
        command
    };

    steps.check("formatting", || formatting(workspace::cargo(), mode, watchdog))?;
    steps.check("formatting, benches", || formatting(workspace::benches(), mode, watchdog))?;
    steps.check("lock file, benches", || benches_lock_file(mode, watchdog))?;
    steps.check("spelling", || process::run(&mut checker("typos"), watchdog))?;
    steps.check("unused dependencies, forgotten files", || {
        process::run(checker("cargo-shear").arg("--deny-warnings"), watchdog)
    })?;
    steps.check("licences, bans, sources", || {
        // The fourth check, of security advisories, needs a database that is on no registry.
        eprintln!("Security advisories are not checked: run `cargo deny check advisories` where there is internet.");
        let mut command = checker("cargo-deny");
        command.args(["--all-features", "--locked", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"]);
        process::run(&mut command, watchdog)
    })?;
    steps.check("clippy, all features", || clippy(&["--workspace", "--all-features"], watchdog))?;
    steps.check("clippy, default features", || {
        // Not the whole workspace: the integration tests switch every backend on.
        clippy(
            &[
                "--package=persistence",
                "--package=transfer",
                "--package=domain",
                "--package=bindery",
            ],
            watchdog,
        )
    })?;
    steps.check("documentation", || {
        let mut command = workspace::cargo();
        command
            .args(["doc", "--workspace", "--all-features", "--no-deps"])
            .env("RUSTDOCFLAGS", "-D warnings");
        process::run(&mut command, watchdog)
    })?;
    steps.finish()
}

fn formatting(mut cargo: Command, mode: Mode, watchdog: &Watchdog) -> Result<()> {
    cargo.args(["fmt", "--all"]);
    if mode == Mode::Check {
        cargo.args(["--", "--check"]);
    }
    process::run(&mut cargo, watchdog).context("`cargo xtask tidy --fix` formats")
}

/// Resolves what the benchmarks depend on, which builds nothing: they take the admin's dependencies
/// along, and nobody notices before the next measurement that there are new ones.
fn benches_lock_file(mode: Mode, watchdog: &Watchdog) -> Result<()> {
    let mut command = workspace::benches();
    command.args(["metadata", "--format-version=1"]).stdout(Stdio::null());
    if mode == Mode::Check {
        command.arg("--locked");
    }
    process::run(&mut command, watchdog).context("`cargo xtask tidy --fix` brings it up to date")
}

fn clippy(selection: &[&str], watchdog: &Watchdog) -> Result<()> {
    let mut command = workspace::cargo();
    command
        .args(["clippy", "--all-targets", "--keep-going"])
        .args(selection)
        .args(["--", "-D", "warnings"]);
    // What depends on a crate that is refused is not looked at.
    process::run(&mut command, watchdog).context("`cargo clippy` alone warns about every crate")
}
