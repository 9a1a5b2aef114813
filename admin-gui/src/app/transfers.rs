//! Transfers rows away: copies and exports that are under way.

use std::path::PathBuf;
use std::time::Duration;

use egui::{Align, Context, Layout, ProgressBar, RichText, Ui, accesskit};
use persistence::{Catalog, Value};

use super::clipboard::Clipboard;
use super::context::{Known, Shown};
use super::entity_view::EntityView;
use super::progress::{LONG, percent};
use super::selection_sum::SelectionSum;
use super::{AdminApp, Effects, Jobs, Notice, widgets};
use crate::command::Command;
use crate::grid::Grid;
use crate::i18n::Texts;
use crate::jobs::{Failure, Lane, Queue, Topic};
use crate::tasks::{Copied, CopyCell, CopyRows, WriteFile};
use crate::theme::{Theme, icon};
use crate::tr;
use transfer::export::{
    Export, ExportColumn, ExportColumns, ExportError, FormatKind, FormatOptions, Framing, Header,
    SqlDialect, Written,
};

/// What is put on the clipboard.
const COPY: Lane = Topic::new("copy", Queue::Copies).unlogged().only();
/// A file that is written.
const EXPORT: Lane = Topic::new("export", Queue::Exports).unlogged().only();

/// Rows that are copied at most: more are better taken in a file.
const MOST_COPIED: u64 = 100_000;

/// How often what is said of long work is drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// The width of the bar that shows how far an export is, in points.
const BAR: f32 = 110.0;

/// The width that leaves room for more than how many rows are selected, in points.
const ROOMY: f32 = 640.0;

/// What is being taken away.
pub(super) struct Transfers {
    /// What is being put on the clipboard.
    pub(super) clipboard: Clipboard,
    /// The name of the file that is being written.
    exporting: Option<String>,
    /// The file that was written last, until that has been read.
    written: Option<Written>,
    /// What the selected numbers come to.
    pub(super) sum: SelectionSum,
}

/// What is copied of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CopyAs {
    /// Cells between tabs.
    Cells,
    /// The same, below the names of the columns.
    CellsWithHeader,
    /// A format, as it is in files.
    Format(FormatKind),
}

impl Transfers {
    /// Starts without any.
    pub(super) fn new(has_system_clipboard: bool) -> Self {
        let clipboard =
            if has_system_clipboard { Clipboard::of_system() } else { Clipboard::default() };
        Self { clipboard, exporting: None, written: None, sum: SelectionSum::default() }
    }

    /// Copies the focused cell, or the selected rows; returns the cell that was at hand.
    ///
    /// A cell is copied as it is, as `LibreOffice` and `DataGrip` do it: most are pasted into something
    /// else than cells, where the quotation marks of Excel would be in the way. That it is one cell
    /// and not several, though it has line breaks or tabs, is known when it is pasted here again.
    pub(super) fn copy(
        &mut self,
        context: &Context,
        grid: &Grid,
        catalog: &Catalog,
        effects: &mut Effects,
    ) -> Option<String> {
        if !grid.selection.is_empty() {
            Self::copy_rows(grid, CopyAs::Cells, catalog, effects);
            return None;
        }
        let cell = grid.focus().zip(grid.focused_row());
        let cell = cell.and_then(|(focus, (row, labels))| {
            let column = grid.columns.get(focus.column)?;
            let value = row.cell(column.position).start();
            Some((column.position, value, labels.get(column.position, value), row))
        });
        let text = match cell {
            None => return None,
            // What is seen is what is copied: of a reference its label.
            Some((_, _, Some(label), _)) => label.to_owned(),
            Some((_, Value::Null, _, _)) => String::new(),
            Some((position, Value::Text(_) | Value::Bytes(_), _, row)) => {
                // Not all of it need be in the grid.
                let (table, key) = (grid.meta().table, row.key(grid.meta()));
                effects.hush();
                effects.ask_window(COPY, CopyCell { table, key, position }, |app, outcome| {
                    let cell = outcome.as_ref().ok().map(|copied| copied.text.clone());
                    app.copied(outcome.map(Ok));
                    app.workspace.copied_cell = cell;
                });
                return None;
            }
            Some((_, value, _, _)) => value.to_string(),
        };
        self.clipboard.put(context, text.clone(), None);
        Some(text)
    }

    /// Copies the selected rows, or the focused one, as soon as they have been read.
    pub(super) fn copy_rows(grid: &Grid, how: CopyAs, catalog: &Catalog, effects: &mut Effects) {
        let Some(source) = grid.selected_rows() else { return };
        let format = match how {
            CopyAs::Cells | CopyAs::CellsWithHeader => FormatKind::Tsv,
            CopyAs::Format(format) => format,
        };
        let mut options = FormatOptions::new(SqlDialect::of_engine(catalog.engine()));
        options.framing = Framing::Bare;
        options.header = match how {
            CopyAs::Cells => Header::Absent,
            CopyAs::CellsWithHeader | CopyAs::Format(_) => Header::Present,
        };
        let columns = seen(grid, format);
        let export = Export { source, columns, format, options };
        effects.hush();
        effects.ask_window(COPY, CopyRows { export, limit: MOST_COPIED }, |app, outcome| {
            app.copied(outcome);
        });
    }

