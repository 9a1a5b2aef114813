//! What PostgreSQL's catalogue knows of a constraint whose message does not tell enough, because
//! it is in another language or the name speaks of no column.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Array, Nullable, Text};

use crate::entity::EntityMeta;
use crate::error::{ConstraintKind, ConstraintViolation};

#[derive(QueryableByName)]
struct Constraint {
    #[diesel(sql_type = Nullable<Text>)]
    parent: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    columns: Vec<String>,
}

const CONSTRAINT: &str = "SELECT p.relname::text AS parent, \
     coalesce(array_agg(a.attname::text ORDER BY k.position) \
         FILTER (WHERE a.attname IS NOT NULL), '{}') AS columns \
     FROM pg_constraint c \
     JOIN pg_class t ON t.oid = c.conrelid \
       AND (pg_table_is_visible(t.oid) OR t.relnamespace::regnamespace::text = $3) \
     LEFT JOIN pg_class p ON p.oid = c.confrelid \
     LEFT JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k(number, position) ON true \
     LEFT JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number \
     WHERE c.conname = $1 AND t.relname = $2 \
     GROUP BY c.oid, p.relname";

pub(super) fn explain(
    connection: &mut PgConnection,
    violation: &mut ConstraintViolation,
    meta: &'static EntityMeta,
) -> QueryResult<()> {
    let (Some(name), Some(table)) = (&violation.constraint, &violation.table) else {
        return Ok(());
    };
    if !violation.columns.is_empty() || !violation.referenced_by.is_empty() {
        return Ok(());
    }
    let constraint = diesel::sql_query(CONSTRAINT)
        .bind::<Text, _>(name)
        .bind::<Text, _>(table)
        .bind::<Nullable<Text>, _>(meta.schema())
        .get_result::<Constraint>(connection)?;
    let is_parent = violation.kind == ConstraintKind::ForeignKey
        && table != meta.table_in_schema()
        && constraint.parent.is_some();
    if is_parent {
        violation.referenced_by.push(table.clone());
    } else {
        violation.columns = constraint.columns;
    }
    Ok(())
}
