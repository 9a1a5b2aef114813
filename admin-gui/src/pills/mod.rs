//! The filter as pills: each of its conditions apart, as people read and change it.
//!
//! [`Pills`] and the typed line are two faces of one [`Filter`]. What no operator can show (a
//! condition on related rows, `or` within `and` within `or`) is a pill with its text.

mod condition;
mod draft;
mod kind;
mod operator;
#[cfg(test)]
mod tests;
mod words;

use persistence::{ColumnMeta, EntityMeta, Filter};

pub use condition::Condition;
pub use draft::{Alternative, Chosen, Draft, Mistake, Problem};
pub use kind::Kind;
pub use operator::{Operands, Operator};
pub use words::{Words, mistake, operator as operator_words};

/// The conditions of a filter that must all be true.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pills(Vec<Pill>);

/// One of the conditions of a filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Pill {
    /// Alternatives, mostly one.
    Conditions(Vec<Condition>),
    /// What only its text can show.
    Text(Filter),
}

impl Pill {
    fn of(meta: &EntityMeta, filter: &Filter) -> Self {
        let conditions = match filter {
            Filter::Or(alternatives) if alternatives.len() > 1 => {
                alternatives.iter().map(|filter| Condition::of(meta, filter)).collect()
            }
            filter => Condition::of(meta, filter).map(|condition| vec![condition]),
        };
        conditions.map_or_else(|| Self::Text(filter.clone()), Self::Conditions)
    }

    fn filter(&self) -> Filter {
        match self {
            Self::Text(filter) => filter.clone(),
            Self::Conditions(conditions) => match conditions.as_slice() {
                [condition] => condition.filter(),
                conditions => Filter::Or(conditions.iter().map(Condition::filter).collect()),
            },
        }
    }

    /// Returns the column that all its conditions are about, if it is a single one.
    fn column(&self) -> Option<&'static ColumnMeta> {
        let Self::Conditions(conditions) = self else { return None };
        let column = conditions.first()?.column;
        conditions.iter().all(|other| other.column.name == column.name).then_some(column)
    }
}

impl Pills {
    /// Makes the pills of a filter.
    #[must_use]
    pub fn of(meta: &EntityMeta, filter: &Filter) -> Self {
        let filters = match filter {
            Filter::All => &[],
            Filter::And(filters) => filters.as_slice(),
            filter => std::slice::from_ref(filter),
        };
        let mut pills = Vec::new();
        let mut rest = filters;
        while let [first, others @ ..] = rest {
            rest = others;
            // What was typed as `between` is two comparisons among the others.
            if let [second, others @ ..] = others
                && let both = Filter::And(vec![first.clone(), second.clone()])
                && let Some(condition) = Condition::of(meta, &both)
            {
                pills.push(Pill::Conditions(vec![condition]));
                rest = others;
            } else {
                pills.push(Pill::of(meta, first));
            }
        }
        Self(pills)
    }

    /// Returns the filter that they are.
    #[must_use]
    pub fn filter(&self) -> Filter {
        self.0.iter().fold(Filter::All, |all, pill| all.and(pill.filter()))
    }

    /// Returns the filter that those are which do not find values of a column.
    #[must_use]
    pub fn filter_without(&self, column: &ColumnMeta) -> Filter {
        let is_about = |pill: &&Pill| {
            !(finds_values(pill) && pill.column().is_some_and(|own| own.name == column.name))
        };
        self.0.iter().filter(is_about).fold(Filter::All, |all, pill| all.and(pill.filter()))
    }

    /// Returns the pills from left to right.
    pub fn iter(&self) -> impl Iterator<Item = &Pill> {
        self.0.iter()
    }

    /// Returns a pill by its place.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<&Pill> {
        self.0.get(place)
    }

    /// Takes a pill away.
    pub fn remove(&mut self, place: usize) {
        if place < self.0.len() {
            self.0.remove(place);
        }
    }

    /// Puts alternatives in a pill's place, or after the others.
    pub fn put(&mut self, place: Option<usize>, conditions: Vec<Condition>) {
        let pill = Pill::Conditions(conditions);
        match place.and_then(|place| self.0.get_mut(place)) {
            Some(old) => *old = pill,
            None => self.0.push(pill),
        }
    }

    /// Puts alternatives on one column in the place of another pill on it that finds values, so
    /// that choosing another value does not leave no row.
    pub fn put_values(&mut self, column: &ColumnMeta, conditions: Vec<Condition>) {
        let place = self.0.iter().position(|pill| {
            pill.column().is_some_and(|other| other.name == column.name) && finds_values(pill)
        });
        self.put(place, conditions);
    }
}

/// Returns whether a pill names the values that it finds.
fn finds_values(pill: &Pill) -> bool {
    const NAMES: [&str; 7] =
        ["equals", "is any of", "is in", "is null", "is empty", "is true", "is false"];
    let Pill::Conditions(conditions) = pill else { return false };
    conditions.iter().all(|condition| NAMES.contains(&condition.operator.name))
}
