//! What rows are called.

use persistence::{EntityMeta, Record};

/// Returns what names a row to people: its label, or its key where that says nothing.
pub(crate) fn row_name(meta: &EntityMeta, row: &Record) -> String {
    label(meta, row).unwrap_or_else(|| by_key(meta.key_of(row)))
}

/// Returns a row's label; `None` where that says nothing.
pub(crate) fn label(meta: &EntityMeta, row: &Record) -> Option<String> {
    let value = row.value(meta.label);
    let label = meta.label_of(row);
    (!value.is_null() && !label.trim().is_empty()).then_some(label)
}

/// Returns what a row without a label is called.
pub(crate) fn by_key(key: impl std::fmt::Display) -> String {
    format!("#{key}")
}

#[cfg(test)]
mod tests {
    use persistence::{Entity as _, Value};

    use super::*;
    use crate::samples::Writer;

    fn named(name: Value) -> String {
        let mut row = Record(vec![Value::Null; Writer::meta().columns.len()]);
        row.set(Writer::ID.position(), Value::Integer(7));
        row.set(Writer::NAME.position(), name);
        row_name(Writer::meta(), &row)
    }

    #[test]
    fn a_row_is_called_by_its_label_or_else_by_its_key() {
        assert_eq!(named("Lem".into()), "Lem");
        for nothing in [Value::Null, "".into(), " \t".into()] {
            assert_eq!(named(nothing), "#7");
        }
    }
}
