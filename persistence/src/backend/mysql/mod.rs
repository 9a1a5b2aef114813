//! MySQL and MariaDB.

mod cell;
mod classify;
mod estimate;
mod explain;
mod live;
mod plan;

use std::sync::mpsc;
use std::time::Duration;

use bigdecimal::BigDecimal;
use diesel::connection::{
    AnsiTransactionManager, Connection, SimpleConnection, TransactionManager,
};
use diesel::deserialize::{self, FromSql};
use diesel::dsl::sql;
use diesel::mysql::{Mysql, MysqlConnection, MysqlType};
use diesel::prelude::*;
use diesel::query_builder::AstPass;
use diesel::result::{QueryResult, UnexpectedEndOfRow};
use diesel::row::{Field, Row};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{
    BigInt, Binary, Bool, Datetime, Double, Float, Integer, Nullable, Numeric, SmallInt, Text,
};
use diesel_migrations::EmbeddedMigrations;

use super::live::{read_live_table, read_table_names};
use super::migration::{self, MigrationStatus, SchemaChanges};
use super::{
    Access, ConnectionId, Dialect, Engine, EngineKind, Estimate, FoldedPattern, InsertStyle,
    Isolation, ListOf, LiveColumn, LiveTable, Migrations, OpenOptions, PlanStep, Verdict, bind,
    classify_plain, each_host, hosts, on_server, server_url,
};
use crate::entity::{EntityMeta, Storage};
use crate::error::{ConstraintViolation, Error, Result, RetryReason};
use crate::filter::TextMatch;
use crate::raw::RawValue;
use crate::sealed::Sealed;
use crate::types::ScaledDecimal;
use crate::value::{Record, Value};

/// How long an attempt to connect may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long migrations wait for those of another process.
const MIGRATION_LOCK_TIMEOUT_S: u64 = 120;
/// Values that do not fit are errors, never cut or turned into zeros; a key of zero is that key, and
/// not the next number.
const SQL_MODE: &str = "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,\
                        ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,\
                        NO_AUTO_VALUE_ON_ZERO";

/// MariaDB sorts by the first 1,024 bytes of a text, and compares all of it: pages would lose rows
/// whose texts begin alike. A sort needs room for some keys at once, or fails: 64 KiB of each is what
/// is still cheap; keys have had only their own length since 10.5.
const SORT_WHOLE_TEXTS: &str =
    " /*M!100502 , max_sort_length = 65536, sort_buffer_size = 8388608 */";

/// What tells a server from others that the same URL may lead to.
const SERVER: &str = "CONCAT(@@hostname, ':', @@port)";

impl Sealed for Mysql {}

impl Dialect for Mysql {
    type Timestamp = diesel::sql_types::Datetime;
    type Text = Text;

    const NULL_SORTS_FIRST: bool = true;
    const WRITES_READ_THEIR_TABLE: bool = false;
    const MAX_BINDS: usize = 65_535;
    const INSERT: InsertStyle = InsertStyle::ManyCounting;
    // An ENUM sorts by the numbers of its values. CONCAT keeps the column's collation.
    const ORDER_OF_ENUM: [&'static str; 2] = ["CONCAT(", ")"];
    const HAS_ROW_LOCKS: bool = true;
    const CANCEL_CHECK: Option<&'static str> = None;
    const LAST_INSERT_ID: &'static str =
        "SELECT CAST(LAST_INSERT_ID() AS SIGNED), CAST(@@auto_increment_increment AS SIGNED)";
    const QUOTE: &'static str = "`";
    const LENGTH_IN_CHARACTERS: &'static str = "CHAR_LENGTH";
    const LENGTH_IN_BYTES: &'static str = "LENGTH";
    const BIG_INT: &'static str = "SIGNED";
    const EXPLAIN: &'static str = "EXPLAIN ";

    fn is_same(storage: Storage) -> [&'static str; 3] {
        match storage {
            // No collation but that of binary strings tells blanks at the end.
            Storage::Text | Storage::Json => {
                ["CAST(CONVERT(", " USING utf8mb4) AS BINARY) <=> CAST(", " AS BINARY)"]
            }
            _ => ["", " <=> ", ""],
        }
    }

    fn sum(_: Storage) -> [&'static str; 2] {
        ["(SUM(", ") + 0e0)"]
    }

    fn read_step<'a>(row: &impl Row<'a, Self>) -> deserialize::Result<PlanStep> {
        plan::read_step(row)
    }

