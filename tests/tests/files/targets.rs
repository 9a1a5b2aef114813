//! No command destroys what it was given.

use std::os::unix::fs::symlink;

use integration_tests::command::{Bindery, on_sqlite};

fn stocked() -> Bindery {
    let bindery = on_sqlite();
    bindery.succeeds(&["seed", "--books", "50"]);
    bindery
}

#[test]
fn an_export_never_takes_the_place_of_a_database_or_of_what_belongs_to_one() {
    let bindery = stocked();
    let database = bindery.database.path();
    bindery.succeeds(&["migrate", "run", "--url", "other.db"]);
    symlink(&database, bindery.path("soft.csv")).unwrap();
    std::fs::hard_link(&database, bindery.path("hard.csv")).unwrap();
    let before = std::fs::read(&database).unwrap();
    let url = bindery.database.url().to_owned();
    let (log, journal) = (format!("{url}-wal"), format!("{url}-journal"));
    for target in [&*url, "soft.csv", "hard.csv", "other.db", &log, &journal, "other.db-shm"] {
        for format in ["csv", "json", "xlsx", "table"] {
            let arguments = ["export", "books", "--format", format, "--output", target];
            let error = bindery.fails(2, &arguments);
            assert!(error.contains("is not written over"), "{target}: {error}");
        }
    }
    assert!(std::fs::read(&database).unwrap() == before, "the database is another");
    assert!(!std::path::Path::new(&journal).exists());
    assert_eq!(bindery.succeeds(&["count", "books"]), "50\n");
    assert_eq!(bindery.succeeds(&["count", "books", "--url", "other.db"]), "0\n");
}

#[test]
fn what_is_set_aside_takes_nobodys_place() {
    let bindery = stocked();
    let url = bindery.database.url().to_owned();
    let input = "name\nAnn\n\"\"\n";
    bindery.write("in.csv", input);
    for option in ["--rejects", "--notes"] {
        for target in [&*url, "in.csv"] {
            bindery.fails(2, &["import", "authors", "in.csv", option, target]);
        }
    }
    assert_eq!(bindery.read("in.csv"), input);
    assert_eq!(bindery.succeeds(&["count", "authors", "--filter", "name = \"Ann\""]), "0\n");

    let first = bindery.run(&["import", "authors", "in.csv"]);
    assert!(first.stdout.contains("see in.rejected.csv"), "{first:?}");
    bindery.write("in.rejected.csv", "corrected by hand\n");
    let second = bindery.run(&["import", "authors", "in.csv"]);
    assert!(second.stdout.contains("see in.rejected-2.csv"), "{second:?}");
    assert_eq!(bindery.read("in.rejected.csv"), "corrected by hand\n");
    assert!(bindery.read("in.rejected-2.csv").contains("line"));
    let error = bindery.fails(2, &["import", "authors", "in.csv", "--rejects", "in.rejected.csv"]);
    assert!(error.contains("it is there already"), "{error}");
    assert_eq!(bindery.read("in.rejected.csv"), "corrected by hand\n");
}

#[test]
fn a_dry_run_writes_nothing_and_shows_what_it_would_reject() {
    let bindery = stocked();
    bindery.write("in.csv", "name\nAnn\n\"\"\n");
    let answer = bindery.run(&["import", "authors", "in.csv", "--dry-run"]);
    assert_eq!(answer.code, 4, "{answer:?}");
    assert!(answer.stdout.contains("  line 3: name"), "{answer:?}");
    let left: Vec<_> = std::fs::read_dir(bindery.path(".")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    bindery.fails(2, &["import", "authors", "in.csv", "--dry-run", "--rejects", "out.csv"]);
    bindery.fails(2, &["import", "authors", "in.csv", "--dry-run", "--notes", "out.csv"]);
}

#[test]
fn a_database_is_no_file_of_rows() {
    let bindery = stocked();
    let url = bindery.database.url().to_owned();
    let error = bindery.fails(4, &["import", "authors", &url]);
    assert!(error.contains("is a database"), "{error}");
    assert_eq!(bindery.succeeds(&["count", "books"]), "50\n");
}
