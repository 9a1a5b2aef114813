//! Everything that differs between engines, and nothing else.

#![cfg_attr(
    not(any(feature = "mysql", feature = "postgres", feature = "sqlite")),
    expect(dead_code, reason = "what engines share, in a build without one")
)]

mod bind;
mod column_text;
mod estimate;
pub(crate) mod files;
mod hosts;
mod live;
mod migration;
#[cfg(feature = "mysql")]
mod mysql;
mod plan;
#[cfg(feature = "postgres")]
mod postgres;
mod secrets;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod server_url;
#[cfg(feature = "sqlite")]
mod sqlite;
mod url;
mod violation;

pub use crate::filter::FoldedPattern;
pub use column_text::ColumnText;
pub use estimate::Estimate;
pub use files::{FileId, database_of};
pub(crate) use hosts::each_host;
pub use live::{Index, LiveColumn, LiveForeignKey, LiveTable};
pub use migration::MigrationStatus;
pub(crate) use plan::lines as plan_lines;
pub use plan::{Plan, PlanStep, Verdict};
pub use secrets::{redact_message, redact_url};
pub use url::EngineKind;

use std::path::PathBuf;
use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::backend::{Backend, DieselReserveSpecialization};
use diesel::connection::{CacheSize, Connection, LoadConnection};
use diesel::deserialize;
use diesel::query_builder::AstPass;
use diesel::r2d2::R2D2Connection;
use diesel::result::QueryResult;
use diesel::row::Row;
use diesel::serialize::{self, Output};
use diesel::sql_types::{BigInt, HasSqlType, SqlType, is_nullable};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

use crate::entity::{EntityMeta, Storage};
use crate::error::{ConstraintViolation, Error, Result};
use crate::filter::TextMatch;
use crate::sealed::Sealed;
use crate::types::ScaledDecimal;
use crate::value::{Record, Value};

