//! What a person has chosen, kept between starts: one JSON file in the platform's own folder.

mod kept;
mod layout;
mod merging;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use kept::KeptSettings;
pub use layout::{DatabaseSettings, EntityLayout, SavedView};

use crate::i18n::Language;
use crate::theme::Appearance;

/// The environment variable that names another folder for settings.
pub const FOLDER_VARIABLE: &str = "BINDERY_CONFIG_DIR";

/// The form of the file that this version writes.
const VERSION: u32 = 3;

/// How much larger or smaller than usual everything can be.
const ZOOM: std::ops::RangeInclusive<f32> = 0.5..=3.0;

/// What a person has chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Dark, light, or as the desktop has it.
    pub appearance: Appearance,
    /// The language; the environment's until one is chosen.
    pub language: Option<Language>,
    /// How much larger than usual everything is.
    pub zoom: f32,
    /// The window's size in points, where it was last closed.
    pub window_size: Option<[f32; 2]>,
    /// Whether the window filled the screen.
    pub is_maximized: bool,
    /// The width of the record's panel, in points.
    pub record_width: Option<f32>,
    /// The width of the navigation, in points.
    pub navigation_width: Option<f32>,
    /// What is arranged in each database, by what names it: a file's full path, or a URL without
    /// its password.
    pub databases: BTreeMap<String, DatabaseSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            appearance: Appearance::default(),
            language: None,
            zoom: 1.0,
            window_size: None,
            is_maximized: false,
            record_width: None,
            navigation_width: None,
            databases: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// Returns the chosen language, else the environment's.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language.unwrap_or_else(Language::of_environment)
    }

    /// Returns the zoom, kept to where a window can still be used.
    #[must_use]
    pub fn zoom(&self) -> f32 {
        if self.zoom.is_finite() { self.zoom.clamp(*ZOOM.start(), *ZOOM.end()) } else { 1.0 }
    }
}

/// Why settings cannot be read or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The platform has no folder for settings.
    #[error("there is no folder for settings; name one in {FOLDER_VARIABLE}")]
    NoFolder,
    /// The file cannot be read or written.
    #[error("settings in {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The file is not what this version writes. It was put aside, and the settings are the usual
    /// ones.
    #[error("settings in {} cannot be used ({reason}); kept as {}", path.display(), kept.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// Where it is now.
        kept: PathBuf,
    },
    /// The file was written by a newer version, and stays as it is.
    #[error("settings in {} were written by a newer version ({version}) and are left alone", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The form of the file.
        version: u32,
    },
}

/// The file that settings are kept in.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    path: PathBuf,
}

/// What is in the file.
#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    version: u32,
    settings: T,
}

impl SettingsFile {
    /// Returns the file of an application, in the folder of [`FOLDER_VARIABLE`], else the
    /// platform's.
    ///
    /// # Errors
    /// [`SettingsError::NoFolder`] when there is neither.
    pub fn of_application(name: &str) -> Result<Self, SettingsError> {
        Self::in_named_folder(std::env::var_os(FOLDER_VARIABLE), name)
    }

    /// Returns the file in a folder that was named, else in that of the application.
    fn in_named_folder(folder: Option<OsString>, name: &str) -> Result<Self, SettingsError> {
        let folder = match folder {
            Some(folder) if !folder.is_empty() => PathBuf::from(folder),
            _ => directories::ProjectDirs::from("", "", name)
                .ok_or(SettingsError::NoFolder)?
                .config_dir()
                .to_owned(),
        };
        Ok(Self::in_folder(&folder))
    }

