//! The records that a person went through to the one that is open.

use persistence::staging::RowKey;

/// A record on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    /// The entity's table.
    pub table: &'static str,
    /// Which row of it.
    pub key: RowKey,
    /// What names it to people.
    pub label: String,
}

/// The records that a person went through, the one that is open last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    crumbs: Vec<Crumb>,
    /// The record that is on its way: it continues the trail when it comes.
    expected: Option<(&'static str, RowKey)>,
}

impl Trail {
    /// Returns the records, the one that is open last.
    #[must_use]
    pub fn crumbs(&self) -> &[Crumb] {
        &self.crumbs
    }

    /// Returns whether there is a way back.
    #[must_use]
    pub fn leads_back(&self) -> bool {
        self.crumbs.len() > 1
    }

    /// Sets the record that continues the trail, if it is the next one.
    pub fn expect(&mut self, table: &'static str, key: RowKey) {
        self.expected = Some((table, key));
    }

    /// Returns whether a record continues the trail.
    #[must_use]
    pub fn continues_with(&self, table: &str, key: &RowKey) -> bool {
        self.expected.as_ref().is_some_and(|(other, expected)| *other == table && expected == key)
    }

    /// Adds what has been opened: it continues the trail where that was expected, else it starts a
    /// new one. The record that is open already may come again, perhaps with another label.
    pub fn opened(&mut self, crumb: Crumb) {
        let is_expected = self.continues_with(crumb.table, &crumb.key);
        self.expected = None;
        let is_same = |last: &Crumb| last.table == crumb.table && last.key == crumb.key;
        if self.crumbs.last().is_some_and(is_same) {
            self.crumbs.pop();
        } else if !is_expected {
            self.crumbs.clear();
        }
        self.crumbs.push(crumb);
    }

    /// Goes back to a record of the trail, which is to be opened.
    pub fn back_to(&mut self, place: usize) -> Option<Crumb> {
        let crumb = self.crumbs.get(place)?.clone();
        self.crumbs.truncate(place);
        self.expect(crumb.table, crumb.key.clone());
        Some(crumb)
    }

    /// Turns from new rows to those that they have become; `key` returns the key of one that is stored by now.
    pub fn become_stored(&mut self, key: impl Fn(&'static str, &RowKey) -> Option<RowKey>) {
        for crumb in &mut self.crumbs {
            if let Some(stored) = key(crumb.table, &crumb.key) {
                crumb.key = stored;
            }
        }
    }

    /// Clears the trail, because nothing is open.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use persistence::{RecordKey, Value};

    use super::*;

    fn key(number: i64) -> RowKey {
        RowKey::Stored(RecordKey(vec![Value::Integer(number)]))
    }

    fn crumb(table: &'static str, number: i64) -> Crumb {
        Crumb { table, key: key(number), label: format!("{table} {number}") }
    }

    fn labels(trail: &Trail) -> Vec<&str> {
        trail.crumbs().iter().map(|crumb| crumb.label.as_str()).collect()
    }

    /// Makes a trail: Solaris, its author, his other book.
    fn three() -> Trail {
        let mut trail = Trail::default();
        trail.opened(crumb("books", 1));
        trail.expect("authors", key(7));
        trail.opened(crumb("authors", 7));
        trail.expect("books", key(2));
        trail.opened(crumb("books", 2));
        trail
    }

    #[test]
    fn what_is_followed_makes_the_trail_longer() {
        assert_eq!(labels(&three()), ["books 1", "authors 7", "books 2"]);
    }

    #[test]
    fn what_is_opened_by_itself_starts_a_new_trail() {
        let mut trail = three();
        trail.opened(crumb("users", 1));
        assert_eq!(labels(&trail), ["users 1"]);
        assert!(!trail.leads_back());
    }

    #[test]
    fn something_else_than_expected_does_not_continue_the_trail() {
        let mut trail = three();
        trail.expect("authors", key(8));
        trail.opened(crumb("authors", 9));
        assert_eq!(labels(&trail), ["authors 9"]);
    }

    #[test]
    fn going_back_forgets_what_came_after() {
        let mut trail = three();
        let back = trail.back_to(0).unwrap();
        trail.opened(back);
        assert_eq!(labels(&trail), ["books 1"]);
        assert_eq!(trail.back_to(5), None);
    }

    #[test]
    fn a_record_that_is_read_again_keeps_its_place() {
        let mut trail = three();
        trail.opened(Crumb { label: "renamed".to_owned(), ..crumb("books", 2) });
        assert_eq!(labels(&trail), ["books 1", "authors 7", "renamed"]);
    }

    #[test]
    fn one_can_come_by_the_same_record_again() {
        let mut trail = three();
        trail.expect("authors", key(7));
        trail.opened(crumb("authors", 7));
        assert_eq!(labels(&trail), ["books 1", "authors 7", "books 2", "authors 7"]);
    }
}
