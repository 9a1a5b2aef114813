//! A filter's values in the forms in which columns store them.

use std::borrow::Cow;

use super::Filter;
use crate::column_type::ValueError;
use crate::entity::{ColumnMeta, EntityMeta};
use crate::value::Value;

impl ColumnMeta {
    /// Refuses a point in time that the column's form does not keep.
    ///
    /// # Errors
    /// When it would be stored, or compared, as another one.
    pub(crate) fn keeps(&self, value: Value) -> Result<Value, ValueError> {
        match (self.form, &value) {
            (Some(form), Value::Timestamp(time)) if form.store(*time).is_none() => {
                Err(ValueError::new("a point in time that its column keeps", value))
            }
            _ => Ok(value),
        }
    }

    /// Returns a value as it is stored and compared: a point in time in the column's form.
    #[must_use]
    pub fn stored<'v>(&self, value: &'v Value) -> Cow<'v, Value> {
        match (self.form, value) {
            (Some(form), Value::Timestamp(time)) => form
                .store(*time)
                .map_or(Cow::Borrowed(value), |stored| Cow::Owned(Value::Raw(stored))),
            _ => Cow::Borrowed(value),
        }
    }
}

impl Filter {
    /// Returns the same filter with its values as they are stored.
    pub(crate) fn into_stored(mut self, meta: &EntityMeta) -> Self {
        self.store(meta);
        self
    }

    fn store(&mut self, meta: &EntityMeta) {
        let store = |name: &str, value: &mut Value| {
            if let Some(column) = meta.column(name)
                && let Cow::Owned(stored) = column.stored(value)
            {
                *value = stored;
            }
        };
        match self {
            Self::And(filters) | Self::Or(filters) => {
                for filter in filters {
                    filter.store(meta);
                }
            }
            Self::Not(filter) => filter.store(meta),
            Self::Related { relation, filter } | Self::RelatedCount { relation, filter, .. } => {
                if let Some(relation) = meta.relation(relation) {
                    filter.store(relation.target.meta());
                }
            }
            Self::Compare { column, value, .. } => store(column, value),
            Self::In { column, values } => {
                for value in values {
                    store(column, value);
                }
            }
            Self::All | Self::Text { .. } | Self::IsNull { .. } | Self::InLastDays { .. } => {}
        }
    }
}
