//! A database and its entities, known only at run time: what an admin or a command line works on.

mod applying;
mod migrations;

use std::collections::HashMap;
use std::sync::Arc;

use crate::backend::{Index, Plan};
use crate::drift::{Drift, TableDrift};
use crate::edit::{Applied, Edit};
use crate::entity::{Entity, EntityMeta, Given, Slot};
use crate::error::{Error, Invalid, Result};
use crate::filter::Filter;
use crate::interruption::Canceller;
use crate::lengths::Lengths;
use crate::permissions::{Action, ColumnAccess, Permissions};
use crate::permitting::{Permitted, Rules};
use crate::query::{Cursor, Page, PageStart, Query, Stride};
use crate::rules::{check_what_fits, newly_broken};
use crate::sealed::Sealed;
use crate::statistics::ColumnStatistics;
use crate::value::{Record, RecordKey, Value};

pub use migrations::DynMigrations;

pub(crate) use applying::{KEYS_PER_STATEMENT, with_keys};

/// Repositories of one entity, with its types known only at run time. Object-safe.
///
/// Each method does what that of the same name does in [`Repository`](crate::Repository) or
/// [`Browse`](crate::Browse).
pub trait DynRepository: Sealed {
    /// Returns table, columns, keys and relations.
    fn meta(&self) -> &'static EntityMeta;

    /// Finds the row with that primary key, if there is one.
    ///
    /// # Errors
    /// When the key is of another type or the database cannot be read.
    fn find(&mut self, key: &RecordKey) -> Result<Option<Record>>;

    /// Reads the query's rows.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query does not fit the entity.
    fn list(&mut self, query: &Query) -> Result<Vec<Record>>;

    /// Reads at most `size` neighbouring rows of the query, found by key; its offset counts from there.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query or the place does not fit the entity.
    fn page(&mut self, query: &Query, start: &PageStart, size: u64) -> Result<Page<Record>>;

    /// Passes over the next `rows` rows of the query after a place, or from its first row.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query or the place does not fit the entity, or no rows are asked
    /// for.
    fn stride(&mut self, query: &Query, after: Option<&Cursor>, rows: u64) -> Result<Stride>;

    /// Returns how long the texts and binary values of some rows are, in the order of their keys.
    ///
    /// # Errors
    /// When a key is of another type or the database cannot be read.
    fn lengths(&mut self, keys: &[RecordKey]) -> Result<Vec<Lengths>>;

    /// Counts the rows that the filter finds.
    ///
    /// # Errors
    /// [`Error::Filter`] when the filter does not fit the entity.
    fn count(&mut self, filter: &Filter) -> Result<u64>;

    /// Returns at once about how many rows the filter finds; `None` where nothing is known.
    ///
    /// # Errors
    /// [`Error::Filter`] when the filter does not fit the entity.
    fn estimate(&mut self, filter: &Filter) -> Result<Option<u64>>;

    /// Returns how the engine would find a page of the query, in its own words.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query or the place does not fit the entity.
    fn explain(&mut self, query: &Query, start: &PageStart, size: u64) -> Result<Plan>;

    /// Returns the indexes of the entity's table that hold all rows.
    ///
    /// # Errors
    /// [`Error::Schema`] when there is no such table.
    fn indexes(&mut self) -> Result<Vec<Index>>;

    /// Returns the most frequent values of a column with their numbers of rows.
    ///
    /// # Errors
    /// As [`Browse::distinct`](crate::Browse::distinct).
    fn distinct(&mut self, column: &str, filter: &Filter, size: u64) -> Result<Vec<(Value, u64)>>;

    /// Returns what a column is like in the rows that the filter finds.
    ///
    /// # Errors
    /// As [`Browse::statistics`](crate::Browse::statistics).
    fn statistics(&mut self, column: &str, filter: &Filter) -> Result<ColumnStatistics>;

    /// Returns the sums of some columns of numbers.
    ///
    /// # Errors
    /// As [`Browse::sum`](crate::Browse::sum).
    fn sum(&mut self, columns: &[&str], filter: &Filter) -> Result<Vec<Value>>;

    /// Inserts a row. Columns that the database or the framework fills may be NULL.
    ///
    /// # Errors
    /// As [`Repository::insert_many`](crate::Repository::insert_many).
    fn insert(&mut self, row: Record) -> Result<Record>;

