//! What SQLite's errors mean. It tells tables and columns only in its messages, which are English
//! always.

use diesel::result::Error as DieselError;

use crate::backend::Engine;
use crate::backend::violation::{columns_of_constraint, violation};
use crate::entity::EntityMeta;
use crate::error::{ConstraintKind, ConstraintViolation, Error, RetryReason};
use crate::interruption::Stop;

pub(super) fn database(error: DieselError, meta: &'static EntityMeta) -> Error {
    let DieselError::DatabaseError(_, information) = &error else {
        return Error::Database { message: error.to_string(), source: error };
    };
    let message = information.message().to_owned();
    if let Some(violation) = refused(&message, meta) {
        return violation.into();
    }
    let has = |part: &str| message.contains(part);
    if has("database is locked") || has("database table is locked") || has("is busy") {
        Error::Retryable { reason: RetryReason::Busy, message }
    } else if has("database schema has changed") {
        Error::Retryable { reason: RetryReason::SchemaChanged, message }
    } else if has("readonly database") || has("read-only") {
        Error::ReadOnly { target: diesel::SqliteConnection::NAME.to_owned() }
    } else if has("no such table")
        || has("no such column")
        || has("no such function")
        || has("has no column named")
        || has("not a database")
        || has("unsupported file format")
    {
        Error::Schema { message }
    } else if has("disk image is malformed") || has("malformed database schema") {
        Error::Corrupt { message }
    } else if has("unable to open database") || has("disk I/O error") || has("disk is full") {
        Error::Unavailable { target: diesel::SqliteConnection::NAME.to_owned(), message }
    } else if has(&Stop::Timeout.to_string()) {
        Error::Timeout { message }
    } else if has("interrupted") {
        Error::Cancelled
    } else if has("string or blob too big")
        || has("datatype mismatch")
        || has("integer overflow")
        || has("cannot store")
        || has("malformed JSON")
    {
        Error::Data { message }
    } else {
        Error::Database { message, source: error }
    }
}

fn refused(message: &str, meta: &'static EntityMeta) -> Option<ConstraintViolation> {
    let (rule, subject) = match message.split_once(" constraint failed") {
        Some((rule, rest)) => (rule, rest.strip_prefix(": ").unwrap_or_default()),
        None => return None,
    };
    let kind = match rule {
        "UNIQUE" | "PRIMARY KEY" => ConstraintKind::Unique,
        "FOREIGN KEY" => ConstraintKind::ForeignKey,
        "NOT NULL" => ConstraintKind::NotNull,
        "CHECK" => ConstraintKind::Check,
        _ => return None,
    };
    let mut violation = violation(kind, meta, message);
    match kind {
        ConstraintKind::ForeignKey => {}
        ConstraintKind::Check => {
            // The constraint's name; the expression itself where it has none.
            violation.table = Some(meta.table.to_owned()).filter(|table| !table.is_empty());
            violation.columns = columns_of_constraint(meta, kind, subject);
            violation.constraint = Some(subject.to_owned());
        }
        ConstraintKind::Unique | ConstraintKind::NotNull => {
            if let Some(index) = subject.strip_prefix("index '") {
                let index = index.trim_end_matches('\'');
                violation.columns = columns_of_constraint(meta, kind, index);
                violation.constraint = Some(index.to_owned());
            } else {
                for (table, column) in subject.split(", ").filter_map(|it| it.split_once('.')) {
                    violation.table = Some(table.to_owned());
                    violation.columns.push(column.to_owned());
                }
            }
        }
    }
    Some(violation)
}
