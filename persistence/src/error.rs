//! One error enum; each variant carries what a program can act on.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::column_type::ValueError;
use crate::drift::{Hindered, TableDrift};
use crate::filter::FilterError;
use crate::permissions::NotPermitted;
use crate::value::{Record, RecordKey};

/// The result of everything that talks to a database.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong.
///
/// ```
/// use persistence::{Error, RetryReason};
///
/// /// What a web service answers.
/// fn status(error: &Error) -> u16 {
///     match error {
///         Error::NotFound { .. } => 404,
///         Error::Conflict(_) | Error::Constraint(_) => 409,
///         Error::Invalid(_) | Error::Filter(_) => 422,
///         Error::Unavailable { .. } | Error::Retryable { .. } | Error::Timeout { .. } => 503,
///         _ => 500,
///     }
/// }
///
/// let busy = Error::Retryable { reason: RetryReason::Busy, message: "locked".into() };
/// assert_eq!(status(&busy), 503);
/// assert_eq!(busy.to_string(), "the database is busy: locked");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No row has that key, or none matches where one was asked for.
    #[error("no {entity} with {wanted}")]
    NotFound {
        /// The entity's name.
        entity: &'static str,
        /// The key or filter that found nothing.
        wanted: String,
    },
    /// More than one row matches where one was asked for.
    #[error("more than one {entity} with {wanted}")]
    MultipleFound {
        /// The entity's name.
        entity: &'static str,
        /// The filter that found too much.
        wanted: String,
    },
    /// A row breaks its entity's own rules; nothing was sent to the database.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The database refused a row: unique, foreign key, not null, check.
    #[error(transparent)]
    Constraint(Box<ConstraintViolation>),
    /// The row was changed or deleted by somebody else since it was read.
    #[error(transparent)]
    Conflict(Box<Conflict>),
    /// A filter or order that does not fit the entity.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// The whole transaction may succeed when tried again.
    #[error("{reason}: {message}")]
    Retryable {
        /// What happened.
        reason: RetryReason,
        /// The engine's words.
        message: String,
    },
    /// The database cannot be reached: refused, lost, or no free connection in time.
    #[error("cannot reach {target}: {message}")]
    Unavailable {
        /// What was tried, without the password.
        target: String,
        /// The reason.
        message: String,
    },
    /// The connection was lost while `COMMIT` ran: the transaction is either wholly written or not
    /// at all, and only the database knows. Never replayed automatically: read what was to be
    /// written, then decide.
    #[error(
        "{target}: the connection was lost while committing, whether the transaction is written is unknown: {message}"
    )]
    CommitUnknown {
        /// Which database, without the password.
        target: String,
        /// The engine's words.
        message: String,
    },
    /// A write through a read-only connection.
    #[error("{target} is read-only")]
    ReadOnly {
        /// What was to be written.
        target: String,
    },
    /// Something that whoever asks may not see or do; see [`Permissions`](crate::Permissions).
    #[error(transparent)]
    NotPermitted(Box<NotPermitted>),
    /// The database lacks a table or column that the entity has, or is no database.
    #[error("the database does not fit: {message}")]
    Schema {
        /// What is missing or different.
        message: String,
    },
    /// A table that is not as its entity says, so that its rows are not written, or cannot be read; see
    /// [`Catalog::recheck`](crate::Catalog::recheck).
    #[error("{}", drifted(.0))]
    Drifted(Box<TableDrift>),
    /// A stored value that is not of its column's type. Rows as [`Record`]s have it as
    /// [`Value::Raw`](crate::Value::Raw).
    #[error(transparent)]
    Unreadable(Box<UnreadableCell>),
    /// The database's file is damaged: parts of it are missing or contradict each other.
    #[error("the database is damaged: {message}")]
    Corrupt {
        /// The engine's words.
        message: String,
    },
    /// A value the database cannot take, or one that cannot be read.
    #[error("unusable value: {message}")]
    Data {
        /// The reason.
        message: String,
    },
    /// Related rows that no query has included.
    #[error("{entity}: `{relation}` was not included by the query; add `.include(…)`")]
    NotIncluded {
        /// The entity's name.
        entity: &'static str,
        /// The relation's name.
        relation: &'static str,
    },
    /// A statement took longer than statements may; see
    /// [`statement_timeout`](crate::database::DatabaseBuilder::statement_timeout).
    #[error("the statement took too long: {message}")]
    Timeout {
        /// The engine's words.
        message: String,
    },
    /// Stopped on request.
    #[error("cancelled")]
    Cancelled,
    /// Everything else the database says.
    #[error("{message}")]
    Database {
        /// The engine's words.
        message: String,
        /// Diesel's error.
        source: diesel::result::Error,
    },
}

fn drifted(drift: &TableDrift) -> String {
    let why = if drift.hinders() == Hindered::Reading { "cannot be read" } else { "is read-only" };
    format!(
        "{} {why}, because the table is not as this program expects: {drift}; running the migrations \
         that are pending, or a program that fits the database, helps",
        drift.table
    )
}

