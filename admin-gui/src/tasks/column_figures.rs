//! The figures of a column.

use persistence::{Comparison, Filter, Value};

/// What the values of a column are like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnFigures {
    /// How many rows there are.
    pub rows: u64,
    /// How many of them have NULL.
    pub nulls: u64,
    /// How many different values there are.
    pub distinct: Option<u64>,
    /// The least value.
    pub least: Option<Value>,
    /// The greatest value.
    pub greatest: Option<Value>,
    /// The mean of numbers.
    pub mean: Option<f64>,
    /// How the values are spread.
    pub distribution: Distribution,
}

/// How the values of a column are spread.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Distribution {
    /// Not known.
    #[default]
    Unknown,
    /// Ranges, in order, and how many rows are in each.
    Histogram(Vec<Bin>),
    /// The most frequent values.
    Frequent(Vec<ValueCount>),
}

/// A range of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Bin {
    /// The least value that is in it.
    pub from: Value,
    /// The least value that is in the next one; in the last range, its greatest value.
    pub to: Value,
    /// How many rows have a value in it.
    pub count: u64,
    /// Whether `to` itself is in it.
    pub is_last: bool,
}

/// A value, and how many rows have it.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueCount {
    /// The value.
    pub value: Value,
    /// The label of the row it refers to.
    pub label: Option<String>,
    /// How many rows.
    pub count: u64,
}

impl Bin {
    /// Returns what finds the rows with a value in the range.
    #[must_use]
    pub fn filter(&self, column: &'static str) -> Filter {
        if self.from == self.to {
            return Filter::compare(column, Comparison::Equal, self.from.clone());
        }
        let end = if self.is_last { Comparison::LessOrEqual } else { Comparison::Less };
        Filter::compare(column, Comparison::GreaterOrEqual, self.from.clone()).and(Filter::compare(
            column,
            end,
            self.to.clone(),
        ))
    }
}

impl ValueCount {
    /// Returns what finds the rows with the value.
    #[must_use]
    pub fn filter(&self, column: &'static str) -> Filter {
        if self.value.is_null() {
            Filter::IsNull { column: column.into() }
        } else {
            Filter::compare(column, Comparison::Equal, self.value.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bin(from: i64, to: i64, is_last: bool) -> String {
        let bin = Bin { from: Value::Integer(from), to: Value::Integer(to), count: 1, is_last };
        bin.filter("price").to_string()
    }

    #[test]
    fn a_range_ends_before_the_next_and_the_last_one_with_its_greatest_value() {
        assert_eq!(bin(10, 20, false), "price >= 10 and price < 20");
        assert_eq!(bin(20, 30, true), "price between 20 and 30");
        assert_eq!(bin(30, 30, true), "price = 30");
    }

    #[test]
    fn null_is_found_as_null() {
        let nothing = ValueCount { value: Value::Null, label: None, count: 3 };
        assert_eq!(nothing.filter("isbn").to_string(), "isbn is null");
        let something = ValueCount { value: "x".into(), label: None, count: 3 };
        assert_eq!(something.filter("isbn").to_string(), "isbn = \"x\"");
    }
}
