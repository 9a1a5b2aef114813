//! Statements that read.

use std::any::TypeId;
use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use diesel::query_builder::{AstPass, Query, QueryBuilder as _, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Untyped;

use super::{
    Condition, Mapper, cached_by_text, cached_by_type, column, columns, declared, own_column,
    returns_rows, table,
};
use crate::backend::Dialect;
use crate::column_type::ColumnType;
use crate::entity::{EntityId, EntityMeta, Identifier};
use crate::filter::Filter;
use crate::order::{Direction, Order};
use crate::paging::{settles_null, settles_value};
use crate::query::RowLock;
use crate::value::RecordKey;

/// `SELECT … FROM … WHERE … ORDER BY … LIMIT …`
#[derive(Debug)]
pub(crate) struct Select<'q> {
    pub meta: &'static EntityMeta,
    pub columns: Columns,
    pub condition: &'q Condition,
    pub order: &'q Order,
    pub limit: Option<u64>,
    pub offset: u64,
    pub lock: Option<RowLock>,
}

/// The largest number that every engine takes for a length.
const LONGEST_PREVIEW: u64 = i32::MAX as u64;

/// Which columns a `SELECT` reads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Columns {
    /// All of the entity's.
    All,
    /// All of the entity's, long values cut to a length.
    Previewed(u64),
    /// Those of the order, in its order.
    OfOrder,
}

/// `SELECT COUNT(*) FROM … WHERE …`
#[derive(Debug)]
pub(crate) struct Count<'q> {
    pub meta: &'static EntityMeta,
    pub condition: &'q Condition,
}

/// `SELECT … FROM … WHERE key = ?`
#[derive(Debug)]
pub(crate) struct SelectKey<'q, M: Mapper> {
    beginning: Rc<str>,
    key: &'q RecordKey,
    mapper: M,
}

type Beginnings = HashMap<(EntityId, TypeId), Rc<str>, foldhash::fast::RandomState>;

thread_local! {
    /// `SELECT … FROM …` by entity and engine. Diesel walks several times through a statement that
    /// it has long prepared, and a row is found in a microsecond.
    static BEGINNINGS: RefCell<Beginnings> = RefCell::default();
}

/// The first key that the last insert made, and the step to the next.
#[derive(Debug, QueryId)]
pub(crate) struct LastInsertId;

/// The smallest and the largest value of a column, each by an index where it has one.
#[derive(Debug)]
pub(crate) struct Extremes<'q> {
    pub meta: &'q EntityMeta,
    pub column: Identifier,
}

/// A count that goes no further than a limit, so that it is never waited for.
#[derive(Debug)]
pub(crate) struct CountUpTo<'q> {
    pub meta: &'static EntityMeta,
    pub condition: &'q Condition,
    /// By which order the rows are found, so that an index for it is used.
    pub order: &'q Order,
    pub limit: u64,
}

cached_by_text!(Select<'q>, Count<'q>, CountUpTo<'q>, Extremes<'q>);
returns_rows!(Select<'q>, Count<'q>, CountUpTo<'q>, Extremes<'q>, SelectKey<'q, M>);
cached_by_type!(SelectKey);

impl<'q, M: Mapper> SelectKey<'q, M> {
    pub fn new<DB: Dialect>(mapper: M, key: &'q RecordKey) -> QueryResult<Self> {
        let meta = mapper.meta();
        BEGINNINGS.with_borrow_mut(|known| {
            let beginning = match known.entry((EntityId::new(meta), TypeId::of::<DB>())) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(unknown) => {
                    let mut text = DB::QueryBuilder::default();
                    Beginning(meta).to_sql(&mut text, &DB::default())?;
                    unknown.insert(text.finish().into()).clone()
                }
            };
            Ok(Self { beginning, key, mapper })
        })
    }
}

/// `SELECT … FROM …`
struct Beginning(&'static EntityMeta);

impl<DB: Dialect> QueryFragment<DB> for Beginning {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        columns(&mut out, self.0)?;
        out.push_sql(" FROM ");
        table(&mut out, self.0)?;
        Ok(())
    }
}

impl Query for LastInsertId {
    type SqlType = Untyped;
}

