//! Repositories in memory, for the tests of services: the same contract without a database.

mod browse;
mod by_name;
mod flush;
mod integrity;
mod references;
mod related;
mod repository;
mod table;
mod unit;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::catalog::{Catalog, CatalogEntry, DynRepository, DynSession, OpenSession};
use crate::drift::Drift;
use crate::entity::{Entity, EntityMeta};
use crate::erased::Erased;
use crate::error::{Error, Result, RetryReason};
use crate::reference::next_session;
use crate::sealed::Sealed;
use crate::value::{Record, RecordKey, Value};
use table::Table;
use unit::Unit;

/// What people call it, where a database has a file or host.
const TARGET: &str = "memory";

/// A session on a database in memory: a [`Repository`](crate::Repository) of every entity it was
/// made [`with`](Self::with), by the same rules as a real one: keys are generated, unique and
/// required columns and foreign keys are checked, deletes cascade, versions count up, and what was
/// not committed can be rolled back.
///
/// It knows no `CHECK` of a database's own: the entity's validation stands in for them.
///
/// It has a unit of work by the names of its entities ([`DynSession`]); what was added and changed by that is
/// found by typed repositories once it is flushed.
///
/// ```
/// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text, age -> Nullable<Integer> } } }
/// # use persistence::Entity; use schema::users;
/// # #[derive(Clone, Debug, PartialEq, Entity)]
/// # #[entity(table = users)]
/// # struct User { #[entity(key, generated)] id: i64, #[entity(label)] name: String, age: Option<i32> }
/// use persistence::{Memory, Repository};
///
/// fn birthday(users: &mut impl Repository<User>, id: i64) -> persistence::Result<User> {
///     let mut user = users.get(id)?;
///     user.age = user.age.map(|age| age + 1);
///     users.update(user)
/// }
///
/// let mut memory = Memory::new().with::<User>();
/// let john: User = memory.insert(NewUser { name: "John Doe".into(), age: Some(30) })?;
/// assert_eq!(birthday(&mut memory, john.id)?.age, Some(31));
/// # Ok::<(), persistence::Error>(())
/// ```
#[expect(clippy::struct_excessive_bools, reason = "each is one fact about the session")]
pub struct Memory {
    shared: Arc<Shared>,
    entities: Arc<Vec<Registered>>,
    /// The tables as this session sees them, in the order of the entities. Only those it has
    /// written are its own.
    tables: Vec<Arc<Table>>,
    /// What the running statement has replaced: table, key and the row before.
    undo: Vec<(usize, RecordKey, Option<Arc<Record>>)>,
    has_changes: bool,
    /// Rows as this session was given them last.
    lent: Lent,
    /// Whether this session goes on seeing what it saw first.
    is_pinned: bool,
    /// Whether the last conflict was about a row that this session has read itself.
    has_own_conflict: bool,
    /// How many commits there had been when this session last looked.
    commits_seen: u64,
    is_read_only: bool,
    /// How many transactions it has ended.
    transaction: u64,
    /// What tells its handles from those of other sessions.
    id: u32,
    /// What is not written yet.
    unit: Unit,
}

/// Rows by table and key, as a session was given them.
type Lent = HashMap<(usize, RecordKey), Arc<Record>>;

/// What all sessions on the same rows have in common.
#[derive(Debug, Default)]
struct Shared {
    committed: Mutex<Committed>,
}

