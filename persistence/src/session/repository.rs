//! Every session is a repository of every entity its engine stores.

use std::any::TypeId;

use super::identity_map::State;
use super::rows::first_value;
use super::{Session, Statements, flush, identity_map};
use crate::backend::Dialect;
use crate::entity::{Draft, Entity, ResolveReferences};
use crate::erased::resolve_assignments;
use crate::error::{Invalid, Result};
use crate::filter::Filter;
use crate::paging;
use crate::query::{Page, PageStart, Query};
use crate::reference::Slot;
use crate::repository::{Assignment, Repository, conflict, not_found};
use crate::store::Store;
use crate::value::RecordKey;

/// The time to fill in: to the microsecond, which is what every engine keeps.
pub(crate) fn now() -> chrono::NaiveDateTime {
    use chrono::SubsecRound as _;
    chrono::Utc::now().naive_utc().trunc_subsecs(6)
}

/// Counts the version up as the database does with an update.
pub(super) fn count_version_up<E: Entity>(base: &E, mine: &mut E) {
    if let Some(version) = E::meta().version
        && let Some(count) = base.value(version).as_integer()
    {
        mine.set_value(version, (count + 1).into())
            .expect("a version is an integer that counts up");
    }
}

/// Takes over the version that another state of the same row has.
pub(super) fn take_version<E: Entity>(from: &E, to: &mut E) {
    if let Some(version) = E::meta().version {
        to.set_value(version, from.value(version)).expect("a version fits its own column");
    }
}

/// Finds rows of the session that drafts refer to.
struct References<'s, C: crate::Engine>(&'s Session<C>);

impl<C: crate::Engine> ResolveReferences for References<'_, C> {
    fn resolve(&mut self, slot: Slot) -> Option<RecordKey> {
        if slot.session != self.0.id {
            return None;
        }
        self.0.rows.get(&slot.entity)?.key_of(slot.row)
    }
}

impl<C: Store<E>, E: Entity> Repository<E> for Session<C> {
    fn find(&mut self, key: &E::Key) -> Result<Option<E>> {
        self.before_reading()?;
        self.read(E::meta(), |connection| connection.select_key(key))
    }

    fn list(&mut self, query: &Query<E>) -> Result<Vec<E>> {
        self.before_reading()?;
        let query = query.resolve(E::meta())?;
        let Some(limit) = query.limit.filter(|_| query.offset == 0) else {
            return self.read(E::meta(), |connection| connection.select(&query));
        };
        if C::Backend::NULL_SORTS_FIRST {
            return self.read(E::meta(), |connection| connection.select(&query));
        }
        // Each block on its own can be read by an ordinary index.
        let mut rows: Vec<E> = Vec::new();
        for filter in paging::blocks(E::meta(), &query.order, &query.filter) {
            let missing = limit.saturating_sub(rows.len() as u64);
            if missing == 0 {
                break;
            }
            let mut block = query.clone().limit(missing);
            block.filter = filter;
            rows.extend(self.read(E::meta(), |connection| connection.select(&block))?);
        }
        Ok(rows)
    }

    fn page(&mut self, query: &Query<E>, start: &PageStart, size: u64) -> Result<Page<E>> {
        paging::page(query, start, size, |query| self.list(query))
    }

    fn count(&mut self, filter: &Filter) -> Result<u64> {
        self.before_reading()?;
        let filter = filter.clone().resolve(E::meta())?;
        self.read(E::meta(), |connection| Store::<E>::count(connection, &filter))
    }

    fn insert_many(&mut self, drafts: Vec<E::Draft>) -> Result<Vec<E>> {
        self.flush()?;
        let now = now();
        let mut references = References(self);
        let mut rows = drafts
            .into_iter()
            .map(|draft| {
                let row = draft.build(now, &mut references)?;
                row.validate()?;
                Ok(row)
            })
            .collect::<Result<Vec<E>, Invalid>>()?;
        if !rows.is_empty() {
            let statements = if rows.len() == 1 { Statements::One } else { Statements::Many };
            self.write(statements, &mut rows, |connection, rows| {
                Store::<E>::insert(connection, rows)
            })?;
        }
        Ok(rows)
    }

