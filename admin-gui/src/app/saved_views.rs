//! How entities are arranged, kept between starts, and the arrangements that have a name.

use egui::{Align, Button, Context, Id, Key, Layout, Rect, RichText, TextEdit, Ui, Vec2};
use persistence::{Filter, Order};

use super::entity_view::EntityView;
use super::workspace::Workspace;
use super::{AdminApp, Focused, Notice, look, navigation, popover};
use crate::command::Command;
use crate::filter_line::FilterLine;
use crate::grid::Grid;
use crate::i18n::Texts;
use crate::palette::{Candidate, Destination};
use crate::place::Place;
use crate::settings::{EntityLayout, SavedView};
use crate::theme::{Theme, icon};
use crate::tr;

/// How wide the field is in which a name is typed, in points.
const NAME: f32 = 260.0;

/// The name of a view, while it is being typed.
#[derive(Debug)]
pub(super) struct NameEditor {
    /// The place of the view that is renamed; `None` for a new one.
    renamed: Option<usize>,
    text: String,
    was_focused: bool,
    age: popover::Age,
}

/// What a person wants of a saved view.
#[derive(Clone, Copy)]
enum ViewAction {
    Open(usize),
    Rename(usize),
    Update(usize),
    Delete(usize),
    Save,
}

/// How an entity was arranged when that was last looked at.
#[derive(Debug)]
pub(super) struct Arranged {
    filter: Filter,
    order: Order,
    layout: EntityLayout,
}

impl Arranged {
    pub(super) fn of(grid: &Grid, line: &FilterLine) -> Self {
        let (filter, order) = (line.applied().clone(), grid.order().clone());
        let (columns, in_words) = (grid.columns.layout(), filter.to_string());
        let layout = EntityLayout { columns, filter: in_words, order: order.to_string() };
        Self { filter, order, layout }
    }

    pub(super) const fn layout(&self) -> &EntityLayout {
        &self.layout
    }

    /// Looks again. This is done for every picture: where nothing has changed, nothing is built.
    fn follow(&mut self, grid: &Grid, line: &FilterLine) {
        let is_same = self.filter == *line.applied()
            && self.order == *grid.order()
            && grid.columns.is_as(&self.layout.columns);
        if !is_same {
            *self = Self::of(grid, line);
        }
    }
}

impl EntityView {
    /// How it is arranged.
    const fn layout(&self) -> &EntityLayout {
        self.arranged.layout()
    }

    /// What a view of it could be called: what it finds.
    fn suggested_name(&self, texts: &Texts) -> String {
        let entity = texts.entity(self.meta());
        let said = self.said_pills(texts);
        if said.is_empty() { entity } else { format!("{entity}: {}", said.join(", ")) }
    }

    /// Arranges it as it was kept. What no longer fits the entity is left away.
    pub(super) fn arrange(&mut self, layout: &EntityLayout) {
        let meta = self.entry.meta;
        self.grid.arrange(|columns| columns.arrange(meta, &layout.columns));
        let order = Order::parse(meta, &layout.order);
        self.grid.set_order(order.unwrap_or_default());
        let filter = Filter::parse(meta, &layout.filter).unwrap_or_default();
        self.line.set(meta, filter);
        self.apply_filter();
    }
}

impl Workspace {}

impl AdminApp {
    /// Arranges all entities as they were when the database was last open.
    pub(super) fn restore_layouts(&mut self) {
        let Some(database) = self.preferences.of_database() else { return };
        for view in &mut self.workspace.views {
            if let Some(layout) = database.entities.get(view.entry.meta.table) {
                view.arrange(layout);
            }
        }
    }

    /// Keeps how the current entity is arranged, if that has changed.
    pub(super) fn watch_layout(&mut self, context: &Context) {
        let Some(view) =
            self.workspace.active_entity().and_then(|place| self.workspace.views.get_mut(place))
        else {
            return;
        };
        view.arranged.follow(&view.grid, &view.line);
        // While something is being dragged it changes all the time.
        if context.input(|input| input.pointer.any_down()) {
            return;
        }
        let database = self.preferences.of_database();
        let known = database.and_then(|database| database.entities.get(view.meta().table));
        if view.layout() != known.unwrap_or(&view.usual) {
            let (table, layout) = (view.meta().table, view.layout().clone());
            self.preferences.of_database_mut().entities.insert(table.to_owned(), layout);
            self.preferences.keep();
        }
    }

