//! The session's rows of one entity, whatever it is.

use std::any::{Any, TypeId};

use super::Session;
use super::changes::Change;
use super::flush::{Circles, Deleted, Inserted, Writing, cascade, delete, insert, unique, update};
use super::identity_map::{AllRows, Link, Rows, State};
use crate::backend::Engine;
use crate::entity::{Draft as _, Entity, EntityMeta, Given, Slot};
use crate::error::Result;
use crate::scalar::PrimaryKey;
use crate::store::Store;
use crate::value::{RecordKey, Value};

/// What a session and a flush do with the rows of every entity alike.
pub(super) trait AnyRows<C: Engine> {
    fn meta(&self) -> &'static EntityMeta;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;

    /// Whether a flush has to look at a row.
    fn is_touched(&self) -> bool;
    /// Leaves only rows that differ from the database for a flush to look at.
    fn prepare(&mut self);
    /// The primary key of a row that is in the database.
    fn key_of(&self, row: u32) -> Option<RecordKey>;
    /// Whether the row is to be inserted.
    fn is_pending(&self, row: u32) -> bool;
    /// The rows to be inserted, in the order they were added.
    fn pending(&self) -> Vec<u32>;
    /// The rows to be deleted.
    fn to_delete(&self) -> Deleted;
    /// The column in which a row to be inserted refers to another.
    fn referring_column(&self, row: u32, to: Slot) -> Option<&'static str>;
    /// Where a row refers to in a column, as the session has it.
    fn reference(&self, row: u32, column: usize) -> Option<Given>;
    /// Whether the session does not know where a row refers to, but that it is there.
    fn is_expired(&self, row: u32) -> bool;
    /// Rows whose references may have changed, in the order in which they did.
    fn moved(&self) -> &[u32];
    /// The row that others refer to by this value.
    fn find(&self, key: &Value) -> Option<u32>;
    /// What is to be written.
    fn changes(&self, all: &AllRows<C>) -> Vec<Change>;
    /// What was written since the journal had that length.
    fn written_since(&self, journal_length: usize) -> Vec<Change>;

