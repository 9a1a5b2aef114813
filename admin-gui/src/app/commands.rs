//! What each command does.

use egui::Context;

use super::entity_view::EntityView;
use super::palette_view::Palette;
use super::pill_editor::PillEditor;
use super::taking::CopyAs;
use super::{AdminApp, Focused, Target, filter_bar};
use crate::command::{Command, Situation};
use crate::filter_line::Face;
use crate::grid::{LONG, Reread, grid_id};
use crate::i18n::Language;
use crate::panes::{Page, Pane};
use crate::place::Place;
use crate::theme::{self, Appearance, Theme};
use transfer::export::FormatKind;

impl AdminApp {
    /// What is going on now.
    pub(super) fn situation(&self, context: &Context) -> Situation {
        let apart = self.situation_apart(context);
        self.workspace.view().map_or(apart, |view| view.situation(apart, context))
    }

    /// What is going on, as far as no entity decides it.
    pub(super) fn situation_apart(&self, context: &Context) -> Situation {
        Situation {
            has_figures: self.workspace.panes.active() == Some(&Pane::Page(Page::Overview)),
            has_past: self.workspace.visits.has_past(),
            has_future: self.workspace.visits.has_future(),
            has_tabs: self.workspace.panes.count() > 1,
            has_row: self
                .workspace
                .records
                .panel
                .as_ref()
                .is_some_and(|record| record.key.is_some()),
            has_record_tab: self.workspace.panes.active().is_some_and(Pane::is_record),
            has_form: self.meant_record().is_some(),
            is_changed: self.meant_record().is_some_and(|record| record.form.can_save()),
            is_read_only: self.catalog.is_read_only(),
            is_typing: context.memory(egui::Memory::focused).is_some(),
            has_dialog: self.palette.is_some()
                || self.deletion.is_some()
                || self.closing.is_some()
                || self.taking.has_dialog(),
            ..Situation::default()
        }
    }

    /// Does what a command says, to the rows of an entity where it is about some.
    pub(super) fn run(&mut self, context: &Context, command: Command, place: Option<usize>) {
        match command {
            Command::GoTo => self.palette = Some(Palette::new()),
            Command::Back => self.go_back(),
            Command::Forward => self.go_forward(),
            Command::GoToRow => self.palette = Some(Palette::for_rows()),
            Command::Filter => self.type_filter(context, place),
            Command::AddFilter => {
                if let Some(view) = self.workspace.entity_mut(place) {
                    view.line.face = Face::Pills;
                    view.pill_editor = Some(PillEditor::new(None));
                }
            }
            Command::Search => self.workspace.focus = Some(Focused::Search),
            Command::FilterByValue | Command::ExcludeValue => {
                if let Some(view) = self.workspace.entity_mut(place) {
                    view.filter_by_focused(command, &self.texts, &mut self.effects);
                }
            }
            Command::Columns => {
                if let Some(view) = self.workspace.entity_mut(place) {
                    view.toggle_columns();
                }
            }
            Command::ColumnMenu => {
                if let Some(view) = self.workspace.entity(place) {
                    view.open_column_menu(context);
                }
            }
            Command::SaveView => self.name_view(None),
            Command::ClearFilter => self.clear_filter(place),
            Command::Refresh => self.refresh(place),
            Command::New => {
                let view = self.workspace.entity(place);
                if let Some(table) = view.map(|view| view.meta().table) {
                    self.open(Target::New(table));
                }
            }
            Command::Open => {
                let view = self.workspace.entity(place);
                if let Some(table) = view.map(|view| view.meta().table) {
                    self.open(Target::FocusedRow(table));
                }
            }
            Command::OpenInTab => self.give_tab(place),
            Command::OpenReference => {
                let view = self.workspace.entity(place);
                if let Some(target) = view.and_then(EntityView::reference) {
                    self.open(target);
                }
            }
            Command::Delete => self.delete(place),
            Command::Copy => self.copy(context, place),
            Command::CopyWithHeaders => self.copy_rows(context, place, CopyAs::CellsWithHeader),
            Command::CopyCsv => self.copy_rows(context, place, CopyAs::Format(FormatKind::Csv)),
            Command::CopyJson => self.copy_rows(context, place, CopyAs::Format(FormatKind::Json)),
            Command::CopySql => self.copy_rows(context, place, CopyAs::Format(FormatKind::Sql)),
            Command::SelectAll => {
                if let Some(view) = self.workspace.entity_mut(place) {
                    view.grid.selection.select_all();
                }
            }
            Command::ClearSelection => self.clear_selection(place),
            Command::Export => self.ask_to_export(place),
            Command::Save => {
                let saved = self
                    .meant_record_mut()
                    .and_then(|record| Some((record.number, record.form.save()?)));
                if let Some((number, event)) = saved {
                    self.form_event(number, event);
                }
            }
            Command::Close => self.close(context),
            Command::Quit => context.send_viewport_cmd(egui::ViewportCommand::Close),
            Command::NextArea => self.step_area(context, 1),
            Command::PreviousArea => self.step_area(context, -1),
            Command::PreviousEntity => self.step_entity(-1),
            Command::NextEntity => self.step_entity(1),
            Command::NextTab => self.step_tab(1),
            Command::PreviousTab => self.step_tab(-1),
            Command::Statistics => self.toggle_statistics(),
            Command::SplitTab => self.workspace.panes.split(),
            Command::CloseTab => {
                if let Some(pane) = self.workspace.panes.active().cloned() {
                    self.workspace.close_pane(&pane);
                }
            }
            Command::SwitchTheme => self.switch_theme(context),
            Command::SwitchLanguage => self.switch_language(),
            Command::SwitchProduction => self.switch_production(),
        }
    }

