//! Rows by the values of one column.

use crate::bisect::look_up;
use persistence::{DynSession, EntityMeta, Filter, Query, Record, Value};

/// Returns the name of the one column of a primary key that is referred to.
pub fn key_column(meta: &EntityMeta) -> &'static str {
    meta.key_columns().next().map_or("", |column| column.name)
}

/// Returns the rows whose column has one of the values, however many; none for a value that the
/// database cannot store, or that is too long to be looked for.
///
/// # Errors
/// When the database cannot be read.
pub fn rows_with(
    session: &mut dyn DynSession,
    meta: &'static EntityMeta,
    column: &'static str,
    values: Vec<Value>,
) -> persistence::Result<Vec<Record>> {
    look_up(values, &mut |values: &[Value]| {
        let mut query = Query::new();
        query.filter = Filter::In { column: column.into(), values: values.to_vec() };
        session.repository(meta.table)?.list(&query)
    })
}
