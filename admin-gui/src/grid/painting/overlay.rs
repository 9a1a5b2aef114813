//! What lies over the rows of a source: values that are staged and not written.

use std::borrow::Cow;

use egui::{Pos2, Rect, Stroke, Ui, pos2};
use persistence::Value;

use crate::theme::Theme;

/// What lies over the rows of a source.
pub trait Overlay<K> {
    /// Returns what lies over a row.
    fn row(&self, key: &K) -> Option<OverlaidRow<'_>>;
}

/// Nothing lies over any row.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoOverlay;

impl<K> Overlay<K> for NoOverlay {
    fn row(&self, _key: &K) -> Option<OverlaidRow<'_>> {
        None
    }
}

/// What lies over a row.
#[derive(Clone, Debug, Default)]
pub struct OverlaidRow<'a> {
    /// Whether the row is to be deleted.
    pub is_deleted: bool,
    /// The cells, by their columns' positions.
    pub cells: Vec<(usize, OverlaidCell<'a>)>,
}

/// What lies over a cell.
#[derive(Clone, Debug)]
pub struct OverlaidCell<'a> {
    /// What is shown in the place of what is stored.
    pub value: Cow<'a, Value>,
    /// Whether it can be written as it is.
    pub is_wrong: bool,
    /// What is to be said of it, in words.
    pub remark: String,
}

impl OverlaidRow<'_> {
    /// Returns what lies over a cell.
    #[must_use]
    pub fn cell(&self, position: usize) -> Option<&OverlaidCell<'_>> {
        let found = self.cells.iter().find(|(column, _)| *column == position);
        found.map(|(_, cell)| cell)
    }

    /// Draws the ground of a row.
    pub(super) fn draw_ground(&self, ui: &Ui, rect: Rect, theme: &Theme) {
        if self.is_deleted {
            ui.painter().rect_filled(rect, 0.0, theme.colors.wrong_row);
        }
    }

    /// Strikes out a row that is to be deleted.
    pub(super) fn strike_out(&self, ui: &Ui, rect: Rect, theme: &Theme) {
        if self.is_deleted {
            let y = rect.center().y;
            let line: [Pos2; 2] = [pos2(rect.left(), y), pos2(rect.right(), y)];
            ui.painter().line_segment(line, Stroke::new(1.0, theme.colors.wrong));
        }
    }
}

impl OverlaidCell<'_> {
    /// Draws the ground of a cell.
    pub(super) fn draw_ground(&self, ui: &Ui, rect: Rect, theme: &Theme) {
        let colors = &theme.colors;
        let (ground, edge) = if self.is_wrong {
            (colors.wrong_row, colors.wrong)
        } else {
            (colors.staged_cell, colors.staged)
        };
        ui.painter().rect_filled(rect, 0.0, ground);
        let bar = rect.with_max_x(rect.left() + 2.0);
        ui.painter().rect_filled(bar, 0.0, edge);
    }
}
