//! Rows as a table for the eye.

use std::io::{self, Write};

use persistence::{ColumnType, Value};
use transfer::export::{ExportColumns, Format, FormatError};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::terminal::visible;

/// How wide a table may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableWidth {
    /// As wide as its cells, each cut at [`WIDEST_CELL`].
    Unlimited,
    /// So many cells of a terminal.
    Cells(usize),
}

/// Rows that decide how wide the columns are; those after them are cut to fit.
const MEASURED_ROWS: usize = 1000;
/// Where a cell is cut when nothing else limits it.
const WIDEST_CELL: usize = 100;
/// Narrower, a column says nothing.
const NARROWEST_COLUMN: usize = 4;
/// Between two columns.
const GAP: &str = "  ";

/// A column of the table.
struct Column {
    /// What stands above it.
    name: String,
    /// Whether it is aligned to the right.
    is_number: bool,
    /// Whether a cut cell still says something: text does, a date does not.
    is_text: bool,
}

/// Writes a header, a rule, and a line a row; columns are as wide as the first rows need, numbers
/// stand on the right.
pub struct TableWriter<W> {
    columns: Vec<Column>,
    width: TableWidth,
    output: W,
    /// Rows that wait for the columns' widths.
    waiting: Vec<Vec<String>>,
    /// The columns' widths, once they are known.
    widths: Option<Vec<usize>>,
}

impl<W: Write> TableWriter<W> {
    pub fn new(columns: &ExportColumns, width: TableWidth, output: W) -> Self {
        let column = |column| {
            let column_type = columns.stored(column).map(|column| column.column_type);
            Column {
                name: columns.name(column),
                is_number: column_type.is_some_and(ColumnType::is_number),
                is_text: column_type.is_none_or(ColumnType::is_text),
            }
        };
        Self {
            columns: columns.iter().map(column).collect(),
            width,
            output,
            waiting: Vec::new(),
            widths: None,
        }
    }

    fn begin(&mut self) -> io::Result<Vec<usize>> {
        if let Some(widths) = &self.widths {
            return Ok(widths.clone());
        }
        let waiting = std::mem::take(&mut self.waiting);
        let names: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        let mut widths: Vec<usize> = names.iter().map(|name| name.width()).collect();
        for row in &waiting {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width()).min(WIDEST_CELL);
            }
        }
        if let TableWidth::Cells(cells) = self.width {
            let is_text: Vec<bool> = self.columns.iter().map(|column| column.is_text).collect();
            fit(&mut widths, &is_text, cells);
        }
        self.widths = Some(widths.clone());
        self.write_line(&names, &widths)?;
        let rules: Vec<String> = widths.iter().map(|&width| "─".repeat(width)).collect();
        self.write_line(&rules, &widths)?;
        for row in &waiting {
            self.write_line(row, &widths)?;
        }
        Ok(widths)
    }

    fn write_line(&mut self, cells: &[String], widths: &[usize]) -> io::Result<()> {
        let mut line = String::new();
        for (position, ((cell, &width), column)) in
            cells.iter().zip(widths).zip(&self.columns).enumerate()
        {
            if position > 0 {
                line.push_str(GAP);
            }
            let cell = cut(cell, width);
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            if column.is_number {
                line.push_str(&padding);
                line.push_str(&cell);
            } else {
                line.push_str(&cell);
                line.push_str(&padding);
            }
        }
        writeln!(self.output, "{}", line.trim_end())
    }
}

impl<W: Write> Format for TableWriter<W> {
    fn start(&mut self) -> Result<(), FormatError> {
        Ok(())
    }

    fn row(&mut self, row: &[&Value]) -> Result<(), FormatError> {
        let cells: Vec<String> = row.iter().copied().map(shown).collect();
        if self.widths.is_none() {
            self.waiting.push(cells);
            if self.waiting.len() >= MEASURED_ROWS {
                self.begin()?;
            }
            return Ok(());
        }
        let widths = self.begin()?;
        Ok(self.write_line(&cells, &widths)?)
    }

