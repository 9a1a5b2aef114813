//! Decimals with a fixed number of places, kept as whole numbers: money without floats.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use bigdecimal::ToPrimitive as _;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Double, Integer, Numeric, Text};
use serde::{Deserialize, Serialize};

use crate::backend::Dialect;

/// Decimal places that fit a 64-bit whole number.
const MAX_SCALE: u8 = 18;

/// A decimal whose number of places is known only at run time: `units / 10^scale`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ScaledDecimal {
    /// The value times `10^scale`.
    pub units: i64,
    /// The number of decimal places, at most 18.
    pub scale: u8,
}

/// Why a text or number is not a decimal of the wanted scale.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a decimal number with at most {scale} decimal places")]
pub struct DecimalError {
    /// What was given.
    pub text: String,
    /// How many places were allowed.
    pub scale: u8,
}

impl ScaledDecimal {
    /// Parses `12`, `12.9`, `-0.05`.
    ///
    /// # Errors
    /// When the text is no plain decimal number, has more than `scale` places (zeros at the end
    /// do not count) or does not fit 64 bits.
    pub fn parse(text: &str, scale: u8) -> Result<Self, DecimalError> {
        Self::parse_units(text.trim(), scale)
            .map(|units| Self { units, scale })
            .ok_or_else(|| DecimalError { text: text.to_owned(), scale })
    }

    fn parse_units(text: &str, scale: u8) -> Option<i64> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fraction = fraction.trim_end_matches('0');
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() && !digits.starts_with('.')
            || digits == "."
            || !all_digits(whole)
            || !all_digits(fraction)
            || fraction.len() > usize::from(scale)
        {
            return None;
        }
        let mut units: i128 = 0;
        let padding = usize::from(scale) - fraction.len();
        for digit in whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat_n(b'0', padding))
        {
            units = units.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
        }
        i64::try_from(if negative { -units } else { units }).ok()
    }

    /// Returns the same number with another number of places.
    ///
    /// # Errors
    /// When places that are not zero would be lost, or the number does not fit.
    pub fn rescale(self, scale: u8) -> Result<Self, DecimalError> {
        Self::parse(&self.to_string(), scale)
    }

    /// Returns the nearest floating-point number.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "asked for: the nearest float")]
    pub fn to_f64(self) -> f64 {
        self.units as f64 / 10_f64.powi(i32::from(self.scale))
    }

    /// Returns the decimal of that scale nearest to a float, `None` where it does not fit.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked before the cast")]
    pub fn from_f64(value: f64, scale: u8) -> Option<Self> {
        let units = (value * 10_f64.powi(i32::from(scale))).round();
        (units.abs() < 9.0e18).then_some(Self { units: units as i64, scale })
    }

    /// Returns the decimal of that scale that a float stands for: the one whose nearest float it
    /// is; `None` where the float says more.
    #[must_use]
    #[expect(clippy::float_cmp, reason = "the same float, or another number")]
    pub fn exactly(value: f64, scale: u8) -> Option<Self> {
        Self::from_f64(value, scale).filter(|decimal| decimal.to_f64() == value)
    }

    /// Returns the decimal of that scale that is written like this and in no other way, as texts
    /// are compared letter by letter.
    #[must_use]
    pub fn written(text: &str, scale: u8) -> Option<Self> {
        Self::parse(text, scale).ok().filter(|decimal| decimal.to_string() == text)
    }

    const fn cross(self, other: Self) -> i128 {
        self.units as i128 * 10_i128.pow(other.scale as u32)
    }

    fn normalized(self) -> (i64, u8) {
        let (mut units, mut scale) = (self.units, self.scale);
        while scale > 0 && units % 10 == 0 {
            units /= 10;
            scale -= 1;
        }
        (units, scale)
    }
}

impl fmt::Display for ScaledDecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = usize::from(self.scale);
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let point = if scale == 0 { "" } else { "." };
        f.pad_integral(self.units >= 0, "", &format!("{whole}{point}{fraction}"))
    }
}

impl Ord for ScaledDecimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.cross(*other).cmp(&other.cross(*self))
    }
}

impl PartialOrd for ScaledDecimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ScaledDecimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ScaledDecimal {}

impl Hash for ScaledDecimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.normalized().hash(state);
    }
}

/// A decimal with `SCALE` places, kept as a whole number of its smallest unit.
///
/// Stored as the whole number itself in integer columns, as a number in `NUMERIC` and `DOUBLE`
/// columns, as digits in text columns.
///
/// ```
/// use persistence::Decimal;
/// let price: Decimal<2> = "12.99".parse()?;
/// assert_eq!(price, Decimal::from_units(1299));
/// assert_eq!(price.to_string(), "12.99");
/// # Ok::<(), persistence::DecimalError>(())
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow,
)]
#[diesel(sql_type = BigInt)]
#[diesel(sql_type = Integer)]
#[diesel(sql_type = Double)]
#[diesel(sql_type = Numeric)]
#[diesel(sql_type = Text)]
pub struct Decimal<const SCALE: u8>(i64);

