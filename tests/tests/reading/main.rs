//! Reading large tables: strides, jumps, estimates, plans, statistics, on every engine and in memory.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod collations;
mod estimates;
mod generated;
mod lists;
mod plans;
mod previews;
mod statistics;
mod strides;
