//! Rows as INSERT statements.
//!
//! Each statement inserts some hundred rows, so that a script runs fast and none is too long for a
//! server. A script begins with what settings of the client could change the meaning of, and is one
//! transaction. Values are written as the columns store them: a price kept in cents is cents.
//! Labels of foreign keys, which no table has, are left out. Carriage returns and other characters
//! that clients change or end at are written as what makes them, so that `sqlite3`, `psql` and
//! `mariadb` insert the texts that were there. PostgreSQL hands out keys after the largest that a
//! script has inserted; the other engines do so by themselves.

use std::fmt::{self, Write as _};
use std::io::Write;

use chrono::{Datelike as _, NaiveDate};
use persistence::entity::{Fill, Storage};
use persistence::{ColumnMeta, RawValue, Value};

use super::columns::{ExportColumn, ExportColumns};
use super::error::FormatError;
use super::format::{Format, FormatOptions, Framing};

/// Rows that one statement inserts at most.
const ROWS_PER_STATEMENT: usize = 200;

/// Bytes after which a statement ends: servers take at least a megabyte.
const BYTES_PER_STATEMENT: usize = 256 << 10;

/// Whose SQL it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SqlDialect {
    /// SQLite.
    #[default]
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
}

impl SqlDialect {
    /// Returns the dialect of an engine, by its [name](persistence::Catalog::engine); SQLite's for
    /// what is no database.
    #[must_use]
    pub fn of_engine(name: &str) -> Self {
        match name {
            "PostgreSQL" => Self::Postgres,
            "MySQL" => Self::Mysql,
            _ => Self::Sqlite,
        }
    }

    /// Returns what makes the script mean the same whatever the client's settings are, and begins
    /// its transaction.
    const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN;\n",
            Self::Postgres => "SET client_encoding = 'UTF8';\nBEGIN;\n",
            Self::Mysql => {
                "SET NAMES utf8mb4;\n\
                 SET SESSION time_zone = '+00:00', sql_mode = \
                 CONCAT_WS(',', REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', ''), \
                 'NO_AUTO_VALUE_ON_ZERO');\n\
                 BEGIN;\n"
            }
        }
    }

    /// Returns a statement after which the database counts a key on from where the rows end, if it
    /// counts it.
    ///
    /// It never goes back: the sequence may be further than any row that is left.
    fn count_on(self, table: &str, column: &str) -> Option<String> {
        if self != Self::Postgres {
            return None;
        }
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        Some(format!(
            "SELECT setval(s, greatest(nextval(s), (SELECT max({key}) FROM {table})))\n  \
             FROM (SELECT pg_get_serial_sequence({name}, {column})::regclass AS s) AS counted \
             WHERE s IS NOT NULL;\n",
            key = self.identifier(column),
            name = quoted(table),
            column = quoted(column),
        ))
    }

    /// Returns why a value cannot be written at all: the engine has none such, and another would be
    /// put in its place.
    fn lacks(self, value: &Value) -> Option<String> {
        let Value::Float(number) = value else { return None };
        let is_lacking = match self {
            Self::Sqlite => number.is_nan(),
            Self::Postgres => false,
            Self::Mysql => !number.is_finite(),
        };
        is_lacking.then(|| format!("{self} has no number {number:?}"))
    }

    /// Returns a value of a column as the dialect writes it, wherever that stands.
    pub(super) fn literal(self, column: &ColumnMeta, value: &Value) -> String {
        let stored = column.stored(value);
        let (framing, storage) = (Framing::Bare, column.storage);
        Literal { dialect: self, framing, storage, value: &stored }.to_string()
    }

    /// Returns a name in the dialect's quotes.
    pub(super) fn identifier(self, name: &str) -> String {
        match self {
            Self::Sqlite | Self::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
            Self::Mysql => format!("`{}`", name.replace('`', "``")),
        }
    }
}

impl fmt::Display for SqlDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL",
        })
    }
}

