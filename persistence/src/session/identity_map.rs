//! The rows a session has seen: one row, one key.

pub(super) mod journal;
mod references;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::given_keys::Merged;
use super::guarding::Known;
use super::lent::Lent;
use super::rows::AnyRows;
use crate::entity::{ColumnSet, Entity, EntityId, Slot};
use crate::value::Value;

/// Keys come from a database: a fast hash that still differs from run to run.
type Hasher = foldhash::fast::RandomState;

/// All rows of a session, by their entity.
pub(super) type AllRows<C> = HashMap<EntityId, Box<dyn AnyRows<C>>, Hasher>;

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
    /// In the database; it was this when it was read last, and has to be read again.
    Expired(Box<E>),
    /// Not in the database any more, or never was.
    Gone,
}

impl<E: Entity> State<E> {
    /// Returns the row as the session has it.
    pub(super) fn row(&self) -> Option<&E> {
        match self {
            Self::Stored(row) | Self::Changed { mine: row, .. } => Some(row),
            Self::Deleted(row) => Some(row),
            Self::Pending(_) | Self::Expired(_) | Self::Gone => None,
        }
    }

    /// Returns the row as the database has it.
    pub(super) fn base(&self) -> Option<&E> {
        match self {
            Self::Changed { base, .. } => Some(base),
            state => state.row(),
        }
    }

    /// Returns the primary key by which the database has the row.
    pub(super) fn key(&self) -> Option<E::Key> {
        match self {
            Self::Expired(before) => Some(before.key()),
            state => state.base().map(Entity::key),
        }
    }

    /// Marks the row to be read again, where the session has it as the database does.
    pub(super) fn expire(&mut self) {
        if matches!(self, Self::Stored(_))
            && let Self::Stored(entity) = std::mem::replace(self, Self::Gone)
        {
            *self = Self::Expired(Box::new(entity));
        }
    }

    /// Returns the state of the row once changes that are not written are forgotten.
    fn without_changes(self) -> Self {
        match self {
            Self::Changed { base, .. } | Self::Deleted(base) => Self::Stored(*base),
            Self::Pending(_) => Self::Gone,
            state => state,
        }
    }
}

/// What a row was before a statement wrote it.
#[derive(Debug)]
pub(super) enum Before<E: Entity> {
    /// It was so.
    Was(State<E>),
    /// The database had this; what the session has now but for the version was to be written.
    Base(Box<E>),
}

/// A reference by a handle.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Link {
    /// The row that refers.
    pub row: u32,
    /// The position of the column in which it does.
    pub column: usize,
    /// The row it refers to.
    pub to: Slot,
    /// What the column had when it was noted: what is assigned afterwards counts.
    pub over: Value,
    /// Whether the row has a key, so that the column has it; else it is written once it has one.
    pub has_key: bool,
    /// The key that a flush on its way has put into the column.
    pub resolved: Option<Value>,
}

/// Where nothing is.
const NOWHERE: usize = usize::MAX;

/// Returns where a row stands, if the session has not let go of it.
const fn place(first: u32, row: u32) -> usize {
    match row.checked_sub(first) {
        Some(place) => place as usize,
        None => NOWHERE,
    }
}

/// A row's column in which it refers to another.
type Reference = (u32, usize);

/// How much a transaction has noted so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Noted {
    pub journal: usize,
    pub reads: usize,
    pub given: usize,
}

/// A row that was read after the transaction had written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read {
    pub row: u32,
    /// How many keys had been given before; `None` where the session knew the row already.
    pub given: Option<usize>,
}

