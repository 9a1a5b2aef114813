//! What can be asked of a column: one table, from which pills are read, written and edited.
//!
//! To add an operator, add a line to [`OPERATORS`]: its kinds of columns, what is typed for it, and
//! the filter that it means, in both directions.

use persistence::{Comparison, Filter, TextMatch, Value};

use super::Kind;
use crate::i18n::TextKey;
use crate::text_key;

/// What is given beside the column and the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operands {
    /// Nothing.
    None,
    /// A value of the column's type.
    One,
    /// Two of them, the smaller one first.
    Two,
    /// Any number of them.
    Many,
    /// A part of a text.
    Pattern,
    /// A number of days.
    Days,
}

/// Something that can be asked of a column.
#[derive(Debug)]
pub struct Operator {
    /// Tells it apart from the others.
    pub name: &'static str,
    /// In words.
    pub text: TextKey,
    /// As a sign, where there is a usual one.
    pub sign: Option<&'static str>,
    /// As it stands behind a column in a typed filter.
    pub typed: &'static str,
    /// Of which columns it can be asked.
    pub kinds: &'static [Kind],
    /// What is given beside it.
    pub operands: Operands,
    /// The filter that it means.
    pub write: fn(&'static str, &[Value]) -> Filter,
    /// What is given beside it in a filter that means it; `None` in any other filter.
    pub read: fn(&Filter) -> Option<Vec<Value>>,
}

impl PartialEq for Operator {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Operator {}

impl Operator {
    /// Returns the operators for a kind of column, in the order of menus.
    pub fn of(kind: Kind) -> impl Iterator<Item = &'static Self> {
        OPERATORS.iter().filter(move |operator| operator.kinds.contains(&kind))
    }

    /// Returns the operator of that name.
    #[cfg(test)]
    pub fn named(name: &str) -> Option<&'static Self> {
        OPERATORS.iter().find(|operator| operator.name == name)
    }
}

const ORDERED: &[Kind] = &[Kind::Number, Kind::Date, Kind::Timestamp, Kind::Time];
const TEXT: &[Kind] = &[Kind::Text];
const CHOSEN: &[Kind] = &[Kind::Enum, Kind::Reference];
const BOOL: &[Kind] = &[Kind::Bool];
const SAME: &[Kind] =
    &[Kind::Text, Kind::Number, Kind::Date, Kind::Timestamp, Kind::Time, Kind::Opaque];
const EVERY: &[Kind] = &[
    Kind::Text,
    Kind::Number,
    Kind::Date,
    Kind::Timestamp,
    Kind::Time,
    Kind::Bool,
    Kind::Enum,
    Kind::Reference,
    Kind::Opaque,
    Kind::Document,
];

/// An operator that compares with one value.
macro_rules! compared {
    ($name:literal, $text:expr, $sign:literal, $typed:literal, $kinds:expr, $comparison:expr) => {
        Operator {
            name: $name,
            text: $text,
            sign: Some($sign),
            typed: $typed,
            kinds: $kinds,
            operands: Operands::One,
            write: |column, values| compare(column, $comparison, values),
            read: |filter| read_compare(filter, $comparison),
        }
    };
}

/// An operator that looks for a part of a text.
macro_rules! matched {
    ($name:literal, $text:expr, $typed:literal, $match:expr) => {
        Operator {
            name: $name,
            text: $text,
            sign: None,
            typed: $typed,
            kinds: TEXT,
            operands: Operands::Pattern,
            write: |column, values| text(column, $match, values),
            read: |filter| read_text(filter, $match),
        }
    };
}

