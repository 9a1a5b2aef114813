//! From a URL, known at run time, to the connection type of its engine, known at compile time.

use std::time::Duration;

use domain::{Address, Author, Book, MIGRATIONS, User};
use persistence::audit::AuditEntry;
use persistence::backend::EngineKind;
use persistence::database::DatabaseBuilder;
use persistence::observe::{self, Binds};
use persistence::{Catalog, CatalogEntry, Database, Entity as _, Store};

use crate::failure::Failure;
use crate::place::{Existence, NamedBy, Place};

/// An engine that stores the bookshop.
pub trait BookshopEngine:
    Store<User> + Store<Address> + Store<Author> + Store<Book> + Store<AuditEntry>
{
}

impl<C> BookshopEngine for C where
    C: Store<User> + Store<Address> + Store<Author> + Store<Book> + Store<AuditEntry>
{
}

/// Work that is done alike on every engine.
pub trait OnEngine {
    /// What comes of it.
    type Output;

    /// Does the work.
    ///
    /// # Errors
    /// As the work goes.
    fn run<C: BookshopEngine>(self, place: &Place) -> anyhow::Result<Self::Output>;
}

/// Does the work on the engine of a database.
///
/// # Errors
/// When this program was built without the engine, and as the work goes.
pub fn on_engine<W: OnEngine>(place: &Place, work: W) -> anyhow::Result<W::Output> {
    match place.kind() {
        #[cfg(feature = "sqlite")]
        EngineKind::Sqlite => work.run::<diesel::SqliteConnection>(place),
        #[cfg(feature = "postgres")]
        EngineKind::Postgres => work.run::<diesel::PgConnection>(place),
        #[cfg(feature = "mysql")]
        EngineKind::Mysql => work.run::<diesel::MysqlConnection>(place),
        #[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")))]
        kind => Err(Failure::Usage(format!(
            "{}: this program was built without {kind}; build it with \
             `cargo build --release --features {}`",
            place.shown(),
            feature(kind)
        ))
        .into()),
    }
}

/// Returns the cargo feature of an engine.
#[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")))]
const fn feature(kind: EngineKind) -> &'static str {
    match kind {
        EngineKind::Sqlite => "sqlite",
        EngineKind::Postgres => "postgres",
        EngineKind::Mysql => "mysql",
    }
}

/// How long commands that write wait for others who do: they take their turns.
const PATIENCE: Duration = Duration::from_mins(1);

/// Whether a database is going to be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Everything is allowed.
    ReadWrite,
    /// Everything is allowed, and others who write are waited for.
    Patient,
    /// The database refuses writes.
    ReadOnly,
    /// Very many rows are written, and nobody else needs the database meanwhile.
    Bulk,
}

/// Opens a pool to a database that has to be there.
///
/// # Errors
/// [`Failure::Missing`] for a file that is not there, and as connecting goes.
pub fn open<C: BookshopEngine>(place: &Place, mode: Mode) -> anyhow::Result<Database<C>> {
    if place.existence() == Existence::Missing {
        return Err(missing(place).into());
    }
    let shows_values = tracing::enabled!(target: observe::TARGET, tracing::Level::TRACE);
    let binds = if shows_values { Binds::Shown } else { Binds::Hidden };
    let builder = Database::<C>::builder(place.url()).log_binds(binds);
    let patient = |builder: DatabaseBuilder<C>| match place.kind() {
        EngineKind::Sqlite => builder.lock_timeout(PATIENCE),
        // Servers know best.
        _ => builder,
    };
    let builder = match mode {
        Mode::ReadWrite => builder,
        Mode::Patient => patient(builder),
        Mode::ReadOnly => builder.read_only(),
        Mode::Bulk => patient(builder.bulk_writes()),
    };
    let builder = user().into_iter().fold(builder, DatabaseBuilder::actor);
    let database = builder.open()?;
    // A sample of as many rows as one likes is nothing to take back.
    Ok(if mode == Mode::Bulk { database } else { database.audit_where_possible()? })
}

/// Returns what the system calls the person who runs the program, where it says.
fn user() -> Option<String> {
    let names = ["USER", "LOGNAME", "USERNAME"].into_iter().filter_map(|it| std::env::var(it).ok());
    names.into_iter().find(|name| !name.is_empty())
}

fn missing(place: &Place) -> Failure {
    Failure::Missing(match place.named_by() {
        NamedBy::User => format!(
            "there is no file {}; to make a new bookshop there, run `bindery migrate run{}`",
            place.shown(),
            place.as_option()
        ),
        NamedBy::Default => format!(
            "there is no bookshop on this computer yet ({}); start `bindery` to make one, or name \
             a database with --url",
            place.shown()
        ),
    })
}

/// Opens the bookshop's entities, whatever the engine.
///
/// # Errors
/// As [`open`].
pub fn open_catalog(place: &Place, mode: Mode) -> anyhow::Result<Catalog> {
    struct Open(Mode);
    impl OnEngine for Open {
        type Output = Catalog;

        fn run<C: BookshopEngine>(self, place: &Place) -> anyhow::Result<Catalog> {
            Ok(catalog(&open::<C>(place, self.0)?))
        }
    }
    on_engine(place, Open(mode))
}

/// Returns the tables of the bookshop's entities.
pub fn tables() -> [&'static str; 4] {
    [Book::meta().table, Author::meta().table, User::meta().table, Address::meta().table]
}

/// Returns the bookshop's entities on an open database.
pub fn catalog<C: BookshopEngine>(database: &Database<C>) -> Catalog {
    database
        .catalog()
        .entity::<Book>()
        .entity::<Author>()
        .entity::<User>()
        .entity::<Address>()
        .migrations(&MIGRATIONS)
        .build()
}

/// Returns an entity of the bookshop, by its table's name or its own.
///
/// # Errors
/// [`Failure::Missing`] that names those there are.
pub fn entity<'c>(catalog: &'c Catalog, name: &str) -> Result<&'c CatalogEntry, Failure> {
    catalog.entry(name).map_err(|_| {
        let known: Vec<_> = catalog.entries().iter().map(|entry| entry.meta.table).collect();
        Failure::Missing(format!("there is no entity `{name}`; there are {}", known.join(", ")))
    })
}
