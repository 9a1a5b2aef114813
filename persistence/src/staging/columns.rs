//! Columns of a row with what is staged for them.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::row::StagedValue;
use crate::edit::Name;

/// Columns with what is staged for them, in the order of their names.
///
/// Most rows have one or two, and there may be a million rows: each takes no more room than its columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns(Vec<(Name, StagedValue)>);

impl Columns {
    /// Makes one without any.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Returns how many columns there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what is staged for a column.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&StagedValue> {
        let place = self.place(column).ok()?;
        self.0.get(place).map(|(_, value)| value)
    }

    /// Returns whether something is staged for a column.
    #[must_use]
    pub fn contains_key(&self, column: &str) -> bool {
        self.place(column).is_ok()
    }

    /// Stages something for a column; returns what was staged for it before.
    pub fn insert(&mut self, column: Name, value: StagedValue) -> Option<StagedValue> {
        match self.place(&column) {
            Ok(place) => {
                let known = self.0.get_mut(place)?;
                Some(std::mem::replace(&mut known.1, value))
            }
            Err(place) => {
                self.0.reserve_exact(1);
                self.0.insert(place, (column, value));
                None
            }
        }
    }

    /// Gives up what is staged for a column, and returns it.
    pub fn remove(&mut self, column: &str) -> Option<StagedValue> {
        let place = self.place(column).ok()?;
        Some(self.0.remove(place).1)
    }

    /// Returns all of them, in the order of their names.
    pub fn iter(&self) -> Iter<'_> {
        self.into_iter()
    }

    /// Returns the columns' names, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &Name> {
        self.0.iter().map(|(column, _)| column)
    }

    /// Returns where a column is, or would be.
    fn place(&self, column: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(name, _)| (**name).cmp(column))
    }
}

/// Columns and what is staged for them.
pub type Iter<'c> = std::iter::Map<
    std::slice::Iter<'c, (Name, StagedValue)>,
    fn(&'c (Name, StagedValue)) -> (&'c Name, &'c StagedValue),
>;

impl<'c> IntoIterator for &'c Columns {
    type Item = (&'c Name, &'c StagedValue);
    type IntoIter = Iter<'c>;

    fn into_iter(self) -> Iter<'c> {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

impl IntoIterator for Columns {
    type Item = (Name, StagedValue);
    type IntoIter = std::vec::IntoIter<(Name, StagedValue)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Extend<(Name, StagedValue)> for Columns {
    fn extend<T: IntoIterator<Item = (Name, StagedValue)>>(&mut self, columns: T) {
        for (column, value) in columns {
            self.insert(column, value);
        }
    }
}

impl FromIterator<(Name, StagedValue)> for Columns {
    fn from_iter<T: IntoIterator<Item = (Name, StagedValue)>>(columns: T) -> Self {
        let mut all = Self::new();
        all.extend(columns);
        all
    }
}

impl<const N: usize> From<[(Name, StagedValue); N]> for Columns {
    fn from(columns: [(Name, StagedValue); N]) -> Self {
        columns.into_iter().collect()
    }
}

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let columns = BTreeMap::<Name, StagedValue>::deserialize(deserializer)?;
        Ok(columns.into_iter().collect())
    }
}
