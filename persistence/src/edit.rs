//! A row becomes another, as data: what a session is about to write, what it has written, what was
//! recorded of it, and what a program wants to be written.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::entity::{EntityMeta, Fill};
use crate::value::{Record, RecordKey, Value};

/// A name of a table or a column.
pub type Name = Cow<'static, str>;

/// One row that is inserted, updated or deleted, without a type that the compiler knows: it can be kept
/// in a file, sent, shown, and applied by a [`DynSession`](crate::DynSession).
///
/// ```
/// use persistence::edit::{Edit, EditKind};
/// use persistence::{RecordKey, Value};
///
/// let edit: Edit = serde_json::from_str(
///     r#"{ "table": "users", "kind": { "update": {
///          "key": [{ "integer": 7 }], "version": null,
///          "columns": [{ "column": "name",
///                        "before": { "text": "Ada" },
///                        "after": { "known": { "text": "Grace" } } }] } } }"#,
/// )?;
/// assert_eq!(edit.table, "users");
/// let EditKind::Update { key, columns, .. } = &edit.kind else { panic!("an update") };
/// assert_eq!(*key, RecordKey(vec![Value::Integer(7)]));
/// assert_eq!(columns[0].before, "Ada".into());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The table of the row, as its [entity](EntityMeta::table) has it.
    pub table: Name,
    /// What happens to the row.
    pub kind: EditKind,
}

/// What happens to a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum EditKind {
    /// It is inserted.
    Insert {
        /// The number by which [`NewValue::KeyOf`] calls it, among the new rows of its table; 0 of a row
        /// that was written.
        row: u32,
        /// The columns that are given.
        columns: Vec<(Name, NewValue)>,
    },
    /// It is updated.
    Update {
        /// The primary key by which the database has the row.
        key: RecordKey,
        /// The version by which it does, where rows have one: it is to be that still. With `None` only the
        /// columns are compared.
        version: Option<Value>,
        /// The columns that differ, or are only compared, each once. Those that the framework fills (version,
        /// times) are not written.
        columns: Vec<ColumnEdit>,
    },
    /// It is deleted.
    Delete {
        /// The primary key by which the database has the row.
        key: RecordKey,
        /// The version by which it does, where rows have one: it is to be that still. With `None` only the
        /// columns are compared.
        version: Option<Value>,
        /// The columns, as the database has them: those that are named are compared.
        columns: Vec<(Name, Value)>,
    },
}

/// A column that is updated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnEdit {
    /// The column's name.
    pub column: Name,
    /// Its value in the database.
    pub before: Value,
    /// Its value afterwards.
    pub after: NewValue,
}

/// A value that is to be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum NewValue {
    /// The value.
    Known(Value),
    /// The key that a new row gets when it is inserted.
    KeyOf {
        /// Its table.
        table: Name,
        /// Its number among the new rows of that table.
        row: u32,
    },
}

impl NewValue {
    /// Returns the value, where it is known.
    #[must_use]
    pub const fn known(&self) -> Option<&Value> {
        match self {
            Self::Known(value) => Some(value),
            Self::KeyOf { .. } => None,
        }
    }
}

