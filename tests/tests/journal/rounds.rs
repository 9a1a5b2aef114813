//! A program that edits and commits is killed at random moments, and goes on: the database is before or after each
//! commit, and the journal has what was staged and not committed.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use integration_tests::office::{OfficeEngine, open};
use integration_tests::rounds::{act, acts, after, catalog, furnish, now, round_of, told};
use integration_tests::{TestDatabase, on_every_engine};
use persistence::staging::journal::Journal;
use persistence::staging::{Outcome, Staging, interrupted};
use persistence::{Catalog, Database};

use super::killing::random;

/// How often a program is killed: `BINDERY_KILL_TIMES`, 20 times where nothing is said.
fn times() -> u32 {
    let times = std::env::var("BINDERY_KILL_TIMES").ok();
    times.map_or(20, |times| times.parse().expect("BINDERY_KILL_TIMES is a number"))
}

/// How far a program has said that it has come: so many acts of a round are in the journal, and the rounds before it
/// are committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Said {
    round: usize,
    acts: usize,
}

/// What was met.
#[derive(Debug, Default)]
struct Met {
    while_staging: u32,
    before_commit: u32,
    after_commit: u32,
    with_nothing_staged: u32,
    torn: u32,
}

/// Has a program go on, and kills it at some moment.
fn kill(folder: &Path, url: &str, said: &mut Said) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_stager"))
        .arg(folder)
        .args(["commit", url])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(program.stdout.take().unwrap());
    let mut text = String::new();
    for _ in 0..random(14) {
        output.read_line(&mut text).unwrap();
    }
    // Staging takes most of the time: half of the times it is the commit that is met.
    let meets_commit = random(2) == 0;
    while meets_commit && !is_committing(&text) {
        output.read_line(&mut text).unwrap();
    }
    let longest = if meets_commit { 40_000 } else { 6_000 };
    std::thread::sleep(Duration::from_micros(random(longest)));
    program.kill().unwrap();
    let ended = program.wait().unwrap();
    assert!(ended.code().is_none(), "it has ended by itself: {ended}");
    output.read_to_string(&mut text).unwrap();
    // A line may have been said in part only.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for line in whole.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |place: usize| words[place].parse::<usize>().unwrap();
        *said = match words[0] {
            "staged" => Said { round: number(1), acts: number(2) },
            _ => Said { round: number(1) + 1, acts: 0 },
        };
    }
}

/// Whether the last line says that all of a round is staged.
fn is_committing(text: &str) -> bool {
    let words: Vec<&str> = text.lines().last().unwrap_or_default().split(' ').collect();
    match words.as_slice() {
        ["staged", round, number] => number.parse() == Ok(acts(round.parse().unwrap())),
        _ => false,
    }
}

/// What so many acts of the round come to that is next.
fn expected(catalog: &Catalog, round: usize, acts: usize) -> Vec<String> {
    let mut staging = Staging::new(catalog.entries());
    for number in 0..acts {
        act(&mut staging, &mut *catalog.session().unwrap(), round, number).unwrap();
    }
    told(&staging)
}

/// Checks what the program has left, and returns how far it had really come.
fn check(catalog: &Catalog, folder: &Path, said: Said, met: &mut Met) -> Said {
    let (target, entries) = (catalog.target(), catalog.entries());
    let mut left = Journal::left_behind(folder, &target, entries).unwrap();
    assert!(left.len() < 2, "one program leaves one journal");
    let left = left.pop();
    met.torn += u32::from(left.as_ref().is_some_and(|left| left.cut > 0));
    let outcome = left.as_ref().and_then(|left| {
        let mut session = catalog.writing_session().unwrap();
        Some(interrupted(left.committing.as_ref()?, &mut *session).unwrap())
    });
    let office = now(catalog).unwrap();
    let round = round_of(&office).unwrap();
    assert_eq!(office, after(round), "the database is between two commits");
    let is_complete = said.acts == acts(said.round);
    assert!(
        round + 1 == said.round || (is_complete && round == said.round),
        "{said:?}, but the database is after round {round}"
    );
    if round == said.round {
        met.after_commit += 1;
        assert!(matches!(outcome, None | Some(Outcome::Committed)), "{outcome:?}");
        assert_eq!(outcome.is_some(), left.is_some(), "it is offered although it is written");
        return Said { round: round + 1, acts: 0 };
    }
    if outcome == Some(Outcome::Committed) && said.acts == 0 {
        // The one before was killed after its commit, and this one before it had taken in how that ended.
        return said;
    }
    if outcome.is_some() {
        met.before_commit += 1;
        assert_eq!(outcome, Some(Outcome::NotCommitted));
        assert!(is_complete, "{said:?}");
    }
    let staged = left.map_or_else(Vec::new, |left| told(&left.staging));
    met.with_nothing_staged += u32::from(staged.is_empty());
    met.while_staging += u32::from(!staged.is_empty());
    // One more act may have been written by the time that it was killed, and been undone.
    let possible = said.acts..=(said.acts + 1).min(acts(said.round));
    let found = possible.rev().find(|acts| staged == expected(catalog, said.round, *acts));
    let acts = found.unwrap_or_else(|| panic!("{said:?}, but this is staged: {staged:#?}"));
    Said { round: said.round, acts }
}

fn killed<C: OfficeEngine>(place: &TestDatabase) {
    drop(open::<C>(place));
    let database = Database::<C>::open(place.url()).unwrap();
    let catalog = catalog(&database);
    furnish(&catalog).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut said, mut met) = (Said { round: 1, acts: 0 }, Met::default());
    for _ in 0..times() {
        kill(folder.path(), place.url(), &mut said);
        said = check(&catalog, folder.path(), said, &mut met);
    }
    println!("{}: killed {} times, {} rounds, {met:?}", C::NAME, times(), said.round);
    assert!(said.round > 1, "nothing was ever committed");
    assert!(std::fs::read_dir(folder.path()).unwrap().count() < 2, "something stays behind");
}

on_every_engine! {
    fn a_killed_program_leaves_each_commit_whole_and_offers_the_rest<Engine>(place) {
        killed::<Engine>(&place);
    }
}
