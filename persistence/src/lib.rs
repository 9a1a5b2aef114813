//! Typed sessions and repositories over [Diesel](https://diesel.rs), for SQLite, PostgreSQL and
//! MySQL/MariaDB: a unit of work as SQLAlchemy has it, checked by the compiler.
//!
//! # Declare
//!
//! One struct an entity, over Diesel's `table!`, which the Diesel CLI writes from the database. The
//! derive makes typed columns (`Book::PAGES`), relations (`Book::AUTHOR`, `Author::BOOKS`) and a draft
//! to insert rows with (`NewBook`); it [documents](derive@Entity) what the attributes say.
//!
//! ```
//! mod schema {
//!     diesel::table! { authors (id) { id -> BigInt, name -> Text } }
//!     diesel::table! {
//!         books (id) {
//!             id -> BigInt, title -> Text, pages -> Integer, author_id -> BigInt, version -> BigInt,
//!         }
//!     }
//! }
//! use persistence::Entity;
//!
//! #[derive(Clone, Debug, PartialEq, Entity)]
//! #[entity(table = schema::authors, has_many(books: Book.author_id, order = title))]
//! struct Author {
//!     #[entity(key, generated)]
//!     id: i64,
//!     #[entity(unique)]
//!     name: String,
//! }
//!
//! #[derive(Clone, Debug, PartialEq, Entity)]
//! #[entity(table = schema::books)]
//! struct Book {
//!     #[entity(key, generated)]
//!     id: i64,
//!     title: String,
//!     pages: i32,
//!     #[entity(references(Author, on_delete = restrict))]
//!     author_id: i64,
//!     #[entity(version)]
//!     version: i64,
//! }
//! ```
//!
//! # Open, add
//!
//! A [`Database`] is a pool of connections; a [`Session`] is a unit of work on one of them. It owns its
//! rows; a [`Key`] is a small handle to one.
//!
//! ```
//! # mod schema {
//! #     diesel::table! { authors (id) { id -> BigInt, name -> Text } }
//! #     diesel::table! { books (id) { id -> BigInt, title -> Text, pages -> Integer, author_id -> BigInt, version -> BigInt } }
//! # }
//! # use diesel::{SqliteConnection, connection::SimpleConnection};
//! # use persistence::{Database, Entity, Error, Memory, Path, Query, Repository, Result};
//! # #[derive(Clone, Debug, PartialEq, Entity)]
//! # #[entity(table = schema::authors, has_many(books: Book.author_id, order = title))]
//! # struct Author { #[entity(key, generated)] id: i64, #[entity(unique)] name: String }
//! # #[derive(Clone, Debug, PartialEq, Entity)]
//! # #[entity(table = schema::books)]
//! # struct Book {
//! #     #[entity(key, generated)] id: i64,
//! #     title: String,
//! #     pages: i32,
//! #     #[entity(references(Author, on_delete = restrict))] author_id: i64,
//! #     #[entity(version)] version: i64,
//! # }
//! let database = Database::<SqliteConnection>::open(":memory:")?;
//! let mut session = database.session()?;
//! # session.connection()?.batch_execute(
//! #     "CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
//! #      CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL, pages INTEGER NOT NULL,
//! #          author_id BIGINT NOT NULL REFERENCES authors (id), version BIGINT NOT NULL)").unwrap();
//!
//! let lem = session.add(NewAuthor { name: "Lem".into() });
//! let solaris = session.add(NewBook { title: "Solaris".into(), pages: 204, author: lem.into() });
//! session.commit()?; // parents first, keys filled in
//! assert_eq!(session[solaris].author_id, session[lem].id);
//! # Ok::<(), Error>(())
//! ```
//!
//! [`Database::transaction`] runs a closure in a session and replays it where that may help.
//!
//! # Query, relate
//!
//! Conditions are checked by the compiler, and are [data](Filter): they can be printed, typed by
//! people, stored, and mean the same on every engine and in memory. Nothing is read behind your back:
//! related rows are there once a query has included them.
//!
//! ```
//! # mod schema {
//! #     diesel::table! { authors (id) { id -> BigInt, name -> Text } }
//! #     diesel::table! { books (id) { id -> BigInt, title -> Text, pages -> Integer, author_id -> BigInt, version -> BigInt } }
//! # }
//! # use diesel::{SqliteConnection, connection::SimpleConnection};
//! # use persistence::{Database, Entity, Error, Memory, Path, Query, Repository, Result};
//! # #[derive(Clone, Debug, PartialEq, Entity)]
//! # #[entity(table = schema::authors, has_many(books: Book.author_id, order = title))]
//! # struct Author { #[entity(key, generated)] id: i64, #[entity(unique)] name: String }
//! # #[derive(Clone, Debug, PartialEq, Entity)]
//! # #[entity(table = schema::books)]
//! # struct Book {
//! #     #[entity(key, generated)] id: i64,
//! #     title: String,
//! #     pages: i32,
//! #     #[entity(references(Author, on_delete = restrict))] author_id: i64,
//! #     #[entity(version)] version: i64,
//! # }
//! # let database = Database::<SqliteConnection>::open(":memory:")?;
//! # let mut session = database.session()?;
//! # session.connection()?.batch_execute(
//! #     "CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
//! #      CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL, pages INTEGER NOT NULL,
//! #          author_id BIGINT NOT NULL REFERENCES authors (id), version BIGINT NOT NULL)").unwrap();
//! # let lem = session.add(NewAuthor { name: "Lem".into() });
//! # let solaris = session.add(NewBook { title: "Solaris".into(), pages: 204, author: lem.into() });
//! # session.commit()?;
//! let long = session.query::<Book>().filter(Book::PAGES.gt(200)).order(Book::TITLE.asc()).load()?;
//! assert_eq!(long[0].title, "Solaris");
//!
//! let authors = session
//!     .query::<Author>()
//!     .filter(Author::BOOKS.any(Book::TITLE.contains("sol")))
//!     .include(Author::BOOKS)
//!     .all()?;
//! assert_eq!(session.related(authors[0], Author::BOOKS)?, [solaris]);
//!
//! let typed = Query::<Book>::parse(r#"author.name = "Lem" and pages > 100"#, "-pages")?;
//! assert_eq!(session.list(&typed)?.len(), 1);
//!
//! let homer = session.add(NewAuthor { name: "Homer".into() });
//! session.relate(homer, Author::BOOKS, solaris)?;
//! assert_eq!(session.related_one(solaris, Book::AUTHOR)?, Some(homer));
//! # Ok::<(), Error>(())
//! ```
//!
//! # Change, and what goes wrong
//!
//! Changed columns are written by the next flush, guarded by the version. [`Error`] carries what a
//! program can act on; after an error the session goes on with everything still pending.
//!
//! ```
//! # mod schema {
//! #     diesel::table! { authors (id) { id -> BigInt, name -> Text } }
//! #     diesel::table! { books (id) { id -> BigInt, title -> Text, pages -> Integer, author_id -> BigInt, version -> BigInt } }
//! # }
//! # use diesel::{SqliteConnection, connection::SimpleConnection};
//! # use persistence::{Database, Entity, Error, Memory, Path, Query, Repository, Result};
//! # #[derive(Clone, Debug, PartialEq, Entity)]
//! # #[entity(table = schema::authors, has_many(books: Book.author_id, order = title))]
//! # struct Author { #[entity(key, generated)] id: i64, #[entity(unique)] name: String }
//! # #[derive(Clone, Debug, PartialEq, Entity)]
//! # #[entity(table = schema::books)]
//! # struct Book {
//! #     #[entity(key, generated)] id: i64,
//! #     title: String,
//! #     pages: i32,
//! #     #[entity(references(Author, on_delete = restrict))] author_id: i64,
//! #     #[entity(version)] version: i64,
//! # }
//! # let database = Database::<SqliteConnection>::open(":memory:")?;
//! # let mut session = database.session()?;
//! # session.connection()?.batch_execute(
//! #     "CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
//! #      CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL, pages INTEGER NOT NULL,
//! #          author_id BIGINT NOT NULL REFERENCES authors (id), version BIGINT NOT NULL)").unwrap();
//! # let lem = session.add(NewAuthor { name: "Lem".into() });
//! # let solaris = session.add(NewBook { title: "Solaris".into(), pages: 204, author: lem.into() });
//! # session.commit()?;
//! session[solaris].pages = 210;
//! assert_eq!(
//!     session.changes()[0].to_string(),
//!     "UPDATE books SET pages = 210, version = version + 1 WHERE id = 1 AND version = 1"
//! );
//! session.commit()?;
//!
//! let twice = session.add(NewAuthor { name: "Lem".into() });
//! let Err(Error::Constraint(violation)) = session.commit() else { panic!("there is one already") };
//! assert_eq!(violation.fields(), ["name"]);
//! session.draft_mut(twice).expect("it is pending").name = "Stanisław Lem".into();
//! session.commit()?;
//! # Ok::<(), Error>(())
//! ```
//!
//! # Test
//!
//! What a service needs of rows is a trait, [`Repository`], which every session is; so is [`Memory`],
//! which keeps the same rules without a database. [`testing`] has query budgets, databases in memory,
//! and sessions that never commit.
//!
//! ```
//! # mod schema {
//! #     diesel::table! { authors (id) { id -> BigInt, name -> Text } }
//! #     diesel::table! { books (id) { id -> BigInt, title -> Text, pages -> Integer, author_id -> BigInt, version -> BigInt } }
//! # }
//! # use diesel::{SqliteConnection, connection::SimpleConnection};
//! # use persistence::{Database, Entity, Error, Memory, Path, Query, Repository, Result};
//! # #[derive(Clone, Debug, PartialEq, Entity)]
//! # #[entity(table = schema::authors, has_many(books: Book.author_id, order = title))]
//! # struct Author { #[entity(key, generated)] id: i64, #[entity(unique)] name: String }
//! # #[derive(Clone, Debug, PartialEq, Entity)]
//! # #[entity(table = schema::books)]
//! # struct Book {
//! #     #[entity(key, generated)] id: i64,
//! #     title: String,
//! #     pages: i32,
//! #     #[entity(references(Author, on_delete = restrict))] author_id: i64,
//! #     #[entity(version)] version: i64,
//! # }
//! fn thicken(books: &mut impl Repository<Book>, id: i64) -> Result<Book> {
//!     let mut book = books.get(id)?; // Error::NotFound names entity and key
//!     book.pages += 1;
//!     books.update(book) // Error::Conflict carries mine and theirs
//! }
//!
//! let mut memory = Memory::new().with::<Author>().with::<Book>();
//! let lem: Author = memory.insert(NewAuthor { name: "Lem".into() })?;
//! let solaris = NewBook { title: "Solaris".into(), pages: 204, author: lem.id.into() };
//! let solaris: Book = memory.insert(solaris)?;
//! assert_eq!(thicken(&mut memory, solaris.id)?.pages, 205);
//! # Ok::<(), Error>(())
//! ```
//!
//! # And then
//!
//! - pages by key ([`Repository::page`]), tables larger than memory
//!   ([`walk`](session::SessionQuery::walk)), [`Upsert`], bulk statements;
//! - [`savepoint`](Session::savepoint)s, [`merge`](Session::merge), locks
//!   ([`for_update`](session::SessionQuery::for_update)), [`Isolation`], [`Canceller`]s;
//! - [`Database::check`]: where the tables are not what the entities say; [`audit`]: who changed what;
//! - [`Browse`]: what people ask who look through a table: how many rows there are about, the values of
//!   a column, the plan of a page;
//! - [`Catalog`]: entities known only at run time, which admin tools work on; [`staging`]: edits that a person
//!   collects, takes back, checks and then writes;
//! - Diesel itself, inside the session's transaction: [`Session::connection`].

