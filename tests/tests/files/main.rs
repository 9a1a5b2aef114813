//! Databases as files, and files beside databases: nothing that was there is lost, nothing is
//! written where it would be.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod durability;
mod journals;
mod killing;
mod leaving;
mod replaced;
mod targets;
mod turns;
