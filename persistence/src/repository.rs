//! The repository trait that services depend on.

use chrono::NaiveDateTime;

use crate::backend::{Index, Plan};
use crate::column::Column;
use crate::entity::{ColumnSet, Entity};
use crate::error::{Error, Result};
use crate::filter::{Filter, Predicate};
use crate::lengths::Lengths;
use crate::query::{Cursor, Page, PageStart, Query, Stride};
use crate::scalar::{PrimaryKey, Scalar};
use crate::statistics::ColumnStatistics;
use crate::upsert::Upsert;
use crate::value::{Record, RecordKey, Value};

/// Everything a service does with the rows of one entity.
///
/// Implemented by every [`Session`](crate::Session), whose one transaction holds what was written
/// until it is committed, and by [`Memory`](crate::Memory) for tests.
///
/// ```
/// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text, age -> Nullable<Integer> } } }
/// # use persistence::{Entity, Memory, PageStart, Query, Repository, Result};
/// # #[derive(Clone, Debug, PartialEq, Entity)]
/// # #[entity(table = schema::users)]
/// # struct User { #[entity(key, generated)] id: i64, name: String, age: Option<i32> }
/// fn birthday(users: &mut impl Repository<User>, id: i64) -> Result<User> {
///     let mut user = users.get(id)?;
///     user.age = user.age.map(|age| age + 1);
///     users.update(user)
/// }
///
/// let mut users = Memory::new().with::<User>();
/// let ada: User = users.insert(NewUser { name: "Ada".into(), age: Some(36) })?;
/// assert_eq!(birthday(&mut users, ada.id)?.age, Some(37));
///
/// let adults = Query::<User>::new().filter(User::AGE.ge(18)).order(User::NAME.asc());
/// assert_eq!(users.list(&adults)?.len(), 1);
/// let page = users.page(&adults, &PageStart::First, 20)?;
/// assert!(page.next.is_none());
/// let renamed = users.update_where(&adults.filter, &[User::NAME.set("Grace")])?;
/// assert_eq!(renamed, 1);
/// # Ok::<(), persistence::Error>(())
/// ```
pub trait Repository<E: Entity> {
    /// The row with that primary key, if there is one.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn find(&mut self, key: &E::Key) -> Result<Option<E>>;

    /// The query's rows.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query does not fit the entity.
    fn list(&mut self, query: &Query<E>) -> Result<Vec<E>>;

    /// The query's rows with their types known only at run time, whatever is in their cells: a
    /// stored value that is not of its column's type is [`Value::Raw`], and hides no row.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query does not fit the entity.
    fn records(&mut self, query: &Query<E>) -> Result<Vec<Record>> {
        Ok(self.list(query)?.iter().map(Entity::to_record).collect())
    }

    /// A [`page`](Self::page) of [`records`](Self::records).
    ///
    /// # Errors
    /// As [`page`](Self::page).
    fn record_page(
        &mut self,
        query: &Query<E>,
        start: &PageStart,
        size: u64,
    ) -> Result<Page<Record>> {
        let page = self.page(query, start, size)?;
        Ok(Page {
            rows: page.rows.iter().map(Entity::to_record).collect(),
            previous: page.previous,
            next: page.next,
        })
    }

    /// Writes the cells in which `mine` differs from `base`, a row as it was read. Cells that are
    /// no values of their columns can stay as they are, or be mended.
    ///
    /// # Errors
    /// As [`update_from`](Self::update_from).
    fn update_record(&mut self, base: &Record, mine: Record) -> Result<Record> {
        let base = E::from_record(base.clone())?;
        Ok(self.update_from(&base, E::from_record(mine)?)?.to_record())
    }

    /// Deletes the row with that primary key, which need not be a value of its columns.
    ///
    /// # Errors
    /// As [`delete`](Self::delete).
    fn delete_record(&mut self, key: &RecordKey) -> Result<()> {
        let key = E::Key::from_record_key(key.clone()).map_err(|_| Error::NotFound {
            entity: E::meta().name,
            wanted: Filter::key(E::meta(), key).to_string(),
        })?;
        self.delete(&key)
    }

