//! Rows by their keys, as filters.

use persistence::{EntityMeta, Filter, RecordKey};

/// Keys asked for in one statement.
const KEYS_A_STATEMENT: usize = 500;

/// The same where a key has several columns: each is a condition of its own, and engines bound how
/// deep these may be nested.
const LONG_KEYS_A_STATEMENT: usize = 100;

/// How many keys of an entity are asked for in one statement.
pub const fn at_once(meta: &EntityMeta) -> usize {
    if meta.key.len() == 1 { KEYS_A_STATEMENT } else { LONG_KEYS_A_STATEMENT }
}

/// The rows that have one of these keys.
pub fn any_of<'k>(meta: &EntityMeta, keys: impl IntoIterator<Item = &'k RecordKey>) -> Filter {
    let keys = keys.into_iter();
    match meta.key_columns().next().filter(|_| meta.key.len() == 1) {
        Some(column) => {
            let values = keys.filter_map(|key| key.0.first().cloned()).collect();
            Filter::In { column: column.name.into(), values }
        }
        None => Filter::Or(keys.map(|key| Filter::key(meta, key)).collect()),
    }
}
