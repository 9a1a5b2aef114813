//! The rows a session has seen: one row, one key.

use std::any::{Any, TypeId};
use std::collections::HashMap;

use super::Session;
use super::unit_of_work::AllRows;
use crate::backend::Engine;
use crate::entity::{Entity, EntityMeta};
use crate::error::Result;
use crate::scalar::PrimaryKey as _;
use crate::store::Store;
use crate::value::RecordKey;

/// What the session knows of one row.
#[derive(Clone, Debug)]
pub(super) enum State<E: Entity> {
    /// Added, not inserted yet.
    Pending(E::Draft),
    /// In the database as it is here.
    Stored(E),
    /// In the database as `base`, to be updated to `mine`.
    Changed { base: Box<E>, mine: E },
    /// In the database, to be deleted.
    Deleted(Box<E>),
    /// Not in the database any more, or never was.
    Gone,
}

impl<E: Entity> State<E> {
    pub(super) fn row(&self) -> Option<&E> {
        match self {
            Self::Stored(row) | Self::Changed { mine: row, .. } => Some(row),
            Self::Deleted(row) => Some(row),
            Self::Pending(_) | Self::Gone => None,
        }
    }

    /// The row as the database has it.
    fn base(&self) -> Option<&E> {
        match self {
            Self::Changed { base, .. } => Some(base),
            state => state.row(),
        }
    }
}

/// The session's rows of one entity.
#[derive(Debug)]
pub(super) struct Rows<E: Entity> {
    states: Vec<State<E>>,
    by_key: HashMap<E::Key, u32>,
    /// Rows that a flush has to look at, in the order they were first touched.
    pub(super) touched: Vec<u32>,
    /// What rows were before this transaction wrote them, to be restored when it is taken back.
    journal: Vec<(u32, State<E>)>,
}

impl<E: Entity> Default for Rows<E> {
    fn default() -> Self {
        Self {
            states: Vec::new(),
            by_key: HashMap::new(),
            touched: Vec::new(),
            journal: Vec::new(),
        }
    }
}

impl<E: Entity> Rows<E> {
    pub(super) fn state(&self, row: u32) -> &State<E> {
        self.states.get(row as usize).unwrap_or(&State::Gone)
    }

    pub(super) fn state_mut(&mut self, row: u32) -> Option<&mut State<E>> {
        self.states.get_mut(row as usize)
    }

    fn push(&mut self, state: State<E>) -> u32 {
        let row = u32::try_from(self.states.len()).expect("a session holds fewer than 2^32 rows");
        self.states.push(state);
        row
    }

    pub(super) fn add(&mut self, draft: E::Draft) -> u32 {
        let row = self.push(State::Pending(draft));
        self.touched.push(row);
        row
    }

    /// Takes in a row as it was just read. Changes that are not written yet stay.
    pub(super) fn loaded(&mut self, entity: E) -> u32 {
        if let Some(&row) = self.by_key.get(&entity.key()) {
            if let Some(state @ State::Stored(_)) = self.state_mut(row) {
                *state = State::Stored(entity);
            }
            return row;
        }
        let key = entity.key();
        let row = self.push(State::Stored(entity));
        self.by_key.insert(key, row);
        row
    }

    pub(super) fn find(&self, key: &E::Key) -> Option<u32> {
        self.by_key.get(key).copied()
    }

    /// The row to change; its state before the first change is kept.
    pub(super) fn change(&mut self, row: u32) -> Option<&mut E> {
        let state = self.states.get_mut(row as usize)?;
        if let State::Stored(entity) = state {
            *state = State::Changed { base: Box::new(entity.clone()), mine: entity.clone() };
            self.touched.push(row);
        }
        match state {
            State::Changed { mine, .. } => Some(mine),
            _ => None,
        }
    }

    /// Marks a row to be deleted; a pending one is just forgotten.
    pub(super) fn mark_deleted(&mut self, row: u32) {
        let Some(state) = self.states.get_mut(row as usize) else { return };
        *state = match std::mem::replace(state, State::Gone) {
            State::Stored(entity) => State::Deleted(Box::new(entity)),
            State::Changed { base, .. } | State::Deleted(base) => State::Deleted(base),
            State::Pending(_) | State::Gone => State::Gone,
        };
        self.touched.push(row);
    }

