//! What is to be known of an entity's rows all together.

use std::collections::HashMap;

use super::Memory;
use crate::entity::{ColumnMeta, EntityMeta};
use crate::error::{Error, Result};
use crate::filter::{Filter, known};
use crate::query::{Any, Query};
use crate::statistics::{self, ColumnStatistics, LengthIn, Scope};
use crate::value::Value;

impl Memory {
    /// The values of a column in the rows that a filter finds.
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

    pub(super) fn frequent_values(
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

    pub(super) fn statistics_of(
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

    pub(super) fn sums_of(
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
