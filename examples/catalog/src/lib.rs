//! The bookshop as a web service: what a program on `domain` and `persistence` looks like.
//!
//! One generic set of handlers (`resource`) serves every entity, from its metadata; [`problem`]
//! is the one place where an error becomes an answer.
//!
//! Unless it is given [tokens](Policy), it asks nobody who they are: it belongs behind something
//! that does, or on a computer where everybody may change everything. `README.md` says more.

mod access;
mod cost;
mod health;
mod hosts;
mod json;
mod limits;
mod listing;
mod openapi;
pub mod problem;
mod resource;
mod routes;
pub mod server;
mod shares;
mod shop;

pub use access::{Policy, Tokens};
pub use cost::FilterLimits;
pub use hosts::Hosts;
pub use limits::Limits;
pub use problem::Problem;
pub use routes::{Settings, router};
pub use shares::Shares;
pub use shop::{Bookshop, Pool, Shop};
