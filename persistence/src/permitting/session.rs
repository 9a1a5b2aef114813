//! A session that may do what is permitted: it asks the rules, then the session that it has.

use std::ops::{Deref, DerefMut};

use super::Rules;
use super::repository::PermittedRepository;
use super::rules::refused;
use crate::catalog::{DynRepository, DynSession};
use crate::edit::Edit;
use crate::entity::{EntityMeta, Given, Orphan, Slot};
use crate::error::Result;
use crate::filter::{known, known_relation};
use crate::interruption::Canceller;
use crate::permissions::Action;
use crate::query::Query;
use crate::relation::RelationKind;
use crate::sealed::Sealed;
use crate::value::{Record, RecordKey, Value};

/// A session that may do what is permitted.
pub(super) struct PermittedSession<'s> {
    session: Held<'s>,
    rules: &'s Rules,
}

/// A session, its own or lent.
enum Held<'s> {
    Own(Box<dyn DynSession + 's>),
    Lent(&'s mut (dyn DynSession + 's)),
}

impl<'s> Deref for Held<'s> {
    type Target = dyn DynSession + 's;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Own(session) => &**session,
            Self::Lent(session) => *session,
        }
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Self::Own(session) => &mut **session,
            Self::Lent(session) => *session,
        }
    }
}

/// A column by which two rows are related.
struct Referring {
    row: Slot,
    column: usize,
}

impl<'s> PermittedSession<'s> {
    pub(super) const fn new(session: Box<dyn DynSession + 's>, rules: &'s Rules) -> Self {
        Self { session: Held::Own(session), rules }
    }

    fn meta(&mut self, table: &str) -> Result<&'static EntityMeta> {
        Ok(self.session.repository(table)?.meta())
    }

    fn shown<T>(&self, outcome: Result<T>) -> Result<T> {
        outcome.map_err(|error| self.rules.shown_error(error))
    }

    fn is_new(&self, row: Slot) -> bool {
        self.session.draft(row).is_some()
    }

    /// Requires that a column of a row may be given another value.
    fn require_change(&self, row: Slot, position: usize) -> Result<()> {
        let meta = row.entity().meta();
        if self.is_new(row) {
            self.rules.require(meta, Action::Add)
        } else {
            self.rules.require_change(meta, position)
        }
    }

    /// Requires that two rows may be related, or parted.
    fn require_relating(
        &self,
        row: Slot,
        relation: &str,
        other: Slot,
        linking: Action,
    ) -> Result<()> {
        let meta = row.entity().meta();
        self.rules.require_relation(meta, relation)?;
        let Referring { row: referring, column } = match known_relation(meta, relation)?.kind {
            RelationKind::BelongsTo { column } => Referring { row, column },
            RelationKind::HasOne { column } | RelationKind::HasMany { column } => {
                Referring { row: other, column }
            }
            RelationKind::ManyToMany { through, .. } => {
                return self.rules.require(through.meta(), linking);
            }
        };
        self.require_change(referring, column)?;
        // One that is parted from what it referred to may be deleted by that.
        self.require_parting(referring.entity().meta(), column)
    }

    fn require_parting(&self, meta: &'static EntityMeta, column: usize) -> Result<()> {
        let reference = meta.columns.get(column).and_then(|column| column.references.as_ref());
        match reference.map(|reference| reference.orphan) {
            Some(Orphan::Delete) => self.rules.require_deletions(meta),
            _ => Ok(()),
        }
    }
}

impl Sealed for PermittedSession<'_> {}

