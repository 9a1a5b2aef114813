//! PostgreSQL.

mod cell;
mod classify;
mod estimate;
mod explain;
mod live;
mod plan;

use std::time::Duration;

use bigdecimal::BigDecimal;
use diesel::connection::{
    AnsiTransactionManager, Connection, SimpleConnection, TransactionManager,
};
use diesel::deserialize::{self, FromSql};
use diesel::dsl::sql;
use diesel::pg::{Pg, PgConnection, PgTypeMetadata};
use diesel::prelude::*;
use diesel::query_builder::AstPass;
use diesel::result::{QueryResult, UnexpectedEndOfRow};
use diesel::row::{Field, Row};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{
    BigInt, Binary, Bool, Double, Float, HasSqlType, Integer, Jsonb, Nullable, Numeric, SmallInt,
    Text, Timestamptz, Uuid as UuidType,
};
use diesel_migrations::EmbeddedMigrations;

use super::live::{read_live_table, read_table_names};
use super::migration::{self, MigrationStatus, SchemaChanges};
use super::{
    Access, ColumnText, ConnectionId, Dialect, Engine, EngineKind, Estimate, FoldedPattern,
    InsertStyle, Isolation, ListOf, LiveColumn, LiveTable, Migrations, OpenOptions, PlanStep,
    Verdict, bind, classify_plain, each_host, on_server, server_url,
};
use crate::entity::{EntityMeta, Storage};
use crate::error::{ConstraintViolation, Error, Result};
use crate::filter::TextMatch;
use crate::raw::RawValue;
use crate::sealed::Sealed;
use crate::types::ScaledDecimal;
use crate::value::{Record, Value};

/// Seconds until an attempt to connect is given up, unless the URL says otherwise.
const CONNECT_TIMEOUT: u64 = 10;
/// How long a server may be silent where statements have no limit: dead for sure then.
const SILENCE: Duration = Duration::from_mins(1);
/// A network may need so long for a packet that was lost.
const MIN_SILENCE: Duration = Duration::from_secs(2);
/// What the server's list of connections shows, unless the URL says otherwise.
const APPLICATION_NAME: &str = "bindery";
/// The advisory lock of everybody who runs migrations: the ASCII codes of `bindery`.
const MIGRATION_LOCK: i64 = 0x62_69_6e_64_65_72_79;

/// What tells a server from others that the same URL may lead to.
const SERVER: &str =
    "concat_ws(' ', pg_postmaster_start_time(), inet_server_addr(), inet_server_port())";

impl Sealed for Pg {}

impl Dialect for Pg {
    type Timestamp = diesel::sql_types::Timestamp;
    type Text = ColumnText;
    const WRITTEN_TEXT: [&'static str; 2] = ["CAST(", " AS TEXT)"];

    const NULL_SORTS_FIRST: bool = false;
    const WRITES_READ_THEIR_TABLE: bool = true;
    const MAX_BINDS: usize = 65_535;
    const INSERT: InsertStyle = InsertStyle::ManyReturning;
    const HAS_ROW_LOCKS: bool = true;
    const CANCEL_CHECK: Option<&'static str> = None;
    const LAST_INSERT_ID: &'static str = "SELECT lastval(), 1::BIGINT";
    const OVERRIDING: &'static str = " OVERRIDING SYSTEM VALUE";
    // What is counted and what is set are no transaction's: those who set a sequence take turns, lest
    // one sets it back. It is asked where it is by counting on. Where it is far enough, nobody waits.
    const COUNT_ON: Option<[&'static str; 4]> = Some([
        "SELECT CASE WHEN pg_advisory_xact_lock(7091320464047341568 + seqrelid::BIGINT) IS NULL \
         THEN NULL WHEN nextval(sequence) < key THEN setval(sequence, least(key, seqmax)) END \
         FROM (SELECT pg_get_serial_sequence(",
        ", ",
        ")::REGCLASS AS sequence, ",
        "::BIGINT AS key) AS counted JOIN pg_catalog.pg_sequence ON seqrelid = sequence \
         WHERE seqincrement > 0 AND key >= seqmin \
         AND coalesce(pg_sequence_last_value(sequence) < least(key, seqmax), TRUE)",
    ]);
    const QUOTE: &'static str = "\"";
    const LENGTH_IN_CHARACTERS: &'static str = "char_length";
    const LENGTH_IN_BYTES: &'static str = "octet_length";
    const BIG_INT: &'static str = "BIGINT";
    const PLANS_ROWS: bool = true;
    const KEEPS_NAN: bool = true;
    const EXPLAIN: &'static str = "EXPLAIN ";