    /// Returns the file in a folder, which need not exist yet.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self { path: folder.join("settings.json") }
    }

    /// Returns the file's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the settings; the usual ones where there is no file yet.
    ///
    /// # Errors
    /// [`SettingsError::Broken`] when the file cannot be understood: it is then put aside, so that
    /// the next [`write`](Self::write) loses nothing. [`SettingsError::Newer`] when a newer version
    /// wrote it.
    pub fn read(&self) -> Result<Settings, SettingsError> {
        Ok(self.stored()?.unwrap_or_default())
    }

    /// Reads the settings in the file; `None` where there is none.
    fn stored(&self) -> Result<Option<Settings>, SettingsError> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(self.failed(source)),
        };
        let read = |reason: serde_json::Error| reason.to_string();
        match serde_json::from_slice::<Versioned<serde_json::Value>>(&text).map_err(read) {
            Ok(Versioned { version, .. }) if version > VERSION => {
                Err(SettingsError::Newer { path: self.path.clone(), version })
            }
            Ok(Versioned { version, settings }) => migrated(version, settings)
                .and_then(|settings| serde_json::from_value(settings).map_err(read))
                .map(Some)
                .or_else(|reason| self.put_aside(reason)),
            Err(reason) => self.put_aside(reason),
        }
    }

    /// Keeps the settings: the file is either the old one or the new one, never half of it.
    ///
    /// # Errors
    /// [`SettingsError::File`] when it cannot be written, [`SettingsError::Newer`] when a newer
    /// version wrote it.
    pub fn write(&self, settings: &Settings) -> Result<(), SettingsError> {
        let _lock = self.lock()?;
        if let Err(error @ SettingsError::Newer { .. }) = self.stored() {
            return Err(error);
        }
        self.replace(settings)
    }

    /// Keeps what has been changed since `base` was read or written; what other windows have changed
    /// meanwhile stays.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn merge(&self, base: &Settings, mine: &Settings) -> Result<(), SettingsError> {
        let _lock = self.lock()?;
        match self.stored() {
            Ok(Some(theirs)) => self.replace(&merging::merged(base, mine, &theirs)),
            // What cannot be understood has been put aside.
            Ok(None) | Err(SettingsError::Broken { .. }) => self.replace(mine),
            Err(error) => Err(error),
        }
    }

    /// Waits until no other window writes, and keeps others waiting until it is dropped.
    fn lock(&self) -> Result<fs::File, SettingsError> {
        let path = self.path.with_extension("lock");
        let locked = fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).and_then(|()| {
            let file = fs::File::options().create(true).append(true).open(&path)?;
            match file.lock() {
                // A file system without locks is used by one window only, as a rule.
                Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
                locked => locked.map(|()| file),
            }
        });
        locked.map_err(|source| self.failed(source))
    }

    fn replace(&self, settings: &Settings) -> Result<(), SettingsError> {
        let versioned = Versioned { version: VERSION, settings };
        let written = serde_json::to_vec_pretty(&versioned)
            .map_err(io::Error::from)
            .and_then(|text| replace(&self.path, &text));
        written.map_err(|source| self.failed(source))
    }

    fn put_aside<T>(&self, reason: String) -> Result<T, SettingsError> {
        let kept = self.path.with_extension("json.broken");
        fs::rename(&self.path, &kept).map_err(|source| self.failed(source))?;
        Err(SettingsError::Broken { path: self.path.clone(), reason, kept })
    }

    fn failed(&self, source: io::Error) -> SettingsError {
        SettingsError::File { path: self.path.clone(), source }
    }
}

/// Returns settings of an older version as this version writes them.
fn migrated(version: u32, settings: serde_json::Value) -> Result<serde_json::Value, String> {
    match version {
        // What is arranged in databases came with version 2, tabs of records with version 3: before,
        // there is none.
        1 | 2 | VERSION => Ok(settings),
        version => Err(format!("there is no version {version}")),
    }
}