    /// Notes what the database has now, remembering what it had before.
    pub(super) fn written(&mut self, row: u32, state: State<E>) {
        if let Some(key) = self.state(row).base().map(Entity::key) {
            self.by_key.remove(&key);
        }
        if let Some(entity) = state.row() {
            self.by_key.insert(entity.key(), row);
        }
        if let Some(current) = self.states.get_mut(row as usize) {
            self.journal.push((row, std::mem::replace(current, state)));
        }
    }

    /// Rows of the database that a condition holds for, as the session knows them.
    pub(super) fn stored(&self) -> impl Iterator<Item = (u32, &E)> {
        let rows = (0_u32..).zip(&self.states);
        rows.filter_map(|(row, state)| Some((row, state.base()?)))
    }

    fn restore(&mut self, length: usize) {
        for (row, before) in self.journal.drain(length..).rev() {
            let Some(state) = self.states.get_mut(row as usize) else { continue };
            if let Some(entity) = state.base() {
                self.by_key.remove(&entity.key());
            }
            if let Some(entity) = before.base() {
                self.by_key.insert(entity.key(), row);
            }
            *state = before;
        }
    }
}

/// The session's rows of one entity, whatever it is.
pub(super) trait AnyRows<C: Engine> {
    fn meta(&self) -> &'static EntityMeta;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn has_changes(&self) -> bool;
    /// The primary key of a row that is in the database.
    fn key_of(&self, row: u32) -> Option<RecordKey>;
    fn insert(&mut self, session: &mut Session<C>, others: &AllRows<C>) -> Result<()>;
    fn update(&mut self, session: &mut Session<C>) -> Result<()>;
    fn delete(&mut self, session: &mut Session<C>) -> Result<()>;
    fn journal_length(&self) -> usize;
    /// A flush failed: everything it did is undone, all changes are pending again.
    fn flush_failed(&mut self, journal_length: usize);
    /// A flush succeeded: nothing is to be written.
    fn flushed(&mut self);
    fn committed(&mut self);
    fn rolled_back(&mut self);
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

    fn has_changes(&self) -> bool {
        !self.touched.is_empty()
    }

    fn key_of(&self, row: u32) -> Option<RecordKey> {
        self.state(row).row().map(|entity| entity.key().to_record_key())
    }

    fn insert(&mut self, session: &mut Session<C>, others: &AllRows<C>) -> Result<()> {
        super::unit_of_work::insert_pending(self, session, others)
    }

    fn update(&mut self, session: &mut Session<C>) -> Result<()> {
        super::unit_of_work::update_changed(self, session)
    }

    fn delete(&mut self, session: &mut Session<C>) -> Result<()> {
        super::unit_of_work::delete_marked(self, session)
    }

    fn journal_length(&self) -> usize {
        self.journal.len()
    }

    fn flush_failed(&mut self, journal_length: usize) {
        self.restore(journal_length);
    }

    fn flushed(&mut self) {
        self.touched.clear();
    }

    fn committed(&mut self) {
        self.journal.clear();
    }

    fn rolled_back(&mut self) {
        self.restore(0);
        for row in std::mem::take(&mut self.touched) {
            let Some(state) = self.state_mut(row) else { continue };
            *state = match std::mem::replace(state, State::Gone) {
                State::Changed { base, .. } | State::Deleted(base) => State::Stored(*base),
                State::Pending(_) | State::Gone => State::Gone,
                stored @ State::Stored(_) => stored,
            };
        }
        // What was pending before a successful flush is pending again after the restore.
        for state in &mut self.states {
            match state {
                State::Pending(_) => *state = State::Gone,
                State::Changed { base, .. } | State::Deleted(base) => {
                    *state = State::Stored((**base).clone());
                }
                State::Stored(_) | State::Gone => {}
            }
        }
    }
}

pub(super) fn rows<C: Engine, E: Entity>(all: &AllRows<C>) -> Option<&Rows<E>> {
    all.get(&TypeId::of::<E>())?.as_any().downcast_ref()
}

pub(super) fn rows_mut<C: Engine, E: Entity>(all: &mut AllRows<C>) -> Option<&mut Rows<E>> {
    all.get_mut(&TypeId::of::<E>())?.as_any_mut().downcast_mut()
}
