//! Where rows of a session refer to, and what it knows of those that refer to them.

use std::collections::HashSet;

use super::{Link, NOWHERE, Rows, State, place};
use crate::column_type::ValueError;
use crate::entity::{Draft as _, Entity, Given, Slot};
use crate::value::Value;

impl<E: Entity> Rows<E> {
    /// Makes the reference in a column point to another row, or nowhere: at once, or with the
    /// flush that gives that row its key. Returns whether it does.
    pub(in crate::session) fn refer(
        &mut self,
        row: u32,
        column: usize,
        to: Option<(Slot, Option<Value>)>,
    ) -> bool {
        self.unlink(row, column);
        self.orphans.retain(|orphan| *orphan != (row, column));
        if let Some(draft) = self.change_draft(row) {
            return draft.refer(column, to.map(|(slot, _)| slot));
        }
        let (to, value) = match to {
            Some((to, None)) => return self.link(row, column, to),
            Some((to, Some(value))) => (Some(to), value),
            None => (None, Value::Null),
        };
        let is_set =
            self.change(row).is_some_and(|mine| mine.set_value(column, value.clone()).is_ok());
        // Others may get its key in the same flush; one that is counted stays what it is.
        let may_change = |to: &Slot| !to.entity.meta().has_generated_key();
        if let Some(to) = to.filter(may_change).filter(|_| is_set) {
            self.links.insert(
                (row, column),
                Link { row, column, to, over: value, has_key: true, resolved: None },
            );
        }
        is_set
    }

    /// Makes the reference in a column point to a row that has no key yet.
    pub(in crate::session) fn link(&mut self, row: u32, column: usize, to: Slot) -> bool {
        let Some(mine) = self.change(row) else { return false };
        let over = mine.value(column);
        self.links
            .insert((row, column), Link { row, column, to, over, has_key: false, resolved: None });
        true
    }

    /// Returns the references to rows that have no key yet, where nothing was assigned since.
    pub(in crate::session) fn links(&self) -> impl Iterator<Item = &Link> {
        self.links.values().filter(|link| !link.has_key && self.holds(link))
    }

    /// Returns the references of one row to rows that have no key yet, where nothing was assigned since.
    pub(in crate::session) fn links_of(&self, row: u32) -> impl Iterator<Item = &Link> {
        let links = self.links.range((row, 0)..=(row, usize::MAX)).map(|(_, link)| link);
        links.filter(|link| !link.has_key && self.holds(link))
    }

    /// Returns whether nothing was assigned since the column was made to refer to a row.
    fn holds(&self, link: &Link) -> bool {
        match self.state(link.row) {
            State::Changed { mine, .. } => mine.value(link.column) == link.over,
            _ => false,
        }
    }

    /// Returns the row that the reference in a column points to by its handle, whether that has a key or not.
    pub(in crate::session) fn meant(&self, row: u32, column: usize) -> Option<Slot> {
        let link = self.links.get(&(row, column))?;
        let State::Changed { mine, .. } = self.state(row) else { return None };
        let value = mine.value(column);
        (value == link.over || Some(value) == link.resolved).then_some(link.to)
    }

    /// Puts the key of the row to which a column is to refer into it.
    ///
    /// # Errors
    /// When the key does not fit the column.
    pub(in crate::session) fn resolve(
        &mut self,
        (row, column): (u32, usize),
        key: Value,
    ) -> Result<(), ValueError> {
        let Some(mine) = self.change(row) else { return Ok(()) };
        mine.set_value(column, key.clone())?;
        if let Some(link) = self.links.get_mut(&(row, column)) {
            link.resolved = Some(key);
        }
        Ok(())
    }

    pub(in crate::session) fn link_of(&self, row: u32, column: usize) -> Option<&Link> {
        self.links.get(&(row, column)).filter(|link| !link.has_key && self.holds(link))
    }

    /// Forgets by which handle the reference in a column was given.
    pub(in crate::session) fn unlink(&mut self, row: u32, column: usize) {
        self.links.remove(&(row, column));
    }