    fn judge(lines: &[String], table: &str) -> Verdict {
        plan::judge(lines, table)
    }

    const LONGEST_LIST: usize = 10_000;

    fn long_list(of: ListOf) -> [&'static str; 2] {
        macro_rules! table {
            ($value:literal, $sql_type:literal) => {
                [
                    concat!("SELECT ", $value, " FROM JSON_TABLE("),
                    concat!(", '$[*]' COLUMNS (value ", $sql_type, " PATH '$')) AS list"),
                ]
            };
        }
        match of {
            ListOf::Units => table!("CAST(REPLACE(value, '.', '') AS SIGNED)", "VARCHAR(40)"),
            ListOf::Stored(storage) => match storage {
                Storage::Bool | Storage::SmallInt | Storage::Integer | Storage::BigInt => {
                    table!("value", "BIGINT")
                }
                Storage::Float => table!("value", "FLOAT"),
                Storage::Double => table!("value", "DOUBLE"),
                Storage::Numeric => table!("value", "DECIMAL(65, 20)"),
                Storage::Date => table!("value", "DATE"),
                Storage::Time => table!("value", "TIME(6)"),
                Storage::Timestamp | Storage::Timestamptz => table!("value", "DATETIME(6)"),
                Storage::Binary => table!("UNHEX(REPLACE(value, '-', ''))", "LONGTEXT"),
                Storage::Text | Storage::Json | Storage::Jsonb | Storage::Uuid => {
                    table!("value", "LONGTEXT COLLATE utf8mb4_bin")
                }
            },
        }
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
            (Value::Timestamp(value), Storage::Timestamp) => {
                out.push_bind_param::<Datetime, _>(value)
            }
            (Value::Raw(RawValue::Integer(integer)), _) => {
                out.push_bind_param::<BigInt, _>(integer)
            }
            (Value::Raw(RawValue::Float(float)), _) => out.push_bind_param::<Double, _>(float),
            (Value::Raw(RawValue::Bytes(bytes) | RawValue::NonUtf8(bytes)), _) => {
                out.push_bind_param::<Binary, [u8]>(bytes.as_slice())
            }
            (Value::Raw(RawValue::Text(text)), _) => out.push_bind_param::<Text, str>(text),
            (Value::Raw(RawValue::Number(digits)), _) => {
                out.push_sql("CAST(");
                out.push_bind_param::<Text, str>(digits)?;
                out.push_sql(" AS DECIMAL(65, 30))");
                Ok(())
            }
            _ => bind::bind(out, value, storage),
        }
    }

    fn text_match<'b>(
        mut out: AstPass<'_, 'b, Self>,
        table: &str,
        column: &str,
        _: TextMatch,
        folded: &'b FoldedPattern,
    ) -> QueryResult<()> {
        // MySQL's own uppercase on both sides, since it knows fewer letters than Unicode: what it
        // does not know is found as it is written. The collation is the one with the most letters
        // that every MySQL and MariaDB has; comparing is then by code point.
        let fold = |out: &mut AstPass<'_, 'b, Self>, end| {
            out.push_sql(" COLLATE utf8mb4_unicode_520_ci) COLLATE utf8mb4_bin, 'ß', 'SS')");
            out.push_sql(end);
        };
        out.push_sql("REPLACE(UPPER(");
        out.push_identifier(table)?;
        out.push_sql(".");
        out.push_identifier(column)?;
        fold(&mut out, " LIKE REPLACE(UPPER(");
        out.push_bind_param::<Text, str>(&folded.unfolded_like)?;
        fold(&mut out, " ESCAPE '!'");
        Ok(())
    }

    fn read_big_int<'a>(row: &impl Row<'a, Self>, position: usize) -> deserialize::Result<i64> {
        let field = row.get(position).ok_or_else(|| Box::new(UnexpectedEndOfRow))?;
        FromSql::<BigInt, Self>::from_nullable_sql(field.value())
    }

    fn read_double<'a>(
        row: &impl Row<'a, Self>,
        position: usize,
    ) -> deserialize::Result<Option<f64>> {
        let field = row.get(position).ok_or_else(|| Box::new(UnexpectedEndOfRow))?;
        FromSql::<Nullable<Double>, Self>::from_nullable_sql(field.value())
    }

    fn holds(cell: &mut Self::RawValue<'_>, storage: Storage) -> bool {
        cell::holds(cell, storage)
    }

    fn read_value(cell: Self::RawValue<'_>, storage: Storage) -> Value {
        cell::read(&cell, storage)
    }

    fn sorts_otherwise<'a>(row: &impl Row<'a, Self>, position: usize) -> bool {
        let field = row.get(position);
        let value = field.as_ref().and_then(Field::value);
        value.is_some_and(|value| matches!(value.value_type(), MysqlType::Enum | MysqlType::Set))
    }

    fn write_big_int(value: i64, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        ToSql::<BigInt, Self>::to_sql(&value, &mut out.reborrow())
    }

    fn write_integer(value: i32, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        ToSql::<Integer, Self>::to_sql(&value, &mut out.reborrow())
    }

    fn write_small_int(value: i16, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        ToSql::<SmallInt, Self>::to_sql(&value, &mut out.reborrow())
    }

    fn write_float(value: f32, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        ToSql::<Float, Self>::to_sql(&value, &mut out.reborrow())
    }

    fn write_double(value: f64, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        ToSql::<Double, Self>::to_sql(&value, &mut out.reborrow())
    }

    fn write_text(value: String, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        ToSql::<Text, Self>::to_sql(&value, &mut out.reborrow())
    }

    fn write_numeric(value: ScaledDecimal, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        let decimal = BigDecimal::new(value.units.into(), value.scale.into());
        ToSql::<Numeric, Self>::to_sql(&decimal, &mut out.reborrow())
    }
}

