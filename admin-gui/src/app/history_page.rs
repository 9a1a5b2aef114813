//! The history as it is asked for, and what is taken back of it.

use persistence::audit::{LeftOut, Reason, TakingBack};
use persistence::staging::Conflict;

use super::context::Known;
use super::workspace::Workspace;
use super::{Effects, Notice};
use crate::jobs::{Queue, Topic};
use crate::open_in::OpenIn;
use crate::pages::history::{HistoryEvent, MeantRow};
use crate::panes::{Page, Pane};
use crate::row_name::row_name;
use crate::tasks::{FindTakingBack, MOST_TAKEN_BACK, ReadChanges, ReadHistory, TakenBack};
use crate::tr;

/// The transactions that were recorded.
const HISTORY: Topic = Topic::new("history", Queue::Figures);
/// The changes of one of them.
const CHANGES: Topic = Topic::new("changes of a transaction", Queue::Figures);
/// What takes something back.
const TAKE_BACK: Topic = Topic::new("taking back", Queue::Rows);

/// Does what the page asks for.
pub(super) fn history_event(event: HistoryEvent, effects: &mut Effects) {
    match event {
        HistoryEvent::Read { filter, after } => {
            let task = ReadHistory { filter, after };
            effects.ask(HISTORY.only(), task, move |workspace, outcome, known, _| {
                if let Some(page) = &mut workspace.pages.history {
                    page.history.take(after, known.in_words(outcome));
                }
            });
        }
        HistoryEvent::ReadChanges { number, transaction, filter, after } => {
            let task = ReadChanges { transaction, filter, after };
            effects.ask(CHANGES.of(number), task, move |workspace, outcome, known, _| {
                if let Some(page) = &mut workspace.pages.history {
                    page.history.take_changes(number, known.in_words(outcome));
                }
            });
        }
        HistoryEvent::TakeBack(what) => take_back(what, effects),
    }
}

/// Finds out what takes something back, and stages it.
fn take_back(what: TakenBack, effects: &mut Effects) {
    effects.hush();
    let task = FindTakingBack(what);
    effects.ask(TAKE_BACK.only(), task, |workspace, outcome, known, effects| match outcome {
        Ok(Some(taking_back)) => workspace.take_back(&taking_back, known, effects),
        Ok(None) => {
            let said = tr!(known.texts, "history-too-many", count = MOST_TAKEN_BACK);
            effects.tell(Notice::failure(said));
        }
        Err(failure) => effects.tell(Notice::failure(known.words(&failure))),
    });
}

impl Workspace {
    /// Shows who has changed the record that is open, or the focused row.
    pub(super) fn show_history_of_record(&mut self, place: Option<usize>) {
        let open = self.meant_record().and_then(|record| {
            let (meta, row) = (record.form.meta(), record.form.base());
            Some(MeantRow { meta, key: record.key.clone()?, name: row_name(meta, row) })
        });
        let focused = self.entity(place).and_then(|view| {
            let (row, _) = view.grid.focused_row()?;
            let meta = view.meta();
            Some(MeantRow { meta, key: row.key(meta), name: row.label(meta) })
        });
        let is_record =
            self.panes.active().is_some_and(Pane::is_record) || self.records.is_panel_active;
        let meant = if is_record { open.or(focused) } else { focused.or(open) };
        if let (Some(row), Some(page)) = (meant, &mut self.pages.history) {
            page.show_row(row);
            self.show_pane(Pane::Page(Page::History), OpenIn::NewTab);
        }
    }

    /// Stages what takes something back, and tells what came of it.
    fn take_back(&mut self, taking_back: &TakingBack, known: &Known<'_>, effects: &mut Effects) {
        if self.staged.is_busy() {
            let said = tr!(known.texts, "staged-committing");
            return effects.tell(Notice::failure(said));
        }
        let rows = match self.staged.take_back(taking_back) {
            Ok(rows) => rows,
            Err(error) => return effects.tell(Notice::failure(known.texts.error(&error))),
        };
        let staging = self.staged.staging();
        let changed = rows
            .iter()
            .filter(|row| matches!(staging.conflict(row), Some(Conflict::Changed(_))))
            .count();
        let mut said = vec![if rows.is_empty() {
            tr!(known.texts, "history-nothing-staged")
        } else {
            tr!(known.texts, "history-staged", count = rows.len())
        }];
        if changed > 0 {
            said.push(tr!(known.texts, "history-conflicts", count = changed));
        }
        said.extend(left_out(taking_back.left_out(), known));
        let text = said.join(" · ");
        let is_whole = said.len() == 1 && !rows.is_empty();
        effects.tell(if is_whole { Notice::success(text) } else { Notice::failure(text) });
    }
}

/// Returns in words what is not taken back.
fn left_out(left_out: &[LeftOut], known: &Known<'_>) -> Vec<String> {
    let mut reasons: Vec<(&Reason, usize)> = Vec::new();
    for LeftOut { reason, .. } in left_out {
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => reasons.push((reason, 1)),
        }
    }
    let texts = known.texts;
    let in_words = |(reason, count): (&Reason, usize)| match reason {
        Reason::Bulk => tr!(texts, "history-left-bulk", count = count),
        Reason::Already => tr!(texts, "history-left-already", count = count),
        Reason::Gone => tr!(texts, "history-left-gone", count = count),
        Reason::Taken => tr!(texts, "history-left-taken", count = count),
        Reason::NoEntity => tr!(texts, "history-left-no-entity", count = count),
        Reason::Column(column) => {
            tr!(texts, "history-left-column", column = column.as_str(), count = count)
        }
    };
    reasons.into_iter().map(in_words).collect()
}
