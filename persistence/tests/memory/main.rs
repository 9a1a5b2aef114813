//! `Memory` keeps the contract of a repository on a database.

use chrono::NaiveDateTime;
use persistence::{
    Assignment, Comparison, ConstraintKind, Cursor, Draft, Entity, Error, Filter, Memory,
    PageStart, Query, Record, RecordKey, Ref, Repository, RetryReason, Value,
};

mod plans;

mod schema {
    diesel::table! {
        publishers (id) { id -> BigInt, name -> Text }
    }
    diesel::table! {
        authors (id) {
            id -> BigInt,
            name -> Text,
            publisher_id -> Nullable<BigInt>,
        }
    }
    diesel::table! {
        books (id) {
            id -> BigInt,
            title -> Text,
            author_id -> BigInt,
            isbn -> Nullable<Text>,
            pages -> Nullable<Integer>,
            created_at -> Timestamp,
            version -> BigInt,
        }
    }
    diesel::table! {
        reviews (id) { id -> BigInt, book_id -> BigInt, text -> Text }
    }
    diesel::table! {
        answers (id) { id -> BigInt, review_id -> BigInt, text -> Text }
    }
    diesel::table! {
        votes (id) { id -> BigInt, answer_id -> BigInt, voter -> Text }
    }
    diesel::table! {
        categories (name) { name -> Text, parent -> Nullable<Text> }
    }
    diesel::table! {
        employees (id) { id -> BigInt, name -> Text, boss_id -> Nullable<BigInt> }
    }
    diesel::table! {
        placements (book_id, shelf) { book_id -> BigInt, shelf -> Integer, note -> Nullable<Text> }
    }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::publishers)]
struct Publisher {
    #[entity(key, generated)]
    id: i64,
    #[entity(label, unique)]
    name: String,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::authors)]
struct Author {
    #[entity(key, generated)]
    id: i64,
    #[entity(label)]
    name: String,
    #[entity(references(Publisher, on_delete = set_null))]
    publisher_id: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Entity, garde::Validate)]
#[entity(table = schema::books, validate)]
#[garde(allow_unvalidated)]
struct Book {
    #[entity(key, generated)]
    id: i64,
    #[entity(label)]
    #[garde(length(chars, min = 1))]
    title: String,
    #[entity(references(Author, on_delete = restrict))]
    author_id: i64,
    #[entity(unique)]
    isbn: Option<String>,
    #[garde(inner(range(min = 1)))]
    pages: Option<i32>,
    #[entity(now)]
    created_at: NaiveDateTime,
    #[entity(version)]
    version: i64,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::reviews)]
struct Review {
    #[entity(key, generated)]
    id: i64,
    #[entity(references(Book, on_delete = cascade))]
    book_id: i64,
    #[entity(label)]
    text: String,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::answers)]
struct Answer {
    #[entity(key, generated)]
    id: i64,
    #[entity(references(Review, on_delete = cascade))]
    review_id: i64,
    #[entity(label)]
    text: String,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::votes)]
struct Vote {
    #[entity(key, generated)]
    id: i64,
    #[entity(references(Answer, on_delete = cascade))]
    answer_id: i64,
    #[entity(label)]
    voter: String,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::categories)]
struct Category {
    #[entity(key, label)]
    name: String,
    #[entity(references(Category, on_delete = cascade))]
    parent: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::employees)]
struct Employee {
    #[entity(key, generated)]
    id: i64,
    #[entity(label)]
    name: String,
    #[entity(references(Employee, on_delete = restrict))]
    boss_id: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::placements)]
struct Placement {
    #[entity(key, references(Book, on_delete = cascade))]
    book_id: i64,
    #[entity(key)]
    shelf: i32,
    note: Option<String>,
}

fn memory() -> Memory {
    Memory::new()
        .with::<Review>()
        .with::<Answer>()
        .with::<Vote>()
        .with::<Book>()
        .with::<Author>()
        .with::<Publisher>()
        .with::<Category>()
        .with::<Employee>()
        .with::<Placement>()
}

