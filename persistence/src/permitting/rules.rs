//! Permissions of the entities of a catalog, asked about by the decorators.

use std::collections::HashMap;
use std::collections::btree_map::BTreeMap;
use std::sync::Arc;

use crate::audit::AuditEntry;
use crate::catalog::{CatalogEntry, DynSession};
use crate::deletion::plan;
use crate::edit::{Edit, EditKind};
use crate::entity::{ColumnMeta, Entity as _, EntityMeta, Fill, OnDelete};
use crate::error::{Error, Result};
use crate::filter::{Filter, known_relation};
use crate::permissions::{Action, ColumnAccess, NotPermitted, Permissions};
use crate::query::Query;
use crate::relation::RelationKind;
use crate::value::{Record, RecordKey, Value};

/// What may be done with an entity.
#[derive(Debug)]
pub(super) struct EntityRules {
    pub(super) meta: &'static EntityMeta,
    /// In the order of [`Action::ALL`].
    allowed: [bool; 4],
    /// By the columns' positions.
    pub(super) columns: Vec<ColumnAccess>,
}

impl EntityRules {
    pub(super) fn allows(&self, action: Action) -> bool {
        self.allowed.get(action as usize).copied().unwrap_or_default()
    }

    pub(super) fn is_masked(&self, column: &str) -> bool {
        let position = self.meta.position(column);
        let access = position.and_then(|position| self.columns.get(position));
        access == Some(&ColumnAccess::Masked)
    }

    pub(super) fn has_masks(&self) -> bool {
        self.columns.contains(&ColumnAccess::Masked)
    }
}

/// What may be done with the entities of a catalog.
#[derive(Debug)]
pub(crate) struct Rules {
    entries: Arc<[CatalogEntry]>,
    entities: HashMap<&'static str, EntityRules>,
}

impl Rules {
    /// Finds the tables and columns that are meant.
    pub(crate) fn new(permissions: &Permissions, entries: &Arc<[CatalogEntry]>) -> Result<Self> {
        let unknown = |what: String| Error::Schema { message: format!("permissions: {what}") };
        let tables = permissions.tables.keys().chain(permissions.columns.keys().map(|(it, _)| it));
        for table in tables {
            if !entries.iter().any(|entry| entry.meta.table == table) {
                return Err(unknown(format!("the catalog has no entity with the table `{table}`")));
            }
        }
        let mut entities = HashMap::new();
        for entry in entries.iter() {
            let meta = entry.meta;
            let actions = permissions.tables.get(meta.table).unwrap_or(&permissions.others);
            // What is not seen is not written either.
            let is_seen = actions.contains(&Action::View);
            let allowed = Action::ALL.map(|action| is_seen && actions.contains(&action));
            let columns = vec![ColumnAccess::Full; meta.columns.len()];
            entities.insert(meta.table, EntityRules { meta, allowed, columns });
        }
        let limits: &BTreeMap<_, _> = &permissions.columns;
        for ((table, column), access) in limits {
            let Some(rules) = entities.get_mut(table.as_str()) else { continue };
            let position = rules.meta.position(column);
            let Some((position, meta)) = position.zip(rules.meta.column(column)) else {
                return Err(unknown(format!("`{table}` has no column `{column}`")));
            };
            if *access == ColumnAccess::Masked
                && let Some(reason) = needs(entries, rules.meta, meta)
            {
                return Err(unknown(format!("{table}.{column} cannot be masked: {reason}")));
            }
            if let Some(place) = rules.columns.get_mut(position) {
                *place = *access;
            }
        }
        Ok(Self { entries: Arc::clone(entries), entities })
    }

    /// Returns the entries that may be seen.
    pub(crate) fn seen(&self) -> Arc<[CatalogEntry]> {
        let seen = self.entries.iter().filter(|entry| self.may(entry.meta, Action::View));
        seen.cloned().collect()
    }

    pub(super) fn is_read_only(&self) -> bool {
        let writes = |rules: &EntityRules| rules.allowed.iter().skip(1).any(|allowed| *allowed);
        !self.entities.values().any(writes)
    }

