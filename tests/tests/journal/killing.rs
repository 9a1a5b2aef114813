//! Programs that are killed, and disks that are full: what was acknowledged is there.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use integration_tests::staged::after;

use super::files::{files, is, left_behind};

const STAGER: &str = env!("CARGO_BIN_EXE_stager");
/// How often a program is killed.
const TIMES: u64 = 20;

/// A number below that one, from the system's source of chance.
pub(super) fn random(below: u64) -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0 % below
}

/// Kills a program at some moment; returns how many steps it has said are written.
fn kill(folder: &Path, what: &str) -> u64 {
    let mut program = Command::new(STAGER);
    let mut program = program.arg(folder).arg(what).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(program.stdout.take().unwrap());
    let mut said = String::new();
    for _ in 0..=random(60) {
        said.clear();
        output.read_line(&mut said).unwrap();
    }
    std::thread::sleep(Duration::from_micros(random(3000)));
    program.kill().unwrap();
    program.wait().unwrap();
    output.read_to_string(&mut said).unwrap();
    // A number may have been said in part only.
    let whole = &said[..=said.rfind('\n').unwrap()];
    1 + whole.lines().last().unwrap().parse::<u64>().unwrap()
}

fn what_was_acknowledged_is_there(what: &str) {
    let mut killed_between = 0;
    for _ in 0..TIMES {
        let folder = tempfile::tempdir().unwrap();
        let acknowledged = kill(folder.path(), what);
        killed_between += u64::from(files(folder.path()) > 1);
        let left = left_behind(folder.path()).pop();
        // One more may have been written by the time that it was killed.
        let possible = [after(acknowledged), after(acknowledged + 1)];
        let is_possible = possible.iter().any(|staging| is(left.as_ref(), staging));
        assert!(is_possible, "{acknowledged}");
        assert_eq!(files(folder.path()), usize::from(left.is_some()), "something stays behind");
    }
    println!("killed between a new file and its place: {killed_between} of {TIMES}");
}

#[test]
fn what_was_acknowledged_is_there_when_the_program_was_killed() {
    what_was_acknowledged_is_there("append");
}

#[test]
fn what_was_acknowledged_is_there_when_the_program_was_killed_while_it_compacted() {
    what_was_acknowledged_is_there("compact");
}

/// Has a program do something with limited room; returns the number that it says.
fn limited(folder: &Path, arguments: &[&str]) -> u64 {
    // Without that the system ends who writes too much.
    let ignoring = r#"trap "" XFSZ; exec "$0" "$@""#;
    let mut program = Command::new("sh");
    let program = program.args(["-c", ignoring, STAGER]).arg(folder).args(arguments);
    let output = program.output().unwrap();
    let (said, error) = (output.stdout, String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{error}");
    println!("{error}");
    String::from_utf8(said).unwrap().trim().parse().unwrap()
}

#[test]
fn where_there_is_no_room_nothing_is_lost_and_the_next_step_writes_all() {
    let folder = tempfile::tempdir().unwrap();
    let times = limited(folder.path(), &["without-room"]);
    assert!(times > 50, "{times}");
}

#[test]
fn where_every_nth_write_fails_what_was_acknowledged_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let failed = limited(folder.path(), &["fail-every"]);
    assert!(failed > 100, "{failed}");
}

#[test]
fn where_the_disk_is_full_a_commit_writes_nothing_and_all_stays_staged() {
    let folder = tempfile::tempdir().unwrap();
    let place = integration_tests::sqlite();
    drop(integration_tests::office::open::<integration_tests::SqliteConnection>(&place));
    let times = limited(folder.path(), &["commit-without-room", place.url()]);
    assert!(times > 10, "{times}");
}
