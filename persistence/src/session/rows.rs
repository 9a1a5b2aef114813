//! The session's rows of one entity, whatever it is.

use std::any::Any;

use super::Session;
use super::changes::Change;
use super::flush::{
    Circles, Deleted, Inserted, Rekeyed, Writing, cascade, delete, insert, rekeying, unique, update,
};
use super::identity_map::journal::KeyChange;
use super::identity_map::{AllRows, Noted, Rows, State};
use crate::backend::Engine;
use crate::drafting;
use crate::entity::{Draft as _, Entity, EntityId, EntityMeta, Given, Slot};
use crate::error::{FieldError, Invalid, Result};
use crate::scalar::PrimaryKey;
use crate::store::Store;
use crate::value::{Record, RecordKey, Value};

/// What a session and a flush do with the rows of every entity alike.
pub(super) trait AnyRows<C: Engine> {
    fn meta(&self) -> &'static EntityMeta;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;

    /// Returns whether a flush has to look at a row.
    fn is_touched(&self) -> bool;
    /// Leaves only rows that differ from the database for a flush to look at.
    fn prepare(&mut self);
    /// Returns the primary key of a row that is in the database.
    fn key_of(&self, row: u32) -> Option<RecordKey>;
    /// Returns the values by which others may refer to a row: of its key in the database, and of
    /// the one that it is to get.
    fn values_of(&self, row: u32) -> [Option<Value>; 2];
    /// Returns the value by which others refer to a row, once it has one; `None` while it is about
    /// to change.
    fn value_to_refer_by(&self, row: u32) -> Option<Value>;
    /// Returns whether the session does not know the row.
    fn is_gone(&self, row: u32) -> bool;
    /// Returns whether the row is to be deleted.
    fn is_marked(&self, row: u32) -> bool;
    /// Returns the row as the session has it.
    fn record(&self, row: u32) -> Option<Record>;
    /// Returns what is given to the columns of a row that is to be inserted.
    fn given_to(&self, row: u32) -> Option<Vec<Given>>;
    /// Returns a column's value of a row as the session has it.
    fn value(&self, row: u32, column: usize) -> Option<Value>;
    /// Returns a column's value of a row as the database has it.
    fn base_value(&self, row: u32, column: usize) -> Option<Value>;
    /// Returns whether the row is to be inserted.
    fn is_pending(&self, row: u32) -> bool;
    /// Returns whether this session has added the row.
    fn is_own(&self, row: u32) -> bool;
    /// Notes that rows may refer to one that this session does not know.
    fn disown(&mut self, row: u32);
    /// Returns the rows to be inserted, in the order they were added.
    fn pending(&self) -> Vec<u32>;
    /// Returns the rows to be deleted.
    fn to_delete(&self) -> Deleted;
    /// Returns the column in which a row to be inserted refers to another.
    fn referring_column(&self, row: u32, to: Slot) -> Option<&'static str>;
    /// Returns what a row refers to in a column, as the session has it.
    fn reference(&self, row: u32, column: usize) -> Option<Given>;
    /// Returns whether the reference of a row in a column is not in the database yet.
    fn is_to_refer(&self, row: u32, column: usize) -> bool;
    /// Returns whether the row is to be read again: the session knows that it is there, but not
    /// what it refers to.
    fn is_expired(&self, row: u32) -> bool;
    /// Returns the rows whose references may have changed, in the order in which they did.
    fn moved(&self) -> &[u32];
    /// Finds the row that others refer to by this value.
    fn find(&self, key: &Value) -> Option<u32>;
    /// Returns whether a row is to be inserted that was merged.
    fn has_merged(&self) -> bool;
    /// Finds the row that was merged, is not inserted yet and is to be referred to by this value.
    fn find_merged(&self, key: &Value) -> Option<u32>;
    /// Returns what is to be written.
    fn changes(&self, all: &AllRows<C>) -> Vec<Change>;
    /// Returns what was written since the journal had that length.
    fn written_since(&self, journal_length: usize) -> Vec<Change>;

