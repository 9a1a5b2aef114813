//! The Chinook database, a media shop that somebody else designed, declared as entities: mixed-case
//! names, a composite key, an employee who reports to another, nullable references, prices and
//! times.
//!
//! The tables are in the script's spelling, and nothing about them was changed to please the
//! framework.

mod entities;
#[expect(missing_docs, reason = "the tables are the script's: see the Chinook project")]
pub mod schema;

use std::path::{Path, PathBuf};

use diesel::SqliteConnection;
use persistence::{Catalog, Database};

use crate::database::{TestDatabase, sqlite};

pub use entities::{
    Album, Artist, Customer, Employee, Genre, Invoice, InvoiceLine, MediaType, Money, NewAlbum,
    NewArtist, NewCustomer, NewEmployee, NewGenre, NewInvoice, NewInvoiceLine, NewMediaType,
    NewPlaylist, NewPlaylistTrack, NewTrack, Playlist, PlaylistTrack, Track,
};

/// A copy of the Chinook database that a test may change; gone at its end.
#[derive(Debug)]
pub struct Chinook {
    /// The database, open for reading and writing.
    pub database: Database<SqliteConnection>,
    /// The file itself.
    pub file: TestDatabase,
}

/// Makes a Chinook database from its script.
///
/// # Panics
/// When the script is not in the folder of the shared data.
#[must_use]
pub fn chinook() -> Chinook {
    let path = shared_data().join("chinook/sqlite.sql");
    let script = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!(
            "{} is needed ({error}); set BINDERY_DATA to the folder that holds `chinook`",
            path.display()
        )
    });
    let file = sqlite();
    file.execute(&format!("BEGIN; {script} COMMIT"));
    let database = Database::open(file.url()).expect("a new SQLite database opens");
    Chinook { database, file }
}

impl Chinook {
    /// All eleven entities, for whoever knows entities only at run time.
    #[must_use]
    pub fn catalog(&self) -> Catalog {
        self.database
            .catalog()
            .entity::<Artist>()
            .entity::<Album>()
            .entity::<Track>()
            .entity::<Genre>()
            .entity::<MediaType>()
            .entity::<Playlist>()
            .entity::<PlaylistTrack>()
            .entity::<Customer>()
            .entity::<Employee>()
            .entity::<Invoice>()
            .entity::<InvoiceLine>()
            .build()
    }
}

/// The folder of data that is shared between projects and not part of this one.
#[must_use]
pub fn shared_data() -> PathBuf {
    std::env::var_os("BINDERY_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    )
}
