//! How many rows lack what.

/// How many rows of an entity have NULL in which column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NullRates {
    /// How many rows there are.
    pub rows: u64,
    /// The columns that take NULL.
    pub columns: Vec<NullRate>,
}

/// How many rows have NULL in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NullRate {
    /// The column's position.
    pub column: usize,
    /// How many rows.
    pub nulls: u64,
}

impl NullRates {
    /// Returns the part of the rows that have NULL in a column.
    #[must_use]
    pub fn rate(&self, rate: &NullRate) -> f32 {
        if self.rows == 0 { 0.0 } else { rate.nulls as f32 / self.rows as f32 }
    }
}
