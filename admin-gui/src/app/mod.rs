//! The window: what is open, and how its parts hang together.

mod actions;
mod answers;
mod arranging;
mod clipboard;
mod closing;
mod column_chooser;
mod commands;
mod context;
mod counting;
mod deleting;
mod dialogs;
mod effects;
mod entity_view;
mod export_dialog;
mod filter_bar;
mod images;
mod later_input;
mod look;
mod navigation;
mod notice;
mod open_records;
mod opening;
mod page;
mod palette_view;
mod panes_view;
mod pill_bar;
mod pill_editor;
mod popover;
mod preferences;
mod reading;
mod record_panel;
mod record_tabs;
mod related;
mod saved_views;
mod saving;
mod statistics;
mod status_bar;
mod taking;
mod top_bar;
mod value_list;
mod visiting;
mod workspace;
mod writing;

use std::time::Instant;

use egui::{CentralPanel, Context, Frame, Panel, Ui};
use persistence::{Catalog, RecordKey};

use crate::command::{Command, Situation};
use crate::error::Error;
use crate::extensions::Extensions;
use crate::i18n::TextSources;
use crate::related::Previews;
use crate::settings::{Settings, SettingsFile, SettingsWriter};
use crate::tasks::RecordNumber;
use crate::theme::{self, Theme};
use crate::thumbnails::Thumbnails;
use crate::tr;
pub use closing::CloseRequest;
use context::{Known, Shown};
use dialogs::Dialogs;
use effects::{Effect, Effects};
use notice::Notice;
use preferences::{Preferences, database_key};
use reading::MOMENT;
use taking::Taking;
pub(crate) use top_bar::short_target;
use workspace::Workspace;

/// How an admin's window is to be.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The application's own texts: names of its entities and columns.
    pub texts: TextSources,
    /// What the person has chosen before.
    pub settings: Settings,
    /// Where to keep what the person chooses; nowhere if `None`.
    pub settings_file: Option<SettingsFile>,
    /// What to tell the person at first: settings that could not be read.
    pub warning: Option<String>,
    /// By which others ask the window to close.
    pub close_request: CloseRequest,
    /// What the program adds.
    pub extensions: Extensions,
}

/// The admin of a catalog: everything but the window system.
pub struct AdminApp {
    /// The window's, for what has no other at hand.
    window: Context,
    program: Program,
    preferences: Preferences,
    /// What other threads work on.
    jobs: Jobs,
    lookups: Lookups,
    /// What is open.
    workspace: Workspace,
    dialogs: Dialogs,
    /// What is being copied or exported.
    taking: Taking,
    /// What has just happened.
    notice: Option<Notice>,
    /// What is to be done once the picture is complete.
    effects: Effects,
    /// What came after the first act within one frame.
    later_input: later_input::LaterInput,
}

/// What the program shows.
struct Program {
    catalog: Catalog,
    /// What the catalog is connected to.
    target: String,
    /// What the program adds.
    extensions: Extensions,
}

/// What has been read to be looked at in passing.
#[derive(Default)]
struct Lookups {
    /// Rows that cells under the pointer referred to.
    previews: Previews,
    thumbnails: Thumbnails,
}

/// The threads that work for the window.
type Jobs = crate::jobs::Jobs<AdminApp>;

