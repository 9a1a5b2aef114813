//! Lists of more values than a statement has bind parameters: one parameter, a JSON array.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;

use super::{Comparison, Filter};
use crate::raw::RawValue;
use crate::value::Value;

/// Lists up to this long are bound value by value on every engine.
const SHORT: usize = 1_000;

/// Returns whether a list is long enough to be sent as a JSON array.
pub(crate) const fn is_long(values: &[Value]) -> bool {
    values.len() > SHORT
}

/// Writes the values of a filter's list as a JSON array, where any engine may want them so.
pub(super) fn of(values: &[Value]) -> Option<String> {
    if !is_long(values) {
        return None;
    }
    let mut json = String::from("[");
    for (position, value) in values.iter().enumerate() {
        json.push_str(if position == 0 { "" } else { "," });
        element(&mut json, value);
    }
    json.push(']');
    Some(json)
}

fn element(json: &mut String, value: &Value) {
    let text = match value {
        // Writing to a string never fails.
        Value::Null => "null".to_owned(),
        Value::Bool(value) => i32::from(*value).to_string(),
        Value::Integer(value) | Value::Raw(RawValue::Integer(value)) => value.to_string(),
        // All of its digits: SQLite takes a number with fewer for its neighbour now and then.
        Value::Float(value) | Value::Raw(RawValue::Float(value)) => format!("{value:.16e}"),
        Value::Raw(RawValue::Text(text) | RawValue::Number(text)) => quoted(text),
        Value::Timestamp(value) => quoted(&value.format("%F %T%.f").to_string()),
        Value::Time(value) => quoted(&value.format("%T%.f").to_string()),
        Value::Bytes(bytes) => {
            let mut hex = String::with_capacity(bytes.len() * 2);
            for byte in bytes {
                let _ = write!(hex, "{byte:02X}");
            }
            quoted(&hex)
        }
        other => quoted(&other.to_string()),
    };
    json.push_str(&text);
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Gathers alternatives for equality with the values of one column into a list of these values,
/// which takes one parameter where there are very many.
pub(super) fn gathered(filter: Filter) -> Filter {
    match filter {
        Filter::Or(filters) => {
            let is_long = filters.len() > SHORT;
            let mut filters: Vec<_> = filters.into_iter().map(gathered).collect();
            if is_long {
                filters = gather(filters);
            }
            Filter::Or(filters)
        }
        Filter::And(filters) => Filter::And(filters.into_iter().map(gathered).collect()),
        Filter::Not(filter) => Filter::Not(Box::new(gathered(*filter))),
        Filter::In { column, values } => listed(column, values),
        Filter::Related { relation, filter } => {
            Filter::Related { relation, filter: Box::new(gathered(*filter)) }
        }
        Filter::RelatedCount { relation, filter, operator, count } => {
            let filter = Box::new(gathered(*filter));
            Filter::RelatedCount { relation, filter, operator, count }
        }
        other => other,
    }
}

fn gather(filters: Vec<Filter>) -> Vec<Filter> {
    let mut others = Vec::new();
    let mut lists: Vec<(Cow<'static, str>, Vec<Value>)> = Vec::new();
    for filter in filters {
        match filter {
            Filter::Compare { column, operator: Comparison::Equal, value } => {
                match lists.iter_mut().find(|(known, _)| *known == column) {
                    Some((_, values)) => values.push(value),
                    None => lists.push((column, vec![value])),
                }
            }
            other => others.push(other),
        }
    }
    others.extend(lists.into_iter().map(|(column, values)| listed(column, values)));
    others
}

/// Makes the condition for a list, of which those numbers are compared one by one that JSON does
/// not have, or that are so large or small that SQLite does not read them to their last bit.
fn listed(column: Cow<'static, str>, mut values: Vec<Value>) -> Filter {
    let is_no_json = |value: &Value| {
        matches!(value, Value::Float(number)
            if *number != 0.0 && !(1e-30..1e30).contains(&number.abs()))
    };
    if !is_long(&values) || !values.iter().any(is_no_json) {
        return Filter::In { column, values };
    }
    let mut apart: Vec<Value> = values.extract_if(.., |value| is_no_json(value)).collect();
    let mut known = HashSet::new();
    apart.retain(|value| matches!(value, Value::Float(number) if known.insert(number.to_bits())));
    let equal =
        |value| Filter::Compare { column: column.clone(), operator: Comparison::Equal, value };
    let mut filters: Vec<_> = apart.into_iter().map(equal).collect();
    filters.push(Filter::In { column, values });
    Filter::Or(filters)
}
