//! How a file of other people writes its values.

use std::cell::Cell;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use persistence::{ColumnMeta, ColumnType, Value, ValueError};

use super::date_format::DateFormat;
use crate::csv_records::Form;

/// How a file writes its values. What this program writes is read whatever this says, but for a point in numbers where
/// the comma is said to be one.
#[derive(Debug, Default)]
pub struct Spelling {
    /// What stands for NULL, where it is not in quotes.
    pub nulls: Vec<String>,
    /// What stands before the decimals of a number.
    pub decimals: DecimalMark,
    /// How dates are written.
    pub dates: Option<DateFormat>,
    /// Whether quotes say nothing, since everything stands in them.
    pub quotes_everything: bool,
    /// What was read as it looked, though nobody said that it is so.
    pub noticed: Noticed,
}

/// What stands before the decimals of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DecimalMark {
    /// A point.
    #[default]
    Point,
    /// A comma, and no point.
    Comma,
    /// A point, or a comma where that can be nothing else.
    Either,
}

/// What was read as it looked, though nobody said that it is so.
#[derive(Debug, Default)]
pub struct Noticed {
    decimal_comma: Cell<bool>,
    dotted_dates: Cell<bool>,
}

/// A field as it stands in a file.
#[derive(Clone, Copy, Debug)]
pub struct Field<'f> {
    /// Its text, without quotes.
    pub text: &'f str,
    /// How it stands there.
    pub form: Form,
}

impl Spelling {
    /// Returns whether a field is written without a value.
    pub fn is_null(&self, field: Field<'_>) -> bool {
        let is_bare =
            field.form == Form::Bare || field.form == Form::Quoted && self.quotes_everything;
        let is_said = matches!(field.form, Form::Null | Form::Absent);
        is_said || is_bare && self.nulls.iter().any(|null| null == field.text.trim())
    }

