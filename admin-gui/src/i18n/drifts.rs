//! In what a table is not as its entity says, in words.

use persistence::drift::{Hindered, TableDrift};
use persistence::{Drift, OnDelete};

use super::Texts;
use crate::tr;

impl Texts {
    /// Returns in words in what a table is not as its entity says.
    #[must_use]
    pub fn drift(&self, drift: &Drift) -> String {
        match drift {
            Drift::MissingTable { table, .. } => tr!(self, "drift-missing-table", table = *table),
            Drift::MissingColumn { column, .. } => {
                tr!(self, "drift-missing-column", column = *column)
            }
            Drift::ExtraColumn { column, blocks_inserts: true, .. } => {
                tr!(self, "drift-required-column", column = column.as_str())
            }
            Drift::ExtraColumn { column, .. } => {
                tr!(self, "drift-extra-column", column = column.as_str())
            }
            Drift::OtherType { column, expected, found, .. } => tr!(
                self,
                "drift-other-type",
                column = *column,
                found = found.as_str(),
                expected = format!("{expected:?}")
            ),
            Drift::OtherCollation { column, found, .. } => {
                tr!(self, "drift-other-collation", column = *column, found = found.as_str())
            }
            Drift::NotGenerated { column, .. } => {
                tr!(self, "drift-not-generated", column = *column)
            }
            Drift::OtherNullability { column, is_nullable: true, .. } => {
                tr!(self, "drift-takes-null", column = *column)
            }
            Drift::OtherNullability { column, .. } => {
                tr!(self, "drift-takes-no-null", column = *column)
            }
            Drift::OtherPrimaryKey { expected, found, .. } if found.is_empty() => {
                tr!(self, "drift-no-key", expected = expected.join(", "))
            }
            Drift::OtherPrimaryKey { expected, found, .. } => tr!(
                self,
                "drift-other-key",
                found = found.join(", "),
                expected = expected.join(", ")
            ),
            Drift::MissingUnique { columns, .. } => {
                tr!(self, "drift-missing-unique", columns = columns.join(", "))
            }
            Drift::MissingForeignKey { column, references, .. } => {
                tr!(self, "drift-missing-reference", column = *column, table = *references)
            }
            Drift::OtherOnDelete { column, expected, found, .. } => tr!(
                self,
                "drift-other-on-delete",
                column = *column,
                found = found.map_or("?", on_delete),
                expected = on_delete(*expected)
            ),
            Drift::MissingIndex { column, .. } => {
                tr!(self, "drift-missing-index", column = *column)
            }
            drift => drift.to_string(),
        }
    }

    /// Returns in words what keeps a table's rows from being written.
    #[must_use]
    pub fn table_drift(&self, drift: &TableDrift) -> String {
        let drifts: Vec<_> = drift.hindering().map(|drift| self.drift(drift)).collect();
        let drifts = drifts.join("; ");
        if drift.hinders() == Hindered::Reading {
            tr!(self, "drift-reason-unreadable", table = drift.table, drifts = drifts)
        } else {
            tr!(self, "drift-reason", table = drift.table, drifts = drifts)
        }
    }
}

const fn on_delete(on_delete: OnDelete) -> &'static str {
    match on_delete {
        OnDelete::Restrict => "RESTRICT",
        OnDelete::Cascade => "CASCADE",
        OnDelete::SetNull => "SET NULL",
    }
}
