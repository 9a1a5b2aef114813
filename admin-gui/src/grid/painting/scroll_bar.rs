//! Draws a grid's scroll bars. The vertical one thinks in 64-bit rows, not in points.

use egui::{Rect, Sense, Ui, Vec2, pos2, vec2};

use crate::grid::source::{RowSource, Scroll};
use crate::grid::state::RowGrid;
use crate::theme::Theme;

/// The shortest a handle gets.
const SHORTEST: f32 = 28.0;

/// Draws the vertical bar and follows the pointer on it.
pub(super) fn vertical<S: RowSource>(ui: &mut Ui, grid: &mut RowGrid<S>, area: Rect) {
    let theme = Theme::of(ui.ctx());
    ui.painter().rect_filled(area, 0.0, theme.colors.canvas);
    if area.height() < SHORTEST {
        return;
    }
    let extent = grid.extent();
    let handle = grid.scroll().handle(extent, f64::from(SHORTEST / area.height()));
    let id = ui.unique_id().with("vertical bar");
    let response = ui.interact(area, id, Sense::CLICK | Sense::DRAG);
    if handle.length >= 1.0 {
        return;
    }
    if let Some(pointer) = response.interact_pointer_pos() {
        let at = f64::from((pointer.y - area.top()) / area.height());
        let within = handle.start..handle.start + handle.length;
        // Where on the handle it was taken; beside the handle, its middle jumps there.
        let hold = if response.drag_started()
            || response.is_pointer_button_down_on()
                && !ui.data(|data| data.get_temp::<f64>(id).is_some())
        {
            let hold = if within.contains(&at) { at - handle.start } else { handle.length / 2.0 };
            ui.data_mut(|data| data.insert_temp(id, hold));
            hold
        } else {
            ui.data(|data| data.get_temp(id)).unwrap_or(handle.length / 2.0)
        };
        grid.scroll_to(Scroll::of_handle(at - hold, handle.length, extent));
    } else {
        ui.data_mut(|data| data.remove::<f64>(id));
    }
    let handle = grid.scroll().handle(extent, f64::from(SHORTEST / area.height()));
    let top = area.top() + share(handle.start) * area.height();
    let rect = Rect::from_min_size(
        pos2(area.left(), top),
        vec2(area.width(), share(handle.length) * area.height()),
    );
    paint(ui, rect, &response, theme);
}

/// Draws the horizontal bar and follows the pointer on it.
pub(super) fn horizontal<S: RowSource>(
    ui: &mut Ui,
    grid: &mut RowGrid<S>,
    area: Rect,
    visible: f32,
) {
    let theme = Theme::of(ui.ctx());
    ui.painter().rect_filled(area, 0.0, theme.colors.canvas);
    let all = grid.columns.width();
    if all <= visible || area.width() < SHORTEST {
        return;
    }
    let length = (visible / all * area.width()).max(SHORTEST);
    let free = area.width() - length;
    let hidden = all - visible;
    let response = ui.interact(area, ui.unique_id().with("horizontal bar"), Sense::DRAG);
    if free > 0.0 && response.dragged() {
        grid.horizontal += response.drag_delta().x / free * hidden;
    }
    grid.horizontal = grid.horizontal.clamp(0.0, hidden);
    let left = area.left() + grid.horizontal / hidden * free;
    paint(
        ui,
        Rect::from_min_size(pos2(left, area.top()), vec2(length, area.height())),
        &response,
        theme,
    );
}

fn paint(ui: &Ui, rect: Rect, response: &egui::Response, theme: &Theme) {
    let color = if response.hovered() || response.is_pointer_button_down_on() {
        theme.colors.text_faint
    } else {
        theme.colors.control_hovered
    };
    ui.painter().rect_filled(rect.shrink2(Vec2::splat(2.0)), 4.0, color);
}

#[expect(clippy::cast_possible_truncation, reason = "a share from 0 to 1, of points")]
const fn share(share: f64) -> f32 {
    share as f32
}
