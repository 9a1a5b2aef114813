//! The project's own commands: `cargo xtask test`, `cargo xtask tidy`, `cargo xtask servers`,
//! `cargo xtask bench`, `cargo xtask load`, `cargo xtask kill`.
//!
//! They work on a machine that has only Rust and apt, and leave nothing running behind.

mod account;
mod bench;
mod display;
mod interruption;
mod kill;
mod load;
mod mariadb;
mod postgres;
mod process;
mod servers;
mod steps;
mod system_packages;
mod test;
mod tidy;
mod tools;
mod watchdog;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::watchdog::Watchdog;

const HELP: &str = "\
The project's own commands.

Usage: cargo xtask <COMMAND>

Commands:
  test [ARGS…]   Install what is missing, start a throw-away PostgreSQL and MariaDB and a display,
                 run `cargo test --workspace --all-features`, stop everything.
                 ARGS go to cargo test: `cargo xtask test -p persistence -- keyset`.
                 BINDERY_CUT_ROUNDS=100 cuts connections at every byte of a commit so often:
                 `cargo xtask test -p integration-tests --test database outcomes -- --nocapture`.
  tidy [--fix]   Formatting, clippy, documentation, spelling, licences, unused dependencies, forgotten files; of benches/
                 the formatting and the lock file.
                 --fix repairs what can be repaired by a program.
  servers        Start the same servers for tests run by hand, print `export …` lines, wait for Ctrl-C:
                 `cargo xtask servers > target/servers.env &`, then `source target/servers.env`.
  bench session [ARGS…]
                 Build benches/ with --release and run the session against rusqlite, Diesel and SeaORM.
                 ARGS: --quick, --sizes 1k,10k,100k,1M, --only get, --sides rusqlite,ours, --help.
  bench grid [ARGS…]
                 What the admin's grid costs from 10,000 to 10,000,000 rows on SQLite and PostgreSQL:
                 pages, jumps, sorting, counts; frames and memory while scrolling. The databases are
                 kept in target/bench-grid, those of PostgreSQL on the server of
                 BINDERY_TEST_POSTGRES_URL if that is set.
                 ARGS: --sizes 10k,1M, --engines sqlite, --no-frames, --help.
  bench window [ARGS…]
                 The real window beside DB Browser for SQLite, on one file and a display in memory:
                 time to the first rows and to the last, warm and cold, memory, CPU time at rest.
                 ARGS: --books 5M, --rounds 5, --cold file|all, --no-peer, --pictures FOLDER, --help.
  bench staging [ARGS…]
                 What many staged edits cost: time and memory of staging a price of every book, of
                 taking that back, keeping it in a journal and writing it.
                 ARGS: 1M, --commit, --help.
  load [SECONDS] Load on the example service for 30 s, with PostgreSQL restarted in the middle: every
                 answer checked, rates and latencies printed.
  kill [SECONDS] Imports, exports, seeds, deletes and migrations of a SQLite file that are killed at random
                 moments, for 60 s: what they leave is checked, and how often each was met is printed.
  kill editing [TIMES]
                 A program that stages edits and commits them, killed at random moments 1,000 times on each engine: the
                 database is before or after each commit, the journal has what was staged and not committed.
  help           This text.
";

/// What was asked for on the command line.
#[derive(Debug, PartialEq)]
enum Command {
    Bench(bench::Program, Vec<OsString>),
    Help,
    Kill(Duration),
    KillEditing(u32),
    Load(Duration),
    Servers,
    Test(Vec<OsString>),
    Tidy(tidy::Mode),
    Watchdog,
}

