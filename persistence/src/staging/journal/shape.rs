//! What a table was like when rows of it were written to a journal: rows have values by position, and
//! the positions may be others by the time that they are read.

use serde::{Deserialize, Serialize};

use crate::catalog::CatalogEntry;
use crate::entity::EntityMeta;

/// A table with its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    /// The table, as its entity has it.
    pub table: String,
    /// Its columns, in their order.
    pub columns: Vec<ColumnShape>,
    /// The names of the primary key's columns, in the key's order.
    pub key: Vec<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnShape {
    /// Its name.
    pub name: String,
    /// Its type, as programs write it: the words for people may change.
    #[serde(rename = "type")]
    pub column_type: String,
}

impl Shape {
    pub fn of(meta: &EntityMeta) -> Self {
        let columns = meta.columns.iter().map(|column| ColumnShape {
            name: column.name.to_owned(),
            column_type: format!("{:?}", column.column_type),
        });
        let key = meta.key_columns().map(|column| column.name.to_owned());
        Self { table: meta.table.to_owned(), columns: columns.collect(), key: key.collect() }
    }

    /// Returns the columns of the primary key.
    pub fn key_columns(&self) -> impl Iterator<Item = &ColumnShape> {
        let column = |name: &String| self.columns.iter().find(|column| column.name == *name);
        self.key.iter().filter_map(column)
    }
}

/// Returns a checksum of all tables, in whichever order they are.
pub(super) fn fingerprint(entries: &[CatalogEntry]) -> String {
    let mut shapes: Vec<Shape> = entries.iter().map(|entry| Shape::of(entry.meta)).collect();
    shapes.sort_by(|one, other| one.table.cmp(&other.table));
    let mut checksum = crc32fast::Hasher::new();
    for shape in shapes {
        checksum.update(format!("{shape:?}").as_bytes());
    }
    format!("{:08x}", checksum.finalize())
}
