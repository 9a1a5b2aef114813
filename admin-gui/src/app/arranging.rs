//! What is done about columns: their menus, which are shown, what their values find.

use egui::{Context, Rect};
use persistence::{Filter, Record, Value};

use super::column_chooser::ColumnChooser;
use super::pill_editor::PillEditor;
use super::value_list::{ValueEvent, ValueList};
use super::{AdminApp, Focused, Notice};
use crate::command::Command;
use crate::filter_line::Face;
use crate::grid::{ColumnAction, GridEvent};
use crate::jobs::{Queue, Topic};
use crate::pills::Condition;
use crate::tasks::{Cell, Find, FindValues};
use crate::tr;

/// The longest value that a filter is made of, in bytes: it stands in a line that can be edited.
const LONGEST_OPERAND: u64 = 10_000;

/// A record of an entity of which one value is wanted whole.
const VALUE: Topic = Topic::new("value", Queue::Rows);
/// Values of a column of an entity.
const VALUES: Topic = Topic::new("values", Queue::Figures);

impl AdminApp {
    /// Does what a person wants of a column or of a cell's value.
    pub(super) fn arrange(&mut self, context: &Context, event: GridEvent) {
        match event {
            GridEvent::Order(order) => {
                if let Some(view) = self.view_mut() {
                    view.grid.set_order(order);
                }
                self.focus = Some(Focused::Grid);
            }
            GridEvent::Column { position, action, anchor } => {
                self.column_action(context, position, &action, anchor);
            }
            _ => {}
        }
    }

    fn column_action(
        &mut self,
        context: &Context,
        position: usize,
        action: &ColumnAction,
        anchor: Rect,
    ) {
        let Some(view) = self.view_mut() else { return };
        let Some(column) = view.entry.meta.columns.get(position) else { return };
        match action {
            ColumnAction::Filter => {
                view.line.face = Face::Pills;
                view.pill_editor = Some(PillEditor::new(Some(column)));
            }
            ColumnAction::Values => view.values = Some(ValueList::new(position, anchor)),
            ColumnAction::Choose => self.run(context, Command::Columns),
            ColumnAction::Statistics => self.show_statistics(position),
            _ => {}
        }
    }

    /// Shows only the rows that have one of these values.
    pub(super) fn filter_by(&mut self, position: usize, values: Vec<Value>) {
        let Some(view) = self.view_mut() else { return };
        let meta = view.entry.meta;
        let Some(column) = meta.columns.get(position) else { return };
        if let Some(conditions) = Condition::one_of(meta, column, values) {
            view.line.change(meta, |pills| pills.put_values(column, conditions));
            view.line.face = Face::Pills;
            self.apply();
            self.focus = Some(Focused::Grid);
        }
    }

    /// Leaves the rows away that have this value.
    fn exclude(&mut self, position: usize, value: Value) {
        let Some(view) = self.view_mut() else { return };
        let meta = view.entry.meta;
        let Some(column) = meta.columns.get(position) else { return };
        if let Some(conditions) = Condition::other_than(meta, column, value) {
            view.line.change(meta, |pills| pills.put(None, conditions));
            view.line.face = Face::Pills;
            self.apply();
            self.focus = Some(Focused::Grid);
        }
    }

    /// Filters by the focused cell's value, or leaves it away.
    pub(super) fn filter_by_focused(&mut self, command: Command) {
        let focused = self.view().and_then(|view| {
            let column = view.grid.columns.get(view.grid.focus()?.column)?;
            Some((column.position, view.grid.focused_row()?.0))
        });
        let Some((position, row)) = focused else { return };
        match row.cell(position) {
            Cell::Whole(value) => {
                let value = value.clone();
                self.filter_by_value(command, position, value);
            }
            Cell::Cut { length, .. } if length.bytes > LONGEST_OPERAND => {
                let length = self.texts.length(length);
                let said = tr!(self.texts, "column-too-long-to-filter", length = length);
                self.notice = Some(Notice::failure(said));
            }
            Cell::Cut { .. } => {
                let Some(view) = self.view() else { return };
                let (table, key) = (view.meta().table, row.key(view.meta()));
                if let Some(view) = self.view_mut() {
                    view.wanted_value = Some((command, position));
                }
                self.jobs.ask(VALUE.of(table), Find { table, key }, move |app, outcome, _| {
                    match outcome {
                        Ok(Some((record, _))) => app.take_value(table, &record),
                        Ok(None) => app.record_gone(),
                        Err(failure) => app.not_found(&failure),
                    }
                });
            }
        }
    }

