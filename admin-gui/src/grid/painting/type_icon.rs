//! The mark of what a column holds.

use egui_material_icons::MaterialIcon;
use persistence::ColumnType;

use crate::grid::source::SourceColumn;
use crate::theme::icon;

/// Returns the mark of what a column holds: a key, a link, or its type.
#[must_use]
pub(crate) const fn type_icon(column: &SourceColumn) -> MaterialIcon {
    if column.is_key {
        return icon::ICON_KEY;
    }
    if column.references.is_some() {
        return icon::ICON_LINK;
    }
    match column.column_type {
        ColumnType::Bool => icon::ICON_CHECK_BOX,
        ColumnType::Integer { .. } | ColumnType::Float | ColumnType::Decimal { .. } => {
            icon::ICON_NUMBERS
        }
        ColumnType::Text => icon::ICON_TEXT_FIELDS,
        ColumnType::Enum { .. } => icon::ICON_LABEL,
        ColumnType::Date => icon::ICON_CALENDAR_TODAY,
        ColumnType::Time | ColumnType::Timestamp => icon::ICON_SCHEDULE,
        ColumnType::Uuid => icon::ICON_FINGERPRINT,
        ColumnType::Json => icon::ICON_DATA_OBJECT,
        _ => icon::ICON_MEMORY,
    }
}
