//! The command line, end to end: the real program on real databases.

mod bad_input;
mod checking;
mod deleting;
mod foreign_files;
mod importing;
mod messages;
mod migrating;
mod outcomes;
mod passwords;
mod reading;
mod recording;
mod seeding;
