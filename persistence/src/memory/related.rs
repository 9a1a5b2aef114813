//! The rows that a filter's relations lead to.

use std::collections::BTreeSet;

use super::Memory;
use crate::entity::EntityMeta;
use crate::error::Result;
use crate::filter::{Filter, RelatedRows};
use crate::relation::{RelationKind, RelationMeta};
use crate::value::{Record, Value};

impl RelatedRows for Memory {
    fn related<'r>(&'r self, relation: &RelationMeta, value: &Value) -> Option<Vec<&'r Record>> {
        let target = self.table(self.position(relation.target.meta()).ok()?);
        if value.is_null() {
            return Some(Vec::new());
        }
        let RelationKind::ManyToMany { through, from, to } = relation.kind else {
            return Some(target.rows_with(relation.target_column(), value));
        };
        let between = self.table(self.position(through.meta()).ok()?);
        let keys: BTreeSet<&Value> =
            between.rows_with(from, value).into_iter().map(|link| link.value(to)).collect();
        let key = relation.target_column();
        Some(keys.into_iter().flat_map(|value| target.rows_with(key, value)).collect())
    }
}

impl Memory {
    /// Resolves the filter, and checks that every entity that it leads to is known.
    pub(super) fn resolved(&self, filter: Filter, meta: &'static EntityMeta) -> Result<Filter> {
        let filter = filter.resolve(meta)?;
        self.check_entities(&filter, meta)?;
        Ok(filter)
    }

    pub(super) fn check_entities(&self, filter: &Filter, meta: &EntityMeta) -> Result<()> {
        match filter {
            Filter::And(filters) | Filter::Or(filters) => {
                filters.iter().try_for_each(|filter| self.check_entities(filter, meta))
            }
            Filter::Not(filter) => self.check_entities(filter, meta),
            Filter::Related { relation, filter }
            | Filter::RelatedCount { relation, filter, .. } => {
                let Some(relation) = meta.relation(relation) else { return Ok(()) };
                let target = relation.target.meta();
                self.position(target)?;
                if let RelationKind::ManyToMany { through, .. } = relation.kind {
                    self.position(through.meta())?;
                }
                self.check_entities(filter, target)
            }
            Filter::All
            | Filter::Compare { .. }
            | Filter::Text { .. }
            | Filter::In { .. }
            | Filter::InLastDays { .. }
            | Filter::IsNull { .. } => Ok(()),
        }
    }
}
