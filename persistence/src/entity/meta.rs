//! What is known of entities, and how that is made.

use super::{ColumnSet, EntityRef, Identifier, MAX_COLUMNS, TableName};
use crate::column_type::ColumnType;
use crate::error::{FieldError, Invalid};
use crate::relation::RelationMeta;
use crate::types::MomentForm;
use crate::value::{Record, RecordKey, Value};

/// Everything that is known of an entity: by the derive at compile time, or of a table found at run
/// time.
///
/// ```
/// use persistence::entity::{Fill, Storage};
/// use persistence::{ColumnMeta, ColumnType, EntityMeta};
///
/// static NOTES: EntityMeta = EntityMeta::new(
///     "Note",
///     "notes",
///     &[
///         ColumnMeta::new("id", ColumnType::Integer { bits: 64 }, Storage::BigInt)
///             .filled(Fill::Generated),
///         ColumnMeta::new("text", ColumnType::Text, Storage::Text).nullable(true).searched(true),
///     ],
///     &[0],
/// )
/// .labelled(1);
/// assert_eq!(NOTES.column("text").map(|column| column.is_nullable), Some(true));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct EntityMeta {
    /// The struct's name: `Book`.
    pub name: &'static str,
    /// What the table is known by: its name, `books`; with its schema where it has one: `auth.users`. No
    /// two tables of a database share it.
    pub table: &'static str,
    /// What statements call it.
    pub(crate) place: TableName,
    /// All columns, in the order of the struct's fields; [`MAX_COLUMNS`] at most.
    pub columns: &'static [ColumnMeta],
    /// Positions of the primary key's columns, in the key's order.
    pub key: &'static [usize],
    /// Position of the [version column](Fill::Version) that guards against lost updates.
    pub version: Option<usize>,
    /// Position of the column that names a row to people.
    pub label: usize,
    /// Sets of columns, by position, whose values no two rows share; without the primary key.
    pub unique: &'static [&'static [usize]],
    /// Relations to other entities, and to itself; no two have one name.
    pub relations: &'static [RelationMeta],
    /// Name of an icon for the entity, as the Material icon set has it.
    pub icon: Option<&'static str>,
}

/// One column of an entity.
#[derive(Debug)]
#[non_exhaustive]
pub struct ColumnMeta {
    /// The name in the database: `author_id`.
    pub name: &'static str,
    /// What statements call it.
    pub(crate) identifier: Identifier,
    /// What it holds.
    pub column_type: ColumnType,
    /// How the database stores it, from the `table!` schema.
    pub storage: Storage,
    /// In which form it stores points in time, where that is not the engine's own.
    pub form: Option<MomentForm>,
    /// Whether it takes NULL.
    pub is_nullable: bool,
    /// Who fills it in.
    pub fill: Fill,
    /// Whether quick search looks into it.
    pub is_searched: bool,
    /// The entity whose primary key it holds.
    pub references: Option<Reference>,
}

impl ColumnMeta {
    /// Makes the metadata of a column that takes no NULL, gets its value from whoever adds a row, and
    /// refers to nothing.
    #[must_use]
    pub const fn new(name: &'static str, column_type: ColumnType, storage: Storage) -> Self {
        Self {
            name,
            identifier: Identifier::new(name),
            column_type,
            storage,
            form: None,
            is_nullable: false,
            fill: Fill::Draft,
            is_searched: false,
            references: None,
        }
    }

    /// Sets whether the column takes NULL.
    #[must_use]
    pub const fn nullable(mut self, is_nullable: bool) -> Self {
        self.is_nullable = is_nullable;
        self
    }

    /// Sets who fills the column in.
    #[must_use]
    pub const fn filled(mut self, by: Fill) -> Self {
        self.fill = by;
        self
    }

    /// Sets in which form the column stores points in time; `None` for the engine's own.
    #[must_use]
    pub const fn formed(mut self, form: Option<MomentForm>) -> Self {
        self.form = form;
        self
    }

    /// Sets whether quick search looks into the column.
    #[must_use]
    pub const fn searched(mut self, is_searched: bool) -> Self {
        self.is_searched = is_searched;
        self
    }

