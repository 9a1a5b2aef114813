//! A typed repository as one whose types are known only at run time.

use std::marker::PhantomData;

use crate::backend::{Index, Plan};
use crate::browse::Browse;
use crate::catalog::DynRepository;
use crate::drafting::all_assigned;
use crate::entity::{ColumnMeta, Draft, Entity, EntityMeta, Fill};
use crate::error::{Conflict, FieldError, Invalid, Result};
use crate::fill::filled_where;
use crate::filter::Filter;
use crate::lengths::Lengths;
use crate::query::{Cursor, Page, PageStart, Query, RowLock, Stride};
use crate::repository::Assignment;
use crate::scalar::PrimaryKey;
use crate::sealed::Sealed;
use crate::statistics::ColumnStatistics;
use crate::value::{Record, RecordKey, Value};

/// The repository of `E` that `R` is, seen as a [`DynRepository`].
pub(crate) struct Erased<'r, E, R> {
    repository: &'r mut R,
    entity: PhantomData<fn() -> E>,
}

impl<'r, E: Entity, R: Browse<E>> Erased<'r, E, R> {
    pub(crate) const fn new(repository: &'r mut R) -> Self {
        Self { repository, entity: PhantomData }
    }
}

/// Turns a key into that of an entity whose type is known.
pub(crate) fn key_of<E: Entity>(key: &RecordKey) -> Result<E::Key> {
    let names = || E::meta().names(E::meta().key).join(", ");
    Ok(E::Key::from_record_key(key.clone()).map_err(|error| Invalid {
        entity: E::meta().name,
        errors: vec![FieldError::of_value(&names(), &error)],
    })?)
}

fn draft<E: Entity>(row: Record) -> Result<E::Draft> {
    E::meta().check_width(&row)?;
    Ok(E::Draft::from_record(row)?)
}

impl<E, R> Sealed for Erased<'_, E, R> {}

impl<E: Entity, R: Browse<E>> DynRepository for Erased<'_, E, R> {
    fn meta(&self) -> &'static EntityMeta {
        E::meta()
    }

    fn find(&mut self, wanted: &RecordKey) -> Result<Option<Record>> {
        let is_stored_oddly = wanted.0.iter().any(|part| part.is_null() || part.as_raw().is_some());
        if !is_stored_oddly {
            key_of::<E>(wanted)?;
        }
        let mut query = Query::<E>::new().limit(1);
        query.filter = Filter::key(E::meta(), wanted);
        Ok(self.repository.records(&query)?.pop())
    }

    fn list(&mut self, query: &Query) -> Result<Vec<Record>> {
        self.repository.records(&query.clone().retype())
    }

    fn page(&mut self, query: &Query, start: &PageStart, size: u64) -> Result<Page<Record>> {
        self.repository.record_page(&query.clone().retype(), start, size)
    }

    fn stride(&mut self, query: &Query, after: Option<&Cursor>, rows: u64) -> Result<Stride> {
        self.repository.stride(&query.clone().retype(), after, rows)
    }

    fn lengths(&mut self, keys: &[RecordKey]) -> Result<Vec<Lengths>> {
        // Of a row whose key is stored oddly nothing is known.
        let known: Vec<Option<E::Key>> =
            keys.iter().map(|key| E::Key::from_record_key(key.clone()).ok()).collect();
        let asked: Vec<E::Key> = known.iter().flatten().cloned().collect();
        let mut lengths = self.repository.lengths(&asked)?.into_iter();
        let found = known.iter().map(|key| key.as_ref().and_then(|_| lengths.next()));
        Ok(found.map(Option::unwrap_or_default).collect())
    }

    fn count(&mut self, filter: &Filter) -> Result<u64> {
        self.repository.count(filter)
    }

    fn estimate(&mut self, filter: &Filter) -> Result<Option<u64>> {
        self.repository.estimate(filter)
    }

    fn explain(&mut self, query: &Query, start: &PageStart, size: u64) -> Result<Plan> {
        self.repository.explain(&query.clone().retype(), start, size)
    }

    fn indexes(&mut self) -> Result<Vec<Index>> {
        self.repository.indexes()
    }

    fn distinct(&mut self, column: &str, filter: &Filter, size: u64) -> Result<Vec<(Value, u64)>> {
        self.repository.distinct(column, filter, size)
    }

    fn statistics(&mut self, column: &str, filter: &Filter) -> Result<ColumnStatistics> {
        self.repository.statistics(column, filter)
    }

    fn sum(&mut self, columns: &[&str], filter: &Filter) -> Result<Vec<Value>> {
        self.repository.sum(columns, filter)
    }

    fn insert(&mut self, row: Record) -> Result<Record> {
        Ok(self.repository.insert(draft::<E>(row)?)?.to_record())
    }

    fn insert_many(&mut self, rows: Vec<Record>) -> Result<Vec<Record>> {
        let drafts = rows.into_iter().map(draft::<E>).collect::<Result<_>>()?;
        Ok(self.repository.insert_many(drafts)?.iter().map(Entity::to_record).collect())
    }

    fn insert_with_keys(&mut self, rows: Vec<Record>) -> Result<Vec<Record>> {
        let meta = E::meta();
        let given = |row| {
            meta.check_width(&row)?;
            let row = filled_where(meta, row, |fill| fill != Fill::Generated);
            E::from_record(meta.coerce(row)?)
        };
        let rows = rows.into_iter().map(given).collect::<Result<_, Invalid>>()?;
        Ok(self.repository.insert_with_keys(rows)?.iter().map(Entity::to_record).collect())
    }

    fn update_from(&mut self, base: &Record, mine: Record) -> Result<Record> {
        E::meta().check_width(&mine)?;
        self.repository.update_record(base, mine)
    }

    fn delete(&mut self, wanted: &RecordKey) -> Result<()> {
        E::meta().coerce_key(wanted)?;
        self.repository.delete_record(wanted)
    }

    fn delete_from(&mut self, base: &Record) -> Result<()> {
        if let Ok(base) = E::from_record(base.clone()) {
            return self.repository.delete_from(&base);
        }
        // A row with an odd cell can be deleted as well, as long as it is as it was read.
        let meta = E::meta();
        let key = meta.key_of(base);
        let mut query = Query::<E>::new().limit(1);
        query.filter = Filter::key(meta, &key);
        query.lock = Some(RowLock::Wait);
        let theirs = self.repository.records(&query)?.pop();
        if theirs.as_ref() == Some(base) {
            return self.repository.delete_record(&key);
        }
        let base = Some(base.clone());
        Err(Conflict { entity: meta.name, key, base, mine: None, theirs }.into())
    }

    fn delete_where(&mut self, filter: &Filter) -> Result<u64> {
        self.repository.delete_where(filter)
    }

    fn update_where(&mut self, filter: &Filter, assignments: &[(String, Value)]) -> Result<u64> {
        let assignments: Vec<_> = assignments
            .iter()
            .map(|(column, value)| Assignment::dynamic(column.clone(), value.clone()))
            .collect();
        self.repository.update_where(filter, &assignments)
    }
}

/// Returns the columns and values of assignments, checked against the entity.
pub(crate) fn resolve_assignments<E: Entity>(
    assignments: &[Assignment<E>],
) -> Result<Vec<(&'static ColumnMeta, Value)>> {
    let meta = E::meta();
    let cell = |assignment: &Assignment<E>| {
        let column = crate::filter::known(meta, &assignment.column)?;
        Ok((column, assignment.value.clone()))
    };
    let cells: Vec<_> = assignments.iter().map(cell).collect::<Result<_>>()?;
    Ok(all_assigned(meta, cells)?)
}