    /// Begins to write a file.
    pub(super) fn export(&mut self, export: Export, path: PathBuf, effects: &mut Effects) {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        self.exporting = Some(name);
        self.written = None;
        effects.ask_window(EXPORT, WriteFile { export, path }, |app, outcome| {
            app.exported(outcome);
        });
    }

    /// Returns whether a file is being written.
    pub(super) const fn is_exporting(&self) -> bool {
        self.exporting.is_some()
    }

    /// Follows the selection, and the work under way.
    pub(super) fn follow(
        &mut self,
        context: &Context,
        view: Option<&EntityView>,
        jobs: &Jobs,
        effects: &mut Effects,
    ) {
        self.sum.follow(context, view, effects);
        let is_busy = jobs.is_waiting(COPY) || jobs.is_waiting(EXPORT) || self.sum.is_under_way();
        if is_busy {
            context.request_repaint_after(TICK);
        }
    }

    /// Draws what is selected, and how far the work under way is.
    pub(super) fn show_bar(
        &mut self,
        ui: &mut Ui,
        view: Option<&EntityView>,
        shown: &Shown<'_>,
        jobs: &Jobs,
        has_notice: bool,
        effects: &mut Effects,
    ) {
        self.work_bar(ui, shown.texts, jobs, effects);
        if let Some(view) = view {
            self.selection_bar(ui, view, shown, jobs, has_notice, effects);
        }
        if !has_notice {
            self.written_bar(ui, shown.texts);
        }
    }

    fn selection_bar(
        &self,
        ui: &mut Ui,
        view: &EntityView,
        shown: &Shown<'_>,
        jobs: &Jobs,
        has_notice: bool,
        effects: &mut Effects,
    ) {
        let theme = Theme::of(ui.ctx());
        let texts = shown.texts;
        let count = view.grid.selected();
        if count == 0 {
            return;
        }
        let is_guess = view.grid.selection.depends_on_total()
            && view.grid.total().is_none_or(|all| !all.is_exact);
        let mut said = match view.grid.selection.columns() {
            None => tr!(texts, "export-selected", count = count),
            Some(columns) => {
                let columns = columns.len();
                tr!(texts, "export-selected-cells", count = count, columns = columns)
            }
        };
        if is_guess {
            said.insert(0, '~');
        }
        let response = ui.label(RichText::new(said).color(theme.colors.text));
        // Read out when it changes.
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_live(accesskit::Live::Polite);
        });
        let says_more = self.exporting.is_some() || self.written.is_some() || has_notice;
        if says_more && ui.available_width() < ROOMY {
            return;
        }
        if let Some(said) = self.sum.in_words(view, texts, jobs) {
            ui.label(RichText::new(said).color(theme.colors.text_weak));
        }
        for (command, mark) in [
            (Command::CopyWithHeaders, icon::ICON_CONTENT_COPY),
            (Command::Export, icon::ICON_DOWNLOAD),
            (Command::ClearSelection, icon::ICON_CLOSE),
        ] {
            if widgets::icon_button(ui, command, mark, texts, &shown.situation) {
                effects.run(command);
            }
        }
    }

    fn work_bar(&self, ui: &mut Ui, texts: &Texts, jobs: &Jobs, effects: &mut Effects) {
        let theme = Theme::of(ui.ctx());
        if let Some(progress) = jobs.progress(COPY)
            && progress.elapsed() >= LONG
        {
            let said = match progress.rows_in_all() {
                Some(total) => {
                    let percent = percent(progress.rows_done(), total);
                    tr!(texts, "export-copying", percent = percent)
                }
                None => tr!(texts, "export-counting"),
            };
            ui.label(said);
            if ui.button(tr!(texts, "export-cancel")).clicked() {
                effects.stop(COPY);
            }
        }
        if let (Some(name), Some(progress)) = (&self.exporting, jobs.progress(EXPORT)) {
            let (name, done) = (name.as_str(), progress.rows_done());
            ui.label(widgets::icon(icon::ICON_DOWNLOAD, theme, theme.colors.text_weak));
            ui.label(tr!(texts, "export-running", name = name));
            let share = progress.rows_in_all().map_or(0.0, |all| done as f32 / all.max(1) as f32);
            let bar = ProgressBar::new(share).desired_width(BAR).desired_height(6.0);
            let response = ui.add(bar.fill(theme.colors.accent));
            let label = tr!(texts, "export-running", name = name);
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(label));
            let said = match progress.rows_in_all() {
                None => tr!(texts, "export-counting"),
                Some(all) if done >= all => tr!(texts, "export-finishing"),
                Some(all) => tr!(
                    texts,
                    "export-progress",
                    percent = percent(done, all),
                    speed = speed(done, progress.elapsed())
                ),
            };
            ui.label(RichText::new(said).color(theme.colors.text_weak));
            if ui.button(tr!(texts, "export-cancel")).clicked() {
                effects.stop(EXPORT);
            }
        }
    }

    /// Draws which file was written last, until somebody has read that, or something else is said.
    fn written_bar(&mut self, ui: &mut Ui, texts: &Texts) {
        let theme = Theme::of(ui.ctx());
        let Some(written) = &self.written else { return };
        let said = tr!(
            texts,
            "export-done",
            count = written.rows,
            path = written.path.display().to_string(),
            size = texts.size(written.bytes)
        );
        let mut is_read = false;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = widgets::icon(icon::ICON_CLOSE, theme, theme.colors.text_weak);
            let close = ui.add(egui::Button::new(close).frame_when_inactive(false));
            let name = tr!(texts, "export-dismiss");
            close.widget_info(|| egui::WidgetInfo::labeled(accesskit::Role::Button, true, &name));
            is_read = close.on_hover_text(&name).clicked();
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.label(widgets::icon(icon::ICON_CHECK_CIRCLE, theme, theme.colors.new));
                let text = RichText::new(&said).color(theme.colors.new);
                let label = ui.add(egui::Label::new(text).truncate()).on_hover_text(&said);
                ui.ctx().accesskit_node_builder(label.id, |node| {
                    node.set_live(accesskit::Live::Polite);
                });
            });
        });
        if is_read {
            self.written = None;
        }
    }
}

