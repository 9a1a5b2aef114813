//! How entities are arranged, kept between starts, and the arrangements that have a name.

use egui::{Align, Button, Context, Key, Layout, Rect, Ui};
use persistence::{Filter, Order};

use super::Effects;
use super::effects::Effect;
use super::entity_view::EntityView;
use super::name_editor::NameEditor;
use super::navigation_line::line;
use super::preferences::Preferences;
use super::view_action::ViewAction;
use super::workspace::Workspace;
use super::{AdminApp, Focused, Notice, widgets};
use crate::command::Command;
use crate::i18n::Texts;
use crate::open_in::OpenIn;
use crate::settings::{EntityLayout, SavedView};
use crate::theme::{Theme, icon};
use crate::tr;

impl EntityView {
    /// Returns how the view is arranged.
    const fn layout(&self) -> &EntityLayout {
        self.arranged.layout()
    }

    /// Returns a name for a saved view of it: what the view finds.
    fn suggested_name(&self, texts: &Texts) -> String {
        let entity = texts.entity(self.meta());
        let said = self.said_pills(texts);
        if said.is_empty() { entity } else { format!("{entity}: {}", said.join(", ")) }
    }

    /// Arranges it as it was kept. What no longer fits the entity is left away.
    pub(super) fn arrange(&mut self, layout: &EntityLayout) {
        let meta = self.entry.meta;
        self.grid.arrange(|columns| columns.arrange(&layout.columns));
        let order = Order::parse(meta, &layout.order);
        self.grid.set_order(order.unwrap_or_default());
        let filter = Filter::parse(meta, &layout.filter).unwrap_or_default();
        self.line.set(meta, filter);
        self.apply_filter();
    }
}

impl Workspace {
    /// Arranges all entities as they were when the database was last open.
    pub(super) fn restore_layouts(&mut self, preferences: &Preferences) {
        let Some(database) = preferences.of_database() else { return };
        for view in self.views.iter_mut() {
            if let Some(layout) = database.entities.get(view.entry.meta.table) {
                view.arrange(layout);
            }
        }
    }

    /// Keeps how the entity that is looked at is arranged, if that has changed.
    pub(super) fn watch_layout(&mut self, context: &Context, preferences: &mut Preferences) {
        let Some(view) = self.view_mut() else { return };
        view.arranged.follow(&view.grid, &view.line);
        // While something is being dragged it changes all the time.
        if context.input(|input| input.pointer.any_down()) {
            return;
        }
        let database = preferences.of_database();
        let known = database.and_then(|database| database.entities.get(view.meta().table));
        if view.layout() != known.unwrap_or(&view.usual) {
            let (table, layout) = (view.meta().table, view.layout().clone());
            preferences.of_database_mut().entities.insert(table.to_owned(), layout);
            preferences.keep();
        }
    }
}

/// Draws the list of saved views in the navigation; returns where its heading stands.
pub(super) fn section(
    ui: &mut Ui,
    workspace: &Workspace,
    saved_views: &[SavedView],
    texts: &Texts,
    effects: &mut Effects,
) -> Rect {
    let theme = Theme::of(ui.ctx());
    let mut action = None;
    let heading = ui.horizontal(|ui| {
        widgets::section(ui, &tr!(texts, "views-section"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mark = widgets::icon(icon::ICON_ADD, theme, theme.colors.text_weak);
            let button = Button::new(mark).frame_when_inactive(false).small();
            let button = ui.add_enabled(workspace.active_entity().is_some(), button);
            if widgets::named(button, Command::SaveView, texts).clicked() {
                action = Some(ViewAction::Save);
            }
        });
    });
    let current = workspace.view().map(|view| (view.meta().table, view.layout()));
    for (place, saved) in saved_views.iter().enumerate() {
        let is_current = current.is_some_and(|(table, layout)| {
            table == saved.table
                && layout.filter == saved.layout.filter
                && layout.order == saved.layout.order
        });
        let response = line(ui, icon::ICON_FILTER_LIST, &saved.name, None, is_current);
        let response = response.on_hover_text(&saved.name);
        if response.clicked() {
            action = Some(ViewAction::Open(place));
        }
        response.context_menu(|ui| {
            ui.set_min_width(180.0);
            let mut item = |ui: &mut Ui, name: String, done| {
                if ui.button(name).clicked() {
                    action = Some(done);
                    ui.close();
                }
            };
            item(ui, tr!(texts, "views-open"), ViewAction::Open(place));
            item(ui, tr!(texts, "views-rename"), ViewAction::Rename(place));
            item(ui, tr!(texts, "views-update"), ViewAction::Update(place));
            item(ui, tr!(texts, "views-delete"), ViewAction::Delete(place));
        });
        if response.has_focus() {
            let pressed = |key| ui.input(|input| input.key_pressed(key));
            if pressed(Key::Delete) {
                action = Some(ViewAction::Delete(place));
            } else if pressed(Key::F2) {
                action = Some(ViewAction::Rename(place));
            }
        }
    }
    if let Some(action) = action {
        effects.push(Effect::View(action));
    }
    heading.response.rect
}

