//! Where a database is: which engine a URL belongs to, and URLs without their passwords.

use std::fmt;

use crate::error::{Error, Result};

/// The engines a URL can name, whether or not this build has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EngineKind {
    /// A file, or memory.
    Sqlite,
    /// `postgres://…`
    Postgres,
    /// `mysql://…`, MariaDB too.
    Mysql,
}

/// What people may write, for errors.
const ACCEPTED: &str = "a path or `sqlite://path`, `postgres://user:password@host:port/database`, \
                        `mysql://user:password@host:port/database`";

/// What stands in a password's place.
pub(super) const HIDDEN: &str = "***";

impl EngineKind {
    /// The engine of a URL; a bare path is SQLite's.
    ///
    /// ```
    /// use persistence::backend::EngineKind;
    /// assert_eq!(EngineKind::of_url("books.db").unwrap(), EngineKind::Sqlite);
    /// assert_eq!(EngineKind::of_url("mariadb://host/books").unwrap(), EngineKind::Mysql);
    /// assert!(EngineKind::of_url("oracle://host/books").is_err());
    /// ```
    ///
    /// # Errors
    /// [`Error::Unavailable`] for a scheme of no supported engine, with the accepted forms.
    pub fn of_url(url: &str) -> Result<Self> {
        if url.trim().is_empty() {
            return Err(unusable(url, format!("the URL is empty; expected {ACCEPTED}")));
        }
        if url.starts_with("sqlite:") || url.starts_with("file:") {
            return Ok(Self::Sqlite);
        }
        match scheme(url).map(str::to_ascii_lowercase).as_deref() {
            None | Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            Some("mysql" | "mariadb") => Ok(Self::Mysql),
            Some(other) => Err(unusable(
                url,
                format!("`{other}://` is no engine that is supported; expected {ACCEPTED}"),
            )),
        }
    }

    /// Checks that a URL belongs to this engine.
    pub(crate) fn expect(self, url: &str) -> Result<()> {
        let found = Self::of_url(url)?;
        if found == self {
            return Ok(());
        }
        Err(unusable(url, format!("this is for {found}, not for {self}; expected {}", self.form())))
    }

    const fn form(self) -> &'static str {
        match self {
            Self::Sqlite => "a path or `sqlite://path`",
            Self::Postgres => "`postgres://user:password@host:port/database`",
            Self::Mysql => "`mysql://user:password@host:port/database`",
        }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL or MariaDB",
        })
    }
}

/// The URL as it may be shown: without its password, whatever characters that has.
///
/// ```
/// use persistence::backend::redact_url;
/// assert_eq!(redact_url("postgres://ann:s3cret@host/books"), "postgres://ann:***@host/books");
/// assert_eq!(redact_url("books.db"), "books.db");
/// ```
#[must_use]
pub fn redact_url(url: &str) -> String {
    let shown = match (scheme(url), url.split_once("://")) {
        (Some(_), Some((scheme, rest))) => match rest.rsplit_once('@') {
            // The last `@`, since a password that is not percent-encoded may have some of its own.
            Some((user, host)) => match user.split_once(':') {
                Some((user, _)) => format!("{scheme}://{user}:{HIDDEN}@{host}"),
                None => url.to_owned(),
            },
            None => url.to_owned(),
        },
        _ => url.to_owned(),
    };
    redact_parameters(&shown)
}

/// Replaces the values of `password=…`, `sslpassword=…` and the like.
fn redact_parameters(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = rest.to_ascii_lowercase().find("password=") {
        let value = found + "password=".len();
        let (before, after) = rest.split_at(value);
        redacted.push_str(before);
        redacted.push_str(HIDDEN);
        let end = match after.strip_prefix('\'') {
            Some(quoted) => quoted.find('\'').map_or(after.len(), |end| end + 2),
            None => after.find(['&', ' ', '#']).unwrap_or(after.len()),
        };
        rest = after.get(end..).unwrap_or_default();
    }
    redacted.push_str(rest);
    redacted
}

/// The letters before `://`; none for a path.
fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once("://")?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(allowed))
        .then_some(scheme)
}

/// An error about a URL that cannot be used.
pub(crate) fn unusable(url: &str, message: String) -> Error {
    Error::Unavailable { target: format!("`{}`", redact_url(url)), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_name_engines_and_paths_are_sqlite() {
        for (url, kind) in [
            ("bookshop.db", EngineKind::Sqlite),
            ("/tmp/a b.db", EngineKind::Sqlite),
            ("C:\\books.db", EngineKind::Sqlite),
            ("sqlite://bookshop.db", EngineKind::Sqlite),
            ("sqlite::memory:", EngineKind::Sqlite),
            (":memory:", EngineKind::Sqlite),
            ("postgres://h/d", EngineKind::Postgres),
            ("PostgreSQL://h/d", EngineKind::Postgres),
            ("mysql://h/d", EngineKind::Mysql),
            ("mariadb://h/d", EngineKind::Mysql),
        ] {
            assert_eq!(EngineKind::of_url(url).expect(url), kind, "{url}");
        }
    }

    #[test]
    fn an_unknown_scheme_lists_the_accepted_forms() {
        let error = EngineKind::of_url("oracle://ann:hush@h/d").expect_err("no engine").to_string();
        assert!(error.contains("`oracle://` is no engine that is supported"), "{error}");
        assert!(error.contains("postgres://user"), "{error}");
        assert!(!error.contains("hush"), "{error}");
        assert!(EngineKind::of_url(" ").is_err());
    }

    #[test]
    fn passwords_are_hidden_whatever_they_are_made_of() {
        for (url, shown) in [
            ("mysql://ann:hush@h:1/d", "mysql://ann:***@h:1/d"),
            ("mysql://:hush@h", "mysql://:***@h"),
            ("postgres://ann:h@s/h?a#b:c@h/d", "postgres://ann:***@h/d"),
            ("postgres://ann:%40%2F@h/d", "postgres://ann:***@h/d"),
            ("postgres://ann@h/d", "postgres://ann@h/d"),
            ("postgres://h/d?user=a&password=hush&x=1", "postgres://h/d?user=a&password=***&x=1"),
            ("postgres://h/d?sslpassword=hush", "postgres://h/d?sslpassword=***"),
            ("host=h password='hu sh' dbname=d", "host=h password=*** dbname=d"),
            ("host=h PASSWORD=hush", "host=h PASSWORD=***"),
            ("/tmp/a@b:c.db", "/tmp/a@b:c.db"),
        ] {
            assert_eq!(redact_url(url), shown);
        }
    }
}
