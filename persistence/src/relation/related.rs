//! The related rows that a session has read.

use super::{Relation, ToOne};
use crate::backend::Engine;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::session::{Key, Session};

impl<C: Engine> Session<C> {
    /// The related rows of a row, as [included](crate::session::SessionQuery::include) by a query,
    /// in the relation's order.
    ///
    /// # Errors
    /// [`Error::NotIncluded`] when no query of this transaction included the relation for this
    /// row: nothing is read behind your back.
    pub fn related<R: Relation>(&self, row: Key<R::From>, relation: R) -> Result<Vec<Key<R::To>>> {
        let slots = self.related_slots(row.slot(), relation.name()).ok_or(Error::NotIncluded {
            entity: R::From::meta().name,
            relation: relation.name(),
        })?;
        Ok(slots.iter().map(|&slot| Key::of_slot(slot)).collect())
    }

    /// The one related row of a row, as [included](crate::session::SessionQuery::include) by a
    /// query; `None` where it has none.
    ///
    /// # Errors
    /// As [`related`](Self::related).
    pub fn related_one<R: ToOne>(
        &self,
        row: Key<R::From>,
        relation: R,
    ) -> Result<Option<Key<R::To>>> {
        Ok(self.related(row, relation)?.into_iter().next())
    }

    pub(super) fn set_related<E: Entity, F: Entity>(
        &mut self,
        row: Key<E>,
        relation: &'static str,
        related: Vec<Key<F>>,
    ) {
        let slots = related.into_iter().map(Key::slot).collect();
        self.set_related_slots(row.slot(), relation, slots);
    }
}
