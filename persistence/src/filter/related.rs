//! Where the evaluation of a filter in memory finds related rows.

use crate::relation::RelationMeta;
use crate::value::{Record, Value};

/// The rows of all entities that a filter's relations lead to.
pub trait RelatedRows {
    /// Returns the rows that a relation leads to from a row whose [own
    /// column](RelationMeta::own_column) has that value, each once; `None` where that is not known.
    fn related<'r>(&'r self, relation: &RelationMeta, value: &Value) -> Option<Vec<&'r Record>>;
}

/// A row by itself.
pub(super) struct NoRows;

impl RelatedRows for NoRows {
    fn related<'r>(&'r self, _: &RelationMeta, _: &Value) -> Option<Vec<&'r Record>> {
        None
    }
}
