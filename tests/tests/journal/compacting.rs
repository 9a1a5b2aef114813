//! Journals that are written anew: the same is in them, and less.

use integration_tests::office::Department;
use integration_tests::staged::{DATABASE, after, department, entries, step};
use persistence::Entity as _;
use persistence::staging::Staging;
use persistence::staging::journal::Journal;

use super::files::{files, is, left_behind, written};

#[test]
fn a_journal_that_is_compacted_says_the_same() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut journal, mut staging) = written(folder.path(), 0);
    let copy = elsewhere.path().join(journal.path().file_name().unwrap());
    for number in 0..300 {
        let step = step(&mut staging, number);
        journal.append(&step, &staging).unwrap();
        if number % 3 == 0 {
            journal.compact(&staging).unwrap();
        }
        // As if it had been left behind now.
        std::fs::copy(journal.path(), &copy).unwrap();
        let left = left_behind(elsewhere.path()).pop();
        assert!(is(left.as_ref(), &after(number + 1)), "{number}");
    }
    assert!(left_behind(folder.path()).is_empty(), "somebody has it");
    assert_eq!(Journal::in_use(folder.path(), DATABASE).unwrap(), 1);
    assert_eq!(files(folder.path()), 1);
}

#[test]
fn a_journal_that_has_grown_much_is_compacted_by_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(folder.path(), DATABASE, &entries()).unwrap();
    let mut staging = Staging::new(&entries());
    let (mut written, mut largest) = (0, 0);
    let length = |journal: &Journal| std::fs::metadata(journal.path()).unwrap().len();
    for number in 0..100 {
        let name = format!("{number} {}", "x".repeat(100_000));
        let mut act = staging.act();
        act.set(Department::meta(), &department(1), "name", name.as_str().into()).unwrap();
        let step = act.finish().unwrap();
        let before = length(&journal);
        journal.append(&step, &staging).unwrap();
        written += name.len() as u64;
        largest = largest.max(before);
        if number % 5 == 4 {
            let step = staging.finish();
            journal.append(&step, &staging).unwrap();
        }
    }
    assert!(written > 9_000_000);
    assert!(largest < 3_000_000, "{largest}");
    assert!(largest > 1_000_000, "what is small is left as it is: {largest}");
}

#[test]
fn what_is_being_committed_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, staging) = written(folder.path(), 3);
    let row = persistence::edit::Written {
        entity: Department::meta(),
        before: None,
        after: Some(department(7)),
    };
    journal.committing(&[row]).unwrap();
    journal.compact(&staging).unwrap();
    drop(journal);
    let left = left_behind(folder.path()).pop().unwrap();
    let rows = left.committing.as_ref().unwrap();
    assert_eq!(rows[0].after, Some(department(7)));
    // It is still when it is gone on with.
    let (mut journal, staging) = left.adopt().unwrap();
    journal.compact(&staging).unwrap();
    drop(journal);
    assert!(left_behind(folder.path()).pop().unwrap().committing.is_some());
}
