//! How an entity is arranged.

use persistence::{Filter, Order};

use crate::filter_line::FilterLine;
use crate::grid::Grid;
use crate::settings::EntityLayout;

/// How an entity was arranged when that was last looked at.
#[derive(Debug)]
pub(super) struct Arranged {
    filter: Filter,
    order: Order,
    layout: EntityLayout,
}

impl Arranged {
    pub(super) fn of(grid: &Grid, line: &FilterLine) -> Self {
        let (filter, order) = (line.applied().clone(), grid.order().clone());
        let (columns, in_words) = (grid.columns.layout(), filter.to_string());
        let layout = EntityLayout { columns, filter: in_words, order: order.to_string() };
        Self { filter, order, layout }
    }

    pub(super) const fn layout(&self) -> &EntityLayout {
        &self.layout
    }

    /// Takes over how the rows are arranged now. This is done for every picture: where nothing has
    /// changed, nothing is built.
    pub(super) fn follow(&mut self, grid: &Grid, line: &FilterLine) {
        let is_same = self.filter == *line.applied()
            && self.order == *grid.order()
            && grid.columns.is_as(&self.layout.columns);
        if !is_same {
            *self = Self::of(grid, line);
        }
    }
}
