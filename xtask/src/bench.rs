//! Performance: the programs of `benches/`, a workspace of its own.

use std::ffi::{OsStr, OsString};
use std::process::Command;

use anyhow::Result;

use crate::display::Display;
use crate::postgres::{Durability, Postgres};
use crate::servers::{folder, random_password};
use crate::watchdog::Watchdog;
use crate::{process, system_packages, workspace};

/// The variable that names a PostgreSQL server.
const POSTGRES: &str = "BINDERY_TEST_POSTGRES_URL";

/// A program of `benches/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The session against its peers.
    Session,
    /// The admin's grid, from ten thousand to ten million rows.
    Grid,
    /// The admin's window beside another program's.
    Window,
    /// Many staged edits.
    Staging,
}

impl Program {
    /// The program that is called so on the command line.
    pub fn named(name: &OsStr) -> Option<Self> {
        Some(match name.to_str()? {
            "session" => Self::Session,
            "grid" => Self::Grid,
            "window" => Self::Window,
            "staging" => Self::Staging,
            _ => return None,
        })
    }
}

/// Builds and runs a program of `benches/`, optimised; the arguments go to it.
pub fn run(program: Program, arguments: &[OsString], watchdog: &Watchdog) -> Result<()> {
    match program {
        Program::Session => process::run(bench("benches").args(arguments), watchdog),
        Program::Staging => process::run(bench("bench-staging").args(arguments), watchdog),
        Program::Grid => grid(arguments, watchdog),
        Program::Window => window(arguments, watchdog),
    }
}

fn grid(arguments: &[OsString], watchdog: &Watchdog) -> Result<()> {
    system_packages::install(
        &[system_packages::BUILD, system_packages::SERVERS].concat(),
        watchdog,
    )?;
    let mut bench = bench("bench-grid");
    bench.arg("grid").args(arguments).env("BINDERY_BENCH_FOLDER", databases());
    let needs_server = std::env::var_os(POSTGRES).is_none();
    let server = if needs_server {
        let (folder, watched) = folder(watchdog)?;
        let password = random_password()?;
        let server = Postgres::start(folder.path(), &password, Durability::None, watchdog)?;
        bench.env(POSTGRES, server.url());
        Some((server, folder, watched))
    } else {
        None
    };
    process::run(&mut bench, watchdog)?;
    drop(server);
    Ok(())
}

fn window(arguments: &[OsString], watchdog: &Watchdog) -> Result<()> {
    let packages = [
        system_packages::BUILD,
        system_packages::SERVERS,
        system_packages::WINDOWS,
        system_packages::PEERS,
    ];
    system_packages::install(&packages.concat(), watchdog)?;
    let mut build = workspace::cargo();
    build.args(["build", "--release", "--package=bindery", "--bin=bindery"]);
    process::run(&mut build, watchdog)?;
    let display = Display::start(watchdog)?;
    let mut bench = bench("bench-grid");
    bench
        .arg("window")
        .arg("--program")
        .arg(workspace::target().join("release/bindery"))
        .args(arguments)
        .env("BINDERY_BENCH_FOLDER", databases());
    display.set_environment(&mut bench);
    process::run(&mut bench, watchdog)
}

/// Where the databases are kept for the next run.
fn databases() -> std::path::PathBuf {
    workspace::target().join("bench-grid")
}

fn bench(package: &str) -> Command {
    let mut command = workspace::benches();
    command.args(["run", "--release", "--locked", "--quiet", "--package", package, "--"]);
    command
}
