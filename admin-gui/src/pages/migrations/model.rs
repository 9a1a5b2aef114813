//! What is known of the migrations, and which of them are being run.

use std::collections::VecDeque;
use std::sync::Arc;

use persistence::backend::MigrationStatus;
use persistence::drift::TableDrift;

use crate::tasks::{Schema, Step};

/// Migrations that are run or reverted one after the other.
#[derive(Debug)]
struct Running {
    step: Step,
    /// The one that is being worked on first.
    names: VecDeque<String>,
    done: usize,
    is_stopped: bool,
}

/// What is known of the migrations.
#[derive(Debug, Default)]
pub struct Migrations {
    schema: Option<Schema>,
    /// Why it could not be looked at, or a step not be taken.
    error: Option<String>,
    running: Option<Running>,
}

impl Migrations {
    /// Returns all migrations, once they are known; `None` as well for a program without.
    #[must_use]
    pub fn list(&self) -> Option<&[MigrationStatus]> {
        self.schema.as_ref()?.migrations.as_deref()
    }

    /// Returns whether the database has been looked at.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.schema.is_some()
    }

    /// Returns the names of the migrations that are to be run, in their order.
    #[must_use]
    pub fn pending(&self) -> Vec<&str> {
        let all = self.list().unwrap_or_default().iter();
        all.filter(|one| !one.is_applied).map(|one| one.name.as_str()).collect()
    }

    /// Returns the migration that can be reverted: the one that was applied last, if the program knows it.
    #[must_use]
    pub fn last(&self) -> Option<&str> {
        let last = self.list()?.iter().rev().find(|one| one.is_applied)?;
        last.is_known.then_some(last.name.as_str())
    }

    /// Returns in which tables the database differs from what the entities say.
    #[must_use]
    pub fn drift(&self) -> &[TableDrift] {
        self.schema.as_ref().map_or(&[], |schema| &schema.drift)
    }

    /// Returns why it could not be looked at, or a step not be taken.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Goes on to say why a step was not taken.
    pub fn keep_error(&mut self, error: Option<String>) {
        self.error = error.or(self.error.take());
    }

    /// Takes how the database fits; returns the tables that fit in another way than before.
    pub fn take(&mut self, outcome: Result<Schema, String>) -> Vec<&'static str> {
        let schema = match outcome {
            Ok(schema) => schema,
            Err(error) => {
                self.error = Some(error);
                return Vec::new();
            }
        };
        self.error = None;
        let before = self.schema.replace(schema).map_or_else(Arc::default, |schema| schema.drift);
        let now = self.drift();
        let other = |drift: &&TableDrift, others: &[TableDrift]| !others.contains(drift);
        let gone = before.iter().filter(|drift| other(drift, now));
        let come = now.iter().filter(|drift| other(drift, &before));
        let mut tables: Vec<_> = gone.chain(come).map(|drift| drift.table).collect();
        tables.sort_unstable();
        tables.dedup();
        tables
    }

    /// Begins to run or revert migrations; returns the first of them.
    pub fn begin(&mut self, step: Step, names: Vec<String>) -> Option<String> {
        let first = names.first()?.clone();
        self.error = None;
        self.running = Some(Running { step, names: names.into(), done: 0, is_stopped: false });
        Some(first)
    }

    /// Notes that a step was taken, or not; returns the next one.
    pub fn stepped(&mut self, succeeded: bool) -> Option<(Step, String)> {
        let running = self.running.as_mut()?;
        running.names.pop_front();
        running.done += usize::from(succeeded);
        match running.names.front() {
            Some(next) if succeeded && !running.is_stopped => Some((running.step, next.clone())),
            _ => {
                self.running = None;
                None
            }
        }
    }

    /// Ends after the step that is being taken.
    pub fn stop(&mut self) {
        if let Some(running) = &mut self.running {
            running.is_stopped = true;
        }
    }

    /// Returns whether steps are being taken.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Returns what is being done: the step, the migration, how many are done, how many there are in all.
    #[must_use]
    pub fn progress(&self) -> Option<(Step, &str, usize, usize)> {
        let running = self.running.as_ref()?;
        let all = running.done + running.names.len();
        Some((running.step, running.names.front()?, running.done, all))
    }

    /// Returns whether it ends after the step that is being taken.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.is_stopped)
    }
}
