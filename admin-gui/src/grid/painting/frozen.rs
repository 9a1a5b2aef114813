//! What frozen columns cover of those that are scrolled behind them.

use egui::{Rect, Stroke, Ui, pos2};

use crate::grid::source::RowSource;
use crate::grid::state::RowGrid;
use crate::theme::Theme;

/// Returns the part of an area that frozen columns do not cover.
pub(super) fn beside_frozen(clip: Rect, area: Rect, covered: f32) -> Rect {
    let left = clip.left().max(area.left() + covered);
    Rect::from_min_max(pos2(left, clip.top()), clip.max)
}

/// Draws the line right of the frozen columns, through header and rows.
pub(super) fn frozen_line<S: RowSource>(ui: &Ui, grid: &RowGrid<S>, area: Rect) {
    let frozen = grid.columns.frozen_width();
    if frozen > 0.0 && frozen < area.width() {
        let theme = Theme::of(ui.ctx());
        let stroke = Stroke::new(2.0, theme.colors.border);
        ui.painter().vline(area.left() + frozen - 1.0, area.y_range(), stroke);
    }
}
