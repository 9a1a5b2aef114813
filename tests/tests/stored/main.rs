//! Rows as others have stored them: values that are not of their columns' types are never taken for
//! others, and hide no row. What a database holds is asked of its own client.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(
    clippy::float_cmp,
    clippy::format_collect,
    clippy::struct_field_names,
    reason = "exactly the same numbers are meant, and columns are called as others call them"
)]

mod differential;
mod documented;
mod mending;
mod moments;
mod northwind;
mod rules;
mod servers;
mod typed;
