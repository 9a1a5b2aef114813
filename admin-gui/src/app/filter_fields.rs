//! What the fields above rows are called within the window.

use egui::Id;

/// Returns the id of the field in which a filter is typed.
pub(super) fn filter_id(table: &str) -> Id {
    Id::unique(("filter line", table))
}

/// Returns the id of the field of the quick search.
pub(super) fn search_id(table: &str) -> Id {
    Id::unique(("quick search", table))
}
