//! Statements that insert rows or update those that are there.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::insert::walk as walk_insert;
use super::{Mapper, MapperFor, cached_by_text, declared, name};
use crate::backend::{Dialect, InsertStyle};
use crate::entity::ColumnSet;

/// `INSERT INTO … VALUES (…), (…) ON CONFLICT (…) DO UPDATE SET …`
#[derive(Debug)]
pub(crate) struct InsertOrUpdate<'e, M: Mapper> {
    pub mapper: M,
    pub rows: &'e [M::Row],
    /// The columns a row is found by.
    pub on: ColumnSet,
    /// The columns that are updated; none where a row is kept as it is.
    pub set: ColumnSet,
}

cached_by_text!(InsertOrUpdate<'e, M>);

impl<DB: Dialect, M: MapperFor<DB>> QueryFragment<DB> for InsertOrUpdate<'_, M> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let meta = self.mapper.meta();
        walk_insert(self.mapper, self.rows, out.reborrow())?;
        // MySQL alone speaks of the row that was to be inserted by a function, and of whichever
        // unique set was violated.
        let is_mysql = DB::INSERT == InsertStyle::ManyCounting;
        if is_mysql {
            out.push_sql(" ON DUPLICATE KEY UPDATE ");
        } else {
            for (count, position) in self.on.iter().enumerate() {
                out.push_sql(if count == 0 { " ON CONFLICT (" } else { ", " });
                declared(&mut out, name(meta, position))?;
            }
            if self.set.is_empty() {
                out.push_sql(") DO NOTHING");
                return Ok(());
            }
            out.push_sql(") DO UPDATE SET ");
        }
        for (count, position) in self.set.iter().enumerate() {
            out.push_sql(if count == 0 { "" } else { ", " });
            let column = name(meta, position);
            declared(&mut out, column)?;
            out.push_sql(if is_mysql { " = VALUES(" } else { " = excluded." });
            declared(&mut out, column)?;
            out.push_sql(if is_mysql { ")" } else { "" });
        }
        if self.set.is_empty() {
            // Nothing is changed, but it is no error either.
            let column = name(meta, self.on.iter().next().unwrap_or(0));
            declared(&mut out, column)?;
            out.push_sql(" = ");
            declared(&mut out, column)?;
        } else if let Some(version) = meta.version {
            out.push_sql(", ");
            declared(&mut out, name(meta, version))?;
            out.push_sql(" = ");
            declared(&mut out, meta.place.name)?;
            out.push_sql(".");
            declared(&mut out, name(meta, version))?;
            out.push_sql(" + 1");
        }
        Ok(())
    }
}
