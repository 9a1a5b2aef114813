//! What nobody may see of a URL: passwords, also of URLs that are only nearly right.
//!
//! Whatever may be one is hidden; that a file's name loses some letters where it is shown, since it
//! looks like a URL with a password, is the smaller harm.

use std::ops::Range;

use super::url::{after_mangled_scheme, scheme};

/// What stands in a password's place.
const HIDDEN: &str = "***";

/// Parameters whose values may be seen; a mistyped `password` is none of them.
const HARMLESS: [&str; 38] = [
    "application_name",
    "cache",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "dbname",
    "fallback_application_name",
    "gssencmode",
    "host",
    "hostaddr",
    "immutable",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "mode",
    "nolock",
    "options",
    "passfile",
    "port",
    "require_auth",
    "service",
    "ssl_ca",
    "ssl_cert",
    "ssl_key",
    "ssl_mode",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "target_session_attrs",
    "tcp_user_timeout",
    "unix_socket",
    "user",
    "vfs",
];

/// Returns the URL as it may be shown: without its password, whatever characters that has, and also
/// where the URL is only nearly right.
///
/// ```
/// use persistence::backend::redact_url;
/// assert_eq!(redact_url("postgres://ann:s3cret@host/books"), "postgres://ann:***@host/books");
/// assert_eq!(redact_url("ann:s3cret@host/books"), "ann:***@host/books");
/// assert_eq!(redact_url("books.db"), "books.db");
/// ```
#[must_use]
pub fn redact_url(url: &str) -> String {
    let mut shown = String::with_capacity(url.len());
    let mut end = 0;
    for range in hidden(url) {
        shown.push_str(url.get(end..range.start).unwrap_or_default());
        shown.push_str(HIDDEN);
        end = range.end;
    }
    shown.push_str(url.get(end..).unwrap_or_default());
    shown
}

/// Returns a message about a URL without the URL's password or parts of it.
///
/// ```
/// use persistence::backend::redact_message;
/// let message = redact_message("unexpected argument u:s3cret@h", "u:s3cret@h");
/// assert_eq!(message, "unexpected argument u:***@h");
/// ```
#[must_use]
pub fn redact_message(message: &str, url: &str) -> String {
    let mut message = message.replace(url, &redact_url(url));
    for secret in secrets(url) {
        message = replace_words(&message, &secret);
    }
    message
}

/// Returns the parts of a URL that are hidden, in their order.
fn hidden(url: &str) -> Vec<Range<usize>> {
    let begin = url.len() - url.trim_start().len();
    let text = url.get(begin..).unwrap_or_default();
    let user = text.find("://").filter(|_| scheme(text).is_some()).map_or(0, |colon| colon + 3);
    let mut ranges = Vec::new();
    ranges.extend(of_user(text, user));
    let is_url = user > 0;
    let behind_user = ranges.last().map_or(user, |range: &Range<usize>| range.end);
    let is_mangled = after_mangled_scheme(text).filter(|_| !is_url);
    if let (Some(rest), true) = (is_mangled, ranges.is_empty()) {
        // Nothing tells where a password might begin.
        ranges.push(text.len() - rest.len()..text.len());
    } else if is_url || is_mangled.is_some() || text.starts_with("file:") {
        if is_url && !text.starts_with("sqlite") {
            ranges.extend(of_ports(text, behind_user));
        }
        ranges.extend(of_parameters(text, behind_user));
    } else if let Some(value) = behind_password(text, behind_user) {
        ranges.push(value..text.len());
    }
    ranges.retain(|range| !range.is_empty());
    ranges.iter().map(|range| range.start + begin..range.end + begin).collect()
}

/// Finds the password behind the user's name: from the first sign behind the name to the last `@`,
/// since a password that is not percent-encoded may have an `@` of its own.
fn of_user(text: &str, begin: usize) -> Option<Range<usize>> {
    let rest = text.get(begin..)?;
    let at = rest.rfind('@').max(rest.rfind("%40"))?;
    let user = rest.get(..at)?;
    let is_drive = cfg!(windows) && begin == 0 && user.get(1..2) == Some(":");
    let signs: &[&str] =
        if begin > 0 { &[":", "%3a", "%3A", "/", "?", "#", "@"] } else { &[":", "%3a", "%3A"] };
    let from = if is_drive { 2 } else { 0 };
    let searched = user.get(from..)?;
    let behind = |sign: &&str| searched.find(*sign).map(|place| place + sign.len());
    let first = signs.iter().filter_map(behind).min()?;
    Some(begin + from + first..begin + at)
}

