//! Statements that are no longer than a server takes. MySQL and MariaDB close the connection where one is, and with it
//! goes all that was written and not committed.

use diesel::result::{DatabaseErrorKind, Error, QueryResult};

use crate::backend::{Dialect, Engine, InsertStyle};
use crate::entity::ColumnSet;
use crate::sql::Mapper;
use crate::value::Value;

/// Statements with fewer bytes than this are taken by every server.
const SHORT: usize = 32 << 10;

/// Bytes of a statement that are neither values nor what comes with each of them.
const FRAME: usize = 1 << 10;

/// Bytes of a value that are not its own: its type, its length, its place in the statement's text.
const BYTES_PER_VALUE: usize = 16;

/// Returns how many of the first rows fit one statement, in the columns that are written: at least
/// one, and all of them on an engine without a limit.
///
/// # Errors
/// When the first row alone is longer than the server takes, and Diesel's.
pub(crate) fn fitting<C: Engine, M: Mapper>(
    connection: &mut C,
    mapper: M,
    rows: &[M::Row],
    columns: &(impl Iterator<Item = usize> + Clone),
) -> QueryResult<usize> {
    if C::Backend::INSERT != InsertStyle::ManyCounting {
        return Ok(rows.len());
    }
    let mut longest = None;
    let mut sum = FRAME;
    for (count, row) in rows.iter().enumerate() {
        let bytes: usize = columns.clone().map(|column| length(&mapper.value(row, column))).sum();
        sum += bytes;
        if sum <= SHORT {
            continue;
        }
        let longest = match longest {
            Some(longest) => longest,
            None => *longest.insert(connection.longest_statement()?.unwrap_or(usize::MAX)),
        };
        if sum > longest {
            return if count == 0 { Err(too_long(bytes, longest)) } else { Ok(count) };
        }
    }
    Ok(rows.len())
}

/// Refuses to write a row that is longer than the server takes, in the columns that are written.
///
/// # Errors
/// For such a row, and Diesel's.
pub(crate) fn check<C: Engine, M: Mapper>(
    connection: &mut C,
    mapper: M,
    row: &M::Row,
    columns: ColumnSet,
) -> QueryResult<()> {
    let columns = (0..mapper.meta().columns.len()).filter(|column| columns.contains(*column));
    fitting(connection, mapper, std::slice::from_ref(row), &columns).map(drop)
}

fn too_long(bytes: usize, longest: usize) -> Error {
    let message = format!(
        "the row has {bytes} bytes, and the server's max_allowed_packet is {longest} for a whole statement"
    );
    Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message))
}

fn length(value: &Value) -> usize {
    BYTES_PER_VALUE
        + match value {
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Json(document) => document.to_string().len(),
            _ => 0,
        }
}
