//! How the value of a field looks that cannot be edited.

use egui::{Label, Response, RichText, Ui};
use persistence::Value;
use persistence::entity::Fill;

use super::field::text_of;
use super::model::RecordForm;
use super::parts::FieldContext;
use crate::theme::{EMPTY_TEXT, icon};
use crate::tr;

/// Draws the value of a field that cannot be edited.
pub(super) fn show_value(
    form: &RecordForm,
    ui: &mut Ui,
    context: &FieldContext<'_>,
    label: &Response,
) {
    let FieldContext { texts, theme, column, meta, .. } = *context;
    let value = form.base.value(column);
    let weak = theme.colors.text_weak;
    let text = match (form.base_labels.get(column).and_then(Option::as_deref), value) {
        (Some(label), _) => RichText::new(label),
        (None, Value::Null) if form.is_new() && meta.fill != Fill::Draft => {
            RichText::new(tr!(texts, "form-filled")).small().color(theme.colors.text_faint)
        }
        (None, Value::Null) => {
            RichText::new(tr!(texts, "form-null")).italics().color(theme.colors.text_faint)
        }
        (None, Value::Text(text)) if text.is_empty() => EMPTY_TEXT.rich_text(),
        (None, Value::Bool(true)) => RichText::new(tr!(texts, "form-yes")),
        (None, Value::Bool(false)) => RichText::new(tr!(texts, "form-no")),
        (None, value @ (Value::Text(_) | Value::Bytes(_))) => RichText::new(texts.brief(value)),
        (None, value) => RichText::new(text_of(value)),
    };
    let reason = if let Some(reason) = form.why_fixed(column) {
        reason.to_owned()
    } else if meta.fill != Fill::Draft {
        tr!(texts, "form-filled")
    } else if !form.is_new() && form.meta().key.contains(&column) {
        tr!(texts, "form-fixed-key")
    } else {
        String::new()
    };
    ui.label(icon::ICON_LOCK.rich_text().size(theme.text.small).color(theme.colors.text_faint));
    let value = ui.add(Label::new(text.color(weak)).selectable(true).truncate());
    let value = value.labelled_by(label.id);
    if !reason.is_empty() {
        value.on_hover_text(reason);
    }
}
