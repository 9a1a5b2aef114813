//! An archive: tables whose rows hold on to each other more firmly than an office's.
//!
//! A folder is always in another; rooms and their keepers, duplicates and their loans cannot be without
//! each other and keep each other from being deleted; shelves are only marked as deleted, whatever
//! stands on them; places are unique, and small numbers; fonds have natural keys and versions.

use persistence::{Database, Engine, Entity, Store};

use crate::database::TestDatabase;

/// The tables, as Diesel has them.
#[expect(missing_docs, reason = "the entities say what these are")]
pub mod schema {
    diesel::table! {
        folders (id) { id -> BigInt, title -> Text, parent_id -> BigInt }
    }
    diesel::table! {
        rooms (id) { id -> BigInt, name -> Text, keeper_id -> Nullable<BigInt> }
    }
    diesel::table! {
        keepers (id) { id -> BigInt, name -> Text, room_id -> BigInt }
    }
    diesel::table! {
        duplicates (id) { id -> BigInt, title -> Text, loan_id -> Nullable<BigInt> }
    }
    diesel::table! {
        loans (id) { id -> BigInt, reader -> Text, duplicate_id -> BigInt }
    }
    diesel::table! {
        shelves (id) { id -> BigInt, name -> Text, deleted_at -> Nullable<Timestamp> }
    }
    diesel::table! {
        cartons (id) {
            id -> BigInt,
            label -> Text,
            shelf_id -> BigInt,
            former_id -> Nullable<BigInt>,
            place -> Integer,
            depth -> SmallInt,
            version -> BigInt,
        }
    }
    diesel::table! {
        fonds (code) {
            code -> Text,
            title -> Text,
            above_code -> Nullable<Text>,
            version -> BigInt,
        }
    }
    diesel::table! {
        collections (id) { id -> BigInt, name -> Text }
    }
    diesel::table! {
        maps (id) { id -> BigInt, title -> Text, collection_id -> BigInt }
    }
    diesel::table! {
        letters (id) {
            id -> BigInt,
            title -> Text,
            former_id -> Nullable<BigInt>,
            collection_id -> BigInt,
        }
    }
    diesel::table! {
        sheets (id) { id -> BigInt, number -> Integer, letter_id -> BigInt }
    }
    diesel::table! {
        originals (id) { id -> BigInt, facsimile_id -> BigInt }
    }
    diesel::table! {
        facsimiles (id) { id -> BigInt, original_id -> BigInt }
    }
}
use schema::{
    cartons, collections, duplicates, facsimiles, folders, keepers, letters, loans, maps,
    originals, rooms, sheets, shelves,
};

/// A folder, always in another: the outermost is in itself.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = folders)]
pub struct Folder {
    /// The primary key.
    #[entity(key)]
    pub id: i64,
    /// The title.
    pub title: String,
    /// The folder it is in.
    #[entity(references(Folder, on_delete = restrict))]
    pub parent_id: i64,
}

/// A room, which somebody may keep.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = rooms)]
pub struct Room {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The name.
    pub name: String,
    /// Who keeps it.
    #[entity(references(Keeper, on_delete = restrict))]
    pub keeper_id: Option<i64>,
}

/// Somebody who keeps a room.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = keepers)]
pub struct Keeper {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The name.
    pub name: String,
    /// Where they are found.
    #[entity(references(Room, on_delete = restrict))]
    pub room_id: i64,
}

/// A duplicate, which may be on loan. By their names its table comes before that of the loans, as
/// the rooms' comes after the keepers'.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = duplicates)]
pub struct Duplicate {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The title.
    pub title: String,
    /// The loan that it is out on.
    #[entity(references(Loan, on_delete = restrict))]
    pub loan_id: Option<i64>,
}

/// A loan of a duplicate.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = loans)]
pub struct Loan {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// Who borrows.
    pub reader: String,
    /// What is borrowed.
    #[entity(references(Duplicate, on_delete = restrict))]
    pub duplicate_id: i64,
}

/// A shelf; one that was given up is only marked.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = shelves)]
pub struct Shelf {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The name.
    #[entity(unique)]
    pub name: String,
    /// When it was given up.
    #[entity(deleted)]
    pub deleted_at: Option<chrono::NaiveDateTime>,
}

