//! Cells of MySQL and MariaDB: what type they are of is asked before they are read.
//!
//! Diesel cuts the places of a number that is read as a whole one, and takes every number but 0 for
//! true; dates may have no day, times more hours than a day, whole numbers a bit more than `i64`.

use bigdecimal::BigDecimal;
use diesel::deserialize::FromSql;
use diesel::mysql::{Mysql, MysqlType, MysqlValue};
use diesel::sql_types::{
    BigInt, Binary, Date, Datetime, Double, Float, Numeric, Text, Time, Unsigned,
};

use crate::entity::Storage;
use crate::raw::RawValue;
use crate::value::Value;

/// Returns whether the cell holds a value that is stored that way, so that reading it changes nothing.
pub(super) fn holds(cell: &MysqlValue<'_>, storage: Storage) -> bool {
    match storage {
        Storage::Bool => matches!(whole(cell), Some(0 | 1)),
        Storage::SmallInt => whole(cell).is_some_and(|whole| i16::try_from(whole).is_ok()),
        Storage::Integer => whole(cell).is_some_and(|whole| i32::try_from(whole).is_ok()),
        Storage::BigInt => whole(cell).is_some(),
        Storage::Float => float(cell).is_some_and(is_single),
        Storage::Double => float(cell).is_some(),
        Storage::Numeric => is_number(cell.value_type()),
        Storage::Text | Storage::Json | Storage::Jsonb | Storage::Binary | Storage::Uuid => {
            matches!(
                cell.value_type(),
                MysqlType::String | MysqlType::Blob | MysqlType::Enum | MysqlType::Set
            )
        }
        Storage::Date => cell.value_type() == MysqlType::Date,
        Storage::Time => cell.value_type() == MysqlType::Time,
        Storage::Timestamp | Storage::Timestamptz => {
            matches!(cell.value_type(), MysqlType::DateTime | MysqlType::Timestamp)
        }
    }
}

const fn is_number(kind: MysqlType) -> bool {
    is_whole(kind) || matches!(kind, MysqlType::Float | MysqlType::Double | MysqlType::Numeric)
}

const fn is_whole(kind: MysqlType) -> bool {
    matches!(
        kind,
        MysqlType::Tiny
            | MysqlType::UnsignedTiny
            | MysqlType::Short
            | MysqlType::UnsignedShort
            | MysqlType::Long
            | MysqlType::UnsignedLong
            | MysqlType::LongLong
            | MysqlType::UnsignedLongLong
    )
}

fn from<ST, T: FromSql<ST, Mysql>>(cell: &MysqlValue<'_>) -> Option<T> {
    T::from_sql(cell.clone()).ok()
}

/// Returns the whole number in a cell of whole numbers; `None` where `i64` does not hold it.
fn whole(cell: &MysqlValue<'_>) -> Option<i64> {
    is_whole(cell.value_type()).then(|| from::<BigInt, i64>(cell)).flatten()
}

