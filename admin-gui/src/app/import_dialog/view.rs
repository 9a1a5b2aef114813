//! Draws the question which rows to take in.

use egui::{
    Align, Align2, Button, ComboBox, Context, Event, Frame, Id, Label, Layout, Margin, Modal,
    ProgressBar, RichText, ScrollArea, TextEdit, Ui, Vec2, ViewportCommand,
};
use transfer::import::DecimalMark;

use super::super::progress::percent;
use super::super::{Jobs, widgets};
use super::columns::{self, Taking};
use super::outcome;
use super::{Came, Dates, Effects, IMPORT, ImportDialog, Look};
use crate::app::dialog_line::{line, outline, weak};
use crate::i18n::Texts;
use crate::tasks::{ImportEnding, MOST_STAGED};
use crate::theme::{Theme, icon};
use crate::tr;

/// How long after the end of what was under way nothing else begins.
const SETTLED: std::time::Duration = std::time::Duration::from_millis(600);

/// The width of the dialog, in points.
const WIDTH: f32 = 680.0;

/// The width of a column's name in the source, in points.
const HEADER: f32 = 140.0;

/// The width of what it goes into, in points.
const TARGET: f32 = 190.0;

/// The height up to which columns show without scrolling, in points.
const COLUMNS_HEIGHT: f32 = 234.0;

/// The height up to which rejected rows show without scrolling, in points.
const REJECTED_HEIGHT: f32 = 96.0;

/// The width of the field for what stands for NULL, in points.
const NULL: f32 = 90.0;

/// Rows of which the values are shown.
const ROWS_SHOWN: usize = 3;

/// Letters of a value that are shown.
const LETTERS: usize = 24;

impl ImportDialog {
    /// Draws it over everything else; returns whether it stays.
    pub(in super::super) fn show(
        &mut self,
        context: &Context,
        texts: &Texts,
        jobs: &Jobs,
        effects: &mut Effects,
    ) -> bool {
        self.watch_pasting(context, effects);
        let theme = Theme::of(context);
        let frame = Frame::popup(&context.style_of(context.theme()));
        let modal =
            Modal::new(Id::unique("import_dialog")).frame(frame.inner_margin(Margin::same(16)));
        let room = context.content_rect().width() - 2.0 * theme.spacing.section;
        let modal = modal.show(context, |ui| {
            ui.set_width(WIDTH.min(room));
            let title = tr!(texts, "import-title", entity = texts.entity(self.meta));
            ui.label(RichText::new(title).heading());
            ui.add_space(theme.spacing.item);
            let can_change = self.running.is_none() && !self.is_done();
            ui.add_enabled_ui(can_change, |ui| {
                self.source_line(ui, texts, theme, effects);
                if matches!(self.look, Look::Seen(_)) {
                    self.taking_line(ui, texts, theme);
                    self.columns_line(ui, texts, theme);
                    self.spelling_line(ui, texts, theme);
                }
            });
            self.outcome(ui, texts, theme);
            self.production_line(ui, texts, theme);
            ui.add_space(theme.spacing.group);
            self.buttons(ui, texts, theme, jobs, effects)
        });
        let stays = modal.inner && !(modal.should_close() && self.running.is_none());
        if self.running.is_some() {
            context.request_repaint_after(std::time::Duration::from_millis(100));
        }
        stays
    }

    /// Takes what comes from the clipboard: rows are no name of a file.
    fn watch_pasting(&mut self, context: &Context, effects: &mut Effects) {
        if self.running.is_some() || self.is_done() {
            return;
        }
        let is_pasting = self.is_pasting;
        let mut pasted = None;
        context.input_mut(|input| {
            input.events.retain(|event| match event {
                Event::Paste(text) if is_pasting || text.trim_end().contains('\n') => {
                    pasted = Some(text.clone());
                    false
                }
                _ => true,
            });
        });
        if let Some(text) = pasted {
            self.paste(&text, effects);
        }
    }

