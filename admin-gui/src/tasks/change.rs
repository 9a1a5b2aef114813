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
    /// Returns the row that was there before, unless it was hidden.
    #[must_use]
    pub fn before(&self, meta: &EntityMeta) -> Option<&Record> {
        match self {
            Self::Inserted(_) => None,
            Self::Updated { before: row, .. } | Self::Deleted(row) => visible(meta, row),
        }
    }

    /// Returns the row that is there now, unless it is hidden.
    #[must_use]
    pub fn after(&self, meta: &EntityMeta) -> Option<&Record> {
        match self {
            Self::Inserted(row) | Self::Updated { after: row, .. } => visible(meta, row),
            Self::Deleted(_) => None,
        }
    }

    /// Returns how many rows there are more than before.
    #[must_use]
    pub fn growth(&self, meta: &EntityMeta) -> i64 {
        i64::from(self.after(meta).is_some()) - i64::from(self.before(meta).is_some())
    }
}

/// Returns a row unless it is marked as deleted: such rows are not seen.
fn visible<'r>(meta: &EntityMeta, row: &'r Record) -> Option<&'r Record> {
    meta.deleted().is_none_or(|column| row.value(column).is_null()).then_some(row)
}

#[cfg(test)]
mod tests {
    use persistence::entity::{ColumnMeta, Fill, Storage};
    use persistence::{ColumnType, Value};

    use super::*;

    const fn column(name: &'static str, storage: Storage, fill: Fill) -> ColumnMeta {
        ColumnMeta::new(name, ColumnType::Integer { bits: 64 }, storage).nullable(true).filled(fill)
    }

    /// Notes that are hidden when they are deleted.
    static NOTES: EntityMeta = EntityMeta::new(
        "Note",
        "notes",
        &[
            column("id", Storage::BigInt, Fill::Draft),
            column("deleted", Storage::BigInt, Fill::Deleted),
        ],
        &[0],
    );

    #[test]
    fn a_row_that_is_hidden_has_gone_and_one_that_is_shown_again_has_come() {
        let shown = Record(vec![Value::Integer(1), Value::Null]);
        let hidden = Record(vec![Value::Integer(1), Value::Integer(9)]);
        let updated = |before: &Record, after: &Record| Change::Updated {
            before: before.clone(),
            after: after.clone(),
        };
        let growths = [
            (Change::Inserted(shown.clone()), 1),
            (Change::Deleted(shown.clone()), -1),
            (Change::Deleted(hidden.clone()), 0),
            (updated(&shown, &shown), 0),
            (updated(&shown, &hidden), -1),
            (updated(&hidden, &shown), 1),
        ];
        for (change, growth) in growths {
            assert_eq!(change.growth(&NOTES), growth, "{change:?}");
        }
    }
}