impl Sealed for MysqlConnection {}

impl Engine for MysqlConnection {
    const NAME: &'static str = "MySQL";
    const ERRORS_SPOIL_TRANSACTION: bool = false;

    fn open(url: &str, options: &OpenOptions) -> Result<Self> {
        EngineKind::Mysql.expect(url)?;
        server_url::check(url)?;
        let unavailable = |message: &str| Error::Unavailable {
            target: super::redact_url(url),
            message: super::redact_message(message.trim(), url),
        };
        let mut connection =
            connect_to_one(url, options).map_err(|message| unavailable(&message))?;
        let mut settings = format!(
            "SET NAMES utf8mb4 COLLATE utf8mb4_bin; SET SESSION sql_mode = '{SQL_MODE}', \
             time_zone = '+00:00', lc_messages = 'en_US'"
        );
        settings.push_str(SORT_WHOLE_TEXTS);
        if let Some(timeout) = options.lock_timeout {
            let seconds = timeout.as_secs().max(1);
            settings.push_str(&format!(
                ", innodb_lock_wait_timeout = {seconds}, lock_wait_timeout = {seconds}"
            ));
        }
        if let Some(timeout) = options.statement_timeout {
            settings.push_str(&format!("; {}", statement_timeout(Some(timeout))));
        }
        if options.read_only {
            settings.push_str("; SET SESSION TRANSACTION READ ONLY");
        }
        connection.batch_execute(&settings).map_err(|error| unavailable(&error.to_string()))?;
        Ok(connection)
    }

    fn begin(&mut self, _: Access) -> QueryResult<()> {
        AnsiTransactionManager::begin_transaction(self)
    }

