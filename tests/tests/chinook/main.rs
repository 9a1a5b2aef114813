//! A database that somebody else designed, declared as entities and worked on.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod admin;
mod browsing;
mod changing;
mod deleting;
mod relating;
