//! Rows by the values of one column.

use domain::narrowing::insert_what_fits;
use persistence::{DynSession, EntityMeta, Filter, Query, Record, Value};

/// Values asked for at a time: every engine takes so many.
const VALUES_A_QUERY: usize = 500;

/// Bytes asked for at a time: every server takes so many.
const BYTES_A_QUERY: usize = 32 << 10;

/// Longer values name nothing and are in no index.
const LONGEST_VALUE: usize = 8 << 10;

/// The name of the one column of a primary key that is referred to.
pub fn key_column(meta: &EntityMeta) -> &'static str {
    meta.key_columns().next().map_or("", |column| column.name)
}

/// The rows whose column has one of the values, however many; none for a value that the database cannot store, or that
/// is too long to be looked for.
///
/// # Errors
/// When the database cannot be read.
pub fn rows_with(
    session: &mut dyn DynSession,
    meta: &'static EntityMeta,
    column: &'static str,
    values: Vec<Value>,
) -> persistence::Result<Vec<Record>> {
    let mut found = Vec::new();
    let mut values = values.into_iter().filter(|value| length(value) <= LONGEST_VALUE).peekable();
    while values.peek().is_some() {
        let mut bytes = 0;
        let mut asked = Vec::new();
        while let Some(value) = values.next_if(|value| {
            let fits = bytes + length(value) <= BYTES_A_QUERY;
            asked.is_empty() || fits && asked.len() < VALUES_A_QUERY
        }) {
            bytes += length(&value);
            asked.push(value);
        }
        // A query that one value spoils is asked in halves, as rows are inserted.
        found.extend(insert_what_fits(
            &asked,
            &mut |values: &[Value]| {
                let mut query = Query::new();
                query.filter = Filter::In { column: column.into(), values: values.to_vec() };
                session.repository(meta.table)?.list(&query)
            },
            &mut |_, _| {},
        )?);
    }
    Ok(found)
}

/// How many bytes a value has, about.
fn length(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 8,
    }
}
