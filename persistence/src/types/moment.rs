//! Points in time in the forms in which others store them.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use chrono::{DateTime, Datelike as _, NaiveDateTime, Timelike as _};
use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Double, Text};

use crate::backend::Dialect;
use crate::column_type::{ColumnType, ValueError};
use crate::entity::Storage;
use crate::raw::RawValue;
use crate::scalar::Scalar;
use crate::value::Value;

/// In which form a database stores points in time that is not its own type for them.
///
/// Values are compared as they are stored: so a column has one form, and what is written otherwise
/// is not read as a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MomentForm {
    /// Whole seconds since 1970, UTC.
    UnixSeconds,
    /// Whole milliseconds since 1970, UTC.
    UnixMilliseconds,
    /// Days since noon of 24 November 4714 BC, as SQLite's `julianday()` counts them, UTC.
    JulianDays,
    /// Text in the form that a `strftime` pattern says, year first, UTC.
    Text(&'static str),
}

/// Milliseconds from the first Julian day to 1970.
const MILLISECONDS_TO_1970: i64 = 210_866_760_000_000;
/// Milliseconds of a day.
const DAY: f64 = 86_400_000.0;

impl MomentForm {
    /// Returns what a column of this form stores.
    pub(crate) const fn storage(self) -> Storage {
        match self {
            Self::UnixSeconds | Self::UnixMilliseconds => Storage::BigInt,
            Self::JulianDays => Storage::Double,
            Self::Text(_) => Storage::Text,
        }
    }

    /// Returns what stands for a point in time; `None` where the form does not keep all of it.
    #[expect(clippy::cast_precision_loss, reason = "47 bits, which a float keeps")]
    pub(crate) fn store(self, time: NaiveDateTime) -> Option<RawValue> {
        let utc = time.and_utc();
        let stored = match self {
            Self::UnixSeconds => RawValue::Integer(utc.timestamp()),
            Self::UnixMilliseconds => RawValue::Integer(utc.timestamp_millis()),
            Self::JulianDays => {
                RawValue::Float((utc.timestamp_millis() + MILLISECONDS_TO_1970) as f64 / DAY)
            }
            Self::Text(pattern) => RawValue::Text(time.format(pattern).to_string()),
        };
        (self.read(&stored) == Some(time)).then_some(stored)
    }

    /// Reads the point in time that something stands for; `None` where this form writes none so.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::float_cmp,
        reason = "what is not exactly that is refused"
    )]
    pub(crate) fn read(self, stored: &RawValue) -> Option<NaiveDateTime> {
        match (self, stored) {
            (Self::UnixSeconds, RawValue::Integer(seconds)) => {
                DateTime::from_timestamp(*seconds, 0).map(|time| time.naive_utc())
            }
            (Self::UnixMilliseconds, RawValue::Integer(milliseconds)) => {
                DateTime::from_timestamp_millis(*milliseconds).map(|time| time.naive_utc())
            }
            (Self::JulianDays, RawValue::Float(days)) => {
                let milliseconds = (days * DAY).round() as i64;
                if milliseconds as f64 / DAY != *days {
                    return None;
                }
                DateTime::from_timestamp_millis(milliseconds.checked_sub(MILLISECONDS_TO_1970)?)
                    .map(|time| time.naive_utc())
            }
            (Self::Text(pattern), RawValue::Text(text)) => {
                let time = NaiveDateTime::parse_from_str(text, pattern).ok()?;
                // Years of other lengths would not sort as the times do.
                ((0..=9999).contains(&time.year())
                    && time.nanosecond() < 1_000_000_000
                    && time.format(pattern).to_string() == *text)
                    .then_some(time)
            }
            _ => None,
        }
    }
}

/// A form of points in time, as a type.
pub trait MomentFormat: 'static {
    /// The form.
    const FORM: MomentForm;
}

macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident = $form:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {}

        impl MomentFormat for $name {
            const FORM: MomentForm = $form;
        }
    )*};
}