fn author(memory: &mut Memory, name: &str) -> Author {
    insert(memory, NewAuthor { name: name.into(), publisher: None }).expect("nothing is in the way")
}

fn book_of(author: &Author, title: &str) -> NewBook {
    NewBook { title: title.into(), author: author.into(), isbn: None, pages: None }
}

fn category(name: &str, parent: Option<&str>) -> NewCategory {
    NewCategory { name: name.into(), parent: parent.map(|name| Ref::Id(name.to_owned())) }
}

/// The draft says which entity it is of.
fn insert<D: Draft>(memory: &mut Memory, draft: D) -> persistence::Result<D::Entity> {
    Repository::<D::Entity>::insert(memory, draft)
}

fn insert_many<D: Draft>(
    memory: &mut Memory,
    drafts: Vec<D>,
) -> persistence::Result<Vec<D::Entity>> {
    Repository::<D::Entity>::insert_many(memory, drafts)
}

fn all<E: Entity>(memory: &mut impl Repository<E>) -> Vec<E> {
    memory.list(&Query::new()).expect("nothing is in the way")
}

fn count<E: Entity>(memory: &mut impl Repository<E>) -> u64 {
    memory.count(&Filter::All).expect("nothing is in the way")
}

/// The violation's kind, entity and columns.
fn refused<T: std::fmt::Debug>(
    result: persistence::Result<T>,
) -> (ConstraintKind, &'static str, Vec<String>) {
    match result.expect_err("it should be refused") {
        Error::Constraint(violation) => (violation.kind, violation.entity, violation.columns),
        other => panic!("no violation: {other}"),
    }
}

fn unique(entity: &'static str, column: &str) -> (ConstraintKind, &'static str, Vec<String>) {
    (ConstraintKind::Unique, entity, vec![column.to_owned()])
}

#[test]
fn an_inserted_row_comes_back_with_everything_that_was_filled_in() {
    let mut memory = memory();
    let author = author(&mut memory, "Le Guin");
    let book = insert(&mut memory, book_of(&author, "The Dispossessed")).unwrap();
    assert_eq!((author.id, book.id, book.version), (1, 1, 1));
    assert_eq!(book.created_at.and_utc().timestamp_subsec_nanos() % 1_000, 0);
    assert_eq!(Repository::<Book>::get(&mut memory, 1).unwrap(), book);
    assert_eq!(Repository::<Book>::find(&mut memory, &2).unwrap(), None);
}

#[test]
fn generated_keys_are_never_used_again() {
    let mut memory = memory();
    let first = author(&mut memory, "A");
    Repository::<Author>::delete(&mut memory, &first.id).unwrap();
    memory.commit().unwrap();
    assert_eq!(author(&mut memory, "B").id, first.id + 1);
}

#[test]
fn unique_columns_and_primary_keys_are_taken_once_and_null_never_collides() {
    let mut memory = memory();
    let author = author(&mut memory, "A");
    let with_isbn =
        |isbn: Option<&str>| NewBook { isbn: isbn.map(str::to_owned), ..book_of(&author, "T") };
    insert(&mut memory, with_isbn(Some("1"))).unwrap();
    insert_many(&mut memory, vec![with_isbn(None), with_isbn(None)]).unwrap();
    assert_eq!(refused(insert(&mut memory, with_isbn(Some("1")))), unique("Book", "isbn"));

    let mut other: Book = insert(&mut memory, with_isbn(Some("2"))).unwrap();
    other.isbn = Some("1".into());
    assert_eq!(refused(memory.update(other)), unique("Book", "isbn"));

    insert(&mut memory, category("fiction", None)).unwrap();
    assert_eq!(refused(insert(&mut memory, category("fiction", None))), unique("Category", "name"));
}