/// A carton on a shelf, at a place and a depth that no other carton has.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = cartons)]
pub struct Carton {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// What is written on it.
    pub label: String,
    /// Where it stands.
    #[entity(references(Shelf, on_delete = cascade))]
    pub shelf_id: i64,
    /// Where it stood.
    #[entity(references(Shelf, on_delete = set_null))]
    pub former_id: Option<i64>,
    /// Of 32 bits.
    #[entity(unique)]
    pub place: i32,
    /// Of 16 bits.
    #[entity(unique)]
    pub depth: i16,
    /// Counts updates.
    #[entity(version)]
    pub version: i64,
}

/// A fonds, known by its code, and maybe part of another.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::fonds)]
pub struct Fonds {
    /// The primary key: `A 1`.
    #[entity(key)]
    pub code: String,
    /// The title.
    pub title: String,
    /// What it is part of.
    #[entity(references(Fonds, on_delete = restrict, as = above))]
    pub above_code: Option<String>,
    /// Counts updates.
    #[entity(version)]
    pub version: i64,
}

/// A collection.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = collections, has_many(letters: Letter.collection_id))]
pub struct Collection {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The name.
    #[entity(unique)]
    pub name: String,
}

/// A map, which keeps its collection from being deleted.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = maps)]
pub struct Map {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The title.
    pub title: String,
    /// The collection it is part of.
    #[entity(references(Collection, on_delete = restrict))]
    pub collection_id: i64,
}

/// A letter, which goes with its collection.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = letters)]
pub struct Letter {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The title.
    pub title: String,
    /// The collection it was part of.
    #[entity(references(Collection, on_delete = set_null))]
    pub former_id: Option<i64>,
    /// The collection it is part of.
    #[entity(references(Collection, on_delete = cascade))]
    pub collection_id: i64,
}

/// A sheet of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = sheets)]
pub struct Sheet {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// Which it is.
    pub number: i32,
    /// The letter.
    #[entity(references(Letter, on_delete = cascade))]
    pub letter_id: i64,
}

/// An original, nothing without its facsimile.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = originals)]
pub struct Original {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The facsimile.
    #[entity(references(Facsimile, on_delete = restrict))]
    pub facsimile_id: i64,
}

/// A facsimile, nothing without its original.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = facsimiles)]
pub struct Facsimile {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The original.
    #[entity(references(Original, on_delete = restrict))]
    pub original_id: i64,
}

/// An engine that stores the archive.
pub trait ArchiveEngine:
    Store<Folder>
    + Store<Room>
    + Store<Keeper>
    + Store<Duplicate>
    + Store<Loan>
    + Store<Shelf>
    + Store<Carton>
    + Store<Fonds>
    + Store<Collection>
    + Store<Map>
    + Store<Letter>
    + Store<Sheet>
    + Store<Original>
    + Store<Facsimile>
{
}

impl<C> ArchiveEngine for C where
    C: Store<Folder>
        + Store<Room>
        + Store<Keeper>
        + Store<Duplicate>
        + Store<Loan>
        + Store<Shelf>
        + Store<Carton>
        + Store<Fonds>
        + Store<Collection>
        + Store<Map>
        + Store<Letter>
        + Store<Sheet>
        + Store<Original>
        + Store<Facsimile>
{
}

