//! Transfers rows away: copies and exports that are under way.

use std::path::PathBuf;
use std::time::Duration;

use egui::{Align, Context, Layout, ProgressBar, RichText, Ui, accesskit};
use persistence::{Catalog, RecordKey, Value};

use super::Effects;
use super::clipboard::Clipboard;
use super::context::{Known, Shown};
use super::entity_view::EntityView;
use super::progress::{LONG, percent, waking};
use super::selection_sum::SelectionSum;
use super::{Notice, widgets};
use crate::command::Command;
use crate::grid::Grid;
use crate::i18n::Texts;
use crate::jobs::Failure;
use crate::theme::{Theme, icon};
use crate::tr;
use transfer::export::{
    Export, ExportColumn, ExportColumns, ExportError, FormatKind, FormatOptions, Framing, Header,
    Job, SqlDialect, Written,
};

/// Rows that are copied at most: more are better taken in a file.
const MOST_COPIED: u64 = 100_000;

/// How often what is said of long work is drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// The width of the bar that shows how far an export is, in points.
const BAR: f32 = 110.0;

/// The width that leaves room for more than how many rows are selected, in points.
const ROOMY: f32 = 640.0;

/// What is being taken away.
#[derive(Default)]
pub(super) struct Transfers {
    /// What is being put on the clipboard.
    pub(super) clipboard: Clipboard,
    export: Option<Running<Written>>,
    /// The file that was written last, until that has been read.
    written: Option<Written>,
    copy: Option<Running<String>>,
    /// What the selected numbers come to.
    sum: SelectionSum,
}

/// Work under way, and what it is about.
struct Running<T> {
    job: Job<T>,
    /// A file's name, or nothing.
    name: String,
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
    /// Copies the focused cell, or the selected rows.
    pub(super) fn copy(
        &mut self,
        context: &Context,
        grid: &Grid,
        catalog: &Catalog,
        effects: &mut Effects,
    ) {
        if !grid.selection.is_empty() {
            self.copy_rows(context, grid, CopyAs::Cells, catalog, effects);
            return;
        }
        let cell = grid.focus().zip(grid.focused_row());
        let cell = cell.and_then(|(focus, (row, labels))| {
            let column = grid.columns.get(focus.column)?;
            let value = row.cell(column.position).start();
            Some((column.position, value, labels.get(column.position, value), row))
        });
        let text = match cell {
            None => return,
            // What is seen is what is copied: of a reference its label.
            Some((_, _, Some(label), _)) => label.to_owned(),
            Some((_, Value::Null, _, _)) => String::new(),
            Some((position, Value::Text(_) | Value::Bytes(_), _, row)) => {
                // Not all of it need be in the grid.
                let (table, key) = (grid.meta().table, row.key(grid.meta()));
                self.copy_cell(context, catalog, (table, key, position), effects);
                return;
            }
            Some((_, value, _, _)) => value.to_string(),
        };
        self.clipboard.put(context, text, None);
    }

