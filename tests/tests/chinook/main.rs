//! A database that somebody else designed, declared as entities and worked on.

mod browsing;
mod changing;
mod deleting;
mod relating;
