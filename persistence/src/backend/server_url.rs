//! URLs of servers: what drivers would misread in them, and their messages without the password.

use super::redact_url;
use super::url::{HIDDEN, unusable};
use crate::error::Result;

/// Checks a server's URL for what drivers would misread, repeating parts of the password as host
/// or port in their errors.
pub(super) fn check(url: &str) -> Result<()> {
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

/// What an engine said of a failed connection, without the URL's password or parts of it.
pub(super) fn redact_message(message: &str, url: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_lose_the_password_but_no_other_words() {
        let url = "mysql://ann:p%40ss@h/d";
        let message = redact_message("bad url mysql://ann:p%40ss@h/d: p@ss or p%40ss", url);
        assert_eq!(message, "bad url mysql://ann:***@h/d: *** or ***");
        let message = redact_message("password authentication failed: a", "mysql://u:a@h/d");
        assert_eq!(message, "password authentication failed: ***");
    }

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
            let error = check(url).expect_err(url).to_string();
            assert!(error.contains("percent-encoded") || error.contains("%25"), "{error}");
            assert!(!error.contains("sh@") && !error.contains("hu"), "{error}");
        }
        for url in ["mysql://h/d", "mysql://a:b%2F@h/d", "postgres://a:b@h/d?options=x@y"] {
            check(url).expect(url);
        }
    }
}
