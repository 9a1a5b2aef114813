//! Every session is a repository of every entity its engine stores.

use std::collections::{HashMap, HashSet};

use super::along::Along;
use super::guarding::Guarded;
use super::identity_map::State;
use super::rows::only_value;
use super::settling::Wrote;
use super::{Change, ChangeKind, Session, Statements, identity_map, reporting};
use crate::backend::Dialect;
use crate::clock::now;
use crate::column_type::ColumnType;
use crate::entity::{ColumnMeta, Draft, Entity, ResolveReferences};
use crate::erased::resolve_assignments;
use crate::error::{Error, Invalid, Result};
use crate::filter::Filter;
use crate::paging::{self, Source};
use crate::query::{Cursor, Page, PageStart, Query};
use crate::reference::Slot;
use crate::repository::{
    Assignment, Repository, conflict, is_hidden, marks_deleted, not_found, stamp,
};
use crate::rules::check_change;
use crate::scalar::PrimaryKey as _;
use crate::sealed::Sealed;
use crate::sql::Versions;
use crate::store::{Store, table};
use crate::upsert::Upsert;
use crate::value::{Record, RecordKey, Value};

/// Rows that are upserted and read again together.
const ROWS_PER_PART: usize = 500;

/// Counts the version up as the database does with an update.
pub(super) fn count_version_up<E: Entity>(base: &E, mine: &mut E) {
    if let Some(version) = E::meta().version
        && let Some(count) = base.value(version).as_integer()
    {
        mine.set_value(version, (count + 1).into())
            .expect("a version is an integer that counts up");
    }
}

/// Returns how many statements insert rows: what the database gives them is read by another.
pub(super) fn statements_of<E: Entity>(rows: &[E]) -> Statements {
    let is_one = rows.len() == 1 && !E::meta().has_generated_values();
    if is_one { Statements::One } else { Statements::Many }
}

/// Refuses to update a row whose version cannot be counted up any more.
///
/// # Errors
/// [`Error::Data`] for such a row.
pub(super) fn check_version<E: Entity>(base: &E) -> Result<()> {
    let Some(version) = E::meta().version else { return Ok(()) };
    let largest = match E::meta().columns.get(version).map(|column| column.column_type) {
        Some(ColumnType::Integer { bits: 16 }) => i16::MAX.into(),
        Some(ColumnType::Integer { bits: 32 }) => i32::MAX.into(),
        _ => i64::MAX,
    };
    if base.value(version).as_integer() != Some(largest) {
        return Ok(());
    }
    let (table, column) = (E::meta().table, E::meta().names(&[version]).concat());
    let message =
        format!("{table}.{column}: {largest} versions are counted, there is none after it");
    Err(Error::Data { message })
}

/// Finds rows of the session that drafts refer to.
struct References<'s, C: crate::Engine>(&'s Session<C>);

impl<C: crate::Engine> Sealed for References<'_, C> {}

impl<C: crate::Engine> ResolveReferences for References<'_, C> {
    fn resolve(&mut self, slot: Slot) -> Option<RecordKey> {
        if slot.session != self.0.id {
            return None;
        }
        self.0.rows.get(&slot.entity)?.key_of(slot.row)
    }
}

impl<C: Store<E>, E: Entity> Source<E> for Session<C> {
    type Row = E;
    const NULL_SORTS_FIRST: bool = C::Backend::NULL_SORTS_FIRST;

    fn rows(&mut self, query: &Query<E>) -> Result<Vec<E>> {
        self.read(E::meta(), |connection| connection.select(query))
    }

    fn place(&mut self, query: &Query<E>) -> Result<Option<Cursor>> {
        self.place_of(E::meta(), query)
    }

    fn count(&mut self, query: &Query<E>) -> Result<u64> {
        self.count_up_to(E::meta(), query)
    }

    fn to_record(row: &E) -> Record {
        row.to_record()
    }
}

impl<C: Store<E>, E: Entity> Repository<E> for Session<C> {
    fn find(&mut self, key: &E::Key) -> Result<Option<E>> {
        let found = self.row_found(key)?;
        self.rows_of::<E>().lent.lend(found.as_slice());
        Ok(found)
    }

