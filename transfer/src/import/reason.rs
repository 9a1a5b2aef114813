//! Why a line of a file became no row.

use std::fmt;

use persistence::error::Invalid;
use persistence::{EntityMeta, Error, RecordKey, Value, ValueError};

use super::rows::key_column;
use crate::csv_records::Fault;

/// Why a line of a file became no row. It prints itself in English.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// It cannot be read.
    #[error(transparent)]
    Line(#[from] Fault),
    /// Fields that are no values of their columns, by these columns' names.
    #[error("{}", joined(.0.iter().map(|(column, error)| format!("{column}: {error}"))))]
    Values(Vec<(&'static str, ValueError)>),
    /// A foreign key that no row has.
    #[error("{column}: there is no {} with {} {key}", target.name, key_column(target))]
    NoSuchKey {
        /// The foreign key's column.
        column: &'static str,
        /// The entity that it refers to.
        target: &'static EntityMeta,
        /// The key.
        key: Value,
    },
    /// A label that no row has.
    #[error("{name}: there is no {} called `{}`", target.name, beginning(label))]
    NoSuchLabel {
        /// What the file's column is called.
        name: String,
        /// The entity that it refers to.
        target: &'static EntityMeta,
        /// The label.
        label: String,
    },
    /// A foreign key beside the label of another row.
    #[error("{column}: {} {key} is not called `{}`", target.name, beginning(label))]
    OtherLabel {
        /// The foreign key's column.
        column: &'static str,
        /// The entity that it refers to.
        target: &'static EntityMeta,
        /// The key.
        key: Value,
        /// The label.
        label: String,
    },
    /// A label that several rows have.
    #[error(
        "{name}: several {} are called `{}`; say which by {column}: {}",
        target.table, beginning(label), joined_by(keys, ", ")
    )]
    SeveralLabels {
        /// What the file's column is called.
        name: String,
        /// The foreign key's column.
        column: &'static str,
        /// The entity that it refers to.
        target: &'static EntityMeta,
        /// The label.
        label: String,
        /// The keys of the rows.
        keys: Vec<Value>,
    },
    /// Values that break the entity's own rules.
    #[error("{}", joined(.0.errors.iter().map(ToString::to_string)))]
    Invalid(Invalid),
    /// Unique values that another row has.
    #[error("{}: is taken by {by}", columns.join(", "))]
    Taken {
        /// The columns that are unique together.
        columns: Vec<&'static str>,
        /// Who has them.
        by: Owner,
    },
    /// There is no row with the values by which rows are found.
    #[error("there is no {} with {}", entity.name, pairs(columns, values))]
    NotFound {
        /// The entity.
        entity: &'static EntityMeta,
        /// The columns by which rows are found.
        columns: Vec<&'static str>,
        /// What they are in the file.
        values: Vec<Value>,
    },
    /// Nothing stands where the value is by which rows are found.
    #[error("{}: rows are found by it, and nothing stands there", columns.join(", "))]
    NothingToFind {
        /// The columns by which rows are found.
        columns: Vec<&'static str>,
    },
    /// An earlier line is about the same row.
    #[error("line {line} is about the same row ({})", columns.join(", "))]
    Again {
        /// That line.
        line: u64,
        /// The columns by which rows are found.
        columns: Vec<&'static str>,
    },
    /// The database refuses it.
    #[error(transparent)]
    Database(Error),
    /// What a program says of it.
    #[error("{0}")]
    Words(String),
}

/// Who has a unique value already.
#[derive(Clone, Debug)]
pub enum Owner {
    /// A row that is stored.
    Row {
        /// Its entity.
        entity: &'static EntityMeta,
        /// Its primary key.
        key: RecordKey,
    },
    /// An earlier line of the file.
    Line(u64),
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row { entity, key } => {
                write!(f, "the {} with {} {key}", entity.name, key_column(entity))
            }
            Self::Line(line) => write!(f, "line {line}"),
        }
    }
}

/// Returns as much of a label as says which it is.
fn beginning(label: &str) -> String {
    label.chars().take(80).collect()
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("; ")
}

fn joined_by(values: &[Value], mark: &str) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(mark)
}

fn pairs(columns: &[&str], values: &[Value]) -> String {
    let pairs = columns.iter().zip(values);
    pairs.map(|(column, value)| format!("{column} {value}")).collect::<Vec<_>>().join(", ")
}
