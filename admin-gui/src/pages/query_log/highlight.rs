//! SQL in two colours.

use egui::text::{LayoutJob, TextFormat};
use egui::{FontFamily, FontId};

use crate::theme::Theme;

/// Words that a statement's structure is made of.
const KEYWORDS: [&str; 44] = [
    "SELECT",
    "FROM",
    "WHERE",
    "ORDER",
    "BY",
    "GROUP",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "AND",
    "OR",
    "NOT",
    "IN",
    "IS",
    "NULL",
    "LIKE",
    "ESCAPE",
    "BETWEEN",
    "EXISTS",
    "AS",
    "ON",
    "JOIN",
    "LEFT",
    "INNER",
    "INSERT",
    "INTO",
    "VALUES",
    "UPDATE",
    "SET",
    "DELETE",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "DISTINCT",
    "COUNT",
    "ASC",
    "DESC",
    "RETURNING",
    "CREATE",
    "INDEX",
    "WITH",
    "UNION",
];

/// Returns a statement with its keywords in the accent colour.
pub(super) fn highlighted(sql: &str, theme: &Theme) -> LayoutJob {
    let font = FontId::new(theme.text.monospace - 0.5, FontFamily::Monospace);
    let keyword = TextFormat::simple(font.clone(), theme.colors.accent);
    let plain = TextFormat::simple(font, theme.colors.text);
    let mut job = LayoutJob::default();
    for (word, is_keyword) in words(sql) {
        job.append(word, 0.0, if is_keyword { keyword.clone() } else { plain.clone() });
    }
    job
}

/// Returns the statement in pieces, and which of them are keywords: not what stands between quotes.
fn words(sql: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = if matches!(first, '"' | '\'' | '`') {
            let inner = rest.get(1..).unwrap_or_default();
            inner.find(first).map_or(rest.len(), |end| end + 2)
        } else if first.is_alphanumeric() || first == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else {
            let starts = |c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | '\'' | '`');
            rest.find(starts).unwrap_or(rest.len())
        };
        let (piece, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        pieces.push((piece, KEYWORDS.contains(&piece)));
        rest = behind;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keywords(sql: &str) -> Vec<&str> {
        words(sql).into_iter().filter(|(_, is_keyword)| *is_keyword).map(|(word, _)| word).collect()
    }

    #[test]
    fn nothing_is_lost() {
        for sql in ["SELECT `a` FROM \"b\" WHERE c = 'd' AND é >= ?", "", "'open", "  x"] {
            let whole: String = words(sql).into_iter().map(|(word, _)| word).collect();
            assert_eq!(whole, sql);
        }
    }

    #[test]
    fn names_between_quotes_are_no_keywords() {
        assert_eq!(keywords("SELECT `ORDER` FROM t"), ["SELECT", "FROM"]);
        assert_eq!(keywords("SELECT reORDER"), ["SELECT"]);
    }
}
