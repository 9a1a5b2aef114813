//! Finds out, in bounded steps and beside everything a person waits for, how many rows a query has
//! and where every so many of them are.

use persistence::edit::Written;
use persistence::{Cursor, EntityMeta, Filter, Order};

use super::positions::{Shift, finds_the_same};
use super::row_index::{Mark, RowIndex};
use crate::grid::source::Progress;
use crate::tasks::{ScanStep, Scanned, Walk};

/// Skips by key that make one interval in which a filter's rows are counted.
const SPAN: usize = 8;

/// Intervals that are counted of one request at most.
const INTERVALS: usize = 256;

/// A scan of one query of one entity, and of all its rows, on which it builds.
///
/// All rows are passed over in skips by their primary key. A filter is then counted from each
/// of these positions to the next: each step looks at a bounded number of rows, however few it finds,
/// and how far it is is known. Another order is passed over in skips of its own, where an index
/// keeps it.
#[derive(Debug)]
pub struct Scan {
    meta: &'static EntityMeta,
    /// All rows, by their primary key.
    all: Pass,
    /// The query's rows, where these are not all by their primary key.
    query: Option<Pass>,
    filter: Filter,
    order: Order,
    /// About how many rows the entity has.
    estimate: u64,
    is_stopped: bool,
}

/// One way through an entity's rows.
#[derive(Debug, Default)]
struct Pass {
    /// What is known, while it is found out anew also what was known before.
    known: RowIndex,
    /// What is being found out.
    coming: Option<RowIndex>,
    /// Whether it can be passed over in steps at all.
    is_impossible: bool,
}

impl Pass {
    fn begun() -> Self {
        Self { coming: Some(RowIndex::default()), ..Self::default() }
    }

    /// Starts over; what is known is used until it is replaced.
    fn restart(&mut self) {
        self.coming = Some(RowIndex::default());
    }

    fn is_done(&self) -> bool {
        self.is_impossible || self.coming.is_none()
    }

    /// Takes in what a write has done to its order.
    fn shift(&mut self, shift: &Shift) {
        match shift {
            Shift::Nothing => {}
            Shift::At(positions) => {
                self.known.shift(positions);
                if let Some(coming) = &mut self.coming {
                    coming.shift(positions);
                }
            }
            Shift::Somewhere(growth) => {
                self.known.grow(*growth);
                self.restart();
            }
        }
    }

    fn before(&self, row: u64) -> Option<&Mark> {
        let coming = self.coming.as_ref().and_then(|coming| coming.before(row));
        [self.known.before(row), coming].into_iter().flatten().max_by_key(|mark| mark.rows)
    }

    /// Takes the rest; returns whether something else was known before.
    fn finish(&mut self, rows: u64) -> bool {
        let Some(mut done) = self.coming.take() else { return false };
        done.finish(rows);
        let is_other = self.known.total().is_some() && self.known != done;
        self.known = done;
        is_other
    }

    /// Returns the positions found so far.
    fn found(&self) -> &[Mark] {
        self.coming.as_ref().map_or(&[], RowIndex::marks)
    }

    fn total(&self) -> Option<u64> {
        self.known.total()
    }
}

impl Scan {
    /// Makes a scan of all rows of an entity.
    #[must_use]
    pub fn new(meta: &'static EntityMeta) -> Self {
        Self {
            meta,
            all: Pass::begun(),
            query: None,
            filter: Filter::All,
            order: Order::default(),
            estimate: 0,
            is_stopped: false,
        }
    }

    /// Sets about how many rows the entity has, which decides how far apart marks are set.
    pub const fn set_estimate(&mut self, rows: u64) {
        self.estimate = rows;
    }

    /// Returns about how many rows the query has, before they have been counted.
    #[must_use]
    pub fn guess(&self) -> Option<u64> {
        (self.filter == Filter::All && self.estimate > 0).then_some(self.estimate)
    }

    /// Sets another query to scan.
    pub fn set_query(&mut self, filter: &Filter, order: &Order) {
        self.filter = filter.clone();
        self.order = order.clone();
        self.is_stopped = false;
        let is_all_by_key = *filter == Filter::All && self.is_by_key();
        self.query = (!is_all_by_key).then(Pass::begun);
    }

    /// Starts everything anew, because rows may have come or gone.
    pub fn restart(&mut self) {
        self.is_stopped = false;
        self.all.restart();
        if let Some(pass) = &mut self.query {
            pass.restart();
        }
    }

    /// Takes in writes of our own: what is known stays true where the rows' values say how, the
    /// rest is found out anew. How many rows the query has more, if that is known.
    pub fn write(&mut self, rows: &[Written]) -> Option<i64> {
        let shift = Shift::of(self.meta, &Order::default(), rows);
        self.is_stopped &= !matches!(shift, Shift::Somewhere(_));
        self.all.shift(&shift);
        if self.filter == Filter::All {
            if let Some(pass) = &mut self.query {
                let shift = Shift::of(self.meta, &self.order, rows);
                self.is_stopped &= !matches!(shift, Shift::Somewhere(_));
                pass.shift(&shift);
            }
            Some(rows.iter().map(Written::growth).sum())
        } else if finds_the_same(self.meta, &self.filter, rows) {
            Some(0)
        } else {
            self.restart_query();
            None
        }
    }