impl DynSession for PermittedSession<'_> {
    fn repository(&mut self, table: &str) -> Result<Box<dyn DynRepository + '_>> {
        let meta = self.meta(table)?;
        self.rules.require(meta, Action::View)?;
        Ok(Box::new(PermittedRepository::new(&mut *self.session, self.rules, meta)))
    }

    fn add(&mut self, table: &str, columns: &[(&str, Given)]) -> Result<Slot> {
        let meta = self.meta(table)?;
        self.rules.require(meta, Action::Add)?;
        for (name, given) in columns {
            if matches!(given, Given::Value(Value::Masked)) {
                let column = known(meta, name)?;
                return Err(refused(meta, Some(column), Action::View));
            }
        }
        let added = self.session.add(table, columns);
        self.shown(added)
    }

    fn merge(&mut self, table: &str, row: Record) -> Result<Slot> {
        let meta = self.meta(table)?;
        // Whether it is stored, and in which columns it differs, is found out by merging it.
        self.rules.require(meta, Action::Add)?;
        self.rules.require_all_columns(meta)?;
        let merged = self.session.merge(table, row);
        self.shown(merged)
    }

    fn get(&mut self, table: &str, key: &RecordKey) -> Result<Slot> {
        let meta = self.meta(table)?;
        self.rules.require(meta, Action::View)?;
        let found = self.session.get(table, key);
        self.shown(found)
    }

    fn all(&mut self, table: &str, query: &Query) -> Result<Vec<Slot>> {
        let meta = self.meta(table)?;
        self.rules.require_query(meta, query)?;
        let mut query = query.clone();
        query.filter = self.rules.narrowed(meta, &query.filter);
        let found = self.session.all(table, &query);
        self.shown(found)
    }

    fn row(&self, row: Slot) -> Option<Record> {
        self.rules.shown(row.entity().meta(), self.session.row(row)?)
    }

    fn draft(&self, row: Slot) -> Option<Vec<Given>> {
        self.session.draft(row)
    }

    fn set(&mut self, row: Slot, column: &str, value: Given) -> Result<()> {
        let meta = row.entity().meta();
        let column = known(meta, column)?;
        let position = meta.position(column.name).unwrap_or_default();
        self.require_change(row, position)?;
        if matches!(value, Given::Value(Value::Masked)) {
            return Err(refused(meta, Some(column), Action::View));
        }
        if matches!(value, Given::Value(Value::Null)) && !self.is_new(row) {
            self.require_parting(meta, position)?;
        }
        let set = self.session.set(row, column.name, value);
        self.shown(set)
    }

    fn delete(&mut self, row: Slot) -> Result<()> {
        if !self.is_new(row) {
            let meta = row.entity().meta();
            self.rules.require(meta, Action::Delete)?;
            let key = self.session.row(row).map(|row| meta.key_of(&row));
            match key {
                Some(key) => self.rules.require_deletion(&mut *self.session, meta, &key)?,
                None => self.rules.require_deletions(meta)?,
            }
        }
        let deleted = self.session.delete(row);
        self.shown(deleted)
    }

    fn refresh(&mut self, row: Slot) -> Result<()> {
        let refreshed = self.session.refresh(row);
        self.shown(refreshed)
    }

    fn include(&mut self, rows: &[Slot], relation: &str) -> Result<Vec<Slot>> {
        if let Some(row) = rows.first() {
            self.rules.require_relation(row.entity().meta(), relation)?;
        }
        let included = self.session.include(rows, relation);
        self.shown(included)
    }

    fn related(&self, row: Slot, relation: &str) -> Result<Vec<Slot>> {
        self.rules.require_relation(row.entity().meta(), relation)?;
        self.shown(self.session.related(row, relation))
    }

    fn relate(&mut self, row: Slot, relation: &str, other: Slot) -> Result<()> {
        self.require_relating(row, relation, other, Action::Add)?;
        let related = self.session.relate(row, relation, other);
        self.shown(related)
    }

    fn unrelate(&mut self, row: Slot, relation: &str, other: Slot) -> Result<()> {
        self.require_relating(row, relation, other, Action::Delete)?;
        let parted = self.session.unrelate(row, relation, other);
        self.shown(parted)
    }

    fn clear(&mut self) {
        self.session.clear();
    }

    fn changes(&mut self) -> Vec<Edit> {
        let changes = self.session.changes().into_iter();
        changes.map(|edit| self.rules.shown_edit(edit)).collect()
    }

    fn flush(&mut self) -> Result<()> {
        let flushed = self.session.flush();
        self.shown(flushed)
    }

    fn savepoint(&mut self, part: &mut dyn FnMut(&mut dyn DynSession) -> Result<()>) -> Result<()> {
        let rules = self.rules;
        let ended = self.session.savepoint(&mut |session| {
            part(&mut PermittedSession { session: Held::Lent(session), rules })
        });
        self.shown(ended)
    }

    fn commit(&mut self) -> Result<()> {
        let committed = self.session.commit();
        self.shown(committed)
    }

    fn rollback(&mut self) -> Result<()> {
        let rolled_back = self.session.rollback();
        self.shown(rolled_back)
    }

    fn canceller(&mut self) -> Result<Canceller> {
        self.session.canceller()
    }
}
