//! Taking recorded changes back, as staged edits.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::history::{HistoryFilter, RecordedChange, RecordedColumn, RecordedKind, changes};
use crate::catalog::{DynSession, KEYS_PER_STATEMENT, with_keys};
use crate::drafting::is_by_framework;
use crate::entity::{ColumnMeta, EntityMeta, Fill};
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::query::Query;
use crate::staging::{RowId, StagedRow, Staging, Step};
use crate::value::{Record, RecordKey, Value};

/// What takes recorded changes back, made of the rows as they are now: it is to be
/// [staged](Self::stage), looked at, and written as any other edits.
///
/// ```
/// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
/// # use diesel::{SqliteConnection, connection::SimpleConnection};
/// # use persistence::{Database, Entity, Repository};
/// # #[derive(Clone, Debug, PartialEq, Entity)]
/// # #[entity(table = schema::users)]
/// # struct User { #[entity(key, generated)] id: i64, name: String }
/// use persistence::audit::{self, HistoryFilter, TakingBack};
/// use persistence::staging::Staging;
///
/// let database = Database::<SqliteConnection>::builder(":memory:").audit().actor("ann").open()?;
/// # let mut session = database.session()?;
/// # session.connection()?
/// #     .batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").unwrap();
/// # session.connection()?.batch_execute(&audit::create_table::<SqliteConnection>()).unwrap();
/// # session.commit()?;
/// # drop(session);
/// let catalog = database.catalog().entity::<User>().build();
/// let mut session = catalog.session()?;
/// let ada = session.add("users", &[("name", "Ada".into())])?;
/// session.commit()?;
/// session.set(ada, "name", "Grace".into())?;
/// session.commit()?;
///
/// let page = audit::transactions(&mut *session, &HistoryFilter::default(), None, 10)?;
/// assert_eq!(page.transactions[0].actor.as_deref(), Some("ann"));
/// let taking_back = TakingBack::of_transaction(&mut *session, &page.transactions[0].id)?;
/// let mut staging = Staging::new(catalog.entries());
/// taking_back.stage(&mut staging)?;
/// session.apply(&staging.edits().unwrap())?;
/// session.commit()?;
/// # drop(session);
/// # let mut session = database.session()?;
/// let users: Vec<User> = session.list(&Default::default())?;
/// assert_eq!(users[0].name, "Ada");
/// # Ok::<(), persistence::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TakingBack {
    rows: Vec<Row>,
    left_out: Vec<LeftOut>,
}

/// A change that is not taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The table of the row.
    pub table: String,
    /// Its primary key; empty where a statement changed several rows.
    pub key: RecordKey,
    /// Why.
    pub reason: Reason,
}

/// Why a change is not taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A statement changed all rows that a filter found: what they were is not known.
    Bulk,
    /// The row is already as it was before, whoever made it so.
    Already,
    /// The row that was changed is deleted by now.
    Gone,
    /// Another row has the primary key of the one that was deleted.
    Taken,
    /// The table is that of no entity.
    NoEntity,
    /// This column is not there any more, or does not take what was in it.
    Column(String),
}

/// What was staged.
#[derive(Clone, Debug)]
pub struct Staged {
    /// What to keep of it, in this order.
    pub steps: Vec<Step>,
    /// The rows.
    pub rows: Vec<RowId>,
}

#[derive(Clone, Debug)]
struct Row {
    meta: &'static EntityMeta,
    /// The row as the change has left it, and otherwise as it is now; as it was, where it was deleted.
    seen: Record,
    /// What it is now; `None` where it is deleted.
    now: Option<Record>,
    becomes: Becomes,
}

