//! Rows of a file or of the clipboard that are taken in: what is in it, where it goes, what became of it.

mod columns;
mod outcome;
mod view;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use persistence::{EntityMeta, Error};
use transfer::file_rows::FileFormat;
use transfer::import::{DateFormat, DecimalMark, ImportError};

use super::dialogs::Dialogs;
use super::effects::Effect;
use super::export_dialog::{expanded, usual_folder};
use super::production::name_of;
use super::staged::{CellChange, Changes};
use super::{AdminApp, Effects, Focused, Notice};
use crate::i18n::{Language, Texts};
use crate::jobs::{Failure, Lane, Queue, Topic};
use crate::tasks::{
    ImportEnding, ImportRows, ImportSource, Imported, LookAtRows, LookedAt, NotImported, Spelled,
    ToStage, rejects_of,
};
use crate::tr;
use columns::{Mapped, Taking};
use persistence::entity::Fill;
use persistence::staging::RowKey;

/// Looking what a source has.
const LOOK: Lane = Topic::new("look at a file", Queue::Imports).unlogged().only();
/// Taking its rows in.
pub(super) const IMPORT: Lane = Topic::new("import", Queue::Imports).unlogged().only();

/// In which order a date's parts are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Dates {
    /// 2024-12-31, and 31.12.2024.
    #[default]
    Usual,
    DayFirst,
    MonthFirst,
}

impl Dates {
    const ALL: [Self; 3] = [Self::Usual, Self::DayFirst, Self::MonthFirst];

    const fn example(self) -> &'static str {
        match self {
            Self::Usual => "2024-12-31, 31.12.2024",
            Self::DayFirst => "31/12/2024",
            Self::MonthFirst => "12/31/2024",
        }
    }

    fn format(self) -> Option<DateFormat> {
        match self {
            Self::Usual => None,
            Self::DayFirst => DateFormat::of("D/M/YYYY").ok(),
            Self::MonthFirst => DateFormat::of("M/D/YYYY").ok(),
        }
    }
}

/// What a source has, as far as that is known.
#[derive(Debug)]
enum Look {
    /// None is named.
    Nothing,
    /// It is being looked at.
    Asked,
    Seen(LookedAt),
    /// Why it cannot be read.
    Wrong(String),
}

/// What became of the rows.
#[derive(Debug)]
enum Came {
    /// They were only checked.
    Checked(Imported),
    /// They are written.
    Written(Imported),
    /// They are staged.
    Staged(Imported),
    /// Why it is not known whether they are written.
    Unknown(String),
    /// Why they are not taken in.
    Not(String),
}

/// The question which rows to take in, and how.
#[derive(Debug)]
pub(super) struct ImportDialog {
    meta: &'static EntityMeta,
    path: String,
    /// What was taken from the clipboard, instead of a file.
    text: Option<Arc<str>>,
    /// Whether the clipboard is asked for what it has.
    is_pasting: bool,
    sheet: Option<String>,
    look: Look,
    mapped: Vec<Mapped>,
    taking: Taking,
    /// Which of the sets by which rows can be found.
    by: usize,
    decimals: DecimalMark,
    dates: Dates,
    null: String,
    /// What is under way.
    running: Option<ImportEnding>,
    came: Option<Came>,
    is_focused: bool,
    /// When what was under way ended: what is clicked in the same moment was meant to stop it.
    ended: Option<Instant>,
    /// The name of the database, where it is one in production, and what is typed of it.
    production: Option<(String, String)>,
}

impl ImportDialog {
    /// Makes the dialog for an entity, of a file where one is known already.
    pub(super) fn new(
        meta: &'static EntityMeta,
        path: Option<PathBuf>,
        production: Option<String>,
        effects: &mut Effects,
    ) -> Self {
        let mut dialog = Self {
            meta,
            path: path.map_or_else(usual_folder, |path| path.display().to_string()),
            text: None,
            is_pasting: false,
            sheet: None,
            look: Look::Nothing,
            mapped: Vec::new(),
            taking: Taking::default(),
            by: 0,
            decimals: DecimalMark::Point,
            dates: Dates::default(),
            null: String::new(),
            running: None,
            came: None,
            is_focused: false,
            ended: None,
            production: production.map(|name| (name, String::new())),
        };
        dialog.look_at(effects);
        dialog
    }

    /// Returns where the rows come from.
    fn source(&self) -> Option<ImportSource> {
        if let Some(text) = &self.text {
            return Some(ImportSource::Text(Arc::clone(text)));
        }
        let path = expanded(&self.path);
        let is_named = !path.as_os_str().is_empty() && !self.path.ends_with('/');
        is_named.then_some(ImportSource::File(path))
    }

