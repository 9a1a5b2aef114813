//! How the database fits the program: drift and migrations.

use std::sync::Arc;

use persistence::Result;
use persistence::backend::MigrationStatus;
use persistence::drift::TableDrift;

use crate::jobs::{Kind, Task, Work};

/// How the database fits the program.
#[derive(Clone, Debug)]
pub struct Schema {
    /// In which tables it differs from what the entities say.
    pub drift: Arc<[TableDrift]>,
    /// The program's migrations, and those that only the database knows; `None` for a program without.
    pub migrations: Option<Vec<MigrationStatus>>,
}

/// Looks how the database fits the program; from then on what does not fit is not written.
#[derive(Clone, Copy, Debug)]
pub struct LookAtSchema;

impl Task for LookAtSchema {
    type Output = Schema;

    fn may_take_long(&self) -> bool {
        false
    }

    fn run(self, work: &mut Work<'_>) -> Result<Schema> {
        let migrations = match work.catalog.migrations() {
            Some(migrations) => Some(migrations.status()?),
            None => None,
        };
        Ok(Schema { drift: work.catalog.recheck()?, migrations })
    }
}

/// What is done with a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is run.
    Run,
    /// It is reverted.
    Revert,
}

/// Runs or reverts one migration; one that somebody else has run or reverted meanwhile is as it was to be.
#[derive(Clone, Debug)]
pub struct TakeStep {
    /// Which of both.
    pub step: Step,
    /// The migration's name.
    pub name: String,
}

impl Task for TakeStep {
    type Output = ();

    const KIND: Kind = Kind::Writes;

    fn run(self, work: &mut Work<'_>) -> Result<()> {
        if let Some(migrations) = work.catalog.migrations() {
            match self.step {
                Step::Run => migrations.run(&self.name)?,
                Step::Revert => migrations.revert(&self.name)?,
            };
        }
        Ok(())
    }
}
