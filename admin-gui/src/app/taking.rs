//! Taking rows away: copying, adding up what is selected, and exports that are under way.

use std::time::{Duration, Instant};

use egui::{Align, Context, Layout, ProgressBar, RichText, Ui, accesskit};
use persistence::entity::Fill;
use persistence::{RecordKey, Value};

use super::clipboard::OnItsWay;
use super::export_dialog::ExportDialog;
use super::{AdminApp, Notice, look};
use crate::command::Command;
use crate::grid::{Grid, GridColumn};
use crate::jobs::Failure;
use crate::theme::{Theme, icon};
use crate::tr;
use transfer::export::{
    Export, ExportColumn, ExportColumns, ExportError, FormatKind, FormatOptions, Framing, Header,
    Job, SqlDialect, Summary, Written, summarize,
};

/// Rows that are copied at most: more are better taken in a file.
const MOST_COPIED: u64 = 100_000;

/// How long a selection has to last before it is added up.
const PATIENCE: Duration = Duration::from_millis(150);

/// How long work may take before it is said how far it is.
const LONG: Duration = Duration::from_millis(250);

/// How often what is said of long work is drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// The width of the bar that shows how far an export is, in points.
const BAR: f32 = 110.0;

/// The width that leaves room for more than how many rows are selected, in points.
const ROOMY: f32 = 640.0;

/// What is being taken away.
#[derive(Default)]
pub(super) struct Taking {
    /// What is being put on the clipboard.
    pub(super) clipboard: Option<OnItsWay>,
    export: Option<Running<Written>>,
    /// The file that was written last, until that has been read.
    written: Option<Written>,
    copy: Option<Running<String>>,
    sum: Sum,
}

/// Work under way, and what it is about.
struct Running<T> {
    job: Job<T>,
    /// A file's name, or nothing.
    name: String,
}

/// What the selected numbers come to.
#[derive(Default)]
struct Sum {
    /// What is to be added up.
    wanted: Option<Wanted>,
    since: Option<Instant>,
    /// What is being added up.
    job: Option<(Wanted, Job<Summary>)>,
    known: Option<Summary>,
    has_failed: bool,
}

/// The column of some rows.
#[derive(Clone, Debug, PartialEq)]
struct Wanted {
    table: &'static str,
    /// Of the selection.
    revision: u64,
    position: usize,
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

impl AdminApp {
    /// Copies the focused cell, or the selected rows.
    pub(super) fn copy(&mut self, context: &Context, place: Option<usize>) {
        let Some(grid) = self.workspace.entity(place).map(|view| &view.grid) else { return };
        if !grid.selection.is_empty() {
            self.copy_rows(context, place, CopyAs::Cells);
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
                self.copy_cell(context, table, key, position);
                return;
            }
            Some((_, value, _, _)) => value.to_string(),
        };
        self.put_on_clipboard(context, text, None);
    }

    /// Copies a cell as soon as it has been read whole.
    fn copy_cell(
        &mut self,
        context: &Context,
        table: &'static str,
        key: RecordKey,
        position: usize,
    ) {
        let catalog = self.program.catalog.clone();
        let started = Job::start("copy", waking(context), move |_| {
            let row = catalog.session()?.repository(table)?.find(&key)?;
            let value = row.map_or(Value::Null, |row| row.value(position).clone());
            Ok(if value.is_null() { String::new() } else { value.to_string() })
        });
        self.begin_copy(started);
    }

    fn begin_copy(&mut self, started: std::io::Result<Job<String>>) {
        self.notice = None;
        match started {
            Ok(job) => self.taking.copy = Some(Running { job, name: String::new() }),
            Err(error) => self.notice = Some(Notice::failure(error.to_string())),
        }
    }

    /// Copies the selected rows, or the focused one, as soon as they have been read.
    pub(super) fn copy_rows(&mut self, context: &Context, place: Option<usize>, how: CopyAs) {
        if self
            .with(|workspace, known, effects| workspace.is_still_selecting(place, known, effects))
        {
            return;
        }
        let Some(grid) = self.workspace.entity(place).map(|view| &view.grid) else { return };
        let Some(source) = grid.selected_rows() else { return };
        let format = match how {
            CopyAs::Cells | CopyAs::CellsWithHeader => FormatKind::Tsv,
            CopyAs::Format(format) => format,
        };
        let mut options = FormatOptions::new(SqlDialect::of_engine(self.program.catalog.engine()));
        options.framing = Framing::Bare;
        options.header = match how {
            CopyAs::Cells => Header::Absent,
            CopyAs::CellsWithHeader | CopyAs::Format(_) => Header::Present,
        };
        let columns = seen(grid, format);
        let export = Export { source, columns, format, options };
        let catalog = self.program.catalog.clone();
        let started = Job::start("copy", waking(context), move |progress| {
            export.to_text(&catalog, MOST_COPIED, progress)
        });
        self.begin_copy(started);
    }