    /// Returns the text of a field that names something: blanks around it are no part of it, unless
    /// quotes keep them.
    pub fn name<'f>(&self, field: Field<'f>) -> &'f str {
        if field.form == Form::Quoted && !self.quotes_everything {
            field.text
        } else {
            field.text.trim()
        }
    }

    /// Returns the value of a field for a column. What is empty is NULL where the column takes it
    /// or holds no text, and empty text elsewhere.
    ///
    /// # Errors
    /// When it is no value of the column's type.
    pub fn value(&self, column: &ColumnMeta, field: Field<'_>) -> Result<Value, ValueError> {
        let column_type = column.column_type;
        match field.form {
            Form::Null | Form::Absent => return Ok(Value::Null),
            Form::Exact => {
                let exact = Self::default();
                let value = exact.value(column, Field { form: Form::Bare, ..field });
                return value.or_else(|error| {
                    let text = as_shown(field.text).ok_or_else(|| error.clone())?;
                    let field = Field { text: &text, form: Form::Bare };
                    exact.value(column, field).map_err(|_| error)
                });
            }
            Form::Bare | Form::Quoted => {}
        }
        let is_empty = field.text.trim().is_empty();
        let is_null = self.is_null(field) && (!is_empty || column.is_nullable);
        if is_null || is_empty && !column_type.is_text() {
            return Ok(Value::Null);
        }
        let text = field.text.trim();
        let read = match column_type {
            ColumnType::Text => return column_type.parse(field.text),
            ColumnType::Float | ColumnType::Decimal { .. } => self.number(column_type, text)?,
            ColumnType::Integer { .. } if may_be_thousands(text, '.') => match self.decimals {
                DecimalMark::Point => column_type.parse(whole(text)).ok(),
                DecimalMark::Either => return Err(ambiguous(column_type, text, "point")),
                DecimalMark::Comma => None,
            },
            ColumnType::Integer { .. } => column_type.parse(whole(text)).ok(),
            ColumnType::Bool => column_type.parse(truth(text)).ok(),
            ColumnType::Bytes => match text.strip_prefix("\\x") {
                Some(digits) => column_type.parse(&format!("0x{digits}")).ok(),
                None => None,
            },
            ColumnType::Date => self.day(text).map(Value::Date),
            ColumnType::Timestamp => self.moment(text).map(Value::Timestamp),
            _ => None,
        };
        match read {
            Some(value) => Ok(value),
            // Says what was expected, too.
            None => column_type.parse(field.text),
        }
    }

    fn number(&self, column_type: ColumnType, text: &str) -> Result<Option<Value>, ValueError> {
        let wrong = |expected: &str| Err(ValueError::new(format!("{column_type}{expected}"), text));
        // What exports write of numbers without end; 1e999 is none of these words.
        if column_type == ColumnType::Float
            && !text.contains(|letter: char| letter.is_ascii_digit())
            && let Ok(number) = text.parse()
        {
            return Ok(Some(Value::Float(number)));
        }
        let Some((whole, decimals)) = text.split_once(',') else {
            return match self.decimals {
                DecimalMark::Comma if text.contains('.') => wrong(" after a comma"),
                DecimalMark::Either if may_be_thousands(text, '.') => {
                    Err(ambiguous(column_type, text, "point"))
                }
                _ => Ok(None),
            };
        };
        match self.decimals {
            DecimalMark::Point => return Ok(None),
            DecimalMark::Either if may_be_thousands(text, ',') => {
                return Err(ambiguous(column_type, text, "comma"));
            }
            DecimalMark::Comma | DecimalMark::Either => {}
        }
        if text.contains('.') || decimals.contains(',') {
            return Ok(None);
        }
        let value = column_type.parse(&format!("{whole}.{decimals}")).ok();
        if value.is_some() && self.decimals == DecimalMark::Either {
            self.noticed.decimal_comma.set(true);
        }
        Ok(value)
    }

    fn day(&self, text: &str) -> Option<NaiveDate> {
        if let Some(day) = self.day_alone(text) {
            return Some(day);
        }
        // A spreadsheet's dates are moments at midnight.
        let moment = self.moment(text)?;
        (moment.time() == NaiveTime::MIN).then(|| moment.date())
    }

    fn day_alone(&self, text: &str) -> Option<NaiveDate> {
        let iso = || match ColumnType::Date.parse(text) {
            Ok(Value::Date(day)) => Some(day),
            _ => None,
        };
        if let Some(format) = &self.dates {
            let is_iso_too = !format.begins_with_year();
            return format.parse(text).or_else(|| is_iso_too.then(iso).flatten());
        }
        iso().or_else(|| {
            let day = DateFormat::dotted().parse(text)?;
            self.noticed.dotted_dates.set(true);
            Some(day)
        })
    }

    /// Returns a moment in UTC; one that is written with another offset is converted.
    fn moment(&self, text: &str) -> Option<NaiveDateTime> {
        let Some((day, time)) = text.rsplit_once(['T', ' ']).map(|(day, time)| (day.trim(), time))
        else {
            return self.day_alone(text).map(|day| day.and_time(NaiveTime::MIN));
        };
        let day = self.day_alone(day)?;
        let time = time.strip_suffix('Z').unwrap_or(time);
        if let Ok(Value::Time(time)) = ColumnType::Time.parse(time) {
            return Some(day.and_time(time));
        }
        let moment = format!("{}T{time}", day.format("%Y-%m-%d"));
        let with_offset = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"]
            .iter()
            .find_map(|format| DateTime::parse_from_str(&moment, format).ok())?;
        Some(with_offset.naive_utc())
    }

    /// Returns what was read as it looked, in words.
    pub fn remarks(&self) -> Vec<String> {
        let Noticed { decimal_comma, dotted_dates } = &self.noticed;
        let mut remarks = Vec::new();
        if decimal_comma.get() {
            remarks.push("numbers like 12,50 were read as 12.50; --decimal point refuses them");
        }
        if dotted_dates.get() {
            remarks.push(
                "dates like 31.12.2024 were read as day, month, year; --date-format says otherwise",
            );
        }
        remarks.into_iter().map(str::to_owned).collect()
    }
}

/// Returns whether a number may be one of thousands: 1,234 and 1.234 are one number in one country
/// and another in the next; 0,234 is not.
fn may_be_thousands(text: &str, mark: char) -> bool {
    let Some((whole, rest)) = text.split_once(mark) else { return false };
    let digits = whole.trim_start_matches(['+', '-']);
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    rest.len() == 3
        && (1..=3).contains(&digits.len())
        && !digits.starts_with('0')
        && all_digits(digits)
        && all_digits(rest)
}

fn ambiguous(column_type: ColumnType, text: &str, mark: &str) -> ValueError {
    let expected = format!("{column_type} (whether the {mark} is a decimal one, --decimal says)");
    ValueError::new(expected, text)
}

/// Returns a whole number as programs write it that know only floats: 30.0.
fn whole(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
            whole
        }
        _ => text,
    }
}

/// Returns a number as spreadsheets show it, to 15 digits: what they calculate is 0.30000000000000004.
fn as_shown(text: &str) -> Option<String> {
    let number: f64 = text.parse().ok()?;
    let rounded: f64 = format!("{number:.14e}").parse().ok()?;
    (number.is_finite() && text.len() > 15).then(|| rounded.to_string())
}

