//! Rows as a JSON array of objects.

use std::io::{self, Write};

use persistence::Value;

use super::{OutputColumn, RowWriter};

/// Writes an array with an object a line, so that it can be read by eye, compared line by line and
/// written without being held in memory.
pub struct JsonWriter<W> {
    /// Each key with its quotes.
    keys: Vec<String>,
    output: W,
    rows: u64,
}

impl<W: Write> JsonWriter<W> {
    pub fn new(columns: &[OutputColumn], output: W) -> Self {
        let key = |column: &OutputColumn| serde_json::Value::from(column.name.as_str()).to_string();
        Self { keys: columns.iter().map(key).collect(), output, rows: 0 }
    }
}

impl<W: Write> RowWriter for JsonWriter<W> {
    fn write(&mut self, row: &[Value]) -> io::Result<()> {
        self.output.write_all(if self.rows == 0 { b"[\n  {" } else { b",\n  {" })?;
        self.rows += 1;
        for (position, (key, value)) in self.keys.iter().zip(row).enumerate() {
            let comma = if position > 0 { ", " } else { "" };
            write!(self.output, "{comma}{key}: {}", value.to_json())?;
        }
        self.output.write_all(b"}")
    }

    fn finish(&mut self) -> io::Result<()> {
        self.output.write_all(if self.rows == 0 { b"[]\n" } else { b"\n]\n" })?;
        self.output.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, testing::written};
    use super::*;
    use persistence::ScaledDecimal;

    #[test]
    fn an_object_keeps_the_order_of_the_columns_and_the_types_of_its_values() {
        let date = chrono::NaiveDate::from_ymd_opt(1967, 1, 2).expect("a date");
        let row = vec![
            Value::Integer(7),
            Value::from("Мастер \"и\" Маргарита\n"),
            Value::Date(date),
            Value::Decimal(ScaledDecimal { units: 1299, scale: 2 }),
            Value::Bool(true),
            Value::Null,
        ];
        let columns = [
            ("id", true),
            ("title", false),
            ("on", false),
            ("price", true),
            ("in", false),
            ("a", false),
        ];
        assert_eq!(
            written(Format::Json, &columns, &[row]),
            "[\n  {\"id\": 7, \"title\": \"Мастер \\\"и\\\" Маргарита\\n\", \"on\": \"1967-01-02\", \
             \"price\": 12.99, \"in\": true, \"a\": null}\n]\n"
        );
    }

    #[test]
    fn any_number_of_rows_is_one_valid_array() {
        for count in 0..4_i64 {
            let rows: Vec<_> = (0..count).map(|id| vec![Value::Integer(id)]).collect();
            let text = written(Format::Json, &[("id", true)], &rows);
            let parsed: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
            assert_eq!(parsed.len(), rows.len());
        }
    }
}
