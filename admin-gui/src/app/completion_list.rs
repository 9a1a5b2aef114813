//! The list beneath a filter that is being typed: what can be typed next.

use egui::{
    Align, Area, Context, Frame, Id, Key, KeyboardShortcut, LayerId, Layout, Modifiers, Order,
    Pos2, RichText, ScrollArea, Sense, SurrenderFocusOn, Ui, WidgetInfo, vec2,
};

use crate::command::take_key;
use crate::completion::{Offer, Question, StoredValue};
use crate::theme::Theme;

/// The width of the list, in points.
const WIDTH: f32 = 420.0;

/// The height of a line, in points.
const LINE: f32 = 24.0;

/// The height of the list at most, in points.
const HEIGHT: f32 = 10.0 * LINE;

/// What can be typed next, while it is shown.
#[derive(Debug, Default)]
pub(super) struct Completion {
    is_open: bool,
    /// How many offers were shown last.
    shown: usize,
    /// Which of them is chosen; none until somebody goes there.
    chosen: Option<usize>,
    /// Whether something has been typed of what is offered.
    is_typed: bool,
    /// For which values the database was asked last, and what it has found so far.
    question: Option<Question>,
    values: Vec<StoredValue>,
}

/// A key that means the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TakenKey {
    Down,
    Up,
    Take,
}

impl Completion {
    /// Shows what can be typed next.
    pub const fn open(&mut self) {
        self.is_open = true;
        self.chosen = None;
    }

    /// Shows nothing more.
    pub const fn close(&mut self) {
        self.is_open = false;
        self.shown = 0;
        self.chosen = None;
    }

    /// Closes the list; returns whether there was one.
    pub const fn dismiss(&mut self) -> bool {
        let was_shown = self.is_shown();
        self.close();
        was_shown
    }

    /// Returns whether what can be typed next is to be found out.
    pub const fn is_open(&self) -> bool {
        self.is_open
    }

    /// Returns whether something is offered.
    pub const fn is_shown(&self) -> bool {
        self.is_open && self.shown > 0
    }

    /// Returns whether Tab takes what is offered; otherwise it leaves the field.
    pub const fn takes_tab(&self) -> bool {
        self.is_shown() && (self.chosen.is_some() || self.is_typed)
    }

    /// Takes a key that means the list. Enter does only where something has been chosen; Down
    /// opens a list that is not there.
    pub fn take_key(&mut self, ui: &Ui) -> Option<TakenKey> {
        let take = |key| {
            let keys = KeyboardShortcut::new(Modifiers::NONE, key);
            ui.input_mut(|input| take_key(input, keys))
        };
        if !self.is_shown() {
            if take(Key::ArrowDown) {
                self.open();
            }
            return None;
        }
        if take(Key::ArrowDown) {
            return Some(TakenKey::Down);
        }
        if take(Key::ArrowUp) {
            return Some(TakenKey::Up);
        }
        let is_taken =
            self.chosen.is_some() && take(Key::Enter) || self.takes_tab() && take(Key::Tab);
        is_taken.then_some(TakenKey::Take)
    }

    /// Notes which values are wanted; returns the question for them, unless it has been asked.
    pub fn wants_values(&mut self, question: Option<Question>) -> Option<Question> {
        if self.question == question {
            return None;
        }
        let column = |question: &Option<Question>| question.as_ref().map(|question| question.of);
        if column(&self.question) != column(&question) {
            self.values.clear();
        }
        self.question.clone_from(&question);
        question
    }

    /// Takes the values that were found, if they are still wanted.
    pub fn offer(&mut self, question: &Question, values: Vec<StoredValue>) {
        if self.question.as_ref() == Some(question) {
            self.values = values;
        }
    }

    /// Returns the values that were found.
    pub fn values(&self) -> &[StoredValue] {
        &self.values
    }

    /// Draws a field that keeps the keyboard while the list is clicked.
    pub fn keeping_focus<R>(&self, ui: &mut Ui, draw: impl FnOnce(&mut Ui) -> R) -> R {
        keeping_focus(ui, self.is_shown().then(id), draw)
    }

