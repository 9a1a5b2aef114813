//! What is open above the rest of the window, and wants an answer.

use egui::{Context, Rect};

use super::Effects;
use super::Focused;
use super::Jobs;
use super::bulk::BulkDialog;
use super::closing::{CloseRequest, Closing};
use super::effects::Effect;
use super::export_dialog::{ExportChoice, ExportDialog};
use super::help_dialog::HelpDialog;
use super::import_dialog::ImportDialog;
use super::large_editor::LargeEditor;
use super::migration_question::MigrationQuestion;
use super::name_editor::NameEditor;
use super::palette_view::{Palette, Reach};
use super::production::ProductionQuestion;
use super::review::{Review, ReviewChoice};
use crate::command::Command;
use crate::form::DeletionDialog;
use crate::i18n::Texts;

/// What is open above the rest of the window.
pub(super) struct Dialogs {
    /// The question whether to delete something.
    pub deletion: Option<DeletionDialog>,
    /// What is asked before the window closes.
    pub closing: Option<Closing>,
    /// Whether the window may close, whatever is not saved.
    pub may_close: bool,
    /// By which others ask the window to close.
    pub close_request: CloseRequest,
    /// The question what is to become of many rows.
    pub bulk: Option<BulkDialog>,
    /// The question what to export.
    pub export: Option<ExportDialog>,
    /// The question which rows to take in.
    pub import: Option<ImportDialog>,
    /// A value in a field as large as the window allows.
    pub large: Option<LargeEditor>,
    /// The question for the name of a database in production.
    pub production: Option<ProductionQuestion>,
    /// The question whether to run or revert migrations.
    pub migration: Option<MigrationQuestion>,
    /// The statements that a commit will run.
    pub review: Option<Review>,
    /// The keys, and what a typed filter may say.
    pub help: Option<HelpDialog>,
    /// The box that goes anywhere.
    pub palette: Option<Palette>,
    /// The name of a saved view, while it is being typed.
    pub name_editor: Option<NameEditor>,
}

impl Dialogs {
    /// Starts without any, in a window that others may ask to close.
    pub const fn new(close_request: CloseRequest) -> Self {
        Self {
            deletion: None,
            closing: None,
            may_close: false,
            close_request,
            bulk: None,
            export: None,
            import: None,
            large: None,
            production: None,
            migration: None,
            review: None,
            help: None,
            palette: None,
            name_editor: None,
        }
    }

    /// Returns whether one of them wants an answer before anything else is done.
    pub const fn want_answer(&self) -> bool {
        self.palette.is_some()
            || self.deletion.is_some()
            || self.closing.is_some()
            || self.bulk.is_some()
            || self.export.is_some()
            || self.import.is_some()
            || self.large.is_some()
            || self.production.is_some()
            || self.migration.is_some()
            || self.review.is_some()
            || self.help.is_some()
    }

    /// Draws the question what to export, and begins when it is answered.
    pub fn show_export(
        &mut self,
        context: &Context,
        texts: &Texts,
        is_busy: bool,
        effects: &mut Effects,
    ) {
        let Some(dialog) = &mut self.export else { return };
        let Some(choice) = dialog.show(context, texts, is_busy) else { return };
        self.export = None;
        effects.focus(Focused::Grid);
        if let ExportChoice::Export(export, path) = choice {
            effects.push(Effect::Export(export, path));
        }
    }

    /// Draws the question which rows to take in, and how far that is.
    pub fn show_import(
        &mut self,
        context: &Context,
        texts: &Texts,
        jobs: &Jobs,
        effects: &mut Effects,
    ) {
        let Some(dialog) = &mut self.import else { return };
        if !dialog.show(context, texts, jobs, effects) {
            self.import = None;
            effects.focus(Focused::Grid);
        }
    }

    /// Draws the statements that a commit will run.
    pub fn show_review(&mut self, context: &Context, texts: &Texts, effects: &mut Effects) {
        let Some(review) = &self.review else { return };
        match review.show(context, texts) {
            None => {}
            Some(ReviewChoice::Copy) => context.copy_text(review.text()),
            Some(choice) => {
                self.review = None;
                effects.focus(Focused::Grid);
                if choice == ReviewChoice::Commit {
                    effects.run(Command::Commit);
                }
            }
        }
    }

    /// Draws the keys, and what a typed filter may say.
    pub fn show_help(&mut self, context: &Context, texts: &Texts, effects: &mut Effects) {
        let Some(help) = &mut self.help else { return };
        if !help.show(context, texts) {
            self.help = None;
            effects.focus(Focused::Grid);
        }
    }

    /// Draws the box that goes anywhere beneath what opens it.
    pub fn show_palette<'a>(
        &mut self,
        context: &Context,
        anchor: Option<Rect>,
        effects: &mut Effects,
        reach: impl FnOnce() -> Reach<'a>,
    ) {
        let Some(palette) = &mut self.palette else { return };
        if !palette.show(context, anchor, reach(), effects) {
            self.palette = None;
        }
    }

    /// Draws the field for the name of a saved view.
    pub fn show_name_editor(
        &mut self,
        context: &Context,
        anchor: Rect,
        texts: &Texts,
        effects: &mut Effects,
    ) {
        let Some(editor) = &mut self.name_editor else { return };
        if !editor.show(context, anchor, texts, effects) {
            self.name_editor = None;
        }
    }
}
