//! The row that a foreign key points to.

use std::marker::PhantomData;

use super::filters::to_one_filters;
use super::{Include, Relate, relation_type};
use crate::entity::Entity;
use crate::error::Result;
use crate::session::{Key, Session, include_typed};
use crate::sql::Typed;
use crate::store::Store;

/// To the row that a foreign key of `E` points to: `Address::USER`.
#[derive(Debug)]
pub struct BelongsTo<E, P> {
    name: &'static str,
    column: usize,
    entities: PhantomData<fn() -> (E, P)>,
}

relation_type!(BelongsTo<E, P>, E -> P);
to_one_filters!(BelongsTo<E, P>);

impl<E, P> BelongsTo<E, P> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, column: usize) -> Self {
        Self { name, column, entities: PhantomData }
    }
}

impl<C: Store<E> + Store<P>, E: Entity, P: Entity> Include<C> for BelongsTo<E, P> {
    fn load(&self, session: &mut Session<C>, rows: &[Key<E>]) -> Result<Vec<Key<P>>> {
        include_typed(session, self.name, (&Typed::<P>::ENTITY, None), rows)
    }
}

impl<C: Store<E> + Store<P>, E: Entity, P: Entity> Relate<C> for BelongsTo<E, P> {
    fn relate(&self, session: &mut Session<C>, from: Key<E>, to: Key<P>) -> Result<()> {
        session.refer(from.slot(), self.column, to.slot())
    }

    fn unrelate(&self, session: &mut Session<C>, from: Key<E>, to: Key<P>) -> Result<()> {
        session.part(from.slot(), self.column, to.slot())
    }
}