/// The SQL of one engine, where engines differ.
pub trait Dialect:
    Sealed
    + Backend<QueryBuilder: Default>
    + DieselReserveSpecialization
    + HasSqlType<BigInt>
    + Default
    + Send
    + Sync
    + 'static
{
    /// What timestamps are sent as. MariaDB turns what is sent as a `TIMESTAMP` and lies before
    /// 1970 into NULL, without an error, also where the column is a `DATETIME`.
    type Timestamp: SqlType<IsNull = is_nullable::NotNull>;
    /// What texts are sent as.
    type Text: SqlType<IsNull = is_nullable::NotNull>;
    /// What stands before and after a text that is written to a column, where it is not sent as
    /// one.
    const WRITTEN_TEXT: [&'static str; 2] = ["", ""];

    /// Whether NULL sorts before every value by itself, so that `NULLS FIRST` need not be said.
    const NULL_SORTS_FIRST: bool;
    /// Whether the condition of an UPDATE or DELETE may read the table that is written.
    const WRITES_READ_THEIR_TABLE: bool;
    /// Bind parameters a statement can have.
    const MAX_BINDS: usize;
    /// How new rows and their generated keys travel.
    const INSERT: InsertStyle;
    /// A query for the first key that the last insert made, and the step to the next.
    const LAST_INSERT_ID: &'static str;
    /// What stands before the values of an insert so that keys are stored as they are given.
    const OVERRIDING: &'static str = "";
    /// What stands before and after a table's name, one of its columns and a key in a statement that
    /// has the column count on from there; `None` where it does so by itself.
    const COUNT_ON: Option<[&'static str; 4]> = None;
    /// What names are quoted with.
    const QUOTE: &'static str;

    /// What stands before and after a column of an enum, so that it sorts as the names of its values
    /// compare.
    const ORDER_OF_ENUM: [&'static str; 2] = ["", ""];

    /// Whether rows can be locked by those who read them: `FOR UPDATE`.
    const HAS_ROW_LOCKS: bool;
    /// A condition that is true unless the statement is to stop, for an engine whose statements no other
    /// connection can stop.
    const CANCEL_CHECK: Option<&'static str>;

    /// The function that counts a text's characters.
    const LENGTH_IN_CHARACTERS: &'static str;
    /// The function that counts the bytes of a text or a binary string, without reading them where
    /// the engine keeps their number.
    const LENGTH_IN_BYTES: &'static str;
    /// What a 64-bit integer is called in a `CAST`.
    const BIG_INT: &'static str;

    /// Returns what stands before a column, between it and a value, and after that, to ask whether
    /// what is stored is that value: NULL is NULL, and texts are the same where their bytes are,
    /// whatever the column's collation. The answer may be no for what only reads alike, never yes
    /// for what differs.
    fn is_same(storage: Storage) -> [&'static str; 3];
    /// Bytes that a value has at most that is sent only to be compared, where statements travel.
    const MOST_COMPARED: Option<usize> = Some(16 * 1024);

    /// Returns what stands before and after a column to make it the sum of its values, as a float
    /// that is as exact as floats are.
    fn sum(storage: Storage) -> [&'static str; 2];

    /// Whether the planner guesses how many rows a filter finds from what it knows of their values.
    const PLANS_ROWS: bool = false;
    /// What a statement begins with that asks for another's plan.
    const EXPLAIN: &'static str;

    /// Reads a line of a plan.
    ///
    /// # Errors
    /// As Diesel's own.
    fn read_step<'a>(row: &impl Row<'a, Self>) -> deserialize::Result<PlanStep>;

    /// Judges from the lines of a plan how a table is read.
    fn judge(lines: &[String], table: &str) -> Verdict;

    /// Returns how many rows the planner believes that a statement finds; `None` where it does not say.
    fn planned_rows(_lines: &[String]) -> Option<u64> {
        None
    }

    /// Values that a list has at most for each of them to be bound.
    const LONGEST_LIST: usize;

    /// Returns what stands before and after a bound JSON array to make it the rows of a `SELECT`.
    fn long_list(of: ListOf) -> [&'static str; 2];

    /// Binds a text that is compared with no column.
    ///
    /// # Errors
    /// Never; Diesel's signature wants it.
    fn bind_text<'b>(out: AstPass<'_, 'b, Self>, text: &'b str) -> QueryResult<()>;

    /// Binds a value to the statement as the type its column is stored as.
    ///
    /// # Errors
    /// When the engine has no such type.
    fn bind_value<'b>(
        out: AstPass<'_, 'b, Self>,
        value: &'b Value,
        storage: Storage,
    ) -> QueryResult<()>;

    /// Writes a condition that is true where the column's text has the pattern, whatever the case
    /// of either; `folded` is the pattern after [`fold_case`](crate::filter::fold_case).
    ///
    /// # Errors
    /// Never; Diesel's signature wants it.
    fn text_match<'b>(
        out: AstPass<'_, 'b, Self>,
        table: &str,
        column: &str,
        operator: TextMatch,
        folded: &'b FoldedPattern,
    ) -> QueryResult<()>;

    /// Reads a 64-bit integer from a row.
    ///
    /// # Errors
    /// As Diesel's own.
    fn read_big_int<'a>(row: &impl Row<'a, Self>, position: usize) -> deserialize::Result<i64>;

    /// Reads a float from a row, NULL included.
    ///
    /// # Errors
    /// As Diesel's own.
    fn read_double<'a>(
        row: &impl Row<'a, Self>,
        position: usize,
    ) -> deserialize::Result<Option<f64>>;

    /// Returns whether a cell holds a value that is stored that way, so that reading it changes
    /// nothing.
    fn holds(cell: &mut Self::RawValue<'_>, storage: Storage) -> bool;

    /// Reads a cell as a value that is stored that way, the reverse of
    /// [`bind_value`](Self::bind_value); what else it holds is [`Value::Raw`].
    fn read_value(cell: Self::RawValue<'_>, storage: Storage) -> Value;

    /// Reads a date, where that can be done faster than Diesel does it. Where this is `None`,
    /// [`holds`](Self::holds) and Diesel decide whether it is one.
    fn read_date(_cell: &mut Self::RawValue<'_>) -> Option<NaiveDate> {
        None
    }

    /// Reads a time of day, as [`read_date`](Self::read_date) reads a date.
    fn read_time(_cell: &mut Self::RawValue<'_>) -> Option<NaiveTime> {
        None
    }

    /// Reads a point in time, as [`read_date`](Self::read_date) reads a date.
    fn read_timestamp(_cell: &mut Self::RawValue<'_>) -> Option<NaiveDateTime> {
        None
    }

    /// Whether dates are text, in whose order only years of four digits are right.
    const DATES_ARE_TEXT: bool = false;

    /// Whether columns of floating-point numbers keep NaN, and do not turn it into something else.
    const KEEPS_NAN: bool = false;

    /// Returns whether a text in a row comes from a column that sorts otherwise than it compares.
    fn sorts_otherwise<'a>(_row: &impl Row<'a, Self>, _position: usize) -> bool {
        false
    }

    /// Writes a number that exists only for the time of the call.
    ///
    /// # Errors
    /// As Diesel's own.
    fn write_big_int(value: i64, out: &mut Output<'_, '_, Self>) -> serialize::Result;

    /// Writes a number that exists only for the time of the call.
    ///
    /// # Errors
    /// As Diesel's own.
    fn write_integer(value: i32, out: &mut Output<'_, '_, Self>) -> serialize::Result;

    /// Writes a number that exists only for the time of the call.
    ///
    /// # Errors
    /// As Diesel's own.
    fn write_small_int(value: i16, out: &mut Output<'_, '_, Self>) -> serialize::Result;

    /// Writes a number that exists only for the time of the call.
    ///
    /// # Errors
    /// As Diesel's own.
    fn write_float(value: f32, out: &mut Output<'_, '_, Self>) -> serialize::Result;

    /// Writes a number that exists only for the time of the call.
    ///
    /// # Errors
    /// As Diesel's own.
    fn write_double(value: f64, out: &mut Output<'_, '_, Self>) -> serialize::Result;

    /// Writes a text that exists only for the time of the call.
    ///
    /// # Errors
    /// As Diesel's own.
    fn write_text(value: String, out: &mut Output<'_, '_, Self>) -> serialize::Result;

    /// Writes a decimal for a `NUMERIC` column.
    ///
    /// # Errors
    /// As Diesel's own.
    fn write_numeric(value: ScaledDecimal, out: &mut Output<'_, '_, Self>) -> serialize::Result;
}

/// What the elements of a JSON array are, as a column has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListOf {
    /// Values of a column that is stored so; bytes as hexadecimal text, a UUID with its hyphens.
    Stored(Storage),
    /// Decimals of a column of whole numbers: without their point.
    Units,
}

