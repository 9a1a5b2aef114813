//! URLs of servers: what drivers would misread in them.

use super::secrets::percent_decode;
use super::url::unusable;
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
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    let ports = hosts.split(',').filter_map(|host| {
        let behind = host.rsplit_once(']').map_or(host, |(_, port)| port);
        behind.split_once(':').map(|(_, port)| port)
    });
    if ports.flat_map(str::bytes).any(|byte| !byte.is_ascii_digit()) {
        return Err(unusable(
            url,
            "the port is no number; where a password was meant, the host is missing: \
             `user:password@host`"
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

#[cfg(test)]
mod tests {
    use super::*;

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
        for url in ["postgres://ann:hush/d", "mysql://ann:hush", "postgres://a@h:1,b:hush/d"] {
            let error = check(url).expect_err(url).to_string();
            assert!(error.contains("the port is no number"), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
        for url in [
            "mysql://h/d",
            "mysql://u@[::1]:2,h:3,[::1]/d",
            "mysql://a:b%2F@h/d",
            "postgres://a:b@h/d?options=x@y",
        ] {
            check(url).expect(url);
        }
    }
}
