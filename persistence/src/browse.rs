//! What an admin asks of an entity's rows beyond what a service does.

use crate::backend::{Index, Plan};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::lengths::Lengths;
use crate::query::{Cursor, PageStart, Query, Stride};
use crate::repository::Repository;
use crate::scalar::PrimaryKey as _;
use crate::sealed::Sealed;
use crate::statistics::ColumnStatistics;
use crate::value::{Record, RecordKey, Value};

/// A [`Repository`] that can be looked through by people: where the rows of a large table are, how
/// long its values are and how they are spread, how statements find them, and cells that are no values
/// of their columns.
///
/// Implemented by every [`Session`](crate::Session) and by [`Memory`](crate::Memory); a
/// [`DynRepository`](crate::DynRepository) has all of it with types known only at run time.
pub trait Browse<E: Entity>: Sealed + Repository<E> {
    /// Passes over the next `rows` rows of the query after a place, or from its first row, and says
    /// where that ends. The query's own limit and offset do not count.
    ///
    /// Only the columns of the order are read, of one row. Where an index has them, this takes time
    /// in proportion to `rows`, wherever in the table it begins: stride by stride a table of any
    /// size is counted without one long statement, and the places on the way are where
    /// [`page`](Repository::page) can begin.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use persistence::{Browse, Entity, Memory, PageStart, Query, Repository};
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

    /// Returns how long the texts and binary values of some rows are, in the order of their keys,
    /// without reading them: what a [preview](Query::preview) does not say of what it cuts. Of a row that is
    /// not there nothing is known.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use persistence::{Browse, Entity, Memory, Query, Repository};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String }
    /// # let mut users = Memory::new().with::<User>();
    /// # Repository::<User>::insert(&mut users, NewUser { name: "Émile Zola".into() })?;
    /// let cut = users.list(&Query::<User>::new().preview(5))?;
    /// let lengths = Browse::<User>::lengths(&mut users, &[cut[0].id])?;
    /// let name = lengths[0].of(User::NAME.position()).unwrap();
    /// assert_eq!((name.bytes, name.characters), (11, Some(10)));
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the database cannot be read.
    fn lengths(&mut self, keys: &[E::Key]) -> Result<Vec<Lengths>>;

    /// Estimates how many rows the filter finds, at once: by the engine's statistics, or how far the
    /// primary keys reach. Nothing is counted. `None` where nothing is known: without statistics
    /// where the key does not count; with a filter, save on PostgreSQL, whose planner has a guess.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use diesel::{SqliteConnection, connection::SimpleConnection};
    /// # use persistence::{Browse, Database, Entity, Filter, Repository};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String }
    /// # let database = Database::<SqliteConnection>::open(":memory:")?;
    /// # let mut users = database.session()?;
    /// # users.connection()?
    /// #     .batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").unwrap();
    /// # Repository::<User>::insert_many(&mut users, (1..=25).map(|n| NewUser { name: n.to_string() }).collect())?;
    /// # Repository::<User>::delete_where(&mut users, &User::ID.between(5, 9).into())?;
    /// assert_eq!(Browse::<User>::estimate(&mut users, &Filter::All)?, Some(25));
    /// assert_eq!(Repository::<User>::count(&mut users, &Filter::All)?, 20);
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Filter`] when the filter does not fit the entity.
    fn estimate(&mut self, filter: &Filter) -> Result<Option<u64>>;

    /// Returns how the engine would find a page of the query, in its own words: the plan of what
    /// [`page`](Repository::page) would send. No row is read.
    ///
    /// [`advice::missing_index`](crate::advice::missing_index) says what would make it better.
    ///
    /// # Errors
    /// [`Error::Filter`] when the query or the place does not fit the entity.
    fn explain(&mut self, query: &Query<E>, start: &PageStart, size: u64) -> Result<Plan>;

    /// Returns the indexes of the entity's table that hold all rows, the primary key's included.
    ///
    /// # Errors
    /// [`Error::Schema`] when there is no such table.
    fn indexes(&mut self) -> Result<Vec<Index>>;

    /// Returns the most frequent values of a column among the rows that the filter finds, at most
    /// `size`, with their numbers of rows; NULL is one of them. Of those as frequent as each other the
    /// smaller comes first.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text, age -> Nullable<Integer> } } }
    /// # use persistence::{Browse, Entity, Filter, Memory, Repository};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String, age: Option<i32> }
    /// # let mut users = Memory::new().with::<User>();
    /// # for (name, age) in [("Ada", Some(36)), ("Grace", None), ("Ada", Some(20))] {
    /// #     Repository::<User>::insert(&mut users, NewUser { name: name.into(), age })?;
    /// # }
    /// let names = Browse::<User>::distinct(&mut users, "name", &Filter::All, 10)?;
    /// assert_eq!(names, [("Ada".into(), 2), ("Grace".into(), 1)]);
    ///
    /// let ages = Browse::<User>::statistics(&mut users, "age", &Filter::All)?;
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

    /// Describes a column in the rows that the filter finds, by two statements that read all of them
    /// inside the database.
    ///
    /// # Errors
    /// [`Error::Filter`] when the filter does not fit the entity, or there is no such column.
    fn statistics(&mut self, column: &str, filter: &Filter) -> Result<ColumnStatistics>;

    /// Sums some columns of numbers up in the rows that the filter finds, in one statement; 0 where
    /// there is no value. As exact as [`ColumnStatistics::sum`].
    ///
    /// # Errors
    /// [`Error::Filter`] when the filter does not fit the entity, there is no such column, or it
    /// holds no numbers.
    fn sum(&mut self, columns: &[&str], filter: &Filter) -> Result<Vec<Value>>;

    /// Writes the cells in which `mine` differs from `base`, a row as it was read. Cells that are
    /// no values of their columns can stay as they are, or be mended.
    ///
    /// # Errors
    /// As [`update_from`](Repository::update_from).
    fn update_record(&mut self, base: &Record, mine: Record) -> Result<Record> {
        let base = E::from_record(base.clone())?;
        Ok(self.update_from(&base, E::from_record(mine)?)?.to_record())
    }

    /// Deletes the row with that primary key, which need not be a value of its columns.
    ///
    /// # Errors
    /// As [`delete`](Repository::delete).
    fn delete_record(&mut self, key: &RecordKey) -> Result<()> {
        let key = E::Key::from_record_key(key.clone()).map_err(|_| Error::NotFound {
            entity: E::meta().name,
            wanted: Filter::key(E::meta(), key).to_string(),
        })?;
        self.delete(&key)
    }
}
