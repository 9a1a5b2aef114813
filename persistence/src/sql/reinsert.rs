//! A row that was deleted, inserted again.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::{cached_by_text, name, table, written};
use crate::backend::Dialect;
use crate::entity::{Fill, MappedTo};

/// `INSERT INTO … VALUES (…)`, with the key that the database once gave.
#[derive(Debug)]
pub(crate) struct Reinsert<'e, E> {
    pub row: &'e E,
}

cached_by_text!(Reinsert<'e, E>);

impl<DB: Dialect, E: MappedTo<DB>> QueryFragment<DB> for Reinsert<'_, E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let columns = E::meta().columns.iter().enumerate();
        let columns = columns.filter(|(_, column)| column.fill != Fill::Computed);
        out.push_sql("INSERT INTO ");
        table(&mut out, E::meta());
        for (count, (position, _)) in columns.clone().enumerate() {
            out.push_sql(if count == 0 { " (" } else { ", " });
            out.push_identifier(name::<E>(position))?;
        }
        for (count, (position, _)) in columns.enumerate() {
            out.push_sql(if count == 0 { ") VALUES (" } else { ", " });
            written(self.row, position, out.reborrow())?;
        }
        out.push_sql(")");
        Ok(())
    }
}
