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
    let thickest = context.fonts_mut(|fonts| {
        let galley = fonts.layout_no_wrap(text, font, egui::Color32::WHITE);
        let place = galley.rows.first().unwrap().glyphs.first().unwrap().uv_rect;
        let image = fonts.image();
        let is_inked = |x: u16, y: u16| image[(x.into(), y.into())].a() > 127;
        let squares = |side: u16| {
            let lefts = place.min[0]..(place.max[0] + 1).saturating_sub(side);
            lefts.flat_map(move |left| {
                (place.min[1]..(place.max[1] + 1).saturating_sub(side)).map(move |top| (left, top))
            })
        };
        let is_filled = |side: u16, left: u16, top: u16| {
            (left..left + side).all(|x| (top..top + side).all(|y| is_inked(x, y)))
        };
        (1..64).rfind(|&side| squares(side).any(|(left, top)| is_filled(side, left, top)))
    });
    // Of 64 dots.
    assert!(thickest.is_some_and(|side| side < 10), "{thickest:?}");
}

#[test]
fn emoji_in_values_are_no_boxes() {
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        assert_eq!(missing(family.clone(), "📚📖😀👍❤⭐✅⚠🎉🚀"), "", "{family:?}");
    }
}
