//! SQLite.

mod cell;
mod classify;
mod date;
mod estimate;
mod explain;
mod interrupt;
mod live;
mod location;
mod opening;
mod plan;
mod text;

use std::path::PathBuf;
use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::deserialize::{self, FromSql};
use diesel::prelude::*;
use diesel::query_builder::AstPass;
use diesel::result::{QueryResult, UnexpectedEndOfRow};
use diesel::row::{Field, Row};
use diesel::serialize::{self, IsNull, Output};
use diesel::sql_types::{BigInt, Binary, Double, Jsonb, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::EmbeddedMigrations;

use super::live::{read_live_table, read_table_names};
use super::migration::{self, MigrationStatus, SchemaChanges};
use super::{
    Access, ConnectionId, Dialect, Durability, Engine, Estimate, FoldedPattern, InsertStyle,
    Isolation, ListOf, LiveColumn, LiveTable, Migrations, OpenOptions, PlanStep, Verdict, Workload,
    bind, classify_commit, classify_plain,
};
use crate::entity::{EntityMeta, Storage};
use crate::error::{ConstraintViolation, Error, Result};
use crate::filter::TextMatch;
use crate::observe;
use crate::raw::RawValue;
use crate::scalar::Scalar as _;
use crate::sealed::Sealed;
use crate::types::ScaledDecimal;
use crate::value::{Record, Value};
use location::Location;

/// How long a statement waits for another connection's lock, unless said otherwise.
const LOCK_TIMEOUT_MS: u128 = 5_000;
/// How long migrations wait for those of another process.
const MIGRATION_LOCK_TIMEOUT_MS: u128 = 120_000;
/// What very many writes are faster by. A savepoint keeps a copy of each page that is changed after
/// it; in a file, that is a write to the disk for nearly each row of an indexed table.
const BULK_SETTINGS: &str = "PRAGMA cache_size = -200000; PRAGMA temp_store = MEMORY";

impl Sealed for Sqlite {}

impl Dialect for Sqlite {
    type Timestamp = diesel::sql_types::Timestamp;
    type Text = Text;

    const NULL_SORTS_FIRST: bool = true;
    const DATES_ARE_TEXT: bool = true;
    const WRITES_READ_THEIR_TABLE: bool = true;
    const MAX_BINDS: usize = 32_766;
    const INSERT: InsertStyle = InsertStyle::RowByRow;
    const HAS_ROW_LOCKS: bool = false;
    const CANCEL_CHECK: Option<&'static str> = Some(interrupt::CONDITION);
    const LAST_INSERT_ID: &'static str = "SELECT last_insert_rowid(), 1";
    const QUOTE: &'static str = "`";
    const LENGTH_IN_CHARACTERS: &'static str = "length";
    const LENGTH_IN_BYTES: &'static str = "octet_length";
    const BIG_INT: &'static str = "INTEGER";
    const EXPLAIN: &'static str = "EXPLAIN QUERY PLAN ";

    const MOST_COMPARED: Option<usize> = None;

    fn is_same(storage: Storage) -> [&'static str; 3] {
        match storage {
            Storage::Text | Storage::Json => ["", " IS ", " COLLATE BINARY"],
            _ => ["", " IS ", ""],
        }
    }

    fn sum(_: Storage) -> [&'static str; 2] {
        // SUM fails where whole numbers add up to more than 64 bits; of no value TOTAL makes 0.
        ["TOTAL(", ")"]
    }

    fn read_step<'a>(row: &impl Row<'a, Self>) -> deserialize::Result<PlanStep> {
        plan::read_step(row)
    }

    fn judge(lines: &[String], table: &str) -> Verdict {
        plan::judge(lines, table)
    }

    const LONGEST_LIST: usize = 1_000;

    fn long_list(of: ListOf) -> [&'static str; 2] {
        let begin = match of {
            ListOf::Units => "SELECT CAST(replace(value, '.', '') AS INTEGER) FROM json_each(",
            ListOf::Stored(Storage::Binary) => "SELECT unhex(value, '-') FROM json_each(",
            ListOf::Stored(Storage::Float | Storage::Double | Storage::Numeric) => {
                "SELECT CAST(value AS REAL) FROM json_each("
            }
            ListOf::Stored(_) => "SELECT value FROM json_each(",
        };
        [begin, ")"]
    }

    fn bind_text<'b>(mut out: AstPass<'_, 'b, Self>, text: &'b str) -> QueryResult<()> {
        out.push_bind_param::<Text, str>(text)
    }

    fn bind_value<'b>(
        mut out: AstPass<'_, 'b, Self>,
        value: &'b Value,
        storage: Storage,
    ) -> QueryResult<()> {
        match (value, storage) {
            (Value::Json(value), Storage::Jsonb) => out.push_bind_param::<Jsonb, _>(value),
            (Value::Null, Storage::Jsonb) => {
                out.push_bind_param::<Nullable<Jsonb>, Option<serde_json::Value>>(&None)
            }
            (Value::Date(date), Storage::Date) if date.is_beyond_text() => {
                Err(bind::unbindable(value, storage))
            }
            (Value::Time(time), Storage::Time) if time.is_beyond_text() => {
                Err(bind::unbindable(value, storage))
            }
            (Value::Timestamp(time), _) if time.is_beyond_text() => {
                Err(bind::unbindable(value, storage))
            }
            (Value::Raw(RawValue::Integer(integer)), _) => {
                out.push_bind_param::<BigInt, _>(integer)
            }
            (Value::Raw(RawValue::Float(float)), _) => out.push_bind_param::<Double, _>(float),
            (Value::Raw(RawValue::Bytes(bytes)), _) => {
                out.push_bind_param::<Binary, [u8]>(bytes.as_slice())
            }
            (Value::Raw(RawValue::NonUtf8(bytes)), _) => {
                out.push_sql("CAST(");
                out.push_bind_param::<Binary, [u8]>(bytes.as_slice())?;
                out.push_sql(" AS TEXT)");
                Ok(())
            }
            (Value::Raw(RawValue::Text(text) | RawValue::Number(text)), _) => {
                out.push_bind_param::<Text, str>(text)
            }
            _ => bind::bind(out, value, storage),
        }
    }

    fn text_match<'b>(
        mut out: AstPass<'_, 'b, Self>,
        table: &str,
        column: &str,
        operator: TextMatch,
        folded: &'b FoldedPattern,
    ) -> QueryResult<()> {
        out.push_sql(text::function_of(operator));
        out.push_sql("(");
        out.push_identifier(table)?;
        out.push_sql(".");
        out.push_identifier(column)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, str>(&folded.text)?;
        out.push_sql(")");
        Ok(())
    }

    fn read_big_int<'a>(row: &impl Row<'a, Self>, position: usize) -> deserialize::Result<i64> {
        let field = row.get(position).ok_or_else(|| Box::new(UnexpectedEndOfRow))?;
        FromSql::<BigInt, Self>::from_nullable_sql(field.value())
    }

    fn holds(cell: &mut Self::RawValue<'_>, storage: Storage) -> bool {
        cell::holds(cell, storage)
    }

    fn read_value(cell: Self::RawValue<'_>, storage: Storage) -> Value {
        cell::read(cell, storage)
    }

    fn read_date(cell: &mut Self::RawValue<'_>) -> Option<NaiveDate> {
        cell::read_date(cell)
    }

    fn read_time(cell: &mut Self::RawValue<'_>) -> Option<NaiveTime> {
        cell::read_time(cell)
    }

    fn read_timestamp(cell: &mut Self::RawValue<'_>) -> Option<NaiveDateTime> {
        cell::read_timestamp(cell)
    }

    fn read_double<'a>(
        row: &impl Row<'a, Self>,
        position: usize,
    ) -> deserialize::Result<Option<f64>> {
        let field = row.get(position).ok_or_else(|| Box::new(UnexpectedEndOfRow))?;
        FromSql::<Nullable<Double>, Self>::from_nullable_sql(field.value())
    }

    fn write_big_int(value: i64, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        out.set_value(value);
        Ok(IsNull::No)
    }

    fn write_integer(value: i32, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        out.set_value(value);
        Ok(IsNull::No)
    }

    fn write_small_int(value: i16, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        out.set_value(i32::from(value));
        Ok(IsNull::No)
    }

    fn write_float(value: f32, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        out.set_value(f64::from(value));
        Ok(IsNull::No)
    }

    fn write_double(value: f64, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        out.set_value(value);
        Ok(IsNull::No)
    }

    fn write_text(value: String, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        out.set_value(value);
        Ok(IsNull::No)
    }

    fn write_numeric(value: ScaledDecimal, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        let float = value.to_f64();
        if ScaledDecimal::exactly(float, value.scale) != Some(value) {
            return Err(format!("{value} has more digits than SQLite keeps of a number").into());
        }
        out.set_value(float);
        Ok(IsNull::No)
    }
}

