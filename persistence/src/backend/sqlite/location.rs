//! Which file a URL names, and whether it can be a database.
//!
//! Nothing but SQLite opens the file; see [`files`](crate::backend::files).

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::backend::Missing;
use crate::backend::url::{EngineKind, unusable};
use crate::error::{Error, Result};

/// Where an SQLite database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Location {
    /// In memory, for one connection.
    Memory,
    /// A file.
    Path(String),
    /// `file:…` with options, in SQLite's own way of writing it.
    Uri(String),
}

/// How SQLite is to open a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// For writing; it has to be there.
    Write,
    /// For writing; it is made where it is missing.
    Create,
    /// For reading.
    Read,
    /// For reading what nobody writes: no lock is taken, no log looked for.
    Frozen,
}

impl Door {
    const fn options(self) -> &'static str {
        match self {
            Self::Write => "mode=rw",
            Self::Create => "mode=rwc",
            Self::Read => "mode=ro",
            Self::Frozen => "mode=ro&immutable=1",
        }
    }
}

impl Location {
    /// Reads a path, `sqlite://path`, `sqlite::memory:` or SQLite's own `file:…`. A path is taken
    /// as it is: nothing is percent-decoded.
    pub(super) fn of_url(url: &str) -> Result<Self> {
        EngineKind::Sqlite.expect(url)?;
        if url.starts_with("file:") {
            return Ok(Self::Uri(url.to_owned()));
        }
        let path = url
            .strip_prefix("sqlite://")
            .or_else(|| url.strip_prefix("sqlite:"))
            .or_else(|| {
                let (scheme, path) = url.split_once("://")?;
                scheme.eq_ignore_ascii_case("sqlite").then_some(path)
            })
            .unwrap_or(url);
        if path.is_empty() {
            return Err(unusable(url, "the path is missing".to_owned()));
        }
        if path.len() < url.len() && path.contains('?') {
            let message = "options after `?` are not supported; write just the path";
            return Err(unusable(url, message.to_owned()));
        }
        Ok(if path == ":memory:" { Self::Memory } else { Self::Path(path.to_owned()) })
    }

    /// Returns what people call the database.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Memory => ":memory:".to_owned(),
            Self::Path(path) => path.clone(),
            Self::Uri(uri) => uri.clone(),
        }
    }

    /// Returns the file; `None` in memory.
    pub(super) fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Memory => None,
            Self::Path(path) => Some(PathBuf::from(path)),
            Self::Uri(uri) => file_of_uri(uri),
        }
    }

    /// Returns what SQLite is given: always its own form of a URL, so that no path is mistaken for one.
    pub(super) fn connection_url(&self, door: Door) -> String {
        let path = match self {
            Self::Memory => return ":memory:".to_owned(),
            // Whoever writes SQLite's options has said what is meant.
            Self::Uri(uri) if uri.contains("mode=") || uri.contains("immutable=") => {
                return uri.clone();
            }
            Self::Uri(uri) => {
                let sign = if uri.contains('?') { '&' } else { '?' };
                return format!("{uri}{sign}{}", door.options());
            }
            Self::Path(path) => path,
        };
        let mut url = String::from("file:");
        // An absolute path begins with one slash: two would begin a host.
        let path = if cfg!(windows) { path.replace('\\', "/") } else { path.clone() };
        let is_drive = cfg!(windows) && path.get(1..2) == Some(":");
        if is_drive {
            url.push('/');
        }
        let trimmed = path.trim_start_matches('/');
        if trimmed.len() < path.len() {
            url.push('/');
        }
        for c in trimmed.chars() {
            match c {
                '%' => url.push_str("%25"),
                '?' => url.push_str("%3f"),
                '#' => url.push_str("%23"),
                c => url.push(c),
            }
        }
        url.push('?');
        url.push_str(door.options());
        url
    }

    /// Says what is wrong with the file in words that SQLite does not have.
    pub(super) fn check(&self, missing: Missing) -> Result<()> {
        let Some(path) = self.file() else { return Ok(()) };
        let metadata = match std::fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return self.check_new(&path, missing);
            }
            Err(error) => return Err(self.unreachable(&error)),
        };
        if metadata.is_dir() {
            return Err(self.unavailable("it is a folder, not a file".to_owned()));
        }
        Ok(())
    }

    fn check_new(&self, path: &Path, missing: Missing) -> Result<()> {
        match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
                Err(self.unavailable(format!("the folder `{}` does not exist", folder.display())))
            }
            _ if missing == Missing::Refused => {
                let message = "there is no such file, and it is made only when that is asked for";
                Err(self.unavailable(message.to_owned()))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn unreachable(&self, error: &std::io::Error) -> Error {
        self.unavailable(match error.kind() {
            ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        })
    }

    pub(super) fn unavailable(&self, message: String) -> Error {
        Error::Unavailable { target: format!("`{}`", self.shown()), message }
    }

    fn no_database(&self) -> Error {
        Error::Schema { message: format!("`{}` is not an SQLite database", self.shown()) }
    }

    /// Adds the name of the file to an error of opening it.
    pub(super) fn explain(&self, error: Error) -> Error {
        match error {
            Error::Schema { message } if message.contains("not a database") => self.no_database(),
            Error::Schema { message } => {
                Error::Schema { message: format!("`{}`: {message}", self.shown()) }
            }
            Error::Corrupt { message } => {
                Error::Corrupt { message: format!("`{}`: {message}", self.shown()) }
            }
            Error::ReadOnly { .. } => Error::ReadOnly { target: format!("`{}`", self.shown()) },
            Error::Unavailable { message, .. } | Error::Database { message, .. } => {
                self.unavailable(message)
            }
            error => error,
        }
    }
}

