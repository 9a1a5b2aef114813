//! The question what to export, how, and where to.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use egui::{
    Align, Align2, Button, Context, Frame, Id, Label, Layout, Margin, Modal, RichText, ScrollArea,
    TextEdit, Ui, Vec2,
};
use persistence::backend::database_of;
use persistence::{EntityMeta, Query};

use super::dialog_line::{line, outline, weak};
use super::entity_view::EntityView;
use crate::i18n::Texts;
use crate::theme::{Theme, icon};
use crate::tr;
use transfer::export::{
    Export, ExportColumn, ExportColumns, FormatKind, FormatOptions, Formulas, Header, Rows, Source,
    SqlDialect,
};

/// The width of the dialog, in points.
const WIDTH: f32 = 540.0;

/// The height up to which columns show without scrolling, in points.
const COLUMNS_HEIGHT: f32 = 132.0;

/// The width of a column's name, in points.
const COLUMN_WIDTH: f32 = 138.0;

/// What a person decided.
#[derive(Clone, Debug)]
pub(super) enum ExportChoice {
    /// To export that into a file.
    Export(Box<Export>, PathBuf),
    /// Nothing.
    Cancel,
}

/// Which rows are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Selected,
    Filtered,
    All,
}

/// The question what to export, how, and where to.
#[derive(Clone, Debug)]
pub(super) struct ExportDialog {
    meta: &'static EntityMeta,
    engine: &'static str,
    /// What can be meant, and how many rows that is, where it is known.
    scopes: Vec<(Scope, Source, Option<u64>)>,
    scope: Scope,
    columns: ExportColumns,
    chosen: HashSet<ExportColumn>,
    format: FormatKind,
    header: bool,
    guard: bool,
    path: String,
    /// What is at the path, looked up when that changes.
    there: Target,
    is_focused: bool,
}

/// What is where the file is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    Nothing,
    NoPath,
    File,
    Folder,
    /// A database, or a file that belongs to one.
    Database(PathBuf),
    /// The folder that is not there.
    NoFolder(PathBuf),
}

impl ExportDialog {
    /// Makes the dialog for the rows of a view.
    pub(super) fn new(view: &EntityView, engine: &'static str) -> Self {
        let meta = view.meta();
        let grid = &view.grid;
        let mut scopes = Vec::new();
        let selected = grid.selected();
        if let Some(source) = grid.selected_rows().filter(|_| selected > 0) {
            scopes.push((Scope::Selected, source, Some(selected)));
        }
        let total = grid.total().filter(|total| total.is_exact).map(|total| total.rows);
        let is_filtered = *grid.filter() != persistence::Filter::All;
        if is_filtered {
            let source = Source { meta, query: grid.query(), rows: Rows::All };
            scopes.push((Scope::Filtered, source, total));
        }
        let query = <Query>::new().order(grid.order().clone());
        let all = Source { meta, query, rows: Rows::All };
        scopes.push((Scope::All, all, grid.all_rows().or(total.filter(|_| !is_filtered))));

        // As the grid has them: those that it does not show come last, and only on request.
        let shown: Vec<usize> = grid.columns.shown().map(|column| column.position).collect();
        let hidden = (0..meta.columns.len()).filter(|position| !shown.contains(position));
        let cells = |position| [ExportColumn::Own(position), ExportColumn::Label(position)];
        let all = shown.iter().copied().chain(hidden).flat_map(cells);
        let columns = ExportColumns::new(meta, all);
        let chosen = shown.iter().copied().flat_map(cells).collect();
        let mut dialog = Self {
            meta,
            engine,
            scope: scopes.first().map_or(Scope::All, |(scope, _, _)| *scope),
            scopes,
            columns,
            chosen,
            format: FormatKind::default(),
            header: true,
            guard: false,
            path: String::new(),
            there: Target::NoPath,
            is_focused: false,
        };
        let folder = usual_folder();
        dialog.path = format!("{folder}{}.{}", meta.table, dialog.format.extension());
        dialog.look_up();
        dialog
    }

