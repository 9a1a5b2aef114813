//! A small library in which entities relate in every way there is: a tree of categories, one
//! profile a writer, works of writers, genres through a table with a column of its own.

use persistence::{Entity, Memory, Repository};

use crate::database::TestDatabase;

/// The tables.
#[expect(missing_docs, reason = "the entities say it")]
pub mod schema {
    diesel::table! {
        categories (id) { id -> BigInt, name -> Text, parent_id -> Nullable<BigInt>, }
    }
    diesel::table! {
        writers (id) { id -> BigInt, name -> Text, born -> Nullable<Integer>, }
    }
    diesel::table! {
        profiles (id) { id -> BigInt, writer_id -> BigInt, motto -> Nullable<Text>, }
    }
    diesel::table! {
        works (id) {
            id -> BigInt,
            title -> Text,
            year -> Nullable<Integer>,
            writer_id -> Nullable<BigInt>,
            category_id -> Nullable<BigInt>,
        }
    }
    diesel::table! {
        genres (id) { id -> BigInt, name -> Text, }
    }
    diesel::table! {
        work_genres (work_id, genre_id) {
            work_id -> BigInt,
            genre_id -> BigInt,
            weight -> Nullable<Integer>,
        }
    }
    diesel::table! {
        reviews (id) { id -> BigInt, work_id -> BigInt, stars -> Integer, words -> Nullable<Text>, }
    }
}

/// A place in a tree.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::categories)]
#[entity(has_many(children: Category.parent_id, order = name))]
#[entity(has_many(works: Work.category_id))]
pub struct Category {
    /// The primary key.
    #[entity(key)]
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// The category it is part of.
    #[entity(references(Category, on_delete = restrict))]
    pub parent_id: Option<i64>,
}

/// A person who writes.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::writers)]
#[entity(has_one(profile: Profile.writer_id))]
#[entity(has_many(works: Work.writer_id, order = (year desc, title)))]
pub struct Writer {
    /// The primary key.
    #[entity(key)]
    pub id: i64,
    /// The name.
    pub name: String,
    /// The year of birth.
    pub born: Option<i32>,
}

/// What a writer says about himself or herself.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::profiles)]
pub struct Profile {
    /// The primary key.
    #[entity(key)]
    pub id: i64,
    /// Whose it is.
    #[entity(unique, references(Writer, on_delete = cascade))]
    pub writer_id: i64,
    /// One sentence.
    pub motto: Option<String>,
}

/// A text.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::works)]
#[entity(many_to_many(genres: Genre, through = WorkGenre(work_id, genre_id), order = name))]
#[entity(has_many(reviews: Review.work_id))]
pub struct Work {
    /// The primary key.
    #[entity(key)]
    pub id: i64,
    /// The title.
    #[entity(label)]
    pub title: String,
    /// When it was written.
    pub year: Option<i32>,
    /// Who wrote it.
    #[entity(references(Writer, on_delete = set_null))]
    pub writer_id: Option<i64>,
    /// Where it belongs.
    #[entity(references(Category, on_delete = restrict))]
    pub category_id: Option<i64>,
}

/// A sort of texts.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::genres)]
#[entity(many_to_many(works: Work, through = WorkGenre(genre_id, work_id), order = title desc))]
pub struct Genre {
    /// The primary key.
    #[entity(key)]
    pub id: i64,
    /// What it is called.
    pub name: String,
}

/// That a work is of a genre, and how much so.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::work_genres)]
pub struct WorkGenre {
    /// The work.
    #[entity(key, references(Work, on_delete = cascade))]
    pub work_id: i64,
    /// The genre.
    #[entity(key, references(Genre, on_delete = cascade))]
    pub genre_id: i64,
    /// How much.
    pub weight: Option<i32>,
}

/// What a reader thinks.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::reviews)]
pub struct Review {
    /// The primary key.
    #[entity(key)]
    pub id: i64,
    /// What it is about.
    #[entity(references(Work, on_delete = cascade))]
    pub work_id: i64,
    /// From 1 to 5.
    pub stars: i32,
    /// Why.
    pub words: Option<String>,
}

/// Categories: key, name, parent.
const CATEGORIES: [(i64, &str, Option<i64>); 6] = [
    (1, "All", None),
    (2, "Prose", Some(1)),
    (3, "Verse", Some(1)),
    (4, "Novels", Some(2)),
    (5, "Essays", Some(2)),
    (6, "Lost", None),
];

/// Writers: key, name, year of birth.
const WRITERS: [(i64, &str, Option<i32>); 5] = [
    (1, "Lem", Some(1921)),
    (2, "Le Guin", Some(1929)),
    (3, "Homer", None),
    (4, "Woolf", Some(1882)),
    (5, "Silent", Some(1990)),
];

/// Profiles: key, writer, motto.
const PROFILES: [(i64, i64, Option<&str>); 3] =
    [(11, 1, Some("Look around")), (12, 2, None), (13, 4, Some("A room"))];

