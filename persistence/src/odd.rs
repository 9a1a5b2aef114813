//! Stored values that are none of their columns, counted.

use std::fmt;

use crate::catalog::DynSession;
use crate::column_type::ValueError;
use crate::entity::EntityMeta;
use crate::error::Result;
use crate::query::{PageStart, Query};
use crate::value::RecordKey;

/// Rows that are read at once.
const ROWS_PER_PAGE: u64 = 1_000;
/// How much of long values is read: whether they are of their type their beginnings say.
const PREVIEW: u64 = 1_000;

/// The cells of a column that hold no value of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OddCells {
    /// The table's name.
    pub table: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// What the column was declared to hold, in words.
    pub expected: String,
    /// How many cells hold something else.
    pub cells: u64,
    /// The key of the first such row, in the order of keys.
    pub key: RecordKey,
    /// What is stored there, cut to a readable length.
    pub stored: String,
}

impl fmt::Display for OddCells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, column, expected, cells, key, stored } = self;
        let values = if *cells == 1 {
            "1 value is not".to_owned()
        } else {
            format!("{cells} values are not")
        };
        write!(f, "{table}.{column}: {values} {expected}, first `{stored}` in the row {key}")
    }
}

/// Counts, column by column, the cells of a table that hold no value of their column: what typed
/// rows cannot be read with. Reads the whole table, in pages.
///
/// # Errors
/// When the database cannot be read.
pub fn odd_cells(session: &mut dyn DynSession, meta: &EntityMeta) -> Result<Vec<OddCells>> {
    let mut repository = session.repository(meta.table)?;
    let query = Query::new().preview(PREVIEW);
    let mut found: Vec<Option<OddCells>> = vec![None; meta.columns.len()];
    let mut start = Some(PageStart::First);
    while let Some(from) = start {
        let page = repository.page(&query, &from, ROWS_PER_PAGE)?;
        for row in &page.rows {
            for (found, (column, value)) in found.iter_mut().zip(meta.columns.iter().zip(&row.0)) {
                if !column.is_odd(value) {
                    continue;
                }
                let odd = found.get_or_insert_with(|| OddCells {
                    table: meta.table,
                    column: column.name,
                    expected: column.column_type.to_string(),
                    cells: 0,
                    key: meta.key_of(row),
                    stored: ValueError::new("", value).value,
                });
                odd.cells += 1;
            }
        }
        start = page.next;
    }
    Ok(found.into_iter().flatten().collect())
}
