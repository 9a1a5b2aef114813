//! Text can be read on everything it stands on: WCAG 2.1, level AA.

use egui::Color32;

use super::Theme;

/// What level AA asks for text of normal size.
const TEXT: f64 = 4.5;
/// What level AA asks for marks and frames.
const MARK: f64 = 3.0;

/// Returns the relative luminance, <https://www.w3.org/TR/WCAG21/#dfn-relative-luminance>.
fn luminance(color: Color32) -> f64 {
    let [red, green, blue, _] = color.to_array().map(|channel| {
        let channel = f64::from(channel) / 255.0;
        if channel <= 0.039_28 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn check(theme: &Theme, wanted: f64, pairs: &[(&str, Color32, &str, Color32)]) {
    let name = if theme.is_dark() { "dark" } else { "light" };
    let weak: Vec<_> = pairs
        .iter()
        .map(|(text, color, on, ground)| (text, on, contrast(*color, *ground)))
        .filter(|(_, _, contrast)| *contrast < wanted)
        .map(|(text, on, contrast)| format!("{name}: {text} on {on} has {contrast:.2}"))
        .collect();
    assert!(weak.is_empty(), "{}", weak.join("\n"));
}

#[test]
fn text_can_be_read_on_everything_it_stands_on() {
    for theme in [Theme::dark(), Theme::light()] {
        let c = &theme.colors;
        let grounds = [
            ("canvas", c.canvas),
            ("every second row", c.canvas_alternate),
            ("surface", c.surface),
            ("raised surface", c.surface_raised),
            ("selected row", c.selected_row),
            ("new row", c.new_row),
            ("deleted row", c.wrong_row),
        ];
        let inks = [
            ("text", c.text),
            ("weak text", c.text_weak),
            ("accent", c.accent),
            ("staged", c.staged),
            ("new", c.new),
            ("wrong", c.wrong),
        ];
        let mut pairs: Vec<_> = inks
            .iter()
            .flat_map(|(ink, color)| {
                grounds.iter().map(move |(on, ground)| (*ink, *color, *on, *ground))
            })
            .collect();
        pairs.extend([
            ("faint text", c.text_faint, "canvas", c.canvas),
            ("faint text", c.text_faint, "every second row", c.canvas_alternate),
            ("faint text", c.text_faint, "surface", c.surface),
            ("text", c.text, "control", c.control),
            ("text", c.text, "hovered control", c.control_hovered),
            ("text", c.text, "selected", c.selected),
            ("accent", c.accent, "selected", c.selected),
            ("text", c.text, "staged cell", c.staged_cell),
            ("staged", c.staged, "staged bar", c.staged_surface),
            ("weak text", c.text_weak, "staged bar", c.staged_surface),
            ("text on accent", c.on_accent, "accent", c.accent),
            ("text on staged", c.on_staged, "staged", c.staged),
            ("text on wrong", c.on_wrong, "wrong", c.wrong),
            ("text on production", c.on_production, "production", c.production),
            ("text on production", c.on_production, "hovered button", c.production_hovered),
        ]);
        check(theme, TEXT, &pairs);
    }
}

#[test]
fn frames_that_mean_something_stand_out() {
    for theme in [Theme::dark(), Theme::light()] {
        let c = &theme.colors;
        check(
            theme,
            MARK,
            &[
                ("staged frame", c.staged, "canvas", c.canvas),
                ("wrong frame", c.wrong, "canvas", c.canvas),
                ("focus frame", c.accent, "canvas", c.canvas),
                ("focus frame", c.accent, "surface", c.surface),
                ("check box", c.check_box, "canvas", c.canvas),
                ("check box", c.check_box, "every second row", c.canvas_alternate),
                ("check box", c.check_box, "surface", c.surface),
                ("check box", c.check_box, "raised surface", c.surface_raised),
                ("check box", c.check_box, "selected row", c.selected_row),
                ("check box", c.check_box, "new row", c.new_row),
                ("check box", c.check_box, "deleted row", c.wrong_row),
                ("ticked check box", c.accent, "selected row", c.selected_row),
                ("tick", c.on_accent, "ticked check box", c.accent),
            ],
        );
    }
}

#[test]
fn black_on_white_has_the_highest_contrast() {
    assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 0.01);
}
