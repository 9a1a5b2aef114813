//! Lists of more values than a statement has bind parameters, as SQL.

use diesel::query_builder::AstPass;
use diesel::result::QueryResult;

use crate::backend::{Dialect, ListOf};
use crate::entity::Storage;
use crate::value::Value;

/// Writes `SELECT … FROM …` of the values of such an array, as the column's type.
pub(super) fn select<'b, DB: Dialect>(
    mut out: AstPass<'_, 'b, DB>,
    json: &'b str,
    value: &Value,
    storage: Storage,
) -> QueryResult<()> {
    let is_decimal = matches!(value, Value::Decimal(_));
    let [begin, end] = DB::long_list(match storage {
        // Without its point a decimal is the number of its smallest units.
        Storage::BigInt | Storage::Integer if is_decimal => ListOf::Units,
        storage => ListOf::Stored(storage),
    });
    out.push_sql(begin);
    DB::bind_text(out.reborrow(), json)?;
    out.push_sql(end);
    Ok(())
}
