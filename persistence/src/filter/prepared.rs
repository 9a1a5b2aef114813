//! A filter with what a statement binds for it.

use super::{Filter, FoldedPattern, long_list};
use crate::value::Value;

/// A resolved filter with what its SQL binds beyond the filter's own values.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    filter: Filter,
    /// One for each [`Filter::Text`], in the order they are written.
    patterns: Vec<FoldedPattern>,
    /// One for each [`Filter::RelatedCount`], in the order they are written.
    counts: Vec<Value>,
    /// One for each long list of a [`Filter::In`], in the order they are written.
    lists: Vec<String>,
}

impl Prepared {
    pub(crate) fn new(filter: Filter) -> Self {
        let filter = long_list::gathered(filter);
        let mut prepared = Self {
            filter: Filter::All,
            patterns: Vec::new(),
            counts: Vec::new(),
            lists: Vec::new(),
        };
        prepared.collect(&filter);
        prepared.filter = filter;
        prepared
    }

    pub(crate) const fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(crate) fn into_filter(self) -> Filter {
        self.filter
    }

    pub(crate) fn binds(&self) -> Binds<'_> {
        Binds {
            patterns: self.patterns.iter(),
            counts: self.counts.iter(),
            lists: self.lists.iter(),
        }
    }

    fn collect(&mut self, filter: &Filter) {
        match filter {
            Filter::And(filters) | Filter::Or(filters) => {
                for filter in filters {
                    self.collect(filter);
                }
            }
            Filter::Not(filter) | Filter::Related { filter, .. } => self.collect(filter),
            Filter::RelatedCount { filter, count, .. } => {
                self.collect(filter);
                self.counts.push(Value::Integer(i64::try_from(*count).unwrap_or(i64::MAX)));
            }
            Filter::Text { operator, pattern, .. } => {
                self.patterns.push(FoldedPattern::new(*operator, pattern));
            }
            Filter::In { values, .. } => self.lists.extend(long_list::of(values)),
            Filter::All
            | Filter::Compare { .. }
            | Filter::InLastDays { .. }
            | Filter::IsNull { .. } => {}
        }
    }
}

/// What is still to be bound beyond the filter's own values.
pub(crate) struct Binds<'b> {
    pub(crate) patterns: std::slice::Iter<'b, FoldedPattern>,
    pub(crate) counts: std::slice::Iter<'b, Value>,
    pub(crate) lists: std::slice::Iter<'b, String>,
}
