//! The database around its sessions, on the real servers: transactions that are replayed, locks,
//! cancelling, drift, walking, replicas and what tests are given.

#![expect(clippy::unwrap_used, reason = "what helpers of tests unwrap is what the tests are about")]

mod altering;
mod cancelling;
mod deleting;
mod drift;
mod found_tables;
mod locks;
mod names;
mod outcomes;
mod replicas;
mod schemas;
mod testing;
mod transactions;
mod unfit;
mod waiting;
mod walking;
