//! Conditions on related rows, as subqueries.
//!
//! Each level of relations calls its tables by its own number, so that an entity may be related to
//! itself and a table may come twice.

use diesel::query_builder::AstPass;
use diesel::result::{Error, QueryResult};

use super::column;
use super::condition::{Scope, sign, walk};
use crate::backend::Dialect;
use crate::entity::{EntityMeta, Storage};
use crate::filter::{Binds, Comparison, Filter};
use crate::relation::{RelationKind, RelationMeta};

/// Writes the condition that there is a related row: as a set of keys where this row points to one
/// key, so that the related rows are searched once and this table by its foreign key's index; else
/// as [`exists`].
pub(super) fn has<'b, DB: Dialect>(
    relation: &str,
    filter: &'b Filter,
    scope: Scope<'_>,
    binds: &mut Binds<'b>,
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    let known = known(scope.meta, relation)?;
    let RelationKind::BelongsTo { column: own } = known.kind else {
        return exists(relation, filter, scope, binds, out);
    };
    if *filter == Filter::All {
        return exists(relation, filter, scope, binds, out);
    }
    let (target, table, own) = (known.target.meta(), alias("r", scope), name(scope.meta, own)?);
    // Never unknown, also where it stands inside a NOT.
    out.push_sql("(");
    column(&mut out, scope.table, own)?;
    out.push_sql(" IS NOT NULL AND ");
    column(&mut out, scope.table, own)?;
    out.push_sql(" IN (SELECT ");
    column(&mut out, &table, key_name(target))?;
    from(&mut out, target, &table)?;
    out.push_sql(" WHERE ");
    let scope = Scope { meta: target, table: &table, depth: scope.depth + 1 };
    walk(filter, scope, binds, out.reborrow())?;
    out.push_sql("))");
    Ok(())
}

/// Writes `EXISTS (SELECT 1 FROM related AS r1 WHERE …)`.
pub(super) fn exists<'b, DB: Dialect>(
    relation: &str,
    filter: &'b Filter,
    scope: Scope<'_>,
    binds: &mut Binds<'b>,
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    out.push_sql("EXISTS (SELECT 1");
    rows(known(scope.meta, relation)?, filter, scope, binds, out.reborrow())?;
    out.push_sql(")");
    Ok(())
}

/// Writes `(SELECT COUNT(*) FROM related AS r1 WHERE …) >= ?`.
pub(super) fn count<'b, DB: Dialect>(
    relation: &str,
    filter: &'b Filter,
    operator: Comparison,
    scope: Scope<'_>,
    binds: &mut Binds<'b>,
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    let relation = known(scope.meta, relation)?;
    if let RelationKind::ManyToMany { .. } = relation.kind {
        // Two rows may be linked more than once.
        out.push_sql("(SELECT COUNT(DISTINCT ");
        column(&mut out, &alias("r", scope), key_name(relation.target.meta()))?;
        out.push_sql(")");
    } else {
        out.push_sql("(SELECT COUNT(*)");
    }
    rows(relation, filter, scope, binds, out.reborrow())?;
    out.push_sql(")");
    out.push_sql(sign(operator));
    let count = binds
        .counts
        .next()
        .ok_or_else(|| Error::QueryBuilderError("a count without its number".into()))?;
    DB::bind_value(out, count, Storage::BigInt)
}

/// Writes ` FROM related AS r1 WHERE …`.
fn rows<'b, DB: Dialect>(
    relation: &RelationMeta,
    filter: &'b Filter,
    scope: Scope<'_>,
    binds: &mut Binds<'b>,
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    let target = relation.target.meta();
    let table = alias("r", scope);
    from(&mut out, target, &table)?;
    let own = name(scope.meta, relation.own_column(scope.meta))?;
    if let RelationKind::ManyToMany { through, from: own_link, to } = relation.kind {
        let (link, between) = (through.meta(), alias("l", scope));
        out.push_sql(" INNER JOIN ");
        super::table(&mut out, link)?;
        out.push_sql(" AS ");
        out.push_identifier(&between)?;
        out.push_sql(" ON ");
        column(&mut out, &between, name(link, to)?)?;
        out.push_sql(" = ");
        column(&mut out, &table, key_name(target))?;
        out.push_sql(" WHERE ");
        column(&mut out, &between, name(link, own_link)?)?;
    } else {
        out.push_sql(" WHERE ");
        column(&mut out, &table, name(target, relation.target_column())?)?;
    }
    out.push_sql(" = ");
    column(&mut out, scope.table, own)?;
    if *filter != Filter::All {
        out.push_sql(" AND ");
        let scope = Scope { meta: target, table: &table, depth: scope.depth + 1 };
        walk(filter, scope, binds, out)?;
    }
    Ok(())
}