forms! {
    /// Whole seconds since 1970, in a column of whole numbers.
    UnixSeconds = MomentForm::UnixSeconds;
    /// Whole milliseconds since 1970, in a column of whole numbers.
    UnixMilliseconds = MomentForm::UnixMilliseconds;
    /// Julian days, in a column of floating-point numbers.
    JulianDays = MomentForm::JulianDays;
    /// `2026-11-29 23:59:59.000`: always three places.
    Milliseconds = MomentForm::Text("%Y-%m-%d %H:%M:%S%.3f");
    /// `2026-11-29 23:59:59.000000`: always six places, as SQLAlchemy writes it into SQLite.
    Microseconds = MomentForm::Text("%Y-%m-%d %H:%M:%S%.6f");
    /// `2026-11-29T23:59:59`: ISO 8601 with a `T`.
    Iso = MomentForm::Text("%Y-%m-%dT%H:%M:%S%.f");
    /// `2026-11-29T23:59:59Z`: RFC 3339 in UTC, to the second: with parts of seconds after it such texts
    /// would not sort as the times do.
    IsoUtc = MomentForm::Text("%Y-%m-%dT%H:%M:%SZ");
    /// `2026-11-29T23:59:59.000Z`: as JavaScript's `toISOString` writes it.
    IsoUtcMilliseconds = MomentForm::Text("%Y-%m-%dT%H:%M:%S%.3fZ");
}

/// A point in time, UTC, in a column that stores it in another form than the framework's own.
///
/// The column's type in `table!` is what is stored: `BigInt` for Unix times, `Double` for Julian
/// days, `Text` (or `Timestamp` on SQLite) for texts. Values are read, bound and compared in that
/// form; a cell in another one is [unreadable](crate::Error::Unreadable), as it would be sorted and
/// compared as something else.
///
/// ```
/// use persistence::types::{Moment, UnixSeconds};
/// let epoch = Moment::<UnixSeconds>::from(chrono::NaiveDateTime::default());
/// assert_eq!(epoch.to_string(), "1970-01-01 00:00:00");
/// ```
pub struct Moment<F>(NaiveDateTime, PhantomData<fn() -> F>);

impl<F> Moment<F> {
    /// Returns the point in time.
    #[must_use]
    pub const fn time(self) -> NaiveDateTime {
        self.0
    }
}

impl<F> From<NaiveDateTime> for Moment<F> {
    fn from(time: NaiveDateTime) -> Self {
        Self(time, PhantomData)
    }
}

impl<F> Clone for Moment<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Moment<F> {}

impl<F> fmt::Debug for Moment<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<F> fmt::Display for Moment<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<F> PartialEq for Moment<F> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<F> Eq for Moment<F> {}

impl<F> PartialOrd for Moment<F> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<F> Ord for Moment<F> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<F> Hash for Moment<F> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<F: MomentFormat> Scalar for Moment<F> {
    type Inner = Self;
    const TYPE: ColumnType = ColumnType::Timestamp;
    const FORM: Option<MomentForm> = Some(F::FORM);

    fn to_value(&self) -> Value {
        Value::Timestamp(self.0)
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match Self::TYPE.coerce(value)? {
            Value::Timestamp(time) if F::FORM.store(time).is_some() => Ok(time.into()),
            Value::Timestamp(time) => {
                Err(ValueError::new("a point in time that its column keeps", time))
            }
            other => Err(ValueError::new(Self::TYPE.to_string(), other)),
        }
    }
}

fn read<F: MomentFormat>(stored: &RawValue) -> deserialize::Result<Moment<F>> {
    F::FORM.read(stored).map(Moment::from).ok_or_else(|| "another form of time is stored".into())
}

fn write<DB: Dialect>(
    form: MomentForm,
    time: NaiveDateTime,
    out: &mut Output<'_, '_, DB>,
) -> serialize::Result {
    match form.store(time) {
        Some(RawValue::Integer(integer)) => DB::write_big_int(integer, out),
        Some(RawValue::Float(float)) => DB::write_double(float, out),
        Some(RawValue::Text(text)) => DB::write_text(text, out),
        Some(RawValue::Number(_) | RawValue::NonUtf8(_) | RawValue::Bytes(_)) | None => {
            Err(format!("{time} is more exact than its column keeps, or too far away").into())
        }
    }
}

