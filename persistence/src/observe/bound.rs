//! The values that a statement bound, read from what Diesel says of them, and written as literals.
//!
//! Diesel gives them in Rust's debugging form only: `[1, Some("x"), Decimal(1250)]`. What is not
//! understood for certain has no literal.

use std::fmt::Write as _;

use super::client::{Language, names};
use crate::column_type::ColumnType;
use crate::entity::{ColumnMeta, EntityMeta, Storage};
use crate::types::ScaledDecimal;

/// A value that was bound.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Bound {
    Null,
    /// What stands in SQL as it stands in Rust: numbers, TRUE.
    Word(String),
    Text(String),
    /// A day and a time, in UTC.
    Moment(String),
    Bytes(Vec<u8>),
    Uuid(String),
    /// Smallest units, and places where these were said.
    Decimal(i64, Option<u8>),
    Json(serde_json::Value),
    Unknown,
}

/// How a statement's columns keep what their Rust type alone does not tell.
pub(super) struct Kept {
    /// The storage of decimals and their places, where it is one for all.
    decimals: Option<(Storage, u8)>,
    /// That of UUIDs.
    uuids: Option<Storage>,
}

impl Kept {
    /// Derives from the columns that a statement names how their values are kept.
    pub(super) fn of(sql: &str, entities: &[&EntityMeta]) -> Self {
        let columns = entities.iter().flat_map(|entity| entity.columns);
        let named: Vec<&ColumnMeta> = columns.filter(|column| names(sql, column)).collect();
        let decimals = named.iter().filter_map(|column| match column.column_type {
            ColumnType::Decimal { scale } => Some((column.storage, scale)),
            _ => None,
        });
        let uuids = named.iter().filter(|column| column.column_type == ColumnType::Uuid);
        Self { decimals: only(decimals), uuids: only(uuids.map(|column| column.storage)) }
    }
}

/// Returns the value that all are equal to; `None` where they differ, or there are none.
fn only<T: PartialEq>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

impl Bound {
    /// Writes the value in an engine's SQL; `None` where it is not certain.
    pub(super) fn literal(&self, language: Language, kept: &Kept) -> Option<String> {
        Some(match self {
            Self::Null => "NULL".to_owned(),
            Self::Word(word) => word.clone(),
            Self::Text(text) => text_literal(text, language),
            // Elsewhere, and in columns without a time zone, there is none.
            Self::Moment(moment) if language == Language::Postgres => format!("'{moment}+00'"),
            Self::Moment(moment) => format!("'{moment}'"),
            Self::Bytes(bytes) => bytes_literal(bytes, language),
            Self::Uuid(uuid) => match kept.uuids {
                Some(Storage::Binary) => {
                    bytes_literal(uuid::Uuid::parse_str(uuid).ok()?.as_bytes(), language)
                }
                Some(_) => format!("'{uuid}'"),
                None => return None,
            },
            Self::Decimal(units, said) => match (kept.decimals?, said) {
                ((Storage::SmallInt | Storage::Integer | Storage::BigInt, _), _) => {
                    units.to_string()
                }
                ((storage, scale), said) => {
                    let decimal = ScaledDecimal { units: *units, scale: said.unwrap_or(scale) };
                    let quote = if storage == Storage::Text { "'" } else { "" };
                    format!("{quote}{decimal}{quote}")
                }
            },
            Self::Json(json) => text_literal(&json.to_string(), language),
            Self::Unknown => return None,
        })
    }
}

fn bytes_literal(bytes: &[u8], language: Language) -> String {
    let mut digits = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Strings take everything.
        let _ = write!(digits, "{byte:02x}");
    }
    match language {
        Language::Postgres => format!("E'\\\\x{digits}'::bytea"),
        Language::Sqlite | Language::Mysql => format!("X'{digits}'"),
    }
}

fn text_literal(text: &str, language: Language) -> String {
    let has_control = text.chars().any(|character| character.is_control() && character != '\n');
    let escaped = |text: &str| {
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            match (character, language) {
                ('\'', _) => escaped.push_str("''"),
                ('\\', _) => escaped.push_str("\\\\"),
                ('\r', _) => escaped.push_str("\\r"),
                ('\t', _) => escaped.push_str("\\t"),
                ('\0', Language::Mysql) => escaped.push_str("\\0"),
                ('\x1a', Language::Mysql) => escaped.push_str("\\Z"),
                (other, Language::Postgres) if other.is_control() && other != '\n' => {
                    escaped.push_str(&format!("\\u{:04x}", u32::from(other)));
                }
                (other, _) => escaped.push(other),
            }
        }
        escaped
    };
    match language {
        // A literal would end at the zero, and what a terminal makes of the others is not certain.
        Language::Sqlite if has_control => {
            format!("CAST({} AS TEXT)", bytes_literal(text.as_bytes(), language))
        }
        Language::Postgres if has_control || text.contains('\\') => format!("E'{}'", escaped(text)),
        Language::Mysql if has_control || text.contains('\\') => format!("'{}'", escaped(text)),
        _ => format!("'{}'", text.replace('\'', "''")),
    }
}

