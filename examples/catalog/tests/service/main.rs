//! The service: its handlers against memory, and the whole of it over HTTP against databases.

mod changing;
mod client;
mod description;
mod listing;
mod over_http;
mod problems;
