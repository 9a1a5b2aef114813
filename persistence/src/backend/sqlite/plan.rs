//! SQLite's `EXPLAIN QUERY PLAN`: a tree of steps.

use diesel::deserialize::{self, FromSql};
use diesel::row::{Field, Row};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;

use crate::backend::{PlanStep, Verdict};

pub(super) fn read_step<'a>(row: &impl Row<'a, Sqlite>) -> deserialize::Result<PlanStep> {
    fn read<'a, T: FromSql<ST, Sqlite>, ST>(
        row: &impl Row<'a, Sqlite>,
        column: &str,
    ) -> deserialize::Result<T> {
        let field = row.get(column).ok_or("the plan lacks a column")?;
        T::from_nullable_sql(field.value())
    }
    Ok(PlanStep {
        number: read::<i64, BigInt>(row, "id")?,
        parent: read::<i64, BigInt>(row, "parent")?,
        text: read::<String, Text>(row, "detail")?,
    })
}

pub(super) fn judge(lines: &[String], table: &str) -> Verdict {
    let steps = || lines.iter().map(|line| line.trim_start());
    let is_scan = |step: &str| {
        let scanned = step.strip_prefix("SCAN ").and_then(|scanned| scanned.strip_prefix(table));
        scanned.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    Verdict {
        sorts: steps().any(|step| step == "USE TEMP B-TREE FOR ORDER BY"),
        reads_all: steps().any(is_scan),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], sorts: bool, reads_all: bool) {
        let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
        assert_eq!(judge(&lines, "books"), Verdict { sorts, reads_all }, "{lines:?}");
    }

    #[test]
    fn scans_and_whole_sorts_are_told() {
        check(&["SCAN books", "USE TEMP B-TREE FOR ORDER BY"], true, true);
        check(&["SCAN books USING INDEX books_title_index"], false, true);
        check(&["SEARCH books USING INTEGER PRIMARY KEY (rowid>?)"], false, false);
        check(&["SCAN books_sold", "USE TEMP B-TREE FOR LAST TERM OF ORDER BY"], false, false);
        check(&["SEARCH books USING INDEX a (b=?)", "  SCAN authors"], false, false);
        check(&["MULTI-INDEX OR", "  INDEX 1", "    SCAN books"], false, true);
        check(&["SCAN authors", "  USE TEMP B-TREE FOR ORDER BY"], true, false);
    }
}
