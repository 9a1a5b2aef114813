//! Rows by their keys: how many are asked for at once.

use persistence::EntityMeta;

/// Keys asked for in one statement.
const KEYS_PER_STATEMENT: usize = 500;

/// The same where a key has several columns: each is a condition of its own, and engines bound how
/// deep these may be nested.
pub(crate) const LONG_KEYS_PER_STATEMENT: usize = 100;

/// Returns how many keys of an entity are asked for in one statement.
pub const fn at_once(meta: &EntityMeta) -> usize {
    if meta.key.len() == 1 { KEYS_PER_STATEMENT } else { LONG_KEYS_PER_STATEMENT }
}
