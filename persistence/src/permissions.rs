//! What whoever works through a [catalog](crate::Catalog) may see and do, by entity and column.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

/// Something that can be done with the rows of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Seeing them. Who may not do that may do nothing else with them.
    View,
    /// Adding some.
    Add,
    /// Changing them.
    Change,
    /// Deleting them.
    Delete,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::View, Self::Add, Self::Change, Self::Delete];
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::View => "view",
            Self::Add => "add",
            Self::Change => "change",
            Self::Delete => "delete",
        })
    }
}

/// What may be done with a column of rows that may be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnAccess {
    /// Its values are not seen, nor searched, sorted by, counted or added up, nor changed; a row that is added
    /// may have one.
    Masked,
    /// Its values are seen, and not changed; a row that is added may have one.
    Fixed,
    /// What may be done with the rows.
    #[default]
    Full,
}

/// What may be seen and done, by tables and columns, as plain data. It holds for the sessions of the catalog that
/// is [made with it](crate::Catalog::permitting).
///
/// ```
/// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text, salary -> BigInt } } }
/// # use persistence::{Entity, Error, Memory, Query, Repository};
/// # #[derive(Clone, Debug, PartialEq, Entity)]
/// # #[entity(table = schema::users)]
/// # struct User { #[entity(key, generated)] id: i64, name: String, salary: i64 }
/// use persistence::{Action, Permissions, Value};
///
/// # let mut memory = Memory::new().with::<User>();
/// # let _: User = memory.insert(NewUser { name: "Ada".into(), salary: 7 })?;
/// # memory.commit()?;
/// let clerk = Permissions::all().refuse("users", &[Action::Delete]).mask("users", "salary");
/// let catalog = memory.catalog().permitting(&clerk)?;
/// let mut session = catalog.session()?;
/// let rows = session.all("users", &Query::new())?;
/// assert_eq!(session.row(rows[0]).unwrap().value(2), &Value::Masked);
/// assert!(matches!(session.delete(rows[0]), Err(Error::NotPermitted(_))));
/// session.set(rows[0], "name", "Grace".into())?;
/// session.commit()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// Of tables that are not named.
    pub(crate) others: BTreeSet<Action>,
    pub(crate) tables: BTreeMap<String, BTreeSet<Action>>,
    pub(crate) columns: BTreeMap<(String, String), ColumnAccess>,
}

impl Permissions {
    /// Permits everything.
    #[must_use]
    pub fn all() -> Self {
        Self::with(&Action::ALL)
    }

    /// Permits seeing everything, and writing nothing.
    #[must_use]
    pub fn read_only() -> Self {
        Self::with(&[Action::View])
    }

    /// Permits nothing that is not [allowed](Self::allow).
    #[must_use]
    pub fn none() -> Self {
        Self::with(&[])
    }

    fn with(actions: &[Action]) -> Self {
        let others = actions.iter().copied().collect();
        Self { others, tables: BTreeMap::new(), columns: BTreeMap::new() }
    }

    /// Permits something with the rows of a table.
    #[must_use]
    pub fn allow(mut self, table: impl Into<String>, actions: &[Action]) -> Self {
        self.table(table.into()).extend(actions);
        self
    }

    /// Permits something no longer with the rows of a table.
    #[must_use]
    pub fn refuse(mut self, table: impl Into<String>, actions: &[Action]) -> Self {
        self.table(table.into()).retain(|action| !actions.contains(action));
        self
    }

    /// Permits that a column is seen, and not that it is [changed](ColumnAccess::Fixed).
    #[must_use]
    pub fn fix(self, table: impl Into<String>, column: impl Into<String>) -> Self {
        self.limit(table.into(), column.into(), ColumnAccess::Fixed)
    }

    /// Permits not even that a column is [seen](ColumnAccess::Masked): its values are
    /// [`Value::Masked`](crate::Value::Masked).
    #[must_use]
    pub fn mask(self, table: impl Into<String>, column: impl Into<String>) -> Self {
        self.limit(table.into(), column.into(), ColumnAccess::Masked)
    }

    fn limit(mut self, table: String, column: String, access: ColumnAccess) -> Self {
        let now = self.columns.entry((table, column)).or_default();
        *now = access.min(*now);
        self
    }

    fn table(&mut self, table: String) -> &mut BTreeSet<Action> {
        self.tables.entry(table).or_insert_with(|| self.others.clone())
    }
}

/// Something that is [not permitted](Permissions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NotPermitted {
    /// The table.
    pub table: &'static str,
    /// The column, where it is about one.
    pub column: Option<&'static str>,
    /// What was asked for.
    pub action: Action,
}

impl fmt::Display for NotPermitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, column, action } = self;
        match column {
            Some(column) => write!(f, "it is not permitted to {action} {table}.{column}"),
            None => write!(f, "it is not permitted to {action} rows of {table}"),
        }
    }
}

impl std::error::Error for NotPermitted {}
