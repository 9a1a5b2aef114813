//! The unit of work: what a session writes, in which order, and what it knows afterwards.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod agreeing;
mod auditing;
mod by_name;
mod changes;
mod changing_hands;
mod circles;
mod counters;
mod deleting;
mod edits;
mod ending;
mod failing;
mod given_keys;
mod guarding;
mod handles;
mod herbarium;
mod hiding;
mod lending;
mod likeness;
mod lockstep;
mod lost_updates;
mod model;
mod natural_keys;
mod permissions;
mod relating;
mod savepoints;
mod shapes;
mod stored_edits;
mod tracking;
mod twins;
mod unique;
