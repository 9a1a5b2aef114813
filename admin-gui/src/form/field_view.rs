//! How one field looks: its name, what can be done with it, its control, what is wrong with it.

use egui::{
    Align, Align2, Button, Checkbox, Color32, ComboBox, FontFamily, FontId, Frame, Label, Layout,
    Margin, Rect, Response, RichText, ScrollArea, Sense, Stroke, TextEdit, TextStyle, Ui,
    UiBuilder, vec2,
};
use persistence::{Length, Value};

use super::calendar;
use super::editor::Editor;
use super::event::{FormEvent, ImageField};
use super::field::FieldImage;
use super::label_row::label_row;
use super::model::RecordForm;
use super::parts::{FieldContext, nothing_chosen, opening_height};
use super::picker_view;
use crate::blob::BlobKind;
use crate::i18n::Texts;
use crate::theme::{Theme, icon};
use crate::tr;

/// The space between a field's frame and its text.
const FIELD_MARGIN: Margin = Margin::symmetric(8, 5);

/// The height up to which a long text shows without scrolling, in points.
const PARAGRAPH_HEIGHT: f32 = 160.0;

/// The height of an image in the form, in points.
const IMAGE_HEIGHT: f32 = 160.0;

/// Shows a field.
pub(super) fn show_field(
    form: &mut RecordForm,
    ui: &mut Ui,
    texts: &Texts,
    column: usize,
    events: &mut Vec<FormEvent>,
) {
    let Some(meta) = form.column(column) else { return };
    let context = FieldContext {
        texts,
        theme: Theme::of(ui.ctx()),
        column,
        meta,
        name: texts.column(form.meta(), meta),
        id: ui.make_persistent_id(("field", column)),
        is_cell: false,
    };
    // Fields keep identity and focus whatever comes and goes above them.
    let scope = UiBuilder::new().scope_id(context.id.with("scope"));
    ui.scope_builder(scope, |ui| field(form, ui, &context, events));
}

/// Shows a field without its name and the line for what is wrong with it, which stands in its tooltip. `row` is what
/// the row is called.
pub(super) fn show_cell(
    form: &mut RecordForm,
    ui: &mut Ui,
    texts: &Texts,
    (column, row): (usize, &str),
    events: &mut Vec<FormEvent>,
) {
    let Some(meta) = form.column(column) else { return };
    let name = texts.column(form.meta(), meta);
    let name = tr!(texts, "form-cell", field = name, row = row);
    let id = ui.make_persistent_id(("cell", column));
    let context =
        FieldContext { texts, theme: Theme::of(ui.ctx()), column, meta, name, id, is_cell: true };
    let field = form.fields.get(column);
    let is_long = field.is_some_and(|field| field.kept.is_some() || field.text.contains('\n'));
    if is_long || !form.is_editable(column) {
        let value = form.value(column).unwrap_or_default();
        let text = RichText::new(texts.brief(&value)).color(context.theme.colors.text_weak);
        if !is_long {
            ui.add(Label::new(text).truncate());
            return;
        }
        let label = ui.add(Label::new(text).truncate().sense(Sense::CLICK));
        let label = label.on_hover_text(tr!(texts, "form-cell-long"));
        if label.accessible_name(context.name).clicked() {
            events.push(FormEvent::EnlargeWanted(column));
        }
        return;
    }
    let scope = UiBuilder::new().scope_id(context.id.with("scope"));
    let response = ui.scope_builder(scope, |ui| framed_control(form, ui, &context, events)).inner;
    let problem = told_problem(form, ui, &context, &response);
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    let response = response.accessible_name(context.name);
    if let Some(problem) = problem {
        response.on_hover_text(problem);
    }
}

fn field(
    form: &mut RecordForm,
    ui: &mut Ui,
    context: &FieldContext<'_>,
    events: &mut Vec<FormEvent>,
) {
    let FieldContext { column, .. } = *context;
    let label = label_row(form, ui, context, events);
    if !form.is_editable(column) {
        image(form, ui, context, events);
        ui.add_space(context.theme.spacing.item);
        return;
    }
    let response = framed_control(form, ui, context, events).labelled_by(label.id);
    let problem = told_problem(form, ui, context, &response);
    // The line is there whether something is wrong or not: fields stay where they are.
    let line = vec2(ui.available_width(), context.theme.text.small + 3.0);
    let (area, _) = ui.allocate_exact_size(line, Sense::hover());
    if let Some(problem) = problem {
        let text = RichText::new(&problem).small().color(context.theme.colors.wrong);
        let layout = Layout::left_to_right(Align::Center);
        let line = UiBuilder::new().id_salt("problem").max_rect(area).layout(layout);
        ui.scope_builder(line, |ui| ui.add(Label::new(text).truncate()).on_hover_text(problem));
    }
}