    /// Asks what the source has.
    fn look_at(&mut self, effects: &mut Effects) {
        self.came = None;
        let Some(source) = self.source() else {
            self.look = Look::Nothing;
            return effects.forget(LOOK);
        };
        self.look = Look::Asked;
        let look = LookAtRows { source, sheet: self.sheet.clone(), table: self.meta.table };
        effects.ask_window(LOOK, look, |app, outcome| {
            let texts = &app.preferences.texts;
            if let Some(dialog) = &mut app.dialogs.import {
                dialog.seen(outcome, texts);
            }
        });
    }

    /// Takes in what the source has, and guesses the rest by that.
    fn seen(
        &mut self,
        outcome: Result<Result<LookedAt, transfer::csv_records::HeaderError>, Failure>,
        texts: &Texts,
    ) {
        self.look = match outcome {
            Ok(Ok(looked)) => {
                self.mapped = columns::matched(self.meta, &looked.header, self.taking, texts);
                let is_exact = self.source().is_some_and(|it| it.format() != FileFormat::Csv);
                self.decimals = match texts.language() {
                    Language::Russian if !is_exact => DecimalMark::Either,
                    _ if looked.has_semicolons => DecimalMark::Either,
                    _ => DecimalMark::Point,
                };
                Look::Seen(looked)
            }
            Ok(Err(error)) => Look::Wrong(outcome::header(&error, texts)),
            Err(failure) => Look::Wrong(super::context::words(texts, &failure)),
        };
    }

    /// Takes a text from the clipboard.
    fn paste(&mut self, text: &str, effects: &mut Effects) {
        self.is_pasting = false;
        self.text = Some(text.into());
        self.sheet = None;
        self.look_at(effects);
    }

    /// Goes back to a file.
    fn leave_text(&mut self, effects: &mut Effects) {
        self.text = None;
        self.look_at(effects);
    }

    /// Changes what becomes of rows that are there already.
    fn take(&mut self, taking: Taking, texts: &Texts) {
        self.taking = taking;
        self.came = None;
        self.by = 0;
        let choices = columns::choices(self.meta, taking);
        let header: Vec<String> = self.mapped.iter().map(|it| it.header.clone()).collect();
        let guessed = columns::matched(self.meta, &header, taking, texts);
        for (mapped, guess) in self.mapped.iter_mut().zip(guessed) {
            mapped.target = mapped.target.filter(|it| choices.contains(it)).or(guess.target);
        }
    }

    /// Returns whether rows have been taken in, or may have been: doing it once more would take them in twice.
    const fn is_done(&self) -> bool {
        matches!(self.came, Some(Came::Written(_) | Came::Staged(_) | Came::Unknown(_)))
    }

    /// Returns why the rows cannot be taken in yet.
    fn problem(&self, texts: &Texts) -> Option<String> {
        match &self.look {
            Look::Asked => Some(tr!(texts, "import-looking")),
            // Said where the file is named.
            Look::Nothing | Look::Wrong(_) => Some(String::new()),
            Look::Seen(looked) => {
                columns::problem(self.meta, &self.mapped, self.taking, &looked.defaults, texts)
            }
        }
    }

    /// Begins to check the rows, or to take them in.
    fn begin(&mut self, ending: ImportEnding, effects: &mut Effects) {
        let Some(source) = self.source() else { return };
        let by = columns::found_by(self.meta, &self.mapped);
        let by = by.get(self.by).or_else(|| by.first()).copied();
        let maps = self.mapped.iter().map(|it| {
            let target = it.target.map(|target| columns::in_files(self.meta, target));
            (it.header.clone(), target.unwrap_or_default())
        });
        let mut nulls = vec![String::new()];
        nulls.extend(Some(self.null.trim().to_owned()).filter(|null| !null.is_empty()));
        let folder = expanded(&usual_folder());
        let import = ImportRows {
            rejects: rejects_of(&source, &folder, self.meta.table),
            source,
            sheet: self.sheet.clone(),
            table: self.meta.table,
            maps: maps.collect(),
            mode: columns::mode(self.meta, self.taking, by),
            spelling: Spelled { nulls, decimals: self.decimals, dates: self.dates.format() },
            ending,
        };
        self.running = Some(ending);
        self.came = None;
        effects.ask_window(IMPORT, import, move |app, outcome| app.imported(ending, outcome));
    }
}

