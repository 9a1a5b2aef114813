//! One declaration gives metadata, typed columns, drafts and records.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(clippy::float_cmp, reason = "rows are compared as they are stored")]

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use persistence::entity::Fill;
use persistence::{
    ColumnType, Decimal, Entity, Json, OnDelete, Record, RelationKind, Scalar, Uuid, Value,
};

mod schema {
    diesel::table! {
        shelves (id) {
            id -> BigInt,
            name -> Text,
        }
    }
    diesel::table! {
        items (id) {
            id -> BigInt,
            code -> Text,
            shelf_id -> Nullable<BigInt>,
            parent -> Nullable<BigInt>,
            binding -> Text,
            price -> Nullable<BigInt>,
            width -> Float,
            pages -> SmallInt,
            is_new -> Bool,
            made_on -> Date,
            opens_at -> Time,
            created_at -> Timestamp,
            cover -> Nullable<Binary>,
            token -> Binary,
            extra -> Text,
            version -> Integer,
        }
    }
    diesel::table! {
        placements (shelf_id, position) {
            shelf_id -> BigInt,
            position -> Integer,
            other_id -> BigInt,
            #[sql_name = "Remark"]
            remark -> Nullable<Text>,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Scalar)]
struct ItemId(i64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scalar)]
enum Binding {
    HardCover,
    #[scalar(rename = "paper")]
    Paperback,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::shelves, icon = "shelves", has_many(items: Item.shelf_id, order = (price desc, code)))]
#[entity(has_one(newest: Item.shelf_id))]
#[entity(many_to_many(neighbours: Shelf, through = Placement(shelf_id, other_id), order = name))]
struct Shelf {
    #[entity(key, generated)]
    id: i64,
    name: String,
}

#[derive(Clone, Debug, PartialEq, Entity, garde::Validate)]
#[entity(table = schema::items, validate, unique(code, binding))]
#[garde(allow_unvalidated)]
struct Item {
    #[entity(key, generated)]
    id: ItemId,
    #[entity(label, search, unique)]
    #[garde(length(chars, min = 1, max = 8))]
    code: String,
    #[entity(references(Shelf, on_delete = set_null))]
    shelf_id: Option<i64>,
    #[entity(references(Item, on_delete = cascade))]
    parent: Option<ItemId>,
    binding: Binding,
    price: Option<Decimal<2>>,
    width: f32,
    #[garde(range(min = 1))]
    pages: i16,
    is_new: bool,
    made_on: NaiveDate,
    opens_at: NaiveTime,
    #[entity(now)]
    created_at: NaiveDateTime,
    cover: Option<Vec<u8>>,
    token: Uuid,
    extra: Json,
    #[entity(version)]
    version: i32,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::placements)]
struct Placement {
    #[entity(key, references(Shelf, on_delete = cascade))]
    shelf_id: i64,
    #[entity(key)]
    position: i32,
    #[entity(references(Shelf, on_delete = cascade, as = other))]
    other_id: i64,
    remark: Option<String>,
}

fn item() -> Item {
    Item {
        id: ItemId(7),
        code: "A-1".into(),
        shelf_id: Some(1),
        parent: None,
        binding: Binding::Paperback,
        price: Some(Decimal::from_units(1299)),
        width: 1.5,
        pages: 10,
        is_new: true,
        made_on: NaiveDate::from_ymd_opt(2024, 2, 29).unwrap(),
        opens_at: NaiveTime::from_hms_opt(9, 30, 0).unwrap(),
        created_at: NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap(),
        cover: Some(vec![0, 255]),
        token: Uuid::random(),
        extra: Json(serde_json::json!({"a": [1, 2]})),
        version: 1,
    }
}

#[test]
fn the_metadata_says_what_the_struct_and_the_schema_say() {
    let meta = Item::meta();
    assert_eq!(
        (meta.name, meta.table, meta.key, meta.version),
        ("Item", "items", &[0][..], Some(15))
    );
    assert_eq!(meta.unique, [&[1][..], &[1, 4][..]]);
    assert_eq!(meta.column("price").unwrap().column_type, ColumnType::Decimal { scale: 2 });
    assert!(meta.column("price").unwrap().is_nullable);
    assert_eq!(meta.column("created_at").unwrap().fill, Fill::Now);
    let shelf = meta.column("shelf_id").unwrap().references.as_ref().unwrap();
    assert_eq!((shelf.entity.meta().name, shelf.on_delete), ("Shelf", OnDelete::SetNull));
    assert_eq!(Placement::meta().columns[3].name, "Remark");
}

