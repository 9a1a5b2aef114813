//! An edit as a statement that clients of an engine run.

use std::fmt::Write as _;

use persistence::edit::{ColumnEdit, Edit, EditKind, NewValue};
use persistence::entity::Fill;
use persistence::{ColumnMeta, EntityMeta, RecordKey, Value};

use super::sql::SqlDialect;

/// Writes an edit of a row of this entity as the statement that a session makes of it: with the values as the
/// columns store them, and only for a row that still is what the edit says it was. The key of a row that is
/// not inserted yet is NULL in it, with a remark.
///
/// ```
/// use domain::Book;
/// use persistence::edit::Edit;
/// use persistence::Entity;
/// use transfer::export::{SqlDialect, statement};
///
/// let edit: Edit = serde_json::from_str(
///     r#"{ "table": "books", "kind": { "update": {
///          "key": [{ "integer": 7 }], "version": { "integer": 2 },
///          "columns": [{ "column": "title",
///                        "before": { "text": "Dune" },
///                        "after": { "known": { "text": "Dune's" } } }] } } }"#,
/// )?;
/// assert_eq!(
///     statement(&edit, Book::meta(), SqlDialect::Mysql),
///     "UPDATE `books` SET `title` = 'Dune''s', `version` = `version` + 1 \
///      WHERE `id` = 7 AND `version` = 2",
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn statement(edit: &Edit, meta: &'static EntityMeta, dialect: SqlDialect) -> String {
    let writer = Writer { meta, dialect };
    match &edit.kind {
        EditKind::Insert { columns, .. } => {
            let names: Vec<_> = columns.iter().map(|(name, _)| writer.name(name)).collect();
            let values = columns.iter().map(|(name, value)| writer.new_value(name, value));
            let values: Vec<_> = values.collect();
            let table = writer.table();
            if names.is_empty() {
                return match dialect {
                    SqlDialect::Mysql => format!("INSERT INTO {table} () VALUES ()"),
                    _ => format!("INSERT INTO {table} DEFAULT VALUES"),
                };
            }
            format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "))
        }
        EditKind::Update { key, version, columns } => {
            let changed = |edit: &&ColumnEdit| edit.after.known() != Some(&edit.before);
            let written = columns
                .iter()
                .filter(changed)
                .map(|edit| (&*edit.column, writer.new_value(&edit.column, &edit.after)));
            let before = columns.iter().map(|edit| (&*edit.column, &edit.before));
            writer.update(written.collect(), key, version.as_ref(), before)
        }
        EditKind::Delete { key, version, columns } => {
            let before = columns.iter().map(|(column, value)| (&**column, value));
            if let Some(mark) = meta.deleted().and_then(|mark| meta.columns.get(mark)) {
                let written = vec![(mark.name, "CURRENT_TIMESTAMP".to_owned())];
                return writer.update(written, key, version.as_ref(), before);
            }
            let place = writer.place(key, version.as_ref(), before);
            format!("DELETE FROM {}{place}", writer.table())
        }
    }
}

struct Writer {
    meta: &'static EntityMeta,
    dialect: SqlDialect,
}

impl Writer {
    fn table(&self) -> String {
        let table = self.name(self.meta.table_in_schema());
        match self.meta.schema() {
            Some(schema) => format!("{}.{table}", self.name(schema)),
            None => table,
        }
    }

    fn name(&self, name: &str) -> String {
        self.dialect.identifier(name)
    }

    fn value(&self, column: &str, value: &Value) -> String {
        match self.meta.column(column) {
            Some(column) => self.dialect.literal(column, value),
            None => "NULL".to_owned(),
        }
    }

    fn new_value(&self, column: &str, value: &NewValue) -> String {
        match value {
            NewValue::Known(value) => self.value(column, value),
            NewValue::KeyOf { table, row } => {
                format!("NULL /* the key of the new row {row} of {table} */")
            }
        }
    }

    fn update<'e>(
        &self,
        written: Vec<(&str, String)>,
        key: &RecordKey,
        version: Option<&Value>,
        before: impl Iterator<Item = (&'e str, &'e Value)>,
    ) -> String {
        let mut written = written;
        for column in self.meta.columns {
            match column.fill {
                Fill::Version => written.push((column.name, self.name(column.name) + " + 1")),
                Fill::Updated => written.push((column.name, "CURRENT_TIMESTAMP".to_owned())),
                _ => {}
            }
        }
        let written = written.iter().map(|(name, value)| format!("{} = {value}", self.name(name)));
        let written: Vec<_> = written.collect();
        let place = self.place(key, version, before);
        format!("UPDATE {} SET {}{place}", self.table(), written.join(", "))
    }

    /// Returns which row is meant, and what it is to be still: of its version, or where it has none, what it
    /// was.
    fn place<'e>(
        &self,
        key: &RecordKey,
        version: Option<&Value>,
        before: impl Iterator<Item = (&'e str, &'e Value)>,
    ) -> String {
        let key = self.meta.key_columns().zip(&key.0).map(|(column, value)| (column.name, value));
        let mut wanted: Vec<(&str, &Value)> = key.collect();
        let counted = self.meta.columns.iter().find(|column| column.fill == Fill::Version);
        if let Some((column, version)) = counted.zip(version) {
            wanted.push((column.name, version));
        } else {
            let is_compared = |name: &str| {
                let is_told = |column: &ColumnMeta| column.fill == Fill::Draft;
                let is_key = wanted.iter().any(|(key, _)| *key == name);
                !is_key && self.meta.column(name).is_some_and(is_told)
            };
            let before: Vec<_> = before.filter(|(name, _)| is_compared(name)).collect();
            wanted.extend(before);
        }
        let mut place = String::new();
        for (position, (name, value)) in wanted.into_iter().enumerate() {
            let word = if position == 0 { " WHERE " } else { " AND " };
            let told = match value {
                Value::Null => "IS NULL".to_owned(),
                value => format!("= {}", self.value(name, value)),
            };
            // Strings take everything.
            write!(place, "{word}{} {told}", self.name(name)).ok();
        }
        place
    }
}