/// The session's rows of one entity.
#[derive(Debug)]
pub(super) struct Rows<E: Entity> {
    /// The number of the first row; the session has let go of those before.
    first: u32,
    /// How many of the first states are of rows that are gone for good.
    gone: usize,
    states: Vec<State<E>>,
    by_key: HashMap<E::Key, u32, Hasher>,
    /// Rows that a flush has to look at.
    pub(super) touched: Vec<u32>,
    /// References of changed rows by handles, by the rows and columns that refer; those of others count for
    /// nothing.
    links: BTreeMap<(u32, usize), Link>,
    /// Rows that were parted, by a column, from what they are nothing without. They are deleted by the
    /// flush, if they do not refer to another by then.
    orphans: Vec<Reference>,
    /// Rows whose references may have changed, in the order in which they did: what an included
    /// relation does not know yet.
    moved: Vec<u32>,
    /// Whether the session has let go of rows: those that come back may be related to others.
    has_let_go: bool,
    /// Those that were let go of in this transaction: taking it back does not bring them back.
    let_go: HashSet<u32, Hasher>,
    /// What rows were before this transaction wrote them, to be restored when it is taken back.
    journal: Vec<(u32, Before<E>)>,
    /// How much was noted that was let go of in this transaction: what is noted counts on from there.
    let_go_of: Noted,
    /// Rows that were read after the transaction had written: what they are may be taken back with it.
    read_since: Vec<Read>,
    /// Keys that rows were given in this transaction and that the database has not counted: a key may be
    /// another row's once it is taken back. `None` for keys that are not known.
    given: Vec<Option<E::Key>>,
    /// Where the values of rows are from; of those beyond its end, from the database.
    known: Vec<Known>,
    /// Whether this session has inserted a row, and so knows all that refers to it; false beyond its
    /// end.
    inserted: Vec<bool>,
    /// Rows to be inserted that were merged.
    pub(super) merged: Merged<E>,
    /// Rows that a program was given and may bring back changed.
    pub(super) lent: Lent<E>,
}

impl<E: Entity> Default for Rows<E> {
    fn default() -> Self {
        Self {
            first: 0,
            gone: 0,
            states: Vec::new(),
            by_key: HashMap::default(),
            touched: Vec::new(),
            links: BTreeMap::new(),
            orphans: Vec::new(),
            moved: Vec::new(),
            has_let_go: false,
            let_go: HashSet::default(),
            journal: Vec::new(),
            let_go_of: Noted::default(),
            read_since: Vec::new(),
            given: Vec::new(),
            known: Vec::new(),
            inserted: Vec::new(),
            merged: Merged::default(),
            lent: Lent::default(),
        }
    }
}

impl<E: Entity> Rows<E> {
    pub(super) fn state(&self, row: u32) -> &State<E> {
        self.states.get(place(self.first, row)).unwrap_or(&State::Gone)
    }

    pub(super) fn state_mut(&mut self, row: u32) -> Option<&mut State<E>> {
        self.states.get_mut(place(self.first, row))
    }

    /// Returns all rows that were ever seen.
    pub(super) fn states(&self) -> impl Iterator<Item = (u32, &State<E>)> {
        (self.first..).zip(&self.states)
    }

    /// Returns the rows a flush has to look at, each once, in the order they were added or read.
    pub(super) fn touched(&self) -> impl Iterator<Item = (u32, &State<E>)> {
        self.touched.iter().map(|&row| (row, self.state(row)))
    }

    /// Returns the number of the next row that is new to the session.
    fn next(&self) -> u32 {
        u32::try_from(self.states.len())
            .ok()
            .and_then(|rows| self.first.checked_add(rows))
            .expect("a session sees fewer than 2^32 rows")
    }

    /// Lets go of all rows. Their numbers are given to no others.
    pub(super) fn clear(&mut self) {
        let mut lent = std::mem::take(&mut self.lent);
        lent.clear();
        let let_go_of = self.noted();
        let given = std::mem::take(&mut self.given);
        let first = self.next();
        *self = Self { first, has_let_go: true, let_go_of, given, lent, ..Self::default() };
    }

    fn push(&mut self, state: State<E>) -> u32 {
        let row = self.next();
        self.states.push(state);
        row
    }

    pub(super) fn add(&mut self, draft: E::Draft) -> u32 {
        let row = self.push(State::Pending(draft));
        self.touched.push(row);
        self.moved.push(row);
        row
    }

