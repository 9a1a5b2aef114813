//! The bookshop as a web service: what a program on `domain` and `persistence` looks like.
//!
//! One generic set of handlers (`resource`) serves every entity, from its metadata; [`problem`]
//! is the one place where an error becomes an answer.

mod health;
mod json;
mod limits;
mod listing;
mod openapi;
pub mod problem;
mod resource;
mod routes;
mod shop;

pub use limits::Limits;
pub use problem::Problem;
pub use routes::router;
pub use shop::{Bookshop, Pool, Shop};
