//! Adding, changing and deleting rows of a session: nothing is written until it is flushed.

use std::ops::{Index, IndexMut};

use super::flush::cascade;
use super::identity_map::State;
use super::rows::{rows, rows_mut};
use super::{Key, Session};
use crate::backend::Engine;
use crate::entity::{Draft, Entity};
use crate::error::{Error, Result};
use crate::repository::{conflict, not_found};
use crate::store::Store;

impl<C: Engine> Session<C> {
    /// Adds a row, to be inserted by the next flush. Parents and children may be added in any
    /// order; a child may refer to the key of a parent that is not inserted yet.
    pub fn add<D>(&mut self, draft: D) -> Key<D::Entity>
    where
        D: Draft<Entity: Entity<Draft = D>>,
        C: Store<D::Entity>,
    {
        let row = self.rows_of::<D::Entity>().add(draft);
        self.key(row)
    }

    /// Adds rows, to be inserted by the next flush in that order.
    pub fn add_all<D>(&mut self, drafts: impl IntoIterator<Item = D>) -> Vec<Key<D::Entity>>
    where
        D: Draft<Entity: Entity<Draft = D>>,
        C: Store<D::Entity>,
    {
        drafts.into_iter().map(|draft| self.add(draft)).collect()
    }

    /// Deletes a row with the next flush. What refers to it follows the rule of its reference: it is
    /// deleted along, or refers to nothing any more, or is in the way.
    ///
    /// One that was not inserted yet is forgotten at once, and of those that are to be inserted what
    /// goes along with it; stored rows that were to refer to it refer to what they did.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the row is not in this session, or gone already.
    pub fn delete<E: Entity>(&mut self, key: Key<E>) -> Result<()>
    where
        C: Store<E>,
    {
        self.known(key)?;
        if let State::Expired(_) = self.rows_of::<E>().state(key.row) {
            self.refresh(key)?;
        }
        let rows = self.rows_of::<E>();
        let is_given_up = matches!(rows.state(key.row), State::Pending(_));
        rows.mark_deleted(key.row);
        if is_given_up {
            cascade::follow_given_up(&mut self.rows, key.slot());
        }
        Ok(())
    }

    /// Returns the row of a handle; `None` while it is not inserted, while it is expired, and after
    /// it was deleted.
    #[must_use]
    pub fn row<E: Entity>(&self, key: Key<E>) -> Option<&E> {
        if key.session != self.id {
            return None;
        }
        rows::<C, E>(&self.rows)?.state(key.row).row()
    }

    /// Returns what was added and is not inserted yet; `None` once it is.
    #[must_use]
    pub fn draft<E: Entity>(&self, key: Key<E>) -> Option<&E::Draft> {
        if key.session != self.id {
            return None;
        }
        match rows::<C, E>(&self.rows)?.state(key.row) {
            State::Pending(draft) => Some(draft),
            _ => None,
        }
    }

    /// Changes what was added and is not inserted yet, to mend it after a failed flush; `None`
    /// once it is inserted.
    pub fn draft_mut<E: Entity>(&mut self, key: Key<E>) -> Option<&mut E::Draft> {
        if key.session != self.id {
            return None;
        }
        rows_mut::<C, E>(&mut self.rows)?.change_draft(key.row)
    }

    /// Reads a row again, and forgets changes of it that are not written.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the row is gone, not inserted yet, or not in this session.
    pub fn refresh<E: Entity>(&mut self, key: Key<E>) -> Result<()>
    where
        C: Store<E>,
    {
        self.known(key)?;
        let rows = self.rows_of::<E>();
        let Some(primary_key) = rows.state(key.row).key() else {
            let wanted = format!("the handle {key:?}, for it is not inserted yet");
            return Err(Error::NotFound { entity: E::meta().name, wanted });
        };
        rows.forget_changes(key.row);
        self.before_reading()?;
        if let State::Gone = self.rows_of::<E>().state(key.row) {
            // It went along with others just now. What has its key by now is another row.
            return Err(not_found::<E>(&primary_key));
        }
        let found = self.read(E::meta(), |connection| connection.select_key(&primary_key))?;
        let Some(entity) = found else {
            self.rows_of::<E>().take(key.row);
            return Err(not_found::<E>(&primary_key));
        };
        self.loaded(entity);
        Ok(())
    }

