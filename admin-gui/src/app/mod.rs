//! The window: what is open, and how its parts hang together.

mod action_buttons;
mod actions;
mod after_write;
mod answers;
mod arranged;
mod asking;
mod bulk;
mod cell_choices;
mod cell_editing;
mod children;
mod children_view;
mod clipboard;
mod closing;
mod column_chooser;
mod column_commands;
mod commands;
mod committing;
mod completion_list;
mod context;
mod deleting;
mod dialog_line;
mod dialogs;
mod drift_bar;
mod effects;
mod entity_pane;
mod entity_view;
mod entity_views;
mod export_dialog;
mod fetching;
mod filter_bar;
mod filter_fields;
mod frame;
mod help_dialog;
mod history_page;
mod import_dialog;
mod large_editor;
mod later_input;
mod leaving;
mod lock_wait;
mod lookups;
mod migration_question;
mod migrations_page;
mod name_editor;
mod navigating;
mod navigation;
mod navigation_line;
mod new_rows;
mod notice;
mod open_records;
mod opening;
mod page;
mod palette_view;
mod panes_view;
mod pasting;
mod pill_bar;
mod pill_editor;
mod popover;
mod preferences;
mod production;
mod program;
mod progress;
mod record_event;
mod record_panel;
mod record_tabs;
mod record_topics;
mod related;
mod review;
mod row_counts;
mod saved_views;
mod saving;
mod selection_sum;
mod staged;
mod staged_overlay;
mod staged_work;
mod staging_bar;
mod statistics;
mod status_bar;
mod target;
mod top_bar;
mod transfers;
mod typed;
mod typed_filter;
mod value_list;
mod view_action;
mod visit;
mod widgets;
mod workspace;

use std::path::PathBuf;

use egui::Context;
use persistence::Catalog;

use crate::error::Error;
use crate::extensions::Extensions;
use crate::i18n::TextSources;
use crate::jobs::let_go;
use crate::kept_staging::KeptStaging;
use crate::panes::{Page, Pane};
use crate::settings::{KeptSettings, Settings, SettingsFile};
use crate::theme;
use asking::Effects;
pub use closing::CloseRequest;
use context::Known;
use dialogs::Dialogs;
use effects::Effect;
use lookups::Lookups;
use notice::Notice;
use preferences::{Preferences, database_key};
use program::Program;
use target::{Focused, Target};
pub(crate) use top_bar::short_target;
use transfers::Transfers;
use workspace::Workspace;

/// How many rows one change of a column stages at most, where the program does not say.
const MOST_STAGED: u64 = 100_000;

/// How an admin's window is to be.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The application's own texts: names of its entities and columns.
    pub texts: TextSources,
    /// What the person has chosen before.
    pub settings: Settings,
    /// Where to keep what the person chooses; nowhere if `None`.
    pub settings_file: Option<SettingsFile>,
    /// In which folder to keep what is staged, until it is written; nowhere if `None`: then it ends with the
    /// window.
    pub journals: Option<PathBuf>,
    /// What to tell the person at first: settings that could not be read.
    pub warning: Option<String>,
    /// By which others ask the window to close.
    pub close_request: CloseRequest,
    /// Whether the system's clipboard is used, which takes tables as well as texts.
    pub has_system_clipboard: bool,
    /// How many rows one change of a column stages at most, so that it can be looked at and undone: those of a change
    /// of more are written at once. 100,000 if `None`.
    pub most_staged: Option<u64>,
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
    transfers: Transfers,
    /// What has just happened.
    notice: Option<Notice>,
    /// What is to be done once the picture is complete.
    effects: Effects,
    /// What came after the first act within one frame.
    later_input: later_input::LaterInput,
}

/// The threads that work for the window.
type Jobs = crate::jobs::Jobs<AdminApp>;

impl AdminApp {
    /// Opens an admin of a catalog, in a window that `context` draws.
    ///
    /// # Errors
    /// [`Error::Thread`] when the system has no more threads.
    pub fn new(context: &Context, catalog: Catalog, options: Options) -> Result<Self, Error> {
        theme::install(context);
        theme::choose(context, options.settings.appearance);
        context.set_zoom_factor(options.settings.zoom());
        let window = context.clone();
        let jobs = Jobs::start(&catalog, move || window.request_repaint())?;
        let read = options.settings.clone();
        let kept = options.settings_file.map(|file| KeptSettings::new(file, read));
        options.close_request.wakes(context);
        let target = catalog.target();
        let journals = options.journals.filter(|_| !catalog.is_read_only());
        let kept_staging = KeptStaging::new(journals, database_key(&target), catalog.entries());
        let mut app = Self {
            window: context.clone(),
            preferences: Preferences {
                database: database_key(&target),
                texts: options.texts.texts(options.settings.language()),
                sources: options.texts,
                settings: options.settings,
                kept,
                has_changed: false,
            },
            jobs,
            lookups: Lookups::default(),
            workspace: Workspace::new(&catalog, kept_staging),
            dialogs: Dialogs::new(options.close_request),
            transfers: Transfers::new(options.has_system_clipboard),
            notice: options.warning.map(Notice::failure),
            effects: Effects::default(),
            later_input: later_input::LaterInput::default(),
            program: Program {
                catalog,
                target,
                most_staged: options.most_staged.unwrap_or(MOST_STAGED),
                extensions: options.extensions,
            },
        };
        app.workspace.restore_layouts(&app.preferences);
        app.workspace.restore_panes(&app.preferences);
        app.workspace.views.count_all(&mut app.jobs);
        app.recover();
        migrations_page::look_at_schema(&mut app.effects);
        app.apply();
        Ok(app)
    }

