//! What was recorded, as far as it may be seen: a change says what was in a row.

use serde_json::json;

use super::Rules;
use crate::audit::AuditEntry;
use crate::entity::{Entity as _, EntityMeta};
use crate::filter::Filter;
use crate::permissions::Action;
use crate::value::{Record, Value};

/// Returns whether a column has values of other rows.
pub(super) fn holds_values(meta: &EntityMeta, position: usize) -> bool {
    let column = meta.columns.get(position).map(|column| column.name);
    let values = [AuditEntry::OLD_VALUES.name(), AuditEntry::NEW_VALUES.name()];
    std::ptr::eq(meta, AuditEntry::meta()) && column.is_some_and(|it| values.contains(&it))
}

impl Rules {
    /// Returns a filter that finds nothing of tables that may not be seen.
    pub(super) fn narrowed(&self, meta: &EntityMeta, filter: &Filter) -> Filter {
        let hidden: Vec<Value> = self.hidden().map(Value::from).collect();
        if hidden.is_empty() || !std::ptr::eq(meta, AuditEntry::meta()) {
            return filter.clone();
        }
        let column = AuditEntry::TABLE_NAME.name().into();
        filter.clone().and(Filter::In { column, values: hidden }.not())
    }

    /// Returns an entry without values that may not be seen; `None` where the table may not be.
    pub(super) fn recorded(&self, mut row: Record) -> Option<Record> {
        let meta = AuditEntry::meta();
        let table = meta.position(AuditEntry::TABLE_NAME.name())?;
        let rules = row.value(table).as_text().and_then(|table| self.of(table));
        if rules.is_some_and(|rules| !rules.allows(Action::View)) {
            return None;
        }
        let is_masked = |name: &str| rules.is_some_and(|rules| rules.is_masked(name));
        for position in (0..meta.columns.len()).filter(|it| holds_values(meta, *it)) {
            let values = match row.value(position).clone() {
                Value::Json(serde_json::Value::Object(mut values)) => {
                    for (_, value) in values.iter_mut().filter(|(name, _)| is_masked(name)) {
                        *value = json!(Value::Masked);
                    }
                    serde_json::Value::Object(values)
                }
                // A filter, or what cannot be read: there may be anything in it, of other tables as well.
                _ if self.hides() => Value::Masked.to_string().into(),
                _ => continue,
            };
            row.set(position, Value::Json(values));
        }
        Some(row)
    }
}