    fn source_line(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme, effects: &mut Effects) {
        let name = tr!(texts, "import-file");
        line(ui, theme, &name, |ui| {
            ui.horizontal(|ui| {
                let paste = Button::new(tr!(texts, "import-paste"))
                    .min_size(Vec2::new(0.0, theme.spacing.control));
                let rest = Layout::right_to_left(Align::Center);
                ui.with_layout(rest, |ui| {
                    if self.text.is_some() {
                        if ui.button(tr!(texts, "import-from-file")).clicked() {
                            self.leave_text(effects);
                        }
                        let said = RichText::new(tr!(texts, "import-from-clipboard"));
                        ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.label(said));
                        return;
                    }
                    if ui.add(paste).on_hover_text(tr!(texts, "import-paste-hint")).clicked() {
                        self.is_pasting = true;
                        ui.ctx().send_viewport_cmd(ViewportCommand::RequestPaste);
                    }
                    let field = TextEdit::singleline(&mut self.path)
                        .id(Id::unique("import path"))
                        .desired_width(f32::INFINITY)
                        .min_size(Vec2::new(0.0, theme.spacing.control))
                        .align(Align2::LEFT_CENTER)
                        .font(egui::TextStyle::Monospace);
                    let response = ui.add(field);
                    ui.ctx()
                        .accesskit_node_builder(response.id, |node| node.set_label(name.clone()));
                    if !std::mem::replace(&mut self.is_focused, true) {
                        response.request_focus();
                    }
                    if response.changed() {
                        self.sheet = None;
                        self.look_at(effects);
                    }
                });
            });
            self.said_of_source(ui, texts, theme, effects);
        });
    }

    /// Draws what is known of the source.
    fn said_of_source(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme, effects: &mut Effects) {
        let (mark, color, said) = match &self.look {
            Look::Nothing => {
                (icon::ICON_DOWNLOAD, theme.colors.text_weak, tr!(texts, "import-no-source-hint"))
            }
            Look::Asked => {
                (icon::ICON_DOWNLOAD, theme.colors.text_weak, tr!(texts, "import-looking"))
            }
            Look::Wrong(said) => (icon::ICON_ERROR, theme.colors.wrong, said.clone()),
            Look::Seen(looked) => {
                let format = self.source().map_or("", |source| source.format().name());
                let mut said =
                    tr!(texts, "import-seen", format = format, count = looked.header.len());
                if let Some(charset) = looked.charset {
                    said.push_str(" · ");
                    said.push_str(charset);
                }
                (icon::ICON_CHECK, theme.colors.text_weak, said)
            }
        };
        let mut sheet = None;
        ui.horizontal(|ui| {
            ui.label(RichText::new(mark.codepoint).color(color));
            let said = RichText::new(said).size(theme.text.small).color(color);
            ui.add(Label::new(said).truncate());
            if let Look::Seen(looked) = &self.look
                && looked.sheets.len() > 1
            {
                let first = looked.sheets.first().cloned().unwrap_or_default();
                let chosen = self.sheet.clone().unwrap_or(first);
                let shown = ComboBox::from_id_salt("import sheet")
                    .icon(widgets::arrow)
                    .selected_text(&chosen)
                    .show_ui(ui, |ui| {
                        for name in &looked.sheets {
                            if ui.selectable_label(*name == chosen, name).clicked() {
                                sheet = Some(name.clone());
                            }
                        }
                    });
                shown.response.accessible_name(tr!(texts, "import-sheet"));
            }
        });
        if sheet.is_some() {
            self.sheet = sheet;
            self.look_at(effects);
        }
    }

    fn taking_line(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        line(ui, theme, &tr!(texts, "import-taking"), |ui| {
            let mut taking = self.taking;
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = theme.spacing.section;
                outline(ui, theme);
                for choice in Taking::ALL {
                    ui.radio_value(&mut taking, choice, choice.name(texts));
                }
            });
            if taking != self.taking {
                self.take(taking, texts);
            }
            ui.horizontal(|ui| {
                ui.add(Label::new(weak(&self.taking.hint(texts), theme)).wrap());
                self.found_by_choice(ui, texts, theme);
            });
        });
    }

    /// Draws by which columns rows are found, where they are.
    fn found_by_choice(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        let sets = columns::found_by(self.meta, &self.mapped);
        if self.taking == Taking::Insert || sets.is_empty() {
            return;
        }
        let meta = self.meta;
        let name = |set: &[usize]| {
            let columns = set.iter().filter_map(|position| meta.columns.get(*position));
            columns.map(|column| texts.column(meta, column)).collect::<Vec<_>>().join(" + ")
        };
        let chosen = self.by.min(sets.len() - 1);
        ui.label(weak(&tr!(texts, "import-found-by"), theme));
        if let [set] = sets.as_slice() {
            ui.label(RichText::new(name(set)).size(theme.text.small));
            return;
        }
        let shown = ComboBox::from_id_salt("import by")
            .icon(widgets::arrow)
            .selected_text(sets.get(chosen).map_or_else(String::new, |set| name(set)))
            .show_ui(ui, |ui| {
                for (place, set) in sets.iter().enumerate() {
                    if ui.selectable_label(place == chosen, name(set)).clicked() {
                        self.by = place;
                        self.came = None;
                    }
                }
            });
        shown.response.accessible_name(tr!(texts, "import-found-by"));
    }

    fn columns_line(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        let Look::Seen(looked) = &self.look else { return };
        let choices = columns::choices(self.meta, self.taking);
        let nowhere = tr!(texts, "import-nowhere");
        let (meta, mapped) = (self.meta, &mut self.mapped);
        let mut is_changed = false;
        line(ui, theme, &tr!(texts, "import-columns"), |ui| {
            let scroll =
                ScrollArea::vertical().max_height(COLUMNS_HEIGHT).auto_shrink([false, true]);
            scroll.show(ui, |ui| {
                egui::Grid::new("import columns").num_columns(3).striped(false).show(ui, |ui| {
                    for (place, column) in mapped.iter_mut().enumerate() {
                        ui.scope(|ui| {
                            ui.set_width(HEADER);
                            ui.add(Label::new(RichText::new(&column.header).strong()).truncate());
                        });
                        let name = |target| match target {
                            Some(target) => columns::shown(meta, target, texts),
                            None => nowhere.clone(),
                        };
                        let mut chosen = RichText::new(name(column.target));
                        if column.target.is_none() {
                            chosen = chosen.color(theme.colors.text_faint);
                        }
                        let before = column.target;
                        let shown = ComboBox::from_id_salt(("import column", place))
                            .width(TARGET)
                            .truncate()
                            .icon(widgets::arrow)
                            .selected_text(chosen)
                            .show_ui(ui, |ui| {
                                let targets = choices.iter().map(|column| Some(*column));
                                for target in std::iter::once(None).chain(targets) {
                                    ui.selectable_value(&mut column.target, target, name(target));
                                }
                            });
                        let label = tr!(texts, "import-goes-into", column = column.header.as_str());
                        shown.response.accessible_name(label);
                        is_changed |= before != column.target;
                        let values = looked.rows.iter().take(ROWS_SHOWN);
                        let values = values.filter_map(|row| row.get(place));
                        let values = values.filter(|it| !it.is_empty()).map(|it| short(it));
                        let values = values.collect::<Vec<_>>().join("  ·  ");
                        ui.add(Label::new(weak(&values, theme)).truncate());
                        ui.end_row();
                    }
                });
            });
        });
        if is_changed {
            self.came = None;
        }
    }

    fn spelling_line(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        let before = (self.decimals, self.dates, self.null.clone());
        line(ui, theme, &tr!(texts, "import-spelling"), |ui| {
            ui.horizontal_wrapped(|ui| {
                let name = |mark| match mark {
                    DecimalMark::Point => "1.5",
                    DecimalMark::Comma => "1,5",
                    DecimalMark::Either => "1.5  1,5",
                };
                ui.label(weak(&tr!(texts, "import-numbers"), theme));
                let shown = ComboBox::from_id_salt("import decimals")
                    .icon(widgets::arrow)
                    .width(90.0)
                    .selected_text(name(self.decimals))
                    .show_ui(ui, |ui| {
                        for mark in [DecimalMark::Point, DecimalMark::Comma, DecimalMark::Either] {
                            ui.selectable_value(&mut self.decimals, mark, name(mark));
                        }
                    });
                shown.response.accessible_name(tr!(texts, "import-numbers"));
                ui.label(weak(&tr!(texts, "import-dates"), theme));
                let shown = ComboBox::from_id_salt("import dates")
                    .icon(widgets::arrow)
                    .width(190.0)
                    .selected_text(self.dates.example())
                    .show_ui(ui, |ui| {
                        for dates in Dates::ALL {
                            ui.selectable_value(&mut self.dates, dates, dates.example());
                        }
                    });
                shown.response.accessible_name(tr!(texts, "import-dates"));
                ui.label(weak(&tr!(texts, "import-null"), theme));
                let null = TextEdit::singleline(&mut self.null)
                    .id(Id::unique("import null"))
                    .desired_width(NULL)
                    .min_size(Vec2::new(0.0, theme.spacing.control))
                    .align(Align2::LEFT_CENTER);
                let null = ui.add(null).on_hover_text(tr!(texts, "import-null-hint"));
                let name = tr!(texts, "import-null");
                ui.ctx().accesskit_node_builder(null.id, |node| node.set_label(name));
            });
        });
        if before != (self.decimals, self.dates, self.null.clone()) {
            self.came = None;
        }
    }

    /// Draws what became of the rows.
    fn outcome(&self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        let Some(came) = &self.came else {
            if matches!(self.look, Look::Seen(_)) {
                let said = tr!(texts, "import-how", count = MOST_STAGED);
                line(ui, theme, "", |ui| ui.add(Label::new(weak(&said, theme)).wrap()));
            }
            return;
        };
        let (mark, color) = match came {
            Came::Not(_) | Came::Unknown(_) => (icon::ICON_ERROR, theme.colors.wrong),
            Came::Checked(it) | Came::Written(it) | Came::Staged(it) if it.counts.rejected > 0 => {
                (icon::ICON_WARNING, theme.colors.staged)
            }
            _ => (icon::ICON_CHECK_CIRCLE, theme.colors.new),
        };
        line(ui, theme, &tr!(texts, "import-outcome"), |ui| {
            ui.horizontal(|ui| {
                ui.label(RichText::new(mark.codepoint).color(color));
                ui.add(Label::new(RichText::new(outcome::words(came, texts)).color(color)).wrap());
            });
            let (Came::Checked(it) | Came::Written(it) | Came::Staged(it)) = came else { return };
            let scroll =
                ScrollArea::vertical().max_height(REJECTED_HEIGHT).auto_shrink([false, true]);
            scroll.show(ui, |ui| {
                for (line, reason) in &it.rejected {
                    let reason = texts.reason(self.meta, reason);
                    let said = tr!(texts, "import-line", line = *line, reason = reason);
                    ui.add(Label::new(RichText::new(said).size(theme.text.small)).wrap());
                }
                let more = it.counts.rejected.saturating_sub(it.rejected.len() as u64);
                if more > 0 {
                    ui.label(weak(&tr!(texts, "import-more", count = more), theme));
                }
            });
            if let Some(path) = &it.rejects {
                let said = tr!(texts, "import-saved", path = path.display().to_string());
                ui.add(Label::new(weak(&said, theme)).wrap());
            }
        });
    }

    /// Returns whether the name of a database in production has been typed, where it has to be.
    fn is_named(&self) -> bool {
        self.production.as_ref().is_none_or(|(name, typed)| typed.trim() == name)
    }

    /// Draws the field for the name of a database in production.
    fn production_line(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        let is_ready = self.problem(texts).is_none() && self.running.is_none();
        let Some((name, typed)) = self.production.as_mut().filter(|_| is_ready) else { return };
        line(ui, theme, &tr!(texts, "shell-production"), |ui| {
            let hint = tr!(texts, "production-type", name = name.as_str());
            let field = TextEdit::singleline(typed).hint_text(hint).desired_width(f32::INFINITY);
            ui.add(field).accessible_name(tr!(texts, "production-name"));
        });
    }

    /// Draws the buttons; returns whether the dialog stays.
    fn buttons(
        &mut self,
        ui: &mut Ui,
        texts: &Texts,
        theme: &Theme,
        jobs: &Jobs,
        effects: &mut Effects,
    ) -> bool {
        let size = Vec2::new(0.0, theme.spacing.control);
        let mut stays = true;
        let problem = self.problem(texts);
        let row = Vec2::new(ui.available_width(), theme.spacing.control);
        ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
            if self.running.is_some() {
                if ui.add(Button::new(tr!(texts, "import-stop")).min_size(size)).clicked() {
                    effects.stop(IMPORT);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    self.progress(ui, texts, theme, jobs);
                });
                return;
            }
            if self.is_done() {
                if ui.add(Button::new(tr!(texts, "import-close")).min_size(size)).clicked() {
                    stays = false;
                }
                return;
            }
            let is_settled = self.ended.is_none_or(|ended| ended.elapsed() > SETTLED);
            if !is_settled {
                ui.ctx().request_repaint_after(SETTLED);
            }
            let can_begin = problem.is_none() && is_settled;
            let text = RichText::new(tr!(texts, "import-start"));
            let start = if can_begin && self.is_named() {
                Button::new(text.color(theme.colors.on_accent)).fill(theme.colors.accent)
            } else {
                Button::new(text)
            };
            let may_start = can_begin && self.is_named();
            if ui.add_enabled(may_start, start.min_size(size)).clicked() {
                self.begin(ImportEnding::Take, effects);
            }
            let check = Button::new(tr!(texts, "import-check")).min_size(size);
            let check = ui.add_enabled(can_begin, check);
            if check.on_hover_text(tr!(texts, "import-check-hint")).clicked() {
                self.begin(ImportEnding::Check, effects);
            }
            if ui.add(Button::new(tr!(texts, "import-cancel")).min_size(size)).clicked() {
                stays = false;
            }
            if let Some(problem) = problem {
                let said = RichText::new(problem).size(theme.text.small);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(Label::new(said.color(theme.colors.wrong)).truncate());
                });
            }
        });
        stays
    }

    /// Draws how far the work is.
    fn progress(&self, ui: &mut Ui, texts: &Texts, theme: &Theme, jobs: &Jobs) {
        let said = match self.running {
            Some(ImportEnding::Check) => tr!(texts, "import-checking"),
            _ => tr!(texts, "import-running"),
        };
        ui.label(&said);
        let Some(progress) = jobs.progress(IMPORT) else { return };
        if let Some(all) = progress.rows_in_all() {
            let done = percent(progress.rows_done(), all);
            #[expect(clippy::cast_precision_loss, reason = "hundredths")]
            let bar =
                ProgressBar::new(done as f32 / 100.0).desired_width(180.0).desired_height(6.0);
            let response = ui.add(bar.fill(theme.colors.accent));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(said));
            ui.label(weak(&tr!(texts, "import-progress", percent = done), theme));
        }
    }
}

/// Returns as much of a value as fits beside others.
fn short(value: &str) -> String {
    let line: String = value.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