    fn begin_isolated(&mut self, access: Access, isolation: Option<Isolation>) -> QueryResult<()> {
        let Some(isolation) = isolation else { return self.begin(access) };
        // Counts for the next transaction only.
        let sql = format!("SET TRANSACTION ISOLATION LEVEL {}; BEGIN", isolation.sql());
        AnsiTransactionManager::begin_transaction_sql(self, &sql)
    }

    fn limit_statements(&mut self, timeout: Option<Duration>) -> QueryResult<()> {
        self.batch_execute(&statement_timeout(timeout))
    }

    fn lock_for_writing(&mut self, _: &'static EntityMeta) -> QueryResult<()> {
        Ok(())
    }

    fn accepts_writes(&mut self) -> QueryResult<bool> {
        // A number or a word, as the server's version has it.
        diesel::select(sql::<Bool>("@@global.read_only IN ('0', 'OFF')")).get_result(self)
    }

    fn longest_statement(&mut self) -> QueryResult<Option<usize>> {
        let bytes = sql::<BigInt>("CAST(@@max_allowed_packet AS SIGNED)");
        let bytes = diesel::select(bytes).get_result::<i64>(self)?;
        Ok(usize::try_from(bytes).ok())
    }

    fn connection_id(&mut self) -> QueryResult<ConnectionId> {
        let number = sql::<BigInt>("CAST(CONNECTION_ID() AS SIGNED)");
        let (server, number) = diesel::select((sql::<Text>(SERVER), number)).get_result(self)?;
        Ok(ConnectionId { server, number })
    }

    fn cancel(url: &str, connection: &ConnectionId) -> Result<()> {
        on_server(url, |other: &mut Self| {
            let server = diesel::select(sql::<Text>(SERVER)).get_result::<String>(other)?;
            if server != connection.server {
                return Ok(false);
            }
            match other.batch_execute(&format!("KILL QUERY {}", connection.number)) {
                // The connection is gone already, and its statement with it.
                Err(error) if error.to_string().contains("Unknown thread id") => Ok(true),
                told => told.map(|()| true),
            }
        })
    }

    fn classify(error: diesel::result::Error, meta: &'static EntityMeta) -> Error {
        super::violation::classify(error, Self::NAME, |error| classify::database(error, meta))
    }

    fn explain(
        &mut self,
        violation: &mut ConstraintViolation,
        meta: &'static EntityMeta,
        _: Option<&Record>,
    ) {
        // What cannot be read stays unexplained: the violation itself is what matters.
        let _ = explain::explain(self, violation, meta);
    }

    fn live_table(&mut self, meta: &EntityMeta) -> QueryResult<Option<LiveTable>> {
        read_live_table!(self, &live::QUERIES, meta)
    }

    fn tables(&mut self) -> QueryResult<Vec<String>> {
        read_table_names!(
            self,
            "SELECT CAST(table_name AS CHAR) AS name FROM information_schema.tables \
             WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name"
        )
    }

    fn estimate(&mut self, meta: &'static EntityMeta) -> QueryResult<Estimate> {
        estimate::estimate(self, meta)
    }

    fn fits(column: &LiveColumn, storage: Storage) -> bool {
        live::fits(column, storage)
    }

    fn migrate(&mut self, migrations: &Migrations, only: Option<&str>) -> Result<Vec<String>> {
        locked(self, |connection| {
            migration::run(connection, migrations, only, SchemaChanges::AtOnce)
        })
    }

    fn revert(&mut self, migrations: &Migrations, only: Option<&str>) -> Result<Option<String>> {
        locked(self, |connection| {
            migration::revert_last(connection, migrations, only, SchemaChanges::AtOnce)
        })
    }

