//! What the rows are called that foreign keys point to.

use std::collections::{HashMap, HashSet};

use persistence::{DynSession, EntityMeta, Filter, Query, Record, RecordKey, Result, Value};

/// Labels asked for at a time: every engine takes so many values.
const LABELS_PER_QUERY: usize = 500;

/// Labels of one foreign key that are kept from page to page; then they are asked for anew.
const LABELS_KEPT: usize = 20_000;

/// The labels of what some foreign keys point to, asked for as they are needed.
#[derive(Debug, Default)]
pub(super) struct Labels {
    /// By the foreign key's position: the key, and the label as a text; NULL where there is no row.
    known: HashMap<usize, HashMap<Value, Value>>,
}

impl Labels {
    /// Returns the label of what a foreign key points to; NULL where that is nothing, the key
    /// itself where the catalog does not have the entity.
    pub(super) fn get<'l>(&'l self, position: usize, key: &'l Value) -> &'l Value {
        match self.known.get(&position) {
            Some(labels) => labels.get(key).unwrap_or(&Value::Null),
            None => key,
        }
    }

    /// Asks for what the rows' foreign keys at these positions point to and is not known yet.
    pub(super) fn ask(
        &mut self,
        session: &mut dyn DynSession,
        meta: &EntityMeta,
        positions: &[usize],
        rows: &[Record],
    ) -> Result<()> {
        for &position in positions {
            let reference =
                meta.columns.get(position).and_then(|column| column.references.as_ref());
            let Some(target) = reference.map(|reference| reference.entity.meta()) else { continue };
            let Some(key) = target.key_columns().next() else { continue };
            if session.repository(target.table).is_err() {
                continue;
            }
            let labels = self.known.entry(position).or_default();
            if labels.len() > LABELS_KEPT {
                labels.clear();
            }
            let wanted: HashSet<&Value> = rows
                .iter()
                .map(|row| row.value(position))
                .filter(|value| !value.is_null() && !labels.contains_key(*value))
                .collect();
            let wanted: Vec<Value> = wanted.into_iter().cloned().collect();
            for values in wanted.chunks(LABELS_PER_QUERY) {
                let mut query = Query::new();
                query.filter = Filter::In { column: key.name.into(), values: values.to_vec() };
                let found = session.repository(target.table)?.list(&query)?;
                labels.extend(values.iter().map(|value| (value.clone(), Value::Null)));
                labels.extend(found.iter().filter_map(|row| {
                    let RecordKey(key) = target.key_of(row);
                    Some((key.into_iter().next()?, Value::Text(target.label_of(row))))
                }));
            }
        }
        Ok(())
    }
}