    /// Gives the keyboard to the area after the one that has it, or before it, round the end.
    fn step_area(&mut self, context: &Context, by: isize) {
        let has_record = self.meant_record().is_some();
        let Some(table) = self.workspace.view().map(|view| view.meta().table) else {
            self.workspace.focus = has_record.then_some(Focused::Record);
            return;
        };
        let focused = context.memory(egui::Memory::focused);
        let here = match focused {
            None => Focused::Grid,
            Some(id) if id == grid_id(table) => Focused::Grid,
            Some(id) if id == filter_bar::search_id(table) => Focused::Search,
            Some(_) if has_record => Focused::Record,
            Some(_) => Focused::Search,
        };
        let areas = Focused::AREAS.into_iter();
        let areas = areas.filter(|area| *area != Focused::Record || has_record);
        let areas: Vec<_> = areas.collect();
        let place = areas.iter().position(|area| *area == here).unwrap_or_default();
        let after = areas.iter().cycle().skip(place);
        let steps = by.rem_euclid(areas.len().cast_signed()).cast_unsigned();
        self.workspace.focus = after.copied().nth(steps);
    }

    fn step_entity(&mut self, by: isize) {
        let next =
            self.workspace.active_entity().map_or(Some(0), |place| place.checked_add_signed(by));
        if let Some(next) = next {
            self.workspace.show_view(next, Place::Here);
        }
    }

    fn step_tab(&mut self, by: isize) {
        self.workspace.panes.step(by);
        if let Some(pane) = self.workspace.panes.active().cloned() {
            self.workspace.show_pane(pane, Place::Here);
        }
    }

    /// Shows the line in which the filter is typed; the pills again where that is open.
    fn type_filter(&mut self, context: &Context, place: Option<usize>) {
        let focused = context.memory(egui::Memory::focused);
        let Some(view) = self.workspace.entity_mut(place) else { return };
        view.pill_editor = None;
        if focused == Some(filter_bar::filter_id(view.meta().table)) {
            view.line.reset();
            self.workspace.focus = Some(Focused::Grid);
        } else {
            view.line.face = Face::Line;
            self.workspace.focus = Some(Focused::Filter);
        }
    }