    /// Asks what to export.
    pub(super) fn ask_to_export(&mut self, place: Option<usize>) {
        if self
            .with(|workspace, known, effects| workspace.is_still_selecting(place, known, effects))
        {
            return;
        }
        let Some(view) = self.workspace.entity(place) else { return };
        self.dialogs.export = Some(ExportDialog::new(view, self.program.catalog.engine()));
    }

    /// Shows the question what to export, and begins when it is answered.
    pub(super) fn export_dialog(&mut self, context: &Context) {
        let Some(dialog) = &mut self.dialogs.export else { return };
        let is_busy = self.taking.export.is_some();
        let Some(choice) = dialog.show(context, &self.preferences.texts, is_busy) else { return };
        self.dialogs.export = None;
        self.workspace.focus = Some(super::Focused::Grid);
        let super::export_dialog::ExportChoice::Export(export, path) = choice else { return };
        let catalog = self.program.catalog.clone();
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let started = Job::start("export", waking(context), move |progress| {
            export.write_file(&catalog, &path, progress)
        });
        self.taking.written = None;
        match started {
            Ok(job) => self.taking.export = Some(Running { job, name }),
            Err(error) => self.notice = Some(Notice::failure(error.to_string())),
        }
    }

    /// Takes what has come of the work under way.
    pub(super) fn poll_taking(&mut self, context: &Context) {
        let copied = self.taking.copy.as_mut().and_then(|copy| copy.job.outcome());
        if let Some(outcome) = copied {
            let rows = self.taking.copy.take().map_or(0, |copy| copy.job.progress().rows_done());
            match outcome {
                Ok(text) => {
                    let said = || tr!(self.preferences.texts, "export-copied", count = rows);
                    let said = (rows > 0).then(said);
                    self.put_on_clipboard(context, text, said);
                }
                Err(error) => self.not_taken(&error),
            }
        }
        let exported = self.taking.export.as_mut().and_then(|export| export.job.outcome());
        if let Some(outcome) = exported {
            self.taking.export = None;
            match outcome {
                Ok(written) => self.taking.written = Some(written),
                Err(error) => self.not_taken(&error),
            }
        }
        self.add_up(context);
        let is_busy = self.taking.copy.is_some()
            || self.taking.export.is_some()
            || self.taking.sum.job.is_some();
        if is_busy {
            context.request_repaint_after(TICK);
        }
    }

