//! A pill while it is being edited: what is typed and chosen so far, right or wrong.

use persistence::{ColumnMeta, ColumnType, Value};

use crate::i18n::Language;
use crate::national;

use super::{Condition, Kind, Operands, Operator};

/// A pill while it is being edited.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The conditions, one of which must be true.
    pub alternatives: Vec<Alternative>,
}

/// One of a pill's conditions while it is being edited.
#[derive(Clone, Debug)]
pub struct Alternative {
    column: &'static ColumnMeta,
    operator: &'static Operator,
    /// What is typed: the value, or both ends. A list is typed with commas.
    pub texts: [String; 2],
    /// What is chosen of a list.
    pub chosen: Vec<Chosen>,
}

/// A value that is chosen and not typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// The value.
    pub value: Value,
    /// What names it to people, where that is known.
    pub label: Option<String>,
}

/// What is wrong with an alternative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The place of the alternative.
    pub alternative: usize,
    /// Which of the typed texts is wrong: 0 or 1.
    pub text: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with what is typed or chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nothing is typed.
    Missing,
    /// Nothing is chosen.
    NothingChosen,
    /// What is typed is no value of the column's type.
    WrongType(ColumnType, String),
    /// The second end comes before the first.
    WrongOrder,
    /// It is no number of days.
    NotDays,
}

impl Draft {
    /// Makes a new pill about a column.
    #[must_use]
    pub fn new(column: &'static ColumnMeta) -> Self {
        Self { alternatives: vec![Alternative::new(column)] }
    }

    /// Makes a draft of a pill that is there, to be changed.
    #[must_use]
    pub fn of(conditions: &[Condition]) -> Self {
        Self { alternatives: conditions.iter().map(Alternative::of).collect() }
    }

    /// Adds an alternative on the column of the last one.
    pub fn add(&mut self) {
        if let Some(last) = self.alternatives.last() {
            self.alternatives.push(Alternative::new(last.column));
        }
    }

    /// Returns the conditions, once everything is right; numbers and dates as a language has them.
    ///
    /// # Errors
    /// What is wrong.
    pub fn conditions(&self, language: Language) -> Result<Vec<Condition>, Mistake> {
        let alternatives = self.alternatives.iter().enumerate();
        alternatives
            .map(|(place, alternative)| {
                alternative.condition(language).map_err(|(text, problem)| Mistake {
                    alternative: place,
                    text,
                    problem,
                })
            })
            .collect()
    }
}

impl Alternative {
    fn new(column: &'static ColumnMeta) -> Self {
        Self {
            column,
            operator: first_operator(Kind::of(column)),
            texts: Default::default(),
            chosen: Vec::new(),
        }
    }

    fn of(condition: &Condition) -> Self {
        let mut alternative = Self { operator: condition.operator, ..Self::new(condition.column) };
        let operands = &condition.operands;
        match condition.operator.operands {
            Operands::Many if Kind::of(condition.column).is_chosen() => {
                let chosen = |value: &Value| Chosen { value: value.clone(), label: None };
                alternative.chosen = operands.iter().map(chosen).collect();
            }
            Operands::Many => {
                let texts: Vec<_> = operands.iter().map(|value| quoted(&typed(value))).collect();
                alternative.texts = [texts.join(", "), String::new()];
            }
            _ => {
                let text = |place: usize| operands.get(place).map(typed).unwrap_or_default();
                alternative.texts = [text(0), text(1)];
            }
        }
        alternative
    }