    /// Starts the query's part anew, because which rows it has, or in which order, may have
    /// changed.
    pub fn restart_query(&mut self) {
        if let Some(pass) = &mut self.query {
            self.is_stopped = false;
            pass.restart();
        }
    }

    /// Returns whether all that can be known is known, and nothing is found out anew.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.all.is_done() && self.query.as_ref().is_none_or(Pass::is_done)
    }

    /// Leaves it at what is known.
    pub const fn stop(&mut self) {
        self.is_stopped = true;
    }

    /// Returns the last known position before a row of the query.
    #[must_use]
    pub fn before(&self, row: u64) -> Option<&Mark> {
        match &self.query {
            None => self.all.before(row),
            // What is counted from key to key says where rows are only in the order of the key.
            Some(_) if self.filter != Filter::All && !self.is_by_key() => None,
            Some(pass) => pass.before(row),
        }
    }

    /// Returns how many rows the entity has, once they have been counted.
    #[must_use]
    pub fn all_rows(&self) -> Option<u64> {
        self.all.total()
    }

    /// Returns how many rows the query has, once they have been counted.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        match &self.query {
            Some(pass) if self.filter != Filter::All => pass.total(),
            _ => self.all.total(),
        }
    }

    /// Returns how far the counting of a filter's rows is, while it goes on.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        let pass = self.query.as_ref().filter(|_| self.filter != Filter::All)?;
        if self.is_stopped || pass.is_done() {
            return None;
        }
        let found = pass.coming.as_ref().map_or(0, RowIndex::rows_so_far);
        let share = pass.found().len() as f32 / (self.all.known.marks().len() / SPAN + 1) as f32;
        Some(Progress { found, share })
    }

    /// Returns the next step, if there is anything left to find out.
    #[must_use]
    pub fn request(&self) -> Option<ScanStep> {
        if self.is_stopped {
            return None;
        }
        let table = self.meta.table;
        let step = RowIndex::step(self.estimate.max(self.all.known.rows_so_far()));
        if !self.all.is_done() {
            let walk = skips(&self.all, Order::default(), step);
            return Some(ScanStep { table, filter: Filter::All, walk });
        }
        let pass = self.query.as_ref().filter(|pass| !pass.is_done())?;
        let filter = self.filter.clone();
        let walk = if filter == Filter::All {
            skips(pass, self.order.clone(), step)
        } else if self.meta.key.len() == 1 {
            self.intervals(pass)
        } else {
            Walk::Whole
        };
        Some(ScanStep { table, filter, walk })
    }

    /// Returns the next intervals from one known key to the next.
    fn intervals(&self, pass: &Pass) -> Walk {
        let done = pass.found();
        let rest = boundaries(&self.all, done.len());
        Walk::Intervals {
            start: done.last().map(|mark| mark.position.clone()),
            is_last: rest.clone().nth(INTERVALS).is_none(),
            ends: rest.take(INTERVALS).map(|mark| mark.position.clone()).collect(),
        }
    }

    /// Takes what a step found; returns whether the scan that asked for it is now complete, and has
    /// found something else than was known before.
    pub fn take(&mut self, scanned: Scanned) -> bool {
        let (found, rest) = match scanned {
            Scanned::Skips { ends, step, rest } => {
                (ends.into_iter().map(|end| (step, end)).collect(), rest)
            }
            Scanned::Intervals { counts, rest } => (self.reached(counts), rest),
            Scanned::Whole(rows) => (Vec::new(), Some(rows)),
            Scanned::Unordered => {
                if let Some(pass) = self.current() {
                    pass.is_impossible = true;
                    pass.coming = None;
                }
                return false;
            }
        };
        let Some(pass) = self.current() else { return false };
        if let Some(coming) = &mut pass.coming {
            for (rows, end) in found {
                coming.push(rows, end);
            }
        }
        rest.is_some_and(|rest| pass.finish(rest))
    }

    /// Returns the pass that is under way.
    fn current(&mut self) -> Option<&mut Pass> {
        if self.all.is_done() { self.query.as_mut() } else { Some(&mut self.all) }
    }

    /// Returns where the next intervals end, with the rows in each.
    fn reached(&self, counts: Vec<u64>) -> Vec<(u64, Cursor)> {
        let done = self.query.as_ref().map_or(0, |pass| pass.found().len());
        let ends = boundaries(&self.all, done).map(|mark| mark.position.clone());
        counts.into_iter().zip(ends).collect()
    }

    fn is_by_key(&self) -> bool {
        // Every order ends in the key: none and the key itself are the same.
        let by_key = Order::default().resolve(self.meta);
        self.order.clone().resolve(self.meta).ok() == by_key.ok()
    }
}

/// Returns where the intervals end in which a filter's rows are counted, without so many of them.
fn boundaries(all: &Pass, done: usize) -> impl Iterator<Item = &Mark> + Clone {
    all.known.marks().iter().skip(SPAN - 1).step_by(SPAN).skip(done)
}

fn skips(pass: &Pass, order: Order, step: u64) -> Walk {
    let after: Option<Cursor> = pass.found().last().map(|mark| mark.position.clone());
    Walk::Skips { order, after, step }
}
