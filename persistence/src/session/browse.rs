//! Every session can be browsed, without reading a table's rows into the program.

use std::collections::HashMap;

use super::Session;
use super::records::AsStored;
use crate::backend::{Dialect as _, Engine, Index, Plan};
use crate::browse::Browse;
use crate::entity::{Entity, EntityMeta};
use crate::error::{Error, Result};
use crate::filter::{Filter, known};
use crate::lengths::{self, Lengths};
use crate::paging::{self, Read};
use crate::query::{Cursor, PageStart, Query, Stride};
use crate::repository::Repository;
use crate::scalar::PrimaryKey;
use crate::sealed::Sealed;
use crate::statistics::{self, ColumnStatistics};
use crate::store::{Store, table};
use crate::value::{Record, RecordKey, Value};

/// Rows whose lengths are asked for at once.
const KEYS_PER_STATEMENT: usize = 500;

impl<C: Engine> Sealed for Session<C> {}

impl<C: Store<E>, E: Entity> Browse<E> for Session<C> {
    fn stride(&mut self, query: &Query<E>, after: Option<&Cursor>, rows: u64) -> Result<Stride> {
        self.stride_of(E::meta(), query, after, rows)
    }

    fn lengths(&mut self, keys: &[E::Key]) -> Result<Vec<Lengths>> {
        let keys: Vec<RecordKey> = keys.iter().map(PrimaryKey::to_record_key).collect();
        self.lengths_of(E::meta(), &keys)
    }

    fn estimate(&mut self, filter: &Filter) -> Result<Option<u64>> {
        self.estimate_of(E::meta(), filter)
    }

    fn explain(&mut self, query: &Query<E>, start: &PageStart, size: u64) -> Result<Plan> {
        self.explain_of(E::meta(), query, start, size)
    }

    fn indexes(&mut self) -> Result<Vec<Index>> {
        self.indexes_of(E::meta())
    }

    fn distinct(&mut self, column: &str, filter: &Filter, size: u64) -> Result<Vec<(Value, u64)>> {
        self.distinct_of(E::meta(), column, filter, size)
    }

    fn statistics(&mut self, column: &str, filter: &Filter) -> Result<ColumnStatistics> {
        self.statistics_of(E::meta(), column, filter)
    }

    fn sum(&mut self, columns: &[&str], filter: &Filter) -> Result<Vec<Value>> {
        self.sums_of(E::meta(), columns, filter)
    }

    fn update_record(&mut self, base: &Record, mine: Record) -> Result<Record> {
        let meta = E::meta();
        if meta.has_odd_cell(base) || meta.has_odd_cell(&mine) {
            return self.mend::<E>(base, mine);
        }
        Ok(self.update_from(&E::from_record(base.clone())?, E::from_record(mine)?)?.to_record())
    }

    fn delete_record(&mut self, key: &RecordKey) -> Result<()> {
        match E::Key::from_record_key(key.clone()) {
            Ok(key) => Repository::<E>::delete(self, &key),
            Err(_) => self.delete_as_stored::<E>(key),
        }
    }
}

/// What is asked of a table whose rows need no type.
impl<C: Engine> Session<C> {
    pub(super) fn stride_of<E>(
        &mut self,
        meta: &'static EntityMeta,
        query: &Query<E>,
        after: Option<&Cursor>,
        rows: u64,
    ) -> Result<Stride> {
        self.before_reading()?;
        paging::stride(meta, query, after, rows, &mut AsStored { session: self, meta })
    }

    pub(super) fn lengths_of(
        &mut self,
        meta: &'static EntityMeta,
        keys: &[RecordKey],
    ) -> Result<Vec<Lengths>> {
        self.before_reading()?;
        let mut found = HashMap::new();
        for keys in keys.chunks(KEYS_PER_STATEMENT) {
            let filter = lengths::of_keys(meta, keys).resolve(meta)?;
            found.extend(self.read(meta, |connection| table::lengths(connection, meta, &filter))?);
        }
        Ok(keys.iter().map(|key| found.get(key).cloned().unwrap_or_default()).collect())
    }

