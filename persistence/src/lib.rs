//! Typed sessions and repositories over [Diesel](https://diesel.rs), for SQLite, PostgreSQL and
//! MySQL/MariaDB.
//!
//! Entities are declared once, with Diesel's `table!` and `#[derive(Entity)]`. From that come a
//! [`Session`], the [`Repository`] trait with an in-memory implementation for tests ([`Memory`]),
//! and a [`Catalog`] of entities known only at run time, which admin tools work on.

extern crate self as persistence;

pub mod audit;
pub mod backend;
pub mod catalog;
mod column;
mod column_type;
pub mod database;
pub mod deletion;
mod drift;
pub mod entity;
mod erased;
pub mod error;
pub mod filter;
mod hooks;
mod interruption;
mod memory;
pub mod observe;
pub mod order;
mod paging;
pub mod query;
mod reference;
pub mod relation;
mod repository;
mod scalar;
pub mod session;
mod sql;
pub mod store;
pub mod testing;
pub mod types;
mod upsert;
mod value;

pub use backend::{Engine, Isolation, Migrations};
pub use catalog::{Catalog, CatalogEntry, DynRepository, DynSession};
pub use column::Column;
pub use column_type::{ColumnType, ValueError};
pub use database::{Begin, Database, SessionOptions, TransactionOptions};
pub use drift::{Drift, Entities};
pub use entity::{ColumnMeta, Draft, Entity, EntityMeta, OnDelete};
pub use error::{
    Conflict, ConstraintKind, ConstraintViolation, Error, FieldError, Invalid, Result, RetryReason,
};
pub use filter::{Comparison, Filter, FilterError, Predicate, TextMatch};
pub use interruption::Canceller;
pub use memory::Memory;
pub use order::{Direction, Order, OrderTerm, Ordering};
pub use persistence_derive::{Entity, Scalar};
pub use query::{Cursor, Page, PageStart, Query};
pub use reference::Ref;
pub use relation::{
    BelongsTo, HasMany, HasOne, Include, ManyToMany, Path, Relation, RelationKind, RelationMeta,
    ToOne,
};
pub use repository::{Assignment, Repository};
pub use scalar::{PrimaryKey, Scalar};
pub use session::{Key, Session};
pub use store::Store;
pub use types::{Decimal, DecimalError, Json, ScaledDecimal, Uuid};
pub use upsert::Upsert;
pub use value::{Record, RecordKey, Value};

#[doc(hidden)]
pub mod private;
