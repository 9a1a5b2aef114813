//! Opening a database leaves it as it is.

use std::collections::BTreeMap;
use std::path::Path;

use diesel::SqliteConnection;
use integration_tests::command::{Bindery, on_empty_file, on_sqlite};
use persistence::{Database, Error, Filter, Query, Repository as _};

/// Everything in a folder, byte by byte.
fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let content = entries.map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, std::fs::read(entry.path()).unwrap())
    });
    content.collect()
}

fn stocked(journal_mode: &str) -> Bindery {
    let bindery = on_sqlite();
    bindery.succeeds(&["seed", "--books", "50"]);
    bindery.database.execute(&format!("PRAGMA journal_mode = {journal_mode}"));
    bindery
}

#[test]
fn a_file_is_the_same_after_every_command_that_reads_and_nothing_lies_beside_it() {
    for journal_mode in ["DELETE", "WAL"] {
        let bindery = stocked(journal_mode);
        let folder = bindery.database.path().parent().unwrap().to_owned();
        let before = content(&folder);
        assert_eq!(before.len(), 1, "{:?}", before.keys());
        for arguments in [
            &["list", "books"][..],
            &["count", "books"],
            &["export", "books", "--output", "books.csv"],
            &["check"],
            &["migrate", "status"],
            &["delete", "books", "--filter", "id > 0", "--dry-run"],
        ] {
            bindery.succeeds(arguments);
            assert!(content(&folder) == before, "{journal_mode}: {arguments:?}");
        }
    }
}

#[test]
fn a_program_that_opens_a_file_for_writing_and_only_reads_leaves_it_too() {
    for journal_mode in ["DELETE", "WAL"] {
        let bindery = stocked(journal_mode);
        let folder = bindery.database.path().parent().unwrap().to_owned();
        let before = content(&folder);
        let database = Database::<SqliteConnection>::open(bindery.database.url()).unwrap();
        let (mut one, mut two) = (database.session().unwrap(), database.read_session().unwrap());
        let books: Vec<domain::Book> = one.list(&Query::new()).unwrap();
        assert_eq!(books.len(), 50);
        assert_eq!(domain_books(&mut two), 50);
        drop((one, two, database));
        assert!(content(&folder) == before, "{journal_mode}");
    }
}

fn domain_books(session: &mut persistence::Session<SqliteConnection>) -> u64 {
    persistence::Repository::<domain::Book>::count(session, &Filter::All).unwrap()
}

#[test]
fn a_mistyped_path_makes_no_file() {
    let bindery = on_sqlite();
    bindery.write("authors.csv", "name\nAnn\n");
    for arguments in [
        &["import", "authors", "authors.csv"][..],
        &["seed", "--books", "3"],
        &["delete", "books", "--filter", "id > 0"],
        &["count", "books"],
    ] {
        let error = bindery.fails(3, &[arguments, &["--url", "typo.db"]].concat());
        assert!(error.contains("there is no file typo.db"), "{error}");
        assert!(!bindery.path("typo.db").exists(), "{arguments:?}");
    }
    let path = bindery.path("typo.db").display().to_string();
    let error = Database::<SqliteConnection>::open(&path).expect_err("there is no file");
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(!bindery.path("typo.db").exists());
    bindery.succeeds(&["import", "authors", "authors.csv", "--create", "--url", "asked.db"]);
    assert_eq!(bindery.succeeds(&["count", "authors", "--url", "asked.db"]), "1\n");
}

#[test]
fn tables_are_added_to_something_else_only_with_a_yes() {
    let bindery = on_empty_file();
    bindery.database.execute("CREATE TABLE songs (id INTEGER PRIMARY KEY, name TEXT)");
    let before = std::fs::read(bindery.database.path()).unwrap();
    let refused = bindery.fails(2, &["migrate", "run"]);
    for part in ["songs", "books, authors, users, addresses", "--yes"] {
        assert!(refused.contains(part), "{refused}");
    }
    let url = bindery.database.url().to_owned();
    let refused = bindery.fails(2, &[&url, "--create"]);
    assert!(refused.contains("songs") && refused.contains("--yes"), "{refused}");
    for arguments in [&["count", "books"][..], &["export", "books"], &["seed", "--books", "1"]] {
        let error = bindery.fails(3, arguments);
        assert!(error.contains("is no bookshop: these tables are not there: books"), "{error}");
        assert!(error.contains("it has songs") && !error.contains("migrate run"), "{error}");
    }
    assert!(std::fs::read(bindery.database.path()).unwrap() == before, "something was added");
    bindery.succeeds(&["migrate", "run", "--yes"]);
    assert_eq!(bindery.succeeds(&["count", "books"]), "0\n");
    // From now on it is one.
    assert!(bindery.succeeds(&["migrate", "run"]).starts_with("nothing to do"));
}

#[test]
fn an_error_of_running_migrations_does_not_advise_to_run_them() {
    let bindery = on_empty_file();
    bindery.database.execute("CREATE TABLE books (id INTEGER PRIMARY KEY)");
    let error = bindery.fails(3, &["migrate", "run", "--yes"]);
    assert!(error.contains("create_bookshop failed"), "{error}");
    assert!(!error.contains("bindery migrate run"), "{error}");
}