/// What is to be shown in the panel at the right.
#[derive(Clone, Debug)]
enum Target {
    /// The focused row of an entity, by its table.
    FocusedRow(&'static str),
    /// A row of an entity, by its key.
    Row { table: &'static str, key: RecordKey },
    /// A new row of an entity, by its table.
    New(&'static str),
    /// A new row with the values of one that is open.
    Copy(RecordNumber),
}

/// What is to have the keyboard next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Focused {
    Grid,
    Filter,
    Search,
    Record,
}

impl Focused {
    /// What the keyboard goes through from one area to the next.
    const AREAS: [Self; 3] = [Self::Grid, Self::Record, Self::Search];
}

impl AdminApp {
    /// An admin of a catalog, in a window that `context` draws.
    ///
    /// # Errors
    /// [`Error::Thread`] when the system has no more threads.
    pub fn new(context: &Context, catalog: Catalog, options: Options) -> Result<Self, Error> {
        theme::install(context);
        theme::choose(context, options.settings.appearance);
        context.set_zoom_factor(options.settings.zoom());
        let wake = || {
            let context = context.clone();
            move || context.request_repaint()
        };
        let jobs = Jobs::start(&catalog, wake())?;
        let writer = options.settings_file;
        let read = options.settings.clone();
        let writer = writer.map(|file| SettingsWriter::start(file, read, wake()));
        let writer = writer.transpose()?;
        options.close_request.wakes(context);
        let target = catalog.target();
        let mut app = Self {
            window: context.clone(),
            preferences: Preferences {
                database: database_key(&target),
                texts: options.texts.texts(options.settings.language()),
                sources: options.texts,
                settings: options.settings,
                writer,
            },
            jobs,
            lookups: Lookups::default(),
            workspace: Workspace::new(&catalog),
            dialogs: Dialogs::new(options.close_request),
            taking: Taking::default(),
            notice: options.warning.map(Notice::failure),
            effects: Effects::default(),
            later_input: later_input::LaterInput::default(),
            program: Program { catalog, target, extensions: options.extensions },
        };
        app.restore_layouts();
        app.restore_panes();
        app.count_all();
        Ok(app)
    }

    /// What the window's state is changed with.
    const fn known(&self) -> Known<'_> {
        Known { texts: &self.preferences.texts, catalog: &self.program.catalog }
    }

    /// Changes what is open.
    fn with<R>(&mut self, change: impl FnOnce(&mut Workspace, &Known<'_>, &mut Effects) -> R) -> R {
        let known = Known { texts: &self.preferences.texts, catalog: &self.program.catalog };
        change(&mut self.workspace, &known, &mut self.effects)
    }

    /// Draws what stands in the middle.
    fn middle(&mut self, ui: &mut Ui) {
        let situation = self.situation_apart(ui.ctx());
        let shown = Shown::new(&self.program, &self.preferences, &self.lookups, situation);
        let shown = Shown { is_acting: self.workspace.acting.is_some(), ..shown };
        self.workspace.show(ui, &shown, &mut self.jobs, &mut self.effects);
    }

    /// Does what has been asked for.
    fn apply(&mut self, context: &Context) {
        for effect in self.effects.take() {
            match effect {
                Effect::Run { command, table } => {
                    let place = table.and_then(|table| self.workspace.place_of(table));
                    let place = place.or_else(|| self.workspace.active_entity());
                    self.run(context, command, place);
                }
                Effect::Show(pane, place) => self.workspace.show_pane(pane, place),
                Effect::ShowFiltered { table, filter } => {
                    self.workspace.show_filtered(table, &filter);
                }
                Effect::Open(target) => {
                    self.with(|workspace, known, effects| workspace.open(target, known, effects));
                }
                Effect::Close(pane) => self.workspace.close_pane(&pane),
                Effect::LetGo(pane) => self.workspace.let_go_of(&pane),
                Effect::Reread(pane) => {
                    if let Some(tab) = self.workspace.records.tab_mut(&pane) {
                        tab.is_stale = true;
                    }
                }
                Effect::Record(number, event) => self.with(|workspace, known, effects| {
                    workspace.record_event(number, event, known, effects);
                }),
                Effect::ShowStatistics { table, column } => {
                    self.workspace.show_statistics(table, column);
                }
                Effect::Act(action) => self.act(action),
                Effect::Follow => {
                    self.with(workspace::Workspace::follow_focus);
                }
                Effect::Preview { table, key } => self.preview(table, key),
                Effect::Image(place) => self.lookups.thumbnails.want(place),
                Effect::Tell(notice) => self.notice = Some(notice),
                Effect::Focus(area) => self.workspace.focus = Some(area),
                Effect::Ask(question) => question.ask(&mut self.jobs),
                Effect::Forget(lane) => self.jobs.forget(lane),
                Effect::NoteValues(binds) => self.jobs.note_values(binds),
                Effect::Written { table, changes, along } => {
                    self.written(table, &changes, &along);
                }
                Effect::WrittenByOthers(table) => self.written_by_others(table),
                Effect::ForgetLookups => {
                    self.lookups.previews.clear();
                    self.forget_images();
                }
                Effect::RecordImage(number, field) => self.image_of_record(number, field),
                Effect::AskToDelete(question) => {
                    let (dialog, source) = *question;
                    self.ask_whether_to_delete(dialog, source);
                }
                Effect::Hush => self.notice = None,
                Effect::Log(report) => self.workspace.pages.log(&report),
            }
            // What follows from it comes before what was asked for after it.
            self.apply(context);
        }
    }

    /// Asks what the rows are called that pills on the screen name.
    fn ask_for_labels(&mut self) {
        for place in self.workspace.visible_entities() {
            if let Some(view) = self.workspace.views.get_mut(place) {
                view.ask_for_labels(&mut self.jobs);
            }
        }
    }

    /// Asks for records whose tabs can be seen. Those that come in a moment are drawn at once.
    fn read_records(&mut self, context: &Context) {
        let awaited = self.workspace.ask_for_records(&mut self.effects);
        self.apply(context);
        if context.current_pass_index() > 0 {
            return;
        }
        let until = Instant::now() + MOMENT;
        for lane in awaited {
            if let Some(arrived) = self.jobs.arrives(lane, until) {
                self.take_answer(arrived);
                context.request_discard("a record has come in a moment");
            }
        }
    }

    /// Gives the keyboard to what asked for it.
    fn give_focus(&mut self, context: &Context) {
        let Some(focus) = self.workspace.focus.take() else {
            return;
        };
        if focus == Focused::Record {
            if let Some(record) = self.workspace.meant_record_mut() {
                record.form.focus_first();
            }
            return;
        }
        let Some(view) = self.workspace.view() else { return };
        let id = match focus {
            Focused::Grid | Focused::Record => crate::grid::grid_id(view.meta().table),
            Focused::Filter => filter_bar::filter_id(view.meta().table),
            Focused::Search => filter_bar::search_id(view.meta().table),
        };
        context.memory_mut(|memory| memory.request_focus(id));
    }

    /// Says so where settings could not be kept.
    fn watch_settings(&mut self) {
        if let Some(error) = self.preferences.failure() {
            self.notice = Some(Notice::failure(error));
        }
    }
}

impl eframe::App for AdminApp {
    fn raw_input_hook(&mut self, context: &Context, input: &mut egui::RawInput) {
        if self.later_input.hold_back(input) {
            context.request_repaint();
        }
    }

    fn logic(&mut self, context: &Context, _frame: &mut eframe::Frame) {
        self.take_answers();
        self.watch_settings();
        self.poll_taking(context);
        self.watch_closing(context);
        self.apply(context);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let context = ui.ctx().clone();
        self.preferences.watch_window(&context);
        self.watch_clipboard(&context);
        self.workspace.settle_panel(&mut self.effects);
        let situation = self.situation(&context);
        // Whether there is anything to save is known once what is typed at the moment has been taken.
        let may_be_changed = Situation { is_changed: situation.has_form, ..situation };
        let pressed = context.input_mut(|input| Command::pressed(input, &may_be_changed));
        // What was typed in the same moment is part of what is to be written.
        let (now, afterwards): (Option<Command>, Option<Command>) = match pressed {
            Some(Command::Save) => (None, pressed),
            _ => (pressed, None),
        };
        if let Some(command) = now {
            self.run(&context, command, self.workspace.active_entity());
        }
        self.apply(&context);
        let theme = Theme::of(&context);
        let surface = Frame::new().fill(theme.colors.surface);
        Panel::top("top bar")
            .frame(self.top_bar_frame(theme))
            .exact_size(look::TOP_BAR)
            .show(ui, |ui| self.top_bar(ui, &situation));
        let navigation = Panel::left("navigation")
            .frame(surface.inner_margin(egui::Margin::symmetric(10, 12)))
            .default_size(self.preferences.settings.navigation_width.unwrap_or(look::NAVIGATION))
            .size_range(150.0..=360.0)
            .show(ui, |ui| self.navigation(ui));
        self.preferences.settings.navigation_width = Some(navigation.response.rect.width());
        Panel::bottom("status bar")
            .frame(surface.inner_margin(egui::Margin::symmetric(12, 0)))
            .exact_size(look::STATUS_BAR)
            .show(ui, |ui| self.status_bar(ui));
        self.record_panel(ui, surface, &situation);
        self.statistics_panel(ui, surface);
        CentralPanel::no_frame().show(ui, |ui| {
            if self.workspace.views.is_empty() {
                ui.centered_and_justified(|ui| {
                    ui.label(tr!(self.preferences.texts, "shell-no-entities"))
                });
                return;
            }
            self.middle(ui);
        });
        if let Some(command) = afterwards {
            self.effects.run(command);
        }
        self.apply(&context);
        self.workspace.settle_record_tabs(&mut self.effects);
        self.deletion_dialog(&context);
        self.closing_dialog(&context);
        self.export_dialog(&context);
        self.palette(&context, &situation);
        self.give_focus(&context);
        self.watch_layout(&context);
        self.watch_panes(&context);
        self.workspace.watch_visits(&context, &mut self.effects);
        self.ask_for_labels();
        self.ask_for_rows(&context);
        self.read_records(&context);
        self.with(|workspace, known, effects| workspace.save_again(&context, known, effects));
        self.survey();
        self.ask_for_images();
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.preferences.keep();
        // Waits until they are written.
        self.preferences.writer = None;
        self.end_taking();
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}