macro_rules! stored_as {
    ($($sql_type:ty, $rust:ty, $kind:ident;)*) => {$(
        impl<F: MomentFormat, DB: Dialect> FromSql<$sql_type, DB> for Moment<F>
        where
            $rust: FromSql<$sql_type, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                read(&RawValue::$kind(<$rust>::from_sql(bytes)?))
            }
        }

        impl<F: MomentFormat, DB: Dialect> ToSql<$sql_type, DB> for Moment<F> {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                write(F::FORM, self.0, out)
            }
        }
    )*};
}

stored_as! {
    BigInt, i64, Integer;
    Double, f64, Float;
    Text, String, Text;
}

#[cfg(feature = "sqlite")]
mod on_sqlite {
    use diesel::sql_types::{Text, Timestamp};
    use diesel::sqlite::Sqlite;

    use super::{FromSql, Moment, MomentFormat, Output, RawValue, ToSql, deserialize, serialize};

    /// Diesel's CLI takes a column of SQLite for a timestamp where it is declared as one, and SQLite
    /// keeps text in it.
    impl<F: MomentFormat> FromSql<Timestamp, Sqlite> for Moment<F> {
        fn from_sql(
            bytes: <Sqlite as diesel::backend::Backend>::RawValue<'_>,
        ) -> deserialize::Result<Self> {
            super::read(&RawValue::Text(FromSql::<Text, Sqlite>::from_sql(bytes)?))
        }
    }

    impl<F: MomentFormat> ToSql<Timestamp, Sqlite> for Moment<F> {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
            ToSql::<Text, Sqlite>::to_sql(self, out)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_again_and_sorts_as_the_times_do() {
        let times: Vec<NaiveDateTime> = [
            "1969-12-31T23:59:59",
            "1970-01-01T00:00:00",
            "2001-03-02T10:20:30",
            "2001-03-02T10:20:30.500",
            "2001-03-02T10:20:30.500001",
            "9999-12-31T00:00:00",
        ]
        .iter()
        .map(|text| text.parse().expect("a time"))
        .collect();
        for form in [
            UnixSeconds::FORM,
            UnixMilliseconds::FORM,
            JulianDays::FORM,
            Milliseconds::FORM,
            Microseconds::FORM,
            Iso::FORM,
            IsoUtc::FORM,
            IsoUtcMilliseconds::FORM,
        ] {
            let kept: Vec<_> =
                times.iter().filter_map(|time| Some((*time, form.store(*time)?))).collect();
            assert!(kept.len() >= 4, "{form:?}");
            for (time, stored) in &kept {
                assert_eq!(form.read(stored), Some(*time), "{form:?}");
            }
            assert!(kept.is_sorted_by(|(_, one), (_, next)| one < next), "{form:?}: {kept:?}");
        }
    }

    #[test]
    fn what_another_form_writes_is_not_read() {
        let text = |text: &str| RawValue::Text(text.to_owned());
        assert_eq!(Milliseconds::FORM.read(&text("2001-03-02 10:20:30")), None);
        assert_eq!(Milliseconds::FORM.read(&text("2001-03-02 10:20:30.0")), None);
        assert_eq!(IsoUtc::FORM.read(&text("2001-03-02T10:20:30+00:00")), None);
        assert_eq!(UnixSeconds::FORM.read(&text("983528430")), None);
        assert!(
            UnixSeconds::FORM.store("2001-03-02T10:20:30.5".parse().expect("a time")).is_none()
        );
        // As SQLite's `julianday('2001-03-02 10:20:30')` counts.
        let days = RawValue::Float(2_451_970.930_902_777_6);
        assert_eq!(JulianDays::FORM.read(&days), "2001-03-02T10:20:30".parse().ok());
    }
}
