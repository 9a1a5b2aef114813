//! The line above a field: its name, what it was, and the way to NULL.

use egui::{
    Align, Button, Color32, Label, Layout, Response, RichText, Sense, TextStyle, Ui, UiBuilder,
    vec2,
};
use persistence::Value;

use super::editor::is_large;
use super::event::FormEvent;
use super::model::RecordForm;
use super::parts::FieldContext;
use super::value_view::show_value;
use crate::OpenIn;
use crate::theme::icon;
use crate::tr;

/// Characters of an old value that are shown beside the field's name.
const SHOWN_OF_OLD_VALUE: usize = 24;

/// The space left and right of the word NULL in its button, in points.
const NULL_PADDING: f32 = 5.0;

/// The part of the form's width in which the names of values stand that cannot be edited.
const NAME_SHARE: f32 = 0.36;

/// The most of that, in points.
const WIDEST_NAME: f32 = 180.0;

/// Draws the line above a field: name, required mark, type, link, old value; NULL at the right.
/// This is all there is of a field that cannot be edited.
pub(super) fn label_row(
    form: &mut RecordForm,
    ui: &mut Ui,
    context: &FieldContext<'_>,
    events: &mut Vec<FormEvent>,
) -> Response {
    let FieldContext { texts, theme, column, meta, .. } = *context;
    let is_editable = form.is_editable(column);
    let mut buttons_width = 0.0;
    if is_editable && meta.is_nullable {
        let word = small_width(ui, &tr!(texts, "form-null"));
        buttons_width += word + 2.0 * NULL_PADDING + theme.spacing.item;
    }
    let has_large = is_large(meta);
    if has_large {
        buttons_width += theme.text.icon + theme.spacing.item;
    }
    ui.scope(|ui| {
        // A row is as high as a button at least, and this one is only a line of small text.
        ui.spacing_mut().interact_size.y = theme.text.small + 4.0;
        ui.spacing_mut().item_spacing.x = theme.spacing.item;
        let row = ui.horizontal(|ui| {
            let full = ui.available_width();
            let width = full - buttons_width;
            let label = ui
                .scope(|ui| {
                    ui.set_max_width(width);
                    marks(form, ui, context, full, events)
                })
                .inner;
            if buttons_width > 0.0 {
                let scope = UiBuilder::new()
                    .scope_id(context.id.with("null"))
                    .layout(Layout::right_to_left(Align::Center));
                ui.scope_builder(scope, |ui| {
                    if is_editable && meta.is_nullable {
                        null_toggle(form, ui, context);
                    }
                    if has_large {
                        large_button(ui, context, events);
                    }
                });
            }
            label
        });
        row.inner
    })
    .inner
}

/// Draws a field's name and what there is to say about it, in a row that is `full` points wide.
fn marks(
    form: &mut RecordForm,
    ui: &mut Ui,
    context: &FieldContext<'_>,
    full: f32,
    events: &mut Vec<FormEvent>,
) -> Response {
    let FieldContext { texts, theme, column, meta, ref name, .. } = *context;
    let small = |text: String, color: Color32| RichText::new(text).small().color(color);
    let is_editable = form.is_editable(column);
    let text = Label::new(small(name.clone(), theme.colors.text_weak));
    let label = if is_editable {
        ui.add(text)
    } else {
        // Values that cannot be edited begin at one place.
        let width = (full * NAME_SHARE).min(WIDEST_NAME);
        let size = vec2(width, ui.spacing().interact_size.y);
        let layout = Layout::left_to_right(Align::Center).with_main_align(Align::Min);
        ui.allocate_ui_with_layout(size, layout, |ui| {
            ui.set_min_width(width);
            ui.add(text.truncate())
        })
        .inner
    };
    if !is_editable {
        show_value(form, ui, context, &label);
    }
    if is_editable && !meta.is_nullable {
        ui.spacing_mut().item_spacing.x = theme.spacing.tight;
        ui.label(small("*".to_owned(), theme.colors.text_weak))
            .on_hover_text(tr!(texts, "form-required-mark"));
        ui.spacing_mut().item_spacing.x = theme.spacing.item;
    }
    if let Some(reference) = &meta.references
        && let Ok(key) = form.value(column)
        && !key.is_null()
    {
        let open = tr!(texts, "form-open-reference");
        let text =
            small(format!("{} {open}", icon::ICON_OPEN_IN_NEW.codepoint), theme.colors.text_weak);
        let link = ui.add(Button::new(text).frame(false).sense(Sense::CLICK)).accessible_name(tr!(
            texts,
            "form-open-reference-of",
            field = name.as_str()
        ));
        if let Some(open_in) = OpenIn::of_click(&link) {
            let table = reference.entity.meta().table;
            events.push(FormEvent::OpenReference { table, key, open_in });
        }
    }
    if is_editable && form.is_changed(column) && !form.is_new() {
        if changed_mark(form, ui, context).clicked() {
            form.revert(column);
            form.jump_to = Some(column);
        }
    } else if let Some(hint) = texts.type_hint(meta.column_type)
        && is_editable
        && meta.references.is_none()
    {
        ui.label(small(hint, theme.colors.text_faint));
    }
    label
}

