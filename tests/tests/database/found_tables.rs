//! Tables found at run time: their metadata is made then, and does what that of the derive does.

use std::sync::OnceLock;

use chrono::NaiveDateTime;
use diesel::sqlite::SqliteConnection;
use integration_tests::{
    PgConnection, TestDatabase, counted_key, on_every_engine, postgres, sqlite,
};
use persistence::advice::missing_index;
use persistence::audit::{self, AuditEntry};
use persistence::backend::EngineKind;
use persistence::entity::{EntityRef, Fill, MAX_COLUMNS, Reference, Storage};
use persistence::filter::RelatedRows;
use persistence::{
    CatalogEntry, ColumnMeta, ColumnType, Database, Direction, DynRepository as _, Entity,
    EntityMeta, Error, Filter, OnDelete, PageStart, Query, Record, RecordKey, RelationKind,
    RelationMeta, Repository as _, Store, Value,
};

const BOOKS: &str = "the \"good\" books";
const AUTHORS: &str = "authors` table";
const WRITTEN_BY: &str = "written by";
const FULL_NAME: &str = "full `name`";

fn column(name: String, column_type: ColumnType, storage: Storage) -> ColumnMeta {
    ColumnMeta::new(name.leak(), column_type, storage)
}

fn number(name: &str) -> ColumnMeta {
    column(name.to_owned(), ColumnType::Integer { bits: 64 }, Storage::BigInt)
}

fn text(name: &str) -> ColumnMeta {
    let column = column(name.to_owned(), ColumnType::Text, Storage::Text);
    column.searched(true)
}

fn refers(entity: EntityRef, on_delete: OnDelete) -> Reference {
    Reference::new(entity).on_delete(on_delete)
}

fn relation(name: &str, target: EntityRef, kind: RelationKind) -> RelationMeta {
    RelationMeta::new(name.to_owned().leak(), target, kind)
        .ordered(vec![(1, Direction::Ascending)].leak())
}

fn table(name: &str, columns: Vec<ColumnMeta>, relations: Vec<RelationMeta>) -> EntityMeta {
    let name = name.to_owned().leak();
    EntityMeta::new(name, name, columns.leak(), vec![0].leak())
        .labelled(1)
        .with_relations(relations.leak())
}

/// Books that have authors, and authors that have a favourite book.
fn circle() -> [&'static EntityMeta; 2] {
    let [books, authors]: [&'static OnceLock<EntityMeta>; 2] =
        std::array::from_fn(|_| &*Box::leak(Box::default()));
    let [book, author] = [books, authors].map(EntityRef::late);
    let author_of_book = number(WRITTEN_BY).referring(refers(author, OnDelete::Restrict));
    let favourite = number("favourite").nullable(true).referring(refers(book, OnDelete::SetNull));
    let books = books.get_or_init(|| {
        let columns = vec![number("id"), text("title"), author_of_book];
        let written_by = relation("author", author, RelationKind::BelongsTo { column: 2 });
        let admirers = relation("admirers", author, RelationKind::HasMany { column: 2 });
        table(BOOKS, columns, vec![written_by, admirers])
    });
    let authors = authors.get_or_init(|| {
        let columns = vec![number("id"), text(FULL_NAME), favourite];
        let written = relation("all \"books\"", book, RelationKind::HasMany { column: 2 });
        let favourite = relation("favourite", book, RelationKind::BelongsTo { column: 2 });
        table(AUTHORS, columns, vec![written, favourite])
    });
    [books, authors]
}

fn solaris() -> Record {
    Record(vec![1.into(), "Solaris".into(), 7.into()])
}

fn lem() -> Record {
    Record(vec![7.into(), "Lem".into(), 1.into()])
}

/// One book and its author, whose favourite it is.
struct Shelf {
    solaris: Record,
    lem: Record,
}

impl RelatedRows for Shelf {
    fn related<'r>(&'r self, relation: &RelationMeta, _: &Value) -> Option<Vec<&'r Record>> {
        Some(vec![if relation.target.meta().table == BOOKS { &self.solaris } else { &self.lem }])
    }
}

#[test]
fn tables_that_refer_to_each_other_lead_to_each_other() {
    let [books, authors] = circle();
    let author = books.column(WRITTEN_BY).and_then(|column| column.references.as_ref()).unwrap();
    assert!(std::ptr::eq(author.entity.meta(), authors));
    let written = authors.relation("all \"books\"").unwrap();
    assert!(std::ptr::eq(written.target.meta(), books));
    assert_eq!(written.order().to_string(), "title");
    assert_eq!(format!("{:?}", written.target), format!("EntityRef(Some({BOOKS:?}))"));
    assert!(format!("{books:?}").contains("written by"));
}

