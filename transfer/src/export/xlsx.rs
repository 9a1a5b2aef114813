//! Rows as a workbook of Excel.
//!
//! Texts are texts, never formulas. Dates and times are Excel's own, shown as ISO 8601 has them, to
//! the millisecond; those before March 1900, which Excel counts wrong or not at all, are texts.
//! Numbers that Excel would round (more than 15 digits) are texts, so that no digit is lost. Binary
//! is `0x…`. NULL and the empty text are both empty cells: Excel's files keep no difference. A text
//! longer than Excel takes is refused rather than cut. Where there are more rows than a sheet
//! takes, they go on on further sheets, each with the header.

use std::io::{self, Write};

use chrono::{NaiveDate, NaiveTime, Timelike as _};
use persistence::{ColumnType, Value};
use rust_xlsxwriter::{Format as CellFormat, Workbook, Worksheet, XlsxError};

use super::caught::caught;
use super::columns::{ExportColumn, ExportColumns};
use super::error::FormatError;
use super::format::{Format, FormatOptions, Header};

/// Rows of a sheet with the header.
const SHEET_ROWS: u32 = 1 << 20;

/// Rows of a sheet below its header.
pub(super) const ROWS_PER_SHEET: u64 = SHEET_ROWS as u64 - 1;

/// Letters of a cell, as UTF-16 has them.
const LONGEST_TEXT: usize = 32_767;

/// Letters of a sheet's name.
const LONGEST_NAME: usize = 31;

/// Digits that a number of Excel keeps.
const DIGITS: i64 = 1_000_000_000_000_000;

/// Days from Excel's day 0 to the first of January 1970.
const EPOCH: i64 = 25_569;

/// The first of March 1900 by Excel's count, which has a 29th of February before it.
const FIRST_DAY: i64 = 61;

/// The last day that Excel knows, of the year 9999.
const LAST_DAY: i64 = 2_958_465;

/// Writes a workbook; it is put together at the end, from a temporary file a sheet.
pub(super) struct Xlsx<'w> {
    workbook: Workbook,
    columns: Vec<Column>,
    header: Header,
    name: String,
    sheets: u32,
    /// Rows that a sheet takes, with the header.
    sheet_rows: u32,
    /// The next row of the last sheet.
    next: u32,
    bold: CellFormat,
    whole_seconds: CellFormat,
    output: &'w mut (dyn Write + Send),
}

struct Column {
    name: String,
    width: f64,
    /// How its numbers are shown, where that is not Excel's usual way.
    format: CellFormat,
}

impl<'w> Xlsx<'w> {
    pub(super) fn new(
        columns: &ExportColumns,
        options: &FormatOptions,
        output: &'w mut (dyn Write + Send),
    ) -> Self {
        let mut workbook = Workbook::new();
        if let Some(folder) = &options.scratch {
            // Fails only for a folder that takes no files, which then fails to take this one, too.
            workbook.set_tempdir(folder).ok();
        }
        let column = |column: ExportColumn| {
            let column_type = columns.stored(column).map_or(ColumnType::Text, |c| c.column_type);
            Column {
                name: columns.name(column),
                width: usual_width(column_type),
                format: CellFormat::new().set_num_format(number_format(column_type)),
            }
        };
        Self {
            columns: columns.iter().map(column).collect(),
            header: options.header,
            name: sheet_name(columns.meta().table),
            sheets: 0,
            sheet_rows: SHEET_ROWS,
            next: 0,
            bold: CellFormat::new().set_bold(),
            whole_seconds: CellFormat::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            workbook,
            output,
        }
    }

    fn begin_sheet(&mut self) -> Result<(), XlsxError> {
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        self.sheets += 1;
        sheet.set_name(match self.sheets {
            1 => self.name.clone(),
            number => numbered(&self.name, number),
        })?;
        for (place, column) in (0..).zip(&self.columns) {
            sheet.set_column_width(place, column.width)?;
        }
        self.next = 0;
        if self.header == Header::Present {
            sheet.set_freeze_panes(1, 0)?;
            for (place, column) in (0..).zip(&self.columns) {
                sheet.write_string_with_format(0, place, &column.name, &self.bold)?;
            }
            self.next = 1;
        }
        Ok(())
    }

