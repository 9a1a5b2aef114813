//! How a [`Value`] becomes a bind parameter, where engines agree.

use bigdecimal::BigDecimal;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::query_builder::AstPass;
use diesel::result::{Error, QueryResult};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{
    BigInt, Binary, Bool, Date, Double, Float, HasSqlType, Integer, Json, Nullable, Numeric,
    SmallInt, Text, Time, Timestamp,
};

use super::Dialect;
use crate::entity::Storage;
use crate::types::ScaledDecimal;
use crate::value::Value;

/// Binds a value as the type its column is stored as; for the types that every engine has.
pub(super) fn bind<'b, DB>(
    mut out: AstPass<'_, 'b, DB>,
    value: &'b Value,
    storage: Storage,
) -> QueryResult<()>
where
    DB: Dialect
        + HasSqlType<Bool>
        + HasSqlType<SmallInt>
        + HasSqlType<Integer>
        + HasSqlType<Float>
        + HasSqlType<Double>
        + HasSqlType<Numeric>
        + HasSqlType<<DB as Dialect>::Text>
        + HasSqlType<Date>
        + HasSqlType<Time>
        + HasSqlType<Timestamp>
        + HasSqlType<Binary>
        + HasSqlType<Json>,
    bool: ToSql<Bool, DB>,
    i16: ToSql<SmallInt, DB>,
    i32: ToSql<Integer, DB>,
    i64: ToSql<BigInt, DB>,
    f32: ToSql<Float, DB>,
    f64: ToSql<Double, DB>,
    BigDecimal: ToSql<Numeric, DB>,
    str: ToSql<DB::Text, DB>,
    String: ToSql<DB::Text, DB>,
    ScaledDecimal: ToSql<DB::Text, DB>,
    Value: ToSql<DB::Text, DB>,
    NaiveDate: ToSql<Date, DB>,
    NaiveTime: ToSql<Time, DB>,
    NaiveDateTime: ToSql<Timestamp, DB>,
    [u8]: ToSql<Binary, DB>,
    Vec<u8>: ToSql<Binary, DB>,
    serde_json::Value: ToSql<Json, DB>,
{
    match (value, storage) {
        (Value::Bool(value), Storage::Bool) => out.push_bind_param::<Bool, _>(value),
        (Value::Integer(value), Storage::BigInt) => out.push_bind_param::<BigInt, _>(value),
        (Value::Integer(_), Storage::Integer) => out.push_bind_param::<Integer, _>(value),
        (Value::Integer(_), Storage::SmallInt) => out.push_bind_param::<SmallInt, _>(value),
        (Value::Float(value), Storage::Double) => out.push_bind_param::<Double, _>(value),
        (Value::Float(_), Storage::Float) => out.push_bind_param::<Float, _>(value),
        (Value::Decimal(value), Storage::BigInt) => out.push_bind_param::<BigInt, _>(&value.units),
        (Value::Decimal(value), Storage::Integer) => {
            out.push_bind_param::<Integer, ScaledDecimal>(value)
        }
        (Value::Decimal(value), Storage::Double) => {
            out.push_bind_param::<Double, ScaledDecimal>(value)
        }
        (Value::Decimal(value), Storage::Numeric) => {
            out.push_bind_param::<Numeric, ScaledDecimal>(value)
        }
        (Value::Decimal(value), Storage::Text) => {
            out.push_bind_param::<DB::Text, ScaledDecimal>(value)
        }
        (Value::Text(value), Storage::Text) => out.push_bind_param::<DB::Text, str>(value),
        (Value::Uuid(value), Storage::Binary) => {
            out.push_bind_param::<Binary, [u8]>(value.as_bytes())
        }
        (Value::Uuid(_) | Value::Json(_), Storage::Text) => {
            out.push_bind_param::<DB::Text, _>(value)
        }
        (Value::Date(value), Storage::Date) => out.push_bind_param::<Date, _>(value),
        (Value::Time(value), Storage::Time) => out.push_bind_param::<Time, _>(value),
        (Value::Timestamp(value), Storage::Timestamp) => out.push_bind_param::<Timestamp, _>(value),
        (Value::Bytes(value), Storage::Binary) => {
            out.push_bind_param::<Binary, [u8]>(value.as_slice())
        }
        (Value::Json(value), Storage::Json) => out.push_bind_param::<Json, _>(value),
        (Value::Null, storage) => match storage {
            Storage::Bool => out.push_bind_param::<Nullable<Bool>, Option<bool>>(&None),
            Storage::SmallInt => out.push_bind_param::<Nullable<SmallInt>, Option<i16>>(&None),
            Storage::Integer => out.push_bind_param::<Nullable<Integer>, Option<i32>>(&None),
            Storage::BigInt => out.push_bind_param::<Nullable<BigInt>, Option<i64>>(&None),
            Storage::Float => out.push_bind_param::<Nullable<Float>, Option<f32>>(&None),
            Storage::Double => out.push_bind_param::<Nullable<Double>, Option<f64>>(&None),
            Storage::Numeric => out.push_bind_param::<Nullable<Numeric>, Option<BigDecimal>>(&None),
            Storage::Text => out.push_bind_param::<Nullable<DB::Text>, Option<String>>(&None),
            Storage::Date => out.push_bind_param::<Nullable<Date>, Option<NaiveDate>>(&None),
            Storage::Time => out.push_bind_param::<Nullable<Time>, Option<NaiveTime>>(&None),
            Storage::Timestamp => {
                out.push_bind_param::<Nullable<Timestamp>, Option<NaiveDateTime>>(&None)
            }
            Storage::Binary => out.push_bind_param::<Nullable<Binary>, Option<Vec<u8>>>(&None),
            Storage::Json => {
                out.push_bind_param::<Nullable<Json>, Option<serde_json::Value>>(&None)
            }
            Storage::Timestamptz | Storage::Uuid | Storage::Jsonb => {
                Err(unbindable(value, storage))
            }
        },
        (value, storage) => Err(unbindable(value, storage)),
    }
}

/// Makes the error for a value that does not fit its column's storage, or a type the engine lacks.
pub(super) fn unbindable(value: &Value, storage: Storage) -> Error {
    let message = format!("`{value}` cannot be stored as {storage:?}");
    Error::SerializationError(message.into())
}

fn whole(value: &Value) -> Result<i64, Box<dyn std::error::Error + Send + Sync>> {
    match value {
        Value::Integer(integer) => Ok(*integer),
        other => Err(format!("`{other}` is no whole number").into()),
    }
}

impl<DB: Dialect> ToSql<SmallInt, DB> for Value {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        DB::write_small_int(i16::try_from(whole(self)?)?, out)
    }
}

impl<DB: Dialect> ToSql<Integer, DB> for Value {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        DB::write_integer(i32::try_from(whole(self)?)?, out)
    }
}

impl<DB: Dialect> ToSql<Float, DB> for Value {
    #[expect(clippy::cast_possible_truncation, reason = "the column's own precision")]
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        match self {
            Self::Float(float) => DB::write_float(*float as f32, out),
            other => Err(format!("`{other}` is no floating-point number").into()),
        }
    }
}

impl<DB: Dialect> ToSql<Text, DB> for Value {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        DB::write_text(self.to_string(), out)
    }
}
