//! Rows as CSV.

use std::io::{self, Write};

use persistence::Value;

use super::{OutputColumn, RowWriter};

/// Writes a header, then a line a row. NULL is an empty field, the empty text an empty pair of
/// quotes.
pub struct CsvWriter<W> {
    columns: Vec<OutputColumn>,
    has_header: bool,
    output: W,
}

impl<W: Write> CsvWriter<W> {
    pub fn new(columns: Vec<OutputColumn>, output: W) -> Self {
        Self { columns, has_header: false, output }
    }

    fn write_header(&mut self) -> io::Result<()> {
        if !self.has_header {
            self.has_header = true;
            for (position, column) in self.columns.iter().enumerate() {
                separate(&mut self.output, position)?;
                write_field(&mut self.output, &column.name)?;
            }
            self.output.write_all(b"\n")?;
        }
        Ok(())
    }
}

impl<W: Write> RowWriter for CsvWriter<W> {
    fn write(&mut self, row: &[Value]) -> io::Result<()> {
        self.write_header()?;
        for (position, value) in row.iter().enumerate() {
            separate(&mut self.output, position)?;
            match value {
                Value::Null => {}
                Value::Text(text) => write_field(&mut self.output, text)?,
                other => write_field(&mut self.output, &other.to_string())?,
            }
        }
        self.output.write_all(b"\n")
    }

    fn finish(&mut self) -> io::Result<()> {
        self.write_header()?;
        self.output.flush()
    }
}

fn separate(output: &mut impl Write, position: usize) -> io::Result<()> {
    if position > 0 { output.write_all(b",") } else { Ok(()) }
}

/// Quotes what RFC 4180 wants quoted, and what readers may trim or take for NULL.
pub fn write_field(output: &mut impl Write, text: &str) -> io::Result<()> {
    let is_plain = !text.is_empty()
        && !text.contains([',', '"', '\n', '\r'])
        && !text.starts_with(char::is_whitespace)
        && !text.ends_with(char::is_whitespace);
    if is_plain {
        output.write_all(text.as_bytes())
    } else {
        write!(output, "\"{}\"", text.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, testing::written};
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_have_to_be() {
        let row = ["plain", "a,b", "he said \"no\"", "two\nlines", "", " x"].map(Value::from);
        let columns =
            [("a", false), ("b", false), ("c", false), ("d", false), ("e", false), ("f,g", false)];
        assert_eq!(
            written(Format::Csv, &columns, &[row.to_vec(), vec![Value::Null; 6]]),
            "a,b,c,d,e,\"f,g\"\nplain,\"a,b\",\"he said \"\"no\"\"\",\"two\nlines\",\"\",\" x\"\n,,,,,\n"
        );
    }

    #[test]
    fn no_rows_are_a_header() {
        assert_eq!(written(Format::Csv, &[("id", true), ("name", false)], &[]), "id,name\n");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let texts = ["a\r\nb", "\"", ",", "я", "x\"y,z\n", "-1", "=1+1"];
        let rows: Vec<_> =
            texts.iter().map(|text| vec![Value::from(*text), Value::from("")]).collect();
        let text = written(Format::Csv, &[("a", false), ("b", false)], &rows);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let read: Vec<String> =
            reader.records().map(|record| record.expect("sound CSV")[0].to_owned()).collect();
        assert_eq!(read, texts);
    }
}
