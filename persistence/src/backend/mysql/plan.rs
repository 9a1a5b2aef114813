//! `EXPLAIN` of MySQL and MariaDB: a table, a row a table that is read.

use diesel::deserialize::{self, FromSql};
use diesel::mysql::Mysql;
use diesel::row::{Field, Row};
use diesel::sql_types::Text;

use crate::backend::{PlanStep, Verdict};

/// What is told of each table, as far as there is something to tell.
const TOLD: [&str; 5] = ["type", "key", "ref", "rows", "Extra"];

pub(super) fn read_step<'a>(row: &impl Row<'a, Mysql>) -> deserialize::Result<PlanStep> {
    let mut words = vec![text(row, "select_type")?, text(row, "table")?];
    words.retain(|word| !word.is_empty());
    for column in TOLD {
        // Numbers come as numbers from one server and as text from the other.
        let value = if column == "rows" { number(row, column) } else { text(row, column)? };
        if !value.is_empty() {
            words.push(format!("{}={value}", column.to_ascii_lowercase()));
        }
    }
    Ok(PlanStep { number: 0, parent: 0, text: words.join(" ") })
}

fn text<'a>(row: &impl Row<'a, Mysql>, column: &str) -> deserialize::Result<String> {
    let Some(field) = row.get(column) else { return Ok(String::new()) };
    let Some(value) = field.value() else { return Ok(String::new()) };
    <String as FromSql<Text, Mysql>>::from_sql(value)
}

fn number<'a>(row: &impl Row<'a, Mysql>, column: &str) -> String {
    use diesel::sql_types::BigInt;
    let field = row.get(column);
    let number = field
        .as_ref()
        .and_then(Field::value)
        .and_then(|value| <i64 as FromSql<BigInt, Mysql>>::from_sql(value).ok());
    number.map_or_else(|| text(row, column).unwrap_or_default(), |number| number.to_string())
}

pub(super) fn judge(lines: &[String], table: &str) -> Verdict {
    let reads_all = |line: &String| {
        let read = line.split_once(&format!(" {table} type=")).map(|(_, how)| how);
        read.is_some_and(|how| how == "ALL" || how.starts_with("ALL ") || how.starts_with("index "))
    };
    Verdict {
        sorts: lines.iter().any(|line| line.contains("Using filesort")),
        reads_all: lines.iter().any(reads_all),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, sorts: bool, reads_all: bool) {
        assert_eq!(judge(&[line.to_owned()], "books"), Verdict { sorts, reads_all }, "{line}");
    }

    #[test]
    fn scans_and_sorts_are_told() {
        check("SIMPLE books type=ALL rows=9 extra=Using where; Using filesort", true, true);
        check("SIMPLE books type=index key=PRIMARY rows=9", false, true);
        check("SIMPLE books type=range key=PRIMARY rows=9 extra=Using where", false, false);
        check("SIMPLE old_books type=ALL rows=9", false, false);
        check("SIMPLE books type=index_merge key=a,b", false, false);
    }
}