#[test]
fn a_freed_value_can_be_taken_again() {
    let mut memory = memory();
    let tor: Publisher = insert(&mut memory, NewPublisher { name: "Tor".into() }).unwrap();
    Repository::<Publisher>::delete(&mut memory, &tor.id).unwrap();
    insert(&mut memory, NewPublisher { name: "Tor".into() }).unwrap();
}

#[test]
fn a_reference_to_a_row_that_is_not_there_is_refused_and_names_the_column() {
    let mut memory = memory();
    let nowhere = Author { id: 9, name: "Nobody".into(), publisher_id: None };
    let dangling = (ConstraintKind::ForeignKey, "Book", vec!["author_id".to_owned()]);
    assert_eq!(refused(insert(&mut memory, book_of(&nowhere, "T"))), dangling);

    let author = author(&mut memory, "A");
    let mut book: Book = insert(&mut memory, book_of(&author, "T")).unwrap();
    book.author_id = 9;
    assert_eq!(refused(memory.update(book)), dangling);
    let to_nowhere = [Book::AUTHOR_ID.set(9)];
    assert_eq!(refused(memory.update_where(&Filter::All, &to_nowhere)), dangling);
    assert_eq!(all::<Book>(&mut memory)[0].author_id, author.id);
}

#[test]
fn rows_of_one_insert_may_refer_to_each_other() {
    let mut memory = memory();
    let rows = vec![category("novel", Some("fiction")), category("fiction", Some("fiction"))];
    assert_eq!(insert_many(&mut memory, rows).unwrap().len(), 2);
}

#[test]
fn rows_that_break_the_entitys_rules_are_invalid_before_anything_is_written() {
    let mut memory = memory();
    let author = author(&mut memory, "A");
    let rows = vec![book_of(&author, "fine"), book_of(&author, "")];
    let Err(Error::Invalid(invalid)) = insert_many(&mut memory, rows) else {
        panic!("not refused")
    };
    assert_eq!(invalid.errors[0].field, "title");
    assert_eq!(count::<Book>(&mut memory), 0);
}

#[test]
fn a_write_of_many_rows_changes_nothing_when_one_is_refused() {
    let mut memory = memory();
    let author = author(&mut memory, "A");
    let isbn = |isbn: &str| NewBook { isbn: Some(isbn.into()), ..book_of(&author, "T") };
    let rows = vec![isbn("1"), isbn("2"), isbn("1")];
    assert_eq!(refused(insert_many(&mut memory, rows)), unique("Book", "isbn"));
    assert_eq!(count::<Book>(&mut memory), 0);

    insert_many(&mut memory, vec![isbn("1"), isbn("2")]).unwrap();
    let before = all::<Book>(&mut memory);
    let same = [Book::ISBN.set(Some("3".to_owned()))];
    assert_eq!(refused(memory.update_where(&Filter::All, &same)), unique("Book", "isbn"));
    let negative = memory.update_where(&Filter::All, &[Book::PAGES.set(Some(-1))]);
    assert_eq!(refused(negative), (ConstraintKind::Check, "Book", vec!["pages".to_owned()]));
    assert_eq!(all::<Book>(&mut memory), before);
}

#[test]
fn assignments_that_do_not_fit_are_invalid_before_anything_is_written() {
    let mut memory = memory();
    let author = author(&mut memory, "A");
    insert(&mut memory, book_of(&author, "T")).unwrap();
    let mut refused = |assignment: Assignment<Book>| match memory
        .update_where(&Filter::All, &[assignment])
        .unwrap_err()
    {
        Error::Invalid(invalid) => invalid.errors[0].field.clone(),
        other => panic!("not invalid: {other}"),
    };
    assert_eq!(refused(Assignment::dynamic("title", Value::Null)), "title");
    assert_eq!(refused(Assignment::dynamic("pages", "many".into())), "pages");
    assert_eq!(refused(Book::VERSION.set(7)), "version");
}

