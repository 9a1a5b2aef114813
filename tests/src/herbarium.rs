//! A herbarium: natural keys that change and are used again, three levels that go along, links
//! with a default, labels that are nothing without their species, and two entities on one table.

use persistence::{Database, Engine, Entity, Store};

use crate::database::TestDatabase;

/// The tables, as Diesel has them.
#[expect(missing_docs, reason = "the entities say what these are")]
pub mod schema {
    diesel::table! {
        genera (code) { code -> Text, name -> Text }
    }
    diesel::table! {
        species (id) {
            id -> BigInt,
            name -> Text,
            genus_code -> Text,
            former_code -> Nullable<Text>,
            origin_id -> Nullable<BigInt>,
            note -> BigInt,
            version -> BigInt,
        }
    }
    diesel::table! {
        pages (genus_code) { genus_code -> Text, text -> Text }
    }
    diesel::table! {
        remarks (page_code) { page_code -> Text, text -> Text }
    }
    diesel::table! {
        cabinets (code) { code -> Text, deleted_at -> Nullable<Timestamp> }
    }
    diesel::table! {
        drawers (id) {
            id -> BigInt,
            name -> Text,
            cabinet_code -> Text,
            spare_code -> Nullable<Text>,
        }
    }
    diesel::table! {
        leaves (id) { id -> BigInt, name -> Text, species_id -> BigInt }
    }
    diesel::table! {
        labels (id) { id -> BigInt, name -> Text, species_id -> Nullable<BigInt> }
    }
    diesel::table! {
        collectors (id) { id -> BigInt, name -> Text }
    }
    diesel::table! {
        finds (species_id, collector_id) {
            species_id -> BigInt,
            collector_id -> BigInt,
            is_certain -> Bool,
            found_on -> Date,
            found_at -> Time,
        }
    }
}
use schema::{
    cabinets, collectors, drawers, finds, genera, labels, leaves, pages, remarks, species,
};

/// A genus, known by its code.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = genera, has_many(species: Species.genus_code))]
pub struct Genus {
    /// The primary key.
    #[entity(key)]
    pub code: String,
    /// The name.
    pub name: String,
}

/// A species of a genus.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(
    table = species,
    has_many(leaves: Leaf.species_id),
    has_many(labels: Label.species_id),
    many_to_many(collectors: Collector, through = Find(species_id, collector_id)),
)]
pub struct Species {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The name.
    #[entity(label)]
    pub name: String,
    /// What it is a species of.
    #[entity(references(Genus, on_delete = cascade, as = genus))]
    pub genus_code: String,
    /// What it was taken for.
    #[entity(references(Genus, on_delete = set_null, as = former))]
    pub former_code: Option<String>,
    /// What it was bred from.
    #[entity(references(Species, on_delete = set_null))]
    pub origin_id: Option<i64>,
    /// Anything.
    pub note: i64,
    /// Counts updates.
    #[entity(version)]
    pub version: i64,
}

/// A species as lists have it.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = species)]
pub struct SpeciesLite {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The name.
    pub name: String,
    /// Anything.
    pub note: i64,
}

/// A genus in short.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = genera)]
pub struct GenusLite {
    /// The primary key.
    #[entity(key)]
    pub code: String,
}

/// A genus and its name.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = genera)]
pub struct GenusLabel {
    /// The primary key.
    #[entity(key)]
    pub code: String,
    /// The name.
    pub name: String,
}

/// The page of a genus, known by that.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = pages)]
pub struct Page {
    /// The primary key, and whose it is.
    #[entity(key, references(Genus, on_delete = cascade, as = genus))]
    pub genus_code: String,
    /// What is written there.
    pub text: String,
}

/// A remark on a page, known by that.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = remarks)]
pub struct Remark {
    /// The primary key, and whose it is.
    #[entity(key, references(Page, on_delete = cascade, as = page))]
    pub page_code: String,
    /// What is written there.
    pub text: String,
}

/// A cabinet; one that was given away is only marked.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = cabinets, has_many(drawers: Drawer.cabinet_code))]
pub struct Cabinet {
    /// The primary key.
    #[entity(key)]
    pub code: String,
    /// When it was given away.
    #[entity(deleted)]
    pub deleted_at: Option<chrono::NaiveDateTime>,
}

/// A drawer of a cabinet.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = drawers)]
pub struct Drawer {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The name.
    pub name: String,
    /// Whose it is.
    #[entity(references(Cabinet, on_delete = cascade, as = cabinet))]
    pub cabinet_code: String,
    /// Where it fits as well.
    #[entity(references(Cabinet, on_delete = set_null, as = spare))]
    pub spare_code: Option<String>,
}

/// A leaf of a species.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = leaves)]
pub struct Leaf {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The name.
    pub name: String,
    /// Whose it is.
    #[entity(references(Species, on_delete = cascade))]
    pub species_id: i64,
}

/// A label, nothing without its species.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = labels)]
pub struct Label {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The name.
    pub name: String,
    /// What it says the name of.
    #[entity(references(Species, on_delete = cascade, orphan = delete))]
    pub species_id: Option<i64>,
}