impl<const SCALE: u8> Decimal<SCALE> {
    const SCALE_FITS: () = assert!(SCALE <= MAX_SCALE, "a decimal has at most 18 places");

    /// Makes the decimal of so many smallest units: `Decimal::<2>::from_units(1299)` is 12.99.
    #[must_use]
    pub const fn from_units(units: i64) -> Self {
        let () = Self::SCALE_FITS;
        Self(units)
    }

    /// Returns the number of smallest units: 1299 for 12.99.
    #[must_use]
    pub const fn units(self) -> i64 {
        self.0
    }

    /// Returns the same number with its scale known at run time.
    #[must_use]
    pub const fn scaled(self) -> ScaledDecimal {
        ScaledDecimal { units: self.0, scale: SCALE }
    }
}

impl<const SCALE: u8> FromStr for Decimal<SCALE> {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        ScaledDecimal::parse(text, SCALE).map(|decimal| Self::from_units(decimal.units))
    }
}

impl<const SCALE: u8> fmt::Display for Decimal<SCALE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.scaled().fmt(f)
    }
}

impl<const SCALE: u8> Serialize for Decimal<SCALE> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const SCALE: u8> Deserialize<'de> for Decimal<SCALE> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<DB: Dialect, const SCALE: u8> FromSql<BigInt, DB> for Decimal<SCALE>
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(bytes).map(Self::from_units)
    }
}

impl<DB: Dialect, const SCALE: u8> FromSql<Integer, DB> for Decimal<SCALE>
where
    i32: FromSql<Integer, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i32::from_sql(bytes).map(|units| Self::from_units(units.into()))
    }
}

impl<DB: Dialect, const SCALE: u8> FromSql<Double, DB> for Decimal<SCALE>
where
    f64: FromSql<Double, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let number = f64::from_sql(bytes)?;
        let decimal = ScaledDecimal::exactly(number, SCALE)
            .ok_or_else(|| DecimalError { text: number.to_string(), scale: SCALE })?;
        Ok(Self::from_units(decimal.units))
    }
}

impl<DB: Dialect, const SCALE: u8> FromSql<Numeric, DB> for Decimal<SCALE>
where
    bigdecimal::BigDecimal: FromSql<Numeric, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let number = bigdecimal::BigDecimal::from_sql(bytes)?;
        let exact = number.to_plain_string().parse::<Self>();
        // SQLite keeps NUMERIC as floats, which are read with all their binary places: the decimal
        // that was meant is the one that has this float.
        let of_float = || {
            let float = number.to_f64()?;
            ScaledDecimal::exactly(float, SCALE).map(|decimal| decimal.units)
        };
        Ok(exact.or_else(|error| of_float().map(Self::from_units).ok_or(error))?)
    }
}

impl<DB: Dialect, const SCALE: u8> FromSql<Text, DB> for Decimal<SCALE>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        let decimal =
            ScaledDecimal::written(&text, SCALE).ok_or(DecimalError { text, scale: SCALE })?;
        Ok(Self::from_units(decimal.units))
    }
}

impl<DB: Dialect> ToSql<BigInt, DB> for ScaledDecimal {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        DB::write_big_int(self.units, out)
    }
}

impl<DB: Dialect> ToSql<Integer, DB> for ScaledDecimal {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        DB::write_integer(i32::try_from(self.units)?, out)
    }
}

impl<DB: Dialect> ToSql<Double, DB> for ScaledDecimal {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        DB::write_double(self.to_f64(), out)
    }
}

impl<DB: Dialect> ToSql<Numeric, DB> for ScaledDecimal {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        DB::write_numeric(*self, out)
    }
}

impl<DB: Dialect> ToSql<Text, DB> for ScaledDecimal {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        DB::write_text(self.to_string(), out)
    }
}

macro_rules! store_decimal_as {
    ($($sql_type:ty => $write:expr;)*) => {$(
        impl<DB: Dialect, const SCALE: u8> ToSql<$sql_type, DB> for Decimal<SCALE> {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                let write: fn(ScaledDecimal, &mut Output<'b, '_, DB>) -> serialize::Result = $write;
                write(self.scaled(), out)
            }
        }
    )*};
}

store_decimal_as! {
    BigInt => |decimal, out| DB::write_big_int(decimal.units, out);
    Integer => |decimal, out| DB::write_integer(i32::try_from(decimal.units)?, out);
    Double => |decimal, out| DB::write_double(decimal.to_f64(), out);
    Numeric => |decimal, out| DB::write_numeric(decimal, out);
    Text => |decimal, out| DB::write_text(decimal.to_string(), out);
}
