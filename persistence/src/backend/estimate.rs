//! How many rows a table has, as far as that is known without counting.

/// What an engine knows of a table's rows without reading them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// How many there are about, by the engine's own statistics; `None` where it has none.
    pub rows: Option<u64>,
    /// How many there can be at most, by the size of what the table is kept in.
    pub most: Option<u64>,
}

impl Estimate {
    /// Returns the best guess, with how many values there are from the smallest key to the largest,
    /// where the key counts.
    pub(crate) fn guess(self, key_span: Option<u64>) -> Option<u64> {
        let rows = self.rows.or(key_span)?;
        Some([key_span, self.most].into_iter().flatten().fold(rows, u64::min))
    }
}

#[cfg(test)]
mod tests {
    use super::Estimate;

    #[test]
    fn statistics_come_before_the_span_of_keys_and_nothing_exceeds_what_fits() {
        let guess = |rows, most, span| Estimate { rows, most }.guess(span);
        assert_eq!(guess(None, None, None), None);
        assert_eq!(guess(None, Some(50), None), None);
        assert_eq!(guess(None, None, Some(7)), Some(7));
        assert_eq!(guess(None, Some(50), Some(1 << 60)), Some(50));
        assert_eq!(guess(Some(5), Some(50), Some(9)), Some(5));
        assert_eq!(guess(Some(50), None, Some(0)), Some(0));
    }
}
