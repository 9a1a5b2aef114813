//! The bar above the grid: which rows, in which order, and a new one.

use std::time::Instant;

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align, Align2, Button, FontFamily, FontId, Frame, Key, Layout, Margin, Panel, RichText,
    TextEdit, Ui, Vec2,
};
use persistence::{Direction, Filter};

use super::Effects;
use super::context::Shown;
use super::entity_view::EntityView;
use super::filter_fields::search_id;
use super::pill_bar::PillLines;
use super::{Focused, action_buttons, widgets};
use crate::command::Command;
use crate::filter_line::Face;
use crate::theme::{Theme, icon};
use crate::tr;

/// How wide the quick search is where there is room, in points.
const SEARCH: f32 = 190.0;

/// The least it is, in points.
const NARROW_SEARCH: f32 = 48.0;

/// The width of the bar beneath which it has a second line, in points.
const NARROW_BAR: f32 = 400.0;

/// The height of that line, in points.
const SECOND_LINE: f32 = 34.0;

/// The width of the bar from which on it says by which columns rows are sorted, in points.
const WORDY_BAR: f32 = 760.0;

/// The room for that, whether rows are sorted or not: nothing moves when they are.
const ORDER: f32 = 170.0;

/// What it leaves to the filter on its left, in points.
const BESIDE_SEARCH: f32 = 150.0;

