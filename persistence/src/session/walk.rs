//! Walking through results that are larger than memory: page by page, each found by key.

use std::vec;

use super::Session;
use super::query::SessionQuery;
use crate::backend::Engine;
use crate::entity::Entity;
use crate::error::Result;
use crate::paging::stands_still;
use crate::query::{Cursor, PageStart, Query};
use crate::store::Store;

impl<'s, C: Store<E>, E: Entity> SessionQuery<'s, C, E> {
    /// Goes through all rows, however many, with no more than `rows_at_once` in memory: a
    /// statement for each so many, which begins where the last one ended, found by key. Rows are
    /// untracked; includes do not count.
    ///
    /// Each statement sees what is committed by then, unless the session's
    /// [`Isolation`](crate::Isolation) says otherwise; no row is given twice, and none that stays
    /// where it is in the order is left out.
    ///
    /// ```
    /// # use diesel::{SqliteConnection, connection::SimpleConnection};
    /// # use persistence::{Database, Entity, Repository};
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } } use schema::users;
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = users)]
    /// # struct User { #[entity(key, generated)] id: i64, #[entity(label)] name: String }
    /// # let database = Database::<SqliteConnection>::open(":memory:")?;
    /// # let mut session = database.session()?;
    /// # session.connection()?.batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)").unwrap();
    /// # for name in ["Ann", "Bob", "Cid"] { session.add(NewUser { name: name.into() }); }
    /// let mut letters = 0;
    /// for user in session.query::<User>().walk(1_000) {
    ///     letters += user?.name.len();
    /// }
    /// assert_eq!(letters, 9);
    /// # Ok::<(), persistence::Error>(())
    /// ```
    pub fn walk(self, rows_at_once: u64) -> Walk<'s, C, E> {
        let left = self.query.limit.unwrap_or(u64::MAX);
        let position = Position::new(self.query, left);
        Walk { session: self.session, position, rows_at_once, rows: Vec::new().into_iter() }
    }

    /// Hands all rows to a closure, however many, at most `rows_at_once` at a time, with the session
    /// to work with; returns how many rows there were. Otherwise as [`walk`](Self::walk).
    ///
    /// A [`commit`](Session::commit) after each chunk keeps the transactions of long work short.
    ///
    /// # Errors
    /// When the database cannot be read, and the closure's own.
    pub fn for_each_chunk(
        self,
        rows_at_once: u64,
        mut run: impl FnMut(&mut Session<C>, Vec<E>) -> Result<()>,
    ) -> Result<u64> {
        let left = self.query.limit.unwrap_or(u64::MAX);
        let mut position = Position::new(self.query, left);
        let mut count = 0;
        while let Some(rows) = position.read(self.session, rows_at_once)? {
            count += rows.len() as u64;
            run(self.session, rows)?;
        }
        Ok(count)
    }
}

/// All rows of a query, one after the other; see [`SessionQuery::walk`].
#[must_use = "nothing is read before the first row is asked for"]
pub struct Walk<'s, C: Engine, E: Entity> {
    session: &'s mut Session<C>,
    position: Position<E>,
    rows_at_once: u64,
    rows: vec::IntoIter<E>,
}

/// How far a walk has come.
struct Position<E: Entity> {
    query: Query<E>,
    /// Where the next page begins; none after the last, and after an error.
    next: Option<PageStart>,
    left: u64,
    /// A place that was passed, and how many pages there are until it is replaced: twice as many
    /// each time, so that a circle of any length comes back to one (Brent, 1980).
    passed: Option<Cursor>,
    pages: u64,
    until: u64,
    /// The keys of the rows that were read last.
    lent: Vec<E::Key>,
}

impl<E: Entity> Position<E> {
    const fn new(query: Query<E>, left: u64) -> Self {
        let lent = Vec::new();
        Self { query, next: Some(PageStart::First), left, passed: None, pages: 0, until: 1, lent }
    }

    /// Makes sure that the walk comes to an end.
    fn pass(&mut self) -> Result<()> {
        let Some(PageStart::After(place)) = &self.next else { return Ok(()) };
        if self.passed.as_ref() == Some(place) {
            self.next = None;
            return Err(stands_still(E::meta(), &self.query.order));
        }
        self.pages += 1;
        if self.pages == self.until {
            self.passed = Some(place.clone());
            self.until *= 2;
            self.pages = 0;
        }
        Ok(())
    }

    /// Reads the next rows, at least one; `None` at the end.
    fn read<C: Store<E>>(&mut self, session: &mut Session<C>, size: u64) -> Result<Option<Vec<E>>> {
        let Some(start) = self.next.take().filter(|_| self.left > 0) else { return Ok(None) };
        let page = session.page_found(&self.query, &start, size.clamp(1, self.left))?;
        // Only the last rows are remembered, and only until the next come.
        let lent = &mut session.rows_of::<E>().lent;
        for key in self.lent.drain(..) {
            lent.forget(&key);
        }
        if self.query.preview.is_none() {
            lent.lend(&page.rows);
            self.lent.extend(page.rows.iter().map(Entity::key));
        }
        self.left -= page.rows.len() as u64;
        self.next = page.next;
        self.pass()?;
        Ok(Some(page.rows).filter(|rows| !rows.is_empty()))
    }
}

impl<C: Store<E>, E: Entity> Iterator for Walk<'_, C, E> {
    type Item = Result<E>;

    fn next(&mut self) -> Option<Result<E>> {
        if let Some(row) = self.rows.next() {
            return Some(Ok(row));
        }
        match self.position.read(self.session, self.rows_at_once) {
            Ok(rows) => {
                self.rows = rows?.into_iter();
                self.rows.next().map(Ok)
            }
            Err(error) => Some(Err(error)),
        }
    }
}

impl<C: Engine, E: Entity> std::fmt::Debug for Walk<'_, C, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Walk").field("query", &self.position.query).finish_non_exhaustive()
    }
}