#[test]
fn an_update_writes_what_differs_and_counts_the_version_up() {
    let mut memory = memory();
    let author = author(&mut memory, "A");
    let base: Book = insert(&mut memory, book_of(&author, "T")).unwrap();
    let same = memory.update_from(&base, base.clone()).unwrap();
    assert_eq!(same.version, 1);

    let mine = Book { title: "U".into(), ..base.clone() };
    let stored = memory.update_from(&base, mine).unwrap();
    assert_eq!((stored.title.as_str(), stored.version), ("U", 2));
    assert_eq!(memory.update_where(&Filter::All, &[Book::PAGES.set(Some(7))]).unwrap(), 1);
    let stored = Repository::<Book>::get(&mut memory, base.id).unwrap();
    assert_eq!((stored.pages, stored.version), (Some(7), 3));
}

#[test]
fn a_row_changed_or_deleted_meanwhile_is_a_conflict_with_all_three_versions() {
    let mut memory = memory();
    let author = author(&mut memory, "A");
    let base: Book = insert(&mut memory, book_of(&author, "base")).unwrap();
    let theirs =
        memory.update_from(&base, Book { title: "theirs".into(), ..base.clone() }).unwrap();
    let mine = Book { title: "mine".into(), ..base.clone() };
    let Err(Error::Conflict(conflict)) = memory.update_from(&base, mine.clone()) else {
        panic!("no conflict")
    };
    assert_eq!(conflict.base, Some(base.to_record()));
    assert_eq!(conflict.mine, Some(mine.to_record()));
    assert_eq!(conflict.theirs, Some(theirs.to_record()));

    Repository::<Book>::delete(&mut memory, &base.id).unwrap();
    let Err(Error::Conflict(conflict)) = memory.update_from(&base, mine) else {
        panic!("no conflict")
    };
    assert_eq!((conflict.key, conflict.theirs), (RecordKey::from(base.id), None));
}

#[test]
fn deleting_an_author_with_books_is_refused_and_names_the_books() {
    let mut memory = memory();
    let author = author(&mut memory, "A");
    insert(&mut memory, book_of(&author, "T")).unwrap();
    let Err(Error::Constraint(violation)) = Repository::<Author>::delete(&mut memory, &author.id)
    else {
        panic!("not refused")
    };
    assert_eq!((violation.kind, violation.entity), (ConstraintKind::ForeignKey, "Author"));
    assert_eq!(violation.referenced_by, ["books"]);
    assert_eq!(count::<Author>(&mut memory), 1);

    let missing = Repository::<Author>::delete(&mut memory, &99).unwrap_err();
    assert_eq!(missing.to_string(), "no Author with id = 99");
}

#[test]
fn deletes_cascade_and_empty_references() {
    let mut memory = memory();
    let tor: Publisher = insert(&mut memory, NewPublisher { name: "Tor".into() }).unwrap();
    let author: Author =
        insert(&mut memory, NewAuthor { name: "A".into(), publisher: Some((&tor).into()) })
            .unwrap();
    let book: Book = insert(&mut memory, book_of(&author, "T")).unwrap();
    insert(&mut memory, NewReview { book: (&book).into(), text: "good".into() }).unwrap();
    insert(&mut memory, NewPlacement { book: (&book).into(), shelf: 3, note: None }).unwrap();

    Repository::<Publisher>::delete(&mut memory, &tor.id).unwrap();
    assert_eq!(all::<Author>(&mut memory)[0].publisher_id, None);
    assert_eq!(Repository::<Book>::delete_where(&mut memory, &Filter::All).unwrap(), 1);
    assert_eq!((count::<Review>(&mut memory), count::<Placement>(&mut memory)), (0, 0));
}