    pub(super) fn reserve(&mut self, rows: usize) {
        self.states.reserve(rows);
        self.by_key.reserve(rows);
    }

    /// Takes in a row as it was just read, maybe after the transaction had written. Changes that are
    /// not written yet stay.
    pub(super) fn loaded(&mut self, entity: E, has_written: bool) -> u32 {
        let next = self.next();
        let row = self.take_in(entity);
        if has_written {
            let given = (row == next).then_some(self.given.len());
            self.read_since.push(Read { row, given });
        }
        row
    }

    fn take_in(&mut self, entity: E) -> u32 {
        let next = self.next();
        let key = entity.key();
        // The session has it from now on.
        self.lent.forget(&key);
        match self.by_key.entry(key) {
            Entry::Occupied(known) => {
                let row = *known.get();
                if let Some(state @ (State::Stored(_) | State::Expired(_))) = self.state_mut(row) {
                    *state = State::Stored(entity);
                    self.set_known(row, Known::Before);
                }
                row
            }
            Entry::Vacant(place) => {
                place.insert(next);
                self.states.push(State::Stored(entity));
                if self.has_let_go {
                    self.moved.push(next);
                }
                next
            }
        }
    }

    pub(super) fn find(&self, key: &E::Key) -> Option<u32> {
        self.by_key.get(key).copied()
    }

    /// Returns the row to change; its state before the first change is kept.
    pub(super) fn change(&mut self, row: u32) -> Option<&mut E> {
        let state = self.states.get_mut(place(self.first, row))?;
        if matches!(state, State::Stored(_))
            && let State::Stored(entity) = std::mem::replace(state, State::Gone)
        {
            *state = State::Changed { base: Box::new(entity.clone()), mine: entity };
            self.touched.push(row);
            self.moved.push(row);
        }
        match state {
            State::Changed { mine, .. } => Some(mine),
            _ => None,
        }
    }

    /// Returns the draft to change, of a row that is not inserted yet.
    pub(super) fn change_draft(&mut self, row: u32) -> Option<&mut E::Draft> {
        match self.states.get_mut(place(self.first, row))? {
            State::Pending(draft) => {
                self.moved.push(row);
                Some(draft)
            }
            _ => None,
        }
    }

    /// Marks a row to be deleted; a pending one is just forgotten.
    pub(super) fn mark_deleted(&mut self, row: u32) {
        let Some(state) = self.states.get_mut(place(self.first, row)) else { return };
        *state = match std::mem::replace(state, State::Gone) {
            State::Stored(entity) => State::Deleted(Box::new(entity)),
            State::Changed { base, .. } | State::Deleted(base) => State::Deleted(base),
            State::Pending(_) | State::Expired(_) | State::Gone => State::Gone,
        };
        self.touched.push(row);
        self.merged.remove(row);
        self.orphans.retain(|orphan| orphan.0 != row);
    }

    /// Marks a row that is in the database to be deleted by this flush, which when it fails brings
    /// it back as it was.
    pub(super) fn delete_along(&mut self, row: u32) {
        if let Some(base) = self.state(row).base().cloned() {
            self.written(row, State::Deleted(Box::new(base)));
            self.touched.push(row);
        }
    }

    /// Forgets changes of a row that are not written.
    pub(super) fn forget_changes(&mut self, row: u32) {
        if let Some(state) = self.states.get_mut(place(self.first, row)) {
            *state = std::mem::replace(state, State::Gone).without_changes();
        }
        self.touched.retain(|&touched| touched != row);
        self.links.retain(|(linked, _), _| *linked != row);
        self.orphans.retain(|orphan| orphan.0 != row);
    }

    /// Lets go of a row: the session does not know it any more. Returns it as the session had it.
    pub(super) fn take(&mut self, row: u32) -> Option<E> {
        let state = std::mem::replace(self.states.get_mut(place(self.first, row))?, State::Gone);
        self.touched.retain(|&touched| touched != row);
        self.merged.remove(row);
        self.has_let_go = true;
        self.let_go.insert(row);
        if let Some(key) = state.key() {
            self.unfile(&key, row);
        }
        match state {
            State::Stored(entity) | State::Changed { mine: entity, .. } => Some(entity),
            State::Deleted(entity) => Some(*entity),
            State::Pending(_) | State::Expired(_) | State::Gone => None,
        }
    }