    fn write_row(&mut self, row: &[&Value]) -> Result<(), FormatError> {
        if self.next >= self.sheet_rows {
            self.begin_sheet().map_err(error)?;
        }
        let last = usize::try_from(self.sheets.saturating_sub(1)).unwrap_or(usize::MAX);
        let sheet = self.workbook.worksheet_from_index(last).map_err(error)?;
        for ((place, column), value) in (0..).zip(&self.columns).zip(row) {
            let at = Cell { sheet, row: self.next, place };
            at.write(value, &column.format, &self.whole_seconds)?;
        }
        self.next += 1;
        Ok(())
    }
}

impl Format for Xlsx<'_> {
    fn start(&mut self) -> Result<(), FormatError> {
        caught(|| self.begin_sheet().map_err(error))
    }

    fn row(&mut self, row: &[&Value]) -> Result<(), FormatError> {
        caught(|| self.write_row(row))
    }

    fn end(&mut self) -> Result<(), FormatError> {
        caught(|| self.workbook.save_to_writer(&mut self.output).map_err(error))?;
        Ok(self.output.flush()?)
    }
}

/// A cell to be written.
struct Cell<'s> {
    sheet: &'s mut Worksheet,
    row: u32,
    place: u16,
}

impl Cell<'_> {
    fn write(
        self,
        value: &Value,
        format: &CellFormat,
        whole_seconds: &CellFormat,
    ) -> Result<(), FormatError> {
        match value {
            Value::Null => Ok(()),
            Value::Bool(value) => {
                self.sheet.write_boolean(self.row, self.place, *value).map_err(error)?;
                Ok(())
            }
            Value::Integer(value) if value.abs() < DIGITS => self.plain(*value as f64),
            Value::Float(value) if value.is_finite() => self.plain(*value),
            Value::Decimal(value) if value.units.abs() < DIGITS => {
                self.number(value.to_f64(), format)
            }
            Value::Date(date) if is_known(*date) => self.number(day(*date) as f64, format),
            Value::Time(time) => self.number(part_of_day(*time), format),
            Value::Timestamp(moment) if is_known(moment.date()) => {
                let number = day(moment.date()) as f64 + part_of_day(moment.time());
                let is_whole = moment.nanosecond() == 0;
                self.number(number, if is_whole { whole_seconds } else { format })
            }
            Value::Text(text) => self.text(text),
            other => self.text(&other.to_string()),
        }
    }

    fn plain(self, number: f64) -> Result<(), FormatError> {
        self.sheet.write_number(self.row, self.place, number).map_err(error)?;
        Ok(())
    }

    fn number(self, number: f64, format: &CellFormat) -> Result<(), FormatError> {
        let sheet = self.sheet;
        sheet.write_number_with_format(self.row, self.place, number, format).map_err(error)?;
        Ok(())
    }

    fn text(self, text: &str) -> Result<(), FormatError> {
        match self.sheet.write_string(self.row, self.place, text) {
            Ok(_) => Ok(()),
            Err(XlsxError::MaxStringLengthExceeded) => Err(FormatError::Unfit {
                column: usize::from(self.place),
                problem: format!(
                    "a cell of Excel takes {LONGEST_TEXT} characters, this text has {}",
                    text.encode_utf16().count()
                ),
            }),
            Err(other) => Err(error(other)),
        }
    }
}

fn error(error: XlsxError) -> FormatError {
    FormatError::Io(match error {
        XlsxError::IoError(error) | XlsxError::TempFileError(_, error) => error,
        other => io::Error::other(other),
    })
}

/// Returns the day's number by Excel's count.
fn day(date: NaiveDate) -> i64 {
    let epoch = NaiveDate::default();
    date.signed_duration_since(epoch).num_days() + EPOCH
}

fn is_known(date: NaiveDate) -> bool {
    (FIRST_DAY..=LAST_DAY).contains(&day(date))
}