#[test]
fn rows_that_refer_to_their_own_entity_are_deleted_with_it() {
    let mut memory = memory();
    let rows = vec![
        category("fiction", None),
        category("novel", Some("fiction")),
        category("short novel", Some("novel")),
        category("poetry", None),
    ];
    insert_many(&mut memory, rows).unwrap();
    Repository::<Category>::delete(&mut memory, &"fiction".to_owned()).unwrap();
    assert_eq!(all::<Category>(&mut memory)[0].name, "poetry");

    let boss: Employee = insert(&mut memory, NewEmployee { name: "B".into(), boss: None }).unwrap();
    insert(&mut memory, NewEmployee { name: "C".into(), boss: Some((&boss).into()) }).unwrap();
    assert!(Repository::<Employee>::delete(&mut memory, &boss.id).is_err());
    assert_eq!(Repository::<Employee>::delete_where(&mut memory, &Filter::All).unwrap(), 2);
}

#[test]
fn a_key_that_others_refer_to_cannot_change() {
    let mut memory = memory();
    insert_many(&mut memory, vec![category("a", None), category("b", Some("a"))]).unwrap();
    let base = Repository::<Category>::get(&mut memory, "a".to_owned()).unwrap();
    let renamed = Category { name: "z".into(), parent: None };
    let Err(Error::Constraint(violation)) = memory.update_from(&base, renamed) else {
        panic!("not refused")
    };
    assert_eq!(violation.referenced_by, ["categories"]);
    let base = Repository::<Category>::get(&mut memory, "b".to_owned()).unwrap();
    memory.update_from(&base, Category { name: "c".into(), parent: Some("a".into()) }).unwrap();
    let names: Vec<_> = all::<Category>(&mut memory).into_iter().map(|row| row.name).collect();
    assert_eq!(names, ["a", "c"]);
}

#[test]
fn queries_filter_sort_skip_and_page_as_a_database_does() {
    let mut memory = memory();
    let author = author(&mut memory, "A");
    let book = |title: &str, pages| NewBook { pages, ..book_of(&author, title) };
    let rows = [("c", Some(3)), ("a", None), ("b", Some(3)), ("D", Some(1))];
    insert_many(&mut memory, rows.map(|(title, pages)| book(title, pages)).into()).unwrap();
    let titles = |books: &[Book]| -> String { books.iter().map(|b| b.title.as_str()).collect() };

    let by_pages = Query::<Book>::new().order(Book::PAGES.asc()).order(Book::TITLE.asc());
    assert_eq!(titles(&memory.list(&by_pages).unwrap()), "aDbc");
    assert_eq!(titles(&memory.list(&by_pages.clone().offset(1).limit(2)).unwrap()), "Db");
    let by_pages = Query::<Book>::new().order(Book::PAGES.desc());
    assert_eq!(titles(&memory.list(&by_pages).unwrap()), "bcDa");
    let found = Query::parse("title ~ 'd' or pages > 2 and not title = 'b'", "title").unwrap();
    assert_eq!(titles(&memory.list(&found).unwrap()), "Dc");

    let first = memory.page(&by_pages, &PageStart::First, 3).unwrap();
    assert_eq!(titles(&first.rows), "bcD");
    let second = memory.page(&by_pages, &first.next.unwrap(), 3).unwrap();
    assert_eq!((titles(&second.rows).as_str(), second.next), ("a", None));
    assert_eq!(memory.page(&by_pages, &second.previous.unwrap(), 3).unwrap().rows, first.rows);
}

#[test]
fn a_query_that_does_not_fit_is_refused_and_no_panic() {
    let mut memory = memory();
    let start = PageStart::After(Cursor(vec![Value::Null; 5]));
    for error in [
        Repository::<Book>::count(&mut memory, &Filter::equals("nothing", 1.into())).unwrap_err(),
        Repository::<Book>::page(&mut memory, &Query::new(), &start, 5).unwrap_err(),
        Repository::<Book>::page(&mut memory, &Query::new(), &PageStart::First, 0).unwrap_err(),
    ] {
        assert!(matches!(error, Error::Filter(_)), "{error}");
    }
    let error = Repository::<Book>::count(&mut Memory::new(), &Filter::All).unwrap_err();
    assert!(matches!(error, Error::Schema { .. }), "{error}");
}

