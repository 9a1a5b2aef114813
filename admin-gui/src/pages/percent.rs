//! Parts of a whole in percent.

/// A part of one in percent; what is not nothing never looks like nothing.
pub(crate) fn percent(part: f32, count: u64) -> String {
    match part * 100.0 {
        _ if count == 0 => "0 %".to_owned(),
        percent if percent < 0.1 => "< 0.1 %".to_owned(),
        percent if percent < 10.0 => format!("{percent:.1} %"),
        percent => format!("{percent:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_nothing_never_looks_like_nothing() {
        assert_eq!(percent(0.0, 0), "0 %");
        assert_eq!(percent(1e-9, 1), "< 0.1 %");
        assert_eq!(percent(0.034, 34), "3.4 %");
        assert_eq!(percent(0.5, 50), "50 %");
    }
}
