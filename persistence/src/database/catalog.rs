//! A database's entities, put together for an admin or a command line.

use std::sync::Arc;

use super::Database;
use super::transaction::{Begin, SessionOptions};
use crate::backend::{Engine, Isolation};
use crate::catalog::{Catalog, CatalogEntry, DynRepository, DynSession, OpenSession};
use crate::drift::Drift;
use crate::entity::{Entity, EntityMeta};
use crate::erased::Erased;
use crate::error::{Error, Result};
use crate::interruption::Canceller;
use crate::session::Session;
use crate::store::Store;
use crate::value::Value;

/// Lends a session as the repository of one entity.
type Repository<C> = for<'s> fn(&'s mut Session<C>) -> Box<dyn DynRepository + 's>;

/// The entities of a catalog that is being put together; see [`Database::catalog`].
pub struct CatalogBuilder<C: Engine> {
    database: Database<C>,
    entries: Vec<CatalogEntry>,
    repositories: Vec<(&'static str, Repository<C>)>,
}

impl<C: Engine> CatalogBuilder<C> {
    pub(super) const fn new(database: Database<C>) -> Self {
        Self { database, entries: Vec::new(), repositories: Vec::new() }
    }

    /// Adds an entity; one that is there already stays once.
    #[must_use]
    pub fn entity<E: Entity>(mut self) -> Self
    where
        C: Store<E>,
    {
        let table = E::meta().table;
        if self.repositories.iter().all(|(known, _)| *known != table) {
            self.entries.push(CatalogEntry::of::<E>());
            self.repositories.push((table, |session| Box::new(Erased::<E, _>::new(session))));
        }
        self
    }

    /// The catalog.
    #[must_use]
    pub fn build(self) -> Catalog {
        let sessions = Sessions { database: self.database, repositories: self.repositories.into() };
        Catalog::new(self.entries, Arc::new(sessions))
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
    repositories: Arc<[(&'static str, Repository<C>)]>,
}

impl<C: Engine> OpenSession for Sessions<C> {
    fn check(&self, entities: &[&'static EntityMeta]) -> Result<Vec<Drift>> {
        self.database.check_entities(entities.iter().copied())
    }

    fn defaults(&self, meta: &'static EntityMeta) -> Result<Vec<(usize, Value)>> {
        self.database.defaults(meta)
    }

    fn session(&self) -> Result<Box<dyn DynSession + '_>> {
        let session = self.database.session()?;
        Ok(Box::new(ErasedSession { session, repositories: Arc::clone(&self.repositories) }))
    }

    fn writing_session(&self) -> Result<Box<dyn DynSession + '_>> {
        let options = SessionOptions { isolation: None, begin: Begin::AtOnce };
        let session = self.database.session_with(options)?;
        Ok(Box::new(ErasedSession { session, repositories: Arc::clone(&self.repositories) }))
    }

    fn snapshot(&self) -> Result<Box<dyn DynSession + '_>> {
        let options = SessionOptions {
            isolation: Some(Isolation::RepeatableRead),
            begin: Begin::WhenWriting,
        };
        let session = self.database.session_with(options)?;
        Ok(Box::new(ErasedSession { session, repositories: Arc::clone(&self.repositories) }))
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

/// A session whose entities are found by name.
struct ErasedSession<C: Engine> {
    session: Session<C>,
    repositories: Arc<[(&'static str, Repository<C>)]>,
}

impl<C: Engine> DynSession for ErasedSession<C> {
    fn repository(&mut self, table: &str) -> Result<Box<dyn DynRepository + '_>> {
        let repository = self.repositories.iter().find(|(known, _)| *known == table);
        let (_, repository) = repository.ok_or_else(|| Error::Schema {
            message: format!("the catalog has no entity with the table `{table}`"),
        })?;
        Ok(repository(&mut self.session))
    }

    fn commit(&mut self) -> Result<()> {
        self.session.commit()
    }

    fn rollback(&mut self) -> Result<()> {
        self.session.rollback()
    }

    fn canceller(&mut self) -> Result<Canceller> {
        self.session.canceller()
    }
}
