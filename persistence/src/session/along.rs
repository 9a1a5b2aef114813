//! What the database does along with what is deleted, for those who record what is written: rows go with others, and
//! let go of others. It is found out of the entities that the session's catalog knows.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::changes::{Change, ChangeKind};
use super::flush::cascade::references;
use super::{Session, flush::Deleted};
use crate::backend::Engine;
use crate::drift::Remembered;
use crate::edit::{ColumnEdit, Edit, EditKind, Name, NewValue};
use crate::entity::{EntityMeta, OnDelete};
use crate::error::Result;
use crate::filter::Filter;
use crate::query::{Any, Query};
use crate::sql::Untyped;
use crate::store::table;
use crate::value::{Record, RecordKey, Value};

/// Keys asked for in one statement.
const KEYS_PER_STATEMENT: usize = 500;

/// Rows that may become others along with what is deleted, as they are before that; the nearest first.
#[derive(Debug, Default)]
pub(super) struct Along(Vec<(&'static EntityMeta, Record)>);

impl<C: Engine> Session<C> {
    /// Tells the session whose rows the database may delete along with others.
    pub(crate) fn know(&mut self, entities: Arc<[&'static EntityMeta]>, drift: Arc<Remembered>) {
        (self.entities, self.drift) = (entities, drift);
    }

    /// Reads the rows that the database may delete along with these, or let go of them; none where nobody records
    /// what is written.
    pub(super) fn read_along(&mut self, deleted: &[Deleted]) -> Result<Along> {
        let is_deleted = |deleted: &&Deleted| deleted.meta.deleted().is_none();
        let deleted = deleted.iter().filter(is_deleted);
        let deleted = deleted.map(|deleted| (deleted.meta, deleted.keys.iter().cloned().collect()));
        self.read_along_with(deleted.collect())
    }

    /// Does the same for rows that others refer to by these values.
    pub(super) fn read_along_with(
        &mut self,
        deleted: Vec<(&'static EntityMeta, Vec<Value>)>,
    ) -> Result<Along> {
        let mut along = Along::default();
        if self.hooks.record.is_none() || self.entities.is_empty() {
            return Ok(along);
        }
        let entities = Arc::clone(&self.entities);
        let mut seen: HashSet<(&'static str, RecordKey)> = HashSet::new();
        // Those that are deleted along: a row may be met before that as one that only lets go.
        let mut gone: HashSet<(&'static str, RecordKey)> = HashSet::new();
        let mut level = deleted;
        while !level.is_empty() {
            let mut next: Vec<(&'static EntityMeta, Vec<Value>)> = Vec::new();
            for (parent, values) in level {
                for &meta in entities.iter() {
                    for (column, reference) in references(meta, parent) {
                        if reference.on_delete == OnDelete::Restrict {
                            continue;
                        }
                        let mut followed = Vec::new();
                        for row in self.records_referring(meta, column, &values)? {
                            let key = (meta.table, meta.key_of(&row));
                            if reference.on_delete == OnDelete::Cascade && gone.insert(key.clone())
                            {
                                // Only keys of one column can be referred to.
                                followed.extend((meta.key.len() == 1).then(|| key.1.0.clone()));
                            }
                            if seen.insert(key) {
                                along.0.push((meta, row));
                            }
                        }
                        if !followed.is_empty() {
                            next.push((meta, followed.concat()));
                        }
                    }
                }
            }
            level = next;
        }
        Ok(along)
    }

    /// Finds out what has become of such rows, in the order in which the database may have done it. What the session
    /// has written of them itself is in `changes`.
    pub(super) fn done_along(&mut self, along: Along, changes: &[Change]) -> Result<Vec<Change>> {
        if along.0.is_empty() {
            return Ok(Vec::new());
        }
        let own = own(changes);
        let as_left = along.0.into_iter().filter_map(|(meta, mut row)| {
            for kind in own.get(&(meta.table, meta.key_of(&row))).into_iter().flatten() {
                match kind {
                    // Where it is there again under its key, that is recorded, too.
                    EditKind::Delete { .. } => return None,
                    EditKind::Update { columns, .. } => write(meta, columns, &mut row),
                    EditKind::Insert { .. } => {}
                }
            }
            Some((meta, row))
        });
        // One that got another key is found by that.
        let along = Along(as_left.collect());
        let mut now = self.rows_now(&along)?;
        let (mut let_go, mut deleted) = (Vec::new(), Vec::new());
        for (meta, row) in along.0 {
            let key = (meta.table, meta.key_of(&row));
            match now.remove(&key) {
                None => deleted.extend(Edit::between(meta, Some(&row), None)),
                Some(now) => let_go.extend(emptied(meta, &row, &now)),
            }
        }
        deleted.reverse();
        let edits = let_go.into_iter().chain(deleted).filter_map(|edit| {
            let mut entities = self.entities.iter();
            let entity = entities.find(|meta| meta.table == edit.table)?;
            Some(Change { entity, kind: ChangeKind::Row(edit) })
        });
        Ok(edits.collect())
    }

    fn records_referring(
        &mut self,
        meta: &'static EntityMeta,
        column: usize,
        values: &[Value],
    ) -> Result<Vec<Record>> {
        let name = meta.columns.get(column).map_or("", |column| column.name);
        let mut found = Vec::new();
        for values in values.chunks(KEYS_PER_STATEMENT) {
            let filter = Filter::In { column: name.into(), values: values.to_vec() };
            found.extend(self.stored(meta, filter)?);
        }
        Ok(found)
    }

    fn rows_now(&mut self, along: &Along) -> Result<HashMap<(&'static str, RecordKey), Record>> {
        let mut keys: BTreeMap<&str, (&'static EntityMeta, Vec<RecordKey>)> = BTreeMap::new();
        for (meta, row) in &along.0 {
            let of_table = keys.entry(meta.table).or_insert_with(|| (*meta, Vec::new()));
            of_table.1.push(meta.key_of(row));
        }
        let mut now = HashMap::new();
        for (meta, keys) in keys.into_values() {
            for keys in keys.chunks(KEYS_PER_STATEMENT) {
                let rows = self.stored(meta, Filter::keys(meta, keys))?.into_iter();
                now.extend(rows.map(|row| ((meta.table, meta.key_of(&row)), row)));
            }
        }
        Ok(now)
    }

    /// Reads rows as they are stored, also those that are only marked as deleted; nothing is flushed before.
    fn stored(&mut self, meta: &'static EntityMeta, filter: Filter) -> Result<Vec<Record>> {
        let query = Query::<Any>::new().filter(filter.with_deleted(meta)).resolve(meta)?;
        self.read(meta, |connection| table::select(connection, Untyped(meta), &query))
    }
}

/// What the session has written itself, by tables and keys, in the order of writing.
fn own(changes: &[Change]) -> HashMap<(&'static str, RecordKey), Vec<&EditKind>> {
    let mut own: HashMap<_, Vec<&EditKind>> = HashMap::new();
    for change in changes {
        if let Some(edit) = change.edit()
            && let Some(key) = edit.key(change.entity)
        {
            own.entry((change.entity.table, key)).or_default().push(&edit.kind);
        }
    }
    own
}

/// Makes of a row what was written of it.
fn write(meta: &EntityMeta, columns: &[ColumnEdit], row: &mut Record) {
    for edit in columns {
        if let (Some(position), Some(after)) = (meta.position(&edit.column), edit.after.known()) {
            row.set(position, after.clone());
        }
    }
}

/// Makes the edit of the references that have become NULL; `None` where none has.
fn emptied(meta: &'static EntityMeta, before: &Record, now: &Record) -> Option<Edit> {
    let columns = meta.columns.iter().enumerate();
    let emptied = columns.filter(|(position, column)| {
        let was_set = !before.value(*position).is_null() && now.value(*position).is_null();
        column.references.is_some() && was_set
    });
    let edits: Vec<ColumnEdit> = emptied
        .map(|(position, column)| ColumnEdit {
            column: Name::Borrowed(column.name),
            before: before.value(position).clone(),
            after: NewValue::Known(Value::Null),
        })
        .collect();
    if edits.is_empty() {
        return None;
    }
    let kind =
        EditKind::Update { key: meta.key_of(now), version: meta.version_of(now), columns: edits };
    Some(Edit { table: Name::Borrowed(meta.table), kind })
}
