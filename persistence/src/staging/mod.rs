//! Edits that are staged: collected, looked at, taken back and checked before any of them is written.
//!
//! A [`Staging`] is plain data. It knows what a person wants rows to become, by table and key, and
//! what these rows were when that was said. It reads and writes nothing by itself:
//!
//! 1. [`act`](Staging::act) stages what a person did, however many cells that was, as one
//!    [`Step`]; [`undo`](Staging::undo) and [`redo`](Staging::redo) go over these without limit.
//! 2. [`reread`](Staging::reread) takes in what the database has by now. What others changed in
//!    columns that nobody staged merges by itself; in the same columns it is a
//!    [conflict](Staging::conflict), until somebody [decides](Act::keep_mine).
//! 3. [`edits`](Staging::edits) are what [`DynSession::apply`](crate::DynSession) writes, in one unit
//!    of work; [`finish`](Staging::finish) forgets them once that is committed.
//!
//! Each of these returns the [`Step`] that it was. Steps can be kept in a file and
//! [taken](Staging::take) again, one after the other: then a staging area is again what it was. A
//! [`journal`] is such a file; [`interrupted`] finds out how a commit ended that was interrupted.
//!
//! ```
//! # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text, age -> Nullable<BigInt> } } }
//! # use persistence::{Entity, Memory, Repository};
//! # #[derive(Clone, Debug, PartialEq, Entity)]
//! # #[entity(table = schema::users)]
//! # struct User { #[entity(key, generated)] id: i64, name: String, age: Option<i64> }
//! use persistence::staging::Staging;
//!
//! let mut memory = Memory::new().with::<User>();
//! let ada: User = memory.insert(NewUser { name: "Ada".into(), age: None })?;
//! memory.commit()?;
//! let (users, ada) = (User::meta(), ada.to_record());
//!
//! let catalog = memory.catalog();
//! let mut staging = Staging::new(catalog.entries());
//! let mut act = staging.act();
//! act.set(users, &ada, "name", "Grace".into())?;
//! act.set(users, &ada, "age", 36.into())?;
//! let hedy = act.insert(users)?;
//! act.set_new(&hedy, "name", "Hedy".into())?;
//! act.finish();
//! assert_eq!(staging.len(), 2);
//! staging.undo();
//! assert!(staging.is_empty());
//! staging.redo();
//!
//! let mut session = catalog.session()?;
//! session.apply(&staging.edits().unwrap())?;
//! session.commit()?;
//! staging.finish();
//! # let mut names: Vec<_> = memory.list(&Default::default())?.into_iter().map(|user: User| user.name).collect();
//! # names.sort();
//! # assert_eq!(names, ["Grace", "Hedy"]);
//! # Ok::<(), persistence::Error>(())
//! ```

mod act;
pub mod bulk;
mod columns;
mod conflicts;
mod counts;
mod edits;
pub mod journal;
mod outcome;
mod row;
mod step;

use std::borrow::Cow;
use std::sync::Arc;

use imbl::{OrdMap, Vector};

use crate::catalog::{CatalogEntry, no_entity};
use crate::entity::EntityMeta;
use crate::error::Result;
use crate::value::Record;

pub use act::Act;
pub use columns::Columns;
pub use conflicts::Conflict;
pub use counts::StagedCounts;
use counts::{Counts, StagedKind};
pub use edits::{Obstacle, ObstacleKind};
pub use outcome::{Outcome, interrupted};
use row::{Meant, StoredRow};
pub use row::{RowId, RowKey, StagedRow, StagedValue};
pub use step::Step;

/// Edits that are staged; see the [module](self).
///
/// A copy takes no time, however much is staged, and shares with this one all that neither of them changes:
/// another thread can work on one, or keep it, while this one goes on.
#[derive(Clone, Debug)]
pub struct Staging {
    entries: Arc<[CatalogEntry]>,
    /// What acts came to. What a row has become already by itself is among it: the row may become something
    /// else again.
    meant: OrdMap<RowId, Meant>,
    /// What is left of that.
    rows: OrdMap<RowId, Arc<StagedRow>>,
    /// The rows of the database of which something is staged, or could be by undoing and doing again.
    stored: OrdMap<RowId, StoredRow>,
    undo: Vector<Done>,
    redo: Vector<Done>,
    /// How many these are, by their tables.
    counts: Counts,
    /// The number of the last new row.
    last_new: u32,
}

/// What an act has made of rows.
#[derive(Clone, Debug)]
struct Done(Arc<[Became]>);

/// What was staged of a row before an act, and after it.
#[derive(Clone, Debug)]
struct Became {
    row: RowId,
    before: Option<Meant>,
    after: Option<Meant>,
}

impl Staging {
    /// Makes one for rows of these entities, in which nothing is staged.
    #[must_use]
    pub fn new(entries: &[CatalogEntry]) -> Self {
        Self {
            entries: entries.into(),
            meant: OrdMap::new(),
            rows: OrdMap::new(),
            stored: OrdMap::new(),
            undo: Vector::new(),
            redo: Vector::new(),
            counts: Counts::default(),
            last_new: 0,
        }
    }

