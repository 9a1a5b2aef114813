//! What the program says: nothing that a file, a database or a command line holds speaks to the
//! terminal, and names need not be text.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use integration_tests::command::{Answer, answer, on_every_engine, on_sqlite};

const ESCAPE: &str = "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m";

#[track_caller]
fn is_harmless(answer: &Answer) {
    for text in [&answer.stdout, &answer.stderr] {
        let order = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(order, None, "{text:?}");
    }
    assert!(!answer.stderr.contains("panicked"), "{answer:?}");
}

#[test]
fn nothing_that_is_named_speaks_to_the_terminal() {
    for bindery in on_every_engine() {
        bindery.write("header.csv", format!("name,{ESCAPE}\nAnn,1\n"));
        let file = format!("{ESCAPE}.csv");
        bindery.write(&file, format!("name,{ESCAPE}\nAnn,1\n,2\n"));
        bindery.write("authors.csv", "name\nAnn\n");
        let map = format!("{ESCAPE}=");
        for arguments in [
            &["import", "authors", "header.csv"][..],
            &["import", "authors", &file],
            &["import", "authors", &file, "--map", &map],
            &["import", "authors", &file, "--map", &map, "--rejects", &format!("no{ESCAPE}/x")],
            &["import", "authors", "authors.csv", "--set", &format!("{ESCAPE}=1")],
            &["import", "authors", "authors.csv", "--set", &format!("born_on={ESCAPE}")],
            &["import", "authors", "authors.csv", "--map", ESCAPE],
            &["import", "authors", "authors.csv", "--encoding", ESCAPE],
            &["import", "authors", "authors.csv", "--date-format", ESCAPE],
            &["import", ESCAPE, "authors.csv"],
            &["import", "authors", &format!("no{ESCAPE}")],
            &["export", "authors", "--columns", ESCAPE],
            &["export", "authors", "--output", &format!("{ESCAPE}.json")],
            &["export", "authors", "--output", &format!("no{ESCAPE}/x.json")],
            &["list", ESCAPE],
            &["list", "authors", "--filter", &format!("name = {ESCAPE}")],
            &["list", "authors", "--filter", &format!("{ESCAPE} = 1")],
            &["list", "authors", "--order", ESCAPE],
            &["list", "authors", "--format", ESCAPE],
            &["list", "authors", &format!("--{ESCAPE}")],
            &["count", "authors", "--url", &format!("no{ESCAPE}.db")],
            &["count", "authors", "--url", &format!("oracle://{ESCAPE}")],
            &["count", "authors", "--url", &format!("postgres://{ESCAPE}@127.0.0.1:1/x")],
            &[&format!("no{ESCAPE}.db")],
            &[ESCAPE],
        ] {
            is_harmless(&bindery.run(arguments));
        }
    }
}

#[test]
fn nothing_in_a_database_speaks_to_the_terminal() {
    for bindery in on_every_engine() {
        let quote = if bindery.engine == "MySQL" { '`' } else { '"' };
        bindery
            .database
            .execute(&format!("ALTER TABLE users ADD COLUMN {quote}odd{ESCAPE}{quote} INTEGER"));
        let check = bindery.run(&["check"]);
        assert_eq!(check.code, 3, "{check:?}");
        is_harmless(&check);
        bindery.write("authors.csv", format!("name\nAnn{ESCAPE}\n"));
        bindery.succeeds(&["import", "authors", "authors.csv"]);
        bindery.write("books.csv", format!("title,author_id,in_print\nUbik{ESCAPE},1,1\n"));
        bindery.succeeds(&["import", "books", "books.csv"]);
        is_harmless(&bindery.run(&["list", "authors"]));
        is_harmless(&bindery.run(&["delete", "authors", "--filter", "id = 1", "--dry-run"]));
        is_harmless(&bindery.run(&["delete", "authors", "--filter", "id = 1"]));
        is_harmless(&bindery.run(&["list", "authors", "-vv"]));
    }
}

#[test]
fn paths_need_not_be_text() {
    let bindery = on_sqlite();
    let name = |name: &[u8]| OsString::from_vec(name.to_vec());
    let (file, rejects) = (name(b"in\xff.csv"), name(b"out\xfe\x1b[2J.csv"));
    std::fs::write(bindery.path("").join(&file), "name\nAnn\n\"\"\n").expect("a file");
    let mut import = bindery.command(&[OsString::from("import"), "authors".into(), file.clone()]);
    let told = answer(import.arg("--rejects").arg(&rejects));
    assert_eq!(told.code, 4, "{told:?}");
    is_harmless(&told);
    assert!(bindery.path("").join(&rejects).exists());
    let output = name(b"exported\xff.json");
    let mut export = bindery.command(&["export", "authors", "--output"]);
    let told = answer(export.arg(&output));
    assert_eq!(told.code, 0, "{told:?}");
    assert!(std::fs::read_to_string(bindery.path("").join(&output)).expect("JSON").contains("Ann"));
    // SQLite is asked for its files by names that are text.
    let mut count = bindery.command(&["count", "authors", "--url"]);
    let told = answer(count.arg(name(b"shop\xff.db")));
    assert_eq!(told.code, 2, "{told:?}");
    assert!(told.stderr.contains("UTF-8"), "{told:?}");
}
