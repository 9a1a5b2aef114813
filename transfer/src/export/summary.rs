//! What the numbers of some rows come to.

use persistence::{Catalog, ColumnType, DynSession, Filter, ScaledDecimal, Value};

use super::error::ExportError;
use super::reading;
use super::source::{Rows, Source};
use super::work::{Watch, watched_snapshot};

/// The places of the mean of numbers that have fewer.
const LEAST_PLACES: u8 = 2;

/// What the numbers in one column of some rows come to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// How many rows were looked at.
    pub rows: u64,
    /// How many of them have a number.
    pub numbers: u64,
    /// The exact sum of whole numbers and decimals, in units of the scale.
    units: i128,
    scale: u8,
    /// The sum of floating-point numbers.
    floats: f64,
    has_floats: bool,
}

impl Summary {
    /// Takes a value into account; NULL and what is no number only counts as a row.
    pub fn add(&mut self, value: &Value) {
        self.rows += 1;
        match value {
            Value::Integer(number) => self.units += i128::from(*number),
            Value::Decimal(ScaledDecimal { units, scale }) => {
                self.units += i128::from(*units);
                self.scale = *scale;
            }
            Value::Float(number) => {
                self.floats += number;
                self.has_floats = true;
            }
            _ => return,
        }
        self.numbers += 1;
    }

    /// Returns the sum, with all its places; `None` without a number.
    #[must_use]
    pub fn sum(&self) -> Option<String> {
        (self.numbers > 0).then(|| {
            if self.has_floats { float(self.floats) } else { scaled(self.units, self.scale) }
        })
    }

    /// Returns the mean of the numbers, to as many places as they have, but two at least where
    /// these say something; `None` without a number.
    #[must_use]
    pub fn average(&self) -> Option<String> {
        let count = i128::from(self.numbers);
        if self.has_floats {
            return (count > 0).then(|| float(self.floats / count as f64));
        }
        let more = LEAST_PLACES.saturating_sub(self.scale);
        let precise = self.units.checked_mul(10_i128.pow(more.into()))?;
        let rounded =
            (precise.checked_mul(2)? + count * precise.signum()).checked_div(count * 2)?;
        let text = scaled(rounded, self.scale + more);
        // Of the places beyond those of the numbers only as many as say something.
        let shortest = text.len() - usize::from(more);
        let kept = text.trim_end_matches('0').len().max(shortest);
        Some(text.get(..kept).unwrap_or(&text).trim_end_matches('.').to_owned())
    }
}

fn float(number: f64) -> String {
    let text = format!("{number:.6}");
    if number.abs() >= 1e15 {
        return format!("{number:e}");
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn scaled(units: i128, scale: u8) -> String {
    let places = usize::from(scale);
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if units < 0 { "-" } else { "" };
    let point = if places > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{fraction}")
}

/// Adds up the numbers in the column at that position, of all rows of a source.
///
/// # Errors
/// When the rows cannot be read, and [`ExportError::Cancelled`].
pub fn summarize(
    catalog: &Catalog,
    source: &Source,
    position: usize,
    watch: &dyn Watch,
) -> Result<Summary, ExportError> {
    let mut session = watched_snapshot(catalog, watch)?;
    if let Some(count) = source.known_count() {
        watch.total(count);
    }
    if matches!(source.rows, Rows::All)
        && source.query.limit.is_none()
        && let Some(summary) = in_the_database(session.as_mut(), source, position)?
    {
        return Ok(summary);
    }
    let mut summary = Summary::default();
    let read = reading::read(session.as_mut(), source, &[], &mut |page, _| {
        for record in page {
            summary.add(record.value(position));
        }
        watch.done(summary.rows);
        if watch.is_cancelled() { Err(ExportError::Cancelled) } else { Ok(()) }
    });
    if watch.is_cancelled() {
        return Err(ExportError::Cancelled);
    }
    read?;
    Ok(summary)
}

/// Asks the database to add up all rows, which is faster by far; `None` where its sum would not be
/// exact.
fn in_the_database(
    session: &mut dyn DynSession,
    source: &Source,
    position: usize,
) -> Result<Option<Summary>, ExportError> {
    let Some(column) = source.meta.columns.get(position) else { return Ok(None) };
    let filter = &source.query.filter;
    let mut repository = session.repository(source.meta.table)?;
    let sum = repository.sum(&[column.name], filter)?;
    let is_null = Filter::IsNull { column: column.name.into() };
    let summary = Summary {
        rows: repository.count(filter)?,
        numbers: repository.count(&filter.clone().and(is_null.not()))?,
        ..Summary::default()
    };
    Ok(match sum.first() {
        Some(Value::Integer(units)) => Some(Summary { units: i128::from(*units), ..summary }),
        Some(Value::Decimal(ScaledDecimal { units, scale })) => {
            Some(Summary { units: i128::from(*units), scale: *scale, ..summary })
        }
        Some(Value::Float(floats)) if column.column_type == ColumnType::Float => {
            Some(Summary { floats: *floats, has_floats: true, ..summary })
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[Value]) -> Summary {
        let mut summary = Summary::default();
        for value in values {
            summary.add(value);
        }
        summary
    }

    fn price(units: i64) -> Value {
        Value::Decimal(ScaledDecimal { units, scale: 2 })
    }

    #[test]
    fn prices_add_up_to_the_cent() {
        let summary = of(&[price(10), price(20), Value::Null]);
        assert_eq!((summary.rows, summary.numbers), (3, 2));
        assert_eq!(summary.sum().unwrap(), "0.30");
        assert_eq!(summary.average().unwrap(), "0.15");
    }

    #[test]
    fn an_average_has_the_places_that_say_something() {
        // As the column has them.
        assert_eq!(of(&[price(1140), price(999), price(1201)]).average().unwrap(), "11.13");
        assert_eq!(of(&[price(-1), price(-1), price(0)]).average().unwrap(), "-0.01");
        assert_eq!(of(&[price(1000), price(1100)]).average().unwrap(), "10.50");
        let tenth = Value::Decimal(ScaledDecimal { units: 1, scale: 1 });
        assert_eq!(of(&[tenth.clone(), tenth.clone()]).average().unwrap(), "0.1");
        let none = Value::Decimal(ScaledDecimal { units: 0, scale: 1 });
        assert_eq!(of(&[tenth, none]).average().unwrap(), "0.05");
        let whole =
            |numbers: &[i64]| of(&numbers.iter().map(|n| Value::Integer(*n)).collect::<Vec<_>>());
        assert_eq!(whole(&[1, 2]).average().unwrap(), "1.5");
        assert_eq!(whole(&[2, 2]).average().unwrap(), "2");
        assert_eq!(whole(&[1, 1, 0]).average().unwrap(), "0.67");
        assert_eq!(whole(&[100, 100]).average().unwrap(), "100");
    }

    #[test]
    fn the_sum_of_the_largest_numbers_is_exact() {
        let summary = of(&[Value::Integer(i64::MAX), Value::Integer(i64::MAX)]);
        assert_eq!(summary.sum().unwrap(), "18446744073709551614");
    }

    #[test]
    fn without_a_number_there_is_nothing() {
        assert_eq!(of(&[Value::Null]).sum(), None);
        assert_eq!(of(&[]).average(), None);
    }

    #[test]
    fn floating_point_numbers_are_short() {
        let summary = of(&[Value::Float(0.5), Value::Float(0.25)]);
        assert_eq!(summary.sum().unwrap(), "0.75");
        assert_eq!(summary.average().unwrap(), "0.375");
    }
}