    /// At most `size` neighbouring rows of the query, found by key (keyset paging): as fast at the
    /// end of a table as at its start.
    ///
    /// The query's limit does not count. Its offset does: so many rows next to the start are passed
    /// over, which costs time in proportion. With places that [`stride`](Self::stride) has found
    /// any row of a large table is a small offset away: row 70 012 is 12 rows after the place of
    /// row 70 000.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query or the place does not fit the entity.
    fn page(&mut self, query: &Query<E>, start: &PageStart, size: u64) -> Result<Page<E>>;

    /// Passes over the next `rows` rows of the query after a place, or from its first row, and says
    /// where that ends. The query's own limit and offset do not count.
    ///
    /// Only the columns of the order are read, of one row. Where an index has them, this takes time
    /// in proportion to `rows`, wherever in the table it begins: stride by stride a table of any
    /// size is counted without one long statement, and the places on the way are where
    /// [`page`](Self::page) can begin.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use persistence::{Entity, Memory, PageStart, Query, Repository, Result};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String }
    /// # let mut users = Memory::new().with::<User>();
    /// # Repository::<User>::insert_many(&mut users, (1..=25).map(|n| NewUser { name: n.to_string() }).collect())?;
    /// let query = Query::<User>::new();
    /// let (mut places, mut count) = (vec![], 0);
    /// loop {
    ///     let stride = users.stride(&query, places.last(), 10)?;
    ///     count += stride.rows;
    ///     let Some(end) = stride.end else { break };
    ///     places.push(end);
    /// }
    /// assert_eq!((count, places.len()), (25, 2));
    ///
    /// let from_23 = PageStart::After(places[1].clone());
    /// let page = users.page(&query.offset(2), &from_23, 3)?;
    /// assert_eq!(page.rows[0].name, "23");
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Filter`] when the query or the place does not fit the entity, or no rows are asked
    /// for.
    fn stride(&mut self, query: &Query<E>, after: Option<&Cursor>, rows: u64) -> Result<Stride>;

    /// How long the texts and binary values of some rows are, in the order of their keys, without
    /// reading them: what a [preview](Query::preview) does not say of what it cuts. Of a row that is
    /// not there nothing is known.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use persistence::{Entity, Memory, Query, Repository};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String }
    /// # let mut users = Memory::new().with::<User>();
    /// # Repository::<User>::insert(&mut users, NewUser { name: "Émile Zola".into() })?;
    /// let cut = users.list(&Query::<User>::new().preview(5))?;
    /// let lengths = Repository::<User>::lengths(&mut users, &[cut[0].id])?;
    /// let name = lengths[0].of(User::NAME.position()).unwrap();
    /// assert_eq!((name.bytes, name.characters), (11, Some(10)));
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the database cannot be read.
    fn lengths(&mut self, keys: &[E::Key]) -> Result<Vec<Lengths>>;

    /// How many rows the filter finds.
    ///
    /// # Errors
    /// [`Error::Filter`] when the filter does not fit the entity.
    fn count(&mut self, filter: &Filter) -> Result<u64>;

    /// How many rows the filter finds about, at once: by the engine's statistics, or how far the
    /// primary keys reach. Nothing is counted. `None` where nothing is known: without statistics
    /// where the key does not count; with a filter, save on PostgreSQL, whose planner has a guess.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use diesel::{SqliteConnection, connection::SimpleConnection};
    /// # use persistence::{Database, Entity, Filter, Repository, Result};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String }
    /// # let database = Database::<SqliteConnection>::open(":memory:")?;
    /// # let mut users = database.session()?;
    /// # users.connection()?
    /// #     .batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").unwrap();
    /// # Repository::<User>::insert_many(&mut users, (1..=25).map(|n| NewUser { name: n.to_string() }).collect())?;
    /// # Repository::<User>::delete_where(&mut users, &User::ID.between(5, 9).into())?;
    /// assert_eq!(Repository::<User>::estimate(&mut users, &Filter::All)?, Some(25));
    /// assert_eq!(Repository::<User>::count(&mut users, &Filter::All)?, 20);
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Filter`] when the filter does not fit the entity.
    fn estimate(&mut self, filter: &Filter) -> Result<Option<u64>>;

    /// How the engine would find a page of the query, in its own words: the plan of what
    /// [`page`](Self::page) would send. No row is read.
    ///
    /// [`advice::missing_index`](crate::advice::missing_index) says what would make it better.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query or the place does not fit the entity.
    fn explain(&mut self, query: &Query<E>, start: &PageStart, size: u64) -> Result<Plan>;

    /// The indexes of the entity's table that hold all rows, the primary key's included.
    ///
    /// # Errors
    /// [`Error::Schema`] when there is no such table.
    fn indexes(&mut self) -> Result<Vec<Index>>;

    /// The most frequent values of a column among the rows that the filter finds, at most `size`,
    /// with their numbers of rows; NULL is one of them. Of those as frequent as each other the
    /// smaller comes first.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text, age -> Nullable<Integer> } } }
    /// # use persistence::{Entity, Filter, Memory, Repository, Value};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String, age: Option<i32> }
    /// # let mut users = Memory::new().with::<User>();
    /// # for (name, age) in [("Ada", Some(36)), ("Grace", None), ("Ada", Some(20))] {
    /// #     Repository::<User>::insert(&mut users, NewUser { name: name.into(), age })?;
    /// # }
    /// let names = Repository::<User>::distinct(&mut users, "name", &Filter::All, 10)?;
    /// assert_eq!(names, [("Ada".into(), 2), ("Grace".into(), 1)]);
    ///
    /// let ages = Repository::<User>::statistics(&mut users, "age", &Filter::All)?;
    /// assert_eq!((ages.rows, ages.nulls, ages.mean), (3, 1, Some(28.0)));
    /// assert_eq!((ages.min, ages.max, ages.sum), (20.into(), 36.into(), 56.into()));
    /// assert_eq!(ages.histogram.iter().map(|bin| bin.rows).sum::<u64>(), 2);
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Filter`] when the filter does not fit the entity, there is no such column, or it
    /// holds JSON.
    fn distinct(&mut self, column: &str, filter: &Filter, size: u64) -> Result<Vec<(Value, u64)>>;

    /// What a column is like in the rows that the filter finds: found by two statements that read
    /// all of them, inside the database.
    ///
    /// # Errors
    /// [`Error::Filter`] when the filter does not fit the entity, or there is no such column.
    fn statistics(&mut self, column: &str, filter: &Filter) -> Result<ColumnStatistics>;

    /// The sums of some columns of numbers in the rows that the filter finds, in one statement; 0
    /// where there is no value. As exact as [`ColumnStatistics::sum`].
    ///
    /// # Errors
    /// [`Error::Filter`] when the filter does not fit the entity, there is no such column, or it
    /// holds no numbers.
    fn sum(&mut self, columns: &[&str], filter: &Filter) -> Result<Vec<Value>>;

    /// Inserts many rows, in as few statements as is fastest on the engine: all or none.
    ///
    /// # Errors
    /// [`Error::Invalid`] before anything is sent, [`Error::Constraint`] when the database refuses
    /// a row.
    fn insert_many(&mut self, drafts: Vec<E::Draft>) -> Result<Vec<E>>;

    /// Inserts many rows as they are given, with keys that the database would count otherwise: for
    /// what is copied from elsewhere, or was there before. All or none, in as few statements as is
    /// fastest on the engine. Versions and times are stored as they are, too; only what the database
    /// computes is left to it. The database counts on from the largest key, unless it is
    /// further already.
    ///
    /// On PostgreSQL whoever makes a sequence go on has others who do so for the same table wait for
    /// the transaction's end, but not those who insert rows without keys meanwhile; the sequence has to
    /// be one that may be updated.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use persistence::{Entity, Memory, Repository};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String }
    /// # let mut users = Memory::new().with::<User>();
    /// let ada = User { id: 7, name: "Ada".into() };
    /// let grace = User { id: 3, name: "Grace".into() };
    /// users.insert_with_keys(vec![ada, grace])?;
    /// let next: User = users.insert(NewUser { name: "Hedy".into() })?;
    /// assert_eq!(next.id, 8);
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Invalid`] before anything is sent;
    /// [`Error::Constraint`] when the database refuses a row, as where its key is taken.
    fn insert_with_keys(&mut self, rows: Vec<E>) -> Result<Vec<E>>;

    /// Inserts rows, or updates or keeps those that are there already, as `upsert` says: all or
    /// none. Returns the rows as they are stored afterwards, in that order.
    ///
    /// MySQL takes a row for the same that has any of its unique values.
    ///
    /// # Errors
    /// [`Error::Schema`] when rows are not unique by the columns they are to be found by,
    /// [`Error::Invalid`] before anything is sent, [`Error::Constraint`] when the database refuses
    /// a row.
    fn upsert(&mut self, drafts: Vec<E::Draft>, upsert: &Upsert<E>) -> Result<Vec<E>>;

    /// Writes the columns in which `mine` differs from `base`, the row as it was read.
    ///
    /// Returns the row as it is now stored; nothing is sent where nothing differs.
    ///
    /// # Errors
    /// [`Error::Conflict`] with base, mine and theirs when the row was changed or deleted since,
    /// [`Error::Invalid`] before anything is sent, [`Error::Constraint`] when the database refuses.
    fn update_from(&mut self, base: &E, mine: E) -> Result<E>;

    /// Deletes the row with that primary key, and what its deletion cascades to. A row of an entity
    /// with a column for that is [marked](crate::entity::Fill::Deleted) instead.
    ///
    /// A row that this session has read before is deleted as it was then, as by
    /// [`delete_from`](Self::delete_from).
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such row, [`Error::Constraint`] when others refer to it,
    /// [`Error::Conflict`] when it was changed since it was read.
    fn delete(&mut self, key: &E::Key) -> Result<()>;

    /// Deletes a row as it was read: not if anything of it was changed since.
    ///
    /// # Errors
    /// [`Error::Conflict`] with base and theirs when the row was changed since,
    /// [`Error::NotFound`] when it is gone, [`Error::Constraint`] when others refer to it.
    fn delete_from(&mut self, base: &E) -> Result<()>;

    /// Deletes every row the filter finds; returns how many.
    ///
    /// # Errors
    /// [`Error::Constraint`] when others refer to one of them: then none is deleted.
    fn delete_where(&mut self, filter: &Filter) -> Result<u64>;

    /// Sets columns of every row the filter finds; returns how many. Versions count up.
    ///
    /// # Errors
    /// [`Error::Constraint`] when the database refuses one: then none is changed.
    fn update_where(&mut self, filter: &Filter, assignments: &[Assignment<E>]) -> Result<u64>;

    /// The row with that primary key.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such row.
    fn get(&mut self, key: impl Into<E::Key>) -> Result<E>
    where
        Self: Sized,
    {
        let key = key.into();
        self.find(&key)?.ok_or_else(|| not_found::<E>(&key))
    }

    /// The one row of the query.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, [`Error::MultipleFound`] when there are more.
    fn one(&mut self, query: &Query<E>) -> Result<E> {
        let mut rows = self.list(&query.clone().limit(2))?;
        let wanted = || query.filter.to_string();
        match (rows.pop(), rows.pop()) {
            (Some(row), None) => Ok(row),
            (None, _) => Err(Error::NotFound { entity: E::meta().name, wanted: wanted() }),
            (Some(_), Some(_)) => {
                Err(Error::MultipleFound { entity: E::meta().name, wanted: wanted() })
            }
        }
    }

    /// The first row of the query, if there is one.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query does not fit the entity.
    fn first(&mut self, query: &Query<E>) -> Result<Option<E>> {
        Ok(self.list(&query.clone().limit(1))?.pop())
    }

    /// Whether the filter finds a row.
    ///
    /// # Errors
    /// [`Error::Filter`] when the filter does not fit the entity.
    fn exists(&mut self, filter: &Filter) -> Result<bool> {
        let mut query = Query::<E>::new().limit(1);
        query.filter = filter.clone();
        Ok(!self.list(&query)?.is_empty())
    }

    /// Inserts a row; returns it with everything the database and the framework filled in.
    ///
    /// # Errors
    /// [`Error::Invalid`] before anything is sent, [`Error::Constraint`] when the database refuses.
    fn insert(&mut self, draft: E::Draft) -> Result<E> {
        self.insert_many(vec![draft])?.pop().ok_or_else(|| Error::NotFound {
            entity: E::meta().name,
            wanted: "the key that was just inserted".to_owned(),
        })
    }

    /// Writes a row that was read before: the columns that differ from the row as this session has
    /// read it, where nobody else has changed these since.
    ///
    /// Of a row that this session has not read, or longer ago than its last 10,000, or in a page of a
    /// walk before the last one, only the version tells whether it was changed since: without one,
    /// the row is made as it is given.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the row was changed since or is gone, [`Error::Invalid`] before
    /// anything is sent, [`Error::Constraint`] when the database refuses.
    fn update(&mut self, mine: E) -> Result<E>;
}

