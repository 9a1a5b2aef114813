//! How long values are, asked of the database that keeps them.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::{Condition, cached_by_text, own_column, returns_rows, table};
use crate::backend::Dialect;
use crate::entity::EntityMeta;
use crate::lengths::{COUNTED, has_characters, is_measured};

/// The primary keys of some rows, then two numbers a long column: bytes, and characters or NULL.
#[derive(Debug)]
pub(crate) struct SelectLengths<'q> {
    pub meta: &'static EntityMeta,
    pub condition: &'q Condition,
}

cached_by_text!(SelectLengths<'q>);
returns_rows!(SelectLengths<'q>);

impl<DB: Dialect> QueryFragment<DB> for SelectLengths<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let meta = self.meta;
        out.push_sql("SELECT ");
        for (position, key) in meta.key_columns().enumerate() {
            out.push_sql(if position == 0 { "" } else { ", " });
            own_column(&mut out, meta, key)?;
        }
        for long in meta.columns.iter().filter(|column| is_measured(meta, column)) {
            out.push_sql(&format!(", CAST({}(", DB::LENGTH_IN_BYTES));
            own_column(&mut out, meta, long)?;
            out.push_sql(&format!(") AS {}), ", DB::BIG_INT));
            if !has_characters(long) {
                out.push_sql("NULL");
                continue;
            }
            out.push_sql(&format!("CASE WHEN {}(", DB::LENGTH_IN_BYTES));
            own_column(&mut out, meta, long)?;
            out.push_sql(&format!(") <= {COUNTED} THEN CAST({}(", DB::LENGTH_IN_CHARACTERS));
            own_column(&mut out, meta, long)?;
            out.push_sql(&format!(") AS {}) END", DB::BIG_INT));
        }
        out.push_sql(" FROM ");
        table(&mut out, meta)?;
        self.condition.walk_where(meta, out)
    }
}
