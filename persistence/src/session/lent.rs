//! Rows that a program was given and may bring back changed.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::entity::Entity;

/// Rows that are remembered at most.
const MOST: usize = 10_000;
/// Rows after which it is looked first which of them are there twice.
const MANY: usize = 1_000;
/// The most rows where a version tells most changes by itself.
const MOST_WITH_VERSION: usize = 256;
/// The most rows of one read there.
const MOST_OF_A_READ: usize = 100;
/// The last rows, which are looked through for one that is read again.
const LAST: usize = 4;

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
    /// The number of rows after which it is time to look for copies.
    room: usize,
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
        Self { rows: Vec::new(), places: RefCell::new(places), room: MANY }
    }
}

impl<E: Entity> Lent<E> {
    /// Remembers rows that are given away; of those of long ago, and of very many at once, nothing.
    pub(super) fn lend(&mut self, rows: &[E]) {
        let (most, most_of_a_read) = match E::meta().version {
            Some(_) => (MOST_WITH_VERSION, MOST_OF_A_READ),
            None => (MOST, MOST),
        };
        if rows.len() > most_of_a_read {
            return;
        }
        if let [row] = rows
            && let key = row.key()
            && let mut last = self.rows.iter_mut().rev().take(LAST).flatten()
            && let Some(known) = last.find(|known| known.key() == key)
        {
            known.clone_from(row);
            return;
        }
        if self.rows.len() + rows.len() > self.room.min(most) {
            if most > MOST_WITH_VERSION {
                self.drop_copies();
            }
            if self.rows.len() + rows.len() > most {
                self.clear();
            }
            self.room = MANY.max(2 * (self.rows.len() + rows.len()));
        }
        self.rows.extend(rows.iter().cloned().map(Some));
    }

    /// Keeps the last copy of each row.
    fn drop_copies(&mut self) {
        self.find_places();
        let by_key = std::mem::take(&mut self.places.get_mut().by_key);
        let is_last = |row: &E, place: usize| by_key.get(&row.key()) == Some(&place);
        let rows = std::mem::take(&mut self.rows).into_iter().enumerate();
        self.rows = rows
            .filter(|(place, row)| row.as_ref().is_some_and(|row| is_last(row, *place)))
            .map(|(_, row)| row)
            .collect();
        self.places.get_mut().known = 0;
    }

    fn place(&self, key: &E::Key) -> Option<usize> {
        self.find_places();
        self.places.borrow().by_key.get(key).copied()
    }

    fn find_places(&self) {
        let mut places = self.places.borrow_mut();
        let Places { by_key, known } = &mut *places;
        for (place, row) in self.rows.iter().enumerate().skip(*known) {
            if let Some(row) = row {
                by_key.insert(row.key(), place);
            }
        }
        *known = self.rows.len();
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
        // An older copy does not stand for a row of which the last one goes.
        self.find_places();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::AuditEntry;
    use crate::types::Json;

    fn entry(id: i64, actor: &str) -> AuditEntry {
        AuditEntry {
            id,
            transaction_id: String::new(),
            written_at: chrono::NaiveDateTime::default(),
            actor: Some(actor.to_owned()),
            table_name: String::new(),
            row_key: Json(serde_json::Value::Null),
            action: String::new(),
            old_values: Json(serde_json::Value::Null),
            new_values: Json(serde_json::Value::Null),
        }
    }

    #[test]
    fn an_older_copy_does_not_stand_for_a_row_of_which_the_last_one_goes() {
        let mut lent = Lent::default();
        let rows = |actor| [entry(1, actor), entry(2, actor)];
        lent.lend(&rows("before"));
        lent.lend(&rows("after"));
        assert_eq!(lent.get(&1), Some(&entry(1, "after")));
        lent.lend(&rows("last"));
        lent.retain(|row| row.actor.as_deref() != Some("last"));
        assert_eq!(lent.get(&1), None);
    }

    #[test]
    fn of_many_copies_the_last_ones_stay() {
        let mut lent = Lent::default();
        for round in 0..3_000 {
            lent.lend(&[entry(1, &round.to_string()), entry(2, ""), entry(round + 3, "")]);
            assert!(lent.rows.len() <= 10_000);
        }
        assert_eq!(lent.get(&1), Some(&entry(1, "2999")));
        assert_eq!(lent.get(&3), Some(&entry(3, "")));
    }
}