#[test]
fn rows_have_keys_labels_and_rules() {
    let [books, _] = circle();
    assert_eq!(books.label_of(&solaris()), "Solaris");
    assert_eq!(books.key_of(&solaris()).to_string(), "1");
    let entry = CatalogEntry::new(books);
    assert_eq!(entry.validate(&solaris()), Ok(()));
    let nobodys = Record(vec![1.into(), 2.into(), Value::Null]);
    let refused = entry.validate(&nobodys).unwrap_err();
    let fields: Vec<_> = refused.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["title", WRITTEN_BY]);
}

#[test]
fn filters_lead_round_the_circle_and_are_printed_and_parsed() {
    let [books, _] = circle();
    let favourite = Filter::equals("id", 1.into()).and(Filter::equals(WRITTEN_BY, 7.into()));
    let filter = Filter::related("author", Filter::related("favourite", favourite))
        .and(Filter::related("author", Filter::equals(FULL_NAME, "Lem".into())))
        .and(Filter::related("author", Filter::related("all \"books\"", Filter::All)));
    let printed = filter.to_string();
    let parsed = Filter::parse(books, &printed).unwrap();
    assert_eq!(parsed, filter.resolve(books).unwrap(), "{printed}");
    let shelf = Shelf { solaris: solaris(), lem: lem() };
    assert!(parsed.matches_among(&shelf, books, &shelf.solaris));
    assert!(Filter::quick_search(books, "sol").matches(books, &solaris()));
    let unknown = Filter::parse(books, "author.fullname = 'Lem'").unwrap_err();
    assert!(unknown.to_string().contains(FULL_NAME), "{unknown}");
}