/// Why a transaction is worth trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RetryReason {
    /// Concurrent transactions could not be put in an order.
    #[error("serialisation failure")]
    Serialization,
    /// Two transactions waited for each other.
    #[error("deadlock")]
    Deadlock,
    /// A statement was prepared for a table that is another by now; it has been forgotten.
    #[error("a table was changed meanwhile")]
    SchemaChanged,
    /// Another connection held a lock for too long.
    #[error("the database is busy")]
    Busy,
}

/// A stored value that is not of its column's type: the row was not read, so that no other value is
/// taken for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{table}.{column} holds `{stored}` in the row with the key {key}: expected {expected}")]
#[non_exhaustive]
pub struct UnreadableCell {
    /// The table's name.
    pub table: &'static str,
    /// The column's name in the database.
    pub column: &'static str,
    /// The row's primary key, as it is stored.
    pub key: RecordKey,
    /// What is stored, cut to a readable length.
    pub stored: String,
    /// What the column was declared to hold, in words.
    pub expected: String,
}

/// A row that breaks its entity's own rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct Invalid {
    /// The entity's name.
    pub entity: &'static str,
    /// One error a broken rule.
    pub errors: Vec<FieldError>,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this {} is not valid", self.entity)?;
        for (position, error) in self.errors.iter().enumerate() {
            write!(f, "{} {error}", if position == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{field}: {message}")]
pub struct FieldError {
    /// The column's name.
    pub field: String,
    /// What was expected.
    pub message: String,
}

impl FieldError {
    /// Makes an error of a field, in words.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }

    /// Makes the error for a missing value in a column without NULL.
    #[must_use]
    pub fn required(field: &str) -> Self {
        Self::new(field, "is required")
    }

    /// Makes the error for a value that is of another type or out of range.
    #[must_use]
    pub fn of_value(field: &str, error: &ValueError) -> Self {
        Self::new(field, error.to_string())
    }
}

/// The rules a database checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum ConstraintKind {
    /// Another row has the same values.
    Unique,
    /// A row that is referred to does not exist, or one that refers to this one does.
    ForeignKey,
    /// A missing value.
    NotNull,
    /// A `CHECK` that does not hold.
    Check,
}

/// A row the database refused.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct ConstraintViolation {
    /// Which rule.
    pub kind: ConstraintKind,
    /// The entity whose row it is.
    pub entity: &'static str,
    /// The table of the rule, where it is known.
    pub table: Option<String>,
    /// The columns the rule is about, where they are known.
    pub columns: Vec<String>,
    /// The rule's name in the database, where it has one.
    pub constraint: Option<String>,
    /// For a row that others refer to: the tables with such rows.
    pub referenced_by: Vec<String>,
    /// The engine's words.
    pub message: String,
}

impl ConstraintViolation {
    /// Returns the fields to show the error at: the columns of this entity that the rule is about.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        self.columns.iter().map(String::as_str).collect()
    }
}

impl fmt::Display for ConstraintViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.columns.join(", ");
        match self.kind {
            ConstraintKind::Unique => {
                write!(f, "another {} has the same {columns}", self.entity)
            }
            ConstraintKind::ForeignKey if !self.referenced_by.is_empty() => write!(
                f,
                "this {} is still referred to by rows of {}",
                self.entity,
                self.referenced_by.join(", ")
            ),
            ConstraintKind::ForeignKey if !columns.is_empty() => {
                write!(f, "{}: {columns} refers to a row that does not exist", self.entity)
            }
            // Which it is the engine has not said, and it could not be found out.
            ConstraintKind::ForeignKey => write!(
                f,
                "{}: it refers to a row that does not exist, or another row refers to it: {}",
                self.entity, self.message
            ),
            ConstraintKind::NotNull => write!(f, "{}: {columns} is required", self.entity),
            ConstraintKind::Check => {
                write!(f, "{}: {columns} breaks the rule ", self.entity)?;
                f.write_str(self.constraint.as_deref().unwrap_or(&self.message))
            }
        }
    }
}

impl std::error::Error for ConstraintViolation {}

impl From<ConstraintViolation> for Error {
    fn from(violation: ConstraintViolation) -> Self {
        Self::Constraint(Box::new(violation))
    }
}

/// A row that was changed or deleted by somebody else since it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The entity's name.
    pub entity: &'static str,
    /// The row's primary key.
    pub key: RecordKey,
    /// The row as it was read, where that is known.
    pub base: Option<Record>,
    /// The row as it was to be written; `None` where it was to be deleted.
    pub mine: Option<Record>,
    /// The row as it is now; `None` where it is gone.
    pub theirs: Option<Record>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let happened = if self.theirs.is_some() { "changed" } else { "deleted" };
        write!(f, "{} {} was {happened} by somebody else meanwhile", self.entity, self.key)
    }
}

impl std::error::Error for Conflict {}

impl From<NotPermitted> for Error {
    fn from(refused: NotPermitted) -> Self {
        Self::NotPermitted(Box::new(refused))
    }
}

impl From<Conflict> for Error {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(Box::new(conflict))
    }
}
