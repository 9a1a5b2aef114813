//! What each command does.

use egui::Context;
use persistence::Action;

use super::context::Known;
use super::effects::Effect;
use super::entity_view::EntityView;
use super::export_dialog::ExportDialog;
use super::help_dialog::HelpDialog;
use super::migrations_page::look_at_schema;
use super::palette_view::{Palette, forget_records};
use super::pill_editor::PillEditor;
use super::staged::Staged;
use super::transfers::{CopyAs, Transfers};
use super::workspace::Workspace;
use super::{AdminApp, Effects, Focused, Target, filter_fields};
use crate::command::{Command, Situation};
use crate::filter_line::Face;
use crate::grid::{LONG, Movement, Reread, editor_id, grid_id};
use crate::open_in::OpenIn;
use crate::panes::{Page, Pane};
use crate::tasks::StagedChange;
use transfer::export::FormatKind;

impl Workspace {
    /// Gives the keyboard to the area after the one that has it, or before it, round the end.
    fn step_area(&mut self, context: &Context, by: isize) {
        let has_record = self.meant_record().is_some();
        let Some(table) = self.view().map(|view| view.meta().table) else {
            self.focus = has_record.then_some(Focused::Record);
            return;
        };
        let focused = context.memory(egui::Memory::focused);
        let here = match focused {
            None => Focused::Grid,
            Some(id) if id == grid_id(table) => Focused::Grid,
            Some(id) if id == filter_fields::search_id(table) => Focused::Search,
            Some(_) if has_record => Focused::Record,
            Some(_) => Focused::Search,
        };
        let areas = Focused::AREAS.into_iter();
        let areas = areas.filter(|area| *area != Focused::Record || has_record);
        let areas: Vec<_> = areas.collect();
        let place = areas.iter().position(|area| *area == here).unwrap_or_default();
        let after = areas.iter().cycle().skip(place);
        let steps = by.rem_euclid(areas.len().cast_signed()).cast_unsigned();
        self.focus = after.copied().nth(steps);
    }

    /// Returns what is going on where an entity is looked at.
    pub(super) fn situation(&self, apart: Situation, context: &Context) -> Situation {
        self.view().map_or(apart, |view| view.situation(apart, context))
    }

    /// Returns whether something is typed in the record that is meant, and can be saved.
    fn is_form_changed(&self) -> bool {
        self.meant_record().is_some_and(|record| record.form.can_save())
    }

    fn step_entity(&mut self, by: isize) {
        let next = self.active_entity().map_or(Some(0), |place| place.checked_add_signed(by));
        if let Some(next) = next {
            self.show_view(next, OpenIn::Here);
        }
    }

    fn step_tab(&mut self, by: isize) {
        self.panes.step(by);
        if let Some(pane) = self.panes.active().cloned() {
            self.show_pane(pane, OpenIn::Here);
        }
    }
}

impl AdminApp {
    /// Returns what is going on now, by which commands are enabled.
    pub(super) fn situation(&self, context: &Context) -> Situation {
        let apart = self.situation_apart(context);
        let now = self.workspace.situation(apart, context);
        let is_refused = |action| self.refuses(action);
        Situation {
            is_drifted: self.is_drifted(),
            refuses_adding: is_refused(Action::Add),
            refuses_changing: is_refused(Action::Change),
            refuses_deleting: is_refused(Action::Delete),
            ..now
        }
    }

    /// Returns whether something may not be done with the rows that are looked at.
    fn refuses(&self, action: Action) -> bool {
        let Some(Pane::Entity(table) | Pane::Record { table, .. }) = self.workspace.panes.active()
        else {
            return false;
        };
        let catalog = &self.program.catalog;
        catalog.entry(table).is_ok_and(|entry| !catalog.may(entry.meta, action))
    }

    /// Returns whether the rows that are looked at are of a table that is not as its entity says.
    fn is_drifted(&self) -> bool {
        let pane = self.workspace.panes.active();
        let Some(Pane::Entity(table) | Pane::Record { table, .. }) = pane else { return false };
        let drift = self.program.catalog.drift();
        drift.iter().any(|drift| drift.table == *table && drift.is_read_only())
    }

