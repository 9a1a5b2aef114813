//! What programs add to their admin.

use persistence::{RecordKey, Result};

use super::selected::listed;
use crate::extensions::Action;
use crate::jobs::{Kind, Task, Work};
use transfer::export::Source;

/// Does a program's own action to rows; returns to how many, and `None` where they are too many.
#[derive(Clone, Debug)]
pub struct RunAction {
    /// The action.
    pub action: Action,
    /// The rows.
    pub source: Source,
    /// How many at most.
    pub limit: u64,
}

impl Task for RunAction {
    type Output = Option<usize>;
    const KIND: Kind = Kind::Writes;

    fn run(self, work: &mut Work<'_>) -> Result<Option<usize>> {
        let rows = listed(work.session()?, &self.source, self.limit, 1)?;
        let Some(rows) = rows else { return Ok(None) };
        let keys: Vec<RecordKey> = rows.iter().map(|row| self.source.meta.key_of(row)).collect();
        self.action.run(work.session()?, &keys)?;
        Ok(Some(keys.len()))
    }
}
