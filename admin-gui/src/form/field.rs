//! What is typed into one field. Kept here and not in the widget, which forgets it when it scrolls
//! out of sight.

use persistence::entity::Fill;
use persistence::{ColumnMeta, ColumnType, Value};

use super::problem::Problem;

/// What is typed into one field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// The text; empty where the value is NULL.
    pub text: String,
    /// Whether the value is NULL, apart from empty text.
    pub is_null: bool,
    /// What names the row that a foreign key points to.
    pub label: Option<String>,
    /// Whether a person has changed it.
    pub is_touched: bool,
    /// What the database had against it, until it is changed.
    pub refusal: Option<Problem>,
}

impl Field {
    /// A field that shows a value.
    pub fn of(value: &Value) -> Self {
        Self {
            text: text_of(value),
            is_null: value.is_null(),
            label: None,
            is_touched: false,
            refusal: None,
        }
    }

    /// Shows another value, as read from the database.
    pub fn show(&mut self, value: &Value) {
        self.put(value);
        self.is_touched = false;
    }

    /// Takes a value as if it had been typed.
    pub fn put(&mut self, value: &Value) {
        self.text = text_of(value);
        self.is_null = value.is_null();
        self.is_touched = true;
        self.refusal = None;
    }

    /// The value that is typed. `column` says how to read it.
    ///
    /// # Errors
    /// When the text is no value of the column's type, or nothing is typed where something is
    /// needed.
    pub fn value(&self, column: &ColumnMeta) -> Result<Value, Problem> {
        let is_text = column.column_type == ColumnType::Text;
        if self.is_null || (self.text.trim().is_empty() && !is_text) {
            return if column.is_nullable || column.fill != Fill::Draft {
                Ok(Value::Null)
            } else {
                Err(Problem::Required)
            };
        }
        column.column_type.parse(&self.text).map_err(|_| Problem::WrongType(column.column_type))
    }
}

/// The text in which a value is typed.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Json(json) => {
            serde_json::to_string_pretty(json).unwrap_or_else(|_| json.to_string())
        }
        Value::Timestamp(_) => value.to_string().replacen('T', " ", 1),
        value => value.to_string(),
    }
}

/// A value that a column takes, to check the other columns' rules while this one has none yet.
pub(super) fn placeholder(column_type: ColumnType) -> Value {
    let text = match column_type {
        ColumnType::Bool => "false",
        ColumnType::Integer { .. } | ColumnType::Float | ColumnType::Decimal { .. } => "0",
        ColumnType::Enum { variants } => variants.first().copied().unwrap_or_default(),
        ColumnType::Date => "2000-01-01",
        ColumnType::Time => "00:00",
        ColumnType::Timestamp => "2000-01-01T00:00",
        ColumnType::Bytes => "0x",
        ColumnType::Uuid => "00000000-0000-0000-0000-000000000000",
        ColumnType::Json => "null",
        _ => "",
    };
    column_type.parse(text).unwrap_or_default()
}
