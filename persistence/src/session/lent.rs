//! Rows that a program was given and may bring back changed.

use std::collections::HashMap;

use crate::entity::Entity;

/// Rows that are remembered at most.
const MOST: usize = 10_000;
/// Rows that are remembered at most of one read, where a version tells most changes by itself.
const MOST_WITH_VERSION: usize = 100;

/// Rows as they were read last, so that what others have written meanwhile can be told from what
/// a program brings back.
#[derive(Debug)]
pub(super) struct Lent<E: Entity>(HashMap<E::Key, E, foldhash::fast::RandomState>);

impl<E: Entity> Default for Lent<E> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<E: Entity> Lent<E> {
    /// Remembers rows that are given away; of those of long ago, and of very many at once, nothing.
    pub(super) fn lend(&mut self, rows: &[E]) {
        let most = if E::meta().version.is_some() { MOST_WITH_VERSION } else { MOST };
        if rows.len() > most {
            return;
        }
        if self.0.len() + rows.len() > MOST {
            self.0.clear();
        }
        self.0.extend(rows.iter().map(|row| (row.key(), row.clone())));
    }

    pub(super) fn get(&self, key: &E::Key) -> Option<&E> {
        self.0.get(key)
    }

    pub(super) fn forget(&mut self, key: &E::Key) {
        self.0.remove(key);
    }

    /// Keeps only rows for which this is true.
    pub(super) fn retain(&mut self, keep: impl Fn(&E) -> bool) {
        self.0.retain(|_, row| keep(row));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
