//! Which database is meant, before it is opened.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use persistence::Error;
use persistence::backend::{EngineKind, redact_message, redact_url};

use crate::failure::Failure;

/// The variable that names the database where the command line does not.
pub const URL_VARIABLE: &str = "BINDERY_URL";
/// The name of the bookshop in the folder where the platform keeps application data.
const DEFAULT_FILE: &str = "bookshop.db";

/// A database: its URL, and who named it.
#[derive(Clone)]
pub struct Place {
    url: String,
    kind: EngineKind,
    named_by: NamedBy,
}

/// Who named a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedBy {
    /// The command line or the environment.
    User,
    /// Nobody: it is the bookshop of this computer.
    Default,
}

/// Whether a database can be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    /// A file that is there, or a server, which alone knows.
    Possible,
    /// A file that is not there.
    Missing,
}

impl Place {
    /// Returns the database of a URL or a path.
    ///
    /// # Errors
    /// For a URL of no engine.
    pub fn of_url(url: &str) -> anyhow::Result<Self> {
        let kind = EngineKind::of_url(url).map_err(|error| match error {
            Error::Unavailable { target, message } => {
                anyhow::Error::from(Failure::Usage(format!("cannot use {target}: {message}")))
            }
            other => other.into(),
        })?;
        Ok(Self { url: url.to_owned(), kind, named_by: NamedBy::User })
    }

    /// Returns the database that the command line names, else the environment, else the bookshop of
    /// this computer.
    ///
    /// # Errors
    /// For a URL of no engine, or a platform without a folder for application data.
    pub fn named(url: Option<&str>) -> anyhow::Result<Self> {
        if let Some(url) = url {
            return Self::of_url(url);
        }
        match std::env::var(URL_VARIABLE) {
            Ok(url) if !url.is_empty() => {
                Self::of_url(&url).with_context(|| format!("the variable {URL_VARIABLE}"))
            }
            Ok(_) | Err(std::env::VarError::NotPresent) => Self::default_file(),
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(Failure::Usage(format!("the variable {URL_VARIABLE} is not UTF-8")).into())
            }
        }
    }

    fn default_file() -> anyhow::Result<Self> {
        let folders = directories::ProjectDirs::from("", "", "bindery").ok_or_else(|| {
            Failure::Missing(
                "this platform names no folder for application data: give a URL".to_owned(),
            )
        })?;
        let path = folders.data_dir().join(DEFAULT_FILE);
        let url = path.to_str().ok_or_else(|| {
            Failure::Missing(format!(
                "the folder for application data, {}, is not UTF-8: give a URL",
                path.display()
            ))
        })?;
        Ok(Self { url: url.to_owned(), kind: EngineKind::Sqlite, named_by: NamedBy::Default })
    }

    /// Returns what is handed to the database; has the password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the engine.
    pub const fn kind(&self) -> EngineKind {
        self.kind
    }

    /// Returns who named it.
    pub const fn named_by(&self) -> NamedBy {
        self.named_by
    }

    /// Returns what may be shown: without the password.
    pub fn shown(&self) -> String {
        redact_url(&self.url)
    }

    /// Returns what has to be written to name this database in another command; empty for the
    /// default.
    pub fn as_option(&self) -> String {
        match self.named_by {
            NamedBy::User => format!(" --url {}", self.as_word()),
            NamedBy::Default => String::new(),
        }
    }

    /// Returns what may be shown, as a shell takes it for one word.
    pub fn as_word(&self) -> String {
        quoted(&self.shown())
    }

    /// Returns what is known of whether it is there: a missing file is.
    pub fn existence(&self) -> Existence {
        match self.file() {
            Some(path) if !path.exists() => Existence::Missing,
            _ => Existence::Possible,
        }
    }

    /// Returns the file, where it is one; `None` for servers and databases in memory.
    pub fn file(&self) -> Option<PathBuf> {
        if self.kind != EngineKind::Sqlite || self.url.contains(":memory:") {
            return None;
        }
        let path = ["sqlite://", "sqlite:", "file:"]
            .iter()
            .find_map(|scheme| self.url.strip_prefix(scheme))
            .unwrap_or(&self.url);
        let path = if self.url == path { path } else { path.split('?').next().unwrap_or(path) };
        Some(Path::new(path).to_owned())
    }

    /// Makes the folder of the default database; other folders are the user's.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn make_folder(&self) -> anyhow::Result<()> {
        if let (NamedBy::Default, Some(folder)) =
            (self.named_by, self.file().as_deref().and_then(Path::parent))
        {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.shown()).field(&self.named_by).finish()
    }
}

/// Returns a message without the passwords of the command line and the environment: whichever word
/// of these it repeats, whether or not it was meant for a URL.
pub fn without_passwords(message: &str) -> String {
    let words = std::env::args_os().skip(1).chain(std::env::var_os(URL_VARIABLE));
    let words = words.map(|word| word.to_string_lossy().into_owned());
    words.fold(message.to_owned(), |message, word| {
        // An option may have its value behind a `=`.
        let value = word.split_once('=').filter(|_| word.starts_with('-')).map(|(_, value)| value);
        value.into_iter().chain([word.as_str()]).filter(|text| !text.is_empty()).fold(
            message,
            |message, text| {
                if redact_url(text) == text { message } else { redact_message(&message, text) }
            },
        )
    })
}

/// Returns the text as a shell takes it for one word.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-:@%+=".contains(c);
    if text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(url: &str) -> Option<String> {
        Place::of_url(url).expect("a URL").file().map(|path| path.display().to_string())
    }

    #[test]
    fn a_file_is_found_behind_every_form_of_its_url() {
        for url in [
            "/tmp/a b.db",
            "sqlite:///tmp/a b.db",
            "sqlite:/tmp/a b.db",
            "file:/tmp/a b.db?mode=ro",
        ] {
            assert_eq!(file(url).as_deref(), Some("/tmp/a b.db"), "{url}");
        }
        for url in ["postgres://h/d", "mysql://h/d", ":memory:", "sqlite::memory:"] {
            assert_eq!(file(url), None, "{url}");
        }
    }

    #[test]
    fn a_hint_names_the_database_without_its_password() {
        let place = Place::of_url("postgres://ann:hush@h/d").expect("a URL");
        assert_eq!(place.as_option(), " --url 'postgres://ann:***@h/d'");
        assert_eq!(Place::of_url("a b.db").expect("a URL").as_option(), " --url 'a b.db'");
        assert_eq!(Place::of_url("shop.db").expect("a URL").as_option(), " --url shop.db");
    }

    #[test]
    fn a_url_of_no_engine_is_refused() {
        assert!(Place::of_url("oracle://ann:hush@h/d").is_err());
    }
}
