//! What is kept of a grid from one picture to the next beside its state: who has the keys, a click.

use egui::{Context, Id};

use crate::grid::state::Focus;

/// Returns the id of the widget that has the keys when the grid of that name has them.
pub fn grid_id(grid: &str) -> Id {
    Id::unique(("grid keys", grid))
}

/// Keeps a click until the rows have been drawn: they are drawn from a grid that cannot be changed
/// meanwhile.
pub(super) fn clicked(ctx: &Context, grid: &str, focus: Focus) {
    ctx.data_mut(|data| data.insert_temp(Id::unique(("grid click", grid)), Some(focus)));
}

pub(super) fn take_click(ctx: &Context, grid: &str) -> Option<Focus> {
    ctx.data_mut(|data| data.remove_temp::<Option<Focus>>(Id::unique(("grid click", grid))))
        .flatten()
}