    fn migration_status(&mut self, migrations: &Migrations) -> Result<Vec<MigrationStatus>> {
        let applied = diesel::sql_query("SELECT version FROM __diesel_schema_migrations")
            .load::<Applied>(self)
            .map_err(classify_plain::<Self>);
        let applied = match applied {
            Ok(applied) => applied.into_iter().map(|applied| applied.version).collect(),
            Err(Error::Schema { message }) if message.contains("doesn't exist") => Vec::new(),
            Err(error) => return Err(error),
        };
        migration::status::<Self>(migrations, &applied)
    }

    fn migrations(migrations: &Migrations) -> Option<&EmbeddedMigrations> {
        migrations.mysql
    }
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Nullable<BigInt>)]
    is_locked: Option<i64>,
}

/// Connects to the first host of the URL that answers and takes writes, where these are wanted.
fn connect_to_one(
    url: &str,
    options: &OpenOptions,
) -> std::result::Result<MysqlConnection, String> {
    let hosts = each_host(url);
    if hosts.len() == 1 {
        return connect(url);
    }
    let mut reasons = Vec::new();
    for host in &hosts {
        let connected = connect(host).and_then(|mut connection| {
            let is_wanted = options.read_only
                || connection.accepts_writes().map_err(|error| error.to_string())?;
            is_wanted.then_some(connection).ok_or_else(|| "is read-only".to_owned())
        });
        match connected {
            Ok(connection) => return Ok(connection),
            Err(reason) => reasons.push(format!("{}: {reason}", hosts::host(host))),
        }
    }
    Err(reasons.join("; "))
}

/// Returns the statement that limits how long statements may run: MariaDB and MySQL each have a
/// setting of their own, and pass over the other's comment; MySQL's is about SELECT only.
fn statement_timeout(timeout: Option<Duration>) -> String {
    // 0 is for ever.
    let timeout = timeout.map_or(Duration::ZERO, |timeout| timeout.max(Duration::from_millis(1)));
    format!(
        "SET SESSION /*M!100100 max_statement_time = {} */ /*!80000 max_execution_time = {} */",
        timeout.as_secs_f64(),
        timeout.as_millis()
    )
}

/// Connects in a thread of its own: the client library waits as long as the network does, and
/// Diesel has no way to tell it otherwise.
fn connect(url: &str) -> std::result::Result<MysqlConnection, String> {
    let url = match url.split_once("://") {
        Some((_, rest)) => format!("mysql://{rest}"),
        None => url.to_owned(),
    };
    let (sender, receiver) = mpsc::sync_channel(1);
    std::thread::Builder::new()
        .name("mysql-connect".to_owned())
        .spawn(move || {
            let connection = MysqlConnection::establish(&url).map_err(|error| error.to_string());
            // Nobody listens any more once the time is over.
            let _ = sender.send(connection);
        })
        .map_err(|error| error.to_string())?;
    receiver
        .recv_timeout(CONNECT_TIMEOUT)
        .unwrap_or_else(|_| Err(format!("no answer within {} s", CONNECT_TIMEOUT.as_secs())))
}

/// Runs migrations under a lock of this connection and database, which the server gives back
/// should it end.
fn locked<T>(
    connection: &mut MysqlConnection,
    run: impl FnOnce(&mut MysqlConnection) -> Result<T>,
) -> Result<T> {
    const NAME: &str = "LEFT(CONCAT('bindery ', COALESCE(DATABASE(), '')), 64)";
    let lock = diesel::sql_query(format!(
        "SELECT GET_LOCK({NAME}, {MIGRATION_LOCK_TIMEOUT_S}) AS is_locked"
    ))
    .get_result::<Locked>(connection)
    .map_err(classify_plain::<MysqlConnection>)?;
    if lock.is_locked != Some(1) {
        return Err(Error::Retryable {
            reason: RetryReason::Busy,
            message: "another process is running migrations".to_owned(),
        });
    }
    let result = run(connection);
    let released = diesel::sql_query(format!("SELECT RELEASE_LOCK({NAME}) AS is_locked"))
        .get_result::<Locked>(connection)
        .map_err(classify_plain::<MysqlConnection>);
    let value = result?;
    released?;
    Ok(value)
}
