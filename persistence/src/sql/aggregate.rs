//! Statements that tell of many rows in a few numbers.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::{Condition, cached_by_text, own_column, returns_rows, table};
use crate::backend::Dialect;
use crate::entity::{ColumnMeta, EntityMeta};
use crate::statistics::{Bin, LengthIn, Scope};

/// Rows, values, different values, smallest and largest value, sum, shortest and longest length;
/// NULL for what cannot be said of the column.
#[derive(Debug)]
pub(crate) struct Summary<'q> {
    pub meta: &'static EntityMeta,
    pub condition: &'q Condition,
    pub column: &'static ColumnMeta,
}

/// The sum of each of some columns.
#[derive(Debug)]
pub(crate) struct Sums<'q> {
    pub meta: &'static EntityMeta,
    pub condition: &'q Condition,
    pub columns: &'q [&'static ColumnMeta],
}

/// The most frequent values of a column with their numbers of rows.
#[derive(Debug)]
pub(crate) struct Frequencies<'q> {
    pub meta: &'static EntityMeta,
    pub condition: &'q Condition,
    pub column: &'static ColumnMeta,
    pub limit: u64,
}

/// How many rows lie in each bin, by its number; empty ones are left out.
#[derive(Debug)]
pub(crate) struct Histogram<'q> {
    pub meta: &'static EntityMeta,
    pub condition: &'q Condition,
    pub column: &'static ColumnMeta,
    pub bins: &'q [Bin],
}

cached_by_text!(Summary<'q>, Sums<'q>, Frequencies<'q>, Histogram<'q>);
returns_rows!(Summary<'q>, Sums<'q>, Frequencies<'q>, Histogram<'q>);

impl<DB: Dialect> QueryFragment<DB> for Summary<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let scope = Scope::of(self.column);
        out.push_sql("SELECT COUNT(*)");
        let mut told = |begin: &str, is_known: bool, end: &str| -> QueryResult<()> {
            if !is_known {
                out.push_sql(", NULL");
                return Ok(());
            }
            out.push_sql(begin);
            own_column(&mut out, self.meta, self.column)?;
            out.push_sql(end);
            Ok(())
        };
        told(", COUNT(", true, ")")?;
        told(", COUNT(DISTINCT ", scope.is_comparable, ")")?;
        told(", MIN(", scope.has_extremes, ")")?;
        told(", MAX(", scope.has_extremes, ")")?;
        let [begin, end] = DB::sum(self.column.storage);
        told(&format!(", {begin}"), scope.is_number, end)?;
        let length = match scope.length {
            Some(LengthIn::Bytes) => DB::LENGTH_IN_BYTES,
            Some(LengthIn::Characters) | None => DB::LENGTH_IN_CHARACTERS,
        };
        let end = format!(")) AS {})", DB::BIG_INT);
        for extreme in ["MIN", "MAX"] {
            let begin = format!(", CAST({extreme}({length}(");
            told(&begin, scope.length.is_some(), &end)?;
        }
        out.push_sql(" FROM ");
        table(&mut out, self.meta)?;
        self.condition.walk_where(self.meta, out)
    }
}

impl<DB: Dialect> QueryFragment<DB> for Sums<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for (position, summed) in self.columns.iter().enumerate() {
            out.push_sql(if position == 0 { "SELECT " } else { ", " });
            let [begin, end] = DB::sum(summed.storage);
            out.push_sql(begin);
            own_column(&mut out, self.meta, summed)?;
            out.push_sql(end);
        }
        out.push_sql(" FROM ");
        table(&mut out, self.meta)?;
        self.condition.walk_where(self.meta, out)
    }
}

impl<DB: Dialect> QueryFragment<DB> for Frequencies<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        own_column(&mut out, self.meta, self.column)?;
        out.push_sql(", COUNT(*) FROM ");
        table(&mut out, self.meta)?;
        self.condition.walk_where(self.meta, out.reborrow())?;
        out.push_sql(" GROUP BY ");
        own_column(&mut out, self.meta, self.column)?;
        out.push_sql(" ORDER BY 2 DESC, 1 ASC");
        if !DB::NULL_SORTS_FIRST && self.column.is_nullable {
            out.push_sql(" NULLS FIRST");
        }
        out.push_sql(&format!(" LIMIT {}", i64::try_from(self.limit).unwrap_or(i64::MAX)));
        Ok(())
    }
}

impl<DB: Dialect> QueryFragment<DB> for Histogram<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT CAST(");
        self.number(self.bins, 0, &mut out)?;
        out.push_sql(&format!(" AS {}), COUNT(*) FROM ", DB::BIG_INT));
        table(&mut out, self.meta)?;
        self.condition.walk_where(self.meta, out.reborrow())?;
        out.push_sql(" GROUP BY 1");
        Ok(())
    }
}

impl<'q> Histogram<'q> {
    /// Writes the number of the bin that a value lies in, by halves: few comparisons a row.
    fn number<'b, DB: Dialect>(
        &'b self,
        bins: &'b [Bin],
        first: usize,
        out: &mut AstPass<'_, 'b, DB>,
    ) -> QueryResult<()>
    where
        'q: 'b,
    {
        let (lower, upper) = bins.split_at(bins.len() / 2);
        let Some(middle) = upper.first().filter(|_| !lower.is_empty()) else {
            out.push_sql(&first.to_string());
            return Ok(());
        };
        out.push_sql("CASE WHEN ");
        own_column(out, self.meta, self.column)?;
        out.push_sql(" < ");
        DB::bind_value(out.reborrow(), &middle.from, self.column.storage)?;
        out.push_sql(" THEN ");
        self.number(lower, first, out)?;
        out.push_sql(" ELSE ");
        self.number(upper, first + lower.len(), out)?;
        out.push_sql(" END");
        Ok(())
    }
}
