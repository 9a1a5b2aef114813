//! The rows that refer to this one.

use std::marker::PhantomData;

use super::filters::to_many_filters;
use super::{Include, Relate, relation_type};
use crate::column::Column;
use crate::entity::Entity;
use crate::error::Result;
use crate::scalar::Scalar;
use crate::session::{Key, Session, include_typed};
use crate::sql::Typed;
use crate::store::Store;

/// To the rows of `E` whose foreign key points to a row of `P`: `User::ADDRESSES`.
#[derive(Debug)]
pub struct HasMany<P, E> {
    name: &'static str,
    column: usize,
    entities: PhantomData<fn() -> (P, E)>,
}

relation_type!(HasMany<P, E>, P -> E);
to_many_filters!(HasMany<P, E>);

impl<P: Entity, E: Entity> HasMany<P, E> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new<T: Scalar<Inner = P::Key>>(name: &'static str, column: Column<E, T>) -> Self
    where
        P::Key: Scalar,
    {
        Self { name, column: column.position(), entities: PhantomData }
    }
}

impl<C: Store<P> + Store<E>, P: Entity, E: Entity> Include<C> for HasMany<P, E> {
    fn load(&self, session: &mut Session<C>, rows: &[Key<P>]) -> Result<Vec<Key<E>>> {
        include_typed(session, self.name, (&Typed::<E>::ENTITY, None), rows)
    }
}

impl<C: Store<P> + Store<E>, P: Entity, E: Entity> Relate<C> for HasMany<P, E> {
    fn relate(&self, session: &mut Session<C>, from: Key<P>, to: Key<E>) -> Result<()> {
        session.refer(to.slot(), self.column, from.slot())
    }

    fn unrelate(&self, session: &mut Session<C>, from: Key<P>, to: Key<E>) -> Result<()> {
        session.part(to.slot(), self.column, from.slot())
    }
}
