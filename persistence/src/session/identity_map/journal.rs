//! What a transaction has written and read, for when a part of it is taken back.

use std::collections::{HashMap, HashSet};

use super::{Before, Known, Noted, Read, Rows, State, place};
use crate::entity::Entity;
use crate::scalar::PrimaryKey;
use crate::value::RecordKey;

/// The key of a row that was written, before and now: none where there is no such row.
#[derive(Clone, Debug)]
pub(in crate::session) struct KeyChange {
    pub before: Option<RecordKey>,
    pub now: Option<RecordKey>,
}

/// Rows whose places are given back together, at least.
const LEAST_TRIMMED: usize = 1_024;

impl<E: Entity> Rows<E> {
    /// Returns what was written since the journal had that length.
    pub(in crate::session) fn journal_since(&self, length: usize) -> &[(u32, Before<E>)] {
        self.journal.get(self.entry(length)..).unwrap_or_default()
    }

    /// Returns the keys of rows that were written since then.
    pub(in crate::session) fn written_keys(&self, length: usize) -> Vec<KeyChange> {
        let mut seen = HashSet::new();
        let first = self.journal_since(length).iter().filter(|(row, _)| seen.insert(*row));
        let keys = first.map(|(row, before)| {
            let before = match before {
                Before::Was(state) => state.key(),
                Before::Base(base) => Some(base.key()),
            };
            let record_key = |key: E::Key| key.to_record_key();
            KeyChange {
                before: before.map(record_key),
                now: self.state(*row).key().map(record_key),
            }
        });
        keys.collect()
    }

    /// Notes that rows were written as another entity's: their keys have changed with those, or they
    /// are gone.
    pub(in crate::session) fn written_as_others(&mut self, changes: &[KeyChange], since: usize) {
        let own: HashSet<u32> = self.journal_since(since).iter().map(|(row, _)| *row).collect();
        let row_of = |key: &RecordKey| {
            let row = self.find(&E::Key::from_record_key(key.clone()).ok()?)?;
            let is_known = matches!(self.state(row), State::Stored(_) | State::Expired(_));
            (is_known && !own.contains(&row)).then_some(row)
        };
        let rows: Vec<(u32, Option<RecordKey>)> = changes
            .iter()
            .filter(|change| change.before != change.now)
            .filter_map(|change| Some((row_of(change.before.as_ref()?)?, change.now.clone())))
            .collect();
        for (row, now) in rows {
            match now {
                Some(now) => self.follow_key(row, &now),
                None => self.written(row, State::Gone),
            }
        }
    }

    /// Makes a row's key follow that of the same row of another entity.
    pub(in crate::session) fn follow_twin(&mut self, change: &KeyChange) {
        let (Some(before), Some(now)) = (&change.before, &change.now) else { return };
        let before = E::Key::from_record_key(before.clone()).ok();
        if let Some(row) = before.and_then(|before| self.find(&before)) {
            self.follow_key(row, now);
        }
    }

    /// Gives a row the key that its database row has by now.
    fn follow_key(&mut self, row: u32, now: &RecordKey) {
        let before = self.state(row).key();
        let with_key = |entity: &E| {
            let mut entity = entity.clone();
            if Some(entity.key()) == before {
                for (position, value) in E::meta().key.iter().zip(now.0.clone()) {
                    entity.set_value(*position, value).ok()?;
                }
            }
            Some(entity)
        };
        let state = match self.state(row) {
            State::Stored(entity) => with_key(entity).map(State::Stored),
            State::Expired(entity) => with_key(entity).map(|row| State::Expired(Box::new(row))),
            State::Deleted(base) => with_key(base).map(|base| State::Deleted(Box::new(base))),
            State::Changed { base, mine } => with_key(base)
                .zip(with_key(mine))
                .map(|(base, mine)| State::Changed { base: Box::new(base), mine }),
            State::Pending(_) | State::Gone => None,
        };
        if let Some(state) = state {
            self.followed(row, state);
        }
    }

    pub(in crate::session) const fn journal_length(&self) -> usize {
        self.let_go_of.journal + self.journal.len()
    }

    /// Returns where the journal's entries begin since it had that length.
    fn entry(&self, length: usize) -> usize {
        length.saturating_sub(self.let_go_of.journal).min(self.journal.len())
    }

    /// Undoes what was written since the journal had that length: changes are pending again.
    pub(in crate::session) fn restore(&mut self, length: usize) {
        for (row, before) in self.journal.split_off(self.entry(length)).into_iter().rev() {
            if self.let_go.contains(&row) {
                continue;
            }
            let state = match before {
                Before::Was(state) => state,
                Before::Base(base) => self.unwritten(row, base),
            };
            if matches!(state, State::Pending(_) | State::Changed { .. } | State::Deleted(_)) {
                self.touched.push(row);
            }
            if self.known(row) == Known::WrittenNow {
                self.set_known(row, Known::Before);
            }
            self.put(row, state);
        }
        // What a new row refers to is in its draft again.
        let mut links = std::mem::take(&mut self.links);
        links.retain(|_, link| {
            link.resolved = None;
            matches!(self.state(link.row), State::Changed { .. })
        });
        self.links = links;
    }

    /// Makes what was written of a row a change that is to be written again.
    fn unwritten(&self, row: u32, base: Box<E>) -> State<E> {
        let Some(mut mine) = self.state(row).row().cloned() else { return State::Stored(*base) };
        if let Some(version) = E::meta().version {
            mine.set_value(version, base.value(version))
                .expect("a version fits the column it was read from");
        }
        State::Changed { base, mine }
    }

