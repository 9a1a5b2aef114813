//! What the information schema knows of a constraint whose name speaks of no column, or of a
//! foreign key whose message was cut.

use diesel::mysql::MysqlConnection;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text};

use crate::backend::violation::columns_in_words;
use crate::entity::EntityMeta;
use crate::error::{ConstraintKind, ConstraintViolation};

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

const UNIQUE: &str = "SELECT CAST(column_name AS CHAR) AS name FROM information_schema.statistics \
     WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? AND index_name = ? \
     AND column_name IS NOT NULL ORDER BY seq_in_index";
const FOREIGN_KEY: &str = "SELECT CAST(column_name AS CHAR) AS name \
     FROM information_schema.key_column_usage \
     WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? AND constraint_name = ? \
     ORDER BY ordinal_position";
// MySQL's table of checks has no table names, but its checks' names are a database's own.
const CHECK: &str = "SELECT CAST(check_clause AS CHAR) AS name \
     FROM information_schema.check_constraints c \
     JOIN information_schema.table_constraints t \
     ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name \
     WHERE c.constraint_schema = COALESCE(?, DATABASE()) AND t.table_name = ? AND c.constraint_name = ?";

pub(super) fn explain(
    connection: &mut MysqlConnection,
    violation: &mut ConstraintViolation,
    meta: &'static EntityMeta,
) -> QueryResult<()> {
    let (Some(name), Some(table)) = (&violation.constraint, &violation.table) else {
        return Ok(());
    };
    if !violation.columns.is_empty() || !violation.referenced_by.is_empty() {
        return Ok(());
    }
    let query = match violation.kind {
        ConstraintKind::Unique => UNIQUE,
        ConstraintKind::ForeignKey => FOREIGN_KEY,
        ConstraintKind::Check => CHECK,
        ConstraintKind::NotNull => return Ok(()),
    };
    let names = diesel::sql_query(query)
        .bind::<Nullable<Text>, _>(meta.schema())
        .bind::<Text, _>(table)
        .bind::<Text, _>(name)
        .load::<Name>(connection)?;
    let mut names = names.into_iter().map(|row| row.name);
    violation.columns = if violation.kind == ConstraintKind::Check {
        names.next().map_or_else(Vec::new, |clause| columns_in_words(meta, &clause))
    } else {
        names.collect()
    };
    Ok(())
}