    /// Inserts many rows: all or none.
    ///
    /// # Errors
    /// As [`Repository::insert_many`](crate::Repository::insert_many).
    fn insert_many(&mut self, rows: Vec<Record>) -> Result<Vec<Record>>;

    /// Inserts many rows as they are given, with their keys: all or none. Columns that the framework
    /// fills and those that are computed may be NULL.
    ///
    /// # Errors
    /// As [`Repository::insert_with_keys`](crate::Repository::insert_with_keys).
    fn insert_with_keys(&mut self, rows: Vec<Record>) -> Result<Vec<Record>>;

    /// Writes the columns in which `mine` differs from `base`.
    ///
    /// # Errors
    /// As [`Repository::update_from`](crate::Repository::update_from).
    fn update_from(&mut self, base: &Record, mine: Record) -> Result<Record>;

    /// Deletes the row with that primary key.
    ///
    /// # Errors
    /// As [`Repository::delete`](crate::Repository::delete).
    fn delete(&mut self, key: &RecordKey) -> Result<()>;

    /// Deletes a row as it was read: not if anything of it was changed since.
    ///
    /// # Errors
    /// As [`Repository::delete_from`](crate::Repository::delete_from).
    fn delete_from(&mut self, base: &Record) -> Result<()>;

    /// Deletes every row the filter finds; returns how many.
    ///
    /// # Errors
    /// As [`Repository::delete_where`](crate::Repository::delete_where).
    fn delete_where(&mut self, filter: &Filter) -> Result<u64>;

    /// Sets columns of every row the filter finds; returns how many.
    ///
    /// # Errors
    /// As [`Repository::update_where`](crate::Repository::update_where).
    fn update_where(&mut self, filter: &Filter, assignments: &[(String, Value)]) -> Result<u64>;
}

/// A unit of work over all entities of a [`Catalog`], with their types known only at run time: what a
/// [`Session`](crate::Session) is to a program that knows its entities when it is compiled, on the same
/// machinery. Rolled back when dropped uncommitted.
///
/// A [`Slot`] is a small handle of a row, as [`Key`](crate::Key) is of a typed one. Nothing is written
/// before it is flushed; rows may refer to others that have no key yet.
///
/// ```
/// # mod schema {
/// #     diesel::table! { authors (id) { id -> BigInt, name -> Text } }
/// #     diesel::table! { books (id) { id -> BigInt, title -> Text, author_id -> BigInt } }
/// # }
/// # use diesel::{SqliteConnection, connection::SimpleConnection};
/// # use persistence::{Database, Entity};
/// # #[derive(Clone, Debug, PartialEq, Entity)]
/// # #[entity(table = schema::authors, has_many(books: Book.author_id))]
/// # struct Author { #[entity(key, generated)] id: i64, name: String }
/// # #[derive(Clone, Debug, PartialEq, Entity)]
/// # #[entity(table = schema::books)]
/// # struct Book {
/// #     #[entity(key, generated)] id: i64,
/// #     title: String,
/// #     #[entity(references(Author, on_delete = restrict))] author_id: i64,
/// # }
/// # let database = Database::<SqliteConnection>::open(":memory:")?;
/// # let mut setup = database.session()?;
/// # setup.connection()?.batch_execute(
/// #     "CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
/// #      CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL,
/// #          author_id BIGINT NOT NULL REFERENCES authors (id));").unwrap();
/// # setup.commit()?;
/// # drop(setup);
/// # let catalog = database.catalog().entity::<Author>().entity::<Book>().build();
/// let mut session = catalog.session()?;
/// let lem = session.add("authors", &[("name", "Lem".into())])?;
/// let book = session.add("books", &[("title", "Solaris".into()), ("author_id", lem.into())])?;
/// assert_eq!(session.changes().len(), 2);
/// session.commit()?; // parents first, keys filled in
///
/// session.set(book, "title", "The Cyberiad".into())?;
/// assert_eq!(session.related(lem, "books")?, [book]);
/// session.delete(book)?;
/// session.delete(lem)?;
/// session.commit()?; // children first
/// # Ok::<(), persistence::Error>(())
/// ```
pub trait DynSession: Sealed {
    /// Returns the repository of an entity, by its table's name.
    ///
    /// # Errors
    /// [`Error::Schema`] when the catalog has no such entity.
    fn repository(&mut self, table: &str) -> Result<Box<dyn DynRepository + '_>>;

