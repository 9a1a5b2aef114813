//! Sessions of a catalog that may not do everything.

use std::sync::Arc;

use super::Rules;
use super::session::PermittedSession;
use crate::backend::MigrationStatus;
use crate::catalog::{DynMigrations, DynSession, OpenSession};
use crate::drift::{Drift, TableDrift};
use crate::entity::EntityMeta;
use crate::error::{Error, Result};
use crate::permissions::{Action, ColumnAccess};
use crate::sealed::Sealed;
use crate::value::Value;

/// What opens sessions that may do what is permitted.
pub(crate) struct Permitted {
    database: Arc<dyn OpenSession>,
    rules: Rules,
}

impl Permitted {
    pub(crate) fn new(database: Arc<dyn OpenSession>, rules: Rules) -> Self {
        Self { database, rules }
    }

    fn limited<'s>(&'s self, session: Box<dyn DynSession + 's>) -> Box<dyn DynSession + 's> {
        Box::new(PermittedSession::new(session, &self.rules))
    }
}

impl Sealed for Permitted {}

impl OpenSession for Permitted {
    fn check(&self, entities: &[&'static EntityMeta]) -> Result<Vec<Drift>> {
        self.database.check(entities)
    }

    fn remember(&self, found: Arc<[TableDrift]>) {
        self.database.remember(found);
    }

    fn drift(&self) -> Arc<[TableDrift]> {
        self.database.drift()
    }

    fn migrations(&self) -> Option<&dyn DynMigrations> {
        self.database.migrations().map(|_| self as &dyn DynMigrations)
    }

    fn defaults(&self, meta: &'static EntityMeta) -> Result<Vec<(usize, Value)>> {
        self.rules.require(meta, Action::View)?;
        self.database.defaults(meta)
    }

    fn session(&self) -> Result<Box<dyn DynSession + '_>> {
        self.database.session().map(|session| self.limited(session))
    }

    fn writing_session(&self) -> Result<Box<dyn DynSession + '_>> {
        self.database.writing_session().map(|session| self.limited(session))
    }

    fn snapshot(&self) -> Result<Box<dyn DynSession + '_>> {
        self.database.snapshot().map(|session| self.limited(session))
    }

    fn has_history(&self) -> bool {
        self.database.has_history()
    }

    fn may(&self, meta: &EntityMeta, action: Action) -> bool {
        self.rules.may(meta, action) && self.database.may(meta, action)
    }

    fn access(&self, meta: &EntityMeta, position: usize) -> ColumnAccess {
        self.rules.access(meta, position).min(self.database.access(meta, position))
    }

    fn target(&self) -> String {
        self.database.target()
    }

    fn engine(&self) -> &'static str {
        self.database.engine()
    }

    fn is_read_only(&self) -> bool {
        self.rules.is_read_only() || self.database.is_read_only()
    }
}

impl Permitted {
    /// Returns the migrations of a catalog that may do everything: tables are more than their rows.
    fn migrating(&self) -> Result<&dyn DynMigrations> {
        let migrations = self.database.migrations().filter(|_| self.rules.is_unlimited());
        migrations.ok_or_else(|| Error::ReadOnly { target: self.target() })
    }
}

impl DynMigrations for Permitted {
    fn status(&self) -> Result<Vec<MigrationStatus>> {
        self.database.migrations().map_or(Ok(Vec::new()), DynMigrations::status)
    }

    fn run(&self, name: &str) -> Result<bool> {
        self.migrating()?.run(name)
    }

    fn revert(&self, name: &str) -> Result<bool> {
        self.migrating()?.revert(name)
    }
}