/// Writes INSERT statements.
pub(super) struct Sql<'w> {
    dialect: SqlDialect,
    framing: Framing,
    /// The places of the columns that are inserted, and what the entity says of them.
    columns: Vec<(usize, &'static ColumnMeta)>,
    /// `INSERT INTO … VALUES`.
    opening: String,
    /// What comes after the last row.
    closing: String,
    /// The statement that is being put together.
    statement: String,
    rows: usize,
    output: &'w mut (dyn Write + Send),
}

impl<'w> Sql<'w> {
    pub(super) fn new(
        columns: &ExportColumns,
        options: &FormatOptions,
        output: &'w mut (dyn Write + Send),
    ) -> Self {
        let dialect = options.dialect;
        let stored = columns.iter().enumerate().filter_map(|(place, column)| match column {
            ExportColumn::Own(_) => Some((place, columns.stored(column)?)),
            ExportColumn::Label(_) => None,
        });
        // A database computes again what it computes, and takes it from nobody.
        let stored: Vec<_> = stored.filter(|(_, column)| column.fill != Fill::Computed).collect();
        let names: Vec<_> =
            stored.iter().map(|(_, column)| dialect.identifier(column.name)).collect();
        let meta = columns.meta();
        let mut table = dialect.identifier(meta.table_in_schema());
        if let Some(schema) = meta.schema() {
            table = format!("{}.{table}", dialect.identifier(schema));
        }
        let is_counted_key = |column: &ColumnMeta| {
            column.fill == Fill::Generated && meta.key_columns().any(|key| key.name == column.name)
        };
        let generated = stored.iter().filter(|(_, column)| is_counted_key(column));
        let closing = generated.filter_map(|(_, column)| dialect.count_on(&table, column.name));
        let closing = closing.collect();
        Self {
            dialect,
            framing: options.framing,
            columns: stored,
            opening: format!("INSERT INTO {table} ({}) VALUES\n  (", names.join(", ")),
            closing,
            statement: String::new(),
            rows: 0,
            output,
        }
    }

    fn finish_statement(&mut self) -> Result<(), FormatError> {
        if self.rows > 0 {
            self.statement.push_str(";\n");
            self.output.write_all(self.statement.as_bytes())?;
            self.statement.clear();
            self.rows = 0;
        }
        Ok(())
    }
}

impl Format for Sql<'_> {
    fn start(&mut self) -> Result<(), FormatError> {
        if self.framing == Framing::Script {
            self.output.write_all(self.dialect.begin().as_bytes())?;
        }
        Ok(())
    }

    fn row(&mut self, row: &[&Value]) -> Result<(), FormatError> {
        if self.rows == 0 {
            self.statement.push_str(&self.opening);
        } else {
            self.statement.push_str(",\n  (");
        }
        let mut comma = "";
        for (place, column) in &self.columns {
            self.statement.push_str(comma);
            comma = ", ";
            let value = row.get(*place).copied().unwrap_or(&Value::Null);
            if let Some(problem) = self.dialect.lacks(value) {
                return Err(FormatError::Unfit { column: *place, problem });
            }
            let Self { dialect, framing, .. } = *self;
            let stored = column.stored(value);
            let literal = Literal { dialect, framing, storage: column.storage, value: &stored };
            // Strings take everything.
            write!(self.statement, "{literal}").ok();
        }
        self.statement.push(')');
        self.rows += 1;
        if self.rows >= ROWS_PER_STATEMENT || self.statement.len() >= BYTES_PER_STATEMENT {
            self.finish_statement()?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), FormatError> {
        self.finish_statement()?;
        if self.framing == Framing::Script {
            self.output.write_all(self.closing.as_bytes())?;
            self.output.write_all(b"COMMIT;\n")?;
        }
        Ok(self.output.flush()?)
    }
}

