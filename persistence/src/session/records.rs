//! Rows whose types are known only at run time, whatever is in their cells: read as they are stored,
//! mended, deleted.

use crate::backend::{Dialect as _, Engine};
use crate::entity::{ColumnMeta, Entity, EntityMeta};
use crate::error::{Conflict, Error, Result};
use crate::filter::Filter;
use crate::paging::{self, Source};
use crate::query::{Cursor, Page, PageStart, Query, RowLock};
use crate::repository::{Assignment, Repository};
use crate::rules::{check_what_fits, newly_broken};
use crate::sql::Untyped;
use crate::store::{Store, table};
use crate::value::{Record, RecordKey, Value};

use super::Session;

/// The rows of a table as a session finds them stored.
pub(super) struct AsStored<'s, C: Engine> {
    pub(super) session: &'s mut Session<C>,
    pub(super) meta: &'static EntityMeta,
}

impl<C: Engine, E> Source<E> for AsStored<'_, C> {
    type Row = Record;
    const NULL_SORTS_FIRST: bool = C::Backend::NULL_SORTS_FIRST;

    fn rows(&mut self, query: &Query<E>) -> Result<Vec<Record>> {
        let meta = self.meta;
        self.session.read(meta, |connection| table::select(connection, Untyped(meta), query))
    }

    fn place(&mut self, query: &Query<E>) -> Result<Option<Cursor>> {
        self.session.place_of(self.meta, query)
    }

    fn count(&mut self, query: &Query<E>) -> Result<u64> {
        self.session.count_up_to(self.meta, query)
    }

    fn to_record(row: &Record) -> Record {
        row.clone()
    }
}

impl<C: Engine> Session<C> {
    pub(super) fn records_of<E>(
        &mut self,
        meta: &'static EntityMeta,
        query: &Query<E>,
    ) -> Result<Vec<Record>> {
        self.before_reading()?;
        let query = query.resolve(meta)?;
        if query.lock.is_some() {
            self.lock_for_writing(meta)?;
        }
        paging::list(meta, &query, &mut AsStored { session: self, meta })
    }

    pub(super) fn page_of_records<E>(
        &mut self,
        meta: &'static EntityMeta,
        query: &Query<E>,
        start: &PageStart,
        size: u64,
    ) -> Result<Page<Record>> {
        self.before_reading()?;
        if query.lock.is_some() {
            self.lock_for_writing(meta)?;
        }
        paging::page(meta, query, start, size, &mut AsStored { session: self, meta })
    }

    /// Reads the place of the first row of a resolved query.
    pub(super) fn place_of<E>(
        &mut self,
        meta: &'static EntityMeta,
        query: &Query<E>,
    ) -> Result<Option<Cursor>> {
        self.read(meta, |connection| table::place(connection, meta, query))
    }

    /// Counts the rows of a resolved query, no further than its limit.
    pub(super) fn count_up_to<E>(
        &mut self,
        meta: &'static EntityMeta,
        query: &Query<E>,
    ) -> Result<u64> {
        let limit = query.limit.unwrap_or(u64::MAX);
        self.read(meta, |connection| {
            table::count_up_to(connection, meta, &query.filter, &query.order, limit)
        })
    }

    /// Counts the rows that a filter finds.
    pub(super) fn count_of(&mut self, meta: &'static EntityMeta, filter: &Filter) -> Result<u64> {
        self.before_reading()?;
        let filter = filter.clone().resolve(meta)?;
        self.read(meta, |connection| table::count(connection, meta, &filter))
    }

    /// Reads the row that a filter finds as it is stored.
    pub(super) fn record_of(
        &mut self,
        meta: &'static EntityMeta,
        filter: Filter,
        lock: Option<RowLock>,
    ) -> Result<Option<Record>> {
        let mut query = <Query>::new().limit(1);
        (query.filter, query.lock) = (filter, lock);
        Ok(self.records_of(meta, &query)?.pop())
    }

    /// Writes the changed cells of a row in which some cell is no value of its column. What is
    /// written is checked; what is left as it is stays.
    pub(super) fn mend<E: Entity>(&mut self, base: &Record, mine: Record) -> Result<Record>
    where
        C: Store<E>,
    {
        if base != &mine {
            check_cells::<E>(base, &mine)?;
        }
        self.savepoint(|session| {
            session.write_cells(E::meta(), base, mine, |session, filter, cells| {
                let assignments: Vec<_> = cells
                    .iter()
                    .map(|(column, value)| Assignment::<E>::dynamic(column.name, value.clone()))
                    .collect();
                session.update_where(filter, &assignments)
            })
        })
    }

