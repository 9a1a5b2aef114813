//! Draws an entity as it is being browsed: what it is filtered by, and its rows.

use egui::Ui;
use persistence::RecordKey;
use persistence::staging::RowKey;

use super::completion_list::keeping_focus;
use super::context::Shown;
use super::effects::Effect;
use super::entity_view::EntityView;
use super::fetching;
use super::staged::Staged;
use super::staged_overlay::StagedOverlay;
use super::target::{Focused, Target};
use super::{Effects, Jobs};
use super::{cell_choices, drift_bar};
use crate::command::{Command, Situation};
use crate::grid::{GridEvent, GridView, Movement};

/// What an entity's pane is drawn with.
#[derive(Clone, Copy)]
pub(super) struct EntityPane<'a> {
    pub shown: Shown<'a>,
    /// What is to be written.
    pub staged: &'a Staged,
    /// The row whose record is open at the right.
    pub opened: Option<&'a RowKey>,
    /// Whether keys that nothing else takes are meant for it.
    pub is_active: bool,
    /// The migrations that are to be run.
    pub pending: &'a [&'a str],
}

impl EntityView {
    /// Draws what it is filtered by, and its rows. Rows that come in a moment are drawn at once.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        pane: EntityPane<'_>,
        jobs: &mut Jobs,
        effects: &mut Effects,
    ) {
        let drift = pane.shown.catalog.drift();
        let table = self.meta().table;
        let drift = drift.iter().find(|drift| drift.table == table && drift.is_read_only());
        let situation = self.situation(pane.shown.situation, ui.ctx());
        let situation = Situation { is_drifted: drift.is_some(), ..situation };
        if let Some(drift) = drift {
            drift_bar::show(ui, drift, pane.pending, &pane.shown, effects);
        }
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
        let EntityPane { shown, staged, opened, is_active, .. } = pane;
        self.show_new_rows(staged);
        self.watch_choices(ui, effects);
        let (meta, labels) = (self.meta(), &self.labels);
        let overlay = StagedOverlay { staged, meta, labels, texts: shown.texts };
        let has_popover = self.has_popover();
        let commands = Command::OF_A_CELL.into_iter();
        let commands = commands.filter(|command| command.is_enabled(&shown.situation));
        let commands: Vec<Command> = commands.collect();
        let list = cell_choices::list_of(self.choosing.as_ref());
        let grid = GridView {
            title: &shown.texts.entity(self.meta()),
            grid: &mut self.grid,
            texts: shown.texts,
            opened,
            previews: shown.previews,
            thumbnails: shown.thumbnails,
            extensions: shown.extensions,
            overlay: &overlay,
            editor: self.editor.as_mut(),
            cell_commands: &commands,
            is_filtered: self.line.is_active(),
            is_active: is_active && !has_popover,
            read: &mut |grid| {
                fetching::read(grid, true, shown.texts, jobs, effects);
            },
        };
        for event in keeping_focus(ui, list, |ui| grid.show(ui)) {
            self.grid_event(event, &pane, effects);
        }
        if self.show_choices(ui.ctx(), shown.texts) {
            self.end_editing(None, shown.texts.language(), effects);
        }
    }

    fn grid_event(&mut self, event: GridEvent, pane: &EntityPane<'_>, effects: &mut Effects) {
        let EntityPane { shown, staged, .. } = pane;
        let table = self.meta().table;
        match event {
            GridEvent::Edit(typed) => {
                self.begin_editing(typed, staged, &shown.known(), effects);
            }
            GridEvent::Paste(text) => {
                effects.push(Effect::Paste { table, text });
            }
            // The keys by which editing ends upwards are those of the large field, where there is one.
            GridEvent::Edited(Some(Movement::Up)) if self.is_editing_large() => {
                let typed = self.editor.take().map(|editor| editor.text);
                self.enlarge(typed, staged, &shown.known(), effects);
            }
            GridEvent::Edited(movement) => {
                self.end_editing(movement, shown.texts.language(), effects);
            }
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