/// Returns the settings of a connection that the database itself does not keep.
///
/// `EXTRA` is `FULL`, and syncs the folder once the journal of a commit is removed: without that, a
/// commit could be taken back after a loss of power. With a write-ahead log the two are the same.
const fn settings(options: &OpenOptions) -> &'static str {
    match (options.read_only, options.durability) {
        (true, _) => "PRAGMA query_only = ON",
        (false, Durability::Full) => "PRAGMA synchronous = EXTRA",
        (false, Durability::Relaxed) => "PRAGMA synchronous = NORMAL",
    }
}

impl Sealed for SqliteConnection {}

impl Engine for SqliteConnection {
    const NAME: &'static str = "SQLite";
    const ERRORS_SPOIL_TRANSACTION: bool = false;

    fn open(url: &str, options: &OpenOptions) -> Result<Self> {
        let location = Location::of_url(url)?;
        let timeout = options.lock_timeout.map_or(LOCK_TIMEOUT_MS, |timeout| timeout.as_millis());
        let mut connection = opening::open(&location, options, timeout)?;
        text::register(&mut connection)
            .and_then(|()| interrupt::register(&mut connection))
            .and_then(|()| connection.batch_execute(settings(options)))
            .and_then(|()| match options.workload {
                Workload::Mixed => Ok(()),
                Workload::Bulk => connection.batch_execute(BULK_SETTINGS),
            })
            .map_err(|error| location.explain(classify_plain::<Self>(error)))?;
        Ok(connection)
    }

