//! What a program adds to its admin: cells that it draws itself, actions on rows.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use egui::Ui;
use persistence::{Column, DynSession, Entity, EntityMeta, RecordKey, Result, Scalar, Value};

/// Draws a value; returns whether it could.
pub(crate) type DrawCell = dyn Fn(&mut Ui, &Value) -> bool + Send + Sync;

/// Does something to rows.
type Run = dyn Fn(&mut dyn DynSession, &[RecordKey]) -> Result<()> + Send + Sync;

/// What a program adds to the admin of its entities.
#[derive(Clone, Default)]
pub struct Extensions {
    cells: HashMap<(&'static str, usize), Arc<DrawCell>>,
    actions: Vec<Action>,
}

impl Extensions {
    /// Draws the cells of a column by the program itself, which is given the room of one cell. NULL
    /// (unless the column's type is an `Option`), values that are none of the column, and texts of
    /// more than 1,000 characters are drawn as ever.
    #[must_use]
    pub fn cell<E: Entity, T: Scalar + 'static>(
        mut self,
        column: Column<E, T>,
        draw: impl Fn(&mut Ui, T) + Send + Sync + 'static,
    ) -> Self {
        let draw = move |ui: &mut Ui, value: &Value| {
            T::from_value(value.clone()).map(|value| draw(ui, value)).is_ok()
        };
        self.cells.insert((E::meta().table, column.position()), Arc::new(draw));
        self
    }

    /// Adds an action on selected rows.
    #[must_use]
    pub fn action(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }

    /// Returns what draws a column's cells, where that is the program.
    pub(crate) fn cell_of(&self, table: &'static str, column: usize) -> Option<&DrawCell> {
        self.cells.get(&(table, column)).map(|draw| &**draw)
    }

    /// Returns the actions on rows of an entity.
    pub(crate) fn actions_of<'e>(&'e self, table: &'e str) -> impl Iterator<Item = &'e Action> {
        self.actions.iter().filter(move |action| action.meta.table == table)
    }
}

impl fmt::Debug for Extensions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells: Vec<_> = self.cells.keys().collect();
        formatter.debug_struct("Extensions").field("cells", &cells).finish_non_exhaustive()
    }
}

/// An action of a program's own on selected rows of an entity: a button above them, or a line of a
/// list where there are several, and a command of the box that goes anywhere while the entity is
/// looked at.
///
/// It is done in one transaction off the drawing thread, and taken back where it fails; the rows are
/// read again afterwards.
///
/// ```
/// # mod schema { diesel::table! { todos (id) { id -> BigInt, is_done -> Bool } } }
/// # use schema::todos;
/// # #[derive(Clone, Debug, PartialEq, persistence::Entity)]
/// # #[entity(table = todos)]
/// # struct Todo { #[entity(key, generated)] id: i64, is_done: bool }
/// use admin_gui::Action;
/// use persistence::{Entity as _, Filter};
///
/// let done = Action::new::<Todo>("Mark as done", |session, keys| {
///     let these = Filter::keys(Todo::meta(), keys);
///     let done = ("is_done".to_owned(), true.into());
///     session.repository("todos")?.update_where(&these, &[done]).map(drop)
/// });
/// # let _ = done;
/// ```
#[derive(Clone)]
pub struct Action {
    name: String,
    meta: &'static EntityMeta,
    run: Arc<Run>,
}

impl Action {
    /// Makes an action on rows of an entity: `run` is given a session and the keys of the selected
    /// rows, those of the focused row where none is selected. In other languages it has the name of
    /// the application's text `action-todos-Mark-as-done`, where there is one.
    pub fn new<E: Entity>(
        name: impl Into<String>,
        run: impl Fn(&mut dyn DynSession, &[RecordKey]) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), meta: E::meta(), run: Arc::new(run) }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn meta(&self) -> &'static EntityMeta {
        self.meta
    }

    pub(crate) fn run(&self, session: &mut dyn DynSession, keys: &[RecordKey]) -> Result<()> {
        (self.run)(session, keys)
    }
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.run, &other.run)
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Action").field(&self.name).field(&self.meta.table).finish()
    }
}