    /// Filters by a value of a row that has been read for that.
    fn take_value(&mut self, table: &str, record: &Record) {
        let wanted = self.view_of(table).and_then(|view| view.wanted_value.take());
        let is_current = self.view().is_some_and(|view| view.meta().table == table);
        if let Some((command, position)) = wanted.filter(|_| is_current) {
            self.filter_by_value(command, position, record.value(position).clone());
        }
    }

    fn filter_by_value(&mut self, command: Command, position: usize, value: Value) {
        if command == Command::ExcludeValue {
            self.exclude(position, value);
        } else {
            self.filter_by(position, vec![value]);
        }
    }

    /// Opens the menu of the focused column.
    pub(super) fn column_menu(&self, context: &Context) {
        let Some(view) = self.view() else { return };
        if let Some(column) = view.grid.column_in_hand() {
            crate::grid::open_column_menu(context, view.meta().table, &column.meta.name);
        }
    }

    /// Asks for the values that a list offers.
    fn ask_for_values(&mut self, task: FindValues) {
        let table = task.table;
        self.jobs.ask(VALUES.of(table), task, move |app, outcome, _| {
            let outcome = outcome.map_err(|failure| app.words(&failure));
            let list = app.view_of(table).and_then(|view| view.values.as_mut());
            match (list, outcome) {
                (Some(list), Ok((found, labels))) => list.offer(found, &labels),
                (Some(list), Err(message)) => list.fail(message),
                (None, _) => {}
            }
        });
    }

    /// Draws the open list of values, and does what it says.
    pub(super) fn value_list(&mut self, context: &Context) {
        let Some(view) = self.current.and_then(|place| self.views.get_mut(place)) else {
            return;
        };
        let meta = view.entry.meta;
        let Some(values) = &mut view.values else { return };
        let column = meta.columns.get(values.position);
        // Other values of the column are offered, too, not only those that are found already.
        let filter = column.map_or(Filter::All, |column| view.line.filter_without(meta, column));
        for event in values.show(context, meta, &filter, &self.texts) {
            match event {
                ValueEvent::Ask(task) => self.ask_for_values(task),
                ValueEvent::Apply(chosen) => {
                    let Some(view) = self.view_mut() else { return };
                    if let Some(values) = view.values.take() {
                        view.labels.extend(values.labels());
                        self.filter_by(values.position, chosen);
                    }
                    return;
                }
                ValueEvent::Close => {
                    if let Some(view) = self.view_mut() {
                        view.values = None;
                    }
                    return;
                }
            }
        }
    }

    /// Draws the open list of columns beneath its button.
    pub(super) fn column_chooser(&mut self, context: &Context, anchor: Rect) {
        let Some(view) = self.current.and_then(|place| self.views.get_mut(place)) else {
            return;
        };
        let Some(chooser) = &mut view.chooser else { return };
        if chooser.show(context, anchor, &mut view.grid, &self.texts) {
            view.chooser = None;
        }
    }

    /// Opens the list of columns, or closes it.
    pub(super) fn toggle_columns(&mut self) {
        if let Some(view) = self.view_mut() {
            view.chooser = match view.chooser {
                Some(_) => None,
                None => Some(ColumnChooser::default()),
            };
        }
    }
}