    fn list(&mut self, query: &Query<E>) -> Result<Vec<E>> {
        let rows = self.rows_found(query)?;
        if query.preview.is_none() {
            self.rows_of::<E>().lent.lend(&rows);
        }
        Ok(rows)
    }

    fn page(&mut self, query: &Query<E>, start: &PageStart, size: u64) -> Result<Page<E>> {
        let page = self.page_found(query, start, size)?;
        if query.preview.is_none() {
            self.rows_of::<E>().lent.lend(&page.rows);
        }
        Ok(page)
    }

    fn records(&mut self, query: &Query<E>) -> Result<Vec<Record>> {
        self.records_of(E::meta(), query)
    }

    fn record_page(
        &mut self,
        query: &Query<E>,
        start: &PageStart,
        size: u64,
    ) -> Result<Page<Record>> {
        self.page_of_records(E::meta(), query, start, size)
    }

    fn count(&mut self, filter: &Filter) -> Result<u64> {
        self.count_of(E::meta(), filter)
    }

    fn insert_many(&mut self, drafts: Vec<E::Draft>) -> Result<Vec<E>> {
        self.flush()?;
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = self.built::<E>(drafts)?;
        self.recorded(|session| {
            if !rows.is_empty() {
                session.write(statements_of(&rows), &mut rows, |connection, rows| {
                    Store::<E>::insert(connection, rows)
                })?;
            }
            let own = session.rows_of::<E>();
            for row in &rows {
                own.inserted_anew(row);
            }
            own.lent.lend(&rows);
            session.note_given(&rows);
            session.note_inserted(&rows);
            session.note_related(&rows);
            session.note_written(|_| rows.iter().map(reporting::inserted).collect())?;
            Ok(rows)
        })
    }

    fn insert_with_keys(&mut self, rows: Vec<E>) -> Result<Vec<E>> {
        self.flush()?;
        rows.iter().try_for_each(E::validate)?;
        self.insert_given(rows)
    }

    fn upsert(&mut self, drafts: Vec<E::Draft>, upsert: &Upsert<E>) -> Result<Vec<E>> {
        upsert.check()?;
        self.flush()?;
        let rows = self.built::<E>(drafts)?;
        let parts = upsert.parts(rows, ROWS_PER_PART);
        self.savepoint(|session| {
            let mut stored = Vec::new();
            for part in parts {
                stored.extend(session.upsert_part(part, *upsert)?);
            }
            Ok(stored)
        })
    }

    fn update(&mut self, mine: E) -> Result<E> {
        let key = mine.key();
        let version = |row: &E| E::meta().version.map(|version| row.value(version));
        let lent = self.rows_of::<E>().as_lent(&key);
        if let Some(base) = lent.filter(|lent| version(lent) == version(&mine)).cloned() {
            return self.update_from(&base, mine);
        }
        match self.find(&key)? {
            Some(theirs) if version(&theirs) == version(&mine) => self.update_from(&theirs, mine),
            theirs => {
                self.note_conflict(false);
                Err(conflict(None, Some(&mine), theirs.as_ref(), &key))
            }
        }
    }

    fn update_from(&mut self, base: &E, mine: E) -> Result<E> {
        self.flush()?;
        self.rekeyed(base.key() != mine.key(), |session| {
            let stored = session.update_row(base, mine)?;
            let rows = session.rows_of::<E>();
            if let Some(row) = rows.find(&base.key()) {
                rows.written(row, State::Stored(stored.clone()));
            }
            rows.lent.forget(&base.key());
            rows.lent.lend(std::slice::from_ref(&stored));
            if base.key() != stored.key() {
                session.rows_of::<E>().give(Some(stored.key()));
            }
            session.note_related(std::slice::from_ref(&stored));
            session.note_updated(&base.key(), &stored)?;
            session.note_written(|_| reporting::updated(base, &stored).into_iter().collect())?;
            Ok(stored)
        })
    }

