//! The drift of one table, and which tables of a catalog have some.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Drift, Hindered};

/// Everything in which one table differs from what its entity says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDrift {
    /// The table's name.
    pub table: &'static str,
    /// What differs; never empty.
    pub drifts: Vec<Drift>,
}

impl TableDrift {
    /// Groups drifts by their tables, which stay in their order.
    #[must_use]
    pub fn group(drifts: Vec<Drift>) -> Vec<Self> {
        let mut tables: Vec<Self> = Vec::new();
        for drift in drifts {
            let table = drift.table();
            match tables.iter_mut().find(|known| known.table == table) {
                Some(known) => known.drifts.push(drift),
                None => tables.push(Self { table, drifts: vec![drift] }),
            }
        }
        tables
    }

    /// Returns what all of it together keeps a program from doing.
    #[must_use]
    pub fn hinders(&self) -> Hindered {
        self.drifts.iter().map(Drift::hinders).max().unwrap_or_default()
    }

    /// Returns whether its rows are not to be written.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.hinders() > Hindered::Nothing
    }

    /// Returns what hinders something, without what does no harm.
    pub fn hindering(&self) -> impl Iterator<Item = &Drift> {
        self.drifts.iter().filter(|drift| drift.hinders() > Hindered::Nothing)
    }
}

impl fmt::Display for TableDrift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, drift) in self.hindering().enumerate() {
            write!(f, "{}{drift}", if position == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

/// Which tables of a catalog were not as their entities say when that was looked at last. Shared by its
/// sessions, which refuse to write them.
#[derive(Debug, Default)]
pub(crate) struct Remembered(RwLock<Arc<[TableDrift]>>);

impl Remembered {
    /// Returns what was found last.
    pub(crate) fn found(&self) -> Arc<[TableDrift]> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes what was found now.
    pub(crate) fn remember(&self, found: Arc<[TableDrift]>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = found;
    }

    /// Returns what keeps a table from being written.
    pub(crate) fn of(&self, table: &str) -> Option<TableDrift> {
        let found = self.0.read().unwrap_or_else(PoisonError::into_inner);
        found.iter().find(|found| found.table == table && found.is_read_only()).cloned()
    }
}
