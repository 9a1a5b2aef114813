//! What the errors of MySQL and MariaDB mean. Diesel gives no error number, a kind only for
//! prepared statements, and none for MariaDB's CHECK; the messages, which a session asks for in
//! English, hold everything.

use diesel::result::Error as DieselError;

use crate::backend::Engine;
use crate::backend::violation::{between, columns_of_constraint, violation};
use crate::entity::EntityMeta;
use crate::error::{ConstraintKind, ConstraintViolation, Error, RetryReason};

pub(super) fn database(error: DieselError, meta: &'static EntityMeta) -> Error {
    let DieselError::DatabaseError(_, information) = &error else {
        return Error::Database { message: error.to_string(), source: error };
    };
    let message = information.message().to_owned();
    if let Some(violation) = refused(&message, meta) {
        return violation.into();
    }
    let target = || diesel::MysqlConnection::NAME.to_owned();
    let has = |part: &str| message.contains(part);
    if has("Deadlock found") {
        Error::Retryable { reason: RetryReason::Deadlock, message }
    } else if has("Lock wait timeout exceeded") || has("could not be acquired immediately") {
        Error::Retryable { reason: RetryReason::Busy, message }
    } else if has("Record has changed since last read") {
        Error::Retryable { reason: RetryReason::Serialization, message }
    } else if has("needs to be re-prepared")
        || has("Table definition has changed")
        || has("differs from the number of bound buffers")
    {
        Error::Retryable { reason: RetryReason::SchemaChanged, message }
    } else if has("READ ONLY transaction") || has("read-only") || has("--read-only") {
        Error::ReadOnly { target: target() }
    } else if has("erver has gone away")
        || has("Lost connection")
        || has("Connection was killed")
        || has("Can't connect")
        || has("shutdown in progress")
        || has("Too many connections")
    {
        Error::Unavailable { target: target(), message }
    } else if has("max_statement_time exceeded") || has("maximum statement execution time") {
        Error::Timeout { message }
    } else if has("Query execution was interrupted") {
        Error::Cancelled
    } else if has("doesn't exist")
        || has("Unknown column")
        || has("Unknown table")
        || has("Unknown database")
        || has("No database selected")
    {
        Error::Schema { message }
    } else if has("Out of range")
        || has("out of range")
        || has("Data too long")
        || has("Incorrect ")
        || has("Data truncated")
        || has("Invalid JSON")
        || has("max_allowed_packet")
        || has("Illegal mix of collations")
    {
        Error::Data { message }
    } else {
        Error::Database { message, source: error }
    }
}

fn refused(message: &str, meta: &'static EntityMeta) -> Option<ConstraintViolation> {
    if message.starts_with("Duplicate entry") {
        // Duplicate entry 'x' for key 'isbn'; MySQL 8 puts the table before: 'books.isbn'.
        let (_, key) = message.rsplit_once("for key ")?;
        let key = key.trim_matches(['\'', '`']);
        let (table, key) =
            key.split_once('.').map_or((meta.table_in_schema(), key), |(table, key)| (table, key));
        let mut violation = violation(ConstraintKind::Unique, meta, message);
        violation.table = Some(table.to_owned());
        if table == meta.table_in_schema() {
            violation.columns = if key == "PRIMARY" {
                meta.key_columns().map(|column| column.name.to_owned()).collect()
            } else {
                columns_of_constraint(meta, ConstraintKind::Unique, key)
            };
        }
        violation.constraint = Some(key.to_owned());
        return Some(violation);
    }
    if message.contains("a foreign key constraint fails") {
        return Some(foreign_key(message, meta));
    }
    let missing = message
        .strip_prefix("Column '")
        .and_then(|rest| rest.strip_suffix("' cannot be null"))
        .or_else(|| between(message, "Field '", "' doesn't have a default value"));
    if let Some(column) = missing {
        let mut violation = violation(ConstraintKind::NotNull, meta, message);
        violation.table = Some(meta.table.to_owned());
        violation.columns.push(column.to_owned());
        return Some(violation);
    }
    // MariaDB: CONSTRAINT `x` failed for `db`.`books`; MySQL: Check constraint 'x' is violated.
    let (check, table) = match message.strip_prefix("CONSTRAINT `") {
        Some(rest) => {
            let (check, place) = rest.split_once("` failed for ")?;
            (check, last_name(place))
        }
        None => (between(message, "Check constraint '", "' is violated")?, None),
    };
    let mut violation = violation(ConstraintKind::Check, meta, message);
    violation.columns = columns_of_constraint(meta, ConstraintKind::Check, check);
    violation.table = Some(table.unwrap_or(meta.table).to_owned());
    violation.constraint = Some(check.to_owned());
    Some(violation)
}

/// Reads a message of this form: Cannot add or update a child row: a foreign key constraint fails
/// (`db`.`books`, CONSTRAINT `x` FOREIGN KEY (`author_id`) REFERENCES `authors` (`id`))
fn foreign_key(message: &str, meta: &'static EntityMeta) -> ConstraintViolation {
    let mut violation = violation(ConstraintKind::ForeignKey, meta, message);
    let rule = message.split_once("constraint fails (").map_or("", |(_, rule)| rule);
    let (place, rule) = rule.split_once(", CONSTRAINT `").unwrap_or((rule, ""));
    violation.table = last_name(place).map(str::to_owned);
    violation.constraint =
        rule.split_once('`').map(|(name, _)| name.to_owned()).filter(|name| !name.is_empty());
    if message.contains("parent row") {
        violation.referenced_by.extend(violation.table.clone());
    } else if let Some(columns) = between(rule, "FOREIGN KEY (", ")") {
        violation.columns =
            columns.split(", ").map(|column| column.trim_matches('`').to_owned()).collect();
    }
    violation
}

/// Returns the last of names like `db`.`books`.
fn last_name(names: &str) -> Option<&str> {
    names.trim_matches(['`', ')']).rsplit("`.`").next().filter(|name| !name.is_empty())
}
