//! URLs with several hosts: `mysql://user:password@first:3306,second:3307/database`.

/// Returns one URL for each host of a URL, in their order.
pub(crate) fn each_host(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else { return vec![url.to_owned()] };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (user, hosts) = match authority.rsplit_once('@') {
        Some((user, hosts)) => (format!("{user}@"), hosts),
        None => (String::new(), authority),
    };
    hosts.split(',').map(|host| format!("{scheme}://{user}{host}{path}")).collect()
}

/// Returns the host of a URL as people call it; the URL has one host.
#[cfg(feature = "mysql")]
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_gets_the_user_and_the_database() {
        assert_eq!(
            each_host("mysql://u:p%2C@a:1,[::1]:2,c/d?x=1,2"),
            [
                "mysql://u:p%2C@a:1/d?x=1,2",
                "mysql://u:p%2C@[::1]:2/d?x=1,2",
                "mysql://u:p%2C@c/d?x=1,2"
            ]
        );
        assert_eq!(each_host("postgres://a,b"), ["postgres://a", "postgres://b"]);
        assert_eq!(each_host("a,b.db"), ["a,b.db"]);
    }

    #[cfg(feature = "mysql")]
    #[test]
    fn a_host_is_told_without_the_user() {
        assert_eq!(host("mysql://u:p@a:1/d"), "a:1");
        assert_eq!(host("mysql://a"), "a");
    }
}
