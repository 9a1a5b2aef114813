//! Every character that the admin shows is in its fonts.

use egui::{Context, FontFamily, FontId, RawInput};

use crate::i18n::{Language, Texts};

fn missing(family: FontFamily, text: &str) -> String {
    let context = Context::default();
    super::install(&context);
    // Fonts are there once the first frame has begun.
    context.run_ui(RawInput::default(), |_| {}).textures_delta.clear();
    let font = FontId::new(13.0, family);
    text.chars()
        .filter(|character| !character.is_whitespace())
        .filter(|character| !context.fonts_mut(|fonts| fonts.has_glyph(&font, *character)))
        .collect()
}

#[test]
fn text_has_its_punctuation_and_both_alphabets() {
    let alphabet = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя";
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        assert_eq!(missing(family.clone(), alphabet), "", "{family:?}");
        assert_eq!(missing(family.clone(), "—–…·«»“”‘’№€≤≥≠×\u{a0}"), "", "{family:?}");
    }
}

#[test]
fn every_embedded_text_can_be_shown() {
    for language in Language::ALL {
        let all: String = crate::i18n::files_of(language).collect();
        assert_eq!(missing(FontFamily::Proportional, &all), "", "{:?}", Texts::new(language));
    }
}

#[test]
fn icons_are_in_the_proportional_font() {
    for icon in [
        super::icon::ICON_CHECK,
        super::icon::ICON_ARROW_UPWARD,
        super::EMPTY_TEXT,
        super::entity_icon(Some("menu_book")),
    ] {
        assert_eq!(missing(FontFamily::Proportional, icon.codepoint), "");
    }
}

#[test]
fn the_mark_of_an_empty_text_is_drawn_in_lines_and_no_disc() {
    let context = Context::default();
    super::install(&context);
    context.run_ui(RawInput::default(), |_| {}).textures_delta.clear();
    let font = FontId::new(64.0, FontFamily::Proportional);
    let text = super::EMPTY_TEXT.codepoint.to_owned();
    let share = context.fonts_mut(|fonts| {
        let galley = fonts.layout_no_wrap(text, font, egui::Color32::WHITE);
        let place = galley.rows.first().unwrap().glyphs.first().unwrap().uv_rect;
        let image = fonts.image();
        let rows = place.min[1]..place.max[1];
        let dots = rows.flat_map(|y| (place.min[0]..place.max[0]).map(move |x| (x, y)));
        let dots: Vec<bool> = dots.map(|(x, y)| image[(x.into(), y.into())].a() > 127).collect();
        let inked = dots.iter().filter(|is_inked| **is_inked).count();
        inked as f64 / dots.len() as f64
    });
    // A disc fills more than three quarters of the square around it.
    assert!((0.1..0.5).contains(&share), "{share}");
}

#[test]
fn emoji_in_values_are_no_boxes() {
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        assert_eq!(missing(family.clone(), "📚📖😀👍❤⭐✅⚠🎉🚀"), "", "{family:?}");
    }
}
