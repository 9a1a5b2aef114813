//! What one connection type does for one entity: statements, one at a time.

mod inserting;
pub(crate) mod rows;
pub(crate) mod table;

use diesel::connection::LoadConnection;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::result::{Error, QueryResult};
use diesel::sql_types::Untyped;

use crate::backend::{Dialect, Engine};
use crate::entity::{ColumnSet, Entity, MappedTo};
use crate::observe;
use crate::query::Query as EntityQuery;
use crate::scalar::PrimaryKey as _;
use crate::sql::Typed;

/// An engine that can store `E`: implemented for every [`Engine`] whose backend knows all of the
/// entity's column types. Sessions and repositories ask for it: `C: Store<User> + Store<Book>`.
///
/// The methods are single statements without validation, transactions or classified errors; use a
/// [`Session`](crate::Session).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not store `{E}`",
    label = "does not store `{E}`",
    note = "generic code says so in its bounds: `C: Store<{E}>`",
    note = "a connection stores every `#[derive(Entity)]` whose fields have the types of their columns in `table!`, as far as its engine knows these, and whose feature (`sqlite`, `postgres`, `mysql`) is enabled"
)]
pub trait Store<E: Entity>: Engine {
    /// Reads the rows of a query whose columns and values fit the entity.
    ///
    /// # Errors
    /// Diesel's.
    fn select(&mut self, query: &EntityQuery<E>) -> QueryResult<Vec<E>>;

    /// Reads the row with that primary key.
    ///
    /// # Errors
    /// Diesel's.
    fn select_key(&mut self, key: &E::Key) -> QueryResult<Option<E>>;

    /// Inserts rows in their order, cut to the engine's bind limit, and fills in generated keys.
    ///
    /// # Errors
    /// Diesel's; rows of earlier statements stay inserted.
    fn insert(&mut self, rows: &mut [E]) -> QueryResult<()>;

    /// Inserts rows, or updates those that are there: found by some columns, updated in others.
    /// The rows do not learn their generated keys.
    ///
    /// # Errors
    /// Diesel's; rows of earlier statements stay written.
    fn insert_or_update(&mut self, rows: &[E], on: ColumnSet, set: ColumnSet) -> QueryResult<()>;

    /// Inserts rows as they are given, with their generated keys, cut to the engine's bind limit, and
    /// has the database count on from there.
    ///
    /// # Errors
    /// Diesel's; rows of earlier statements stay inserted.
    fn insert_with_keys(&mut self, rows: &mut [E]) -> QueryResult<()>;

    /// Reads the row with that primary key as it is by now, whatever the transaction has seen of
    /// it, locked until the transaction's end where the engine locks rows.
    ///
    /// # Errors
    /// Diesel's.
    fn lock_key(&mut self, key: &E::Key) -> QueryResult<Option<E>>;

    /// Writes the changed columns of a row, guarded by its key and version and by the columns of
    /// `guard`, which have to be as in `base`; returns rows affected.
    ///
    /// # Errors
    /// Diesel's.
    fn update(
        &mut self,
        base: &E,
        mine: &E,
        changed: ColumnSet,
        guard: ColumnSet,
    ) -> QueryResult<usize>;

    /// Deletes rows in one statement, each guarded by its key and version and by the columns of
    /// `guard`, which have to be as in `rows`; returns rows affected.
    ///
    /// # Errors
    /// Diesel's.
    fn delete(&mut self, rows: &[E], guard: ColumnSet) -> QueryResult<usize>;
}

#[diagnostic::do_not_recommend]
impl<C, E> Store<E> for C
where
    C: Engine,
    E: MappedTo<C::Backend>,
{
    fn select(&mut self, query: &EntityQuery<E>) -> QueryResult<Vec<E>> {
        table::select(self, Typed::ENTITY, query)
    }

    fn select_key(&mut self, key: &E::Key) -> QueryResult<Option<E>> {
        rows::find(self, Typed::ENTITY, key.to_record_key())
    }

    fn insert(&mut self, rows: &mut [E]) -> QueryResult<()> {
        rows::insert(self, Typed::ENTITY, rows)
    }

    fn insert_or_update(&mut self, rows: &[E], on: ColumnSet, set: ColumnSet) -> QueryResult<()> {
        rows::insert_or_update(self, Typed::ENTITY, rows, on, set)
    }

    fn insert_with_keys(&mut self, rows: &mut [E]) -> QueryResult<()> {
        rows::insert_with_keys(self, Typed::ENTITY, rows)
    }

    fn lock_key(&mut self, key: &E::Key) -> QueryResult<Option<E>> {
        rows::lock(self, Typed::ENTITY, key.to_record_key())
    }

    fn update(
        &mut self,
        base: &E,
        mine: &E,
        changed: ColumnSet,
        guard: ColumnSet,
    ) -> QueryResult<usize> {
        rows::update(self, Typed::ENTITY, [base, mine], changed, guard)
    }

    fn delete(&mut self, rows: &[E], guard: ColumnSet) -> QueryResult<usize> {
        rows::delete(self, Typed::ENTITY, rows, guard)
    }
}

fn load<C, S, T>(
    connection: &mut C,
    statement: &S,
    mut read: impl FnMut(&<C as LoadConnection>::Row<'_, '_>) -> diesel::deserialize::Result<T>,
) -> QueryResult<Vec<T>>
where
    C: Engine,
    S: QueryFragment<C::Backend> + Query<SqlType = Untyped> + QueryId,
{
    observe::observed(
        || {
            let mut rows = Vec::new();
            for row in LoadConnection::load(connection, ByRef(statement))? {
                rows.push(read(&row?).map_err(Error::DeserializationError)?);
            }
            Ok(rows)
        },
        |rows| rows.len() as u64,
    )
}

/// Loads the row of a statement that finds one at most: the engine need not look for another.
fn load_one<C, S, T>(
    connection: &mut C,
    statement: &S,
    read: impl FnOnce(&<C as LoadConnection>::Row<'_, '_>) -> diesel::deserialize::Result<T>,
) -> QueryResult<Option<T>>
where
    C: Engine,
    S: QueryFragment<C::Backend> + Query<SqlType = Untyped> + QueryId,
{
    observe::observed(
        || {
            let row = LoadConnection::load(connection, ByRef(statement))?.next();
            row.map(|row| read(&row?).map_err(Error::DeserializationError)).transpose()
        },
        |row| u64::from(row.is_some()),
    )
}

fn execute<C, S>(connection: &mut C, statement: &S) -> QueryResult<usize>
where
    C: Engine,
    S: QueryFragment<C::Backend> + QueryId,
{
    observe::observed(|| connection.execute_returning_count(statement), |&rows| rows as u64)
}

/// Lends a statement to Diesel, which wants to own what it loads.
struct ByRef<'s, S>(&'s S);

impl<S: QueryId> QueryId for ByRef<'_, S> {
    type QueryId = S::QueryId;
    const HAS_STATIC_QUERY_ID: bool = S::HAS_STATIC_QUERY_ID;
}

impl<S: Query> Query for ByRef<'_, S> {
    type SqlType = S::SqlType;
}

impl<S: QueryFragment<DB>, DB: Dialect> QueryFragment<DB> for ByRef<'_, S> {
    fn walk_ast<'b>(&'b self, out: diesel::query_builder::AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}