impl Edit {
    /// Returns what makes of one row of an entity another: an insert where there was none, a deletion
    /// where there is to be none, an update of the columns that differ, if there are any.
    ///
    /// An insert has every column, also those that the database fills: it brings back a row that was
    /// there. Its number is 0.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use persistence::Entity;
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String }
    /// use persistence::edit::Edit;
    ///
    /// let ada = User { id: 7, name: "Ada".into() }.to_record();
    /// let grace = User { id: 7, name: "Grace".into() }.to_record();
    /// let edit = Edit::between(User::meta(), Some(&ada), Some(&grace)).unwrap();
    /// assert_eq!(edit.sql(User::meta()).to_string(), "UPDATE users SET name = 'Grace' WHERE id = 7");
    /// assert_eq!(Edit::between(User::meta(), Some(&ada), Some(&ada)), None);
    /// ```
    #[must_use]
    pub fn between(
        meta: &'static EntityMeta,
        before: Option<&Record>,
        after: Option<&Record>,
    ) -> Option<Self> {
        let names = || meta.columns.iter().map(|column| Name::Borrowed(column.name));
        let kind = match (before, after) {
            (None, None) => return None,
            (None, Some(after)) => {
                let values = after.0.iter().cloned().map(NewValue::Known);
                EditKind::Insert { row: 0, columns: names().zip(values).collect() }
            }
            (Some(before), None) => EditKind::Delete {
                key: meta.key_of(before),
                version: meta.version_of(before),
                columns: names().zip(before.0.iter().cloned()).collect(),
            },
            (Some(before), Some(after)) => {
                let pairs = meta.columns.iter().zip(before.0.iter().zip(&after.0));
                let columns: Vec<ColumnEdit> = pairs
                    .filter(|(column, (before, after))| {
                        before != after && !matches!(column.fill, Fill::Version | Fill::Computed)
                    })
                    .map(|(column, (before, after))| ColumnEdit {
                        column: Name::Borrowed(column.name),
                        before: before.clone(),
                        after: NewValue::Known(after.clone()),
                    })
                    .collect();
                if columns.is_empty() {
                    return None;
                }
                let (key, version) = (meta.key_of(before), meta.version_of(before));
                EditKind::Update { key, version, columns }
            }
        };
        Some(Self { table: Name::Borrowed(meta.table), kind })
    }

    /// Returns the same with another number of the new row.
    #[must_use]
    pub(crate) fn numbered(mut self, number: u32) -> Self {
        if let EditKind::Insert { row, .. } = &mut self.kind {
            *row = number;
        }
        self
    }

    /// Returns how late an edit comes among others, of which one may take what another gives up.
    pub(crate) const fn rank(&self) -> u8 {
        match self.kind {
            EditKind::Delete { .. } => 0,
            EditKind::Update { .. } => 1,
            EditKind::Insert { .. } => 2,
        }
    }

    /// Returns the primary key by which the database has the row, or gets it where that is given;
    /// `None` of a new row whose key is not known.
    #[must_use]
    pub fn key(&self, meta: &EntityMeta) -> Option<RecordKey> {
        let columns = match &self.kind {
            EditKind::Update { key, .. } | EditKind::Delete { key, .. } => {
                return Some(key.clone());
            }
            EditKind::Insert { columns, .. } => columns,
        };
        let value = |key: &str| {
            let (_, value) = columns.iter().find(|(column, _)| column == key)?;
            value.known().cloned()
        };
        let key: Option<Vec<Value>> = meta.key_columns().map(|column| value(column.name)).collect();
        key.map(RecordKey)
    }

    /// Writes the edit of a row of this entity as a statement, for people: names and values are written
    /// out as they are.
    #[must_use]
    pub const fn sql<'e>(&'e self, meta: &'e EntityMeta) -> Statement<'e> {
        Statement { edit: self, meta }
    }
}

/// What edits have made of the rows that they are about; see [`DynSession::apply`](crate::DynSession).
#[derive(Clone, Debug)]
pub struct Applied {
    /// Each row that there was before all edits, or is there now.
    pub rows: Vec<Written>,
    /// The keys that new rows have got, by their tables and the numbers that the edits gave them.
    pub inserted: HashMap<(&'static str, u32), RecordKey>,
}

/// A row that was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// The entity that it is of.
    pub entity: &'static EntityMeta,
    /// What it was before; `None` where it is new.
    pub before: Option<Record>,
    /// What is stored now, with what the database has made of the values that it was given; `None` where
    /// it is deleted.
    pub after: Option<Record>,
}

impl Applied {
    /// Returns the edits that make the rows again what they were, to be applied in that order.
    #[must_use]
    pub fn inverse(&self) -> Vec<Edit> {
        let inverse =
            |row: &Written| Edit::between(row.entity, row.after.as_ref(), row.before.as_ref());
        let edits = self.rows.iter().filter_map(inverse);
        let mut edits: Vec<Edit> =
            (1..).zip(edits).map(|(number, edit)| edit.numbered(number)).collect();
        // A key may be another row's by now: that has to let go of it first.
        edits.sort_by_key(Edit::rank);
        edits
    }
}

