//! The rows of a [`Memory`] can be browsed.

use std::collections::HashMap;
use std::sync::Arc;

use super::Memory;
use crate::backend::{Index, Plan};
use crate::browse::Browse;
use crate::entity::{ColumnMeta, Entity, EntityMeta};
use crate::error::{Error, Result};
use crate::filter::{Filter, known};
use crate::lengths::Lengths;
use crate::order::Direction;
use crate::paging;
use crate::query::{Any, Cursor, PageStart, Query, Stride};
use crate::repository::Repository;
use crate::scalar::PrimaryKey as _;
use crate::statistics::{self, ColumnStatistics, LengthIn, Scope};
use crate::value::{Record, Value};

impl<E: Entity> Browse<E> for Memory {
    fn stride(&mut self, query: &Query<E>, after: Option<&Cursor>, rows: u64) -> Result<Stride> {
        paging::stride(E::meta(), query, after, rows, self)
    }

    fn lengths(&mut self, keys: &[E::Key]) -> Result<Vec<Lengths>> {
        self.refresh();
        let table = self.table(self.position(E::meta())?);
        let shown = |key: &E::Key| {
            let row = table.get(&key.to_record_key());
            row.filter(|row| E::meta().deleted().is_none_or(|mark| row.value(mark).is_null()))
        };
        let lengths = |row: &Arc<Record>| Lengths::measured(E::meta(), row);
        Ok(keys.iter().map(|key| shown(key).map(lengths).unwrap_or_default()).collect())
    }

    fn estimate(&mut self, filter: &Filter) -> Result<Option<u64>> {
        Repository::<E>::count(self, filter).map(Some)
    }

    fn explain(&mut self, query: &Query<E>, start: &PageStart, size: u64) -> Result<Plan> {
        // Refuses what does not fit; all rows are at hand, so there is nothing to plan.
        let read = paging::read(E::meta(), query, start, size, true)?;
        self.check_entities(&read.query.filter, E::meta())?;
        Ok(Plan::default())
    }

    fn indexes(&mut self) -> Result<Vec<Index>> {
        let meta = E::meta();
        let index = |name: &str, columns: &[usize]| Index {
            name: name.to_owned(),
            columns: meta.names(columns).into_iter().map(str::to_owned).collect(),
            directions: vec![Direction::Ascending; columns.len()],
            is_unique: true,
            is_primary: columns == meta.key,
            ends_in_key: true,
        };
        let unique =
            meta.unique.iter().map(|columns| index(&meta.names(columns).join("_"), columns));
        Ok(std::iter::once(index("PRIMARY KEY", meta.key)).chain(unique).collect())
    }

    fn distinct(&mut self, column: &str, filter: &Filter, size: u64) -> Result<Vec<(Value, u64)>> {
        self.frequent_values(E::meta(), column, filter, size)
    }

    fn statistics(&mut self, column: &str, filter: &Filter) -> Result<ColumnStatistics> {
        self.statistics_of(E::meta(), column, filter)
    }

    fn sum(&mut self, columns: &[&str], filter: &Filter) -> Result<Vec<Value>> {
        self.sums_of(E::meta(), columns, filter)
    }
}

impl Memory {
    /// Returns the values of a column in the rows that a filter finds.
    fn values(
        &mut self,
        meta: &'static EntityMeta,
        column: &ColumnMeta,
        filter: &Filter,
    ) -> Result<Vec<Value>> {
        let query = Query::<Any>::new().filter(filter.clone()).resolve(meta)?;
        let position = meta.position(column.name).unwrap_or(usize::MAX);
        let rows = self.found(meta, &query)?;
        Ok(rows.iter().map(|row| row.value(position).clone()).collect())
    }

    fn frequent_values(
        &mut self,
        meta: &'static EntityMeta,
        column: &str,
        filter: &Filter,
        size: u64,
    ) -> Result<Vec<(Value, u64)>> {
        let column = statistics::comparable(meta, column)?;
        let mut counts: HashMap<Value, u64> = HashMap::new();
        for value in self.values(meta, column, filter)? {
            *counts.entry(value).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by(|(a, often_a), (b, often_b)| often_b.cmp(often_a).then_with(|| a.cmp(b)));
        counts.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        Ok(counts)
    }

    fn statistics_of(
        &mut self,
        meta: &'static EntityMeta,
        column: &str,
        filter: &Filter,
    ) -> Result<ColumnStatistics> {
        let column = known(meta, column).map_err(Error::from)?;
        let scope = Scope::of(column);
        let mut values = self.values(meta, column, filter)?;
        let rows = values.len() as u64;
        values.retain(|value| !value.is_null());
        values.sort();
        let lengths = || values.iter().filter_map(|value| length(scope.length?, value));
        let mut statistics = ColumnStatistics {
            rows,
            nulls: rows - values.len() as u64,
            shortest: lengths().min(),
            longest: lengths().max(),
            ..ColumnStatistics::default()
        };
        if scope.has_extremes {
            statistics.min = values.first().cloned().unwrap_or_default();
            statistics.max = values.last().cloned().unwrap_or_default();
        }
        if scope.is_number && !values.is_empty() {
            let sum = values.iter().filter_map(|value| statistics::summand(column, value)).sum();
            statistics.sum = statistics::sum(column, sum);
            statistics.mean = statistics::mean(column, sum, values.len() as u64);
        }
        statistics.histogram = statistics::bins(&statistics.min, &statistics.max);
        for value in &values {
            let number = statistics::bin_of(&statistics.histogram, value);
            if let Some(bin) = statistics.histogram.get_mut(number) {
                bin.rows += 1;
            }
        }
        if scope.is_comparable {
            values.dedup();
            statistics.distinct = Some(values.len() as u64);
        }
        Ok(statistics)
    }

    fn sums_of(
        &mut self,
        meta: &'static EntityMeta,
        columns: &[&str],
        filter: &Filter,
    ) -> Result<Vec<Value>> {
        let mut sums = Vec::with_capacity(columns.len());
        for column in columns {
            let column = statistics::summable(meta, column)?;
            let values = self.values(meta, column, filter)?;
            let sum = values.iter().filter_map(|value| statistics::summand(column, value)).sum();
            sums.push(statistics::sum(column, sum));
        }
        Ok(sums)
    }
}

fn length(counted: LengthIn, value: &Value) -> Option<u64> {
    match (counted, value) {
        (LengthIn::Characters, Value::Text(text)) => Some(text.chars().count() as u64),
        (LengthIn::Bytes, Value::Bytes(bytes)) => Some(bytes.len() as u64),
        _ => None,
    }
}
