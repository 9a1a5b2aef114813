//! The row that a foreign key points to.

use std::collections::HashMap;
use std::marker::PhantomData;

use super::filters::to_one_filters;
use super::load::{distinct, first_value, load_by, values};
use super::{Include, Relate, relation_type};
use crate::entity::Entity;
use crate::error::Result;
use crate::order::Order;
use crate::session::{Key, Session};
use crate::store::Store;
use crate::value::Value;

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
        let key = P::meta().key.first().copied().unwrap_or(0);
        let wanted: Vec<(Key<E>, Value)> = values(session, rows, self.column);
        let found = wanted.iter().map(|(_, value)| value.clone());
        let parents: HashMap<Value, Key<P>> =
            load_by::<C, P>(session, key, &Order::default(), found)?
                .into_iter()
                .filter_map(|parent| Some((first_value(&session.base(parent)?.key()), parent)))
                .collect();
        // The session finds them by the foreign key; what is not found is hidden.
        for (row, _) in wanted.iter().filter(|(_, value)| !parents.contains_key(value)) {
            session.set_included::<E, P>(*row, self.name, &[]);
        }
        let reached = wanted.iter().filter_map(|(_, value)| parents.get(value).copied());
        Ok(distinct(reached.collect()))
    }
}

impl<C: Store<E> + Store<P>, E: Entity, P: Entity> Relate<C> for BelongsTo<E, P> {
    fn relate(&self, session: &mut Session<C>, from: Key<E>, to: Key<P>) -> Result<()> {
        session.refer(from, self.column, to)
    }

    fn unrelate(&self, session: &mut Session<C>, from: Key<E>, to: Key<P>) -> Result<()> {
        session.part(from, self.column, to)
    }
}
