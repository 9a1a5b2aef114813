//! The filter as text that parses back to it.

use std::fmt::{self, Write as _};

use super::lexer::{QUANTIFIERS, is_keyword};
use super::{Comparison, Filter, TextMatch};
use crate::value::Value;

/// The text form, with no parentheses but those it needs.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // An empty text finds every row.
            Self::All => Ok(()),
            filter => write(filter, Binding::Loose, f),
        }
    }
}

/// How tightly what stands around a filter binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    /// Nothing around, or parentheses.
    Loose,
    /// A member of an `or`.
    Or,
    /// A member of an `and`.
    And,
}

fn write(filter: &Filter, around: Binding, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match filter {
        Filter::All => f.write_str("true"),
        Filter::And(filters) => match filters.as_slice() {
            [] => f.write_str("true"),
            [one] => write(one, around, f),
            filters => write_all(&[], filters, f),
        },
        Filter::Or(filters) => match filters.as_slice() {
            [] => f.write_str("false"),
            [one] => write(one, around, f),
            filters if around == Binding::And => {
                f.write_str("(")?;
                write_any(filters, f)?;
                f.write_str(")")
            }
            filters => write_any(filters, f),
        },
        Filter::Not(inner) => write_not(&[], inner, f),
        Filter::Compare { .. }
        | Filter::Text { .. }
        | Filter::In { .. }
        | Filter::InLastDays { .. }
        | Filter::IsNull { .. } => write_condition(&[], filter, f),
        Filter::Related { relation, filter } => write_related(relation, filter, f),
        Filter::RelatedCount { relation, filter, operator, count } => {
            f.write_str("count(")?;
            write_relations(&[relation], f)?;
            if **filter != Filter::All {
                f.write_str(" where ")?;
                write(filter, Binding::Loose, f)?;
            }
            write!(f, ") {} {count}", operator.sign())
        }
    }
}

/// Writes a condition on a column that a path of relations leads to.
fn write_condition(path: &[&str], filter: &Filter, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match filter {
        Filter::Compare { column, operator, value } => {
            write_column(path, column, f)?;
            write!(f, " {} ", operator.sign())?;
            write_value(value, f)
        }
        Filter::Text { column, operator, pattern } => {
            write_column(path, column, f)?;
            write!(f, " {} ", operator.sign())?;
            write_quoted(pattern, f)
        }
        Filter::In { column, values } => {
            write_column(path, column, f)?;
            f.write_str(" in ")?;
            write_values(values, f)
        }
        Filter::IsNull { column } => {
            write_column(path, column, f)?;
            f.write_str(" is null")
        }
        Filter::InLastDays { column, days } => {
            write_column(path, column, f)?;
            write!(f, " in last {days} days")
        }
        Filter::Not(inner) => write_not(path, inner, f),
        Filter::And(filters) => write_all(path, filters, f),
        _ => write(filter, Binding::Loose, f),
    }
}

/// Writes that there is a related row: as a path where one condition is asked of it, else with all
/// its conditions in parentheses.
fn write_related(relation: &str, filter: &Filter, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (path, end) = path_of(relation, filter);
    if has_path_form(end) {
        return write_condition(&path, end, f);
    }
    if *end == Filter::All {
        f.write_str("any ")?;
    }
    write_relations(&path, f)?;
    write_group(end, f)
}

/// Returns the relations that lead to the first filter that is not about one alone.
fn path_of<'f>(relation: &'f str, filter: &'f Filter) -> (Vec<&'f str>, &'f Filter) {
    let (mut path, mut end) = (vec![relation], filter);
    while let Filter::Related { relation, filter } = end {
        path.push(relation);
        end = filter;
    }
    (path, end)
}

/// Returns whether a filter is one condition on one column.
fn has_path_form(filter: &Filter) -> bool {
    match filter {
        Filter::Compare { .. }
        | Filter::Text { .. }
        | Filter::In { .. }
        | Filter::InLastDays { .. }
        | Filter::IsNull { .. } => true,
        Filter::Not(inner) => is_negated_by_its_sign(inner),
        Filter::And(filters) => match filters.as_slice() {
            [low, high] => as_between(low, high).is_some(),
            _ => false,
        },
        _ => false,
    }
}

fn write_group(filter: &Filter, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if *filter == Filter::All {
        return Ok(());
    }
    f.write_str(" (")?;
    write(filter, Binding::Loose, f)?;
    f.write_str(")")
}

fn write_any(filters: &[Filter], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (position, filter) in filters.iter().enumerate() {
        if position > 0 {
            f.write_str(" or ")?;
        }
        write(filter, Binding::Or, f)?;
    }
    Ok(())
}

