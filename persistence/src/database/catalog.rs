//! A database's entities, put together for an admin or a command line.

use std::sync::Arc;

use super::Database;
use super::transaction::{Begin, SessionOptions};
use crate::backend::{Engine, Isolation, MigrationStatus, Migrations};
use crate::catalog::{Catalog, CatalogEntry, DynMigrations, DynSession, OpenSession};
use crate::drift::{Drift, Remembered, TableDrift};
use crate::entity::{Entity, EntityMeta};
use crate::error::{Error, Result};
use crate::sealed::Sealed;
use crate::session::{ByName, ErasedEntity, Session};
use crate::sql::Typed;
use crate::store::Store;
use crate::value::Value;

/// The entities of a catalog that is being put together; see [`Database::catalog`].
pub struct CatalogBuilder<C: Engine> {
    database: Database<C>,
    entries: Vec<CatalogEntry>,
    entities: Vec<&'static dyn ErasedEntity<C>>,
    /// What is wrong where two entities have one table.
    twice: Option<String>,
    migrations: Option<&'static Migrations>,
}

impl<C: Engine> CatalogBuilder<C> {
    pub(super) const fn new(database: Database<C>) -> Self {
        Self { database, entries: Vec::new(), entities: Vec::new(), twice: None, migrations: None }
    }

    /// Adds an entity; one that is there already stays once. Two entities of one table cannot be
    /// told apart by whoever knows tables only: such a catalog opens no session, and says so.
    #[must_use]
    pub fn entity<E: Entity>(mut self) -> Self
    where
        C: Store<E>,
    {
        let table = E::meta().table;
        let known = self.entries.iter().find(|entry| entry.meta.table == table);
        if let Some(known) = known {
            if !std::ptr::eq(known.meta, E::meta()) {
                let (one, other) = (known.meta.name, E::meta().name);
                self.twice = Some(format!("`{one}` and `{other}` are both of the table `{table}`"));
            }
        } else {
            self.entries.push(CatalogEntry::of::<E>());
            self.entities.push(&Typed::<E>::ENTITY);
        }
        self
    }

    /// Adds the migrations that make the tables, so that whoever has the catalog can
    /// [see, run and revert](Catalog::migrations) them.
    #[must_use]
    pub const fn migrations(mut self, migrations: &'static Migrations) -> Self {
        self.migrations = Some(migrations);
        self
    }

    /// Makes the catalog.
    #[must_use]
    pub fn build(self) -> Catalog {
        let Self { database, entries, mut entities, twice, migrations } = self;
        let recorded = database.called.now().recorded;
        let is_known =
            |table: &str| entries.iter().any(|entry: &CatalogEntry| entry.meta.table == table);
        entities.extend(recorded.filter(|recorded| !is_known(recorded.meta().table)));
        let metas = entries.iter().map(|entry| entry.meta).collect();
        let drift = Arc::default();
        let sessions = Sessions { database, entities, metas, twice, drift, migrations };
        Catalog::new(entries, Arc::new(sessions))
    }
}

impl<C: Engine> std::fmt::Debug for CatalogBuilder<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CatalogBuilder")
            .field("database", &self.database)
            .field("entries", &self.entries)
            .finish_non_exhaustive()
    }
}

struct Sessions<C: Engine> {
    database: Database<C>,
    entities: Vec<&'static dyn ErasedEntity<C>>,
    /// The same, as far as the database may delete their rows along with others.
    metas: Arc<[&'static EntityMeta]>,
    twice: Option<String>,
    /// Which tables are not as the entities say.
    drift: Arc<Remembered>,
    migrations: Option<&'static Migrations>,
}

impl<C: Engine> Sessions<C> {
    fn by_name(&self, mut session: Session<C>) -> Box<dyn DynSession + '_> {
        session.know(Arc::clone(&self.metas), Arc::clone(&self.drift));
        Box::new(ByName::new(session, &self.entities))
    }

    fn require_different_tables(&self) -> Result<()> {
        match &self.twice {
            Some(message) => Err(Error::Schema { message: message.clone() }),
            None => Ok(()),
        }
    }
}

impl<C: Engine> Sealed for Sessions<C> {}

impl<C: Engine> OpenSession for Sessions<C> {
    fn check(&self, entities: &[&'static EntityMeta]) -> Result<Vec<Drift>> {
        self.require_different_tables()?;
        self.database.look_for_records()?;
        self.database.check_entities(entities.iter().copied())
    }

    fn remember(&self, found: Arc<[TableDrift]>) {
        self.drift.remember(found);
    }

    fn drift(&self) -> Arc<[TableDrift]> {
        self.drift.found()
    }

    fn migrations(&self) -> Option<&dyn DynMigrations> {
        // Those of other engines are none of this database's.
        self.migrations.and_then(C::migrations)?;
        Some(self)
    }

    fn defaults(&self, meta: &'static EntityMeta) -> Result<Vec<(usize, Value)>> {
        self.database.defaults(meta)
    }

    fn session(&self) -> Result<Box<dyn DynSession + '_>> {
        self.require_different_tables()?;
        let session = self.database.session()?;
        Ok(self.by_name(session))
    }

    fn writing_session(&self) -> Result<Box<dyn DynSession + '_>> {
        self.require_different_tables()?;
        let options = SessionOptions { isolation: None, begin: Begin::AtOnce };
        let session = self.database.session_with(options)?;
        Ok(self.by_name(session))
    }

    fn snapshot(&self) -> Result<Box<dyn DynSession + '_>> {
        self.require_different_tables()?;
        let options = SessionOptions {
            isolation: Some(Isolation::RepeatableRead),
            begin: Begin::WhenWriting,
        };
        let session = self.database.session_with(options)?;
        Ok(self.by_name(session))
    }

    fn has_history(&self) -> bool {
        self.database.called.now().record.is_some()
    }

    fn target(&self) -> String {
        self.database.target().to_owned()
    }

    fn engine(&self) -> &'static str {
        C::NAME
    }

    fn is_read_only(&self) -> bool {
        self.database.is_read_only()
    }
}

impl<C: Engine> DynMigrations for Sessions<C> {
    fn status(&self) -> Result<Vec<MigrationStatus>> {
        self.migrations.map_or(Ok(Vec::new()), |all| self.database.all_migrations(all))
    }

    fn run(&self, name: &str) -> Result<bool> {
        self.migrations.map_or(Ok(false), |all| self.database.run_migration(all, name))
    }

    fn revert(&self, name: &str) -> Result<bool> {
        self.migrations.map_or(Ok(false), |all| self.database.revert_named(all, name))
    }
}