/// Draws what a field is edited with, framed as what it is.
fn framed_control(
    form: &mut RecordForm,
    ui: &mut Ui,
    context: &FieldContext<'_>,
    events: &mut Vec<FormEvent>,
) -> Response {
    let control = ui.scope(|ui| {
        let frame = frame_color(form, context);
        let widgets = &mut ui.visuals_mut().widgets;
        for state in
            [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active, &mut widgets.open]
        {
            state.bg_stroke.color = frame;
        }
        widgets.active.bg_stroke = focused_stroke(context, frame);
        control(form, ui, context, events)
    });
    control.inner
}

/// Tells those who do not see it what is wrong with a field, and gives it the keyboard where that is due; returns what
/// is wrong.
fn told_problem(
    form: &mut RecordForm,
    ui: &Ui,
    context: &FieldContext<'_>,
    response: &Response,
) -> Option<String> {
    let problem = form.shown_problem(context.column).map(|problem| problem.text(context.texts));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        if !context.meta.is_nullable {
            node.set_required();
        }
        if let Some(problem) = &problem {
            node.set_invalid(egui::accesskit::Invalid::True);
            node.set_description(problem.as_str());
        }
    });
    if form.jump_to == Some(context.column) {
        form.jump_to = None;
        response.request_focus();
        response.scroll_to_me(None);
    }
    problem
}

/// Returns the colour of a field's frame: red for wrong, amber for changed, green for one of a new row among others,
/// else grey.
fn frame_color(form: &RecordForm, context: &FieldContext<'_>) -> Color32 {
    let colors = &context.theme.colors;
    if form.shown_problem(context.column).is_some() {
        colors.wrong
    } else if form.is_changed(context.column) && !form.is_new() {
        colors.staged
    } else if form.is_new() && context.is_cell {
        colors.new
    } else {
        colors.border
    }
}

/// Returns the line around what has the keyboard: the accent, or twice as thick where it already
/// means something else.
fn focused_stroke(context: &FieldContext<'_>, color: Color32) -> Stroke {
    let colors = &context.theme.colors;
    if color == colors.border { Stroke::new(1.0, colors.accent) } else { Stroke::new(2.0, color) }
}

fn field_frame(form: &RecordForm, ui: &Ui, context: &FieldContext<'_>) -> Frame {
    let color = frame_color(form, context);
    let (stroke, margin) = if ui.memory(|memory| memory.has_focus(context.id)) {
        let stroke = focused_stroke(context, color);
        // A thicker line takes its room from inside, so that nothing moves.
        (stroke, if stroke.width > 1.0 { Margin::symmetric(7, 4) } else { FIELD_MARGIN })
    } else {
        (Stroke::new(1.0, color), FIELD_MARGIN)
    };
    Frame::new()
        .fill(context.theme.colors.canvas)
        .stroke(stroke)
        .corner_radius(context.theme.spacing.radius)
        .inner_margin(margin)
}

fn control(
    form: &mut RecordForm,
    ui: &mut Ui,
    context: &FieldContext<'_>,
    events: &mut Vec<FormEvent>,
) -> Response {
    let field = form.fields.get(context.column);
    if let Some(kept) = field.and_then(|field| field.kept.as_ref()) {
        let (response, replaces) = kept_value(form, kept, ui, context, events);
        form.jump_to = form.jump_to.filter(|wanted| *wanted != context.column);
        if replaces {
            form.type_text(context.column, "");
            // The field that takes its place is there in the next frame.
            ui.memory_mut(|memory| memory.request_focus(context.id));
        }
        return response;
    }
    let text = field.map_or("", |field| field.text.as_str());
    match Editor::of(context.meta, text) {
        Editor::Paragraph if !context.is_cell => paragraph(form, ui, context),
        Editor::Line | Editor::Paragraph => text_field(form, ui, context),
        Editor::Checkbox => checkbox(form, ui, context),
        Editor::Variants(variants) => choice(form, ui, context, variants),
        Editor::Reference(reference) => picker_view::show(form, ui, context, reference, events),
    }
}

