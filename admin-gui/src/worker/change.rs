//! What a write has done to a row.

use persistence::{EntityMeta, Record};

/// What a write has done to a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It has come.
    Inserted(Record),
    /// It is another one than before.
    Updated {
        /// The row as it was read.
        before: Record,
        /// The row as it is stored now.
        after: Record,
    },
    /// It is gone; this is what it was.
    Deleted(Record),
}

impl Change {
    /// The row that was there before, unless it was hidden.
    #[must_use]
    pub fn before(&self, meta: &EntityMeta) -> Option<&Record> {
        match self {
            Self::Inserted(_) => None,
            Self::Updated { before: row, .. } | Self::Deleted(row) => visible(meta, row),
        }
    }

    /// The row that is there now, unless it is hidden.
    #[must_use]
    pub fn after(&self, meta: &EntityMeta) -> Option<&Record> {
        match self {
            Self::Inserted(row) | Self::Updated { after: row, .. } => visible(meta, row),
            Self::Deleted(_) => None,
        }
    }

    /// How many rows there are more than before.
    #[must_use]
    pub fn growth(&self, meta: &EntityMeta) -> i64 {
        i64::from(self.after(meta).is_some()) - i64::from(self.before(meta).is_some())
    }
}

/// Rows that are marked as deleted are not seen.
fn visible<'r>(meta: &EntityMeta, row: &'r Record) -> Option<&'r Record> {
    meta.deleted().is_none_or(|column| row.value(column).is_null()).then_some(row)
}