    fn unfile(&mut self, key: &E::Key, row: u32) {
        // Another row may have taken the key over.
        if self.by_key.get(key) == Some(&row) {
            self.by_key.remove(key);
        }
    }

    /// Puts a state in the place of another, and files the row under its key.
    fn put(&mut self, row: u32, state: State<E>) -> State<E> {
        self.put_over(row, state, &mut None)
    }

    /// Puts a state in the place of another as [`put`](Self::put) does, and tells the row that had
    /// the key.
    fn put_over(&mut self, row: u32, state: State<E>, displaced: &mut Option<u32>) -> State<E> {
        let Some(place) = self.states.get_mut(place(self.first, row)) else { return State::Gone };
        let (before, after) = (place.key(), state.key());
        let replaced = std::mem::replace(place, state);
        if before != after {
            if let Some(key) = before {
                self.unfile(&key, row);
            }
            if let Some(key) = after {
                *displaced = self.by_key.insert(key, row);
            }
        }
        replaced
    }

    /// Notes what the database has now, remembering what it had before.
    pub(super) fn written(&mut self, row: u32, state: State<E>) {
        if let State::Stored(entity) = &state {
            self.lent.forget(&entity.key());
            self.set_known(row, Known::WrittenNow);
        }
        let mut displaced = None;
        let before = self.put_over(row, state, &mut displaced);
        self.displace(row, displaced);
        let is_new = matches!(before, State::Pending(_));
        if is_new {
            self.note_inserted(row);
        }
        let may_be_given = !is_new || !E::meta().has_generated_key() || self.is_merged(row);
        if may_be_given
            && let State::Stored(now) = self.state(row)
            && let key = now.key()
            && before.key().as_ref() != Some(&key)
        {
            self.give(Some(key));
        }
        self.journal.push((row, Before::Was(before)));
    }

    /// Notes a row that a statement has inserted. Where the session has one of its key, somebody else
    /// has deleted that.
    pub(super) fn inserted_anew(&mut self, row: &E) {
        if !self.by_key.is_empty()
            && let Some(known) = self.find(&row.key())
        {
            self.written(known, State::Stored(row.clone()));
        }
    }

    /// Notes that a row has the key of another, which somebody else must have deleted.
    fn displace(&mut self, row: u32, other: Option<u32>) {
        if let Some(other) = other.filter(|other| *other != row)
            && matches!(self.state(other), State::Stored(_) | State::Expired(_))
        {
            self.written(other, State::Gone);
        }
    }

    /// Notes what a row has become by what was done to other rows: nobody has looked at the rest of it.
    pub(super) fn followed(&mut self, row: u32, state: State<E>) {
        let known = self.known(row);
        self.written(row, state);
        self.set_known(row, known);
    }

    /// Takes a changed row out to be written; [`updated`](Self::updated) or
    /// [`put_back`](Self::put_back) ends it.
    pub(super) fn take_changed(&mut self, row: u32) -> Option<(Box<E>, E)> {
        let state = self.states.get_mut(place(self.first, row))?;
        match std::mem::replace(state, State::Gone) {
            State::Changed { base, mine } => Some((base, mine)),
            other => {
                *state = other;
                None
            }
        }
    }

    /// Puts back the changed row, which was not written.
    pub(super) fn put_back(&mut self, row: u32, base: Box<E>, mine: E) {
        if let Some(state) = self.states.get_mut(place(self.first, row)) {
            *state = State::Changed { base, mine };
        }
    }