#[derive(Debug, Default)]
struct Committed {
    tables: Vec<Arc<Table>>,
    commits: u64,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Committed> {
        // Nothing is left half done under the lock, even by a panic.
        self.committed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An entity that was registered by its type.
#[derive(Clone)]
struct Registered {
    entry: CatalogEntry,
    repository: for<'m> fn(&'m mut Memory) -> Box<dyn DynRepository + 'm>,
}

impl Memory {
    /// Makes a database in memory without any entity.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shared: Arc::default(),
            entities: Arc::default(),
            tables: Vec::new(),
            undo: Vec::new(),
            has_changes: false,
            lent: HashMap::new(),
            is_pinned: false,
            has_own_conflict: false,
            commits_seen: 0,
            is_read_only: false,
            transaction: 0,
            id: next_session(),
            unit: Unit::default(),
        }
    }

    /// Adds an entity. All entities that it refers to are needed as well, before the first row is
    /// inserted, in any order.
    #[must_use]
    pub fn with<E: Entity>(mut self) -> Self {
        if self.position(E::meta()).is_err() {
            Arc::make_mut(&mut self.entities).push(Registered {
                entry: CatalogEntry::of::<E>(),
                repository: |memory| Box::new(Erased::<E, _>::new(memory)),
            });
            let table = Arc::new(Table::new(E::meta()));
            self.tables.push(Arc::clone(&table));
            self.shared.lock().tables.push(table);
        }
        self
    }

    /// Makes the database refuse writes.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.is_read_only = true;
        self
    }

    /// Opens another session on the same rows. It sees what this one has committed.
    #[must_use]
    pub fn session(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            entities: Arc::clone(&self.entities),
            tables: self.shared.lock().tables.clone(),
            is_read_only: self.is_read_only,
            ..Self::new()
        }
    }

    /// Makes a catalog of the same rows, with their types known only at run time, for an admin or a
    /// command line. Its sessions see what this one has committed.
    #[must_use]
    pub fn catalog(&self) -> Catalog {
        let entries = self.entities.iter().map(|entity| entity.entry.clone()).collect();
        let sessions = Sessions {
            shared: Arc::clone(&self.shared),
            entities: Arc::clone(&self.entities),
            is_read_only: self.is_read_only,
        };
        Catalog::new(entries, Arc::new(sessions))
    }

    /// Runs a closure in a session of its own and commits; replays it where another session has
    /// committed meanwhile, as [`Database::transaction`](crate::Database::transaction) does.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use persistence::Entity; use schema::users;
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = users)]
    /// # struct User { #[entity(key, generated)] id: i64, #[entity(label)] name: String }
    /// use persistence::{Memory, Repository};
    ///
    /// let memory = Memory::new().with::<User>();
    /// let register = |name: &str| -> persistence::Result<User> {
    ///     memory.transaction(|session| session.insert(NewUser { name: name.into() }))
    /// };
    /// let mut overtaken = true;
    /// let john: User = memory.transaction(|session| {
    ///     let john = session.insert(NewUser { name: "John".into() })?;
    ///     if std::mem::take(&mut overtaken) {
    ///         register("Jane")?;
    ///     }
    ///     Ok(john)
    /// })?;
    /// assert_eq!(john.id, 2);
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// The closure's own; then nothing was written. [`Error::Retryable`] after the tenth attempt.
    pub fn transaction<T>(&self, mut run: impl FnMut(&mut Self) -> Result<T>) -> Result<T> {
        let mut attempts_left = 9;
        loop {
            let mut session = self.session();
            session.refresh();
            session.is_pinned = true;
            let result = run(&mut session).and_then(|value| session.commit().map(|()| value));
            match result {
                Err(Error::Retryable { .. }) if attempts_left > 0 => attempts_left -= 1,
                Err(Error::Conflict(_)) if attempts_left > 0 && session.has_own_conflict => {
                    attempts_left -= 1;
                }
                result => return result,
            }
        }
    }

    /// Makes everything written so far permanent, for other sessions to see.
    ///
    /// # Errors
    /// [`Error::Retryable`] when another session has committed since this one first wrote: then
    /// nothing was written, and everything is taken back.
    pub fn commit(&mut self) -> Result<()> {
        self.flush_unit()?;
        if !self.has_changes {
            self.unit.committed();
            return Ok(());
        }
        let mut committed = self.shared.lock();
        let is_overtaken = committed.commits != self.commits_seen;
        if !is_overtaken {
            committed.tables.clone_from(&self.tables);
            committed.commits += 1;
        }
        drop(committed);
        self.has_changes = false;
        self.is_pinned = false;
        if is_overtaken {
            self.refresh();
            self.take_unit_back();
            self.transaction += 1;
            return Err(Error::Retryable {
                reason: RetryReason::Serialization,
                message: "another session has committed meanwhile".to_owned(),
            });
        }
        self.unit.committed();
        self.transaction += 1;
        Ok(())
    }

    /// Takes back everything written since the last commit.
    ///
    /// # Errors
    /// Never; a session on a real database can lose its connection.
    pub fn rollback(&mut self) -> Result<()> {
        self.has_changes = false;
        self.is_pinned = false;
        self.lent.clear();
        self.transaction += 1;
        self.refresh();
        self.take_unit_back();
        Ok(())
    }

    /// Looks at what others have committed, unless this session has written something.
    fn refresh(&mut self) {
        if !self.has_changes && !self.is_pinned {
            let committed = self.shared.lock();
            self.tables.clone_from(&committed.tables);
            self.commits_seen = committed.commits;
        }
    }

    /// Runs a statement that writes: all of it, or nothing.
    fn statement<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.is_read_only {
            return Err(Error::ReadOnly { target: TARGET.to_owned() });
        }
        self.refresh();
        let result = run(self);
        let undo = std::mem::take(&mut self.undo);
        if result.is_ok() {
            self.has_changes |= !undo.is_empty();
            for (table, key, _) in &undo {
                self.note_removed(*table, key);
            }
        } else {
            for (table, key, before) in undo.into_iter().rev() {
                self.table_mut(table).put(&key, before);
                self.note_put(table, &key);
            }
        }
        result
    }

    /// Remembers rows as the session is given them, so that what others write meanwhile can be told
    /// from what is brought back.
    fn lend(&mut self, table: usize, rows: impl IntoIterator<Item = (RecordKey, Arc<Record>)>) {
        self.lent.extend(rows.into_iter().map(|(key, row)| ((table, key), row)));
    }

    /// Returns a row as the session was given it last.
    fn lent(&self, table: usize, key: &RecordKey) -> Option<Record> {
        self.lent.get(&(table, key.clone())).map(|row| (**row).clone())
    }

    fn position(&self, meta: &EntityMeta) -> Result<usize> {
        self.entities.iter().position(|entity| entity.entry.meta.table == meta.table).ok_or_else(
            || Error::Schema {
                message: format!("this `Memory` has no `{0}`; make it `.with::<{0}>()`", meta.name),
            },
        )
    }

    fn table(&self, position: usize) -> &Table {
        self.tables.get(position).expect("every registered entity has a table")
    }

    fn table_mut(&mut self, position: usize) -> &mut Table {
        Arc::make_mut(self.tables.get_mut(position).expect("every registered entity has a table"))
    }

    /// Puts, replaces or removes a row, for the running statement to take back if it fails.
    fn put(&mut self, table: usize, key: RecordKey, row: Option<Record>) {
        // What was lent is the session's own doing from now on.
        self.lent.remove(&(table, key.clone()));
        let before = self.table_mut(table).put(&key, row.map(Arc::new));
        self.note_put(table, &key);
        self.undo.push((table, key, before));
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("tables", &self.tables)
            .field("has_changes", &self.has_changes)
            .finish_non_exhaustive()
    }
}

