//! Queries whose rows go into the session, or past it.

use super::{Key, Session};
use crate::backend::Engine;
use crate::entity::Entity;
use crate::error::Result;
use crate::filter::Predicate;
use crate::order::Ordering;
use crate::query::{Query, RowLock};
use crate::relation::{Include, Path};
use crate::repository::{Assignment, Repository, not_found};
use crate::store::Store;

/// A query on its way through a session.
///
/// [`load`](Self::load) gives plain rows, untracked, at the speed of raw Diesel;
/// [`all`](Self::all), [`one`](Self::one) and [`first`](Self::first) give keys of rows that the
/// session owns.
#[must_use = "nothing is read until load, all, one, first, count or exists"]
pub struct SessionQuery<'s, C: Engine, E: Entity> {
    pub(super) session: &'s mut Session<C>,
    pub(super) query: Query<E>,
    includes: Vec<IncludeStep<C, E>>,
}

type IncludeStep<C, E> = Box<dyn FnOnce(&mut Session<C>, &[Key<E>]) -> Result<()>>;

impl<C: Engine> Session<C> {
    /// Begins a query for rows of `E`.
    pub fn query<E: Entity>(&mut self) -> SessionQuery<'_, C, E>
    where
        C: Store<E>,
    {
        SessionQuery { session: self, query: Query::new(), includes: Vec::new() }
    }

    /// Reads the row with that primary key, unless it is known; returns its handle.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is no such row.
    pub fn get<E: Entity>(&mut self, id: impl Into<E::Key>) -> Result<Key<E>>
    where
        C: Store<E>,
    {
        let id = id.into();
        let entity = self.row_found::<E>(&id)?.ok_or_else(|| not_found::<E>(&id))?;
        Ok(self.loaded(entity))
    }

    /// Takes in rows as they were just read.
    pub(crate) fn loaded_all<E: Entity>(&mut self, entities: Vec<E>) -> Vec<Key<E>>
    where
        C: Store<E>,
    {
        let (session, has_written) = (self.id, self.has_written);
        let rows = self.rows_of::<E>();
        rows.reserve(entities.len());
        let loaded = |entity| Key::new(session, rows.loaded(entity, has_written));
        entities.into_iter().map(loaded).collect()
    }

    pub(crate) fn loaded<E: Entity>(&mut self, entity: E) -> Key<E>
    where
        C: Store<E>,
    {
        let has_written = self.has_written;
        let row = self.rows_of::<E>().loaded(entity, has_written);
        self.key(row)
    }
}