/// Finds what stands where a port should, and is none: `postgres://user:password/database`.
fn of_ports(text: &str, begin: usize) -> Vec<Range<usize>> {
    let rest = text.get(begin..).unwrap_or_default();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let mut hidden = Vec::new();
    let mut place = begin;
    for host in rest.get(..end).unwrap_or_default().split(',') {
        let name = host.find(']').map_or(0, |bracket| bracket + 1);
        let colon = host.get(name..).and_then(|port| port.find(':')).map(|colon| name + colon + 1);
        if let Some(port) = colon
            && !host.get(port..).unwrap_or_default().bytes().all(|byte| byte.is_ascii_digit())
        {
            hidden.push(place + port..place + host.len());
        }
        place += host.len() + 1;
    }
    hidden
}

/// Finds the values of parameters that are not known to be harmless.
fn of_parameters(text: &str, begin: usize) -> Vec<Range<usize>> {
    let Some(mark) = text.get(begin..).and_then(|rest| rest.find('?')) else { return Vec::new() };
    let mut place = begin + mark + 1;
    let mut hidden = Vec::new();
    for parameter in text.get(place..).unwrap_or_default().split('&') {
        let end = place + parameter.len();
        let (name, value) = match parameter.split_once('=') {
            Some((name, _)) => (name, place + name.len() + 1),
            None => ("", place),
        };
        let is_plain = !text.get(value..end).unwrap_or_default().contains([':', '@', '=', '?']);
        let name = percent_decode(name).unwrap_or_default().to_ascii_lowercase();
        if !(is_plain && HARMLESS.contains(&name.as_str())) {
            hidden.push(value..end);
        }
        place = end + 1;
    }
    hidden
}

/// Finds where something named like a password is given a value, in a list of `key=value`.
fn behind_password(text: &str, begin: usize) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    let rest = lower.get(begin..)?;
    let name = ["pass", "pwd", "secret"].iter().filter_map(|name| rest.find(name)).min()?;
    let sign = rest.get(name..)?.find('=')?;
    let value = begin + name + sign + 1;
    let blanks = text.get(value..)?;
    Some(value + blanks.len() - blanks.trim_start().len())
}

