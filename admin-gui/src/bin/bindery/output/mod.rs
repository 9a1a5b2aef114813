//! Rows as people and programs read them: a table, JSON, CSV.

mod csv;
mod json;
mod shape;
mod table;

use std::io::{self, Write};

use persistence::Value;

pub use csv::write_field;
pub use shape::{Labels, OutputColumn, Shape, label_name};
pub use table::TableWidth;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Columns aligned for the eye; long cells are cut with …, NULL is written NULL
    Table,
    /// An array of objects, keys in column order
    Json,
    /// A header, then a line a row; NULL is an empty field
    Csv,
}

/// Writes rows, one after the other.
pub trait RowWriter {
    /// Writes a row: a value for each of the shape's columns.
    fn write(&mut self, row: &[Value]) -> io::Result<()>;

    /// Writes what comes after the last row.
    fn finish(&mut self) -> io::Result<()>;
}

/// A writer of rows of that shape.
pub fn writer<'w>(
    format: Format,
    columns: Vec<OutputColumn>,
    width: TableWidth,
    output: impl Write + 'w,
) -> Box<dyn RowWriter + 'w> {
    match format {
        Format::Table => Box::new(table::TableWriter::new(columns, width, output)),
        Format::Json => Box::new(json::JsonWriter::new(&columns, output)),
        Format::Csv => Box::new(csv::CsvWriter::new(columns, output)),
    }
}

#[cfg(test)]
pub mod testing {
    //! What the tests of the formats share.

    use super::{Format, OutputColumn, TableWidth, Value, writer};

    /// The rows as that format writes them.
    pub fn written(format: Format, columns: &[(&str, bool)], rows: &[Vec<Value>]) -> String {
        written_to(TableWidth::Unlimited, format, columns, rows)
    }

    /// The rows as that format writes them to a terminal.
    pub fn written_to(
        width: TableWidth,
        format: Format,
        columns: &[(&str, bool)],
        rows: &[Vec<Value>],
    ) -> String {
        let columns = columns
            .iter()
            .map(|&(name, is_number)| OutputColumn {
                name: name.to_owned(),
                is_number,
                is_text: !is_number,
            })
            .collect();
        let mut output = Vec::new();
        let mut writer = writer(format, columns, width, &mut output);
        for row in rows {
            writer.write(row).expect("memory takes everything");
        }
        writer.finish().expect("memory takes everything");
        drop(writer);
        String::from_utf8(output).expect("text")
    }
}
