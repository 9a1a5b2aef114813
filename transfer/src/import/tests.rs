use domain::{Author, Book};
use persistence::{Entity as _, EntityMeta, Filter, Memory, Query};

use super::*;
use crate::file_rows::{FileFormat, FileRows, Reading};

/// What an observer was told.
#[derive(Debug, Default)]
struct Told {
    rejected: Vec<String>,
    /// Each with whether the row was there already.
    accepted: Vec<(u64, bool)>,
}

impl Observer for Told {
    fn accepted(&mut self, line: u64, before: Option<&Record>, _: &Record) {
        self.accepted.push((line, before.is_some()));
    }

    fn rejected(&mut self, line: u64, reason: Reason, _: &str) -> io::Result<()> {
        self.rejected.push(format!("{line}: {reason}"));
        Ok(())
    }
}

const AUTHORS: &str = "name\nLem\nDick\n";
const BOOKS: &str = "title,author,isbn,in_print,price
Solaris,Lem,9780156027601,true,9.50
Ubik,Dick,9780547572291,true,8.00
";

/// Returns a session with two authors and two books.
fn shop() -> Memory {
    Memory::new().with::<Author>().with::<Book>()
}

fn taken(
    session: &mut dyn DynSession,
    shop: &persistence::Catalog,
    (table, format, text): (&str, FileFormat, &str),
    mode: Mode,
) -> Result<(Counts, Told), MappingError> {
    let entry = shop.entry(table).expect("an entity");
    let reading = Reading { format, ..Reading::default() };
    let file = FileRows::new(text.as_bytes(), &reading).expect("a header");
    let spelling = Spelling { nulls: vec![String::new()], ..Spelling::default() };
    let given = Given { spelling, mode, ..Given::default() };
    let mapping = Mapping::new(entry.meta, file.header(), given)?;
    let mut told = Told::default();
    let counts = import(session, entry, &mapping, file, &mut told).expect("imported");
    let Counts { read, inserted, updated, unchanged, rejected } = counts;
    assert_eq!(read, inserted + updated + unchanged + rejected, "{told:?}");
    assert_eq!(inserted + updated, told.accepted.len() as u64);
    assert_eq!(rejected, told.rejected.len() as u64);
    Ok((counts, told))
}

/// Imports a file of books into a shop that has two.
fn imported(format: FileFormat, text: &str, mode: Mode) -> (Counts, Told, Vec<String>) {
    let shop = shop();
    let catalog = shop.catalog();
    let mut session = catalog.session().expect("a session");
    for (table, text) in [("authors", AUTHORS), ("books", BOOKS)] {
        let file = (table, FileFormat::Csv, text);
        taken(&mut *session, &catalog, file, Mode::Insert).expect("it fits");
    }
    let (counts, told) =
        taken(&mut *session, &catalog, ("books", format, text), mode).expect("it fits");
    let mut books = session.repository("books").expect("books");
    let books = books.list(&Query::new()).expect("read");
    let shown = |row: &Record| {
        let value = |position| row.value(position).to_string();
        let columns = [Book::ID.position(), Book::TITLE.position(), Book::PRICE.position()];
        columns.map(value).join(" ")
    };
    (counts, told, books.iter().map(shown).collect())
}

fn refused(text: &str, mode: Mode) -> String {
    let shop = shop();
    let catalog = shop.catalog();
    let mut session = catalog.session().expect("a session");
    let file = ("books", FileFormat::Csv, text);
    taken(&mut *session, &catalog, file, mode).expect_err("a mapping that does not fit").to_string()
}

#[test]
fn rows_that_are_there_are_changed_by_their_key_and_others_rejected() {
    let text = "id,price\n1,12.5\n2,8.00\n7,1\n,2\n1,3\n2,x\n";
    let (counts, told, books) = imported(FileFormat::Csv, text, Mode::Update(Vec::new()));
    let expected = Counts { read: 6, updated: 1, unchanged: 1, rejected: 4, inserted: 0 };
    assert_eq!(counts, expected);
    assert_eq!(told.accepted, [(2, true)]);
    let rejected = &told.rejected;
    assert_eq!(rejected[0], "4: there is no Book with id 7");
    assert_eq!(rejected[1], "5: id: rows are found by it, and nothing stands there");
    assert_eq!(rejected[2], "6: line 2 is about the same row (id)");
    assert!(rejected[3].starts_with("7: price: expected"), "{rejected:?}");
    assert_eq!(books, ["1 Solaris 12.50", "2 Ubik 8.00"]);
}

#[test]
fn an_upsert_changes_what_is_there_and_inserts_the_rest() {
    let text = "isbn,title,author,in_print,price
9780156027601,Solaris!,Lem,true,10
9780140186260,Fiasco,Lem,false,7
,Eden,Lem,true,
9780547572291,Ubik,Nobody,true,1
";
    let (counts, told, books) = imported(FileFormat::Csv, text, Mode::Upsert(vec!["ISBN".into()]));
    let expected = Counts { read: 4, inserted: 2, updated: 1, unchanged: 0, rejected: 1 };
    assert_eq!(counts, expected, "{told:?}");
    assert_eq!(told.rejected, ["5: author: there is no Author called `Nobody`"]);
    assert_eq!(books, ["1 Solaris! 10.00", "2 Ubik 8.00", "3 Fiasco 7.00", "4 Eden NULL"]);
}

