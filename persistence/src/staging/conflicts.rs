//! What others have done meanwhile to rows of which something is staged.

use std::sync::Arc;

use super::Staging;
use super::row::{RowId, StagedRow};
use super::step::Step;
use crate::drafting::is_by_framework;
use crate::value::Record;

/// What others have done to a row, that somebody has to decide on before what is staged of it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// They changed these columns, for which something else is staged; of a row that is to be deleted,
    /// any columns.
    Changed(Vec<&'static str>),
    /// They deleted it.
    Gone,
}

impl Conflict {
    /// Returns the columns that they changed.
    #[must_use]
    pub fn columns(&self) -> &[&'static str] {
        match self {
            Self::Changed(columns) => columns,
            Self::Gone => &[],
        }
    }
}

impl Staging {
    /// Takes in what a row of the database is by now; `None` where it is gone. What is staged stays, but for
    /// what the row has become already, as long as it is that. Returns what to keep of it; `None` where nothing
    /// is staged of that row, or it is what it was.
    pub fn reread(&mut self, row: &RowId, now: Option<Record>) -> Option<Step> {
        let stored = self.stored.get_mut(row)?;
        if stored.now().map(|now| &**now) == now.as_ref() {
            return None;
        }
        stored.is_gone = now.is_none();
        if let Some(now) = &now {
            stored.last = Arc::new(now.clone());
        }
        self.show(row);
        Some(Step::Reread { row: row.clone(), now })
    }

    /// Returns the row of the database as it was seen when something was staged of it, where that is so.
    #[must_use]
    pub fn seen(&self, row: &RowId) -> Option<&Record> {
        self.shown(row)?.seen.as_deref()
    }

    /// Returns what others have done to a row, where it has to be decided what is to become of it.
    #[must_use]
    pub fn conflict(&self, row: &RowId) -> Option<Conflict> {
        let staged = self.row(row)?;
        let stored = self.stored.get(row)?;
        let Some(now) = stored.now() else { return Some(Conflict::Gone) };
        let seen = self.seen(row)?;
        let columns = self.meta(row).columns.iter().enumerate();
        let changed = columns.filter(|(position, column)| {
            let is_meant = match staged {
                StagedRow::Deleted => !is_by_framework(column.fill),
                staged => staged.value(column.name).is_some(),
            };
            is_meant && seen.value(*position) != now.value(*position)
        });
        let changed: Vec<_> = changed.map(|(_, column)| column.name).collect();
        (!changed.is_empty()).then_some(Conflict::Changed(changed))
    }
}
