//! A logged statement as a person can run it in the engine's own client: with the values where its
//! parameters stood, and without what only this program's connections know.

use super::{BINDS, Statement};
use crate::entity::{ColumnMeta, EntityMeta};

use super::bound::{Bound, Kept, bound_values};

/// The function by which statements on SQLite ask whether to go on; always true elsewhere.
const GO_ON: &str = "bindery_may_go_on()";

/// Writes a search in plain SQL, of the text and the pattern.
type InPlainSql = fn(&str, &str) -> String;

/// The functions that search text on SQLite, and what they say in plain SQL of the text and the
/// pattern: the same for letters that SQLite itself can fold.
const TEXT_FUNCTIONS: [(&str, InPlainSql); 3] = [
    ("bindery_contains(", |text, part| format!("(instr(upper({text}), {part}) > 0)")),
    ("bindery_starts_with(", |text, start| {
        format!("(substr(upper({text}), 1, length({start})) = {start})")
    }),
    ("bindery_ends_with(", |text, end| {
        format!("(length({end}) = 0 OR substr(upper({text}), -length({end})) = {end})")
    }),
];

/// A statement for the engine's own client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientStatement {
    /// The SQL, without a semicolon.
    pub sql: String,
    /// Why it does not run as it stands, or not quite as it ran here.
    pub caveats: Vec<Caveat>,
}

/// What is to be known of a [`ClientStatement`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Caveat {
    /// It has parameters whose values are [not logged](super::Binds::Hidden).
    HiddenValues,
    /// It has a value that cannot be written as SQL.
    UnwritableValue,
    /// It was longer than what is logged.
    Cut,
    /// SQLite's own functions know upper and lower case of ASCII letters only.
    AsciiCase,
    /// SQLite's own client leaves foreign keys unchecked, and what refers to a deleted row as it is,
    /// until it is told otherwise.
    ForeignKeys,
}

/// Whose SQL it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Sqlite,
    Postgres,
    Mysql,
}

impl Statement {
    /// Writes the statement for the own client of an engine, by its [name](crate::Catalog::engine).
    /// How values of `entities` are stored is looked up there.
    ///
    /// ```
    /// use persistence::observe::Statement;
    /// # use std::time::Duration;
    /// let sql = r#"SELECT 1 FROM "t" WHERE "a" = $1 AND "b" = $2 -- binds: ["it's", 7]"#;
    /// let statement = Statement { sql: sql.into(), duration: Duration::ZERO, rows: None, error: None };
    /// let client = statement.for_client("PostgreSQL", &[]);
    /// assert_eq!(client.sql, r#"SELECT 1 FROM "t" WHERE "a" = 'it''s' AND "b" = 7"#);
    /// assert!(client.caveats.is_empty());
    /// ```
    #[must_use]
    pub fn for_client(&self, engine: &str, entities: &[&EntityMeta]) -> ClientStatement {
        let language = match engine {
            "PostgreSQL" => Language::Postgres,
            "MySQL" => Language::Mysql,
            _ => Language::Sqlite,
        };
        let mut caveats = Vec::new();
        if self.is_cut() {
            caveats.push(Caveat::Cut);
        }
        let (sql, binds) = match self.sql.split_once(BINDS) {
            Some((sql, binds)) => (sql, Some(binds)),
            None => (self.sql.as_str(), None),
        };
        let kept = Kept::of(sql, entities);
        let values = binds.and_then(bound_values);
        let literal = |value: &Bound| value.literal(language, &kept);
        let literals: Option<Vec<Option<String>>> =
            values.map(|values| values.iter().map(literal).collect());
        let filled = fill(sql, language, literals.as_deref());
        if filled.open > 0 && !self.is_cut() {
            let is_hidden = binds.is_none();
            caveats.push(if is_hidden { Caveat::HiddenValues } else { Caveat::UnwritableValue });
        }
        let mut sql = filled.sql;
        if language == Language::Sqlite {
            sql = without_asking(&sql);
            if let Some(plain) = plain_search(&sql) {
                sql = plain;
                caveats.push(Caveat::AsciiCase);
            }
            if writes(&sql) {
                caveats.push(Caveat::ForeignKeys);
            }
        }
        ClientStatement { sql: sql.trim_end().trim_end_matches(';').to_owned(), caveats }
    }

    fn is_cut(&self) -> bool {
        self.sql.ends_with('…')
    }
}