#[test]
fn an_index_is_suggested_in_the_engines_own_quotes() {
    let [books, _] = circle();
    let query = Query::parse_for(books, "`written by` = 7", "").unwrap();
    let sql = missing_index(books, &query, &[]).unwrap().sql(EngineKind::Sqlite);
    assert!(sql.ends_with(r#"ON "the ""good"" books" ("written by", "id")"#), "{sql}");
}

#[test]
fn the_tables_are_compared_with_a_database_that_has_them() {
    let place = sqlite();
    place.execute(
        r#"CREATE TABLE "the ""good"" books" (
               id BIGINT NOT NULL PRIMARY KEY, title TEXT NOT NULL DEFAULT 'none',
               "written by" BIGINT NOT NULL REFERENCES "authors` table" (id));
           CREATE INDEX written ON "the ""good"" books" ("written by");
           CREATE TABLE "authors` table" (
               id BIGINT NOT NULL PRIMARY KEY, "full `name`" TEXT NOT NULL,
               favourite BIGINT REFERENCES "the ""good"" books" (id) ON DELETE SET NULL);
           CREATE INDEX favourite ON "authors` table" (favourite);"#,
    );
    let database = Database::<SqliteConnection>::open(place.url()).unwrap();
    let [books, authors] = circle();
    assert_eq!(database.check_entities([books, authors]).unwrap(), []);
    assert_eq!(database.defaults(books).unwrap(), [(1, "none".into())]);
    place.execute(r#"ALTER TABLE "authors` table" RENAME "full `name`" TO name"#);
    let drifts = database.check_entities([books, authors]).unwrap();
    assert_eq!(
        drifts.first().unwrap().to_string(),
        "authors` table.full `name`: the column is missing"
    );
}

#[test]
fn a_table_may_have_many_columns() {
    let columns = (0..MAX_COLUMNS).map(|place| number(&format!("column {place}"))).collect();
    let wide: &'static EntityMeta = Box::leak(Box::new(table("wide", columns, Vec::new())));
    let row = Record((0_i64..).take(MAX_COLUMNS).map(Value::from).collect());
    let filter = Filter::parse(wide, "`column 255` = 255 and `column 64` > 63").unwrap();
    assert!(filter.matches(wide, &row));
    assert_eq!(CatalogEntry::new(wide).validate(&row), Ok(()));
}

diesel::table! {
    notes (id) {
        id -> BigInt,
        text -> Text,
        version -> Integer,
        written_at -> Timestamp,
        parent_id -> Nullable<BigInt>,
    }
}

/// The same table as the program knows it otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = notes, has_many(answers: Note.parent_id))]
struct Note {
    #[entity(key, generated)]
    id: i64,
    text: String,
    #[entity(version)]
    version: i32,
    #[entity(updated)]
    written_at: NaiveDateTime,
    #[entity(references(Note, on_delete = cascade))]
    parent_id: Option<i64>,
}

/// The table's metadata, found at run time.
fn found_notes() -> &'static EntityMeta {
    let place: &'static OnceLock<EntityMeta> = Box::leak(Box::default());
    let columns = vec![
        number("id").filled(Fill::Generated),
        text("text"),
        column("version".into(), ColumnType::Integer { bits: 32 }, Storage::Integer)
            .filled(Fill::Version),
        column("written_at".into(), ColumnType::Timestamp, Storage::Timestamp)
            .filled(Fill::Updated),
        number("parent_id")
            .nullable(true)
            .referring(refers(EntityRef::late(place), OnDelete::Cascade)),
    ];
    place.get_or_init(|| table("notes", columns, Vec::new()))
}

fn note(text: &str, parent: Option<i64>) -> Record {
    let parent = parent.map_or(Value::Null, Value::Integer);
    Record(vec![Value::Null, text.into(), Value::Null, Value::Null, parent])
}

fn notes<C: Store<Note>>(place: &TestDatabase) -> Database<C> {
    place.execute(&format!(
        "CREATE TABLE notes (id {}, text VARCHAR(20) NOT NULL, version INTEGER NOT NULL, \
         written_at TIMESTAMP NOT NULL, parent_id BIGINT, \
         FOREIGN KEY (parent_id) REFERENCES notes (id) ON DELETE CASCADE)",
        counted_key::<C>()
    ));
    Database::open(place.url()).unwrap()
}

on_every_engine! {
    fn rows_of_no_type_are_inserted_changed_and_deleted<Engine>(place) {
        let database = notes::<Engine>(&place);
        let meta = found_notes();
        let mut session = database.session().unwrap();
        let first = session.table(meta).insert(note("first", None)).unwrap();
        assert_eq!((first.value(0), first.value(2)), (&1.into(), &1.into()));
        assert!(matches!(first.value(3), Value::Timestamp(_)));
        let many = vec![note("second", Some(1)), note("third", Some(1)), note("fourth", Some(2))];
        let many = session.table(meta).insert_many(many).unwrap();
        let ids: Vec<_> = many.iter().map(|row| row.value(0).as_integer()).collect();
        assert_eq!(ids, [Some(2), Some(3), Some(4)]);

        let stored = session.table(meta).find(&RecordKey(vec![2.into()])).unwrap().unwrap();
        let mut mine = stored.clone();
        mine.set(1, "zweite".into());
        let updated = session.table(meta).update_from(&stored, mine).unwrap();
        assert_eq!((updated.value(1), updated.value(2)), (&"zweite".into(), &2.into()));
        let mut late = stored.clone();
        late.set(1, "deuxième".into());
        let conflict = session.table(meta).update_from(&stored, late).unwrap_err();
        let Error::Conflict(conflict) = conflict else { panic!("{conflict}") };
        assert_eq!(conflict.theirs.as_ref(), Some(&updated));
        let gone = session.table(meta).delete_from(&stored).unwrap_err();
        assert!(matches!(gone, Error::Conflict(_)), "{gone}");

        let given = Record(vec![70.into(), "given".into(), 5.into(), Value::Null, Value::Null]);
        let given = session.table(meta).insert_with_keys(vec![given]).unwrap();
        assert_eq!((given[0].value(0), given[0].value(2)), (&70.into(), &5.into()));
        assert_eq!(session.table(meta).insert(note("next", None)).unwrap().value(0), &71.into());

        let cells = [("text".to_owned(), Value::from("same"))];
        let later = Filter::parse(meta, "id >= 70").unwrap();
        assert_eq!(session.table(meta).update_where(&later, &cells).unwrap(), 2);
        session.table(meta).delete_from(&updated).unwrap();
        session.commit().unwrap();
        let left: Vec<Note> = database.session().unwrap().list(&Query::new()).unwrap();
        let left: Vec<_> = left.iter().map(|note| (note.id, note.text.as_str(), note.version)).collect();
        assert_eq!(left, [(1, "first", 1), (3, "third", 1), (70, "same", 6), (71, "same", 2)]);
        session.table(meta).delete_where(&Filter::All).unwrap();
        assert_eq!(session.table(meta).count(&Filter::All).unwrap(), 0);
    }

    fn what_no_column_takes_is_refused_before_anything_is_sent<Engine>(place) {
        let database = notes::<Engine>(&place);
        let meta = found_notes();
        let mut session = database.session().unwrap();
        let refused = session.table(meta).insert(Record(vec![
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Null,
            "Lem".into(),
        ]));
        let Err(Error::Invalid(invalid)) = refused else { panic!("{refused:?}") };
        let fields: Vec<_> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["text", "parent_id"]);
        let stored = session.table(meta).insert(note("one", None)).unwrap();
        let mut mine = stored.clone();
        mine.set(1, Value::Null);
        mine.set(2, 9.into());
        let refused = session.table(meta).update_from(&stored, mine).unwrap_err();
        let Error::Invalid(invalid) = refused else { panic!("{refused}") };
        let fields: Vec<_> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["text", "version"]);
        let taken = session.table(meta).insert_with_keys(vec![stored.clone()]).unwrap_err();
        let Error::Constraint(violation) = taken else { panic!("{taken}") };
        assert_eq!(violation.columns, ["id"]);
        let nobodys = session.table(meta).insert(note("orphan", Some(99))).unwrap_err();
        let Error::Constraint(violation) = nobodys else { panic!("{nobodys}") };
        assert_eq!(violation.columns, ["parent_id"]);
        assert_eq!(session.table(meta).count(&Filter::All).unwrap(), 1);
    }

    fn a_key_has_as_many_parts_as_its_table_says<Engine>(place) {
        place.execute(
            "CREATE TABLE places (shelf BIGINT NOT NULL, slot BIGINT NOT NULL, thing VARCHAR(9) NOT NULL, \
             PRIMARY KEY (shelf, slot))",
        );
        let columns = vec![number("shelf"), number("slot"), text("thing")];
        let columns: &'static [ColumnMeta] = columns.leak();
        let places = &*Box::leak(Box::new(EntityMeta::new("places", "places", columns, &[0, 1])));
        let heap = &*Box::leak(Box::new(EntityMeta::new("places", "places", columns, &[])));
        let database = Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        let row = |slot: i64| Record(vec![1.into(), slot.into(), "box".into()]);
        session.table(places).insert_with_keys(vec![row(1)]).unwrap();
        let key = |parts: &[i64]| RecordKey(parts.iter().map(|part| (*part).into()).collect());
        for (meta, wrong) in [(places, &[][..]), (places, &[1]), (places, &[1, 1, 1]), (heap, &[])] {
            let found = session.table(meta).find(&key(wrong));
            assert!(matches!(found, Err(Error::Invalid(_))), "{wrong:?}: {found:?}");
            let deleted = session.table(meta).delete(&key(wrong));
            assert!(matches!(deleted, Err(Error::Invalid(_))), "{wrong:?}: {deleted:?}");
        }
        assert_eq!(session.table(heap).list(&Query::new()).unwrap(), [row(1)]);
        let pages = session.table(heap).page(&Query::new(), &PageStart::First, 1);
        assert!(matches!(pages, Err(Error::Schema { .. })), "{pages:?}");
        let mut wide = row(2);
        wide.0.push("more".into());
        let inserted = session.table(places).insert(wide.clone());
        assert!(matches!(inserted, Err(Error::Invalid(_))), "{inserted:?}");
        let updated = session.table(places).update_from(&row(1), wide);
        assert!(matches!(updated, Err(Error::Invalid(_))), "{updated:?}");
        assert_eq!(session.table(places).find(&key(&[1, 1])).unwrap(), Some(row(1)));
        let stored = row(1);
        session.table(places).delete(&key(&[1, 1])).unwrap();
        let gone = session.table(places).delete_from(&stored).unwrap_err();
        assert!(matches!(gone, Error::NotFound { .. }), "{gone}");
        let gone = session.table(places).delete(&key(&[1, 1])).unwrap_err();
        assert!(matches!(gone, Error::NotFound { .. }), "{gone}");
        let mut mine = stored.clone();
        mine.set(2, "bag".into());
        let gone = session.table(places).update_from(&stored, mine).unwrap_err();
        let Error::Conflict(conflict) = gone else { panic!("{gone}") };
        assert_eq!(conflict.theirs, None);
    }

    fn what_the_session_knows_of_a_table_follows<Engine>(place) {
        let database = notes::<Engine>(&place);
        let meta = found_notes();
        let mut session = database.session().unwrap();
        let parent = session.add(NewNote { text: "parent".into(), parent: None });
        let child = session.add(NewNote { text: "child".into(), parent: Some(parent.into()) });
        // What is pending is written first.
        assert_eq!(session.table(meta).count(&Filter::All).unwrap(), 2);
        let by_text = Filter::equals("text", "child".into());
        let cells = [("text".to_owned(), Value::from("changed"))];
        session.table(meta).update_where(&by_text, &cells).unwrap();
        session.refresh(child).unwrap();
        assert_eq!((session[child].text.as_str(), session[child].version), ("changed", 2));
        let stored = session.table(meta).find(&RecordKey(vec![1.into()])).unwrap().unwrap();
        session.table(meta).delete_from(&stored).unwrap();
        // Another row with the same key is not what the handle means.
        let again = Record(vec![1.into(), "again".into(), Value::Null, Value::Null, Value::Null]);
        session.table(meta).insert_with_keys(vec![again]).unwrap();
        assert!(matches!(session.refresh(parent), Err(Error::NotFound { .. })));
        assert!(matches!(session.refresh(child), Err(Error::NotFound { .. })));
        session.rollback().unwrap();
    }
}

