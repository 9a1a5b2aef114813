//! Statements for rows whose keys are given, where the database would have counted them.

use diesel::query_builder::{AstPass, QueryBuilder as _, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::insert::walk_columns;
use super::{Mapper, MapperFor, cached_by_text, generated_column};
use crate::backend::Dialect;
use crate::entity::{EntityMeta, Fill, Storage};
use crate::value::Value;

/// `INSERT INTO … VALUES (…), (…)`, of all columns that the database does not compute.
#[derive(Debug)]
pub(crate) struct InsertWithKeys<'e, M: Mapper> {
    pub mapper: M,
    pub rows: &'e [M::Row],
}

/// Has the database count the keys of a table on from one, where it counts them beside the table.
#[derive(Debug)]
pub(crate) struct CountOn {
    sql: [&'static str; 4],
    table: String,
    column: &'static str,
    key: Value,
}

cached_by_text!(InsertWithKeys<'e, M>);

/// Returns the columns of a row that is given with its key: all but those that are computed of others.
pub(crate) fn given_columns(
    meta: &'static EntityMeta,
) -> impl Iterator<Item = usize> + Clone + use<> {
    let columns = meta.columns.iter().enumerate();
    columns.filter(|(_, column)| column.fill != Fill::Computed).map(|(position, _)| position)
}

impl<DB: Dialect, M: MapperFor<DB>> QueryFragment<DB> for InsertWithKeys<'_, M> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let meta = self.mapper.meta();
        let is_counted = meta.columns.iter().any(|column| column.fill == Fill::Generated);
        let overriding = if is_counted { DB::OVERRIDING } else { "" };
        walk_columns(self.mapper, self.rows, &given_columns(meta), overriding, out)
    }
}

impl CountOn {
    /// Makes the statement that lets the keys of an entity count on from the largest of these rows;
    /// `None` where the database does so by itself, or counts none.
    ///
    /// # Errors
    /// Diesel's, for a name that cannot be quoted.
    pub(crate) fn from<DB: Dialect, M: Mapper>(
        mapper: M,
        rows: &[M::Row],
    ) -> QueryResult<Option<Self>> {
        let generated = generated_column(mapper.meta());
        let Some((sql, (position, column))) = DB::COUNT_ON.zip(generated) else { return Ok(None) };
        let keys = rows.iter().filter_map(|row| mapper.value(row, position).as_integer());
        let Some(largest) = keys.max() else { return Ok(None) };
        let (table, column) = (quoted::<DB>(mapper.meta())?, column.name);
        Ok(Some(Self { sql, table, column, key: Value::Integer(largest) }))
    }
}

/// Writes a table's name with its schema as SQL has it.
fn quoted<DB: Dialect>(meta: &EntityMeta) -> QueryResult<String> {
    let mut written = DB::QueryBuilder::default();
    if let Some(schema) = meta.schema() {
        written.push_identifier(schema)?;
        written.push_sql(".");
    }
    written.push_identifier(meta.table_in_schema())?;
    Ok(written.finish())
}

impl QueryId for CountOn {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Dialect> QueryFragment<DB> for CountOn {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let [begin, after_table, after_column, end] = self.sql;
        out.push_sql(begin);
        DB::bind_text(out.reborrow(), &self.table)?;
        out.push_sql(after_table);
        DB::bind_text(out.reborrow(), self.column)?;
        out.push_sql(after_column);
        DB::bind_value(out.reborrow(), &self.key, Storage::BigInt)?;
        out.push_sql(end);
        Ok(())
    }
}