    /// Returns what is going on, as far as no entity decides it.
    pub(super) fn situation_apart(&self, context: &Context) -> Situation {
        Situation {
            has_figures: matches!(
                self.workspace.panes.active(),
                Some(Pane::Page(Page::Overview | Page::History | Page::Migrations))
            ),
            has_past: self.workspace.history.has_past(),
            has_future: self.workspace.history.has_future(),
            has_tabs: self.workspace.panes.count() > 1,
            has_row: self
                .workspace
                .records
                .panel
                .as_ref()
                .is_some_and(|record| record.key.is_some()),
            has_record_tab: self.workspace.panes.active().is_some_and(Pane::is_record),
            has_form: self.workspace.meant_record().is_some(),
            has_record_beside: self.workspace.has_record_beside(),
            is_changed: self.workspace.is_form_changed(),
            has_staged: self.workspace.has_staged(),
            can_undo: self.workspace.staged.staging().undoes().next().is_some(),
            can_redo: self.workspace.staged.staging().redoes().next().is_some(),
            is_committing: self.workspace.staged.is_busy(),
            is_read_only: self.program.catalog.is_read_only(),
            is_typing: context.memory(egui::Memory::focused).is_some(),
            has_dialog: self.dialogs.want_answer(),
            is_acting: self.workspace.acting.is_some(),
            has_history: self.workspace.pages.history.is_some(),
            ..Situation::default()
        }
    }

