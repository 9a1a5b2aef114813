//! New rows among edits, as others refer to them.

use std::collections::{HashMap, HashSet};

use super::{EditIndex, RowKey};

/// What a new row is called by: its table and number.
pub(super) type Number<'e> = (&'e str, u32);

/// The inserts among edits.
#[derive(Default)]
pub(super) struct NewRows<'e> {
    by_number: HashMap<Number<'e>, EditIndex>,
    /// Numbers that more than one has.
    ambiguous: HashSet<Number<'e>>,
    by_key: HashMap<RowKey, EditIndex>,
}

impl<'e> NewRows<'e> {
    /// Notes an insert, with the key that it gives, if it gives one.
    pub(super) fn note(&mut self, index: EditIndex, number: Number<'e>, key: Option<RowKey>) {
        if self.by_number.insert(number, index).is_some() {
            self.ambiguous.insert(number);
        }
        if let Some(key) = key {
            self.by_key.insert(key, index);
        }
    }

    /// Returns the insert of that number.
    ///
    /// # Errors
    /// What is wrong with a reference to it, when there is none, or are several.
    pub(super) fn numbered(&self, number: Number<'_>) -> Result<EditIndex, String> {
        let (table, row) = number;
        let several = self.ambiguous.contains(&number);
        let found = self.by_number.get(&number).copied().filter(|_| !several);
        found.ok_or_else(|| {
            let why = if several { "of which there are several" } else { "which there is not" };
            format!("refers to the new row {row} of {table}, {why}")
        })
    }

    /// Returns the insert that gives that key.
    pub(super) fn with_key(&self, key: &RowKey) -> Option<EditIndex> {
        self.by_key.get(key).copied()
    }
}