#[test]
fn a_row_that_is_upserted_by_a_key_that_is_not_there_gets_that_key() {
    let text = "id,title,author,in_print\n9,Eden,Lem,true\n1,Solaris,Lem,true\n";
    let (counts, told, books) = imported(FileFormat::Csv, text, Mode::Upsert(vec!["id".into()]));
    assert_eq!((counts.inserted, counts.unchanged), (1, 1), "{told:?}");
    assert_eq!(books, ["1 Solaris 9.50", "2 Ubik 8.00", "9 Eden NULL"]);
}

#[test]
fn what_an_object_says_nothing_of_stays_as_it_is() {
    let text = r#"[{"id": 1, "title": "Solyaris"}, {"id": 2, "price": null}]"#;
    let (counts, told, books) = imported(FileFormat::Json, text, Mode::Update(Vec::new()));
    assert_eq!(counts.updated, 2, "{told:?}");
    assert_eq!(books, ["1 Solyaris 9.50", "2 Ubik NULL"]);
}

#[test]
fn a_changed_row_keeps_to_the_rules_and_to_what_is_unique() {
    let text = "id,isbn\n1,9780547572291\n2,123\n";
    let (counts, told, _) = imported(FileFormat::Csv, text, Mode::Update(Vec::new()));
    assert_eq!(counts.rejected, 2);
    assert_eq!(told.rejected[0], "2: isbn: is taken by the Book with id 2");
    assert!(told.rejected[1].starts_with("3: isbn: "), "{told:?}");
}

#[test]
fn what_rows_cannot_be_found_by_is_said() {
    assert_eq!(
        refused("title,price\nUbik,1\n", Mode::Update(Vec::new())),
        "the file has nothing by which rows of books are found: id, or isbn"
    );
    assert_eq!(
        refused("title,price\nUbik,1\n", Mode::Update(vec!["title".into()])),
        "books: several rows may have the same title; rows are found by id, or by isbn"
    );
    let missing = refused("isbn,price\n1,1\n", Mode::Upsert(Vec::new()));
    assert!(missing.contains("missing columns title, author_id (or author)"), "{missing}");
}

#[test]
fn a_row_on_one_line_with_others_is_refused_alone() {
    let shop = shop();
    let catalog = shop.catalog();
    let mut session = catalog.session().expect("a session");
    for (table, text) in [("authors", AUTHORS), ("books", BOOKS)] {
        let file = (table, FileFormat::Csv, text);
        taken(&mut *session, &catalog, file, Mode::Insert).expect("it fits");
    }
    // That an ISBN is unique is known to the database alone.
    let columns = Book::meta().columns;
    let meta = Box::leak(Box::new(EntityMeta::new("Book", "books", columns, &[0])));
    let entry = CatalogEntry::new(meta);
    let text = r#"[{"title": "Eden", "author_id": 1, "isbn": "9780140186260", "in_print": true},
        {"title": "Solaris", "author_id": 1, "isbn": "9780156027601", "in_print": true},
        {"title": "Fiasco", "author_id": 1, "in_print": true}]"#
        .replace('\n', "");
    let reading = Reading { format: FileFormat::Json, ..Reading::default() };
    let file = FileRows::new(text.as_bytes(), &reading).expect("a header");
    let mapping = Mapping::new(meta, file.header(), Given::default()).expect("it fits");
    let mut told = Told::default();
    let counts = import(&mut *session, &entry, &mapping, file, &mut told).expect("imported");
    assert_eq!((counts.inserted, counts.rejected), (2, 1), "{told:?}");
    assert_eq!(told.accepted, [(1, false), (3, false)]);
    assert!(told.rejected[0].starts_with("2: "), "{told:?}");
}

#[test]
fn elements_on_one_line_that_are_about_the_same_row_are_told_apart() {
    let text = r#"[{"id": 1, "price": 1}, {"id": 1, "price": 2}]"#;
    let (counts, told, _) = imported(FileFormat::Json, text, Mode::Update(Vec::new()));
    assert_eq!((counts.updated, counts.rejected), (1, 1));
    assert_eq!(told.rejected, ["2: line 1 is about the same row (id)"]);
}

#[test]
fn nothing_else_than_what_was_accepted_is_stored() {
    let shop = shop();
    let catalog = shop.catalog();
    let mut session = catalog.session().expect("a session");
    let text = "name\nLem\n\nLem\nx\n";
    let (counts, told) =
        taken(&mut *session, &catalog, ("authors", FileFormat::Csv, text), Mode::Insert)
            .expect("it fits");
    let mut authors = session.repository("authors").expect("authors");
    assert_eq!(authors.count(&Filter::All).expect("counted"), counts.inserted, "{told:?}");
}