    fn clear_filter(&mut self, place: Option<usize>) {
        if let Some(view) = self.workspace.entity_mut(place) {
            view.pill_editor = None;
            view.line.clear();
            view.apply_filter();
        }
        self.workspace.focus = Some(Focused::Grid);
    }

    fn refresh(&mut self, place: Option<usize>) {
        self.notice = None;
        self.count_all();
        self.workspace.reread(place, Reread::Here);
        self.workspace.pages.reread();
        if let Some(statistics) = &mut self.workspace.statistics {
            statistics.reread();
        }
        self.reread_panel();
        self.reread_tabs();
    }

    fn clear_selection(&mut self, place: Option<usize>) {
        if let Some(view) = self.workspace.entity_mut(place) {
            view.grid.selection.clear();
        }
        self.workspace.focus = Some(Focused::Grid);
    }

    /// Closes the innermost thing that is open.
    fn close(&mut self, context: &Context) {
        if egui::Popup::is_any_open(context) {
            egui::Popup::close_all(context);
            self.workspace.focus = Some(Focused::Grid);
            return;
        }
        if self.palette.take().is_some() {
            self.forget_records();
            self.workspace.focus = Some(Focused::Grid);
            return;
        }
        if self.closing.take().is_some() {
            return;
        }
        if self.cancel_deletion() || self.taking.dialog.take().is_some() {
            return;
        }
        let is_open = |view: &mut EntityView| {
            view.pill_editor.take().is_some()
                | view.values.take().is_some()
                | view.chooser.take().is_some()
        };
        if self.name_editor.take().is_some() || self.workspace.view_mut().is_some_and(is_open) {
            self.workspace.focus = Some(Focused::Grid);
            return;
        }
        // Escape has taken the focus out of a text already.
        let focused = context.memory(egui::Memory::focused);
        let is_filtering = self.workspace.view().is_some_and(|view| {
            let table = view.meta().table;
            let is_typing = view.line.face == Face::Line && focused.is_none();
            is_typing
                || [filter_bar::filter_id(table), filter_bar::search_id(table)]
                    .into_iter()
                    .any(|id| focused == Some(id))
        });
        if is_filtering {
            if let Some(view) = self.workspace.view_mut() {
                view.line.reset();
            }
            self.workspace.focus = Some(Focused::Grid);
            return;
        }
        let waiting = self.workspace.view().and_then(|view| view.grid.waiting_since());
        if waiting.is_some_and(|since| since.elapsed() >= LONG) {
            if let Some(view) = self.workspace.view_mut() {
                view.stop_reading(&self.texts, &mut self.effects);
            }
            return;
        }
        if self.workspace.view().is_some_and(|view| !view.grid.selection.is_empty()) {
            self.clear_selection(self.workspace.active_entity());
            return;
        }
        if self.close_statistics() {
            return;
        }
        let is_panel =
            self.meant_number().is_some_and(|number| self.workspace.records.is_in_panel(number));
        let Some(record) = self.meant_record_mut() else { return };
        // A tab stays open: it is closed like any other.
        let event = if is_panel { record.form.close() } else { None };
        let number = record.number;
        if let Some(event) = event {
            self.form_event(number, event);
        } else if !is_panel && let Some(record) = self.workspace.records.get_mut(number) {
            record.form.dismiss();
        }
    }

    fn switch_theme(&mut self, context: &Context) {
        self.settings.appearance =
            if Theme::of(context).is_dark() { Appearance::Light } else { Appearance::Dark };
        theme::choose(context, self.settings.appearance);
        self.keep_settings();
    }

    fn switch_language(&mut self) {
        let languages = Language::ALL;
        let here = languages.iter().position(|language| *language == self.texts.language());
        let next = here.map_or(0, |here| (here + 1) % languages.len());
        if let Some(&language) = languages.get(next) {
            self.settings.language = Some(language);
            self.texts = self.sources.texts(language);
            self.previews.clear();
            self.keep_settings();
        }
    }
}
