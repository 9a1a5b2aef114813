//! Insert or update, insert or ignore.

use std::collections::HashSet;
use std::marker::PhantomData;

use crate::column::Column;
use crate::entity::{ColumnSet, Entity, Fill};
use crate::error::{Error, Result};
use crate::filter::{Comparison, Filter};
use crate::value::Value;

/// What to do with a row that is there already: found by the values of a unique set of columns,
/// kept as it is or updated in some of its columns.
///
/// ```
/// # mod schema { diesel::table! { words (id) { id -> BigInt, text -> Text, meaning -> Text } } }
/// # use persistence::{Entity, Memory, Repository, Upsert};
/// # #[derive(Clone, Debug, PartialEq, Entity)]
/// # #[entity(table = schema::words)]
/// # struct Word {
/// #     #[entity(key, generated)] id: i64,
/// #     #[entity(unique)] text: String,
/// #     meaning: String,
/// # }
/// let mut words = Memory::new().with::<Word>();
/// let word = |meaning: &str| vec![NewWord { text: "fox".into(), meaning: meaning.into() }];
/// let by_text = Upsert::on(Word::TEXT);
/// words.upsert(word("an animal"), &by_text)?;
/// assert_eq!(words.upsert(word("a trick"), &by_text)?[0].meaning, "an animal");
/// let updated = words.upsert(word("a trick"), &by_text.set(Word::MEANING))?;
/// assert_eq!(updated[0].meaning, "a trick");
/// # Ok::<(), persistence::Error>(())
/// ```
#[derive(Debug)]
pub struct Upsert<E> {
    on: ColumnSet,
    set: ColumnSet,
    entity: PhantomData<fn() -> E>,
}

impl<E> Clone for Upsert<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Upsert<E> {}

impl<E: Entity> Upsert<E> {
    /// Makes an upsert: a row is there already when one has the same value in this column, which is
    /// the primary key or unique. It is kept as it is, unless columns to set are named.
    #[must_use]
    pub const fn on<T>(column: Column<E, T>) -> Self {
        let on = ColumnSet::EMPTY.with(column.position());
        Self { on, set: ColumnSet::EMPTY, entity: PhantomData }
    }

    /// Adds a column that has to be the same, too: for sets of columns that are unique together.
    #[must_use]
    pub const fn and_on<T>(mut self, column: Column<E, T>) -> Self {
        self.on = self.on.with(column.position());
        self
    }

    /// Sets this column to the new value in a row that is there; its version counts up.
    #[must_use]
    pub const fn set<T>(mut self, column: Column<E, T>) -> Self {
        self.set = self.set.with(column.position());
        self
    }

    /// Sets all columns that are given for a new row to the new values in a row that is there.
    #[must_use]
    pub fn set_all(mut self) -> Self {
        let columns = (0..).zip(E::meta().columns);
        let given = columns.filter(|(_, column)| column.fill == Fill::Draft);
        self.set = given
            .map(|(position, _)| position)
            .filter(|position| !self.on.contains(*position))
            .collect();
        self
    }

    pub(crate) fn columns_to_set(self) -> ColumnSet {
        let set = E::meta().written_of(self.set);
        match E::meta().updated() {
            Some(column) if !set.is_empty() => set.with(column),
            _ => set,
        }
    }

    pub(crate) const fn columns_to_find(self) -> ColumnSet {
        self.on
    }

    /// Checks that rows can be told apart by the columns.
    pub(crate) fn check(self) -> Result<()> {
        let meta = E::meta();
        let is_it = |set: &&[usize]| set.iter().copied().collect::<ColumnSet>() == self.on;
        if meta.unique.iter().chain([&meta.key]).any(is_it) {
            return Ok(());
        }
        let named = meta.names(&self.on.iter().collect::<Vec<_>>()).join(", ");
        Err(Error::Schema {
            message: format!(
                "{}: rows are not unique by {named}, so none can be upserted",
                meta.name
            ),
        })
    }

    /// Returns the values a row is found by; `None` where one is NULL, for then it is like no other.
    pub(crate) fn values(self, row: &E) -> Option<Vec<Value>> {
        let values = self.on.iter().map(|column| row.value(column));
        values.map(|value| (!value.is_null()).then_some(value)).collect()
    }

    /// Makes the filter for the rows that have one of these values.
    pub(crate) fn filter(self, values: &[Vec<Value>]) -> Filter {
        let columns: Vec<&'static str> = E::meta().names(&self.on.iter().collect::<Vec<_>>());
        if let [column] = columns.as_slice() {
            let values = values.iter().flatten().cloned().collect();
            return Filter::In { column: (*column).into(), values };
        }
        let row = |values: &Vec<Value>| {
            columns.iter().zip(values).fold(Filter::All, |filter, (column, value)| {
                filter.and(Filter::compare(*column, Comparison::Equal, value.clone()))
            })
        };
        Filter::Or(values.iter().map(row).collect())
    }

    /// Cuts rows so that no two of a part are the same; a statement cannot write a row twice.
    pub(crate) fn parts(self, rows: Vec<E>, limit: usize) -> Vec<Vec<E>> {
        let mut parts: Vec<Vec<E>> = Vec::new();
        let mut known: HashSet<Vec<Value>> = HashSet::new();
        for row in rows {
            let values = self.values(&row);
            let is_new = values.is_none_or(|values| known.insert(values));
            match parts.last_mut() {
                Some(part) if is_new && part.len() < limit => part.push(row),
                _ => {
                    known = self.values(&row).into_iter().collect();
                    parts.push(vec![row]);
                }
            }
        }
        parts
    }
}
