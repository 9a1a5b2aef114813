//! For tests of programs that use this crate: query budgets, throw-away databases, sessions that
//! never commit.

#[cfg(feature = "sqlite")]
use diesel::sqlite::SqliteConnection;

use crate::backend::Engine;
#[cfg(feature = "sqlite")]
use crate::backend::Migrations;
use crate::database::Database;
use crate::error::Result;
use crate::observe;
use crate::session::Session;

/// What the pool and transactions send by themselves, beside the statements that are counted.
const UNCOUNTED: [&str; 6] =
    ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT ", "RELEASE SAVEPOINT ", "SET TRANSACTION "];
/// What the pool asks to see whether a connection answers.
const PING: &str = "SELECT 1";

/// Runs something and gives the SQL of the statements that this thread sent meanwhile, in their
/// order and without their values, to whatever database. What begins and ends transactions and
/// savepoints is left out.
pub fn statements<T>(run: impl FnOnce() -> T) -> (T, Vec<String>) {
    let (value, statements) = observe::recorded(run);
    // The values that a database shows on request are left out here.
    let statements = statements.into_iter().map(|statement| observe::without_binds(statement.sql));
    let is_counted = |sql: &String| {
        let sql = sql.trim();
        sql != PING && !UNCOUNTED.iter().any(|begin| sql.starts_with(begin))
    };
    (value, statements.filter(is_counted).collect())
}

/// Runs something that may send exactly so many statements; gives what it gives.
///
/// Keeps a loop over rows from becoming a query for each of them: the number of statements of good
/// code does not depend on the number of rows.
///
/// ```
/// # use diesel::{SqliteConnection, connection::SimpleConnection};
/// # use persistence::{Database, Entity, Repository};
/// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } } use schema::users;
/// # #[derive(Clone, Debug, PartialEq, Entity)]
/// # #[entity(table = users)]
/// # struct User { #[entity(key, generated)] id: i64, #[entity(label)] name: String }
/// use persistence::testing::expect_queries;
/// # let database = Database::<SqliteConnection>::open(":memory:")?;
/// # let mut session = database.session()?;
/// # session.connection()?.batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)").unwrap();
///
/// session.add(NewUser { name: "John".into() });
/// expect_queries(1, || session.commit())?;
/// expect_queries(0, || session.commit())?;
/// # Ok::<(), persistence::Error>(())
/// ```
///
/// # Panics
/// When it sends more or fewer; the message lists the statements.
#[track_caller]
pub fn expect_queries<T>(expected: usize, run: impl FnOnce() -> T) -> T {
    let (value, statements) = statements(run);
    assert!(
        statements.len() == expected,
        "expected {expected} statements, {} were sent:{}",
        statements.len(),
        statements.iter().fold(String::new(), |list, sql| list + "\n  " + sql)
    );
    value
}

#[cfg(feature = "sqlite")]
impl Database<SqliteConnection> {
    /// Makes a new database in memory with these migrations, gone when the last clone of it is. It
    /// has one connection: one session at a time.
    ///
    /// ```no_run
    /// use diesel::SqliteConnection;
    /// use persistence::{Database, Migrations};
    ///
    /// # const MIGRATIONS: Migrations = Migrations { sqlite: None, postgres: None, mysql: None };
    /// let database = Database::<SqliteConnection>::in_memory(&MIGRATIONS)?;
    /// let session = database.session()?;
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Schema`](crate::Error::Schema) that names the migration that failed.
    pub fn in_memory(migrations: &Migrations) -> Result<Self> {
        let database = Self::open(":memory:")?;
        database.migrate(migrations)?;
        Ok(database)
    }
}

impl<C: Engine> Database<C> {
    /// Opens a session that never commits: what it writes is there for its own eyes, and gone when
    /// it is dropped. [`commit`](Session::commit) and [`rollback`](Session::rollback) do to its own
    /// later statements what they always do. Tests that share a database do not see one another.
    ///
    /// What only a real commit does, like checking deferred constraints, does not happen. On MySQL
    /// and MariaDB a statement that changes tables commits by itself.
    ///
    /// ```
    /// # use diesel::{SqliteConnection, connection::SimpleConnection};
    /// # use persistence::{Database, Entity, Repository};
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } } use schema::users;
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = users)]
    /// # struct User { #[entity(key, generated)] id: i64, #[entity(label)] name: String }
    /// # let database = Database::<SqliteConnection>::open(":memory:")?;
    /// # let mut session = database.session()?;
    /// # session.connection()?.batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)").unwrap();
    /// # session.commit()?; drop(session);
    /// let mut session = database.test_session()?;
    /// session.add(NewUser { name: "John".into() });
    /// session.commit()?;
    /// assert_eq!(session.query::<User>().count()?, 1);
    /// drop(session);
    /// assert_eq!(database.session()?.query::<User>().count()?, 0);
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable) when no connection is to be had in time.
    pub fn test_session(&self) -> Result<Session<C>> {
        let mut session = self.session()?;
        session.never_commit()?;
        Ok(session)
    }
}
