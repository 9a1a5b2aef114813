//! A repository that may do what is permitted: it asks the rules, then that of the session.

use super::Rules;
use super::rules::require_known;
use crate::backend::{Index, Plan};
use crate::catalog::{DynRepository, DynSession};
use crate::edit::Edit;
use crate::entity::{EntityMeta, Fill};
use crate::error::{Error, Result};
use crate::filter::{Filter, known};
use crate::lengths::Lengths;
use crate::permissions::Action;
use crate::query::{Cursor, Page, PageStart, Query, Stride};
use crate::sealed::Sealed;
use crate::statistics::ColumnStatistics;
use crate::value::{Record, RecordKey, Value};

/// A repository that may do what is permitted.
pub(super) struct PermittedRepository<'s> {
    session: &'s mut (dyn DynSession + 's),
    rules: &'s Rules,
    meta: &'static EntityMeta,
}

impl<'s> PermittedRepository<'s> {
    pub(super) fn new(
        session: &'s mut (dyn DynSession + 's),
        rules: &'s Rules,
        meta: &'static EntityMeta,
    ) -> Self {
        Self { session, rules, meta }
    }

    /// Does something with the session's own.
    fn inner<T>(&mut self, work: impl FnOnce(&mut dyn DynRepository) -> Result<T>) -> Result<T> {
        let mut repository = self.session.repository(self.meta.table)?;
        work(&mut *repository).map_err(|error| self.rules.shown_error(error))
    }

    fn shown(&self, row: Record) -> Record {
        self.rules.shown(self.meta, row).unwrap_or_default()
    }

    fn shown_all(&self, rows: Vec<Record>) -> Vec<Record> {
        rows.into_iter().filter_map(|row| self.rules.shown(self.meta, row)).collect()
    }

    /// Returns a query that finds what may be seen.
    fn permitted(&self, query: &Query) -> Result<Query> {
        self.rules.require_query(self.meta, query)?;
        let mut query = query.clone();
        query.filter = self.rules.narrowed(self.meta, &query.filter);
        Ok(query)
    }

    /// Returns a filter that finds what may be seen.
    fn permitted_filter(&self, filter: &Filter) -> Result<Filter> {
        self.rules.require_filter(self.meta, filter)?;
        Ok(self.rules.narrowed(self.meta, filter))
    }

    fn require_new(&self, rows: &[Record]) -> Result<()> {
        self.rules.require(self.meta, Action::Add)?;
        rows.iter().try_for_each(|row| require_known(self.meta, row))
    }

    /// Writes one edit, which names no column that is masked; returns what is stored now.
    fn write(&mut self, edit: Edit) -> Result<Option<Record>> {
        let applied = self.session.apply(&[edit]).map_err(|error| self.rules.shown_error(error))?;
        Ok(applied.rows.into_iter().next().and_then(|row| row.after))
    }
}

impl Sealed for PermittedRepository<'_> {}