    fn delete(&mut self, key: &E::Key) -> Result<()> {
        self.flush()?;
        if let Some(known) = self.rows_of::<E>().as_known(key).cloned() {
            return self.delete_from(&known);
        }
        if let Some(mark) = marks_deleted::<E>() {
            // What is recorded as a change of one row can be taken back.
            if self.hooks.record.is_some()
                && let Ok(Some(row)) = Repository::<E>::find(self, key)
            {
                return self.delete_from(&row);
            }
            let filter = Filter::key(E::meta(), &key.to_record_key());
            return match self.update_where(&filter, &[mark])? {
                0 => Err(not_found::<E>(key)),
                _ => Ok(()),
            };
        }
        match self.read(E::meta(), |connection| connection.select_key(key)) {
            Ok(read) => self.delete_from(&read.ok_or_else(|| not_found::<E>(key))?),
            // A row with an odd cell cannot be known, and can be deleted.
            Err(Error::Unreadable(_)) => self.delete_as_stored::<E>(&key.to_record_key()),
            Err(error) => Err(error),
        }
    }

    fn delete_from(&mut self, base: &E) -> Result<()> {
        self.flush()?;
        self.recorded(|session| session.delete_row_from(base))
    }

    fn delete_where(&mut self, filter: &Filter) -> Result<u64> {
        if let Some(mark) = marks_deleted::<E>() {
            return self.update_where(filter, &[mark]);
        }
        self.flush()?;
        let filter = filter.clone().resolve(E::meta())?;
        let known = self.matching::<E>(&filter)?;
        self.recorded(|session| {
            let affected = session.write::<E, _>(Statements::Many, &mut [], |connection, _| {
                table::delete_where(connection, E::meta(), &filter)
            })?;
            let wrote = if affected > known.len() {
                Wrote::DeletedUnknown(E::meta().table)
            } else {
                Wrote::DeletedKnown(E::meta().table)
            };
            session.note_deleted::<E>(known, wrote);
            session.forget_lent::<E>(&filter);
            let rows = affected as u64;
            let kind = ChangeKind::DeleteWhere { filter, rows };
            session.note_written(|_| vec![Change { entity: E::meta(), kind }])?;
            Ok(rows)
        })
    }

    fn update_where(&mut self, filter: &Filter, assignments: &[Assignment<E>]) -> Result<u64> {
        self.flush()?;
        let filter = filter.clone().resolve(E::meta())?;
        let assignments = resolve_assignments(assignments)?;
        if assignments.is_empty() {
            return self.read(E::meta(), |connection| table::count(connection, E::meta(), &filter));
        }
        let known = self.matching::<E>(&filter)?;
        let is_key = |(column, _): &(&ColumnMeta, Value)| {
            E::meta().key_columns().any(|key| key.name == column.name)
        };
        self.rekeyed(assignments.iter().any(is_key), |session| {
            let affected = session.write::<E, _>(Statements::Many, &mut [], |connection, _| {
                let (meta, versions) = (E::meta(), Versions::CountUp);
                table::update_where(connection, meta, &filter, &assignments, versions)
            })?;
            let has_unknown = affected > known.len();
            if has_unknown {
                session.forget_related(&assignments);
            }
            session.note_assigned::<E>((&known, has_unknown), &assignments)?;
            session.forget_lent::<E>(&filter);
            let rows = affected as u64;
            let kind = ChangeKind::UpdateWhere { filter, columns: assignments, rows };
            session.note_written(|_| vec![Change { entity: E::meta(), kind }])?;
            Ok(rows)
        })
    }
}

impl<C: crate::Engine> Session<C> {
    /// Writes what the audit records: both or neither.
    pub(super) fn recorded<T>(&mut self, write: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.hooks.record.is_none() {
            return write(self);
        }
        self.savepoint(write)
    }

    /// Writes what is recorded, or is more than one statement where keys change: all or nothing.
    fn rekeyed<T>(
        &mut self,
        changes_keys: bool,
        write: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if changes_keys { self.savepoint(write) } else { self.recorded(write) }
    }

    /// Notes keys that a statement may have given to rows that the session does not have.
    fn note_given<E: Entity>(&mut self, rows: &[E])
    where
        C: Store<E>,
    {
        if E::meta().has_generated_key() {
            return;
        }
        let own = self.rows_of::<E>();
        for row in rows {
            own.give(Some(row.key()));
        }
    }