/// How new rows and their generated keys travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InsertStyle {
    /// One prepared statement row by row, its key asked for afterwards: fastest without a network.
    RowByRow,
    /// Many rows a statement, `RETURNING` their keys.
    ManyReturning,
    /// Many rows a statement; the first key from `LAST_INSERT_ID()`, the others counted up.
    ManyCounting,
}

/// How a transaction is going to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// Only reading.
    Read,
    /// Writing: SQLite takes its write lock at once.
    Write,
}

/// How much transactions that run at the same time see of each other.
///
/// | | PostgreSQL | MySQL and MariaDB (InnoDB) | SQLite |
/// |---|---|---|---|
/// | [`ReadCommitted`](Self::ReadCommitted) | a snapshot for each statement (the default) | a snapshot for each statement | as `Serializable` |
/// | [`RepeatableRead`](Self::RepeatableRead) | one snapshot; writing a row that changed since is [`RetryReason::Serialization`](crate::RetryReason) | one snapshot for plain reads (the default), while locking reads and writes see the newest rows | as `Serializable` |
/// | [`Serializable`](Self::Serializable) | as if one after the other, by refusing one of two that contradict | as if one after the other, by locking every row that is read | always: one writer at a time |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Isolation {
    /// Each statement sees what was committed before it began.
    ReadCommitted,
    /// All statements see what was committed before the first began.
    RepeatableRead,
    /// As if the transactions had run one after the other.
    Serializable,
}

