//! What the program shows.

use persistence::Catalog;

use crate::extensions::Extensions;

/// What the program shows.
pub(super) struct Program {
    pub catalog: Catalog,
    /// What the catalog is connected to.
    pub target: String,
    /// How many rows one change of a column stages at most.
    pub most_staged: u64,
    /// What the program adds.
    pub extensions: Extensions,
}