/// Reads the values of a list in Rust's debugging form; `None` where it is no such list.
pub(super) fn bound_values(list: &str) -> Option<Vec<Bound>> {
    let mut reader = Reader { rest: list.trim() };
    reader.take("[")?;
    let mut values = Vec::new();
    while !reader.is_next("]") {
        values.push(reader.value()?);
        if reader.take(", ").is_none() {
            break;
        }
    }
    reader.take("]")?;
    reader.rest.is_empty().then_some(values)
}

/// Reads Rust's debugging form.
struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn is_next(&self, text: &str) -> bool {
        self.rest.starts_with(text)
    }

    fn take(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    /// Reads a value; what is not understood is read over, up to its end.
    fn value(&mut self) -> Option<Bound> {
        if self.is_next("\"") {
            return Some(Bound::Text(self.string()?));
        }
        if self.is_next("[") {
            return self.bytes();
        }
        let name = self.word();
        if self.take("(").is_some() {
            return self.wrapped(name);
        }
        if self.is_next(" {") || self.is_next(" [") {
            return self.structure(name);
        }
        Some(match name {
            "None" | "Null" => Bound::Null,
            "true" => Bound::Word("TRUE".to_owned()),
            "false" => Bound::Word("FALSE".to_owned()),
            word => plain(word),
        })
    }

    /// Reads `Some(…)`, `Decimal(…)`, `Number(…)`.
    fn wrapped(&mut self, name: &str) -> Option<Bound> {
        let inner = match name {
            // A JSON document.
            "String" | "Number" => Bound::Json(self.json_after(name)?),
            _ => self.value()?,
        };
        self.take(")")?;
        Some(match (name, inner) {
            ("Decimal", Bound::Word(units)) => match units.parse() {
                Ok(units) => Bound::Decimal(units, None),
                Err(_) => Bound::Unknown,
            },
            ("Json", Bound::Text(text)) => Bound::Json(text.into()),
            (_, inner) => inner,
        })
    }

    /// Reads `ScaledDecimal { units: 1250, scale: 2 }`, `Object {…}`, `Array […]`.
    fn structure(&mut self, name: &str) -> Option<Bound> {
        if name == "ScaledDecimal" {
            self.take(" { units: ")?;
            let units = self.word().parse().ok()?;
            self.take(", scale: ")?;
            let scale = self.word().parse().ok()?;
            self.take(" }")?;
            return Some(Bound::Decimal(units, Some(scale)));
        }
        if matches!(name, "Object" | "Array") {
            return Some(Bound::Json(self.json_after(name)?));
        }
        self.pass_over()?;
        Some(Bound::Unknown)
    }

    /// Reads a JSON document in the debugging form of `serde_json`, whose name has been read.
    fn json_after(&mut self, name: &str) -> Option<serde_json::Value> {
        match name {
            "Null" => Some(serde_json::Value::Null),
            "String" => Some(self.string()?.into()),
            "Number" | "Bool" => serde_json::from_str(self.word()).ok(),
            "Array" => {
                self.take(" [")?;
                let mut items = Vec::new();
                while self.take("]").is_none() {
                    items.push(self.json()?);
                    self.take(", ");
                }
                Some(items.into())
            }
            "Object" => {
                self.take(" {")?;
                let mut members = serde_json::Map::new();
                while self.take("}").is_none() {
                    let name = self.string()?;
                    self.take(": ")?;
                    members.insert(name, self.json()?);
                    self.take(", ");
                }
                Some(members.into())
            }
            _ => None,
        }
    }

    fn json(&mut self) -> Option<serde_json::Value> {
        let name = self.word();
        let is_wrapped = self.take("(").is_some();
        let value = self.json_after(name)?;
        if is_wrapped {
            self.take(")")?;
        }
        Some(value)
    }

    fn bytes(&mut self) -> Option<Bound> {
        self.take("[")?;
        let mut bytes = Vec::new();
        while self.take("]").is_none() {
            bytes.push(self.word().parse().ok()?);
            self.take(", ");
        }
        Some(Bound::Bytes(bytes))
    }

    /// Reads letters, digits, and what belongs to numbers and dates.
    fn word(&mut self) -> &'t str {
        let belongs = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | ':');
        let mut end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        // `{ units: 1`, where the colon ends a name, is read by its own pattern.
        while end > 0 && self.rest.get(..end).is_some_and(|word| word.ends_with(':')) {
            end -= 1;
        }
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or(("", self.rest));
        self.rest = rest;
        word
    }

    /// Reads a string in quotes.
    fn string(&mut self) -> Option<String> {
        self.take("\"")?;
        let mut text = String::new();
        loop {
            let character = self.character()?;
            match character {
                '"' => return Some(text),
                '\\' => text.push(match self.character()? {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    '0' => '\0',
                    'u' => {
                        self.take("{")?;
                        let (digits, rest) = self.rest.split_once('}')?;
                        self.rest = rest;
                        char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
                    }
                    other @ ('"' | '\\' | '\'') => other,
                    _ => return None,
                }),
                other => text.push(other),
            }
        }
    }

    fn character(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let character = characters.next()?;
        self.rest = characters.as_str();
        Some(character)
    }

    /// Passes over brackets and what stands in them.
    fn pass_over(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            if self.is_next("\"") {
                self.string()?;
                continue;
            }
            match self.character()? {
                '{' | '[' | '(' => depth += 1,
                '}' | ']' | ')' => depth -= 1,
                _ => continue,
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

/// Reads a number, a date, a time or a UUID.
fn plain(word: &str) -> Bound {
    let is_like = |pattern: fn(char) -> bool| word.chars().all(pattern);
    let starts_with_digit =
        word.trim_start_matches(['-', '+']).starts_with(|c: char| c.is_ascii_digit());
    if uuid::Uuid::parse_str(word).is_ok() && word.len() == 36 {
        Bound::Uuid(word.to_owned())
    } else if starts_with_digit && word.parse::<f64>().is_ok() {
        Bound::Word(word.to_owned())
    } else if starts_with_digit && is_like(|c| c.is_ascii_digit() || "-+.:TZ".contains(c)) {
        match word.trim_end_matches('Z').split_once('T') {
            // As it is bound: with a blank between.
            Some((day, time)) => Bound::Moment(format!("{day} {time}")),
            None => Bound::Text(word.to_owned()),
        }
    } else {
        Bound::Unknown
    }
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, NaiveTime};
    use serde_json::json;

    use super::*;
    use crate::types::{Decimal, Json, Uuid};
    use crate::value::Value;

    #[track_caller]
    fn check(value: &dyn std::fmt::Debug, expected: Bound) {
        let list = format!("{:?}", [value, &1, value]);
        let one = Bound::Word("1".to_owned());
        assert_eq!(bound_values(&list), Some(vec![expected.clone(), one, expected]), "{list}");
    }

    fn text(text: &str) -> Bound {
        Bound::Text(text.to_owned())
    }

    #[test]
    fn every_type_that_is_bound_is_read() {
        let word = |word: &str| Bound::Word(word.to_owned());
        check(&None::<i64>, Bound::Null);
        check(&Some(-7), word("-7"));
        check(&true, word("TRUE"));
        check(&1.5e300, word("1.5e300"));
        check(&f64::NAN, Bound::Unknown);
        check(&"a, ]\"'\\\n\r\u{7f}ß", text("a, ]\"'\\\n\r\u{7f}ß"));
        check(&Value::Integer(5), word("5"));
        check(&Value::Text("x".to_owned()), text("x"));
        check(&Decimal::<2>::from_units(-1250), Bound::Decimal(-1250, None));
        let scaled = ScaledDecimal { units: 1250, scale: 2 };
        check(&scaled, Bound::Decimal(1250, Some(2)));
        check(&Some(Value::Decimal(scaled)), Bound::Decimal(1250, Some(2)));
        let day = NaiveDate::from_ymd_opt(1999, 2, 13).unwrap();
        check(&day, text("1999-02-13"));
        check(&NaiveTime::from_hms_opt(1, 2, 3).unwrap(), text("01:02:03"));
        let moment = day.and_hms_milli_opt(1, 2, 3, 4).unwrap();
        let shown = Bound::Moment("1999-02-13 01:02:03.004".to_owned());
        check(&moment, shown.clone());
        check(&moment.and_utc(), shown);
        check(&[0_u8, 255], Bound::Bytes(vec![0, 255]));
        check(&Vec::<u8>::new(), Bound::Bytes(Vec::new()));
        let uuid = Uuid::random();
        check(&uuid, Bound::Uuid(uuid.0.to_string()));
    }

    #[test]
    fn documents_are_read_whole() {
        let document = json!({"a": [1, -2.5, "x\"}", null, true], "b": {}, "c": []});
        check(&document, Bound::Json(document.clone()));
        check(&Some(Json(document.clone())), Bound::Json(document));
        check(&Json(json!("text")), Bound::Json(json!("text")));
    }

    #[test]
    fn what_is_not_understood_has_no_literal_and_its_neighbours_have() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "only shown")]
        struct Odd {
            text: &'static str,
        }
        check(&Odd { text: "}, (" }, Bound::Unknown);
    }
}