/// A value as a dialect writes it for a column.
struct Literal<'v> {
    dialect: SqlDialect,
    framing: Framing,
    storage: Storage,
    value: &'v Value,
}

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dialect, storage, value, .. } = *self;
        match value {
            Value::Null => f.write_str("NULL"),
            // Nobody is to take it for what is stored.
            Value::Masked => f.write_str("NULL /* masked */"),
            Value::Bool(value) => match (dialect, value) {
                (SqlDialect::Sqlite, value) => write!(f, "{}", u8::from(*value)),
                (_, true) => f.write_str("TRUE"),
                (_, false) => f.write_str("FALSE"),
            },
            // What is raw is written as it is stored: the database reads it as it did before.
            Value::Integer(value) | Value::Raw(RawValue::Integer(value)) => write!(f, "{value}"),
            Value::Float(value) | Value::Raw(RawValue::Float(value)) => self.float(*value, f),
            Value::Decimal(value) => match storage {
                Storage::SmallInt | Storage::Integer | Storage::BigInt => {
                    write!(f, "{}", value.units)
                }
                Storage::Text => self.text(&value.to_string(), f),
                _ => write!(f, "{value}"),
            },
            Value::Text(text) | Value::Raw(RawValue::Text(text)) => self.text(text, f),
            Value::Date(date) => self.date(*date, "", f),
            Value::Time(time) => write!(f, "'{}'", time.format("%H:%M:%S%.f")),
            Value::Timestamp(moment) => {
                // SQLite keeps text: the one that this program writes.
                let time = moment.format(" %H:%M:%S%.f").to_string();
                let zone = if storage == Storage::Timestamptz { "+00" } else { "" };
                self.date(moment.date(), &format!("{time}{zone}"), f)
            }
            Value::Bytes(bytes) | Value::Raw(RawValue::Bytes(bytes)) => self.bytes(bytes, f),
            Value::Uuid(uuid) if storage == Storage::Binary => self.bytes(uuid.as_bytes(), f),
            Value::Uuid(uuid) => write!(f, "'{uuid}'"),
            Value::Raw(RawValue::Number(digits)) => f.write_str(digits),
            Value::Raw(RawValue::NonUtf8(bytes)) => {
                f.write_str("CAST(")?;
                self.bytes(bytes, f)?;
                f.write_str(" AS TEXT)")
            }
            Value::Json(document) => {
                let is_binary = dialect == SqlDialect::Sqlite && storage == Storage::Jsonb;
                let (before, after) = if is_binary { ("jsonb(", ")") } else { ("", "") };
                f.write_str(before)?;
                self.text(&document.to_string(), f)?;
                f.write_str(after)
            }
        }
    }
}

/// Writes a number so that SQLite reads just that one.
///
/// SQLite computes what a decimal means with little more precision than the number has, each version
/// in its own way. Few decimals are safe; of others it takes all 17 digits, or a neighbour may be as
/// near. What is very large or small is read 2^62, 2^124, … times smaller or larger, which products and
/// quotients take back exactly.
fn sqlite_float(value: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const STEP: u64 = 1 << 62;
    let shortest = format!("{value:?}");
    let decimals = shortest.split_once('.').map_or("", |(_, decimals)| decimals);
    if !shortest.contains('e') && decimals.len() <= 4 {
        return f.write_str(&shortest);
    }
    let (mut near, mut steps) = (value, 0);
    while near.abs() > 1e30 {
        near /= STEP as f64;
        steps += 1;
    }
    while near.abs() < 1e-30 {
        near *= STEP as f64;
        steps -= 1;
    }
    write!(f, "{near:.16e}")?;
    let back = if steps > 0 { '*' } else { '/' };
    (0..i32::abs(steps)).try_for_each(|_| write!(f, "{back}{STEP}"))
}

