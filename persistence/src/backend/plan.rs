//! How an engine goes about a statement, in its own words.

use std::collections::HashMap;

/// How an engine would find the rows of a page; see
/// [`Browse::explain`](crate::Browse::explain).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The statement, without the values that it binds; two where rows with and without NULL are
    /// read apart.
    pub sql: String,
    /// The engine's own words, a line a step, those of a step within another indented.
    pub lines: Vec<String>,
    /// Whether all rows that are found are sorted before the first is there, instead of being read
    /// in order. Sorting within what is equal in the first columns does not count, nor what
    /// PostgreSQL believes to be few rows.
    pub sorts: bool,
    /// Whether the entity's whole table may have to be read, to sort it or to find the rows that
    /// the filter wants. Reading all rows in order up to the end of a page does not count.
    pub scans: bool,
}

/// A line of what an engine answers to `EXPLAIN`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanStep {
    /// The step's number, where it has one.
    pub number: i64,
    /// The number of the step that it is part of.
    pub parent: i64,
    /// What it does.
    pub text: String,
}

/// What a plan's lines tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// Whether all rows that are found are sorted.
    pub sorts: bool,
    /// Whether the table is read from one end to the other, unless enough is found before.
    pub reads_all: bool,
}

/// Returns the steps' texts, each indented by how many steps it is part of.
pub(crate) fn lines(steps: Vec<PlanStep>) -> Vec<String> {
    let mut depths: HashMap<i64, usize> = HashMap::new();
    steps
        .into_iter()
        .map(|step| {
            let depth = depths.get(&step.parent).map_or(0, |depth| depth + 1);
            if step.number != 0 {
                depths.insert(step.number, depth);
            }
            format!("{}{}", "  ".repeat(depth), step.text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_within_others_are_indented() {
        let step = |number, parent, text: &str| PlanStep { number, parent, text: text.into() };
        let steps = vec![step(3, 0, "a"), step(7, 3, "b"), step(9, 7, "c"), step(12, 0, "d")];
        assert_eq!(lines(steps), ["a", "  b", "    c", "d"]);
        assert_eq!(lines(vec![step(0, 0, "a"), step(0, 0, "  b")]), ["a", "  b"]);
    }
}
