//! PostgreSQL's `EXPLAIN`: a tree that is indented already, with what is to be known of a step below.

use diesel::deserialize::{self, FromSql};
use diesel::pg::Pg;
use diesel::row::{Field, Row};
use diesel::sql_types::Text;

use crate::backend::{PlanStep, Verdict};

/// Rows that are sorted in no time, which the planner may prefer to reading them in order.
const FEW: u64 = 100;

pub(super) fn read_step<'a>(row: &impl Row<'a, Pg>) -> deserialize::Result<PlanStep> {
    let field = row.get(0).ok_or("the plan has no column")?;
    let text = <String as FromSql<Text, Pg>>::from_nullable_sql(field.value())?;
    Ok(PlanStep { number: 0, parent: 0, text })
}

pub(super) fn judge(lines: &[String], table: &str) -> Verdict {
    let mut verdict = Verdict::default();
    for (number, line) in lines.iter().enumerate() {
        let Some(step) = step(line) else { continue };
        verdict.sorts |= step.starts_with("Sort ") && rows(step).is_none_or(|rows| rows > FEW);
        if !reads(step, table) {
            continue;
        }
        let details = lines.iter().skip(number + 1).take_while(|line| self::step(line).is_none());
        let has_bounds = details
            .map(|line| line.trim_start())
            .any(|line| line.starts_with("Index Cond:") || line.starts_with("TID Cond:"));
        verdict.reads_all |= !(has_bounds || step.contains("Bitmap"));
    }
    verdict
}

/// Returns how many rows the planner believes that a step gives.
fn rows(step: &str) -> Option<u64> {
    let (_, rows) = step.split_once(" rows=")?;
    rows.split(' ').next()?.parse().ok()
}

/// Returns how many rows the planner believes that the whole statement gives.
pub(super) fn planned_rows(lines: &[String]) -> Option<u64> {
    rows(lines.first()?)
}

/// Returns what a line says a step does; `None` where it goes on about the step above.
fn step(line: &str) -> Option<&str> {
    let step = line.trim_start();
    let step = step.strip_prefix("->").unwrap_or(step).trim_start();
    step.contains("  (cost=").then_some(step)
}

/// Returns whether a step reads the table.
fn reads(step: &str, table: &str) -> bool {
    let target = step.split("  (cost=").next().and_then(|step| step.split_once(" on "));
    // An alias follows the name.
    target.is_some_and(|(_, target)| {
        target.split(' ').next().is_some_and(|name| name.trim_matches('"') == table)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(plan: &str, sorts: bool, reads_all: bool) {
        let lines: Vec<_> = plan.lines().map(str::to_owned).collect();
        assert_eq!(judge(&lines, "books"), Verdict { sorts, reads_all }, "{plan}");
    }

    #[test]
    fn the_first_step_gives_the_rows_of_all() {
        let plan =
            ["Seq Scan on books  (cost=0.00..1.00 rows=42 width=8)", "  Filter: (price > 5)"];
        assert_eq!(planned_rows(&plan.map(str::to_owned)), Some(42));
        assert_eq!(planned_rows(&[]), None);
    }

    #[test]
    fn scans_and_whole_sorts_are_told() {
        check("Seq Scan on books  (cost=0.00..1.00 rows=1 width=8)", false, true);
        check("Seq Scan on authors  (cost=0.00..1.00 rows=1 width=8)", false, false);
        check(
            "Limit  (cost=0.15..1.00 rows=5 width=8)\n  \
             ->  Index Scan using books_pkey on books  (cost=0.15..50.00 rows=99 width=8)\n        \
             Index Cond: (id > 5)",
            false,
            false,
        );
        check(
            "Limit  (cost=0.15..1.00 rows=5 width=8)\n  \
             ->  Index Scan using books_pkey on books  (cost=0.15..50.00 rows=99 width=8)\n        \
             Filter: (price > 5)",
            false,
            true,
        );
        check(
            "Limit  (cost=0.15..1.00 rows=5 width=8)\n  \
             ->  Sort  (cost=0.15..1.00 rows=500 width=8)\n        \
             Sort Key: price\n        \
             ->  Seq Scan on books  (cost=0.00..1.00 rows=1 width=8)",
            true,
            true,
        );
        check("Sort  (cost=0.15..1.00 rows=5 width=8)", false, false);
        check("Incremental Sort  (cost=0.15..1.00 rows=5 width=8)", false, false);
    }
}