    /// Forgets what is known of a row, changes that are not written included: it is read again by
    /// [`refresh`](Self::refresh), by [`get`](Self::get) and by every query that finds it. Until
    /// then `session[key]` panics and [`row`](Self::row) is `None`. A row that is not inserted yet
    /// stays as it is.
    pub fn expire<E: Entity>(&mut self, key: Key<E>)
    where
        C: Store<E>,
    {
        if key.session != self.id {
            return;
        }
        let rows = self.rows_of::<E>();
        if matches!(rows.state(key.row), State::Pending(_)) {
            return;
        }
        rows.forget_changes(key.row);
        if let Some(state) = rows.state_mut(key.row) {
            state.expire();
        }
    }

    /// Expires every row, as [`expire`](Self::expire) does one, and forgets every change that is
    /// not written.
    pub fn expire_all(&mut self) {
        for rows in self.rows.values_mut() {
            rows.discard_changes();
            rows.expire_all();
        }
        self.includes.clear();
    }

    /// Lets go of every row, and forgets every change that is not written: the session knows as much as
    /// a new one, and its handles are those of no rows. What was written so far is in the transaction
    /// still. For sessions that are used for long: what they know grows with each row.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use diesel::{SqliteConnection, connection::SimpleConnection};
    /// # use persistence::{Database, Entity};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String }
    /// # let database = Database::<SqliteConnection>::open(":memory:")?;
    /// # let mut session = database.session()?;
    /// # session.connection()?
    /// #     .batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").unwrap();
    /// for part in 0..10 {
    ///     session.add_all((0..100).map(|user| NewUser { name: format!("{part} {user}") }));
    ///     session.commit()?;
    ///     session.clear();
    /// }
    /// # assert_eq!(session.query::<User>().count()?, 1_000);
    /// # Ok::<(), persistence::Error>(())
    /// ```
    pub fn clear(&mut self) {
        for rows in self.rows.values_mut() {
            rows.clear();
        }
        self.includes.clear();
    }

    /// Lets go of a row: the session does not know it any more and writes nothing of it; nor is it
    /// among what is [`related`](Self::related) to others, until it is read again. Returns
    /// the row as the session had it, which [`merge`](Self::merge) takes in again; `None` for one
    /// that was not inserted, is expired, or is not in this session.
    pub fn detach<E: Entity>(&mut self, key: Key<E>) -> Option<E>
    where
        C: Store<E>,
    {
        if key.session != self.id {
            return None;
        }
        self.rows_of::<E>().take(key.row)
    }

