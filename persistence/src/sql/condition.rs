//! A filter as an SQL condition.

use diesel::query_builder::AstPass;
use diesel::result::{Error, QueryResult};

use super::column;
use super::long_list;
use super::related;
use crate::backend::Dialect;
use crate::entity::{ColumnMeta, EntityMeta};
use crate::filter::{Binds, Comparison, Filter, Prepared, is_long};
use crate::interruption::is_interruptible;
use crate::value::Value;

/// A resolved filter as the condition of a statement.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    prepared: Prepared,
    /// Whether the statement asks for each row whether to go on.
    is_interruptible: bool,
}

impl Condition {
    pub(crate) fn new(filter: Filter) -> Self {
        Self { prepared: Prepared::new(filter), is_interruptible: is_interruptible() }
    }

    pub(super) const fn filter(&self) -> &Filter {
        self.prepared.filter()
    }

    /// Writes ` WHERE …`, nothing where every row is meant.
    pub(super) fn walk_where<'b, DB: Dialect>(
        &'b self,
        meta: &EntityMeta,
        mut out: AstPass<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let asks = DB::CANCEL_CHECK.filter(|_| self.is_interruptible);
        if let Some(asks) = asks {
            // First, so that rows that are passed over ask, too.
            out.push_sql(" WHERE ");
            out.push_sql(asks);
        }
        if *self.filter() == Filter::All {
            return Ok(());
        }
        if asks.is_none() {
            out.push_sql(" WHERE ");
            return walk_prepared(&self.prepared, meta, out);
        }
        out.push_sql(" AND (");
        walk_prepared(&self.prepared, meta, out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }

    /// Writes ` WHERE …` of a statement that writes the table, which MySQL does not let its own
    /// conditions read.
    pub(super) fn walk_where_of_write<'b, DB: Dialect>(
        &'b self,
        meta: &EntityMeta,
        mut out: AstPass<'_, 'b, DB>,
    ) -> QueryResult<()> {
        if DB::WRITES_READ_THEIR_TABLE || !related::reads(self.filter(), meta, meta.table) {
            return self.walk_where(meta, out);
        }
        related::chosen_keys(meta, out.reborrow(), |out| self.walk_where(meta, out))
    }
}

/// Writes a filter's condition alone.
pub(super) fn walk_prepared<'b, DB: Dialect>(
    prepared: &'b Prepared,
    meta: &EntityMeta,
    out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    let scope = Scope { meta, table: meta.table_in_schema(), depth: 0 };
    walk(prepared.filter(), scope, &mut prepared.binds(), out)
}

/// The entity whose columns a filter is about, and what the statement calls its table there.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) meta: &'s EntityMeta,
    pub(super) table: &'s str,
    /// Inside how many relations.
    pub(super) depth: usize,
}

fn known<'m>(meta: &'m EntityMeta, name: &str) -> QueryResult<&'m ColumnMeta> {
    meta.columns.iter().find(|column| column.name == name).ok_or_else(|| {
        Error::QueryBuilderError(format!("`{}` has no column `{name}`", meta.table).into())
    })
}

pub(super) fn walk<'b, DB: Dialect>(
    filter: &'b Filter,
    scope: Scope<'_>,
    binds: &mut Binds<'b>,
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    let Scope { meta, table, .. } = scope;
    match filter {
        Filter::All => out.push_sql("1 = 1"),
        Filter::And(filters) => join(filters, " AND ", "1 = 1", scope, binds, out)?,
        Filter::Or(filters) => join(filters, " OR ", "1 = 0", scope, binds, out)?,
        Filter::Not(inner) => {
            // SQLite finds these rows by an index, and does not see that NOT (… IS NULL) is the same.
            if let Filter::IsNull { column: name } = &**inner {
                column(&mut out, table, name)?;
                out.push_sql(" IS NOT NULL");
                return Ok(());
            }
            out.push_sql("NOT (");
            match &**inner {
                // Engines turn NOT EXISTS into a join, NOT IN they do not.
                Filter::Related { relation, filter } => {
                    related::exists(relation, filter, scope, binds, out.reborrow())?;
                }
                inner => walk(inner, scope, binds, out.reborrow())?,
            }
            out.push_sql(")");
        }
        Filter::Compare { column: name, operator, value } => {
            column(&mut out, table, name)?;
            out.push_sql(sign(*operator));
            DB::bind_value(out, value, known(meta, name)?.storage)?;
        }
        Filter::In { values, .. } if values.is_empty() => out.push_sql("1 = 0"),
        Filter::In { column: name, values } => {
            // As many texts as there are lengths: not worth a place in the statement cache.
            out.unsafe_to_cache_prepared();
            column(&mut out, table, name)?;
            let storage = known(meta, name)?.storage;
            let list = if is_long(values) { binds.lists.next() } else { None };
            if let Some(json) = list.filter(|_| values.len() > DB::LONGEST_LIST) {
                out.push_sql(" IN (");
                let value = values.first().unwrap_or(&Value::Null);
                long_list::select(out.reborrow(), json, value, storage)?;
                out.push_sql(")");
                return Ok(());
            }
            for (position, value) in values.iter().enumerate() {
                out.push_sql(if position == 0 { " IN (" } else { ", " });
                DB::bind_value(out.reborrow(), value, storage)?;
            }
            out.push_sql(")");
        }
        Filter::Text { column: name, operator, .. } => {
            let pattern = binds.patterns.next().ok_or_else(|| {
                Error::QueryBuilderError("a text filter without its pattern".into())
            })?;
            DB::text_match(out, table, name, *operator, pattern)?;
        }
        Filter::IsNull { column: name } => {
            column(&mut out, table, name)?;
            out.push_sql(" IS NULL");
        }
        Filter::InLastDays { .. } => {
            let message = "the last days are known only once the filter has been resolved";
            return Err(Error::QueryBuilderError(message.into()));
        }
        Filter::Related { relation, filter } => {
            related::has(relation, filter, scope, binds, out)?;
        }
        Filter::RelatedCount { relation, filter, operator, .. } => {
            related::count(relation, filter, *operator, scope, binds, out)?;
        }
    }
    Ok(())
}

pub(super) const fn sign(operator: Comparison) -> &'static str {
    match operator {
        Comparison::NotEqual => " <> ",
        Comparison::Equal => " = ",
        Comparison::Less => " < ",
        Comparison::LessOrEqual => " <= ",
        Comparison::Greater => " > ",
        Comparison::GreaterOrEqual => " >= ",
    }
}

/// Conditions joined one after the other.
const MOST_IN_A_ROW: usize = 100;

fn join<'b, DB: Dialect>(
    filters: &'b [Filter],
    separator: &str,
    none: &str,
    scope: Scope<'_>,
    binds: &mut Binds<'b>,
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    if filters.len() > MOST_IN_A_ROW {
        // As a tree that is nowhere deep: SQLite takes a thousand levels, and each term of a row is
        // one.
        let (before, after) = filters.split_at(filters.len() / 2);
        out.push_sql("(");
        join(before, separator, none, scope, binds, out.reborrow())?;
        out.push_sql(separator);
        join(after, separator, none, scope, binds, out.reborrow())?;
        out.push_sql(")");
        return Ok(());
    }
    out.push_sql("(");
    if filters.is_empty() {
        out.push_sql(none);
    }
    for (position, filter) in filters.iter().enumerate() {
        if position > 0 {
            out.push_sql(separator);
        }
        walk(filter, scope, binds, out.reborrow())?;
    }
    out.push_sql(")");
    Ok(())
}