    /// Returns the column.
    #[must_use]
    pub const fn column(&self) -> &'static ColumnMeta {
        self.column
    }

    /// Returns what is asked of it.
    #[must_use]
    pub const fn operator(&self) -> &'static Operator {
        self.operator
    }

    /// Asks something else of the column; what is typed stays.
    pub const fn set_operator(&mut self, operator: &'static Operator) {
        self.operator = operator;
    }

    /// Asks something of another column.
    pub fn set_column(&mut self, column: &'static ColumnMeta) {
        if self.column.name == column.name {
            return;
        }
        let kind = Kind::of(column);
        let operator = self.operator;
        *self = Self { texts: std::mem::take(&mut self.texts), ..Self::new(column) };
        if operator.kinds.contains(&kind) {
            self.operator = operator;
        }
    }

    /// Chooses a value of a list, or takes it back.
    pub fn toggle(&mut self, value: &Value, label: Option<String>) {
        match self.chosen.iter().position(|chosen| chosen.value == *value) {
            Some(place) => drop(self.chosen.remove(place)),
            None => self.chosen.push(Chosen { value: value.clone(), label }),
        }
    }

    /// Returns whether a value of a list is chosen.
    #[must_use]
    pub fn is_chosen(&self, value: &Value) -> bool {
        self.chosen.iter().any(|chosen| chosen.value == *value)
    }

    fn condition(&self, language: Language) -> Result<Condition, (usize, Problem)> {
        let operands = match self.operator.operands {
            Operands::None => Vec::new(),
            Operands::One => vec![self.value(0, language)?],
            Operands::Two => {
                let (low, high) = (self.value(0, language)?, self.value(1, language)?);
                if low > high {
                    return Err((1, Problem::WrongOrder));
                }
                vec![low, high]
            }
            Operands::Many if Kind::of(self.column).is_chosen() => {
                if self.chosen.is_empty() {
                    return Err((0, Problem::NothingChosen));
                }
                self.chosen.iter().map(|chosen| chosen.value.clone()).collect()
            }
            Operands::Many => self.list()?,
            Operands::Pattern => {
                let [pattern, _] = &self.texts;
                if pattern.is_empty() {
                    return Err((0, Problem::Missing));
                }
                vec![Value::Text(pattern.clone())]
            }
            Operands::Days => {
                let [days, _] = &self.texts;
                if days.trim().is_empty() {
                    return Err((0, Problem::Missing));
                }
                let days: u32 = days.trim().parse().map_err(|_| (0, Problem::NotDays))?;
                vec![Value::Integer(days.into())]
            }
        };
        Ok(Condition { column: self.column, operator: self.operator, operands })
    }

    fn value(&self, place: usize, language: Language) -> Result<Value, (usize, Problem)> {
        let text = self.texts.get(place).map(String::as_str).unwrap_or_default();
        let value = self.parse(text).or_else(|problem| {
            national::parse(language, self.column.column_type, text).ok_or(problem)
        });
        value.map_err(|problem| (place, problem))
    }

    fn list(&self) -> Result<Vec<Value>, (usize, Problem)> {
        let [list, _] = &self.texts;
        let values: Result<Vec<_>, _> = parts(list).iter().map(|part| self.parse(part)).collect();
        let values = values.map_err(|problem| (0, problem))?;
        if values.is_empty() { Err((0, Problem::Missing)) } else { Ok(values) }
    }

    fn parse(&self, text: &str) -> Result<Value, Problem> {
        let column_type = self.column.column_type;
        if text.is_empty() || (text.trim().is_empty() && !column_type.is_text()) {
            return Err(Problem::Missing);
        }
        column_type.parse(text).map_err(|_| Problem::WrongType(column_type, text.to_owned()))
    }
}

fn first_operator(kind: Kind) -> &'static Operator {
    Operator::of(kind).next().expect("every kind of column can be NULL")
}

/// Returns a value as it is typed.
fn typed(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Timestamp(_) => value.to_string().replacen('T', " ", 1),
        value => value.to_string(),
    }
}

/// Returns a part of a list, in quotes where it needs them.
fn quoted(text: &str) -> String {
    if text.contains([',', '"']) || text.trim() != text || text.is_empty() {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Returns the parts of a list that is typed with commas; a part in quotes keeps them, `""` is a
/// quote.
fn parts(list: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let (mut is_quoted, mut was_quoted) = (false, false);
    let mut characters = list.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                part.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if part.trim().is_empty() => {
                part.clear();
                (is_quoted, was_quoted) = (true, true);
            }
            ',' if !is_quoted => {
                end_part(&mut part, &mut was_quoted, &mut parts);
            }
            character if is_quoted || !was_quoted => part.push(character),
            _ => {}
        }
    }
    end_part(&mut part, &mut was_quoted, &mut parts);
    parts
}

fn end_part(part: &mut String, was_quoted: &mut bool, parts: &mut Vec<String>) {
    let text = std::mem::take(part);
    if std::mem::take(was_quoted) {
        parts.push(text);
    } else if !text.trim().is_empty() {
        parts.push(text.trim().to_owned());
    }
}