    /// Returns the entity of a table, where its rows can be staged.
    #[must_use]
    pub fn entity(&self, table: &str) -> Option<&'static EntityMeta> {
        self.entry(table).ok().map(|entry| entry.meta)
    }

    /// Returns whether nothing is staged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns of how many rows something is staged.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns how many rows are changed, new and to be deleted.
    #[must_use]
    pub fn counts(&self) -> StagedCounts {
        self.counts.all()
    }

    /// Returns how many of a table's rows are changed, new and to be deleted.
    #[must_use]
    pub fn counts_of(&self, table: &str) -> StagedCounts {
        self.counts.of(table)
    }

    /// Returns all rows of which something is staged, table by table; new ones last, as they were added.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = (&RowId, &StagedRow)> {
        self.rows.iter().map(|(row, staged)| (row, &**staged))
    }

    /// Returns the rows of a table of which something is staged; new ones last, as they were added.
    pub fn rows_of<'s>(
        &'s self,
        table: &'s str,
    ) -> impl Iterator<Item = (&'s RowId, &'s StagedRow)> {
        let rows = self.rows.range(RowId::first_of(table)..);
        let rows = rows.take_while(move |(row, _)| row.table == table);
        rows.map(|(row, staged)| (row, &**staged))
    }

    /// Returns the numbers of a table's new rows, as they were added.
    pub fn new_rows_of<'s>(&'s self, table: &'s str) -> impl Iterator<Item = u32> + 's {
        let rows = self.rows.range(RowId::first_new_of(table)..);
        let rows = rows.take_while(move |(row, _)| row.table == table);
        rows.filter_map(|(row, _)| match row.key {
            RowKey::New(number) => Some(number),
            RowKey::Stored(_) => None,
        })
    }

    /// Returns what is staged of a row.
    #[must_use]
    pub fn row(&self, row: &RowId) -> Option<&StagedRow> {
        self.rows.get(row).map(|staged| &**staged)
    }

    /// Returns a row of the database as it was read last, where something is staged of it; `None` where
    /// it is new, or gone.
    #[must_use]
    pub fn stored(&self, row: &RowId) -> Option<&Record> {
        self.stored.get(row)?.now().map(|now| &**now)
    }

    /// Starts to stage what a person does. What is staged by it is undone and done again as one.
    pub fn act(&mut self) -> Act<'_> {
        Act::new(self)
    }

    /// Returns the rows that [`undo`](Self::undo) would be about; none where there is nothing to undo.
    pub fn undoes(&self) -> impl Iterator<Item = &RowId> {
        self.undo.back().into_iter().flat_map(Done::rows)
    }

    /// Returns the rows that [`redo`](Self::redo) would be about; none where there is nothing to do
    /// again.
    pub fn redoes(&self) -> impl Iterator<Item = &RowId> {
        self.redo.back().into_iter().flat_map(Done::rows)
    }

    /// Takes back the last act that is not taken back yet, if there is one.
    pub fn undo(&mut self) -> Option<Step> {
        let done = self.undo.pop_back()?;
        for Became { row, before, .. } in &*done.0 {
            self.put(row, before.clone());
        }
        self.redo.push_back(done);
        Some(Step::Undone)
    }

    /// Does again what was taken back last, if there is something.
    pub fn redo(&mut self) -> Option<Step> {
        let done = self.redo.pop_back()?;
        for Became { row, after, .. } in &*done.0 {
            self.put(row, after.clone());
        }
        self.undo.push_back(done);
        Some(Step::Redone)
    }

    /// Forgets what is staged and what could be undone, because all of it is written, or given up for
    /// good.
    pub fn finish(&mut self) -> Step {
        self.meant.clear();
        self.rows.clear();
        self.stored.clear();
        self.undo.clear();
        self.redo.clear();
        self.counts = Counts::default();
        Step::Finished
    }

    fn entry(&self, table: &str) -> Result<&CatalogEntry> {
        let mut entries = self.entries.iter();
        entries.find(|entry| entry.meta.table == table).ok_or_else(|| no_entity(table))
    }

    /// Returns the entity of a row that is staged.
    fn meta(&self, row: &RowId) -> &'static EntityMeta {
        self.entry(&row.table).expect("only rows of the entities are staged").meta
    }

    /// Returns what is meant by what is left staged of a row.
    fn shown(&self, row: &RowId) -> Option<&Meant> {
        self.rows.get(row).and_then(|_| self.meant.get(row))
    }

    /// Sets what a row is meant to become.
    fn put(&mut self, row: &RowId, meant: Option<Meant>) {
        match meant {
            Some(meant) => self.meant.insert(row.clone(), meant),
            None => self.meant.remove(row),
        };
        self.show(row);
    }

    /// Finds out what is left of what a row is meant to become.
    fn show(&mut self, row: &RowId) {
        let staged = self.meant.get(row).map(|meant| &meant.staged);
        let now = self.stored.get(row).and_then(StoredRow::now);
        let left = staged.and_then(|staged| {
            Some(match staged.left(self.meta(row), now.map(|now| &**now))? {
                Cow::Owned(left) => Arc::new(left),
                Cow::Borrowed(_) => Arc::clone(staged),
            })
        });
        let is = left.as_deref().map(StagedKind::of);
        let was = match left {
            Some(left) => self.rows.insert(row.clone(), left),
            None => self.rows.remove(row),
        };
        self.counts.change(&row.table, was.as_deref().map(StagedKind::of), is);
    }
}

impl Done {
    fn rows(&self) -> impl Iterator<Item = &RowId> {
        self.0.iter().map(|became| &became.row)
    }
}
