//! The one row that refers to this one.

use std::marker::PhantomData;

use super::filters::to_one_filters;
use super::{Include, Relate, relation_type};
use crate::column::Column;
use crate::entity::Entity;
use crate::error::Result;
use crate::scalar::Scalar;
use crate::session::{Key, Session, include_typed, relate_one};
use crate::sql::Typed;
use crate::store::Store;

/// To the row of `E` whose foreign key points to a row of `P`, of which there is one at most:
/// `User::PROFILE`.
#[derive(Debug)]
pub struct HasOne<P, E> {
    name: &'static str,
    column: usize,
    entities: PhantomData<fn() -> (P, E)>,
}

relation_type!(HasOne<P, E>, P -> E);
to_one_filters!(HasOne<P, E>);

impl<P: Entity, E: Entity> HasOne<P, E> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new<T: Scalar<Inner = P::Key>>(name: &'static str, column: Column<E, T>) -> Self
    where
        P::Key: Scalar,
    {
        Self { name, column: column.position(), entities: PhantomData }
    }
}

impl<C: Store<P> + Store<E>, P: Entity, E: Entity> Include<C> for HasOne<P, E> {
    fn load(&self, session: &mut Session<C>, rows: &[Key<P>]) -> Result<Vec<Key<E>>> {
        include_typed(session, self.name, (&Typed::<E>::ENTITY, None), rows)
    }
}

impl<C: Store<P> + Store<E>, P: Entity, E: Entity> Relate<C> for HasOne<P, E> {
    fn relate(&self, session: &mut Session<C>, from: Key<P>, to: Key<E>) -> Result<()> {
        relate_one(session, self.name, self.column, (from.slot(), to.slot()))
    }

    fn unrelate(&self, session: &mut Session<C>, from: Key<P>, to: Key<E>) -> Result<()> {
        session.part(to.slot(), self.column, from.slot())
    }
}
