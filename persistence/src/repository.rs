//! The repository trait that services depend on.

use chrono::NaiveDateTime;

use crate::column::Column;
use crate::entity::{ColumnSet, Entity};
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::query::{Page, PageStart, Query};
use crate::scalar::{PrimaryKey, Scalar};
use crate::upsert::Upsert;
use crate::value::{Record, Value};

/// Everything a service does with the rows of one entity.
///
/// Implemented by every [`Session`](crate::Session), whose one transaction holds what was written
/// until it is committed, and by [`Memory`](crate::Memory) for tests. What only people ask who look
/// through a table is in [`Browse`](crate::Browse).
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
    /// Returns the row with that primary key, if there is one.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn find(&mut self, key: &E::Key) -> Result<Option<E>>;

    /// Returns the query's rows.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query does not fit the entity.
    fn list(&mut self, query: &Query<E>) -> Result<Vec<E>>;

    /// Returns the query's rows with their types known only at run time, whatever is in their cells:
    /// a stored value that is not of its column's type is [`Value::Raw`], and hides no row.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query does not fit the entity.
    fn records(&mut self, query: &Query<E>) -> Result<Vec<Record>> {
        Ok(self.list(query)?.iter().map(Entity::to_record).collect())
    }

    /// Returns a [`page`](Self::page) of [`records`](Self::records).
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

    /// Returns at most `size` neighbouring rows of the query, found by key (keyset paging): as fast
    /// at the end of a table as at its start.
    ///
    /// The query's limit does not count. Its offset does: so many rows next to the start are passed
    /// over, which costs time in proportion. With places that [`Browse::stride`](crate::Browse::stride) has found
    /// any row of a large table is a small offset away: row 70 012 is 12 rows after the place of
    /// row 70 000.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query or the place does not fit the entity.
    fn page(&mut self, query: &Query<E>, start: &PageStart, size: u64) -> Result<Page<E>>;

    /// Counts the rows that the filter finds.
    ///
    /// # Errors
    /// [`Error::Filter`] when the filter does not fit the entity.
    fn count(&mut self, filter: &Filter) -> Result<u64>;

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

    /// Returns the row with that primary key.
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

    /// Returns the one row of the query.
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

    /// Returns the first row of the query, if there is one.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query does not fit the entity.
    fn first(&mut self, query: &Query<E>) -> Result<Option<E>> {
        Ok(self.list(&query.clone().limit(1))?.pop())
    }

    /// Returns whether the filter finds a row.
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
    /// Makes an assignment to a column known only at run time; checked when it is used.
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

/// Returns whether a row is only marked as deleted.
pub(crate) fn is_hidden<E: Entity>(row: &E) -> bool {
    E::meta().deleted().is_some_and(|column| !row.value(column).is_null())
}

/// Makes the assignment that marks rows as deleted; `None` where they are deleted for good.
pub(crate) fn marks_deleted<E: Entity>() -> Option<Assignment<E>> {
    let column = E::meta().columns.get(E::meta().deleted()?)?;
    Some(Assignment::dynamic(column.name, Value::Timestamp(crate::clock::now())))
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