impl Written {
    /// Returns the row that was seen before: not one that was marked as deleted.
    #[must_use]
    pub fn seen_before(&self) -> Option<&Record> {
        self.before.as_ref().filter(|row| self.is_seen(row))
    }

    /// Returns the row that is seen now: not one that is marked as deleted.
    #[must_use]
    pub fn seen_after(&self) -> Option<&Record> {
        self.after.as_ref().filter(|row| self.is_seen(row))
    }

    /// Returns how many rows are seen more than before.
    #[must_use]
    pub fn growth(&self) -> i64 {
        i64::from(self.seen_after().is_some()) - i64::from(self.seen_before().is_some())
    }

    fn is_seen(&self, row: &Record) -> bool {
        self.entity.deleted().is_none_or(|mark| row.value(mark).is_null())
    }
}

/// An edit as a statement; see [`Edit::sql`].
#[derive(Clone, Copy, Debug)]
pub struct Statement<'e> {
    edit: &'e Edit,
    meta: &'e EntityMeta,
}

impl Statement<'_> {
    fn version_column(&self) -> Option<&'static str> {
        let column = self.meta.columns.get(self.meta.version?)?;
        (column.fill == Fill::Version).then_some(column.name)
    }

    fn write_new(&self, column: &str, value: &NewValue, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match value {
            NewValue::Known(value) => write!(f, "{}", Literal(value)),
            NewValue::KeyOf { table, .. } => {
                let column = self.meta.column(column);
                let target =
                    column.and_then(|column| Some(column.references.as_ref()?.entity.meta()));
                write!(f, "<key of the new {}>", target.map_or(&**table, |target| target.name))
            }
        }
    }

    fn write_identity(
        &self,
        key: &RecordKey,
        version: Option<&Value>,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let columns = self.meta.key_columns().map(|column| column.name);
        let identity = columns.zip(&key.0).chain(self.version_column().zip(version));
        for (position, (column, value)) in identity.enumerate() {
            let word = if position == 0 { "WHERE" } else { "AND" };
            write!(f, " {word} {column} = {}", Literal(value))?;
        }
        Ok(())
    }
}

impl fmt::Display for Statement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = &self.edit.table;
        let comma = |position: usize| if position == 0 { "" } else { ", " };
        match &self.edit.kind {
            EditKind::Insert { columns, .. } => {
                write!(f, "INSERT INTO {table} (")?;
                for (position, (column, _)) in columns.iter().enumerate() {
                    write!(f, "{}{column}", comma(position))?;
                }
                f.write_str(") VALUES (")?;
                for (position, (column, value)) in columns.iter().enumerate() {
                    f.write_str(comma(position))?;
                    self.write_new(column, value, f)?;
                }
                f.write_str(")")
            }
            EditKind::Update { key, version, columns } => {
                write!(f, "UPDATE {table} SET ")?;
                let changed = |edit: &&ColumnEdit| edit.after.known() != Some(&edit.before);
                for (position, edit) in columns.iter().filter(changed).enumerate() {
                    write!(f, "{}{} = ", comma(position), edit.column)?;
                    self.write_new(&edit.column, &edit.after, f)?;
                }
                if let Some(column) = self.version_column() {
                    write!(f, ", {column} = {column} + 1")?;
                }
                self.write_identity(key, version.as_ref(), f)
            }
            EditKind::Delete { key, version, .. } => {
                write!(f, "DELETE FROM {table}")?;
                self.write_identity(key, version.as_ref(), f)
            }
        }
    }
}

/// A value as SQL has it.
pub(crate) struct Literal<'v>(pub &'v Value);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => f.write_str("NULL"),
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Decimal(_) => {
                write!(f, "{}", self.0)
            }
            other => write!(f, "'{}'", other.to_string().replace('\'', "''")),
        }
    }
}
