//! Draws a cell.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align, Align2, Color32, CursorIcon, FontFamily, FontId, Galley, Layout, Painter, Rect,
    Response, Sense, Stroke, StrokeKind, TextWrapMode, TextureHandle, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};
use persistence::{ColumnType, Value};

use super::cell::Content;
use crate::extensions::DrawCell;
use crate::grid::state::GridColumn;
use crate::i18n::Texts;
use crate::related::Preview;
use crate::tasks::{Cell, Labels};
use crate::theme::{EMPTY_TEXT, Theme, icon};
use crate::tr;

/// Between a cell's edge and its content.
pub(super) const MARGIN: f32 = 12.0;

/// Characters that a tooltip shows of a text that does not fit its cell.
const IN_TOOLTIP: usize = 1000;

/// Between a thumbnail and the edges of its row, in points.
const THUMBNAIL_MARGIN: f32 = 3.0;

/// The room that the beginning of a long text keeps beside its length, in points.
const LEAST_BESIDE_NOTE: f32 = 60.0;

/// A cell on the screen.
pub(super) struct CellView<'a> {
    pub(super) column: &'a GridColumn,
    pub(super) place: usize,
    pub(super) cell: Cell<'a>,
    /// What is to be said of it when it is pointed at.
    pub(super) remark: Option<&'a str>,
    /// What is shown in the place of a value.
    pub(super) hint: Option<&'a str>,
    /// What the row is called that it refers to, where that is not among the labels.
    pub(super) label: Option<&'a str>,
    pub(super) labels: &'a Labels,
    pub(super) is_focused: bool,
    /// The image that it holds.
    pub(super) image: CellImage<'a>,
    /// The row that it refers to, where that has been read.
    pub(super) preview: Option<&'a Preview>,
    /// What draws it, where that is the program.
    pub(super) own: Option<&'a DrawCell>,
    pub(super) texts: &'a Texts,
    pub(super) theme: &'a Theme,
}

/// The image that a cell holds.
#[derive(Clone, Copy)]
pub(super) enum CellImage<'a> {
    /// None that can be shown.
    None,
    /// One that has not come, or turned out to be broken: there is room for it.
    Room,
    /// One that has come.
    Shown(&'a TextureHandle),
}