/// Draws “was NULL · undo”: the old value gives way where there is no room.
fn changed_mark(form: &RecordForm, ui: &mut Ui, context: &FieldContext<'_>) -> Response {
    let FieldContext { texts, theme, ref name, .. } = *context;
    let small = |text: String, color: Color32| RichText::new(text).small().color(color);
    let was = tr!(texts, "form-was", value = old_value(form, context));
    let undo = tr!(texts, "form-undo");
    let spacing = theme.spacing.item;
    let room = ui.available_width() - small_width(ui, &format!("·{undo}")) - 2.0 * spacing;
    let was = Label::new(small(was, theme.colors.text_weak)).truncate();
    ui.scope(|ui| {
        ui.set_max_width(room.max(0.0));
        ui.add(was);
    });
    ui.label(small("·".to_owned(), theme.colors.text_weak));
    let undo = Button::new(small(undo, theme.colors.staged)).frame(false).sense(Sense::CLICK);
    ui.add(undo).accessible_name(tr!(texts, "form-undo-of", field = name.as_str()))
}

/// Returns the width of small text, in points.
fn small_width(ui: &Ui, text: &str) -> f32 {
    let font = TextStyle::Small.resolve(ui.style());
    ui.painter().layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER).size().x
}

/// Draws the way to a field as large as the window allows.
fn large_button(ui: &mut Ui, context: &FieldContext<'_>, events: &mut Vec<FormEvent>) {
    let FieldContext { texts, theme, column, ref name, .. } = *context;
    let glyph = icon::ICON_OPEN_IN_FULL.rich_text().small().color(theme.colors.text_faint);
    ui.spacing_mut().button_padding = egui::Vec2::ZERO;
    let name = tr!(texts, "form-enlarge-of", field = name.as_str());
    let button = ui.add(Button::new(glyph).frame(false).sense(Sense::CLICK));
    if button.on_hover_text(name.as_str()).accessible_name(name).clicked() {
        events.push(FormEvent::EnlargeWanted(column));
    }
}

fn null_toggle(form: &mut RecordForm, ui: &mut Ui, context: &FieldContext<'_>) {
    let FieldContext { texts, theme, column, ref name, .. } = *context;
    let is_kept = form.fields.get(column).is_some_and(|field| field.kept.is_some());
    let is_null = !is_kept && form.value(column) == Ok(Value::Null);
    let color = if is_null { theme.colors.text } else { theme.colors.text_faint };
    ui.spacing_mut().button_padding = vec2(NULL_PADDING, 0.0);
    let text = RichText::new(tr!(texts, "form-null")).small().color(color);
    let toggle = Button::selectable(is_null, text).sense(Sense::CLICK);
    let toggle = ui.add(toggle).accessible_name(tr!(texts, "form-null-of", field = name.as_str()));
    if toggle.clicked() {
        if is_null {
            form.put_not_null(column);
        } else {
            form.put_null(column);
        }
        // What is typed next goes there.
        form.jump_to = Some(column);
    }
}

fn old_value(form: &RecordForm, context: &FieldContext<'_>) -> String {
    let label = form.base_labels.get(context.column).and_then(Option::as_deref);
    let value = form.base.value(context.column);
    let mut text = match (label, value) {
        (Some(label), _) => label.to_owned(),
        (None, Value::Text(text)) if text.is_empty() => tr!(context.texts, "form-empty"),
        (None, Value::Bool(true)) => tr!(context.texts, "form-yes"),
        (None, Value::Bool(false)) => tr!(context.texts, "form-no"),
        (None, value) => context.texts.brief(value).replace('\n', " "),
    };
    if let Some((end, _)) = text.char_indices().nth(SHOWN_OF_OLD_VALUE) {
        text.truncate(end);
        text.push('…');
    }
    text
}
