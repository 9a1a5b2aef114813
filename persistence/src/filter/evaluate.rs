//! The filter in memory, with SQL's logic of three values.

use std::borrow::Cow;

use super::related::{NoRows, RelatedRows};
use super::{Filter, fold_case, recent};
use crate::entity::EntityMeta;
use crate::value::{Record, Value};

impl Filter {
    /// Returns whether the filter is true for a row, as the database would find; `None` where SQL
    /// says neither true nor false.
    ///
    /// The filter should be [resolved](Self::resolve); a column the entity does not have counts
    /// as NULL. What takes related rows is `None`: see [`evaluate_among`](Self::evaluate_among).
    #[must_use]
    pub fn evaluate(&self, meta: &EntityMeta, row: &Record) -> Option<bool> {
        self.evaluate_among(&NoRows, meta, row)
    }

    /// Returns whether the filter is true for a row among others, which it may be related to.
    #[must_use]
    pub fn evaluate_among(
        &self,
        rows: &dyn RelatedRows,
        meta: &EntityMeta,
        row: &Record,
    ) -> Option<bool> {
        let evaluate = |filter: &Self| filter.evaluate_among(rows, meta, row);
        let related = |relation: &str| {
            let relation = meta.relation(relation)?;
            let found = rows.related(relation, row.value(relation.own_column(meta)))?;
            Some((relation.target.meta(), found))
        };
        let value = |column: &Cow<'static, str>| {
            meta.position(column).map_or(&Value::Null, |position| row.value(position))
        };
        match self {
            Self::All => Some(true),
            Self::And(filters) => all(filters.iter().map(evaluate)),
            Self::Or(filters) => {
                all(filters.iter().map(|filter| not(evaluate(filter)))).map(|none| !none)
            }
            Self::Not(filter) => not(evaluate(filter)),
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
            Self::InLastDays { column, days } => {
                let column_type = meta.column(column)?.column_type;
                evaluate(&recent::within(column, column_type, *days, recent::today())?)
            }
            Self::Related { relation, filter } => {
                let (meta, found) = related(relation)?;
                Some(found.into_iter().any(|row| filter.matches_among(rows, meta, row)))
            }
            Self::RelatedCount { relation, filter, operator, count } => {
                let (meta, found) = related(relation)?;
                let is_counted = |row: &&Record| filter.matches_among(rows, meta, row);
                let found = found.into_iter().filter(is_counted).count() as u64;
                Some(operator.holds(found.cmp(count)))
            }
        }
    }

    /// Returns whether the filter finds a row: whether it is true, not unknown.
    #[must_use]
    pub fn matches(&self, meta: &EntityMeta, row: &Record) -> bool {
        self.evaluate(meta, row) == Some(true)
    }

    /// Returns whether the filter finds a row among others, which it may be related to.
    #[must_use]
    pub fn matches_among(&self, rows: &dyn RelatedRows, meta: &EntityMeta, row: &Record) -> bool {
        self.evaluate_among(rows, meta, row) == Some(true)
    }
}

fn not(truth: Option<bool>) -> Option<bool> {
    truth.map(|truth| !truth)
}

/// Joins truths by `and`: false wins over unknown, unknown over true.
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
