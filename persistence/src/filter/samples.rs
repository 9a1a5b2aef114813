//! An entity of every column type and arbitrary rows, filters and values of it, for tests.

use chrono::{DateTime, NaiveDate, NaiveTime};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{Comparison, Filter, TextMatch};
use crate::column_type::ColumnType;
use crate::entity::{ColumnMeta, EntityMeta, EntityRef, Storage};
use crate::relation::{RelationKind, RelationMeta};
use crate::types::ScaledDecimal;
use crate::value::{Record, Value};

pub(crate) static BOOK: EntityMeta = EntityMeta::new(
    "Book",
    "books",
    &[
        column("id", ColumnType::Integer { bits: 64 }, Storage::BigInt, false),
        column("title", ColumnType::Text, Storage::Text, false),
        column("age", ColumnType::Integer { bits: 32 }, Storage::Integer, true),
        column("price", ColumnType::Decimal { scale: 2 }, Storage::BigInt, true),
        column("rating", ColumnType::Float, Storage::Double, true),
        column("in_print", ColumnType::Bool, Storage::Bool, true),
        column("genre", ColumnType::Enum { variants: &["novel", "essay"] }, Storage::Text, true),
        column("published_on", ColumnType::Date, Storage::Date, true),
        column("opens_at", ColumnType::Time, Storage::Time, true),
        column("created_at", ColumnType::Timestamp, Storage::Timestamp, true),
        column("cover", ColumnType::Bytes, Storage::Binary, true),
        column("code", ColumnType::Uuid, Storage::Uuid, true),
        column("notes", ColumnType::Json, Storage::Json, true),
        column("between", ColumnType::Text, Storage::Text, true),
        column("odd `name`", ColumnType::Text, Storage::Text, true),
    ],
    &[0],
)
.labelled(1)
.with_relations(&[
    relation("author", &AUTHOR, RelationKind::BelongsTo { column: 2 }),
    relation("sequel", &BOOK, RelationKind::HasOne { column: 2 }),
    relation("prints", &BOOK, RelationKind::HasMany { column: 2 }),
    relation(
        "genres",
        &AUTHOR,
        RelationKind::ManyToMany { through: EntityRef::new(&BOOK), from: 0, to: 2 },
    ),
    // A column has this name, too, and it is a keyword.
    relation("between", &BOOK, RelationKind::HasMany { column: 2 }),
    relation("count", &AUTHOR, RelationKind::HasMany { column: 0 }),
    relation("any", &BOOK, RelationKind::BelongsTo { column: 2 }),
]);

pub(crate) static AUTHOR: EntityMeta = EntityMeta::new(
    "Author",
    "authors",
    &[
        column("id", ColumnType::Integer { bits: 64 }, Storage::BigInt, false),
        column("name", ColumnType::Text, Storage::Text, false),
        column("born_on", ColumnType::Date, Storage::Date, true),
    ],
    &[0],
)
.labelled(1)
.with_relations(&[relation("books", &BOOK, RelationKind::HasMany { column: 2 })]);

const fn relation(
    name: &'static str,
    target: &'static EntityMeta,
    kind: RelationKind,
) -> RelationMeta {
    RelationMeta::new(name, EntityRef::new(target), kind)
}

const fn column(
    name: &'static str,
    column_type: ColumnType,
    storage: Storage,
    is_nullable: bool,
) -> ColumnMeta {
    ColumnMeta::new(name, column_type, storage).nullable(is_nullable)
}

/// Makes values from small pools, so that rows and filters often meet, and anything at all beside them.
pub(crate) fn value(column_type: ColumnType) -> BoxedStrategy<Value> {
    match column_type {
        ColumnType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        ColumnType::Integer { bits: 64 } => {
            prop_oneof![3 => 0..4_i64, 1 => any::<i64>()].prop_map(Value::Integer).boxed()
        }
        ColumnType::Integer { .. } => {
            prop_oneof![3 => -1..3_i64, 1 => any::<i32>().prop_map(i64::from)]
                .prop_map(Value::Integer)
                .boxed()
        }
        ColumnType::Float => prop_oneof![
            Just(-0.0),
            Just(0.0),
            Just(1.5),
            any::<f64>().prop_filter("columns hold finite numbers", |float| float.is_finite())
        ]
        .prop_map(Value::Float)
        .boxed(),
        ColumnType::Decimal { scale } => prop_oneof![3 => 99..102_i64, 1 => any::<i64>()]
            .prop_map(move |units| Value::Decimal(ScaledDecimal { units, scale }))
            .boxed(),
        ColumnType::Text | ColumnType::Json => {
            prop_oneof![3 => "[aAbмМ]{0,2}", 1 => any::<String>()].prop_map(Value::Text).boxed()
        }
        ColumnType::Enum { variants } => {
            proptest::sample::select(variants).prop_map(Value::from).boxed()
        }
        ColumnType::Date => prop_oneof![3 => 719_000..719_003_i32, 1 => -100_000_000..90_000_000]
            .prop_filter_map("calendars end", NaiveDate::from_num_days_from_ce_opt)
            .prop_map(Value::Date)
            .boxed(),
        ColumnType::Time => (0..86_400_u32, prop_oneof![Just(0), 0..1_000_000_u32])
            .prop_filter_map("days end", |(seconds, micros)| {
                NaiveTime::from_num_seconds_from_midnight_opt(seconds, micros * 1_000)
            })
            .prop_map(Value::Time)
            .boxed(),
        ColumnType::Timestamp => prop_oneof![
            (0..3_i64).prop_map(|second| second * 1_000_000),
            -100_000_000_000_000_000..400_000_000_000_000_000_i64
        ]
        .prop_filter_map("calendars end", DateTime::from_timestamp_micros)
        .prop_map(|time| Value::Timestamp(time.naive_utc()))
        .boxed(),
        ColumnType::Bytes => vec(any::<u8>(), 0..3).prop_map(Value::Bytes).boxed(),
        ColumnType::Uuid => prop_oneof![0..2_u128, any::<u128>()]
            .prop_map(|bits| Value::Uuid(uuid::Uuid::from_u128(bits)))
            .boxed(),
    }
}

