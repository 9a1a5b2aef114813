//! Who changed what, and taking a transaction back after it was committed.
//!
//! A database that is opened with [`DatabaseBuilder::audit`] writes, in the same transaction as each
//! change, what was changed: the transaction, the actor, the table, the key, the old and the new
//! values. The table for it is the program's to create, with [`create_table`] in a migration.
//!
//! Recorded is what sessions flush and what repositories write row by row; in sessions of a
//! [catalog](crate::Catalog) also what the database does along with a deletion to rows of the catalog's
//! entities, which go with it or let go of it. Bulk statements are recorded with their filter, and cannot be
//! reverted; statements written by hand, and what cascades in sessions that were opened otherwise, are not
//! recorded.
//!
//! What goes along is read before a deletion and looked at again after it, by 500 keys a statement. All of its
//! rows are in memory meanwhile, whole and without a bound: a deletion with which a million rows go costs the
//! memory of a million rows, and two statements and more for every 500 of them. Such a deletion is better made
//! in steps, the rows that refer to others first.
//!
//! A program that knows its entities takes a transaction back with [`revert`]. One that knows them only
//! at run time reads [`transactions`] and their [`changes`], and has a [`TakingBack`] stage what undoes them.
//!
//! ```
//! # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
//! # use diesel::{SqliteConnection, connection::SimpleConnection};
//! # use persistence::{audit, Database, Entity, Repository};
//! # #[derive(Clone, Debug, PartialEq, Entity)]
//! # #[entity(table = schema::users)]
//! # struct User { #[entity(key, generated)] id: i64, name: String }
//! let database = Database::<SqliteConnection>::builder(":memory:").audit().open()?;
//! let mut session = database.session()?;
//! # session.connection()?
//! #     .batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").unwrap();
//! session.connection()?.batch_execute(&audit::create_table::<SqliteConnection>()).unwrap();
//! session.set_actor("ann");
//! let ada = session.add(NewUser { name: "Ada".into() });
//! session.commit()?;
//! session[ada].name = "Grace".into();
//! session.commit()?;
//! let mistake = session.transaction_id().unwrap();
//!
//! audit::revert::<(User,), _>(&mut session, mistake)?;
//! session.commit()?;
//! let users: Vec<User> = session.query().load()?;
//! assert_eq!(users[0].name, "Ada");
//! # Ok::<(), persistence::Error>(())
//! ```

mod history;
mod taking_back;

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::backend::Engine;
use crate::database::{Database, DatabaseBuilder};
use crate::edit::{ColumnEdit, Edit, EditKind, Name, NewValue};
use crate::entity::{ColumnMeta, Entity, Fill};
use crate::error::{Conflict, Error, Result};
use crate::hooks::Writer;
use crate::repository::{Repository, not_found};
use crate::scalar::PrimaryKey as _;
use crate::sealed::Sealed;
use crate::session::{Change, ChangeKind, Session};
use crate::sql::Typed;
use crate::store::Store;
use crate::types::Json;
use crate::value::{Record, RecordKey, Value};

pub use history::{
    HistoryFilter, RecordedChange, RecordedColumn, RecordedKind, Transaction, TransactionPage,
    changes, transactions,
};
pub use taking_back::{LeftOut, Reason, Staged, TakingBack};

/// Diesel's table.
#[expect(missing_docs, reason = "the entity says what the columns are")]
pub mod schema {
    diesel::table! {
        audit_entries (id) {
            id -> BigInt,
            transaction_id -> Text,
            written_at -> Timestamp,
            actor -> Nullable<Text>,
            table_name -> Text,
            row_key -> Text,
            action -> Text,
            old_values -> Text,
            new_values -> Text,
        }
    }
}
use schema::audit_entries;

/// One change of one row, or one bulk statement.
#[derive(Clone, Debug, PartialEq, Eq, persistence::Entity)]
#[entity(table = audit_entries)]
pub struct AuditEntry {
    /// The primary key; counts up in the order of writing.
    #[entity(key, generated)]
    pub id: i64,
    /// The transaction, a UUID: [`Session::transaction_id`].
    pub transaction_id: String,
    /// When it was written.
    #[entity(now)]
    pub written_at: chrono::NaiveDateTime,
    /// Who wrote: [`Session::set_actor`].
    pub actor: Option<String>,
    /// The table of the row.
    pub table_name: String,
    /// The primary key of the row, as a list; empty for a bulk statement.
    pub row_key: Json,
    /// `insert`, `update`, `delete`, `update where` or `delete where`.
    #[entity(label)]
    pub action: String,
    /// The values before by their columns' names; the filter of a bulk statement.
    pub old_values: Json,
    /// The values after by their columns' names.
    pub new_values: Json,
}