/// Draws the image in a field, or what stands there until it has come.
fn image(form: &RecordForm, ui: &mut Ui, context: &FieldContext<'_>, events: &mut Vec<FormEvent>) {
    let FieldContext { theme, column, ref name, .. } = *context;
    let Some(field) = form.fields.get(column) else { return };
    let Some(bytes) = field.image_bytes() else { return };
    let room = vec2(ui.available_width(), IMAGE_HEIGHT);
    let (area, response) = ui.allocate_exact_size(room, Sense::hover());
    match &field.image {
        Some(FieldImage(Some(image))) => {
            let natural = image.size_vec2() / ui.pixels_per_point();
            let scale = (room / natural).min_elem().min(1.0);
            let place = Rect::from_center_size(area.center(), natural * scale);
            egui::Image::from_texture(image).paint_at(ui, place);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
        }
        shown => {
            let font = FontId::new(2.0 * theme.text.icon, FontFamily::Proportional);
            let (mark, color) = (icon::ICON_IMAGE.codepoint, theme.colors.text_faint);
            ui.painter().text(area.center(), Align2::CENTER_CENTER, mark, font, color);
            if shown.is_none() && !form.is_new() && !field.is_touched {
                events.push(FormEvent::ImageWanted(ImageField { column, bytes }));
            }
        }
    }
}

/// Draws a value that is too long to be edited, and the way to type another; returns whether that
/// is wanted.
fn kept_value(
    form: &RecordForm,
    kept: &Value,
    ui: &mut Ui,
    context: &FieldContext<'_>,
    events: &mut Vec<FormEvent>,
) -> (Response, bool) {
    let FieldContext { texts, theme, ref name, .. } = *context;
    let (start, length) = match (kept, Length::of(kept)) {
        (Value::Bytes(bytes), Some(length)) => {
            (None, texts.blob(BlobKind::of(bytes), length.bytes))
        }
        (kept, Some(length)) => (Some(texts.brief(kept)), texts.length(length)),
        (kept, None) => (None, texts.brief(kept)),
    };
    let shown = field_frame(form, ui, context).show(ui, |ui| {
        ui.set_width(ui.available_width());
        image(form, ui, context, events);
        let start = start.map(|start| ui.add(Label::new(start).selectable(true).wrap()));
        let below = ui.horizontal(|ui| {
            let length = RichText::new(length).color(theme.colors.text_weak);
            let length = ui.add(Label::new(length));
            let replace = RichText::new(tr!(texts, "form-replace")).small();
            let replace = Button::new(replace.color(theme.colors.text_weak)).frame(false);
            let replace = ui.add(replace).on_hover_text(tr!(texts, "form-too-long"));
            replace.widget_info(|| {
                let name = tr!(texts, "form-replace-of", field = name.as_str());
                egui::WidgetInfo::labeled(egui::Role::Button, true, name)
            });
            if form.jump_to == Some(context.column) {
                replace.request_focus();
            }
            (length, replace.clicked())
        });
        let (length, replaces) = below.inner;
        (start.unwrap_or(length), replaces)
    });
    shown.inner
}

/// Returns what stands in a text field without text: NULL, or how a value is typed.
fn hint(form: &RecordForm, ui: &Ui, context: &FieldContext<'_>) -> RichText {
    let color = context.theme.colors.text_faint;
    let is_null = form.fields.get(context.column).is_some_and(|field| field.is_null);
    let format = context.texts.format_hint(context.meta.column_type);
    let is_typing = ui.memory(|memory| memory.has_focus(context.id));
    match format {
        Some(format) if is_typing || !is_null => RichText::new(format).color(color),
        _ if is_null => RichText::new(tr!(context.texts, "form-null")).italics().color(color),
        _ => RichText::default(),
    }
}

fn text_field(form: &mut RecordForm, ui: &mut Ui, context: &FieldContext<'_>) -> Response {
    if !calendar::has_days(context.meta.column_type) {
        return line(form, ui, context);
    }
    let field = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let room =
            ui.available_width() - context.theme.text.icon - 2.0 * context.theme.spacing.item;
        let field = ui.scope(|ui| {
            ui.set_max_width(room.max(0.0));
            line(form, ui, context)
        });
        calendar::show(form, ui, context, context.id);
        field.inner
    });
    field.inner
}

