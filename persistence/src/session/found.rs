//! Rows of tables that are found at run time: read and written by their metadata alone.

use diesel::result::QueryResult;

use super::identity_map::journal::KeyChange;
use super::records::{are_alike, missing};
use super::settling::{nothing_since, settle_rows};
use super::{Change, ChangeKind, Session, Statements};
use crate::backend::{Engine, Index, Plan};
use crate::catalog::DynRepository;
use crate::clock::now;
use crate::drafting::all_assigned;
use crate::edit::Edit;
use crate::entity::{ColumnMeta, ColumnSet, EntityMeta, Fill};
use crate::error::{Error, FieldError, Invalid, Result};
use crate::fill::{filled, filled_where};
use crate::filter::{Filter, known};
use crate::lengths::Lengths;
use crate::query::{Cursor, Page, PageStart, Query, Stride};
use crate::sealed::Sealed;
use crate::sql::{Untyped, Versions, can_be_sent, guard_of_deletion, guard_of_update};
use crate::statistics::ColumnStatistics;
use crate::store::{rows, table};
use crate::value::{Record, RecordKey, Value};

/// The rows of a table whose metadata was made at run time; see [`Session::table`].
struct FoundTable<'s, C: Engine> {
    session: &'s mut Session<C>,
    meta: &'static EntityMeta,
}

impl<C: Engine> Session<C> {
    /// Returns the repository of a table whose metadata was made at run time: what every entity's
    /// repository does, of rows that have no type. They are checked by their columns alone, and are not in
    /// the unit of work: what is pending is written first, and rows that the session knows are read again
    /// once some of a table were written.
    ///
    /// ```
    /// # use diesel::{SqliteConnection, connection::SimpleConnection};
    /// # use persistence::Database;
    /// use persistence::entity::{Fill, Storage};
    /// use persistence::{ColumnMeta, ColumnType, DynRepository as _, EntityMeta, Record, Value};
    ///
    /// let columns = vec![
    ///     ColumnMeta::new("id", ColumnType::Integer { bits: 64 }, Storage::BigInt)
    ///         .filled(Fill::Generated),
    ///     ColumnMeta::new("text", ColumnType::Text, Storage::Text),
    /// ];
    /// let notes = Box::leak(Box::new(EntityMeta::new("notes", "notes", columns.leak(), &[0])));
    /// # let database = Database::<SqliteConnection>::open(":memory:")?;
    /// # let mut session = database.session()?;
    /// # session.connection()?.batch_execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)").unwrap();
    /// let note = Record(vec![Value::Null, "Buy milk".into()]);
    /// let stored = session.table(notes).insert(note)?;
    /// assert_eq!(stored.value(0), &Value::Integer(1));
    /// # Ok::<(), persistence::Error>(())
    /// ```
    pub fn table<'s>(&'s mut self, meta: &'static EntityMeta) -> impl DynRepository + use<'s, C> {
        FoundTable { session: self, meta }
    }
}

impl<C: Engine> Sealed for FoundTable<'_, C> {}

impl<C: Engine> FoundTable<'_, C> {
    /// Writes what is pending, then rows of the table: all or nothing. The session reads what it knows
    /// again, for it may be of these rows or have gone along with them.
    fn write<T>(&mut self, write: impl FnOnce(&mut Session<C>) -> Result<(T, Wrote)>) -> Result<T> {
        let meta = self.meta;
        self.session.flush()?;
        self.session.savepoint(|session| {
            let (written, wrote) = write(session)?;
            session.expire_all();
            let keys = wrote.keys(meta);
            session.with_all_rows(|session, all| {
                let is_of_table = |other: &'static EntityMeta| other.table == meta.table;
                settle_rows(session, all, (meta, is_of_table), keys.as_deref(), nothing_since);
            });
            session.note_written(|_| wrote.changes(meta))?;
            Ok(written)
        })
    }

    /// Refuses to read pages where rows have no key: none could find its neighbour.
    fn require_key(&self) -> Result<()> {
        if self.meta.key.is_empty() {
            let message = format!("`{}` has no primary key, and so no pages", self.meta.table);
            return Err(Error::Schema { message });
        }
        Ok(())
    }

    /// Inserts rows that are whole, with keys that are given or that the database counts.
    fn insert_rows(
        &mut self,
        rows: Vec<Record>,
        insert: fn(&mut C, Untyped, &mut [Record]) -> QueryResult<()>,
    ) -> Result<Vec<Record>> {
        let meta = self.meta;
        let mut stored: Vec<Record> = rows.iter().map(|row| as_stored(meta, row)).collect();
        self.write(|session| {
            let statements = if rows.len() == 1 { Statements::One } else { Statements::Many };
            if !rows.is_empty() {
                session.write_mapped(
                    Untyped(meta),
                    statements,
                    &mut stored,
                    |connection, rows| insert(connection, Untyped(meta), rows),
                )?;
            }
            let rows: Vec<Record> = rows
                .into_iter()
                .zip(stored)
                .map(|(row, stored)| completed(meta, row, stored))
                .collect();
            let wrote = rows.iter().map(|row| [None, Some(row.clone())]).collect();
            Ok((rows, Wrote::Rows(wrote)))
        })
    }
}

