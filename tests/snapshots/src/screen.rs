//! A window that is driven by what stands on it, in any language, and then compared.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use admin_gui::i18n::{Language, TextKey, TextSources, Texts};
use admin_gui::settings::{DatabaseSettings, Settings};
use admin_gui::{AdminApp, Options};
use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, TextStyle};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, SnapshotOptions};
use image::RgbaImage;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use persistence::{Catalog, Entity, Memory};

use crate::{Lavapipe, Look};

/// How long to wait for what must happen.
const DEADLINE: Duration = Duration::from_secs(30);

/// How long a picture that differs may still become the one it is compared with.
const LATE: Duration = Duration::from_secs(3);

/// Frames until menus have opened and scroll bars have come.
const SETTLING: usize = 12;

/// How wide in points the text that ends with a time can be: more digits take more room.
const TIME_WIDTH: f32 = 260.0;

/// Where the pictures are.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots");

const ENGLISH: &str = include_str!("../../../bindery/src/i18n/en.ftl");
const RUSSIAN: &str = include_str!("../../../bindery/src/i18n/ru.ftl");

/// What draws the admin.
pub type Window = Harness<'static, AdminApp>;

/// A window over the bookshop, or one of its pages.
pub struct Screen<State: 'static = AdminApp> {
    /// What is drawn.
    pub window: Harness<'static, State>,
    /// The language in which it is.
    pub texts: Texts,
    look: Look,
}

/// Draws the letters of slanted words before any other. Where they stand in the texture is what is to be seen at their
/// slanted edges, and would else depend on which answer of the database comes first.
fn draw_letters_first(context: &egui::Context) {
    let draw = |ui: &mut egui::Ui| {
        for style in [TextStyle::Body, TextStyle::Small, TextStyle::Monospace] {
            let font = style.resolve(ui.style());
            drop(ui.painter().layout_no_wrap("NULL NULL".to_owned(), font, egui::Color32::WHITE));
        }
    };
    context.on_begin_pass("slanted letters", Arc::new(draw));
}

impl Screen<AdminApp> {
    /// A window over a shop.
    ///
    /// # Panics
    ///
    /// If there is nothing to draw with.
    #[must_use]
    pub fn open(shop: &Memory, look: Look) -> Self {
        Self::arranged(shop.catalog(), look, DatabaseSettings::default())
    }

    /// A window over a catalog in which a person has arranged something before.
    ///
    /// # Panics
    ///
    /// If there is nothing to draw with.
    #[must_use]
    pub fn arranged(catalog: Catalog, look: Look, database: DatabaseSettings) -> Self {
        let sources = texts();
        let settings = Settings {
            appearance: look.appearance,
            language: Some(look.language),
            zoom: look.zoom,
            databases: [(catalog.target(), database)].into(),
            ..Settings::default()
        };
        let texts = sources.texts(look.language);
        let options = Options { settings, texts: sources, ..Options::default() };
        let window = Harness::builder()
            .with_size(egui::Vec2::from(look.size))
            .with_step_dt(0.1)
            .with_theme(look.theme())
            .renderer(renderer())
            .build_eframe(move |creation| {
                draw_letters_first(&creation.egui_ctx);
                AdminApp::new(&creation.egui_ctx, catalog, options).expect("threads can be started")
            });
        Self { window, texts, look }
    }

    /// Opens an entity's rows, and waits for them.
    #[track_caller]
    pub fn browse<E: Entity>(&mut self, row: &str) {
        let entity = self.texts.entity(E::meta());
        self.click(Role::Button, &entity);
        self.wait_for(Role::Cell, row);
        self.wait_for_time();
    }

    /// Types a filter into the line.
    #[track_caller]
    pub fn filter(&mut self, filter: &str) {
        self.press(Modifiers::COMMAND, Key::F);
        self.type_into(&self.say("command-filter"), filter);
        self.press(Modifiers::NONE, Key::Enter);
    }

    /// Opens the menu of a column.
    #[track_caller]
    pub fn column_menu(&mut self, column: &str) {
        self.wait_for(Role::ColumnHeader, column);
        self.window.get_by_role_and_label(Role::ColumnHeader, column).click_secondary();
        self.wait_for(Role::Button, &self.say("column-hide"));
    }

