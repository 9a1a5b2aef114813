//! Rows that find each other through a table between.

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

type Entities<A, B, L> = fn() -> (A, B, L);

/// From a row of `A` to the rows of `B` that rows of `L` link it with: `Book::GENRES`.
#[derive(Debug)]
pub struct ManyToMany<A, B, L> {
    name: &'static str,
    from: usize,
    to: usize,
    entities: PhantomData<Entities<A, B, L>>,
}

relation_type!(ManyToMany<A, B, L>, A -> B);
to_many_filters!(ManyToMany<A, B, L>);

impl<A: Entity, B: Entity, L: Entity> ManyToMany<A, B, L> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new<F, T>(name: &'static str, from: Column<L, F>, to: Column<L, T>) -> Self
    where
        A::Key: Scalar,
        B::Key: Scalar,
        F: Scalar<Inner = A::Key>,
        T: Scalar<Inner = B::Key>,
    {
        Self { name, from: from.position(), to: to.position(), entities: PhantomData }
    }
}

impl<C, A: Entity, B: Entity, L: Entity> Include<C> for ManyToMany<A, B, L>
where
    C: Store<A> + Store<B> + Store<L>,
{
    fn load(&self, session: &mut Session<C>, rows: &[Key<A>]) -> Result<Vec<Key<B>>> {
        let targets = (&Typed::<B>::ENTITY as _, Some(&Typed::<L>::ENTITY as _));
        include_typed(session, self.name, targets, rows)
    }
}

impl<C, A: Entity, B: Entity, L: Entity> Relate<C> for ManyToMany<A, B, L>
where
    C: Store<A> + Store<B> + Store<L>,
{
    fn relate(&self, session: &mut Session<C>, from: Key<A>, to: Key<B>) -> Result<()> {
        session.add_link::<L>((self.from, from.slot()), (self.to, to.slot()))
    }

    fn unrelate(&self, session: &mut Session<C>, from: Key<A>, to: Key<B>) -> Result<()> {
        session.delete_link::<L>((self.from, from.slot()), (self.to, to.slot()))
    }
}
