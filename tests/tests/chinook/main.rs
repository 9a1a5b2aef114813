//! A database that somebody else designed, declared as entities and worked on.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod admin;
mod belonging;
mod browsing;
mod changing;
mod deleting;
mod relating;
mod two_windows;
