//! Parts of a whole in percent.

/// Returns how many of all these are, in percent: what is not nothing never looks like nothing, and
/// only all looks like all.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(crate) fn percent(count: u64, all: u64) -> String {
    if count == 0 {
        return "0 %".to_owned();
    }
    if count >= all {
        return "100 %".to_owned();
    }
    match count as f64 / all as f64 * 100.0 {
        percent if percent < 0.1 => "< 0.1 %".to_owned(),
        percent if percent < 9.95 => format!("{percent:.1} %"),
        percent if percent < 99.5 => format!("{percent:.0} %"),
        percent if percent <= 99.9 => format!("{:.1} %", (percent * 10.0).floor() / 10.0),
        _ => "> 99.9 %".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_nothing_never_looks_like_nothing() {
        assert_eq!(percent(0, 0), "0 %");
        assert_eq!(percent(0, 10), "0 %");
        assert_eq!(percent(1, 1_000_000_000), "< 0.1 %");
        assert_eq!(percent(34, 1_000), "3.4 %");
        assert_eq!(percent(50, 100), "50 %");
    }

    #[test]
    fn only_all_looks_like_all() {
        assert_eq!(percent(10_002, 10_003), "> 99.9 %");
        assert_eq!(percent(u64::MAX - 1, u64::MAX), "> 99.9 %");
        assert_eq!(percent(9_999, 10_000), "> 99.9 %");
        assert_eq!(percent(999, 1_000), "99.9 %");
        assert_eq!(percent(996, 1_000), "99.6 %");
        assert_eq!(percent(994, 1_000), "99 %");
        assert_eq!(percent(10_003, 10_003), "100 %");
    }

    #[test]
    fn all_parts_of_a_thousand_are_told_from_all_and_nothing() {
        for count in 1..1_000 {
            let shown = percent(count, 1_000);
            assert!(shown != "0 %" && shown != "0.0 %" && shown != "100 %", "{count}: {shown}");
        }
    }
}
