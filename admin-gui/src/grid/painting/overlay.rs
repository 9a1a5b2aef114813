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
    /// What becomes of the row.
    pub fate: Fate,
    /// What is wrong with the row as a whole, in words.
    pub problem: Option<String>,
    /// The cells, by their columns' positions.
    pub cells: Vec<(usize, OverlaidCell<'a>)>,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// Cells of it are changed.
    #[default]
    Changed,
    /// It is new.
    New,
    /// It is deleted.
    Deleted,
}

/// What lies over a cell.
#[derive(Clone, Debug)]
pub struct OverlaidCell<'a> {
    /// What is shown in the place of what is stored.
    pub value: Cow<'a, Value>,
    /// What the row is called that it refers to, where that is known.
    pub label: Option<Cow<'a, str>>,
    /// What stands there while there is no value.
    pub hint: Option<String>,
    /// What it is like.
    pub look: CellLook,
    /// What is to be said of it, in words.
    pub remark: Option<String>,
}

/// What a cell is like over which something lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellLook {
    /// Something else is staged than what is stored.
    Staged,
    /// It cannot be written as it is.
    Wrong,
    /// It is one of a new row.
    New,
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
        let ground = match self.fate {
            Fate::Changed => return,
            Fate::New => theme.colors.new_row,
            Fate::Deleted => theme.colors.wrong_row,
        };
        ui.painter().rect_filled(rect, 0.0, ground);
        let color = match self.fate {
            Fate::New if self.problem.is_none() => theme.colors.new,
            _ => theme.colors.wrong,
        };
        ui.painter().rect_filled(rect.with_max_x(rect.left() + 3.0), 0.0, color);
    }

    /// Strikes out a row that is to be deleted.
    pub(super) fn strike_out(&self, ui: &Ui, rect: Rect, theme: &Theme) {
        if self.fate == Fate::Deleted {
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
        let (ground, edge) = match self.look {
            CellLook::Wrong => (colors.wrong_row, colors.wrong),
            CellLook::Staged => (colors.staged_cell, colors.staged),
            CellLook::New => return,
        };
        ui.painter().rect_filled(rect, 0.0, ground);
        let bar = rect.with_max_x(rect.left() + 2.0);
        ui.painter().rect_filled(bar, 0.0, edge);
    }
}
