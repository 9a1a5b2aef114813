//! One entity as it is being browsed. Kept while another one is looked at.

use egui::Context;
use persistence::staging::RowKey;
use persistence::{Catalog, CatalogEntry, EntityMeta, Filter, RecordKey, Value};

use super::Effects;
use super::arranged::Arranged;
use super::cell_choices::CellChoices;
use super::column_chooser::ColumnChooser;
use super::completion_list::Completion;
use super::filter_fields::filter_id;
use super::new_rows::Start;
use super::pill_editor::PillEditor;
use super::target::Focused;
use super::value_list::ValueList;
use super::{Notice, Target};
use crate::command::{Command, Situation};
use crate::filter_line::{Face, FilterLine};
use crate::grid::{CellEditor, FIRST_ADDED, Grid, Total, grid_id};
use crate::i18n::Texts;
use crate::settings::EntityLayout;
use crate::tasks::Labels;
use crate::tr;

/// One entity as it is being browsed.
pub(super) struct EntityView {
    /// The entity and its rules.
    pub entry: CatalogEntry,
    catalog: Catalog,
    /// Its rows.
    pub grid: Grid,
    /// The cell that is being edited.
    pub editor: Option<CellEditor<RowKey>>,
    /// What that cell can refer to.
    pub choosing: Option<CellChoices>,
    /// What new rows start from, once that has been asked for.
    pub start: Option<Start>,
    /// Which of them.
    pub line: FilterLine,
    /// What can be typed next in the filter.
    pub completion: Completion,
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
    /// The state of what is staged for which it was asked what its rows refer to.
    pub named_at: u64,
    /// The state of what is staged whose new rows are shown.
    pub added_at: u64,
    /// What is to be done with a value that is being read whole, and its column's position.
    pub wanted_value: Option<(Command, usize)>,
    /// How many rows it has, once they have been counted.
    pub total: Option<Total>,
    /// Whether its rows have been looked at.
    pub is_looked_at: bool,
}

impl EntityView {
    /// Makes the view of all rows of an entity.
    pub fn new(entry: CatalogEntry, catalog: Catalog) -> Self {
        let (grid, line) = (Grid::new(entry.meta), FilterLine::default());
        let arranged = Arranged::of(&grid, &line);
        Self {
            usual: arranged.layout().clone(),
            arranged,
            grid,
            editor: None,
            choosing: None,
            start: None,
            entry,
            catalog,
            line,
            completion: Completion::default(),
            pill_editor: None,
            pill_anchor: None,
            pill_room: None,
            values: None,
            chooser: None,
            labels: Labels::default(),
            without_label: Vec::new(),
            named_at: 0,
            added_at: 0,
            wanted_value: None,
            total: None,
            is_looked_at: false,
        }
    }

    /// Returns the table, its columns, keys and relations.
    pub const fn meta(&self) -> &'static EntityMeta {
        self.entry.meta
    }

    /// Returns whether something is open above the rows, to which the keys then belong.
    pub const fn has_popover(&self) -> bool {
        self.pill_editor.is_some() || self.values.is_some() || self.chooser.is_some()
    }

    /// Shows the rows that the filter line says.
    pub fn apply_filter(&mut self) {
        self.grid.set_filter(self.line.filter(self.quick_search()));
    }

    /// Returns the quick search as it is applied, as a filter of what may be seen.
    pub fn quick_search(&self) -> Filter {
        self.catalog.quick_search(self.entry.meta, self.line.applied_search())
    }

    /// Returns what is going on, as far as these rows decide it, beside what does not depend on
    /// them.
    pub fn situation(&self, apart: Situation, context: &Context) -> Situation {
        let focused = context.memory(egui::Memory::focused);
        let has_row = self.grid.focused_row().is_some();
        let has_new = self.grid.focus().is_some_and(|focus| focus.row >= FIRST_ADDED);
        Situation {
            has_entity: true,
            has_row: has_row || apart.has_row,
            has_cell: has_row || has_new,
            has_new_row: has_new,
            has_selection: !self.grid.selection.is_empty(),
            has_reference: self.reference().is_some(),
            is_filtered: !self.line.is_blank(),
            is_typing: focused.is_some_and(|focused| focused != grid_id(self.meta().table))
                || self.has_popover(),
            ..apart
        }
    }

    /// Returns whether it is not known yet which rows are selected, and tells the person so.
    pub fn refuses_while_selecting(&self, texts: &Texts, effects: &mut Effects) -> bool {
        let is_selecting = self.grid.is_selecting();
        if is_selecting {
            effects.tell(Notice::failure(tr!(texts, "grid-still-selecting")));
        }
        is_selecting
    }

    /// Returns the row that the focused cell refers to.
    pub fn reference(&self) -> Option<Target> {
        let column = self.grid.columns.get(self.grid.focus()?.column)?;
        let (row, _) = self.grid.focused_row()?;
        let table = column.meta.references?.table;
        let key = row.value(column.position).filter(|key| !key.is_null())?.clone();
        Some(Target::Row { table, key: RecordKey(vec![key]) })
    }

    /// Shows the line in which the filter is typed; the pills again where that is open.
    pub fn type_filter(&mut self, context: &Context, effects: &mut Effects) {
        let focused = context.memory(egui::Memory::focused);
        self.pill_editor = None;
        if focused == Some(filter_id(self.meta().table)) {
            self.line.reset();
            effects.focus(Focused::Grid);
        } else {
            self.line.face = Face::Line;
            effects.focus(Focused::Filter);
        }
    }

    /// Shows all rows.
    pub fn clear_filter(&mut self) {
        self.pill_editor = None;
        self.line.clear();
        self.apply_filter();
    }
}
