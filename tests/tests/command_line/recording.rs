//! What commands write is recorded: who did it, and what.

use integration_tests::client::{mariadb, psql, sqlite3};
use integration_tests::command::{Bindery, answer, on_every_engine};

/// Who has inserted authors; what else happened, where something did.
fn recorded(bindery: &Bindery) -> Vec<String> {
    let ask = match bindery.engine {
        "SQLite" => sqlite3,
        "PostgreSQL" => psql,
        _ => mariadb,
    };
    let sql = "SELECT CASE WHEN action = 'insert' AND table_name = 'authors' THEN actor ELSE action END \
               FROM audit_entries ORDER BY id";
    ask(&bindery.database, sql)
}

fn import_as(bindery: &Bindery, actor: &str, name: &str) {
    bindery.write("authors.csv", format!("name\n{name}\n"));
    let mut import = bindery.command(&["import", "authors", "authors.csv"]);
    let answer = answer(import.env("USER", actor));
    assert_eq!(answer.code, 0, "{answer:?}");
}

#[test]
fn what_a_command_writes_is_recorded_with_who_ran_it() {
    for bindery in on_every_engine() {
        import_as(&bindery, "ann", "Lem");
        import_as(&bindery, "bob", "Herbert");
        assert_eq!(recorded(&bindery), ["ann", "bob"], "{}", bindery.engine);
    }
}

#[test]
fn a_bookshop_of_before_takes_writes_without_recording_them() {
    for bindery in on_every_engine() {
        bindery.succeeds(&["migrate", "revert", "--yes"]);
        import_as(&bindery, "ann", "Lem");
        assert_eq!(bindery.succeeds(&["count", "authors"]), "1\n");
        bindery.succeeds(&["migrate", "run"]);
        import_as(&bindery, "ann", "Herbert");
        assert_eq!(recorded(&bindery), ["ann"], "{}", bindery.engine);
    }
}
