//! Rows that foreign keys point to, for a look at them under the pointer.

use std::collections::VecDeque;

use persistence::RecordKey;

/// Rows that are remembered.
const REMEMBERED: usize = 50;

/// What is known of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preview {
    /// It has been asked for.
    Waiting,
    /// What it is called, and its columns with their values, as text.
    Known {
        /// Its label.
        title: String,
        /// Names and values.
        fields: Vec<(String, String)>,
    },
    /// It is gone, or could not be read.
    Unknown,
}

/// The rows that were looked at last.
#[derive(Clone, Debug, Default)]
pub struct Previews {
    known: VecDeque<(&'static str, RecordKey, Preview)>,
}

impl Previews {
    /// What is known of a row; `None` if it has to be asked for.
    #[must_use]
    pub fn get(&self, table: &str, key: &RecordKey) -> Option<&Preview> {
        self.known
            .iter()
            .find(|(other, known, _)| *other == table && known == key)
            .map(|(_, _, preview)| preview)
    }

    /// Remembers a row; the one that came first is forgotten where there are many.
    pub fn put(&mut self, table: &'static str, key: RecordKey, preview: Preview) {
        self.known.retain(|(other, known, _)| *other != table || *known != key);
        if self.known.len() == REMEMBERED {
            self.known.pop_front();
        }
        self.known.push_back((table, key, preview));
    }

    /// Forgets everything: something was written.
    pub fn clear(&mut self) {
        self.known.clear();
    }
}

#[cfg(test)]
mod tests {
    use persistence::Value;

    use super::*;

    fn key(number: usize) -> RecordKey {
        RecordKey(vec![Value::Integer(i64::try_from(number).unwrap())])
    }

    #[test]
    fn only_the_last_rows_are_remembered_and_each_once() {
        let mut previews = Previews::default();
        for number in 0..=REMEMBERED {
            previews.put("books", key(number), Preview::Waiting);
            previews.put("books", key(number), Preview::Unknown);
        }
        assert_eq!(previews.get("books", &key(0)), None);
        assert_eq!(previews.get("books", &key(1)), Some(&Preview::Unknown));
        assert_eq!(previews.get("authors", &key(1)), None);
    }
}