    /// Writes the changed cells of a row as long as these, and its version, are as they were read;
    /// returns the row as it is stored then.
    pub(super) fn write_cells(
        &mut self,
        meta: &'static EntityMeta,
        base: &Record,
        mine: Record,
        write: impl FnOnce(&mut Self, &Filter, &[(&'static ColumnMeta, Value)]) -> Result<u64>,
    ) -> Result<Record> {
        let (mut guard, mut cells) = (Vec::from_iter(meta.version), Vec::new());
        for (position, column) in meta.columns.iter().enumerate() {
            if base.value(position) != mine.value(position) {
                guard.push(position);
                cells.push((column, mine.value(position).clone()));
            }
        }
        if cells.is_empty() {
            return Ok(mine);
        }
        let filter = Filter::row(meta, base);
        let theirs = self.locked_record(meta, &filter)?;
        if !theirs.as_ref().is_some_and(|theirs| are_alike(theirs, base, guard))
            || !self.one_row(meta, |session| write(session, &filter, &cells))?
        {
            return Err(self.conflict_of(meta, base, Some(mine), theirs));
        }
        let stored = self.record_of(meta, Filter::row(meta, &mine), None)?;
        stored.ok_or_else(|| missing(meta, &meta.key_of(&mine)))
    }

    /// Reads the row that a filter finds, and locks it, so that nobody else can change it until this
    /// transaction ends.
    pub(super) fn locked_record(
        &mut self,
        meta: &'static EntityMeta,
        filter: &Filter,
    ) -> Result<Option<Record>> {
        self.record_of(meta, filter.clone(), Some(RowLock::Wait))
    }

    /// Makes the error for a row that is not any more as it was read.
    pub(super) fn conflict_of(
        &mut self,
        meta: &'static EntityMeta,
        base: &Record,
        mine: Option<Record>,
        theirs: Option<Record>,
    ) -> Error {
        self.note_conflict(false);
        let (key, base) = (meta.key_of(base), Some(base.clone()));
        Conflict { entity: meta.name, key, base, mine, theirs }.into()
    }

    /// Deletes the row with that primary key, which may be no value of its columns.
    pub(super) fn delete_as_stored<E: Entity>(&mut self, key: &RecordKey) -> Result<()>
    where
        C: Store<E>,
    {
        let filter = Filter::key(E::meta(), &E::meta().coerce_key(key)?);
        if self.one_row(E::meta(), |session| Repository::<E>::delete_where(session, &filter))? {
            Ok(())
        } else {
            Err(missing(E::meta(), key))
        }
    }

    /// Runs a bulk statement that is meant for one row; taken back where there were more, as keys
    /// that are NULL are no keys. Returns whether there was one.
    pub(super) fn one_row(
        &mut self,
        meta: &'static EntityMeta,
        write: impl FnOnce(&mut Self) -> Result<u64>,
    ) -> Result<bool> {
        self.savepoint(|session| match write(session)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Error::MultipleFound {
                entity: meta.name,
                wanted: "the key of the row that was to be written".to_owned(),
            }),
        })
    }
}

/// Returns whether two rows are alike in some columns.
pub(super) fn are_alike(
    one: &Record,
    other: &Record,
    columns: impl IntoIterator<Item = usize>,
) -> bool {
    columns.into_iter().all(|position| one.value(position) == other.value(position))
}

/// Checks a changed row by the entity's own rules, as far as its cells are values of their columns.
fn check_cells<E: Entity>(base: &Record, mine: &Record) -> Result<()> {
    let validate = |row: Record| E::from_record(row).and_then(|row| row.validate());
    let Err(broken) = check_what_fits(E::meta(), mine, validate) else { return Ok(()) };
    let is_changed = |column: usize| base.value(column) != mine.value(column);
    let before = check_what_fits(E::meta(), base, validate);
    Ok(newly_broken(E::meta(), broken, before, is_changed)?)
}

pub(super) fn missing(meta: &EntityMeta, key: &RecordKey) -> Error {
    Error::NotFound { entity: meta.name, wanted: Filter::key(meta, key).to_string() }
}
