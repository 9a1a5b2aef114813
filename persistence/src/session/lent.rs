//! Rows that a program was given and may bring back changed.

use std::collections::HashMap;

use crate::entity::Entity;

/// Rows that are remembered at most.
const MOST: usize = 10_000;
/// The same where a version tells most changes by itself.
const MOST_WITH_VERSION: usize = 256;
/// Rows that are remembered of one read there, if these are all.
const MOST_OF_A_READ: usize = 100;

/// Rows as they were read last, so that what others have written meanwhile can be told from what
/// a program brings back.
///
/// Where there is no room, a row goes that was not read again since the last time round.
/// Source: F. J. Corbató, "A paging experiment with the Multics system", 1968.
#[derive(Debug)]
pub(super) struct Lent<E: Entity> {
    /// Where the row with a key is.
    places: HashMap<E::Key, usize, foldhash::fast::RandomState>,
    copies: Vec<Copy<E>>,
    /// The place that is filled next.
    next: usize,
    /// How many rows were ever lent.
    count: u64,
}

#[derive(Debug)]
struct Copy<E> {
    row: E,
    /// How many rows were lent before it.
    before: u64,
    is_read_again: bool,
}

impl<E: Entity> Default for Lent<E> {
    fn default() -> Self {
        Self { places: HashMap::default(), copies: Vec::new(), next: 0, count: 0 }
    }
}

impl<E: Entity> Lent<E> {
    /// Remembers rows that are given away: the last ones, and of very many at once where a version
    /// tells most changes none.
    pub(super) fn lend(&mut self, rows: &[E]) {
        let (most, most_of_a_read) = match E::meta().version {
            Some(_) => (MOST_WITH_VERSION, MOST_OF_A_READ),
            None => (MOST, MOST),
        };
        let remembered = match E::meta().version {
            Some(_) if rows.len() > most_of_a_read => 0,
            _ => rows.len().min(most_of_a_read),
        };
        let (others, rows) = rows.split_at(rows.len() - remembered);
        if !self.places.is_empty() {
            for row in others {
                self.forget(&row.key());
            }
        }
        for row in rows {
            self.remember(row, most);
        }
    }

    fn remember(&mut self, row: &E, most: usize) {
        let before = self.count;
        self.count += 1;
        let key = row.key();
        if let Some(copy) = self.places.get(&key).and_then(|&place| self.copies.get_mut(place)) {
            copy.row.copy_from(row);
            (copy.before, copy.is_read_again) = (before, true);
            return;
        }
        if self.copies.len() < most {
            self.places.insert(key, self.copies.len());
            self.copies.push(Copy { row: row.clone(), before, is_read_again: false });
            return;
        }
        loop {
            let place = self.next;
            self.next = (place + 1) % most;
            let Some(copy) = self.copies.get_mut(place) else { return };
            if std::mem::take(&mut copy.is_read_again) {
                continue;
            }
            let old = copy.row.key();
            if self.places.get(&old) == Some(&place) {
                self.places.remove(&old);
            }
            copy.row.copy_from(row);
            copy.before = before;
            self.places.insert(key, place);
            return;
        }
    }

    pub(super) fn get(&self, key: &E::Key) -> Option<&E> {
        self.copies.get(*self.places.get(key)?).map(|copy| &copy.row)
    }

    pub(super) fn forget(&mut self, key: &E::Key) {
        if !self.places.is_empty() {
            self.places.remove(key);
        }
    }

    /// How many rows were lent so far.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Forgets what was lent after so many rows.
    pub(super) fn forget_since(&mut self, count: u64) {
        let copies = &self.copies;
        self.places.retain(|_, place| copies.get(*place).is_some_and(|copy| copy.before < count));
    }

    /// Keeps only rows for which this is true.
    pub(super) fn retain(&mut self, keep: impl Fn(&E) -> bool) {
        let copies = &self.copies;
        self.places.retain(|_, place| copies.get(*place).is_some_and(|copy| keep(&copy.row)));
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
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
        for round in 0..12_000 {
            lent.lend(&[entry(1, &round.to_string()), entry(2, ""), entry(round + 3, "")]);
            assert!(lent.copies.len() <= 10_000 && lent.places.len() <= 10_000);
        }
        assert_eq!(lent.get(&1), Some(&entry(1, "11999")));
        assert_eq!(lent.get(&2), Some(&entry(2, "")));
        assert_eq!(lent.get(&12_002), Some(&entry(12_002, "")));
        assert_eq!(lent.get(&2_100), Some(&entry(2_100, "")));
        assert_eq!(lent.get(&3), None);
    }

    #[test]
    fn of_more_rows_than_are_remembered_the_last_ones_are_and_no_old_copy_stays() {
        let mut lent = Lent::default();
        lent.lend(&[entry(1, "old"), entry(5_000, "old")]);
        let many: Vec<AuditEntry> = (1..=10_001).map(|id| entry(id, "new")).collect();
        lent.lend(&many);
        assert_eq!((lent.get(&1), lent.get(&5_000)), (None, Some(&entry(5_000, "new"))));
    }

    #[test]
    fn what_was_lent_in_a_part_that_is_taken_back_is_forgotten() {
        let mut lent = Lent::default();
        lent.lend(&[entry(1, "before"), entry(2, "before")]);
        let count = lent.count();
        lent.lend(&[entry(2, "within"), entry(3, "within")]);
        lent.forget_since(count);
        assert_eq!(lent.get(&1), Some(&entry(1, "before")));
        assert_eq!((lent.get(&2), lent.get(&3)), (None, None));
    }

    #[test]
    fn what_is_forgotten_is_not_found_until_it_is_lent_again() {
        let mut lent = Lent::default();
        lent.lend(&[entry(1, "first"), entry(2, "second")]);
        lent.forget(&1);
        assert_eq!((lent.get(&1), lent.get(&2)), (None, Some(&entry(2, "second"))));
        lent.lend(&[entry(3, "third")]);
        lent.lend(&[entry(1, "again")]);
        for (id, actor) in [(1, "again"), (2, "second"), (3, "third")] {
            assert_eq!(lent.get(&id), Some(&entry(id, actor)));
        }
    }
}
