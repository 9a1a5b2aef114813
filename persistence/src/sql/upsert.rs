//! Statements that insert rows or update those that are there.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::insert::walk as walk_insert;
use super::{cached_by_text, declared, name};
use crate::backend::{Dialect, InsertStyle};
use crate::entity::{ColumnSet, MappedTo};

/// `INSERT INTO … VALUES (…), (…) ON CONFLICT (…) DO UPDATE SET …`
#[derive(Debug)]
pub(crate) struct InsertOrUpdate<'e, E> {
    pub rows: &'e [E],
    /// The columns a row is found by.
    pub on: ColumnSet,
    /// The columns that are updated; none where a row is kept as it is.
    pub set: ColumnSet,
}

cached_by_text!(InsertOrUpdate<'e, E>);

impl<DB: Dialect, E: MappedTo<DB>> QueryFragment<DB> for InsertOrUpdate<'_, E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        walk_insert(self.rows, out.reborrow())?;
        // MySQL alone speaks of the row that was to be inserted by a function, and of whichever
        // unique set was violated.
        let is_mysql = DB::INSERT == InsertStyle::ManyCounting;
        if is_mysql {
            out.push_sql(" ON DUPLICATE KEY UPDATE ");
        } else {
            for (count, position) in self.on.iter().enumerate() {
                out.push_sql(if count == 0 { " ON CONFLICT (" } else { ", " });
                declared(&mut out, name::<E>(position))?;
            }
            if self.set.is_empty() {
                out.push_sql(") DO NOTHING");
                return Ok(());
            }
            out.push_sql(") DO UPDATE SET ");
        }
        for (count, position) in self.set.iter().enumerate() {
            out.push_sql(if count == 0 { "" } else { ", " });
            let column = name::<E>(position);
            declared(&mut out, column)?;
            out.push_sql(if is_mysql { " = VALUES(" } else { " = excluded." });
            declared(&mut out, column)?;
            out.push_sql(if is_mysql { ")" } else { "" });
        }
        if self.set.is_empty() {
            // Nothing is changed, but it is no error either.
            let column = name::<E>(self.on.iter().next().unwrap_or(0));
            declared(&mut out, column)?;
            out.push_sql(" = ");
            declared(&mut out, column)?;
        } else if let Some(version) = E::meta().version {
            out.push_sql(", ");
            declared(&mut out, name::<E>(version))?;
            out.push_sql(" = ");
            declared(&mut out, E::meta().place.name)?;
            out.push_sql(".");
            declared(&mut out, name::<E>(version))?;
            out.push_sql(" + 1");
        }
        Ok(())
    }
}