    /// Adds a row of an entity, to be inserted by the next flush, and returns its handle. Columns that
    /// are left out are NULL, or are filled by the database or the framework, which nobody else can give; one
    /// that refers to another row takes its key, or its handle where it is not inserted yet.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every column that lacks a value, has one of another type or is not to be
    /// given, and for one that is named twice;
    /// [`Error::Filter`] for a column that there is not; [`Error::Schema`] for such a table.
    fn add(&mut self, table: &str, columns: &[(&str, Given)]) -> Result<Slot>;

    /// Takes in a row that lived outside of the session, and returns its handle; see
    /// [`Session::merge`](crate::Session::merge). One that is not stored is inserted by the next flush
    /// with the key, version and times that it has.
    ///
    /// # Errors
    /// As there, and [`Error::Invalid`] when a value is of another type.
    fn merge(&mut self, table: &str, row: Record) -> Result<Slot>;

    /// Reads the row with a primary key, and returns its handle.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none; [`Error::Invalid`] when the key is of another type.
    fn get(&mut self, table: &str, key: &RecordKey) -> Result<Slot>;

    /// Reads the rows of a query, and returns their handles.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query does not fit the entity.
    fn all(&mut self, table: &str, query: &Query) -> Result<Vec<Slot>>;

    /// Returns a row as the session has it, with what is changed and not written; `None` while it is not
    /// inserted, while it is to be read again, and when it is gone.
    fn row(&self, row: Slot) -> Option<Record>;

    /// Returns what is given to the columns of a row that is not inserted yet, by their positions; `None`
    /// once it is.
    fn draft(&self, row: Slot) -> Option<Vec<Given>>;

    /// Gives a column of a row another value, or has it refer to another row, which may not be inserted
    /// yet: the next flush writes it.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the value is of another type, or the column is not anybody's to write;
    /// [`Error::Filter`] for a column that there is not; [`Error::NotFound`] for a row that the session
    /// does not know, or that is about to be deleted.
    fn set(&mut self, row: Slot, column: &str, value: Given) -> Result<()>;

    /// Deletes a row with the next flush; see [`Session::delete`](crate::Session::delete).
    ///
    /// # Errors
    /// [`Error::NotFound`] when the session does not know the row.
    fn delete(&mut self, row: Slot) -> Result<()>;

    /// Reads a row again, and forgets changes of it that are not written.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the row is gone, or not inserted yet.
    fn refresh(&mut self, row: Slot) -> Result<()>;

    /// Reads the related rows of all these rows, which are of one entity, and returns their handles.
    ///
    /// # Errors
    /// [`Error::Filter`] for a relation that there is not.
    fn include(&mut self, rows: &[Slot], relation: &str) -> Result<Vec<Slot>>;

    /// Returns the rows related to a row, as the session has them now.
    ///
    /// # Errors
    /// [`Error::NotIncluded`] when they were not [included](Self::include), nor all added here.
    fn related(&self, row: Slot, relation: &str) -> Result<Vec<Slot>>;

    /// Relates two rows, from whichever end; see [`Session::relate`](crate::Session::relate).
    ///
    /// # Errors
    /// As there, and [`Error::Invalid`] when the relation leads to rows of another entity.
    fn relate(&mut self, row: Slot, relation: &str, other: Slot) -> Result<()>;

    /// Parts two rows, from whichever end; see [`Session::unrelate`](crate::Session::unrelate).
    ///
    /// # Errors
    /// As there, and [`Error::Invalid`] when the relation leads to rows of another entity.
    fn unrelate(&mut self, row: Slot, relation: &str, other: Slot) -> Result<()>;

    /// Lets go of every row and forgets every change that is not written, so that what the session knows does not
    /// grow with all that it writes; see [`Session::clear`](crate::Session::clear).
    fn clear(&mut self);

    /// Returns what the next flush would write, in the order in which it does.
    fn changes(&mut self) -> Vec<Edit>;

    /// Writes what was added, changed and deleted, in the right order; see
    /// [`Session::flush`](crate::Session::flush).
    ///
    /// # Errors
    /// As there: everything that it wrote is taken back, and all changes are pending as they were.
    fn flush(&mut self) -> Result<()>;