    fn end(&mut self) -> Result<(), FormatError> {
        self.begin()?;
        Ok(self.output.flush()?)
    }
}

/// Makes the widest columns narrower until the line fits, if it can: texts first, since a number
/// or a date that is cut says nothing.
fn fit(widths: &mut [usize], is_text: &[bool], cells: usize) {
    let gaps = GAP.len() * widths.len().saturating_sub(1);
    for only_texts in [true, false] {
        while widths.iter().sum::<usize>() + gaps > cells {
            let candidates = widths.iter_mut().zip(is_text);
            let widest = candidates
                .filter(|(_, is_text)| **is_text || !only_texts)
                .map(|(width, _)| width)
                .max()
                .filter(|width| **width > NARROWEST_COLUMN);
            match widest {
                Some(width) => *width -= 1,
                None => break,
            }
        }
    }
}

/// Returns a cell on one line, long ones cut early: a text of 50 MB is not measured whole. What
/// would move the cursor or speak to the terminal is shown as a sign.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Text(text) => {
            let end = text.char_indices().nth(WIDEST_CELL + 1).map_or(text.len(), |(end, _)| end);
            text.get(..end).unwrap_or(text).to_owned()
        }
        other => other.to_string(),
    };
    text.chars().map(visible).collect()
}

/// Returns the text cut to a width, with … where something was cut.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 0;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        cut.push(character);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use domain::Book;
    use persistence::{Entity, ScaledDecimal};

    use super::*;

    /// Writes books with only a key, a title and a price.
    fn written_to(width: TableWidth, rows: &[(i64, &str, Option<i64>)]) -> String {
        let columns = ExportColumns::named(Book::meta(), ["id", "title", "price"]).unwrap();
        let mut output = Vec::new();
        let mut writer = TableWriter::new(&columns, width, &mut output);
        writer.start().unwrap();
        for (id, title, price) in rows {
            let price = price
                .map_or(Value::Null, |units| Value::Decimal(ScaledDecimal { units, scale: 0 }));
            writer.row(&[&Value::Integer(*id), &Value::from(*title), &price]).unwrap();
        }
        writer.end().unwrap();
        drop(writer);
        String::from_utf8(output).unwrap()
    }

    fn lines(rows: &[(i64, &str, Option<i64>)]) -> String {
        written_to(TableWidth::Unlimited, rows)
    }

    #[test]
    fn numbers_stand_right_and_wide_letters_count_twice() {
        assert_eq!(
            lines(&[(7, "Солярис", Some(1961)), (12, "三体", None)]),
            "id  title    price\n\
             ──  ───────  ─────\n \
             7  Солярис   1961\n\
             12  三体      NULL\n"
        );
    }

    #[test]
    fn no_rows_are_a_header() {
        assert_eq!(lines(&[]), "id  title  price\n──  ─────  ─────\n");
    }

    #[test]
    fn a_line_fits_the_terminal_and_the_longest_cells_are_cut() {
        let text = written_to(TableWidth::Cells(30), &[(1, &"x".repeat(500), Some(1961))]);
        assert!(text.lines().all(|line| line.width() <= 30), "{text}");
        assert!(text.contains("xxx…   1961"), "{text}");
    }

    #[test]
    fn texts_are_cut_before_numbers() {
        let mut widths = [10, 20, 12];
        fit(&mut widths, &[false, true, false], 30);
        assert_eq!(widths, [10, 4, 12]);
        fit(&mut widths, &[false, true, false], 20);
        assert_eq!(widths, [6, 4, 6]);
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let text = lines(&[(1, "a\n\u{1b}[31mb\u{9b}", None)]);
        assert!(text.contains("a␊␛[31mb\u{fffd}"), "{text}");
        assert_eq!(text.lines().count(), 3);
    }

    #[test]
    fn rows_after_the_measured_ones_are_cut_to_the_columns() {
        let mut rows = vec![(1, "ab", None); MEASURED_ROWS];
        rows.push((2, "a long title", None));
        let text = lines(&rows);
        assert_eq!(text.lines().last(), Some(" 2  a lo…   NULL"));
    }
}
