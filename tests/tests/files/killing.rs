//! Programs that are killed at random moments leave the database whole, and nothing beside it.
//!
//! `cargo xtask kill SECONDS` runs this for longer, and prints its figures.

#![allow(
    clippy::indexing_slicing,
    clippy::format_collect,
    reason = "a test fails by panicking, and is no faster for it"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use integration_tests::command::{Bindery, on_empty_file};

/// How long it goes on in the usual tests.
const SECONDS: u64 = 6;
/// How long a program is left alone at most.
const LONGEST: Duration = Duration::from_secs(5);
/// How many rows an import has.
const ROWS: u64 = 3000;

/// How often something happened.
#[derive(Debug, Default)]
struct Figures {
    killed: u64,
    ended: u64,
    took_effect: u64,
}

/// A number below that one, from the system's source of chance.
fn random(below: u64) -> u64 {
    let (number, _) = uuid::Uuid::new_v4().as_u64_pair();
    number % below
}

fn count(bindery: &Bindery, table: &str) -> u64 {
    bindery.succeeds(&["count", table]).trim().parse().unwrap()
}

/// A bookshop with rows, and a file to import.
fn stocked() -> Bindery {
    let bindery = on_empty_file();
    bindery.succeeds(&["migrate", "run"]);
    bindery.succeeds(&["seed", "--books", "3000"]);
    let rows: String = (0..ROWS).map(|row| format!("Author {row}\n")).collect();
    bindery.write("in.csv", format!("name\n{rows}"));
    bindery
}

/// Runs a command and kills it after that time, unless it has ended by then.
fn kill(bindery: &Bindery, arguments: &[&str], after: Duration) -> bool {
    let mut child = bindery.command(arguments).spawn().unwrap();
    std::thread::sleep(after);
    let is_killed = child.try_wait().unwrap().is_none();
    child.kill().ok();
    child.wait().unwrap();
    is_killed
}

fn check(bindery: &Bindery, arguments: &[&str], figures: &mut Figures, longest: &mut Duration) {
    let before = (count(bindery, "books"), count(bindery, "authors"));
    let moment = Duration::from_micros(random(longest.as_micros().try_into().unwrap()));
    let is_killed = kill(bindery, arguments, moment);
    if is_killed {
        figures.killed += 1;
        *longest = (*longest * 5 / 4).min(LONGEST);
    } else {
        figures.ended += 1;
        *longest = moment.max(Duration::from_millis(5));
    }
    // Read by who may only read: what was left half-done is taken back all the same.
    let after = (count(bindery, "books"), count(bindery, "authors"));
    if after != before {
        figures.took_effect += 1;
    }
    match arguments[0] {
        "import" => assert!([0, ROWS].contains(&(after.1 - before.1)), "{before:?} {after:?}"),
        "seed" => assert!([0, 2000].contains(&(after.0 - before.0)), "{before:?} {after:?}"),
        "delete" => assert!([0, before.0].contains(&after.0), "{before:?} {after:?}"),
        _ => assert_eq!(before, after, "{arguments:?}"),
    }
    if arguments[0] == "delete" && after.0 == 0 {
        bindery.succeeds(&["seed", "--books", "3000"]);
    }
    if arguments[0] == "export" {
        let left: Vec<_> = std::fs::read_dir(bindery.path("."))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name != "in.csv" && name != "out.csv")
            .collect();
        assert!(left.is_empty(), "{left:?} were left behind");
        if bindery.path("out.csv").exists() {
            let lines = bindery.read("out.csv").lines().count() as u64;
            assert_eq!(lines, before.0 + 1, "the file is not complete");
            std::fs::remove_file(bindery.path("out.csv")).unwrap();
        }
    }
    assert_eq!(bindery.database.integrity(), "ok");
}

#[test]
fn a_killed_program_leaves_the_database_whole_and_nothing_beside_it() {
    let seconds = std::env::var("BINDERY_KILL_SECONDS").ok();
    let seconds = seconds.map_or(SECONDS, |seconds| seconds.parse().expect("a number of seconds"));
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let commands: [&[&str]; 5] = [
        &["import", "authors", "in.csv"],
        &["export", "books", "--output", "out.csv"],
        &["seed", "--books", "2000"],
        &["delete", "books", "--filter", "id > 0"],
        &["migrate", "run"],
    ];
    let mut figures = BTreeMap::<&str, Figures>::new();
    let mut longest = [Duration::from_millis(400); 5];
    let mut round = 0_usize;
    let bindery = stocked();
    while Instant::now() < deadline || round < commands.len() {
        let which = round % commands.len();
        let of_command = figures.entry(commands[which][0]).or_default();
        if commands[which][0] == "migrate" {
            migrate(of_command, &mut longest[which]);
        } else {
            check(&bindery, commands[which], of_command, &mut longest[which]);
        }
        round += 1;
    }
    for (command, Figures { killed, ended, took_effect }) in &figures {
        println!(
            "{command:8} killed {killed}, done before that {ended}, took effect {took_effect}"
        );
    }
}

/// A new bookshop is there or not; never a part of it.
fn migrate(figures: &mut Figures, longest: &mut Duration) {
    let bindery = on_empty_file();
    let moment = Duration::from_micros(random(longest.as_micros().try_into().unwrap()));
    if kill(&bindery, &["migrate", "run"], moment) {
        figures.killed += 1;
        *longest = (*longest * 5 / 4).min(LONGEST);
    } else {
        figures.ended += 1;
        *longest = moment.max(Duration::from_millis(5));
    }
    let status = bindery.succeeds(&["migrate", "status"]);
    let applied = status.lines().filter(|line| line.starts_with("applied")).count();
    figures.took_effect += u64::from(applied > 0);
    assert_eq!(bindery.database.integrity(), "ok");
    bindery.succeeds(&["migrate", "run"]);
    assert_eq!(count(&bindery, "books"), 0);
}
