//! Paints boxes and lines.

use egui::emath::TSTransform;
use egui::epaint::CubicBezierShape;
use egui::text::TextFormat;
use egui::{
    Align2, Color32, FontFamily, FontId, Painter, Pos2, Rect, Stroke, StrokeKind, Ui, Vec2, pos2,
    vec2,
};

use super::graph::{DiagramEntity, LinkKind};
use super::layout::Route;
use crate::theme::{Theme, entity_icon, icon};

/// The height of a box's head, in points of the diagram.
pub(super) const HEAD: f32 = 30.0;

/// The height of a column's line in a box, in points of the diagram.
pub(super) const ROW: f32 = 20.0;

/// Below the last column of a box.
pub(super) const FOOT: f32 = 5.0;

/// Left and right inside a box.
pub(super) const PADDING: f32 = 10.0;

/// What stands before a column's name: room for its mark.
pub(super) const MARK: f32 = 20.0;

/// Below this, columns could not be read and are not drawn.
const COLUMNS_FROM: f32 = 0.45;

/// The least text there is, in points of the screen.
const LEAST_TEXT: f32 = 8.0;

/// A box that is to be painted.
pub(super) struct BoxView<'a> {
    pub entity: &'a DiagramEntity,
    pub title: &'a str,
    /// The columns it shows, by position.
    pub rows: &'a [usize],
    /// What stands for those that it does not show.
    pub rest: Option<&'a str>,
    pub rect: Rect,
    pub emphasis: Emphasis,
    /// The column under the pointer.
    pub hovered: Option<usize>,
}

/// How much something stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Emphasis {
    /// Something else is looked at.
    Dimmed,
    /// Nothing is looked at.
    Plain,
    /// It belongs to what is looked at.
    Near,
    /// It is what is looked at.
    Full,
}

impl Emphasis {
    /// Returns a colour as strong as that.
    fn apply(self, color: Color32) -> Color32 {
        if self == Self::Dimmed { color.gamma_multiply(0.35) } else { color }
    }
}

/// Returns a text size of the diagram on the screen, in steps: each size has glyphs of its own in
/// memory.
fn text_size(size: f32, zoom: f32) -> f32 {
    (size * zoom * 2.0).round() / 2.0
}

/// Paints an entity's box.
pub(super) fn paint_box(ui: &Ui, view: &BoxView<'_>, theme: &Theme, to_screen: TSTransform) {
    let colors = &theme.colors;
    let zoom = to_screen.scaling;
    let rect = to_screen * view.rect;
    let painter = ui.painter();
    let radius = f32::from(theme.spacing.radius) * zoom.min(1.2);
    let emphasis = view.emphasis;
    let frame = match emphasis {
        Emphasis::Full | Emphasis::Near => colors.accent,
        Emphasis::Plain | Emphasis::Dimmed => colors.border,
    };
    painter.rect_filled(rect, radius, colors.surface);
    let has_columns = zoom >= COLUMNS_FROM;
    let head = if has_columns {
        Rect::from_min_size(rect.min, vec2(rect.width(), HEAD * zoom))
    } else {
        rect
    };
    let head_fill =
        if emphasis == Emphasis::Full { colors.selected } else { colors.surface_raised };
    let corners = if has_columns && !view.rows.is_empty() {
        egui::CornerRadius { sw: 0, se: 0, ..egui::CornerRadius::from(radius) }
    } else {
        egui::CornerRadius::from(radius)
    };
    painter.rect_filled(head, corners, head_fill);
    paint_title(ui, view, theme, head, zoom);
    if has_columns {
        for (line, &position) in view.rows.iter().enumerate() {
            paint_column(ui, view, theme, position, row_rect(rect, line, zoom), zoom);
        }
        if let Some(rest) = view.rest {
            let row = row_rect(rect, view.rows.len(), zoom);
            let font = FontId::new(text_size(theme.text.small, zoom), FontFamily::Proportional);
            let place = row.left_center() + vec2((PADDING + MARK) * zoom, 0.0);
            let color = emphasis.apply(colors.text_faint);
            painter.text(place, Align2::LEFT_CENTER, rest, font, color);
        }
    }
    let width = if emphasis == Emphasis::Full { 1.5 } else { 1.0 };
    painter.rect_stroke(rect, radius, Stroke::new(width, frame), StrokeKind::Inside);
}

fn row_rect(rect: Rect, line: usize, zoom: f32) -> Rect {
    let top = rect.top() + (HEAD + ROW * line as f32) * zoom;
    Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), ROW * zoom))
}

fn paint_title(ui: &Ui, view: &BoxView<'_>, theme: &Theme, head: Rect, zoom: f32) {
    let colors = &theme.colors;
    let painter = ui.painter();
    let color = view.emphasis.apply(colors.text);
    if zoom < COLUMNS_FROM {
        paint_name(ui, view.title, theme, head, color);
        return;
    }
    let inner = head.shrink2(vec2(PADDING * zoom, 0.0));
    let font = FontId::new(text_size(theme.text.icon, zoom), FontFamily::Proportional);
    let mark = entity_icon(view.entity.meta.icon).codepoint;
    let mark_color = view.emphasis.apply(colors.accent);
    painter.text(inner.left_center(), Align2::LEFT_CENTER, mark, font, mark_color);
    let left = inner.left() + (MARK + 2.0) * zoom;
    let size = text_size(theme.text.body, zoom);
    let format = TextFormat::simple(FontId::new(size, FontFamily::Proportional), color);
    let galley = crate::grid::one_line(ui, view.title, format, (inner.right() - left).max(0.0));
    let place = pos2(left, head.center().y - galley.size().y / 2.0);
    painter.galley(place, galley, color);
}