#[test]
fn what_the_database_stores_otherwise_is_the_row_that_was_given() {
    let place = postgres();
    let database = notes::<PgConnection>(&place);
    place.execute("ALTER TABLE notes ALTER COLUMN text TYPE char(20)");
    let meta = found_notes();
    let mut session = database.session().unwrap();
    let first = session.table(meta).insert(note("first", None)).unwrap();
    let mut mine = first.clone();
    mine.set(1, "erste".into());
    let mine = session.table(meta).update_from(&first, mine).unwrap();
    assert_eq!(mine.value(1), &format!("{:20}", "erste").into());
    let second = session.table(meta).insert(note("second", None)).unwrap();
    session.table(meta).delete_from(&second).unwrap();
    assert_eq!(session.table(meta).count(&Filter::All).unwrap(), 1);
}

#[test]
fn what_is_no_number_is_not_stored_as_nothing() {
    let place = sqlite();
    place.execute("CREATE TABLE ratios (id INTEGER PRIMARY KEY, ratio DOUBLE)");
    let columns = vec![
        number("id"),
        column("ratio".into(), ColumnType::Float, Storage::Double).nullable(true),
    ];
    let meta = &*Box::leak(Box::new(EntityMeta::new("ratios", "ratios", columns.leak(), &[0])));
    let database = Database::<SqliteConnection>::open(place.url()).unwrap();
    let mut session = database.session().unwrap();
    let row = |ratio: f64| Record(vec![1.into(), Value::Float(ratio)]);
    let refused = session.table(meta).insert(row(f64::NAN)).unwrap_err();
    assert!(refused.to_string().contains("NaN"), "{refused}");
    session.table(meta).insert(row(0.5)).unwrap();
    session.table(meta).update_from(&row(0.5), row(f64::NAN)).unwrap_err();
    let cells = [("ratio".to_owned(), Value::Float(f64::NAN))];
    session.table(meta).update_where(&Filter::All, &cells).unwrap_err();
    let short = Record(vec![1.into()]);
    session.table(meta).update_from(&row(0.5), short).unwrap_err();
    assert_eq!(session.table(meta).list(&Query::new()).unwrap(), [row(0.5)]);
}