impl AuditEntry {
    /// Returns what was recorded of one row as an edit, which asks for no version.
    ///
    /// # Errors
    /// [`Error::Data`] when the entry is of a bulk statement, or cannot be read.
    pub fn edit(&self) -> Result<Edit> {
        let values = |json: &Json| -> Result<Values> {
            serde_json::from_value(json.0.clone()).map_err(|error| self.unreadable(&error))
        };
        let named =
            |values: Values| values.into_iter().map(|(name, value)| (Name::Owned(name), value));
        let key = serde_json::from_value(self.row_key.0.clone());
        let key = RecordKey(key.map_err(|error| self.unreadable(&error))?);
        let kind = match self.action.as_str() {
            "insert" => {
                let columns = named(values(&self.new_values)?);
                let columns = columns.map(|(name, value)| (name, NewValue::Known(value)));
                EditKind::Insert { row: 0, columns: columns.collect() }
            }
            "update" => {
                let mut old = values(&self.old_values)?;
                let columns = named(values(&self.new_values)?).map(|(column, after)| ColumnEdit {
                    before: old.remove(&*column).unwrap_or_default(),
                    after: NewValue::Known(after),
                    column,
                });
                EditKind::Update { key, version: None, columns: columns.collect() }
            }
            "delete" => {
                let columns = named(values(&self.old_values)?).collect();
                EditKind::Delete { key, version: None, columns }
            }
            action => {
                return Err(Error::Data {
                    message: format!(
                        "`{action}` on {} was a bulk statement: what its rows were is not known",
                        self.table_name
                    ),
                });
            }
        };
        Ok(Edit { table: Name::Owned(self.table_name.clone()), kind })
    }

    fn unreadable(&self, error: &dyn std::fmt::Display) -> Error {
        Error::Data { message: format!("audit entry {} cannot be read: {error}", self.id) }
    }
}

/// Returns the statement that creates the table on an engine, for a migration.
#[must_use]
pub fn create_table<C: Engine>() -> String {
    let (id, text, values, timestamp) = match C::NAME {
        "SQLite" => ("INTEGER PRIMARY KEY", "TEXT", "TEXT", "TIMESTAMP"),
        "PostgreSQL" => {
            ("BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "TEXT", "TEXT", "TIMESTAMP")
        }
        _ => (
            "BIGINT AUTO_INCREMENT PRIMARY KEY",
            "VARCHAR(191) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            "DATETIME(6)",
        ),
    };
    format!(
        "CREATE TABLE audit_entries (id {id}, transaction_id {text} NOT NULL, \
         written_at {timestamp} NOT NULL, actor {text}, table_name {text} NOT NULL, \
         row_key {values} NOT NULL, action {text} NOT NULL, old_values {values} NOT NULL, \
         new_values {values} NOT NULL); \
         CREATE INDEX audit_entries_transaction ON audit_entries (transaction_id); \
         CREATE INDEX audit_entries_table ON audit_entries (table_name, id);"
    )
}

impl<C: Store<AuditEntry>> DatabaseBuilder<C> {
    /// Records in the table `audit_entries` what sessions change; see [`audit`](crate::audit). A
    /// change that cannot be recorded is not made. Sessions of every [catalog](crate::Catalog) of the
    /// database can read it, as [`transactions`] does.
    #[must_use]
    pub fn audit(self) -> Self {
        self.record(recorder(), &Typed::<AuditEntry>::ENTITY)
    }
}

impl<C: Store<AuditEntry>> Database<C> {
    /// Has its sessions record what they change, as [`DatabaseBuilder::audit`] does, where it has the table for
    /// that: a database whose migrations were not run since may lack it. Whether it has is looked at again when
    /// its migrations are run or reverted through it, and when a [catalog](crate::Catalog) of it is
    /// [checked](crate::Catalog::check); sessions that are opened after that record or do not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn audit_where_possible(mut self) -> Result<Self> {
        self.called.record_where_possible(recorder(), &Typed::<AuditEntry>::ENTITY);
        self.look_for_records()?;
        Ok(self)
    }
}

