//! The menu of a cell.

use egui::{Button, Response, Ui};
use persistence::Value;

use super::view::GridEvent;
use crate::i18n::Texts;
use crate::pills::Kind;
use crate::theme::{Theme, icon};
use crate::tr;

/// Shows the menu of a cell while it is open.
pub(super) fn show(
    response: &Response,
    column: &super::columns::GridColumn,
    value: &Value,
    texts: &Texts,
    events: &mut Vec<GridEvent>,
) {
    if !response.secondary_clicked() && !response.context_menu_opened() {
        return;
    }
    response.context_menu(|ui| {
        ui.set_min_width(200.0);
        let position = column.position;
        if Kind::of(column.meta) != Kind::Document || value.is_null() {
            let find = GridEvent::FilterBy { position, value: value.clone() };
            item(ui, icon::ICON_FILTER_ALT, &tr!(texts, "command-filter-by-value"), events, find);
            let exclude = GridEvent::Exclude { position, value: value.clone() };
            item(
                ui,
                icon::ICON_FILTER_ALT_OFF,
                &tr!(texts, "command-exclude-value"),
                events,
                exclude,
            );
            ui.separator();
        }
        item(ui, icon::ICON_CONTENT_COPY, &tr!(texts, "command-copy"), events, GridEvent::Copy);
        item(ui, icon::ICON_OPEN_IN_NEW, &tr!(texts, "command-open"), events, GridEvent::Open);
        if let Some(reference) = column.meta.references.as_ref().filter(|_| !value.is_null()) {
            let table = (reference.entity)().table;
            let open = GridEvent::OpenReference { table, key: value.clone() };
            item(ui, icon::ICON_LINK, &tr!(texts, "command-open-reference"), events, open);
        }
    });
}

fn item(
    ui: &mut Ui,
    mark: egui_material_icons::MaterialIcon,
    name: &str,
    events: &mut Vec<GridEvent>,
    event: GridEvent,
) {
    let theme = Theme::of(ui.ctx());
    let mark =
        egui::RichText::new(mark.codepoint).size(theme.text.icon).color(theme.colors.text_weak);
    let button = Button::new((mark, name, egui::Atom::grow()));
    if ui.add(button).accessible_name(name).clicked() {
        events.push(event);
    }
}