    /// Returns whether everything is permitted.
    pub(super) fn is_unlimited(&self) -> bool {
        let is_full = |access: &ColumnAccess| *access == ColumnAccess::Full;
        let is_unlimited =
            |it: &EntityRules| it.allowed.iter().all(|is| *is) && it.columns.iter().all(is_full);
        self.entities.values().all(is_unlimited)
    }

    /// Returns whether something of what was recorded is not to be seen.
    pub(super) fn hides(&self) -> bool {
        self.entities.values().any(|rules| !rules.allows(Action::View) || rules.has_masks())
    }

    /// Returns the tables that are not to be seen.
    pub(super) fn hidden(&self) -> impl Iterator<Item = &'static str> {
        let hidden = self.entities.values().filter(|rules| !rules.allows(Action::View));
        hidden.map(|rules| rules.meta.table)
    }

    pub(super) fn of(&self, table: &str) -> Option<&EntityRules> {
        self.entities.get(table)
    }

    /// Returns whether something may be done with the rows of an entity. What was recorded may be seen where it
    /// is none of the entities.
    pub(crate) fn may(&self, meta: &EntityMeta, action: Action) -> bool {
        match self.of(meta.table) {
            Some(rules) => rules.allows(action),
            None => action == Action::View,
        }
    }

    /// Returns what may be done with a column, by its position.
    pub(crate) fn access(&self, meta: &EntityMeta, position: usize) -> ColumnAccess {
        let rules = self.of(meta.table);
        let access = rules.and_then(|rules| rules.columns.get(position)).copied();
        let access = access.unwrap_or_default();
        if super::audit::holds_values(meta, position) && self.hides() {
            // Seen as far as it may be, but nothing is to be found out by looking for it.
            return access.min(ColumnAccess::Fixed);
        }
        access
    }

    pub(super) fn has_masks(&self, meta: &EntityMeta) -> bool {
        self.of(meta.table).is_some_and(EntityRules::has_masks)
    }

    pub(super) fn require(&self, meta: &'static EntityMeta, action: Action) -> Result<()> {
        if self.may(meta, action) {
            return Ok(());
        }
        Err(refused(meta, None, action))
    }

    /// Requires that a column of a stored row may be changed.
    pub(super) fn require_change(&self, meta: &'static EntityMeta, position: usize) -> Result<()> {
        self.require(meta, Action::Change)?;
        if self.access(meta, position) == ColumnAccess::Full {
            return Ok(());
        }
        Err(refused(meta, meta.columns.get(position), Action::Change))
    }

    /// Requires that all columns of stored rows may be changed.
    pub(super) fn require_all_columns(&self, meta: &'static EntityMeta) -> Result<()> {
        (0..meta.columns.len()).try_for_each(|position| self.require_change(meta, position))
    }

    /// Requires that it may be found out which values a column has.
    pub(super) fn require_search(&self, meta: &'static EntityMeta, column: &str) -> Result<()> {
        let Some(position) = meta.position(column) else { return Ok(()) };
        let is_masked = self.access(meta, position) == ColumnAccess::Masked;
        if is_masked || super::audit::holds_values(meta, position) && self.hides() {
            return Err(refused(meta, meta.columns.get(position), Action::View));
        }
        Ok(())
    }

    /// Requires that a filter may be asked for.
    pub(super) fn require_filter(&self, meta: &'static EntityMeta, filter: &Filter) -> Result<()> {
        self.require(meta, Action::View)?;
        self.require_parts(meta, &filter.clone().resolve(meta)?)
    }

    fn require_parts(&self, meta: &'static EntityMeta, filter: &Filter) -> Result<()> {
        match filter {
            Filter::All => Ok(()),
            Filter::And(parts) | Filter::Or(parts) => {
                parts.iter().try_for_each(|part| self.require_parts(meta, part))
            }
            Filter::Not(part) => self.require_parts(meta, part),
            Filter::Compare { column, .. }
            | Filter::Text { column, .. }
            | Filter::In { column, .. }
            | Filter::IsNull { column }
            | Filter::InLastDays { column, .. } => self.require_search(meta, column),
            Filter::Related { relation, filter }
            | Filter::RelatedCount { relation, filter, .. } => {
                let target = self.require_relation(meta, relation)?;
                self.require_parts(target, filter)
            }
        }
    }

    /// Requires that related rows may be seen; returns their entity.
    pub(super) fn require_relation(
        &self,
        meta: &'static EntityMeta,
        relation: &str,
    ) -> Result<&'static EntityMeta> {
        let relation = known_relation(meta, relation)?;
        if let RelationKind::ManyToMany { through, .. } = relation.kind {
            self.require(through.meta(), Action::View)?;
        }
        let target = relation.target.meta();
        self.require(target, Action::View).map(|()| target)
    }

    /// Requires that a query may be asked for.
    pub(super) fn require_query(&self, meta: &'static EntityMeta, query: &Query) -> Result<()> {
        self.require_filter(meta, &query.filter)?;
        let order = query.order.clone().resolve(meta)?;
        order.0.iter().try_for_each(|term| self.require_search(meta, &term.column))
    }

    /// Requires that a row may be deleted, and all that goes along with it.
    pub(super) fn require_deletion(
        &self,
        session: &mut dyn DynSession,
        meta: &'static EntityMeta,
        key: &RecordKey,
    ) -> Result<()> {
        if self.require_deletions(meta).is_ok() {
            return Ok(());
        }
        self.require(meta, Action::Delete)?;
        // Something may go along that may not be written: that depends on the row. Locked, it gets no more.
        let filter = Filter::key(meta, key);
        session.repository(meta.table)?.list(&<Query>::new().filter(filter).for_update())?;
        let plan = plan(session, &self.entries, meta.table, std::slice::from_ref(key))?;
        plan.consequences
            .iter()
            .try_for_each(|it| self.require_consequence(it.entity, it.column, it.rule))
    }

    /// Requires that any rows of an entity may be deleted, and all that can go along with them.
    pub(super) fn require_deletions(&self, meta: &'static EntityMeta) -> Result<()> {
        let mut known = vec![meta];
        let mut next = vec![meta];
        self.require(meta, Action::Delete)?;
        while let Some(meta) = next.pop().filter(|meta| meta.deleted().is_none()) {
            for (entity, column, rule) in self.referring(meta) {
                self.require_consequence(entity, column, rule)?;
                let is_news = !known.iter().any(|it| std::ptr::eq(*it, entity));
                if rule == OnDelete::Cascade && is_news {
                    known.push(entity);
                    next.push(entity);
                }
            }
        }
        Ok(())
    }

    fn referring(
        &self,
        meta: &'static EntityMeta,
    ) -> impl Iterator<Item = (&'static EntityMeta, &'static ColumnMeta, OnDelete)> {
        self.entries.iter().flat_map(move |entry| {
            entry.meta.columns.iter().filter_map(move |column| {
                let reference = column.references.as_ref()?;
                let is_its = std::ptr::eq(reference.entity.meta(), meta);
                is_its.then_some((entry.meta, column, reference.on_delete))
            })
        })
    }

    fn require_consequence(
        &self,
        entity: &'static EntityMeta,
        column: &'static ColumnMeta,
        rule: OnDelete,
    ) -> Result<()> {
        match rule {
            OnDelete::Restrict => Ok(()),
            OnDelete::Cascade => self.require(entity, Action::Delete),
            OnDelete::SetNull => {
                self.require_change(entity, entity.position(column.name).unwrap_or_default())
            }
        }
    }

    /// Returns a row as it may be seen; `None` where it may not.
    pub(super) fn shown(&self, meta: &EntityMeta, mut row: Record) -> Option<Record> {
        if !self.may(meta, Action::View) {
            return None;
        }
        if std::ptr::eq(meta, AuditEntry::meta()) {
            return self.recorded(row);
        }
        self.mask(meta, &mut row);
        Some(row)
    }

    pub(super) fn mask(&self, meta: &EntityMeta, row: &mut Record) {
        let Some(rules) = self.of(meta.table).filter(|rules| rules.has_masks()) else { return };
        for (value, access) in row.0.iter_mut().zip(&rules.columns) {
            if *access == ColumnAccess::Masked {
                *value = Value::Masked;
            }
        }
    }

    /// Returns an edit without what is masked in it.
    pub(super) fn shown_edit(&self, mut edit: Edit) -> Edit {
        let Some(rules) = self.of(&edit.table) else { return edit };
        match &mut edit.kind {
            EditKind::Insert { .. } => {}
            EditKind::Update { columns, .. } => {
                for column in columns.iter_mut().filter(|it| rules.is_masked(&it.column)) {
                    column.before = Value::Masked;
                }
            }
            EditKind::Delete { columns, .. } => {
                columns.retain(|(column, _)| !rules.is_masked(column));
            }
        }
        edit
    }

    /// Returns an error without what is masked in it.
    pub(super) fn shown_error(&self, error: Error) -> Error {
        let named =
            |name: &str| self.entities.values().find(|it| it.meta.name == name && it.has_masks());
        match error {
            Error::Conflict(mut conflict) => {
                if let Some(rules) = named(conflict.entity) {
                    let rows = [&mut conflict.base, &mut conflict.mine, &mut conflict.theirs];
                    rows.into_iter().flatten().for_each(|row| self.mask(rules.meta, row));
                }
                Error::Conflict(conflict)
            }
            Error::Constraint(mut violation) if named(violation.entity).is_some() => {
                // The engine's words may have values in them.
                violation.message = violation.constraint.clone().unwrap_or_default();
                Error::Constraint(violation)
            }
            Error::Invalid(mut invalid) => {
                if let Some(rules) = named(invalid.entity) {
                    for error in invalid.errors.iter_mut().filter(|it| rules.is_masked(&it.field)) {
                        "is not valid".clone_into(&mut error.message);
                    }
                }
                Error::Invalid(invalid)
            }
            Error::Unreadable(mut cell) => {
                if self.of(cell.table).is_some_and(|rules| rules.is_masked(cell.column)) {
                    cell.stored = Value::Masked.to_string();
                }
                Error::Unreadable(cell)
            }
            error => error,
        }
    }
}

