//! What a person has chosen, kept between starts.

use persistence::Result;

use crate::jobs::{Kind, Task, Work};
use crate::settings::{KeptSettings, Settings, SettingsError};

/// Writes settings; the database is not asked for that.
#[derive(Clone, Debug)]
pub struct KeepSettings {
    /// Where they are kept.
    pub kept: KeptSettings,
    /// The settings.
    pub settings: Settings,
}

impl Task for KeepSettings {
    type Output = std::result::Result<(), SettingsError>;
    const KIND: Kind = Kind::Keeps;

    fn run(self, _work: &mut Work<'_>) -> Result<Self::Output> {
        // The window may be gone before it can tell.
        let written = self.kept.write(self.settings);
        Ok(written.inspect_err(|error| tracing::warn!(%error, "settings were not kept")))
    }
}