    fn is_same(storage: Storage) -> [&'static str; 3] {
        match storage {
            // citext and nondeterministic collations find different texts equal. In one array both
            // are of the column's type: char(n) has lost its blanks on both sides then.
            Storage::Text => [
                "(SELECT CAST(pair[1] AS text) COLLATE \"C\" IS NOT DISTINCT FROM \
                 CAST(pair[2] AS text) FROM (SELECT ARRAY[",
                ", ",
                "] AS pair) AS pairs)",
            ],
            // json cannot be compared at all, and to jsonb 1 is 1.0.
            Storage::Json | Storage::Jsonb => {
                ["CAST(", " AS text) COLLATE \"C\" IS NOT DISTINCT FROM CAST(", " AS text)"]
            }
            _ => ["", " IS NOT DISTINCT FROM ", ""],
        }
    }

    fn sum(storage: Storage) -> [&'static str; 2] {
        match storage {
            // Single precision would be added up as such.
            Storage::Float => ["SUM(CAST(", " AS DOUBLE PRECISION))"],
            _ => ["CAST(SUM(", ") AS DOUBLE PRECISION)"],
        }
    }

    fn read_step<'a>(row: &impl Row<'a, Self>) -> deserialize::Result<PlanStep> {
        plan::read_step(row)
    }

    fn planned_rows(lines: &[String]) -> Option<u64> {
        plan::planned_rows(lines)
    }

    fn judge(lines: &[String], table: &str) -> Verdict {
        plan::judge(lines, table)
    }

    const LONGEST_LIST: usize = 10_000;

    fn long_list(of: ListOf) -> [&'static str; 2] {
        macro_rules! rows {
            ($value:literal) => {
                [
                    concat!("SELECT ", $value, " FROM json_array_elements_text(CAST("),
                    " AS JSON)) AS list (value)",
                ]
            };
        }
        match of {
            ListOf::Units => rows!("CAST(replace(value, '.', '') AS BIGINT)"),
            ListOf::Stored(storage) => match storage {
                Storage::Bool => rows!("CAST(value AS BOOLEAN)"),
                Storage::SmallInt | Storage::Integer | Storage::BigInt => {
                    rows!("CAST(value AS BIGINT)")
                }
                Storage::Float => rows!("CAST(value AS REAL)"),
                Storage::Double => rows!("CAST(value AS DOUBLE PRECISION)"),
                Storage::Numeric => rows!("CAST(value AS NUMERIC)"),
                Storage::Text | Storage::Json | Storage::Jsonb => rows!("value"),
                Storage::Date => rows!("CAST(value AS DATE)"),
                Storage::Time => rows!("CAST(value AS TIME)"),
                Storage::Timestamp => rows!("CAST(value AS TIMESTAMP)"),
                Storage::Timestamptz => rows!("CAST(value AS TIMESTAMPTZ)"),
                Storage::Binary => rows!("decode(replace(value, '-', ''), 'hex')"),
                Storage::Uuid => rows!("CAST(value AS UUID)"),
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
            (Value::Raw(raw), storage) => bind_raw(out, raw, storage),
            (Value::Uuid(value), Storage::Uuid) => out.push_bind_param::<UuidType, _>(value),
            (Value::Json(value), Storage::Jsonb) => out.push_bind_param::<Jsonb, _>(value),
            (Value::Timestamp(value), Storage::Timestamptz) => {
                out.push_bind_param::<Timestamptz, _>(value)
            }
            (Value::Null, Storage::Uuid) => {
                out.push_bind_param::<Nullable<UuidType>, Option<uuid::Uuid>>(&None)
            }
            (Value::Null, Storage::Jsonb) => {
                out.push_bind_param::<Nullable<Jsonb>, Option<serde_json::Value>>(&None)
            }
            (Value::Null, Storage::Timestamptz) => {
                out.push_bind_param::<Nullable<Timestamptz>, Option<chrono::NaiveDateTime>>(&None)
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
        // The columns are declared COLLATE "C", whose upper() knows ASCII only; ICU's root
        // collation has Unicode's full mapping, as Rust's to_uppercase. The server's Unicode may
        // be older: so that a new letter is found at least as it is written, the server folds the
        // pattern, too; once, in a subquery, and not for every row.
        out.push_sql("upper(");
        out.push_identifier(table)?;
        out.push_sql(".");
        out.push_identifier(column)?;
        out.push_sql(" COLLATE \"und-x-icu\") COLLATE \"C\" LIKE (SELECT upper(");
        out.push_bind_param::<Text, str>(&folded.unfolded_like)?;
        out.push_sql(" COLLATE \"und-x-icu\")) ESCAPE '!'");
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

/// Binds a stored value as it is written, for the server to read as the column's type.
fn bind_raw<'b>(
    mut out: AstPass<'_, 'b, Pg>,
    raw: &'b RawValue,
    storage: Storage,
) -> QueryResult<()> {
    let cast_to = match (raw, storage) {
        (RawValue::Integer(integer), _) => return out.push_bind_param::<BigInt, _>(integer),
        (RawValue::Float(float), _) => return out.push_bind_param::<Double, _>(float),
        (RawValue::Bytes(bytes) | RawValue::NonUtf8(bytes), _) => {
            return out.push_bind_param::<Binary, [u8]>(bytes.as_slice());
        }
        (RawValue::Number(_), _) | (_, Storage::Numeric) => "NUMERIC",
        (_, Storage::Date) => "DATE",
        (_, Storage::Time) => "TIME",
        (_, Storage::Timestamp) => "TIMESTAMP",
        (_, Storage::Timestamptz) => "TIMESTAMPTZ",
        (_, Storage::Uuid) => "UUID",
        (_, Storage::Jsonb) => "JSONB",
        _ => "TEXT",
    };
    let (RawValue::Text(text) | RawValue::Number(text)) = raw else { return Ok(()) };
    out.push_sql("CAST(");
    out.push_bind_param::<Text, str>(text)?;
    out.push_sql(" AS ");
    out.push_sql(cast_to);
    out.push_sql(")");
    Ok(())
}

impl HasSqlType<ColumnText> for Pg {
    fn metadata(_: &mut Self::MetadataLookup) -> PgTypeMetadata {
        // No type: the server takes that of what the text stands beside.
        PgTypeMetadata::new(0, 0)
    }
}

impl Sealed for PgConnection {}

impl Engine for PgConnection {
    const NAME: &'static str = "PostgreSQL";
    const ERRORS_SPOIL_TRANSACTION: bool = true;

    fn open(url: &str, options: &OpenOptions) -> Result<Self> {
        EngineKind::Postgres.expect(url)?;
        server_url::check(url)?;
        let unavailable = |message: &str| Error::Unavailable {
            target: super::redact_url(url),
            message: super::redact_message(message.trim(), url),
        };
        let mut connection = Self::establish(&with_defaults(url, options)).map_err(|error| {
            let message = error.to_string();
            // With several hosts each has its own reason.
            let reason = if each_host(url).len() == 1 {
                classify::reason(&message).to_owned()
            } else {
                message
                    .lines()
                    .filter(|line| !line.starts_with('\t'))
                    .collect::<Vec<_>>()
                    .join("; ")
            };
            unavailable(&reason)
        })?;
        let mut settings = String::from("SET TIME ZONE 'UTC'");
        if options.read_only {
            settings.push_str("; SET default_transaction_read_only = on");
        }
        if let Some(timeout) = options.lock_timeout {
            settings.push_str(&format!("; SET lock_timeout = {}", timeout.as_millis()));
        }
        if let Some(timeout) = options.statement_timeout {
            settings.push_str(&format!("; {}", statement_timeout(Some(timeout))));
        }
        connection.batch_execute(&settings).map_err(|error| unavailable(&error.to_string()))?;
        Ok(connection)
    }

    fn begin(&mut self, _: Access) -> QueryResult<()> {
        AnsiTransactionManager::begin_transaction(self)
    }

    fn begin_isolated(&mut self, access: Access, isolation: Option<Isolation>) -> QueryResult<()> {
        let Some(isolation) = isolation else { return self.begin(access) };
        let sql = format!("BEGIN ISOLATION LEVEL {}", isolation.sql());
        AnsiTransactionManager::begin_transaction_sql(self, &sql)
    }

    fn limit_statements(&mut self, timeout: Option<Duration>) -> QueryResult<()> {
        self.batch_execute(&statement_timeout(timeout))
    }

    fn lock_for_writing(&mut self, _: &'static EntityMeta) -> QueryResult<()> {
        Ok(())
    }

    fn accepts_writes(&mut self) -> QueryResult<bool> {
        diesel::select(sql::<Bool>("current_setting('transaction_read_only') = 'off'"))
            .get_result(self)
    }

    fn connection_id(&mut self) -> QueryResult<ConnectionId> {
        let (server, number) =
            diesel::select((sql::<Text>(SERVER), sql::<BigInt>("pg_backend_pid()::bigint")))
                .get_result(self)?;
        Ok(ConnectionId { server, number })
    }

    fn cancel(url: &str, connection: &ConnectionId) -> Result<()> {
        on_server(url, |other: &mut Self| {
            let server = diesel::select(sql::<Text>(SERVER)).get_result::<String>(other)?;
            if server == connection.server {
                other.batch_execute(&format!("SELECT pg_cancel_backend({})", connection.number))?;
            }
            Ok(server == connection.server)
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
            "SELECT tablename::text AS name FROM pg_catalog.pg_tables \
             WHERE schemaname = ANY (current_schemas(false)) ORDER BY tablename"
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
            migration::run(connection, migrations, only, SchemaChanges::InTransaction)
        })
    }

    fn revert(&mut self, migrations: &Migrations, only: Option<&str>) -> Result<Option<String>> {
        locked(self, |connection| {
            migration::revert_last(connection, migrations, only, SchemaChanges::InTransaction)
        })
    }

    fn migration_status(&mut self, migrations: &Migrations) -> Result<Vec<MigrationStatus>> {
        let exists = diesel::sql_query(
            "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS is_true",
        )
        .get_result::<Truth>(self)
        .map_err(classify_plain::<Self>)?;
        let mut applied = Vec::new();
        if exists.is_true {
            applied = diesel::sql_query("SELECT version FROM __diesel_schema_migrations")
                .load::<Applied>(self)
                .map_err(classify_plain::<Self>)?;
        }
        let applied: Vec<_> = applied.into_iter().map(|applied| applied.version).collect();
        migration::status::<Self>(migrations, &applied)
    }

    fn migrations(migrations: &Migrations) -> Option<&EmbeddedMigrations> {
        migrations.postgres
    }
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(QueryableByName)]
struct Truth {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    is_true: bool,
}

/// Runs migrations under a lock of this session, which the server gives back should it end.
fn locked<T>(
    connection: &mut PgConnection,
    run: impl FnOnce(&mut PgConnection) -> Result<T>,
) -> Result<T> {
    connection
        .batch_execute(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))
        .map_err(classify_plain::<PgConnection>)?;
    let result = run(connection);
    let released = connection
        .batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))
        .map_err(classify_plain::<PgConnection>);
    let value = result?;
    released?;
    Ok(value)
}

