//! A journal is read: what it says is done again, one line after the other.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::entry::{Entry, Header, Row};
use super::line::{Line, whole_lines};
use super::shape::fingerprint;
use super::translation::{Lost, Translation};
use crate::catalog::CatalogEntry;
use crate::edit::Written;
use crate::staging::{Done, RowId, StagedRow, Staging, Step};
use crate::value::Record;

/// What a journal comes to.
#[derive(Debug)]
pub(super) struct Replay {
    pub staging: Staging,
    pub header: Header,
    /// How many bytes are whole and make sense.
    pub length: u64,
    /// How many come after these.
    pub cut: u64,
    /// Whether those are damaged, and not just the beginning of a line.
    pub is_damaged: bool,
    /// What was being committed, as far as its tables are what they were.
    pub committing: Option<Vec<Written>>,
    pub lost: BTreeSet<Lost>,
    pub has_other_schema: bool,
    translations: BTreeMap<String, Translation>,
}

impl Replay {
    /// Reads a journal; `None` where that is none, or one that another version wrote.
    pub fn read(bytes: &[u8], entries: &[CatalogEntry]) -> Option<Self> {
        let mut lines = whole_lines(bytes);
        let first = lines.next()?;
        let header = Header::read(first.text)?;
        let mut length = first.end;
        let mut replay = Self {
            staging: Staging::new(entries),
            length: 0,
            cut: 0,
            is_damaged: false,
            committing: None,
            lost: BTreeSet::new(),
            has_other_schema: header.schema != fingerprint(entries),
            header,
            translations: BTreeMap::new(),
        };
        for Line { text, end } in lines {
            let is_done = Entry::read(text).is_ok_and(|entry| replay.take(entry, entries));
            if !is_done {
                break;
            }
            length = end;
        }
        let rest = bytes.get(length..).unwrap_or_default();
        (replay.length, replay.cut) = (length as u64, rest.len() as u64);
        replay.is_damaged = rest.contains(&b'\n');
        // What nothing is left of cannot be undone.
        for acts in [&mut replay.staging.undo, &mut replay.staging.redo] {
            acts.retain(|Done(became)| !became.is_empty());
        }
        Some(replay)
    }

    /// Returns the tables of which it says what they are like, where they are that still.
    pub fn tables(&self) -> BTreeSet<String> {
        let metas = self.translations.values().filter_map(Translation::same);
        metas.map(|meta| meta.table.to_owned()).collect()
    }

    /// Does again what a line says; returns whether it makes sense.
    fn take(&mut self, entry: Entry<'_>, entries: &[CatalogEntry]) -> bool {
        match entry {
            Entry::Table(shape) => {
                let table = shape.table.clone();
                self.translations.insert(table, Translation::new(shape, entries));
                true
            }
            Entry::Step(step) => self.step(step.into_owned()),
            Entry::Committing(rows) => {
                self.committing = Some(self.written(rows));
                true
            }
        }
    }

    fn step(&mut self, step: Step) -> bool {
        if ends_commit(&step) {
            self.committing = None;
        }
        let step = match step {
            Step::Staged { seen, rows } => return self.staged(seen, rows),
            Step::Reread { row, now } => match (self.translation(&row.table), now) {
                (Translation::Gone, _) => return true,
                (_, None) => Step::Reread { row, now: None },
                (translation, Some(now)) => {
                    let now = translation.record(now);
                    Step::Reread { row, now }
                }
            },
            Step::Finished => {
                self.lost.clear();
                Step::Finished
            }
            step @ (Step::Undone | Step::Redone) => step,
        };
        self.staging.take(step).is_ok()
    }

    fn staged(
        &mut self,
        seen: Vec<(RowId, Record)>,
        rows: Vec<(RowId, Option<StagedRow>)>,
    ) -> bool {
        let is_act = !rows.is_empty();
        let record = |(row, record): (RowId, Record)| {
            self.translation(&row.table).record(record).map(|record| (row, record))
        };
        let seen: Vec<_> = seen.into_iter().filter_map(record).collect();
        let mut lost = std::mem::take(&mut self.lost);
        let is_there = |table: &str| !matches!(self.translation(table), Translation::Gone);
        let left = |(row, staged): (RowId, Option<StagedRow>)| {
            let translation = self.translation(&row.table);
            let staged =
                staged.and_then(|staged| translation.staged(&row, staged, is_there, &mut lost));
            is_there(&row.table).then_some((row, staged))
        };
        let rows: Vec<_> = rows.into_iter().filter_map(left).collect();
        self.lost = lost;
        let is_left = !rows.is_empty();
        if self.staging.take(Step::Staged { seen, rows }).is_err() {
            return false;
        }
        if is_act && !is_left {
            // It is undone by a line that comes later, and not the act before it.
            self.staging.undo.push_back(Done(Arc::default()));
            self.staging.redo.clear();
        }
        true
    }

    /// Returns what was being committed, as far as the tables are what they were: of others nobody can say
    /// whether it was.
    fn written(&self, rows: Vec<Row<'_>>) -> Vec<Written> {
        let row = |row: Row<'_>| {
            let entity = self.translation(&row.table).same()?;
            let (before, after) = (row.before.map(Cow::into_owned), row.after.map(Cow::into_owned));
            let mut records = before.iter().chain(&after);
            let is_whole = records.all(|record| record.0.len() == entity.columns.len());
            is_whole.then_some(Written { entity, before, after })
        };
        rows.into_iter().filter_map(row).collect()
    }

    /// Returns how rows of a table are read; one that the journal never says what it is like is none.
    fn translation(&self, table: &str) -> &Translation {
        self.translations.get(table).unwrap_or(&Translation::Gone)
    }
}

/// Returns whether a commit that was begun is over by the time that this is done. What is read
/// meanwhile says nothing of it.
pub(super) const fn ends_commit(step: &Step) -> bool {
    !matches!(step, Step::Reread { .. })
}
