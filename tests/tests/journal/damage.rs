//! Journals that are torn or damaged: what comes before that is there.

use std::path::Path;

use integration_tests::staged::{after, step};

use super::files::{is, left_behind, written};

const STEPS: u64 = 8;

/// A journal as it is written, and how long it was after each step, and before the first.
fn bytes(folder: &Path) -> (std::path::PathBuf, Vec<u8>, Vec<usize>) {
    let (mut journal, mut staging) = written(folder, 0);
    let path = journal.path().to_owned();
    let length = || std::fs::read(&path).unwrap().len();
    let mut lengths = vec![length()];
    for number in 0..STEPS {
        let step = step(&mut staging, number);
        journal.append(&step, &staging).unwrap();
        lengths.push(length());
    }
    drop(journal);
    (path.clone(), std::fs::read(&path).unwrap(), lengths)
}

/// How many steps are whole in the first bytes.
fn whole(lengths: &[usize], length: usize) -> Option<u64> {
    let ends = lengths.iter().filter(|end| **end <= length);
    (ends.count() as u64).checked_sub(1)
}

#[test]
fn of_a_journal_that_is_cut_anywhere_the_whole_steps_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let (path, bytes, lengths) = bytes(folder.path());
    let mut offered = 0;
    for length in 0..=bytes.len() {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let steps = whole(&lengths, length);
        let left = left_behind(folder.path()).pop();
        let expected = after(steps.unwrap_or_default());
        assert!(is(left.as_ref(), &expected), "{length}");
        let (Some(left), Some(steps)) = (left, steps) else { continue };
        offered += 1;
        let last_line = bytes[..length].iter().rposition(|byte| *byte == b'\n').unwrap();
        assert_eq!(left.cut, (length - last_line - 1) as u64);

        let (mut journal, mut staging) = left.adopt().unwrap();
        let next = step(&mut staging, steps);
        journal.append(&next, &staging).unwrap();
        drop(journal);
        let left = left_behind(folder.path()).pop();
        assert!(is(left.as_ref(), &after(steps + 1)), "{length}");
        assert!(left.is_none_or(|left| left.cut == 0));
    }
    assert!(offered > 1000, "{offered}");
}

#[test]
fn of_a_journal_that_is_damaged_the_steps_before_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let (path, bytes, lengths) = bytes(folder.path());
    for position in 0..bytes.len() {
        for damage in [1 << (position % 8), bytes[position] ^ b'\n'] {
            if damage == 0 {
                continue;
            }
            let mut damaged = bytes.clone();
            damaged[position] ^= damage;
            std::fs::write(&path, &damaged).unwrap();
            let left = left_behind(folder.path()).pop();
            let steps = whole(&lengths, position).unwrap_or_default();
            assert!(is(left.as_ref(), &after(steps)), "{position}");
            if let Some(left) = left {
                assert!(left.cut > 0);
                continue;
            }
            let kept = std::fs::read(&path).unwrap();
            assert_eq!(kept, damaged, "somebody may make something of it");
        }
    }
}
