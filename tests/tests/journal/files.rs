//! The files: whose they are, when they are there, and who is offered them.

use std::path::Path;

use integration_tests::staged::{DATABASE, after, entries, seen, step};
use persistence::staging::Staging;
use persistence::staging::journal::{Journal, JournalError, LeftBehind};

/// A journal of that many steps, and what they come to.
pub(super) fn written(folder: &Path, steps: u64) -> (Journal, Staging) {
    let mut journal = Journal::create(folder, DATABASE, &entries()).unwrap();
    let mut staging = Staging::new(&entries());
    for number in 0..steps {
        let step = step(&mut staging, number);
        journal.append(&step, &staging).unwrap();
    }
    (journal, staging)
}

pub(super) fn left_behind(folder: &Path) -> Vec<LeftBehind> {
    Journal::left_behind(folder, DATABASE, &entries()).unwrap()
}

/// Whether what was left behind is that; nothing was where nothing is staged.
pub(super) fn is(left: Option<&LeftBehind>, expected: &Staging) -> bool {
    match left {
        Some(left) => seen(&left.staging) == seen(expected),
        None => expected.is_empty(),
    }
}

/// How many files there are in a folder.
pub(super) fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[test]
fn what_was_written_is_there_again_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    for steps in 1..25 {
        let (journal, staging) = written(folder.path(), steps);
        drop(journal);
        if staging.is_empty() {
            assert!(left_behind(folder.path()).is_empty(), "{steps}");
            continue;
        }
        let left = left_behind(folder.path()).pop().unwrap();
        assert!(seen(&left.staging) == seen(&staging), "{steps}");
        assert_eq!((left.cut, left.has_other_schema, left.lost.len()), (0, false, 0));
        assert!(left.committing.is_none());
        let (mut journal, mut staging) = left.adopt().unwrap();
        for number in steps..steps + 3 {
            let step = step(&mut staging, number);
            journal.append(&step, &staging).unwrap();
        }
        drop(journal);
        let left = left_behind(folder.path()).pop();
        assert!(is(left.as_ref(), &after(steps + 3)), "{steps}");
        left.map(LeftBehind::discard).transpose().unwrap();
        assert_eq!(files(folder.path()), 0);
    }
}

#[test]
fn a_journal_that_somebody_has_is_offered_to_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (one, _) = written(folder.path(), 3);
    let (other, _) = written(folder.path(), 4);
    assert_ne!(one.path(), other.path());
    assert!(left_behind(folder.path()).is_empty());
    drop(one);
    let offered = left_behind(folder.path());
    assert_eq!(offered.len(), 1);
    assert!(seen(&offered[0].staging) == seen(&after(3)));
    assert!(left_behind(folder.path()).is_empty(), "it is offered already");
    drop(offered);
    assert_eq!(left_behind(folder.path()).len(), 1, "nobody has taken it");
    drop(other);
    let offered = left_behind(folder.path());
    assert!(offered[0].written_at >= offered[1].written_at, "the last one comes first");
    assert_eq!(offered.len(), 2);
}

#[test]
fn those_that_somebody_has_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let count = |database| Journal::in_use(folder, database).unwrap();
    assert_eq!(Journal::in_use(&folder.join("nowhere"), DATABASE).unwrap(), 0);
    assert_eq!(count(DATABASE), 0);
    let (one, _) = written(folder, 3);
    let (other, _) = written(folder, 4);
    assert_eq!((count(DATABASE), count("another.db")), (2, 0));
    drop(one);
    assert_eq!(count(DATABASE), 1);
    drop(other);
    assert_eq!(count(DATABASE), 0);
    let (_journal, _) = left_behind(folder).remove(0).adopt().unwrap();
    assert_eq!(count(DATABASE), 1);
}

#[test]
fn a_journal_of_another_database_is_not_offered() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = written(folder.path(), 3);
    let path = journal.path().to_owned();
    drop(journal);
    let others = Journal::left_behind(folder.path(), "another.db", &entries()).unwrap();
    assert!(others.is_empty());
    // Two databases may have the same checksum.
    let name = path.file_name().unwrap().to_str().unwrap();
    let another = Journal::create(folder.path(), "another.db", &entries()).unwrap();
    let taken = another.path().file_name().unwrap().to_str().unwrap();
    let disguised = format!("{}{}", &taken[..9], &name[9..]);
    std::fs::rename(&path, folder.path().join(&disguised)).unwrap();
    let others = Journal::left_behind(folder.path(), "another.db", &entries()).unwrap();
    assert!(others.is_empty());
    assert!(folder.path().join(disguised).exists(), "it is somebody's");
}

#[test]
fn where_there_is_no_folder_nothing_was_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    assert!(left_behind(&folder.path().join("nowhere")).is_empty());
}

#[test]
fn a_journal_that_has_nothing_in_it_is_removed_when_it_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, staging) = written(folder.path(), 3);
    journal.close(&staging).unwrap();
    let (mut journal, mut staging) = left_behind(folder.path()).pop().unwrap().adopt().unwrap();
    let step = staging.finish();
    journal.append(&step, &staging).unwrap();
    assert_eq!(files(folder.path()), 1);
    journal.close(&staging).unwrap();
    assert_eq!(files(folder.path()), 0);
}

#[test]
fn a_journal_in_which_nothing_is_left_is_not_offered_but_removed() {
    let folder = tempfile::tempdir().unwrap();
    drop(Journal::create(folder.path(), DATABASE, &entries()).unwrap());
    let (mut journal, mut staging) = written(folder.path(), 3);
    while let Some(step) = staging.undo() {
        journal.append(&step, &staging).unwrap();
    }
    drop(journal);
    assert_eq!(files(folder.path()), 2);
    assert!(left_behind(folder.path()).is_empty());
    assert_eq!(files(folder.path()), 0);
}

#[test]
fn what_is_discarded_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    drop(written(folder.path(), 3));
    left_behind(folder.path()).pop().unwrap().discard().unwrap();
    assert_eq!(files(folder.path()), 0);
}

#[test]
fn files_of_other_versions_and_of_others_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = written(folder.path(), 3);
    let path = journal.path().to_owned();
    drop(journal);
    let text = std::fs::read_to_string(&path).unwrap();
    for other in [String::new(), "a letter\n".to_owned(), text[9..].to_owned()] {
        std::fs::write(&path, &other).unwrap();
        assert!(left_behind(folder.path()).is_empty());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), other);
    }
}

#[test]
fn an_error_names_the_file_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Journal::create(&file.join("folder"), DATABASE, &entries()).unwrap_err();
    assert!(error.to_string().contains(&*file.to_string_lossy()), "{error}");
    assert!(matches!(error, JournalError::Create { .. }), "{error:?}");
    assert!(std::error::Error::source(&error).is_some());
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_what_is_staged() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("state").join("staged");
    let (mut journal, staging) = written(&inner, 3);
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(journal.path()), 0o600);
    journal.compact(&staging).unwrap();
    assert_eq!(mode(journal.path()), 0o600);
}
