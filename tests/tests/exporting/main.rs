//! What is exported is what every engine, and every engine's own client, makes of it again.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod clients;
mod computed;
mod full_disk;
mod imported_again;
mod numbers;
mod pasted;
mod round_trip;
mod samples;
mod snapshot;
