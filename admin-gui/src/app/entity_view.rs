//! One entity as it is being browsed. Kept while another one is looked at.

use persistence::{CatalogEntry, EntityMeta};

use crate::filter_line::FilterLine;
use crate::grid::{Grid, Total};

/// One entity as it is being browsed.
pub(super) struct EntityView {
    /// The entity and its rules.
    pub entry: CatalogEntry,
    /// Its rows.
    pub grid: Grid,
    /// Which of them.
    pub line: FilterLine,
    /// How many rows it has, once they have been counted.
    pub total: Option<Total>,
}

impl EntityView {
    /// All rows of an entity.
    pub fn new(entry: CatalogEntry) -> Self {
        Self { grid: Grid::new(entry.meta), entry, line: FilterLine::default(), total: None }
    }

    /// Table, columns, keys and relations.
    pub const fn meta(&self) -> &'static EntityMeta {
        self.entry.meta
    }

    /// Shows the rows that the filter line says.
    pub fn apply_filter(&mut self) {
        self.grid.set_filter(self.line.filter(self.entry.meta));
    }
}