    fn update_from(&mut self, base: &E, mine: E) -> Result<E> {
        self.flush()?;
        let stored = self.update_row(base, mine)?;
        let rows = self.rows_of::<E>();
        if let Some(row) = rows.find(&base.key()) {
            rows.written(row, State::Stored(stored.clone()));
        }
        Ok(stored)
    }

    fn delete(&mut self, key: &E::Key) -> Result<()> {
        self.flush()?;
        let mut row: Vec<E> =
            self.read(E::meta(), |connection| connection.select_key(key))?.into_iter().collect();
        let affected =
            self.write(Statements::One, &mut row, |connection, _| connection.delete_key(key))?;
        if affected == 0 {
            return Err(not_found::<E>(key));
        }
        let row = self.rows_of::<E>().find(key);
        self.note_deleted::<E>(row.into_iter().collect());
        Ok(())
    }

    fn delete_where(&mut self, filter: &Filter) -> Result<u64> {
        self.flush()?;
        let filter = filter.clone().resolve(E::meta())?;
        let affected = self.write::<E, _>(Statements::Many, &mut [], |connection, _| {
            Store::<E>::delete_where(connection, &filter)
        })?;
        let known = self.matching::<E>(&filter);
        if affected > known.len() {
            flush::cascade::expire_referring(&mut self.rows, E::meta().table);
        }
        self.note_deleted::<E>(known);
        Ok(affected as u64)
    }

    fn update_where(&mut self, filter: &Filter, assignments: &[Assignment<E>]) -> Result<u64> {
        self.flush()?;
        let filter = filter.clone().resolve(E::meta())?;
        let assignments = resolve_assignments(assignments)?;
        if assignments.is_empty() {
            return self.read(E::meta(), |connection| Store::<E>::count(connection, &filter));
        }
        let affected = self.write::<E, _>(Statements::Many, &mut [], |connection, _| {
            Store::<E>::update_where(connection, &filter, &assignments)
        })?;
        for row in self.matching::<E>(&filter) {
            let rows = self.rows_of::<E>();
            if let Some(key) = rows.state(row).key() {
                rows.written(row, State::Expired(key));
            }
        }
        Ok(affected as u64)
    }
}

impl<C: crate::Engine> Session<C> {
    /// Updates the columns of one row that differ, guarded by its version.
    fn update_row<E: Entity>(&mut self, base: &E, mut mine: E) -> Result<E>
    where
        C: Store<E>,
    {
        mine.validate()?;
        let changed = identity_map::changes(base, &mine);
        if changed.is_empty() {
            return Ok(base.clone());
        }
        let affected =
            self.write(Statements::One, std::slice::from_mut(&mut mine), |connection, mine| {
                mine.first().map_or(Ok(0), |mine| connection.update(base, mine, changed))
            })?;
        if affected == 0 {
            let theirs = self.read(E::meta(), |connection| connection.select_key(&base.key()))?;
            return Err(conflict(Some(base), Some(&mine), theirs.as_ref(), &base.key()));
        }
        count_version_up(base, &mut mine);
        Ok(mine)
    }

    /// Notes that rows were deleted, with what goes along.
    fn note_deleted<E: Entity>(&mut self, deleted: Vec<u32>)
    where
        C: Store<E>,
    {
        let mut parents = flush::Deleted::new(E::meta());
        let rows = self.rows_of::<E>();
        for row in deleted {
            parents.add(row, rows.state(row).base().and_then(first_value));
            rows.written(row, State::Gone);
        }
        flush::cascade::follow(&mut self.rows, vec![(TypeId::of::<E>(), parents)], self.id);
    }

    /// Rows of this session that a bulk statement with that filter has just written.
    fn matching<E: Entity>(&mut self, filter: &Filter) -> Vec<u32>
    where
        C: Store<E>,
    {
        let rows = self.rows_of::<E>();
        rows.stored()
            .filter(|(_, entity)| filter.matches(E::meta(), &entity.to_record()))
            .map(|(row, _)| row)
            .collect()
    }
}
