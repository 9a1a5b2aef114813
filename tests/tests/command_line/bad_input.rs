//! What people get wrong: a clear word, a code that means something, and nothing lost.

use insta::{allow_duplicates, assert_snapshot};
use integration_tests::command::{on_empty_file, on_every_engine, on_sqlite};

#[test]
fn a_file_that_is_not_there_is_not_made_by_reading_it() {
    let bindery = on_sqlite();
    assert_snapshot!(
        bindery.fails(3, &["list", "books", "--url", "no.db"]),
        @"bindery: there is no file no.db; to make a new bookshop there, run `bindery migrate run --url no.db`"
    );
    assert_snapshot!(
        bindery.fails(3, &["no.db"]),
        @"bindery: there is no file no.db; to make a new bookshop there, run `bindery no.db --create`"
    );
    assert_snapshot!(
        bindery.fails(3, &["no.db", "--read-only"]),
        @"bindery: there is no file no.db; to make a new bookshop there, run `bindery migrate run --url no.db`"
    );
    assert_snapshot!(bindery.fails(3, &["imprt"]), @"bindery: there is no file imprt; did you mean `bindery import`?");
    bindery.fails(3, &["delete", "books", "-fid=1", "--url", "no.db"]);
    assert!(!bindery.path("no.db").exists());
}

#[test]
fn reading_makes_no_bookshop_on_this_computer() {
    let bindery = on_sqlite();
    let answer = integration_tests::command::answer(
        bindery.command(&["count", "books"]).env_remove("BINDERY_URL"),
    );
    assert_eq!(answer.code, 3, "{answer:?}");
    assert!(answer.stderr.contains("there is no bookshop on this computer yet"), "{answer:?}");
    assert!(answer.stderr.contains("bookshop.db"), "{answer:?}");
    assert!(!bindery.path("data").exists());
}

#[test]
fn a_file_that_is_no_database_is_named_and_left_alone() {
    let bindery = on_sqlite();
    bindery.write(
        "notes.txt",
        "This is not a database, but it is long enough to be mistaken for one.",
    );
    let before = bindery.read("notes.txt");
    for arguments in [&["count", "books"][..], &["migrate", "run"], &["seed", "--books", "1"]] {
        let error = bindery.fails(3, &[arguments, &["--url", "notes.txt"]].concat());
        assert!(error.contains("`notes.txt` is not an SQLite database"), "{error}");
    }
    assert_eq!(bindery.read("notes.txt"), before);
}

#[test]
fn a_schema_from_elsewhere_is_explained_and_nothing_is_made_in_it() {
    let bindery = on_empty_file();
    bindery.database.execute("CREATE TABLE songs (id INTEGER PRIMARY KEY)");
    for arguments in [&["count", "books"][..], &["seed", "--books", "5"], &["export", "books"]] {
        let error = bindery.fails(3, arguments);
        assert!(error.contains("is no bookshop: these tables are not there"), "{error}");
    }
    let url = bindery.database.url().to_owned();
    let error = bindery.fails(3, &[&url]);
    assert!(error.contains("is no bookshop"), "{error}");
    let empty = on_empty_file();
    let error = empty.fails(3, &["count", "books"]);
    assert!(error.contains("lacks tables of the bookshop; `bindery migrate run"), "{error}");
}

#[test]
fn a_url_of_no_engine_lists_those_there_are_and_no_password_is_repeated() {
    let bindery = on_sqlite();
    let error = bindery.fails(2, &["count", "books", "--url", "oracle://ann:s3cret@host/shop"]);
    assert!(error.contains("`oracle://` is no engine that is supported"), "{error}");
    assert!(error.contains("ann:***@host"), "{error}");
    for url in ["postgres://ann:s3cret@127.0.0.1:1/shop", "mysql://ann:s3cret@127.0.0.1:1/shop"] {
        let answer = bindery.run(&["count", "books", "-vv", "--url", url]);
        assert_eq!(answer.code, 6, "{answer:?}");
        assert!(answer.stderr.contains("cannot reach"), "{answer:?}");
        assert!(!answer.stderr.contains("s3cret"), "{answer:?}");
    }
}