/// Returns the changes that stage rows as one act.
fn staged(meta: &EntityMeta, rows: &[ToStage]) -> Changes {
    let mut changes = Changes::default();
    for ToStage { before, row } in rows {
        let given = meta.columns.iter().enumerate().filter(|(_, it)| it.fill == Fill::Draft);
        match before {
            None => {
                let given =
                    given.map(|(position, _)| (position, row.value(position).clone().into()));
                changes.added.push(given.collect());
            }
            Some(before) => {
                let changed = given.filter(|(it, _)| before.value(*it) != row.value(*it));
                changes.cells.extend(changed.map(|(position, _)| CellChange {
                    key: RowKey::Stored(meta.key_of(before)),
                    position,
                    value: row.value(position).clone().into(),
                    seen: Some(before.value(position).clone()),
                }));
                changes.rows.push(before.clone());
            }
        }
    }
    changes
}

impl Dialogs {
    /// Closes the question which rows to take in; where that is under way, stops it. Returns whether it was open.
    pub(super) fn cancel_import(&mut self, effects: &mut Effects) -> bool {
        let Some(dialog) = &self.import else { return false };
        if dialog.running.is_some() {
            effects.stop(IMPORT);
        } else {
            self.import = None;
            effects.focus(Focused::Grid);
        }
        true
    }
}

impl AdminApp {
    /// Asks which rows to take in.
    pub(super) fn ask_to_import(&mut self, place: Option<usize>, path: Option<PathBuf>) {
        if self.program.catalog.is_read_only() {
            let reason = tr!(self.preferences.texts, "shell-read-only-reason");
            return self.effects.tell(Notice::failure(reason));
        }
        let Some(view) = self.workspace.entity(place) else { return };
        let name = self.preferences.is_production().then(|| name_of(&self.program.target));
        self.dialogs.import = Some(ImportDialog::new(view.meta(), path, name, &mut self.effects));
    }

    /// Asks which rows of a file to take in that was dropped on the window.
    pub(super) fn watch_dropped(&mut self, context: &egui::Context) {
        let dropped = context
            .input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
        let Some(path) = dropped else { return };
        let is_free = !self.dialogs.want_answer();
        match &mut self.dialogs.import {
            Some(dialog) if dialog.running.is_none() && !dialog.is_done() => {
                dialog.path = path.display().to_string();
                dialog.leave_text(&mut self.effects);
            }
            None if is_free => {
                let place = self.workspace.active_entity();
                self.ask_to_import(place, Some(path));
            }
            _ => {}
        }
    }

    /// Shows what became of the rows, and stages those that are to be.
    fn imported(
        &mut self,
        ending: ImportEnding,
        outcome: Result<Result<Imported, NotImported>, Failure>,
    ) {
        let texts = &self.preferences.texts;
        let Some(dialog) = &mut self.dialogs.import else { return };
        let table = dialog.meta.table;
        dialog.running = None;
        dialog.ended = Some(Instant::now());
        let came = match outcome {
            Ok(Ok(imported)) if ending == ImportEnding::Check => Came::Checked(imported),
            Ok(Ok(mut imported)) => {
                if let Some(rows) = imported.to_stage.take() {
                    if !rows.is_empty() {
                        let changes = staged(dialog.meta, &rows);
                        self.effects.push(Effect::Stage { table, changes });
                    }
                    Came::Staged(imported)
                } else {
                    Came::Written(imported)
                }
            }
            Ok(Err(NotImported::Ended(
                ImportError::Cancelled | ImportError::Database(Error::Cancelled),
            ))) => Came::Not(tr!(texts, "import-cancelled")),
            Ok(Err(NotImported::Ended(ImportError::Database(
                error @ Error::CommitUnknown { .. },
            )))) => Came::Unknown(texts.error(&error)),
            Ok(Err(error)) => Came::Not(outcome::not_imported(&error, texts)),
            Err(
                failure @ (Failure::Panicked { .. }
                | Failure::Stopped
                | Failure::Database(Error::CommitUnknown { .. })),
            ) if ending == ImportEnding::Take => {
                Came::Unknown(super::context::words(texts, &failure))
            }
            Err(failure) => Came::Not(super::context::words(texts, &failure)),
        };
        let may_be_written = matches!(came, Came::Written(_) | Came::Unknown(_));
        // What is said already needs no dialog.
        let said = match &came {
            Came::Staged(it) | Came::Written(it) if it.rejected.is_empty() => {
                Some(outcome::words(&came, texts))
            }
            _ => None,
        };
        match said {
            Some(said) => {
                self.dialogs.import = None;
                self.effects.focus(Focused::Grid);
                self.effects.tell(Notice::success(said));
            }
            None => dialog.came = Some(came),
        }
        if may_be_written {
            self.effects.push(Effect::WrittenByOthers(table));
            self.with(|workspace, _, effects| {
                workspace.changed(effects);
                workspace.records.reread_panel(effects);
                workspace.reread_staged(effects);
            });
        }
    }
}