/// A column and the value it is set to.
#[derive(Clone, Debug)]
pub struct Assignment<E> {
    /// The column's name.
    pub column: std::borrow::Cow<'static, str>,
    /// The value.
    pub value: Value,
    entity: std::marker::PhantomData<fn() -> E>,
}

impl<E> Assignment<E> {
    /// An assignment to a column known only at run time; checked when it is used.
    #[must_use]
    pub fn dynamic(column: impl Into<std::borrow::Cow<'static, str>>, value: Value) -> Self {
        Self { column: column.into(), value, entity: std::marker::PhantomData }
    }
}

impl<E: Entity, T: Scalar> Column<E, T> {
    /// Sets the column to a value, for [`Repository::update_where`].
    #[must_use]
    pub fn set(self, value: impl Into<T>) -> Assignment<E> {
        Assignment::dynamic(self.name(), value.into().to_value())
    }
}

impl<E: Entity> Predicate<E> {
    /// The filter as [`Repository::count`] and its kin take it.
    #[must_use]
    pub fn into_filter(self) -> Filter {
        self.into()
    }
}

/// Sets the time of the update in a row of which columns are to be written; returns these with it.
pub(crate) fn stamp<E: Entity>(row: &mut E, changed: ColumnSet, now: NaiveDateTime) -> ColumnSet {
    match E::meta().updated() {
        // A column of another type than a timestamp keeps no time.
        Some(column) if row.set_value(column, Value::Timestamp(now)).is_ok() => {
            changed.with(column)
        }
        _ => changed,
    }
}

/// Whether a row is only marked as deleted.
pub(crate) fn is_hidden<E: Entity>(row: &E) -> bool {
    E::meta().deleted().is_some_and(|column| !row.value(column).is_null())
}

/// What marks rows as deleted; `None` where they are deleted for good.
pub(crate) fn marks_deleted<E: Entity>() -> Option<Assignment<E>> {
    let column = E::meta().columns.get(E::meta().deleted()?)?;
    Some(Assignment::dynamic(column.name, Value::Timestamp(crate::session::now())))
}

pub(crate) fn not_found<E: Entity>(key: &E::Key) -> Error {
    let key = key.to_record_key();
    let wanted = Filter::key(E::meta(), &key).to_string();
    Error::NotFound { entity: E::meta().name, wanted }
}

pub(crate) fn conflict<E: Entity>(
    base: Option<&E>,
    mine: Option<&E>,
    theirs: Option<&E>,
    key: &E::Key,
) -> Error {
    crate::error::Conflict {
        entity: E::meta().name,
        key: key.to_record_key(),
        base: base.map(Entity::to_record),
        mine: mine.map(Entity::to_record),
        theirs: theirs.map(Entity::to_record),
    }
    .into()
}