    /// Inserts those of the rows whose references have keys.
    fn insert(
        &mut self,
        writing: &mut Writing<'_, C>,
        others: &AllRows<C>,
        rows: &[u32],
        circles: Circles,
    ) -> Result<Inserted>;
    /// Gives a value to a column of a row that is stored.
    fn set(&mut self, row: u32, column: usize, value: Value) -> Result<()>;
    /// Gives others to the columns of a row that is to be inserted.
    fn give_to(&mut self, row: u32, given: &[Given]) -> Result<()>;
    /// Makes the reference in a column point to another row, or nowhere: at once, or with the
    /// flush that gives that row its key. Returns whether it does.
    fn refer(&mut self, row: u32, column: usize, to: Option<(Slot, Option<Value>)>) -> bool;
    /// Parts a row from the one that it refers to in a column and is nothing without.
    fn orphan(&mut self, row: u32, column: usize);
    /// Adds a reference that was left out, for the update of its row to write.
    fn link(&mut self, row: u32, column: usize, to: Slot);
    /// Frees unique values that rows to be inserted, or to be changed otherwise, take.
    fn free_unique_values(
        &mut self,
        writing: &mut Writing<'_, C>,
        others: &mut AllRows<C>,
    ) -> Result<()>;
    fn update(&mut self, writing: &mut Writing<'_, C>, others: &mut AllRows<C>) -> Result<()>;
    /// Makes references to a row whose key has changed follow it, here and in the database.
    /// Returns those whose own keys have changed with it.
    fn follow_key(
        &mut self,
        writing: &mut Writing<'_, C>,
        rekeyed: &Rekeyed,
    ) -> Result<Vec<Rekeyed>>;
    /// Deletes the rows that are marked.
    fn delete(&mut self, writing: &mut Writing<'_, C>) -> Result<()>;
    /// Takes back references to rows of these tables that are to be deleted as well.
    fn leave_circle(&mut self, writing: &mut Writing<'_, C>, tables: &[&str]) -> Result<()>;
    /// Makes the session's rows what deleting others makes of them. Returns the rows that are
    /// deleted along.
    fn parents_deleted(&mut self, parent: EntityId, parents: &Deleted, session: u32) -> Deleted;
    /// Does to rows that refer to one what the database would do if that one were deleted, but not
    /// to those that move away from it.
    fn leave_replaced(
        &self,
        writing: &mut Writing<'_, C>,
        parent: &'static EntityMeta,
        value: &Value,
    ) -> Result<()>;
    /// Makes rows refer no more to one that is not going to be inserted. Returns those that are given
    /// up along.
    fn parent_given_up(&mut self, parent: Slot) -> Vec<u32>;
    /// Returns whether a row that is to be deleted has a unique value that another takes, and
    /// cannot let go of it otherwise.
    fn frees_by_deleting(&self, session: u32, all: &AllRows<C>) -> bool;
    /// Returns whether a row has to be updated before these others can be deleted.
    fn moves_away(&self, parents: &Deleted) -> bool;
    /// Marks rows for deletion that refer to nothing any more. Returns those that were to be inserted.
    fn remove_orphans(&mut self) -> Deleted;

    fn journal_length(&self) -> usize;
    /// Returns how much the transaction has noted.
    fn noted(&self) -> Noted;
    /// Returns the keys that rows were given since then.
    fn given(&self, since: Noted) -> Vec<Option<RecordKey>>;
    /// Reads again what was read since then, for it was taken back with the keys that were given.
    fn read_back(&mut self, session: &mut Session<C>, since: Noted, given: &[Option<RecordKey>]);
    /// Marks rows to be read again that were read since the transaction has written.
    fn expire_read(&mut self, given: &[Option<RecordKey>]);
    /// Undoes everything written since the journal had that length; all changes are pending.
    fn restore(&mut self, journal_length: usize);
    /// Begins a part of the transaction that may be taken back; returns what ends it.
    fn begin_part(&mut self) -> usize;
    /// Ends a part: taken back, what programs were given is remembered as before it.
    fn end_part(&mut self, begin: usize, is_taken_back: bool);
    /// Forgets all that programs were given.
    fn forget_lent(&mut self);
    /// Notes that a flush that began at that length succeeded: nothing is to be written.
    fn flushed(&mut self, journal_length: usize);
    fn discard_changes(&mut self);
    fn rolled_back(&mut self);
    fn committed(&mut self);
    /// Marks every row without changes to be read again.
    fn expire_all(&mut self);
    /// Lets go of every row.
    fn clear(&mut self);
    /// Returns whether a flush is to delete some.
    fn deletes(&self) -> bool;
    /// Returns the rows that are to be read again.
    fn expired(&self) -> Vec<u32>;
    /// Makes a row's key follow that of the same row of another entity.
    fn follow_twin(&mut self, change: &KeyChange);
    /// Returns the rows in whose columns is a reference to a row of another entity that the session
    /// does not know.
    fn referring_to_unknown(
        &self,
        columns: &[(usize, &'static EntityMeta)],
        all: &AllRows<C>,
    ) -> Vec<u32>;
    /// Returns the keys of what was written since the journal had that length.
    fn written_keys(&self, journal_length: usize) -> Vec<KeyChange>;
    /// Returns the rows without changes that have one of these keys; all of them, where none are named.
    fn stored_with(&self, keys: Option<&[RecordKey]>) -> Vec<u32>;
    /// Notes that rows were written as another entity's, which may have deleted them. What these rows
    /// have written themselves since the journal had that length is as they have it.
    fn written_as_others(&mut self, changes: &[KeyChange], since: usize);
    /// Reads rows again which statements may have written. Returns those that are gone.
    fn read_again(&mut self, session: &mut Session<C>, rows: &[u32]) -> Deleted;
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

    fn values_of(&self, row: u32) -> [Option<Value>; 2] {
        let state = self.state(row);
        let before = state.key().and_then(|key| only_value(&key));
        [before, state.row().and_then(first_value)]
    }

    fn value_to_refer_by(&self, row: u32) -> Option<Value> {
        match self.state(row) {
            State::Expired(before) => first_value(&**before),
            State::Changed { base, mine } if base.key() != mine.key() => None,
            state => state.row().and_then(first_value),
        }
    }

    fn is_gone(&self, row: u32) -> bool {
        matches!(self.state(row), State::Gone)
    }

    fn is_marked(&self, row: u32) -> bool {
        matches!(self.state(row), State::Deleted(_))
    }

    fn record(&self, row: u32) -> Option<Record> {
        self.state(row).row().map(Entity::to_record)
    }

    fn given_to(&self, row: u32) -> Option<Vec<Given>> {
        let State::Pending(draft) = self.state(row) else { return None };
        Some((0..E::meta().columns.len()).map(|column| draft.given(column)).collect())
    }

    fn value(&self, row: u32, column: usize) -> Option<Value> {
        Some(self.state(row).row()?.value(column))
    }

    fn base_value(&self, row: u32, column: usize) -> Option<Value> {
        Some(self.state(row).base()?.value(column))
    }

    fn is_pending(&self, row: u32) -> bool {
        matches!(self.state(row), State::Pending(_))
    }

    fn is_own(&self, row: u32) -> bool {
        Self::is_own(self, row)
    }

    fn disown(&mut self, row: u32) {
        Self::disown(self, row);
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
        if let [key] = E::meta().key
            && !deleted.is_empty()
            && !E::meta().has_generated_key()
        {
            let takes = self.touched().filter_map(|(_, state)| match state {
                State::Pending(draft) => match draft.given(*key) {
                    Given::Value(value) => Some(value),
                    Given::Row(_) | Given::Filled => None,
                },
                State::Changed { base, mine } if base.key() != mine.key() => first_value(mine),
                _ => None,
            });
            deleted.taken = takes.filter(|value| deleted.keys.contains(value)).collect();
        }
        deleted
    }

    fn referring_column(&self, row: u32, to: Slot) -> Option<&'static str> {
        let State::Pending(draft) = self.state(row) else { return None };
        let columns = || (0..).zip(E::meta().columns);
        let by_handle = columns().find(|&(position, _)| draft.given(position) == Given::Row(to));
        let found = by_handle.or_else(|| columns().find(|(_, column)| column.references.is_some()));
        found.map(|(_, column)| column.name)
    }

    fn reference(&self, row: u32, column: usize) -> Option<Given> {
        Self::reference(self, row, column)
    }

    fn is_to_refer(&self, row: u32, column: usize) -> bool {
        match self.state(row) {
            State::Pending(_) => true,
            State::Changed { base, mine } => base.value(column) != mine.value(column),
            _ => false,
        }
    }

    fn is_expired(&self, row: u32) -> bool {
        matches!(self.state(row), State::Expired(_))
    }

    fn moved(&self) -> &[u32] {
        Self::moved(self)
    }

    fn find(&self, key: &Value) -> Option<u32> {
        let key = E::Key::from_record_key(RecordKey(vec![key.clone()])).ok()?;
        let gets_it = |(row, state): (u32, &State<E>)| match state {
            State::Changed { mine, .. } if mine.key() == key => Some(row),
            _ => None,
        };
        let found = Self::find(self, &key);
        if found.is_some() || E::meta().has_generated_key() {
            return found;
        }
        self.touched().find_map(gets_it)
    }

    fn has_merged(&self) -> bool {
        Self::has_merged(self)
    }

    fn find_merged(&self, key: &Value) -> Option<u32> {
        let key = E::Key::from_record_key(RecordKey(vec![key.clone()])).ok()?;
        Self::find_merged(self, &key)
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

    fn set(&mut self, row: u32, column: usize, value: Value) -> Result<()> {
        // What is assigned counts, and not what was to be written there.
        self.unlink(row, column);
        let Some(mine) = self.change(row) else { return Ok(()) };
        Ok(mine.set_value(column, value).map_err(|error| Invalid {
            entity: E::meta().name,
            errors: vec![FieldError::of_value(&E::meta().names(&[column]).join(""), &error)],
        })?)
    }

    fn give_to(&mut self, row: u32, given: &[Given]) -> Result<()> {
        let draft = drafting::draft::<E>(given)?;
        if let Some(place) = self.change_draft(row) {
            *place = draft;
        }
        Ok(())
    }

    fn refer(&mut self, row: u32, column: usize, to: Option<(Slot, Option<Value>)>) -> bool {
        Self::refer(self, row, column, to)
    }

    fn orphan(&mut self, row: u32, column: usize) {
        Self::orphan(self, row, column);
    }

    fn link(&mut self, row: u32, column: usize, to: Slot) {
        Self::link(self, row, column, to);
    }

    fn free_unique_values(
        &mut self,
        writing: &mut Writing<'_, C>,
        others: &mut AllRows<C>,
    ) -> Result<()> {
        unique::free(self, writing, others)
    }

    fn update(&mut self, writing: &mut Writing<'_, C>, others: &mut AllRows<C>) -> Result<()> {
        update::update(self, writing, others)
    }

    fn follow_key(
        &mut self,
        writing: &mut Writing<'_, C>,
        rekeyed: &Rekeyed,
    ) -> Result<Vec<Rekeyed>> {
        rekeying::follow_key(self, writing, rekeyed)
    }

    fn delete(&mut self, writing: &mut Writing<'_, C>) -> Result<()> {
        delete::delete(self, writing)
    }

    fn leave_circle(&mut self, writing: &mut Writing<'_, C>, tables: &[&str]) -> Result<()> {
        delete::leave_circle(self, writing, tables)
    }

    fn parents_deleted(&mut self, parent: EntityId, parents: &Deleted, session: u32) -> Deleted {
        cascade::parents_deleted(self, parent, parents, session)
    }

    fn leave_replaced(
        &self,
        writing: &mut Writing<'_, C>,
        parent: &'static EntityMeta,
        value: &Value,
    ) -> Result<()> {
        cascade::leave_replaced(self, writing, parent, value)
    }

    fn parent_given_up(&mut self, parent: Slot) -> Vec<u32> {
        cascade::parent_given_up(self, parent)
    }

    fn frees_by_deleting(&self, session: u32, all: &AllRows<C>) -> bool {
        unique::frees_by_deleting(self, session, all)
    }

    fn moves_away(&self, parents: &Deleted) -> bool {
        cascade::moves_away(self, parents)
    }

    fn remove_orphans(&mut self) -> Deleted {
        cascade::remove_orphans(self)
    }

    fn journal_length(&self) -> usize {
        Self::journal_length(self)
    }

    fn noted(&self) -> Noted {
        Self::noted(self)
    }

    fn given(&self, since: Noted) -> Vec<Option<RecordKey>> {
        Self::given(self, since)
    }

    fn read_back(&mut self, session: &mut Session<C>, since: Noted, given: &[Option<RecordKey>]) {
        session.read_rows_back(self, since, given);
    }

    fn expire_read(&mut self, given: &[Option<RecordKey>]) {
        let read = self.take_reads_back(Noted::default(), given);
        Self::expire_read(self, &read);
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

    fn clear(&mut self) {
        Self::clear(self);
    }

    fn deletes(&self) -> bool {
        self.touched().any(|(_, state)| matches!(state, State::Deleted(_)))
            || !cascade::orphans(self).is_empty()
    }

    fn expired(&self) -> Vec<u32> {
        let is_expired = |(_, state): &(u32, &State<E>)| matches!(state, State::Expired(_));
        self.states().filter(is_expired).map(|(row, _)| row).collect()
    }

    fn follow_twin(&mut self, change: &KeyChange) {
        Self::follow_twin(self, change);
    }

    fn referring_to_unknown(
        &self,
        columns: &[(usize, &'static EntityMeta)],
        all: &AllRows<C>,
    ) -> Vec<u32> {
        super::settling::referring_to_unknown(self, columns, all)
    }

    fn written_keys(&self, journal_length: usize) -> Vec<KeyChange> {
        Self::written_keys(self, journal_length)
    }

    fn stored_with(&self, keys: Option<&[RecordKey]>) -> Vec<u32> {
        let is_stored = |row: &u32| matches!(self.state(*row), State::Stored(_));
        let Some(keys) = keys else {
            return self.states().map(|(row, _)| row).filter(is_stored).collect();
        };
        let keys = keys.iter().filter_map(|key| E::Key::from_record_key(key.clone()).ok());
        keys.filter_map(|key| Self::find(self, &key)).filter(is_stored).collect()
    }

    fn written_as_others(&mut self, changes: &[KeyChange], since: usize) {
        Self::written_as_others(self, changes, since);
    }

    fn read_again(&mut self, session: &mut Session<C>, rows: &[u32]) -> Deleted {
        session.read_again(self, rows)
    }
}

/// Returns the value by which others refer to a row, where its key has one column.
pub(super) fn first_value<E: Entity>(row: &E) -> Option<Value> {
    only_value(&row.key())
}

/// Returns the value of a key of one column.
pub(super) fn only_value(key: &impl PrimaryKey) -> Option<Value> {
    match key.to_record_key().0.as_slice() {
        [value] => Some(value.clone()),
        _ => None,
    }
}

pub(super) fn rows<C: Engine, E: Entity>(all: &AllRows<C>) -> Option<&Rows<E>> {
    all.get(&EntityId::of::<E>())?.as_any().downcast_ref()
}

pub(super) fn rows_mut<C: Engine, E: Entity>(all: &mut AllRows<C>) -> Option<&mut Rows<E>> {
    all.get_mut(&EntityId::of::<E>())?.as_any_mut().downcast_mut()
}

impl<C: Engine> Session<C> {
    pub(super) fn rows_of<E: Entity>(&mut self) -> &mut Rows<E>
    where
        C: Store<E>,
    {
        let rows = self.rows.entry(EntityId::of::<E>());
        let rows = rows.or_insert_with(|| Box::new(Rows::<E>::default()));
        rows.as_any_mut().downcast_mut().expect("rows are filed under their entity's type")
    }
}
