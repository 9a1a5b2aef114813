//! What a filter may cost: anybody can write one, and each condition is work for the database.

use axum::http::StatusCode;
use persistence::Filter;

use crate::Problem;

/// What a filter may have at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilterLimits {
    /// Conditions, and values of lists.
    pub conditions: usize,
    /// Searches in text: each reads all rows that the rest leaves.
    pub searches: usize,
    /// Conditions on related rows.
    pub relations: usize,
    /// Of these, numbers of related rows.
    pub counts: usize,
}

impl Default for FilterLimits {
    fn default() -> Self {
        Self { conditions: 200, searches: 5, relations: 8, counts: 2 }
    }
}

/// What a filter has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    conditions: usize,
    searches: usize,
    relations: usize,
    counts: usize,
}

impl Cost {
    /// What a filter has.
    pub fn of(filter: &Filter) -> Self {
        let mut cost = Self::default();
        cost.add(filter);
        cost
    }

    fn add(&mut self, filter: &Filter) {
        match filter {
            Filter::And(filters) | Filter::Or(filters) => {
                for filter in filters {
                    self.add(filter);
                }
            }
            Filter::Not(filter) => self.add(filter),
            Filter::Text { .. } => {
                self.conditions += 1;
                self.searches += 1;
            }
            Filter::In { values, .. } => self.conditions += values.len().max(1),
            Filter::Related { filter, .. } => {
                self.relations += 1;
                self.add(filter);
            }
            Filter::RelatedCount { filter, .. } => {
                self.relations += 1;
                self.counts += 1;
                self.add(filter);
            }
            _ => self.conditions += 1,
        }
    }

    /// Whether the database may have to look at many rows for each that it finds.
    pub const fn is_heavy(self) -> bool {
        self.searches > 0 || self.relations > 0
    }

    /// Checks that a filter has no more than it may.
    ///
    /// # Errors
    /// 400 that names the limit.
    pub fn check(self, limits: &FilterLimits) -> Result<(), Problem> {
        for (has, limit, name, what) in [
            (self.conditions, limits.conditions, "conditions", "conditions and values"),
            (self.searches, limits.searches, "searches", "searches in text"),
            (self.relations, limits.relations, "relations", "conditions on related rows"),
            (self.counts, limits.counts, "counts", "numbers of related rows"),
        ] {
            if has > limit {
                let detail = format!("filter: it has {has} {what}, at most {limit} are answered");
                let title = "The filter asks for too much";
                let kind = "filter-too-costly";
                return Err(Problem::new(StatusCode::BAD_REQUEST, kind, title, detail)
                    .with("parameter", "filter".into())
                    .with("limit", name.into())
                    .with("at_most", limit.into()));
            }
        }
        Ok(())
    }
}
