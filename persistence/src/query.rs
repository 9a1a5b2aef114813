//! A query as data: filter, order, limit, offset.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::entity::{Entity, EntityMeta};
use crate::filter::{Filter, FilterError, Predicate};
use crate::order::{Order, Ordering};
use crate::value::{Record, Value};

/// Stands for an entity that is known only at run time.
#[derive(Clone, Copy, Debug)]
pub enum Any {}

/// Which rows of `E`, in which order, how many.
///
/// ```
/// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text, age -> Nullable<Integer> } } }
/// # use persistence::Entity; use schema::users;
/// # #[derive(Clone, Debug, PartialEq, Entity)]
/// # #[entity(table = users)]
/// # struct User { #[entity(key, generated)] id: i64, #[entity(label)] name: String, age: Option<i32> }
/// use persistence::Query;
/// let adults = Query::<User>::new().filter(User::AGE.gt(25)).order(User::AGE.asc()).limit(10);
/// assert_eq!(adults.filter.to_string(), "age > 25");
/// ```
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Query<E = Any> {
    /// Which rows.
    pub filter: Filter,
    /// In which order; the primary key always comes last.
    pub order: Order,
    /// How many rows at most.
    pub limit: Option<u64>,
    /// How many rows to pass over first. Costs time in proportion: page by key to get far.
    #[serde(default)]
    pub offset: u64,
    /// How much is read of long values; see [`preview`](Self::preview).
    #[serde(skip)]
    pub(crate) preview: Option<u64>,
    /// Whether and how the rows are locked by who reads them.
    #[serde(skip)]
    pub(crate) lock: Option<RowLock>,
    #[serde(skip)]
    entity: PhantomData<fn() -> E>,
}

/// How rows are locked by a session that reads them, until the end of its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowLock {
    /// Waits for rows that others have locked.
    Wait,
    /// Passes over them.
    SkipLocked,
    /// Fails where there is one.
    NoWait,
}

impl<E> Query<E> {
    /// Makes a query for every row, by primary key.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            filter: Filter::All,
            order: Order(Vec::new()),
            limit: None,
            offset: 0,
            preview: None,
            lock: None,
            entity: PhantomData,
        }
    }

    /// Limits the query to at most so many rows.
    #[must_use]
    pub const fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Passes over so many rows first.
    #[must_use]
    pub const fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// Limits what is read to the first `length` characters of texts, and bytes of binary values,
    /// so that rows with long values can be listed: the database cuts them. A value that is exactly
    /// that long may have been longer: [`lengths`](crate::Browse::lengths) tells, and
    /// [`find`](crate::Repository::find) reads it whole.
    ///
    /// What tells rows apart or has a form of its own is never cut: keys, references, columns that
    /// the query is sorted by, enums, UUIDs, decimals, JSON. For lists and pages of rows to be looked
    /// at: written back, a row would lose what was cut off.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use persistence::{Entity, Memory, Query, Repository};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String }
    /// # let mut users = Memory::new().with::<User>();
    /// # Repository::<User>::insert(&mut users, NewUser { name: "Émile Zola".into() })?;
    /// let users = users.list(&Query::<User>::new().preview(5))?;
    /// assert_eq!(users[0].name, "Émile");
    /// # Ok::<(), persistence::Error>(())
    /// ```
    #[must_use]
    pub const fn preview(mut self, length: u64) -> Self {
        self.preview = Some(length);
        self
    }

    /// Locks the rows it finds until the end of the transaction, and waits for others who have
    /// locked them. SQLite, which locks no rows, takes its one write lock.
    #[must_use]
    pub const fn for_update(mut self) -> Self {
        self.lock = Some(RowLock::Wait);
        self
    }

    /// Returns the same query with its entity known only at run time.
    #[must_use]
    pub fn erase(self) -> Query {
        self.retype()
    }

    /// Returns the same query for another entity; its columns are checked when it is used.
    pub(crate) fn retype<F>(self) -> Query<F> {
        Query {
            filter: self.filter,
            order: self.order,
            limit: self.limit,
            offset: self.offset,
            preview: self.preview,
            lock: self.lock,
            entity: PhantomData,
        }
    }
}

