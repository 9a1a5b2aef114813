//! `bindery import`

use std::io::Write as _;
use std::process::{Command, Stdio};

use insta::assert_snapshot;
use integration_tests::command::{Answer, Bindery, goodbooks, on_every_engine, on_sqlite};

/// Books with prices and a Cyrillic title: the catalogue has neither.
const PRICED: &str = "\
title,author,isbn,published_on,price,in_print
Мастер и Маргарита,Михаил Булгаков,9785170826926,1967-01-01,10.50,true
МАСТЕР-класс,Михаил Булгаков,,,3,false
Cheap,Harper Lee,,1960-07-11,10,true
Dear,Harper Lee,,1960-07-11,10.01,yes
Dear,Harper Lee,,2001-02-03,99,no
Dearest,Harper Lee,,,12345.67,1
";

#[test]
fn the_goodbooks_catalogue_is_accounted_for_and_listed_alike_on_every_engine() {
    let mut accounts = Vec::new();
    let mut answers = Vec::new();
    for bindery in on_every_engine() {
        accounts.push(bindery.succeeds(&["import", "books", &goodbooks(), "--notes", "notes.csv"]));
        assert_eq!(bindery.succeeds(&["count", "books"]), "10000\n");
        bindery.write("authors.csv", "name\nМихаил Булгаков\n");
        bindery.succeeds(&["import", "authors", "authors.csv"]);
        bindery.write("priced.csv", PRICED);
        bindery.succeeds(&["import", "books", "priced.csv"]);
        answers.push(bindery.succeeds(&[
            "list",
            "books",
            "--filter",
            "title ~ \"мастер\" or price > 10",
            "--order",
            "-published_on,title",
            "--limit",
            "5",
            "--format",
            "json",
        ]));
        // Each note is a line of its own, after the header.
        assert_eq!(bindery.read("notes.csv").lines().count(), 166);
    }
    assert_snapshot!(accounts[0], @r"
    10000  read
    10000  inserted
        0  rejected
     3885  authors created
     6640  ISBNs repaired
       33    last digit restored after rounding
     6587    leading zeros put back
       20    prefix 978 put back
      165  notes
       28    ISBN kept, though the other column has another
      105    left without ISBN: damaged beyond proof
       31    left without date: year out of range
        1    same title and author as an earlier line
    the notes are in notes.csv
    ");
    assert_snapshot!(answers[0], @r#"
    [
      {"id": 10005, "title": "Dear", "author_id": 4, "author": "Harper Lee", "isbn": null, "published_on": "2001-02-03", "price": 99.0, "in_print": false, "version": 1},
      {"id": 10001, "title": "Мастер и Маргарита", "author_id": 3886, "author": "Михаил Булгаков", "isbn": "9785170826926", "published_on": "1967-01-01", "price": 10.5, "in_print": true, "version": 1},
      {"id": 10004, "title": "Dear", "author_id": 4, "author": "Harper Lee", "isbn": null, "published_on": "1960-07-11", "price": 10.01, "in_print": true, "version": 1},
      {"id": 10006, "title": "Dearest", "author_id": 4, "author": "Harper Lee", "isbn": null, "published_on": null, "price": 12345.67, "in_print": true, "version": 1},
      {"id": 10002, "title": "МАСТЕР-класс", "author_id": 3886, "author": "Михаил Булгаков", "isbn": null, "published_on": null, "price": 3.0, "in_print": false, "version": 1}
    ]
    "#);
    for (account, answer) in accounts.iter().zip(&answers) {
        assert_eq!((account, answer), (&accounts[0], &answers[0]));
    }
}

#[test]
fn a_catalogue_imported_twice_adds_nothing_and_every_row_is_rejected_with_a_reason() {
    for bindery in on_every_engine() {
        let catalogue = std::fs::read_to_string(goodbooks()).expect("the catalogue");
        let catalogue: String = catalogue.split_inclusive('\n').take(301).collect();
        bindery.write("some.csv", catalogue);
        bindery.succeeds(&["import", "books", "some.csv"]);
        let before = bindery.succeeds(&["list", "books", "--format", "csv"]);
        let again = bindery.run(&["import", "books", "some.csv"]);
        assert_eq!(again.code, 4, "{again:?}");
        assert!(again.stdout.contains("  0  inserted"), "{}", again.stdout);
        assert!(again.stdout.contains("300  rejected, see some.rejected.csv"), "{}", again.stdout);
        assert_eq!(bindery.succeeds(&["list", "books", "--format", "csv"]), before);
        let rejects = bindery.read("some.rejected.csv");
        assert_eq!(rejects.matches("already in the shop as book ").count(), 300);
    }
}

#[test]
fn rows_that_break_a_rule_are_rejected_with_line_and_reason_and_the_others_kept() {
    let mut all_rejects = Vec::new();
    for bindery in on_every_engine() {
        bindery.write("authors.csv", "\u{feff}NAME;Born_On\nAnn;1950-01-02\nAnn;\nЛев;\n");
        bindery.succeeds(&["import", "authors", "authors.csv"]);
        let mut file = b"Title,AUTHOR,author_id,isbn,price,in_print\r\n".to_vec();
        for line in [
            "fine,\u{41b}\u{435}\u{432},,9780156027601,1.5,true",
            "'); DROP TABLE books; --,Лев,,,,true",
            "same isbn,Лев,,9780156027601,,true",
            "wrong isbn,Лев,,9780156027602,,true",
            "unknown author,Nobody,,,,true",
            "two authors,Ann,,,,true",
            "which Ann,Ann,2,,,true",
            "wrong author,Лев,1,,,true",
            "no such author,,99,,,true",
            ",Лев,,,,true",
            "negative,Лев,,,-0.01,true",
            "too exact,Лев,,,1.999,perhaps",
            "short,Лев",
            "\"quote,Лев,,,,true",
            "\"after\" quote,Лев,,,,true",
        ] {
            file.extend(line.as_bytes());
            file.extend(b"\r\n");
        }
        file.extend(b"M\xfcnchen,x,,,,true\n\"two\nlines\",\xd0\x9b\xd0\xb5\xd0\xb2,,,,0\n");
        bindery.write("books.csv", file);
        let answer = bindery.run(&["import", "books", "books.csv"]);
        assert_eq!(answer.code, 4, "{answer:?}");
        assert_eq!(
            answer.stdout, "17  read\n 4  inserted\n13  rejected, see books.rejected.csv\n",
            "{}",
            bindery.engine
        );
        let listed = bindery.succeeds(&["list", "books", "--format", "json"]);
        let listed: Vec<serde_json::Value> = serde_json::from_str(&listed).expect("JSON");
        let titles: Vec<_> = listed.iter().filter_map(|row| row["title"].as_str()).collect();
        let expected = ["fine", "'); DROP TABLE books; --", "which Ann", "two\nlines"];
        assert_eq!(titles, expected, "{}", bindery.engine);
        assert_eq!(listed[2]["author_id"], 2);
        all_rejects.push(bindery.read("books.rejected.csv"));
    }
    assert_snapshot!(all_rejects[0]);
    for rejects in &all_rejects {
        assert_eq!(rejects, &all_rejects[0]);
    }
}

#[test]
fn columns_are_renamed_left_out_or_given_a_value() {
    let bindery = on_sqlite();
    bindery.write("authors.csv", "Who,id\nAnn,77\n");
    let account = bindery.succeeds(&["import", "authors", "authors.csv", "--map", "Who=name"]);
    assert!(account.ends_with("since the database fills it in: id\n"), "{account}");
    bindery.write("books.tsv", "Book\tWriter\tShelf\nUbik\tAnn\tA1\n");
    bindery.succeeds(&[
        "import",
        "books",
        "books.tsv",
        "--map",
        "book=title",
        "--map",
        "Writer=author",
        "--map",
        "Shelf=",
        "--set",
        "in_print=true",
        "--set",
        "price=2",
    ]);
    let listed = bindery.succeeds(&["list", "books", "--format", "csv"]);
    assert!(listed.ends_with("1,Ubik,1,Ann,,,2.00,true,1\n"), "{listed}");
}

#[test]
fn what_was_exported_is_imported_again() {
    let (from, to) = (on_sqlite(), on_sqlite());
    from.succeeds(&["seed", "--books", "1500"]);
    for entity in ["authors", "books"] {
        let file = to.path("exported.csv").to_string_lossy().into_owned();
        from.succeeds(&["export", entity, "--output", &file]);
        // The ids are the same, since both count from 1.
        to.succeeds(&["import", entity, "exported.csv"]);
        let list = ["list", entity, "--format", "json"];
        assert!(from.succeeds(&list) == to.succeeds(&list), "{entity} differ");
    }
}

#[test]
fn what_was_exported_in_any_format_is_imported_again() {
    let from = on_sqlite();
    from.succeeds(&["seed", "--books", "300"]);
    for format in ["json", "jsonl", "xlsx"] {
        let to = on_sqlite();
        for entity in ["authors", "books"] {
            let name = format!("exported.{format}");
            let file = to.path(&name).to_string_lossy().into_owned();
            from.succeeds(&["export", entity, "--output", &file]);
            to.succeeds(&["import", entity, &name]);
            let list = ["list", entity, "--format", "json"];
            assert!(from.succeeds(&list) == to.succeeds(&list), "{entity} differ in {format}");
        }
    }
}

#[test]
fn rows_that_are_there_are_changed_or_the_others_inserted_as_the_mode_says() {
    for bindery in on_every_engine() {
        bindery.write("authors.csv", "name\nAnn\nBob\n");
        bindery.succeeds(&["import", "authors", "authors.csv"]);
        bindery.write(
            "books.csv",
            "title,author,isbn,in_print,price\nOne,Ann,9780156027601,true,1\nTwo,Bob,9780547572291,true,2\n",
        );
        bindery.succeeds(&["import", "books", "books.csv"]);
        bindery.write(
            "prices.json",
            r#"[{"isbn": "9780156027601", "price": 1.5}, {"isbn": "9780547572291", "price": 2},
                {"isbn": "9780140186260", "price": 3}]"#,
        );
        let answer = bindery.run(&["import", "books", "prices.json", "--mode", "update"]);
        assert_eq!(answer.code, 4, "{answer:?}");
        assert!(
            answer.stdout.starts_with(
                "3  read\n0  inserted\n1  updated\n1  there already, as they are in the file\n1  rejected"
            ),
            "{answer:?}"
        );
        let rejected = std::fs::read_to_string(bindery.path("prices.rejected.csv")).unwrap();
        assert!(rejected.contains("there is no Book with isbn 9780140186260"), "{rejected}");
        bindery.write(
            "more.csv",
            "isbn,title,author,in_print\n9780156027601,Uno,Bob,false\n9780140186260,Three,Ann,true\n",
        );
        let account =
            bindery.succeeds(&["import", "books", "more.csv", "--mode", "upsert", "--by", "isbn"]);
        assert!(account.starts_with("2  read\n1  inserted\n1  updated\n0  rejected"), "{account}");
        let listed = bindery.succeeds(&["list", "books", "--format", "csv"]);
        assert!(listed.contains("1,Uno,2,Bob,9780156027601,,1.50,false,"), "{listed}");
        assert!(listed.contains(",Three,1,Ann,9780140186260,,,true,"), "{listed}");
        let answer =
            bindery.run(&["import", "books", "more.csv", "--mode", "update", "--by", "title"]);
        assert!(answer.stderr.contains("several rows may have the same title"), "{answer:?}");
    }
}

#[test]
fn a_dry_run_accounts_for_every_row_and_keeps_none() {
    for bindery in on_every_engine() {
        bindery.write("authors.csv", "name\nAnn\n\"\"\nBob\n");
        let answer = bindery.run(&["import", "authors", "authors.csv", "--dry-run"]);
        assert_eq!(answer.code, 4, "{answer:?}");
        assert!(answer.stdout.starts_with("3  read\n2  inserted\n1  rejected"), "{answer:?}");
        assert!(answer.stdout.ends_with("dry run: none of it was kept\n"), "{answer:?}");
        assert!(answer.stdout.contains("  line 3: name: "), "{answer:?}");
        assert!(!bindery.path("authors.rejected.csv").exists());
        assert_eq!(bindery.succeeds(&["count", "authors"]), "0\n");
    }
}

#[test]
fn standard_input_is_a_file_too() {
    let bindery = on_sqlite();
    let answer = bindery.run_with_input(&["import", "authors", "-"], "name\nAnn\n".as_bytes());
    assert_eq!(answer.stdout, "1  read\n1  inserted\n0  rejected\n", "{answer:?}");
}

#[test]
fn a_header_alone_is_no_rows() {
    let bindery = on_sqlite();
    bindery.write("authors.csv", "name\n");
    assert_eq!(
        bindery.succeeds(&["import", "authors", "authors.csv"]),
        "0  read\n0  inserted\n0  rejected\n"
    );
}

#[test]
fn a_cell_of_fifty_megabytes_is_rejected_whole_and_its_neighbours_are_kept() {
    let bindery = on_sqlite();
    let cell = "я".repeat(25 * 1024 * 1024);
    bindery.write("authors.csv", format!("name,biography\nAnn,\"{cell}\"\n{cell},\nBob,short\n"));
    let answer = bindery.run(&["import", "authors", "authors.csv"]);
    assert_eq!(answer.code, 4, "{}", answer.stderr);
    assert!(answer.stdout.starts_with("3  read\n1  inserted\n2  rejected"), "{}", answer.stdout);
    let rejects = bindery.read("authors.rejected.csv");
    assert_eq!(rejects.matches("at most").count(), 2);
    assert!(rejects.len() > 2 * cell.len(), "nothing of the cells is lost");
}

#[test]
fn rows_that_point_nowhere_are_rejected_and_the_others_kept() {
    for bindery in on_every_engine() {
        bindery.succeeds(&["seed", "--books", "20"]);
        let mut file = "title,author_id,in_print\n".to_owned();
        for row in 0..500 {
            let author = if row % 100 == 7 { 4_000 } else { 1 };
            file.push_str(&format!("Row {row},{author},true\n"));
        }
        bindery.write("books.csv", file);
        let answer = bindery.run(&["import", "books", "books.csv"]);
        assert!(
            answer.stdout.starts_with("500  read\n495  inserted\n  5  rejected"),
            "{}: {answer:?}",
            bindery.engine
        );
        let rejects = bindery.read("books.rejected.csv");
        assert_eq!(rejects.matches("author_id: there is no Author with id 4000").count(), 5);
    }
}

#[test]
fn ctrl_c_takes_everything_back() {
    for bindery in on_every_engine() {
        let answer = interrupted(&bindery);
        assert_eq!(answer.code, 130, "{}: {answer:?}", bindery.engine);
        assert!(answer.stderr.contains("cancelled: nothing was written"), "{answer:?}");
        assert_eq!(bindery.succeeds(&["count", "authors"]), "0\n");
        assert!(!bindery.path("stdin.rejected.csv").exists());
    }
}

/// Feeds an import until it is interrupted.
fn interrupted(bindery: &Bindery) -> Answer {
    let mut child = bindery
        .command(&["import", "authors", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"name\n\"\"\n").expect("the program reads");
    // More than a pipe holds: the program is at work by now.
    for row in 0..20_000 {
        writeln!(stdin, "Author {row}").expect("the program reads");
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill is everywhere").success());
    // It notices at the end of a batch, and goes away.
    while writeln!(stdin, "One more").is_ok() {}
    Answer::of(&child.wait_with_output().expect("the program ends"))
}
