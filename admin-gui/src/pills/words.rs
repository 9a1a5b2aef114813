//! What pills say.

use persistence::{EntityMeta, Value};

use super::{Condition, Kind, Operands, Operator, Problem};
use crate::i18n::Texts;
use crate::tr;

/// Values that a pill shows by name; more are counted.
const NAMED: usize = 2;

/// Characters of a value that a pill shows.
const SHOWN: usize = 32;

/// What a pill says of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The column.
    pub column: String,
    /// What is asked of it.
    pub operator: String,
    /// What is given beside that; empty where it is nothing.
    pub operand: String,
}

impl Words {
    /// Returns what a pill says of a condition; `label` names the row that a foreign key points to.
    #[must_use]
    pub fn of(
        texts: &Texts,
        meta: &EntityMeta,
        condition: &Condition,
        label: impl Fn(&Value) -> Option<String>,
    ) -> Self {
        let Condition { column, operator, operands } = condition;
        let value = |value: &Value| match value {
            Value::Text(text) if Kind::of(column) == Kind::Enum => {
                cut(&texts.variant(meta, column, text))
            }
            Value::Text(text) if Kind::of(column) == Kind::Text => format!("“{}”", cut(text)),
            Value::Timestamp(_) => value.to_string().replacen('T', " ", 1),
            value if Kind::of(column) == Kind::Reference => {
                cut(&label(value).unwrap_or_else(|| format!("#{value}")))
            }
            value => cut(&value.to_string()),
        };
        let all = |separator: &str| operands.iter().map(value).collect::<Vec<_>>().join(separator);
        let mut said = operator_of(texts, operator);
        let operand = match operator.operands {
            Operands::None => String::new(),
            Operands::One | Operands::Pattern => all(""),
            Operands::Two => all(" – "),
            Operands::Days => {
                let days = operands.first().and_then(Value::as_integer).unwrap_or_default();
                said = tr!(texts, "pill-last");
                tr!(texts, "pill-days", days = days)
            }
            Operands::Many if operands.len() <= NAMED => {
                if let [_] = operands.as_slice() {
                    said = match operator.name {
                        "is any of" | "is in" => "=".to_owned(),
                        _ => "≠".to_owned(),
                    };
                }
                all(", ")
            }
            Operands::Many => texts.number(operands.len() as u64),
        };
        Self { column: texts.column(meta, column), operator: said, operand }
    }

    /// Returns all of it, for a screen reader.
    #[must_use]
    pub fn spoken(&self) -> String {
        let mut spoken = format!("{} {}", self.column, self.operator);
        if !self.operand.is_empty() {
            spoken.push(' ');
            spoken.push_str(&self.operand);
        }
        spoken
    }
}

/// Returns an operator on a pill: its sign, where it has one.
fn operator_of(texts: &Texts, operator: &Operator) -> String {
    operator.sign.map_or_else(|| texts.text(operator.text), str::to_owned)
}

/// Returns an operator in the editor's list: in words, and its sign.
#[must_use]
pub fn operator(texts: &Texts, operator: &Operator) -> String {
    match operator.sign {
        Some(sign) => format!("{sign}  {}", texts.text(operator.text)),
        None => texts.text(operator.text),
    }
}

/// Returns what is wrong with what is typed.
#[must_use]
pub fn mistake(texts: &Texts, problem: &Problem) -> String {
    match problem {
        Problem::Missing => tr!(texts, "pill-missing"),
        Problem::NothingChosen => tr!(texts, "pill-nothing-chosen"),
        Problem::WrongType(column_type, typed) => texts.wrong(*column_type, typed),
        Problem::WrongOrder => tr!(texts, "pill-wrong-order"),
        Problem::NotDays => tr!(texts, "pill-not-days"),
    }
}

fn cut(text: &str) -> String {
    let line = text.replace(char::is_control, " ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