    /// Runs a part of the transaction that is written as a whole or not at all; see
    /// [`Session::savepoint`](crate::Session::savepoint).
    ///
    /// # Errors
    /// The part's own, and as [`flush`](Self::flush).
    fn savepoint(&mut self, part: &mut dyn FnMut(&mut dyn DynSession) -> Result<()>) -> Result<()>;

    /// Makes everything written so far permanent, what is pending included; the session goes on with a
    /// new transaction.
    ///
    /// # Errors
    /// As [`flush`](Self::flush), and when the database refuses; then nothing was written.
    fn commit(&mut self) -> Result<()>;

    /// Takes back everything written or changed since the last commit.
    ///
    /// # Errors
    /// When the connection is lost (then the database does it by itself).
    fn rollback(&mut self) -> Result<()>;

    /// Returns what stops this session's statements from another thread; see
    /// [`Session::canceller`](crate::Session::canceller).
    ///
    /// # Errors
    /// When the connection is lost.
    fn canceller(&mut self) -> Result<Canceller>;
}

impl dyn DynSession + '_ {
    /// Writes edits, all of them or none, and returns the rows as they were and as they are stored now, of
    /// which [`Applied::inverse`] makes the edits that take them back.
    ///
    /// An edit is written only if what it was made of still holds: the row has the version and, in the
    /// columns that it names, the values that stand in it as those before, or that edits before it have
    /// made of them, or what the database stores for these. All of them are one unit of work: those of
    /// different rows may stand in any order, values may change hands, and new rows may refer to each other by
    /// their numbers, also in circles where a column may be NULL. A new row that is given with what the database
    /// or the framework fills in, as its key, was there before and is stored so; one that is only marked as
    /// deleted is shown again.
    ///
    /// The inverse makes each row what it was before. What the database does along (cascades) is written, and
    /// is not among that. What was pending in the session is flushed first.
    ///
    /// Rows of which a cell is [no value of its column](crate::RawValue) can be updated and deleted as well,
    /// and rows that are only marked as deleted updated, so that they are shown again where that is an update
    /// of the mark; not by an edit that names the mark and has it that there was none. Each of them is written
    /// by itself, when all edits before it have been; a cell that is mended so is not made odd again by the inverse: that is [`Error::Invalid`]. So is a row of which only the database
    /// can say whether it is what the edit says it was (a text that it pads, a number that it rounds).
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use persistence::{Entity, Memory, Repository};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String }
    /// use persistence::edit::Edit;
    ///
    /// let mut memory = Memory::new().with::<User>();
    /// let ada: User = memory.insert(NewUser { name: "Ada".into() })?;
    /// memory.commit()?;
    ///
    /// let catalog = memory.catalog();
    /// let mut session = catalog.session()?;
    /// let removal = Edit::between(User::meta(), Some(&ada.to_record()), None).unwrap();
    /// let applied = session.apply(&[removal])?;
    /// assert!(session.get("users", &User::meta().key_of(&ada.to_record())).is_err());
    /// session.apply(&applied.inverse())?;
    /// let back = session.get("users", &User::meta().key_of(&ada.to_record()))?;
    /// assert_eq!(session.row(back), Some(ada.to_record()));
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Conflict`] when a row is another by now, or gone, with the row as the edit has it before and
    /// after; of one that is gone, columns that the edit does not name are NULL there. [`Error::Invalid`] and
    /// [`Error::Constraint`] as [`flush`](DynSession::flush), and [`Error::NotFound`] where a row that is to be
    /// deleted goes while this is under way. Then none of them is written.
    pub fn apply(&mut self, edits: &[Edit]) -> Result<Applied> {
        let mut applied = Applied { rows: Vec::new(), inserted: HashMap::new() };
        self.savepoint(&mut |session| {
            applied = applying::apply(session, edits)?;
            Ok(())
        })?;
        Ok(applied)
    }
}

/// Checks that two entities are one: a catalog may have another of the same table.
pub(crate) fn same_entity(one: &'static EntityMeta, other: &'static EntityMeta) -> Result<()> {
    if std::ptr::eq(one, other) {
        return Ok(());
    }
    let (one, other) = (one.name, other.name);
    Err(Error::Schema { message: format!("this is about {other}, and `{one}` is another entity") })
}

/// Makes the error for a table that is none of a catalog's entities.
pub(crate) fn no_entity(table: &str) -> Error {
    Error::Schema { message: format!("the catalog has no entity with the table `{table}`") }
}

/// An entity as a [`Catalog`] knows it.
#[derive(Clone)]
pub struct CatalogEntry {
    /// Table, columns, keys and relations.
    pub meta: &'static EntityMeta,
    rules: Option<fn(Record) -> Result<(), Invalid>>,
}

impl CatalogEntry {
    /// Makes the entry of an entity.
    #[must_use]
    pub fn of<E: Entity>() -> Self {
        Self { meta: E::meta(), rules: Some(|record| E::from_record(record)?.validate()) }
    }

    /// Returns the entry of a table that was found at run time: its rows take what its columns take.
    #[must_use]
    pub const fn new(meta: &'static EntityMeta) -> Self {
        Self { meta, rules: None }
    }

    /// Checks a row by the entity's own rules, without a database. Columns that the database or
    /// the framework fills may be NULL.
    ///
    /// # Errors
    /// [`Invalid`] with every field that breaks a rule.
    pub fn validate(&self, row: &Record) -> Result<(), Invalid> {
        let row = crate::fill::filled(self.meta, row.clone());
        match self.rules {
            Some(rules) => rules(row),
            None => self.meta.coerce(row).map(drop),
        }
    }

    /// Checks a changed row by the entity's own rules: those of columns that differ from `base`, and
    /// those that held there, and those of the row as a whole. What was broken before in a column
    /// that stays is no reason to refuse other changes, nor is a cell that is no value of its column.
    ///
    /// # Errors
    /// [`Invalid`] with every field that breaks such a rule.
    pub fn validate_change(&self, base: &Record, mine: &Record) -> Result<(), Invalid> {
        let checked = |row| check_what_fits(self.meta, row, |row| self.validate(&row));
        let Err(broken) = checked(mine) else { return Ok(()) };
        let is_changed = |column: usize| base.value(column) != mine.value(column);
        newly_broken(self.meta, broken, checked(base), is_changed)
    }
}

impl std::fmt::Debug for CatalogEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CatalogEntry").field(&self.meta.name).finish()
    }
}

/// What opens sessions over all entities of a catalog; a pool, or a [`Memory`](crate::Memory).
pub trait OpenSession: Sealed + Send + Sync {
    /// Lists everything in which the tables are not as the entities say.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn check(&self, entities: &[&'static EntityMeta]) -> Result<Vec<Drift>>;

    /// Has sessions refuse to write tables that are not as their entities say, until others are
    /// found.
    fn remember(&self, _found: Arc<[TableDrift]>) {}

    /// Returns what was found last.
    fn drift(&self) -> Arc<[TableDrift]> {
        Arc::default()
    }

    /// Returns the migrations of the program, where the catalog was given any.
    fn migrations(&self) -> Option<&dyn DynMigrations> {
        None
    }

    /// Returns what the database gives to columns of an entity that an insert leaves out, by their
    /// positions, where that is a plain value.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn defaults(&self, meta: &'static EntityMeta) -> Result<Vec<(usize, Value)>>;

    /// Opens a session.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is to be had in time.
    fn session(&self) -> Result<Box<dyn DynSession + '_>>;

    /// Opens a session that is going to write.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is to be had in time.
    fn writing_session(&self) -> Result<Box<dyn DynSession + '_>> {
        self.session()
    }

    /// Opens a session whose reads all see the same state of the rows.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is to be had in time.
    fn snapshot(&self) -> Result<Box<dyn DynSession + '_>>;

    /// Returns whether what its sessions write is recorded, and can be read by them.
    fn has_history(&self) -> bool {
        false
    }

    /// Returns whether something may be done with the rows of an entity.
    fn may(&self, _meta: &EntityMeta, _action: Action) -> bool {
        true
    }

    /// Returns what may be done with a column of an entity, by its position.
    fn access(&self, _meta: &EntityMeta, _position: usize) -> ColumnAccess {
        ColumnAccess::Full
    }

    /// Returns what people call this database: its file or host, without the password.
    fn target(&self) -> String;

    /// Returns the engine's name: `SQLite`.
    fn engine(&self) -> &'static str;

    /// Returns whether writes are refused.
    fn is_read_only(&self) -> bool;
}

/// A database and its entities, known only at run time. Cheap to clone, shared between threads.
#[derive(Clone)]
pub struct Catalog {
    entries: Arc<[CatalogEntry]>,
    database: Arc<dyn OpenSession>,
}

impl Catalog {
    pub(crate) fn new(entries: Vec<CatalogEntry>, database: Arc<dyn OpenSession>) -> Self {
        Self { entries: entries.into(), database }
    }

    /// Makes a catalog of the same database that may do what is permitted, and nothing that this one may not: its
    /// sessions, those of its clones, and all that works through them. What is asked for and not permitted is
    /// [`Error::NotPermitted`], and nothing of it is done.
    ///
    /// - Entities that may not be seen are none of its [entries](Self::entries), and their relations, and what was
    ///   [recorded](crate::audit) of them, are not there either.
    /// - A row is deleted where that may be done with all that goes along with it. Bulk statements are refused where
    ///   something might go along that may not be deleted, or changed.
    /// - Masked values are [`Value::Masked`] wherever rows are read, in errors, and in what was recorded; filters, orders,
    ///   counts and sums that ask about them are refused. Whoever may add rows can find out whether a
    ///   unique value is taken, and whether there is a row to refer to.
    /// - Migrations are run and reverted by whoever may do everything.
    ///
    /// What a program does with the [`Database`](crate::Database) itself is not limited by that.
    ///
    /// # Errors
    /// [`Error::Schema`] for a table or a column that there is not, and for a column that cannot be masked, because rows
    /// are found, related or compared by it.
    pub fn permitting(&self, permissions: &Permissions) -> Result<Self> {
        let rules = Rules::new(permissions, &self.entries)?;
        let entries = rules.seen();
        let database = Arc::new(Permitted::new(Arc::clone(&self.database), rules));
        Ok(Self { entries, database })
    }

    /// Returns whether something may be done with the rows of an entity; see [`permitting`](Self::permitting).
    #[must_use]
    pub fn may(&self, meta: &EntityMeta, action: Action) -> bool {
        self.database.may(meta, action)
    }

    /// Returns what may be done with a column of an entity, by its position.
    #[must_use]
    pub fn access(&self, meta: &EntityMeta, position: usize) -> ColumnAccess {
        self.database.access(meta, position)
    }

    /// Makes a [quick search](Filter::quick_search) of what [may be seen](Self::permitting).
    #[must_use]
    pub fn quick_search(&self, meta: &EntityMeta, text: &str) -> Filter {
        Filter::quick_search_in(meta, text, |meta, column| {
            let position = meta.position(column.name).unwrap_or_default();
            let is_masked = self.database.access(meta, position) == ColumnAccess::Masked;
            self.database.may(meta, Action::View) && !is_masked
        })
    }

    /// Returns all entities, in the order they were registered.
    #[must_use]
    pub fn entries(&self) -> &[CatalogEntry] {
        &self.entries
    }

    /// Finds an entity by its table's name (`books`, `auth.users`), or its own (`Book`), whatever
    /// the case.
    ///
    /// # Errors
    /// [`Error::Schema`] that lists the entities there are, or those of that name.
    pub fn entry(&self, name: &str) -> Result<&CatalogEntry> {
        let entries = || self.entries.iter();
        let by_table = entries().find(|entry| entry.meta.table.eq_ignore_ascii_case(name));
        let tables = |entries: Vec<&CatalogEntry>| {
            let tables: Vec<_> = entries.iter().map(|entry| entry.meta.table).collect();
            tables.join(", ")
        };
        let of_name = || entries().filter(|entry| entry.meta.name.eq_ignore_ascii_case(name));
        let message = match (by_table, of_name().collect::<Vec<_>>().as_slice()) {
            (Some(entry), _) | (None, &[entry]) => return Ok(entry),
            (None, []) => {
                format!("there is no entity `{name}`; there are {}", tables(entries().collect()))
            }
            (None, several) => {
                format!("`{name}` may be any of {}: say which", tables(several.to_vec()))
            }
        };
        Err(Error::Schema { message })
    }

    /// Opens a session.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is to be had in time.
    pub fn session(&self) -> Result<Box<dyn DynSession + '_>> {
        self.database.session()
    }

    /// Opens a session that is going to write, whatever it does first: on SQLite, where only one
    /// can, it waits for its turn before it reads. Where tables [did not fit](Self::recheck) when that was
    /// looked at last, it is looked at again before: somebody may have mended them.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is to be had in time.
    pub fn writing_session(&self) -> Result<Box<dyn DynSession + '_>> {
        if self.drift().iter().any(TableDrift::is_read_only) {
            self.recheck()?;
        }
        self.database.writing_session()
    }

    /// Opens a session whose reads all see the same state of the rows, however many pages they
    /// take.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is to be had in time.
    pub fn snapshot(&self) -> Result<Box<dyn DynSession + '_>> {
        self.database.snapshot()
    }

    /// Lists everything in which the tables are not as the entities say; see
    /// [`Database::check`](crate::Database::check).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn check(&self) -> Result<Vec<Drift>> {
        let metas: Vec<_> = self.entries.iter().map(|entry| entry.meta).collect();
        self.database.check(&metas)
    }

    /// Compares the entities with the database's tables, as [`check`](Self::check) does, and remembers what
    /// it finds: from then on, until that is looked at again, this catalog's sessions (open ones as well, and
    /// those of its clones) refuse to write a table that [is not as its entity
    /// says](crate::Drift::hinders), with [`Error::Drifted`]. Reading goes on where it can.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use diesel::{SqliteConnection, connection::SimpleConnection};
    /// # use persistence::{Database, Entity, Error};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String }
    /// # let database = Database::<SqliteConnection>::open(":memory:")?;
    /// # let mut session = database.session()?;
    /// # session.connection()?.batch_execute(
    /// #     "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER NOT NULL)",
    /// # ).unwrap();
    /// # session.commit()?; drop(session);
    /// let catalog = database.catalog().entity::<User>().build();
    /// let found = catalog.recheck()?;
    /// assert_eq!(found[0].table, "users"); // there is an `age` that must have a value
    /// let mut session = catalog.session()?;
    /// session.add("users", &[("name", "Ada".into())])?;
    /// assert!(matches!(session.commit(), Err(Error::Drifted(drift)) if drift.table == "users"));
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the database cannot be read; then what was found before still holds.
    pub fn recheck(&self) -> Result<Arc<[TableDrift]>> {
        let found: Arc<[TableDrift]> = TableDrift::group(self.check()?).into();
        self.database.remember(Arc::clone(&found));
        Ok(found)
    }

    /// Returns what [`recheck`](Self::recheck) found last; nothing where nobody has looked.
    #[must_use]
    pub fn drift(&self) -> Arc<[TableDrift]> {
        self.database.drift()
    }

    /// Returns the migrations of the program, where the catalog was [given](crate::database::CatalogBuilder::migrations) any.
    #[must_use]
    pub fn migrations(&self) -> Option<&dyn DynMigrations> {
        self.database.migrations()
    }

    /// Returns what the database gives to columns of an entity that an insert leaves out, by their
    /// positions in the metadata, where that is a plain value: `true` for `DEFAULT TRUE`, nothing
    /// for `DEFAULT CURRENT_TIMESTAMP`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn defaults(&self, meta: &'static EntityMeta) -> Result<Vec<(usize, Value)>> {
        self.database.defaults(meta)
    }

    /// Returns whether its sessions can read what was [recorded](crate::audit): who changed what. That is so
    /// where the database was opened with [`audit`](crate::database::DatabaseBuilder::audit), although the table
    /// is then none of the entries, and where [`AuditEntry`](crate::audit::AuditEntry) is one of them.
    #[must_use]
    pub fn has_history(&self) -> bool {
        let recorded = crate::audit::AuditEntry::meta();
        self.database.has_history()
            || self.entries.iter().any(|entry| std::ptr::eq(entry.meta, recorded))
    }

    /// Returns what people call this database: its file or host, without the password.
    #[must_use]
    pub fn target(&self) -> String {
        self.database.target()
    }

    /// Returns the engine's name: `SQLite`.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        self.database.engine()
    }

    /// Returns whether writes are refused.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.database.is_read_only()
    }
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalog")
            .field("target", &self.target())
            .field("entries", &self.entries)
            .finish_non_exhaustive()
    }
}