impl Sealed for Memory {}

/// Opens sessions on the rows of a [`Memory`].
struct Sessions {
    shared: Arc<Shared>,
    entities: Arc<Vec<Registered>>,
    is_read_only: bool,
}

impl Sealed for Sessions {}

impl OpenSession for Sessions {
    fn check(&self, _: &[&'static EntityMeta]) -> Result<Vec<Drift>> {
        // What is here is made of the entities.
        Ok(Vec::new())
    }

    fn defaults(&self, _: &'static EntityMeta) -> Result<Vec<(usize, Value)>> {
        Ok(Vec::new())
    }

    fn session(&self) -> Result<Box<dyn DynSession + '_>> {
        let memory = Memory {
            shared: Arc::clone(&self.shared),
            entities: Arc::clone(&self.entities),
            tables: self.shared.lock().tables.clone(),
            is_read_only: self.is_read_only,
            ..Memory::new()
        };
        Ok(Box::new(memory))
    }

    fn snapshot(&self) -> Result<Box<dyn DynSession + '_>> {
        self.session()
    }

    fn target(&self) -> String {
        TARGET.to_owned()
    }

    fn engine(&self) -> &'static str {
        "Memory"
    }

    fn is_read_only(&self) -> bool {
        self.is_read_only
    }
}