    /// Takes out the references to a row that is not to be inserted any more.
    pub(in crate::session) fn take_links(&mut self, to: Slot) -> Vec<Link> {
        let open: Vec<Link> = self.links().filter(|link| link.to == to).cloned().collect();
        self.links.retain(|_, link| link.to != to);
        open
    }

    /// Parts a row from the one that it refers to in a column and is nothing without.
    pub(in crate::session) fn orphan(&mut self, row: u32, column: usize) {
        // A column that may be NULL is; of another, only the mark says so.
        self.refer(row, column, None);
        self.change(row);
        self.orphans.push((row, column));
    }

    /// Returns whether a row was parted from what it referred to in a column, and refers to no
    /// other since.
    fn is_orphan(&self, row: u32, column: usize) -> bool {
        !self.orphans.is_empty()
            && self.orphans.contains(&(row, column))
            && self.is_parted(row, column)
    }

    fn is_parted(&self, row: u32, column: usize) -> bool {
        // What may be NULL is, until it is assigned another.
        let is_nullable = E::meta().columns.get(column).is_some_and(|column| column.is_nullable);
        match self.state(row) {
            State::Pending(_) if !is_nullable => true,
            State::Pending(draft) => draft.given(column) == Given::Value(Value::Null),
            State::Changed { mine, .. } if is_nullable => mine.value(column).is_null(),
            State::Changed { base, mine } => mine.value(column) == base.value(column),
            _ => false,
        }
    }

    /// Returns the rows that were parted from what they are nothing without, and refer to no other
    /// since.
    pub(in crate::session) fn orphans(&self) -> HashSet<u32> {
        let orphans = self.orphans.iter().filter(|(row, column)| self.is_parted(*row, *column));
        orphans.map(|(row, _)| *row).collect()
    }

    /// Takes back what was assigned to a column.
    pub(in crate::session) fn take_back_value(&mut self, row: u32, column: usize) {
        if let Some(State::Changed { base, mine }) = self.state_mut(row) {
            mine.set_value(column, base.value(column))
                .expect("a value fits the column that it was read from");
        }
    }

    /// Returns what a row refers to in a column, as the session has it.
    pub(in crate::session) fn reference(&self, row: u32, column: usize) -> Option<Given> {
        if self.is_orphan(row, column) {
            return Some(Given::Value(Value::Null));
        }
        match self.state(row) {
            State::Pending(draft) => Some(draft.given(column)),
            State::Stored(entity) => Some(Given::Value(entity.value(column))),
            State::Changed { mine, .. } => {
                let link = self.link_of(row, column);
                Some(
                    link.map_or_else(
                        || Given::Value(mine.value(column)),
                        |link| Given::Row(link.to),
                    ),
                )
            }
            // As far as is known.
            State::Expired(entity) => Some(Given::Value(entity.value(column))),
            State::Deleted(_) | State::Gone => None,
        }
    }

    pub(in crate::session) fn moved(&self) -> &[u32] {
        &self.moved
    }

    /// Notes that a row may refer to others than it did.
    pub(in crate::session) fn note_moved(&mut self, row: u32) {
        self.moved.push(row);
    }

    /// Notes that rows may refer to one that this session does not know.
    pub(in crate::session) fn disown(&mut self, row: u32) {
        if let Some(place) = self.inserted.get_mut(place(self.first, row)) {
            *place = false;
        }
    }

    pub(super) fn note_inserted(&mut self, row: u32) {
        let row = place(self.first, row);
        if row == NOWHERE {
            return;
        }
        if row >= self.inserted.len() {
            self.inserted.resize(row + 1, false);
        }
        if let Some(place) = self.inserted.get_mut(row) {
            *place = true;
        }
    }

    /// Returns whether this session has added the row, so that nothing refers to it that it does
    /// not know.
    pub(in crate::session) fn is_own(&self, row: u32) -> bool {
        matches!(self.state(row), State::Pending(_))
            || self.inserted.get(place(self.first, row)).copied().unwrap_or_default()
    }
}