/// Opens an archive without rows.
///
/// # Panics
/// When the database refuses the tables.
#[must_use]
pub fn open<C: Engine>(place: &TestDatabase) -> Database<C> {
    let (id, text, time) = match C::NAME {
        "SQLite" => ("INTEGER PRIMARY KEY", "TEXT", "TIMESTAMP"),
        "PostgreSQL" => {
            ("BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "TEXT", "TIMESTAMP")
        }
        _ => (
            "BIGINT AUTO_INCREMENT PRIMARY KEY",
            "VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            "DATETIME(6)",
        ),
    };
    // SQLite cannot add a foreign key later, and needs none of the tables to exist before.
    let refer = |table: &str, column: &str, to: &str| {
        if C::NAME == "SQLite" {
            (format!(", FOREIGN KEY ({column}) REFERENCES {to} (id)"), String::new())
        } else {
            let add =
                format!("ALTER TABLE {table} ADD FOREIGN KEY ({column}) REFERENCES {to} (id);");
            (String::new(), add)
        }
    };
    let (keeper, later_keeper) = refer("rooms", "keeper_id", "keepers");
    let (loan, later_loan) = refer("duplicates", "loan_id", "loans");
    let (facsimile, later_facsimile) = refer("originals", "facsimile_id", "facsimiles");
    place.execute(&format!(
        "CREATE TABLE folders (id BIGINT NOT NULL PRIMARY KEY, title {text} NOT NULL, \
             parent_id BIGINT NOT NULL, FOREIGN KEY (parent_id) REFERENCES folders (id));
         CREATE TABLE rooms (id {id}, name {text} NOT NULL, keeper_id BIGINT{keeper});
         CREATE TABLE keepers (id {id}, name {text} NOT NULL, room_id BIGINT NOT NULL, \
             FOREIGN KEY (room_id) REFERENCES rooms (id));
         {later_keeper}
         CREATE TABLE duplicates (id {id}, title {text} NOT NULL, loan_id BIGINT{loan});
         CREATE TABLE loans (id {id}, reader {text} NOT NULL, duplicate_id BIGINT NOT NULL, \
             FOREIGN KEY (duplicate_id) REFERENCES duplicates (id));
         {later_loan}
         CREATE TABLE shelves (id {id}, name {text} NOT NULL UNIQUE, deleted_at {time} NULL);
         CREATE TABLE cartons (id {id}, label {text} NOT NULL, shelf_id BIGINT NOT NULL, \
             former_id BIGINT, place INTEGER NOT NULL UNIQUE, depth SMALLINT NOT NULL UNIQUE, \
             version BIGINT NOT NULL, \
             FOREIGN KEY (shelf_id) REFERENCES shelves (id) ON DELETE CASCADE, \
             FOREIGN KEY (former_id) REFERENCES shelves (id) ON DELETE SET NULL);
         CREATE TABLE fonds (code {text} NOT NULL PRIMARY KEY, title {text} NOT NULL, \
             above_code {text}, version BIGINT NOT NULL, \
             FOREIGN KEY (above_code) REFERENCES fonds (code));
         CREATE TABLE collections (id {id}, name {text} NOT NULL UNIQUE);
         CREATE TABLE maps (id {id}, title {text} NOT NULL, collection_id BIGINT NOT NULL, \
             FOREIGN KEY (collection_id) REFERENCES collections (id));
         CREATE TABLE letters (id {id}, title {text} NOT NULL, former_id BIGINT, \
             collection_id BIGINT NOT NULL, \
             FOREIGN KEY (former_id) REFERENCES collections (id) ON DELETE SET NULL, \
             FOREIGN KEY (collection_id) REFERENCES collections (id) ON DELETE CASCADE);
         CREATE TABLE sheets (id {id}, number INTEGER NOT NULL, letter_id BIGINT NOT NULL, \
             FOREIGN KEY (letter_id) REFERENCES letters (id) ON DELETE CASCADE);
         CREATE TABLE originals (id {id}, facsimile_id BIGINT NOT NULL{facsimile});
         CREATE TABLE facsimiles (id {id}, original_id BIGINT NOT NULL, \
             FOREIGN KEY (original_id) REFERENCES originals (id));
         {later_facsimile}"
    ));
    Database::open(place.url()).expect("the archive opens")
}

/// A folder to be inserted.
#[must_use]
pub fn folder(id: i64, parent: i64) -> NewFolder {
    NewFolder { id, title: format!("folder {id}"), parent: parent.into() }
}

/// A carton to be inserted, at a place and a depth of one number.
#[must_use]
pub fn carton(number: i16, shelf: impl Into<persistence::Ref<Shelf>>) -> NewCarton {
    NewCarton {
        label: format!("carton {number}"),
        shelf: shelf.into(),
        former: None,
        place: number.into(),
        depth: number,
    }
}

/// A fonds to be inserted, part of no other.
#[must_use]
pub fn fonds(code: &str, title: &str) -> NewFonds {
    NewFonds { code: code.to_owned(), title: title.to_owned(), above: None }
}
