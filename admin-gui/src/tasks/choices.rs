//! What can be chosen: rows by what they are called, values by how many rows have them.

use persistence::{
    Comparison, DynSession, EntityMeta, Filter, Order, Query, Result, TextMatch, Value,
};

use super::labels::{Labels, labels_of};
use super::listed::SHOWN;
use crate::jobs::{Task, Work};
use crate::row_name::row_name;

/// A row to choose as what a foreign key points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its primary key.
    pub key: Value,
    /// What names it to people.
    pub label: String,
}

/// Finds rows to choose a reference from.
#[derive(Clone, Debug)]
pub struct FindChoices {
    /// The table of the entity to choose from.
    pub table: &'static str,
    /// What the person typed; empty offers the first rows.
    pub text: String,
    /// How many at most.
    pub size: u64,
}

impl Task for FindChoices {
    type Output = Vec<Choice>;

    fn may_take_long(&self) -> bool {
        !self.text.is_empty()
    }

    fn run(self, work: &mut Work<'_>) -> Result<Vec<Choice>> {
        choices(work.session()?, self.table, &self.text, self.size)
    }
}

/// Finds the values of a column with how many rows have each, the most frequent first, and what they
/// refer to.
#[derive(Clone, Debug)]
pub struct FindValues {
    /// The entity's table.
    pub table: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// Of which rows.
    pub filter: Filter,
    /// How many at most.
    pub size: u64,
}

impl Task for FindValues {
    type Output = (Vec<(Value, u64)>, Labels);

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        let mut repository = work.session()?.repository(self.table)?;
        let meta = repository.meta();
        let values = repository.distinct(self.column, &self.filter, self.size)?;
        drop(repository);
        let position = meta.position(self.column).unwrap_or_default();
        let labels = labels_of(work, meta, position, values.iter().map(|(value, _)| value))?;
        Ok((values, labels))
    }
}

/// Finds rows whose label contains the text, those that are called so and that start with it first; a key is
/// found, too, before all that are only called alike.
fn choices(
    session: &mut dyn DynSession,
    table: &'static str,
    text: &str,
    size: u64,
) -> Result<Vec<Choice>> {
    let mut repository = session.repository(table)?;
    let meta = repository.meta();
    let (Some(label), Some(&key)) = (meta.columns.get(meta.label), meta.key.first()) else {
        return Ok(Vec::new());
    };
    let by_label = Order::parse(meta, label.name)?;
    let text = text.trim();
    let mut found: Vec<Choice> = Vec::new();
    for filter in choice_filters(meta, text) {
        let query =
            <Query>::new().filter(filter).order(by_label.clone()).limit(size).preview(SHOWN);
        for row in repository.list(&query)? {
            let choice = Choice { key: row.value(key).clone(), label: row_name(meta, &row) };
            if !found.contains(&choice) {
                found.push(choice);
            }
        }
        if u64::try_from(found.len()).is_ok_and(|length| length >= size) {
            break;
        }
    }
    found.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    Ok(found)
}

/// Returns the filters to try one after another until enough is found.
fn choice_filters(meta: &EntityMeta, text: &str) -> Vec<Filter> {
    if text.is_empty() {
        return vec![Filter::All];
    }
    let label = meta.columns.get(meta.label);
    let mut filters = Vec::new();
    // A name may be a number: who types it means the row that is called so.
    if let Some(label) = label.filter(|label| label.column_type.is_text())
        && let Ok(value) = label.column_type.parse(text)
    {
        filters.push(Filter::compare(label.name, Comparison::Equal, value));
    }
    if let Some(key) = meta.key_columns().next()
        && let Ok(value) = key.column_type.parse(text)
    {
        filters.push(Filter::compare(key.name, Comparison::Equal, value));
    }
    if let Some(label) = label {
        if label.column_type.is_text() {
            for operator in [TextMatch::StartsWith, TextMatch::Contains] {
                filters.push(Filter::Text {
                    column: label.name.into(),
                    operator,
                    pattern: text.to_owned(),
                });
            }
        } else if let Ok(value) = label.column_type.parse(text) {
            filters.push(Filter::compare(label.name, Comparison::Equal, value));
        }
    }
    filters
}

#[cfg(test)]
mod tests {
    use persistence::Entity as _;

    use super::*;
    use crate::samples::Writer;

    #[test]
    fn a_name_that_is_a_number_comes_before_the_key() {
        let filters = choice_filters(Writer::meta(), "1984");
        let equal =
            |column: &'static str, value: Value| Filter::compare(column, Comparison::Equal, value);
        let expected = [equal("name", "1984".into()), equal("id", 1984.into())];
        assert_eq!(filters.get(..2), Some(&expected[..]));
    }
}
