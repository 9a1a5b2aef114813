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
    /// Parts of the transaction that are open and may be taken back.
    parts: u32,
    /// What was remembered before these parts, by the key of each row that they lent or forgot.
    journal: Vec<(E::Key, Option<E>)>,
}

#[derive(Debug)]
struct Generation<E: Entity> {
    /// Where the row with a key is.
    places: HashMap<E::Key, usize, foldhash::fast::RandomState>,
    rows: Vec<E>,
    /// The places of rows that are not remembered any more, whose memory is used again.
    free: Vec<usize>,
    used: usize,
}

impl<E: Entity> Default for Lent<E> {
    fn default() -> Self {
        Self {
            younger: Generation::default(),
            older: Generation::default(),
            parts: 0,
            journal: Vec::new(),
        }
    }
}

impl<E: Entity> Default for Generation<E> {
    fn default() -> Self {
        Self { places: HashMap::default(), rows: Vec::new(), free: Vec::new(), used: 0 }
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
            self.younger.empty();
        }
        for row in rows {
            if self.parts > 0 {
                self.note(&row.key());
            }
            self.younger.remember(row);
        }
    }

    pub(super) fn get(&self, key: &E::Key) -> Option<&E> {
        self.younger.get(key).or_else(|| self.older.get(key))
    }

    pub(super) fn forget(&mut self, key: &E::Key) {
        if self.parts > 0 {
            self.note(key);
        }
        self.younger.forget(key);
        self.older.forget(key);
    }

    fn note(&mut self, key: &E::Key) {
        self.journal.push((key.clone(), self.get(key).cloned()));
    }

    /// Forgets rows of which this is not true.
    pub(super) fn retain(&mut self, is_kept: impl Fn(&E) -> bool) {
        // What is forgotten of the younger rows must not come back as an older one.
        let gone: Vec<E::Key> = [&self.younger, &self.older]
            .into_iter()
            .flat_map(|generation| generation.places.keys())
            .filter(|key| self.get(key).is_some_and(|row| !is_kept(row)))
            .cloned()
            .collect();
        for key in &gone {
            self.forget(key);
        }
    }

    /// Begins a part of the transaction that may be taken back; returns what ends it.
    pub(super) const fn begin_part(&mut self) -> usize {
        self.parts += 1;
        self.journal.len()
    }

    /// Ends a part: taken back, the rows are remembered as before it.
    pub(super) fn end_part(&mut self, begin: usize, is_taken_back: bool) {
        self.parts = self.parts.saturating_sub(1);
        if is_taken_back {
            let parts = std::mem::take(&mut self.parts);
            for (key, before) in
                self.journal.split_off(begin.min(self.journal.len())).into_iter().rev()
            {
                self.forget(&key);
                if let Some(row) = before {
                    self.lend(&[row]);
                }
            }
            self.parts = parts;
        }
        if self.parts == 0 {
            self.journal = Vec::new();
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self { parts: self.parts, ..Self::default() };
    }
}

impl<E: Entity> Generation<E> {
    fn remember(&mut self, row: &E) {
        let Self { places, rows, free, used } = self;
        let place = *places.entry(row.key()).or_insert_with(|| {
            free.pop().unwrap_or_else(|| {
                *used += 1;
                *used - 1
            })
        });
        match rows.get_mut(place) {
            Some(old) => old.copy_from(row),
            None => rows.push(row.clone()),
        }
    }

    fn get(&self, key: &E::Key) -> Option<&E> {
        self.rows.get(*self.places.get(key)?)
    }

    fn forget(&mut self, key: &E::Key) {
        if !self.places.is_empty() {
            self.free.extend(self.places.remove(key));
        }
    }

    fn empty(&mut self) {
        self.places.clear();
        self.free.clear();
        self.used = 0;
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
            assert!(lent.younger.rows.len() <= 10_000 && lent.older.rows.len() <= 10_000);
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
    fn a_part_that_is_taken_back_leaves_what_was_remembered_before() {
        let mut lent = Lent::default();
        lent.lend(&[entry(1, "before"), entry(2, "before")]);
        let outer = lent.begin_part();
        lent.lend(&[entry(2, "within"), entry(3, "within")]);
        let inner = lent.begin_part();
        lent.forget(&1);
        lent.lend(&[entry(2, "further within")]);
        lent.end_part(inner, false);
        assert_eq!((lent.get(&1), lent.get(&2)), (None, Some(&entry(2, "further within"))));
        lent.end_part(outer, true);
        for id in [1, 2] {
            assert_eq!(lent.get(&id), Some(&entry(id, "before")));
        }
        assert_eq!(lent.get(&3), None);
        assert!(lent.journal.is_empty());
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