/// Everything that can be asked. The first operator that a filter can be read as is the one it is
/// shown as; the first one of a kind is what a new pill begins with.
pub static OPERATORS: &[Operator] = &[
    matched!("contains", text_key!("pill-contains"), "~", TextMatch::Contains),
    Operator {
        name: "does not contain",
        text: text_key!("pill-contains-not"),
        sign: None,
        typed: "!~",
        kinds: TEXT,
        operands: Operands::Pattern,
        write: |column, values| text(column, TextMatch::Contains, values).not(),
        read: |filter| read_text(negated(filter)?, TextMatch::Contains),
    },
    matched!("starts with", text_key!("pill-starts-with"), "^=", TextMatch::StartsWith),
    matched!("ends with", text_key!("pill-ends-with"), "$=", TextMatch::EndsWith),
    Operator {
        name: "is empty",
        text: text_key!("pill-is-empty"),
        sign: None,
        typed: "= \"\"",
        kinds: TEXT,
        operands: Operands::None,
        write: |column, _| Filter::compare(column, Comparison::Equal, ""),
        read: |filter| read_exactly(filter, Comparison::Equal, &Value::from("")),
    },
    Operator {
        name: "is not empty",
        text: text_key!("pill-is-not-empty"),
        sign: None,
        typed: "!= \"\"",
        kinds: TEXT,
        operands: Operands::None,
        write: |column, _| Filter::compare(column, Comparison::NotEqual, ""),
        read: |filter| read_exactly(filter, Comparison::NotEqual, &Value::from("")),
    },
    Operator {
        name: "is true",
        text: text_key!("pill-is-true"),
        sign: None,
        typed: "= true",
        kinds: BOOL,
        operands: Operands::None,
        write: |column, _| Filter::compare(column, Comparison::Equal, true),
        read: |filter| {
            read_exactly(filter, Comparison::Equal, &Value::Bool(true))
                .or_else(|| read_exactly(filter, Comparison::NotEqual, &Value::Bool(false)))
        },
    },
    Operator {
        name: "is false",
        text: text_key!("pill-is-false"),
        sign: None,
        typed: "= false",
        kinds: BOOL,
        operands: Operands::None,
        write: |column, _| Filter::compare(column, Comparison::Equal, false),
        read: |filter| {
            read_exactly(filter, Comparison::Equal, &Value::Bool(false))
                .or_else(|| read_exactly(filter, Comparison::NotEqual, &Value::Bool(true)))
        },
    },
    compared!("equals", text_key!("pill-equals"), "=", "=", SAME, Comparison::Equal),
    compared!(
        "does not equal",
        text_key!("pill-equals-not"),
        "≠",
        "!=",
        SAME,
        Comparison::NotEqual
    ),
    compared!("is less than", text_key!("pill-less"), "<", "<", ORDERED, Comparison::Less),
    compared!("is at most", text_key!("pill-at-most"), "≤", "<=", ORDERED, Comparison::LessOrEqual),
    compared!("is greater than", text_key!("pill-greater"), ">", ">", ORDERED, Comparison::Greater),
    compared!(
        "is at least",
        text_key!("pill-at-least"),
        "≥",
        ">=",
        ORDERED,
        Comparison::GreaterOrEqual
    ),
    Operator {
        name: "is between",
        text: text_key!("pill-between"),
        sign: None,
        typed: "between",
        kinds: ORDERED,
        operands: Operands::Two,
        write: between,
        read: read_between,
    },
    Operator {
        name: "is in the last days",
        text: text_key!("pill-in-last-days"),
        sign: None,
        typed: "in last",
        kinds: &[Kind::Date, Kind::Timestamp],
        operands: Operands::Days,
        write: |column, values| {
            let days = values.first().and_then(Value::as_integer).unwrap_or_default();
            let days = u32::try_from(days).unwrap_or_default();
            Filter::InLastDays { column: column.into(), days }
        },
        read: |filter| match filter {
            Filter::InLastDays { days, .. } => Some(vec![Value::Integer(i64::from(*days))]),
            _ => None,
        },
    },
    Operator {
        name: "is any of",
        text: text_key!("pill-any-of"),
        sign: None,
        typed: "in (",
        kinds: CHOSEN,
        operands: Operands::Many,
        write: is_in,
        read: |filter| read_in(filter).or_else(|| read_compare(filter, Comparison::Equal)),
    },
    Operator {
        name: "is none of",
        text: text_key!("pill-none-of"),
        sign: None,
        typed: "not in (",
        kinds: CHOSEN,
        operands: Operands::Many,
        write: |column, values| is_in(column, values).not(),
        read: |filter| {
            negated(filter).and_then(read_in).or_else(|| read_compare(filter, Comparison::NotEqual))
        },
    },
    Operator {
        name: "is in",
        text: text_key!("pill-any-of"),
        sign: None,
        typed: "in (",
        kinds: SAME,
        operands: Operands::Many,
        write: is_in,
        read: read_in,
    },
    Operator {
        name: "is not in",
        text: text_key!("pill-none-of"),
        sign: None,
        typed: "not in (",
        kinds: SAME,
        operands: Operands::Many,
        write: |column, values| is_in(column, values).not(),
        read: |filter| read_in(negated(filter)?),
    },
    Operator {
        name: "is null",
        text: text_key!("pill-is-null"),
        sign: None,
        typed: "is null",
        kinds: EVERY,
        operands: Operands::None,
        write: |column, _| Filter::IsNull { column: column.into() },
        read: |filter| matches!(filter, Filter::IsNull { .. }).then(Vec::new),
    },
    Operator {
        name: "is not null",
        text: text_key!("pill-is-not-null"),
        sign: None,
        typed: "is not null",
        kinds: EVERY,
        operands: Operands::None,
        write: |column, _| Filter::IsNull { column: column.into() }.not(),
        read: |filter| matches!(negated(filter)?, Filter::IsNull { .. }).then(Vec::new),
    },
];

