//! What stands where rows are that have not come yet.

use egui::{Rect, Ui, Vec2, pos2, vec2};

use super::cell_view::MARGIN;
use super::frozen::beside_frozen;
use crate::grid::source::RowSource;
use crate::grid::state::{Placed, RowGrid};
use crate::theme::Theme;

/// Draws a row that has not come yet.
pub(super) fn placeholder<S: RowSource>(ui: &Ui, rect: Rect, theme: &Theme, grid: &RowGrid<S>) {
    for Placed { left, covered, column, .. } in grid.columns.placed(grid.horizontal) {
        let left = rect.left() + left + MARGIN;
        let width = (column.width * 0.55).min(140.0);
        let bar = Rect::from_min_size(pos2(left, rect.center().y - 4.0), Vec2::new(width, 8.0));
        let clip = beside_frozen(ui.clip_rect(), rect, covered);
        ui.painter().with_clip_rect(clip).rect_filled(bar, 4.0, theme.colors.surface_raised);
    }
}

/// Draws rows before the first of them have come.
pub(super) fn skeleton<S: RowSource>(ui: &Ui, body: Rect, theme: &Theme, grid: &RowGrid<S>) {
    let mut top = body.top();
    while top < body.bottom() {
        let rect =
            Rect::from_min_size(pos2(body.left(), top), vec2(body.width(), theme.spacing.row));
        placeholder(ui, rect, theme, grid);
        top += theme.spacing.row;
    }
}
