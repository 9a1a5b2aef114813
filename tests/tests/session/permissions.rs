//! What is not permitted is done through no door, and what is masked comes out of none: on every engine and in memory.

use domain::{Address, Author, Book, User};
use integration_tests::shop::{ShopEngine, database as shop};
use persistence::audit::{HistoryFilter, changes, transactions};
use persistence::catalog::DynSession;
use persistence::edit::{ColumnEdit, Edit, EditKind, NewValue};
use persistence::staging::bulk::{Bulk, BulkChange};
use persistence::staging::{Outcome, interrupted};

use persistence::{
    Action, Catalog, ColumnAccess, Database, Entity as _, Error, Filter, Memory, NotPermitted,
    Order, PageStart, Permissions, Query, Record, RecordKey, Result, Slot, Value,
};

/// What nobody may see.
const SECRET: &str = "Geheim 4711";
/// The same of a price.
const PRICE: &str = "98765";

const TABLES: [&str; 4] = ["users", "addresses", "authors", "books"];

/// Makes a test module of each function, which takes the catalog of a bookshop with some rows: one test for
/// each engine, one for memory.
macro_rules! on_every_shop {
    ($(fn $name:ident($catalog:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            fn check($catalog: &Catalog) {
                fill($catalog);
                $body
            }

            #[test]
            fn memory() {
                let memory =
                    Memory::new().with::<User>().with::<Address>().with::<Author>().with::<Book>();
                check(&memory.catalog());
            }

            integration_tests::on_every_engine! {
                fn databases<Engine>(place) {
                    let (database, _place) = shop::<Engine>(place);
                    let database = database.audit_where_possible().unwrap();
                    check(&catalog(&database));
                }
            }
        }
    )*};
}

fn catalog<C: ShopEngine>(database: &Database<C>) -> Catalog {
    let catalog = database.catalog().entity::<User>().entity::<Address>();
    catalog.entity::<Author>().entity::<Book>().migrations(&domain::MIGRATIONS).build()
}

/// Adds an author with a book, a user with an address and one without.
fn fill(catalog: &Catalog) {
    let mut session = catalog.session().unwrap();
    let author = [("name", "Lem".into()), ("biography", SECRET.into())];
    let author = session.add("authors", &author).unwrap();
    let book = [
        ("title", "Solaris".into()),
        ("author_id", author.into()),
        ("price", Value::Integer(98_765).into()),
        ("in_print", true.into()),
    ];
    session.add("books", &book).unwrap();
    let ada = session.add("users", &[("name", "Ada".into())]).unwrap();
    let address = [("email_address", "ada@example.org".into()), ("user_id", ada.into())];
    session.add("addresses", &address).unwrap();
    session.add("users", &[("name", "Grace".into())]).unwrap();
    session.commit().unwrap();
}

/// All that is stored, as somebody who may do everything reads it.
fn stored(catalog: &Catalog) -> Vec<Vec<Record>> {
    let mut session = catalog.session().unwrap();
    let mut rows = |table| session.repository(table).unwrap().list(&Query::new()).unwrap();
    TABLES.map(&mut rows).to_vec()
}

fn first(session: &mut dyn DynSession, table: &str) -> Slot {
    session.all(table, &Query::new()).unwrap()[0]
}

fn first_row(session: &mut dyn DynSession, table: &str) -> Record {
    session.repository(table).unwrap().list(&Query::new()).unwrap().remove(0)
}

fn key(session: &mut dyn DynSession, table: &str) -> RecordKey {
    let row = first_row(session, table);
    session.repository(table).unwrap().meta().key_of(&row)
}

/// A row of the first author, not stored, with a title.
fn new_book(session: &mut dyn DynSession, title: &str) -> Record {
    let author = first_row(session, "authors").value(0).clone();
    let mut row = Record(vec![Value::Null; Book::meta().columns.len()]);
    for (column, value) in
        [("title", title.into()), ("author_id", author), ("in_print", true.into())]
    {
        row.set(Book::meta().position(column).unwrap(), value);
    }
    row
}

