//! Statements that change rows.

use std::any::TypeId;
use std::cell::Cell;
use std::marker::PhantomData;

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::{Condition, cached_by_text, declared, name, row_identity};
use crate::backend::Dialect;
use crate::entity::{ColumnMeta, ColumnSet, Entity, EntityMeta, MappedTo};
use crate::value::Value;

/// `UPDATE … SET changed columns WHERE key AND version`
#[derive(Debug)]
pub(crate) struct Update<'e, E> {
    pub base: &'e E,
    pub mine: &'e E,
    pub changed: ColumnSet,
}

/// `UPDATE … SET … WHERE filter`
#[derive(Debug)]
pub(crate) struct UpdateWhere<'q> {
    pub meta: &'static EntityMeta,
    pub assignments: &'q [(&'static ColumnMeta, Value)],
    pub condition: &'q Condition,
}

cached_by_text!(UpdateWhere<'q>);

thread_local! {
    /// The column of the update that is being sent, where it is one.
    static ONLY_COLUMN: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Names the update of one column in Diesel's cache of statements.
struct OfColumn<E, const POSITION: usize>(PhantomData<fn() -> E>);

impl<E: Entity> Update<'_, E> {
    /// Sends the update, by a statement that Diesel finds by a type where it sets one column: as
    /// most do. Its text is then built once, which would take as long as sending it does.
    pub(crate) fn send<T>(&self, send: impl FnOnce(&Self) -> T) -> T {
        let mut columns = self.changed.iter();
        let first = columns.next();
        ONLY_COLUMN.set(if columns.next().is_none() { first } else { None });
        let result = send(self);
        ONLY_COLUMN.set(None);
        result
    }
}

impl<E: Entity> QueryId for Update<'_, E> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;

    /// Diesel asks a type, not a value: what the value is, [`Update::send`] has noted.
    fn query_id() -> Option<TypeId> {
        macro_rules! of_column {
            ($($position:literal)*) => {
                match ONLY_COLUMN.get()? {
                    $($position => Some(TypeId::of::<OfColumn<E, $position>>()),)*
                    _ => None,
                }
            };
        }
        of_column!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31)
    }
}

fn set<DB: Dialect>(out: &mut AstPass<'_, '_, DB>, count: usize, column: &str) -> QueryResult<()> {
    out.push_sql(if count == 0 { " SET " } else { ", " });
    declared(out, column);
    out.push_sql(" = ");
    Ok(())
}

fn count_version_up<DB: Dialect>(
    out: &mut AstPass<'_, '_, DB>,
    meta: &EntityMeta,
) -> QueryResult<()> {
    if let Some(column) = meta.version.and_then(|version| meta.columns.get(version)) {
        out.push_sql(", ");
        declared(out, column.name);
        out.push_sql(" = ");
        declared(out, column.name);
        out.push_sql(" + 1");
    }
    Ok(())
}

impl<DB: Dialect, E: MappedTo<DB>> QueryFragment<DB> for Update<'_, E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        declared(&mut out, E::meta().table);
        for (count, position) in self.changed.iter().enumerate() {
            set(&mut out, count, name::<E>(position))?;
            self.mine.bind(position, out.reborrow())?;
        }
        count_version_up(&mut out, E::meta())?;
        out.push_sql(" WHERE ");
        row_identity(self.base, out)
    }
}

impl<DB: Dialect> QueryFragment<DB> for UpdateWhere<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        declared(&mut out, self.meta.table);
        for (count, (column, value)) in self.assignments.iter().enumerate() {
            set(&mut out, count, column.name)?;
            if value.is_null() {
                out.push_sql("NULL");
            } else {
                DB::bind_value(out.reborrow(), value, column.storage)?;
            }
        }
        count_version_up(&mut out, self.meta)?;
        self.condition.walk_where(self.meta, out)
    }
}