    /// Sets the entity whose primary key the column holds.
    #[must_use]
    pub const fn referring(mut self, to: Reference) -> Self {
        self.references = Some(to);
        self
    }

    /// Returns whether a stored value is none that the column should hold: of another type, or NULL
    /// where that is not allowed.
    #[must_use]
    pub const fn is_odd(&self, value: &Value) -> bool {
        match value {
            Value::Raw(_) => true,
            Value::Null => !self.is_nullable,
            _ => false,
        }
    }
}

/// Who gives a column its value on insert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fill {
    /// The draft.
    Draft,
    /// The database: an automatically counted key, a default. What is no key is read when the row
    /// has been inserted.
    Generated,
    /// The database, of other columns of the row (`GENERATED ALWAYS AS …`): it takes no value from
    /// anybody. Read when the row has been inserted or changed.
    Computed,
    /// The framework: the time of the insert.
    Now,
    /// The framework: the time of the insert, and of each update since.
    Updated,
    /// The framework: NULL, until the row is deleted: then the time of that. Such rows stay in the
    /// table, and only filters that ask for this column find them.
    Deleted,
    /// The framework: 1 on insert, one more on every update.
    Version,
}

impl Fill {
    /// Returns whether the database gives the value, so that inserts leave the column out.
    #[must_use]
    pub const fn is_by_database(self) -> bool {
        matches!(self, Self::Generated | Self::Computed)
    }
}

/// A foreign key.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Reference {
    /// The entity referred to; its primary key has one column.
    pub entity: EntityRef,
    /// What becomes of this row when the other one is deleted.
    pub on_delete: OnDelete,
    /// What becomes of this row when a session makes it refer to no row any more.
    pub orphan: Orphan,
}

impl Reference {
    /// Makes a foreign key to an entity whose rows cannot be deleted as long as others refer to them.
    #[must_use]
    pub const fn new(entity: EntityRef) -> Self {
        Self { entity, on_delete: OnDelete::Restrict, orphan: Orphan::Keep }
    }

    /// Sets what becomes of a row when the one it refers to is deleted.
    #[must_use]
    pub const fn on_delete(mut self, on_delete: OnDelete) -> Self {
        self.on_delete = on_delete;
        self
    }

    /// Sets what becomes of a row that is made to refer to none any more.
    #[must_use]
    pub const fn orphan(mut self, orphan: Orphan) -> Self {
        self.orphan = orphan;
        self
    }
}

/// What becomes of a row that a session parts from the row it referred to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orphan {
    /// It stays, with NULL for a reference.
    #[default]
    Keep,
    /// It is deleted.
    Delete,
}

/// What becomes of a row when the row it refers to is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// The other row cannot be deleted.
    Restrict,
    /// This row is deleted too.
    Cascade,
    /// This row's reference becomes NULL.
    SetNull,
}

/// How a database stores a column: Diesel's SQL type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is Diesel's SQL type of the same name")]
pub enum Storage {
    Bool,
    SmallInt,
    Integer,
    BigInt,
    Float,
    Double,
    Numeric,
    Text,
    Date,
    Time,
    Timestamp,
    Timestamptz,
    Binary,
    Uuid,
    Json,
    Jsonb,
}

impl EntityMeta {
    /// Makes the metadata of a table without unique sets and relations, whose rows are named by the first
    /// column of their key. What stands before a dot in the table's name is its schema.
    ///
    /// # Panics
    /// Where there are more than [`MAX_COLUMNS`] columns, or the key has one that there is not.
    #[must_use]
    pub const fn new(
        name: &'static str,
        table: &'static str,
        columns: &'static [ColumnMeta],
        key: &'static [usize],
    ) -> Self {
        assert!(columns.len() <= MAX_COLUMNS, "a table of more columns than `MAX_COLUMNS`");
        let mut left = key;
        while let [position, rest @ ..] = left {
            assert!(*position < columns.len(), "the key has a column that the table has not");
            left = rest;
        }
        let label = if let [first, ..] = key { *first } else { 0 };
        Self {
            name,
            table,
            place: TableName::of(table),
            columns,
            key,
            version: version_column(columns),
            label,
            unique: &[],
            relations: &[],
            icon: None,
        }
    }

