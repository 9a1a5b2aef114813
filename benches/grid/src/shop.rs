//! The databases: made once, kept for the next run.

use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use bench_sizes::thousands;
use clap::ValueEnum;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, RunQueryDsl as _, SqliteConnection};
use domain::{Address, Author, Book, MIGRATIONS, User, seed};
use persistence::{Catalog, Database, Filter, Repository, Store};

/// The same books in every run.
const SEED: u64 = 1;

/// Where the rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// Where databases are kept.
#[derive(Debug)]
pub struct Place {
    /// SQLite's files.
    pub folder: PathBuf,
    /// PostgreSQL's server.
    pub postgres: Option<String>,
}

/// A database with so many books.
#[derive(Debug)]
pub struct Shop {
    /// How many.
    pub books: u64,
    /// Where.
    pub engine: Engine,
    /// Where exactly.
    pub url: String,
}

impl Shop {
    /// The database of that size, made where it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make(place: &Place, engine: Engine, books: u64) -> Result<Self> {
        let url = match engine {
            Engine::Sqlite => file(place, books)?,
            Engine::Postgres => on_server(place, books)?,
        };
        Ok(Self { books, engine, url })
    }

    /// What the admin is given of it: its books first.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn catalog(&self) -> Result<Catalog> {
        Ok(match self.engine {
            Engine::Sqlite => catalog(&Database::<SqliteConnection>::open(&self.url)?),
            Engine::Postgres => catalog(&Database::<PgConnection>::open(&self.url)?),
        })
    }
}

fn catalog<C>(database: &Database<C>) -> Catalog
where
    C: Store<Book> + Store<Author> + Store<User> + Store<Address>,
{
    database
        .catalog()
        .entity::<Book>()
        .entity::<Author>()
        .entity::<User>()
        .entity::<Address>()
        .build()
}

fn file(place: &Place, books: u64) -> Result<String> {
    std::fs::create_dir_all(&place.folder)
        .with_context(|| format!("cannot make {}", place.folder.display()))?;
    let path = place.folder.join(format!("books-{books}.db"));
    let url = path.to_str().context("the folder's name is not UTF-8")?.to_owned();
    if path.exists() {
        return Ok(url);
    }
    // Under another name until it is complete.
    let unfinished = place.folder.join(format!("books-{books}.unfinished"));
    let name = unfinished.to_str().context("the folder's name is not UTF-8")?;
    if unfinished.exists() {
        std::fs::remove_file(&unfinished)?;
    }
    let builder = Database::<SqliteConnection>::builder(name).create_missing().bulk_writes();
    fill(&builder.open()?, books)?;
    std::fs::rename(&unfinished, &path)?;
    // In the mode in which the admin opens it.
    Database::<SqliteConnection>::open(&url)?.ping()?;
    Ok(url)
}

fn on_server(place: &Place, books: u64) -> Result<String> {
    let Some(server) = &place.postgres else {
        bail!(
            "BINDERY_TEST_POSTGRES_URL is not set: run `cargo xtask bench grid`, or name a server"
        );
    };
    let (base, _) = server.rsplit_once('/').context("a PostgreSQL URL ends in a database")?;
    let (name, unfinished) =
        (format!("bindery_grid_{books}"), format!("bindery_grid_{books}_unfinished"));
    let url = format!("{base}/{name}");
    let mut connection = PgConnection::establish(server)?;
    let found: i64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(&format!(
        "(SELECT count(*) FROM pg_database WHERE datname = '{name}')"
    )))
    .get_result(&mut connection)?;
    if found > 0 {
        return Ok(url);
    }
    connection.batch_execute(&format!("DROP DATABASE IF EXISTS {unfinished}"))?;
    connection.batch_execute(&format!(
        "CREATE DATABASE {unfinished} TEMPLATE template0 ENCODING 'UTF8'"
    ))?;
    let database =
        Database::<PgConnection>::builder(&format!("{base}/{unfinished}")).bulk_writes().open()?;
    fill(&database, books)?;
    let mut session = database.session()?;
    session.commit()?;
    drop((session, database));
    let mut own = PgConnection::establish(&format!("{base}/{unfinished}"))?;
    own.batch_execute("VACUUM ANALYZE")?;
    drop(own);
    connection.batch_execute(&format!("ALTER DATABASE {unfinished} RENAME TO {name}"))?;
    Ok(url)
}

fn fill<C>(database: &Database<C>, books: u64) -> Result<()>
where
    C: Store<Book> + Store<Author>,
{
    eprintln!("making {} books in {}", thousands(books), database.target());
    database.migrate(&MIGRATIONS)?;
    let mut session = database.session()?;
    seed::seed(&mut session, books, SEED, |_| ControlFlow::Continue(()))?;
    let count = Repository::<Book>::count(&mut session, &Filter::All)?;
    anyhow::ensure!(count == books, "{count} books were made instead of {books}");
    session.commit()?;
    Ok(())
}