/// Returns whether a statement changes rows.
fn writes(sql: &str) -> bool {
    let first = sql.split_whitespace().next().unwrap_or_default();
    ["INSERT", "REPLACE", "UPDATE", "DELETE"].iter().any(|word| first.eq_ignore_ascii_case(word))
}

/// A statement whose parameters have been filled in, and how many have not.
struct Filled {
    sql: String,
    open: usize,
}

/// Puts literals where parameters stand.
fn fill(sql: &str, language: Language, literals: Option<&[Option<String>]>) -> Filled {
    let mut filled = Filled { sql: String::with_capacity(sql.len()), open: 0 };
    let mut next = 0;
    for part in parts(sql) {
        let number = match part {
            Part::Plain(plain) | Part::Quoted(plain) => {
                filled.sql.push_str(plain);
                continue;
            }
            Part::Mark("?") if language != Language::Postgres => {
                next += 1;
                Some(next)
            }
            Part::Mark(mark) => {
                let sign = match language {
                    Language::Postgres => '$',
                    Language::Sqlite | Language::Mysql => '?',
                };
                let digits = mark.strip_prefix(sign);
                digits.and_then(|digits| digits.parse::<usize>().ok())
            }
        };
        let (Part::Mark(mark), place) = (part, number.and_then(|number| number.checked_sub(1)))
        else {
            continue;
        };
        let literal = place.and_then(|place| literals?.get(place)?.as_deref());
        match (literal, place) {
            (Some(literal), _) => filled.sql.push_str(literal),
            (None, place) => {
                filled.open += usize::from(place.is_some());
                filled.sql.push_str(mark);
            }
        }
    }
    filled
}

/// A part of a statement.
#[derive(Clone, Copy)]
enum Part<'s> {
    Plain(&'s str),
    /// A name or a text in its quotes.
    Quoted(&'s str),
    /// `?` or `$` with the digits after it.
    Mark(&'s str),
}

fn parts(sql: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = match first {
            // A doubled quote ends one part and begins the next, which comes to the same.
            '\'' | '"' | '`' => rest.get(1..)?.find(first).map_or(rest.len(), |place| place + 2),
            '?' | '$' => {
                let digits = rest.get(1..)?;
                1 + digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len())
            }
            _ => rest.find(['\'', '"', '`', '?', '$']).unwrap_or(rest.len()),
        };
        let (part, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(match first {
            '\'' | '"' | '`' => Part::Quoted(part),
            '?' | '$' => Part::Mark(part),
            _ => Part::Plain(part),
        })
    })
}

/// Returns the statement without the question whether to go on.
fn without_asking(sql: &str) -> String {
    let mut plain = String::with_capacity(sql.len());
    for part in parts(sql) {
        match part {
            Part::Plain(part) => {
                let part = part.replace(&format!("WHERE {GO_ON} AND "), "WHERE ");
                let part = part.replace(&format!(" WHERE {GO_ON}"), "");
                plain.push_str(&part.replace(GO_ON, "TRUE"));
            }
            Part::Quoted(part) | Part::Mark(part) => plain.push_str(part),
        }
    }
    plain
}

/// Returns the statement with plain SQL for the functions that search text, if it has any.
fn plain_search(sql: &str) -> Option<String> {
    let mut plain = sql.to_owned();
    let mut has_any = false;
    for (name, write) in TEXT_FUNCTIONS {
        while let Some(place) = find_plain(&plain, name) {
            let (before, call) = plain.split_at_checked(place)?;
            let arguments = call.get(name.len()..)?;
            let (arguments, after) = arguments.split_at_checked(find_plain(arguments, ")")?)?;
            let (text, pattern) = arguments.split_at_checked(find_plain(arguments, ", ")?)?;
            let written = write(text, pattern.strip_prefix(", ")?);
            plain = format!("{before}{written}{}", after.strip_prefix(')')?);
            has_any = true;
        }
    }
    has_any.then_some(plain)
}

/// Finds where something stands outside of quotes.
fn find_plain(sql: &str, wanted: &str) -> Option<usize> {
    let mut place = 0;
    for part in parts(sql) {
        let text = match part {
            Part::Plain(text) => {
                if let Some(found) = text.find(wanted) {
                    return Some(place + found);
                }
                text
            }
            Part::Quoted(text) | Part::Mark(text) => text,
        };
        place += text.len();
    }
    None
}