    fn file(url: &str) -> Option<PathBuf> {
        Location::of_url(url).ok()?.file()
    }

    fn leave_log(&mut self) -> bool {
        // Refused while others have the file open: then the log has to do.
        opening::has_log(self)
            && self.batch_execute("PRAGMA journal_mode = DELETE").is_ok()
            && !opening::has_log(self)
    }

    fn return_to_log(&mut self) -> QueryResult<()> {
        self.batch_execute("PRAGMA journal_mode = WAL")
    }

    fn target(url: &str) -> String {
        Location::of_url(url).map_or_else(|_| super::redact_url(url), |location| location.shown())
    }

    fn connection_limit(url: &str) -> Option<u32> {
        matches!(Location::of_url(url), Ok(Location::Memory)).then_some(1)
    }

    fn has_ended_transaction(&mut self) -> bool {
        // Within a transaction another one cannot begin.
        let is_over = observe::unnoted(|| self.batch_execute("BEGIN")).is_ok();
        if is_over {
            // The second fails, from which Diesel learns that there is no transaction.
            observe::unnoted(|| self.batch_execute("ROLLBACK; ROLLBACK")).ok();
        }
        is_over
    }

    fn begin(&mut self, access: Access) -> QueryResult<()> {
        match access {
            Access::Read => AnsiTransactionManager::begin_transaction(self),
            Access::Write => AnsiTransactionManager::begin_transaction_sql(self, "BEGIN IMMEDIATE"),
        }
    }

    fn begin_isolated(&mut self, access: Access, _: Option<Isolation>) -> QueryResult<()> {
        self.begin(access)
    }

    fn limit_statements(&mut self, _: Option<Duration>) -> QueryResult<()> {
        Ok(())
    }

    fn version_read(&mut self) -> QueryResult<Option<i64>> {
        diesel::sql_query("PRAGMA data_version")
            .get_result::<DataVersion>(self)
            .map(|read| Some(read.data_version))
    }

    fn lock_for_writing(&mut self, meta: &'static EntityMeta) -> QueryResult<()> {
        // Deletes no row, and takes the lock before it looks.
        self.batch_execute(&format!("DELETE FROM {} WHERE 0", table(meta)))
    }

    fn accepts_writes(&mut self) -> QueryResult<bool> {
        Ok(true)
    }

    fn connection_id(&mut self) -> QueryResult<ConnectionId> {
        Ok(ConnectionId { server: String::new(), number: 0 })
    }

    fn cancel(_: &str, _: &ConnectionId) -> Result<()> {
        Ok(())
    }

    fn classify(error: diesel::result::Error, meta: &'static EntityMeta) -> Error {
        super::violation::classify(error, Self::NAME, |error| classify::database(error, meta))
    }