    /// Takes in a row that lived outside of the session, such as one that a client sent back: the
    /// next flush writes the columns in which it differs from the row as it is stored.
    ///
    /// A row that is not stored is inserted by the next flush as it is given, with its key, its
    /// version and its times, also where the database would count the key: a row that somebody has
    /// deleted is stored again. Where it shall stay deleted, use [`get`](Self::get) and change what
    /// that finds, or [`Repository::update`](crate::Repository::update). Another row of that key that
    /// is merged before the flush takes its place. Rows that refer to each other by their keys can be
    /// merged in any order, as long as nothing else is to be written. Many rows are inserted by
    /// [`insert_with_keys`](crate::Repository::insert_with_keys) in fewer statements.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use diesel::{SqliteConnection, connection::SimpleConnection};
    /// # use persistence::{Database, Entity};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String }
    /// # let database = Database::<SqliteConnection>::open(":memory:")?;
    /// # let mut session = database.session()?;
    /// # session.connection()?
    /// #     .batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").unwrap();
    /// let ada = session.merge(User { id: 7, name: "Ada".into() })?;
    /// session.commit()?;
    /// assert_eq!(session[ada].id, 7);
    /// let grace = session.add(NewUser { name: "Grace".into() });
    /// session.commit()?;
    /// assert_eq!(session[grace].id, 8);
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Conflict`] with mine and theirs when the row's version is another one by now, or the
    /// session is about to delete it. Of a row that this session has, and somebody has deleted since,
    /// the flush says so.
    pub fn merge<E: Entity>(&mut self, detached: E) -> Result<Key<E>>
    where
        C: Store<E>,
    {
        let primary_key = detached.key();
        let rows = self.rows_of::<E>();
        let known = rows.find(&primary_key);
        let expired = known.filter(|&row| matches!(rows.state(row), State::Expired(_)));
        let row = if let Some(row) = known.filter(|_| expired.is_none()) {
            row
        } else if rows.find_merged(&primary_key).is_some() {
            let row = rows.merge_new(detached);
            return Ok(self.key(row));
        } else {
            let is_open = |(row, state): (u32, &State<E>)| {
                matches!(state, State::Pending(_) | State::Changed { .. }) && !rows.is_merged(row)
            };
            // One of those may be the row.
            if !E::meta().has_generated_key() && rows.touched().any(is_open) {
                self.before_reading()?;
            }
            let stored = self.read(E::meta(), |connection| connection.select_key(&primary_key))?;
            let Some(stored) = stored else {
                let rows = self.rows_of::<E>();
                if let Some(gone) = expired {
                    rows.take(gone);
                }
                let row = rows.merge_new(detached);
                return Ok(self.key(row));
            };
            self.loaded(stored).row
        };
        let key = self.key(row);
        let version = |entity: &E| E::meta().version.map(|version| entity.value(version));
        let rows = self.rows_of::<E>();
        let theirs = rows.state(row).base();
        if matches!(rows.state(row), State::Deleted(_))
            || theirs.is_none_or(|theirs| version(theirs) != version(&detached))
        {
            return Err(conflict(None, Some(&detached), theirs, &primary_key));
        }
        if let Some(mine) = rows.change(row) {
            *mine = detached;
        }
        Ok(key)
    }

    /// Returns whether there is something to flush.
    #[must_use]
    pub fn has_changes(&mut self) -> bool {
        for rows in self.rows.values_mut() {
            rows.prepare();
        }
        self.rows.values().any(|rows| rows.is_touched())
    }

    pub(super) fn known<E: Entity>(&self, key: Key<E>) -> Result<()> {
        self.rows_with(key.slot()).map(drop)
    }

    pub(super) const fn key<E: Entity>(&self, row: u32) -> Key<E> {
        Key::new(self.id, row)
    }
}

const OF_ANOTHER_SESSION: &str = "is a handle of another session";

/// Returns why a handle has no row to be read or changed.
const fn why_not<E: Entity>(state: &State<E>) -> &'static str {
    match state {
        State::Pending(_) => "is not inserted yet: flush first, or look at its draft",
        State::Expired(_) => "is to be read again: refresh it",
        State::Deleted(_) => "is about to be deleted",
        State::Gone => "is gone: deleted, taken back, or let go of",
        State::Stored(_) | State::Changed { .. } => "is there",
    }
}

/// Reads a row.
impl<C: Engine, E: Entity> Index<Key<E>> for Session<C> {
    type Output = E;

    /// Returns the row of a handle.
    ///
    /// # Panics
    /// When the row is not inserted yet (flush first), is expired (refresh it), is deleted, or is
    /// of another session; [`Session::row`] asks.
    fn index(&self, key: Key<E>) -> &E {
        assert!(key.session == self.id, "{key:?} {OF_ANOTHER_SESSION}");
        let state = rows::<C, E>(&self.rows).map_or(&State::Gone, |rows| rows.state(key.row));
        state.row().unwrap_or_else(|| panic!("{key:?} {}", why_not(state)))
    }
}

/// Changes a row: the columns that differ are written by the next flush.
impl<C: Engine, E: Entity> IndexMut<Key<E>> for Session<C> {
    /// Returns the row of a handle, to be changed.
    ///
    /// # Panics
    /// As [`Index`]; also for a row that is to be deleted.
    fn index_mut(&mut self, key: Key<E>) -> &mut E {
        assert!(key.session == self.id, "{key:?} {OF_ANOTHER_SESSION}");
        let rows =
            rows_mut::<C, E>(&mut self.rows).expect("rows are there of which there are handles");
        let why_not = why_not(rows.state(key.row));
        rows.change(key.row).unwrap_or_else(|| panic!("{key:?} {why_not}"))
    }
}