#[test]
fn a_version_that_cannot_be_counted_up_is_told() {
    let place = sqlite();
    let database = notes::<SqliteConnection>(&place);
    let mut session = database.session().unwrap();
    let note = Note {
        id: 1,
        text: "old".into(),
        version: i32::MAX,
        written_at: NaiveDateTime::default(),
        parent_id: None,
    };
    session.insert_with_keys(vec![note]).unwrap();
    let note = session.query::<Note>().one().unwrap();
    session[note].text = "new".into();
    let refused = session.flush().unwrap_err();
    assert!(refused.to_string().contains("versions"), "{refused}");
}

#[test]
fn what_is_written_to_a_table_is_recorded() {
    let place = sqlite();
    place.execute(&audit::create_table::<SqliteConnection>());
    drop(notes::<SqliteConnection>(&place));
    let database = Database::<SqliteConnection>::builder(place.url()).audit().open().unwrap();
    let meta = found_notes();
    let mut session = database.session().unwrap();
    let first = session.table(meta).insert(note("first", None)).unwrap();
    let mut mine = first.clone();
    mine.set(1, "erste".into());
    let second = session.table(meta).update_from(&first, mine).unwrap();
    session.table(meta).delete_from(&second).unwrap();
    session.commit().unwrap();
    let entries: Vec<AuditEntry> = session.list(&Query::new()).unwrap();
    let edits: Vec<_> =
        entries.iter().map(|entry| entry.edit().unwrap().sql(meta).to_string()).collect();
    assert_eq!(edits.len(), 3, "{edits:?}");
    assert!(edits[1].starts_with("UPDATE notes SET text = 'erste'"), "{edits:?}");
}