    /// Draws the list of saved views in the navigation.
    pub(super) fn saved_views_section(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui.ctx());
        let mut action = None;
        let heading = ui.horizontal(|ui| {
            look::section(ui, &tr!(self.preferences.texts, "views-section"));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let mark = look::icon(icon::ICON_ADD, theme, theme.colors.text_weak);
                let button = Button::new(mark).frame_when_inactive(false).small();
                let button = ui.add_enabled(self.workspace.active_entity().is_some(), button);
                if look::named(button, Command::SaveView, &self.preferences.texts).clicked() {
                    action = Some(ViewAction::Save);
                }
            });
        });
        let current = self.workspace.view().map(|view| (view.meta().table, view.layout()));
        for (place, saved) in self.preferences.saved_views().iter().enumerate() {
            let is_current = current.is_some_and(|(table, layout)| {
                table == saved.table
                    && layout.filter == saved.layout.filter
                    && layout.order == saved.layout.order
            });
            let response =
                navigation::line(ui, icon::ICON_FILTER_LIST, &saved.name, None, is_current);
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
                item(ui, tr!(self.preferences.texts, "views-open"), ViewAction::Open(place));
                item(ui, tr!(self.preferences.texts, "views-rename"), ViewAction::Rename(place));
                item(ui, tr!(self.preferences.texts, "views-update"), ViewAction::Update(place));
                item(ui, tr!(self.preferences.texts, "views-delete"), ViewAction::Delete(place));
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
        self.view_action(action);
        self.name_editor(ui.ctx(), heading.response.rect);
    }

    fn view_action(&mut self, action: Option<ViewAction>) {
        match action {
            None => {}
            Some(ViewAction::Open(place)) => self.open_saved_view(place),
            Some(ViewAction::Save) => self.name_view(None),
            Some(ViewAction::Rename(place)) => self.name_view(Some(place)),
            Some(ViewAction::Update(place)) => {
                let saved = self.preferences.saved_views().get(place).cloned();
                let layout = saved.as_ref().and_then(|saved| {
                    let views = self.workspace.views.iter();
                    let view = views.into_iter().find(|view| view.meta().table == saved.table)?;
                    Some(view.layout().clone())
                });
                let views = &mut self.preferences.of_database_mut().views;
                if let (Some(saved), Some(layout)) = (views.get_mut(place), layout) {
                    saved.layout = layout;
                }
                self.preferences.keep();
            }
            Some(ViewAction::Delete(place)) => {
                let views = &mut self.preferences.of_database_mut().views;
                if place < views.len() {
                    let gone = views.remove(place);
                    self.preferences.keep();
                    let name = gone.name.as_str();
                    let words = tr!(self.preferences.texts, "views-deleted", name = name);
                    self.notice = Some(Notice::success(words));
                }
            }
        }
    }

    /// The saved views, to go to.
    pub(super) fn view_candidates(&self) -> Vec<Candidate> {
        let views = self.preferences.saved_views().iter().enumerate();
        let candidate = |(place, saved): (usize, &SavedView)| {
            let view = self.workspace.views.iter().find(|view| view.meta().table == saved.table)?;
            Some(Candidate {
                title: saved.name.clone(),
                detail: self.preferences.texts.entity(view.meta()),
                destination: Destination::View(place),
            })
        };
        views.filter_map(candidate).collect()
    }

    /// Shows an entity as it was saved.
    pub(super) fn open_saved_view(&mut self, place: usize) {
        let Some(saved) = self.preferences.saved_views().get(place).cloned() else { return };
        let Some(entity) =
            self.workspace.views.iter().position(|view| view.meta().table == saved.table)
        else {
            let words = tr!(self.preferences.texts, "views-without-entity", table = saved.table);
            self.notice = Some(Notice::failure(words));
            return;
        };
        if let Some(view) = self.workspace.views.get_mut(entity) {
            view.pill_editor = None;
            view.arrange(&saved.layout);
        }
        self.workspace.show_view(entity, Place::Here);
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
        self.dialogs.name_editor = name.map(|text| NameEditor {
            renamed,
            text,
            was_focused: false,
            age: popover::Age::New,
        });
    }

    fn name_editor(&mut self, context: &Context, anchor: Rect) {
        let Some(mut editor) = self.dialogs.name_editor.take() else { return };
        let theme = Theme::of(context);
        let name = tr!(self.preferences.texts, "views-name");
        let mut age = editor.age;
        let id = Id::unique("name of a view");
        let (is_done, closes) = popover::show(context, id, anchor, &name, &mut age, |ui| {
            ui.set_width(NAME);
            let field = TextEdit::singleline(&mut editor.text)
                .desired_width(f32::INFINITY)
                .min_size(Vec2::new(0.0, theme.spacing.control))
                .align(egui::Align2::LEFT_CENTER)
                .hint_text(RichText::new(&name).color(theme.colors.text_faint));
            let response = ui.add(field).accessible_name(&name);
            if !std::mem::replace(&mut editor.was_focused, true) {
                response.request_focus();
                select_all(ui.ctx(), response.id, &editor.text);
            }
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            ui.add_space(theme.spacing.item);
            let save = RichText::new(tr!(self.preferences.texts, "form-save"))
                .color(theme.colors.on_accent);
            let save = Button::new(save).fill(theme.colors.accent);
            let can_save = !editor.text.trim().is_empty();
            let saved = ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_enabled(can_save, save).clicked()
            });
            can_save && (entered || saved.inner)
        });
        editor.age = age;
        if is_done == Some(true) {
            self.take_name(&editor);
        } else if !closes {
            self.dialogs.name_editor = Some(editor);
        }
    }

    fn take_name(&mut self, editor: &NameEditor) {
        let name = editor.text.trim().to_owned();
        let current =
            self.workspace.view().map(|view| (view.meta().table.to_owned(), view.layout().clone()));
        let views = &mut self.preferences.of_database_mut().views;
        match (editor.renamed, current) {
            (Some(place), _) => {
                if let Some(saved) = views.get_mut(place) {
                    saved.name = name;
                }
            }
            (None, Some((table, layout))) => {
                let same = |saved: &&mut SavedView| saved.name == name && saved.table == table;
                match views.iter_mut().find(same) {
                    Some(saved) => saved.layout = layout,
                    None => views.push(SavedView { name, table, layout }),
                }
            }
            (None, None) => {}
        }
        self.preferences.keep();
        self.workspace.focus = Some(Focused::Grid);
    }
}

/// Selects all of a field, so that typing replaces it.
fn select_all(context: &Context, id: Id, text: &str) {
    use egui::text::{CCursor, CCursorRange};
    let mut state = egui::text_edit::TextEditState::load(context, id).unwrap_or_default();
    let end = CCursor::new(text.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::two(CCursor::default(), end)));
    state.store(context, id);
}
