//! The command line, end to end: the real program on real databases.

mod bad_input;
mod checking;
mod deleting;
mod importing;
mod migrating;
mod reading;
mod seeding;
