//! The list of entities at the left.

use egui::{Rect, Ui, pos2};

use super::Effects;
use super::effects::Effect;
use super::navigation_line::line;
use super::page::{page_icon, page_title};
use super::status_bar::total_in_words;
use super::workspace::Workspace;
use super::{saved_views, widgets};
use crate::i18n::Texts;
use crate::open_in::OpenIn;
use crate::panes::Pane;
use crate::settings::SavedView;
use crate::theme::{self, Theme};
use crate::tr;

/// Draws the list; returns where the heading of the saved views stands.
pub(super) fn show(
    ui: &mut Ui,
    workspace: &Workspace,
    saved_views: &[SavedView],
    texts: &Texts,
    effects: &mut Effects,
) -> Rect {
    let theme = Theme::of(ui.ctx());
    ui.spacing_mut().item_spacing.y = 2.0;
    widgets::section(ui, &tr!(texts, "shell-entities"));
    ui.add_space(theme.spacing.tight);
    // A new tab, as everywhere a link is followed.
    let is_new = ui.input(|input| input.modifiers.command);
    let open_in = if is_new { OpenIn::NewTab } else { OpenIn::Here };
    let active = workspace.active_entity();
    let list = egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for (place, view) in workspace.views.iter().enumerate() {
            let name = texts.entity(view.meta());
            let count = view.total.map(|total| total_in_words(total, texts));
            let mark = theme::entity_icon(view.meta().icon);
            let is_current = Some(place) == active;
            let is_staged = workspace.staged.has_rows_of(view.meta().table);
            let line = line(ui, mark, &name, count.as_deref(), is_current);
            if is_staged {
                let place = pos2(line.rect.left() + 4.0, line.rect.top() + 7.0);
                ui.painter().circle_filled(place, 3.0, theme.colors.staged);
                let said = tr!(texts, "staged-in-entity");
                ui.ctx().accesskit_node_builder(line.id, |node| node.set_description(said));
            }
            if line.clicked() && !is_current {
                effects.push(Effect::Show(Pane::Entity(view.meta().table.to_owned()), open_in));
            }
        }
        ui.add_space(theme.spacing.group);
        let heading = saved_views::section(ui, workspace, saved_views, texts, effects);
        ui.add_space(theme.spacing.group);
        widgets::section(ui, &tr!(texts, "shell-database"));
        ui.add_space(theme.spacing.tight);
        for page in workspace.pages.all() {
            let is_current = workspace.panes.active() == Some(&Pane::Page(page));
            if line(ui, page_icon(page), &page_title(page, texts), None, is_current).clicked() {
                effects.push(Effect::Show(Pane::Page(page), open_in));
            }
        }
        heading
    });
    list.inner
}