impl<C: Engine> DynRepository for FoundTable<'_, C> {
    fn meta(&self) -> &'static EntityMeta {
        self.meta
    }

    fn find(&mut self, key: &RecordKey) -> Result<Option<Record>> {
        let mut query = <Query>::new().limit(1);
        query.filter = Filter::key(self.meta, &self.meta.coerce_key(key)?);
        Ok(self.list(&query)?.pop())
    }

    fn list(&mut self, query: &Query) -> Result<Vec<Record>> {
        self.session.records_of(self.meta, query)
    }

    fn page(&mut self, query: &Query, start: &PageStart, size: u64) -> Result<Page<Record>> {
        self.require_key()?;
        self.session.page_of_records(self.meta, query, start, size)
    }

    fn stride(&mut self, query: &Query, after: Option<&Cursor>, rows: u64) -> Result<Stride> {
        self.require_key()?;
        self.session.stride_of(self.meta, query, after, rows)
    }

    fn lengths(&mut self, keys: &[RecordKey]) -> Result<Vec<Lengths>> {
        let keys = keys.iter().map(|key| self.meta.coerce_key(key));
        self.session.lengths_of(self.meta, &keys.collect::<Result<Vec<_>, _>>()?)
    }

    fn count(&mut self, filter: &Filter) -> Result<u64> {
        self.session.count_of(self.meta, filter)
    }

    fn estimate(&mut self, filter: &Filter) -> Result<Option<u64>> {
        self.session.estimate_of(self.meta, filter)
    }

    fn explain(&mut self, query: &Query, start: &PageStart, size: u64) -> Result<Plan> {
        self.session.explain_of(self.meta, query, start, size)
    }

    fn indexes(&mut self) -> Result<Vec<Index>> {
        self.session.indexes_of(self.meta)
    }

    fn distinct(&mut self, column: &str, filter: &Filter, size: u64) -> Result<Vec<(Value, u64)>> {
        self.session.distinct_of(self.meta, column, filter, size)
    }

    fn statistics(&mut self, column: &str, filter: &Filter) -> Result<ColumnStatistics> {
        self.session.statistics_of(self.meta, column, filter)
    }

    fn sum(&mut self, columns: &[&str], filter: &Filter) -> Result<Vec<Value>> {
        self.session.sums_of(self.meta, columns, filter)
    }

    fn insert(&mut self, row: Record) -> Result<Record> {
        let inserted = self.insert_many(vec![row])?.pop();
        Ok(inserted.expect("as many rows come back as were given"))
    }

    fn insert_many(&mut self, rows: Vec<Record>) -> Result<Vec<Record>> {
        let meta = self.meta;
        let row = |mut row: Record| {
            meta.check_width(&row)?;
            for (position, column) in meta.columns.iter().enumerate() {
                if column.fill != Fill::Draft {
                    row.set(position, Value::Null);
                }
            }
            checked(meta, filled(meta, row))
        };
        let rows = rows.into_iter().map(row).collect::<Result<_, Invalid>>()?;
        self.insert_rows(rows, rows::insert)
    }

    fn insert_with_keys(&mut self, rows: Vec<Record>) -> Result<Vec<Record>> {
        let meta = self.meta;
        let row = |row| {
            meta.check_width(&row)?;
            checked(meta, filled_where(meta, row, |fill| fill != Fill::Generated))
        };
        let rows = rows.into_iter().map(row).collect::<Result<_, Invalid>>()?;
        self.insert_rows(rows, rows::insert_with_keys)
    }

    fn update_from(&mut self, base: &Record, mine: Record) -> Result<Record> {
        let meta = self.meta;
        meta.check_whole(base)?;
        meta.check_whole(&mine)?;
        self.write(|session| {
            let stored = if meta.has_odd_cell(base) {
                session.write_cells(meta, base, mine, |session, filter, cells| {
                    let cells = all_assigned(meta, cells.iter().cloned())?;
                    update_rows(session, meta, filter, &cells)
                })?
            } else {
                update_row(session, meta, base, mine)?
            };
            let wrote = vec![[Some(base.clone()), Some(stored.clone())]];
            Ok((stored, Wrote::Rows(wrote)))
        })
    }

    fn delete(&mut self, key: &RecordKey) -> Result<()> {
        match self.find(key)? {
            Some(row) => self.delete_from(&row),
            None => Err(missing(self.meta, key)),
        }
    }

    fn delete_from(&mut self, base: &Record) -> Result<()> {
        let meta = self.meta;
        self.write(|session| {
            let guard = guard_of_deletion(meta);
            let written = if meta.has_odd_cell(base) || meta.deleted().is_some() {
                Written::NotYet
            } else {
                let row = as_stored(meta, base);
                write_guarded(session, meta, [&row, &row], guard, |connection, guard| {
                    rows::delete(connection, Untyped(meta), std::slice::from_ref(&row), guard)
                })?
            };
            if written == Written::NotYet {
                let filter = Filter::row(meta, base);
                let theirs = session.locked_record(meta, &filter)?;
                let Some(theirs) = theirs else { return Err(missing(meta, &meta.key_of(base))) };
                let is_as_read = are_alike(&theirs, base, guard.iter().chain(meta.version));
                let delete = |session: &mut Session<C>| delete_rows(session, meta, &filter);
                if !is_as_read || !session.one_row(meta, delete)? {
                    return Err(session.conflict_of(meta, base, None, Some(theirs)));
                }
            }
            Ok(((), Wrote::Rows(vec![[Some(base.clone()), None]])))
        })
    }

    fn delete_where(&mut self, filter: &Filter) -> Result<u64> {
        let meta = self.meta;
        let filter = filter.clone().resolve(meta)?;
        self.write(|session| {
            let rows = delete_rows(session, meta, &filter)?;
            Ok((rows, Wrote::Bulk(ChangeKind::DeleteWhere { filter, rows })))
        })
    }

    fn update_where(&mut self, filter: &Filter, cells: &[(String, Value)]) -> Result<u64> {
        let meta = self.meta;
        let filter = filter.clone().resolve(meta)?;
        let cell = |(name, value): &(String, Value)| {
            Ok((known(meta, name).map_err(Error::from)?, value.clone()))
        };
        let cells = cells.iter().map(cell).collect::<Result<Vec<_>>>()?;
        let columns = all_assigned(meta, cells)?;
        if columns.is_empty() {
            return self.count(&filter);
        }
        self.write(|session| {
            let rows = update_rows(session, meta, &filter, &columns)?;
            Ok((rows, Wrote::Bulk(ChangeKind::UpdateWhere { filter, columns, rows })))
        })
    }
}