fn recorder<C: Store<AuditEntry>>() -> crate::hooks::Record<C> {
    Arc::new(|connection, writer, changes| {
        let mut entries: Vec<AuditEntry> =
            changes.iter().map(|change| entry(change, writer)).collect();
        Store::<AuditEntry>::insert(connection, &mut entries)
            .map_err(|error| C::classify(error, AuditEntry::meta()))
    })
}

/// Values by their columns' names.
type Values = BTreeMap<String, Value>;

fn entry(change: &Change, writer: &Writer) -> AuditEntry {
    let meta = change.entity;
    let named = |(column, value): (&Name, &Value)| (column.clone().into_owned(), value.clone());
    let known = |(column, value): (&Name, &NewValue)| {
        named((column, value.known().unwrap_or(&Value::Null)))
    };
    let (mut key, mut old, mut new) = (RecordKey(Vec::new()), Values::new(), Values::new());
    let mut filter = None;
    let action = match &change.kind {
        ChangeKind::Row(edit) => {
            key = edit.key(meta).unwrap_or(key);
            match &edit.kind {
                EditKind::Insert { columns, .. } => {
                    new = columns.iter().map(|(column, value)| known((column, value))).collect();
                    "insert"
                }
                EditKind::Update { columns, .. } => {
                    old = columns.iter().map(|edit| named((&edit.column, &edit.before))).collect();
                    new = columns.iter().map(|edit| known((&edit.column, &edit.after))).collect();
                    "update"
                }
                EditKind::Delete { columns, .. } => {
                    old = columns.iter().map(|(column, value)| named((column, value))).collect();
                    "delete"
                }
            }
        }
        ChangeKind::UpdateWhere { filter: by, columns, .. } => {
            filter = Some(by.to_string());
            let columns = columns.iter();
            new = columns.map(|(column, value)| (column.name.to_owned(), value.clone())).collect();
            "update where"
        }
        ChangeKind::DeleteWhere { filter: by, .. } => {
            filter = Some(by.to_string());
            "delete where"
        }
    };
    AuditEntry {
        // The database's to give.
        id: 0,
        transaction_id: writer.transaction.to_string(),
        written_at: crate::clock::now(),
        actor: writer.actor.clone(),
        table_name: meta.table.to_owned(),
        row_key: json(&key.0),
        action: action.to_owned(),
        old_values: filter.map_or_else(|| json(&old), |filter| Json(filter.into())),
        new_values: json(&new),
    }
}

fn json<T: serde::Serialize>(values: &T) -> Json {
    Json(serde_json::to_value(values).expect("values are JSON: their maps' keys are text"))
}

/// Entities whose rows can be brought back on an engine: a tuple of them.
pub trait Audited<C: Engine>: Sealed {
    /// Takes an entry back; `None` where its table belongs to none of the entities.
    ///
    /// # Errors
    /// As [`revert`].
    fn take_back(session: &mut Session<C>, entry: &AuditEntry) -> Option<Result<()>>;
}

macro_rules! audited {
    ($($entity:ident)*) => {
        impl<C: Engine, $($entity: Entity),*> Audited<C> for ($($entity,)*)
        where
            $(C: Store<$entity>,)*
        {
            fn take_back(session: &mut Session<C>, entry: &AuditEntry) -> Option<Result<()>> {
                $(if $entity::meta().table == entry.table_name {
                    return Some(take_back::<C, $entity>(session, entry));
                })*
                None
            }
        }
    };
}

audited!(A);
audited!(A B);
audited!(A B D);
audited!(A B D E);
audited!(A B D E F);
audited!(A B D E F G);
audited!(A B D E F G H);
audited!(A B D E F G H I);
audited!(A B D E F G H I J);
audited!(A B D E F G H I J K);
audited!(A B D E F G H I J K L);
audited!(A B D E F G H I J K L M);

