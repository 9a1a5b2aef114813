//! What the derive says of an entity: its metadata, and the traits it implements.

mod dependencies;
mod identifier;
mod mapping;
mod meta;

use std::fmt::Debug;

pub use crate::column_set::{ColumnSet, MAX_COLUMNS};
use crate::column_type::ValueError;
pub use crate::entity_ref::{EntityId, EntityRef};
use crate::error::Invalid;
pub use crate::reference::Slot;
use crate::scalar::PrimaryKey;
use crate::sealed::Sealed;
use crate::value::{Record, RecordKey, Value};

pub(crate) use dependencies::parents_first;
pub(crate) use identifier::{Identifier, TableName};
pub use mapping::{BoundAs, MappedTo, StoredAs, TablePlace, assert_schema};
pub use meta::{ColumnMeta, EntityMeta, Fill, OnDelete, Orphan, Reference, Storage};

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