impl Preferences {
    /// Gives a saved view another name, or what is shown a name under which it is saved.
    fn name_view(
        &mut self,
        renamed: Option<usize>,
        name: String,
        shown: Option<(&str, EntityLayout)>,
    ) {
        let views = &mut self.of_database_mut().views;
        match (renamed, shown) {
            (Some(place), _) => {
                if let Some(saved) = views.get_mut(place) {
                    saved.name = name;
                }
            }
            (None, Some((table, layout))) => {
                let same = |saved: &&mut SavedView| saved.name == name && saved.table == table;
                match views.iter_mut().find(same) {
                    Some(saved) => saved.layout = layout,
                    None => views.push(SavedView { name, table: table.to_owned(), layout }),
                }
            }
            (None, None) => {}
        }
        self.keep();
    }
}

impl AdminApp {
    /// Does what a person wants of a saved view.
    pub(super) fn view_action(&mut self, action: ViewAction) {
        match action {
            ViewAction::Open(place) => self.open_saved_view(place),
            ViewAction::Save => self.name_view(None),
            ViewAction::Rename(place) => self.name_view(Some(place)),
            ViewAction::Update(place) => {
                let saved = self.preferences.saved_views().get(place).cloned();
                let view = saved.and_then(|saved| self.workspace.views.of(&saved.table));
                let layout = view.map(|view| view.layout().clone());
                let views = &mut self.preferences.of_database_mut().views;
                if let (Some(saved), Some(layout)) = (views.get_mut(place), layout) {
                    saved.layout = layout;
                }
                self.preferences.keep();
            }
            ViewAction::Delete(place) => {
                let views = &mut self.preferences.of_database_mut().views;
                if place < views.len() {
                    let gone = views.remove(place);
                    self.preferences.keep();
                    let name = gone.name.as_str();
                    let words = tr!(self.preferences.texts, "views-deleted", name = name);
                    self.notice = Some(Notice::success(words));
                }
            }
            ViewAction::Name { renamed, name } => {
                let view = self.workspace.view();
                let shown = view.map(|view| (view.meta().table, view.layout().clone()));
                self.preferences.name_view(renamed, name, shown);
                self.workspace.focus = Some(Focused::Grid);
            }
        }
    }

    /// Shows an entity as it was saved.
    fn open_saved_view(&mut self, place: usize) {
        let Some(saved) = self.preferences.saved_views().get(place).cloned() else { return };
        let Some(entity) = self.workspace.views.place_of(&saved.table) else {
            let words = tr!(self.preferences.texts, "views-without-entity", table = saved.table);
            self.notice = Some(Notice::failure(words));
            return;
        };
        if let Some(view) = self.workspace.views.get_mut(entity) {
            view.pill_editor = None;
            view.arrange(&saved.layout);
        }
        self.workspace.show_view(entity, OpenIn::Here);
        self.workspace.focus = Some(Focused::Grid);
    }

    /// Asks for the name of a view: of a new one, or another name of one that is there.
    pub(super) fn name_view(&mut self, renamed: Option<usize>) {
        let name = match renamed {
            Some(place) => {
                self.preferences.saved_views().get(place).map(|saved| saved.name.clone())
            }
            None => self.workspace.view().map(|view| view.suggested_name(&self.preferences.texts)),
        };
        self.dialogs.name_editor = name.map(|text| NameEditor::new(renamed, text));
    }
}