#[test]
fn what_was_not_committed_is_seen_by_nobody_else_and_can_be_taken_back() {
    let mut mine = memory();
    let mut theirs = mine.session();
    author(&mut mine, "A");
    assert_eq!((count::<Author>(&mut mine), count::<Author>(&mut theirs)), (1, 0));
    mine.commit().unwrap();
    assert_eq!(count::<Author>(&mut theirs), 1);

    author(&mut mine, "B");
    mine.rollback().unwrap();
    assert_eq!(count::<Author>(&mut mine), 1);
    mine.commit().unwrap();
    assert_eq!(count::<Author>(&mut theirs), 1);
}

#[test]
fn a_commit_never_undoes_what_another_session_has_committed() {
    let mut mine = memory();
    let mut theirs = mine.session();
    author(&mut mine, "mine");
    author(&mut theirs, "theirs");
    theirs.commit().unwrap();
    let Err(Error::Retryable { reason, .. }) = mine.commit() else { panic!("overwritten") };
    assert_eq!(reason, RetryReason::Serialization);
    assert_eq!(all::<Author>(&mut mine)[0].name, "theirs");
    author(&mut mine, "mine");
    mine.commit().unwrap();
    assert_eq!(count::<Author>(&mut theirs), 2);
}

#[test]
fn a_refused_write_leaves_what_was_written_before_it() {
    let mut memory = memory();
    insert(&mut memory, NewPublisher { name: "Tor".into() }).unwrap();
    assert!(insert(&mut memory, NewPublisher { name: "Tor".into() }).is_err());
    insert(&mut memory, NewPublisher { name: "Ace".into() }).unwrap();
    memory.commit().unwrap();
    assert_eq!(count::<Publisher>(&mut memory.session()), 2);
}

#[test]
fn a_read_only_memory_refuses_writes() {
    let mut memory = memory().read_only();
    let error = insert(&mut memory, NewPublisher { name: "Tor".into() }).unwrap_err();
    assert!(matches!(error, Error::ReadOnly { .. }), "{error}");
    assert!(memory.catalog().is_read_only());
}

#[test]
fn a_catalog_works_on_the_same_rows() {
    let mut memory = memory();
    let author = author(&mut memory, "A");
    memory.commit().unwrap();
    let catalog = memory.catalog();
    let mut session = catalog.session().unwrap();
    let row = Record(vec![
        Value::Null,
        "T".into(),
        author.id.into(),
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Null,
    ]);
    let stored = session.repository("books").unwrap().insert(row).unwrap();
    assert_eq!((stored.value(0), stored.value(6)), (&1.into(), &1.into()));
    assert_eq!(count::<Book>(&mut memory), 0);
    session.commit().unwrap();
    assert_eq!(count::<Book>(&mut memory), 1);
    assert!(session.repository("shelves").is_err());
}

#[test]
fn a_hundred_thousand_rows_are_inserted_in_seconds() {
    let mut memory = memory();
    let author = author(&mut memory, "A");
    let rows = (0..100_000)
        .map(|number| NewBook { isbn: Some(number.to_string()), ..book_of(&author, "T") })
        .collect();
    let begun = std::time::Instant::now();
    insert_many(&mut memory, rows).unwrap();
    memory.commit().unwrap();
    assert_eq!(count::<Book>(&mut memory), 100_000);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn what_is_compared_with_nothing_is_neither_so_nor_not() {
    let author = Author { id: 1, name: "A".into(), publisher_id: None };
    let row = author.to_record();
    for operator in [Comparison::Equal, Comparison::NotEqual, Comparison::Less] {
        let compare = |column: &'static str, value| Filter::Compare {
            column: column.into(),
            operator,
            value,
        };
        assert_eq!(compare("name", Value::Null).evaluate(Author::meta(), &row), None);
        assert_eq!(compare("publisher_id", Value::Null).evaluate(Author::meta(), &row), None);
        assert_eq!(compare("publisher_id", 1.into()).evaluate(Author::meta(), &row), None);
    }
}
