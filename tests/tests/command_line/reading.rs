//! `bindery list`, `count` and `export`

use std::io::{BufRead as _, BufReader, Read as _};

use insta::{allow_duplicates, assert_snapshot};
use integration_tests::command::{Bindery, on_every_engine, on_sqlite};

/// Two users, one with addresses.
fn with_users(bindery: &Bindery) {
    bindery.write("users.csv", "name,age\nJohn Doe,30\nДарья 三体,\n");
    bindery.write("addresses.csv", "email_address,user\njohn@example.org,John Doe\n");
    bindery.succeeds(&["import", "users", "users.csv"]);
    bindery.succeeds(&["import", "addresses", "addresses.csv"]);
}

#[test]
fn the_three_formats_say_the_same_on_every_engine() {
    allow_duplicates! {
    for bindery in on_every_engine() {
        with_users(&bindery);
        assert_snapshot!(bindery.succeeds(&["list", "addresses"]), @r"
        id  email_address     user_id  user      version
        ──  ────────────────  ───────  ────────  ───────
         1  john@example.org        1  John Doe        1
        ");
        assert_snapshot!(bindery.succeeds(&["list", "addresses", "--format", "json"]), @r#"
        [
          {"id": 1, "email_address": "john@example.org", "user_id": 1, "user": "John Doe", "version": 1}
        ]
        "#);
        assert_snapshot!(bindery.succeeds(&["list", "addresses", "--format", "csv"]), @r"
        id,email_address,user_id,user,version
        1,john@example.org,1,John Doe,1
        ");
        let users = bindery.succeeds(&["list", "User", "--order", "age", "--format", "json"]);
        let users: serde_json::Value = serde_json::from_str(&users).expect("JSON");
        assert_eq!(users[0]["age"], serde_json::Value::Null);
        assert_eq!(users[1]["age"], 30);
        let created = users[0]["created_at"].as_str().expect("text");
        assert_eq!(created.as_bytes()[10], b'T', "{created}");
        assert_eq!(bindery.succeeds(&["list", "users", "-f", "age > 99", "--format", "json"]), "[]\n");
    }
    }
}

#[test]
fn a_count_is_a_bare_number() {
    for bindery in on_every_engine() {
        with_users(&bindery);
        assert_eq!(bindery.succeeds(&["count", "users"]), "2\n");
        assert_eq!(bindery.succeeds(&["count", "users", "-f", "name ~ \"дарья\""]), "1\n");
        assert_eq!(bindery.succeeds(&["count", "users", "-f", "age is null"]), "1\n");
    }
}

#[test]
fn a_filter_leads_through_relations() {
    for bindery in on_every_engine() {
        with_users(&bindery);
        let count = |entity, filter| bindery.succeeds(&["count", entity, "-f", filter]);
        assert_eq!(count("addresses", "user.name ~ doe"), "1\n");
        assert_eq!(count("addresses", "user.name ~ дарья"), "0\n");
        assert_eq!(count("users", "addresses.email_address $= .org"), "1\n");
        assert_eq!(count("users", "no addresses"), "1\n");
        assert_eq!(count("users", "count(addresses) = 1 and age = 30"), "1\n");
    }
}

#[test]
fn every_row_comes_once_and_in_order_however_many_pages_that_takes() {
    for bindery in on_every_engine() {
        bindery.succeeds(&["seed", "--books", "2500"]);
        let listed =
            bindery.succeeds(&["list", "books", "--order", "-price,title", "--format", "json"]);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&listed).expect("JSON");
        assert_eq!(rows.len(), 2500, "{}", bindery.engine);
        let ids: std::collections::HashSet<i64> =
            rows.iter().map(|row| row["id"].as_i64().expect("a number")).collect();
        assert_eq!(ids.len(), 2500);
        let prices: Vec<f64> =
            rows.iter().map(|row| row["price"].as_f64().unwrap_or(-1.0)).collect();
        assert!(prices.is_sorted_by(|one, next| one >= next));
        assert!(rows.iter().all(|row| row["author"].is_string()));
        let limited = bindery.succeeds(&["list", "books", "--limit", "1001", "--format", "csv"]);
        assert_eq!(limited.lines().count(), 1002);
        assert_eq!(
            bindery.succeeds(&["list", "books", "--limit", "0", "--format", "json"]),
            "[]\n"
        );
    }
}

#[test]
fn an_export_takes_the_place_of_a_file_only_when_it_is_complete() {
    let bindery = on_sqlite();
    bindery.succeeds(&["seed", "--books", "20"]);
    bindery.write("books.json", "old");
    bindery
        .fails(2, &["export", "books", "--format", "json", "-f", "nope = 1", "-O", "books.json"]);
    assert_eq!(bindery.read("books.json"), "old");
    let said = bindery.succeeds(&["export", "books", "--format", "json", "-O", "books.json"]);
    assert_eq!(said, "20 rows written to books.json\n");
    assert_eq!(
        bindery.read("books.json"),
        bindery.succeeds(&["list", "books", "--format", "json"])
    );
    bindery.fails(3, &["export", "books", "-O", "no/such/folder.csv"]);
    let files = std::fs::read_dir(bindery.path(".")).expect("a folder");
    let names: Vec<_> = files.map(|file| file.expect("a file").file_name()).collect();
    assert_eq!(names, ["books.json"]);
}

#[test]
fn the_name_of_the_file_says_which_format_it_has() {
    let bindery = on_sqlite();
    bindery.succeeds(&["seed", "--books", "3"]);
    let first = |name: &str| {
        bindery.succeeds(&["export", "books", "--columns", "id,author", "-O", name]);
        std::fs::read(bindery.path(name)).expect("a file")[..2].to_vec()
    };
    assert_eq!(first("books.csv"), b"id");
    assert_eq!(first("books.tsv"), b"id");
    assert_eq!(first("books.json"), b"[\n");
    assert_eq!(first("books.jsonl"), b"{\"");
    assert_eq!(first("books.sql"), b"BE");
    assert_eq!(first("books.xlsx"), b"PK");
    assert_eq!(first("books"), b"id");
    let tabs = bindery.read("books.tsv");
    assert!(tabs.starts_with("id\tauthor\n1\t"), "{tabs}");
    let bare = bindery.succeeds(&["export", "books", "--no-header", "--columns", "id"]);
    assert_eq!(bare, "1\n2\n3\n");
    assert_snapshot!(bindery.fails(2, &["export", "books", "--columns", "id,nope"]), @"bindery: cannot export books: there is no column `nope`; Book has id, title, author_id, author, isbn, published_on, price, in_print, version");
}

#[test]
fn statements_insert_into_an_empty_bookshop_what_was_exported() {
    for bindery in on_every_engine() {
        bindery.succeeds(&["seed", "--books", "450"]);
        let books = bindery.succeeds(&["list", "books", "--format", "json"]);
        let scripts = ["authors", "books"]
            .map(|entity| bindery.succeeds(&["export", entity, "--format", "sql"]));
        bindery.database.execute("DELETE FROM books; DELETE FROM authors");
        assert_eq!(bindery.succeeds(&["count", "books"]), "0\n");
        for script in scripts {
            bindery.database.execute(&script);
        }
        assert_eq!(bindery.succeeds(&["list", "books", "--format", "json"]), books);
    }
}

#[test]
fn a_reader_that_goes_away_ends_a_list_quietly() {
    let bindery = on_sqlite();
    bindery.succeeds(&["seed", "--books", "5000"]);
    let mut child = bindery.command(&["list", "books"]).spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    lines.read_line(&mut String::new()).expect("a line");
    drop(lines);
    let mut stderr = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("text");
    assert!(child.wait().expect("the program ends").success());
    assert_eq!(stderr, "");
}

#[test]
fn verbose_shows_statements_and_their_values_only_when_asked_twice() {
    let bindery = on_sqlite();
    let arguments = ["count", "users", "-f", "name = \"Somebody\""];
    assert_eq!(bindery.run(&arguments).stderr, "");
    let once = bindery.run(&[&arguments[..], &["-v"]].concat());
    assert!(once.stderr.contains("SELECT"), "{}", once.stderr);
    assert!(!once.stderr.contains("Somebody"), "{}", once.stderr);
    let twice = bindery.run(&[&arguments[..], &["-vv"]].concat());
    assert!(twice.stderr.contains("Somebody"), "{}", twice.stderr);
    assert_eq!(twice.stdout, "0\n");
}
