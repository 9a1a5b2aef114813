//! The libraries: the same work, done as each library's own documentation does it.

mod diesel;
mod rusqlite;
mod seaorm;
mod session;

pub use self::diesel::DieselSide;
pub use self::rusqlite::{RusqliteSide, load as rows, open};
pub use self::seaorm::SeaOrmSide;
pub use self::session::{SessionSide, all};
