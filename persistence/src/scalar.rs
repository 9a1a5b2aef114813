//! The bridge between Rust's types and [`Value`]s.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _, Utc};
use diesel::deserialize::{self, FromSql};
use diesel::result::UnexpectedEndOfRow;
use diesel::row::{Field as _, Row};

use crate::backend::Dialect;
use crate::column_type::{ColumnType, ValueError};
use crate::entity::StoredAs;
use crate::types::{Decimal, Json, MomentForm, ScaledDecimal, Uuid};
use crate::value::{Record, RecordKey, Value};

/// A Rust type that a column can have.
///
/// Implemented for integers, floats, `bool`, `String`, chrono's dates and times, `Vec<u8>`,
/// [`Uuid`], [`Decimal`], [`Json`] and `Option`s of these; `#[derive(Scalar)]` adds newtypes of
/// them and enums without fields.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column type",
    label = "an entity's field needs a column type",
    note = "newtypes of column types and enums without fields become one with `#[derive(Scalar)]`"
)]
pub trait Scalar: Clone + PartialEq + Sized {
    /// The type inside: `T` for `Option<T>`, else the type itself.
    type Inner: Scalar;
    /// What such a column holds.
    const TYPE: ColumnType;
    /// Whether the column takes NULL.
    const NULLABLE: bool = false;
    /// In which form it stores points in time, where that is not the engine's own.
    #[doc(hidden)]
    const FORM: Option<MomentForm> = None;

    /// Returns the value with its type known only at run time.
    fn to_value(&self) -> Value;

    /// Turns such a value back into this type: the reverse of [`to_value`](Self::to_value);
    /// integers become decimals or floats where the type is such.
    ///
    /// # Errors
    /// When the value is of another type or out of range.
    fn from_value(value: Value) -> Result<Self, ValueError>;

    /// Reads a column of a row, where it holds a value that is stored that way; Diesel would turn
    /// what else is there into another value.
    ///
    /// # Errors
    /// As Diesel's own.
    #[doc(hidden)]
    fn read<'a, DB: Dialect, ST: StoredAs>(
        row: &impl Row<'a, DB>,
        position: usize,
    ) -> deserialize::Result<Self>
    where
        Self: FromSql<ST, DB>,
    {
        let field = row.get(position).ok_or(UnexpectedEndOfRow)?;
        let mut cell = field.value();
        if let Some(cell) = &mut cell {
            if let Some(value) = Self::read_fast::<DB>(cell) {
                return Ok(value);
            }
            let storage = Self::FORM.map_or(ST::STORAGE, MomentForm::storage);
            if !DB::holds(cell, storage) {
                return Err(format!("is not stored as {storage:?}").into());
            }
        }
        Self::from_nullable_sql(cell)
    }

    /// Reads a cell, if there is a faster way than Diesel's and the value is of the usual kind.
    #[doc(hidden)]
    fn read_fast<DB: Dialect>(_cell: &mut DB::RawValue<'_>) -> Option<Self> {
        None
    }

    /// Returns whether this is a date of another than four digits of a year, or a leap second: what
    /// the text forms of dates do not say, or not in their order.
    #[doc(hidden)]
    fn is_beyond_text(&self) -> bool {
        false
    }

    /// Returns whether this is a floating-point value that is no number (NaN).
    #[doc(hidden)]
    fn is_nan(&self) -> bool {
        false
    }
}

impl<T: Scalar<Inner = T>> Scalar for Option<T> {
    type Inner = T;
    const TYPE: ColumnType = T::TYPE;
    const NULLABLE: bool = true;
    const FORM: Option<MomentForm> = T::FORM;

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Scalar::to_value)
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }

    fn read_fast<DB: Dialect>(cell: &mut DB::RawValue<'_>) -> Option<Self> {
        T::read_fast::<DB>(cell).map(Some)
    }

    fn is_nan(&self) -> bool {
        self.as_ref().is_some_and(Scalar::is_nan)
    }

    fn is_beyond_text(&self) -> bool {
        self.as_ref().is_some_and(Scalar::is_beyond_text)
    }
}

macro_rules! scalar {
    ($($rust:ty, $column_type:expr, $variant:ident: $to:expr, $from:expr $(, $item:item)*;)*) => {$(
        impl Scalar for $rust {
            type Inner = Self;
            const TYPE: ColumnType = $column_type;

            fn to_value(&self) -> Value {
                let to: fn(&Self) -> _ = $to;
                Value::$variant(to(self))
            }

            fn from_value(value: Value) -> Result<Self, ValueError> {
                match Self::TYPE.coerce(value)? {
                    Value::$variant(value) => {
                        let from: fn(_) -> Option<Self> = $from;
                        from(value).ok_or_else(|| ValueError::new(Self::TYPE.to_string(), "a value out of range"))
                    }
                    other => Err(ValueError::new(Self::TYPE.to_string(), other)),
                }
            }

            $($item)*
        }
    )*};
}