impl CellView<'_> {
    /// Lets the program draw the cell, where it does and can; the cell stays what is clicked.
    fn draw_by_program(&self, ui: &mut Ui, rect: Rect, inner: Rect) -> bool {
        let (Some(draw), Cell::Whole(value)) = (self.own, self.cell) else { return false };
        let layout = Layout::left_to_right(Align::Center);
        let room = UiBuilder::new().id_salt(("own", self.place)).max_rect(inner).layout(layout);
        let mut cell = ui.new_child(room);
        cell.set_clip_rect(rect.intersect(ui.clip_rect()));
        let style = cell.style_mut();
        style.interaction.selectable_labels = false;
        style.wrap_mode = Some(TextWrapMode::Truncate);
        draw(&mut cell, value)
    }

    fn frame_of_focus(&self, ui: &Ui, rect: Rect) {
        if self.is_focused {
            let frame = rect.shrink(1.0);
            let stroke = Stroke::new(1.0, self.theme.colors.accent);
            ui.painter().rect_stroke(frame, 2.0, stroke, StrokeKind::Inside);
        }
    }

    /// Draws it; the response is clicked where the cell is.
    pub(super) fn show(self, ui: &mut Ui, rect: Rect) -> Response {
        let content = match (self.hint, self.label) {
            (Some(hint), _) => Content::Hint(hint.into()),
            (None, Some(label)) => Content::Reference(label.into()),
            (None, None) => {
                Content::of(self.cell, &self.column.meta, self.column.position, self.labels)
            }
        };
        // Not focusable: the grid has one focused cell of its own, not a thousand tab stops.
        let response = ui.interact(rect, ui.unique_id().with(self.place), Sense::CLICK);
        response.widget_info(|| WidgetInfo::labeled(Role::Cell, true, self.spoken(&content)));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_column_index(self.place);
            if self.is_focused {
                node.set_selected(true);
            }
        });

        let inner = rect.shrink2(vec2(MARGIN.min(rect.width() / 4.0), 0.0));
        if self.hint.is_none() && self.draw_by_program(ui, rect, inner) {
            self.frame_of_focus(ui, rect);
            return response.on_hover_ui(|ui| {
                ui.label(self.spoken(&content));
            });
        }
        let (text, color, font, italics) = self.look(&content);
        let is_reference = matches!(content, Content::Reference(_) | Content::Unnamed(_));
        let follows =
            is_reference && response.hovered() && ui.input(|input| input.modifiers.command);
        let underline = if follows { Stroke::new(1.0, color) } else { Stroke::NONE };
        let format =
            TextFormat { font_id: font, color, italics, underline, ..TextFormat::default() };
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        let inner = self.thumbnail(&painter, inner);
        let note = self.note(ui, &content, inner.width());
        let taken = note.as_ref().map_or(0.0, |note| note.size().x + MARGIN);
        let mut galley = one_line(ui, &text, format.clone(), inner.width() - taken);
        if let (true, Content::Blob { bytes, .. }) = (galley.elided, &content) {
            // Where there is not room for all, how large it is says more than how it begins.
            galley = one_line(ui, &self.texts.size(*bytes), format, inner.width());
        }
        let is_cut = galley.elided || matches!(content, Content::LongText { .. });
        let left = if content.is_right_aligned(&self.column.meta) {
            inner.right() - galley.size().x
        } else {
            inner.left()
        };
        let place = pos2(left, inner.center().y - galley.size().y / 2.0);
        painter.galley(place, galley, color);
        if let Some(note) = note {
            let corner = inner.right_center() - note.size() * vec2(1.0, 0.5);
            painter.galley(corner, note, self.theme.colors.text_faint);
        }
        self.frame_of_focus(ui, rect);
        if follows {
            ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
        }
        if let Some(remark) = self.remark {
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(remark));
            return response.on_hover_text(remark);
        }
        if matches!(content, Content::Odd(_)) {
            return response.on_hover_text(self.spoken(&content));
        }
        if is_cut && let Value::Text(text) = self.cell.start() {
            let end = text.char_indices().nth(IN_TOOLTIP).map_or(text.len(), |(end, _)| end);
            let start = text.get(..end).unwrap_or(text);
            return match self.cell {
                Cell::Whole(_) => response.on_hover_text(start),
                Cell::Cut { length, .. } => {
                    let length = self.texts.length(length);
                    response.on_hover_text(format!("{start}…\n\n{length}"))
                }
            };
        }
        if let Some(preview) = self.preview {
            return response.on_hover_ui(|ui| preview.show(ui, self.texts));
        }
        if is_reference {
            // Said when it is heard or seen, not for every cell of every picture.
            let hint = || tr!(self.texts, "grid-follow-reference");
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(hint()));
            return response.on_hover_ui(|ui| {
                ui.label(hint());
            });
        }
        response
    }

    /// Draws the image at the left, or what stands there until it has come; what room is left.
    fn thumbnail(&self, painter: &Painter, inner: Rect) -> Rect {
        let height = inner.height() - 2.0 * THUMBNAIL_MARGIN;
        let size = vec2(height * 1.5, height);
        let frame = Rect::from_min_size(pos2(inner.left(), inner.top() + THUMBNAIL_MARGIN), size);
        match self.image {
            CellImage::None => return inner,
            CellImage::Room => {
                let mark = icon::ICON_IMAGE.codepoint;
                let font = FontId::new(self.theme.text.icon, FontFamily::Proportional);
                let color = self.theme.colors.text_faint;
                painter.text(frame.center(), Align2::CENTER_CENTER, mark, font, color);
            }
            CellImage::Shown(image) => {
                let scale = (size / image.size_vec2()).min_elem();
                let place = Rect::from_center_size(frame.center(), image.size_vec2() * scale);
                let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                painter.image(image.id(), place, whole, Color32::WHITE);
            }
        }
        inner.with_min_x((frame.right() + MARGIN / 2.0).min(inner.right()))
    }

    /// Returns how long a long text is, at the right of its beginning, where there is room for
    /// both.
    fn note(&self, ui: &Ui, content: &Content<'_>, width: f32) -> Option<Arc<Galley>> {
        let Content::LongText { length, .. } = content else { return None };
        let font = FontId::new(self.theme.text.small, FontFamily::Proportional);
        let color = self.theme.colors.text_faint;
        let note = ui.painter().layout_no_wrap(self.texts.length(*length), font, color);
        (note.size().x + MARGIN + LEAST_BESIDE_NOTE <= width).then_some(note)
    }

    fn look(&self, content: &Content<'_>) -> (String, Color32, FontId, bool) {
        let colors = &self.theme.colors;
        let body = FontId::new(self.theme.text.body, FontFamily::Proportional);
        let code = FontId::new(self.theme.text.monospace, FontFamily::Monospace);
        let is_key = self.column.meta.is_key;
        match content {
            Content::Null => ("NULL".to_owned(), colors.text_faint, body, true),
            Content::Hint(hint) => (hint.to_string(), colors.text_faint, body, true),
            Content::EmptyText => (EMPTY_TEXT.codepoint.to_owned(), colors.text_faint, body, false),
            Content::Text(text) if self.is_code() => (text.to_string(), colors.text, code, false),
            Content::LongText { start, .. } => (format!("{start}…"), colors.text, body, false),
            Content::Text(text) => (text.to_string(), colors.text, body, false),
            Content::Number(text) if is_key => (text.clone(), colors.text_weak, code, false),
            Content::Number(text) | Content::Moment(text) => {
                (text.clone(), colors.text, code, false)
            }
            Content::Mark(mark) => {
                let mark = if *mark { icon::ICON_CHECK } else { icon::ICON_REMOVE };
                let size = FontId::new(self.theme.text.icon, FontFamily::Proportional);
                (mark.codepoint.to_owned(), colors.text, size, false)
            }
            Content::Blob { .. } => (self.spoken(content), colors.text_weak, body, false),
            Content::Reference(label) => (label.to_string(), colors.accent, body, false),
            Content::Unnamed(key) => (key.clone(), colors.text_weak, body, false),
            Content::Masked => (Value::Masked.to_string(), colors.text_faint, body, false),
            Content::Odd(stored) => {
                (format!("{} {stored}", icon::ICON_WARNING.codepoint), colors.staged, body, false)
            }
        }
    }

    /// Returns whether a text is a code, which is read letter by letter: an ISBN, an address.
    const fn is_code(&self) -> bool {
        let column = &self.column.meta;
        let is_uuid = matches!(column.column_type, ColumnType::Uuid);
        !column.names_rows && (column.is_key || column.is_unique || is_uuid)
    }

    /// Returns what a screen reader says.
    fn spoken(&self, content: &Content<'_>) -> String {
        match content {
            Content::Null => "NULL".to_owned(),
            Content::EmptyText => "∅".to_owned(),
            Content::Text(text) | Content::Reference(text) | Content::Hint(text) => {
                text.to_string()
            }
            Content::Number(text) | Content::Moment(text) | Content::Unnamed(text) => text.clone(),
            Content::Odd(stored) => {
                format!("{stored} · {}", tr!(self.texts, "grid-odd"))
            }
            Content::Masked => tr!(self.texts, "column-masked"),
            Content::Mark(true) => tr!(self.texts, "grid-yes"),
            Content::Mark(false) => tr!(self.texts, "grid-no"),
            Content::LongText { start, length } => {
                format!("{start}… · {}", self.texts.length(*length))
            }
            Content::Blob { kind, bytes } => self.texts.blob(*kind, *bytes),
        }
    }
}

/// Returns how wide the content of a cell is.
pub(super) fn natural_width(
    ui: &Ui,
    column: &GridColumn,
    shown: Cell<'_>,
    labels: &Labels,
    texts: &Texts,
) -> f32 {
    let theme = Theme::of(ui.ctx());
    let cell = CellView {
        column,
        place: 0,
        cell: shown,
        remark: None,
        hint: None,
        label: None,
        labels,
        is_focused: false,
        image: CellImage::None,
        preview: None,
        own: None,
        texts,
        theme,
    };
    let content = Content::of(shown, &column.meta, column.position, labels);
    let (text, color, font, _) = cell.look(&content);
    ui.painter().layout_no_wrap(text, font, color).size().x
}

/// Lays a text out on one line, cut with an ellipsis where it does not fit.
pub(crate) fn one_line(ui: &Ui, text: &str, format: TextFormat, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(text.to_owned(), format);
    job.wrap = TextWrapping {
        max_width: width,
        max_rows: 1,
        break_anywhere: true,
        ..TextWrapping::default()
    };
    job.break_on_newline = false;
    ui.painter().layout_job(job)
}