impl<C: Store<E>, E: Entity> SessionQuery<'_, C, E> {
    /// Adds a condition: only rows for which it is true as well are found.
    pub fn filter(mut self, predicate: Predicate<E>) -> Self {
        self.query = self.query.filter(predicate);
        self
    }

    /// Sorts rows that are equal so far by more columns.
    pub fn order(mut self, ordering: Ordering<E>) -> Self {
        self.query = self.query.order(ordering);
        self
    }

    /// Locks the rows that are read until the transaction ends: others who want to lock or write
    /// them wait, or fail after the [lock timeout](crate::database::DatabaseBuilder::lock_timeout).
    /// Counting locks nothing, nor are included rows locked.
    ///
    /// SQLite locks no rows: the transaction takes the one write lock there is, at once.
    pub fn for_update(mut self) -> Self {
        self.query.lock = Some(RowLock::Wait);
        self
    }

    /// Locks as [`for_update`](Self::for_update) does, passing over rows that others have locked:
    /// workers that take jobs from one table do not wait for each other. PostgreSQL, MySQL 8,
    /// MariaDB 10.6; on SQLite there are no locked rows to pass over, a second worker waits.
    pub fn skip_locked(mut self) -> Self {
        self.query.lock = Some(RowLock::SkipLocked);
        self
    }

    /// Locks as [`for_update`](Self::for_update) does, failing at once with
    /// [`RetryReason::Busy`](crate::RetryReason::Busy) where others have locked one of the rows.
    /// PostgreSQL, MySQL 8, MariaDB 10.3; on SQLite the lock timeout counts.
    pub fn no_wait(mut self) -> Self {
        self.query.lock = Some(RowLock::NoWait);
        self
    }

    /// Limits the query to at most so many rows.
    pub fn limit(mut self, limit: u64) -> Self {
        self.query = self.query.limit(limit);
        self
    }

    /// Reads related rows along, in one query however many rows there are (two through a table
    /// between); they are then there under [`Session::related`]. `then` goes on from them:
    /// `.include(Author::BOOKS.then(Book::REVIEWS))`; where ways part, they stand in a tuple:
    /// `.include(Author::BOOKS.then((Book::REVIEWS, Book::GENRES)))`.
    pub fn include<R>(mut self, relation: R) -> Self
    where
        R: Include<C> + Path<From = E> + 'static,
    {
        self.includes.push(Box::new(move |session, keys| relation.load(session, keys).map(drop)));
        self
    }

    /// Reads the rows themselves, untracked. Includes do not count.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn load(self) -> Result<Vec<E>> {
        self.session.list(&self.query)
    }

    /// Returns the keys of all rows.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn all(self) -> Result<Vec<Key<E>>> {
        let rows = self.session.rows_found(&self.query)?;
        let keys = self.session.loaded_all(rows);
        for include in self.includes {
            include(self.session, &keys)?;
        }
        Ok(keys)
    }

    /// Reads the one row; returns its handle.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is none,
    /// [`Error::MultipleFound`](crate::Error::MultipleFound) when there are more.
    pub fn one(self) -> Result<Key<E>> {
        let row = self.session.one(&self.query)?;
        self.include_for(row)
    }

    /// Reads the one row, if there is one; returns its handle.
    ///
    /// # Errors
    /// [`Error::MultipleFound`](crate::Error::MultipleFound) when there are more.
    pub fn one_or_none(self) -> Result<Option<Key<E>>> {
        match self.one() {
            Ok(key) => Ok(Some(key)),
            Err(crate::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the first row, if there is one; returns its handle.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn first(self) -> Result<Option<Key<E>>> {
        match Repository::<E>::first(self.session, &self.query)? {
            Some(row) => self.include_for(row).map(Some),
            None => Ok(None),
        }
    }

    fn include_for(self, row: E) -> Result<Key<E>> {
        let key = self.session.loaded(row);
        for include in self.includes {
            include(self.session, &[key])?;
        }
        Ok(key)
    }

    /// Counts the rows, whatever the limit.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn count(self) -> Result<u64> {
        Repository::<E>::count(self.session, &self.query.filter)
    }

    /// Returns whether there is a row.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn exists(self) -> Result<bool> {
        Repository::<E>::exists(self.session, &self.query.filter)
    }

    /// Deletes every row the filter finds, in one statement, whatever order and limit; returns how
    /// many. The session's rows of them are gone, and those that went along; where rows that the
    /// session does not know are in between, it reads what it has once more.
    ///
    /// # Errors
    /// [`Error::Constraint`](crate::Error::Constraint) when others refer to one of them: then none
    /// is deleted.
    pub fn delete(self) -> Result<u64> {
        Repository::<E>::delete_where(self.session, &self.query.filter)
    }

    /// Sets columns of every row the filter finds, in one statement, whatever order and limit;
    /// returns how many. The session's rows of them have these values, and versions that count up;
    /// what the database computes is read.
    ///
    /// # Errors
    /// [`Error::Constraint`](crate::Error::Constraint) when the database refuses one: then none is
    /// changed.
    pub fn update(self, assignments: &[Assignment<E>]) -> Result<u64> {
        Repository::<E>::update_where(self.session, &self.query.filter, assignments)
    }
}
