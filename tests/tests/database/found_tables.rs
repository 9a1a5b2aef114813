//! Tables found at run time: their metadata is made then, and does what that of the derive does.

use std::sync::OnceLock;

use diesel::sqlite::SqliteConnection;
use integration_tests::sqlite;
use persistence::advice::missing_index;
use persistence::backend::EngineKind;
use persistence::entity::{EntityRef, MAX_COLUMNS, Reference, Storage};
use persistence::filter::RelatedRows;
use persistence::{
    CatalogEntry, ColumnMeta, ColumnType, Database, Direction, EntityMeta, Filter, OnDelete, Query,
    Record, RelationKind, RelationMeta, Value,
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