fn main() -> ExitCode {
    let command = match parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(message) => {
            eprintln!("xtask: {message}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let Some(name) = arguments.next() else {
        return Ok(Command::Help);
    };
    let mut rest: Vec<OsString> = arguments.collect();
    let command = match name.to_str() {
        Some("test") => return Ok(Command::Test(rest)),
        Some("bench") => {
            let program = rest.first().and_then(|argument| bench::Program::named(argument));
            let Some(program) = program else {
                return Err("bench takes session, grid, window or staging".to_owned());
            };
            rest.remove(0);
            return Ok(Command::Bench(program, rest));
        }
        Some("tidy") if rest.first().is_some_and(|argument| argument == "--fix") => {
            rest.remove(0);
            Command::Tidy(tidy::Mode::Fix)
        }
        Some("tidy") => Command::Tidy(tidy::Mode::Check),
        Some("servers") => Command::Servers,
        Some("load") => {
            let seconds = if rest.is_empty() { "30".into() } else { rest.remove(0) };
            let number = seconds.to_str().and_then(|seconds| seconds.parse().ok());
            let Some(number @ 4..=3_600) = number else {
                let got = seconds.display();
                return Err(format!("load takes a number of seconds from 4 to 3600, got {got}"));
            };
            Command::Load(Duration::from_secs(number))
        }
        Some("kill") if rest.first().is_some_and(|argument| argument == "editing") => {
            rest.remove(0);
            let times = if rest.is_empty() { "1000".into() } else { rest.remove(0) };
            let number = times.to_str().and_then(|times| times.parse().ok());
            let Some(number @ 1..=1_000_000) = number else {
                let got = times.display();
                return Err(format!("kill editing takes a number from 1 to 1000000, got {got}"));
            };
            Command::KillEditing(number)
        }
        Some("kill") => {
            let seconds = if rest.is_empty() { "60".into() } else { rest.remove(0) };
            let number = seconds.to_str().and_then(|seconds| seconds.parse().ok());
            let Some(number @ 1..=86_400) = number else {
                let got = seconds.display();
                return Err(format!("kill takes a number of seconds from 1 to 86400, got {got}"));
            };
            Command::Kill(Duration::from_secs(number))
        }
        Some("help" | "--help" | "-h") => return Ok(Command::Help),
        Some(watchdog::COMMAND) => Command::Watchdog,
        _ => return Err(format!("unknown command {}", name.display())),
    };
    match rest.first() {
        Some(argument) => Err(format!("{} does not take {}", name.display(), argument.display())),
        None => Ok(command),
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Help => {
            print!("{HELP}");
            Ok(())
        }
        Command::Watchdog => watchdog::serve(),
        Command::Bench(program, arguments) => bench::run(program, &arguments, &watched()?),
        Command::Kill(duration) => kill::run(duration, &watched()?),
        Command::KillEditing(times) => kill::editing(times, &watched()?),
        Command::Load(duration) => load::run(duration, &watched()?),
        Command::Servers => servers::serve(&watched()?),
        Command::Test(arguments) => test::run(&arguments, &watched()?),
        Command::Tidy(mode) => tidy::run(mode, &watched()?),
    }
}

/// From here on a signal ends the work in hand, and what it started ends with it.
fn watched() -> Result<Watchdog> {
    interruption::listen()?;
    Watchdog::start()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Command, String> {
        parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn everything_after_test_goes_to_cargo_test() {
        let arguments = ["-p", "persistence", "--", "--exact", "name"];
        let line = [&["test"], arguments.as_slice()].concat();
        assert_eq!(parsed(&line), Ok(Command::Test(arguments.map(OsString::from).to_vec())));
    }

    #[test]
    fn everything_after_the_name_of_the_bench_goes_to_it() {
        let expected = Ok(Command::Bench(bench::Program::Session, vec!["--quick".into()]));
        assert_eq!(parsed(&["bench", "session", "--quick"]), expected);
        let expected = Ok(Command::Bench(bench::Program::Window, vec![]));
        assert_eq!(parsed(&["bench", "window"]), expected);
        assert_eq!(parsed(&["bench"]), Err("bench takes session, grid, window or staging".into()));
    }

    #[test]
    fn tidy_changes_files_only_when_told_to() {
        assert_eq!(parsed(&["tidy"]), Ok(Command::Tidy(tidy::Mode::Check)));
        assert_eq!(parsed(&["tidy", "--fix"]), Ok(Command::Tidy(tidy::Mode::Fix)));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(parsed(&["tset"]), Err("unknown command tset".into()));
        assert_eq!(parsed(&["tidy", "--fix", "--all"]), Err("tidy does not take --all".into()));
        assert_eq!(parsed(&["kill", "editing"]), Ok(Command::KillEditing(1_000)));
        assert!(parsed(&["kill", "editing", "0"]).is_err_and(|error| error.ends_with("got 0")));
        assert!(parsed(&["kill", "0"]).is_err_and(|error| error.ends_with("got 0")));
        assert!(parsed(&["load", "long"]).is_err_and(|error| error.ends_with("got long")));
        assert_eq!(parsed(&["servers", "now"]), Err("servers does not take now".into()));
    }
}