/// Whether a row has been written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Yes,
    /// The statement has found no row that is as it was read; what only reads alike may be.
    NotYet,
}

/// Writes a row by a statement that compares it with what was read; `row` is what is written.
fn write_guarded<C: Engine>(
    session: &mut Session<C>,
    meta: &'static EntityMeta,
    [base, row]: [&Record; 2],
    guard: ColumnSet,
    write: impl Fn(&mut C, ColumnSet) -> QueryResult<usize>,
) -> Result<Written> {
    if !can_be_sent::<C::Backend, _>(Untyped(meta), base, guard) {
        return Ok(Written::NotYet);
    }
    let mut row = [row.clone()];
    let written =
        session.write_mapped(Untyped(meta), Statements::One, &mut row, |connection, _| {
            write(connection, guard)
        })?;
    Ok(if written > 0 { Written::Yes } else { Written::NotYet })
}

/// Updates a row whose cells are values of their columns, as long as it is as it was read.
fn update_row<C: Engine>(
    session: &mut Session<C>,
    meta: &'static EntityMeta,
    base: &Record,
    mine: Record,
) -> Result<Record> {
    let cells = (0..)
        .zip(meta.columns)
        .filter(|(position, _)| base.value(*position) != mine.value(*position))
        .map(|(position, column)| (column, mine.value(position).clone()));
    let assigned = all_assigned(meta, cells)?;
    if assigned.is_empty() {
        return Ok(mine);
    }
    let (mut changed, mut written) = (ColumnSet::EMPTY, base.clone());
    for (column, value) in assigned {
        if let Some(position) = meta.position(column.name) {
            changed = changed.with(position);
            written.set(position, value);
        }
    }
    let (read, mine) = (as_stored(meta, base), as_stored(meta, &written));
    let guard = guard_of_update(meta, changed);
    let update = |connection: &mut C, guard| {
        rows::update(connection, Untyped(meta), [&read, &mine], changed, guard)
    };
    if write_guarded(session, meta, [&read, &mine], guard, update)? == Written::NotYet {
        let theirs = session.locked_record(meta, &Filter::row(meta, base))?;
        let guarded = guard.iter().chain(meta.version);
        let is_as_read = theirs.as_ref().is_some_and(|theirs| are_alike(theirs, base, guarded));
        if !is_as_read
            || write_guarded(session, meta, [&read, &mine], ColumnSet::EMPTY, update)?
                == Written::NotYet
        {
            return Err(session.conflict_of(meta, base, Some(written), theirs));
        }
    }
    let stored = session.record_of(meta, Filter::row(meta, &written), None)?;
    stored.ok_or_else(|| missing(meta, &meta.key_of(&written)))
}

