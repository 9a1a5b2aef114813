//! Work off the drawing thread.

use std::time::Duration;

use persistence::observe::Statement;
use persistence::{Catalog, DynSession, Error, Result};

use super::origin::Origin;
use super::{Lane, Progress};

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
///         work.session()?.repository(self.table)?.count(&Filter::All)
///     }
/// }
/// ```
pub trait Task: Send + 'static {
    /// What is found out.
    type Output: Send + 'static;

    /// What it does to others.
    const KIND: Kind = Kind::Reads;

    /// Returns whether it may look at many rows: the statements of its session can be stopped then.
    fn may_take_long(&self) -> bool {
        Self::KIND != Kind::Writes
    }

    /// Returns the page of rows that is read, where it is one: the log says so.
    fn origin(&self) -> Option<Origin> {
        None
    }

    /// Does the work.
    ///
    /// # Errors
    /// What the database says.
    fn run(self, work: &mut Work<'_>) -> Result<Self::Output>;
}

/// What a task does to others: that decides what becomes of it when a newer one of its lane comes, or
/// the window closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing, it only reads: it is stopped.
    Reads,
    /// It makes something outside of the database, like a file: it is stopped, and waited for until
    /// it has left nothing behind.
    Makes,
    /// It keeps the newest of something outside of the database, like settings: of those that have
    /// not begun only the newest is done, and that always.
    Keeps,
    /// It changes the database: each is done, and committed before it is answered.
    Writes,
}

impl Kind {
    /// Returns whether a newer one takes its place, as long as it has not begun.
    pub(super) const fn can_be_superseded(self) -> bool {
        !matches!(self, Self::Writes)
    }

    /// Returns whether it ends where nobody wants it any more, whether it has begun or not.
    pub(super) const fn can_be_stopped(self) -> bool {
        matches!(self, Self::Reads | Self::Makes)
    }

    /// Returns whether closing waits for its end.
    pub(super) const fn is_waited_for(self) -> bool {
        !matches!(self, Self::Reads)
    }
}

/// What a task works with.
pub struct Work<'w> {
    /// The entities.
    pub catalog: &'w Catalog,
    /// Where to say how far it is, and to look whether to go on.
    pub progress: &'w Progress,
    kind: Kind,
    may_take_long: bool,
    session: Option<Box<dyn DynSession + 'w>>,
}

impl<'w> Work<'w> {
    pub(super) const fn new(
        catalog: &'w Catalog,
        progress: &'w Progress,
        kind: Kind,
        may_take_long: bool,
    ) -> Self {
        Self { catalog, progress, kind, may_take_long, session: None }
    }

    /// Returns the session of the task's own, which begins when it is first asked for. Asked for anew
    /// before each statement, it is refused once the task is stopped.
    ///
    /// # Errors
    /// When the database cannot be reached, and [`Error::Cancelled`] where the task was stopped.
    pub fn session(&mut self) -> Result<&mut dyn DynSession> {
        let progress = self.progress;
        let go_on = || if progress.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) };
        go_on()?;
        let session = match &mut self.session {
            Some(session) => session,
            none => {
                let mut session = match self.kind {
                    Kind::Writes => self.catalog.writing_session()?,
                    Kind::Reads | Kind::Makes | Kind::Keeps => self.catalog.session()?,
                };
                if self.may_take_long {
                    progress.stopped_by(session.canceller()?);
                }
                // Whoever stopped it while the session opened found no statement to stop.
                go_on()?;
                none.insert(session)
            }
        };
        Ok(session.as_mut())
    }

    /// Commits what was written, if anything was.
    pub(super) fn commit(&mut self) -> Result<()> {
        match (self.kind, &mut self.session) {
            (Kind::Writes, Some(session)) => session.commit(),
            _ => Ok(()),
        }
    }
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
    /// How long it took.
    pub took: Duration,
    /// The page of rows that was read, if it was one.
    pub origin: Option<Origin>,
    /// The statements it took, where its lane is logged: the last, where they are many.
    pub statements: Vec<Statement>,
}