    /// Deletes a row as it was read.
    fn delete_row_from<E: Entity>(&mut self, base: &E) -> Result<()>
    where
        C: Store<E>,
    {
        let key = base.key();
        let mut along = Along::default();
        let (guarded, marked) = match E::meta().deleted() {
            None => {
                let values = only_value(&key).into_iter().collect();
                along = self.read_along_with(vec![(E::meta(), values)])?;
                (self.delete_guarded(base)?, None)
            }
            Some(column) => {
                let (guarded, marked) = self.mark_guarded(base, column)?;
                (guarded, Some(marked))
            }
        };
        match guarded {
            Guarded::Written => {}
            Guarded::Gone => return Err(not_found::<E>(&key)),
            guarded @ Guarded::Changed(_) => {
                let is_own = self.rows_of::<E>().as_known(&key) == Some(base);
                self.note_conflict(is_own);
                return Err(guarded.conflict(base, None));
            }
        }
        let rows = self.rows_of::<E>();
        rows.lent.forget(&key);
        if let Some(marked) = marked {
            if let Some(row) = rows.find(&key) {
                rows.written(row, State::Gone);
            }
            self.note_updated(&key, &marked)?;
            return self.note_written(|_| reporting::updated(base, &marked).into_iter().collect());
        }
        // Rows that refer to it may be known, although it is not.
        self.loaded(base.clone());
        let row = self.rows_of::<E>().find(&key);
        let wrote = Wrote::DeletedKnown(E::meta().table);
        self.note_deleted::<E>(row.into_iter().collect(), wrote);
        self.note_with_along(vec![reporting::deleted(base)], along)
    }

    /// Finds the row with a primary key, which the session does not remember.
    pub(super) fn row_found<E: Entity>(&mut self, key: &E::Key) -> Result<Option<E>>
    where
        C: Store<E>,
    {
        self.before_reading()?;
        let found = self.read(E::meta(), |connection| connection.select_key(key))?;
        Ok(found.filter(|row| !is_hidden(row)))
    }

    /// Finds the rows of a query, which the session does not remember.
    pub(super) fn rows_found<E: Entity>(&mut self, query: &Query<E>) -> Result<Vec<E>>
    where
        C: Store<E>,
    {
        self.before_reading()?;
        let query = query.resolve(E::meta())?;
        if query.lock.is_some() {
            self.lock_for_writing(E::meta())?;
        }
        paging::list(E::meta(), &query, self)
    }

    /// Finds a page of a query, whose rows the session does not remember.
    pub(super) fn page_found<E: Entity>(
        &mut self,
        query: &Query<E>,
        start: &PageStart,
        size: u64,
    ) -> Result<Page<E>>
    where
        C: Store<E>,
    {
        self.before_reading()?;
        if query.lock.is_some() {
            self.lock_for_writing(E::meta())?;
        }
        paging::page(E::meta(), query, start, size, self)
    }

    /// Updates the columns of one row that differ, if these and its version are as in `base`.
    fn update_row<E: Entity>(&mut self, base: &E, mut mine: E) -> Result<E>
    where
        C: Store<E>,
    {
        check_change(base, &mine)?;
        let changed = identity_map::changes(base, &mine);
        if changed.is_empty() {
            return Ok(base.clone());
        }
        check_version(base)?;
        let changed = stamp(&mut mine, changed, now());
        let guarded = self.update_guarded(base, &mut mine, changed)?;
        if !matches!(guarded, Guarded::Written) {
            let is_own = self.rows_of::<E>().as_lent(&base.key()) == Some(base);
            self.note_conflict(is_own);
            return Err(guarded.conflict(base, Some(&mine)));
        }
        count_version_up(base, &mut mine);
        self.read_computed(&mut mine)?;
        Ok(mine)
    }

    /// Reads what the database has computed anew in a row that was updated.
    pub(super) fn read_computed<E: Entity>(&mut self, row: &mut E) -> Result<()>
    where
        C: Store<E>,
    {
        if E::meta().computed().next().is_none() {
            return Ok(());
        }
        let key = row.key();
        if let Some(stored) = self.read(E::meta(), |connection| connection.select_key(&key))? {
            for position in E::meta().computed() {
                row.set_value(position, stored.value(position))
                    .expect("a value fits the column that it was read from");
            }
        }
        Ok(())
    }

