//! The form of a record as a line of cells, where it stands among others of its kind.

use egui::{Align, Layout, Ui, vec2};
use persistence::ColumnType;
use persistence::entity::Fill;

use super::event::FormEvent;
use super::field_view::show_cell;
use super::model::RecordForm;
use super::parts::opening_height;
use crate::i18n::Texts;
use crate::theme::Theme;

/// A column of cells: its position, and how wide they are, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellColumn {
    /// The column's position.
    pub position: usize,
    /// The width of its cells, in points.
    pub width: f32,
}

impl CellColumn {
    /// Returns the columns of an entity that are edited in lines, the label first, as wide as their values usually
    /// are; `but` is the position of the one that says where the lines belong.
    #[must_use]
    pub fn all(meta: &'static persistence::EntityMeta, but: usize) -> Vec<Self> {
        let is_edited = |position: &usize| {
            meta.columns.get(*position).is_some_and(|column| {
                *position != but
                    && column.fill == Fill::Draft
                    && !matches!(column.column_type, ColumnType::Bytes | ColumnType::Json)
            })
        };
        let mut positions: Vec<usize> = (0..meta.columns.len()).filter(is_edited).collect();
        positions.sort_by_key(|position| *position != meta.label);
        let width = |position: usize| {
            let Some(column) = meta.columns.get(position) else { return 0.0 };
            match column.column_type {
                _ if position == meta.label => 170.0,
                _ if column.references.is_some() => 150.0,
                ColumnType::Bool => 72.0,
                ColumnType::Timestamp => 200.0,
                ColumnType::Date => 136.0,
                ColumnType::Text | ColumnType::Uuid => 130.0,
                _ => 104.0,
            }
        };
        positions.into_iter().map(|at| Self { position: at, width: width(at) }).collect()
    }
}

impl RecordForm {
    /// Shows the fields of some columns beside each other, without their names; returns what it asks for.
    /// `row` is what the row is called.
    pub fn show_cells(
        &mut self,
        ui: &mut Ui,
        texts: &Texts,
        columns: &[CellColumn],
        row: &str,
    ) -> Vec<FormEvent> {
        let theme = Theme::of(ui.ctx());
        let mut events = Vec::new();
        self.speak(texts.language());
        for CellColumn { position, width } in columns {
            let size = vec2(*width, opening_height(theme));
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                ui.set_min_size(size);
                ui.set_max_width(*width);
                show_cell(self, ui, texts, (*position, row), &mut events);
            });
        }
        events
    }
}
