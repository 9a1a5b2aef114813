//! Closing the window: not before what was typed has been asked about.

use egui::{Context, UserAttentionType, ViewportCommand};
use persistence::{EntityMeta, Record};

use super::closing::{ClosingChoice, MOST_NAMED};
use super::context::Known;
use super::dialogs::Dialogs;
use super::large_editor::LargeEditor;
use super::open_records::OpenRecord;
use super::workspace::Workspace;
use super::{Effects, Notice};
use crate::command::Command;
use crate::row_name::row_name;
use crate::tr;

/// Characters of a record's name that are shown.
const LONGEST_NAME: usize = 80;

impl Workspace {
    /// Returns whether something would be lost by closing the window.
    fn is_unsaved(&self) -> bool {
        let is_typed = self.has_typed() || self.keeps_open();
        is_typed || self.is_saving() || self.has_staged() || self.staged.is_busy()
    }

    /// Returns whether something is typed that is only kept once it is saved.
    fn keeps_open(&self) -> bool {
        self.records.all().any(OpenRecord::keeps_open)
    }

    /// Returns whether a record is being written.
    fn is_saving(&self) -> bool {
        self.records.all().any(|record| record.form.is_saving())
    }

    /// Returns what rows are called of which something is staged: the first of them.
    fn staged_names<'w>(&'w self, known: &'w Known<'_>) -> impl Iterator<Item = String> + 'w {
        let staging = self.staged.staging();
        let rows = staging.rows().take(MOST_NAMED);
        rows.filter_map(move |(row, _)| {
            let meta = staging.entity(&row.table)?;
            Some(name_of(meta, staging.stored(row), known))
        })
    }
}

impl Dialogs {
    /// Closes the window when that is wanted, and not before what was typed has been asked about.
    pub(super) fn watch_closing(
        &mut self,
        context: &Context,
        workspace: &mut Workspace,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        if self.close_request.take() {
            context.send_viewport_cmd(ViewportCommand::Close);
        }
        let is_requested = context.input(|input| input.viewport().close_requested());
        if !is_requested && self.closing.is_none() {
            return;
        }
        // As it is before what is being typed is on its way to be staged.
        let is_unsaved =
            workspace.is_unsaved() || self.large.as_ref().is_some_and(LargeEditor::is_changed);
        if is_requested {
            self.take_large(known.texts.language(), effects);
            workspace.end_all_editing(known.texts.language(), effects);
            workspace.stage_typed(effects);
        }
        if is_requested && is_unsaved && !self.may_close {
            context.send_viewport_cmd(ViewportCommand::CancelClose);
            // It may be hidden, and whoever ends the session waits.
            context.send_viewport_cmd(ViewportCommand::Minimized(false));
            context.send_viewport_cmd(ViewportCommand::Focus);
            let attention = UserAttentionType::Informational;
            context.send_viewport_cmd(ViewportCommand::RequestUserAttention(attention));
            self.closing.get_or_insert_default();
        }
        let Some(is_saving) = self.closing.as_ref().map(|closing| closing.is_saving) else {
            return;
        };
        let is_at_rest = workspace.staged.is_settled() && !workspace.is_saving();
        if !is_unsaved {
            self.close_now(context);
        } else if is_saving && is_at_rest && !workspace.has_typed() {
            // Why it is not written is said already.
            self.closing = None;
            if !workspace.has_staged() {
                effects.tell(Notice::failure(tr!(known.texts, "form-without-key")));
            }
        }
    }

    fn close_now(&mut self, context: &Context) {
        self.closing = None;
        self.may_close = true;
        context.send_viewport_cmd(ViewportCommand::Close);
    }

    /// Asks what is to be done with what is not saved.
    pub(super) fn show_closing(
        &mut self,
        context: &Context,
        workspace: &Workspace,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let Some(closing) = &mut self.closing else { return };
        let labels: Vec<String> = workspace.staged_names(known).collect();
        let kept = workspace.records.all().filter(|record| record.keeps_open()).count();
        let count = workspace.staged.staging().len() + kept;
        match closing.show(context, known.texts, &labels, count) {
            None => {}
            Some(ClosingChoice::Save) => {
                closing.is_saving = true;
                effects.run(Command::Commit);
            }
            // What is being written cannot be taken back by that.
            Some(ClosingChoice::Discard) if workspace.staged.is_committing => {
                effects.tell(Notice::failure(tr!(known.texts, "staged-committing")));
            }
            Some(ClosingChoice::Discard) => {
                effects.run(Command::Discard);
                self.close_now(context);
            }
            Some(ClosingChoice::Cancel) => self.closing = None,
        }
    }
}

/// Returns what a row is called in messages: "Solaris (Books)"; `row` is nothing where it is new.
fn name_of(meta: &EntityMeta, row: Option<&Record>, known: &Known<'_>) -> String {
    let Some(row) = row else {
        return tr!(known.texts, "form-new", entity = known.texts.entity_one(meta));
    };
    let label: String = row_name(meta, row).chars().take(LONGEST_NAME).collect();
    format!("{label} ({})", known.texts.entity(meta))
}