impl<DB: Dialect> QueryFragment<DB> for Select<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let meta = self.meta;
        out.push_sql("SELECT ");
        match self.columns {
            Columns::All => columns(&mut out, meta)?,
            Columns::Previewed(length) => {
                for (position, shown) in meta.columns.iter().enumerate() {
                    out.push_sql(if position == 0 { "" } else { ", " });
                    if self.order.cuts(meta, shown) {
                        out.push_sql("substr(");
                        own_column(&mut out, meta, shown)?;
                        out.push_sql(&format!(", 1, {})", length.min(LONGEST_PREVIEW)));
                    } else {
                        own_column(&mut out, meta, shown)?;
                    }
                }
            }
            Columns::OfOrder => {
                for (position, term) in self.order.0.iter().enumerate() {
                    out.push_sql(if position == 0 { "" } else { ", " });
                    column(&mut out, meta.table_in_schema(), &term.column)?;
                }
            }
        }
        out.push_sql(" FROM ");
        table(&mut out, meta)?;
        self.condition.walk_where(meta, out.reborrow())?;
        order_by(self.order, self.condition.filter(), meta, &mut out)?;
        // As text: a bound LIMIT makes SQLite compile the statement again on every run.
        if self.limit.is_some() || self.offset > 0 {
            let limit = self.limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(i64::MAX);
            out.push_sql(&format!(" LIMIT {limit}"));
        }
        if self.offset > 0 {
            out.unsafe_to_cache_prepared();
            out.push_sql(&format!(" OFFSET {}", self.offset));
        }
        if let Some(lock) = self.lock.filter(|_| DB::HAS_ROW_LOCKS) {
            out.push_sql(match lock {
                RowLock::Wait => " FOR UPDATE",
                RowLock::SkipLocked => " FOR UPDATE SKIP LOCKED",
                RowLock::NoWait => " FOR UPDATE NOWAIT",
            });
        }
        Ok(())
    }
}

/// Writes ` ORDER BY …`.
fn order_by<DB: Dialect>(
    order: &Order,
    filter: &Filter,
    meta: &EntityMeta,
    out: &mut AstPass<'_, '_, DB>,
) -> QueryResult<()> {
    // An engine told to sort by a column in which all rows are alike may sort all of them
    // before the first comes out.
    let terms = order.0.iter().filter(|term| !settles_value(filter, &term.column));
    for (position, term) in terms.enumerate() {
        out.push_sql(if position == 0 { " ORDER BY " } else { ", " });
        let ordered = meta.column(&term.column);
        let is_enum =
            ordered.is_some_and(|column| matches!(column.column_type, ColumnType::Enum { .. }));
        let [begin, end] = if is_enum { DB::ORDER_OF_ENUM } else { ["", ""] };
        out.push_sql(begin);
        column(out, meta.table_in_schema(), &term.column)?;
        out.push_sql(end);
        let needs_nulls = !DB::NULL_SORTS_FIRST
            && ordered.is_some_and(|column| column.is_nullable)
            && !settles_null(filter, &term.column);
        out.push_sql(match (term.direction, needs_nulls) {
            (Direction::Ascending, false) => " ASC",
            (Direction::Ascending, true) => " ASC NULLS FIRST",
            (Direction::Descending, false) => " DESC",
            (Direction::Descending, true) => " DESC NULLS LAST",
        });
    }
    Ok(())
}

impl<DB: Dialect> QueryFragment<DB> for Count<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT COUNT(*) FROM ");
        table(&mut out, self.meta)?;
        // Counting all rows looks at none of them.
        if *self.condition.filter() == Filter::All {
            return Ok(());
        }
        self.condition.walk_where(self.meta, out)
    }
}

impl<DB: Dialect> QueryFragment<DB> for CountUpTo<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT COUNT(*) FROM (SELECT 1 AS one FROM ");
        table(&mut out, self.meta)?;
        self.condition.walk_where(self.meta, out.reborrow())?;
        order_by(self.order, self.condition.filter(), self.meta, &mut out)?;
        out.push_sql(&format!(" LIMIT {}) AS counted", self.limit));
        Ok(())
    }
}

impl<DB: Dialect> QueryFragment<DB> for Extremes<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // Asked for both at once, SQLite would read the whole table.
        for begin in ["SELECT (SELECT MIN(", "), (SELECT MAX("] {
            out.push_sql(begin);
            declared(&mut out, self.column)?;
            out.push_sql(") FROM ");
            table(&mut out, self.meta)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

impl<DB: Dialect, M: Mapper> QueryFragment<DB> for SelectKey<'_, M> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(&self.beginning);
        super::key_equals(self.mapper.meta(), self.key, out)
    }
}

impl<DB: Dialect> QueryFragment<DB> for LastInsertId {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(DB::LAST_INSERT_ID);
        Ok(())
    }
}