/// Returns the passwords of a URL, as written and decoded, and the parts that a driver may take
/// them asunder into.
fn secrets(url: &str) -> Vec<String> {
    let mut secrets = Vec::new();
    for range in hidden(url) {
        let secret = url.get(range).unwrap_or_default();
        let parts = secret.split(|c: char| c.is_whitespace() || "@:/?#&=;,'\"".contains(c));
        let parts = parts.filter(|part| *part != secret && part.len() >= SHORT);
        for secret in parts.chain([secret]) {
            secrets.push(secret.to_owned());
            secrets.extend(percent_decode(secret).filter(|decoded| decoded != secret));
        }
    }
    secrets.retain(|secret| !secret.is_empty());
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

/// Returns the text without `%41` and the like; `None` where a `%` stands before no such number.
pub(super) fn percent_decode(text: &str) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::backend::EngineKind;

    #[test]
    fn passwords_are_hidden_whatever_they_are_made_of() {
        for (url, shown) in [
            ("mysql://ann:hush@h:1/d", "mysql://ann:***@h:1/d"),
            ("mysql://:hush@h", "mysql://:***@h"),
            ("postgres://ann:h@s/h?a#b:c@h/d", "postgres://ann:***@h/d"),
            ("postgres://ann:%40%2F@h/d", "postgres://ann:***@h/d"),
            ("postgres://ann@h/d", "postgres://ann@h/d"),
            ("postgres://ann@h:1,[::1]:2,c/d", "postgres://ann@h:1,[::1]:2,c/d"),
            (
                "postgres://h/d?user=a&password=hush&port=1",
                "postgres://h/d?user=a&password=***&port=1",
            ),
            ("postgres://h/d?pass%77ord=hush", "postgres://h/d?pass%77ord=***"),
            ("postgres://h/d?passwrod=hush", "postgres://h/d?passwrod=***"),
            ("postgres://h/d?hush", "postgres://h/d?***"),
            ("postgres://h/d?sslpassword=hush", "postgres://h/d?sslpassword=***"),
            ("postgres://a:h1@x,b:hush@y/d", "postgres://a:***@y/d"),
            ("host=h password='hu sh' dbname=d", "host=h password=***"),
            ("host=h PASSWORD = hush", "host=h PASSWORD = ***"),
            ("Server=h;Pwd=hush", "Server=h;Pwd=***"),
            (" postgres://u:hush@h/x", " postgres://u:***@h/x"),
            ("POSTGRES://u:hush@h/x", "POSTGRES://u:***@h/x"),
            ("postgres:/u:hush@h/x", "postgres:***@h/x"),
            ("postgres:/u:hush/x", "postgres***"),
            ("postgres://u:hush/x", "postgres://u:***/x"),
            ("postgres//u:hush@h/x", "postgres//u:***@h/x"),
            ("//u:hush@h/x", "//u:***@h/x"),
            ("u:hush@h/x", "u:***@h/x"),
            ("u%3Ahush%40h", "u%3A***%40h"),
            ("sqlite://u:hush@h/x", "sqlite://u:***@h/x"),
            ("file:x.db?mode=ro&key=hush", "file:x.db?mode=ro&key=***"),
            ("/tmp/a@b:c.db", "/tmp/a@b:c.db"),
            ("/tmp/a?b#c%41 d.db", "/tmp/a?b#c%41 d.db"),
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

    /// Makes a URL with a password, and what comes of it under somebody's hands: letters before,
    /// behind and amid it, another case, signs left out or doubled. The `@` stays, and the
    /// password.
    fn nearly_right() -> impl Strategy<Value = String> {
        let scheme = prop_oneof![
            Just("postgres"),
            Just("postgresql"),
            Just("mysql"),
            Just("mariadb"),
            Just("POSTGRES"),
            Just("postgress"),
            Just("jdbc:postgresql"),
            Just("sqlite"),
            Just("file"),
            Just(""),
        ];
        let signs =
            prop_oneof![Just("://"), Just(":/"), Just("//"), Just(":"), Just(""), Just(":///")];
        let user = "[a-z]{0,3}|[a-z]%20|a/b|a\\?b|[é ]";
        let around = "[-a-z0-9%:/@?#&= \"']{0,4}";
        let colon = prop_oneof![Just(":"), Just("%3A"), Just("::"), Just(": ")];
        let at = prop_oneof![Just("@"), Just("%40"), Just("@@"), Just(" @")];
        let host =
            "[a-z]{0,4}(:[0-9]{1,4})?(,[a-z]{1,3})?(/[a-z]{0,3})?(\\?[a-z_]{1,9}=[a-z]{0,3})?";
        ("[ \t\"']{0,2}", scheme, signs, user, colon, around, around, at, host).prop_map(
            |(lead, scheme, signs, user, colon, before, behind, at, host)| {
                format!("{lead}{scheme}{signs}{user}{colon}{before}s3cret{behind}{at}{host}")
            },
        )
    }

    proptest! {
        #[test]
        fn no_nearly_right_url_shows_its_password(url in nearly_right()) {
            let shown = redact_url(&url);
            prop_assert!(!shown.contains("s3cret"), "{shown}");
            if let Err(error) = EngineKind::of_url(&url) {
                prop_assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
            }
        }

        #[test]
        fn no_parameter_shows_its_password(
            before in "(postgres|mysql|MYSQL|x)://[a-z]{0,3}@?[a-z]{1,3}/[a-z]{0,3}",
            name in "(ssl)?[pP](ass|%61ss|as|ASS)[wW](or|ro)d|pwd|key|secret|TOKEN",
            others in "(&[a-z]{1,4}=[a-z0-9%#]{0,4}){0,2}",
        ) {
            let shown = redact_url(&format!("{before}?x=1&{name}=s3cret{others}"));
            prop_assert!(!shown.contains("s3cret"), "{shown}");
        }

        #[test]
        fn no_list_of_keys_shows_its_password(
            before in "((host|user|dbname) ?= ?[a-z0-9']{0,4}[ ;]){0,3}",
            name in "(ssl)?[pP]assword|PASSWORD|passwd|Pwd|pass",
            quoted in "[ '\"]{0,2}",
            behind in "[ ;'\"][a-z=]{0,9}",
        ) {
            let shown = redact_url(&format!("{before}{name}={quoted}s3cret{behind}"));
            prop_assert!(!shown.contains("s3cret"), "{shown}");
        }
    }
}
