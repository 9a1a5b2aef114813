//! Relations between entities, seen from both ends.

use std::collections::HashMap;
use std::marker::PhantomData;

use crate::column::Column;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::query::Query;
use crate::repository::Repository;
use crate::scalar::{PrimaryKey, Scalar};
use crate::session::{Key, Session};
use crate::store::Store;
use crate::value::Value;

/// Keys asked for in one statement.
const KEYS_A_STATEMENT: usize = 500;

/// From rows of one entity to the rows of another that belong to them.
pub trait Relation: Copy {
    /// The entity to start from.
    type From: Entity;
    /// The related entity.
    type To: Entity;

    /// The relation's name among those of its entity.
    fn name(&self) -> &'static str;

    /// Reads the related rows of all these rows into the session, in as few queries as bind limits
    /// allow.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn load<C: Store<Self::From> + Store<Self::To>>(
        &self,
        session: &mut Session<C>,
        rows: &[Key<Self::From>],
    ) -> Result<()>;
}

/// To the row that a foreign key of `E` points to: `Address::USER`.
#[derive(Debug)]
pub struct BelongsTo<E, P> {
    name: &'static str,
    column: usize,
    entities: PhantomData<fn() -> (E, P)>,
}

/// To the rows of `E` whose foreign key points to a row of `P`: `User::ADDRESSES`.
#[derive(Debug)]
pub struct HasMany<P, E> {
    name: &'static str,
    column: usize,
    entities: PhantomData<fn() -> (P, E)>,
}

impl<E, P> Clone for BelongsTo<E, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, P> Copy for BelongsTo<E, P> {}

impl<P, E> Clone for HasMany<P, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, E> Copy for HasMany<P, E> {}

impl<E, P> BelongsTo<E, P> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, column: usize) -> Self {
        Self { name, column, entities: PhantomData }
    }
}

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

impl<E: Entity, P: Entity> Relation for BelongsTo<E, P> {
    type From = E;
    type To = P;

    fn name(&self) -> &'static str {
        self.name
    }

    fn load<C: Store<E> + Store<P>>(
        &self,
        session: &mut Session<C>,
        rows: &[Key<E>],
    ) -> Result<()> {
        let key_column = P::meta().key_columns().next().map_or("", |column| column.name);
        let wanted: Vec<(Key<E>, Value)> = values(session, rows, self.column);
        let parents: HashMap<Value, Key<P>> =
            load_by::<C, P>(session, key_column, wanted.iter().map(|(_, value)| value.clone()))?
                .into_iter()
                .map(|key| (first_value(&session[key].key()), key))
                .collect();
        for (row, value) in wanted {
            let related = parents.get(&value).copied().into_iter().collect();
            session.set_related(row, self.name, related);
        }
        Ok(())
    }
}

impl<P: Entity, E: Entity> Relation for HasMany<P, E> {
    type From = P;
    type To = E;

    fn name(&self) -> &'static str {
        self.name
    }

    fn load<C: Store<P> + Store<E>>(
        &self,
        session: &mut Session<C>,
        rows: &[Key<P>],
    ) -> Result<()> {
        let column = E::meta().columns.get(self.column).map_or("", |column| column.name);
        let parents: Vec<(Key<P>, Value)> = rows
            .iter()
            .filter_map(|&row| Some((row, first_value(&session.row(row)?.key()))))
            .collect();
        let mut children: HashMap<Value, Vec<Key<E>>> = HashMap::new();
        for child in load_by::<C, E>(session, column, parents.iter().map(|(_, key)| key.clone()))? {
            children.entry(session[child].value(self.column)).or_default().push(child);
        }
        for (row, key) in parents {
            session.set_related(row, self.name, children.remove(&key).unwrap_or_default());
        }
        Ok(())
    }
}

fn first_value<K: PrimaryKey>(key: &K) -> Value {
    key.to_record_key().0.into_iter().next().unwrap_or_default()
}

fn values<C: Store<E>, E: Entity>(
    session: &Session<C>,
    rows: &[Key<E>],
    column: usize,
) -> Vec<(Key<E>, Value)> {
    rows.iter().filter_map(|&row| Some((row, session.row(row)?.value(column)))).collect()
}

/// The rows whose column has one of the values, by primary key.
fn load_by<C: Store<E>, E: Entity>(
    session: &mut Session<C>,
    column: &'static str,
    values: impl Iterator<Item = Value>,
) -> Result<Vec<Key<E>>> {
    let mut values: Vec<Value> = values.filter(|value| !value.is_null()).collect();
    values.sort();
    values.dedup();
    let mut keys = Vec::new();
    for values in values.chunks(KEYS_A_STATEMENT) {
        let mut query = Query::<E>::new();
        query.filter = Filter::In { column: column.into(), values: values.to_vec() };
        for row in session.list(&query)? {
            keys.push(session.loaded(row));
        }
    }
    Ok(keys)
}

impl<C: crate::Engine> Session<C> {
    /// The related rows of a row, as [included](crate::session::SessionQuery::include) by a query.
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

    fn set_related<E: Entity, F: Entity>(
        &mut self,
        row: Key<E>,
        relation: &'static str,
        related: Vec<Key<F>>,
    ) {
        let slots = related.into_iter().map(Key::slot).collect();
        self.set_related_slots(row.slot(), relation, slots);
    }
}