    /// Copies a cell as soon as it has been read whole.
    fn copy_cell(
        &mut self,
        context: &Context,
        catalog: &Catalog,
        (table, key, position): (&'static str, RecordKey, usize),
        effects: &mut Effects,
    ) {
        let catalog = catalog.clone();
        let started = Job::start("copy", waking(context), move |_| {
            let row = catalog.session()?.repository(table)?.find(&key)?;
            let value = row.map_or(Value::Null, |row| row.value(position).clone());
            Ok(if value.is_null() { String::new() } else { value.to_string() })
        });
        self.begin_copy(started, effects);
    }

    fn begin_copy(&mut self, started: std::io::Result<Job<String>>, effects: &mut Effects) {
        effects.hush();
        match started {
            Ok(job) => self.copy = Some(Running { job, name: String::new() }),
            Err(error) => effects.tell(Notice::failure(error.to_string())),
        }
    }

    /// Copies the selected rows, or the focused one, as soon as they have been read.
    pub(super) fn copy_rows(
        &mut self,
        context: &Context,
        grid: &Grid,
        how: CopyAs,
        catalog: &Catalog,
        effects: &mut Effects,
    ) {
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
        let catalog = catalog.clone();
        let started = Job::start("copy", waking(context), move |progress| {
            export.to_text(&catalog, MOST_COPIED, progress)
        });
        self.begin_copy(started, effects);
    }

    /// Begins to write a file.
    pub(super) fn export(
        &mut self,
        context: &Context,
        (export, path): (Export, PathBuf),
        catalog: &Catalog,
        effects: &mut Effects,
    ) {
        let catalog = catalog.clone();
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let started = Job::start("export", waking(context), move |progress| {
            export.write_file(&catalog, &path, progress)
        });
        self.written = None;
        match started {
            Ok(job) => self.export = Some(Running { job, name }),
            Err(error) => effects.tell(Notice::failure(error.to_string())),
        }
    }

    /// Returns whether a file is being written.
    pub(super) const fn is_exporting(&self) -> bool {
        self.export.is_some()
    }

    /// Takes what has come of the work under way.
    pub(super) fn poll(
        &mut self,
        context: &Context,
        view: Option<&EntityView>,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let copied = self.copy.as_mut().and_then(|copy| copy.job.outcome());
        if let Some(outcome) = copied {
            let rows = self.copy.take().map_or(0, |copy| copy.job.progress().rows_done());
            match outcome {
                Ok(text) => {
                    let said = || tr!(known.texts, "export-copied", count = rows);
                    let said = (rows > 0).then(said);
                    self.clipboard.put(context, text, said);
                }
                Err(error) => effects.tell(not_taken(&error, known)),
            }
        }
        let exported = self.export.as_mut().and_then(|export| export.job.outcome());
        if let Some(outcome) = exported {
            self.export = None;
            match outcome {
                Ok(written) => self.written = Some(written),
                Err(error) => effects.tell(not_taken(&error, known)),
            }
        }
        self.sum.follow(context, view, known.catalog);
        let is_busy = self.copy.is_some() || self.export.is_some() || self.sum.is_under_way();
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
        has_notice: bool,
        effects: &mut Effects,
    ) {
        self.work_bar(ui, shown.texts);
        if let Some(view) = view {
            self.selection_bar(ui, view, shown, has_notice, effects);
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
        let says_more = self.export.is_some() || self.written.is_some() || has_notice;
        if says_more && ui.available_width() < ROOMY {
            return;
        }
        if let Some(said) = self.sum.in_words(view, texts) {
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

    fn work_bar(&self, ui: &mut Ui, texts: &Texts) {
        let theme = Theme::of(ui.ctx());
        if let Some(copy) = &self.copy
            && copy.job.elapsed() >= LONG
        {
            let progress = copy.job.progress();
            let said = match progress.rows_in_all() {
                Some(total) => {
                    let percent = percent(progress.rows_done(), total);
                    tr!(texts, "export-copying", percent = percent)
                }
                None => tr!(texts, "export-counting"),
            };
            ui.label(said);
            if ui.button(tr!(texts, "export-cancel")).clicked() {
                copy.job.cancel();
            }
        }
        if let Some(export) = &self.export {
            let progress = export.job.progress();
            let done = progress.rows_done();
            let name = export.name.as_str();
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
                    speed = speed(done, export.job.elapsed())
                ),
            };
            ui.label(RichText::new(said).color(theme.colors.text_weak));
            if ui.button(tr!(texts, "export-cancel")).clicked() {
                export.job.cancel();
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

    /// Ends an export that is under way, so that it leaves nothing behind.
    pub(super) fn end(&mut self) {
        if let Some(Running { job, .. }) = self.export.take() {
            job.end();
        }
    }
}

/// Returns a notice that says why rows were not taken.
fn not_taken(error: &ExportError, known: &Known<'_>) -> Notice {
    let texts = known.texts;
    let said = match error {
        ExportError::Cancelled => {
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
        ExportError::BrokeOff => known.words(&Failure::Stopped),
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