impl<E: Entity> Query<E> {
    /// Adds a condition: only rows for which it is true as well are found.
    #[must_use]
    pub fn filter(mut self, predicate: Predicate<E>) -> Self {
        self.filter = self.filter.and(predicate.into());
        self
    }

    /// Sorts rows that are equal so far by more columns.
    #[must_use]
    pub fn order(mut self, ordering: Ordering<E>) -> Self {
        self.order.0.extend(Order::from(ordering).0);
        self
    }

    /// Makes a query from what a person typed: a filter and an order.
    ///
    /// # Errors
    /// [`FilterError`] that points at the mistake.
    pub fn parse(filter: &str, order: &str) -> Result<Self, FilterError> {
        Query::parse_for(E::meta(), filter, order).map(Query::retype)
    }
}

impl Query {
    /// Makes a query from what a person typed, for an entity known only at run time.
    ///
    /// # Errors
    /// [`FilterError`] that points at the mistake.
    pub fn parse_for(meta: &EntityMeta, filter: &str, order: &str) -> Result<Self, FilterError> {
        Ok(Self::new().filter(Filter::parse(meta, filter)?).order(Order::parse(meta, order)?))
    }

    /// Adds a condition: only rows for which it is true as well are found.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = self.filter.and(filter);
        self
    }

    /// Sorts by these columns.
    #[must_use]
    pub fn order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }
}

impl<E> Query<E> {
    /// Returns the same query with every column known and every value of its column's type, and an
    /// order that leaves no two rows equal.
    pub(crate) fn resolve(&self, meta: &EntityMeta) -> Result<Self, FilterError> {
        Ok(Self {
            filter: self.filter.clone().resolve(meta)?,
            order: self.order.clone().resolve(meta)?,
            limit: self.limit,
            offset: self.offset,
            preview: self.preview,
            lock: self.lock,
            entity: PhantomData,
        })
    }
}

impl<E> Default for Query<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> Clone for Query<E> {
    fn clone(&self) -> Self {
        Self {
            filter: self.filter.clone(),
            order: self.order.clone(),
            limit: self.limit,
            offset: self.offset,
            preview: self.preview,
            lock: self.lock,
            entity: PhantomData,
        }
    }
}

impl<E> std::fmt::Debug for Query<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Query")
            .field("filter", &self.filter)
            .field("order", &self.order)
            .field("limit", &self.limit)
            .field("offset", &self.offset)
            .field("preview", &self.preview)
            .field("lock", &self.lock)
            .finish()
    }
}

/// Which page of a query's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PageStart {
    /// From the first row.
    #[default]
    First,
    /// Up to the last row.
    Last,
    /// The rows right after this one.
    After(Cursor),
    /// The rows right before this one.
    Before(Cursor),
}

/// A place among a query's rows: the values of the columns it is sorted by, primary key last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(pub Vec<Value>);

impl Cursor {
    /// Returns the place of a row in an order.
    ///
    /// # Errors
    /// [`FilterError`] when the entity has no such column.
    pub fn of(meta: &EntityMeta, order: &Order, row: &Record) -> Result<Self, FilterError> {
        let order = order.clone().resolve(meta)?;
        Ok(Self(
            order
                .0
                .iter()
                .filter_map(|term| Some(row.value(meta.position(&term.column)?).clone()))
                .collect(),
        ))
    }
}

/// Rows of a query that were passed over; see [`Browse::stride`](crate::Browse::stride).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stride {
    /// How many there were: those that were asked for, or fewer where the query has no more.
    pub rows: u64,
    /// The place of the last of them; `None` where there were fewer than were asked for.
    pub end: Option<Cursor>,
}

/// Some neighbouring rows of a query, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<R> {
    /// The rows.
    pub rows: Vec<R>,
    /// Where the page before this one ends, `None` when this is the first.
    pub previous: Option<PageStart>,
    /// Where the page after this one starts, `None` when this is the last.
    pub next: Option<PageStart>,
}