fn with_title(row: &Record, title: &str) -> Record {
    let mut row = row.clone();
    row.set(1, title.into());
    row
}

fn insertion(session: &mut dyn DynSession) -> Edit {
    let row = new_book(session, "Fiasco");
    let columns = ["title", "author_id", "in_print"].map(|name| {
        let value = row.value(Book::meta().position(name).unwrap()).clone();
        (name.into(), NewValue::Known(value))
    });
    Edit { table: "books".into(), kind: EditKind::Insert { row: 1, columns: columns.into() } }
}

/// A way to write a book.
type Door = (&'static str, Action, fn(&mut dyn DynSession) -> Result<()>);

/// Every way to add, change and delete books.
const DOORS: [Door; 22] = [
    ("repository.insert", Action::Add, |it| {
        let row = new_book(it, "Fiasco");
        it.repository("books")?.insert(row).map(drop)
    }),
    ("repository.insert_many", Action::Add, |it| {
        let row = new_book(it, "Fiasco");
        it.repository("books")?.insert_many(vec![row]).map(drop)
    }),
    ("repository.insert_with_keys", Action::Add, |it| {
        let mut row = new_book(it, "Fiasco");
        row.set(0, Value::Integer(77));
        it.repository("books")?.insert_with_keys(vec![row]).map(drop)
    }),
    ("repository.update_from", Action::Change, |it| {
        let base = first_row(it, "books");
        let mine = with_title(&base, "Eden");
        it.repository("books")?.update_from(&base, mine).map(drop)
    }),
    ("repository.update_where", Action::Change, |it| {
        let title = [("title".to_owned(), "Eden".into())];
        it.repository("books")?.update_where(&Filter::All, &title).map(drop)
    }),
    ("repository.delete", Action::Delete, |it| {
        let key = key(it, "books");
        it.repository("books")?.delete(&key)
    }),
    ("repository.delete_from", Action::Delete, |it| {
        let base = first_row(it, "books");
        it.repository("books")?.delete_from(&base)
    }),
    ("repository.delete_where", Action::Delete, |it| {
        it.repository("books")?.delete_where(&Filter::All).map(drop)
    }),
    ("session.add", Action::Add, |it| {
        let author = first(it, "authors");
        let book =
            [("title", "Fiasco".into()), ("author_id", author.into()), ("in_print", true.into())];
        it.add("books", &book).map(drop)
    }),
    ("session.merge a new row", Action::Add, |it| {
        let mut row = new_book(it, "Fiasco");
        row.set(0, Value::Integer(77));
        row.set(Book::meta().version.unwrap(), Value::Integer(1));
        it.merge("books", row).map(drop)
    }),
    ("session.merge a stored row", Action::Change, |it| {
        let row = with_title(&first_row(it, "books"), "Eden");
        it.merge("books", row).map(drop)
    }),
    ("session.set", Action::Change, |it| {
        let book = first(it, "books");
        it.set(book, "title", "Eden".into())
    }),
    ("session.set a reference", Action::Change, |it| {
        let (book, author) = (first(it, "books"), first(it, "authors"));
        it.set(book, "author_id", author.into())
    }),
    ("session.relate", Action::Change, |it| {
        let (book, author) = (first(it, "books"), first(it, "authors"));
        it.relate(author, "books", book)
    }),
    ("session.relate from the other end", Action::Change, |it| {
        let (book, author) = (first(it, "books"), first(it, "authors"));
        it.relate(book, "author", author)
    }),
    ("session.unrelate", Action::Change, |it| {
        let (book, author) = (first(it, "books"), first(it, "authors"));
        it.unrelate(author, "books", book)
    }),
    ("session.delete", Action::Delete, |it| {
        let book = first(it, "books");
        it.delete(book)
    }),
    ("session.savepoint", Action::Change, |it| {
        it.savepoint(&mut |part| {
            let book = first(part, "books");
            part.set(book, "title", "Eden".into())
        })
    }),
    ("apply an insert", Action::Add, |it| {
        let edit = insertion(it);
        it.apply(&[edit]).map(drop)
    }),
    ("apply an update", Action::Change, |it| {
        let base = first_row(it, "books");
        let mine = with_title(&base, "Eden");
        it.apply(&[Edit::between(Book::meta(), Some(&base), Some(&mine)).unwrap()]).map(drop)
    }),
    ("apply a deletion", Action::Delete, |it| {
        let base = first_row(it, "books");
        it.apply(&[Edit::between(Book::meta(), Some(&base), None).unwrap()]).map(drop)
    }),
    ("write a bulk change", Action::Change, |it| {
        let entry = persistence::CatalogEntry::of::<Book>();
        let bulk = Bulk::new(&entry, "title", BulkChange::Set("Eden".into())).unwrap();
        bulk.write(it, &Filter::All, |_| std::ops::ControlFlow::Continue(())).map(drop)
    }),
];

/// What every door says, with what it wrote taken back.
fn through_all(catalog: &Catalog) -> Vec<(&'static str, Action, Result<()>)> {
    let through = |(name, action, door): Door| {
        let mut session = catalog.writing_session().unwrap();
        let outcome = door(&mut *session);
        let outcome = outcome.and_then(|()| session.flush());
        session.rollback().unwrap();
        (name, action, outcome)
    };
    DOORS.into_iter().map(through).collect()
}

fn is_refused<T>(outcome: &Result<T>) -> bool {
    matches!(outcome, Err(Error::NotPermitted(_)))
}

#[track_caller]
fn assert_refused<T: std::fmt::Debug>(
    outcome: Result<T>,
    table: &'static str,
    column: Option<&'static str>,
    action: Action,
) {
    match outcome {
        Err(Error::NotPermitted(refused)) => {
            assert_eq!(*refused, NotPermitted { table, column, action });
        }
        other => panic!("{other:?}"),
    }
}

on_every_shop! {
    fn nothing_is_written_through_any_door_of_a_read_only_catalog(catalog) {
        let before = stored(catalog);
        let limited = catalog.permitting(&Permissions::read_only()).unwrap();
        assert!(limited.is_read_only() && !catalog.is_read_only());
        for (door, action, outcome) in through_all(&limited.clone()) {
            match outcome {
                // Merging may do either.
                Err(Error::NotPermitted(refused)) if door.contains("merge") => {
                    assert_eq!(refused.table, "books");
                }
                outcome => {
                    assert!(is_refused(&outcome), "{door}: {outcome:?}");
                    assert_refused(outcome, "books", None, action);
                }
            }
        }
        if let Some(migrations) = limited.migrations() {
            let name = &migrations.status().unwrap().last().unwrap().name.clone();
            let reverted = migrations.revert(name);
            assert!(matches!(reverted, Err(Error::ReadOnly { .. })), "{reverted:?}");
            let run = migrations.run(name);
            assert!(matches!(run, Err(Error::ReadOnly { .. })), "{run:?}");
        }
        assert_eq!(stored(catalog), before);
    }

    fn what_is_refused_of_a_table_is_refused_at_its_doors_and_at_no_others(catalog) {
        let before = stored(catalog);
        for refused in [Action::Add, Action::Change, Action::Delete] {
            let permissions = Permissions::all().refuse("books", &[refused]);
            let limited = catalog.permitting(&permissions).unwrap();
            assert!(!limited.may(Book::meta(), refused) && limited.may(Book::meta(), Action::View));
            for (door, action, outcome) in through_all(&limited) {
                // Whether a row that is merged is added or changed is not known before.
                let is_merged = door.contains("merge") && refused != Action::Delete;
                let is_expected = action == refused || is_merged;
                assert_eq!(is_refused(&outcome), is_expected, "{refused:?}, {door}: {outcome:?}");
            }
        }
        assert_eq!(stored(catalog), before);
    }

    fn all_doors_are_open_to_who_may_do_everything(catalog) {
        let limited = catalog.permitting(&Permissions::all()).unwrap();
        for (door, _, outcome) in through_all(&limited) {
            assert!(!is_refused(&outcome), "{door}: {outcome:?}");
        }
        assert_eq!(limited.entries().len(), 4);
    }

    fn a_table_that_may_not_be_seen_is_not_there(catalog) {
        let permissions = Permissions::all().refuse("users", &[Action::View]);
        let limited = catalog.permitting(&permissions).unwrap();
        assert_eq!(limited.entries().len(), 3);
        assert!(limited.entry("users").is_err());
        assert!(!limited.may(User::meta(), Action::Add), "who does not see rows adds none");
        let ada = key(&mut *catalog.session().unwrap(), "users");
        let mut session = limited.session().unwrap();
        let users = |outcome| assert_refused(outcome, "users", None, Action::View);
        users(session.repository("users").map(drop));
        users(session.get("users", &ada).map(drop));
        users(session.all("users", &Query::new()).map(drop));
        assert_refused(
            session.add("users", &[("name", "Eve".into())]), "users", None, Action::Add,
        );
        let address = first(&mut *session, "addresses");
        users(session.include(&[address], "user").map(drop));
        users(session.related(address, "user").map(drop));
        let ada = Filter::parse(Address::meta(), "user.name = 'Ada'").unwrap();
        let mut addresses = session.repository("addresses").unwrap();
        users(addresses.count(&ada).map(drop));
        users(addresses.list(&<Query>::new().filter(ada.clone())).map(drop));
        users(addresses.update_where(&ada, &[]).map(drop));
        users(addresses.delete_where(&ada.not()).map(drop));
        assert_eq!(addresses.count(&Filter::All).unwrap(), 1);
    }

    fn what_goes_along_with_a_row_needs_a_permission_of_its_own(catalog) {
        let before = stored(catalog);
        let permissions = Permissions::all().refuse("addresses", &[Action::Delete]);
        let limited = catalog.permitting(&permissions).unwrap();
        let mut session = limited.writing_session().unwrap();
        let users = session.all("users", &Query::new()).unwrap();
        let keys: Vec<RecordKey> =
            users.iter().map(|user| User::meta().key_of(&session.row(*user).unwrap())).collect();
        let addresses =
            |outcome| assert_refused(outcome, "addresses", None, Action::Delete);
        addresses(session.delete(users[0]));
        let mut repository = session.repository("users").unwrap();
        addresses(repository.delete(&keys[0]));
        let row = repository.find(&keys[0]).unwrap().unwrap();
        addresses(repository.delete_from(&row));
        addresses(repository.delete_where(&Filter::key(User::meta(), &keys[1])).map(drop));
        drop(repository);
        session.commit().unwrap();
        assert_eq!(stored(catalog), before);
        // Nothing goes along with the other.
        session.delete(users[1]).unwrap();
        session.commit().unwrap();
        assert_eq!(stored(catalog)[0].len(), 1);
    }

    fn a_fixed_column_is_seen_and_not_changed(catalog) {
        let permissions = Permissions::all().fix("books", "title");
        let limited = catalog.permitting(&permissions).unwrap();
        assert_eq!(limited.access(Book::meta(), 1), ColumnAccess::Fixed);
        let before = stored(catalog);
        for (door, action, outcome) in through_all(&limited) {
            let is_of_title = action == Action::Change && !door.contains("relate")
                && !door.contains("reference");
            let is_expected = is_of_title || door.contains("merge");
            assert_eq!(is_refused(&outcome), is_expected, "{door}: {outcome:?}");
        }
        assert_eq!(stored(catalog), before);
        let mut session = limited.session().unwrap();
        let book = first(&mut *session, "books");
        let title = Some("title");
        assert_refused(session.set(book, "title", "Eden".into()), "books", title, Action::Change);
        session.set(book, "in_print", false.into()).unwrap();
        session.commit().unwrap();
        assert_eq!(session.row(book).unwrap().value(1), &"Solaris".into());
    }

    fn what_is_masked_comes_out_of_no_door(catalog) {
        // Somebody who sees all asks about it, of another table.
        let author = Filter::parse(Address::meta(), "user.name = 'Geheim'").unwrap();
        let mut all = catalog.session().unwrap();
        all.repository("addresses").unwrap().delete_where(&author).unwrap();
        all.commit().unwrap();
        drop(all);
        let limited = catalog.permitting(&masks()).unwrap();
        let mut session = limited.writing_session().unwrap();
        let mut seen: Vec<String> = Vec::new();
        let mut see = |what: &dyn std::fmt::Debug| seen.push(format!("{what:?}"));
        for table in ["authors", "books"] {
            let key = key(&mut *session, table);
            let query = Query::new();
            let slots = session.all(table, &query).unwrap();
            see(&session.row(slots[0]));
            let got = session.get(table, &key).unwrap();
            see(&session.row(got));
            session.refresh(got).unwrap();
            see(&session.row(got));
            let mut repository = session.repository(table).unwrap();
            let row = repository.find(&key).unwrap().unwrap();
            let masked = if table == "books" { 5 } else { 3 };
            assert_eq!(row.value(masked), &Value::Masked);
            see(&row);
            see(&repository.list(&query).unwrap());
            see(&repository.list(&Query::new().preview(3)).unwrap());
            let page = repository.page(&query, &PageStart::First, 10).unwrap();
            see(&page);
            see(&repository.page(&query, &PageStart::Last, 10).unwrap());
            see(&repository.stride(&query, None, 1).unwrap());
            let lengths = repository.lengths(std::slice::from_ref(&key)).unwrap();
            assert_eq!(lengths[0].of(masked), None);
            see(&repository.explain(&query, &PageStart::First, 10).unwrap());
            // A change of another column, and what comes back of it.
            let mine = with_title(&row, "Changed");
            let written = repository.update_from(&row, mine).unwrap();
            assert_eq!(written.value(1), &"Changed".into());
            see(&written);
            // Somebody who has read it before.
            let late = repository.update_from(&row, with_title(&row, "Late"));
            assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
            see(&late);
            see(&repository.delete_from(&row));
            drop(repository);
            session.set(got, "version", Value::Integer(7).into()).unwrap_err();
            let name = if table == "books" { "title" } else { "name" };
            session.refresh(got).unwrap();
            session.set(got, name, "Twice".into()).unwrap();
            see(&session.changes());
            session.flush().unwrap();
            see(&session.row(got));
            let stale = Edit::between(limited.entry(table).unwrap().meta, Some(&row), None);
            see(&session.apply(&[stale.unwrap()]));
            let base = first_row(&mut *session, table);
            let edit = Edit::between(
                limited.entry(table).unwrap().meta, Some(&base), Some(&with_title(&base, "Applied")),
            );
            let applied = session.apply(&[edit.unwrap()]).unwrap();
            see(&applied);
            see(&applied.inverse());
        }
        let book = first(&mut *session, "books");
        session.delete(book).unwrap();
        see(&session.changes());
        session.flush().unwrap();
        session.commit().unwrap();
        if limited.has_history() {
            let history = HistoryFilter::default();
            let page = transactions(&mut *session, &history, None, 100).unwrap();
            assert!(!page.transactions.is_empty());
            for transaction in &page.transactions {
                let recorded = changes(&mut *session, &transaction.id, &history, None, 100);
                see(&recorded.unwrap());
            }
            let mut repository = session.repository("audit_entries").unwrap();
            see(&repository.list(&Query::new()).unwrap());
            for filter in ["old_values ~ 'x'", "new_values is null"] {
                let filter = Filter::parse(repository.meta(), filter);
                let Ok(filter) = filter else { continue };
                assert!(is_refused(&repository.count(&filter)), "{filter}");
            }
        }
        assert!(seen.len() > 30);
        for seen in seen {
            assert!(!seen.contains("Geheim") && !seen.contains(PRICE), "{seen}");
        }
        let [.., authors, books] = &stored(catalog)[..] else { panic!("four tables") };
        assert_eq!(authors[0].value(3), &SECRET.into(), "it is what it was");
        assert!(books.is_empty());
    }

    fn nothing_is_found_out_about_what_is_masked_by_asking(catalog) {
        let limited = catalog.permitting(&masks()).unwrap();
        let mut session = limited.session().unwrap();
        let price = |outcome: Result<()>| {
            assert_refused(outcome, "books", Some("price"), Action::View);
        };
        let filters = [
            "price > 1", "price is null", "not price = 3", "title = 'x' or price < 4",
            "in_print = true and price in (1, 2)",
        ];
        for text in filters {
            let filter = Filter::parse(Book::meta(), text).unwrap();
            let query = <Query>::new().filter(filter.clone());
            price(session.all("books", &query).map(drop));
            let mut books = session.repository("books").unwrap();
            price(books.list(&query).map(drop));
            price(books.page(&query, &PageStart::First, 10).map(drop));
            price(books.stride(&query, None, 10).map(drop));
            price(books.explain(&query, &PageStart::First, 10).map(drop));
            price(books.count(&filter).map(drop));
            price(books.estimate(&filter).map(drop));
            price(books.distinct("title", &filter, 10).map(drop));
            price(books.statistics("title", &filter).map(drop));
            price(books.sum(&["id"], &filter).map(drop));
            price(books.delete_where(&filter).map(drop));
            price(books.update_where(&filter, &[("title".to_owned(), "x".into())]).map(drop));
        }
        let order = <Query>::new().order(Order::parse(Book::meta(), "title, -price").unwrap());
        price(session.all("books", &order).map(drop));
        let mut books = session.repository("books").unwrap();
        price(books.page(&order, &PageStart::First, 10).map(drop));
        price(books.distinct("price", &Filter::All, 10).map(drop));
        price(books.statistics("price", &Filter::All).map(drop));
        price(books.sum(&["id", "price"], &Filter::All).map(drop));
        drop(books);
        let mut authors = session.repository("authors").unwrap();
        let related = Filter::parse(Author::meta(), "books.price > 3").unwrap();
        price(authors.count(&related).map(drop));
        drop(authors);
        let biography = Filter::parse(Book::meta(), "author.biography ~ 'Geheim'").unwrap();
        let counted = session.repository("books").unwrap().count(&biography);
        assert_refused(counted, "authors", Some("biography"), Action::View);
    }

    fn what_is_masked_is_given_to_new_rows_and_changed_in_no_others(catalog) {
        let limited = catalog.permitting(&masks()).unwrap();
        let mut session = limited.session().unwrap();
        let biography = |outcome: Result<()>, action| {
            assert_refused(outcome, "authors", Some("biography"), action);
        };
        let author = [("name", "Abe".into()), ("biography", "short".into())];
        let abe = session.add("authors", &author).unwrap();
        session.set(abe, "biography", "shorter".into()).unwrap();
        session.commit().unwrap();
        biography(session.set(abe, "biography", "long".into()), Action::Change);
        let written = stored(catalog)[2][1].clone();
        assert_eq!(written.value(3), &"shorter".into());
        let row = session.row(abe).unwrap();
        let mut mine = row.clone();
        mine.set(3, "long".into());
        let mut authors = session.repository("authors").unwrap();
        biography(authors.update_from(&row, mine).map(drop), Action::Change);
        let assignment = [("biography".to_owned(), Value::Null)];
        biography(authors.update_where(&Filter::All, &assignment).map(drop), Action::Change);
        // A row that was deleted cannot be brought back: nobody knows what it was.
        biography(authors.insert(row.clone()).map(drop), Action::View);
        biography(authors.insert_with_keys(vec![row.clone()]).map(drop), Action::View);
        drop(authors);
        let masked = [("name", "Dick".into()), ("biography", Value::Masked.into())];
        biography(session.add("authors", &masked).map(drop), Action::View);
        let update = Edit {
            table: "authors".into(),
            kind: EditKind::Update {
                key: Author::meta().key_of(&row),
                version: None,
                columns: vec![ColumnEdit {
                    column: "biography".into(),
                    before: Value::Masked,
                    after: NewValue::Known("long".into()),
                }],
            },
        };
        biography(session.apply(&[update]).map(drop), Action::Change);
        let deletion = Edit::between(Author::meta(), Some(&row), None).unwrap();
        let applied = session.apply(&[deletion]).unwrap();
        biography(session.apply(&applied.inverse()).map(drop), Action::View);
        session.rollback().unwrap();
        assert_eq!(stored(catalog)[2][1], written);
    }

    fn whether_masked_values_were_inserted_is_not_guessed(catalog) {
        let limited = catalog.permitting(&masks()).unwrap();
        let mut session = limited.writing_session().unwrap();
        let columns = [("name", "Abe"), ("biography", "short")];
        let columns = columns.map(|(name, value)| (name.into(), NewValue::Known(value.into())));
        let kind = EditKind::Insert { row: 1, columns: columns.into() };
        let applied = session.apply(&[Edit { table: "authors".into(), kind }]).unwrap();
        session.rollback().unwrap();
        assert_eq!(interrupted(&applied.rows, &mut *session).unwrap(), Outcome::Unknown);
    }

    fn what_one_catalog_may_not_do_the_next_may_not_either(catalog) {
        let one = catalog.permitting(&masks()).unwrap();
        let both = one.permitting(&Permissions::all().refuse("users", &[Action::Delete])).unwrap();
        assert_eq!(both.access(Book::meta(), 5), ColumnAccess::Masked);
        let mut session = both.session().unwrap();
        assert_eq!(first_row(&mut *session, "books").value(5), &Value::Masked);
        let user = first(&mut *session, "users");
        assert_refused(session.delete(user), "users", None, Action::Delete);
    }

    fn permissions_name_what_there_is_and_can_be_masked(catalog) {
        let says = |permissions: Permissions| match catalog.permitting(&permissions) {
            Err(Error::Schema { message }) => message,
            other => panic!("{other:?}"),
        };
        let all = Permissions::all;
        let unknown = "permissions: the catalog has no entity with the table `novels`";
        assert_eq!(says(all().allow("novels", &[Action::View])), unknown);
        assert_eq!(says(all().mask("novels", "title")), unknown);
        assert_eq!(says(all().fix("books", "pages")), "permissions: `books` has no column `pages`");
        for column in ["id", "author_id", "version"] {
            let said = says(all().mask("books", column));
            assert!(said.contains(&format!("books.{column} cannot be masked")), "{said}");
        }
        let none = catalog.permitting(&Permissions::none().allow("books", &[Action::View])).unwrap();
        assert_eq!(none.entries().len(), 1);
        assert!(none.is_read_only());
    }
}

fn masks() -> Permissions {
    Permissions::all().mask("authors", "biography").mask("books", "price")
}

integration_tests::on_every_engine! {
    fn what_was_recorded_of_a_table_that_may_not_be_seen_is_not_there<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let database = database.audit_where_possible().unwrap();
        let all = catalog(&database);
        fill(&all);
        let limited = all.permitting(&Permissions::all().refuse("users", &[Action::View])).unwrap();
        assert!(limited.has_history());
        let tables = |catalog: &Catalog| {
            let mut session = catalog.session().unwrap();
            let page = transactions(&mut *session, &HistoryFilter::default(), None, 10).unwrap();
            let tables = page.transactions.into_iter().flat_map(|it| it.tables);
            let mut tables: Vec<String> = tables.map(|(table, _)| table).collect();
            tables.sort();
            tables
        };
        assert_eq!(tables(&all), ["addresses", "authors", "books", "users"]);
        assert_eq!(tables(&limited), ["addresses", "authors", "books"]);
        let mut session = limited.session().unwrap();
        let count = |session: &mut dyn DynSession| {
            session.repository("audit_entries").unwrap().count(&Filter::All).unwrap()
        };
        assert_eq!((count(&mut *session), count(&mut *all.session().unwrap())), (3, 5));
        // Nobody writes what was recorded by hand.
        let mut entries = session.repository("audit_entries").unwrap();
        let deleted = entries.delete_where(&Filter::All);
        assert_refused(deleted, "audit_entries", None, Action::Delete);
    }
}