fn part_of_day(time: NaiveTime) -> f64 {
    let seconds = f64::from(time.num_seconds_from_midnight());
    (seconds + f64::from(time.nanosecond()) / 1e9) / 86_400.0
}

fn number_format(column_type: ColumnType) -> String {
    match column_type {
        ColumnType::Date => "yyyy-mm-dd".to_owned(),
        ColumnType::Time => "hh:mm:ss".to_owned(),
        ColumnType::Timestamp => "yyyy-mm-dd hh:mm:ss.000".to_owned(),
        ColumnType::Decimal { scale: 0 } => "0".to_owned(),
        ColumnType::Decimal { scale } => format!("0.{}", "0".repeat(usize::from(scale))),
        _ => "General".to_owned(),
    }
}

/// Returns the usual width of a column, in digits of Excel's usual font.
fn usual_width(column_type: ColumnType) -> f64 {
    match column_type {
        ColumnType::Bool => 8.0,
        ColumnType::Integer { .. } | ColumnType::Float | ColumnType::Decimal { .. } => 11.0,
        ColumnType::Date | ColumnType::Time => 12.0,
        ColumnType::Timestamp => 24.0,
        ColumnType::Uuid => 38.0,
        _ => 28.0,
    }
}

/// Returns a table's name without what Excel does not take in that of a sheet.
fn sheet_name(table: &str) -> String {
    let name: String = table
        .chars()
        .map(|c| if matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\') { '_' } else { c })
        .take(LONGEST_NAME)
        .collect();
    let name = name.trim_matches('\'');
    // Excel keeps "History" for itself.
    match name {
        "" => "rows".to_owned(),
        name if name.eq_ignore_ascii_case("history") => format!("{name}_"),
        name => name.to_owned(),
    }
}

/// Returns the name of a further sheet.
fn numbered(name: &str, number: u32) -> String {
    let ending = format!(" ({number})");
    let kept = name.chars().take(LONGEST_NAME - ending.len());
    kept.collect::<String>() + &ending
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader as _};
    use persistence::Entity as _;

    use super::super::SqlDialect;
    use super::*;

    #[test]
    fn rows_go_on_on_further_sheets_below_the_same_header() {
        let columns = ExportColumns::named(domain::Author::meta(), ["id"]).unwrap();
        let mut output = Vec::new();
        let options = FormatOptions::new(SqlDialect::Sqlite);
        let mut writer = Xlsx { sheet_rows: 3, ..Xlsx::new(&columns, &options, &mut output) };
        writer.start().unwrap();
        for id in 1..=5 {
            writer.row(&[&Value::Integer(id)]).unwrap();
        }
        writer.end().unwrap();
        drop(writer);
        let bytes = std::io::Cursor::new(output);
        let mut workbook: calamine::Xlsx<_> = calamine::open_workbook_from_rs(bytes).unwrap();
        assert_eq!(workbook.sheet_names(), ["authors", "authors (2)", "authors (3)"]);
        let mut cells = |sheet: &str| -> Vec<String> {
            let range = workbook.worksheet_range(sheet).unwrap();
            range.rows().flatten().map(Data::to_string).collect()
        };
        assert_eq!(cells("authors"), ["id", "1", "2"]);
        assert_eq!(cells("authors (2)"), ["id", "3", "4"]);
        assert_eq!(cells("authors (3)"), ["id", "5"]);
    }

    #[test]
    fn days_are_counted_as_excel_does() {
        let date = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        assert_eq!(day(date(1900, 3, 1)), FIRST_DAY);
        assert_eq!(day(date(2026, 11, 21)), 46_347);
        assert_eq!(day(date(9999, 12, 31)), LAST_DAY);
        assert!(!is_known(date(1900, 2, 28)));
        assert!(!is_known(date(10_000, 1, 1)));
    }

    #[test]
    fn names_of_sheets_are_such_as_excel_takes() {
        assert_eq!(sheet_name("books"), "books");
        assert_eq!(sheet_name("a/b:c"), "a_b_c");
        assert_eq!(sheet_name("history"), "history_");
        assert_eq!(numbered(&"x".repeat(31), 12), format!("{} (12)", "x".repeat(26)));
    }
}
