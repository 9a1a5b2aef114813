//! The ways in which every screen is drawn.

use admin_gui::i18n::Language;
use admin_gui::theme::Appearance;

/// How a window looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Dark or light.
    pub appearance: Appearance,
    /// The language.
    pub language: Language,
    /// The window's size in pixels.
    pub size: [f32; 2],
    /// How much larger than usual everything is.
    pub zoom: f32,
}

impl Look {
    /// The usual window: dark and English.
    pub const USUAL: Self = Self {
        appearance: Appearance::Dark,
        language: Language::English,
        size: [1380.0, 860.0],
        zoom: 1.0,
    };

    /// Each theme and each language once: a theme changes the colours of every text alike, and a language
    /// the texts in every colour.
    #[must_use]
    pub fn all() -> [Self; 2] {
        let light =
            Self { appearance: Appearance::Light, language: Language::Russian, ..Self::USUAL };
        [Self::USUAL, light]
    }

    /// The theme, as egui has it.
    #[must_use]
    pub fn theme(&self) -> egui::Theme {
        match self.appearance {
            Appearance::Light => egui::Theme::Light,
            _ => egui::Theme::Dark,
        }
    }

    /// What its pictures are called, behind the screen's name.
    #[must_use]
    pub fn name(&self) -> String {
        let language = match self.language {
            Language::Russian => "russian",
            Language::English => "english",
        };
        let appearance = match self.appearance {
            Appearance::Light => "light",
            _ => "dark",
        };
        format!("{appearance}-{language}")
    }
}
