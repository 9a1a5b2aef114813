//! Rows that are too many to be staged: they are written at once, in one transaction.

use egui::{Label, RichText, TextEdit, Ui};
use persistence::Error;

use super::words::written_in_words;
use super::{BulkDialog, Running, by_key};
use crate::app::context::{Known, words};
use crate::app::dialog_line::{line, weak};
use crate::app::effects::Effect;
use crate::app::{AdminApp, Effects, Focused, Notice};
use crate::jobs::{Failure, Lane, Queue, Topic};
use crate::tasks::{BulkWritten, RefusedRows, WriteBulk};
use crate::theme::Theme;
use crate::tr;

/// Writing it at once.
pub(super) const WRITE: Lane = Topic::new("writing changed rows", Queue::Changes).unlogged().only();

/// When rows are written at once, and what has to be so before.
#[derive(Debug)]
pub(super) struct Guard {
    /// How many rows are staged at most.
    pub(super) most_staged: u64,
    /// The name of the database, where it is one in production, and what is typed of it.
    production: Option<(String, String)>,
    /// Whether nothing is staged, which would be left out or written over.
    pub(super) is_free: bool,
}

impl Guard {
    /// Makes the guard of a database, which has a name where it is one in production.
    pub(super) fn new(production: Option<String>, most_staged: u64) -> Self {
        let production = production.map(|name| (name, String::new()));
        Self { most_staged, production, is_free: false }
    }

    fn is_open(&self) -> bool {
        let is_named = self.production.as_ref().is_none_or(|(name, typed)| typed.trim() == name);
        self.is_free && is_named
    }
}

impl BulkDialog {
    /// Returns whether more rows change than can be staged.
    pub(super) fn is_straight(&self) -> bool {
        matches!(&self.all, Some(Ok(all)) if all.changed > self.guard.most_staged)
    }

    /// Returns whether the rows can be written at once.
    pub(super) fn can_write(&self) -> bool {
        self.is_straight() && self.is_right() && self.guard.is_open()
    }

    /// Draws what a person is to know before, and the field for the name of a database in production.
    pub(super) fn straight_notes(&mut self, ui: &mut Ui, known: &Known<'_>, theme: &Theme) {
        let texts = known.texts;
        let mut said = tr!(texts, "bulk-straight", limit = self.guard.most_staged);
        if known.catalog.has_history() {
            said = format!("{said} {}", tr!(texts, "bulk-straight-history"));
        }
        ui.add(Label::new(weak(&said, theme)).wrap());
        if !self.guard.is_free {
            let said = RichText::new(tr!(texts, "bulk-straight-staged"));
            ui.add(Label::new(said.color(theme.colors.wrong)).wrap());
        } else if let Some((name, typed)) = &mut self.guard.production {
            line(ui, theme, &tr!(texts, "shell-production"), |ui| {
                let hint = tr!(texts, "production-type", name = name.as_str());
                let field = TextEdit::singleline(typed).hint_text(hint);
                let field = ui.add(field.desired_width(f32::INFINITY));
                field.accessible_name(tr!(texts, "production-name"));
            });
        }
    }

    /// Begins to write the rows.
    pub(super) fn write(&mut self, known: &Known<'_>, effects: &mut Effects) {
        let (Ok(bulk), Some(rows)) = (self.bulk(known), self.rows().cloned()) else { return };
        self.begin(Running::Writing, effects);
        let task = WriteBulk { bulk, source: by_key(rows).source, refused: self.refused };
        effects.ask_window(WRITE, task, AdminApp::bulk_written);
    }
}

impl AdminApp {
    /// Takes what became of many rows that were to be written at once.
    fn bulk_written(&mut self, outcome: Result<BulkWritten, Failure>) {
        let Some(dialog) = &mut self.dialogs.bulk else { return };
        dialog.running = None;
        let table = dialog.draft.meta().table;
        let texts = &self.preferences.texts;
        let notice = match outcome {
            Ok(BulkWritten::Written(summary)) => Notice::success(written_in_words(&summary, texts)),
            Ok(BulkWritten::Refused(summary)) => {
                // More than was seen before: others have written meanwhile.
                dialog.refused = RefusedRows::Refuse;
                dialog.all = Some(Ok(summary));
                return;
            }
            Err(
                failure @ (Failure::Panicked { .. }
                | Failure::Stopped
                | Failure::Database(Error::CommitUnknown { .. })),
            ) => {
                let reason = words(texts, &failure);
                Notice::failure(tr!(texts, "bulk-unknown", reason = reason))
            }
            Err(Failure::Database(Error::Cancelled)) => {
                return self.effects.tell(Notice::failure(tr!(texts, "bulk-stopped")));
            }
            Err(failure) => {
                let reason = words(texts, &failure);
                dialog.all = Some(Err(tr!(texts, "bulk-not-changed", reason = reason)));
                return;
            }
        };
        self.dialogs.bulk = None;
        self.effects.focus(Focused::Grid);
        self.effects.tell(notice);
        self.effects.push(Effect::WrittenByOthers(table));
        self.with(|workspace, _, effects| {
            workspace.changed(effects);
            workspace.records.reread_panel(effects);
        });
    }
}