    /// Notes that the changed row that was taken out is in the database now: all of it, or a part
    /// of it as `rest` says.
    pub(super) fn updated(&mut self, row: u32, base: Box<E>, now: E, rest: Option<E>) {
        let (before, after) = (base.key(), now.key());
        let state = match rest {
            None => State::Stored(now),
            Some(mine) => State::Changed { base: Box::new(now), mine },
        };
        if let Some(place) = self.states.get_mut(place(self.first, row)) {
            *place = state;
        }
        if before != after {
            self.unfile(&before, row);
            self.give(Some(after.clone()));
            let displaced = self.by_key.insert(after, row);
            self.displace(row, displaced);
        }
        self.lent.forget(&before);
        self.set_known(row, Known::WrittenNow);
        self.journal.push((row, Before::Base(base)));
    }

    /// Returns where the session has a row's values from.
    pub(super) fn known(&self, row: u32) -> Known {
        self.known.get(place(self.first, row)).copied().unwrap_or_default()
    }

    fn set_known(&mut self, row: u32, known: Known) {
        let row = place(self.first, row);
        if row >= self.known.len() {
            if known == Known::Before || row == NOWHERE {
                return;
            }
            self.known.resize(row + 1, Known::Before);
        }
        if let Some(place) = self.known.get_mut(row) {
            *place = known;
        }
    }

    /// Returns the row as a program was given it last, or as the session has it.
    pub(super) fn as_lent(&self, key: &E::Key) -> Option<&E> {
        self.lent.get(key).or_else(|| match self.state(self.find(key)?) {
            State::Stored(row) => Some(row),
            _ => None,
        })
    }

    /// Returns the row as the session has it, or as a program was given it last.
    pub(super) fn as_known(&self, key: &E::Key) -> Option<&E> {
        match self.find(key).map(|row| self.state(row)) {
            Some(State::Stored(row)) => Some(row),
            Some(State::Expired(_)) => None,
            _ => self.lent.get(key),
        }
    }

    /// Marks every row without changes to be read again, for the program wants it so.
    pub(super) fn expire_all(&mut self) {
        self.inserted.clear();
        for state in &mut self.states {
            state.expire();
        }
    }

    /// Notes what a statement has assigned to a row that is in the database, by position.
    pub(super) fn assigned(&mut self, row: u32, assignments: &[(usize, Value)]) {
        let before = match self.state(row) {
            State::Stored(before) => before,
            State::Expired(before) => &**before,
            _ => return,
        };
        let mut after = before.clone();
        for (position, value) in assignments {
            after
                .set_value(*position, value.clone())
                .expect("a value fits the column it was made for");
        }
        super::repository::count_version_up(before, &mut after);
        let refers = |(position, _): &(usize, Value)| {
            E::meta().columns.get(*position).is_some_and(|column| column.references.is_some())
        };
        if assignments.iter().any(refers) {
            self.moved.push(row);
        }
        let is_expired = matches!(self.state(row), State::Expired(_));
        let now = if is_expired { State::Expired(Box::new(after)) } else { State::Stored(after) };
        self.written(row, now);
    }

    /// Puts each touched row on the list once, and takes those off that are as they were.
    pub(super) fn prepare(&mut self) {
        self.touched.sort_unstable();
        self.touched.dedup();
        let orphans = self.orphans();
        let links: HashSet<u32> = self.links().map(|link| link.row).collect();
        let mut touched = std::mem::take(&mut self.touched);
        touched.retain(|&row| match self.states.get_mut(place(self.first, row)) {
            Some(State::Pending(_) | State::Deleted(_)) => true,
            Some(state @ State::Changed { .. }) => {
                let State::Changed { base, mine } = &*state else { return true };
                if !changes(&**base, mine).is_empty()
                    || links.contains(&row)
                    || orphans.contains(&row)
                {
                    return true;
                }
                *state = std::mem::replace(state, State::Gone).without_changes();
                false
            }
            Some(State::Stored(_) | State::Expired(_) | State::Gone) | None => false,
        });
        self.touched = touched;
    }
}

/// Returns the columns to be written.
pub(super) fn changes<E: Entity>(base: &E, mine: &E) -> ColumnSet {
    E::meta().written_of(mine.changed_columns(base))
}
