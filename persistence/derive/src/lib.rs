//! `#[derive(Entity)]` and `#[derive(Scalar)]` for the `persistence` crate, which documents them.

mod attributes;
mod entity;
mod relation;
mod scalar;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Maps a struct to a table of Diesel's `table!` schema.
///
/// From one declaration come the entity's metadata, a typed column for each field (`User::AGE`), a
/// draft to insert rows with (`NewUser`), a constant for each relation, and the mapping for every
/// engine that knows the column types. Fields are columns of the same name.
///
/// On the struct, `#[entity(…)]` takes
/// - `table = path::of::table` (required), and `table_name = "…"` where the database calls it
///   otherwise than Rust does,
/// - `draft = Name`, the draft's name (default `New…`),
/// - `validate`: run the rules of `#[derive(garde::Validate)]` before a row is written,
/// - `icon = "…"`: a Material icon's name for admin tools,
/// - `unique(a, b)`: no two rows share the values of these fields,
/// - `has_many(name: Entity.field)`: rows of another entity whose `field` refers to this one, by
///   their primary key or in the order of `order = other`, `order = other desc` or
///   `order = (other, another desc)`, which are fields of theirs,
/// - `has_one(name: Entity.field)`: the same where there is one such row at most,
/// - `many_to_many(name: Entity, through = Link(own_id, other_id))`: rows of another entity that
///   rows of a third, `Link`, lead to: its field `own_id` refers to this entity, `other_id` to the
///   other one; `order` as above.
///
/// On a field,
/// - `key`: part of the primary key; `generated`: given by the database, which counts it up or has a
///   default for it, and read back after an insert,
/// - `computed`: made by the database of other columns (`GENERATED ALWAYS AS …`); never written,
/// - `version`: counts updates and guards against lost ones,
/// - `now`: filled with the time of the insert; `updated`: with that of the last update, too,
/// - `deleted`: an optional timestamp; rows are marked by it instead of being deleted, and hidden,
/// - `label`: names a row to people (default: the first text column, else the key),
/// - `search`: quick search looks into it,
/// - `unique`: no two rows share the value,
/// - `references(Entity, on_delete = restrict | cascade | set_null, orphan = keep | delete, as = name)`:
///   a foreign key; `orphan` says what becomes of a row that is parted from the one it refers to;
///   the draft's field and the relation are called `name`, by default the field without its `_id`.
///
/// A relation's constant has its name in capitals (`Book::AUTHOR`, `Author::BOOKS`); one that is
/// called as its own field has none.
#[proc_macro_derive(Entity, attributes(entity))]
pub fn derive_entity(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    entity::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a newtype of a column type, or an enum without fields, a column type.
///
/// An enum is stored as text: the variant's name in `snake_case`, or what
/// `#[scalar(rename = "…")]` on the variant says.
#[proc_macro_derive(Scalar, attributes(scalar))]
pub fn derive_scalar(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    scalar::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