/// Returns `true` or `false` for the words of other programs for yes and no, those of spreadsheets in Russian included.
fn truth(text: &str) -> &str {
    match text.to_lowercase().as_str() {
        "t" | "y" | "on" | "да" | "истина" => "true",
        "f" | "n" | "off" | "нет" | "ложь" => "false",
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use domain::{Book, User};
    use persistence::Entity;
    use persistence::entity::Storage;

    use super::*;

    fn spelling(decimals: DecimalMark, dates: Option<&str>) -> Spelling {
        let dates = dates.map(|format| DateFormat::of(format).expect("a format"));
        Spelling { nulls: vec![String::new()], decimals, dates, ..Spelling::default() }
    }

    fn read<E: Entity>(spelling: &Spelling, column: usize, text: &str) -> String {
        let column = &E::meta().columns[column];
        let field = Field { text, form: Form::Bare };
        spelling.value(column, field).map_or_else(|error| error.to_string(), |v| v.to_string())
    }

    #[test]
    fn a_comma_is_a_decimal_one_where_that_is_said_or_can_be_nothing_else() {
        let price =
            |spelling: &Spelling, text| read::<Book>(spelling, Book::PRICE.position(), text);
        let either = spelling(DecimalMark::Either, None);
        assert_eq!(price(&either, "12.50"), "12.50");
        assert!(either.remarks().is_empty());
        assert_eq!(price(&either, " 12,5 "), "12.50");
        assert_eq!(price(&either, "-0,05"), "-0.05");
        assert_eq!(either.remarks().len(), 1);
        for ambiguous in ["1,234", "1.234", "-10.000", "2.500"] {
            assert!(price(&either, ambiguous).contains("--decimal says"), "{ambiguous}");
        }
        assert_eq!(
            (price(&either, "0.050"), price(&either, "1234.500")),
            ("0.05".to_owned(), "1234.50".to_owned())
        );
        assert!(price(&either, "1.234,50").starts_with("expected a number"));
        let comma = spelling(DecimalMark::Comma, None);
        assert_eq!(price(&comma, "1234,5"), "1234.50");
        assert_eq!(price(&comma, "7"), "7.00");
        assert!(price(&comma, "12.50").contains("after a comma"));
        assert!(price(&comma, "2.500").contains("after a comma"));
        assert!(price(&comma, "1,2,3").starts_with("expected a number"));
        let point = spelling(DecimalMark::Point, None);
        assert!(price(&point, "12,50").starts_with("expected a number"));
        assert_eq!(price(&point, "2.500"), "2.50");
    }

    #[test]
    fn thousands_are_no_ones() {
        let age = |mark, text| read::<User>(&spelling(mark, None), User::AGE.position(), text);
        assert!(age(DecimalMark::Either, "1.000").contains("--decimal says"));
        assert!(age(DecimalMark::Comma, "1.000").starts_with("expected a whole number"));
        for mark in [DecimalMark::Either, DecimalMark::Comma] {
            assert_eq!(age(mark, "30.0"), "30");
        }
        assert_eq!(age(DecimalMark::Point, "1.000"), "1");
    }

    #[test]
    fn numbers_without_end_are_read_by_their_names() {
        let column = ColumnMeta::new("ratio", ColumnType::Float, Storage::Double).nullable(true);
        let usual = spelling(DecimalMark::Point, None);
        let read = |text| usual.value(&column, Field { text, form: Form::Bare }).ok();
        assert_eq!(read("inf"), Some(Value::Float(f64::INFINITY)));
        assert_eq!(read("-inf"), Some(Value::Float(f64::NEG_INFINITY)));
        assert_eq!(read("0.5"), Some(Value::Float(0.5)));
        assert_eq!(read("1e999"), None);
    }

    #[test]
    fn dates_are_read_as_they_are_said_to_be_and_with_dots_as_these_are_everywhere() {
        let day =
            |spelling: &Spelling, text| read::<Book>(spelling, Book::PUBLISHED_ON.position(), text);
        let usual = spelling(DecimalMark::Point, None);
        assert_eq!(day(&usual, "1999-02-13"), "1999-02-13");
        assert_eq!(day(&usual, "1996-07-04 00:00:00.000"), "1996-07-04");
        assert!(usual.remarks().is_empty());
        assert_eq!(day(&usual, "13.2.1999"), "1999-02-13");
        assert_eq!(usual.remarks().len(), 1);
        for wrong in ["23-02-01", "13.02.99", "02/13/1999", "1996-07-04 07:00:00", "30.02.1999"] {
            assert!(day(&usual, wrong).starts_with("expected a date"), "{wrong}");
        }
        let american = spelling(DecimalMark::Point, Some("MM/DD/YYYY"));
        assert_eq!(day(&american, "2/13/1999"), "1999-02-13");
        assert_eq!(day(&american, "1999-02-13"), "1999-02-13");
        assert!(day(&american, "2/13/99").starts_with("expected a date"));
        assert!(day(&american, "13.2.1999").starts_with("expected a date"));
    }

    #[test]
    fn moments_are_counted_from_their_offset() {
        let moment = |text| {
            let spelling = spelling(DecimalMark::Point, Some("D.M.YYYY"));
            read::<User>(&spelling, User::CREATED_AT.position(), text)
        };
        assert_eq!(moment("2020-01-01T12:30:00"), "2020-01-01T12:30:00");
        assert_eq!(moment("2020-01-01 00:00:00+03:00"), "2019-12-31T21:00:00");
        assert_eq!(moment("2020-01-01 00:00:00.5+00"), "2020-01-01T00:00:00.500");
        assert_eq!(moment("1.2.2020 10:00"), "2020-02-01T10:00:00");
        assert_eq!(moment("2020-01-01"), "2020-01-01T00:00:00");
        assert!(moment("20-01-01 00:00:00").starts_with("expected a date and time"));
    }

    #[test]
    fn numbers_and_truths_of_other_programs_are_read() {
        let usual = spelling(DecimalMark::Point, None);
        assert_eq!(read::<User>(&usual, User::AGE.position(), "30.0"), "30");
        assert!(read::<User>(&usual, User::AGE.position(), "30.5").starts_with("expected"));
        for (text, expected) in [("t", "true"), ("N", "false"), ("YES", "true"), ("off", "false")] {
            assert_eq!(read::<Book>(&usual, Book::IN_PRINT.position(), text), expected);
        }
    }

    #[test]
    fn nothing_is_null_and_quotes_around_it_are_the_empty_text() {
        let isbn = &Book::meta().columns[Book::ISBN.position()];
        let price = &Book::meta().columns[Book::PRICE.position()];
        let value = |spelling: &Spelling, column, text, is_quoted| {
            spelling
                .value(
                    column,
                    Field { text, form: if is_quoted { Form::Quoted } else { Form::Bare } },
                )
                .expect("a value")
        };
        let usual = spelling(DecimalMark::Point, None);
        assert_eq!(value(&usual, isbn, "", false), Value::Null);
        assert_eq!(value(&usual, isbn, " ", false), Value::Null);
        assert_eq!(value(&usual, isbn, "", true), Value::from(""));
        assert_eq!(value(&usual, isbn, " ", true), Value::from(" "));
        assert_eq!(value(&usual, price, "", true), Value::Null);
        let all = Spelling { quotes_everything: true, ..spelling(DecimalMark::Point, None) };
        assert_eq!(value(&all, isbn, "", true), Value::Null);
        let word = Spelling { nulls: vec!["\\N".to_owned()], ..Spelling::default() };
        assert_eq!(value(&word, isbn, "\\N", false), Value::Null);
        assert_eq!(value(&word, isbn, "\\N", true), Value::from("\\N"));
        assert_eq!(value(&word, isbn, "", false), Value::from(""));
        assert_eq!(value(&word, price, "\\N", false), Value::Null);
        assert_eq!(value(&word, price, "", false), Value::Null);
    }

    #[test]
    fn a_number_that_is_one_in_its_file_is_read_so_whatever_others_look_like() {
        let comma = spelling(DecimalMark::Comma, Some("DD/MM/YYYY"));
        let columns = Book::meta().columns;
        let value = |column: usize, text: &str| {
            comma
                .value(&columns[column], Field { text, form: Form::Exact })
                .map(|it| it.to_string())
        };
        let price = Book::PRICE.position();
        assert_eq!(value(price, "12.5").as_deref(), Ok("12.50"));
        assert_eq!(value(price, "0.30000000000000004").as_deref(), Ok("0.30"));
        assert!(value(price, "0.3000000004").is_err());
        assert_eq!(value(Book::PUBLISHED_ON.position(), "1961-06-01").as_deref(), Ok("1961-06-01"));
        assert_eq!(value(Book::ISBN.position(), "9780156027601").as_deref(), Ok("9780156027601"));
        let null = comma.value(&columns[price], Field { text: "", form: Form::Null });
        assert_eq!(null, Ok(Value::Null));
    }

    #[test]
    fn yes_and_no_are_understood_in_russian_too() {
        let usual = spelling(DecimalMark::Point, None);
        let read = |text| read::<Book>(&usual, Book::IN_PRINT.position(), text);
        assert_eq!(["да", "Нет", "ИСТИНА", "ЛОЖЬ"].map(read), ["true", "false", "true", "false"]);
    }
}