fn write_all(path: &[&str], filters: &[Filter], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rest = filters;
    while let [first, others @ ..] = rest {
        if rest.len() < filters.len() {
            f.write_str(" and ")?;
        }
        rest = others;
        match others {
            [second, others @ ..] if write_between(path, first, second, f)? => rest = others,
            _ => write(first, Binding::And, f)?,
        }
    }
    Ok(())
}

/// Writes two comparisons as one `between` if they are such.
fn write_between(
    path: &[&str],
    low: &Filter,
    high: &Filter,
    f: &mut fmt::Formatter<'_>,
) -> Result<bool, fmt::Error> {
    let Some((column, low, high)) = as_between(low, high) else { return Ok(false) };
    write_column(path, column, f)?;
    f.write_str(" between ")?;
    write_value(low, f)?;
    f.write_str(" and ")?;
    write_value(high, f)?;
    Ok(true)
}

/// Returns the column and both ends of two comparisons that are a `between`.
fn as_between<'f>(low: &'f Filter, high: &'f Filter) -> Option<(&'f str, &'f Value, &'f Value)> {
    match (low, high) {
        (
            Filter::Compare { column, operator: Comparison::GreaterOrEqual, value: low },
            Filter::Compare { column: same, operator: Comparison::LessOrEqual, value: high },
        ) if column == same => Some((column, low, high)),
        _ => None,
    }
}

const fn is_negated_by_its_sign(filter: &Filter) -> bool {
    matches!(
        filter,
        Filter::IsNull { .. }
            | Filter::In { .. }
            | Filter::InLastDays { .. }
            | Filter::Text { operator: TextMatch::Contains, .. }
    )
}

fn write_not(path: &[&str], inner: &Filter, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match inner {
        Filter::IsNull { column } => {
            write_column(path, column, f)?;
            f.write_str(" is not null")
        }
        Filter::In { column, values } => {
            write_column(path, column, f)?;
            f.write_str(" not in ")?;
            write_values(values, f)
        }
        Filter::InLastDays { column, days } => {
            write_column(path, column, f)?;
            write!(f, " not in last {days} days")
        }
        Filter::Text { column, operator: TextMatch::Contains, pattern } => {
            write_column(path, column, f)?;
            f.write_str(" !~ ")?;
            write_quoted(pattern, f)
        }
        Filter::Related { relation, filter } => {
            let (path, end) = path_of(relation, filter);
            let (word, end) = match end {
                Filter::Not(inner) if **inner != Filter::All => ("all ", &**inner),
                end => ("no ", end),
            };
            f.write_str(word)?;
            write_relations(&path, f)?;
            write_group(end, f)
        }
        inner => {
            f.write_str("not (")?;
            write(inner, Binding::Loose, f)?;
            f.write_str(")")
        }
    }
}

/// Writes a column that a path of relations leads to.
fn write_column(path: &[&str], column: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for relation in path {
        write_name(relation, f)?;
        f.write_char('.')?;
    }
    write_name(column, f)
}

/// Writes a path of relations that ends in rows.
fn write_relations(path: &[&str], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (position, relation) in path.iter().enumerate() {
        if position > 0 {
            f.write_char('.')?;
        }
        let is_quantifier = |word: &&str| word.eq_ignore_ascii_case(relation);
        if QUANTIFIERS.iter().any(is_quantifier) {
            write!(f, "`{relation}`")?;
        } else {
            write_name(relation, f)?;
        }
    }
    Ok(())
}

fn write_name(name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let begins_a_word = |character: char| character.is_ascii_alphabetic() || character == '_';
    let is_word = name.starts_with(begins_a_word)
        && name.chars().all(|character| begins_a_word(character) || character.is_ascii_digit());
    if is_word && !is_keyword(name) {
        return f.write_str(name);
    }
    write!(f, "`{}`", name.replace('`', "``"))
}

fn write_values(values: &[Value], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("(")?;
    for (position, value) in values.iter().enumerate() {
        if position > 0 {
            f.write_str(", ")?;
        }
        write_value(value, f)?;
    }
    f.write_str(")")
}

fn write_value(value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value {
        Value::Text(text) => write_quoted(text, f),
        Value::Json(json) => write_quoted(&json.to_string(), f),
        value => write!(f, "{value}"),
    }
}

fn write_quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            character if needs_escape(character) => write!(f, "\\u{{{:x}}}", u32::from(character))?,
            character => f.write_char(character)?,
        }
    }
    f.write_char('"')
}

/// Returns whether a character cannot be seen, or turns the text around it.
fn needs_escape(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
                | '\u{feff}'
        )
}
