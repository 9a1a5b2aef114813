//! A line of a list with a bar that shows how much.

use egui::accesskit::Role;
use egui::text::TextFormat;
use egui::{Align2, Color32, FontFamily, FontId, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::theme::Theme;

/// A line of a list with a bar that shows how much.
pub(crate) struct Bar<'a> {
    /// What stands before the name, where lines come in groups.
    pub group: Option<&'a str>,
    /// Whether the group's name stands in a line above already.
    pub is_repeated: bool,
    /// What it is about.
    pub name: &'a str,
    /// The width of the group and of the name, in points.
    pub name_width: f32,
    /// The height of the line, in points.
    pub height: f32,
    /// How long the bar is, of one.
    pub part: f32,
    /// How much.
    pub number: &'a str,
    /// The width of the number, in points.
    pub number_width: f32,
    /// How much it stands out.
    pub tone: Tone,
}

/// How much a line stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As usual.
    Plain,
    /// There is nothing to see, or a newer number is on its way.
    Faint,
}

impl Bar<'_> {
    /// Draws it; returns whether it was clicked.
    pub fn show(self, ui: &mut Ui) -> bool {
        let theme = Theme::of(ui.ctx());
        let colors = &theme.colors;
        let size = vec2(ui.available_width(), self.height);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let spoken = match self.group {
            Some(group) => format!("{group}, {}: {}", self.name, self.number),
            None => format!("{}: {}", self.name, self.number),
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
        if !ui.is_rect_visible(rect) {
            return response.clicked();
        }
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect, f32::from(theme.spacing.radius), colors.control);
        }
        let inner = rect.shrink2(vec2(theme.spacing.item, 0.0));
        let (text_color, fill) = match self.tone {
            Tone::Plain => (colors.text, colors.accent),
            Tone::Faint => (colors.text_faint, colors.text_faint),
        };
        let mut left = inner.left();
        if let Some(group) = self.group {
            if !self.is_repeated {
                write(ui, group, colors.text_weak, left, self.name_width - 10.0, inner);
            }
            left += self.name_width;
        }
        write(ui, self.name, text_color, left, self.name_width - 10.0, inner);
        left += self.name_width;
        let code = FontId::new(theme.text.monospace, FontFamily::Monospace);
        let right = pos2(inner.right(), inner.center().y);
        ui.painter().text(right, Align2::RIGHT_CENTER, self.number, code, text_color);
        let room = Rect::from_x_y_ranges(
            left..=(inner.right() - self.number_width).max(left),
            inner.center().y - 4.0..=inner.center().y + 4.0,
        );
        ui.painter().rect_filled(room, 3.0, colors.surface_raised);
        if self.part > 0.0 {
            let mut bar = room;
            bar.set_width((room.width() * self.part.min(1.0)).max(2.0));
            ui.painter().rect_filled(bar, 3.0, fill);
        }
        response.clicked()
    }
}

/// Writes a text of a line, cut where it does not fit.
pub(crate) fn write(ui: &Ui, text: &str, color: Color32, left: f32, width: f32, line: Rect) {
    let theme = Theme::of(ui.ctx());
    let font = FontId::new(theme.text.body, FontFamily::Proportional);
    let format = TextFormat::simple(font, color);
    let galley = crate::grid::one_line(ui, text, format, width.max(0.0));
    let place = pos2(left, line.center().y - galley.size().y / 2.0);
    ui.painter().galley(place, galley, color);
}