fn statement_timeout(timeout: Option<Duration>) -> String {
    // 0 is for ever.
    let milliseconds = timeout.map_or(0, |timeout| timeout.as_millis().max(1));
    format!("SET statement_timeout = {milliseconds}")
}

/// Adds the defaults to a URL for what it does not say itself.
fn with_defaults(url: &str, options: &OpenOptions) -> String {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    // The client library knows the scheme in small letters only.
    let mut url = format!("postgres://{rest}");
    let has_hosts = each_host(&url).len() > 1;
    let mut add = |name: &str, value: &str| {
        if !url.contains(&format!("{name}=")) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{name}={value}"));
        }
    };
    if has_hosts && !options.read_only {
        add("target_session_attrs", "read-write");
    }
    add("connect_timeout", &CONNECT_TIMEOUT.to_string());
    if !rest.contains("application_name=") {
        add("fallback_application_name", APPLICATION_NAME);
    }
    // What was sent has to be acknowledged in the time that a statement may take; where an answer
    // is waited for, the server's machine is asked in between whether it is still there.
    let silence = options.statement_timeout.map_or(SILENCE, |timeout| timeout.max(MIN_SILENCE));
    add("tcp_user_timeout", &silence.as_millis().to_string());
    add("keepalives_idle", &(silence.as_secs() / 2).max(1).to_string());
    add("keepalives_interval", &(silence.as_secs() / 6).max(1).to_string());
    add("keepalives_count", "3");
    url
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{OpenOptions, with_defaults};

    const SILENCE: &str = "tcp_user_timeout=60000&keepalives_idle=30&keepalives_interval=10&\
                           keepalives_count=3";

    #[test]
    fn the_url_gets_only_what_it_does_not_say() {
        assert_eq!(
            with_defaults("postgres://h/d", &OpenOptions::default()),
            format!(
                "postgres://h/d?connect_timeout=10&fallback_application_name=bindery&{SILENCE}"
            )
        );
        assert_eq!(
            with_defaults(
                "POSTGRESQL://h/d?connect_timeout=3&application_name=me",
                &OpenOptions::default()
            ),
            format!("postgres://h/d?connect_timeout=3&application_name=me&{SILENCE}")
        );
    }

    #[test]
    fn a_silent_server_is_given_up_in_the_time_that_a_statement_has() {
        let options = OpenOptions {
            statement_timeout: Some(Duration::from_secs(12)),
            ..OpenOptions::default()
        };
        let url = with_defaults("postgres://h/d?keepalives_count=9", &options);
        let (_, silence) = url.split_once("bindery&").unwrap();
        assert_eq!(silence, "tcp_user_timeout=12000&keepalives_idle=6&keepalives_interval=2");
        let url = with_defaults("postgres://h/d?tcp_user_timeout=7", &options);
        assert!(!url.contains("tcp_user_timeout=12000"), "{url}");
    }

    #[test]
    fn of_several_hosts_the_one_that_takes_writes_is_wanted() {
        let url = "postgres://a,b/d?connect_timeout=1&application_name=me";
        let wanted = format!("{url}&{SILENCE}");
        let wanted = wanted.replace("me&", "me&target_session_attrs=read-write&");
        assert_eq!(with_defaults(url, &OpenOptions::default()), wanted);
        let reading = OpenOptions { read_only: true, ..OpenOptions::default() };
        assert_eq!(with_defaults(url, &reading), format!("{url}&{SILENCE}"));
    }
}