fn update_rows<C: Engine>(
    session: &mut Session<C>,
    meta: &'static EntityMeta,
    filter: &Filter,
    columns: &[(&'static ColumnMeta, Value)],
) -> Result<u64> {
    let rows =
        session.write_mapped(Untyped(meta), Statements::Many, &mut [], |connection, _| {
            table::update_where(connection, meta, filter, columns, Versions::CountUp)
        })?;
    Ok(rows as u64)
}

/// Deletes the rows that a filter finds; those that are to be kept are only marked.
fn delete_rows<C: Engine>(
    session: &mut Session<C>,
    meta: &'static EntityMeta,
    filter: &Filter,
) -> Result<u64> {
    if let Some(mark) = meta.deleted().and_then(|mark| meta.columns.get(mark)) {
        let cells = all_assigned(meta, [(mark, Value::Timestamp(now()))])?;
        return update_rows(session, meta, filter, &cells);
    }
    let rows =
        session.write_mapped(Untyped(meta), Statements::Many, &mut [], |connection, _| {
            table::delete_where(connection, meta, filter)
        })?;
    Ok(rows as u64)
}

/// Checks that the values of a row are what its columns keep.
fn checked(meta: &'static EntityMeta, row: Record) -> Result<Record, Invalid> {
    let mut row = meta.coerce(row)?;
    let mut errors = Vec::new();
    for (column, value) in meta.columns.iter().zip(&mut row.0) {
        match column.keeps(std::mem::take(value)) {
            Ok(kept) => *value = kept,
            Err(error) => errors.push(FieldError::of_value(column.name, &error)),
        }
    }
    if errors.is_empty() { Ok(row) } else { Err(Invalid { entity: meta.name, errors }) }
}

/// Returns a row with its values as they are stored.
fn as_stored(meta: &EntityMeta, row: &Record) -> Record {
    let values = meta.columns.iter().zip(&row.0);
    Record(values.map(|(column, value)| column.stored(value).into_owned()).collect())
}

/// Takes over what the database has given to a row, which was read again where that is more than a key.
fn completed(meta: &EntityMeta, mut row: Record, stored: Record) -> Record {
    if meta.has_generated_values() {
        return stored;
    }
    for ((column, value), stored) in meta.columns.iter().zip(&mut row.0).zip(stored.0) {
        if column.fill.is_by_database() {
            *value = stored;
        }
    }
    row
}

/// What was written to a table.
enum Wrote {
    /// Rows, as they were and as they are.
    Rows(Vec<[Option<Record>; 2]>),
    /// Rows that a filter finds.
    Bulk(ChangeKind),
}

impl Wrote {
    /// Returns the keys of the rows; `None` where they are not known.
    fn keys(&self, meta: &EntityMeta) -> Option<Vec<KeyChange>> {
        let Self::Rows(rows) = self else { return None };
        let key = |row: &Option<Record>| row.as_ref().map(|row| meta.key_of(row));
        let change =
            |[before, now]: &[Option<Record>; 2]| KeyChange { before: key(before), now: key(now) };
        Some(rows.iter().map(change).collect())
    }

    /// Returns what is reported of it.
    fn changes(self, meta: &'static EntityMeta) -> Vec<Change> {
        let change = |kind| Change { entity: meta, kind };
        match self {
            Self::Rows(rows) => rows
                .iter()
                .filter_map(|[before, now]| Edit::between(meta, before.as_ref(), now.as_ref()))
                .map(|edit| change(ChangeKind::Row(edit)))
                .collect(),
            Self::Bulk(kind) => vec![change(kind)],
        }
    }
}