/// Key, title, year, writer, category.
type WorkRow = (i64, &'static str, Option<i32>, Option<i64>, Option<i64>);

const WORKS: [WorkRow; 9] = [
    (1, "Solaris", Some(1961), Some(1), Some(4)),
    (2, "Fiasco", Some(1986), Some(1), Some(4)),
    (3, "Summa Technologiae", Some(1964), Some(1), Some(5)),
    (4, "The Dispossessed", Some(1974), Some(2), Some(4)),
    (5, "Iliad", None, Some(3), Some(3)),
    (6, "Odyssey", None, Some(3), Some(3)),
    (7, "Orlando", Some(1928), Some(4), None),
    (8, "Beowulf", None, None, Some(3)),
    (9, "The Lathe of Heaven", Some(1971), Some(2), Some(4)),
];

/// Genres: key, name.
const GENRES: [(i64, &str); 4] =
    [(1, "science fiction"), (2, "epic"), (3, "philosophy"), (4, "unread")];

/// Works, genres, and how much.
const WORK_GENRES: [(i64, i64, Option<i32>); 9] = [
    (1, 1, Some(3)),
    (1, 3, None),
    (2, 1, Some(2)),
    (3, 3, Some(5)),
    (4, 1, Some(1)),
    (4, 3, Some(1)),
    (5, 2, None),
    (6, 2, Some(4)),
    (9, 1, None),
];

/// Reviews: key, work, stars, words.
const REVIEWS: [(i64, i64, i32, Option<&str>); 7] = [
    (1, 1, 5, Some("wonderful")),
    (2, 1, 2, None),
    (3, 2, 4, Some("bleak")),
    (4, 4, 5, None),
    (5, 5, 1, Some("long")),
    (6, 6, 3, None),
    (7, 6, 3, Some("long, too")),
];

/// A repository of all the library's entities.
pub trait Library:
    Repository<Category>
    + Repository<Writer>
    + Repository<Profile>
    + Repository<Work>
    + Repository<Genre>
    + Repository<WorkGenre>
    + Repository<Review>
{
}

impl<R> Library for R where
    R: Repository<Category>
        + Repository<Writer>
        + Repository<Profile>
        + Repository<Work>
        + Repository<Genre>
        + Repository<WorkGenre>
        + Repository<Review>
{
}

/// Makes the tables, whatever the engine.
pub fn create_tables(place: &TestDatabase) {
    // MySQL reads `REFERENCES` only at the end of a table; PostgreSQL's texts compare by code point
    // only where the column says so.
    let (text, key) = match place.url() {
        url if url.starts_with("postgres") => ("TEXT COLLATE \"C\"", "BIGINT"),
        url if url.starts_with("mysql") => {
            ("VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "BIGINT")
        }
        _ => ("TEXT", "BIGINT"),
    };
    place.execute(&format!(
        "CREATE TABLE categories (id {key} NOT NULL PRIMARY KEY, name {text} NOT NULL,
             parent_id {key}, FOREIGN KEY (parent_id) REFERENCES categories (id));
         CREATE TABLE writers (id {key} NOT NULL PRIMARY KEY, name {text} NOT NULL, born INTEGER);
         CREATE TABLE profiles (id {key} NOT NULL PRIMARY KEY, writer_id {key} NOT NULL UNIQUE,
             motto {text}, FOREIGN KEY (writer_id) REFERENCES writers (id) ON DELETE CASCADE);
         CREATE TABLE works (id {key} NOT NULL PRIMARY KEY, title {text} NOT NULL, year INTEGER,
             writer_id {key}, category_id {key},
             FOREIGN KEY (writer_id) REFERENCES writers (id) ON DELETE SET NULL,
             FOREIGN KEY (category_id) REFERENCES categories (id));
         CREATE TABLE genres (id {key} NOT NULL PRIMARY KEY, name {text} NOT NULL);
         CREATE TABLE work_genres (work_id {key} NOT NULL, genre_id {key} NOT NULL, weight INTEGER,
             PRIMARY KEY (work_id, genre_id),
             FOREIGN KEY (work_id) REFERENCES works (id) ON DELETE CASCADE,
             FOREIGN KEY (genre_id) REFERENCES genres (id) ON DELETE CASCADE);
         CREATE TABLE reviews (id {key} NOT NULL PRIMARY KEY, work_id {key} NOT NULL,
             stars INTEGER NOT NULL, words {text},
             FOREIGN KEY (work_id) REFERENCES works (id) ON DELETE CASCADE)"
    ));
}

/// The library in memory, empty.
#[must_use]
pub fn memory() -> Memory {
    Memory::new()
        .with::<Category>()
        .with::<Writer>()
        .with::<Profile>()
        .with::<Work>()
        .with::<Genre>()
        .with::<WorkGenre>()
        .with::<Review>()
}

/// Puts the library's rows in.
///
/// # Panics
/// When the repository refuses one.
pub fn fill(library: &mut impl Library) {
    let categories = CATEGORIES.map(|(id, name, parent)| NewCategory {
        id,
        name: name.into(),
        parent: parent.map(Into::into),
    });
    Repository::<Category>::insert_many(library, categories.into()).expect("categories");
    let writers = WRITERS.map(|(id, name, born)| NewWriter { id, name: name.into(), born });
    Repository::<Writer>::insert_many(library, writers.into()).expect("writers");
    let profiles = PROFILES.map(|(id, writer, motto)| NewProfile {
        id,
        writer: writer.into(),
        motto: motto.map(Into::into),
    });
    Repository::<Profile>::insert_many(library, profiles.into()).expect("profiles");
    let works = WORKS.map(|(id, title, year, writer, category)| NewWork {
        id,
        title: title.into(),
        year,
        writer: writer.map(Into::into),
        category: category.map(Into::into),
    });
    Repository::<Work>::insert_many(library, works.into()).expect("works");
    let genres = GENRES.map(|(id, name)| NewGenre { id, name: name.into() });
    Repository::<Genre>::insert_many(library, genres.into()).expect("genres");
    let links = WORK_GENRES.map(|(work, genre, weight)| NewWorkGenre {
        work: work.into(),
        genre: genre.into(),
        weight,
    });
    Repository::<WorkGenre>::insert_many(library, links.into()).expect("links");
    let reviews = REVIEWS.map(|(id, work, stars, words)| NewReview {
        id,
        work: work.into(),
        stars,
        words: words.map(Into::into),
    });
    Repository::<Review>::insert_many(library, reviews.into()).expect("reviews");
}
