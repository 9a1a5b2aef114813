//! What makes a statement find a row only as long as it is as it was read.
//!
//! Beside its key and version, the stored values of what is going to be changed are compared with
//! those that were read: by operators for which NULL equals NULL, so that a statement's text does
//! not depend on the values. A comparison may be too strict (a date that somebody else wrote in
//! another form, JSON with other blanks), for whoever finds no row looks at it; it is never too lax.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::{Mapper, MapperFor, SelectKey, cached_by_type, declared, returns_rows};
use crate::backend::Dialect;
use crate::column_type::ColumnType;
use crate::entity::{ColumnMeta, ColumnSet, EntityMeta, Fill};
use crate::value::Value;

/// Returns the columns whose stored values stand for what is changed by an update of some columns.
pub(crate) fn guard_of_update(meta: &EntityMeta, changed: ColumnSet) -> ColumnSet {
    changed.iter().filter(|&column| is_guarded(meta, column)).collect()
}

/// Returns the columns whose stored values stand for a row that is to be deleted.
pub(crate) fn guard_of_deletion(meta: &EntityMeta) -> ColumnSet {
    (0..meta.columns.len()).filter(|&column| is_guarded(meta, column)).collect()
}

/// Returns whether a column says something of a row that its key, its version and the database do not.
fn is_guarded(meta: &EntityMeta, column: usize) -> bool {
    let fill = meta.columns.get(column).map(|column| column.fill);
    !meta.key.contains(&column)
        && meta.version != Some(column)
        && !matches!(fill, None | Some(Fill::Updated | Fill::Generated | Fill::Computed))
}

/// Returns how many bytes of long values are sent to be compared; `None` where one is too large for
/// that.
pub(crate) fn length_sent<DB: Dialect, M: Mapper>(
    mapper: M,
    base: &M::Row,
    guard: ColumnSet,
) -> Option<usize> {
    let Some(most) = DB::MOST_COMPARED else { return Some(0) };
    let is_long = |column: &ColumnMeta| {
        matches!(column.column_type, ColumnType::Text | ColumnType::Bytes | ColumnType::Json)
    };
    let mut sum = 0;
    for position in guard.iter().filter(|&at| mapper.meta().columns.get(at).is_some_and(is_long)) {
        let length = match mapper.value(base, position) {
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Json(json) => json.to_string().len(),
            _ => 0,
        };
        if length > most {
            return None;
        }
        sum += length;
    }
    Some(sum)
}

/// Returns whether the values that were read are small enough to be sent for a comparison.
pub(crate) fn can_be_sent<DB: Dialect, M: Mapper>(
    mapper: M,
    base: &M::Row,
    guard: ColumnSet,
) -> bool {
    length_sent::<DB, M>(mapper, base, guard).is_some()
}

/// Writes ` AND column IS ?` for each guarded column, from the row as it was read.
pub(super) fn as_read<'b, M: MapperFor<DB>, DB: Dialect>(
    mapper: M,
    base: &'b M::Row,
    guard: ColumnSet,
    out: &mut AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    for position in guard.iter() {
        let Some(column) = mapper.meta().columns.get(position) else { break };
        let [before, same, after] = DB::is_same(column.storage);
        out.push_sql(" AND ");
        out.push_sql(before);
        declared(out, column.identifier)?;
        out.push_sql(same);
        mapper.bind(base, position, out.reborrow())?;
        out.push_sql(after);
    }
    Ok(())
}

/// `SELECT … FROM … WHERE key = ? FOR UPDATE`: the row as it is by now, whatever else the
/// transaction sees, and until the transaction's end.
#[derive(Debug)]
pub(crate) struct LockKey<'q, M: Mapper>(pub SelectKey<'q, M>);

cached_by_type!(LockKey);
returns_rows!(LockKey<'q, M>);

impl<DB: Dialect, M: Mapper> QueryFragment<DB> for LockKey<'_, M> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        if DB::HAS_ROW_LOCKS {
            out.push_sql(" FOR UPDATE");
        }
        Ok(())
    }
}
