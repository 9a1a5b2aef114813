//! What engines leave unsaid about a refused row, and what all engines' errors have in common.

use diesel::result::Error as DieselError;

use crate::entity::EntityMeta;
use crate::error::{ConstraintKind, ConstraintViolation, Error, UnreadableCell};

/// Turns the errors that Diesel itself makes into ours; a database's own go to `database`.
pub(super) fn classify(
    error: DieselError,
    engine: &'static str,
    database: impl Fn(DieselError) -> Error,
) -> Error {
    match error {
        error @ DieselError::DatabaseError(..) => database(error),
        DieselError::RollbackErrorOnCommit { commit_error, .. } => {
            classify(*commit_error, engine, database)
        }
        DieselError::InvalidCString(_) => {
            Error::Data { message: "the text has a NUL character".to_owned() }
        }
        DieselError::DeserializationError(error) | DieselError::SerializationError(error) => {
            match error.downcast::<UnreadableCell>() {
                Ok(cell) => Error::Unreadable(cell),
                Err(error) => Error::Data { message: error.to_string() },
            }
        }
        DieselError::BrokenTransactionManager => Error::Unavailable {
            target: engine.to_owned(),
            message: "the connection broke inside a transaction".to_owned(),
        },
        error => Error::Database { message: error.to_string(), source: error },
    }
}

/// Makes a violation of which only the message is known yet.
pub(super) fn violation(
    kind: ConstraintKind,
    meta: &'static EntityMeta,
    message: &str,
) -> ConstraintViolation {
    ConstraintViolation {
        kind,
        entity: meta.name,
        table: None,
        columns: Vec::new(),
        constraint: None,
        referenced_by: Vec::new(),
        message: message.to_owned(),
    }
}

/// Returns the columns that a constraint's name speaks of: `books_price_not_negative` → `price`; of
/// a unique one, the entity's own set that the name begins with.
pub(super) fn columns_of_constraint(
    meta: &EntityMeta,
    kind: ConstraintKind,
    constraint: &str,
) -> Vec<String> {
    let name = constraint.strip_prefix(meta.table_in_schema()).unwrap_or(constraint);
    let name = name.trim_start_matches(['.', '_']);
    if kind == ConstraintKind::Unique {
        // `books_isbn_key`, `isbn`, `isbn_2`; the longest set, so that `(a, b)` is not taken for `(a)`.
        let named = |set: &&&[usize]| {
            let joined = meta.names(set).join("_");
            name.strip_prefix(&joined).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        if let Some(set) = meta.unique.iter().filter(named).max_by_key(|set| set.len()) {
            return meta.names(set).into_iter().map(str::to_owned).collect();
        }
        // Some words of a name are no key: `one_title_an_author` may be about the author, too.
        return Vec::new();
    }
    columns_in_words(meta, name)
}

/// Returns the columns whose names occur in a text as whole words (`_` parts words, too), in the
/// text's order; where a name is part of a longer one, the longer one counts.
pub(super) fn columns_in_words(meta: &EntityMeta, text: &str) -> Vec<String> {
    let is_boundary = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let mut found: Vec<String> = Vec::new();
    let mut rest = text;
    let mut previous = None;
    while let Some(first) = rest.chars().next() {
        let here = is_boundary(previous).then(|| {
            meta.columns
                .iter()
                .map(|column| column.name)
                .filter(|name| {
                    rest.strip_prefix(name).is_some_and(|after| is_boundary(after.chars().next()))
                })
                .max_by_key(|name| name.len())
        });
        let step = match here.flatten() {
            Some(name) => {
                if !found.iter().any(|known| known == name) {
                    found.push(name.to_owned());
                }
                name.len()
            }
            None => first.len_utf8(),
        };
        let (passed, after) = rest.split_at(step);
        // Of a name the last: the first may be a `_`, after which another would begin.
        previous = passed.chars().next_back();
        rest = after;
    }
    found
}

/// Returns the text between two marks, the first of either.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    let (inner, _) = rest.split_once(after)?;
    Some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColumnType;
    use crate::entity::{ColumnMeta, Storage};

    const fn column(name: &'static str) -> ColumnMeta {
        ColumnMeta::new(name, ColumnType::Text, Storage::Text)
    }

    static META: EntityMeta = EntityMeta::new(
        "Book",
        "books",
        &[column("id"), column("on"), column("born_on"), column("price"), column("isbn")],
        &[0],
    )
    .with_unique(&[&[4], &[4, 3]]);

    #[track_caller]
    fn check(kind: ConstraintKind, constraint: &str, columns: &[&str]) {
        assert_eq!(columns_of_constraint(&META, kind, constraint), columns, "{constraint}");
    }

    #[test]
    fn a_constraints_name_tells_its_columns() {
        check(ConstraintKind::Check, "books_price_not_negative", &["price"]);
        check(ConstraintKind::Check, "books_born_on_check", &["born_on"]);
        check(ConstraintKind::Check, "price >= 0 AND isbn <> ''", &["price", "isbn"]);
        check(ConstraintKind::Check, "books.price", &["price"]);
        check(ConstraintKind::Check, "prices_are_sane", &[]);
        check(ConstraintKind::Check, "prüfe: price", &["price"]);
        check(ConstraintKind::Check, "€price on", &["price", "on"]);
        check(ConstraintKind::Unique, "books_isbn_unique", &["isbn"]);
        check(ConstraintKind::Unique, "books_isbn_price_key", &["isbn", "price"]);
        check(ConstraintKind::Unique, "isbn_2", &["isbn"]);
        check(ConstraintKind::Unique, "one_price", &[]);
    }
}