    /// Waits until it is known how many rows there are.
    #[track_caller]
    pub fn wait_for_time(&mut self) {
        self.wait("the number of rows", |screen| screen.time().is_some());
    }
}

impl<State: 'static> Screen<State> {
    /// A page without a window around it.
    ///
    /// # Panics
    ///
    /// If there is nothing to draw with.
    #[must_use]
    pub fn page(
        look: Look,
        state: State,
        mut show: impl FnMut(&mut egui::Ui, &mut State, &Texts) + 'static,
    ) -> Self {
        let texts = texts().texts(look.language);
        let spoken = texts.clone();
        let window = Harness::builder()
            .with_size(egui::Vec2::from(look.size))
            .with_step_dt(0.1)
            .with_theme(look.theme())
            .renderer(renderer())
            .with_context_setup(move |context| {
                admin_gui::theme::install(context);
                admin_gui::theme::choose(context, look.appearance);
            })
            .build_ui_state(move |ui, state| show(ui, state, &spoken), state);
        Self { window, texts, look }
    }

    /// A text of the admin, in the window's language.
    #[must_use]
    pub fn say(&self, key: &'static str) -> String {
        self.texts.text(TextKey::new(key))
    }

    /// The name of a column.
    ///
    /// # Panics
    ///
    /// If the entity has no such column.
    #[must_use]
    pub fn column<E: Entity>(&self, name: &str) -> String {
        let meta = E::meta();
        let column = meta.columns.iter().find(|column| column.name == name);
        self.texts.column(meta, column.expect("a column of the entity"))
    }

    /// Whether something of that role and name is to be seen.
    #[must_use]
    pub fn has(&self, role: Role, label: &str) -> bool {
        self.window.query_all_by_role_and_label(role, label).next().is_some()
    }

    /// Whether something says that, among other things.
    #[must_use]
    pub fn says(&self, text: &str) -> bool {
        self.window.query_all_by_label_contains(text).next().is_some()
    }

    /// Draws until something holds.
    ///
    /// # Panics
    ///
    /// If it does not hold within half a minute.
    #[track_caller]
    pub fn wait(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            self.window.step();
            if holds(self) {
                // Whatever was clicked is drawn as it is now.
                self.window.step();
                return;
            }
            assert!(Instant::now() < deadline, "{:?}: waited in vain for {what}", self.look);
            std::thread::yield_now();
        }
    }

    /// Draws until something of that role and name is to be seen.
    #[track_caller]
    pub fn wait_for(&mut self, role: Role, label: &str) {
        self.wait(&format!("{role:?} {label}"), |screen| screen.has(role, label));
    }

    /// Draws until something says that.
    #[track_caller]
    pub fn wait_for_text(&mut self, text: &str) {
        self.wait(text, |screen| screen.says(text));
    }

    /// Clicks what has that role and name, once it is there.
    #[track_caller]
    pub fn click(&mut self, role: Role, label: &str) {
        self.click_with(role, label, Modifiers::NONE);
    }

    /// Clicks while keys are held.
    #[track_caller]
    pub fn click_with(&mut self, role: Role, label: &str, modifiers: Modifiers) {
        self.wait_for(role, label);
        if let Some(node) = self.window.query_all_by_role_and_label(role, label).next() {
            node.click_modifiers(modifiers);
        }
        self.window.step();
        self.window.step();
    }

    /// Opens the record of a row, by one of its cells.
    #[track_caller]
    pub fn open_record(&mut self, cell: &str) {
        self.click(Role::Cell, cell);
        self.press(Modifiers::NONE, Key::F4);
    }

    /// Presses a key.
    pub fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.window.key_press_modifiers(modifiers, key);
        self.window.step();
    }

    /// Types into whatever has the keyboard.
    pub fn type_text(&mut self, text: &str) {
        self.window.event(egui::Event::Text(text.to_owned()));
        self.window.step();
        self.window.step();
    }

    /// Types into a field once it has the keyboard.
    #[track_caller]
    pub fn type_into(&mut self, label: &str, text: &str) {
        self.wait(label, |screen| {
            let field = screen.window.query_by_role_and_label(Role::TextInput, label);
            field.is_some_and(|field| field.is_focused())
        });
        self.window.get_by_role_and_label(Role::TextInput, label).type_text(text);
        self.window.step();
    }

    /// Types over what a field holds.
    #[track_caller]
    pub fn replace(&mut self, label: &str, text: &str) {
        self.wait_for(Role::TextInput, label);
        self.window.get_by_role_and_label(Role::TextInput, label).focus();
        self.window.step();
        self.press(Modifiers::COMMAND, Key::A);
        self.type_into(label, text);
    }

    /// Compares what is drawn with a stored picture; gives back what is wrong.
    ///
    /// # Errors
    ///
    /// If it differs, or there is no such picture.
    pub fn compare(&mut self, name: &str) -> Result<(), String> {
        let expected = image::open(Path::new(FOLDER).join(format!("{name}.png")));
        let expected = expected.ok().map(image::DynamicImage::into_rgba8);
        let deadline = Instant::now() + LATE;
        loop {
            let picture = self.picture()?;
            // What is asked of the database comes when it comes.
            if expected.is_some()
                && expected.as_ref() != Some(&picture)
                && Instant::now() < deadline
            {
                std::thread::yield_now();
                continue;
            }
            // Antialiasing may differ between versions of Mesa, by little; a letter differs by more.
            let options =
                SnapshotOptions::new().threshold(1.5).max_failed_pixels(8).output_path(FOLDER);
            egui_kittest::try_image_snapshot_options(&picture, name, &options)
                .map_err(|error| error.to_string())?;
            return if expected.as_ref() == Some(&picture) { Ok(()) } else { shrink(name) };
        }
    }

    /// What is drawn, without what differs each time.
    fn picture(&mut self) -> Result<RgbaImage, String> {
        self.window.ctx.all_styles_mut(|style| {
            style.visuals.text_cursor.blink = false;
            style.animation_time = 0.0;
        });
        self.window.remove_cursor();
        for _ in 0..SETTLING {
            self.window.step();
        }
        let mut picture = self.window.render()?;
        if let Some(time) = self.time() {
            cover(&mut picture, time * self.window.ctx.pixels_per_point());
        }
        Ok(picture)
    }

    /// Where it says how long the rows took.
    fn time(&self) -> Option<Rect> {
        let ends = |text: &str| text.ends_with(" ms") || text.ends_with(" мс");
        let label = self
            .window
            .query_all_by_role(Role::Label)
            .find(|label| label.value().is_some_and(|text| ends(&text)))?;
        let mut place = label.rect();
        place.min.x = place.max.x - TIME_WIDTH;
        Some(place)
    }
}

