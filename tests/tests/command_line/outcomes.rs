//! What a command says where the connection is lost while the database commits.

use integration_tests::command::Bindery;
use integration_tests::{TestDatabase, cutting_at, mysql, postgres};

/// The exit code of an outcome that nobody knows.
const UNKNOWN: i32 = 7;

fn servers() -> [(&'static str, TestDatabase); 2] {
    [("PostgreSQL", postgres()), ("MySQL", mysql())]
}

#[test]
fn a_migration_whose_commit_is_lost_is_unknown_and_not_failed() {
    for (engine, database) in servers() {
        let bindery = Bindery::new(engine, database);
        let url = cutting_at(bindery.database.url(), "COMMIT");
        let said = bindery.fails(UNKNOWN, &["migrate", "run", "--url", &url]);
        assert!(said.contains("unknown") && said.contains("look whether"), "{said}");
        assert!(said.contains("_create") || said.contains("migration"), "{said}");
        assert!(!said.contains("failed"), "{said}");
        // Whatever became of it, the rest can be run.
        bindery.succeeds(&["migrate", "run"]);
        let said = bindery.fails(UNKNOWN, &["migrate", "revert", "--yes", "--url", &url]);
        assert!(said.contains("unknown"), "{said}");
    }
}

#[test]
fn every_command_that_writes_says_when_its_outcome_is_unknown() {
    for (engine, database) in servers() {
        let bindery = Bindery::new(engine, database);
        bindery.succeeds(&["migrate", "run"]);
        bindery.succeeds(&["seed", "--books", "3"]);
        bindery.write("authors.csv", "name\nLem\n");
        let url = cutting_at(bindery.database.url(), "COMMIT");
        for command in [
            vec!["import", "authors", "authors.csv"],
            vec!["seed", "--books", "3"],
            vec!["delete", "books", "--filter", "id >= 0"],
        ] {
            let arguments = [command, vec!["--url", &url]].concat();
            let said = bindery.fails(UNKNOWN, &arguments);
            assert!(said.contains("unknown") && said.contains("look whether"), "{said}");
            assert!(!said.contains("nothing was written"), "{said}");
        }
    }
}

#[test]
fn the_help_names_every_exit_code() {
    let (_, database) = ("SQLite", integration_tests::sqlite());
    let help = Bindery::new("SQLite", database).succeeds(&["--help"]);
    for code in ["0", "1", "2", "3", "4", "5", "6", "7", "130"] {
        let is_named = |line: &str| line.trim_start().starts_with(&format!("{code}  "));
        assert!(help.lines().any(is_named), "{code}: {help}");
    }
}