/// Replaces a file at once: writes another one beside it and renames that.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let temporary = path.with_extension(format!("json.{}.new", std::process::id()));
    let written = fs::File::create(&temporary).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    let replaced = written.and_then(|()| fs::rename(&temporary, path));
    if replaced.is_err() {
        // The first error is the one to tell; a file left over does no harm.
        let _ = fs::remove_file(&temporary);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::ColumnLayout;
    use crate::panes::{Pane, Panes};

    fn folder() -> (tempfile::TempDir, SettingsFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::in_folder(&folder.path().join("deeper"));
        (folder, file)
    }

    fn with_content(content: &str) -> (tempfile::TempDir, SettingsFile) {
        let (folder, file) = folder();
        fs::create_dir_all(file.path().parent().unwrap()).unwrap();
        fs::write(file.path(), content).unwrap();
        (folder, file)
    }

    fn layout() -> EntityLayout {
        EntityLayout {
            columns: vec![ColumnLayout {
                name: "price".to_owned(),
                width: Some(90.0),
                is_hidden: false,
                is_frozen: true,
            }],
            filter: "price < 5".to_owned(),
            order: "-price".to_owned(),
        }
    }

    #[test]
    fn settings_of_version_1_are_taken_over() {
        let content = r#"{ "version": 1, "settings": {
            "appearance": "light", "language": "russian", "zoom": 1.5, "window_size": [900.0, 600.0],
            "is_maximized": false, "record_width": 300.0, "navigation_width": null } }"#;
        let (_folder, file) = with_content(content);
        let settings = file.read().unwrap();
        assert_eq!(settings.language, Some(Language::Russian));
        assert_eq!(settings.window_size, Some([900.0, 600.0]));
        assert!(settings.databases.is_empty());
        file.write(&settings).unwrap();
        let written = fs::read_to_string(file.path()).unwrap();
        assert!(written.contains("\"version\": 3"), "{written}");
        assert_eq!(file.read().unwrap(), settings);
    }

    #[test]
    fn a_version_that_never_was_is_put_aside() {
        let (_folder, file) = with_content(r#"{ "version": 0, "settings": {} }"#);
        let error = file.read().unwrap_err().to_string();
        assert!(error.contains("there is no version 0"), "{error}");
    }

    #[test]
    fn what_was_written_is_read_again() {
        let (_folder, file) = folder();
        let settings = Settings {
            appearance: Appearance::Light,
            language: Some(Language::Russian),
            zoom: 1.25,
            window_size: Some([1400.0, 900.0]),
            is_maximized: true,
            record_width: Some(320.0),
            navigation_width: None,
            databases: [(
                "/books.db".to_owned(),
                DatabaseSettings {
                    is_production: true,
                    panes: Some(Panes::new(Some(Pane::Entity("books".to_owned())))),
                    entities: [("books".to_owned(), layout())].into(),
                    views: vec![SavedView {
                        name: "Cheap".to_owned(),
                        table: "books".to_owned(),
                        layout: layout(),
                    }],
                },
            )]
            .into(),
        };
        file.write(&settings).unwrap();
        assert_eq!(file.read().unwrap(), settings);
    }

    #[test]
    fn without_a_file_everything_is_as_usual() {
        let (_folder, file) = folder();
        assert_eq!(file.read().unwrap(), Settings::default());
    }

    #[test]
    fn writing_leaves_nothing_but_the_lock_behind() {
        let (_folder, file) = folder();
        file.write(&Settings::default()).unwrap();
        file.write(&Settings::default()).unwrap();
        let names = fs::read_dir(file.path().parent().unwrap()).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["settings.json", "settings.lock"]);
    }

    #[test]
    fn settings_that_cannot_be_written_leave_nothing_behind() {
        let (_folder, file) = folder();
        // What is in the file's place cannot be replaced.
        fs::create_dir_all(file.path().join("full")).unwrap();
        assert!(matches!(file.write(&Settings::default()), Err(SettingsError::File { .. })));
        let names = fs::read_dir(file.path().parent().unwrap()).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["settings.json", "settings.lock"]);
    }

    #[test]
    fn a_folder_that_is_named_takes_the_place_of_the_platforms() {
        let path = |folder: Option<&str>| {
            let file = SettingsFile::in_named_folder(folder.map(Into::into), "bindery-test");
            file.map(|file| file.path().to_owned()).ok()
        };
        assert_eq!(path(Some("here")), Some(Path::new("here").join("settings.json")));
        assert_eq!(path(Some("")), path(None));
        assert_ne!(path(Some("")), Some(PathBuf::from("settings.json")));
    }

    #[test]
    fn a_first_window_is_of_the_usual_size() {
        let Settings { zoom, window_size, is_maximized, .. } = Settings::default();
        assert_eq!((zoom.to_string().as_str(), window_size, is_maximized), ("1", None, false));
    }

    #[test]
    fn a_broken_file_is_kept_aside_and_reported() {
        let (_folder, file) = with_content("{ \"version\": 1, \"settings\": { \"zoom\": ");
        let error = file.read().unwrap_err();
        let SettingsError::Broken { kept, .. } = &error else { panic!("{error}") };
        assert!(kept.ends_with("settings.json.broken"), "{error}");
        assert!(fs::read_to_string(kept).unwrap().contains("zoom"));
        assert_eq!(file.read().unwrap(), Settings::default());
    }

    #[test]
    fn a_setting_of_the_wrong_type_is_named() {
        let (_folder, file) =
            with_content(r#"{ "version": 1, "settings": { "appearance": "pink" } }"#);
        let error = file.read().unwrap_err().to_string();
        assert!(error.contains("pink"), "{error}");
    }

    #[test]
    fn settings_that_are_not_there_yet_are_as_usual() {
        let (_folder, file) = with_content(r#"{ "version": 1, "settings": { "zoom": 2.0 } }"#);
        assert_eq!(file.read().unwrap(), Settings { zoom: 2.0, ..Settings::default() });
    }

    #[test]
    fn a_newer_file_is_left_alone() {
        let content = r#"{ "version": 4, "settings": { "theme": "dark" } }"#;
        let (_folder, file) = with_content(content);
        assert!(matches!(file.read(), Err(SettingsError::Newer { version: 4, .. })));
        assert!(matches!(file.write(&Settings::default()), Err(SettingsError::Newer { .. })));
        assert_eq!(fs::read_to_string(file.path()).unwrap(), content);
    }

    #[test]
    fn a_zoom_that_no_window_could_use_is_kept_in_bounds() {
        for (zoom, expected) in [(100.0, 3.0), (0.0, 0.5), (f32::NAN, 1.0), (1.5, 1.5)] {
            let used = Settings { zoom, ..Settings::default() }.zoom();
            assert!((used - expected).abs() < f32::EPSILON, "{zoom} became {used}");
        }
    }
}
