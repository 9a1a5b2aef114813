//! The function that statements ask whether to go on; it fails where they shall not.

use diesel::expression::functions::declare_sql_function;
use diesel::result::QueryResult;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Bool;
use diesel::sqlite::{Sqlite, SqliteConnection};

use crate::interruption::may_go_on;

#[declare_sql_function]
extern "SQL" {
    fn bindery_may_go_on() -> Bool;
}

/// The condition in SQL: true, or the end of the statement.
pub(super) const CONDITION: &str = "bindery_may_go_on()";

/// Makes the function known to a connection.
pub(super) fn register(connection: &mut SqliteConnection) -> QueryResult<()> {
    // Not deterministic: a constant would be asked once.
    bindery_may_go_on_utils::register_nondeterministic_impl(connection, || GoOn)
}

#[derive(Debug, Clone, Copy)]
struct GoOn;

impl ToSql<Bool, Sqlite> for GoOn {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        may_go_on()?;
        ToSql::<Bool, Sqlite>::to_sql(&true, out)
    }
}
