//! Cells of PostgreSQL: what type they are of is asked before their bytes are read.
//!
//! Diesel reads a value's bytes as the type that it was told; where a column is of another type of
//! the same width (`double precision` where `BigInt` was declared) they would be another value.

use bigdecimal::BigDecimal;
use diesel::deserialize::FromSql;
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::{
    BigInt, Binary, Bool, Date, Double, Float, Integer, Json, Jsonb, Numeric, SmallInt, Text, Time,
    Timestamp, Timestamptz, Uuid,
};

use crate::entity::Storage;
use crate::raw::RawValue;
use crate::value::Value;

/// Microseconds of a day.
const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;

mod oid {
    //! The object identifiers of the types that every server has.
    pub const BOOL: u32 = 16;
    pub const BYTEA: u32 = 17;
    pub const NAME: u32 = 19;
    pub const INT8: u32 = 20;
    pub const INT2: u32 = 21;
    pub const INT4: u32 = 23;
    pub const TEXT: u32 = 25;
    pub const JSON: u32 = 114;
    pub const XML: u32 = 142;
    pub const FLOAT4: u32 = 700;
    pub const FLOAT8: u32 = 701;
    pub const UNKNOWN: u32 = 705;
    pub const BPCHAR: u32 = 1042;
    pub const VARCHAR: u32 = 1043;
    pub const DATE: u32 = 1082;
    pub const TIME: u32 = 1083;
    pub const TIMESTAMP: u32 = 1114;
    pub const TIMESTAMPTZ: u32 = 1184;
    pub const NUMERIC: u32 = 1700;
    pub const UUID: u32 = 2950;
    pub const JSONB: u32 = 3802;
    /// Those of extensions and of a database's own types begin here: `citext`, enums.
    pub const FIRST_OF_ITS_OWN: u32 = 16_384;
}

/// Returns whether the type of the cell has its values sent as those of that storage.
pub(super) fn holds(cell: &PgValue<'_>, storage: Storage) -> bool {
    let oid = cell.get_oid().get();
    match storage {
        Storage::Bool => oid == oid::BOOL,
        Storage::SmallInt => oid == oid::INT2,
        Storage::Integer => oid == oid::INT4,
        Storage::BigInt => oid == oid::INT8,
        Storage::Float => oid == oid::FLOAT4,
        Storage::Double => oid == oid::FLOAT8,
        Storage::Numeric => oid == oid::NUMERIC,
        Storage::Text => is_text(oid),
        Storage::Date => oid == oid::DATE,
        Storage::Time => oid == oid::TIME && !is_midnight_at_the_end(cell.as_bytes()),
        Storage::Timestamp | Storage::Timestamptz => {
            matches!(oid, oid::TIMESTAMP | oid::TIMESTAMPTZ)
        }
        Storage::Binary => oid == oid::BYTEA,
        Storage::Uuid => oid == oid::UUID,
        Storage::Json => oid == oid::JSON,
        Storage::Jsonb => oid == oid::JSONB,
    }
}

/// Returns whether a time of day is 24:00, which Rust's types do not have and Diesel takes for 00:00.
fn is_midnight_at_the_end(bytes: &[u8]) -> bool {
    <[u8; 8]>::try_from(bytes)
        .is_ok_and(|micros| i64::from_be_bytes(micros) >= MICROSECONDS_PER_DAY)
}

const fn is_text(oid: u32) -> bool {
    matches!(oid, oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::XML | oid::UNKNOWN)
        || oid >= oid::FIRST_OF_ITS_OWN
}

/// Reads the cell as a value that is stored that way, or what else is there.
pub(super) fn read(cell: &PgValue<'_>, storage: Storage) -> Value {
    let value = holds(cell, storage).then(|| by_type(cell)).flatten();
    value.unwrap_or_else(|| Value::Raw(raw(cell)))
}

fn from<ST, T: FromSql<ST, Pg>>(cell: &PgValue<'_>) -> Option<T> {
    T::from_sql(*cell).ok()
}

