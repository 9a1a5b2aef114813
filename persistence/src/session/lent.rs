//! Rows that a program was given and may bring back changed.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::entity::Entity;

/// Rows that are remembered at most.
const MOST: usize = 10_000;
/// The same where a version tells most changes by itself.
const MOST_WITH_VERSION: usize = 1_000;
/// Rows that are remembered at most of one read there.
const MOST_OF_A_READ: usize = 100;

/// Rows as they were read last, so that what others have written meanwhile can be told from what
/// a program brings back.
///
/// Most rows are only read, so remembering one is a copy; where it is, is found out when one comes
/// back.
#[derive(Debug)]
pub(super) struct Lent<E: Entity> {
    /// In the order in which they were read; none where one was forgotten.
    rows: Vec<Option<E>>,
    places: RefCell<Places<E::Key>>,
}

/// Where the last row of each key is.
#[derive(Debug)]
struct Places<K> {
    by_key: HashMap<K, usize, foldhash::fast::RandomState>,
    /// How many of the rows are known here.
    known: usize,
}

impl<E: Entity> Default for Lent<E> {
    fn default() -> Self {
        let places = Places { by_key: HashMap::default(), known: 0 };
        Self { rows: Vec::new(), places: RefCell::new(places) }
    }
}

impl<E: Entity> Lent<E> {
    /// Remembers rows that are given away; of those of long ago, and of very many at once, nothing.
    pub(super) fn lend(&mut self, rows: &[E]) {
        let has_version = E::meta().version.is_some();
        let (most, most_of_a_read) =
            if has_version { (MOST_WITH_VERSION, MOST_OF_A_READ) } else { (MOST, MOST) };
        if rows.len() > most_of_a_read {
            return;
        }
        if self.rows.len() + rows.len() > most {
            self.clear();
        }
        self.rows.extend(rows.iter().cloned().map(Some));
    }

    fn place(&self, key: &E::Key) -> Option<usize> {
        let mut places = self.places.borrow_mut();
        let Places { by_key, known } = &mut *places;
        for (place, row) in self.rows.iter().enumerate().skip(*known) {
            if let Some(row) = row {
                by_key.insert(row.key(), place);
            }
        }
        *known = self.rows.len();
        by_key.get(key).copied()
    }

    pub(super) fn get(&self, key: &E::Key) -> Option<&E> {
        self.rows.get(self.place(key)?)?.as_ref()
    }

    pub(super) fn forget(&mut self, key: &E::Key) {
        if let Some(row) = self.place(key).and_then(|place| self.rows.get_mut(place)) {
            *row = None;
        }
    }

    /// Keeps only rows for which this is true.
    pub(super) fn retain(&mut self, keep: impl Fn(&E) -> bool) {
        for row in &mut self.rows {
            row.take_if(|row| !keep(row));
        }
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        let places = self.places.get_mut();
        places.by_key.clear();
        places.known = 0;
    }
}
