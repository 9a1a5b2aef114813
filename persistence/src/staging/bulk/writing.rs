//! A change of a column that is written at once, page by page, and not staged.

use std::ops::ControlFlow;

use super::{Bulk, BulkOutcome};
use crate::catalog::DynSession;
use crate::edit::Edit;
use crate::error::Result;
use crate::filter::Filter;
use crate::query::{Page, PageStart, Query};
use crate::staging::Staging;
use crate::value::Record;

/// Rows that are read, and written, at once.
const ROWS_AT_ONCE: u64 = 2_000;

impl Bulk {
    /// Changes the column in the rows that a filter finds, in the session's transaction, which is the caller's to
    /// commit or to roll back: for more rows than one wants to [stage](super). What it knows of rows that are written
    /// is let go of ([`DynSession::clear`]; what was pending is written first), so that the session does not grow with
    /// them.
    ///
    /// `each` is given pages of rows with what becomes of them, before any of a page is written. It takes out of a page
    /// what is not to be changed, and ends the whole by a break; that page is not written then. Rows come in the order
    /// of their keys, each once, also those that the filter finds no more once they are changed, and are locked on
    /// servers. Returns whether all rows were gone through.
    ///
    /// ```
    /// # mod schema { diesel::table! { books (id) { id -> BigInt, title -> Text, price -> Nullable<BigInt> } } }
    /// # use persistence::{Entity, Memory, Repository, Decimal};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::books)]
    /// # struct Book { #[entity(key, generated)] id: i64, title: String, price: Option<Decimal<2>> }
    /// use std::ops::ControlFlow;
    ///
    /// use persistence::Filter;
    /// use persistence::staging::bulk::{Bulk, BulkChange, BulkOutcome, Calculation};
    ///
    /// # let mut memory = Memory::new().with::<Book>();
    /// # let book = |units: i64| NewBook { title: "Dune".into(), price: Some(Decimal::from_units(units)) };
    /// # let _: Vec<Book> = memory.insert_many(vec![book(1_000), book(5)])?;
    /// # memory.commit()?;
    /// let catalog = memory.catalog();
    /// let dearer = BulkChange::Calculate(Calculation::Percent("10".parse()?));
    /// let bulk = Bulk::new(catalog.entry("books")?, "price", dearer)?;
    /// let mut session = catalog.writing_session()?;
    /// let mut changed = 0;
    /// bulk.write(&mut *session, &Filter::All, |page| {
    ///     page.retain(|(_, outcome)| matches!(outcome, BulkOutcome::Changed { .. }));
    ///     changed += page.len();
    ///     ControlFlow::Continue(())
    /// })?;
    /// session.commit()?;
    /// assert_eq!(changed, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Filter`](crate::Error::Filter) when the filter does not fit the entity; those of
    /// [`apply`](DynSession#method.apply): a row that somebody else changes meanwhile is a
    /// [conflict](crate::Error::Conflict). What was written by then is in the transaction: roll it back.
    pub fn write(
        &self,
        session: &mut dyn DynSession,
        filter: &Filter,
        mut each: impl FnMut(&mut Vec<(Record, BulkOutcome)>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        session.flush()?;
        let nothing = Staging::new(&[]);
        let query = <Query>::new().filter(filter.clone()).for_update();
        let mut start = PageStart::First;
        loop {
            let mut repository = session.repository(self.meta().table)?;
            let Page { rows, next, .. } = repository.page(&query, &start, ROWS_AT_ONCE)?;
            drop(repository);
            let with_outcome = |row| {
                let outcome = self.outcome(&nothing, &row);
                (row, outcome)
            };
            let mut page: Vec<_> = rows.into_iter().map(with_outcome).collect();
            if each(&mut page).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            let edits = page.iter().filter_map(|(row, outcome)| self.edit(row, outcome));
            let edits: Vec<Edit> = edits.collect();
            session.apply(&edits)?;
            session.clear();
            match next {
                Some(next) => start = next,
                None => return Ok(ControlFlow::Continue(())),
            }
        }
    }

    /// Returns what makes of a row what becomes of it.
    fn edit(&self, row: &Record, outcome: &BulkOutcome) -> Option<Edit> {
        let BulkOutcome::Changed { after, .. } = outcome else { return None };
        let mut mine = row.clone();
        mine.set(self.position(), after.clone());
        Edit::between(self.meta(), Some(row), Some(&mine))
    }
}