impl DynRepository for PermittedRepository<'_> {
    fn meta(&self) -> &'static EntityMeta {
        self.meta
    }

    fn find(&mut self, key: &RecordKey) -> Result<Option<Record>> {
        let found = self.inner(|it| it.find(key))?;
        Ok(found.and_then(|row| self.rules.shown(self.meta, row)))
    }

    fn list(&mut self, query: &Query) -> Result<Vec<Record>> {
        let query = self.permitted(query)?;
        let rows = self.inner(|it| it.list(&query))?;
        Ok(self.shown_all(rows))
    }

    fn page(&mut self, query: &Query, start: &PageStart, size: u64) -> Result<Page<Record>> {
        let query = self.permitted(query)?;
        let Page { rows, previous, next } = self.inner(|it| it.page(&query, start, size))?;
        Ok(Page { rows: self.shown_all(rows), previous, next })
    }

    fn stride(&mut self, query: &Query, after: Option<&Cursor>, rows: u64) -> Result<Stride> {
        let query = self.permitted(query)?;
        self.inner(|it| it.stride(&query, after, rows))
    }

    fn lengths(&mut self, keys: &[RecordKey]) -> Result<Vec<Lengths>> {
        let mut all = self.inner(|it| it.lengths(keys))?;
        for position in 0..self.meta.columns.len() {
            let is_searched = self
                .meta
                .columns
                .get(position)
                .map(|it| self.rules.require_search(self.meta, it.name));
            if is_searched.is_some_and(|it| it.is_err()) {
                for lengths in &mut all {
                    lengths.forget(position);
                }
            }
        }
        Ok(all)
    }

    fn count(&mut self, filter: &Filter) -> Result<u64> {
        let filter = self.permitted_filter(filter)?;
        self.inner(|it| it.count(&filter))
    }

    fn estimate(&mut self, filter: &Filter) -> Result<Option<u64>> {
        let filter = self.permitted_filter(filter)?;
        self.inner(|it| it.estimate(&filter))
    }

    fn explain(&mut self, query: &Query, start: &PageStart, size: u64) -> Result<Plan> {
        let query = self.permitted(query)?;
        self.inner(|it| it.explain(&query, start, size))
    }

    fn indexes(&mut self) -> Result<Vec<Index>> {
        self.inner(|it| it.indexes())
    }

    fn distinct(&mut self, column: &str, filter: &Filter, size: u64) -> Result<Vec<(Value, u64)>> {
        self.rules.require_search(self.meta, known(self.meta, column)?.name)?;
        let filter = self.permitted_filter(filter)?;
        self.inner(|it| it.distinct(column, &filter, size))
    }

    fn statistics(&mut self, column: &str, filter: &Filter) -> Result<ColumnStatistics> {
        self.rules.require_search(self.meta, known(self.meta, column)?.name)?;
        let filter = self.permitted_filter(filter)?;
        self.inner(|it| it.statistics(column, &filter))
    }

    fn sum(&mut self, columns: &[&str], filter: &Filter) -> Result<Vec<Value>> {
        for column in columns {
            self.rules.require_search(self.meta, known(self.meta, column)?.name)?;
        }
        let filter = self.permitted_filter(filter)?;
        self.inner(|it| it.sum(columns, &filter))
    }

    fn insert(&mut self, row: Record) -> Result<Record> {
        self.require_new(std::slice::from_ref(&row))?;
        let row = self.inner(|it| it.insert(row))?;
        Ok(self.shown(row))
    }

    fn insert_many(&mut self, rows: Vec<Record>) -> Result<Vec<Record>> {
        self.require_new(&rows)?;
        let rows = self.inner(|it| it.insert_many(rows))?;
        Ok(self.shown_all(rows))
    }

    fn insert_with_keys(&mut self, rows: Vec<Record>) -> Result<Vec<Record>> {
        self.require_new(&rows)?;
        let rows = self.inner(|it| it.insert_with_keys(rows))?;
        Ok(self.shown_all(rows))
    }

    fn update_from(&mut self, base: &Record, mine: Record) -> Result<Record> {
        self.rules.require(self.meta, Action::Change)?;
        let columns = self.meta.columns.iter().enumerate();
        let changed = columns.filter(|(position, column)| {
            let is_given = !matches!(column.fill, Fill::Version | Fill::Computed);
            is_given && base.value(*position) != mine.value(*position)
        });
        for (position, _) in changed {
            self.rules.require_change(self.meta, position)?;
        }
        if !self.rules.has_masks(self.meta) {
            return self.inner(|it| it.update_from(base, mine));
        }
        // What is masked is not compared, and so not written.
        let key = self.meta.key_of(base);
        match Edit::between(self.meta, Some(base), Some(&mine)) {
            Some(edit) => self.write(edit)?,
            None => self.inner(|it| it.find(&key))?,
        }
        .map(|row| self.shown(row))
        .ok_or_else(|| Error::NotFound {
            entity: self.meta.name,
            wanted: Filter::key(self.meta, &key).to_string(),
        })
    }

    fn delete(&mut self, key: &RecordKey) -> Result<()> {
        self.rules.require_deletion(self.session, self.meta, key)?;
        self.inner(|it| it.delete(key))
    }

    fn delete_from(&mut self, base: &Record) -> Result<()> {
        let key = self.meta.key_of(base);
        self.rules.require_deletion(self.session, self.meta, &key)?;
        if !self.rules.has_masks(self.meta) {
            return self.inner(|it| it.delete_from(base));
        }
        let edit = Edit::between(self.meta, Some(base), None);
        edit.map_or(Ok(()), |edit| self.write(edit).map(drop))
    }

    fn delete_where(&mut self, filter: &Filter) -> Result<u64> {
        self.rules.require_deletions(self.meta)?;
        let filter = self.permitted_filter(filter)?;
        self.inner(|it| it.delete_where(&filter))
    }

    fn update_where(&mut self, filter: &Filter, assignments: &[(String, Value)]) -> Result<u64> {
        self.rules.require(self.meta, Action::Change)?;
        for (column, _) in assignments {
            let column = known(self.meta, column)?;
            let position = self.meta.position(column.name).unwrap_or_default();
            self.rules.require_change(self.meta, position)?;
        }
        let filter = self.permitted_filter(filter)?;
        self.inner(|it| it.update_where(&filter, assignments))
    }
}
