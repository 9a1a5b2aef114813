//! Writers wait their turn.

#![allow(
    clippy::indexing_slicing,
    clippy::format_collect,
    reason = "a test fails by panicking, and is no faster for it"
)]

use std::process::Child;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use integration_tests::command::{Answer, Bindery, on_sqlite};

/// How long a program may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);

fn started(bindery: &Bindery, arguments: &[&str]) -> Child {
    bindery.command(arguments).spawn().unwrap()
}

fn ended(child: Child) -> Answer {
    Answer::of(&child.wait_with_output().unwrap())
}

#[test]
fn eight_imports_at_once_all_succeed() {
    for journal_mode in ["WAL", "DELETE"] {
        let bindery = on_sqlite();
        bindery.database.execute(&format!("PRAGMA journal_mode = {journal_mode}"));
        for number in 0..8 {
            let rows: String = (0..500).map(|row| format!("Author {number} {row}\n")).collect();
            bindery.write(&format!("{number}.csv"), format!("name\n{rows}"));
        }
        let names: Vec<_> = (0..8).map(|number| format!("{number}.csv")).collect();
        let imports: Vec<_> =
            names.iter().map(|name| started(&bindery, &["import", "authors", name])).collect();
        for import in imports {
            let answer = ended(import);
            assert_eq!(answer.code, 0, "{journal_mode}: {answer:?}");
        }
        assert_eq!(bindery.succeeds(&["count", "authors"]), "4000\n");
    }
}

/// Waits until a program has the database open.
fn wait_for(child: &Child, bindery: &Bindery) {
    let deadline = Instant::now() + PATIENCE;
    let path = bindery.database.path();
    let is_open = || {
        let Ok(files) = std::fs::read_dir(format!("/proc/{}/fd", child.id())) else { return false };
        files.flatten().any(|file| std::fs::read_link(file.path()).is_ok_and(|to| to == path))
    };
    while !is_open() {
        assert!(Instant::now() < deadline, "the program does not open the database");
        std::thread::yield_now();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn commands_that_write_wait_for_another_writer() {
    let bindery = on_sqlite();
    bindery.succeeds(&["seed", "--books", "5"]);
    bindery.write("authors.csv", "name\nAnn\n");
    let mut writer = SqliteConnection::establish(bindery.database.url()).unwrap();
    for arguments in [
        &["import", "authors", "authors.csv"][..],
        &["delete", "books", "--filter", "id = 1"],
        &["seed", "--books", "1"],
    ] {
        writer.batch_execute("BEGIN IMMEDIATE; UPDATE books SET price = 1").unwrap();
        let command = started(&bindery, arguments);
        wait_for(&command, &bindery);
        writer.batch_execute("COMMIT").unwrap();
        let answer = ended(command);
        assert_eq!(answer.code, 0, "{arguments:?}: {answer:?}");
    }
}

#[test]
fn who_only_reads_a_locked_file_is_not_told_about_writing() {
    let bindery = on_sqlite();
    bindery.database.execute("PRAGMA journal_mode = DELETE");
    let mut writer = SqliteConnection::establish(bindery.database.url()).unwrap();
    writer.batch_execute("BEGIN EXCLUSIVE").unwrap();
    let error = bindery.fails(5, &["count", "books"]);
    assert!(error.contains("locked") && error.ends_with("try again\n"), "{error}");
    assert!(!error.contains("written"), "{error}");
}
