//! Which columns are shown, in which order.

use egui::{Align, Button, Checkbox, Context, Id, Layout, Rect, ScrollArea, Ui};

use super::pill_editor::search_field;
use super::{popover, widgets};
use crate::grid::Grid;
use crate::i18n::Texts;
use crate::theme::{Theme, icon};
use crate::tr;

/// How wide it is, in points.
const WIDTH: f32 = 300.0;

/// How high its list is, in points.
const LIST: f32 = 360.0;

/// The open list of an entity's columns.
#[derive(Debug, Default)]
pub(super) struct ColumnChooser {
    search: String,
    age: popover::Age,
    was_focused: bool,
}

/// What is to be done with a column of the entity.
enum Step {
    Hide(usize, bool),
    Freeze(usize, bool),
    Move(usize, isize),
    Everything,
    Usual,
}

impl ColumnChooser {
    /// Draws it beneath its button; returns whether it is to be closed.
    pub fn show(
        &mut self,
        context: &Context,
        anchor: Rect,
        grid: &mut Grid,
        texts: &Texts,
    ) -> bool {
        let id = Id::unique(("column chooser", grid.meta().table));
        let name = tr!(texts, "column-choose");
        let mut age = self.age;
        let (step, closes) = popover::show(context, id, anchor, &name, &mut age, |ui| {
            ui.set_width(WIDTH);
            self.content(ui, grid, texts)
        });
        self.age = age;
        let step = step.flatten();
        grid.arrange(|columns| match step {
            Some(Step::Hide(position, is_hidden)) => columns.set_hidden(position, is_hidden),
            Some(Step::Freeze(position, is_frozen)) => columns.set_frozen(position, is_frozen),
            Some(Step::Move(position, by)) => columns.step(position, by),
            Some(Step::Everything) => {
                let all: Vec<_> = columns.all().map(|column| column.position).collect();
                for position in all {
                    columns.set_hidden(position, false);
                }
            }
            Some(Step::Usual) => columns.reset(),
            None => {}
        });
        closes
    }

    fn content(&mut self, ui: &mut Ui, grid: &Grid, texts: &Texts) -> Option<Step> {
        let name = tr!(texts, "pill-search-columns");
        let field = search_field(ui, &mut self.search, &name);
        if !std::mem::replace(&mut self.was_focused, true) {
            field.request_focus();
        }
        let wanted = self.search.trim().to_lowercase();
        let mut step = None;
        ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
            ui.set_width(ui.available_width());
            for column in grid.columns.all() {
                let name = column.meta.title(texts);
                if !name.to_lowercase().contains(&wanted) {
                    continue;
                }
                step = line(ui, texts, column, &name).or_else(|| step.take());
            }
        });
        ui.separator();
        ui.horizontal(|ui| {
            if ui.button(tr!(texts, "column-show-all")).clicked() {
                step = Some(Step::Everything);
            }
            if ui.button(tr!(texts, "column-usual")).clicked() {
                step = Some(Step::Usual);
            }
        });
        step
    }
}

fn line(ui: &mut Ui, texts: &Texts, column: &crate::grid::GridColumn, name: &str) -> Option<Step> {
    let theme = Theme::of(ui.ctx());
    let position = column.position;
    let mut step = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().button_padding.x = 4.0;
        let mut is_shown = !column.is_hidden();
        let label = ui.scope(|ui| {
            ui.set_max_width(ui.available_width() - 3.0 * (theme.spacing.control + 2.0));
            ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
            widgets::outline_boxes(ui);
            ui.add(Checkbox::new(&mut is_shown, name))
        });
        if label.inner.clicked() {
            step = Some(Step::Hide(position, !is_shown));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let mut button = |ui: &mut Ui, mark, color, label: String, done: Step| {
                let button = Button::new(widgets::icon(mark, theme, color))
                    .frame_when_inactive(false)
                    .min_size(egui::Vec2::splat(theme.spacing.control));
                let response = ui.add(button).accessible_name(&label).on_hover_text(label);
                if response.clicked() {
                    step = Some(done);
                }
            };
            let weak = theme.colors.text_weak;
            let (color, label) = if column.is_frozen() {
                (theme.colors.accent, tr!(texts, "column-unfreeze-of", column = name))
            } else {
                (weak, tr!(texts, "column-freeze-of", column = name))
            };
            let freeze = Step::Freeze(position, !column.is_frozen());
            button(ui, icon::ICON_KEEP, color, label, freeze);
            let down = tr!(texts, "column-down", column = name);
            button(ui, icon::ICON_ARROW_DOWNWARD, weak, down, Step::Move(position, 1));
            let up = tr!(texts, "column-up", column = name);
            button(ui, icon::ICON_ARROW_UPWARD, weak, up, Step::Move(position, -1));
        });
    });
    step
}