    fn not_taken(&mut self, error: &ExportError) {
        let texts = &self.preferences.texts;
        let said = match error {
            ExportError::Cancelled => {
                self.notice = Some(Notice::success(tr!(texts, "export-cancelled")));
                return;
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
            ExportError::BrokeOff => self.words(&Failure::Stopped),
            other => other.to_string(),
        };
        self.notice = Some(Notice::failure(said));
    }

    /// Adds up the selected numbers of the focused column, once the selection has lasted.
    fn add_up(&mut self, context: &Context) {
        let wanted = self.workspace.view().and_then(|view| wanted(&view.grid));
        let sum = &mut self.taking.sum;
        if sum.wanted != wanted {
            sum.since = wanted.as_ref().map(|_| Instant::now());
            *sum = Sum { wanted, since: sum.since, job: sum.job.take(), ..Sum::default() };
            if let Some((_, job)) = &sum.job {
                job.cancel();
            }
        }
        if let Some((of, job)) = &mut sum.job
            && let Some(outcome) = job.outcome()
        {
            if sum.wanted.as_ref() == Some(of) {
                match outcome {
                    Ok(summary) => sum.known = Some(summary),
                    Err(error) => {
                        tracing::warn!(%error, "a selection was not added up");
                        sum.has_failed = true;
                    }
                }
            }
            sum.job = None;
        }
        let is_due = sum.job.is_none() && sum.known.is_none() && !sum.has_failed;
        let (Some(wanted), Some(since), true) = (&sum.wanted, sum.since, is_due) else { return };
        if let Some(rest) = PATIENCE.checked_sub(since.elapsed()).filter(|rest| !rest.is_zero()) {
            context.request_repaint_after(rest);
            return;
        }
        let wanted = wanted.clone();
        let source = self.workspace.view().and_then(|view| view.grid.selected_rows());
        let Some(source) = source else { return };
        let (catalog, position) = (self.program.catalog.clone(), wanted.position);
        let started = Job::start("sum of a selection", waking(context), move |progress| {
            summarize(&catalog, &source, position, progress)
        });
        match started {
            Ok(job) => self.taking.sum.job = Some((wanted, job)),
            Err(error) => {
                tracing::warn!(%error, "a selection was not added up");
                self.taking.sum.has_failed = true;
            }
        }
    }

    /// What is selected, and how far the work under way is.
    pub(super) fn taking_bar(&mut self, ui: &mut Ui) {
        self.work_bar(ui);
        self.selection_bar(ui);
        self.written_bar(ui);
    }

    fn selection_bar(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui.ctx());
        let Some(view) = self.workspace.view() else { return };
        let count = view.grid.selected();
        if count == 0 {
            return;
        }
        let is_guess = view.grid.selection.depends_on_total()
            && view.grid.total().is_none_or(|all| !all.is_exact);
        let mut said = match view.grid.selection.columns() {
            None => tr!(self.preferences.texts, "export-selected", count = count),
            Some(columns) => {
                let columns = columns.len();
                tr!(
                    self.preferences.texts,
                    "export-selected-cells",
                    count = count,
                    columns = columns
                )
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
        let says_more =
            self.taking.export.is_some() || self.taking.written.is_some() || self.notice.is_some();
        if says_more && ui.available_width() < ROOMY {
            return;
        }
        if let Some(said) = self.sum_in_words() {
            ui.label(RichText::new(said).color(theme.colors.text_weak));
        }
        let situation = self.situation(ui.ctx());
        for (command, mark) in [
            (Command::CopyWithHeaders, icon::ICON_CONTENT_COPY),
            (Command::Export, icon::ICON_DOWNLOAD),
            (Command::ClearSelection, icon::ICON_CLOSE),
        ] {
            if look::icon_button(ui, command, mark, &self.preferences.texts, &situation) {
                self.effects.run(command);
            }
        }
    }

    /// "sum 35.20 · average 11.73", or how far the adding up is.
    fn sum_in_words(&self) -> Option<String> {
        let sum = &self.taking.sum;
        let position = sum.wanted.as_ref()?.position;
        let meta = self.workspace.view()?.meta();
        let column = self.preferences.texts.column(meta, meta.columns.get(position)?);
        if let Some(summary) = &sum.known {
            let (Some(total), Some(average)) = (summary.sum(), summary.average()) else {
                return Some(tr!(self.preferences.texts, "export-no-numbers"));
            };
            return Some(tr!(
                self.preferences.texts,
                "export-sum",
                column = column,
                sum = self.preferences.texts.decimal(&total),
                average = self.preferences.texts.decimal(&average)
            ));
        }
        let (_, job) = sum.job.as_ref()?;
        if job.elapsed() < LONG {
            return None;
        }
        let percent = percent(job.progress().rows_done(), self.workspace.view()?.grid.selected());
        Some(tr!(self.preferences.texts, "export-adding-up", percent = percent))
    }

    fn work_bar(&self, ui: &mut Ui) {
        let theme = Theme::of(ui.ctx());
        if let Some(copy) = &self.taking.copy
            && copy.job.elapsed() >= LONG
        {
            let progress = copy.job.progress();
            let said = match progress.rows_in_all() {
                Some(total) => {
                    let percent = percent(progress.rows_done(), total);
                    tr!(self.preferences.texts, "export-copying", percent = percent)
                }
                None => tr!(self.preferences.texts, "export-counting"),
            };
            ui.label(said);
            if ui.button(tr!(self.preferences.texts, "export-cancel")).clicked() {
                copy.job.cancel();
            }
        }
        if let Some(export) = &self.taking.export {
            let progress = export.job.progress();
            let done = progress.rows_done();
            let name = export.name.as_str();
            ui.label(look::icon(icon::ICON_DOWNLOAD, theme, theme.colors.text_weak));
            ui.label(tr!(self.preferences.texts, "export-running", name = name));
            let share = progress.rows_in_all().map_or(0.0, |all| done as f32 / all.max(1) as f32);
            let bar = ProgressBar::new(share).desired_width(BAR).desired_height(6.0);
            let response = ui.add(bar.fill(theme.colors.accent));
            let label = tr!(self.preferences.texts, "export-running", name = name);
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(label));
            let said = match progress.rows_in_all() {
                None => tr!(self.preferences.texts, "export-counting"),
                Some(all) if done >= all => tr!(self.preferences.texts, "export-finishing"),
                Some(all) => tr!(
                    self.preferences.texts,
                    "export-progress",
                    percent = percent(done, all),
                    speed = speed(done, export.job.elapsed())
                ),
            };
            ui.label(RichText::new(said).color(theme.colors.text_weak));
            if ui.button(tr!(self.preferences.texts, "export-cancel")).clicked() {
                export.job.cancel();
            }
        }
    }

    /// The file that was written last, until somebody has read that, or something else is said.
    fn written_bar(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui.ctx());
        let Some(written) = self.taking.written.as_ref().filter(|_| self.notice.is_none()) else {
            return;
        };
        let said = tr!(
            self.preferences.texts,
            "export-done",
            count = written.rows,
            path = written.path.display().to_string(),
            size = self.preferences.texts.size(written.bytes)
        );
        let mut is_read = false;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = look::icon(icon::ICON_CLOSE, theme, theme.colors.text_weak);
            let close = ui.add(egui::Button::new(close).frame_when_inactive(false));
            let name = tr!(self.preferences.texts, "export-dismiss");
            close.widget_info(|| egui::WidgetInfo::labeled(accesskit::Role::Button, true, &name));
            is_read = close.on_hover_text(&name).clicked();
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.label(look::icon(icon::ICON_CHECK_CIRCLE, theme, theme.colors.new));
                let text = RichText::new(&said).color(theme.colors.new);
                let label = ui.add(egui::Label::new(text).truncate()).on_hover_text(&said);
                ui.ctx().accesskit_node_builder(label.id, |node| {
                    node.set_live(accesskit::Live::Polite);
                });
            });
        });
        if is_read {
            self.taking.written = None;
        }
    }

    /// Ends an export that is under way, so that it leaves nothing behind.
    pub(super) fn end_taking(&mut self) {
        if let Some(Running { job, .. }) = self.taking.export.take() {
            job.end();
        }
    }
}

