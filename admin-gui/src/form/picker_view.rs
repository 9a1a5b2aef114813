//! How the picker of a foreign key looks: a field that opens a search.

use egui::{
    Button, Key, KeyboardShortcut, Modifiers, Popup, PopupCloseBehavior, Response, RichText,
    ScrollArea, TextEdit, Ui,
};
use persistence::Value;
use persistence::entity::Reference;

use super::event::FormEvent;
use super::field::Field;
use super::model::RecordForm;
use super::parts::{FieldContext, nothing_chosen, opening_button};
use super::picker::Picker;
use crate::command::take_key;
use crate::row_name::by_key;
use crate::theme::icon;
use crate::tr;

/// The height of the list of what was found, in points.
const LIST_HEIGHT: f32 = 240.0;

/// What a person did in an open picker.
enum Picked {
    Line(usize),
    Search(String),
    Close,
}

/// Shows the field of a foreign key, and its picker while it is open.
pub(super) fn show(
    form: &mut RecordForm,
    ui: &mut Ui,
    context: &FieldContext<'_>,
    reference: &'static Reference,
    events: &mut Vec<FormEvent>,
) -> Response {
    let column = context.column;
    let table = reference.entity.meta().table;
    let button = opening_button(ui, context, label(form, context));
    let was_open = form.picker.as_ref().is_some_and(|picker| picker.column == column);
    // What came together with the key that led here was typed into the field before.
    if button.has_focus()
        && !button.gained_focus()
        && !was_open
        && let Some(text) = typed(ui)
    {
        // What is typed on the field is what is looked for.
        form.picker = Some(Picker { text: text.clone(), ..Picker::open(column) });
        events.push(FormEvent::SearchReference { column, table, text });
    }
    if button.clicked() {
        form.picker = if was_open { None } else { Some(Picker::open(column)) };
        if !was_open {
            events.push(FormEvent::SearchReference { column, table, text: String::new() });
        }
    }
    let Some(mut picker) = form.picker.take_if(|picker| picker.column == column) else {
        return button;
    };
    let mut is_open = true;
    let popup = Popup::from_response(&button)
        .open_bool(&mut is_open)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .width(button.rect.width())
        .accessible_name(context.name.clone());
    let picked = popup.show(|ui| list(&mut picker, ui, context)).and_then(|shown| shown.inner);
    form.picker = is_open.then_some(picker);
    match picked {
        Some(Picked::Line(line)) => {
            choose(form, context, line);
            button.request_focus();
        }
        Some(Picked::Search(text)) => {
            events.push(FormEvent::SearchReference { column, table, text });
        }
        Some(Picked::Close) => {
            form.picker = None;
            button.request_focus();
        }
        None => {}
    }
    button
}

/// Returns the text that has just been typed, which is used up.
fn typed(ui: &Ui) -> Option<String> {
    let mut typed = String::new();
    ui.input_mut(|input| {
        input.events.retain(|event| match event {
            egui::Event::Text(text) if !text.trim().is_empty() => {
                typed.push_str(text);
                false
            }
            _ => true,
        });
    });
    (!typed.is_empty()).then_some(typed)
}

/// Returns what names the row that is referred to: its label, else its key.
fn label(form: &RecordForm, context: &FieldContext<'_>) -> RichText {
    let value = form.value(context.column).unwrap_or_default();
    let field = form.fields.get(context.column);
    if field.is_some_and(Field::refers_to_new) {
        let text = RichText::new(tr!(context.texts, "form-new-row")).italics();
        return text.color(context.theme.colors.new);
    }
    let known = form.fields.get(context.column).and_then(|field| field.label.clone());
    match (known, value) {
        (_, Value::Null) => nothing_chosen(context.texts, context.theme, context.meta),
        (Some(label), _) => RichText::new(label),
        (None, key) => RichText::new(by_key(key)).color(context.theme.colors.text_weak),
    }
}