fn line(form: &mut RecordForm, ui: &mut Ui, context: &FieldContext<'_>) -> Response {
    let frame = field_frame(form, ui, context);
    let hint = hint(form, ui, context);
    let Some(field) = form.fields.get_mut(context.column) else {
        return ui.label("");
    };
    let response = ui.add(
        TextEdit::singleline(&mut field.text)
            .id(context.id)
            .hint_text(hint)
            .frame(frame)
            .desired_width(f32::INFINITY),
    );
    if response.changed() {
        form.edited(context.column);
    }
    if response.lost_focus() {
        form.settle(context.column);
    }
    response
}

fn paragraph(form: &mut RecordForm, ui: &mut Ui, context: &FieldContext<'_>) -> Response {
    let frame = field_frame(form, ui, context);
    let hint = hint(form, ui, context);
    let Some(field) = form.fields.get_mut(context.column) else {
        return ui.label("");
    };
    let edit = TextEdit::multiline(&mut field.text)
        .id(context.id)
        .hint_text(hint)
        .frame(Frame::NONE)
        .desired_rows(3)
        .desired_width(f32::INFINITY);
    let response = frame
        .show(ui, |ui| {
            ScrollArea::vertical()
                .id_salt(context.id.with("scroll"))
                .max_height(PARAGRAPH_HEIGHT)
                .show(ui, |ui| ui.add(edit))
                .inner
        })
        .inner;
    if response.changed() {
        form.edited(context.column);
    }
    response
}

fn checkbox(form: &mut RecordForm, ui: &mut Ui, context: &FieldContext<'_>) -> Response {
    let value = form.value(context.column).unwrap_or_default();
    let mut is_ticked = value == Value::Bool(true);
    let text = match value {
        Value::Bool(true) => RichText::new(tr!(context.texts, "form-yes")),
        Value::Bool(false) => RichText::new(tr!(context.texts, "form-no")),
        _ => RichText::new(tr!(context.texts, "form-null"))
            .italics()
            .color(context.theme.colors.text_faint),
    };
    let response = ui
        .scope(|ui| {
            // On a panel, a box in the colours of a button is hardly seen.
            let box_at_rest = &mut ui.visuals_mut().widgets.inactive;
            box_at_rest.bg_fill = context.theme.colors.canvas;
            if box_at_rest.bg_stroke.color == context.theme.colors.border {
                box_at_rest.bg_stroke.color = context.theme.colors.check_box;
            }
            ui.add(Checkbox::new(&mut is_ticked, text).indeterminate(value.is_null()))
        })
        .inner;
    if response.changed() {
        form.put(context.column, &Value::Bool(is_ticked));
    }
    response
}

fn choice(
    form: &mut RecordForm,
    ui: &mut Ui,
    context: &FieldContext<'_>,
    variants: &'static [&'static str],
) -> Response {
    let FieldContext { texts, theme, column, meta, .. } = *context;
    let chosen = form.value(column).unwrap_or_default();
    let label = match chosen.as_text() {
        Some(variant) => RichText::new(texts.variant(form.meta(), meta, variant)),
        None => nothing_chosen(texts, theme, meta),
    };
    let mut taken = None;
    let widgets = &mut ui.visuals_mut().widgets;
    for state in [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.open] {
        state.weak_bg_fill = theme.colors.canvas;
    }
    ui.spacing_mut().button_padding.x = 9.0;
    ui.spacing_mut().interact_size.y = opening_height(theme);
    let arrow_color = theme.colors.text_weak;
    let shown = ComboBox::from_id_salt(context.id)
        .width(ui.available_width())
        .selected_text(label)
        .icon(move |ui, rect, _, _| {
            ui.painter().text(
                rect.center(),
                Align2::CENTER_CENTER,
                icon::ICON_ARROW_DROP_DOWN.codepoint,
                TextStyle::Body.resolve(ui.style()),
                arrow_color,
            );
        })
        .show_ui(ui, |ui| {
            ui.spacing_mut().interact_size.y = theme.spacing.control;
            for variant in variants {
                let text = texts.variant(form.meta(), meta, variant);
                let is_chosen = chosen.as_text() == Some(variant);
                if ui.selectable_label(is_chosen, text).clicked() {
                    taken = Some(*variant);
                }
            }
        });
    if let Some(variant) = taken {
        form.put(column, &Value::from(variant));
    }
    shown.response
}