    /// Sets schema and name of the table apart, where a name has a dot inside.
    #[must_use]
    pub const fn placed(mut self, schema: Option<&'static str>, name: &'static str) -> Self {
        self.place = TableName::new(schema, name);
        self
    }

    /// Sets the position of the column that names a row to people.
    ///
    /// # Panics
    /// Where there is no such column.
    #[must_use]
    pub const fn labelled(mut self, column: usize) -> Self {
        assert!(column < self.columns.len(), "rows are named by a column that the table has not");
        self.label = column;
        self
    }

    /// Sets which columns, by position, have values that no two rows share; without the primary key.
    #[must_use]
    pub const fn with_unique(mut self, unique: &'static [&'static [usize]]) -> Self {
        self.unique = unique;
        self
    }

    /// Sets the relations to other entities and to itself.
    #[must_use]
    pub const fn with_relations(mut self, relations: &'static [RelationMeta]) -> Self {
        self.relations = relations;
        self
    }

    /// Sets the name of an icon.
    #[must_use]
    pub const fn with_icon(mut self, icon: Option<&'static str>) -> Self {
        self.icon = icon;
        self
    }

    /// Returns the schema that the table is in, where it names one: a database on MySQL, an attached
    /// database on SQLite.
    #[must_use]
    pub const fn schema(&self) -> Option<&'static str> {
        match self.place.schema {
            Some(schema) => Some(schema.name()),
            None => None,
        }
    }

    /// Returns the table's name in its schema.
    #[must_use]
    pub const fn table_in_schema(&self) -> &'static str {
        self.place.name.name()
    }

    /// Returns the position of a column by its name.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|candidate| candidate.name == column)
    }

    /// Finds a column by its name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static ColumnMeta> {
        self.columns.iter().find(|candidate| candidate.name == name)
    }

    /// Finds a relation by its name.
    #[must_use]
    pub fn relation(&self, name: &str) -> Option<&'static RelationMeta> {
        self.relations.iter().find(|candidate| candidate.name == name)
    }

    /// Returns the columns of the primary key.
    pub fn key_columns(&self) -> impl Iterator<Item = &'static ColumnMeta> + '_ {
        self.key.iter().filter_map(|&position| self.columns.get(position))
    }

    /// Returns the primary key of a row.
    #[must_use]
    pub fn key_of(&self, record: &Record) -> RecordKey {
        RecordKey(self.key.iter().map(|&position| record.value(position).clone()).collect())
    }

    /// Returns whether some cell of a row is no value of its column.
    pub(crate) fn has_odd_cell(&self, record: &Record) -> bool {
        self.columns.iter().zip(&record.0).any(|(column, value)| column.is_odd(value))
    }

    /// Returns the version of a row, where the entity has one.
    #[must_use]
    pub fn version_of(&self, record: &Record) -> Option<Value> {
        self.version.map(|version| record.value(version).clone())
    }

    /// Returns what names a row to people: the value of the label column.
    #[must_use]
    pub fn label_of(&self, record: &Record) -> String {
        record.value(self.label).to_string()
    }

    /// Returns whether the database counts the primary key up by itself.
    #[must_use]
    pub fn has_generated_key(&self) -> bool {
        self.key_columns().any(|column| column.fill == Fill::Generated)
    }

    /// Returns whether the database gives values to columns that are no key, which are read after
    /// an insert.
    #[must_use]
    pub fn has_generated_values(&self) -> bool {
        let mut columns = self.columns.iter().enumerate();
        columns
            .any(|(position, column)| column.fill.is_by_database() && !self.key.contains(&position))
    }

    /// Returns those of some columns that an update writes: the version counts itself, and the
    /// database computes what it computes.
    pub(crate) fn written_of(&self, columns: ColumnSet) -> ColumnSet {
        let is_computed = |column: &usize| {
            self.columns.get(*column).is_some_and(|column| column.fill == Fill::Computed)
        };
        columns
            .iter()
            .filter(|column| self.version != Some(*column) && !is_computed(column))
            .collect()
    }

    /// Returns the positions of the columns that the database computes of others.
    pub(crate) fn computed(&self) -> impl Iterator<Item = usize> + '_ {
        (0..)
            .zip(self.columns)
            .filter(|(_, column)| column.fill == Fill::Computed)
            .map(|(at, _)| at)
    }

    /// Returns the position of the column that keeps the time of the last update.
    #[must_use]
    pub fn updated(&self) -> Option<usize> {
        self.columns.iter().position(|column| column.fill == Fill::Updated)
    }

    /// Returns the position of the column that keeps the time at which a row was deleted; where
    /// there is one, such rows are hidden instead of deleted.
    #[must_use]
    pub fn deleted(&self) -> Option<usize> {
        self.columns.iter().position(|column| column.fill == Fill::Deleted)
    }

    /// Returns the names of columns by their positions.
    #[must_use]
    pub fn names(&self, columns: &[usize]) -> Vec<&'static str> {
        columns.iter().filter_map(|&position| Some(self.columns.get(position)?.name)).collect()
    }

    /// Refuses a row that has more values than there are columns.
    ///
    /// # Errors
    /// [`Invalid`] for such a row.
    pub(crate) fn check_width(&self, row: &Record) -> Result<(), Invalid> {
        if row.0.len() > self.columns.len() { Err(self.wrong_width(row)) } else { Ok(()) }
    }

    /// Refuses a row that has another number of values than there are columns.
    ///
    /// # Errors
    /// [`Invalid`] for such a row.
    pub(crate) fn check_whole(&self, row: &Record) -> Result<(), Invalid> {
        if row.0.len() == self.columns.len() { Ok(()) } else { Err(self.wrong_width(row)) }
    }

    fn wrong_width(&self, row: &Record) -> Invalid {
        let message = format!("has {} values for {} columns", row.0.len(), self.columns.len());
        Invalid { entity: self.name, errors: vec![FieldError::new("", message)] }
    }

    /// Turns the parts of a primary key into their columns' types, so far as they are values of these.
    ///
    /// # Errors
    /// [`Invalid`] when it has too few parts or too many, one is of another type, or rows have no key.
    pub(crate) fn coerce_key(&self, key: &RecordKey) -> Result<RecordKey, Invalid> {
        let refused = |error| Invalid { entity: self.name, errors: vec![error] };
        if self.key.is_empty() {
            return Err(refused(FieldError::new("", "rows have no primary key")));
        }
        if let Some(missing) = self.key_columns().nth(key.0.len()) {
            return Err(refused(FieldError::new(missing.name, "is missing in the key")));
        }
        if key.0.len() > self.key.len() {
            let last = self.key_columns().last().map_or("", |column| column.name);
            return Err(refused(FieldError::new(last, "is followed by more than the key has")));
        }
        let part = |(column, value): (&ColumnMeta, &Value)| {
            let value = column.column_type.coerce_stored(value.clone());
            value.map_err(|error| refused(FieldError::of_value(column.name, &error)))
        };
        Ok(RecordKey(self.key_columns().zip(&key.0).map(part).collect::<Result<_, _>>()?))
    }

    /// Checks that a row's values have their columns' types, turning integers into decimals and
    /// the like, and that no column without NULL has one.
    ///
    /// # Errors
    /// [`Invalid`] with every field that has a wrong value.
    pub fn coerce(&self, record: Record) -> Result<Record, Invalid> {
        let mut errors = Vec::new();
        let mut coerced = Vec::with_capacity(self.columns.len());
        for (column, value) in self.columns.iter().zip(record.0) {
            if value.is_null() && !column.is_nullable {
                errors.push(FieldError::required(column.name));
            }
            coerced.push(column.column_type.coerce(value).unwrap_or_else(|error| {
                errors.push(FieldError::of_value(column.name, &error));
                Value::Null
            }));
        }
        if errors.is_empty() {
            Ok(Record(coerced))
        } else {
            Err(Invalid { entity: self.name, errors })
        }
    }
}

const fn version_column(columns: &[ColumnMeta]) -> Option<usize> {
    let mut position = 0;
    let mut left = columns;
    while let [column, rest @ ..] = left {
        if matches!(column.fill, Fill::Version) {
            return Some(position);
        }
        left = rest;
        position += 1;
    }
    None
}
