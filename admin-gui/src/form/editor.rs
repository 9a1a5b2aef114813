//! Which control edits a column.

use persistence::entity::Reference;
use persistence::{ColumnMeta, ColumnType};

/// Text from this many characters on is edited over several lines.
const LONG_TEXT: usize = 90;

/// Names of columns that hold more than a line, where a text itself does not say so.
const LONG_TEXT_NAMES: [&str; 10] = [
    "biography",
    "body",
    "comment",
    "content",
    "description",
    "note",
    "notes",
    "review",
    "summary",
    "text",
];

/// Which control edits a column.
#[derive(Clone, Copy, Debug)]
pub(super) enum Editor {
    /// A field of one line.
    Line,
    /// A field of several lines.
    Paragraph,
    /// A box to tick.
    Checkbox,
    /// A list to choose from.
    Variants(&'static [&'static str]),
    /// A search for the row to refer to.
    Reference(&'static Reference),
}

impl Editor {
    /// Returns the control for a column with that text in it.
    pub fn of(column: &'static ColumnMeta, text: &str) -> Self {
        if let Some(reference) = &column.references {
            return Self::Reference(reference);
        }
        match column.column_type {
            ColumnType::Bool => Self::Checkbox,
            ColumnType::Enum { variants } => Self::Variants(variants),
            ColumnType::Json => Self::Paragraph,
            ColumnType::Text if is_long(column.name, text) => Self::Paragraph,
            _ => Self::Line,
        }
    }
}

/// Returns whether values of a column may need more room than a field has.
pub(crate) const fn is_large(column: &ColumnMeta) -> bool {
    column.references.is_none()
        && matches!(column.column_type, ColumnType::Text | ColumnType::Json | ColumnType::Bytes)
}

fn is_long(name: &str, text: &str) -> bool {
    LONG_TEXT_NAMES.contains(&name)
        || text.contains('\n')
        || text.char_indices().nth(LONG_TEXT).is_some()
}