pub(crate) fn cell(column: &'static ColumnMeta) -> BoxedStrategy<Value> {
    let value = match column.column_type {
        ColumnType::Json => Just(Value::Json(serde_json::json!({"a": 1}))).boxed(),
        column_type => value(column_type),
    };
    if column.is_nullable { prop_oneof![1 => Just(Value::Null), 3 => value].boxed() } else { value }
}

pub(crate) fn row() -> impl Strategy<Value = Record> {
    BOOK.columns.iter().map(cell).collect::<Vec<_>>().prop_map(Record)
}

fn any_column(meta: &'static EntityMeta) -> impl Strategy<Value = &'static ColumnMeta> {
    (0..meta.columns.len()).prop_map(|position| &meta.columns[position])
}

fn comparable_column(meta: &'static EntityMeta) -> impl Strategy<Value = &'static ColumnMeta> {
    any_column(meta)
        .prop_filter("JSON has no order", |column| column.column_type != ColumnType::Json)
}

/// Makes a filter of books, through at most two relations.
pub(crate) fn filter() -> impl Strategy<Value = Filter> {
    filter_of(&BOOK, 2)
}

fn filter_of(meta: &'static EntityMeta, relations: usize) -> BoxedStrategy<Filter> {
    let own = condition(meta);
    let leaf = if relations == 0 || meta.relations.is_empty() {
        own.boxed()
    } else {
        prop_oneof![3 => own, 1 => related(meta, relations - 1)].boxed()
    };
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Filter::And),
            vec(inner.clone(), 0..4).prop_map(Filter::Or),
            inner.prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
    .boxed()
}

fn related(meta: &'static EntityMeta, relations: usize) -> impl Strategy<Value = Filter> {
    (0..meta.relations.len()).prop_flat_map(move |position| {
        let relation = &meta.relations[position];
        let name = relation.name;
        let filter = filter_of(relation.target.meta(), relations);
        let number = prop_oneof![3 => 0..3_u64, 1 => any::<u64>()];
        let count = (proptest::sample::select(&Comparison::ALL[..]), number);
        (filter, proptest::option::of(count)).prop_map(move |(filter, count)| match count {
            None => Filter::related(name, filter),
            Some((operator, count)) => {
                let filter = Box::new(filter);
                Filter::RelatedCount { relation: name.into(), filter, operator, count }
            }
        })
    })
}

fn condition(meta: &'static EntityMeta) -> impl Strategy<Value = Filter> {
    let compare = comparable_column(meta).prop_flat_map(|column| {
        (proptest::sample::select(&Comparison::ALL[..]), value(column.column_type))
            .prop_map(|(operator, value)| Filter::compare(column.name, operator, value))
    });
    let between = comparable_column(meta).prop_flat_map(|column| {
        (value(column.column_type), value(column.column_type)).prop_map(|(low, high)| {
            Filter::And(vec![
                Filter::compare(column.name, Comparison::GreaterOrEqual, low),
                Filter::compare(column.name, Comparison::LessOrEqual, high),
            ])
        })
    });
    let is_in = comparable_column(meta).prop_flat_map(|column| {
        vec(value(column.column_type), 0..3)
            .prop_map(|values| Filter::In { column: column.name.into(), values })
    });
    let text = any_column(meta)
        .prop_filter("only text has parts", |column| column.column_type.is_text())
        .prop_flat_map(|column| {
            (
                proptest::sample::select(&TextMatch::ALL[..]),
                prop_oneof![3 => "[aAmM%_]{0,2}", 1 => any::<String>()],
            )
                .prop_map(|(operator, pattern)| Filter::Text {
                    column: column.name.into(),
                    operator,
                    pattern,
                })
        });
    let is_null = any_column(meta).prop_map(|column| Filter::IsNull { column: column.name.into() });
    let dates: Vec<_> = meta
        .columns
        .iter()
        .filter(|column| matches!(column.column_type, ColumnType::Date | ColumnType::Timestamp))
        .collect();
    let in_last_days = (proptest::sample::select(dates), any::<u32>())
        .prop_map(|(column, days)| Filter::InLastDays { column: column.name.into(), days });
    prop_oneof![
        1 => Just(Filter::All),
        6 => compare,
        1 => between,
        2 => is_in,
        3 => text,
        2 => is_null,
        1 => in_last_days,
    ]
}
