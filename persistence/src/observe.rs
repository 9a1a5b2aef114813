//! Every statement, its duration and its rows: through [`tracing`] (target `persistence::sql`, level
//! DEBUG; slow ones WARN), or [recorded] for the program itself.
//!
//! Diesel tells of each statement, the framework's and those written by hand alike; the framework
//! adds the number of rows to its own.

mod bound;
mod client;

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::time::{Duration, Instant};

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::result::QueryResult;

pub use client::{Caveat, ClientStatement};

use crate::database::activity;

/// The `tracing` target of the statements.
pub const TARGET: &str = "persistence::sql";

/// Bytes of a statement that are logged; a migration or an `IN` list can be long.
const SHOWN: usize = 4_096;

/// What Diesel writes between a statement and its binds.
const BINDS: &str = " -- binds: ";

/// Whether the values of bind parameters are logged: they may be personal or secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Binds {
    /// Only the SQL.
    #[default]
    Hidden,
    /// The values, too.
    Shown,
}

/// What to log of the statements of a [`Database`](crate::Database).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LogOptions {
    pub(crate) binds: Binds,
    /// Statements that take longer are warnings.
    pub(crate) slow: Option<Duration>,
}

/// A statement that was sent; see [`recorded`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What was sent, cut after 4 KiB; with the values that it binds only where the database
    /// [shows them](crate::database::DatabaseBuilder::log_binds).
    pub sql: String,
    /// From sending it to the last row.
    pub duration: Duration,
    /// How many rows came back, or were written; unknown for statements by hand.
    pub rows: Option<u64>,
    /// What the engine said of it, where it failed; only the kind of error where values are hidden.
    pub error: Option<String>,
}

/// A statement that has ended, and whether it was slow.
struct Finished {
    /// As it is logged.
    statement: Statement,
    /// As it is recorded, where its values are shown there only.
    with_values: Option<Statement>,
    is_slow: bool,
}

/// What is being recorded.
struct Recorded {
    binds: Binds,
    statements: Vec<Statement>,
}

thread_local! {
    /// Where the statement that runs inside [`observed`] waits for its number of rows.
    static OWN: RefCell<Own> = const { RefCell::new(Own::Idle) };
}

thread_local! {
    /// The statements that [`recorded`] listens to.
    static RECORDED: RefCell<Option<Recorded>> = const { RefCell::new(None) };
}

/// Runs something and gives all statements that this thread sent meanwhile, to whatever database,
/// in the order in which they ended: those of sessions and those by hand, also what begins and ends
/// transactions. Recordings inside of recordings are part of both. No `tracing` subscriber is
/// needed; where nothing is recorded this costs nothing.
///
/// ```
/// # use diesel::{SqliteConnection, connection::SimpleConnection};
/// # use persistence::{Database, Entity, Repository};
/// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } } use schema::users;
/// # #[derive(Clone, Debug, PartialEq, Entity)]
/// # #[entity(table = users)]
/// # struct User { #[entity(key, generated)] id: i64, #[entity(label)] name: String }
/// use persistence::observe::recorded;
/// # let database = Database::<SqliteConnection>::open(":memory:")?;
/// # let mut session = database.session()?;
/// # session.connection()?.batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)").unwrap();
///
/// let (found, statements) = recorded(|| session.find(&7));
/// # let _: Option<User> = found?;
/// assert_eq!(statements[0].sql, "SELECT `users`.`id`, `users`.`name` FROM `users` WHERE `id` = ?");
/// assert_eq!(statements[0].rows, Some(0));
/// # Ok::<(), persistence::Error>(())
/// ```
pub fn recorded<T>(run: impl FnOnce() -> T) -> (T, Vec<Statement>) {
    recorded_with(Binds::Hidden, run)
}

/// Records as [`recorded`] does, and with the values that statements bind where these are wanted,
/// also where the database's [log](crate::database::DatabaseBuilder::log_binds) hides them.
pub fn recorded_with<T>(binds: Binds, run: impl FnOnce() -> T) -> (T, Vec<Statement>) {
    /// Ends the recording also when a panic does.
    struct Recording {
        outer: Option<Recorded>,
    }
    impl Drop for Recording {
        fn drop(&mut self) {
            RECORDED.set(self.outer.take());
        }
    }
    let nothing = Recorded { binds, statements: Vec::new() };
    let mut recording = Recording { outer: RECORDED.replace(Some(nothing)) };
    let value = run();
    let statements = RECORDED.take().map(|recorded| recorded.statements).unwrap_or_default();
    if let Some(outer) = &mut recording.outer {
        outer.statements.extend_from_slice(&statements);
    }
    (value, statements)
}

fn is_recording() -> bool {
    RECORDED.with_borrow(Option::is_some)
}

fn is_recording_values() -> bool {
    RECORDED.with_borrow(|recorded| {
        recorded.as_ref().is_some_and(|recorded| recorded.binds == Binds::Shown)
    })
}

enum Own {
    /// No statement of the framework is running.
    Idle,
    /// One is running; the last that ended within it.
    Running(Option<Finished>),
}

/// Runs one statement of which nobody is told: it only asks how the connection is.
#[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "only SQLite is asked so"))]
pub(crate) fn unnoted<T>(run: impl FnOnce() -> T) -> T {
    let outer = OWN.replace(Own::Running(None));
    let value = run();
    OWN.set(outer);
    value
}

