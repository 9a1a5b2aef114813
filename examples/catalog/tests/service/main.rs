//! The service: its handlers against memory, and the whole of it over HTTP against databases.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]
#![expect(clippy::indexing_slicing, reason = "what JSON lacks is null")]

mod changing;
mod client;
mod description;
mod guarding;
mod listing;
mod over_http;
mod problems;
mod silence;