scalar! {
    bool, ColumnType::Bool, Bool: |value| *value, Some;
    i16, ColumnType::Integer { bits: 16 }, Integer: |value| i64::from(*value), |value: i64| i16::try_from(value).ok();
    i32, ColumnType::Integer { bits: 32 }, Integer: |value| i64::from(*value), |value: i64| i32::try_from(value).ok();
    i64, ColumnType::Integer { bits: 64 }, Integer: |value| *value, Some;
    f32, ColumnType::Float, Float: |value| f64::from(*value), narrow, fn is_nan(&self) -> bool {
        Self::is_nan(*self)
    };
    f64, ColumnType::Float, Float: |value| *value, Some, fn is_nan(&self) -> bool {
        Self::is_nan(*self)
    };
    String, ColumnType::Text, Text: Clone::clone, Some;
    NaiveDate, ColumnType::Date, Date: |value| *value, Some, fn read_fast<DB: Dialect>(cell: &mut DB::RawValue<'_>) -> Option<Self> {
        DB::read_date(cell)
    }, fn is_beyond_text(&self) -> bool {
        is_far(*self)
    };
    NaiveTime, ColumnType::Time, Time: |value| *value, Some, fn read_fast<DB: Dialect>(cell: &mut DB::RawValue<'_>) -> Option<Self> {
        DB::read_time(cell)
    }, fn is_beyond_text(&self) -> bool {
        is_leap_second(*self)
    };
    NaiveDateTime, ColumnType::Timestamp, Timestamp: |value| *value, Some, fn read_fast<DB: Dialect>(cell: &mut DB::RawValue<'_>) -> Option<Self> {
        DB::read_timestamp(cell)
    }, fn is_beyond_text(&self) -> bool {
        is_far(self.date()) || is_leap_second(self.time())
    };
    DateTime<Utc>, ColumnType::Timestamp, Timestamp: |value| value.naive_utc(), |value: NaiveDateTime| Some(value.and_utc()), fn read_fast<DB: Dialect>(cell: &mut DB::RawValue<'_>) -> Option<Self> {
        DB::read_timestamp(cell).map(|time| time.and_utc())
    }, fn is_beyond_text(&self) -> bool {
        self.naive_utc().is_beyond_text()
    };
    Vec<u8>, ColumnType::Bytes, Bytes: Clone::clone, Some;
    Uuid, ColumnType::Uuid, Uuid: |value| value.0, |value| Some(Self(value));
    Json, ColumnType::Json, Json: |value| value.0.clone(), |value| Some(Self(value));
}

fn is_far(date: NaiveDate) -> bool {
    !(0..=9999).contains(&date.year())
}

fn is_leap_second(time: NaiveTime) -> bool {
    time.nanosecond() >= 1_000_000_000
}

#[expect(clippy::cast_possible_truncation, reason = "the column holds single precision")]
fn narrow(value: f64) -> Option<f32> {
    let narrowed = value as f32;
    (narrowed.is_finite() || !value.is_finite()).then_some(narrowed)
}

impl<const SCALE: u8> Scalar for Decimal<SCALE> {
    type Inner = Self;
    const TYPE: ColumnType = ColumnType::Decimal { scale: SCALE };

    fn to_value(&self) -> Value {
        Value::Decimal(self.scaled())
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match Self::TYPE.coerce(value)? {
            Value::Decimal(ScaledDecimal { units, .. }) => Ok(Self::from_units(units)),
            other => Err(ValueError::new(Self::TYPE.to_string(), other)),
        }
    }
}

/// A primary key: a [`Scalar`] that can be compared and hashed, or a tuple of two to four of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a primary key",
    note = "keys are integers, text, UUIDs, dates, newtypes of these, or tuples of them"
)]
pub trait PrimaryKey:
    Clone + Eq + Ord + std::hash::Hash + std::fmt::Debug + Send + Sync + 'static
{
    /// Returns the key with its types known only at run time.
    fn to_record_key(&self) -> RecordKey;

    /// Turns such a key back into this type: the reverse of [`to_record_key`](Self::to_record_key).
    ///
    /// # Errors
    /// When a value is of another type, or there are more or fewer of them.
    fn from_record_key(key: RecordKey) -> Result<Self, ValueError>;
}

impl<T> PrimaryKey for T
where
    T: Scalar<Inner = T> + Eq + Ord + std::hash::Hash + std::fmt::Debug + Send + Sync + 'static,
{
    fn to_record_key(&self) -> RecordKey {
        RecordKey(vec![self.to_value()])
    }

    fn from_record_key(key: RecordKey) -> Result<Self, ValueError> {
        match <[Value; 1]>::try_from(key.0) {
            Ok([value]) => T::from_value(value),
            Err(values) => Err(ValueError::new("a key of one column", RecordKey(values))),
        }
    }
}

macro_rules! composite_key {
    ($count:literal: $($part:ident $value:ident),*) => {
        impl<$($part),*> PrimaryKey for ($($part,)*)
        where
            $($part: Scalar<Inner = $part> + Eq + Ord + std::hash::Hash + std::fmt::Debug + Send + Sync + 'static,)*
        {
            fn to_record_key(&self) -> RecordKey {
                let ($($value,)*) = self;
                RecordKey(vec![$($value.to_value()),*])
            }

            fn from_record_key(key: RecordKey) -> Result<Self, ValueError> {
                match <[Value; $count]>::try_from(key.0) {
                    Ok([$($value),*]) => Ok(($($part::from_value($value)?,)*)),
                    Err(values) => Err(ValueError::new(
                        concat!("a key of ", $count, " columns"),
                        RecordKey(values),
                    )),
                }
            }
        }
    };
}

composite_key!(2: A a, B b);
composite_key!(3: A a, B b, C c);
composite_key!(4: A a, B b, C c, D d);

impl Record {
    /// Takes the value out of a column and turns it into a field's type.
    ///
    /// # Errors
    /// When the value is of another type or out of range.
    pub fn take<T: Scalar>(&mut self, column: usize) -> Result<T, ValueError> {
        T::from_value(self.0.get_mut(column).map(std::mem::take).unwrap_or_default())
    }
}
