//! Rows of tables that are found at run time: read and written by their metadata alone.

use diesel::result::QueryResult;

use super::records::{are_alike, missing};
use super::{Change, ChangeKind, Session, Statements};
use crate::backend::{Engine, Index, Plan};
use crate::catalog::DynRepository;
use crate::clock::now;
use crate::drafting::assigned;
use crate::edit::Edit;
use crate::entity::{ColumnMeta, EntityMeta, Fill};
use crate::error::{Error, FieldError, Invalid, Result};
use crate::fill::{filled, filled_where};
use crate::filter::{Filter, known};
use crate::lengths::Lengths;
use crate::query::{Cursor, Page, PageStart, Query, Stride};
use crate::sealed::Sealed;
use crate::sql::{Untyped, Versions, guard_of_deletion};
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
    /// use persistence::{ColumnMeta, ColumnType, EntityMeta, Record, Value};
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
    fn write<T>(
        &mut self,
        write: impl FnOnce(&mut Session<C>) -> Result<(T, Vec<Change>)>,
    ) -> Result<T> {
        self.session.flush()?;
        self.session.recorded(|session| {
            let (written, changes) = write(session)?;
            session.expire_all();
            session.note_written(|_| changes)?;
            Ok(written)
        })
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
            let changes = rows.iter().filter_map(|row| change(meta, None, Some(row))).collect();
            Ok((rows, changes))
        })
    }
}

impl<C: Engine> DynRepository for FoundTable<'_, C> {
    fn meta(&self) -> &'static EntityMeta {
        self.meta
    }

    fn find(&mut self, key: &RecordKey) -> Result<Option<Record>> {
        let mut query = <Query>::new().limit(1);
        query.filter = Filter::key(self.meta, key);
        Ok(self.list(&query)?.pop())
    }

    fn list(&mut self, query: &Query) -> Result<Vec<Record>> {
        self.session.records_of(self.meta, query)
    }

    fn page(&mut self, query: &Query, start: &PageStart, size: u64) -> Result<Page<Record>> {
        self.session.page_of_records(self.meta, query, start, size)
    }

    fn stride(&mut self, query: &Query, after: Option<&Cursor>, rows: u64) -> Result<Stride> {
        self.session.stride_of(self.meta, query, after, rows)
    }

    fn lengths(&mut self, keys: &[RecordKey]) -> Result<Vec<Lengths>> {
        self.session.lengths_of(self.meta, keys)
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
        let row = |row| checked(meta, filled_where(meta, row, |fill| fill != Fill::Generated));
        let rows = rows.into_iter().map(row).collect::<Result<_, Invalid>>()?;
        self.insert_rows(rows, rows::insert_with_keys)
    }

    fn update_from(&mut self, base: &Record, mine: Record) -> Result<Record> {
        let meta = self.meta;
        self.write(|session| {
            let stored = session.write_cells(meta, base, mine, |session, filter, cells| {
                update_rows(session, meta, filter, &assignments(meta, cells)?)
            })?;
            let changes = change(meta, Some(base), Some(&stored)).into_iter().collect();
            Ok((stored, changes))
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
        let filter = Filter::row(meta, base);
        self.write(|session| {
            let theirs = session.locked_record(meta, &filter)?;
            let guard = guard_of_deletion(meta);
            let guard = guard.iter().chain(meta.version);
            let is_as_read = theirs.as_ref().is_some_and(|theirs| are_alike(theirs, base, guard));
            let delete = |session: &mut Session<C>| delete_rows(session, meta, &filter);
            if !is_as_read || !session.one_row(meta, delete)? {
                return Err(session.conflict_of(meta, base, None, theirs));
            }
            Ok(((), change(meta, Some(base), None).into_iter().collect()))
        })
    }

    fn delete_where(&mut self, filter: &Filter) -> Result<u64> {
        let meta = self.meta;
        let filter = filter.clone().resolve(meta)?;
        self.write(|session| {
            let rows = delete_rows(session, meta, &filter)?;
            let kind = ChangeKind::DeleteWhere { filter, rows };
            Ok((rows, vec![Change { entity: meta, kind }]))
        })
    }

    fn update_where(&mut self, filter: &Filter, cells: &[(String, Value)]) -> Result<u64> {
        let meta = self.meta;
        let filter = filter.clone().resolve(meta)?;
        let cell = |(name, value): &(String, Value)| {
            Ok((known(meta, name).map_err(Error::from)?, value.clone()))
        };
        let cells = cells.iter().map(cell).collect::<Result<Vec<_>>>()?;
        let columns = assignments(meta, &cells)?;
        if columns.is_empty() {
            return self.count(&filter);
        }
        self.write(|session| {
            let rows = update_rows(session, meta, &filter, &columns)?;
            let kind = ChangeKind::UpdateWhere { filter, columns, rows };
            Ok((rows, vec![Change { entity: meta, kind }]))
        })
    }
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
        let cells = [(mark, Value::Timestamp(now()))];
        return update_rows(session, meta, filter, &assignments(meta, &cells)?);
    }
    let rows =
        session.write_mapped(Untyped(meta), Statements::Many, &mut [], |connection, _| {
            table::delete_where(connection, meta, filter)
        })?;
    Ok(rows as u64)
}

/// Checks values that are given to columns, and adds the time of the update.
fn assignments(
    meta: &'static EntityMeta,
    cells: &[(&'static ColumnMeta, Value)],
) -> Result<Vec<(&'static ColumnMeta, Value)>, Invalid> {
    let (mut errors, mut assignments) = (Vec::new(), Vec::with_capacity(cells.len()));
    for (column, value) in cells {
        match assigned(meta, column, value.clone()) {
            Ok(value) => assignments.push((*column, value)),
            Err(invalid) => errors.extend(invalid.errors),
        }
    }
    if !errors.is_empty() {
        return Err(Invalid { entity: meta.name, errors });
    }
    Ok(crate::erased::stamped(meta, assignments))
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

/// Takes over what the database has given to a row.
fn completed(meta: &EntityMeta, mut row: Record, stored: Record) -> Record {
    for ((column, value), stored) in meta.columns.iter().zip(&mut row.0).zip(stored.0) {
        if column.fill.is_by_database() {
            *value = stored;
        }
    }
    row
}

fn change(
    meta: &'static EntityMeta,
    before: Option<&Record>,
    after: Option<&Record>,
) -> Option<Change> {
    let edit = Edit::between(meta, before, after)?;
    Some(Change { entity: meta, kind: ChangeKind::Row(edit) })
}
