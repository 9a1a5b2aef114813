//! Rows of a sheet of a workbook.
//!
//! A thread of its own unpacks the sheet, no further ahead than a thousand rows, so that memory does not grow with
//! these; what does is what the workbook has in its table of texts.

use std::io::{self, Cursor, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use calamine::{Cell, DataRef, ExcelDateTime, Reader as _, Xlsx, XlsxError};

use super::Form;
use crate::csv_records::{BrokenLine, Fault, HeaderError, Record, written};

/// Rows that are unpacked and not yet asked for.
const ROWS_AHEAD: usize = 1_000;

/// A row of a sheet: its number from 1, and what stands in its cells, by their columns.
type Row = (u64, Vec<(u32, Content)>);

/// What stands in a cell, or the error that a formula failed with.
type Content = Result<(String, Form), String>;

/// The rows of a sheet below the first that has anything in it, which is the header.
#[derive(Debug)]
pub(super) struct SheetRows {
    rows: Receiver<io::Result<Row>>,
    header: Vec<String>,
    /// The column that the header begins in.
    first: u32,
    sheets: Vec<String>,
}

impl SheetRows {
    pub(super) fn new(mut reader: impl Read, sheet: Option<&str>) -> Result<Self, HeaderError> {
        let mut packed = Vec::new();
        reader.read_to_end(&mut packed)?;
        let unreadable = |error: XlsxError| HeaderError::Workbook { problem: error.to_string() };
        let workbook = Xlsx::new(Cursor::new(packed)).map_err(unreadable)?;
        let sheets = workbook.sheet_names();
        let found = match sheet {
            Some(sheet) => sheets.iter().find(|name| name.as_str() == sheet),
            None => sheets.first(),
        };
        let Some(found) = found.cloned() else {
            let name = sheet.unwrap_or_default().to_owned();
            return Err(HeaderError::NoSheet { name, sheets });
        };
        let (sender, rows) = sync_channel(ROWS_AHEAD);
        thread::Builder::new()
            .name("workbook".to_owned())
            .spawn(move || unpack(workbook, &found, &sender))?;
        let mut rows = Self { rows, header: Vec::new(), first: 0, sheets };
        let Ok(header) = rows.rows.recv() else { return Err(HeaderError::Empty) };
        let (_, cells) = header?;
        let (first, last) = match (cells.first(), cells.last()) {
            (Some((first, _)), Some((last, _))) => (*first, *last),
            _ => return Err(HeaderError::Empty),
        };
        rows.first = first;
        let mut header = vec![String::new(); (last - first) as usize + 1];
        for (column, content) in cells {
            let name = header.get_mut((column - first) as usize);
            if let (Some(name), Ok((text, _))) = (name, content) {
                text.trim().clone_into(name);
            }
        }
        rows.header = header;
        Ok(rows)
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    pub(super) fn sheets(&self) -> &[String] {
        &self.sheets
    }

    pub(super) fn next(&self) -> Option<io::Result<Result<Record, BrokenLine>>> {
        let row = self.rows.recv().ok()?;
        Some(row.map(|(line, cells)| self.record(line, cells)))
    }

    fn record(&self, line: u64, cells: Vec<(u32, Content)>) -> Result<Record, BrokenLine> {
        let expected = self.header.len();
        let mut fields = vec![String::new(); expected];
        let mut forms = vec![Form::Null; expected];
        let mut fault = None;
        let mut beside = 0;
        for (column, content) in cells {
            let place = column.checked_sub(self.first).map(|place| place as usize);
            let place = place.filter(|place| *place < expected);
            let (text, form) = content.unwrap_or_else(|error| {
                let cell = format!("{}{line}", letters(column));
                fault.get_or_insert(Fault::ErrorCell { cell, error: error.clone() });
                (error, Form::Bare)
            });
            match place.and_then(|it| Some((fields.get_mut(it)?, forms.get_mut(it)?))) {
                Some((field, place)) => (*field, *place) = (text, form),
                None => beside += 1,
            }
        }
        if beside > 0 {
            fault.get_or_insert(Fault::FieldCount { expected, found: expected + beside });
        }
        let record = Record { line, fields, forms };
        match fault {
            None => Ok(record),
            Some(fault) => Err(BrokenLine { line, fault, text: written(record.iter()) }),
        }
    }
}

/// Sends the rows in which anything stands, until nobody wants more.
fn unpack(mut workbook: Xlsx<Cursor<Vec<u8>>>, sheet: &str, rows: &SyncSender<io::Result<Row>>) {
    let failed = |error: XlsxError| {
        let error = format!("the sheet cannot be read any further: {error}");
        // Whoever has gone away wants no error.
        rows.send(Err(io::Error::new(io::ErrorKind::InvalidData, error))).ok();
    };
    let mut cells = match workbook.worksheet_cells_reader(sheet) {
        Ok(cells) => cells,
        Err(error) => return failed(error),
    };
    let mut row: Row = (0, Vec::new());
    loop {
        let cell = match cells.next_cell() {
            Ok(Some(cell)) => cell,
            Ok(None) => break,
            Err(error) => return failed(error),
        };
        let (line, column) = cell.get_position();
        let line = u64::from(line) + 1;
        if line != row.0 {
            let whole = std::mem::replace(&mut row, (line, Vec::new()));
            if !whole.1.is_empty() && rows.send(Ok(whole)).is_err() {
                return;
            }
        }
        if let Some(content) = content_of(&cell) {
            row.1.push((column, content));
        }
    }
    if !row.1.is_empty() {
        rows.send(Ok(row)).ok();
    }
}

/// Returns what stands in a cell; nothing of an empty one.
fn content_of(cell: &Cell<DataRef<'_>>) -> Option<Content> {
    let exact = |text| Some(Ok((text, Form::Exact)));
    match cell.get_value() {
        DataRef::Empty => None,
        DataRef::String(text) => bare(text),
        DataRef::SharedString(text) => bare(text),
        DataRef::Int(number) => exact(number.to_string()),
        DataRef::Float(number) => exact(number.to_string()),
        DataRef::Bool(truth) => exact(truth.to_string()),
        DataRef::DateTime(moment) => exact(moment_of(moment)),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => exact(text.clone()),
        DataRef::Error(error) => Some(Err(error.to_string())),
    }
}

fn bare(text: &str) -> Option<Content> {
    (!text.is_empty()).then(|| Ok((text.to_owned(), Form::Bare)))
}

/// Returns a moment as ISO writes it: a day alone where it is midnight, a time alone where there is no day.
fn moment_of(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let fraction = if milli == 0 { String::new() } else { format!(".{milli:03}") };
    let time = format!("{hour:02}:{minute:02}:{second:02}{fraction}");
    if (0.0..1.0).contains(&moment.as_f64()) {
        return time;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    let is_midnight = (hour, minute, second, milli) == (0, 0, 0, 0);
    if is_midnight { date } else { format!("{date}T{time}") }
}

/// Returns the letters of a column: A, B … Z, AA.
fn letters(column: u32) -> String {
    let mut letters = String::new();
    let mut rest = Some(column);
    while let Some(place) = rest {
        let letter = u8::try_from(place % 26).map_or('?', |letter| char::from(b'A' + letter));
        letters.insert(0, letter);
        rest = (place / 26).checked_sub(1);
    }
    letters
}