/// Returns the file of SQLite's own form of a URL, as SQLite reads it.
fn file_of_uri(uri: &str) -> Option<PathBuf> {
    let uri = uri.strip_prefix("file:")?;
    let (path, options) = uri.split_once('?').unwrap_or((uri, ""));
    let path = path.split('#').next().unwrap_or(path);
    if options.contains("mode=memory") || path == ":memory:" {
        return None;
    }
    // A host, which is empty or `localhost`.
    let path = match path.strip_prefix("//") {
        Some(rest) => rest.get(rest.find('/')?..)?,
        None => path,
    };
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok().filter(|path| !path.is_empty()).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_path_is_understood() {
        for (url, location) in [
            ("a.db", Location::Path("a.db".to_owned())),
            ("sqlite://a.db", Location::Path("a.db".to_owned())),
            ("sqlite:///tmp/a.db", Location::Path("/tmp/a.db".to_owned())),
            ("sqlite:a.db", Location::Path("a.db".to_owned())),
            ("SQLite://a.db", Location::Path("a.db".to_owned())),
            (":memory:", Location::Memory),
            ("sqlite::memory:", Location::Memory),
            ("sqlite://:memory:", Location::Memory),
            ("file:a.db?mode=ro", Location::Uri("file:a.db?mode=ro".to_owned())),
        ] {
            assert_eq!(Location::of_url(url).expect(url), location);
        }
        for url in ["sqlite://", "", "mysql://h/d", "sqlite://a.db?mode=ro"] {
            assert!(Location::of_url(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_path_with_signs_of_urls_stays_a_path() {
        let url = |path: &str| Location::Path(path.to_owned()).connection_url(Door::Create);
        assert_eq!(url("a?b#c%d.db"), "file:a%3fb%23c%25d.db?mode=rwc");
        assert_eq!(url("//tmp/a.db"), "file:/tmp/a.db?mode=rwc");
        #[cfg(not(windows))]
        assert_eq!(url("a:b.db"), "file:a:b.db?mode=rwc");
    }

    #[cfg(unix)]
    #[test]
    fn leave_that_is_lacking_is_told_without_the_systems_number() {
        let denied = std::io::Error::from_raw_os_error(13);
        let error = Location::Path("a.db".to_owned()).unreachable(&denied).to_string();
        assert!(error.ends_with("`a.db`: permission denied"), "{error}");
    }

    #[test]
    fn the_file_behind_sqlites_own_form_of_a_url_is_known() {
        let file = |uri: &str| Location::Uri(uri.to_owned()).file();
        for (uri, path) in [
            ("file:a.db", "a.db"),
            ("file:/tmp/a%20b.db?mode=ro", "/tmp/a b.db"),
            ("file:///tmp/a.db", "/tmp/a.db"),
            ("file://localhost/tmp/a.db?x=y", "/tmp/a.db"),
            ("file:100%.db", "100%.db"),
        ] {
            assert_eq!(file(uri), Some(PathBuf::from(path)), "{uri}");
        }
        assert_eq!(file("file::memory:"), None);
        assert_eq!(file("file:x?mode=memory"), None);
    }

    #[test]
    fn only_a_url_that_says_nothing_of_it_is_told_how_to_be_opened() {
        let url = |uri: &str, door| Location::Uri(uri.to_owned()).connection_url(door);
        assert_eq!(url("file:a.db", Door::Write), "file:a.db?mode=rw");
        assert_eq!(url("file:a.db?cache=private", Door::Read), "file:a.db?cache=private&mode=ro");
        assert_eq!(url("file:a.db?mode=ro", Door::Create), "file:a.db?mode=ro");
    }
}