    /// Shows the dialog over everything else; returns what was decided.
    pub(super) fn show(
        &mut self,
        context: &Context,
        texts: &Texts,
        is_busy: bool,
    ) -> Option<ExportChoice> {
        let theme = Theme::of(context);
        let modal = Modal::new(Id::unique("export_dialog"))
            .frame(Frame::popup(&context.style_of(context.theme())).inner_margin(Margin::same(16)));
        let modal = modal.show(context, |ui| {
            ui.set_width(WIDTH);
            let title = tr!(texts, "export-title", entity = texts.entity(self.meta));
            ui.label(RichText::new(title).heading());
            ui.add_space(theme.spacing.item);
            self.scope(ui, texts, theme);
            self.format(ui, texts, theme);
            self.columns(ui, texts, theme);
            self.options(ui, texts, theme);
            let is_entered = self.path(ui, texts, theme);
            ui.add_space(theme.spacing.group);
            self.buttons(ui, texts, theme, is_busy, is_entered)
        });
        if modal.inner.is_none() && modal.should_close() {
            return Some(ExportChoice::Cancel);
        }
        modal.inner
    }

    fn scope(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        line(ui, theme, &tr!(texts, "export-what"), |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = theme.spacing.section;
                outline(ui, theme);
                for (scope, _, count) in &self.scopes {
                    let mut name = match scope {
                        Scope::Selected => tr!(texts, "export-what-selected"),
                        Scope::Filtered => tr!(texts, "export-what-filtered"),
                        Scope::All => tr!(texts, "export-what-all"),
                    };
                    if let Some(count) = count {
                        name = format!("{name} · {}", texts.number(*count));
                    }
                    ui.radio_value(&mut self.scope, *scope, name);
                }
            });
        });
    }

    fn format(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        let before = self.format;
        line(ui, theme, &tr!(texts, "export-format"), |ui| {
            ui.horizontal_wrapped(|ui| {
                for format in FormatKind::ALL {
                    ui.selectable_value(&mut self.format, format, format.name());
                }
            });
            let said = match self.format {
                FormatKind::Csv => tr!(texts, "export-format-csv"),
                FormatKind::Tsv => tr!(texts, "export-format-tsv"),
                FormatKind::Json => tr!(texts, "export-format-json"),
                FormatKind::JsonLines => tr!(texts, "export-format-json-lines"),
                FormatKind::Sql => tr!(texts, "export-format-sql", engine = self.engine),
                FormatKind::Xlsx => match self.sheets().filter(|sheets| *sheets > 1) {
                    Some(sheets) => tr!(texts, "export-format-xlsx-sheets", sheets = sheets),
                    None => tr!(texts, "export-format-xlsx"),
                },
            };
            ui.add(Label::new(weak(&said, theme)).wrap());
        });
        if self.format != before {
            self.rename(before);
        }
    }

    fn columns(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        line(ui, theme, &tr!(texts, "export-columns"), |ui| {
            ui.horizontal(|ui| {
                if ui.small_button(tr!(texts, "export-columns-all")).clicked() {
                    self.chosen = self.columns.iter().collect();
                }
                if ui.small_button(tr!(texts, "export-columns-none")).clicked() {
                    self.chosen.clear();
                }
            });
            let scroll =
                ScrollArea::vertical().max_height(COLUMNS_HEIGHT).auto_shrink([false, true]);
            scroll.show(ui, |ui| {
                outline(ui, theme);
                let across = (ui.available_width() / COLUMN_WIDTH).floor().max(1.0);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a few columns"
                )]
                let across = across as usize;
                egui::Grid::new("export columns").min_col_width(COLUMN_WIDTH).show(ui, |ui| {
                    for (place, column) in self.columns.iter().enumerate() {
                        let can_be =
                            self.format.takes_labels() || matches!(column, ExportColumn::Own(_));
                        let mut is_chosen = self.chosen.contains(&column) && can_be;
                        let name = self.columns.name(column);
                        let check = egui::Checkbox::new(&mut is_chosen, name);
                        if ui.add_enabled(can_be, check).changed() {
                            if is_chosen {
                                self.chosen.insert(column);
                            } else {
                                self.chosen.remove(&column);
                            }
                        }
                        if (place + 1) % across == 0 {
                            ui.end_row();
                        }
                    }
                });
            });
        });
    }

    fn options(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        // Always there, so that nothing moves with the format.
        let (has_header, is_open) =
            (self.format.has_optional_header(), self.format.is_open_to_formulas());
        line(ui, theme, &tr!(texts, "export-options"), |ui| {
            outline(ui, theme);
            let header = egui::Checkbox::new(&mut self.header, tr!(texts, "export-header"));
            ui.add_enabled(has_header, header);
            let guard = egui::Checkbox::new(&mut self.guard, tr!(texts, "export-guard"));
            ui.add_enabled(is_open, guard).on_hover_text(tr!(texts, "export-guard-hint"));
        });
    }

    /// Returns whether it was finished with Enter.
    fn path(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) -> bool {
        let name = tr!(texts, "export-path");
        line(ui, theme, &name, |ui| {
            let field = TextEdit::singleline(&mut self.path)
                .id(Id::unique("export path"))
                .desired_width(f32::INFINITY)
                .min_size(Vec2::new(0.0, theme.spacing.control))
                .align(Align2::LEFT_CENTER)
                .font(egui::TextStyle::Monospace);
            let response = ui.add(field);
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.clone()));
            if !std::mem::replace(&mut self.is_focused, true) {
                response.request_focus();
            }
            if response.changed() {
                self.look_up();
            }
            let (mark, color, said) = match &self.there {
                Target::Nothing => {
                    (icon::ICON_CHECK, theme.colors.text_weak, tr!(texts, "export-new-file"))
                }
                Target::File => {
                    (icon::ICON_WARNING, theme.colors.staged, tr!(texts, "export-replaces"))
                }
                Target::NoPath => {
                    (icon::ICON_ERROR, theme.colors.wrong, tr!(texts, "export-no-path"))
                }
                Target::Folder => {
                    (icon::ICON_ERROR, theme.colors.wrong, tr!(texts, "export-is-folder"))
                }
                Target::Database(database) => {
                    let database = database.display().to_string();
                    let said = tr!(texts, "export-is-database", path = database);
                    (icon::ICON_ERROR, theme.colors.wrong, said)
                }
                Target::NoFolder(folder) => {
                    let folder = folder.display().to_string();
                    let said = tr!(texts, "export-no-folder", folder = folder);
                    (icon::ICON_ERROR, theme.colors.wrong, said)
                }
            };
            ui.horizontal(|ui| {
                ui.label(RichText::new(mark.codepoint).color(color));
                let said = RichText::new(said).size(theme.text.small).color(color);
                ui.add(Label::new(said).truncate());
            });
            response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter))
        })
    }

    fn buttons(
        &self,
        ui: &mut Ui,
        texts: &Texts,
        theme: &Theme,
        is_busy: bool,
        is_entered: bool,
    ) -> Option<ExportChoice> {
        let mut choice = None;
        let problem = self.problem(texts, is_busy);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let can_start = problem.is_none();
            let text = RichText::new(tr!(texts, "export-start"));
            let start = if can_start {
                Button::new(text.color(theme.colors.on_accent)).fill(theme.colors.accent)
            } else {
                Button::new(text)
            };
            let start = start.min_size(Vec2::new(0.0, theme.spacing.control));
            if ui.add_enabled(can_start, start).clicked() || (is_entered && can_start) {
                choice = self
                    .export()
                    .map(|export| ExportChoice::Export(Box::new(export), expanded(&self.path)));
            }
            let cancel = Button::new(tr!(texts, "export-cancel"))
                .min_size(Vec2::new(0.0, theme.spacing.control));
            if ui.add(cancel).clicked() {
                choice = Some(ExportChoice::Cancel);
            }
            if let Some(problem) = problem {
                let said = RichText::new(problem).size(theme.text.small);
                ui.add(Label::new(said.color(theme.colors.wrong)).truncate());
            }
        });
        choice
    }

    /// Returns why the export cannot begin, apart from what stands beneath the path.
    fn problem(&self, texts: &Texts, is_busy: bool) -> Option<String> {
        if is_busy {
            return Some(tr!(texts, "export-busy"));
        }
        if self.chosen_columns().is_empty() {
            return Some(tr!(texts, "export-no-columns"));
        }
        // Said where the path is.
        (!matches!(self.there, Target::Nothing | Target::File)).then(String::new)
    }

    fn export(&self) -> Option<Export> {
        let (_, source, _) = self.scopes.iter().find(|(scope, _, _)| *scope == self.scope)?;
        let mut options = FormatOptions::new(SqlDialect::of_engine(self.engine));
        if !self.header {
            options.header = Header::Absent;
        }
        if self.guard {
            options.formulas = Formulas::Guarded;
        }
        let columns = self.chosen_columns();
        Some(Export { source: source.clone(), columns, format: self.format, options })
    }

    fn chosen_columns(&self) -> ExportColumns {
        let takes_labels = self.format.takes_labels();
        let chosen = self.columns.iter().filter(|column| {
            self.chosen.contains(column) && (takes_labels || matches!(column, ExportColumn::Own(_)))
        });
        ExportColumns::new(self.meta, chosen)
    }

    /// Returns how many sheets the rows need, where that is known.
    fn sheets(&self) -> Option<u64> {
        let (_, _, count) = self.scopes.iter().find(|(scope, _, _)| *scope == self.scope)?;
        Some(count.as_ref()?.div_ceil(self.format.rows_a_sheet()?).max(1))
    }

    /// Gives the file's name the ending of the chosen format, unless the person has typed another
    /// ending.
    fn rename(&mut self, before: FormatKind) {
        if let Some(name) = self.path.strip_suffix(&format!(".{}", before.extension())) {
            self.path = format!("{name}.{}", self.format.extension());
            self.look_up();
        }
    }

    fn look_up(&mut self) {
        let path = expanded(&self.path);
        self.there = if path.as_os_str().is_empty() {
            Target::NoPath
        } else if self.path.ends_with(['/', std::path::MAIN_SEPARATOR]) || path.is_dir() {
            Target::Folder
        } else if let Ok(Some(database)) = database_of(&path) {
            Target::Database(database)
        } else if path.exists() {
            Target::File
        } else {
            match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                Some(folder) if !folder.is_dir() => Target::NoFolder(folder.to_owned()),
                _ => Target::Nothing,
            }
        };
    }
}

/// Returns the folder in which files that a person asks for usually go, as it is typed.
pub(super) fn usual_folder() -> String {
    let folders = directories::UserDirs::new();
    let folder = folders.as_ref().and_then(|folders| {
        folders.download_dir().filter(|folder| folder.is_dir()).or(Some(folders.home_dir()))
    });
    let Some(folder) = folder else { return String::new() };
    let home = folders.as_ref().map(directories::UserDirs::home_dir);
    match home.and_then(|home| folder.strip_prefix(home).ok()) {
        Some(rest) if rest.as_os_str().is_empty() => "~/".to_owned(),
        Some(rest) => format!("~/{}/", rest.display()),
        None => format!("{}/", folder.display()),
    }
}

/// Returns a path as it was typed, with the home folder for a tilde.
pub(super) fn expanded(path: &str) -> PathBuf {
    let path = path.trim();
    let rest = path.strip_prefix("~/").or(path.strip_prefix("~\\")).or((path == "~").then_some(""));
    match (rest, directories::UserDirs::new()) {
        (Some(rest), Some(folders)) => folders.home_dir().join(rest),
        _ => Path::new(path).to_owned(),
    }
}