    /// Does what a command says, to the rows of an entity where it is about some.
    pub(super) fn run(&mut self, context: &Context, command: Command, place: Option<usize>) {
        if command.is_about_staged()
            && (self.workspace.is_editing() || self.workspace.has_unstaged(command))
        {
            // What is being typed is staged first.
            let language = self.preferences.texts.language();
            self.workspace.end_all_editing(language, &mut self.effects);
            self.workspace.stage_typed(&mut self.effects);
            let table = self.workspace.entity(place).map(|view| view.meta().table);
            return self.effects.push(Effect::Run { command, table });
        }
        if command.changes_staged() {
            // What was said of what is staged may be true no more.
            self.notice = None;
        }
        match command {
            Command::GoTo => self.dialogs.palette = Some(Palette::new()),
            Command::Back => self.workspace.go_back(),
            Command::Forward => self.workspace.go_forward(),
            Command::GoToRow => self.dialogs.palette = Some(Palette::for_rows()),
            Command::Filter => {
                if let Some(view) = self.workspace.entity_mut(place) {
                    view.type_filter(context, &mut self.effects);
                }
            }
            Command::AddFilter => {
                if let Some(view) = self.workspace.entity_mut(place) {
                    view.line.face = Face::Pills;
                    view.pill_editor = Some(PillEditor::new(None));
                }
            }
            Command::Search => self.workspace.focus = Some(Focused::Search),
            Command::FilterByValue | Command::ExcludeValue => {
                if let Some(view) = self.workspace.entity_mut(place) {
                    view.filter_by_focused(command, &self.preferences.texts, &mut self.effects);
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
            Command::ClearFilter => {
                if let Some(view) = self.workspace.entity_mut(place) {
                    view.clear_filter();
                }
                self.effects.focus(Focused::Grid);
            }
            Command::Refresh => self.refresh(place),
            Command::New => self.workspace.add_row(place, &mut self.effects),
            Command::Open => {
                let view = self.workspace.entity(place);
                if let Some(table) = view.map(|view| view.meta().table) {
                    self.with(|workspace, known, effects| {
                        workspace.open(Target::FocusedRow(table), known, effects);
                    });
                }
            }
            Command::PreviousRecord => {
                self.workspace.step_record(Movement::Up, &mut self.effects);
            }
            Command::NextRecord => {
                self.workspace.step_record(Movement::Down, &mut self.effects);
            }
            Command::OpenInTab => self.workspace.give_tab(place, &mut self.effects),
            Command::OpenReference => {
                let view = self.workspace.entity(place);
                if let Some(target) = view.and_then(EntityView::reference) {
                    self.with(|workspace, known, effects| workspace.open(target, known, effects));
                }
            }
            Command::Delete => {
                self.with(|workspace, known, effects| workspace.delete(place, known, effects));
            }
            Command::Copy => self.copy(context, None, place),
            Command::CopyWithHeaders => self.copy(context, Some(CopyAs::CellsWithHeader), place),
            Command::CopyCsv => self.copy_format(context, FormatKind::Csv, place),
            Command::CopyJson => self.copy_format(context, FormatKind::Json, place),
            Command::CopySql => self.copy_format(context, FormatKind::Sql, place),
            Command::SelectAll => {
                if let Some(view) = self.workspace.entity_mut(place) {
                    view.grid.selection.select_all();
                }
            }
            Command::ClearSelection => {
                if let Some(view) = self.workspace.entity_mut(place) {
                    view.grid.selection.clear();
                }
                self.effects.focus(Focused::Grid);
            }
            Command::ChangeRows => self.ask_to_change_rows(place),
            Command::Export => self.ask_to_export(place),
            Command::Import => self.ask_to_import(place, None),
            Command::EditCell => self.in_entity(place, |view, staged, known, effects| {
                view.begin_editing(None, staged, known, effects);
            }),
            Command::EditLarge => self.in_entity(place, |view, staged, known, effects| {
                view.enlarge(None, staged, known, effects);
            }),
            Command::SetNull => self.in_entity(place, |view, staged, known, effects| {
                view.set_null(staged, known, effects);
            }),
            Command::FillDown => self.in_entity(place, |view, staged, known, effects| {
                view.fill_down(staged, known, effects);
            }),
            Command::Duplicate => {
                self.with(|workspace, known, effects| workspace.duplicate(place, known, effects));
            }
            Command::RevertCells => self.in_entity(place, |view, staged, known, effects| {
                view.revert(staged, known, effects);
            }),
            Command::KeepMine => self.in_entity(place, |view, staged, known, effects| {
                view.keep_mine(staged, known, effects);
            }),
            Command::Undo => self.go_over_staged(StagedChange::Undo),
            Command::Redo => self.go_over_staged(StagedChange::Redo),
            Command::Discard => self.discard_staged(),
            Command::Review => self.review_staged(),
            Command::ShowStaged => self.workspace.show_all_staged(&mut self.effects),
            Command::Commit if self.asks_for_name() => {}
            Command::Commit => self.with(Workspace::commit),
            Command::Save if !self.workspace.is_form_changed() || self.is_in_grid(context) => {
                self.run(context, Command::Commit, place);
            }
            Command::SaveAndNext
                if !self.workspace.is_form_changed() && !self.workspace.has_staged() =>
            {
                self.effects.run(Command::NextRecord);
            }
            Command::SaveAndNext => {
                self.workspace.staged.goes_on = true;
                self.effects.run(Command::Save);
            }
            Command::GiveUpGone => self.go_over_staged(StagedChange::GiveUpGone),
            Command::Save => {
                let saved = self
                    .workspace
                    .meant_record_mut()
                    .and_then(|record| Some((record.number, record.form.save()?)));
                self.workspace.staged.goes_on &= saved.is_some();
                if let Some((number, event)) = saved {
                    self.with(|workspace, known, effects| {
                        workspace.form_event(number, event, known, effects);
                    });
                }
            }
            Command::Help => {
                let view = self.workspace.view().or_else(|| self.workspace.views.get(0));
                let meta = view.map(|view| view.entry.meta);
                let texts = &self.preferences.texts;
                self.dialogs.help = Some(HelpDialog::new(context, meta, texts));
            }
            Command::Close => self.close(context),
            Command::Quit => context.send_viewport_cmd(egui::ViewportCommand::Close),
            Command::NextArea => self.workspace.step_area(context, 1),
            Command::PreviousArea => self.workspace.step_area(context, -1),
            Command::PreviousEntity => self.workspace.step_entity(-1),
            Command::NextEntity => self.workspace.step_entity(1),
            Command::NextTab => self.workspace.step_tab(1),
            Command::PreviousTab => self.workspace.step_tab(-1),
            Command::Statistics => {
                let view = self.workspace.active_entity();
                let view = view.and_then(|view| self.workspace.views.get(view));
                self.workspace.statistics.toggle(view);
            }
            Command::History => {
                self.workspace.show_pane(Pane::Page(Page::History), OpenIn::NewTab);
            }
            Command::Migrations => self.show_migrations(),
            Command::RecordHistory => self.workspace.show_history_of_record(place),
            Command::SplitTab => self.workspace.panes.split(),
            Command::CloseTab => {
                if let Some(pane) = self.workspace.panes.active().cloned() {
                    self.workspace.close_pane(&pane, &self.preferences.texts, &mut self.effects);
                }
            }
            Command::SwitchTheme => self.preferences.switch_theme(context),
            Command::SwitchLanguage => {
                self.preferences.switch_language();
                self.lookups.previews.clear();
            }
            Command::SwitchProduction => self.preferences.switch_production(),
        }
    }

    /// Returns whether the rows have the keyboard, and something is staged.
    fn is_in_grid(&self, context: &Context) -> bool {
        let focused = context.memory(egui::Memory::focused);
        let table = self.workspace.view().map(|view| view.meta().table);
        let is_of = |table| focused == Some(grid_id(table)) || focused == Some(editor_id(table));
        table.is_some_and(is_of) && self.workspace.has_staged()
    }

    /// Changes what is staged of an entity's rows.
    fn in_entity(
        &mut self,
        place: Option<usize>,
        change: impl FnOnce(&mut EntityView, &mut Staged, &Known<'_>, &mut Effects),
    ) {
        self.with(|workspace, known, effects| {
            let view = place.and_then(|place| workspace.views.get_mut(place));
            if let Some(view) = view {
                change(view, &mut workspace.staged, known, effects);
            }
        });
    }

    fn copy_format(&mut self, context: &Context, format: FormatKind, place: Option<usize>) {
        self.copy(context, Some(CopyAs::Format(format)), place);
    }

    /// Copies the focused cell where nothing is selected and nothing else is said, else rows.
    fn copy(&mut self, context: &Context, rows: Option<CopyAs>, place: Option<usize>) {
        let Some(view) = self.workspace.entity(place) else { return };
        let is_of_rows = rows.is_some() || !view.grid.selection.is_empty();
        if is_of_rows && view.refuses_while_selecting(&self.preferences.texts, &mut self.effects) {
            return;
        }
        let (grid, catalog) = (&view.grid, &self.program.catalog);
        match rows {
            None => {
                let cell = self.transfers.copy(context, grid, catalog, &mut self.effects);
                self.workspace.copied_cell = cell;
            }
            Some(how) => Transfers::copy_rows(grid, how, catalog, &mut self.effects),
        }
    }

    /// Asks what to export.
    fn ask_to_export(&mut self, place: Option<usize>) {
        let Some(view) = self.workspace.entity(place) else { return };
        if !view.refuses_while_selecting(&self.preferences.texts, &mut self.effects) {
            self.dialogs.export = Some(ExportDialog::new(view, self.program.catalog.engine()));
        }
    }

    fn refresh(&mut self, place: Option<usize>) {
        self.notice = None;
        self.workspace.views.count_all(&mut self.jobs);
        self.workspace.reread(place, Reread::Here);
        self.workspace.pages.reread();
        self.workspace.statistics.reread();
        self.workspace.records.reread_panel(&mut self.effects);
        self.workspace.records.reread_tabs();
        self.workspace.reread_staged(&mut self.effects);
        look_at_schema(&mut self.effects);
    }

    /// Closes the innermost thing that is open.
    fn close(&mut self, context: &Context) {
        let place = self.workspace.active_entity();
        if egui::Popup::is_any_open(context) {
            egui::Popup::close_all(context);
            self.workspace.focus = Some(Focused::Grid);
            return;
        }
        // The line keeps the keyboard.
        if self.workspace.view_mut().is_some_and(|view| view.completion.dismiss()) {
            return;
        }
        if let Some(view) = self.workspace.view_mut()
            && view.editor.take().is_some()
        {
            self.workspace.focus = Some(Focused::Grid);
            return;
        }
        if self.dialogs.production.take().is_some() {
            self.workspace.staged.goes_on = false;
            return;
        }
        if self.dialogs.migration.take().is_some() {
            return;
        }
        if self.dialogs.help.take().is_some() || self.dialogs.review.take().is_some() {
            self.workspace.focus = Some(Focused::Grid);
            return;
        }
        if self.dialogs.palette.take().is_some() {
            forget_records(&self.workspace, &mut self.effects);
            self.workspace.focus = Some(Focused::Grid);
            return;
        }
        if self.dialogs.closing.take().is_some() {
            return;
        }
        if self.dialogs.cancel_deletion(&mut self.effects)
            || self.dialogs.cancel_bulk(&mut self.effects)
            || self.dialogs.cancel_import(&mut self.effects)
            || self.dialogs.close_large(&mut self.effects)
            || self.dialogs.export.take().is_some()
        {
            return;
        }
        let is_open = |view: &mut EntityView| {
            view.pill_editor.take().is_some()
                | view.values.take().is_some()
                | view.chooser.take().is_some()
        };
        if self.dialogs.name_editor.take().is_some()
            || self.workspace.view_mut().is_some_and(is_open)
        {
            self.workspace.focus = Some(Focused::Grid);
            return;
        }
        // Escape has taken the focus out of a text already.
        let focused = context.memory(egui::Memory::focused);
        let is_filtering = self.workspace.view().is_some_and(|view| {
            let table = view.meta().table;
            let is_typing = view.line.face == Face::Line && focused.is_none();
            is_typing
                || [filter_fields::filter_id(table), filter_fields::search_id(table)]
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
                view.stop_reading(&self.preferences.texts, &mut self.effects);
            }
            return;
        }
        if let Some(view) = self.workspace.view_mut()
            && !view.grid.selection.is_empty()
        {
            view.grid.selection.clear();
            self.effects.focus(Focused::Grid);
            return;
        }
        let view = place.and_then(|place| self.workspace.views.get(place));
        if self.workspace.statistics.close(view, &mut self.effects) {
            return;
        }
        let is_panel = self
            .workspace
            .meant_number()
            .is_some_and(|number| self.workspace.records.is_in_panel(number));
        let Some(record) = self.workspace.meant_record_mut() else { return };
        // A tab stays open: it is closed like any other.
        let event = if is_panel { record.form.close() } else { None };
        let number = record.number;
        if let Some(event) = event {
            self.with(|workspace, known, effects| {
                workspace.form_event(number, event, known, effects);
            });
        } else if !is_panel && let Some(record) = self.workspace.records.get_mut(number) {
            record.form.dismiss();
        }
    }
}
