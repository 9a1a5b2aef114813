//! Rows that a program was given and may bring back changed.

use std::collections::HashMap;

use crate::entity::Entity;

/// Rows that are remembered at most.
const MOST: usize = 10_000;
/// The same where a version tells most changes by itself.
const MOST_WITH_VERSION: usize = 256;
/// Rows that are remembered at most of one read there.
const MOST_OF_A_READ: usize = 100;

/// Rows as they were read last, so that what others have written meanwhile can be told from what
/// a program brings back.
#[derive(Debug)]
pub(super) struct Lent<E: Entity> {
    /// Where the row with a key is.
    places: HashMap<E::Key, usize, foldhash::fast::RandomState>,
    /// The rows; of those that are not remembered any more the memory is used again.
    rows: Vec<E>,
    /// How many of them are in use.
    used: usize,
}

impl<E: Entity> Default for Lent<E> {
    fn default() -> Self {
        Self { places: HashMap::default(), rows: Vec::new(), used: 0 }
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
        if self.used + rows.len() > most {
            self.places.clear();
            self.used = 0;
        }
        for row in rows {
            let place = *self.places.entry(row.key()).or_insert(self.used);
            self.used = self.used.max(place + 1);
            match self.rows.get_mut(place) {
                Some(old) => old.copy_from(row),
                None => self.rows.push(row.clone()),
            }
        }
    }

    pub(super) fn get(&self, key: &E::Key) -> Option<&E> {
        self.rows.get(*self.places.get(key)?)
    }

    pub(super) fn forget(&mut self, key: &E::Key) {
        self.places.remove(key);
    }

    /// Keeps only rows for which this is true.
    pub(super) fn retain(&mut self, keep: impl Fn(&E) -> bool) {
        let rows = &self.rows;
        self.places.retain(|_, place| rows.get(*place).is_some_and(&keep));
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
        for round in 0..3_000 {
            lent.lend(&[entry(1, &round.to_string()), entry(2, ""), entry(round + 3, "")]);
            assert!(lent.rows.len() <= 10_000);
        }
        assert_eq!(lent.get(&1), Some(&entry(1, "2999")));
        assert_eq!(lent.get(&3), Some(&entry(3, "")));
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
