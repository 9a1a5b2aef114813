//! What the rows after a place in an order must meet, in parts that follow one another.

use crate::column_type::{ColumnType, ValueError};
use crate::entity::{ColumnMeta, EntityMeta};
use crate::filter::{Comparison, Filter, FilterError, known};
use crate::order::{Direction, Order};
use crate::query::Cursor;
use crate::value::Value;

/// Parts the filter into filters whose rows follow one another in the order, so that engines that
/// keep NULL at the other end can read each part by an ordinary index: rows with and without NULL
/// in the leading column apart. One part where that is settled already.
pub(crate) fn blocks(meta: &EntityMeta, order: &Order, filter: &Filter) -> Vec<Filter> {
    let leading = order.0.first().filter(|term| {
        meta.column(&term.column).is_some_and(|column| column.is_nullable)
            && !settles_null(filter, &term.column)
    });
    let Some(term) = leading else { return vec![filter.clone()] };
    let nulls = Filter::IsNull { column: term.column.clone() };
    let blocks = match term.direction {
        Direction::Ascending => [nulls.clone(), nulls.not()],
        Direction::Descending => [nulls.clone().not(), nulls],
    };
    blocks.into_iter().map(|block| filter.clone().and(block)).collect()
}

/// Returns whether all rows that a filter finds are alike in a column being NULL.
pub(crate) fn settles_null(filter: &Filter, name: &str) -> bool {
    match filter {
        Filter::And(filters) => filters.iter().any(|filter| settles_null(filter, name)),
        Filter::Not(inner) => matches!(&**inner, Filter::IsNull { column } if column == name),
        Filter::IsNull { column }
        | Filter::Compare { column, .. }
        | Filter::In { column, .. }
        | Filter::InLastDays { column, .. }
        | Filter::Text { column, .. } => column == name,
        Filter::All | Filter::Or(_) | Filter::Related { .. } | Filter::RelatedCount { .. } => false,
    }
}

/// Returns whether all rows that a filter finds are alike in a column, so that there is nothing to
/// sort by it.
pub(crate) fn settles_value(filter: &Filter, name: &str) -> bool {
    match filter {
        Filter::And(filters) => filters.iter().any(|filter| settles_value(filter, name)),
        Filter::IsNull { column } | Filter::Compare { column, operator: Comparison::Equal, .. } => {
            column == name
        }
        _ => false,
    }
}

/// Makes the conditions that the rows after a place must meet, in parts that follow one another in
/// the order. The order is [resolved](Order::resolve): it ends in the primary key.
///
/// First come the rows that are like the place in all columns but the last, then those that are like
/// it in one column less, and so on: for `a,id` those of `a = 1 and id > 7`, then those of `a > 1`.
/// Each part is one range of an index. From all parts at once, `a > 1 or a = 1 and id > 7`, SQLite
/// and PostgreSQL find no more than where `a = 1` begins, which may be millions of rows before.
///
/// # Errors
/// When the place has more or fewer values than the order has columns, or of another type.
pub(crate) fn after(
    meta: &EntityMeta,
    order: &Order,
    place: &Cursor,
) -> Result<Vec<Filter>, FilterError> {
    let mut alike = Filter::All;
    let mut levels = Vec::new();
    for term in terms(meta, order, place)? {
        let level: Vec<_> =
            term.after().into_iter().map(|after| alike.clone().and(after)).collect();
        levels.push(level);
        if term.is_unique(meta) {
            break;
        }
        alike = alike.and(term.equal());
    }
    Ok(levels.into_iter().rev().flatten().collect())
}

/// One column of an order with its value at a place.
struct Term {
    column: &'static ColumnMeta,
    direction: Direction,
    value: Value,
}

fn terms(meta: &EntityMeta, order: &Order, place: &Cursor) -> Result<Vec<Term>, FilterError> {
    if order.0.len() != place.0.len() {
        return Err(FilterError::new(format!(
            "a place in the order {order} has {} values, got {}",
            order.0.len(),
            place.0.len()
        )));
    }
    let term = |(term, value): (&crate::order::OrderTerm, &Value)| {
        let column = known(meta, &term.column)?;
        let value = match value {
            // Also what nobody can type: infinities, and what is no number.
            Value::Float(_) if column.column_type == ColumnType::Float => value.clone(),
            value => column
                .column_type
                .coerce_stored(value.clone())
                .map_err(|error: ValueError| FilterError::wrong_value(column.name, &error))?,
        };
        Ok(Term { column, direction: term.direction, value })
    };
    order.0.iter().zip(&place.0).map(term).collect()
}

impl Term {
    fn compare(&self, operator: Comparison) -> Filter {
        Filter::compare(self.column.name, operator, self.value.clone())
    }

    fn is_null(&self) -> Filter {
        Filter::IsNull { column: self.column.name.into() }
    }

    fn equal(&self) -> Filter {
        Filter::equals(self.column.name, self.value.clone())
    }

    /// Returns whether no other row has this value.
    fn is_unique(&self, meta: &EntityMeta) -> bool {
        let is_only = |columns: &[usize]| meta.names(columns) == [self.column.name];
        !self.value.is_null()
            && (is_only(meta.key) || meta.unique.iter().any(|columns| is_only(columns)))
    }

    /// Makes the filters for the rows after this one's value, in parts that follow one another.
    fn after(&self) -> Vec<Filter> {
        match (self.direction, self.value.is_null()) {
            (Direction::Ascending, true) => vec![self.is_null().not()],
            (Direction::Ascending, false) => vec![self.compare(Comparison::Greater)],
            (Direction::Descending, true) => Vec::new(),
            (Direction::Descending, false) if self.column.is_nullable => {
                vec![self.compare(Comparison::Less), self.is_null()]
            }
            (Direction::Descending, false) => vec![self.compare(Comparison::Less)],
        }
    }
}