    pub(super) fn estimate_of(
        &mut self,
        meta: &'static EntityMeta,
        filter: &Filter,
    ) -> Result<Option<u64>> {
        self.before_reading()?;
        let filter = filter.clone().resolve(meta)?;
        if filter != Filter::All && !C::Backend::PLANS_ROWS {
            return Ok(None);
        }
        let estimate = self.read(meta, |connection| connection.estimate(meta))?;
        if filter != Filter::All {
            // Without statistics it would make something up.
            let Some(all) = estimate.rows else { return Ok(None) };
            let mut query = <Query>::new();
            query.filter = filter;
            let plan = self.read(meta, |connection| table::plan(connection, meta, &query))?;
            return Ok(C::Backend::planned_rows(&plan.lines).map(|rows| rows.min(all)));
        }
        let key_span = self.read(meta, |connection| table::key_span(connection, meta))?;
        Ok(estimate.guess(key_span))
    }

    pub(super) fn explain_of<E>(
        &mut self,
        meta: &'static EntityMeta,
        query: &Query<E>,
        start: &PageStart,
        size: u64,
    ) -> Result<Plan> {
        self.before_reading()?;
        let Read { query, parts } =
            paging::read(meta, query, start, size, C::Backend::NULL_SORTS_FIRST)?;
        let mut whole = Plan::default();
        for filter in parts {
            // Rows that are all wanted and come in order are read up to the end of the page.
            let wants_all = filter == Filter::All;
            let mut part = query.clone();
            part.filter = filter;
            let plan = self.read(meta, |connection| table::plan(connection, meta, &part))?;
            if !whole.sql.is_empty() {
                whole.sql.push_str(";\n");
            }
            whole.sql.push_str(&plan.sql);
            whole.lines.extend(plan.lines);
            whole.sorts |= plan.sorts;
            whole.scans |= plan.scans && (plan.sorts || !wants_all);
        }
        Ok(whole)
    }

    pub(super) fn indexes_of(&mut self, meta: &'static EntityMeta) -> Result<Vec<Index>> {
        self.before_reading()?;
        let live = self.read(meta, |connection| connection.live_table(meta))?;
        let live = live.ok_or_else(|| Error::Schema {
            message: format!("there is no table `{}`", meta.table),
        })?;
        Ok(live.indexes)
    }

    pub(super) fn distinct_of(
        &mut self,
        meta: &'static EntityMeta,
        column: &str,
        filter: &Filter,
        size: u64,
    ) -> Result<Vec<(Value, u64)>> {
        self.before_reading()?;
        let column = statistics::comparable(meta, column)?;
        let filter = filter.clone().resolve(meta)?;
        let position = meta.position(column.name).unwrap_or(usize::MAX);
        self.read(meta, |connection| table::frequencies(connection, meta, position, &filter, size))
    }

    pub(super) fn statistics_of(
        &mut self,
        meta: &'static EntityMeta,
        column: &str,
        filter: &Filter,
    ) -> Result<ColumnStatistics> {
        self.before_reading()?;
        let column = known(meta, column).map_err(Error::from)?;
        let filter = filter.clone().resolve(meta)?;
        let position = meta.position(column.name).unwrap_or(usize::MAX);
        let mut statistics =
            self.read(meta, |connection| table::summary(connection, meta, position, &filter))?;
        let mut bins = statistics::bins(&statistics.min, &statistics.max);
        if !bins.is_empty() {
            let has_value = Filter::IsNull { column: column.name.into() }.not();
            let filter = filter.and(has_value);
            self.read(meta, |connection| {
                table::fill_bins(connection, meta, column, &filter, &mut bins)
            })?;
        }
        statistics.histogram = bins;
        Ok(statistics)
    }

    pub(super) fn sums_of(
        &mut self,
        meta: &'static EntityMeta,
        columns: &[&str],
        filter: &Filter,
    ) -> Result<Vec<Value>> {
        self.before_reading()?;
        let columns = columns
            .iter()
            .map(|column| statistics::summable(meta, column))
            .collect::<Result<Vec<_>, _>>()?;
        let filter = filter.clone().resolve(meta)?;
        if columns.is_empty() {
            return Ok(Vec::new());
        }
        self.read(meta, |connection| table::sums(connection, meta, &columns, &filter))
    }
}
