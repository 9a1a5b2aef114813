//! The page of rows that statements read.

use persistence::{PageStart, Query};

/// A page of rows that was asked for: what a plan can be made of.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The entity's table.
    pub table: &'static str,
    /// Which rows, in which order.
    pub query: Query,
    /// Where among them.
    pub start: PageStart,
    /// How many at most.
    pub size: u64,
}

impl Origin {
    /// Returns whether it is this statement that reads the rows, not one that reads what belongs to
    /// them.
    #[must_use]
    pub fn is_of(&self, sql: &str) -> bool {
        let from_table = |quote: char| sql.contains(&format!("FROM {quote}{}{quote}", self.table));
        sql.contains("LIMIT") && (from_table('"') || from_table('`'))
    }
}
