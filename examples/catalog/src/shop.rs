//! Where the books are: a database of one of three engines, or memory.

use std::sync::Arc;
use std::time::Duration;

use diesel::{MysqlConnection, PgConnection, SqliteConnection};
use domain::{Address, Author, Book, User};
use persistence::audit::AuditEntry;
use persistence::backend::EngineKind;
use persistence::{Database, Drift, Engine, Entity as _, Error, Memory, Repository, Result};

/// The repositories of the shop, in one session.
pub trait Bookshop:
    Repository<User> + Repository<Address> + Repository<Author> + Repository<Book>
{
}

impl<R> Bookshop for R where
    R: Repository<User> + Repository<Address> + Repository<Author> + Repository<Book>
{
}

/// What handlers work on. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Shop {
    /// In a file, or in memory as a real database.
    Sqlite(Database<SqliteConnection>),
    /// On a server.
    Postgres(Database<PgConnection>),
    /// On a server, MariaDB too.
    Mysql(Database<MysqlConnection>),
    /// Without a database, for tests.
    Memory(Arc<Memory>),
}

/// How a database is used.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// Connections that are open at once.
    pub connections: u32,
    /// How long a request waits for one.
    pub patience: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            connections: 10,
            patience: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(5),
        }
    }
}

/// Refuses a database of something else: nobody has asked for the shop's tables there.
fn check_ours<C: Engine>(database: &Database<C>) -> Result<()> {
    let migrations = database.migration_status(&domain::MIGRATIONS)?;
    if migrations.iter().any(|migration| migration.is_applied) {
        return Ok(());
    }
    let ours = [Book::meta(), Author::meta(), User::meta(), Address::meta(), AuditEntry::meta()];
    let mut others = database.tables()?;
    // A second instance may be making the tables at this moment.
    others.retain(|table| {
        ours.iter().all(|meta| meta.table != table) && table != "__diesel_schema_migrations"
    });
    if others.is_empty() {
        return Ok(());
    }
    let message = format!("{} is no bookshop: it has {}", database.target(), others.join(", "));
    Err(Error::Schema { message })
}

impl Shop {
    /// Opens the database at a URL with the engine that the URL names, and brings it up to date. A
    /// file of SQLite is made where there is none.
    ///
    /// # Errors
    /// When it cannot be reached, is of something else, or a migration fails; without the password.
    pub fn open(url: &str, pool: Pool) -> Result<Self> {
        fn open<C: Engine>(url: &str, pool: Pool) -> Result<Database<C>> {
            let database = Database::builder(url)
                .create_missing()
                .pool_size(pool.connections)
                .connection_timeout(pool.patience)
                .statement_timeout(pool.statement_timeout)
                .open()?;
            check_ours(&database)?;
            for migration in database.migrate(&domain::MIGRATIONS)? {
                tracing::info!(migration, "migrated");
            }
            Ok(database)
        }
        Ok(match EngineKind::of_url(url)? {
            EngineKind::Sqlite => Self::Sqlite(open(url, pool)?),
            EngineKind::Postgres => Self::Postgres(open(url, pool)?),
            EngineKind::Mysql => Self::Mysql(open(url, pool)?),
        })
    }

    /// A shop without a database.
    #[must_use]
    pub fn in_memory() -> Self {
        let memory = Memory::new().with::<User>().with::<Address>();
        Self::Memory(Arc::new(memory.with::<Author>().with::<Book>()))
    }

    /// Runs a closure in a transaction, which is replayed where trying again may help, and commits.
    ///
    /// # Errors
    /// The closure's own, and when the database cannot be reached or refuses.
    pub async fn write<T, F>(&self, mut run: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut (dyn Bookshop + 'static)) -> Result<T> + Send + 'static,
    {
        match self {
            Self::Sqlite(database) => database.run(move |session| run(session)).await,
            Self::Postgres(database) => database.run(move |session| run(session)).await,
            Self::Mysql(database) => database.run(move |session| run(session)).await,
            Self::Memory(memory) => memory.transaction(|session| run(session)),
        }
    }

    /// Runs a closure that only reads.
    ///
    /// # Errors
    /// The closure's own, and when the database cannot be reached.
    pub async fn read<T, F>(&self, read: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut (dyn Bookshop + 'static)) -> Result<T> + Send + 'static,
    {
        match self {
            Self::Sqlite(database) => database.read(move |session| read(session)).await,
            Self::Postgres(database) => database.read(move |session| read(session)).await,
            Self::Mysql(database) => database.read(move |session| read(session)).await,
            Self::Memory(memory) => read(&mut memory.session()),
        }
    }

    /// Asks the database whether it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        match self {
            Self::Sqlite(database) => database.on_thread(Database::ping).await,
            Self::Postgres(database) => database.on_thread(Database::ping).await,
            Self::Mysql(database) => database.on_thread(Database::ping).await,
            Self::Memory(_) => Ok(()),
        }
    }

    /// Everything in which the tables are not as this program expects.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn check(&self) -> Result<Vec<Drift>> {
        type All = (User, Address, Author, Book);
        match self {
            Self::Sqlite(database) => database.check::<All>(),
            Self::Postgres(database) => database.check::<All>(),
            Self::Mysql(database) => database.check::<All>(),
            Self::Memory(_) => Ok(Vec::new()),
        }
    }
}