impl Isolation {
    /// Returns the name in SQL.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    const fn sql(self) -> &'static str {
        match self {
            Self::ReadCommitted => "READ COMMITTED",
            Self::RepeatableRead => "REPEATABLE READ",
            Self::Serializable => "SERIALIZABLE",
        }
    }
}

/// A connection, as other connections of the same server know it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionId {
    /// The server, where there may be several under one URL.
    pub server: String,
    /// The connection's number on that server.
    pub number: i64,
}

/// How to open a connection.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Refuse writes.
    pub read_only: bool,
    /// How long a statement waits for another connection's lock.
    pub lock_timeout: Option<Duration>,
    /// How long a statement may run.
    pub statement_timeout: Option<Duration>,
    /// What the connection is mostly for.
    pub workload: Workload,
    /// What becomes of an SQLite file that is not there.
    pub missing: Missing,
    /// How an SQLite database keeps what a transaction writes.
    pub journal: Journal,
    /// What an SQLite database has been through when a commit is acknowledged.
    pub durability: Durability,
}

/// What becomes of an SQLite file that is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// It is an error.
    #[default]
    Refused,
    /// It is made, with a write-ahead log.
    Created,
}

/// How an SQLite database keeps what a transaction writes; the database remembers it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Journal {
    /// As it does.
    #[default]
    AsItIs,
    /// In a log beside the file, so that readers and the writer do not wait for each other.
    WriteAheadLog,
}

/// What an SQLite database has been through when a commit is acknowledged. Servers decide that by
/// themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// It is on the disk: it outlives a loss of power.
    #[default]
    Full,
    /// It is with the system, which writes it soon: it outlives the program's end, but the last
    /// commits may be gone after a loss of power. The database is whole in any case with a
    /// write-ahead log.
    Relaxed,
}

/// What a connection is mostly for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Workload {
    /// A bit of everything, beside others.
    #[default]
    Mixed,
    /// Writing very many rows while nobody else needs the database.
    Bulk,
}

