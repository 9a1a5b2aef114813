//! A filter as an SQL condition.

use diesel::query_builder::AstPass;
use diesel::result::{Error, QueryResult};

use super::column;
use crate::backend::{Dialect, FoldedPattern};
use crate::entity::{ColumnMeta, EntityMeta};
use crate::filter::{Comparison, Filter};
use crate::interruption::is_interruptible;

/// A resolved filter with what its SQL binds beyond the filter's own values.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    filter: Filter,
    /// One for each [`Filter::Text`], in the order they are written.
    patterns: Vec<FoldedPattern>,
    /// Whether the statement asks for each row whether to go on.
    is_interruptible: bool,
}

impl Condition {
    pub(crate) fn new(filter: Filter) -> Self {
        let mut patterns = Vec::new();
        collect_patterns(&filter, &mut patterns);
        Self { filter, patterns, is_interruptible: is_interruptible() }
    }

    pub(crate) const fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(crate) fn into_filter(self) -> Filter {
        self.filter
    }

    /// Writes ` WHERE …`, nothing where every row is meant.
    pub(super) fn walk_where<'b, DB: Dialect>(
        &'b self,
        meta: &EntityMeta,
        mut out: AstPass<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let asks = DB::MAY_GO_ON.filter(|_| self.is_interruptible);
        if let Some(asks) = asks {
            // First, so that rows that are passed over ask, too.
            out.push_sql(" WHERE ");
            out.push_sql(asks);
        }
        if self.filter == Filter::All {
            return Ok(());
        }
        if asks.is_none() {
            out.push_sql(" WHERE ");
            return self.walk(meta, out);
        }
        out.push_sql(" AND (");
        self.walk(meta, out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }

    /// Writes the condition alone.
    pub(crate) fn walk<'b, DB: Dialect>(
        &'b self,
        meta: &EntityMeta,
        out: AstPass<'_, 'b, DB>,
    ) -> QueryResult<()> {
        walk(&self.filter, meta, &mut self.patterns.iter(), out)
    }
}

fn collect_patterns(filter: &Filter, patterns: &mut Vec<FoldedPattern>) {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => {
            for filter in filters {
                collect_patterns(filter, patterns);
            }
        }
        Filter::Not(filter) => collect_patterns(filter, patterns),
        Filter::Text { operator, pattern, .. } => {
            patterns.push(FoldedPattern::new(*operator, pattern));
        }
        _ => {}
    }
}

fn known<'m>(meta: &'m EntityMeta, name: &str) -> QueryResult<&'m ColumnMeta> {
    meta.columns.iter().find(|column| column.name == name).ok_or_else(|| {
        Error::QueryBuilderError(format!("`{}` has no column `{name}`", meta.table).into())
    })
}

fn walk<'b, DB: Dialect>(
    filter: &'b Filter,
    meta: &EntityMeta,
    patterns: &mut std::slice::Iter<'b, FoldedPattern>,
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    match filter {
        Filter::All => out.push_sql("1 = 1"),
        Filter::And(filters) => join(filters, " AND ", "1 = 1", meta, patterns, out)?,
        Filter::Or(filters) => join(filters, " OR ", "1 = 0", meta, patterns, out)?,
        Filter::Not(inner) => {
            out.push_sql("NOT (");
            walk(inner, meta, patterns, out.reborrow())?;
            out.push_sql(")");
        }
        Filter::Compare { column: name, operator, value } => {
            column(&mut out, meta.table, name)?;
            out.push_sql(match operator {
                Comparison::NotEqual => " <> ",
                Comparison::Equal => " = ",
                Comparison::Less => " < ",
                Comparison::LessOrEqual => " <= ",
                Comparison::Greater => " > ",
                Comparison::GreaterOrEqual => " >= ",
            });
            DB::bind_value(out, value, known(meta, name)?.storage)?;
        }
        Filter::In { values, .. } if values.is_empty() => out.push_sql("1 = 0"),
        Filter::In { column: name, values } => {
            // As many texts as there are lengths: not worth a place in the statement cache.
            out.unsafe_to_cache_prepared();
            column(&mut out, meta.table, name)?;
            let storage = known(meta, name)?.storage;
            for (position, value) in values.iter().enumerate() {
                out.push_sql(if position == 0 { " IN (" } else { ", " });
                DB::bind_value(out.reborrow(), value, storage)?;
            }
            out.push_sql(")");
        }
        Filter::Text { column: name, operator, .. } => {
            let pattern = patterns.next().ok_or_else(|| {
                Error::QueryBuilderError("a text filter without its pattern".into())
            })?;
            DB::text_match(out, meta.table, name, *operator, pattern)?;
        }
        Filter::IsNull { column: name } => {
            column(&mut out, meta.table, name)?;
            out.push_sql(" IS NULL");
        }
    }
    Ok(())
}

fn join<'b, DB: Dialect>(
    filters: &'b [Filter],
    separator: &str,
    none: &str,
    meta: &EntityMeta,
    patterns: &mut std::slice::Iter<'b, FoldedPattern>,
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    out.push_sql("(");
    if filters.is_empty() {
        out.push_sql(none);
    }
    for (position, filter) in filters.iter().enumerate() {
        if position > 0 {
            out.push_sql(separator);
        }
        walk(filter, meta, patterns, out.reborrow())?;
    }
    out.push_sql(")");
    Ok(())
}
