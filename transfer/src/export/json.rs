//! Rows as a JSON array of objects.
//!
//! Numbers are numbers; a decimal with more digits than a JSON number keeps is text, as binary
//! (`0x…`) and dates (ISO 8601) are. NULL is `null`, and so are the floating-point numbers that
//! JSON does not have (infinite, not a number).

use std::io::{self, Write};

use persistence::Value;

use super::columns::ExportColumns;
use super::error::FormatError;
use super::format::Format;

/// Writes an array with an object a line, so that it can be read by eye, compared line by line and
/// written without being held in memory.
pub(super) struct Json<'w> {
    object: Object,
    output: &'w mut (dyn Write + Send),
    has_rows: bool,
}

impl<'w> Json<'w> {
    pub(super) fn new(columns: &ExportColumns, output: &'w mut (dyn Write + Send)) -> Self {
        Self { object: Object::new(columns), output, has_rows: false }
    }
}

impl Format for Json<'_> {
    fn start(&mut self) -> Result<(), FormatError> {
        Ok(self.output.write_all(b"[")?)
    }

    fn row(&mut self, row: &[&Value]) -> Result<(), FormatError> {
        let before: &[u8] = if self.has_rows { b",\n  " } else { b"\n  " };
        self.has_rows = true;
        self.output.write_all(before)?;
        Ok(self.object.write(row, &mut self.output)?)
    }

    fn end(&mut self) -> Result<(), FormatError> {
        self.output.write_all(if self.has_rows { b"\n]\n" } else { b"]\n" })?;
        Ok(self.output.flush()?)
    }
}

/// Writes rows as objects on one line, keys in column order.
pub(super) struct Object {
    /// Each key with its quotes, the colon, and what comes before it.
    keys: Vec<String>,
}

impl Object {
    pub(super) fn new(columns: &ExportColumns) -> Self {
        let key = |(place, name): (usize, String)| {
            let comma = if place > 0 { ", " } else { "" };
            format!("{comma}{}: ", serde_json::Value::from(name))
        };
        Self { keys: columns.names().into_iter().enumerate().map(key).collect() }
    }

    pub(super) fn write(&self, row: &[&Value], output: &mut impl Write) -> io::Result<()> {
        output.write_all(b"{")?;
        for (key, value) in self.keys.iter().zip(row) {
            output.write_all(key.as_bytes())?;
            write_value(value, output)?;
        }
        output.write_all(b"}")
    }
}

/// Writes what [`Value::to_json`] says, without the detour for the usual types.
fn write_value(value: &Value, output: &mut impl Write) -> io::Result<()> {
    match value {
        Value::Null => output.write_all(b"null"),
        Value::Bool(_) | Value::Integer(_) => write!(output, "{value}"),
        Value::Text(text) => Ok(serde_json::to_writer(output, text)?),
        // Nothing in these has to be escaped.
        Value::Date(_)
        | Value::Time(_)
        | Value::Timestamp(_)
        | Value::Bytes(_)
        | Value::Uuid(_) => {
            write!(output, "\"{value}\"")
        }
        Value::Json(document) => Ok(serde_json::to_writer(output, document)?),
        Value::Float(_) | Value::Decimal(_) | Value::Raw(_) | Value::Masked => {
            write!(output, "{}", value.to_json())
        }
    }
}
