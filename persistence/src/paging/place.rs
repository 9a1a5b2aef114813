//! What the rows after a place in an order must meet, in parts that follow one another.

use crate::column_type::ValueError;
use crate::entity::{ColumnMeta, EntityMeta};
use crate::filter::{Comparison, Filter, FilterError, known};
use crate::order::{Direction, Order};
use crate::query::Cursor;
use crate::value::Value;

/// The filter in parts whose rows follow one another in the order, so that engines that keep NULL
/// at the other end can read each part by an ordinary index: rows with and without NULL in the
/// leading column apart. One part where that is settled already.
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

/// Whether all rows that a filter finds are alike in a column being NULL.
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

/// Whether all rows that a filter finds are alike in a column, so that there is nothing to sort by
/// it.
pub(crate) fn settles_value(filter: &Filter, name: &str) -> bool {
    match filter {
        Filter::And(filters) => filters.iter().any(|filter| settles_value(filter, name)),
        Filter::IsNull { column } | Filter::Compare { column, operator: Comparison::Equal, .. } => {
            column == name
        }
        _ => false,
    }
}

/// What the rows after a place must meet, in parts that follow one another in the order, as
/// [`blocks`] does. The order is [resolved](Order::resolve): it ends in the primary key.
///
/// The first part begins with a bound on the leading column alone (`a >= 1 and (a > 1 or a = 1 and
/// id > 7)`), by which an index finds its first row at once; from `a > 1 or a = 1 and id > 7` by
/// itself no engine does.
///
/// # Errors
/// When the place has more or fewer values than the order has columns, or of another type.
pub(crate) fn after(
    meta: &EntityMeta,
    order: &Order,
    place: &Cursor,
) -> Result<Vec<Filter>, FilterError> {
    let terms = terms(meta, order, place)?;
    let Some((leading, rest)) = terms.split_first() else { return Ok(Vec::new()) };
    let mut parts = Vec::with_capacity(2);
    if leading.value.is_null() {
        if !rest.is_empty() {
            parts.push(leading.is_null().and(strictly_after(rest)));
        }
        if leading.direction == Direction::Ascending {
            parts.push(leading.is_null().not());
        }
    } else {
        parts.push(if rest.is_empty() {
            leading.beyond()
        } else {
            let within = leading.equal().and(strictly_after(rest));
            leading.at_or_beyond().and(leading.beyond().or(within))
        });
        if leading.direction == Direction::Descending && leading.column.is_nullable {
            parts.push(leading.is_null());
        }
    }
    Ok(parts)
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
    let term = |(term, value): (&crate::OrderTerm, &Value)| {
        let column = known(meta, &term.column)?;
        let value = column
            .column_type
            .coerce(value.clone())
            .map_err(|error: ValueError| FilterError::wrong_value(column.name, &error))?;
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

    /// Among rows whose value is not NULL: those after this one's value.
    fn beyond(&self) -> Filter {
        self.compare(match self.direction {
            Direction::Ascending => Comparison::Greater,
            Direction::Descending => Comparison::Less,
        })
    }

    /// Among rows whose value is not NULL: those with this value or after it.
    fn at_or_beyond(&self) -> Filter {
        self.compare(match self.direction {
            Direction::Ascending => Comparison::GreaterOrEqual,
            Direction::Descending => Comparison::LessOrEqual,
        })
    }

    /// Among all rows: those after this one's value; `None` where that is the last.
    fn beyond_or_null(&self) -> Option<Filter> {
        match (self.direction, self.value.is_null()) {
            (Direction::Ascending, true) => Some(self.is_null().not()),
            (Direction::Descending, true) => None,
            (Direction::Descending, false) if self.column.is_nullable => {
                Some(self.beyond().or(self.is_null()))
            }
            (Direction::Ascending | Direction::Descending, false) => Some(self.beyond()),
        }
    }
}

/// The rows after a place, in one part.
fn strictly_after(terms: &[Term]) -> Filter {
    let Some((first, rest)) = terms.split_first() else { return Filter::Or(Vec::new()) };
    let within = first.equal().and(strictly_after(rest));
    match (first.beyond_or_null(), rest.is_empty()) {
        (Some(beyond), true) => beyond,
        (Some(beyond), false) => beyond.or(within),
        (None, _) => within,
    }
}
