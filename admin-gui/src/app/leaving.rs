//! Closing the window: not before what was typed has been asked about.

use egui::{Context, UserAttentionType, ViewportCommand};

use super::closing::ClosingChoice;
use super::context::Known;
use super::dialogs::Dialogs;
use super::effects::Effect;
use super::open_records::OpenRecord;
use super::open_records::OpenRecords;
use super::workspace::Workspace;
use super::{Effects, Notice};
use crate::command::Command;
use crate::open_in::OpenIn;
use crate::row_name::row_name;
use crate::tasks::RecordNumber;
use crate::tr;

/// Characters of a record's name that are shown.
const LONGEST_NAME: usize = 80;

impl Workspace {
    /// Shows a record that is open: saving it needs a person.
    fn show_open_record(&mut self, number: RecordNumber) {
        let beside = self.records.put_by.iter().find(|record| record.number == number);
        if let Some(beside) = beside.map(|record| record.beside) {
            self.show_view(beside, OpenIn::Here);
        } else if let Some(pane) = self.records.tab_of(number).map(|tab| tab.pane()) {
            self.show_pane(pane, OpenIn::Here);
        }
    }

    /// Saves everything in which something was typed.
    pub(super) fn save_all(&mut self, known: &Known<'_>, effects: &mut Effects) {
        let numbers: Vec<_> = self.records.unsaved().map(|record| record.number).collect();
        for number in numbers {
            let event = self.records.get_mut(number).and_then(|record| record.form.save());
            if let Some(event) = event {
                self.form_event(number, event, known, effects);
            }
        }
        effects.run(Command::Commit);
    }

    /// Returns whether something would be lost by closing the window.
    fn is_unsaved(&self) -> bool {
        self.records.unsaved().next().is_some() || self.has_staged() || self.staged.is_committing
    }
}

impl OpenRecords {
    /// Returns the records in which something was typed that is not saved.
    fn unsaved(&self) -> impl Iterator<Item = &OpenRecord> {
        self.all().filter(|record| record.form.is_dirty())
    }

    /// Returns why a record cannot be closed without the person, in words.
    fn why_not_closed(&self, number: RecordNumber, known: &Known<'_>) -> Option<Notice> {
        let record = self.get(number)?;
        let name = name_of(record, known);
        Some(Notice::failure(if record.form.is_in_conflict() {
            tr!(known.texts, "closing-conflict", record = name)
        } else {
            tr!(known.texts, "closing-not-saved", record = name)
        }))
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
        if is_requested {
            workspace.end_all_editing(known.texts.language(), effects);
        }
        let is_unsaved = workspace.is_unsaved();
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
        let failed = workspace.records.unsaved().find(|record| !record.form.is_saving());
        let is_staged = workspace.has_staged() && !workspace.staged.is_committing;
        match failed.map(|record| record.number) {
            _ if !is_unsaved => self.close_now(context),
            // What has failed is said once all else is saved: that would be said in its place.
            _ if workspace.records.unsaved().any(|record| record.form.is_saving()) => {}
            // Why it is not written is said already.
            None if is_saving && is_staged => self.closing = None,
            Some(number) if is_saving => {
                self.closing = None;
                if let Some(reason) = workspace.records.why_not_closed(number, known) {
                    effects.tell(reason);
                }
                workspace.show_open_record(number);
            }
            _ => {}
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
        let records = workspace.records.unsaved().map(|record| name_of(record, known));
        let count = workspace.records.unsaved().count() + workspace.staged.staging().len();
        let staged = workspace.staged.staging().len();
        let staged = (staged > 0).then(|| tr!(known.texts, "staged-rows", count = staged));
        let labels = staged.into_iter().chain(records).collect::<Vec<_>>();
        let Some(closing) = &mut self.closing else { return };
        match closing.show(context, known.texts, &labels, count) {
            None => {}
            Some(ClosingChoice::Save) => {
                closing.is_saving = true;
                effects.push(Effect::SaveAll);
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

/// Returns what a record is called in messages: "Solaris (Books)".
fn name_of(record: &OpenRecord, known: &Known<'_>) -> String {
    let form = &record.form;
    let entity = known.texts.entity(form.meta());
    if form.is_new() {
        return tr!(known.texts, "form-new", entity = known.texts.entity_one(form.meta()));
    }
    let label: String = row_name(form.meta(), form.base()).chars().take(LONGEST_NAME).collect();
    format!("{label} ({entity})")
}