#[test]
fn a_wrong_filter_or_order_is_pointed_at() {
    allow_duplicates! {
    for bindery in on_every_engine() {
        assert_snapshot!(bindery.fails(2, &["count", "books", "--filter", "title = \"x\" and pric > 10"]), @r#"
        bindery: cannot count books: column 17: there is no column `pric`, did you mean `price`? Book has id, title, author_id, isbn, published_on, price, in_print, version
          title = "x" and pric > 10
                          ^^^^
        "#);
        assert_snapshot!(bindery.fails(2, &["list", "books", "-f", "published_on > \"soon\""]), @r#"
        bindery: cannot list books: column 16: expected a date like 2024-12-31, got "soon" (published_on)
          published_on > "soon"
                         ^^^^^^
        "#);
        assert_snapshot!(bindery.fails(2, &["export", "books", "--order", "title,-nope"]), @r"
        bindery: cannot export books: column 8: there is no column `nope`; Book has id, title, author_id, isbn, published_on, price, in_print, version
          title,-nope
                 ^^^^
        ");
        bindery.fails(2, &["delete", "books", "--filter", "title ="]);
        bindery.fails(2, &["delete", "books", "--filter", " "]);
    }
    }
}

#[test]
fn sql_in_a_filter_is_text() {
    for bindery in on_every_engine() {
        bindery.succeeds(&["seed", "--books", "3"]);
        for text in ["'; DROP TABLE books; --", "\\\" or 1=1 --", "%", "_", "\\"] {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"");
            for operator in ["=", "~", "^=", "$="] {
                let filter = format!("title {operator} \"{text}\"");
                assert_eq!(bindery.succeeds(&["count", "books", "-f", &filter]), "0\n", "{filter}");
            }
        }
        assert_eq!(bindery.succeeds(&["count", "books"]), "3\n");
    }
}

#[test]
fn an_unknown_entity_lists_those_there_are() {
    let bindery = on_sqlite();
    assert_snapshot!(
        bindery.fails(3, &["list", "boks"]),
        @"bindery: there is no entity `boks`; there are books, authors, users, addresses"
    );
}

#[test]
fn a_file_that_does_not_fit_is_refused_before_anything_is_written() {
    let bindery = on_sqlite();
    bindery.write("wrong.csv", "name,year\nx,1\n");
    bindery.write("empty.csv", "");
    bindery.write("quote.csv", "\"name\nAnn\n");
    bindery.write("latin1.csv", b"n\xe4me\nAnn\n");
    bindery.write(
        "wide.csv",
        "\u{feff}name\0\nAnn\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
    );
    assert_snapshot!(bindery.fails(4, &["import", "books", "wrong.csv"]), @"bindery: cannot import wrong.csv into books: the file's columns do not fit books: unknown columns name, year; missing columns title, author_id (or author); books has title, author_id (or author), isbn, published_on, price, in_print; --map 'HEADER=COLUMN' renames a column, --map 'HEADER=' leaves it out, --set COLUMN=VALUE gives one to every row");
    assert_snapshot!(bindery.fails(4, &["import", "authors", "empty.csv"]), @"bindery: cannot import empty.csv into authors: the file is empty; a header line with column names was expected");
    assert_snapshot!(bindery.fails(4, &["import", "authors", "quote.csv"]), @"bindery: cannot import quote.csv into authors: the header line cannot be read: the quote that opens field 1 is never closed");
    assert_snapshot!(bindery.fails(4, &["import", "authors", "latin1.csv"]), @"bindery: cannot import latin1.csv into authors: the header line cannot be read: field 1 is not valid UTF-8; --encoding names what the file is written in, like windows-1252");
    bindery.fails(4, &["import", "authors", "wide.csv"]);
    assert_snapshot!(bindery.fails(3, &["import", "authors", "no.csv"]), @"bindery: cannot read no.csv: No such file or directory (os error 2)");
    bindery.fails(1, &["import", "authors", "."]);
    bindery.fails(2, &["import", "authors", "wrong.csv", "--set", "id"]);
    assert_eq!(bindery.succeeds(&["count", "authors"]), "0\n");
}

#[test]
fn rejected_rows_that_cannot_be_written_down_keep_the_others_out() {
    let bindery = on_sqlite();
    bindery.write("authors.csv", "name\nAnn\n\"\"\n");
    let error = bindery.fails(3, &["import", "authors", "authors.csv", "--rejects", "no/such.csv"]);
    assert!(error.contains("cannot write no/such.csv"), "{error}");
    assert_eq!(bindery.succeeds(&["count", "authors"]), "0\n");
}

#[test]
fn a_database_that_takes_no_writes_says_so() {
    let bindery = on_sqlite();
    let url = format!("file:{}?mode=ro", bindery.database.url());
    bindery.write("authors.csv", "name\nAnn\n");
    let error = bindery.fails(6, &["import", "authors", "authors.csv", "--url", &url]);
    assert!(error.contains("read-only"), "{error}");
    let error = bindery.fails(6, &["seed", "--books", "1", "--url", &url]);
    assert!(error.contains("read-only"), "{error}");
}

#[test]
fn arguments_that_do_not_fit_together_are_explained() {
    let bindery = on_sqlite();
    bindery.fails(2, &["a.db", "count", "books"]);
    bindery.fails(2, &["a.db", "--url", "b.db"]);
    bindery.fails(2, &["a.db", "--read-only", "--create"]);
    bindery.fails(2, &["delete", "books"]);
    bindery.fails(2, &["seed", "--books", "0"]);
    bindery.fails(2, &["list", "books", "--limit", "-1"]);
    bindery.fails(2, &["list", "books", "--format", "xml"]);
}

#[test]
fn every_help_page_is_there_and_shows_examples() {
    let bindery = on_sqlite();
    let help = bindery.succeeds(&["--help"]);
    for part in ["Exit codes:", "BINDERY_URL", "130", "Examples:"] {
        assert!(help.contains(part), "{help}");
    }
    for command in ["check", "list", "count", "import", "export", "delete", "seed", "migrate"] {
        assert!(bindery.succeeds(&[command, "--help"]).contains("Examples:"), "{command}");
    }
}