extern crate self as persistence;

pub mod advice;
pub mod audit;
pub mod backend;
mod browse;
pub mod catalog;
mod cell;
mod clock;
mod column;
mod column_set;
mod column_type;
pub mod database;
mod defaults;
pub mod deletion;
mod drafting;
pub mod drift;
pub mod edit;
pub mod entity;
mod entity_ref;
mod erased;
pub mod error;
mod fill;
pub mod filter;
mod float_form;
mod hooks;
mod interruption;
mod lengths;
mod memory;
pub mod observe;
mod odd;
pub mod order;
mod packet;
mod paging;
mod permissions;
mod permitting;
pub mod query;
mod raw;
mod reference;
pub mod relation;
mod repository;
mod rules;
mod scalar;
mod sealed;
pub mod session;
mod sql;
pub mod staging;
pub mod statistics;
pub mod store;
pub mod testing;
pub mod types;
mod upsert;
mod value;

pub use backend::{Durability, Engine, Index, Isolation, Migrations, Plan};
pub use browse::Browse;
pub use catalog::{Catalog, CatalogEntry, DynMigrations, DynRepository, DynSession};
pub use column::Column;
pub use column_type::{ColumnType, ValueError};
pub use database::{Begin, Database, SessionOptions, TransactionOptions};
pub use drift::{Drift, Entities};
pub use edit::Edit;
pub use entity::{ColumnMeta, Draft, Entity, EntityMeta, Given, OnDelete, Slot};
pub use error::{
    Conflict, ConstraintKind, ConstraintViolation, Error, FieldError, Invalid, Result, RetryReason,
    UnreadableCell,
};
pub use filter::{Comparison, Filter, FilterError, Predicate, TextMatch};
pub use interruption::Canceller;
pub use lengths::{Length, Lengths};
pub use memory::Memory;
pub use odd::{OddCells, odd_cells};
pub use order::{Direction, Order, OrderTerm, Ordering};
pub use permissions::{Action, ColumnAccess, NotPermitted, Permissions};
pub use persistence_derive::{Entity, Scalar};
pub use query::{Cursor, Page, PageStart, Query, Stride};
pub use raw::RawValue;
pub use reference::Ref;
pub use relation::{
    BelongsTo, HasMany, HasOne, Include, ManyToMany, Path, Relation, RelationKind, RelationMeta,
    ToOne,
};
pub use repository::{Assignment, Repository};
pub use scalar::{PrimaryKey, Scalar};
pub use session::{Key, Session};
pub use statistics::{Bin, ColumnStatistics};
pub use store::Store;
pub use types::{Decimal, DecimalError, Json, ScaledDecimal, Uuid};
pub use upsert::Upsert;
pub use value::{Record, RecordKey, Value};

#[doc(hidden)]
pub mod private;
