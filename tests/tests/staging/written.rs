//! What a save makes of the database, as the model has it.

use std::collections::BTreeMap;

use persistence::edit::NewValue;
use persistence::entity::Fill;
use persistence::staging::{RowId, RowKey, StagedValue};
use persistence::{Record, RecordKey, Value};

use super::model::{Row, State};
use super::world::{Rows, cell, is_marked, meta_of, metas};

/// Checks that exactly that was written, and nothing overwritten that was not seen.
pub fn assert_written(before: &Rows, state: &State, after: &Rows) {
    // Cells by row; the version counts by itself.
    let mut wanted = before.clone();
    let mut renamed: BTreeMap<Value, Value> = BTreeMap::new();
    let mut deleted: Vec<Value> = Vec::new();
    let mut staged_cells: Vec<(RowId, &str)> = Vec::new();
    for (row, staged) in state {
        let meta = meta_of(row);
        match staged {
            Row::Deleted(seen) => {
                let stored = wanted.remove(row).unwrap_or_else(|| panic!("{row:?} was gone"));
                for column in meta.columns.iter().filter(|column| column.fill != Fill::Version) {
                    assert_eq!(
                        cell(meta, seen, column.name),
                        cell(meta, &stored, column.name),
                        "{row:?}"
                    );
                }
                if row.table == "things" {
                    deleted.push(cell(meta, &stored, "id").clone());
                }
                if meta.deleted().is_some() {
                    let marked = after.get(row).unwrap_or_else(|| panic!("{row:?} is not marked"));
                    assert!(is_marked(row, marked));
                    let mut stored = stored;
                    stored.set(
                        meta.deleted().unwrap(),
                        marked.value(meta.deleted().unwrap()).clone(),
                    );
                    wanted.insert(row.clone(), stored);
                }
            }
            Row::Changed(cells) => {
                let stored = wanted.get_mut(row).unwrap_or_else(|| panic!("{row:?} was gone"));
                assert!(!is_marked(row, stored), "{row:?} was marked as deleted");
                for (column, staged) in cells {
                    let stored = cell(meta, stored, column);
                    // Where others delete what a row refers to, the database itself lets go of it.
                    let is_let_go = stored.is_null()
                        && *column == "part_of"
                        && !before.contains_key(&thing(&staged.seen));
                    let is_seen = staged.seen == *stored || staged.value.known() == Some(stored);
                    assert!(
                        is_seen || is_let_go,
                        "{column} of {row:?}: a lost update of {stored:?}"
                    );
                    staged_cells.push((row.clone(), column));
                    if let (Some(value), true) =
                        (staged.value.known(), row.table == "makers" && *column == "code")
                    {
                        renamed.insert(staged.seen.clone(), value.clone());
                    }
                }
            }
            Row::New(_) => {}
        }
    }
    // New rows are found by what only they have.
    let mut new: BTreeMap<&RowId, RowId> = BTreeMap::new();
    for (row, staged) in state {
        let Row::New(columns) = staged else { continue };
        let meta = meta_of(row);
        let known = |column: &str| columns.get(column).and_then(StagedValue::known);
        let key = meta.key_columns().next().unwrap().name;
        let named = if known(key).is_some() { key } else { meta.columns[1].name };
        let value = known(named).unwrap_or_else(|| panic!("{row:?} has a name"));
        let has = |(stored, record): &(&RowId, &Record)| {
            stored.table == row.table && cell(meta, record, named) == value
        };
        let mut found = after.iter().filter(has);
        let (stored, _) = found.next().unwrap_or_else(|| panic!("{row:?} was not inserted"));
        assert!(found.next().is_none());
        assert!(!is_marked(stored, &after[stored]), "{row:?} is not shown");
        if before.get(stored).is_some_and(|hidden| is_marked(stored, hidden)) {
            wanted.remove(stored);
        }
        new.insert(row, stored.clone());
    }
    let resolved = |value: &StagedValue| match value {
        StagedValue::Value(NewValue::Known(value)) => value.clone(),
        StagedValue::Value(NewValue::KeyOf { table, row }) => {
            let RowKey::Stored(key) =
                &new[&RowId { table: table.clone(), key: RowKey::New(*row) }].key
            else {
                panic!("it is stored")
            };
            key.0[0].clone()
        }
        StagedValue::Text(text) => panic!("{text} was written"),
    };
    for (row, staged) in state {
        let meta = meta_of(row);
        match staged {
            Row::Deleted(_) => {}
            Row::Changed(cells) => {
                let mut stored = wanted.remove(row).unwrap();
                for (column, staged) in cells {
                    stored.set(meta.position(column).unwrap(), resolved(&staged.value));
                }
                // Two may have changed their keys with each other.
                wanted.insert(
                    RowId { table: format!("{} changed", row.table).into(), key: row.key.clone() },
                    stored,
                );
            }
            Row::New(columns) => {
                let stored = &after[&new[row]];
                let mut row = Record(vec![Value::Null; meta.columns.len()]);
                for (position, column) in meta.columns.iter().enumerate() {
                    let value = match columns.get(column.name) {
                        Some(value) => resolved(value),
                        None if column.fill != Fill::Draft => stored.value(position).clone(),
                        None => Value::Null,
                    };
                    row.set(position, value);
                }
                wanted.insert(
                    RowId {
                        table: format!("{} new", meta.table).into(),
                        key: RowId::stored(meta, stored).key,
                    },
                    row,
                );
            }
        }
    }
    let mut named = Rows::new();
    for (row, mut record) in wanted {
        let table = row.table.split(' ').next().unwrap();
        let meta = metas().into_iter().find(|meta| meta.table == table).unwrap();
        if table == "things" {
            let is_staged = |column: &str| {
                row.table != "things"
                    && (row.table.ends_with("new")
                        || staged_cells.iter().any(|(staged, of)| {
                            staged.key == row.key && staged.table == table && *of == column
                        }))
            };
            let maker = cell(meta, &record, "maker_code").clone();
            // Who refers to a row by a key that it gives up goes along. Where another row takes that key, either
            // may be meant by what was staged.
            let is_taken = after.contains_key(&RowId {
                table: "makers".into(),
                key: RowKey::Stored(RecordKey(vec![maker.clone()])),
            });
            let has_stayed = after
                .get(&RowId::stored(meta, &record))
                .is_some_and(|stored| *cell(meta, stored, "maker_code") == maker);
            let stays = is_staged("maker_code") && is_taken && has_stayed;
            if let Some(to) = renamed.get(&maker).filter(|_| !stays) {
                record.set(meta.position("maker_code").unwrap(), to.clone());
            }
            let whole = cell(meta, &record, "part_of").clone();
            if deleted.contains(&whole) {
                record.set(meta.position("part_of").unwrap(), Value::Null);
            }
        }
        assert_eq!(named.insert(RowId::stored(meta, &record), record), None);
    }
    let without_version = |rows: &Rows| {
        let mut rows = rows.clone();
        for (row, record) in &mut rows {
            if let Some(version) = meta_of(row).version {
                record.set(version, Value::Null);
            }
        }
        rows
    };
    assert_eq!(without_version(after), without_version(&named), "{state:#?}");
}

/// The name of a thing with that key.
fn thing(id: &Value) -> RowId {
    RowId { table: "things".into(), key: RowKey::Stored(RecordKey(vec![id.clone()])) }
}