#[test]
fn the_metadata_says_how_entities_relate() {
    let shown = |meta: &persistence::EntityMeta| -> Vec<String> {
        let relations = meta.relations.iter().map(|relation| {
            let target = relation.target.meta();
            let way = match relation.kind {
                RelationKind::BelongsTo { column } => format!("by {}", meta.columns[column].name),
                RelationKind::HasOne { column } => {
                    format!("one by {}", target.columns[column].name)
                }
                RelationKind::HasMany { column } => {
                    format!("many by {}", target.columns[column].name)
                }
                RelationKind::ManyToMany { through, from, to } => format!(
                    "through {}({}, {})",
                    through.meta().name,
                    through.meta().columns[from].name,
                    through.meta().columns[to].name
                ),
            };
            format!("{}: {} {way} in {}", relation.name, target.name, relation.order())
        });
        relations.collect()
    };
    assert_eq!(
        shown(Shelf::meta()),
        [
            "items: Item many by shelf_id in -price,code",
            "newest: Item one by shelf_id in ",
            "neighbours: Shelf through Placement(shelf_id, other_id) in name",
        ]
    );
    // `parent` is a column and a relation.
    assert_eq!(shown(Item::meta()), ["shelf: Shelf by shelf_id in ", "parent: Item by parent in "]);
    let filter = Shelf::ITEMS.any(Item::SHELF.has(Shelf::NAME.eq("a"))).to_string();
    assert_eq!(filter, r#"items.shelf.name = "a""#);
    assert_eq!(Shelf::NEIGHBOURS.count().ge(2).to_string(), "count(neighbours) >= 2");
    assert_eq!(Shelf::NEWEST.is_missing().to_string(), "no newest");
}

#[test]
fn a_record_of_any_type_becomes_the_same_row_again() {
    let item = item();
    assert_eq!(Item::from_record(item.to_record()).unwrap(), item);
    assert_eq!(item.value(4), Value::Text("paper".into()));
}

#[test]
fn every_wrong_field_of_a_record_is_named() {
    let mut record = item().to_record();
    record.set(1, Value::Null);
    record.set(7, Value::Integer(40_000));
    record.set(4, Value::Text("leather".into()));
    let error = Item::from_record(record).unwrap_err();
    let fields: Vec<_> = error.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["code", "binding", "pages"]);
}

#[test]
fn a_short_record_is_an_error_and_no_panic() {
    assert!(Shelf::from_record(Record(vec![])).is_err());
}

#[test]
fn rules_name_the_columns_they_are_about() {
    let mut item = item();
    item.code = String::new();
    item.pages = 0;
    let error = item.validate().unwrap_err();
    let fields: Vec<_> = error.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["code", "pages"]);
}

#[test]
fn only_what_differs_is_changed() {
    let mut changed = item();
    changed.token = item().token;
    let base = changed.clone();
    changed.price = None;
    changed.is_new = false;
    assert_eq!(changed.changed_columns(&base).iter().collect::<Vec<_>>(), [5, 8]);
}

#[test]
fn a_row_becomes_a_copy_of_another_in_every_column() {
    let other = item();
    let mut row = other.clone();
    for column in 0..Item::meta().columns.len() {
        // Another value, of the column's own type.
        let (mine, value) = (row.value(column), item().value(column));
        let changed = match value {
            Value::Integer(number) => Value::Integer(number + 1),
            Value::Text(text) => Value::Text(text + "!"),
            Value::Bool(is_so) => Value::Bool(!is_so),
            _ => mine,
        };
        row.set_value(column, changed).ok();
    }
    assert_ne!(row, other);
    row.copy_from(&other);
    assert_eq!(row, other);
}

#[test]
fn a_composite_key_is_a_tuple() {
    let placement = Placement { shelf_id: 2, position: 5, other_id: 2, remark: None };
    assert_eq!(placement.key(), (2, 5));
}
