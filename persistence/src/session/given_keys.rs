//! Rows that are inserted as they are given, where the database or the framework would fill in some
//! of it: their keys above all.

use std::collections::HashMap;

use super::identity_map::{Rows, State};
use super::repository::statements_of;
use super::{Session, reporting};
use crate::entity::{Draft as _, Entity, EntityMeta, Fill, Given};
use crate::error::Result;
use crate::store::Store;
use crate::value::Value;

/// Rows that were merged and are not in the database yet, and where they are by their keys: their
/// drafts do not say all of them.
#[derive(Debug)]
pub(super) struct Merged<E: Entity> {
    given: HashMap<u32, E>,
    by_key: HashMap<E::Key, u32>,
}

impl<E: Entity> Default for Merged<E> {
    fn default() -> Self {
        Self { given: HashMap::new(), by_key: HashMap::new() }
    }
}

impl<E: Entity> Merged<E> {
    fn insert(&mut self, row: u32, given: E) {
        self.by_key.insert(given.key(), row);
        self.given.insert(row, given);
    }

    /// Forgets a row that is not to be inserted any more.
    pub(super) fn remove(&mut self, row: u32) {
        if self.given.is_empty() {
            return;
        }
        let Some(given) = self.given.remove(&row) else { return };
        let key = given.key();
        if self.by_key.get(&key) == Some(&row) {
            self.by_key.remove(&key);
        }
    }

    /// Forgets all: they are inserted, or never will be.
    pub(super) fn clear(&mut self) {
        self.given.clear();
        self.by_key.clear();
    }
}

/// Returns the columns of which a draft says nothing and a given row does.
fn filled(meta: &'static EntityMeta) -> impl Iterator<Item = usize> {
    let columns = meta.columns.iter().enumerate();
    columns
        .filter(|(_, column)| !matches!(column.fill, Fill::Draft | Fill::Computed))
        .map(|(position, _)| position)
}

impl<E: Entity> Rows<E> {
    /// Adds a row that is to be inserted as it is given; where one is to be inserted under its key
    /// already, makes that row be as this one.
    pub(super) fn merge_new(&mut self, given: E) -> u32 {
        let draft = E::Draft::from_entity(given.clone());
        let row = match self.find_merged(&given.key()) {
            Some(row) => {
                if let Some(known) = self.change_draft(row) {
                    *known = draft;
                }
                row
            }
            None => self.add(draft),
        };
        self.merged.insert(row, given);
        row
    }

    /// Finds the row that was merged, is not inserted yet and gets this key.
    pub(super) fn find_merged(&self, key: &E::Key) -> Option<u32> {
        let &row = self.merged.by_key.get(key)?;
        let given = self.merged.given.get(&row)?;
        let State::Pending(draft) = self.state(row) else { return None };
        // Its draft may have got another key since.
        let has_it = |&position: &usize| match draft.given(position) {
            Given::Value(value) => value == given.value(position),
            Given::Row(_) => false,
            Given::Filled => true,
        };
        E::meta().key.iter().all(has_it).then_some(row)
    }

    /// Returns whether a row is to be inserted that was merged.
    pub(super) fn has_merged(&self) -> bool {
        !self.merged.given.is_empty()
    }

    /// Returns whether a row that is to be inserted was merged.
    pub(super) fn is_merged(&self, row: u32) -> bool {
        self.merged.given.contains_key(&row)
    }

    /// Returns what a row that is to be inserted has in a column of which its draft says nothing.
    pub(super) fn merged_value(&self, row: u32, column: usize) -> Option<Value> {
        let given = self.merged.given.get(&row)?;
        filled(E::meta()).any(|position| position == column).then(|| given.value(column))
    }

    /// Gives a row that was built of a draft what the draft does not say.
    pub(super) fn complete(&self, row: u32, built: &mut E) {
        let Some(given) = self.merged.given.get(&row) else { return };
        for position in filled(E::meta()) {
            built
                .set_value(position, given.value(position))
                .expect("a value fits the column that it was read from");
        }
    }
}

impl<C: crate::Engine> Session<C> {
    /// Inserts rows as they are, with their keys, whatever their entity's own rules say.
    pub(crate) fn insert_given<E: Entity>(&mut self, mut rows: Vec<E>) -> Result<Vec<E>>
    where
        C: Store<E>,
    {
        if rows.is_empty() {
            return Ok(rows);
        }
        self.recorded(|session| {
            session.write(statements_of(&rows), &mut rows, |connection, rows| {
                connection.insert_with_keys(rows)
            })?;
            let own = session.rows_of::<E>();
            for row in &rows {
                own.inserted_anew(row);
                own.give(Some(row.key()));
            }
            own.lent.lend(&rows);
            session.note_inserted(&rows);
            session.note_related(&rows);
            session.note_written(|_| rows.iter().map(reporting::inserted).collect())?;
            Ok(rows)
        })
    }
}
