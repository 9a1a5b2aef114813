//! Searching in text whatever its case: SQLite's own `LIKE` and `upper` know only ASCII.

use std::cell::RefCell;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::functions::declare_sql_function;
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection, SqliteValue};

use crate::filter::TextMatch;

#[declare_sql_function]
extern "SQL" {
    fn bindery_contains(text: Nullable<Text>, folded: Text) -> Nullable<Bool>;
    fn bindery_starts_with(text: Nullable<Text>, folded: Text) -> Nullable<Bool>;
    fn bindery_ends_with(text: Nullable<Text>, folded: Text) -> Nullable<Bool>;
}

/// Returns the function's name in SQL.
pub(super) const fn function_of(operator: TextMatch) -> &'static str {
    match operator {
        TextMatch::Contains => "bindery_contains",
        TextMatch::StartsWith => "bindery_starts_with",
        TextMatch::EndsWith => "bindery_ends_with",
    }
}

/// Makes the functions known to a connection.
pub(super) fn register(connection: &mut SqliteConnection) -> QueryResult<()> {
    use bindery_contains_utils::register_impl as register_contains;
    use bindery_ends_with_utils::register_impl as register_ends_with;
    use bindery_starts_with_utils::register_impl as register_starts_with;

    register_contains(connection, |text: Option<Folded>, _: Pattern| {
        text.map(|_| compare(|text, pattern| text.contains(pattern)))
    })?;
    register_starts_with(connection, |text: Option<Folded>, _: Pattern| {
        text.map(|_| compare(|text, pattern| text.starts_with(pattern)))
    })?;
    register_ends_with(connection, |text: Option<Folded>, _: Pattern| {
        text.map(|_| compare(|text, pattern| text.ends_with(pattern)))
    })
}

thread_local! {
    /// The arguments of the call that is running, here so that a row costs no allocation.
    static ARGUMENTS: RefCell<(String, String)> = const { RefCell::new((String::new(), String::new())) };
}

fn compare(compare: impl FnOnce(&str, &str) -> bool) -> bool {
    ARGUMENTS.with_borrow(|(text, pattern)| compare(text, pattern))
}

/// The first argument: read and folded into [`ARGUMENTS`].
#[derive(Debug, FromSqlRow)]
struct Folded;

/// The second argument, which is folded already: read into [`ARGUMENTS`].
#[derive(Debug, FromSqlRow)]
struct Pattern;

impl FromSql<Text, Sqlite> for Folded {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        ARGUMENTS.with_borrow_mut(|(text, _)| fold_into(value.read_text(), text));
        Ok(Self)
    }
}

impl FromSql<Text, Sqlite> for Pattern {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        ARGUMENTS.with_borrow_mut(|(_, pattern)| {
            pattern.clear();
            pattern.push_str(value.read_text());
        });
        Ok(Self)
    }
}

/// Folds the case as [`fold_case`](crate::filter::fold_case) does, into a string that is used again.
fn fold_into(text: &str, folded: &mut String) {
    folded.clear();
    if text.is_ascii() {
        folded.push_str(text);
        folded.make_ascii_uppercase();
    } else {
        folded.extend(text.chars().flat_map(char::to_uppercase));
    }
}

#[cfg(test)]
mod tests {
    use super::fold_into;
    use crate::filter::fold_case;

    #[test]
    fn rows_fold_as_patterns_do() {
        let mut folded = String::new();
        for text in ["", "Hello", "Straße", "Ёлка", "ﬁn", "İstanbul ı", "ΐ"] {
            fold_into(text, &mut folded);
            assert_eq!(folded, fold_case(text));
        }
    }
}
