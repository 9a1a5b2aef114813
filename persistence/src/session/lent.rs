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
/// In two generations: where the younger one is full, it takes the place of the older one.
#[derive(Debug)]
pub(super) struct Lent<E: Entity> {
    younger: Generation<E>,
    older: Generation<E>,
    /// How many rows were ever lent.
    count: u64,
}

#[derive(Debug)]
struct Generation<E: Entity> {
    /// Where the row with a key is.
    places: HashMap<E::Key, usize, foldhash::fast::RandomState>,
    /// The copies; the memory of those that are not used any more is used again.
    copies: Vec<Copy<E>>,
    used: usize,
}

#[derive(Debug)]
struct Copy<E> {
    row: E,
    /// How many rows were lent before it.
    before: u64,
}

impl<E: Entity> Default for Lent<E> {
    fn default() -> Self {
        Self { younger: Generation::default(), older: Generation::default(), count: 0 }
    }
}

impl<E: Entity> Default for Generation<E> {
    fn default() -> Self {
        Self { places: HashMap::default(), copies: Vec::new(), used: 0 }
    }
}

impl<E: Entity> Lent<E> {
    /// Remembers rows that are given away: the last ones, and of very many at once where a version
    /// tells most changes none.
    pub(super) fn lend(&mut self, rows: &[E]) {
        let (most, remembered) = match E::meta().version {
            Some(_) if rows.len() > MOST_OF_A_READ => (MOST_WITH_VERSION, 0),
            Some(_) => (MOST_WITH_VERSION, rows.len()),
            None => (MOST, rows.len().min(MOST)),
        };
        let (others, rows) = rows.split_at(rows.len() - remembered);
        for row in others {
            self.forget(&row.key());
        }
        if self.younger.used + rows.len() > most {
            std::mem::swap(&mut self.younger, &mut self.older);
            self.younger.places.clear();
            self.younger.used = 0;
        }
        for row in rows {
            self.younger.remember(row, self.count);
            self.count += 1;
        }
    }

    pub(super) fn get(&self, key: &E::Key) -> Option<&E> {
        self.younger.get(key).or_else(|| self.older.get(key))
    }

    pub(super) fn forget(&mut self, key: &E::Key) {
        for generation in [&mut self.younger, &mut self.older] {
            if !generation.places.is_empty() {
                generation.places.remove(key);
            }
        }
    }

    /// How many rows were lent so far.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Forgets what was lent after so many rows.
    pub(super) fn forget_since(&mut self, count: u64) {
        self.keep(|copy| copy.before < count);
    }

    /// Keeps only rows for which this is true.
    pub(super) fn retain(&mut self, is_kept: impl Fn(&E) -> bool) {
        // What was forgotten of the younger copies must not come back as an older one.
        let gone: Vec<E::Key> = [&self.younger, &self.older]
            .into_iter()
            .flat_map(|generation| generation.places.keys())
            .filter(|key| self.get(key).is_some_and(|row| !is_kept(row)))
            .cloned()
            .collect();
        gone.iter().for_each(|key| self.forget(key));
    }

    fn keep(&mut self, is_kept: impl Fn(&Copy<E>) -> bool) {
        for Generation { places, copies, .. } in [&mut self.younger, &mut self.older] {
            places.retain(|_, place| copies.get(*place).is_some_and(&is_kept));
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl<E: Entity> Generation<E> {
    fn remember(&mut self, row: &E, before: u64) {
        let place = *self.places.entry(row.key()).or_insert(self.used);
        self.used = self.used.max(place + 1);
        match self.copies.get_mut(place) {
            Some(copy) => {
                copy.row.copy_from(row);
                copy.before = before;
            }
            None => self.copies.push(Copy { row: row.clone(), before }),
        }
    }

    fn get(&self, key: &E::Key) -> Option<&E> {
        self.copies.get(*self.places.get(key)?).map(|copy| &copy.row)
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
        for round in 0..25_000 {
            lent.lend(&[entry(1, &round.to_string()), entry(2, ""), entry(round + 3, "")]);
            assert!(lent.younger.copies.len() <= 10_000 && lent.older.copies.len() <= 10_000);
        }
        assert_eq!(lent.get(&1), Some(&entry(1, "24999")));
        assert_eq!(lent.get(&2), Some(&entry(2, "")));
        assert_eq!(lent.get(&25_002), Some(&entry(25_002, "")));
        assert_eq!(lent.get(&15_100), Some(&entry(15_100, "")));
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
    fn what_is_not_kept_does_not_come_back_as_it_was_before() {
        let mut lent = Lent::default();
        lent.lend(&[entry(1, "before")]);
        lent.lend(&(2..=10_000).map(|id| entry(id, "")).collect::<Vec<_>>());
        lent.lend(&[entry(1, "after"), entry(10_001, "")]);
        assert_eq!(lent.get(&1), Some(&entry(1, "after")));
        lent.retain(|row| row.actor.as_deref() != Some("after"));
        assert_eq!((lent.get(&1), lent.get(&2)), (None, Some(&entry(2, ""))));
        lent.forget(&2);
        assert_eq!(lent.get(&2), None);
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
