//! Rows that are exported, deleted, and inserted again by the script are the same rows.

use chrono::NaiveDate;
use domain::{Author, Book, NewAuthor, NewBook, NewUser, Price, User};
use integration_tests::{TestDatabase, on_every_engine};
use persistence::{
    Catalog, Database, Engine, Entity, EntityMeta, Query, Record, Repository, Store,
};
use transfer::export::{ExportColumns, FormatKind};

use crate::exported;

/// Texts that something may trip over: quotes of every kind, escapes, comments, marks.
const NASTY: [&str; 14] = [
    "it's",
    "say \"no\"",
    "back\\slash \\' \\n \\",
    "two\nlines\r\nand\ttabs",
    "'); DROP TABLE books; --",
    "/* no comment */ # -- ;",
    "`name` $1 ? :a @b %s {x}",
    "Мастер и Маргарита",
    "三体 🙂 e\u{301} \u{202e}",
    "\u{1a}\u{8}\u{1}",
    "NULL",
    "E'x' X'00' _utf8mb4'x'",
    "  blanks  ",
    "=1+1",
];

fn shop<C: Store<User> + Store<Author> + Store<Book>>(place: &TestDatabase) -> Database<C> {
    let database = Database::<C>::open(place.url()).unwrap();
    database.migrate(&domain::MIGRATIONS).unwrap();
    let mut session = database.session().unwrap();
    let date = |year| NaiveDate::from_ymd_opt(year, 2, 28).unwrap();
    for (place, text) in NASTY.iter().enumerate() {
        let age = (place % 2 == 0).then_some(i32::try_from(place).unwrap());
        let _: User = session.insert(NewUser { name: (*text).to_owned(), age }).unwrap();
        let biography = (place % 3 > 0).then(|| text.repeat(place));
        let author = NewAuthor { name: "A".to_owned(), born_on: Some(date(1900)), biography };
        let author: Author = session.insert(author).unwrap();
        let _: Book = session
            .insert(NewBook {
                title: (*text).to_owned(),
                author: (&author).into(),
                isbn: None,
                published_on: (place % 2 == 1).then(|| date(1967)),
                price: (place % 3 > 0).then(|| Price::from_units(1_000_000_007)),
                in_print: place % 2 == 0,
            })
            .unwrap();
    }
    session.commit().unwrap();
    database
}

fn catalog<C: Store<User> + Store<Author> + Store<Book>>(database: &Database<C>) -> Catalog {
    database.catalog().entity::<User>().entity::<Author>().entity::<Book>().build()
}

fn rows(catalog: &Catalog, table: &str) -> Vec<Record> {
    let mut session = catalog.session().unwrap();
    session.repository(table).unwrap().list(&Query::new()).unwrap()
}

fn script(catalog: &Catalog, meta: &'static EntityMeta) -> String {
    exported(catalog, FormatKind::Sql, ExportColumns::all(meta))
}

fn check<C: Engine + Store<User> + Store<Author> + Store<Book>>(place: &TestDatabase) {
    let catalog = catalog(&shop::<C>(place));
    let metas = [User::meta(), Author::meta(), Book::meta()];
    let before = metas.map(|meta| rows(&catalog, meta.table));
    let scripts = metas.map(|meta| script(&catalog, meta));
    place.execute("DELETE FROM books; DELETE FROM authors; DELETE FROM users");
    assert!(rows(&catalog, "books").is_empty());
    for script in &scripts {
        place.execute(script);
    }
    for (meta, before) in metas.into_iter().zip(before) {
        assert_eq!(rows(&catalog, meta.table), before, "{}", meta.table);
    }
}

on_every_engine! {
    fn a_script_inserts_the_same_rows_again<Engine>(place) {
        check::<Engine>(&place);
    }
}