    /// Inserts those of the rows whose references have keys.
    fn insert(
        &mut self,
        writing: &mut Writing<'_, C>,
        others: &AllRows<C>,
        rows: &[u32],
        circles: Circles,
    ) -> Result<Inserted>;
    /// Has a reference written that was left out, by the update of its row.
    fn link(&mut self, link: Link);
    /// Frees unique values that rows to be inserted, or to be changed otherwise, take.
    fn free_unique_values(
        &mut self,
        writing: &mut Writing<'_, C>,
        others: &AllRows<C>,
    ) -> Result<()>;
    fn update(&mut self, writing: &mut Writing<'_, C>, others: &AllRows<C>) -> Result<()>;
    /// Deletes the rows that are marked.
    fn delete(&mut self, writing: &mut Writing<'_, C>) -> Result<()>;
    /// Takes back references to rows of these tables that are to be deleted as well.
    fn leave_circle(&mut self, writing: &mut Writing<'_, C>, tables: &[&str]) -> Result<()>;
    /// Makes the session's rows what deleting others makes of them. Returns the rows that are
    /// deleted along.
    fn parents_deleted(&mut self, parent: TypeId, parents: &Deleted, session: u32) -> Deleted;
    /// Whether a row that is to be deleted has a unique value that another takes, and cannot let
    /// go of it otherwise.
    fn frees_by_deleting(&self, session: u32, all: &AllRows<C>) -> bool;
    /// Whether a row has to be updated before these others can be deleted.
    fn moves_away(&self, parents: &Deleted) -> bool;
    /// Marks rows for deletion that refer to nothing any more.
    fn remove_orphans(&mut self);

    fn journal_length(&self) -> usize;
    /// Everything written since the journal had that length is undone, all changes are pending.
    fn restore(&mut self, journal_length: usize);
    /// A part of the transaction begins that may be taken back; returns what ends it.
    fn begin_part(&mut self) -> usize;
    /// A part ends: taken back, what programs were given is remembered as before it.
    fn end_part(&mut self, begin: usize, is_taken_back: bool);
    /// Forgets all that programs were given.
    fn forget_lent(&mut self);
    /// A flush that began at that length succeeded: nothing is to be written.
    fn flushed(&mut self, journal_length: usize);
    fn discard_changes(&mut self);
    fn rolled_back(&mut self);
    fn committed(&mut self);
    /// Has every row without changes read again.
    fn expire_all(&mut self);
    /// Has every row without changes read again until the transaction is taken back.
    fn expire_written(&mut self);
}

impl<C: Store<E>, E: Entity> AnyRows<C> for Rows<E> {
    fn meta(&self) -> &'static EntityMeta {
        E::meta()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn is_touched(&self) -> bool {
        !self.touched.is_empty()
    }

    fn prepare(&mut self) {
        Self::prepare(self);
    }

    fn key_of(&self, row: u32) -> Option<RecordKey> {
        self.state(row).key().map(|key| key.to_record_key())
    }

    fn is_pending(&self, row: u32) -> bool {
        matches!(self.state(row), State::Pending(_))
    }

    fn pending(&self) -> Vec<u32> {
        self.touched()
            .filter(|(_, state)| matches!(state, State::Pending(_)))
            .map(|(row, _)| row)
            .collect()
    }

    fn to_delete(&self) -> Deleted {
        let mut deleted = Deleted::new(E::meta());
        for (row, state) in self.touched() {
            if let State::Deleted(base) = state {
                deleted.add(row, first_value(&**base));
            }
        }
        deleted
    }

    fn referring_column(&self, row: u32, to: Slot) -> Option<&'static str> {
        let State::Pending(draft) = self.state(row) else { return None };
        let mut columns = (0..).zip(E::meta().columns);
        let (_, column) = columns.find(|&(position, _)| draft.given(position) == Given::Row(to))?;
        Some(column.name)
    }

    fn reference(&self, row: u32, column: usize) -> Option<Given> {
        Self::reference(self, row, column)
    }

    fn is_expired(&self, row: u32) -> bool {
        matches!(self.state(row), State::Expired(_))
    }

    fn moved(&self) -> &[u32] {
        Self::moved(self)
    }

    fn find(&self, key: &Value) -> Option<u32> {
        let key = E::Key::from_record_key(RecordKey(vec![key.clone()])).ok()?;
        Self::find(self, &key)
    }

    fn changes(&self, all: &AllRows<C>) -> Vec<Change> {
        super::changes::of(self, all)
    }

    fn written_since(&self, journal_length: usize) -> Vec<Change> {
        super::reporting::written_since(self, journal_length)
    }

    fn insert(
        &mut self,
        writing: &mut Writing<'_, C>,
        others: &AllRows<C>,
        rows: &[u32],
        circles: Circles,
    ) -> Result<Inserted> {
        insert::insert(self, writing, others, rows, circles)
    }

    fn link(&mut self, link: Link) {
        if self.change(link.row).is_some() {
            self.links.push(link);
        }
    }

    fn free_unique_values(
        &mut self,
        writing: &mut Writing<'_, C>,
        others: &AllRows<C>,
    ) -> Result<()> {
        unique::free(self, writing, others)
    }

    fn update(&mut self, writing: &mut Writing<'_, C>, others: &AllRows<C>) -> Result<()> {
        update::update(self, writing, others)
    }

    fn delete(&mut self, writing: &mut Writing<'_, C>) -> Result<()> {
        delete::delete(self, writing)
    }

    fn leave_circle(&mut self, writing: &mut Writing<'_, C>, tables: &[&str]) -> Result<()> {
        delete::leave_circle(self, writing, tables)
    }

    fn parents_deleted(&mut self, parent: TypeId, parents: &Deleted, session: u32) -> Deleted {
        cascade::parents_deleted(self, parent, parents, session)
    }

    fn frees_by_deleting(&self, session: u32, all: &AllRows<C>) -> bool {
        unique::frees_by_deleting(self, session, all)
    }

    fn moves_away(&self, parents: &Deleted) -> bool {
        cascade::moves_away(self, parents)
    }

    fn remove_orphans(&mut self) {
        cascade::remove_orphans(self);
    }

    fn journal_length(&self) -> usize {
        Self::journal_length(self)
    }

    fn begin_part(&mut self) -> usize {
        self.lent.begin_part()
    }

    fn end_part(&mut self, begin: usize, is_taken_back: bool) {
        self.lent.end_part(begin, is_taken_back);
    }

    fn forget_lent(&mut self) {
        self.lent.clear();
    }

    fn restore(&mut self, journal_length: usize) {
        Self::restore(self, journal_length);
    }

    fn flushed(&mut self, journal_length: usize) {
        Self::flushed(self, journal_length);
    }

    fn discard_changes(&mut self) {
        Self::discard_changes(self);
    }

    fn rolled_back(&mut self) {
        Self::rolled_back(self);
    }

    fn committed(&mut self) {
        Self::committed(self);
    }

    fn expire_all(&mut self) {
        Self::expire_all(self);
    }

    fn expire_written(&mut self) {
        Self::expire_written(self);
    }
}

/// The value by which others refer to a row, where its key has one column.
pub(super) fn first_value<E: Entity>(row: &E) -> Option<Value> {
    only_value(&row.key())
}

/// The value of a key of one column.
pub(super) fn only_value(key: &impl PrimaryKey) -> Option<Value> {
    match key.to_record_key().0.as_slice() {
        [value] => Some(value.clone()),
        _ => None,
    }
}

pub(super) fn rows<C: Engine, E: Entity>(all: &AllRows<C>) -> Option<&Rows<E>> {
    all.get(&TypeId::of::<E>())?.as_any().downcast_ref()
}

pub(super) fn rows_mut<C: Engine, E: Entity>(all: &mut AllRows<C>) -> Option<&mut Rows<E>> {
    all.get_mut(&TypeId::of::<E>())?.as_any_mut().downcast_mut()
}

impl<C: Engine> Session<C> {
    pub(super) fn rows_of<E: Entity>(&mut self) -> &mut Rows<E>
    where
        C: Store<E>,
    {
        let rows = self.rows.entry(TypeId::of::<E>());
        let rows = rows.or_insert_with(|| Box::new(Rows::<E>::default()));
        rows.as_any_mut().downcast_mut().expect("rows are filed under their entity's type")
    }
}