/// Requires that the values of a row that is added were ever seen.
pub(super) fn require_known(meta: &'static EntityMeta, row: &Record) -> Result<()> {
    let masked = row.0.iter().position(|value| *value == Value::Masked);
    masked.map_or(Ok(()), |it| Err(refused(meta, meta.columns.get(it), Action::View)))
}

/// Makes the error for what is not permitted.
pub(super) fn refused(
    meta: &'static EntityMeta,
    column: Option<&'static ColumnMeta>,
    action: Action,
) -> Error {
    NotPermitted { table: meta.table, column: column.map(|column| column.name), action }.into()
}

/// Returns why the values of a column have to be seen, where they have to.
fn needs(entries: &[CatalogEntry], meta: &EntityMeta, column: &ColumnMeta) -> Option<&'static str> {
    let position = meta.position(column.name);
    let relations = entries.iter().flat_map(|entry| entry.meta.relations);
    let mut to_it = relations.filter(|it| std::ptr::eq(it.target.meta(), meta));
    if meta.key.is_empty() {
        Some("its rows have no primary key to be found by")
    } else if meta.key_columns().any(|key| key.name == column.name) {
        Some("its rows are found by it")
    } else if column.references.is_some() {
        Some("it refers to other rows, which would tell what it is")
    } else if column.fill != Fill::Draft || meta.deleted() == position {
        Some("it is filled in, and rows are compared or left out by it")
    } else if to_it.any(|relation| relation.order.iter().any(|(it, _)| Some(*it) == position)) {
        Some("related rows are sorted by it")
    } else {
        None
    }
}
