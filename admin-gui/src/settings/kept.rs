//! Settings as they are changed while a window is open.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Settings, SettingsError, SettingsFile};

/// A file of settings, and what one window has read of it or written: only what has been changed since
/// is written, so that several windows can share a file.
#[derive(Clone, Debug)]
pub struct KeptSettings {
    file: SettingsFile,
    known: Arc<Mutex<Settings>>,
}

impl KeptSettings {
    /// Makes it of a file and of what was read there.
    #[must_use]
    pub fn new(file: SettingsFile, read: Settings) -> Self {
        Self { file, known: Arc::new(Mutex::new(read)) }
    }

    /// Writes what has been changed.
    ///
    /// # Errors
    /// As [`SettingsFile::merge`].
    pub fn write(&self, settings: Settings) -> Result<(), SettingsError> {
        // Nothing is left half done here, whoever panicked.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        self.file.merge(&known, &settings)?;
        *known = settings;
        Ok(())
    }
}
