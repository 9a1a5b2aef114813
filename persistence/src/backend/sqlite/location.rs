//! Which file a URL names, and whether it can be a database.
//!
//! Nothing but SQLite opens the file: POSIX releases a process's locks on a file as soon as the
//! process closes any descriptor of it, and then another program takes itself for the only user,
//! and removes the log that is still being written to
//! (<https://www.sqlite.org/howtocorrupt.html>, section 2.2).

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

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

    /// What people call it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Memory => ":memory:".to_owned(),
            Self::Path(path) => path.clone(),
            Self::Uri(uri) => uri.clone(),
        }
    }

    /// What SQLite is given: always its own form of a URL, so that no path is mistaken for one.
    pub(super) fn connection_url(&self, read_only: bool) -> String {
        let path = match self {
            Self::Memory => return ":memory:".to_owned(),
            Self::Uri(uri) => return uri.clone(),
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
        url.push_str(if read_only { "?mode=ro" } else { "?mode=rwc" });
        if read_only && self.is_frozen() {
            url.push_str("&immutable=1");
        }
        url
    }

    /// Whether nobody can be writing: the folder takes no new files, so that SQLite cannot even
    /// keep its reading lock in it, and holds no log of somebody who writes.
    fn is_frozen(&self) -> bool {
        let Self::Path(path) = self else { return false };
        let log = format!("{path}-wal");
        let folder = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty());
        !Path::new(&log).exists()
            && std::fs::metadata(folder.unwrap_or_else(|| Path::new(".")))
                .is_ok_and(|folder| folder.permissions().readonly())
    }

    /// Says what is wrong with the file in words that SQLite does not have.
    pub(super) fn check(&self, read_only: bool) -> Result<()> {
        let Self::Path(path) = self else { return Ok(()) };
        let metadata = match std::fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return self.check_new(path, read_only);
            }
            Err(error) => return Err(self.unreachable(&error)),
        };
        if metadata.is_dir() {
            return Err(self.unavailable("it is a folder, not a file".to_owned()));
        }
        Ok(())
    }

    /// Says why SQLite cannot open the file, where that can be told.
    pub(super) fn explain_unopened(&self, error: &diesel::ConnectionError) -> Error {
        let Self::Path(path) = self else { return self.unavailable(error.to_string()) };
        match File::open(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => self.unreachable(&error),
            Err(_) => self.unavailable(error.to_string()),
            Ok(file) => {
                // Closing it would release the locks of connections that are open already.
                std::mem::forget(file);
                self.unavailable(error.to_string())
            }
        }
    }

    fn check_new(&self, path: &str, read_only: bool) -> Result<()> {
        if read_only {
            let message = "there is no such file, and a read-only database is not created";
            return Err(self.unavailable(message.to_owned()));
        }
        match Path::new(path).parent() {
            Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
                Err(self.unavailable(format!("the folder `{}` does not exist", folder.display())))
            }
            _ => Ok(()),
        }
    }

    fn unreachable(&self, error: &std::io::Error) -> Error {
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

    /// Names the file in an error of opening it.
    pub(super) fn explain(&self, error: Error) -> Error {
        match error {
            Error::Schema { message } if message.contains("not a database") => self.no_database(),
            Error::Schema { message } => {
                Error::Schema { message: format!("`{}`: {message}", self.shown()) }
            }
            Error::Unavailable { message, .. } | Error::Database { message, .. } => {
                self.unavailable(message)
            }
            error => error,
        }
    }
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
        let url = |path: &str| Location::Path(path.to_owned()).connection_url(false);
        assert_eq!(url("a?b#c%d.db"), "file:a%3fb%23c%25d.db?mode=rwc");
        assert_eq!(url("//tmp/a.db"), "file:/tmp/a.db?mode=rwc");
    }
}