/// Returns the number in a cell of floating-point or whole numbers, where a float keeps all of it.
fn float(cell: &MysqlValue<'_>) -> Option<f64> {
    match cell.value_type() {
        MysqlType::Float => from::<Float, f32>(cell).map(f64::from),
        MysqlType::Double => from::<Double, f64>(cell),
        _ => {
            let whole = whole(cell)?;
            #[expect(clippy::cast_precision_loss, reason = "only where nothing is lost")]
            (whole.unsigned_abs() <= 1 << f64::MANTISSA_DIGITS).then_some(whole as f64)
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::float_cmp, reason = "exactly the same number")]
fn is_single(float: f64) -> bool {
    f64::from(float as f32) == float
}

/// Reads the cell as a value that is stored that way, or what else is there.
pub(super) fn read(cell: &MysqlValue<'_>, storage: Storage) -> Value {
    let value = holds(cell, storage).then(|| as_stored(cell, storage)).flatten();
    value.unwrap_or_else(|| Value::Raw(raw(cell)))
}

fn as_stored(cell: &MysqlValue<'_>, storage: Storage) -> Option<Value> {
    match storage {
        Storage::Bool => whole(cell).map(|whole| Value::Bool(whole != 0)),
        Storage::SmallInt | Storage::Integer | Storage::BigInt => whole(cell).map(Value::Integer),
        Storage::Float | Storage::Double => float(cell).map(Value::Float),
        Storage::Numeric => from::<Numeric, BigDecimal>(cell)
            .map(|value| Value::Raw(RawValue::Number(value.to_plain_string()))),
        Storage::Text | Storage::Json | Storage::Jsonb => from::<Text, _>(cell).map(Value::Text),
        Storage::Binary | Storage::Uuid => from::<Binary, _>(cell).map(Value::Bytes),
        Storage::Date => from::<Date, _>(cell).map(Value::Date),
        Storage::Time => from::<Time, _>(cell).map(Value::Time),
        Storage::Timestamp | Storage::Timestamptz => {
            from::<Datetime, _>(cell).map(Value::Timestamp)
        }
    }
}

/// Returns what is stored, as the server would write it.
fn raw(cell: &MysqlValue<'_>) -> RawValue {
    let kind = cell.value_type();
    let bytes = cell.as_bytes();
    let found = match kind {
        MysqlType::UnsignedLongLong => from::<Unsigned<BigInt>, u64>(cell).map(|value| {
            i64::try_from(value)
                .map_or_else(|_| RawValue::Number(value.to_string()), RawValue::Integer)
        }),
        kind if is_whole(kind) => whole(cell).map(RawValue::Integer),
        MysqlType::Float | MysqlType::Double => float(cell).map(RawValue::Float),
        MysqlType::Numeric => {
            from::<Numeric, BigDecimal>(cell).map(|value| RawValue::Number(value.to_plain_string()))
        }
        MysqlType::Date | MysqlType::DateTime | MysqlType::Timestamp | MysqlType::Time => {
            Moment::of(bytes).map(|moment| RawValue::Text(moment.written_as(kind)))
        }
        MysqlType::Bit => None,
        _ => std::str::from_utf8(bytes).ok().map(|text| RawValue::Text(text.to_owned())),
    };
    found.unwrap_or_else(|| RawValue::Bytes(bytes.to_vec()))
}

/// A date and time as the client library has it (`MYSQL_TIME`), whatever is in it.
struct Moment {
    /// Year, month, day, hour, minute, second.
    parts: [u32; 6],
    microseconds: u64,
    is_negative: bool,
}

impl Moment {
    fn of(bytes: &[u8]) -> Option<Self> {
        let mut parts = [0; 6];
        for (part, bytes) in parts.iter_mut().zip(bytes.chunks_exact(4)) {
            *part = u32::from_ne_bytes(bytes.try_into().ok()?);
        }
        let at = size_of::<[u32; 6]>();
        let fraction = bytes.get(at..at + size_of::<std::ffi::c_ulong>())?;
        let microseconds = match fraction.len() {
            8 => u64::from_ne_bytes(fraction.try_into().ok()?),
            _ => u32::from_ne_bytes(fraction.try_into().ok()?).into(),
        };
        let is_negative = *bytes.get(at + fraction.len())? != 0;
        Some(Self { parts, microseconds, is_negative })
    }

    fn written_as(&self, kind: MysqlType) -> String {
        let [year, month, day, hour, minute, second] = self.parts;
        let date = format!("{year:04}-{month:02}-{day:02}");
        let sign = if self.is_negative { "-" } else { "" };
        let mut time = format!("{hour:02}:{minute:02}:{second:02}");
        if self.microseconds != 0 {
            time.push_str(&format!(".{:06}", self.microseconds));
        }
        match kind {
            MysqlType::Date => date,
            MysqlType::Time => format!("{sign}{time}"),
            _ => format!("{date} {time}"),
        }
    }
}
