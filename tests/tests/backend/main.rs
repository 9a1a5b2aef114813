//! What an engine owes the framework, on the real servers: connections, errors, text search,
//! values, migrations, the pool and the log.

mod connections;
mod constraints;
mod failures;
mod library;
mod log;
mod migrations;
mod pool;
mod text;
mod values;
