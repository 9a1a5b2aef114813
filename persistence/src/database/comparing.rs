//! Compares entities with the tables that the database has.

use crate::backend::{LiveColumn, LiveTable};
use crate::drift::Drift;
use crate::entity::{ColumnMeta, EntityMeta, Storage};

/// Compares an entity with its table; `fits` says whether a column's type can hold a storage.
pub(super) fn compare(
    meta: &'static EntityMeta,
    live: Option<&LiveTable>,
    fits: impl Fn(&LiveColumn, Storage) -> bool,
) -> Vec<Drift> {
    let table = meta.table;
    let Some(live) = live else {
        return vec![Drift::MissingTable { entity: meta.name, table }];
    };
    let mut drifts = Vec::new();
    for column in meta.columns {
        compare_column(meta, column, live, &fits, &mut drifts);
    }
    for column in &live.columns {
        if meta.column(&column.name).is_none() {
            drifts.push(Drift::ExtraColumn {
                table,
                column: column.name.clone(),
                blocks_inserts: !column.is_nullable && !column.has_default,
            });
        }
    }
    let key = meta.names(meta.key);
    if !is_same_set(&key, &live.primary_key) {
        let found = live.primary_key.clone();
        drifts.push(Drift::OtherPrimaryKey { table, expected: key, found });
    }
    for set in meta.unique {
        let columns = meta.names(set);
        if !live.unique.iter().any(|unique| is_same_set(&columns, unique)) {
            drifts.push(Drift::MissingUnique { table, columns });
        }
    }
    drifts
}

fn compare_column(
    meta: &'static EntityMeta,
    column: &'static ColumnMeta,
    live: &LiveTable,
    fits: impl Fn(&LiveColumn, Storage) -> bool,
    drifts: &mut Vec<Drift>,
) {
    let (table, name) = (meta.table, column.name);
    let Some(found) = live.columns.iter().find(|found| found.name == name) else {
        drifts.push(Drift::MissingColumn { table, column: name });
        return;
    };
    if !fits(found, column.storage) {
        let (expected, found) = (column.storage, found.sql_type.clone());
        drifts.push(Drift::OtherType { table, column: name, expected, found });
    }
    if let Some(collation) = found.collation.as_ref().filter(|_| column.storage == Storage::Text) {
        let found = collation.clone();
        drifts.push(Drift::OtherCollation { table, column: name, found });
    }
    if found.is_nullable != column.is_nullable {
        let is_nullable = found.is_nullable;
        drifts.push(Drift::OtherNullability { table, column: name, is_nullable });
    }
    if column.fill.is_by_database() && !found.has_default {
        drifts.push(Drift::NotGenerated { table, column: name });
    }
    let Some(reference) = &column.references else { return };
    let parent = reference.entity.meta();
    let foreign_key = live
        .foreign_keys
        .iter()
        .find(|key| key.columns == [name] && is_same_table(parent, &key.references));
    match foreign_key {
        None => {
            let references = parent.table;
            drifts.push(Drift::MissingForeignKey { table, column: name, references });
        }
        Some(key) if key.on_delete != Some(reference.on_delete) => {
            let (expected, found) = (reference.on_delete, key.on_delete);
            drifts.push(Drift::OtherOnDelete { table, column: name, expected, found });
        }
        Some(_) => {}
    }
    let has_index =
        live.indexes.iter().any(|index| index.columns.first().is_some_and(|first| first == name));
    if !has_index {
        drifts.push(Drift::MissingIndex { table, column: name });
    }
}

/// Returns whether a table is the entity's; the engine leaves out a schema that is looked into anyway.
fn is_same_table(meta: &EntityMeta, name: &str) -> bool {
    let is_local = !name.contains('.') && name.eq_ignore_ascii_case(meta.table_in_schema());
    is_local || name.eq_ignore_ascii_case(meta.table)
}

fn is_same_set(expected: &[&'static str], found: &[String]) -> bool {
    expected.len() == found.len() && found.iter().all(|name| expected.contains(&name.as_str()))
}