/// A Diesel connection that sessions can run on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a connection of an enabled engine",
    note = "enable the feature `sqlite`, `postgres` or `mysql` of `persistence`"
)]
pub trait Engine:
    Sealed
    + Connection<Backend: Dialect>
    + LoadConnection
    + R2D2Connection
    + MigrationHarness<<Self as Connection>::Backend>
    + Send
    + 'static
{
    /// The engine's name: `SQLite`.
    const NAME: &'static str;
    /// Whether a failed statement spoils the whole transaction, so that writes need savepoints.
    const ERRORS_SPOIL_TRANSACTION: bool;

    /// Opens a connection: foreign keys on, UTC, functions registered.
    ///
    /// # Errors
    /// [`Error::Unavailable`] (or [`Error::Schema`] for a file that is no database) that says what
    /// was tried, without the password.
    fn open(url: &str, options: &OpenOptions) -> Result<Self>;

    /// Returns what people call the database of a URL: its path or its URL without the password.
    #[must_use]
    fn target(url: &str) -> String {
        redact_url(url)
    }

    /// Returns how many bytes a statement may have with its values, where the server sets a limit.
    ///
    /// # Errors
    /// Diesel's.
    fn longest_statement(&mut self) -> QueryResult<Option<usize>> {
        Ok(None)
    }

    /// Returns the file that a URL names, where a file is the database.
    #[must_use]
    fn file(_url: &str) -> Option<PathBuf> {
        None
    }

    /// Readies the database for very many writes by a single connection: pages go straight into the
    /// file. Returns whether [`return_to_log`](Self::return_to_log) has to take that back.
    fn leave_log(&mut self) -> bool {
        false
    }

    /// Gives the database its write-ahead log back.
    ///
    /// # Errors
    /// Diesel's, to be [classified](Self::classify).
    fn return_to_log(&mut self) -> QueryResult<()> {
        Ok(())
    }

    /// Returns how many connections can work on the database at once, where that is limited: a
    /// database in memory belongs to one.
    #[must_use]
    fn connection_limit(_url: &str) -> Option<u32> {
        None
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// Diesel's, to be [classified](Self::classify).
    fn begin(&mut self, access: Access) -> QueryResult<()>;

    /// Begins a transaction with that isolation; with the engine's own where none is given.
    ///
    /// # Errors
    /// Diesel's, to be [classified](Self::classify).
    fn begin_isolated(&mut self, access: Access, isolation: Option<Isolation>) -> QueryResult<()>;

    /// Limits how long each further statement may run, where the server keeps to that.
    ///
    /// # Errors
    /// Diesel's, to be [classified](Self::classify).
    fn limit_statements(&mut self, timeout: Option<Duration>) -> QueryResult<()>;

    /// Returns which version of the database the transaction reads, counted by the writes of other
    /// connections, on an engine with only one write lock, which a transaction that has read cannot
    /// wait for; `None` on others.
    ///
    /// # Errors
    /// Diesel's, to be [classified](Self::classify).
    fn version_read(&mut self) -> QueryResult<Option<i64>> {
        Ok(None)
    }

    /// Returns whether the engine has ended the transaction by itself, after a statement that failed.
    fn has_ended_transaction(&mut self) -> bool {
        false
    }

    /// Forgets the statements that were prepared, for the tables are not those any more for which
    /// they were.
    fn forget_statements(&mut self) {
        // Only a change of size empties it.
        self.set_prepared_statement_cache_size(CacheSize::Disabled);
        self.set_prepared_statement_cache_size(CacheSize::Unbounded);
    }

    /// Takes the transaction's write lock, where there is one for all tables: a transaction that
    /// has only read so far will be able to write.
    ///
    /// # Errors
    /// Diesel's, to be [classified](Self::classify).
    fn lock_for_writing(&mut self, meta: &'static EntityMeta) -> QueryResult<()>;

    /// Returns whether the server takes writes from this connection: whether it is, and still is,
    /// the primary one.
    ///
    /// # Errors
    /// Diesel's, to be [classified](Self::classify).
    fn accepts_writes(&mut self) -> QueryResult<bool>;

    /// Returns the identifier by which other connections know this one.
    ///
    /// # Errors
    /// Diesel's, to be [classified](Self::classify).
    fn connection_id(&mut self) -> QueryResult<ConnectionId>;

    /// Tells the server of a URL to stop what another connection is running. Nothing where the
    /// engine lives in this process.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the server cannot be told.
    fn cancel(url: &str, connection: &ConnectionId) -> Result<()>;

    /// Turns Diesel's error into one that a program can act on. Violations name table, columns and
    /// constraint where the engine's message does; `meta` is the entity whose row was written.
    fn classify(error: diesel::result::Error, meta: &'static EntityMeta) -> Error;

    /// Completes a violation that [`classify`](Self::classify) could not: columns and tables that
    /// the engine's message leaves out are looked up in the database. For a foreign key these are
    /// the columns of `meta` that point nowhere, or the tables whose rows still refer to the row.
    /// `row` is the row that was written or is to be deleted, where that is one.
    ///
    /// Call it on a connection whose transaction is usable: after the rollback to a savepoint,
    /// where the engine needs one. What cannot be found stays as it is.
    fn explain(
        &mut self,
        violation: &mut ConstraintViolation,
        meta: &'static EntityMeta,
        row: Option<&Record>,
    );

    /// Reads an entity's table as the database has it; `None` where there is none of that name.
    ///
    /// # Errors
    /// Diesel's, to be [classified](Self::classify).
    fn live_table(&mut self, meta: &EntityMeta) -> QueryResult<Option<LiveTable>>;

    /// Returns the names of the tables that are found without naming a schema, in their order.
    ///
    /// # Errors
    /// Diesel's, to be [classified](Self::classify).
    fn tables(&mut self) -> QueryResult<Vec<String>>;

    /// Returns what is known of how many rows a table has, without reading them.
    ///
    /// # Errors
    /// Diesel's, to be [classified](Self::classify).
    fn estimate(&mut self, meta: &'static EntityMeta) -> QueryResult<Estimate>;

    /// Returns whether a column of the database can hold all values that are stored that way, and
    /// gives them back unchanged.
    #[must_use]
    fn fits(column: &LiveColumn, storage: Storage) -> bool;

    /// Runs an engine's pending migrations under a lock, so that two processes may do it at once; `only`
    /// names the one that is to be run of them, which has to be the next. Returns the names of those that
    /// were run.
    ///
    /// # Errors
    /// [`Error::Schema`] that names the migration that failed, or is not the next.
    fn migrate(&mut self, migrations: &Migrations, only: Option<&str>) -> Result<Vec<String>>;

    /// Reverts the migration that was applied last, under the same lock; `only` is the name that it has to
    /// have. Returns its name; `None` where there is none, and where that one is not applied.
    ///
    /// # Errors
    /// [`Error::Schema`] that names the migration.
    fn revert(&mut self, migrations: &Migrations, only: Option<&str>) -> Result<Option<String>>;

    /// Returns all migrations, in their order, and which of them are applied; those as well that were
    /// applied and are none of these. Writes nothing.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn migration_status(&mut self, migrations: &Migrations) -> Result<Vec<MigrationStatus>>;

    /// Returns this engine's part of the migrations.
    fn migrations(migrations: &Migrations) -> Option<&EmbeddedMigrations>;
}

/// What stands for the entity in errors of statements about no entity.
static NO_ENTITY: &EntityMeta = &EntityMeta::new("row", "", &[], &[]);

/// Turns an error of a statement about no entity (`COMMIT`, the framework's own) into ours.
pub(crate) fn classify_plain<C: Engine>(error: diesel::result::Error) -> Error {
    C::classify(error, NO_ENTITY)
}

/// Turns the error of a `COMMIT` into ours.
pub(crate) fn classify_commit<C: Engine>(error: diesel::result::Error) -> Error {
    // Diesel itself refuses to send the COMMIT of a broken transaction.
    let was_sent = !matches!(error, diesel::result::Error::BrokenTransactionManager);
    match classify_plain::<C>(error) {
        // A full disk is told before anything is written.
        Error::Unavailable { target, message } if was_sent && !message.contains("is full") => {
            Error::CommitUnknown { target, message }
        }
        error => error,
    }
}

/// Adds the name of the database to an error that so far only names the engine.
pub(crate) fn at_target(error: Error, target: &str) -> Error {
    match error {
        Error::Unavailable { message, .. } => {
            Error::Unavailable { target: target.to_owned(), message }
        }
        Error::CommitUnknown { message, .. } => {
            Error::CommitUnknown { target: target.to_owned(), message }
        }
        Error::ReadOnly { .. } => Error::ReadOnly { target: target.to_owned() },
        error => error,
    }
}

/// Asks each host of a URL in turn to do something for a connection, until one has it.
#[cfg(any(feature = "mysql", feature = "postgres"))]
fn on_server<C: Engine>(url: &str, mut run: impl FnMut(&mut C) -> QueryResult<bool>) -> Result<()> {
    let mut result = Ok(());
    for host in each_host(url) {
        // Reading only, since that can be had from every host.
        let options = OpenOptions { read_only: true, ..OpenOptions::default() };
        let told = C::open(&host, &options).and_then(|mut connection| {
            run(&mut connection)
                .map_err(|error| at_target(classify_plain::<C>(error), &redact_url(&host)))
        });
        match told {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(error) => result = Err(error),
        }
    }
    result
}

/// Embedded migrations, one set an engine; `None` for an engine that is not supported.
#[derive(Clone, Copy, Default)]
#[expect(missing_debug_implementations, reason = "Diesel's migrations have none")]
pub struct Migrations {
    /// For SQLite.
    pub sqlite: Option<&'static EmbeddedMigrations>,
    /// For PostgreSQL.
    pub postgres: Option<&'static EmbeddedMigrations>,
    /// For MySQL and MariaDB.
    pub mysql: Option<&'static EmbeddedMigrations>,
}
