//! What the derive says of an entity: its metadata, and the traits it implements.

mod dependencies;
mod mapping;

use std::fmt::Debug;

pub use crate::column_set::{ColumnSet, MAX_COLUMNS};
use crate::column_type::{ColumnType, ValueError};
pub use crate::entity_ref::{EntityId, EntityRef};
use crate::error::{FieldError, Invalid};
pub use crate::reference::Slot;
use crate::relation::RelationMeta;
use crate::scalar::PrimaryKey;
use crate::sealed::Sealed;
use crate::types::MomentForm;
use crate::value::{Record, RecordKey, Value};

pub(crate) use dependencies::parents_first;
pub use mapping::{BoundAs, MappedTo, StoredAs, TablePlace, assert_schema};

/// A row type: one struct, mapped to one table by `#[derive(Entity)]`. Others can refer to entities by the
/// derive only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    label = "not an entity",
    note = "an entity is a struct with `#[derive(Clone, Debug, PartialEq, Entity)]` and `#[entity(table = …)]`"
)]
pub trait Entity: Clone + Debug + PartialEq + Send + Sync + 'static {
    /// The primary key's type; a tuple where the key is composite.
    type Key: PrimaryKey;
    /// What is given to insert a row: all fields but those the database or the framework fills.
    type Draft: Draft<Entity = Self>;
    /// Diesel's table.
    type Table: diesel::Table + 'static;

    /// Returns table, columns, keys and relations: the same `static` each time, by whose place the
    /// entity is [told apart](EntityId) from others.
    fn meta() -> &'static EntityMeta;

    /// Returns the primary key.
    fn key(&self) -> Self::Key;

    /// Returns a column's value by its position.
    fn value(&self, column: usize) -> Value;

    /// Changes a column's value by its position.
    ///
    /// # Errors
    /// When the value is of another type or out of range.
    fn set_value(&mut self, column: usize, value: Value) -> Result<(), ValueError>;

    /// Becomes a copy of another row, in the memory that this one has where it is enough.
    fn copy_from(&mut self, other: &Self) {
        self.clone_from(other);
    }

    /// Returns the columns in which two rows differ.
    fn changed_columns(&self, base: &Self) -> ColumnSet;

    /// Turns the row into one whose types are known only at run time.
    fn to_record(&self) -> Record {
        Record((0..Self::meta().columns.len()).map(|column| self.value(column)).collect())
    }

    /// Makes the entity from such a row: the reverse of [`to_record`](Self::to_record).
    ///
    /// # Errors
    /// [`Invalid`] with every field whose value is of another type or out of range.
    fn from_record(record: Record) -> Result<Self, Invalid>;

    /// Checks the entity's own rules (lengths, ranges, shapes).
    ///
    /// # Errors
    /// [`Invalid`] with every field that breaks a rule.
    fn validate(&self) -> Result<(), Invalid>;
}

/// A row of an entity that is not in the database yet.
pub trait Draft: Clone + Debug + Send + 'static {
    /// The entity this becomes.
    type Entity: Entity<Draft = Self>;

    /// Makes the row to insert. A key that the database generates is left at its default;
    /// timestamps that are filled in get `now`; the version starts at 1.
    ///
    /// # Errors
    /// [`Invalid`] when a reference has no key yet.
    fn build(
        self,
        now: chrono::NaiveDateTime,
        references: &mut dyn ResolveReferences,
    ) -> Result<Self::Entity, Invalid>;

    /// Makes the draft that inserts a copy of this row: generated columns are left out.
    fn from_entity(entity: Self::Entity) -> Self;

    /// Makes the draft of a row whose types are known only at run time. Columns that the database
    /// or the framework fills may be NULL; what they hold is left out.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use persistence::Entity; use schema::users;
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = users)]
    /// # struct User { #[entity(key, generated)] id: i64, #[entity(label)] name: String }
    /// use persistence::{Draft, Record, Value};
    /// let john = NewUser::from_record(Record(vec![Value::Null, "John".into()]))?;
    /// assert_eq!(john.name, "John");
    /// let nobody = NewUser::from_record(Record(vec![Value::Null, Value::Null]));
    /// assert_eq!(nobody.unwrap_err().errors[0].field, "name");
    /// # Ok::<(), persistence::Invalid>(())
    /// ```
    ///
    /// # Errors
    /// [`Invalid`] with every field that lacks a value, or has one of another type or out of range.
    fn from_record(row: Record) -> Result<Self, Invalid> {
        let row = crate::fill::filled(Self::Entity::meta(), row);
        Ok(Self::from_entity(Self::Entity::from_record(row)?))
    }

    /// Returns what the draft has for a column of the entity, by its position.
    fn given(&self, column: usize) -> Given;

    /// Makes the reference in a column point to a row of a session, or nowhere. Returns whether it
    /// does: the column may be no reference, or one that has to point somewhere.
    fn refer(&mut self, column: usize, to: Option<Slot>) -> bool;
}

/// What a draft has for a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// A value.
    Value(Value),
    /// The key of a row in a session, which may not be inserted yet.
    Row(Slot),
    /// Nothing: the database or the framework fills it.
    Filled,
}

impl<T: Into<Value>> From<T> for Given {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

impl From<Slot> for Given {
    fn from(row: Slot) -> Self {
        Self::Row(row)
    }
}

/// Finds the primary keys of rows that a draft refers to by their place in a session.
pub trait ResolveReferences: Sealed {
    /// Returns the key of the row in that slot of the session, `None` while it has none.
    fn resolve(&mut self, slot: Slot) -> Option<RecordKey>;

    /// Leaves a reference out for now that may be NULL, to be written once the row in that slot has a key;
    /// returns whether it does.
    fn postpone(&mut self, _column: &'static str, _slot: Slot) -> bool {
        false
    }
}

/// Everything that is known of an entity: by the derive at compile time, or of a table found at run
/// time.
#[derive(Debug)]
pub struct EntityMeta {
    /// The struct's name: `Book`.
    pub name: &'static str,
    /// The table's name: `books`; with its schema where it has one: `auth.users`. No two tables of a
    /// database share it.
    pub table: &'static str,
    /// All columns, in the order of the struct's fields; [`MAX_COLUMNS`] at most.
    pub columns: &'static [ColumnMeta],
    /// Positions of the primary key's columns, in the key's order.
    pub key: &'static [usize],
    /// Position of the version column that guards against lost updates.
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
pub struct ColumnMeta {
    /// The name in the database: `author_id`.
    pub name: &'static str,
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
#[derive(Debug)]
pub struct Reference {
    /// The entity referred to; its primary key has one column.
    pub entity: EntityRef,
    /// What becomes of this row when the other one is deleted.
    pub on_delete: OnDelete,
    /// What becomes of this row when a session makes it refer to no row any more.
    pub orphan: Orphan,
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
    /// Returns the schema that the table is in, where `table!` names one: a database on MySQL, an
    /// attached database on SQLite.
    #[must_use]
    pub fn schema(&self) -> Option<&'static str> {
        // The derive refuses other names with a dot inside.
        self.table.split_once('.').map(|(schema, _)| schema)
    }

    /// Returns the table's name in its schema.
    #[must_use]
    pub fn table_in_schema(&self) -> &'static str {
        self.table.split_once('.').map_or(self.table, |(_, table)| table)
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
