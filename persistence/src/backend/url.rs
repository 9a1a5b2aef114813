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
const HIDDEN: &str = "***";

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

/// What an engine said of a failed connection, without the URL's password or parts of it.
pub(crate) fn redact_message(message: &str, url: &str) -> String {
    let mut message = message.trim().replace(url, &redact_url(url));
    for secret in secrets(url) {
        message = replace_words(&message, &secret);
    }
    message
}

/// The passwords of a URL, as written and decoded.
fn secrets(url: &str) -> Vec<String> {
    let mut secrets = Vec::new();
    let mut add = |secret: &str| {
        if !secret.is_empty() {
            secrets.push(secret.to_owned());
            secrets.extend(percent_decode(secret).filter(|decoded| decoded != secret));
        }
    };
    if let Some((_, rest)) = url.split_once("://") {
        if let Some((_, password)) =
            rest.rsplit_once('@').and_then(|(user, _)| user.split_once(':'))
        {
            add(password);
        }
        if let Some((_, parameters)) = rest.split_once('?') {
            for parameter in parameters.split('&') {
                match parameter.split_once('=') {
                    Some((name, value)) if name.to_ascii_lowercase().ends_with("password") => {
                        add(value);
                    }
                    _ => {}
                }
            }
        }
    }
    // The longest first: a decoded password may be a part of the one as written.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

/// Passwords shorter than this are taken out of messages only where they stand alone: a password
/// `a` does not make `pa***word` of every `password`.
const SHORT: usize = 4;

fn replace_words(text: &str, secret: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(secret) {
        let (before, found) = rest.split_at(at);
        let after = found.get(secret.len()..).unwrap_or_default();
        replaced.push_str(before);
        let alone =
            !replaced.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric);
        replaced.push_str(if alone || secret.len() >= SHORT { HIDDEN } else { secret });
        rest = after;
    }
    replaced.push_str(rest);
    replaced
}

/// The letters before `://`; none for a path.
fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once("://")?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(allowed))
        .then_some(scheme)
}

fn percent_decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            decoded.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

/// Checks a server's URL for what drivers would misread, repeating parts of the password as host
/// or port in their errors.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) fn check_server_url(url: &str) -> Result<()> {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let beyond = rest.get(authority.len()..).unwrap_or_default();
    let path = beyond.split('?').next().unwrap_or_default();
    let mut at_signs = authority.matches('@').count();
    if path.contains('@') || (at_signs == 0 && beyond.contains('@')) {
        at_signs += 2;
    }
    if at_signs > 1 {
        return Err(unusable(
            url,
            "special characters of a user name or password must be percent-encoded: `@` as \
             `%40`, `/` as `%2F`, `?` as `%3F`, `#` as `%23`, `:` as `%3A`, `%` as `%25`"
                .to_owned(),
        ));
    }
    if let Some((user, _)) = authority.rsplit_once('@')
        && percent_decode(user).is_none()
    {
        return Err(unusable(
            url,
            "the user name or password has a `%` that is not followed by two hexadecimal digits; \
             write a `%` as `%25`"
                .to_owned(),
        ));
    }
    Ok(())
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

    #[test]
    fn messages_lose_the_password_but_no_other_words() {
        let url = "mysql://ann:p%40ss@h/d";
        let message = redact_message("bad url mysql://ann:p%40ss@h/d: p@ss or p%40ss", url);
        assert_eq!(message, "bad url mysql://ann:***@h/d: *** or ***");
        let message = redact_message("password authentication failed: a", "mysql://u:a@h/d");
        assert_eq!(message, "password authentication failed: ***");
    }

    #[cfg(any(feature = "postgres", feature = "mysql"))]
    #[test]
    fn a_password_that_is_not_encoded_is_explained_and_not_repeated() {
        for url in [
            "postgres://ann:hu/sh@h/d",
            "postgres://ann:hu@sh@h/d",
            "postgres://ann:hu?sh@h/d",
            "postgres://ann:hu%sh@h/d",
            "postgres://ann:hu#sh@h/d",
            "postgres://ann:hu@a/sh@h/d",
        ] {
            let error = check_server_url(url).expect_err(url).to_string();
            assert!(error.contains("percent-encoded") || error.contains("%25"), "{error}");
            assert!(!error.contains("sh@") && !error.contains("hu"), "{error}");
        }
        for url in ["mysql://h/d", "mysql://a:b%2F@h/d", "postgres://a:b@h/d?options=x@y"] {
            check_server_url(url).expect(url);
        }
    }
}