/// Paints over a place with what is on its right.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a window has a few thousand pixels"
)]
fn cover(picture: &mut RgbaImage, place: Rect) {
    let (right, bottom) = (place.max.x as u32 + 2, place.max.y as u32);
    let Some(background) = picture.get_pixel_checked(right, bottom).copied() else { return };
    for y in place.min.y as u32..bottom {
        for x in place.min.x as u32..right {
            if let Some(pixel) = picture.get_pixel_mut_checked(x, y) {
                *pixel = background;
            }
        }
    }
}

/// Writes a picture that was renewed once more, as small as can be: they are kept for long.
fn shrink(name: &str) -> Result<(), String> {
    if std::env::var_os("UPDATE_SNAPSHOTS").is_none() {
        return Ok(());
    }
    let path = Path::new(FOLDER).join(format!("{name}.png"));
    let picture = image::open(&path).map_err(|error| error.to_string())?.into_rgb8();
    let file = std::fs::File::create(&path).map_err(|error| error.to_string())?;
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
    picture.write_with_encoder(encoder).map_err(|error| error.to_string())
}

fn texts() -> TextSources {
    let mut sources = TextSources::new();
    sources.add(Language::English, ENGLISH).expect("well-formed Fluent");
    sources.add(Language::Russian, RUSSIAN).expect("well-formed Fluent");
    sources
}

fn renderer() -> Lavapipe {
    Lavapipe::new().unwrap_or_else(|lacking| panic!("{lacking}"))
}