/// Writes a name into a box that shows nothing else: as large as there is room for it.
fn paint_name(ui: &Ui, name: &str, theme: &Theme, rect: Rect, color: Color32) {
    let room = rect.shrink2(vec2(4.0, 1.0)).size();
    let font = |size: f32| FontId::new(size, FontFamily::Proportional);
    let usual = ui.painter().layout_no_wrap(name.to_owned(), font(theme.text.body), color).size();
    let part = (room.x / usual.x.max(1.0)).min(room.y / usual.y.max(1.0)).min(1.0);
    let size = (theme.text.body * part * 2.0).floor() / 2.0;
    if size < LEAST_TEXT && room.y < LEAST_TEXT {
        return;
    }
    let format = TextFormat::simple(font(size.max(LEAST_TEXT)), color);
    let galley = crate::grid::one_line(ui, name, format, room.x.max(0.0));
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, color);
}

fn paint_column(ui: &Ui, view: &BoxView<'_>, theme: &Theme, position: usize, row: Rect, zoom: f32) {
    let Some(column) = view.entity.columns.get(position) else { return };
    let colors = &theme.colors;
    let painter = ui.painter();
    if view.hovered == Some(position) {
        painter.rect_filled(row.shrink2(vec2(2.0, 0.0)), 3.0, colors.control_hovered);
    }
    let inner = row.shrink2(vec2(PADDING * zoom, 0.0));
    let mark = match (column.is_key, column.is_reference) {
        (true, _) => Some((icon::ICON_KEY, colors.text_weak)),
        (false, true) => Some((icon::ICON_LINK, colors.accent)),
        (false, false) => None,
    };
    if let Some((mark, color)) = mark {
        let font = FontId::new(text_size(13.0, zoom), FontFamily::Proportional);
        let color = view.emphasis.apply(color);
        painter.text(inner.left_center(), Align2::LEFT_CENTER, mark.codepoint, font, color);
    }
    let font = FontId::new(text_size(12.0, zoom), FontFamily::Monospace);
    let place = inner.left_center() + vec2(MARK * zoom, 0.0);
    let color = view.emphasis.apply(colors.text);
    painter.text(place, Align2::LEFT_CENTER, column.name, font, color);
    let font = FontId::new(text_size(11.0, zoom), FontFamily::Monospace);
    let color = view.emphasis.apply(colors.text_faint);
    painter.text(inner.right_center(), Align2::RIGHT_CENTER, &column.type_name, font, color);
}

/// Paints a line, with a fork where many rows refer, a bar where one does, and a dot at what is
/// referred to.
pub(super) fn paint_route(
    painter: &Painter,
    route: &Route,
    kind: LinkKind,
    color: Color32,
    width: f32,
    to_screen: TSTransform,
) {
    let zoom = to_screen.scaling;
    let stroke = Stroke::new(width, color);
    let points: Vec<Pos2> = route.points.iter().map(|&point| to_screen * point).collect();
    let (Some(&first), Some(&last)) = (points.first(), points.last()) else { return };
    if route.is_loop {
        let out = vec2(34.0 * zoom, 0.0);
        curve(painter, [first, first + out, last + out, last], stroke);
        ends(painter, first, last, Vec2::RIGHT, Vec2::RIGHT, kind, stroke, zoom);
        return;
    }
    for pair in points.windows(2) {
        let &[from, to] = pair else { continue };
        if (from.y - to.y).abs() < 0.5 {
            painter.line_segment([from, to], stroke);
        } else {
            let bend = vec2((to.x - from.x) / 2.0, 0.0);
            curve(painter, [from, from + bend, to - bend, to], stroke);
        }
    }
    let towards = |from: Pos2, to: Pos2| vec2((to.x - from.x).signum(), 0.0);
    let (Some(&second), Some(&before)) =
        (points.get(1), points.get(points.len().saturating_sub(2)))
    else {
        return;
    };
    ends(painter, first, last, towards(first, second), towards(last, before), kind, stroke, zoom);
}

fn curve(painter: &Painter, points: [Pos2; 4], stroke: Stroke) {
    painter.add(CubicBezierShape::from_points_stroke(points, false, Color32::TRANSPARENT, stroke));
}

#[expect(clippy::too_many_arguments, reason = "both ends, each with its direction")]
fn ends(
    painter: &Painter,
    first: Pos2,
    last: Pos2,
    from_first: Vec2,
    from_last: Vec2,
    kind: LinkKind,
    stroke: Stroke,
    zoom: f32,
) {
    if zoom < 0.25 {
        return;
    }
    let fork = |end: Pos2, out: Vec2| {
        for side in [-1.0, 1.0] {
            let tip = end + vec2(0.0, side * 5.0 * zoom);
            painter.line_segment([end + out * 9.0 * zoom, tip], stroke);
        }
    };
    match kind {
        LinkKind::Many(_) => fork(first, from_first),
        LinkKind::One(_) => {
            let at = first + from_first * 7.0 * zoom;
            let half = vec2(0.0, 5.0 * zoom);
            painter.line_segment([at - half, at + half], stroke);
        }
        LinkKind::Through(_) => {
            fork(first, from_first);
            fork(last, from_last);
            return;
        }
    }
    painter.circle_filled(last, 3.0 * zoom, stroke.color);
}