/// Runs a statement of the framework, and logs and records it with its number of rows.
pub(crate) fn observed<T>(
    run: impl FnOnce() -> QueryResult<T>,
    rows: impl FnOnce(&T) -> u64,
) -> QueryResult<T> {
    if !is_recording() && !tracing::enabled!(target: TARGET, tracing::Level::WARN) {
        return run();
    }
    OWN.set(Own::Running(None));
    let result = run();
    if let Own::Running(Some(finished)) = OWN.replace(Own::Idle) {
        finished.note(result.as_ref().ok().map(rows));
    }
    result
}

impl Finished {
    /// Logs and records it, each where that is wanted.
    fn note(mut self, rows: Option<u64>) {
        self.statement.rows = rows;
        let Statement { sql, error, duration, .. } = &self.statement;
        let duration = tracing::field::debug(duration);
        let error = error.as_deref();
        if self.is_slow {
            tracing::warn!(target: TARGET, duration, rows, error, "slow: {sql}");
        } else {
            tracing::debug!(target: TARGET, duration, rows, error, "{sql}");
        }
        RECORDED.with_borrow_mut(|recorded| {
            if let Some(recorded) = recorded {
                let rows = self.statement.rows;
                let statement = self.with_values.unwrap_or(self.statement);
                recorded.statements.push(Statement { rows, ..statement });
            }
        });
    }
}

/// Logs and records the statements of one connection.
#[derive(Debug)]
pub(crate) struct StatementLog {
    options: LogOptions,
    started: Option<Instant>,
}

impl StatementLog {
    pub(crate) const fn new(options: LogOptions) -> Self {
        Self { options, started: None }
    }

    fn is_wanted(&self) -> bool {
        is_recording()
            || tracing::enabled!(target: TARGET, tracing::Level::DEBUG)
            || self.options.slow.is_some()
                && tracing::enabled!(target: TARGET, tracing::Level::WARN)
    }
}

impl Instrumentation for StatementLog {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => {
                activity::started();
                self.started = self.is_wanted().then(Instant::now);
            }
            InstrumentationEvent::FinishQuery { query, error, .. } => {
                activity::finished();
                let Some(started) = self.started.take() else { return };
                let duration = started.elapsed();
                let is_slow = self.options.slow.is_some_and(|limit| duration >= limit);
                let is_logged = is_slow || tracing::enabled!(target: TARGET, tracing::Level::DEBUG);
                if !is_logged && !is_recording() {
                    return;
                }
                let statement = |binds| Statement {
                    sql: text(query, binds),
                    duration,
                    rows: None,
                    error: error.map(|error| message(error, binds)),
                };
                let wants_values = self.options.binds == Binds::Hidden && is_recording_values();
                let finished = Finished {
                    statement: statement(self.options.binds),
                    with_values: wants_values.then(|| statement(Binds::Shown)),
                    is_slow,
                };
                let waiting = OWN.with_borrow_mut(|own| match own {
                    Own::Idle => Some(finished),
                    Own::Running(last) => last.replace(finished),
                });
                if let Some(finished) = waiting {
                    finished.note(None);
                }
            }
            // BEGIN, COMMIT and ROLLBACK come as statements as well; connections and the cache
            // are not statements.
            _ => {}
        }
    }
}

/// Returns the statement as it is logged.
fn text(query: &dyn fmt::Display, binds: Binds) -> String {
    let mut text = Shortened { text: String::new(), binds };
    // An error only says that the rest is not wanted.
    let _ = write!(text, "{query}");
    text.text
}

/// Returns the statement without the values that it binds.
pub(crate) fn without_binds(mut sql: String) -> String {
    sql.truncate(sql.find(BINDS).unwrap_or(sql.len()));
    sql
}

/// Returns what the engine said of a failed statement; it may repeat values.
fn message(error: &diesel::result::Error, binds: Binds) -> String {
    match (binds, error) {
        (Binds::Hidden, diesel::result::Error::DatabaseError(kind, _)) => format!("{kind:?}"),
        (_, error) => error.to_string(),
    }
}

/// Stops writing at the binds, where they are hidden, and at [`SHOWN`] bytes.
struct Shortened {
    text: String,
    binds: Binds,
}

impl fmt::Write for Shortened {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let searched = self.text.len().saturating_sub(BINDS.len());
        self.text.push_str(part);
        if self.binds == Binds::Hidden {
            // From the first mark on: a bind's own text may contain another.
            let searched = self.text.floor_char_boundary(searched);
            let mark = self.text.get(searched..).and_then(|text| text.find(BINDS));
            if let Some(mark) = mark {
                self.text.truncate(searched + mark);
                return Err(fmt::Error);
            }
        }
        if self.text.len() > SHOWN {
            self.text.truncate(self.text.floor_char_boundary(SHOWN));
            self.text.push('…');
            return Err(fmt::Error);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_binds_leave_only_the_sql() {
        let query = "SELECT 1 WHERE a = ? -- binds: [\"x -- binds: secret\"]";
        assert_eq!(text(&query, Binds::Hidden), "SELECT 1 WHERE a = ?");
        assert_eq!(text(&query, Binds::Shown), query);
    }

    #[test]
    fn binds_that_come_in_pieces_are_hidden_too() {
        struct Pieces;
        impl fmt::Display for Pieces {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                ["SELECT é", " --", " bin", "ds: ", "[1]"].iter().try_for_each(|p| f.write_str(p))
            }
        }
        assert_eq!(text(&Pieces, Binds::Hidden), "SELECT é");
    }

    #[test]
    fn long_statements_are_cut() {
        let text = text(&"é".repeat(SHOWN), Binds::Shown);
        assert!(text.len() <= SHOWN + '…'.len_utf8());
        assert!(text.ends_with('…'));
    }
}
