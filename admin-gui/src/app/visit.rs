//! What a person has looked at.

use persistence::{Filter, Order};

use super::entity_view::EntityView;
use crate::panes::Pane;

/// What was looked at.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub pane: Pane,
    pub filter: Filter,
    pub search: String,
    pub order: Order,
    /// The row that had the focus; where one stands is not another place.
    pub row: Option<u64>,
}

impl PartialEq for Visit {
    fn eq(&self, other: &Self) -> bool {
        let Self { pane, filter, search, order, row: _ } = self;
        *pane == other.pane
            && *filter == other.filter
            && *search == other.search
            && *order == other.order
    }
}

impl Visit {
    pub fn of(pane: &Pane, view: Option<&EntityView>) -> Self {
        Self {
            pane: pane.clone(),
            filter: view.map_or(Filter::All, |view| view.line.applied().clone()),
            search: view.map(|view| view.line.applied_search().to_owned()).unwrap_or_default(),
            order: view.map(|view| view.grid.order().clone()).unwrap_or_default(),
            row: None,
        }
    }

    /// Returns whether a person is still there. This is asked for every picture.
    pub fn is_at(&self, pane: &Pane, view: Option<&EntityView>) -> bool {
        self.pane == *pane
            && view.is_none_or(|EntityView { line, grid, .. }| {
                self.filter == *line.applied()
                    && self.search == line.applied_search()
                    && self.order == *grid.order()
            })
    }
}