#[derive(Clone, Debug)]
enum Becomes {
    Other(Vec<(&'static str, Value)>),
    Gone,
    There,
}

/// What several changes have made of a row altogether.
#[derive(Clone, Debug)]
struct Net {
    table: String,
    /// By which the database has the row since.
    key: RecordKey,
    kind: NetKind,
}

/// Values by the names of their columns.
type Values = BTreeMap<String, Value>;

#[derive(Clone, Debug)]
enum NetKind {
    Inserted(Values),
    /// Before and after, by the names of columns.
    Updated(BTreeMap<String, (Value, Value)>),
    Deleted(Values),
    Nothing,
}

impl TakingBack {
    /// Finds out what takes a whole transaction back.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no such transaction was recorded, and as [`read`](Self::read).
    pub fn of_transaction(session: &mut dyn DynSession, transaction: &str) -> Result<Self> {
        let found = changes(session, transaction, &HistoryFilter::default(), None, u64::MAX >> 1)?;
        if found.is_empty() {
            let wanted = format!("transaction_id = \"{transaction}\"");
            return Err(Error::NotFound { entity: "AuditEntry", wanted });
        }
        Self::read(session, &found)
    }

    /// Finds out what takes changes back, of one transaction or of several: reads the rows as they are now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn read(session: &mut dyn DynSession, changes: &[RecordedChange]) -> Result<Self> {
        let mut taking_back = Self::default();
        let mut metas: HashMap<String, Option<&'static EntityMeta>> = HashMap::new();
        let mut meant: Vec<&RecordedChange> = Vec::new();
        for change in changes {
            let meta = *metas
                .entry(change.table.clone())
                .or_insert_with(|| Some(session.repository(&change.table).ok()?.meta()));
            let is_bulk = matches!(
                change.kind,
                RecordedKind::UpdateWhere { .. } | RecordedKind::DeleteWhere { .. }
            );
            match meta {
                None => taking_back.leave_out(&change.table, &change.key, Reason::NoEntity),
                Some(_) if is_bulk => {
                    taking_back.leave_out(&change.table, &change.key, Reason::Bulk);
                }
                Some(_) => meant.push(change),
            }
        }
        meant.sort_by_key(|change| change.id);
        let mut by_table: BTreeMap<&str, Vec<Net>> = BTreeMap::new();
        let nets = net(&meant, |table| metas.get(table).copied().flatten());
        for net in nets {
            let table = metas.get(&net.table).copied().flatten().map(|meta| meta.table);
            by_table.entry(table.unwrap_or_default()).or_default().push(net);
        }
        for (table, nets) in by_table {
            let Some(meta) = metas.get(table).copied().flatten() else { continue };
            let (shown, hidden) = rows_now(session, meta, &nets)?;
            for net in nets {
                taking_back.take(meta, net, &shown, &hidden);
            }
        }
        Ok(taking_back)
    }

    /// Returns how many rows are to be staged.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether no row is to be staged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns what is not taken back, and why.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Stages it as one act. What others have made since of the same columns is a
    /// [conflict](Staging::conflict); what they have made of other columns stays.
    ///
    /// # Errors
    /// As [`Act::set`](crate::staging::Act::set): then nothing is staged.
    pub fn stage(&self, staging: &mut Staging) -> Result<Staged> {
        let mut there = keys_of_new_rows(staging, &self.rows);
        let mut act = staging.act();
        let mut rows = Vec::with_capacity(self.rows.len());
        for Row { meta, seen, becomes, .. } in &self.rows {
            match becomes {
                Becomes::Other(columns) => {
                    for (column, value) in columns {
                        act.set(meta, seen, column, value.clone().into())?;
                    }
                    rows.push(RowId::stored(meta, seen));
                }
                Becomes::Gone => {
                    act.delete(meta, seen)?;
                    rows.push(RowId::stored(meta, seen));
                }
                Becomes::There => {
                    if there.insert((meta.table, meta.key_of(seen))) {
                        rows.push(act.restore(meta, seen)?);
                    }
                }
            }
        }
        let mut steps = Vec::from_iter(act.finish());
        for Row { meta, seen, now, becomes } in &self.rows {
            if !matches!(becomes, Becomes::There) {
                steps.extend(staging.reread(&RowId::stored(meta, seen), now.clone()));
            }
        }
        Ok(Staged { steps, rows })
    }

    fn leave_out(&mut self, table: &str, key: &RecordKey, reason: Reason) {
        self.left_out.push(LeftOut { table: table.to_owned(), key: key.clone(), reason });
    }

    fn take(&mut self, meta: &'static EntityMeta, net: Net, shown: &Rows, hidden: &Rows) {
        let now = shown.get(&net.key).cloned();
        let result = match marked(meta, net.kind, hidden.get(&net.key)) {
            NetKind::Nothing => Err(Reason::Already),
            NetKind::Inserted(_) if now.is_none() => Err(Reason::Already),
            NetKind::Inserted(values) => Ok(inserted(meta, &values, now.as_ref())),
            NetKind::Updated(columns) => match &now {
                None => Err(Reason::Gone),
                Some(now) => self.updated(meta, &net.key, &columns, now).ok_or(Reason::Already),
            },
            NetKind::Deleted(values) => {
                let was = self.deleted(meta, &net.key, &values, hidden.get(&net.key));
                match &now {
                    None => Ok((was, Becomes::There)),
                    Some(now) if is_same(meta, &was, now) => Err(Reason::Already),
                    Some(_) => Err(Reason::Taken),
                }
            }
        };
        match result {
            Ok((seen, becomes)) => self.rows.push(Row { meta, seen, now, becomes }),
            Err(reason) => self.leave_out(meta.table, &net.key, reason),
        }
    }

    fn updated(
        &mut self,
        meta: &'static EntityMeta,
        key: &RecordKey,
        columns: &BTreeMap<String, (Value, Value)>,
        now: &Record,
    ) -> Option<(Record, Becomes)> {
        let mut seen = now.clone();
        let mut becomes = Vec::new();
        for (name, (before, after)) in columns {
            let position = meta.position(name);
            let column =
                position.and_then(|position| Some((position, meta.columns.get(position)?)));
            if column.is_some_and(|(_, column)| column.fill != Fill::Draft) {
                continue;
            }
            let fits = column.and_then(|(position, column)| {
                let (before, after) = (fitting(column, before)?, fitting(column, after)?);
                Some((position, column.name, before, after))
            });
            let Some((position, column, before, after)) = fits else {
                self.leave_out(meta.table, key, Reason::Column(name.clone()));
                continue;
            };
            if *now.value(position) != before {
                seen.set(position, after);
                becomes.push((column, before));
            }
        }
        (!becomes.is_empty()).then_some((seen, Becomes::Other(becomes)))
    }

    fn deleted(
        &mut self,
        meta: &'static EntityMeta,
        key: &RecordKey,
        values: &Values,
        hidden: Option<&Record>,
    ) -> Record {
        let mut was = hidden.cloned().unwrap_or_else(|| blank(meta));
        if let Some(mark) = meta.deleted() {
            was.set(mark, Value::Null);
        }
        for (name, value) in values {
            let position = meta.position(name);
            let column =
                position.and_then(|position| Some((position, meta.columns.get(position)?)));
            let fits =
                column.and_then(|(position, column)| Some((position, fitting(column, value)?)));
            match fits {
                Some((position, value)) => was.set(position, value),
                None => self.leave_out(meta.table, key, Reason::Column(name.clone())),
            }
        }
        was
    }
}

/// Returns an inserted row as it was left, and otherwise as it is now, and that it is to be gone.
fn inserted(meta: &EntityMeta, values: &Values, now: Option<&Record>) -> (Record, Becomes) {
    let mut seen = now.cloned().unwrap_or_else(|| blank(meta));
    for (position, column) in meta.columns.iter().enumerate() {
        let value = values.get(column.name).and_then(|value| fitting(column, value));
        if let (Some(value), false) = (value, is_by_framework(column.fill)) {
            seen.set(position, value);
        }
    }
    (seen, Becomes::Gone)
}

/// Rows by their keys.
type Rows = HashMap<RecordKey, Record>;

/// Reads the rows that changes are about as they are now, and those of them that are only marked as deleted.
fn rows_now(
    session: &mut dyn DynSession,
    meta: &'static EntityMeta,
    nets: &[Net],
) -> Result<(Rows, Rows)> {
    let (mut shown, mut hidden) = (Rows::new(), Rows::new());
    let keys: Vec<RecordKey> = nets.iter().map(|net| net.key.clone()).collect();
    let mut read = |filter: Filter, rows: &mut Rows| -> Result<()> {
        let mut query = Query::new();
        query.filter = filter;
        let found = session.repository(meta.table)?.list(&query)?;
        rows.extend(found.into_iter().map(|row| (meta.key_of(&row), row)));
        Ok(())
    };
    let mark = meta.deleted().and_then(|mark| meta.columns.get(mark));
    for keys in keys.chunks(KEYS_PER_STATEMENT) {
        read(with_keys(meta, keys), &mut shown)?;
        if let Some(mark) = mark {
            let is_marked = Filter::IsNull { column: mark.name.into() }.not();
            read(with_keys(meta, keys).and(is_marked), &mut hidden)?;
        }
    }
    Ok((shown, hidden))
}

/// Joins the changes of each row, given in the order in which they were written.
fn net(
    changes: &[&RecordedChange],
    meta: impl Fn(&str) -> Option<&'static EntityMeta>,
) -> Vec<Net> {
    let mut nets: Vec<Net> = Vec::new();
    let mut by_key: HashMap<(&str, RecordKey), usize> = HashMap::new();
    for change in changes {
        let Some(meta) = meta(&change.table) else { continue };
        let key = meta.coerce_key(&change.key).unwrap_or_else(|_| change.key.clone());
        let place = *by_key.entry((meta.table, key.clone())).or_insert_with(|| {
            let (table, key) = (change.table.clone(), key.clone());
            nets.push(Net { table, key, kind: NetKind::Nothing });
            nets.len() - 1
        });
        let Some(net) = nets.get_mut(place) else { continue };
        let kind = std::mem::replace(&mut net.kind, NetKind::Nothing);
        net.kind = joined(kind, change);
        if change.kind == RecordedKind::Update {
            let after = |column: &ColumnMeta| {
                let changed = change.columns.iter().find(|changed| changed.name == column.name)?;
                fitting(column, changed.after.as_ref()?)
            };
            let keys = meta.key_columns().zip(&key.0);
            let now = keys.map(|(column, key)| after(column).unwrap_or_else(|| key.clone()));
            net.key = RecordKey(now.collect());
            if net.key != key {
                by_key.remove(&(meta.table, key));
                by_key.insert((meta.table, net.key.clone()), place);
            }
        }
    }
    nets
}

/// Adds a change to what a row has become so far.
fn joined(kind: NetKind, change: &RecordedChange) -> NetKind {
    let values = |of: fn(&RecordedColumn) -> &Option<Value>| -> Values {
        let columns = change.columns.iter();
        columns
            .map(|column| (column.name.clone(), of(column).clone().unwrap_or_default()))
            .collect()
    };
    let (before, after) = (values(|column| &column.before), values(|column| &column.after));
    match (kind, &change.kind) {
        (NetKind::Deleted(was), RecordedKind::Insert) => {
            let pairs = was.into_iter().filter_map(|(name, before)| {
                let after = after.get(&name)?.clone();
                Some((name, (before, after)))
            });
            without_same(pairs.collect())
        }
        (_, RecordedKind::Insert) => NetKind::Inserted(after),
        (NetKind::Inserted(mut values), RecordedKind::Update) => {
            values.extend(after);
            NetKind::Inserted(values)
        }
        (NetKind::Updated(mut columns), RecordedKind::Update) => {
            for (name, after) in after {
                let before = before.get(&name).cloned().unwrap_or_default();
                columns.entry(name).or_insert_with(|| (before, Value::Null)).1 = after;
            }
            without_same(columns)
        }
        (_, RecordedKind::Update) => {
            let pairs = after.into_iter().map(|(name, after)| {
                let before = before.get(&name).cloned().unwrap_or_default();
                (name, (before, after))
            });
            NetKind::Updated(pairs.collect())
        }
        (NetKind::Inserted(_), RecordedKind::Delete) => NetKind::Nothing,
        (NetKind::Updated(columns), RecordedKind::Delete) => {
            let mut was = before;
            was.extend(columns.into_iter().map(|(name, (before, _))| (name, before)));
            NetKind::Deleted(was)
        }
        (_, RecordedKind::Delete) => NetKind::Deleted(before),
        (kind, RecordedKind::UpdateWhere { .. } | RecordedKind::DeleteWhere { .. }) => kind,
    }
}

fn without_same(mut columns: BTreeMap<String, (Value, Value)>) -> NetKind {
    columns.retain(|_, (before, after)| before != after);
    if columns.is_empty() { NetKind::Nothing } else { NetKind::Updated(columns) }
}

/// Returns an update of the mark of deleted rows as what it means: a deletion, or an insertion.
fn marked(meta: &EntityMeta, kind: NetKind, hidden: Option<&Record>) -> NetKind {
    let mark = meta.deleted().and_then(|mark| meta.columns.get(mark));
    let (NetKind::Updated(columns), Some(mark)) = (&kind, mark) else { return kind };
    match (columns.get(mark.name), hidden) {
        (Some((before, after)), Some(_)) if before.is_null() && !after.is_null() => {
            let was = columns.iter().filter(|(name, _)| *name != mark.name);
            let was = was.filter(|(name, _)| {
                meta.column(name).is_some_and(|column| column.fill == Fill::Draft)
            });
            NetKind::Deleted(
                was.map(|(name, (before, _))| (name.clone(), before.clone())).collect(),
            )
        }
        (Some((before, after)), _) if !before.is_null() && after.is_null() => {
            let now = columns.iter().map(|(name, (_, after))| (name.clone(), after.clone()));
            NetKind::Inserted(now.collect())
        }
        _ => kind,
    }
}

/// Returns the keys of new rows that are staged already.
fn keys_of_new_rows(staging: &Staging, rows: &[Row]) -> BTreeSet<(&'static str, RecordKey)> {
    let metas: BTreeMap<&str, &'static EntityMeta> =
        rows.iter().map(|row| (row.meta.table, row.meta)).collect();
    let mut keys = BTreeSet::new();
    for meta in metas.into_values() {
        for (row, staged) in staging.rows_of(meta.table) {
            if let (StagedRow::New(_), Some(new)) = (staged, staging.merged(row)) {
                keys.insert((meta.table, meta.key_of(&new)));
            }
        }
    }
    keys
}

/// Returns a value as a column takes it, if it does.
fn fitting(column: &ColumnMeta, value: &Value) -> Option<Value> {
    column.column_type.coerce(value.clone()).ok()
}

fn blank(meta: &EntityMeta) -> Record {
    Record(vec![Value::Null; meta.columns.len()])
}

/// Returns whether two rows have the same in what people write.
fn is_same(meta: &EntityMeta, one: &Record, other: &Record) -> bool {
    let mut columns = meta.columns.iter().enumerate();
    columns.all(|(position, column)| {
        is_by_framework(column.fill) || one.value(position) == other.value(position)
    })
}
