//! One entity as it is being browsed. Kept while another one is looked at.

use persistence::{CatalogEntry, EntityMeta, Value};

use super::column_chooser::ColumnChooser;
use super::pill_editor::PillEditor;
use super::saved_views::Arranged;
use super::value_list::ValueList;
use crate::command::Command;
use crate::filter_line::FilterLine;
use crate::grid::{Grid, Total};
use crate::settings::EntityLayout;
use crate::tasks::Labels;

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
}
