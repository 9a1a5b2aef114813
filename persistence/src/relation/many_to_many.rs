//! Rows that find each other through a table between.

use std::collections::HashMap;
use std::marker::PhantomData;

use super::filters::to_many_filters;
use super::load::{distinct, first_value, keys, load_by};
use super::{Include, Relate, relation_type};
use crate::column::Column;
use crate::entity::Entity;
use crate::error::Result;
use crate::order::Order;
use crate::scalar::Scalar;
use crate::session::{Key, Session};
use crate::store::Store;
use crate::value::Value;

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
        let sources = keys(session, rows);
        let wanted = sources.iter().map(|(_, key)| key.clone());
        let links = load_by::<C, L>(session, self.from, &Order::default(), wanted)?;
        let pairs: Vec<(Value, Value, Key<L>)> = links
            .into_iter()
            .filter_map(|link| {
                let stored = session.base(link)?;
                Some((stored.value(self.from), stored.value(self.to), link))
            })
            .collect();

        let order = A::meta().relation(self.name).map(super::RelationMeta::order);
        let order = order.unwrap_or_default().resolve(B::meta())?;
        let key = B::meta().key.first().copied().unwrap_or(0);
        let wanted = pairs.iter().map(|(_, to, _)| to.clone());
        let mut targets = load_by::<C, B>(session, key, &order, wanted)?;
        // They may have come in several statements.
        targets.sort_by(|&a, &b| {
            order.compare(B::meta(), &session[a].to_record(), &session[b].to_record())
        });
        let places: HashMap<Value, usize> = targets
            .iter()
            .enumerate()
            .filter_map(|(place, &target)| Some((first_value(&session.base(target)?.key()), place)))
            .collect();

        let mut related: HashMap<Value, Vec<(usize, Key<L>)>> = HashMap::new();
        for (from, to, link) in pairs {
            if let Some(&place) = places.get(&to) {
                related.entry(from).or_default().push((place, link));
            }
        }
        for (row, key) in sources {
            let mut links = related.get(&key).cloned().unwrap_or_default();
            links.sort_by_key(|(place, _)| *place);
            let links: Vec<Key<L>> = links.into_iter().map(|(_, link)| link).collect();
            session.set_included(row, self.name, &links);
        }
        Ok(distinct(targets))
    }
}

impl<C, A: Entity, B: Entity, L: Entity> Relate<C> for ManyToMany<A, B, L>
where
    C: Store<A> + Store<B> + Store<L>,
{
    fn relate(&self, session: &mut Session<C>, from: Key<A>, to: Key<B>) -> Result<()> {
        session.add_link::<A, B, L>((self.from, from), (self.to, to))
    }

    fn unrelate(&self, session: &mut Session<C>, from: Key<A>, to: Key<B>) -> Result<()> {
        session.delete_link::<A, B, L>((self.from, from), (self.to, to))
    }
}