fn choose(form: &mut RecordForm, context: &FieldContext<'_>, line: usize) {
    let Some(position) = line.checked_sub(form.lines_before_choices(context.column)) else {
        form.put_null(context.column);
        form.picker = None;
        return;
    };
    let choices = form.picker.as_ref().and_then(|picker| picker.choices.as_ref());
    if let Some(choice) = choices.and_then(|choices| choices.get(position)).cloned() {
        form.choose(context.column, &choice);
    }
}

fn list(picker: &mut Picker, ui: &mut Ui, context: &FieldContext<'_>) -> Option<Picked> {
    let FieldContext { texts, theme, meta, .. } = *context;
    let before = usize::from(meta.is_nullable);
    // Keys first: the text field would take them for itself.
    let plain = |key| KeyboardShortcut::new(Modifiers::NONE, key);
    let pressed = |key| ui.input_mut(|input| take_key(input, plain(key)));
    let highlighted_before = picker.highlighted;
    let mut picked = None;
    if pressed(Key::ArrowDown) {
        picker.down(before);
    }
    if pressed(Key::ArrowUp) {
        picker.up();
    }
    if pressed(Key::Enter) && picker.highlighted < picker.lines(before) {
        picked = Some(Picked::Line(picker.highlighted));
    }
    if pressed(Key::Escape) {
        picked = Some(Picked::Close);
    }
    let has_moved = picker.highlighted != highlighted_before;
    let search = ui
        .add(
            TextEdit::singleline(&mut picker.text)
                .id(context.id.with("search"))
                .hint_text(
                    RichText::new(format!(
                        "{} {}",
                        icon::ICON_SEARCH.codepoint,
                        tr!(texts, "form-search")
                    ))
                    .color(theme.colors.text_faint),
                )
                .desired_width(f32::INFINITY),
        )
        .accessible_name(tr!(texts, "form-search"));
    // What is asked for while the popup is being measured is forgotten.
    if !ui.is_sizing_pass() && std::mem::take(&mut picker.wants_focus) {
        search.request_focus();
    }
    if search.changed() {
        picked = Some(Picked::Search(picker.text.clone()));
    }
    let choices = ScrollArea::vertical()
        .id_salt(context.id.with("choices"))
        .max_height(LIST_HEIGHT)
        // The popup was as high as its first line when it opened, and would stay so.
        .min_scrolled_height(LIST_HEIGHT);
    choices.show(ui, |ui| {
        ui.set_width(ui.available_width());
        if before > 0 {
            let null = RichText::new(tr!(texts, "form-null")).italics();
            let null = null.color(theme.colors.text_weak);
            if choice_line(ui, picker.highlighted == 0, has_moved, null).clicked() {
                picked = Some(Picked::Line(0));
            }
        }
        let Some(choices) = &picker.choices else {
            ui.label(RichText::new(tr!(texts, "form-searching")).color(theme.colors.text_weak));
            return;
        };
        if choices.is_empty() {
            let nothing = RichText::new(tr!(texts, "form-nothing-found"));
            ui.label(nothing.color(theme.colors.text_weak));
        }
        for (position, choice) in choices.iter().enumerate() {
            let at = position + before;
            let label = RichText::new(&choice.label);
            if choice_line(ui, picker.highlighted == at, has_moved, label).clicked() {
                picked = Some(Picked::Line(at));
            }
        }
    });
    picked
}

/// Draws a row that can be chosen, over all the width there is; one to which the keyboard has moved comes into sight.
pub(crate) fn choice_line(
    ui: &mut Ui,
    is_highlighted: bool,
    has_moved: bool,
    label: RichText,
) -> Response {
    let width = ui.available_width();
    let button = Button::selectable(is_highlighted, (label, egui::Atom::grow())).truncate();
    let response = ui.add(button.min_size(egui::vec2(width, 0.0)));
    if is_highlighted && has_moved {
        response.scroll_to_me(None);
    }
    response
}
