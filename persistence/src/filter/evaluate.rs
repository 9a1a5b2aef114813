//! The filter in memory, with SQL's logic of three values.

use std::borrow::Cow;

use super::{Filter, fold_case};
use crate::entity::EntityMeta;
use crate::value::{Record, Value};

impl Filter {
    /// Whether the filter is true for a row, as the database would find; `None` where SQL says
    /// neither true nor false.
    ///
    /// The filter should be [resolved](Self::resolve); a column the entity does not have counts
    /// as NULL.
    #[must_use]
    pub fn evaluate(&self, meta: &EntityMeta, row: &Record) -> Option<bool> {
        let value = |column: &Cow<'static, str>| {
            meta.position(column).map_or(&Value::Null, |position| row.value(position))
        };
        match self {
            Self::All => Some(true),
            Self::And(filters) => all(filters.iter().map(|filter| filter.evaluate(meta, row))),
            Self::Or(filters) => {
                all(filters.iter().map(|filter| not(filter.evaluate(meta, row)))).map(|none| !none)
            }
            Self::Not(filter) => not(filter.evaluate(meta, row)),
            Self::Compare { column, operator, value: wanted } => {
                let value = value(column);
                (!value.is_null() && !wanted.is_null()).then(|| operator.holds(value.cmp(wanted)))
            }
            Self::In { column, values } => is_in(value(column), values),
            Self::Text { column, operator, pattern } => {
                let text = fold_case(value(column).as_text()?);
                Some(operator.holds(&text, &fold_case(pattern)))
            }
            Self::IsNull { column } => Some(value(column).is_null()),
        }
    }

    /// Whether the filter finds a row: whether it is true, not unknown.
    #[must_use]
    pub fn matches(&self, meta: &EntityMeta, row: &Record) -> bool {
        self.evaluate(meta, row) == Some(true)
    }
}

fn not(truth: Option<bool>) -> Option<bool> {
    truth.map(|truth| !truth)
}

/// False wins over unknown, unknown over true.
fn all(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut whole = Some(true);
    for truth in truths {
        match truth {
            Some(false) => return Some(false),
            None => whole = None,
            Some(true) => {}
        }
    }
    whole
}

fn is_in(value: &Value, values: &[Value]) -> Option<bool> {
    if values.is_empty() {
        // One of nothing is false for NULL as well.
        Some(false)
    } else if value.is_null() {
        None
    } else if values.contains(value) {
        Some(true)
    } else if values.iter().any(Value::is_null) {
        None
    } else {
        Some(false)
    }
}