fn compare(column: &'static str, operator: Comparison, values: &[Value]) -> Filter {
    Filter::compare(column, operator, values.first().cloned().unwrap_or_default())
}

fn read_compare(filter: &Filter, wanted: Comparison) -> Option<Vec<Value>> {
    match filter {
        Filter::Compare { operator, value, .. } if *operator == wanted => Some(vec![value.clone()]),
        _ => None,
    }
}

fn read_exactly(filter: &Filter, operator: Comparison, wanted: &Value) -> Option<Vec<Value>> {
    let values = read_compare(filter, operator)?;
    (values.first() == Some(wanted)).then(Vec::new)
}

fn text(column: &'static str, operator: TextMatch, values: &[Value]) -> Filter {
    let pattern = values.first().and_then(Value::as_text).unwrap_or_default().to_owned();
    Filter::Text { column: column.into(), operator, pattern }
}

fn read_text(filter: &Filter, wanted: TextMatch) -> Option<Vec<Value>> {
    match filter {
        Filter::Text { operator, pattern, .. } if *operator == wanted => {
            Some(vec![Value::Text(pattern.clone())])
        }
        _ => None,
    }
}

fn is_in(column: &'static str, values: &[Value]) -> Filter {
    Filter::In { column: column.into(), values: values.to_vec() }
}

fn read_in(filter: &Filter) -> Option<Vec<Value>> {
    match filter {
        Filter::In { values, .. } => Some(values.clone()),
        _ => None,
    }
}

fn between(column: &'static str, values: &[Value]) -> Filter {
    let end = |place: usize| values.get(place).cloned().unwrap_or_default();
    Filter::And(vec![
        Filter::compare(column, Comparison::GreaterOrEqual, end(0)),
        Filter::compare(column, Comparison::LessOrEqual, end(1)),
    ])
}

fn read_between(filter: &Filter) -> Option<Vec<Value>> {
    let Filter::And(filters) = filter else { return None };
    match filters.as_slice() {
        [
            Filter::Compare { column, operator: Comparison::GreaterOrEqual, value: low },
            Filter::Compare { column: same, operator: Comparison::LessOrEqual, value: high },
        ] if column == same => Some(vec![low.clone(), high.clone()]),
        _ => None,
    }
}

fn negated(filter: &Filter) -> Option<&Filter> {
    match filter {
        Filter::Not(inner) => Some(inner),
        _ => None,
    }
}
