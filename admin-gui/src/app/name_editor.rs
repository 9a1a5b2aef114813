//! The name of a saved view, while it is being typed.

use egui::{Align, Button, Context, Id, Key, Layout, Rect, RichText, TextEdit, Vec2};

use super::effects::Effect;
use super::view_action::ViewAction;
use super::{Effects, popover};
use crate::i18n::Texts;
use crate::theme::Theme;
use crate::tr;

/// How wide the field is in which a name is typed, in points.
const NAME: f32 = 260.0;

/// The name of a view, while it is being typed.
#[derive(Debug)]
pub(super) struct NameEditor {
    /// The place of the view that is renamed; `None` for a new one.
    renamed: Option<usize>,
    text: String,
    was_focused: bool,
    age: popover::Age,
}

impl NameEditor {
    /// Makes the editor for a view that is to be renamed, or for a new one.
    pub const fn new(renamed: Option<usize>, text: String) -> Self {
        Self { renamed, text, was_focused: false, age: popover::Age::New }
    }

    /// Draws it beneath the heading of the saved views; returns whether it stays open.
    pub fn show(
        &mut self,
        context: &Context,
        anchor: Rect,
        texts: &Texts,
        effects: &mut Effects,
    ) -> bool {
        let theme = Theme::of(context);
        let name = tr!(texts, "views-name");
        let mut age = self.age;
        let id = Id::unique("name of a view");
        let (is_done, closes) = popover::show(context, id, anchor, &name, &mut age, |ui| {
            ui.set_width(NAME);
            let field = TextEdit::singleline(&mut self.text)
                .desired_width(f32::INFINITY)
                .min_size(Vec2::new(0.0, theme.spacing.control))
                .align(egui::Align2::LEFT_CENTER)
                .hint_text(RichText::new(&name).color(theme.colors.text_faint));
            let response = ui.add(field).accessible_name(&name);
            if !std::mem::replace(&mut self.was_focused, true) {
                response.request_focus();
                select_all(ui.ctx(), response.id, &self.text);
            }
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            ui.add_space(theme.spacing.item);
            let save = RichText::new(tr!(texts, "form-save")).color(theme.colors.on_accent);
            let save = Button::new(save).fill(theme.colors.accent);
            let can_save = !self.text.trim().is_empty();
            let saved = ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_enabled(can_save, save).clicked()
            });
            can_save && (entered || saved.inner)
        });
        self.age = age;
        let is_done = is_done == Some(true);
        if is_done {
            let name = self.text.trim().to_owned();
            effects.push(Effect::View(ViewAction::Name { renamed: self.renamed, name }));
        }
        !is_done && !closes
    }
}

/// Selects all of a field, so that typing replaces it.
fn select_all(context: &Context, id: Id, text: &str) {
    use egui::text::{CCursor, CCursorRange};
    let mut state = egui::text_edit::TextEditState::load(context, id).unwrap_or_default();
    let end = CCursor::new(text.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::two(CCursor::default(), end)));
    state.store(context, id);
}
