//! What a person has chosen, and keeps between starts.

use std::path::Path;

use egui::Context;

use super::{Jobs, Notice};
use crate::i18n::{Language, TextSources, Texts};
use crate::jobs::{Queue, Topic};
use crate::settings::{DatabaseSettings, KeptSettings, SavedView, Settings};
use crate::tasks::KeepSettings;
use crate::theme::{self, Appearance, Theme};

const SETTINGS: Topic = Topic::new("settings", Queue::Settings).unlogged();

/// What a person has chosen.
pub(super) struct Preferences {
    pub settings: Settings,
    /// What names the database in the settings.
    pub database: String,
    /// The texts of all languages.
    pub sources: TextSources,
    /// Those of the language that is chosen.
    pub texts: Texts,
    /// Where to keep the settings, if there is a place for them.
    pub kept: Option<KeptSettings>,
    /// Whether something has been chosen that is to be kept.
    pub has_changed: bool,
}

impl Preferences {
    /// Keeps what the person has chosen, once everything that follows from that is known.
    pub const fn keep(&mut self) {
        self.has_changed = true;
    }

    /// Asks for what is to be kept to be written.
    pub fn ask_to_keep(&mut self, jobs: &mut Jobs) {
        let has_changed = std::mem::take(&mut self.has_changed);
        let Some(kept) = self.kept.clone().filter(|_| has_changed) else { return };
        let task = KeepSettings { kept, settings: self.settings.clone() };
        jobs.ask(SETTINGS.only(), task, |app, outcome, _| {
            let said = match outcome {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error.to_string(),
                Err(failure) => app.words(&failure),
            };
            app.notice = Some(Notice::failure(said));
        });
    }

    /// Returns what is kept of the database that is open.
    pub fn of_database(&self) -> Option<&DatabaseSettings> {
        self.settings.databases.get(&self.database)
    }

    /// Returns what is kept of the database that is open, to change it.
    pub fn of_database_mut(&mut self) -> &mut DatabaseSettings {
        self.settings.databases.entry(self.database.clone()).or_default()
    }

    /// Returns the views that are kept of this database.
    pub fn saved_views(&self) -> &[SavedView] {
        self.of_database().map_or(&[], |database| &database.views)
    }

    /// Returns whether a person has marked the database as one in production.
    pub fn is_production(&self) -> bool {
        self.of_database().is_some_and(|database| database.is_production)
    }

    /// Marks the database as one in production, or takes the mark away.
    pub fn switch_production(&mut self) {
        let database = self.of_database_mut();
        database.is_production = !database.is_production;
        self.keep();
    }

    /// Changes between dark and light.
    pub fn switch_theme(&mut self, context: &Context) {
        self.settings.appearance =
            if Theme::of(context).is_dark() { Appearance::Light } else { Appearance::Dark };
        theme::choose(context, self.settings.appearance);
        self.keep();
    }

    /// Speaks the next language.
    pub fn switch_language(&mut self) {
        let languages = Language::ALL;
        let here = languages.iter().position(|language| *language == self.texts.language());
        let next = here.map_or(0, |here| (here + 1) % languages.len());
        if let Some(&language) = languages.get(next) {
            self.settings.language = Some(language);
            self.texts = self.sources.texts(language);
            self.keep();
        }
    }

    /// Remembers how large the window is.
    pub fn watch_window(&mut self, context: &Context) {
        let (size, is_maximized) = context.input(|input| {
            let window = input.viewport();
            (window.inner_rect.map(|rect| rect.size()), window.maximized)
        });
        self.settings.is_maximized = is_maximized == Some(true);
        if let Some(size) = size.filter(|_| !self.settings.is_maximized) {
            self.settings.window_size = Some([size.x, size.y]);
        }
        self.settings.zoom = context.zoom_factor();
    }
}

/// Returns what names a database among others: a file by its full path, so that two files of the
/// same name are not mixed up, everything else by its URL without the password.
pub(super) fn database_key(target: &str) -> String {
    let path = Path::new(target);
    match path.canonicalize() {
        Ok(full) if path.is_file() => full.display().to_string(),
        _ => target.to_owned(),
    }
}