impl Literal<'_> {
    fn float(&self, value: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dialect {
            // Beside others in a statement, what has no cast would become a NUMERIC, which has no
            // negative zero, and infinities only of late.
            SqlDialect::Postgres if value.is_nan() => f.write_str("'NaN'::float8"),
            SqlDialect::Postgres if value == f64::INFINITY => f.write_str("'Infinity'::float8"),
            SqlDialect::Postgres if value == f64::NEG_INFINITY => {
                f.write_str("'-Infinity'::float8")
            }
            SqlDialect::Postgres if value == 0.0 && value.is_sign_negative() => {
                f.write_str("'-0'::float8")
            }
            // Too large for a number, and so infinite.
            SqlDialect::Sqlite if value == f64::INFINITY => f.write_str("9e999"),
            SqlDialect::Sqlite if value == f64::NEG_INFINITY => f.write_str("-9e999"),
            // Without an exponent MySQL would read a decimal, which ends after 65 digits.
            SqlDialect::Mysql => write!(f, "{value:e}"),
            SqlDialect::Sqlite => sqlite_float(value, f),
            SqlDialect::Postgres => write!(f, "{value:?}"),
        }
    }

    /// Writes a date and what comes after it, in quotes.
    fn date(&self, date: NaiveDate, after: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = date.year();
        if self.dialect == SqlDialect::Postgres && !(1..=9999).contains(&year) {
            // ISO 8601 has a year 0 and signs; PostgreSQL has neither.
            let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
            let (month, day) = (date.month(), date.day());
            return write!(f, "'{year:04}-{month:02}-{day:02}{after}{era}'");
        }
        write!(f, "'{date}{after}'")
    }

    fn bytes(&self, bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.dialect {
            // Whatever the server makes of backslashes in plain literals.
            SqlDialect::Postgres => "E'\\\\x",
            SqlDialect::Sqlite | SqlDialect::Mysql => "X'",
        })?;
        bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("'")
    }

    fn text(&self, text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = text.replace('\'', "''");
        match self.dialect {
            SqlDialect::Sqlite if text.contains(CHANGED_BY_CLIENTS) => replaced(&plain, f),
            SqlDialect::Postgres if text.contains(['\\', '\r']) => {
                let escaped = plain.replace('\\', "\\\\").replace('\r', "\\r");
                write!(f, "E'{escaped}'")
            }
            SqlDialect::Mysql if text.contains(['\\', '\0', '\r', '\x1a']) => {
                if self.framing == Framing::Bare {
                    // Whatever the server makes of backslashes, which a script sees to.
                    f.write_str("CONVERT(")?;
                    self.bytes(text.as_bytes(), f)?;
                    return f.write_str(" USING utf8mb4)");
                }
                let escaped = plain.replace('\\', "\\\\").replace('\0', "\\0");
                let escaped = escaped.replace('\r', "\\r").replace('\x1a', "\\Z");
                write!(f, "'{escaped}'")
            }
            _ => write!(f, "'{plain}'"),
        }
    }
}

/// Where a literal would end, and what the `sqlite3` program takes away before a line feed.
const CHANGED_BY_CLIENTS: [char; 2] = ['\0', '\r'];

/// Writes a text of SQLite in which words stand for the characters that would not arrive: neither
/// the database's encoding nor the number of such characters matters, as it would to `CAST` or
/// `||`.
fn replaced(plain: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = plain.to_owned();
    let mut words = Vec::new();
    for (character, name) in CHANGED_BY_CLIENTS.into_iter().zip(["NUL", "CR"]) {
        if text.contains(character) {
            let words_of = |number: u32| format!("[{name}{}]", "+".repeat(number as usize));
            let word =
                (0..=u32::MAX).map(words_of).find(|word| !text.contains(word)).unwrap_or_default();
            text = text.replace(character, &word);
            words.push((word, u32::from(character)));
        }
    }
    words.iter().try_for_each(|_| f.write_str("replace("))?;
    write!(f, "'{text}'")?;
    words.iter().rev().try_for_each(|(word, code)| write!(f, ", '{word}', char({code}))"))
}
