//! What PostgreSQL's errors mean. Diesel gives no SQLSTATE, but the kinds that matter most, the
//! names of table, column and constraint, and the message; the details of a violation hold the
//! rest.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

use crate::backend::Engine;
use crate::backend::violation::{between, columns_of_constraint, violation};
use crate::entity::EntityMeta;
use crate::error::{ConstraintKind, ConstraintViolation, Error, RetryReason};

pub(super) fn database(error: DieselError, meta: &'static EntityMeta) -> Error {
    let DieselError::DatabaseError(kind, information) = &error else {
        return Error::Database { message: error.to_string(), source: error };
    };
    let rule = match kind {
        DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::ExclusionViolation => {
            Some(ConstraintKind::Unique)
        }
        DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => {
            Some(ConstraintKind::ForeignKey)
        }
        DatabaseErrorKind::NotNullViolation => Some(ConstraintKind::NotNull),
        DatabaseErrorKind::CheckViolation => Some(ConstraintKind::Check),
        _ => None,
    };
    if let Some(rule) = rule {
        return refused(rule, &**information, meta).into();
    }
    let message = information.message().trim().to_owned();
    let unavailable =
        |message| Error::Unavailable { target: diesel::PgConnection::NAME.to_owned(), message };
    match kind {
        DatabaseErrorKind::SerializationFailure => {
            return Error::Retryable { reason: RetryReason::Serialization, message };
        }
        DatabaseErrorKind::ReadOnlyTransaction => {
            return Error::ReadOnly { target: diesel::PgConnection::NAME.to_owned() };
        }
        DatabaseErrorKind::ClosedConnection => return unavailable(message),
        _ => {}
    }
    let has = |part: &str| message.contains(part);
    if has("deadlock detected") {
        Error::Retryable { reason: RetryReason::Deadlock, message }
    } else if has("could not serialize access") {
        Error::Retryable { reason: RetryReason::Serialization, message }
    } else if has("lock timeout") || has("could not obtain lock") {
        Error::Retryable { reason: RetryReason::Busy, message }
    } else if has("cached plan must not change result type") {
        Error::Retryable { reason: RetryReason::SchemaChanged, message }
    } else if has("due to statement timeout") {
        Error::Timeout { message }
    } else if has("canceling statement due to") {
        Error::Cancelled
    } else if has("server closed the connection")
        || has("terminating connection")
        || has("no connection to the server")
        || has("connection not open")
        || has("could not receive data from server")
        || has("could not send data to server")
        || has("SSL connection has been closed")
        || has("the database system is")
    {
        unavailable(message)
    } else if has("read-only transaction") {
        Error::ReadOnly { target: diesel::PgConnection::NAME.to_owned() }
    } else if has("does not exist") || has("of relation") && has("null") {
        Error::Schema { message }
    } else if has("out of range")
        || has("too long")
        || has("invalid input syntax")
        || has("invalid byte sequence")
        || has("has no equivalent in encoding")
        || has("numeric field overflow")
        || has("is of type")
        || has("invalid memory alloc request")
    {
        Error::Data { message }
    } else {
        Error::Database { message, source: error }
    }
}

fn refused(
    kind: ConstraintKind,
    information: &(dyn DatabaseErrorInformation + Send + Sync),
    meta: &'static EntityMeta,
) -> ConstraintViolation {
    let mut violation = violation(kind, meta, information.message());
    violation.table = information.table_name().map(str::to_owned);
    violation.constraint = information.constraint_name().map(str::to_owned);
    let details = information.details().unwrap_or_default();
    match kind {
        ConstraintKind::NotNull => {
            violation.columns = information.column_name().map(str::to_owned).into_iter().collect();
        }
        ConstraintKind::ForeignKey if details.contains("still referenced from table") => {
            // The rule is the other table's, the row is ours.
            violation.referenced_by.extend(violation.table.clone());
        }
        ConstraintKind::ForeignKey | ConstraintKind::Unique => {
            // Key (isbn)=(9780000000000) already exists.
            violation.columns = between(details, "(", ")=(")
                .map(|columns| {
                    columns.split(", ").map(|column| column.trim_matches('"').to_owned())
                })
                .into_iter()
                .flatten()
                .collect();
            let is_own = violation.table.as_deref() == Some(meta.table_in_schema());
            if is_own && violation.columns.iter().any(|column| meta.position(column).is_none()) {
                violation.columns.clear();
            }
        }
        ConstraintKind::Check => {}
    }
    if violation.columns.is_empty()
        && violation.referenced_by.is_empty()
        && let Some(constraint) = &violation.constraint
    {
        violation.columns = columns_of_constraint(meta, kind, constraint);
    }
    violation
}

/// Returns why a connection failed, without the address that the error names anyway.
pub(super) fn reason(message: &str) -> &str {
    message
        .lines()
        .next()
        .and_then(|line| line.split_once("failed: "))
        .map_or(message, |(_, reason)| reason.trim_start_matches("FATAL:").trim())
}
