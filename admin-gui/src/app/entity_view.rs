//! One entity as it is being browsed. Kept while another one is looked at.

use egui::{Context, Ui};
use persistence::{CatalogEntry, EntityMeta, RecordKey, Value};

use super::column_chooser::ColumnChooser;
use super::context::Shown;
use super::effects::{Effect, Effects};
use super::pill_editor::PillEditor;
use super::reading::{self, MOMENT};
use super::saved_views::Arranged;
use super::value_list::ValueList;
use super::{Focused, Jobs, Notice, Target};
use crate::command::{Command, Situation};
use crate::filter_line::FilterLine;
use crate::grid::{Grid, GridEvent, GridView, Total, grid_id};
use crate::i18n::Texts;
use crate::settings::EntityLayout;
use crate::tasks::Labels;
use crate::tr;

/// One entity as it is being browsed.
pub(super) struct EntityView {
    /// The entity and its rules.
    pub entry: CatalogEntry,
    /// Its rows.
    pub grid: Grid,
    /// Which of them.
    pub line: FilterLine,
    /// The pill that is being edited.
    pub pill_editor: Option<PillEditor>,
    /// Where that pill stands on the screen.
    pub pill_anchor: Option<egui::Rect>,
    /// How much room the bar has for pills, in points, once it has been drawn.
    pub pill_room: Option<f32>,
    /// How it was arranged when that was last looked at.
    pub arranged: Arranged,
    /// How it is arranged until a person arranges it.
    pub usual: EntityLayout,
    /// The list of a column's values that is open.
    pub values: Option<ValueList>,
    /// The list of columns, while it is open.
    pub chooser: Option<ColumnChooser>,
    /// What the rows are called that pills name.
    pub labels: Labels,
    /// The rows that pills name whose labels have been asked for: a column and a key.
    pub without_label: Vec<(usize, Value)>,
    /// What is to be done with a value that is being read whole, and its column's position.
    pub wanted_value: Option<(Command, usize)>,
    /// How many rows it has, once they have been counted.
    pub total: Option<Total>,
}

impl EntityView {
    /// All rows of an entity.
    pub fn new(entry: CatalogEntry) -> Self {
        let (grid, line) = (Grid::new(entry.meta), FilterLine::default());
        let arranged = Arranged::of(&grid, &line);
        Self {
            usual: arranged.layout().clone(),
            arranged,
            grid,
            entry,
            line,
            pill_editor: None,
            pill_anchor: None,
            pill_room: None,
            values: None,
            chooser: None,
            labels: Labels::default(),
            without_label: Vec::new(),
            wanted_value: None,
            total: None,
        }
    }

    /// Table, columns, keys and relations.
    pub const fn meta(&self) -> &'static EntityMeta {
        self.entry.meta
    }

    /// Whether something is open above the rows that keys belong to.
    pub const fn has_popover(&self) -> bool {
        self.pill_editor.is_some() || self.values.is_some() || self.chooser.is_some()
    }

    /// Shows the rows that the filter line says.
    pub fn apply_filter(&mut self) {
        self.grid.set_filter(self.line.filter(self.entry.meta));
    }

    /// What is going on, as far as these rows decide it, beside what does not depend on them.
    pub fn situation(&self, apart: Situation, context: &Context) -> Situation {
        let focused = context.memory(egui::Memory::focused);
        let has_row = self.grid.focused_row().is_some();
        Situation {
            has_entity: true,
            has_row: has_row || apart.has_row,
            has_cell: has_row,
            has_selection: !self.grid.selection.is_empty(),
            has_reference: self.reference().is_some(),
            is_filtered: !self.line.is_blank(),
            is_typing: focused.is_some_and(|focused| focused != grid_id(self.meta().table))
                || self.has_popover(),
            ..apart
        }
    }

    /// Whether it is not known yet which rows are selected; says so.
    pub fn is_still_selecting(&self, texts: &Texts, effects: &mut Effects) -> bool {
        let is_selecting = self.grid.is_selecting();
        if is_selecting {
            effects.tell(Notice::failure(tr!(texts, "grid-still-selecting")));
        }
        is_selecting
    }

    /// The row that the focused cell refers to.
    pub fn reference(&self) -> Option<Target> {
        let column = self.grid.columns.get(self.grid.focus()?.column)?;
        let (row, _) = self.grid.focused_row()?;
        let reference = column.meta.references.as_ref()?;
        let key = row.value(column.position).filter(|key| !key.is_null())?.clone();
        Some(Target::Row { table: reference.entity.meta().table, key: RecordKey(vec![key]) })
    }

    /// Draws what it is filtered by, and its rows. Rows that come in a moment are drawn at once.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        pane: EntityPane<'_>,
        jobs: &mut Jobs,
        effects: &mut Effects,
    ) {
        let situation = self.situation(pane.shown.situation, ui.ctx());
        let pane = EntityPane { shown: Shown { situation, ..pane.shown }, ..pane };
        self.filter_bar(ui, &pane.shown, effects);
        self.show_grid(ui, pane, jobs, effects);
        self.show_values(ui.ctx(), &pane.shown, effects);
    }

    fn show_grid(
        &mut self,
        ui: &mut Ui,
        pane: EntityPane<'_>,
        jobs: &mut Jobs,
        effects: &mut Effects,
    ) {
        let EntityPane { shown, opened, is_active } = pane;
        let has_popover = self.has_popover();
        let events = GridView {
            title: &shown.texts.entity(self.meta()),
            grid: &mut self.grid,
            texts: shown.texts,
            opened,
            previews: shown.previews,
            thumbnails: shown.thumbnails,
            extensions: shown.extensions,
            is_filtered: self.line.is_active(),
            is_active: is_active && !has_popover,
            read: &mut |grid| {
                reading::read(grid, MOMENT, shown.texts, jobs, effects);
            },
        }
        .show(ui);
        for event in events {
            self.grid_event(event, &shown, effects);
        }
    }

    fn grid_event(&mut self, event: GridEvent, shown: &Shown<'_>, effects: &mut Effects) {
        let table = self.meta().table;
        match event {
            GridEvent::Open => effects.push(Effect::Open(Target::FocusedRow(table))),
            GridEvent::OpenReference { table, key } => {
                effects.push(Effect::Open(Target::Row { table, key: RecordKey(vec![key]) }));
            }
            GridEvent::Preview { table, key } => effects.push(Effect::Preview { table, key }),
            GridEvent::Image(place) => effects.push(Effect::Image(place)),
            GridEvent::Sort(column, how) => {
                self.grid.sort(column, how);
                self.grid.turn_to_column(column);
            }
            GridEvent::Order(order) => {
                self.grid.set_order(order);
                effects.focus(Focused::Grid);
            }
            GridEvent::Column { position, action, anchor } => {
                self.column_action(position, &action, anchor, effects);
            }
            GridEvent::ClearFilter => effects.run_on(Command::ClearFilter, table),
            GridEvent::Retry => effects.run_on(Command::Refresh, table),
            GridEvent::Stop => self.stop_reading(shown.texts, effects),
            GridEvent::Command(command) => effects.run_on(command, table),
        }
    }
}

/// What an entity's pane is drawn with.
#[derive(Clone, Copy)]
pub(super) struct EntityPane<'a> {
    pub shown: Shown<'a>,
    /// The row whose record is open at the right.
    pub opened: Option<&'a RecordKey>,
    /// Whether keys that nothing else takes are meant for it.
    pub is_active: bool,
}
