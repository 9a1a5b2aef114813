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
mod page;
mod palette_view;
mod panes_view;
mod pill_bar;
mod pill_editor;
mod popover;
mod reading;
mod record_panel;
mod record_tabs;
mod related;
mod saved_views;
mod statistics;
mod status_bar;
mod taking;
mod top_bar;
mod value_list;
mod visiting;
mod workspace;
mod writing;

use egui::{CentralPanel, Context, Frame, Panel, Ui};
use persistence::{Catalog, RecordKey};

use crate::command::{Command, Situation};
use crate::error::Error;
use crate::extensions::Extensions;
use crate::form::DeletionDialog;
use crate::i18n::{TextSources, Texts};
use crate::related::Previews;
use crate::settings::{Settings, SettingsFile, SettingsWriter};
use crate::tasks::RecordNumber;
use crate::theme::{self, Theme};
use crate::thumbnails::Thumbnails;
use crate::tr;
use clipboard::OnItsWay;
pub use closing::CloseRequest;
use closing::Closing;
use context::Shown;
use effects::{Effect, Effects};
use notice::Notice;
use palette_view::Palette;
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
    catalog: Catalog,
    target: String,
    /// The window's, for what has no other at hand.
    context: Context,
    /// What names the database in the settings.
    database: String,
    sources: TextSources,
    texts: Texts,
    settings: Settings,
    /// Keeps the settings, where there is a place for them.
    writer: Option<SettingsWriter>,
    /// What other threads work on.
    jobs: Jobs,
    thumbnails: Thumbnails,
    /// What is open.
    workspace: Workspace,
    /// What is to be done once the picture is complete.
    effects: Effects,
    /// Rows that cells under the pointer referred to.
    previews: Previews,
    /// The question whether to delete something.
    deletion: Option<DeletionDialog>,
    /// What is asked before the window closes.
    closing: Option<Closing>,
    /// Whether the window may close, whatever is not saved.
    may_close: bool,
    /// By which others ask the window to close.
    close_request: CloseRequest,
    extensions: Extensions,
    /// The action of the program's own that is being done.
    acting: Option<String>,
    /// What is being put on the clipboard.
    on_its_way: Option<OnItsWay>,
    /// What is being copied or exported.
    taking: Taking,
    /// The box that goes anywhere.
    palette: Option<Palette>,
    /// What opens it, where it is on the screen.
    go_to_area: Option<egui::Rect>,
    notice: Option<Notice>,
    /// The name of a saved view, while it is being typed.
    name_editor: Option<saved_views::NameEditor>,
    /// What came after the first act within one frame.
    later_input: later_input::LaterInput,
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
        let mut app = Self {
            database: saved_views::database_key(&catalog.target()),
            target: catalog.target(),
            name_editor: None,
            later_input: later_input::LaterInput::default(),
            texts: options.texts.texts(options.settings.language()),
            sources: options.texts,
            settings: options.settings,
            writer,
            jobs,
            thumbnails: Thumbnails::default(),
            workspace: Workspace::new(&catalog),
            effects: Effects::default(),
            previews: Previews::default(),
            deletion: None,
            closing: None,
            may_close: false,
            close_request: options.close_request,
            extensions: options.extensions,
            acting: None,
            on_its_way: None,
            taking: Taking::default(),
            palette: None,
            go_to_area: None,
            context: context.clone(),
            notice: options.warning.map(Notice::failure),
            catalog,
        };
        app.close_request.wakes(context);
        app.restore_layouts();
        app.restore_panes();
        app.count_all();
        Ok(app)
    }

    /// Draws what stands in the middle.
    fn middle(&mut self, ui: &mut Ui) {
        let situation = self.situation_apart(ui.ctx());
        let shown = Shown {
            texts: &self.texts,
            catalog: &self.catalog,
            extensions: &self.extensions,
            previews: &self.previews,
            thumbnails: &self.thumbnails,
            situation,
            acting: self.acting.as_deref(),
        };
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
                Effect::ShowFiltered { table, filter } => self.show_filtered(table, &filter),
                Effect::Open(target) => self.open(target),
                Effect::Close(pane) => self.workspace.close_pane(&pane),
                Effect::LetGo(pane) => self.workspace.let_go_of(&pane),
                Effect::Reread(pane) => {
                    if let Some(tab) = self.workspace.records.tab_mut(&pane) {
                        tab.is_stale = true;
                    }
                }
                Effect::Record(number, event) => self.record_event(number, event),
                Effect::ShowStatistics { table, column } => self.show_statistics(table, column),
                Effect::Act(action) => self.act(action),
                Effect::Follow => self.follow_focus(),
                Effect::Preview { table, key } => self.preview(table, key),
                Effect::Image(place) => self.thumbnails.want(place),
                Effect::Tell(notice) => self.notice = Some(notice),
                Effect::Focus(area) => self.workspace.focus = Some(area),
                Effect::Ask(question) => question.ask(&mut self.jobs),
                Effect::Forget(lane) => self.jobs.forget(lane),
                Effect::NoteValues(binds) => self.jobs.note_values(binds),
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

    /// Gives the keyboard to what asked for it.
    fn give_focus(&mut self, context: &Context) {
        let Some(focus) = self.workspace.focus.take() else {
            return;
        };
        if focus == Focused::Record {
            if let Some(record) = self.meant_record_mut() {
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

    /// Remembers how large the window is.
    fn watch_window(&mut self, context: &Context) {
        let (size, is_maximized) = context.input(|input| {
            let window = input.viewport();
            (window.inner_rect.map(|rect| rect.size()), window.maximized)
        });
        self.settings.is_maximized = is_maximized == Some(true);
        if let Some(size) = size.filter(|_| !self.settings.is_maximized) {
            self.settings.window_size = Some([size.x, size.y]);
        }
        self.settings.zoom = context.zoom_factor();
    }

    /// Keeps what the person has chosen.
    fn keep_settings(&self) {
        if let Some(writer) = &self.writer {
            writer.keep(&self.settings);
        }
    }

    /// Says so where settings could not be kept.
    fn watch_settings(&mut self) {
        if let Some(error) = self.writer.as_ref().and_then(SettingsWriter::failure) {
            self.notice = Some(Notice::failure(error.to_string()));
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
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let context = ui.ctx().clone();
        self.watch_window(&context);
        self.watch_clipboard(&context);
        self.settle_panel();
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
            .default_size(self.settings.navigation_width.unwrap_or(look::NAVIGATION))
            .size_range(150.0..=360.0)
            .show(ui, |ui| self.navigation(ui));
        self.settings.navigation_width = Some(navigation.response.rect.width());
        Panel::bottom("status bar")
            .frame(surface.inner_margin(egui::Margin::symmetric(12, 0)))
            .exact_size(look::STATUS_BAR)
            .show(ui, |ui| self.status_bar(ui));
        self.record_panel(ui, surface, &situation);
        self.statistics_panel(ui, surface);
        CentralPanel::no_frame().show(ui, |ui| {
            if self.workspace.views.is_empty() {
                ui.centered_and_justified(|ui| ui.label(tr!(self.texts, "shell-no-entities")));
                return;
            }
            self.middle(ui);
        });
        if let Some(command) = afterwards {
            self.effects.run(command);
        }
        self.apply(&context);
        self.settle_record_tabs();
        self.deletion_dialog(&context);
        self.closing_dialog(&context);
        self.export_dialog(&context);
        self.palette(&context, &situation);
        self.give_focus(&context);
        self.watch_layout(&context);
        self.watch_panes(&context);
        self.watch_visits(&context);
        self.ask_for_labels();
        self.ask_for_rows(&context);
        self.ask_for_records(&context);
        self.save_again(&context);
        self.survey();
        self.ask_for_images();
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.keep_settings();
        // Waits until they are written.
        self.writer = None;
        self.end_taking();
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}
