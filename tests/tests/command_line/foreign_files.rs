//! `bindery import` of files that other programs wrote.

use integration_tests::command::{Bindery, on_every_engine, on_sqlite};
use integration_tests::postgres;

fn with_authors(bindery: &Bindery) {
    bindery.write("authors.csv", "name\nЛем\nAnn\n");
    bindery.succeeds(&["import", "authors", "authors.csv"]);
}

fn listed(bindery: &Bindery, columns: &str) -> String {
    let rows = bindery.succeeds(&["export", "books", "--columns", columns, "--no-header"]);
    rows.trim_end().to_owned()
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn numbers_dates_and_isbns_are_read_as_spreadsheets_write_them() {
    for bindery in on_every_engine() {
        with_authors(&bindery);
        bindery.write(
            "excel.csv",
            "sep=;\r\nTitle;Author;ISBN;Price;Published_on;In_print;\r\n\
             Solaris;Лем;978-0-15-602760-1;12,50;13.02.1961;1;\r\n\
             Fiasco;Лем;ISBN 0-15-602760-7;7;1986-01-01;0;\r\n\
             Wrong;Лем;;1.234,50;;1;\r\n",
        );
        let answer = bindery.run(&["import", "books", "excel.csv"]);
        assert_eq!(answer.code, 4, "{answer:?}");
        assert!(answer.stdout.starts_with("3  read\n2  inserted\n1  rejected"), "{answer:?}");
        assert!(answer.stdout.contains("numbers like 12,50 were read as 12.50"), "{answer:?}");
        assert!(answer.stdout.contains("dates like 31.12.2024 were read as day"), "{answer:?}");
        assert_eq!(
            listed(&bindery, "title,isbn,price,published_on"),
            "Solaris,9780156027601,12.50,1961-02-13\nFiasco,0156027607,7.00,1986-01-01"
        );
    }
}

#[test]
fn what_is_said_of_a_file_holds_for_it() {
    let bindery = on_sqlite();
    with_authors(&bindery);
    bindery.write(
        "said.csv",
        "title|author|isbn|price|published_on\nSolaris|Ann|\\N|\"1234,5\"|2/13/1961\n\
         Fiasco|Ann|NULL|\\N|1986-01-01\nLate|Ann|NULL|1|2/13/61\n"
            .replace('|', ","),
    );
    let arguments = ["import", "books", "said.csv", "--null", "\\N", "--null", "NULL"];
    let more = ["--decimal", "comma", "--date-format", "MM/DD/YYYY"];
    let answer = bindery.run(&[&arguments[..], &more].concat());
    assert_eq!(
        answer.stdout,
        "3  read\n2  inserted\n1  rejected, see said.rejected.csv\n\
         not in the file, so every row has the database's default: in_print = true\n"
    );
    assert!(bindery.read("said.rejected.csv").contains("published_on: expected a date"));
    assert_eq!(
        listed(&bindery, "title,isbn,price,published_on,in_print"),
        "Solaris,,1234.50,1961-02-13,true\nFiasco,,,1986-01-01,true"
    );
    let error = bindery.fails(2, &["import", "books", "said.csv", "--date-format", "DD.MM.YY"]);
    assert!(error.contains("four digits"), "{error}");
    let error = bindery.fails(2, &["import", "books", "said.csv", "--encoding", "klingon"]);
    assert!(error.contains("`klingon` is no encoding"), "{error}");
}

#[test]
fn a_year_of_two_digits_costs_its_line() {
    for bindery in on_every_engine() {
        bindery.write("authors.csv", "name,born_on\nAnn,23-02-01\nBob,0023-02-01\nCy,1.2.23\n");
        let answer = bindery.run(&["import", "authors", "authors.csv"]);
        assert!(answer.stdout.starts_with("3  read\n1  inserted\n2  rejected"), "{answer:?}");
        let error = bindery.fails(2, &["count", "authors", "--filter", "born_on = \"23-02-01\""]);
        assert!(error.contains("expected a date like 2024-12-31"), "{error}");
        assert_eq!(
            bindery.succeeds(&["count", "authors", "--filter", "born_on = \"0023-02-01\""]),
            "1\n"
        );
    }
}

#[test]
fn other_encodings_are_read_by_their_looks_or_by_name() {
    let bindery = on_sqlite();
    bindery.write("wide.csv", utf_16("\u{feff}name\tbiography\r\nСтругацкий\t\"a\r\nb\"\r\n"));
    let account = bindery.succeeds(&["import", "authors", "wide.csv"]);
    assert!(account.ends_with("the file was read as UTF-16LE, which it looks like\n"), "{account}");
    bindery.write("cyrillic.csv", b"name\r\xcb\xe5\xec\r");
    let error = bindery.run(&["import", "authors", "cyrillic.csv"]);
    assert_eq!(error.code, 4, "{error:?}");
    assert!(bindery.read("cyrillic.rejected.csv").contains("field 1 is not valid UTF-8"));
    bindery.succeeds(&["import", "authors", "cyrillic.csv", "--encoding", "windows-1251"]);
    assert_eq!(
        bindery.succeeds(&["export", "authors", "--columns", "name", "--no-header"]),
        "Стругацкий\nЛем\n"
    );
    bindery.write("header.csv", b"n\xe4me\nAnn\n");
    let error = bindery.fails(4, &["import", "authors", "header.csv"]);
    assert!(error.contains("--encoding names what the file is written in"), "{error}");
}

#[test]
fn a_file_that_quotes_everything_has_nothing_between_quotes() {
    let bindery = on_sqlite();
    with_authors(&bindery);
    let rows = "\"title\",\"author\",\"isbn\",\"in_print\"\n\"Solaris\",\"Лем\",\"\",\"t\"\n";
    bindery.write("all.csv", rows);
    bindery.succeeds(&["import", "books", "all.csv"]);
    assert_eq!(bindery.succeeds(&["count", "books", "--filter", "isbn is null"]), "1\n");
}

#[test]
fn a_letter_that_the_database_does_not_have_costs_its_line() {
    let server = postgres();
    let name = format!("{}_latin", server.url().rsplit_once('/').expect("a database").1);
    server.execute(&format!(
        "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"
    ));
    let bindery = Bindery::new("PostgreSQL", postgres());
    let (address, _) = server.url().rsplit_once('/').expect("a database");
    let url = format!("{address}/{name}");
    let on_latin = |arguments: &[&str]| bindery.run(&[arguments, &["--url", &url]].concat());
    assert_eq!(on_latin(&["migrate", "run"]).code, 0);
    bindery.write("authors.csv", "name,biography\nJosé,\n日本,\nAnn,日本\nBob,x\n");
    let answer = on_latin(&["import", "authors", "authors.csv"]);
    // Labels and unique values are asked for before anything is inserted.
    bindery.write(
        "books.csv",
        "title,author,in_print\nOne,José,1\nTwo,日本,1\n日本,Ann,1\nThree,Bob,1\n",
    );
    let authors = on_latin(&["count", "authors"]);
    bindery.write("authors2.csv", "name\nBob\nAnn2\n");
    let second = on_latin(&["import", "authors", "authors2.csv"]);
    let books = on_latin(&["import", "books", "books.csv"]);
    bindery.write(
        "catalogue.csv",
        "isbn,isbn13,authors,original_publication_year,original_title,title\n\
         ,,José,1961,,Solaris\n,,日本,1986,,Fiasco\n,,Ann,1986,,三体\n,,New,1986,,Eden\n",
    );
    let catalogue = on_latin(&["import", "books", "catalogue.csv"]);
    server.execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
    assert!(answer.stdout.starts_with("4  read\n2  inserted\n2  rejected"), "{answer:?}");
    let rejects = bindery.read("authors.rejected.csv");
    assert_eq!(
        rejects.matches("has no equivalent in encoding \"\"LATIN1\"\"").count(),
        2,
        "{rejects}"
    );
    assert_eq!(authors.stdout, "2\n");
    assert_eq!(second.code, 0, "{second:?}");
    assert!(books.stdout.starts_with("4  read\n1  inserted\n3  rejected"), "{books:?}");
    assert!(catalogue.stdout.starts_with("4  read\n2  inserted\n2  rejected"), "{catalogue:?}");
    let rejects = bindery.read("catalogue.rejected.csv");
    assert_eq!(rejects.matches("has no equivalent in encoding").count(), 2, "{rejects}");
    let rejects = bindery.read("books.rejected.csv");
    assert!(rejects.contains("there is no Author called `日本`"), "{rejects}");
}

#[test]
fn stray_and_unclosed_quotes_take_neither_time_nor_memory() {
    let bindery = on_sqlite();
    let stray = "a\",b,\"c\n".repeat(40_000);
    bindery.write("stray.csv", format!("name,born_on,biography\n{stray}"));
    let started = std::time::Instant::now();
    let answer = bindery.run(&["import", "authors", "stray.csv"]);
    assert!(
        answer.stdout.starts_with("40000  read\n    0  inserted\n40000  rejected"),
        "{answer:?}"
    );
    // It took over a minute where it took more with every line.
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());

    let mut file = "name,biography\n\"unclosed,x\n".to_owned();
    let line = format!("{},short\n", "x".repeat(1_000));
    file.push_str(&line.repeat(100_000));
    file.push_str("Ann,last\n");
    bindery.write("unclosed.csv", file);
    let program = bindery.command(&["import"]).get_program().to_owned();
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", "ulimit -v 600000; exec \"$@\"", "sh"])
        .arg(program)
        .args(["import", "authors", "unclosed.csv"])
        .current_dir(bindery.path(""))
        .env("BINDERY_URL", bindery.database.url());
    let answer = integration_tests::command::answer(&mut command);
    assert!(answer.stdout.starts_with("100002  read\n     1  inserted"), "{answer:?}");
    let rejects = std::fs::File::open(bindery.path("unclosed.rejected.csv")).expect("rejects");
    let mut begin = [0; 200];
    std::io::Read::read_exact(&mut &rejects, &mut begin).expect("its begin");
    let begin = String::from_utf8_lossy(&begin);
    assert!(begin.contains("2,the quote that opens field 1 is never closed"), "{begin}");
}
