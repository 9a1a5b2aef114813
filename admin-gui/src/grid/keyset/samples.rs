//! Entities for the tests of the grid.

use persistence::edit::Written;
use persistence::entity::{ColumnMeta, Storage};
use persistence::{ColumnType, Cursor, EntityMeta, Record, Value};

use crate::tasks::Rows;

/// Makes a column of numbers.
pub const fn column(name: &'static str) -> ColumnMeta {
    ColumnMeta::new(name, ColumnType::Integer { bits: 64 }, Storage::BigInt)
}

/// Things with a size.
pub static THINGS: EntityMeta =
    EntityMeta::new("Thing", "things", &[column("id"), column("size")], &[0]);

/// Words, which are their own keys.
pub static WORDS: EntityMeta = EntityMeta::new(
    "Word",
    "words",
    &[ColumnMeta::new("word", ColumnType::Text, Storage::Text)],
    &[0],
);

/// Pairs, known by both of their numbers.
pub static PAIRS: EntityMeta =
    EntityMeta::new("Pair", "pairs", &[column("id"), column("size")], &[0, 1]);

/// Returns the thing with that key.
pub fn thing(key: i64) -> Record {
    Record(vec![Value::Integer(key), Value::Integer(-key)])
}

/// Returns what was written to a row.
pub const fn written(
    entity: &'static EntityMeta,
    before: Option<Record>,
    after: Option<Record>,
) -> Written {
    Written { entity, before, after }
}

/// Returns the things with these keys, as they are read.
pub fn things(keys: std::ops::Range<i64>, has_next: bool) -> Rows {
    Rows { rows: keys.map(|key| thing(key).into()).collect(), has_next, ..Rows::default() }
}

/// Returns the place of the thing with that key.
pub fn cursor(key: i64) -> Cursor {
    Cursor(vec![Value::Integer(key)])
}

/// Returns the key of the thing at a place.
pub fn number(place: &Cursor) -> i64 {
    place.0.last().and_then(Value::as_integer).expect("a place of a thing")
}
