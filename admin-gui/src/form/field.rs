//! What is typed into one field. Kept here and not in the widget, which forgets it when it scrolls
//! out of sight.

use std::fmt;

use egui::TextureHandle;
use persistence::edit::NewValue;
use persistence::entity::Fill;
use persistence::staging::StagedValue;
use persistence::{ColumnMeta, ColumnType, Value};

use super::problem::Problem;
use crate::blob::BlobKind;
use crate::i18n::Language;
use crate::national;
use crate::tasks::LONGEST_IMAGE;

/// The longest text that is edited in its field, in bytes.
const LONGEST_TEXT: usize = 100_000;

/// The longest binary value that is edited, by its digits.
const LONGEST_BYTES: usize = 256;

/// What is typed into one field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// The text; empty where the value is NULL.
    pub text: String,
    /// Whether the value is NULL, apart from empty text.
    pub is_null: bool,
    /// A value that is too long to be typed: it stays whole until another takes its place.
    pub kept: Option<Value>,
    /// The image that the kept value is, once it has come.
    pub image: Option<FieldImage>,
    /// What names the row that a foreign key points to.
    pub label: Option<String>,
    /// Whether a person has changed it.
    pub is_touched: bool,
    /// What the database had against it, until it is changed.
    pub refusal: Option<Problem>,
    /// Whether a person has done something to it that is not staged.
    pub has_typed: bool,
    /// What is staged for the column, as far as the form knows.
    pub staged: Option<StagedValue>,
}

/// An image on the graphics card; `None` where it cannot be shown.
#[derive(Clone)]
pub(super) struct FieldImage(pub Option<TextureHandle>);

impl fmt::Debug for FieldImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FieldImage").field(&self.0.as_ref().map(TextureHandle::id)).finish()
    }
}

impl Field {
    /// Returns how long the image is that the field holds, if it can be shown.
    pub fn image_bytes(&self) -> Option<u64> {
        let Some(Value::Bytes(bytes)) = &self.kept else { return None };
        let is_shown = BlobKind::of(bytes).is_some_and(BlobKind::is_image);
        Some(bytes.len() as u64).filter(|length| is_shown && *length <= LONGEST_IMAGE)
    }

    /// Returns whether it refers to a new row, which has no key yet.
    pub fn refers_to_new(&self) -> bool {
        let is_new = matches!(&self.staged, Some(StagedValue::Value(NewValue::KeyOf { .. })));
        is_new && !self.has_typed
    }

    /// Makes a field that shows a value.
    pub fn of(value: &Value) -> Self {
        let mut field = Self {
            text: String::new(),
            is_null: true,
            kept: None,
            image: None,
            label: None,
            is_touched: false,
            refusal: None,
            has_typed: false,
            staged: None,
        };
        field.show(value);
        field
    }

    /// Shows another value, as read from the database.
    pub fn show(&mut self, value: &Value) {
        self.put(value);
        self.is_touched = false;
    }

    /// Takes a value as if it had been typed.
    pub fn put(&mut self, value: &Value) {
        self.image = None;
        self.kept = is_too_long(value).then(|| value.clone());
        self.text = if self.kept.is_some() { String::new() } else { text_of(value) };
        self.is_null = value.is_null();
        self.is_touched = true;
        self.refusal = None;
    }

    /// Returns the value that is typed. `column` says how to read it, `language` how people write
    /// it.
    ///
    /// # Errors
    /// When the text is no value of the column's type, or nothing is typed where something is
    /// needed.
    pub fn value(&self, column: &ColumnMeta, language: Language) -> Result<Value, Problem> {
        if let Some(kept) = &self.kept {
            return Ok(kept.clone());
        }
        let is_text = column.column_type == ColumnType::Text;
        if self.is_null || (self.text.trim().is_empty() && !is_text) {
            return if column.is_nullable || column.fill != Fill::Draft {
                Ok(Value::Null)
            } else {
                Err(Problem::Required)
            };
        }
        national::parse(language, column.column_type, &self.text)
            .ok_or_else(|| Problem::WrongType(column.column_type, self.text.clone()))
    }
}

/// Returns whether a value cannot be edited as text: laying out a very long one stops the window,
/// and nobody types an image.
pub(crate) fn is_too_long(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.len() > LONGEST_TEXT,
        Value::Bytes(bytes) => bytes.len() > LONGEST_BYTES || BlobKind::of(bytes).is_some(),
        _ => false,
    }
}

/// Returns the text in which a value is typed.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Json(json) => {
            serde_json::to_string_pretty(json).unwrap_or_else(|_| json.to_string())
        }
        Value::Timestamp(_) => value.to_string().replacen('T', " ", 1),
        value => value.to_string(),
    }
}
