//! What several parts of the form are drawn with.

use egui::{Atom, Button, Color32, Frame, Id, Margin, Response, RichText, Stroke, Ui, vec2};
use egui_material_icons::MaterialIcon;
use persistence::ColumnMeta;

use crate::i18n::Texts;
use crate::theme::{Theme, icon};
use crate::tr;

/// What there is to know about a field while it is shown.
pub(super) struct FieldContext<'a> {
    pub texts: &'a Texts,
    pub theme: &'static Theme,
    pub column: usize,
    pub meta: &'static ColumnMeta,
    /// The field's name.
    pub name: String,
    /// The widget's identity, the same while the form scrolls.
    pub id: Id,
    /// Whether it stands in a line among others, without its name.
    pub is_cell: bool,
}

/// Draws a coloured box across the form.
pub(super) fn banner(ui: &mut Ui, fill: Color32, frame: Color32, content: impl FnOnce(&mut Ui)) {
    let theme = Theme::of(ui.ctx());
    Frame::new()
        .fill(fill)
        .stroke(Stroke::new(1.0, frame))
        .corner_radius(theme.spacing.radius)
        .inner_margin(Margin::symmetric(8, 6))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            content(ui);
        });
    ui.add_space(theme.spacing.item);
}

/// Draws a button that is only an icon; its name is read out, and shown under the pointer.
pub(crate) fn icon_button(ui: &mut Ui, icon: MaterialIcon, name: &str) -> Response {
    let theme = Theme::of(ui.ctx());
    let glyph = icon.rich_text().size(theme.text.icon).color(theme.colors.text_weak);
    ui.add(Button::new(glyph).frame_when_inactive(false)).on_hover_text(name).accessible_name(name)
}

/// Returns what stands in a list before anything is chosen.
pub(super) fn nothing_chosen(texts: &Texts, theme: &Theme, meta: &ColumnMeta) -> RichText {
    let text = if meta.is_nullable {
        RichText::new(tr!(texts, "form-null")).italics()
    } else {
        RichText::new(tr!(texts, "form-choose"))
    };
    text.color(theme.colors.text_faint)
}

/// Draws a button that looks like a field and opens something.
pub(super) fn opening_button(ui: &mut Ui, context: &FieldContext<'_>, label: RichText) -> Response {
    let arrow = icon::ICON_ARROW_DROP_DOWN.rich_text().color(context.theme.colors.text_weak);
    let height = opening_height(context.theme);
    ui.spacing_mut().button_padding.x = 9.0;
    ui.add(
        Button::new((label, Atom::grow(), arrow))
            .fill(context.theme.colors.canvas)
            .truncate()
            .min_size(vec2(ui.available_width(), height)),
    )
}

/// Returns the height of a button that looks like a text field, in points.
pub(super) fn opening_height(theme: &Theme) -> f32 {
    theme.text.body + 2.0 * theme.spacing.item + 3.0
}
