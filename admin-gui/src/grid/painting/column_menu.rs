//! The menu of a column, which its header opens.

use egui::containers::menu::menu_style;
use egui::{
    Align, Button, Context, Id, LayerId, Layout, Popup, PopupKind, Rect, SetOpenCommand, Ui,
};
use persistence::{ColumnType, Direction};

use super::memory::grid_id;
use crate::grid::source::{Offers, RowSource};
use crate::grid::state::{GridColumn, RowGrid, SortBy};
use crate::i18n::Texts;
use crate::theme::{Theme, icon};
use crate::tr;

/// What a person wants to do with a column.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnAction {
    /// Sorts by it.
    Sort(Direction, SortBy),
    /// Adds a filter about it.
    Filter,
    /// Chooses among its values.
    Values,
    /// Looks at its statistics.
    Statistics,
    /// Hides it.
    Hide,
    /// Keeps it at the left, or lets it scroll.
    Freeze(bool),
    /// Moves it so many places to the right.
    Step(isize),
    /// Makes it as wide as its content.
    Fit,
    /// Chooses which columns are shown.
    Choose,
}

/// Returns the id of the menu of a column of the grid of that name.
pub(super) fn menu_id(grid: &str, column: &str) -> Id {
    Id::unique(("column menu", grid, column))
}

/// Opens the menu of a column, from the keyboard.
pub fn open_column_menu(context: &Context, grid: &str, column: &str) {
    Popup::open_id(context, menu_id(grid, column));
    // The grid keeps the arrows to itself while it has the keys.
    context.memory_mut(|memory| memory.surrender_focus(grid_id(grid)));
}

/// Shows the menu of a column while it is open.
pub(super) fn show<S: RowSource>(
    ui: &Ui,
    grid: &RowGrid<S>,
    column: &GridColumn,
    texts: &Texts,
    anchor: Rect,
    opens: Option<SetOpenCommand>,
) -> Option<ColumnAction> {
    let id = menu_id(grid.source().id(), &column.meta.name);
    if opens.is_none() && !Popup::is_id_open(ui.ctx(), id) {
        return None;
    }
    let name = tr!(texts, "column-menu", column = column.meta.title(texts));
    let layer = LayerId::new(egui::Order::Middle, id);
    let shown = Popup::new(id, ui.ctx().clone(), anchor, layer)
        .kind(PopupKind::Menu)
        .layout(Layout::top_down_justified(Align::Min))
        .style(menu_style)
        .open_memory(opens)
        .accessible_name(name)
        .show(|ui| items(ui, grid, column, texts));
    shown.and_then(|shown| shown.inner)
}

fn items<S: RowSource>(
    ui: &mut Ui,
    grid: &RowGrid<S>,
    column: &GridColumn,
    texts: &Texts,
) -> Option<ColumnAction> {
    let mut chosen = None;
    let mut item = |ui: &mut Ui, mark: egui_material_icons::MaterialIcon, name: String, action| {
        let theme = Theme::of(ui.ctx());
        let mark =
            egui::RichText::new(mark.codepoint).size(theme.text.icon).color(theme.colors.text_weak);
        let button = Button::new((mark, name.as_str(), egui::Atom::grow()));
        if ui.add(button).accessible_name(&name).clicked() {
            chosen = Some(action);
            // A click closes it by itself, a key does not.
            ui.close();
        }
    };
    ui.set_min_width(210.0);
    let (ascending, descending) = (Direction::Ascending, Direction::Descending);
    // Nobody looks for an order of documents.
    if column.meta.can_sort && column.meta.column_type != ColumnType::Json {
        let up = icon::ICON_ARROW_UPWARD;
        let down = icon::ICON_ARROW_DOWNWARD;
        let sort = |direction| ColumnAction::Sort(direction, SortBy::Alone);
        item(ui, up, tr!(texts, "column-sort-ascending"), sort(ascending));
        item(ui, down, tr!(texts, "column-sort-descending"), sort(descending));
        if grid.order().0.iter().any(|term| term.column != column.meta.name) {
            let then = |direction| ColumnAction::Sort(direction, SortBy::AsWell);
            item(ui, up, tr!(texts, "column-then-ascending"), then(ascending));
            item(ui, down, tr!(texts, "column-then-descending"), then(descending));
        }
        ui.separator();
    }
    let offers = column.meta.offers;
    if offers.has_filter {
        item(ui, icon::ICON_FILTER_ALT, tr!(texts, "column-filter"), ColumnAction::Filter);
    }
    if offers.has_values {
        item(ui, icon::ICON_CHECKLIST, tr!(texts, "column-values"), ColumnAction::Values);
    }
    if offers.has_statistics {
        item(ui, icon::ICON_BAR_CHART, tr!(texts, "column-statistics"), ColumnAction::Statistics);
    }
    if offers != Offers::default() {
        ui.separator();
    }
    if column.is_frozen() {
        let unfreeze = ColumnAction::Freeze(false);
        item(ui, icon::ICON_KEEP_OFF, tr!(texts, "column-unfreeze"), unfreeze);
    } else {
        item(ui, icon::ICON_KEEP, tr!(texts, "column-freeze"), ColumnAction::Freeze(true));
    }
    let place = grid.columns.place_of(column.position).unwrap_or_default();
    if place > 0 {
        item(ui, icon::ICON_ARROW_BACK, tr!(texts, "column-left"), ColumnAction::Step(-1));
    }
    if place + 1 < grid.columns.len() {
        item(ui, icon::ICON_ARROW_FORWARD, tr!(texts, "column-right"), ColumnAction::Step(1));
    }
    item(ui, icon::ICON_FIT_WIDTH, tr!(texts, "column-fit"), ColumnAction::Fit);
    if grid.columns.len() > 1 {
        item(ui, icon::ICON_VISIBILITY_OFF, tr!(texts, "column-hide"), ColumnAction::Hide);
    }
    item(ui, icon::ICON_VIEW_COLUMN, tr!(texts, "column-choose"), ColumnAction::Choose);
    chosen
}
