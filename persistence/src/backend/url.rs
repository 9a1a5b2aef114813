//! Where a database is: which engine a URL belongs to.

use std::fmt;

use super::secrets::redact_url;
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

/// The schemes of servers.
const SERVERS: [&str; 4] = ["postgresql", "postgres", "mysql", "mariadb"];

/// What a list of `key=value` begins with, as other programs take it for a URL.
const KEYS: [&str; 14] = [
    "host", "hostaddr", "port", "user", "username", "dbname", "database", "password", "passfile",
    "service", "sslmode", "server", "uid", "pwd",
];

impl EngineKind {
    /// Returns the engine of a URL; a bare path is SQLite's.
    ///
    /// ```
    /// use persistence::backend::EngineKind;
    /// assert_eq!(EngineKind::of_url("books.db").unwrap(), EngineKind::Sqlite);
    /// assert_eq!(EngineKind::of_url("mariadb://host/books").unwrap(), EngineKind::Mysql);
    /// assert!(EngineKind::of_url("oracle://host/books").is_err());
    /// ```
    ///
    /// # Errors
    /// [`Error::Unavailable`] for a scheme of no supported engine, and for what is nearly a server's
    /// URL (`postgres:/user:password@host`, `user:password@host/database`), with the accepted forms.
    pub fn of_url(url: &str) -> Result<Self> {
        if url.trim().is_empty() {
            return Err(unusable(url, format!("the URL is empty; expected {ACCEPTED}")));
        }
        if url.starts_with("sqlite:") || url.starts_with("file:") {
            return Ok(Self::Sqlite);
        }
        let kind = match scheme(url).map(str::to_ascii_lowercase).as_deref() {
            None if is_nearly_of_a_server(url) => {
                return Err(unusable(
                    url,
                    format!(
                        "this looks like a server's URL, and is none; expected {ACCEPTED}; a file \
                         of that name is written with `./` or its folder before it"
                    ),
                ));
            }
            None | Some("sqlite") => return Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Self::Postgres,
            Some("mysql" | "mariadb") => Self::Mysql,
            Some(other) => {
                return Err(unusable(
                    url,
                    format!("`{other}://` is no engine that is supported; expected {ACCEPTED}"),
                ));
            }
        };
        if url.ends_with(char::is_whitespace) {
            return Err(unusable(
                url,
                "there is a blank or a line's end behind the URL".to_owned(),
            ));
        }
        Ok(kind)
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

/// Returns the letters before `://`; `None` for a path.
pub(super) fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once("://")?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(allowed))
        .then_some(scheme)
}

/// Returns what a text says after the name of a server's scheme that does not stand as it should.
pub(super) fn after_mangled_scheme(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let name = SERVERS.iter().find(|name| lower.starts_with(**name))?;
    let rest = text.get(name.len()..)?;
    let is_mangled = [":", "//", "%3a", "%3A", ";"].iter().any(|mark| rest.starts_with(mark));
    is_mangled.then_some(rest)
}

/// Returns whether something without a scheme was rather meant for a server than for a file.
fn is_nearly_of_a_server(url: &str) -> bool {
    let text = url.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<'));
    let has_scheme =
        scheme(text).is_some() || !text.starts_with(['/', '.']) && text.contains("://");
    let first = text.trim_start_matches('/').split(['/', '\\']).next().unwrap_or_default();
    let is_beside_root = text.len() == text.trim_start_matches('/').len() || text.starts_with("//");
    let has_user = first.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    let key = text.split_once('=').map(|(key, _)| key.trim().to_ascii_lowercase());
    has_scheme
        || after_mangled_scheme(text).is_some()
        || is_beside_root && has_user
        || key.is_some_and(|key| KEYS.contains(&key.as_str()))
}

/// Makes an error about a URL that cannot be used.
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
    fn what_is_nearly_a_servers_url_is_no_file() {
        for url in [
            " postgres://u:hush@h/x",
            "\tmysql://u:hush@h/x",
            "'postgres://u:hush@h/x'",
            "postgres:/u:hush@h/x",
            "postgres:u:hush@h/x",
            "Postgres//u:hush@h/x",
            "//u:hush@h/x",
            "u:hush@h/x",
            "u:hush@h",
            "jdbc:postgresql://h/x?user=u&password=hush",
            "host=h user=u password=hush dbname=x",
            "Server = h; Uid = u; Pwd = hush",
            "postgres%3A%2F%2Fu%3Ahush%40h%2Fx",
            "postgres://u:hush@h/x\n",
        ] {
            let error = EngineKind::of_url(url).expect_err(url).to_string();
            assert!(!error.contains("hush"), "{error}");
        }
        for path in [
            "postgres.db",
            "mysql/shop.db",
            "a:b.db",
            "user@host.db",
            "./a:b@c.db",
            "/tmp/a:b@c.db",
            "//tmp/shop.db",
            "host.db",
            "x=1.db",
        ] {
            assert_eq!(EngineKind::of_url(path).expect(path), EngineKind::Sqlite, "{path}");
        }
    }
}