/// Takes back what a committed transaction changed in the tables of these entities, last first, all
/// or nothing; the session's commit makes it permanent. Returns how many rows were changed.
///
/// Taking back is recorded as any other change, and can be taken back in its turn.
///
/// # Errors
/// [`Error::NotFound`] when no such transaction was recorded; [`Error::Conflict`] when a row is not
/// as the transaction left it; [`Error::Schema`] when it changed a table of none of the entities;
/// [`Error::Data`] when it holds a bulk statement.
pub fn revert<T: Audited<C>, C: Store<AuditEntry>>(
    session: &mut Session<C>,
    transaction: Uuid,
) -> Result<u64> {
    session.savepoint(|session| {
        let entries = session
            .query::<AuditEntry>()
            .filter(AuditEntry::TRANSACTION_ID.eq(transaction.to_string()))
            .order(AuditEntry::ID.desc())
            .load()?;
        if entries.is_empty() {
            let wanted = format!("transaction_id = \"{transaction}\"");
            return Err(Error::NotFound { entity: AuditEntry::meta().name, wanted });
        }
        for entry in &entries {
            T::take_back(session, entry).ok_or_else(|| Error::Schema {
                message: format!(
                    "the transaction changed `{}`, which is the table of none of the entities given",
                    entry.table_name
                ),
            })??;
        }
        Ok(entries.len() as u64)
    })
}

fn take_back<C: Store<E>, E: Entity>(session: &mut Session<C>, entry: &AuditEntry) -> Result<()> {
    let meta = E::meta();
    let edit = entry.edit()?;
    let unreadable = |error: &dyn std::fmt::Display| entry.unreadable(error);
    let stored = |session: &mut Session<C>, key: RecordKey| -> Result<E> {
        let key = typed_key::<E>(key).ok_or_else(|| unreadable(&"wrong key"))?;
        session.stored_row::<E>(&key)?.ok_or_else(|| not_found::<E>(&key))
    };
    match &edit.kind {
        EditKind::Insert { columns, .. } => {
            let key = edit.key(meta).ok_or_else(|| unreadable(&"no key"))?;
            let theirs = stored(session, key)?;
            unchanged(&theirs, columns.iter().map(|(column, value)| (column, value.known())))?;
            session.delete_from(&theirs)
        }
        EditKind::Update { key, columns, .. } => {
            let new = |column: &str| {
                let edit = columns.iter().find(|edit| edit.column == column)?;
                edit.after.known().cloned()
            };
            let keys = meta.key_columns().zip(&key.0);
            let now = keys.map(|(column, key)| new(column.name).unwrap_or_else(|| key.clone()));
            let theirs = stored(session, RecordKey(now.collect()))?;
            unchanged(&theirs, columns.iter().map(|edit| (&edit.column, edit.after.known())))?;
            let mut mine = theirs.clone();
            for ColumnEdit { column, before, .. } in columns {
                let position = meta.position(column).ok_or_else(|| unreadable(column))?;
                mine.set_value(position, before.clone()).map_err(|error| unreadable(&error))?;
            }
            session.update_from(&theirs, mine).map(drop)
        }
        EditKind::Delete { columns, .. } => {
            let value = |column: &ColumnMeta| {
                let known = columns.iter().find(|(name, _)| *name == column.name);
                known.map(|(_, value)| value.clone()).unwrap_or_default()
            };
            let record = Record(meta.columns.iter().map(value).collect());
            let row = E::from_record(meta.coerce(record)?)?;
            match session.stored_row::<E>(&row.key())? {
                None => session.insert_given(vec![row]).map(drop),
                theirs => Err(changed(&row, theirs.as_ref())),
            }
        }
    }
}

fn typed_key<E: Entity>(key: RecordKey) -> Option<E::Key> {
    E::Key::from_record_key(key).ok()
}

/// Checks that a row still has the values that a transaction left it with.
fn unchanged<'v, E: Entity>(
    theirs: &E,
    mut left: impl Iterator<Item = (&'v Name, Option<&'v Value>)>,
) -> Result<()> {
    let meta = E::meta();
    let is_same = |(name, left): (&Name, Option<&Value>)| {
        let known = meta.columns.iter().enumerate().find(|(_, column)| column.name == *name);
        let Some((position, column)) = known else { return true };
        Some(position) == meta.version
            || column.fill == Fill::Computed
            || left.is_some_and(|left| {
                let left = column.column_type.coerce(left.clone());
                left.is_ok_and(|left| left == theirs.value(position))
            })
    };
    if left.all(is_same) { Ok(()) } else { Err(changed::<E>(theirs, Some(theirs))) }
}

fn changed<E: Entity>(row: &E, theirs: Option<&E>) -> Error {
    Conflict {
        entity: E::meta().name,
        key: row.key().to_record_key(),
        base: None,
        mine: None,
        theirs: theirs.map(Entity::to_record),
    }
    .into()
}