fn waking(context: &Context) -> impl FnOnce() + Send + 'static {
    let context = context.clone();
    move || context.request_repaint()
}

/// What a person sees of the rows, as far as a format has it: of references the labels.
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

/// The column of the selected rows that is added up, if there are several rows: the focused one if
/// it holds amounts, else the only one that does.
fn wanted(grid: &Grid) -> Option<Wanted> {
    if grid.selected() < 2 {
        return None;
    }
    let amount = |place: usize| {
        let is_selected = grid.selection.columns().is_none_or(|columns| columns.contains(&place));
        grid.columns.get(place).filter(|column| is_selected && is_amount(grid, column))
    };
    let column = grid.focus().and_then(|focus| amount(focus.column)).or_else(|| {
        let mut amounts = (0..grid.columns.len()).filter_map(amount);
        amounts.next().filter(|_| amounts.next().is_none())
    })?;
    let (table, revision) = (grid.meta().table, grid.selection.revision());
    Some(Wanted { table, revision, position: column.position })
}

/// Whether the numbers in a column are worth adding up: not keys, nor what refers to them.
fn is_amount(grid: &Grid, column: &GridColumn) -> bool {
    column.meta.column_type.is_number()
        && column.meta.references.is_none()
        && column.meta.fill != Fill::Version
        && !grid.meta().key.contains(&column.position)
}

fn percent(done: u64, all: u64) -> u64 {
    done.saturating_mul(100).checked_div(all).unwrap_or(0).min(100)
}

fn speed(rows: u64, elapsed: Duration) -> u64 {
    let milliseconds = elapsed.as_millis().max(1);
    u64::try_from(u128::from(rows) * 1_000 / milliseconds).unwrap_or(u64::MAX)
}
