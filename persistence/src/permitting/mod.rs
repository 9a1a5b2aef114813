//! Sessions of a catalog that may do what is permitted: they ask the rules, and then those that they stand before.

mod audit;
mod opening;
mod repository;
mod rules;
mod session;

pub(crate) use opening::Permitted;
pub(crate) use rules::Rules;