    /// Makes the rows of drafts.
    fn built<E: Entity>(&mut self, drafts: Vec<E::Draft>) -> Result<Vec<E>, Invalid> {
        let now = now();
        let mut references = References(self);
        let build = |draft: E::Draft| {
            let row = draft.build(now, &mut references)?;
            row.validate()?;
            Ok(row)
        };
        drafts.into_iter().map(build).collect()
    }

    /// Upserts rows of which no two are the same.
    fn upsert_part<E: Entity>(&mut self, mut rows: Vec<E>, upsert: Upsert<E>) -> Result<Vec<E>>
    where
        C: Store<E>,
    {
        let values: Vec<Option<Vec<Value>>> = rows.iter().map(|row| upsert.values(row)).collect();
        // What is like no other is inserted, whatever is there.
        let (mut lone, mut known) = (Vec::new(), Vec::new());
        for (row, values) in rows.drain(..).zip(&values) {
            if values.is_some() { known.push(row) } else { lone.push(row) }
        }
        let wanted: Vec<Vec<Value>> = values.iter().flatten().cloned().collect();
        let before = if self.hooks.report_writes() {
            self.found_by(&wanted, upsert)?
        } else {
            HashMap::new()
        };
        if !lone.is_empty() {
            self.write(Statements::Many, &mut lone, |connection, rows| {
                Store::<E>::insert(connection, rows)
            })?;
        }
        if !known.is_empty() {
            let (on, set) = (upsert.columns_to_find(), upsert.columns_to_set());
            self.write(Statements::Many, &mut known, |connection, rows| {
                connection.insert_or_update(rows, on, set)
            })?;
        }
        let found = self.found_by(&wanted, upsert)?;
        let mut lone = lone.into_iter();
        let (mut stored, mut bases) = (Vec::new(), Vec::new());
        for values in values {
            let row = match &values {
                None => lone.next(),
                Some(values) => found.get(values).cloned(),
            };
            let row = row.ok_or_else(|| Error::NotFound {
                entity: E::meta().name,
                wanted: "the values that were just upserted".to_owned(),
            })?;
            bases.push(values.and_then(|values| before.get(&values)));
            let rows = self.rows_of::<E>();
            if let Some(known) = rows.find(&row.key()) {
                rows.written(known, State::Stored(row.clone()));
            }
            stored.push(row);
        }
        self.rows_of::<E>().lent.lend(&stored);
        self.note_given(&stored);
        self.note_related(&stored);
        self.note_written(|_| {
            let changes = stored.iter().zip(bases).filter_map(|(row, base)| match base {
                Some(base) => reporting::updated(base, row),
                None => Some(reporting::inserted(row)),
            });
            changes.collect()
        })?;
        Ok(stored)
    }

    /// Finds the rows that have these values by the database's own equality, which may look past
    /// case and blanks; also those that are only marked as deleted.
    fn found_by<E: Entity>(
        &mut self,
        values: &[Vec<Value>],
        upsert: Upsert<E>,
    ) -> Result<HashMap<Vec<Value>, E>>
    where
        C: Store<E>,
    {
        if values.is_empty() {
            return Ok(HashMap::new());
        }
        let mut query = Query::<E>::new();
        query.filter = upsert.filter(values);
        let rows = self.read(E::meta(), |connection| connection.select(&query))?;
        if let ([wanted], [row, ..]) = (values, rows.as_slice()) {
            let is_it = |row: &&E| upsert.values(row).as_ref() == Some(wanted);
            let row = rows.iter().find(is_it).unwrap_or(row);
            return Ok(HashMap::from([(wanted.clone(), row.clone())]));
        }
        let mut found: HashMap<Vec<Value>, E> =
            rows.into_iter().filter_map(|row| Some((upsert.values(&row)?, row))).collect();
        let wanted: HashSet<&Vec<Value>> = values.iter().collect();
        if found.keys().any(|own| !wanted.contains(own)) {
            for wanted in values {
                if !found.contains_key(wanted) {
                    found.extend(self.found_by(std::slice::from_ref(wanted), upsert)?);
                }
            }
        }
        Ok(found)
    }

    /// Finds the row with that primary key, also one that is only marked as deleted.
    pub(crate) fn stored_row<E: Entity>(&mut self, key: &E::Key) -> Result<Option<E>>
    where
        C: Store<E>,
    {
        self.flush()?;
        self.read(E::meta(), |connection| connection.select_key(key))
    }
}
