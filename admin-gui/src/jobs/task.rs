//! Work off the drawing thread.

use std::time::Duration;

use persistence::observe::Statement;
use persistence::{Catalog, DynSession, Result};

use super::Lane;
use super::origin::Origin;

/// A piece of work for another thread: what is to be found out, or written.
///
/// ```
/// use admin_gui::jobs::{Task, Work};
/// use persistence::{Filter, Result};
///
/// /// How many rows an entity has.
/// struct CountAll {
///     table: &'static str,
/// }
///
/// impl Task for CountAll {
///     type Output = u64;
///
///     fn run(self, work: &mut Work<'_>) -> Result<u64> {
///         work.session.repository(self.table)?.count(&Filter::All)
///     }
/// }
/// ```
pub trait Task: Send + 'static {
    /// What is found out.
    type Output: Send + 'static;

    /// Whether it changes the database. Such work is never superseded by newer, nor stopped, and is
    /// committed before it is answered.
    const WRITES: bool = false;

    /// Returns whether it may look at many rows: such work can be stopped while it is done.
    fn may_take_long(&self) -> bool {
        !Self::WRITES
    }

    /// Returns the page of rows that is read, where it is one: the log says so.
    fn origin(&self) -> Option<Origin> {
        None
    }

    /// Does the work, within a session of its own.
    ///
    /// # Errors
    /// What the database says.
    fn run(self, work: &mut Work<'_>) -> Result<Self::Output>;
}

/// What a task works with.
pub struct Work<'w> {
    /// The entities.
    pub catalog: &'w Catalog,
    /// A session of the task's own.
    pub session: &'w mut dyn DynSession,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database said no, or nothing.
    #[error(transparent)]
    Database(#[from] persistence::Error),
    /// The work itself broke off. The window and the next task are not affected.
    #[error("the work broke off unexpectedly: {message}")]
    Panicked {
        /// What the panic said.
        message: String,
    },
    /// The thread is gone.
    #[error("the database worker has stopped")]
    Stopped,
}

/// How a task was done.
#[derive(Clone, Debug)]
pub struct Report {
    /// The lane it was asked on.
    pub lane: Lane,
    /// How long the database took.
    pub took: Duration,
    /// The page of rows that was read, if it was one.
    pub origin: Option<Origin>,
    /// The statements it took.
    pub statements: Vec<Statement>,
}
