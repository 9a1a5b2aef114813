//! One condition on one column, as people read it.

use persistence::{ColumnMeta, Comparison, EntityMeta, Filter, Value};

use super::operator::OPERATORS;
use super::{Kind, Operator};

/// One condition on one column.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The column.
    pub column: &'static ColumnMeta,
    /// What is asked of it.
    pub operator: &'static Operator,
    /// What is given beside that.
    pub operands: Vec<Value>,
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.column.name == other.column.name
            && self.operator == other.operator
            && self.operands == other.operands
    }
}

impl Condition {
    /// Returns a filter as one condition; `None` where it is more than that, or asks what no
    /// operator does.
    #[must_use]
    pub fn of(meta: &EntityMeta, filter: &Filter) -> Option<Self> {
        let column = meta.column(column_of(filter)?)?;
        let kind = Kind::of(column);
        OPERATORS.iter().filter(|operator| operator.kinds.contains(&kind)).find_map(|operator| {
            let operands = (operator.read)(filter)?;
            Some(Self { column, operator, operands })
        })
    }

    /// Returns the filter that it means.
    #[must_use]
    pub fn filter(&self) -> Filter {
        (self.operator.write)(self.column.name, &self.operands)
    }

    /// Returns what finds the rows with a value in a column.
    #[must_use]
    pub fn equal(meta: &EntityMeta, column: &'static ColumnMeta, value: Value) -> Option<Self> {
        if !value.is_null() && Kind::of(column) == Kind::Document {
            return None;
        }
        Self::of(meta, &Filter::equals(column.name, value))
    }

    /// Returns what finds the rows with one of several values in a column, NULL among them:
    /// alternatives.
    #[must_use]
    pub fn one_of(
        meta: &EntityMeta,
        column: &'static ColumnMeta,
        values: Vec<Value>,
    ) -> Option<Vec<Self>> {
        let (nulls, mut values): (Vec<_>, Vec<_>) = values.into_iter().partition(Value::is_null);
        let mut alternatives = Vec::new();
        match (values.pop(), values.is_empty()) {
            (Some(value), true) => alternatives.push(Self::equal(meta, column, value)?),
            (Some(value), false) => {
                values.push(value);
                let filter = Filter::In { column: column.name.into(), values };
                alternatives.push(Self::of(meta, &filter)?);
            }
            (None, _) => {}
        }
        if !nulls.is_empty() {
            alternatives.push(Self::equal(meta, column, Value::Null)?);
        }
        (!alternatives.is_empty()).then_some(alternatives)
    }

    /// Returns what finds the rows without a value in a column, those with NULL as well:
    /// alternatives.
    #[must_use]
    pub fn other_than(
        meta: &EntityMeta,
        column: &'static ColumnMeta,
        value: Value,
    ) -> Option<Vec<Self>> {
        let is_null = Filter::IsNull { column: column.name.into() };
        if value.is_null() {
            return Some(vec![Self::of(meta, &is_null.not())?]);
        }
        if Kind::of(column) == Kind::Document {
            return None;
        }
        let other = Filter::compare(column.name, Comparison::NotEqual, value);
        let mut alternatives = vec![Self::of(meta, &other)?];
        if column.is_nullable {
            alternatives.extend(Self::of(meta, &is_null));
        }
        Some(alternatives)
    }
}

/// Returns the column that a filter is about, where it is about a single one.
fn column_of(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Compare { column, .. }
        | Filter::Text { column, .. }
        | Filter::In { column, .. }
        | Filter::InLastDays { column, .. }
        | Filter::IsNull { column } => Some(column),
        Filter::Not(inner) => column_of(inner),
        Filter::And(filters) => column_of(filters.first()?),
        _ => None,
    }
}