/// Returns whether a statement names a column.
pub(super) fn names(sql: &str, column: &ColumnMeta) -> bool {
    parts(sql).any(|part| {
        matches!(part, Part::Quoted(quoted) if quoted.get(1..quoted.len() - 1) == Some(column.name))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn client(engine: &str, sql: &str) -> ClientStatement {
        let statement =
            Statement { sql: sql.to_owned(), duration: Duration::ZERO, rows: None, error: None };
        statement.for_client(engine, &[])
    }

    #[track_caller]
    fn check(engine: &str, sql: &str, expected: &str, caveats: &[Caveat]) {
        let client = client(engine, sql);
        assert_eq!((client.sql.as_str(), client.caveats.as_slice()), (expected, caveats));
    }

    #[test]
    fn values_stand_where_parameters_stood() {
        check(
            "SQLite",
            "SELECT `a?` FROM `t` WHERE `a` = ? OR `b` IN (?, ?) -- binds: [1, None, Some(\"x\")]",
            "SELECT `a?` FROM `t` WHERE `a` = 1 OR `b` IN (NULL, 'x')",
            &[],
        );
        check(
            "PostgreSQL",
            "SELECT $2, $1, $10, '$1' -- binds: [true, -1.5, 3, 4, 5, 6, 7, 8, 9, \"ten\"]",
            "SELECT -1.5, TRUE, 'ten', '$1'",
            &[],
        );
        check(
            "SQLite",
            "SELECT 1 FROM pragma_table_xinfo(?2, ?1) WHERE ?2 <> '?1' -- binds: [\"main\", \"t\"]",
            "SELECT 1 FROM pragma_table_xinfo('t', 'main') WHERE 't' <> '?1'",
            &[],
        );
    }

    #[test]
    fn a_value_is_never_taken_for_sql() {
        let awkward = r#"SELECT ? -- binds: ["?'\\ -- binds: [1]"]"#;
        check("SQLite", awkward, r"SELECT '?''\ -- binds: [1]'", &[]);
        check("MySQL", awkward, r"SELECT '?''\\ -- binds: [1]'", &[]);
        let awkward = r#"SELECT $1 -- binds: ["$1'\\"]"#;
        check("PostgreSQL", awkward, r"SELECT E'$1''\\'", &[]);
    }

    #[test]
    fn what_was_not_logged_is_said() {
        check("SQLite", "SELECT ?", "SELECT ?", &[Caveat::HiddenValues]);
        check("SQLite", "SELECT 1", "SELECT 1", &[]);
        check("PostgreSQL", "SELECT '$1', $1", "SELECT '$1', $1", &[Caveat::HiddenValues]);
        let odd = "SELECT ? -- binds: [Point { x: 1 }]";
        check("SQLite", odd, "SELECT ?", &[Caveat::UnwritableValue]);
        check("SQLite", "SELECT ?, …", "SELECT ?, …", &[Caveat::Cut]);
    }

    #[test]
    fn what_sqlites_client_leaves_unchecked_is_said() {
        check("SQLite", "DELETE FROM `t`", "DELETE FROM `t`", &[Caveat::ForeignKeys]);
        check("MySQL", "DELETE FROM `t`", "DELETE FROM `t`", &[]);
    }

    #[test]
    fn what_only_our_connections_know_is_left_out() {
        check("SQLite", "SELECT 1 FROM `t` WHERE bindery_may_go_on()", "SELECT 1 FROM `t`", &[]);
        check(
            "SQLite",
            "SELECT 1 FROM `t` WHERE bindery_may_go_on() AND (`a` = 1) LIMIT 5",
            "SELECT 1 FROM `t` WHERE (`a` = 1) LIMIT 5",
            &[],
        );
        check(
            "SQLite",
            "SELECT 1 FROM `t` WHERE `t`.`a` = 'bindery_may_go_on()' AND bindery_may_go_on()",
            "SELECT 1 FROM `t` WHERE `t`.`a` = 'bindery_may_go_on()' AND TRUE",
            &[],
        );
        check(
            "SQLite",
            "SELECT 1 WHERE bindery_contains(`t`.`a`, ?) -- binds: [\"), (\"]",
            "SELECT 1 WHERE (instr(upper(`t`.`a`), '), (') > 0)",
            &[Caveat::AsciiCase],
        );
    }
}