fn from<DB: Dialect>(
    out: &mut AstPass<'_, '_, DB>,
    meta: &EntityMeta,
    alias: &str,
) -> QueryResult<()> {
    out.push_sql(" FROM ");
    super::table(out, meta)?;
    out.push_sql(" AS ");
    out.push_identifier(alias)
}

/// Returns what a table is called inside a scope, which must not be what the scope calls its own.
fn alias(kind: &str, scope: Scope<'_>) -> String {
    let alias = format!("{kind}{}", scope.depth + 1);
    if alias == scope.table { format!("{alias}_") } else { alias }
}

fn known<'m>(meta: &'m EntityMeta, name: &str) -> QueryResult<&'m RelationMeta> {
    meta.relations.iter().find(|relation| relation.name == name).ok_or_else(|| {
        Error::QueryBuilderError(format!("`{}` has no relation `{name}`", meta.name).into())
    })
}

fn name(meta: &EntityMeta, position: usize) -> QueryResult<&'static str> {
    meta.columns.get(position).map(|column| column.name).ok_or_else(|| {
        Error::QueryBuilderError(format!("`{}` has no column {position}", meta.table).into())
    })
}

fn key_name(meta: &EntityMeta) -> &'static str {
    meta.key_columns().next().map_or("", |column| column.name)
}

/// Returns whether the subqueries of a filter read that table.
pub(super) fn reads(filter: &Filter, meta: &EntityMeta, table: &str) -> bool {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => {
            filters.iter().any(|filter| reads(filter, meta, table))
        }
        Filter::Not(filter) => reads(filter, meta, table),
        Filter::Related { relation, filter } | Filter::RelatedCount { relation, filter, .. } => {
            meta.relation(relation).is_some_and(|relation| {
                let target = relation.target.meta();
                let is_between = matches!(
                    relation.kind,
                    RelationKind::ManyToMany { through, .. } if through.meta().table == table
                );
                is_between || target.table == table || reads(filter, target, table)
            })
        }
        Filter::All
        | Filter::Compare { .. }
        | Filter::Text { .. }
        | Filter::In { .. }
        | Filter::InLastDays { .. }
        | Filter::IsNull { .. } => false,
    }
}

/// Writes ` WHERE (key) IN (SELECT … FROM (SELECT DISTINCT key FROM table WHERE …) AS chosen)`: all
/// rows are chosen before the first is written.
pub(super) fn chosen_keys<'b, DB: Dialect>(
    meta: &EntityMeta,
    mut out: AstPass<'_, 'b, DB>,
    condition: impl FnOnce(AstPass<'_, 'b, DB>) -> QueryResult<()>,
) -> QueryResult<()> {
    let keys = |out: &mut AstPass<'_, 'b, DB>, table: &str| -> QueryResult<()> {
        for (position, key) in meta.key_columns().enumerate() {
            if position > 0 {
                out.push_sql(", ");
            }
            column(out, table, key.name)?;
        }
        Ok(())
    };
    out.push_sql(" WHERE (");
    keys(&mut out, meta.table_in_schema())?;
    out.push_sql(") IN (SELECT ");
    keys(&mut out, "chosen")?;
    // DISTINCT, so that the optimizer does not merge it into the statement.
    out.push_sql(" FROM (SELECT DISTINCT ");
    keys(&mut out, meta.table_in_schema())?;
    out.push_sql(" FROM ");
    super::table(&mut out, meta)?;
    condition(out.reborrow())?;
    out.push_sql(") AS ");
    out.push_identifier("chosen")?;
    out.push_sql(")");
    Ok(())
}