impl AdminApp {
    /// Puts what was copied on the clipboard.
    fn copied(&mut self, outcome: Outcome<Copied>) {
        self.workspace.copied_cell = None;
        match taken(outcome, &self.known()) {
            Ok(Copied { text, table, rows }) => {
                let said = || tr!(self.preferences.texts, "export-copied", count = rows);
                let said = (rows > 0).then(said);
                self.transfers.clipboard.put_cells(&self.window, (text, table), said);
            }
            Err(notice) => self.effects.tell(notice),
        }
    }

    /// Shows which file was written.
    fn exported(&mut self, outcome: Outcome<Written>) {
        self.transfers.exporting = None;
        match taken(outcome, &self.known()) {
            Ok(written) => self.transfers.written = Some(written),
            Err(notice) => self.effects.tell(notice),
        }
    }
}

/// What came of taking rows away.
type Outcome<T> = Result<Result<T, ExportError>, Failure>;

/// Returns what was taken, or a notice that says why it was not.
fn taken<T>(outcome: Outcome<T>, known: &Known<'_>) -> Result<T, Notice> {
    match outcome {
        Ok(taken) => taken.map_err(|error| not_taken(&error, known)),
        Err(Failure::Database(error)) => Err(not_taken(&error.into(), known)),
        Err(Failure::Panicked { .. } | Failure::Stopped) => {
            Err(Notice::failure(known.words(&Failure::Stopped)))
        }
    }
}

/// Returns a notice that says why rows were not taken.
fn not_taken(error: &ExportError, known: &Known<'_>) -> Notice {
    let texts = known.texts;
    let said = match error {
        ExportError::Cancelled | ExportError::Database(persistence::Error::Cancelled) => {
            return Notice::success(tr!(texts, "export-cancelled"));
        }
        ExportError::Database(error) => texts.error(error),
        ExportError::Io(error) => error.to_string(),
        ExportError::IsDatabase { path } => {
            tr!(texts, "export-is-database", path = path.display().to_string())
        }
        ExportError::File { path, source } => tr!(
            texts,
            "export-file-failed",
            path = path.display().to_string(),
            reason = source.to_string()
        ),
        ExportError::Unfit { row, column, problem } => tr!(
            texts,
            "export-unfit",
            row = *row,
            column = column.as_str(),
            problem = problem.as_str()
        ),
        ExportError::TooMany { limit, .. } => {
            tr!(texts, "export-too-many", limit = *limit)
        }
        other => other.to_string(),
    };
    Notice::failure(said)
}

/// Returns the columns that a person sees of the rows, as far as a format has them: of references
/// the labels.
fn seen(grid: &Grid, format: FormatKind) -> ExportColumns {
    let is_wanted =
        |place: usize| grid.selection.columns().is_none_or(|columns| columns.contains(&place));
    let places = (0..grid.columns.len()).filter(|place| is_wanted(*place));
    let columns = places.filter_map(|place| grid.columns.get(place)).flat_map(|column| {
        let (own, label) =
            (ExportColumn::Own(column.position), ExportColumn::Label(column.position));
        match (column.meta.references.is_some(), format) {
            (false, _) | (true, FormatKind::Sql) => vec![own],
            (true, FormatKind::Json | FormatKind::JsonLines) => vec![own, label],
            (true, _) => vec![label],
        }
    });
    ExportColumns::new(grid.meta(), columns)
}

fn speed(rows: u64, elapsed: Duration) -> u64 {
    let milliseconds = elapsed.as_millis().max(1);
    u64::try_from(u128::from(rows) * 1_000 / milliseconds).unwrap_or(u64::MAX)
}
