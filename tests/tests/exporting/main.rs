//! What is exported as SQL is what every engine makes of it again.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod round_trip;
mod snapshot;
