//! What a column's conditions look like: decided by its type and by whether it refers to rows.

use persistence::{ColumnMeta, ColumnType};

/// What a column's conditions look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Whole, floating-point and decimal numbers.
    Number,
    /// A calendar date.
    Date,
    /// A point in time.
    Timestamp,
    /// A time of day.
    Time,
    /// Yes or no.
    Bool,
    /// One of a few names.
    Enum,
    /// The key of another row.
    Reference,
    /// What is only the same or not: a UUID, bytes.
    Opaque,
    /// What cannot be compared at all.
    Document,
}

impl Kind {
    /// Returns the kind of a column.
    #[must_use]
    pub const fn of(column: &ColumnMeta) -> Self {
        if column.references.is_some() {
            return Self::Reference;
        }
        match column.column_type {
            ColumnType::Text => Self::Text,
            ColumnType::Integer { .. } | ColumnType::Float | ColumnType::Decimal { .. } => {
                Self::Number
            }
            ColumnType::Date => Self::Date,
            ColumnType::Timestamp => Self::Timestamp,
            ColumnType::Time => Self::Time,
            ColumnType::Bool => Self::Bool,
            ColumnType::Enum { .. } => Self::Enum,
            ColumnType::Json => Self::Document,
            _ => Self::Opaque,
        }
    }

    /// Returns whether its values are chosen from a list and not typed.
    #[must_use]
    pub const fn is_chosen(self) -> bool {
        matches!(self, Self::Enum | Self::Reference)
    }
}