    /// Clears what was to be written after a flush that succeeded: what it wrote will at most be
    /// taken back as a whole.
    pub(in crate::session) fn flushed(&mut self, length: usize) {
        self.touched.clear();
        self.merged.clear();
        self.links.clear();
        self.orphans.clear();
        let entry = self.entry(length);
        for (_, before) in self.journal.iter_mut().skip(entry) {
            let state = match std::mem::replace(before, Before::Was(State::Gone)) {
                Before::Was(state) => state.without_changes(),
                Before::Base(base) => State::Stored(*base),
            };
            *before = Before::Was(state);
        }
    }

    /// Forgets all changes that are not written.
    pub(in crate::session) fn discard_changes(&mut self) {
        for row in std::mem::take(&mut self.touched) {
            if let Some(state) = self.states.get_mut(place(self.first, row)) {
                *state = std::mem::replace(state, State::Gone).without_changes();
            }
        }
        self.merged.clear();
        self.links.clear();
        self.orphans.clear();
    }

    /// Returns how much was noted so far.
    pub(in crate::session) const fn noted(&self) -> Noted {
        Noted {
            journal: self.journal_length(),
            reads: self.let_go_of.reads + self.read_since.len(),
            given: self.given.len(),
        }
    }

    /// Notes that a row was given a key, or any number of rows keys that are not known.
    pub(in crate::session) fn give(&mut self, key: Option<E::Key>) {
        self.given.push(key);
    }

    /// Returns the keys that rows were given since then.
    pub(in crate::session) fn given(&self, since: Noted) -> Vec<Option<RecordKey>> {
        let given = self.given.get(since.given..).unwrap_or_default();
        given.iter().map(|key| key.as_ref().map(PrimaryKey::to_record_key)).collect()
    }

    /// Takes back what was read since then, and returns the rows that are to be read again. It
    /// forgets the others: by their keys other rows would be found, which had these keys before or
    /// have them again.
    pub(in crate::session) fn take_reads_back(
        &mut self,
        since: Noted,
        given_to_others: &[Option<RecordKey>],
    ) -> Vec<u32> {
        let first = since.reads.saturating_sub(self.let_go_of.reads);
        let read = self.read_since.get(first..).unwrap_or_default().to_vec();
        let given = self.given.split_off(since.given.min(self.given.len()));
        if read.is_empty() {
            return Vec::new();
        }
        // Who was read before a key was given had it before.
        let mut first_given: HashMap<Option<E::Key>, usize> = HashMap::new();
        for (place, key) in (since.given..).zip(given) {
            first_given.entry(key).or_insert(place);
        }
        let key = |key: &RecordKey| E::Key::from_record_key(key.clone()).ok();
        let by_others: HashSet<E::Key> = given_to_others.iter().flatten().filter_map(key).collect();
        let is_any = given_to_others.contains(&None);
        let any_given = first_given.get(&None).copied();
        let is_given = |key: E::Key, before: usize| {
            let is_others = is_any || by_others.contains(&key);
            let given = first_given.get(&Some(key)).copied();
            is_others || given.into_iter().chain(any_given).any(|given| given < before)
        };
        let mut wanted = Vec::with_capacity(read.len());
        for Read { row, given } in read {
            let Some(key) = self.state(row).key() else { continue };
            let is_others = self.find(&key) != Some(row);
            if is_others || given.is_some_and(|before| is_given(key, before)) {
                self.forget_changes(row);
                self.put(row, State::Gone);
            } else {
                wanted.push(row);
            }
        }
        wanted
    }

    /// Notes what the database has of a row that a statement may have written: maybe nothing any more.
    pub(in crate::session) fn reread(&mut self, row: u32, now: Option<E>) {
        if matches!(self.state(row), State::Stored(before) if now.as_ref() == Some(before)) {
            return;
        }
        self.note_moved(row);
        self.written(row, now.map_or(State::Gone, State::Stored));
        self.set_known(row, Known::Before);
    }

    /// Notes what the database has of a row now that a part of the transaction is taken back.
    pub(in crate::session) fn found_again(&mut self, row: u32, now: Option<E>) {
        let now = match (self.state(row), now) {
            (State::Stored(_), Some(now)) => State::Stored(now),
            (State::Expired(_), Some(now)) => State::Expired(Box::new(now)),
            (State::Stored(_) | State::Expired(_), None) => State::Gone,
            _ => return,
        };
        self.put(row, now);
    }

    /// Marks rows to be read again of which is not known what they are now.
    pub(in crate::session) fn expire_read(&mut self, rows: &[u32]) {
        for &row in rows {
            if let Some(state) = self.state_mut(row) {
                state.expire();
            }
        }
    }

    /// Forgets what was noted of the transaction, which is permanent.
    pub(in crate::session) fn committed(&mut self) {
        self.read_since.clear();
        self.given.clear();
        self.let_go.clear();
        self.journal = Vec::new();
        self.let_go_of = Noted::default();
        self.trim();
        for known in &mut self.known {
            if *known == Known::WrittenNow {
                *known = Known::Before;
            }
        }
    }

    /// Gives back the places of the first rows, once they are gone for good and most of all.
    fn trim(&mut self) {
        let rest = self.states.get(self.gone..).unwrap_or_default();
        self.gone += rest.iter().take_while(|state| matches!(state, State::Gone)).count();
        let gone = self.gone;
        if gone < LEAST_TRIMMED || gone * 2 < self.states.len() {
            return;
        }
        self.states.drain(..gone);
        self.known.drain(..gone.min(self.known.len()));
        self.inserted.drain(..gone.min(self.inserted.len()));
        self.first += u32::try_from(gone).expect("rows are counted in 32 bits");
        self.gone = 0;
    }

    /// Takes back everything since the last commit.
    pub(in crate::session) fn rolled_back(&mut self) {
        self.discard_changes();
        self.restore(0);
        self.lent.clear();
        self.inserted.clear();
    }
}
