//! Sets of an entity's columns.

/// Columns an entity can have at most. Every row that is written has such sets, and they are copied
/// often.
pub const MAX_COLUMNS: usize = 256;

const BITS: usize = u64::BITS as usize;
const WORDS: usize = MAX_COLUMNS.div_ceil(BITS);

/// A set of an entity's columns, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ColumnSet([u64; WORDS]);

impl ColumnSet {
    /// No column.
    pub const EMPTY: Self = Self([0; WORDS]);
    /// Every column an entity can have.
    pub const ALL: Self = Self([u64::MAX; WORDS]);

    /// Returns the set with one more column.
    ///
    /// # Panics
    /// When no entity can have so many columns.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "asserted; there is no `get` in constants")]
    pub const fn with(mut self, column: usize) -> Self {
        assert!(column < MAX_COLUMNS, "more columns than `MAX_COLUMNS`");
        self.0[column / BITS] |= 1 << (column % BITS);
        self
    }

    /// Returns the set without a column.
    #[must_use]
    pub fn without(mut self, column: usize) -> Self {
        if let Some(word) = self.0.get_mut(column / BITS) {
            *word &= !(1 << (column % BITS));
        }
        self
    }

    /// Returns whether the column is in the set.
    #[must_use]
    pub fn contains(self, column: usize) -> bool {
        self.0.get(column / BITS).is_some_and(|word| word & (1 << (column % BITS)) != 0)
    }

    /// Returns whether no column is in the set.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    /// Returns the columns of either set.
    #[must_use]
    pub fn union(mut self, other: Self) -> Self {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word |= other;
        }
        self
    }

    /// Returns whether a column is in both sets.
    #[must_use]
    pub fn intersects(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(word, other)| word & other != 0)
    }

    /// Returns the positions in the set, in order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let [mut word, ..] = self.0;
        let mut place = 0;
        std::iter::from_fn(move || {
            while word == 0 {
                place += 1;
                word = *self.0.get(place)?;
            }
            let bit = word.trailing_zeros() as usize;
            word &= word - 1;
            Some(place * BITS + bit)
        })
    }
}

impl Default for ColumnSet {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl FromIterator<usize> for ColumnSet {
    fn from_iter<I: IntoIterator<Item = usize>>(columns: I) -> Self {
        columns.into_iter().fold(Self::EMPTY, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::btree_set;
    use proptest::prelude::*;

    use super::*;

    fn columns() -> impl Strategy<Value = BTreeSet<usize>> {
        btree_set(prop_oneof![0..4_usize, 60..70_usize, 0..MAX_COLUMNS], 0..8)
    }

    fn set(columns: &BTreeSet<usize>) -> ColumnSet {
        columns.iter().copied().collect()
    }

    proptest! {
        #[test]
        fn a_set_is_what_a_set_of_numbers_is(one in columns(), other in columns(), column in 0..MAX_COLUMNS) {
            prop_assert!(set(&one).iter().eq(one.iter().copied()));
            prop_assert_eq!(set(&one).is_empty(), one.is_empty());
            prop_assert_eq!(set(&one).union(set(&other)), set(&(&one | &other)));
            prop_assert_eq!(set(&one).intersects(set(&other)), !one.is_disjoint(&other));
            prop_assert_eq!(set(&one).contains(column), one.contains(&column));
            prop_assert!(set(&one).with(column).contains(column));
            prop_assert!(!set(&one).without(column).contains(column));
            prop_assert_eq!(set(&one) == set(&other), one == other);
        }
    }

    #[test]
    fn every_column_that_an_entity_can_have_is_among_all() {
        assert!(ColumnSet::ALL.iter().eq(0..MAX_COLUMNS));
        assert!(!ColumnSet::ALL.contains(MAX_COLUMNS));
    }
}