    /// Returns whether nothing is waited for: every question to the database is answered, and every
    /// copy, export and change of settings is done or has failed. For tests of a program's admin.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.jobs.are_done()
    }

    /// Returns what the window's state is changed with.
    const fn known(&self) -> Known<'_> {
        Known::new(&self.preferences, &self.program)
    }

    /// Changes what is open.
    fn with<R>(&mut self, change: impl FnOnce(&mut Workspace, &Known<'_>, &mut Effects) -> R) -> R {
        let known = Known::new(&self.preferences, &self.program);
        change(&mut self.workspace, &known, &mut self.effects)
    }

    /// Does what has been asked for.
    fn apply(&mut self) {
        let context = self.window.clone();
        for effect in self.effects.take() {
            match effect {
                Effect::Run { command, table } => {
                    let place = match table {
                        Some(table) => self.workspace.views.place_of(table),
                        None => self.workspace.active_entity(),
                    };
                    self.run(&context, command, place);
                }
                Effect::Show(pane, place) => self.workspace.show_pane(pane, place),
                Effect::ShowFiltered { table, filter } => {
                    self.workspace.show_filtered(table, &filter);
                }
                Effect::Open(target) => {
                    self.with(|workspace, known, effects| workspace.open(target, known, effects));
                }
                Effect::Close(pane) => {
                    self.workspace.close_pane(&pane, &self.preferences.texts, &mut self.effects);
                }
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
                    if let Some(view) = self.workspace.views.of(table) {
                        self.workspace.statistics.show(view, column);
                    }
                }
                Effect::Act(action) => self.act(action),
                Effect::Follow => {
                    self.workspace.follow_staged();
                    self.with(Workspace::follow_focus);
                }
                Effect::Preview { table, key } => {
                    let catalog = &self.program.catalog;
                    self.lookups.preview(table, key, catalog, &mut self.jobs);
                }
                Effect::Image(place) => self.lookups.thumbnails.want(place),
                Effect::Tell(notice) => self.notice = Some(notice),
                Effect::Focus(area) => self.workspace.focus = Some(area),
                Effect::Ask(question) => question.ask(&mut self.jobs),
                Effect::Forget(lane) => self.jobs.forget(lane),
                Effect::Stop(lane) => self.jobs.stop(lane),
                Effect::NoteValues(binds) => self.jobs.note_values(binds),
                Effect::Written { rows, along } => {
                    self.workspace.staged.written(&rows);
                    if rows.len() > staged::MOST_AT_ONCE {
                        self.workspace.views.much_written(&rows, &along, &mut self.jobs);
                        let_go(rows);
                    } else {
                        self.workspace.views.written(rows, &along, &mut self.jobs);
                    }
                }
                Effect::WrittenByOthers(table) => {
                    self.workspace.views.written_by_others(table, &mut self.jobs);
                }
                Effect::RereadStaged => self.reread_many_staged(),
                Effect::ForgetLookups => self.lookups.forget(&mut self.jobs),
                Effect::RecordImage(number, field) => {
                    if let Some(record) = self.workspace.records.get_mut(number) {
                        self.lookups.show_image(&mut record.form, field);
                    }
                }
                Effect::Paste { table, text } => self.paste(table, text),
                // One that comes late is not put above what has been opened meanwhile.
                Effect::Enlarge(_) if self.dialogs.want_answer() => {}
                Effect::Enlarge(editor) => self.dialogs.large = Some(*editor),
                Effect::Refer { table, change } => self.with(|workspace, known, effects| {
                    workspace.refer(table, change, known, effects);
                }),
                Effect::Stage { table, changes } => self.with(|workspace, known, effects| {
                    workspace.stage(table, changes, known, effects);
                }),
                Effect::AskAgainToDelete(planned) => self.ask_again_to_delete(*planned),
                Effect::AskToDelete(question) => {
                    let (dialog, source) = *question;
                    self.dialogs.ask_whether_to_delete(dialog, source, &mut self.effects);
                }
                Effect::View(action) => self.view_action(action),
                Effect::GoTo(destination) => self.go_to(destination),
                Effect::Export(export, path) => {
                    self.transfers.export(*export, path, &mut self.effects);
                }
                Effect::AskToMigrate(step, names) => self.ask_to_migrate(&context, step, names),
                Effect::StopMigrating => self.workspace.pages.migrations.migrations.stop(),
                Effect::Hush => self.notice = None,
                Effect::Log(report) => {
                    self.workspace.pages.log(&report);
                    if self.workspace.shows(&Pane::Page(Page::QueryLog)) {
                        context.request_repaint();
                    }
                }
            }
            // What follows from it comes before what was asked for after it.
            self.apply();
        }
    }
}