/// Somebody who finds species.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = collectors)]
pub struct Collector {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The name.
    pub name: String,
}

/// That somebody has found a species.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = finds)]
pub struct Find {
    /// What was found.
    #[entity(key, references(Species, on_delete = cascade))]
    pub species_id: i64,
    /// Who found it.
    #[entity(key, references(Collector, on_delete = cascade))]
    pub collector_id: i64,
    /// Whether that is certain; the database says yes.
    #[entity(generated)]
    pub is_certain: bool,
    /// When; the database says something.
    #[entity(generated)]
    pub found_on: chrono::NaiveDate,
    /// At what time; the database says something.
    #[entity(generated)]
    pub found_at: chrono::NaiveTime,
}

/// An engine that stores the herbarium.
pub trait HerbariumEngine:
    Store<Genus>
    + Store<Species>
    + Store<SpeciesLite>
    + Store<GenusLite>
    + Store<GenusLabel>
    + Store<Page>
    + Store<Remark>
    + Store<Cabinet>
    + Store<Drawer>
    + Store<Leaf>
    + Store<Label>
    + Store<Collector>
    + Store<Find>
{
}

impl<C> HerbariumEngine for C where
    C: Store<Genus>
        + Store<Species>
        + Store<SpeciesLite>
        + Store<GenusLite>
        + Store<GenusLabel>
        + Store<Page>
        + Store<Remark>
        + Store<Cabinet>
        + Store<Drawer>
        + Store<Leaf>
        + Store<Label>
        + Store<Collector>
        + Store<Find>
{
}

/// Opens a herbarium without rows.
///
/// # Panics
/// When the database refuses the tables.
#[must_use]
pub fn open<C: Engine>(place: &TestDatabase) -> Database<C> {
    let (id, text, time) = match C::NAME {
        // A number that was a deleted row's is not given again: it would be the same row in short.
        "SQLite" => ("INTEGER PRIMARY KEY AUTOINCREMENT", "TEXT", "TIMESTAMP"),
        "PostgreSQL" => {
            ("BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "TEXT", "TIMESTAMP")
        }
        _ => (
            "BIGINT AUTO_INCREMENT PRIMARY KEY",
            "VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            "DATETIME(6)",
        ),
    };
    let along = "ON DELETE CASCADE";
    place.execute(&format!(
        "CREATE TABLE genera (code {text} NOT NULL PRIMARY KEY, name {text} NOT NULL);
         CREATE TABLE species (id {id}, name {text} NOT NULL, genus_code {text} NOT NULL, \
             former_code {text}, origin_id BIGINT, note BIGINT NOT NULL, version BIGINT NOT NULL, \
             FOREIGN KEY (genus_code) REFERENCES genera (code) {along} ON UPDATE CASCADE, \
             FOREIGN KEY (former_code) REFERENCES genera (code) ON DELETE SET NULL \
                 ON UPDATE CASCADE, \
             FOREIGN KEY (origin_id) REFERENCES species (id) ON DELETE SET NULL);
         CREATE TABLE pages (genus_code {text} NOT NULL PRIMARY KEY, text {text} NOT NULL, \
             FOREIGN KEY (genus_code) REFERENCES genera (code) {along} ON UPDATE CASCADE);
         CREATE TABLE remarks (page_code {text} NOT NULL PRIMARY KEY, text {text} NOT NULL, \
             FOREIGN KEY (page_code) REFERENCES pages (genus_code) {along} ON UPDATE CASCADE);
         CREATE TABLE cabinets (code {text} NOT NULL PRIMARY KEY, deleted_at {time} NULL);
         CREATE TABLE drawers (id {id}, name {text} NOT NULL, cabinet_code {text} NOT NULL, \
             spare_code {text}, \
             FOREIGN KEY (cabinet_code) REFERENCES cabinets (code) {along}, \
             FOREIGN KEY (spare_code) REFERENCES cabinets (code) ON DELETE SET NULL \
                 ON UPDATE CASCADE);
         CREATE TABLE leaves (id {id}, name {text} NOT NULL, species_id BIGINT NOT NULL, \
             FOREIGN KEY (species_id) REFERENCES species (id) {along});
         CREATE TABLE labels (id {id}, name {text} NOT NULL, species_id BIGINT, \
             FOREIGN KEY (species_id) REFERENCES species (id) {along});
         CREATE TABLE collectors (id {id}, name {text} NOT NULL);
         CREATE TABLE finds (species_id BIGINT NOT NULL, collector_id BIGINT NOT NULL, \
             is_certain BOOLEAN NOT NULL DEFAULT TRUE, \
             found_on DATE NOT NULL DEFAULT '2001-02-03', \
             found_at TIME NOT NULL DEFAULT '04:05:06', PRIMARY KEY (species_id, collector_id), \
             FOREIGN KEY (species_id) REFERENCES species (id) {along}, \
             FOREIGN KEY (collector_id) REFERENCES collectors (id) {along});"
    ));
    Database::open(place.url()).expect("the herbarium opens")
}
