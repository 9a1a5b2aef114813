//! Rows as JSON objects, one a line: what most tools that read JSON as a stream take.

use std::io::Write;

use persistence::Value;

use super::columns::ExportColumns;
use super::error::FormatError;
use super::format::Format;
use super::json::Object;

/// Writes an object a line, with values as [JSON](super::json) has them.
pub(super) struct JsonLines<'w> {
    object: Object,
    output: &'w mut (dyn Write + Send),
}

impl<'w> JsonLines<'w> {
    pub(super) fn new(columns: &ExportColumns, output: &'w mut (dyn Write + Send)) -> Self {
        Self { object: Object::new(columns), output }
    }
}

impl Format for JsonLines<'_> {
    fn start(&mut self) -> Result<(), FormatError> {
        Ok(())
    }

    fn row(&mut self, row: &[&Value]) -> Result<(), FormatError> {
        self.object.write(row, &mut self.output)?;
        Ok(self.output.write_all(b"\n")?)
    }

    fn end(&mut self) -> Result<(), FormatError> {
        Ok(self.output.flush()?)
    }
}