/// Reads the value of a cell by its own type; `None` where Rust's types do not hold it.
fn by_type(cell: &PgValue<'_>) -> Option<Value> {
    match cell.get_oid().get() {
        oid::BOOL => from::<Bool, _>(cell).map(Value::Bool),
        oid::INT2 => from::<SmallInt, i16>(cell).map(|value| Value::Integer(value.into())),
        oid::INT4 => from::<Integer, i32>(cell).map(|value| Value::Integer(value.into())),
        oid::INT8 => from::<BigInt, _>(cell).map(Value::Integer),
        oid::FLOAT4 => from::<Float, f32>(cell).map(|value| Value::Float(value.into())),
        oid::FLOAT8 => from::<Double, _>(cell).map(Value::Float),
        oid::NUMERIC => from::<Numeric, BigDecimal>(cell)
            .map(|value| Value::Raw(RawValue::Number(value.to_plain_string()))),
        oid::DATE => from::<Date, _>(cell).map(Value::Date),
        oid::TIME => from::<Time, _>(cell).map(Value::Time),
        oid::TIMESTAMP => from::<Timestamp, _>(cell).map(Value::Timestamp),
        oid::TIMESTAMPTZ => from::<Timestamptz, _>(cell).map(Value::Timestamp),
        oid::BYTEA => from::<Binary, _>(cell).map(Value::Bytes),
        oid::UUID => from::<Uuid, _>(cell).map(Value::Uuid),
        oid::JSON => from::<Json, _>(cell).map(Value::Json),
        oid::JSONB => from::<Jsonb, _>(cell).map(Value::Json),
        oid if is_text(oid) => from::<Text, _>(cell).map(Value::Text),
        _ => None,
    }
}

/// Returns what is stored, as the server would write it.
fn raw(cell: &PgValue<'_>) -> RawValue {
    let bytes = cell.as_bytes();
    let text = match cell.get_oid().get() {
        oid::DATE => <[u8; 4]>::try_from(bytes).ok().map(|days| date(i32::from_be_bytes(days))),
        oid::TIMESTAMP | oid::TIMESTAMPTZ => {
            <[u8; 8]>::try_from(bytes).ok().map(|micros| timestamp(i64::from_be_bytes(micros)))
        }
        oid::NUMERIC => no_number(bytes).map(str::to_owned),
        oid::TIME if is_midnight_at_the_end(bytes) => Some("24:00:00".to_owned()),
        _ => None,
    };
    if let Some(text) = text {
        return RawValue::Text(text);
    }
    match by_type(cell) {
        Some(Value::Raw(raw)) => raw,
        Some(Value::Integer(value)) => RawValue::Integer(value),
        Some(Value::Float(value)) => RawValue::Float(value),
        Some(Value::Bytes(bytes)) => RawValue::Bytes(bytes),
        Some(value) => RawValue::Text(value.to_string()),
        None => RawValue::Bytes(bytes.to_vec()),
    }
}

/// Returns the name of a `numeric` that is no number: its sign says which it is.
fn no_number(bytes: &[u8]) -> Option<&'static str> {
    match bytes.get(4..6)? {
        [0xc0, 0] => Some("NaN"),
        [0xd0, 0] => Some("Infinity"),
        [0xf0, 0] => Some("-Infinity"),
        _ => None,
    }
}

/// Writes a date, given as days since 2000-01-01, in the server's own words.
fn date(days: i32) -> String {
    match days {
        i32::MAX => "infinity".to_owned(),
        i32::MIN => "-infinity".to_owned(),
        days => {
            let (date, era) = calendar(days.into());
            date + era
        }
    }
}

/// Writes a point in time, given as microseconds since 2000-01-01, in the server's own words.
fn timestamp(micros: i64) -> String {
    match micros {
        i64::MAX => "infinity".to_owned(),
        i64::MIN => "-infinity".to_owned(),
        micros => {
            let (date, era) = calendar(micros.div_euclid(MICROSECONDS_PER_DAY));
            let time = micros.rem_euclid(MICROSECONDS_PER_DAY);
            let seconds = time / 1_000_000;
            let mut text = format!(
                "{date} {:02}:{:02}:{:02}",
                seconds / 3_600,
                seconds / 60 % 60,
                seconds % 60
            );
            if time % 1_000_000 != 0 {
                text.push_str(&format!(".{:06}", time % 1_000_000));
            }
            text + era
        }
    }
}

/// Returns the date so many days after 2000-01-01, and the era that comes after it.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn calendar(days: i64) -> (String, &'static str) {
    // Days since 0000-03-01.
    let days = days + 730_425;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if year > 0 {
        (format!("{year:04}-{month:02}-{day:02}"), "")
    } else {
        (format!("{:04}-{month:02}-{day:02}", 1 - year), " BC")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_beyond_those_of_rust_are_written_as_the_server_does() {
        assert_eq!(date(0), "2000-01-01");
        assert_eq!(date(-730_119), "0001-01-01");
        assert_eq!(date(-730_120), "0001-12-31 BC");
        assert_eq!(date(i32::MAX), "infinity");
        assert_eq!(date(2_145_031_948), "5874897-12-31");
        assert_eq!(timestamp(0), "2000-01-01 00:00:00");
        assert_eq!(timestamp(-1), "1999-12-31 23:59:59.999999");
        assert_eq!(timestamp(i64::MIN), "-infinity");
    }
}