impl EntityView {
    pub(super) fn filter_bar(&mut self, ui: &mut Ui, shown: &Shown<'_>, effects: &mut Effects) {
        let theme = Theme::of(ui.ctx());
        let frame = Frame::new().fill(theme.colors.canvas).inner_margin(Margin::symmetric(12, 0));
        // Pills that do not fit into the bar stand beneath it.
        let lines = self.pill_lines(ui, shown, ui.available_width() - 24.0);
        // What does not fit into the bar has a line of its own.
        let is_narrow = ui.available_width() < NARROW_BAR;
        let second_line = if is_narrow { SECOND_LINE } else { 0.0 };
        let height = widgets::FILTER_BAR + lines.height() + second_line;
        Panel::top("filter bar").frame(frame).exact_size(height).show(ui, |ui| {
            let bar = egui::Rect::from_min_size(
                ui.max_rect().min,
                Vec2::new(ui.available_width(), widgets::FILTER_BAR),
            );
            let bar = egui::UiBuilder::new().id_salt("bar").max_rect(bar);
            ui.scope_builder(bar.layout(Layout::right_to_left(Align::Center)), |ui| {
                self.new_button(ui, shown, effects);
                if !is_narrow {
                    self.tools(ui, shown, effects);
                    let room = ui.available_width();
                    let width = (room * 0.28).max(80.0).min(room - BESIDE_SEARCH);
                    self.search(ui, width.clamp(NARROW_SEARCH, SEARCH), shown, effects);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    self.filter(ui, shown, effects, &lines);
                });
            });
            self.pills_beneath(ui, shown, effects, &lines);
            if is_narrow {
                let area = ui.max_rect();
                let line = egui::Rect::from_min_max(
                    egui::pos2(area.left(), area.bottom() - SECOND_LINE),
                    area.max - egui::vec2(0.0, theme.spacing.item),
                );
                let line = egui::UiBuilder::new().id_salt("second line").max_rect(line);
                let layout = Layout::right_to_left(Align::Center);
                ui.scope_builder(line.layout(layout), |ui| {
                    self.tools(ui, shown, effects);
                    self.search(ui, ui.available_width(), shown, effects);
                });
            }
            self.show_pill_editor(ui.ctx(), shown, effects);
            self.apply_filter();
        });
    }

    /// Draws the buttons for the columns, the export, the program's own actions and the order of
    /// the rows.
    fn tools(&mut self, ui: &mut Ui, shown: &Shown<'_>, effects: &mut Effects) {
        self.columns_button(ui, shown);
        self.transfer_buttons(ui, shown, effects);
        action_buttons::buttons(ui, self.meta(), shown, effects);
        self.order_button(ui, shown);
    }

    fn new_button(&mut self, ui: &mut Ui, shown: &Shown<'_>, effects: &mut Effects) {
        let theme = Theme::of(ui.ctx());
        let text = RichText::new(tr!(shown.texts, "shell-new"));
        let button = Button::new((widgets::icon(icon::ICON_ADD, theme, theme.colors.text), text))
            .min_size(Vec2::new(0.0, theme.spacing.control));
        let response = ui.add_enabled(Command::New.is_enabled(&shown.situation), button);
        if widgets::named(response, Command::New, shown.texts).clicked() {
            effects.run_on(Command::New, self.meta().table);
        }
    }

    /// Draws the button that opens the choice of the columns that are shown.
    fn columns_button(&mut self, ui: &mut Ui, shown: &Shown<'_>) {
        let theme = Theme::of(ui.ctx());
        let mark = widgets::icon(icon::ICON_VIEW_COLUMN, theme, theme.colors.text_weak);
        let button = Button::new(mark)
            .frame_when_inactive(false)
            .min_size(Vec2::splat(theme.spacing.control));
        let response = ui.add_enabled(Command::Columns.is_enabled(&shown.situation), button);
        let response = widgets::named(response, Command::Columns, shown.texts);
        if response.clicked() {
            self.toggle_columns();
        }
        self.show_chooser(ui.ctx(), response.rect, shown);
    }

    /// Draws the buttons that take rows away and in.
    fn transfer_buttons(&mut self, ui: &mut Ui, shown: &Shown<'_>, effects: &mut Effects) {
        for (command, mark) in
            [(Command::Export, icon::ICON_DOWNLOAD), (Command::Import, icon::ICON_UPLOAD)]
        {
            if widgets::icon_button(ui, command, mark, shown.texts, &shown.situation) {
                effects.run_on(command, self.meta().table);
            }
        }
    }

    /// Draws what the rows are sorted by; a click shows them by their key again.
    fn order_button(&mut self, ui: &mut Ui, shown: &Shown<'_>) {
        let theme = Theme::of(ui.ctx());
        let terms = &self.grid.order().0;
        let is_sorted = !terms.is_empty();
        let (text, weak, faint) =
            (theme.colors.text, theme.colors.text_weak, theme.colors.text_faint);
        let font = FontId::new(theme.text.body, FontFamily::Proportional);
        let mark = TextFormat::simple(
            FontId::new(theme.text.icon, FontFamily::Proportional),
            if is_sorted { theme.colors.accent } else { faint },
        );
        let mut job = LayoutJob::default();
        job.append(icon::ICON_SORT.codepoint, 0.0, mark);
        let mut said = String::new();
        for term in terms {
            let Some(column) = self.meta().column(&term.column) else {
                continue;
            };
            let name = shown.texts.column(self.meta(), column);
            let arrow = match term.direction {
                Direction::Ascending => icon::ICON_ARROW_UPWARD,
                Direction::Descending => icon::ICON_ARROW_DOWNWARD,
            };
            said.push_str(&format!("{name} {}  ", arrow.codepoint));
            job.append(&name, 8.0, TextFormat::simple(font.clone(), weak));
            job.append(arrow.codepoint, 2.0, TextFormat::simple(font.clone(), text));
        }
        let is_wordy = ui.max_rect().width() >= WORDY_BAR;
        let width = if is_wordy { ORDER } else { theme.spacing.control };
        if !is_wordy {
            job.text.truncate(icon::ICON_SORT.codepoint.len());
            job.sections.truncate(1);
        }
        job.wrap = egui::text::TextWrapping::truncate_at_width(width - 12.0);
        let size = Vec2::new(width, theme.spacing.control);
        let layout = Layout::right_to_left(Align::Center);
        let response = ui.allocate_ui_with_layout(size, layout, |ui| {
            ui.set_min_size(size);
            let button = Button::new(job).frame_when_inactive(false);
            ui.add_enabled(is_sorted, button.min_size(Vec2::splat(theme.spacing.control)))
        });
        let name = tr!(shown.texts, "shell-clear-order");
        let response =
            response.inner.on_hover_text(format!("{said}\n{name}")).accessible_name(name);
        if response.clicked() {
            self.grid.clear_order();
        }
    }

    fn search(&mut self, ui: &mut Ui, width: f32, shown: &Shown<'_>, effects: &mut Effects) {
        let theme = Theme::of(ui.ctx());
        if !Filter::has_quick_search(self.meta()) {
            return;
        }
        let name = tr!(shown.texts, "command-search");
        let field = TextEdit::singleline(&mut self.line.search)
            .id(search_id(self.entry.meta.table))
            .desired_width(width)
            .min_size(Vec2::new(0.0, theme.spacing.control))
            .align(Align2::LEFT_CENTER)
            .prefix(widgets::icon(icon::ICON_SEARCH, theme, theme.colors.text_weak))
            .hint_text(RichText::new(&name).color(theme.colors.text_faint));
        let response = ui.add(field);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
        let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if response.changed() {
            self.line.searched(Instant::now());
        }
        if is_entered {
            self.line.apply_search();
            effects.focus(Focused::Grid);
        } else if let Some(rest) = self.line.rest(Instant::now()) {
            ui.ctx().request_repaint_after(rest);
        }
        self.apply_filter();
    }

    /// Draws the filter: its pills, or the line in which it is typed.
    fn filter(&mut self, ui: &mut Ui, shown: &Shown<'_>, effects: &mut Effects, lines: &PillLines) {
        let theme = Theme::of(ui.ctx());
        let face = self.line.face;
        let color = match (face, self.line.is_active()) {
            (Face::Line, _) | (Face::Pills, true) => theme.colors.accent,
            (Face::Pills, false) => theme.colors.text_weak,
        };
        let toggle = Button::new(widgets::icon(icon::ICON_FILTER_ALT, theme, color))
            .frame_when_inactive(false)
            .min_size(Vec2::splat(theme.spacing.control));
        let toggle = widgets::named(ui.add(toggle), Command::Filter, shown.texts);
        if toggle.clicked() {
            self.pill_editor = None;
            match face {
                Face::Pills => {
                    self.line.face = Face::Line;
                    effects.focus(Focused::Filter);
                }
                Face::Line => self.line.reset(),
            }
        }
        match face {
            Face::Pills => self.pills(ui, shown, effects, lines),
            Face::Line => self.filter_line(ui, shown, effects),
        }
        let mark = icon::ICON_CLOSE;
        if shown.situation.is_filtered
            && widgets::icon_button(ui, Command::ClearFilter, mark, shown.texts, &shown.situation)
        {
            effects.run_on(Command::ClearFilter, self.meta().table);
        }
        self.apply_filter();
    }
}
