//! Sessions that only read: from replicas in turn, from the database itself where none answers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::pool::Pool;
use super::{Connection, Database, Place, SessionOptions};
use crate::backend::Engine;
use crate::error::{Error, Result};
use crate::session::Session;

/// How long a replica is left alone that did not answer.
const REST: Duration = Duration::from_secs(5);

/// Where sessions that only read go.
pub(super) struct Readers<C: Engine> {
    replicas: Vec<Reader<C>>,
    /// The database itself, through connections that refuse to write.
    primary: Reader<C>,
    turn: AtomicUsize,
}

pub(super) struct Reader<C: Engine> {
    pool: Pool<C>,
    place: Arc<Place>,
    rests_until: Mutex<Option<Instant>>,
}

impl<C: Engine> Readers<C> {
    pub(super) const fn new(primary: Reader<C>, replicas: Vec<Reader<C>>) -> Self {
        Self { replicas, primary, turn: AtomicUsize::new(0) }
    }

    /// Returns the replicas that are not resting, the next in turn first; the primary last.
    fn in_turn(&self) -> impl Iterator<Item = &Reader<C>> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let first = turn.checked_rem(self.replicas.len()).unwrap_or(0);
        let (before, from) = self.replicas.split_at(first);
        let replicas = from.iter().chain(before).filter(|replica| !replica.is_resting());
        replicas.chain([&self.primary])
    }
}

impl<C: Engine> Reader<C> {
    pub(super) const fn new(pool: Pool<C>, place: Arc<Place>) -> Self {
        Self { pool, place, rests_until: Mutex::new(None) }
    }

    fn is_resting(&self) -> bool {
        let until = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn connection(&self) -> Result<Connection<C>> {
        let connection = self.pool.get(&self.place.target);
        let rests_until = connection.is_err().then(|| Instant::now() + REST);
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = rests_until;
        connection
    }
}

impl<C: Engine> Database<C> {
    /// Opens a session that only reads, on one of the
    /// [replicas](super::DatabaseBuilder::replica): each in its turn, and the database itself where
    /// there are none or none answers. A replica that does not answer is asked again after 5 s.
    ///
    /// Replicas lag behind: what was committed a moment ago may be missing. Writes are refused with
    /// [`Error::ReadOnly`], also those written by hand; only a database in memory cannot tell these
    /// from others.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is to be had in time.
    pub fn read_session(&self) -> Result<Session<C>> {
        self.read_session_with(SessionOptions::default())
    }

    /// Opens a session that only reads, whose transactions are of another than the usual kind.
    ///
    /// # Errors
    /// As [`read_session`](Self::read_session).
    pub fn read_session_with(&self, options: SessionOptions) -> Result<Session<C>> {
        let mut last = None;
        for reader in self.readers.in_turn() {
            match reader.connection() {
                Ok(connection) => {
                    let place = Arc::clone(&reader.place);
                    return Ok(Session::new(connection, place, Arc::default(), options));
                }
                Err(error) => {
                    tracing::warn!(target = %reader.place.target, %error, "cannot read from there");
                    last = Some(error);
                }
            }
        }
        Err(last.unwrap_or_else(|| Error::Unavailable {
            target: self.target().to_owned(),
            message: "nothing to read from".to_owned(),
        }))
    }
}
