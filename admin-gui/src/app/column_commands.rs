//! What is done about columns: their menus, which are shown, what their values find.

use egui::{Context, Rect};
use persistence::{Filter, Record, Value};

use super::Effects;
use super::Focused;
use super::column_chooser::ColumnChooser;
use super::context::Shown;
use super::effects::Effect;
use super::entity_view::EntityView;
use super::notice::Notice;
use super::pill_editor::PillEditor;
use super::value_list::{ValueEvent, ValueList};
use super::workspace::Workspace;
use crate::command::Command;
use crate::filter_line::Face;
use crate::grid::ColumnAction;
use crate::i18n::Texts;
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

impl EntityView {
    /// Does what a person wants of a column, by its position.
    pub(super) fn column_action(
        &mut self,
        position: usize,
        action: &ColumnAction,
        anchor: Rect,
        effects: &mut Effects,
    ) {
        let meta = self.meta();
        let Some(column) = meta.columns.get(position) else { return };
        match action {
            ColumnAction::Filter => {
                self.line.face = Face::Pills;
                self.pill_editor = Some(PillEditor::new(Some(column)));
            }
            ColumnAction::Values => self.values = Some(ValueList::new(position, anchor)),
            ColumnAction::Choose => self.toggle_columns(),
            ColumnAction::Statistics => {
                effects.push(Effect::ShowStatistics { table: meta.table, column: position });
            }
            _ => {}
        }
    }

    /// Shows only the rows that have one of these values.
    pub(super) fn filter_by(&mut self, position: usize, values: Vec<Value>, effects: &mut Effects) {
        let meta = self.meta();
        let Some(column) = meta.columns.get(position) else { return };
        if let Some(conditions) = Condition::one_of(meta, column, values) {
            self.line.change(meta, |pills| pills.put_values(column, conditions));
            self.line.face = Face::Pills;
            self.apply_filter();
            effects.focus(Focused::Grid);
        }
    }

    /// Leaves the rows away that have this value.
    fn exclude(&mut self, position: usize, value: Value, effects: &mut Effects) {
        let meta = self.meta();
        let Some(column) = meta.columns.get(position) else { return };
        if let Some(conditions) = Condition::other_than(meta, column, value) {
            self.line.change(meta, |pills| pills.put(None, conditions));
            self.line.face = Face::Pills;
            self.apply_filter();
            effects.focus(Focused::Grid);
        }
    }

    /// Filters by the focused cell's value, or leaves out the rows that have it.
    pub(super) fn filter_by_focused(
        &mut self,
        command: Command,
        texts: &Texts,
        effects: &mut Effects,
    ) {
        let column = self.grid.focus().and_then(|focus| self.grid.columns.get(focus.column));
        let Some(position) = column.map(|column| column.position) else { return };
        let Some((row, _)) = self.grid.focused_row() else { return };
        match row.cell(position) {
            Cell::Whole(value) => {
                let value = value.clone();
                self.filter_by_value(command, position, value, effects);
            }
            Cell::Cut { length, .. } if length.bytes > LONGEST_OPERAND => {
                let length = texts.length(length);
                let said = tr!(texts, "column-too-long-to-filter", length = length);
                effects.tell(Notice::failure(said));
            }
            Cell::Cut { .. } => {
                let (table, key) = (self.meta().table, row.key(self.meta()));
                self.wanted_value = Some((command, position));
                effects.ask(
                    VALUE.of(table),
                    Find { table, key },
                    move |workspace, outcome, known, effects| match outcome {
                        Ok(Some((record, _))) => workspace.take_value(table, &record, effects),
                        Ok(None) => effects.tell(known.record_gone()),
                        Err(failure) => effects.tell(known.not_found(&failure)),
                    },
                );
            }
        }
    }

    fn filter_by_value(
        &mut self,
        command: Command,
        position: usize,
        value: Value,
        effects: &mut Effects,
    ) {
        if command == Command::ExcludeValue {
            self.exclude(position, value, effects);
        } else {
            self.filter_by(position, vec![value], effects);
        }
    }

    /// Opens the menu of the focused column.
    pub(super) fn open_column_menu(&self, context: &Context) {
        if let Some(column) = self.grid.column_in_hand() {
            crate::grid::open_column_menu(context, self.meta().table, &column.meta.name);
        }
    }

    /// Draws the open list of values, and does what it says.
    pub(super) fn show_values(
        &mut self,
        context: &Context,
        shown: &Shown<'_>,
        effects: &mut Effects,
    ) {
        let (meta, search) = (self.meta(), self.quick_search());
        let Some(values) = &mut self.values else { return };
        let column = meta.columns.get(values.position);
        // Other values of the column are offered, too, not only those that are found already.
        let filter = column.map_or(Filter::All, |column| self.line.filter_without(column, search));
        for event in values.show(context, meta, &filter, shown.texts) {
            match event {
                ValueEvent::Ask(task) => ask_for_values(task, effects),
                ValueEvent::Apply(chosen) => {
                    if let Some(values) = self.values.take() {
                        self.labels.extend(values.labels());
                        self.filter_by(values.position, chosen, effects);
                    }
                    return;
                }
                ValueEvent::Close => {
                    self.values = None;
                    return;
                }
            }
        }
    }

    /// Draws the open list of columns beneath its button.
    pub(super) fn show_chooser(&mut self, context: &Context, anchor: Rect, shown: &Shown<'_>) {
        let Some(chooser) = &mut self.chooser else { return };
        if chooser.show(context, anchor, &mut self.grid, shown.texts) {
            self.chooser = None;
        }
    }

    /// Opens the list of columns, or closes it.
    pub(super) fn toggle_columns(&mut self) {
        self.chooser = match self.chooser {
            Some(_) => None,
            None => Some(ColumnChooser::default()),
        };
    }
}

/// Asks for the values that a list offers.
fn ask_for_values(task: FindValues, effects: &mut Effects) {
    let table = task.table;
    effects.ask(VALUES.of(table), task, move |workspace, outcome, known, _| {
        let outcome = known.in_words(outcome);
        let list = workspace.views.of_mut(table).and_then(|view| view.values.as_mut());
        match (list, outcome) {
            (Some(list), Ok((found, labels))) => list.offer(found, &labels),
            (Some(list), Err(message)) => list.fail(message),
            (None, _) => {}
        }
    });
}

impl Workspace {
    /// Filters by a value of a row that has been read for that.
    fn take_value(&mut self, table: &str, record: &Record, effects: &mut Effects) {
        let active = self.view().map(|view| view.meta().table);
        let Some(view) = self.views.of_mut(table) else { return };
        let wanted = view.wanted_value.take();
        if let Some((command, position)) = wanted.filter(|_| active == Some(table)) {
            view.filter_by_value(command, position, record.value(position).clone(), effects);
        }
    }
}
