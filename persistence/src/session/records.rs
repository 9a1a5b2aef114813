//! Rows whose types are known only at run time, whatever is in their cells: read as they are stored,
//! mended, deleted.

use crate::backend::Dialect;
use crate::entity::{Entity, EntityMeta};
use crate::error::{Conflict, Error, Result};
use crate::filter::Filter;
use crate::paging::{self, Source};
use crate::query::{Cursor, Page, PageStart, Query};
use crate::repository::{Assignment, Repository};
use crate::store::Store;
use crate::value::{Record, RecordKey, Value};

use super::Session;

/// The rows of a session as they are stored.
struct AsStored<'s, C: crate::Engine>(&'s mut Session<C>);

impl<C: Store<E>, E: Entity> Source<E> for AsStored<'_, C> {
    type Row = Record;
    const NULL_SORTS_FIRST: bool = C::Backend::NULL_SORTS_FIRST;

    fn rows(&mut self, query: &Query<E>) -> Result<Vec<Record>> {
        self.0.read(E::meta(), |connection| connection.select_records(query))
    }

    fn place(&mut self, query: &Query<E>) -> Result<Option<Cursor>> {
        Source::<E>::place(self.0, query)
    }

    fn count(&mut self, query: &Query<E>) -> Result<u64> {
        Source::<E>::count(self.0, query)
    }

    fn to_record(row: &Record) -> Record {
        row.clone()
    }
}

impl<C: crate::Engine> Session<C> {
    pub(super) fn records_of<E: Entity>(&mut self, query: &Query<E>) -> Result<Vec<Record>>
    where
        C: Store<E>,
    {
        self.before_reading()?;
        let query = query.resolve(E::meta())?;
        if query.lock.is_some() {
            self.lock_for_writing(E::meta())?;
        }
        paging::list(E::meta(), &query, &mut AsStored(self))
    }

    pub(super) fn page_of_records<E: Entity>(
        &mut self,
        query: &Query<E>,
        start: &PageStart,
        size: u64,
    ) -> Result<Page<Record>>
    where
        C: Store<E>,
    {
        self.before_reading()?;
        if query.lock.is_some() {
            self.lock_for_writing(E::meta())?;
        }
        paging::page(E::meta(), query, start, size, &mut AsStored(self))
    }

    /// The row with that primary key as it is stored.
    fn record_of<E: Entity>(&mut self, key: &RecordKey) -> Result<Option<Record>>
    where
        C: Store<E>,
    {
        let mut query = Query::<E>::new().limit(1);
        query.filter = Filter::key(E::meta(), key);
        Ok(self.records_of(&query)?.pop())
    }

    /// Writes the changed cells of a row in which some cell is no value of its column. What is
    /// written is checked; what is left as it is stays.
    pub(super) fn mend<E: Entity>(&mut self, base: &Record, mine: Record) -> Result<Record>
    where
        C: Store<E>,
    {
        let meta = E::meta();
        let (mut filter, mut assignments) = (Filter::key(meta, &meta.key_of(base)), Vec::new());
        for (position, column) in meta.columns.iter().enumerate() {
            let (before, after) = (base.value(position), mine.value(position));
            if before != after {
                filter = filter.and(is_still(column.name, before));
                assignments.push(Assignment::<E>::dynamic(column.name, after.clone()));
            } else if meta.version == Some(position) {
                filter = filter.and(is_still(column.name, before));
            }
        }
        if assignments.is_empty() {
            return Ok(mine);
        }
        if !has_odd_cell(meta, &mine) {
            E::from_record(mine.clone())?.validate()?;
        }
        let before = meta.key_of(base);
        if !self.one_row::<E>(|session| session.update_where(&filter, &assignments))? {
            let theirs = self.record_of::<E>(&before)?;
            let (base, mine) = (Some(base.clone()), Some(mine));
            return Err(Conflict { entity: meta.name, key: before, base, mine, theirs }.into());
        }
        let key = meta.key_of(&mine);
        self.record_of::<E>(&key)?.ok_or_else(|| missing(meta, &key))
    }

    /// Deletes the row with that primary key, which may be no value of its columns.
    pub(super) fn delete_as_stored<E: Entity>(&mut self, key: &RecordKey) -> Result<()>
    where
        C: Store<E>,
    {
        let filter = Filter::key(E::meta(), key);
        if self.one_row::<E>(|session| Repository::<E>::delete_where(session, &filter))? {
            Ok(())
        } else {
            Err(missing(E::meta(), key))
        }
    }

    /// Runs a bulk statement that is meant for one row; taken back where there were more, as keys
    /// that are NULL are no keys. Returns whether there was one.
    fn one_row<E: Entity>(&mut self, write: impl FnOnce(&mut Self) -> Result<u64>) -> Result<bool>
    where
        C: Store<E>,
    {
        self.savepoint(|session| match write(session)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Error::MultipleFound {
                entity: E::meta().name,
                wanted: "the key of the row that was to be written".to_owned(),
            }),
        })
    }
}

/// Whether some cell of a row is no value of its column.
pub(crate) fn has_odd_cell(meta: &EntityMeta, record: &Record) -> bool {
    let cells = meta.columns.iter().zip(&record.0);
    cells.into_iter().any(|(column, value)| column.is_odd(value))
}

fn is_still(column: &'static str, value: &Value) -> Filter {
    if value.is_null() {
        Filter::IsNull { column: column.into() }
    } else {
        Filter::equals(column, value.clone())
    }
}

fn missing(meta: &EntityMeta, key: &RecordKey) -> Error {
    Error::NotFound { entity: meta.name, wanted: Filter::key(meta, key).to_string() }
}