    /// Draws what is offered, beneath a place; returns what is taken.
    pub fn show(
        &mut self,
        context: &Context,
        at: Pos2,
        offers: &[Offer],
        is_typed: bool,
        key: Option<TakenKey>,
    ) -> Option<Offer> {
        self.shown = offers.len();
        self.is_typed = is_typed;
        let last = offers.len().checked_sub(1)?;
        self.chosen = self.chosen.map(|chosen| chosen.min(last));
        match key {
            Some(TakenKey::Down) => {
                self.chosen = Some(
                    self.chosen.map_or(0, |chosen| if chosen == last { 0 } else { chosen + 1 }),
                );
            }
            Some(TakenKey::Up) => {
                self.chosen = Some(self.chosen.and_then(|at| at.checked_sub(1)).unwrap_or(last));
            }
            Some(TakenKey::Take) => return offers.get(self.chosen.unwrap_or(0)).cloned(),
            None => {}
        }
        let mut taken = None;
        let area = Area::new(id()).order(Order::Foreground).fixed_pos(at);
        area.constrain_to(context.content_rect()).show(context, |ui| {
            Frame::popup(ui.style()).inner_margin(4.0).show(ui, |ui| {
                ui.set_width(WIDTH);
                ui.spacing_mut().item_spacing.y = 0.0;
                ScrollArea::vertical().max_height(HEIGHT).min_scrolled_height(HEIGHT).show(
                    ui,
                    |ui| {
                        for (place, offer) in offers.iter().enumerate() {
                            let is_chosen = self.chosen == Some(place);
                            let is_moved = is_chosen && key.is_some();
                            if line(ui, offer, is_chosen, is_moved) {
                                taken = Some(offer.clone());
                            }
                        }
                    },
                );
            });
        });
        taken
    }
}

/// Draws a field that keeps the keyboard while the list of that name is clicked, where there is one.
pub(super) fn keeping_focus<R>(
    ui: &mut Ui,
    list: Option<Id>,
    draw: impl FnOnce(&mut Ui) -> R,
) -> R {
    let context = ui.ctx().clone();
    let at = context.pointer_interact_pos();
    let layer = list.map(|list| LayerId::new(Order::Foreground, list));
    let is_over = layer.is_some() && at.and_then(|at| context.layer_id_at(at)) == layer;
    let usual = context.options(|options| options.input_options.surrender_focus_on);
    let set = |when| {
        context.options_mut(|options| options.input_options.surrender_focus_on = when);
    };
    if is_over {
        set(SurrenderFocusOn::Never);
    }
    let drawn = draw(ui);
    set(usual);
    drawn
}

fn id() -> Id {
    Id::unique("what can be typed next")
}

/// Draws a line; returns whether it was clicked.
fn line(ui: &mut Ui, offer: &Offer, is_chosen: bool, is_moved: bool) -> bool {
    let theme = Theme::of(ui.ctx());
    let size = vec2(ui.available_width(), LINE);
    let (area, response) = ui.allocate_exact_size(size, Sense::click());
    let name = format!("{} {}", offer.inserted, offer.meaning);
    response.widget_info(|| {
        WidgetInfo::selected(egui::Role::ListBoxOption, true, is_chosen, name.trim_end())
    });
    if is_moved {
        response.scroll_to_me(None);
    }
    if is_chosen || response.hovered() {
        let fill = if is_chosen { theme.colors.selected } else { theme.colors.control };
        ui.painter().rect_filled(area, f32::from(theme.spacing.radius), fill);
    }
    let inner = area.shrink2(vec2(theme.spacing.item, 0.0));
    let layout = Layout::left_to_right(Align::Center);
    ui.scope_builder(egui::UiBuilder::new().max_rect(inner).layout(layout), |ui| {
        // What is under the pointer is the line, not its text.
        ui.style_mut().interaction.selectable_labels = false;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let meaning = RichText::new(&offer.meaning).size(theme.text.small);
            ui.label(meaning.color(theme.colors.text_weak));
            ui.with_layout(layout, |ui| {
                ui.add(egui::Label::new(RichText::new(&offer.inserted).monospace()).truncate());
            });
        });
    });
    response.clicked()
}