    fn explain(
        &mut self,
        violation: &mut ConstraintViolation,
        meta: &'static EntityMeta,
        row: Option<&Record>,
    ) {
        // What cannot be read stays unexplained: the violation itself is what matters.
        let _ = explain::explain(self, violation, meta, row);
    }

    fn live_table(&mut self, meta: &EntityMeta) -> QueryResult<Option<LiveTable>> {
        let read: QueryResult<_> = read_live_table!(&mut *self, &live::QUERIES, meta);
        let mut live = read?;
        if let Some(live) = &mut live {
            live::read_collations(self, meta, &mut live.columns);
        }
        Ok(live)
    }

    fn estimate(&mut self, meta: &'static EntityMeta) -> QueryResult<Estimate> {
        estimate::estimate(self, meta)
    }

    fn fits(column: &LiveColumn, storage: Storage) -> bool {
        live::fits(column, storage)
    }

    fn tables(&mut self) -> QueryResult<Vec<String>> {
        read_table_names!(
            self,
            "SELECT name FROM sqlite_schema \
             WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )
    }

    fn migrate(&mut self, migrations: &Migrations, only: Option<&str>) -> Result<Vec<String>> {
        locked(self, |connection| {
            migration::run(connection, migrations, only, SchemaChanges::InTransaction)
        })
    }

    fn revert(&mut self, migrations: &Migrations, only: Option<&str>) -> Result<Option<String>> {
        locked(self, |connection| {
            migration::revert_last(connection, migrations, only, SchemaChanges::InTransaction)
        })
    }

    fn migration_status(&mut self, migrations: &Migrations) -> Result<Vec<MigrationStatus>> {
        let applied = diesel::sql_query("SELECT version FROM __diesel_schema_migrations")
            .load::<Applied>(self)
            .map_err(classify_plain::<Self>);
        let applied = match applied {
            Ok(applied) => applied.into_iter().map(|applied| applied.version).collect(),
            Err(Error::Schema { message }) if message.contains("no such table") => Vec::new(),
            Err(error) => return Err(error),
        };
        migration::status::<Self>(migrations, &applied)
    }

    fn migrations(migrations: &Migrations) -> Option<&EmbeddedMigrations> {
        migrations.sqlite
    }
}

/// Writes an entity's table as SQL has it.
fn table(meta: &EntityMeta) -> String {
    let table = quoted(meta.table_in_schema());
    meta.schema().map_or_else(|| table.clone(), |schema| format!("{}.{table}", quoted(schema)))
}

/// Writes a name as SQL has it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(QueryableByName)]
struct DataVersion {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    data_version: i64,
}

#[derive(QueryableByName)]
struct BusyTimeout {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    timeout: i64,
}

/// Runs migrations while no other connection can: inside a transaction that has the write lock,
/// in which each migration's own transaction is a savepoint.
fn locked<T>(
    connection: &mut SqliteConnection,
    run: impl FnOnce(&mut SqliteConnection) -> Result<T>,
) -> Result<T> {
    let before = diesel::sql_query("PRAGMA busy_timeout")
        .get_result::<BusyTimeout>(connection)
        .map_or(i64::default(), |setting| setting.timeout);
    let wait = |connection: &mut SqliteConnection, milliseconds: &str| {
        connection
            .batch_execute(&format!("PRAGMA busy_timeout = {milliseconds}"))
            .map_err(classify_plain::<SqliteConnection>)
    };
    wait(connection, &MIGRATION_LOCK_TIMEOUT_MS.to_string())?;
    let result = in_transaction(connection, run);
    wait(connection, &before.to_string())?;
    result
}

fn in_transaction<T>(
    connection: &mut SqliteConnection,
    run: impl FnOnce(&mut SqliteConnection) -> Result<T>,
) -> Result<T> {
    connection.begin(Access::Write).map_err(classify_plain::<SqliteConnection>)?;
    let result = run(connection);
    let ended = if result.is_ok() {
        AnsiTransactionManager::commit_transaction(connection)
    } else {
        AnsiTransactionManager::rollback_transaction(connection)
    };
    match (result, ended) {
        (Ok(value), Ok(())) => Ok(value),
        (Ok(_), Err(error)) => Err(classify_commit::<SqliteConnection>(error)),
        (Err(error), _) => Err(error),
    }
}
