//! The statistics of a column, beside the grid.

use egui::{Frame, Margin, Panel, Ui};

use super::Effects;
use super::context::Known;
use super::workspace::Workspace;
use crate::i18n::Texts;
use crate::jobs::{Failure, Queue, Topic};
use crate::pages::statistics::{ColumnFigures, StatisticsEvent, StatisticsPanel};
use crate::tasks::FindStatistics;

const STATISTICS: Topic = Topic::new("statistics", Queue::Figures);

/// The usual width of the panel, in points.
const WIDTH: f32 = 270.0;

/// The least width of the grid between navigation and panels, in points.
const GRID: f32 = 300.0;

impl Workspace {
    /// Shows the statistics of a column of an entity, by its position.
    pub(super) fn show_statistics(&mut self, table: &str, column: usize) {
        let Some(view) = self.views.of(table) else { return };
        let meta = view.meta();
        if let Some(column) = meta.columns.get(column) {
            let filter = view.grid.filter().clone();
            self.statistics = Some(StatisticsPanel::new(meta, column, filter));
        }
    }

    /// Shows the statistics of the focused column; closes them where they are shown.
    pub(super) fn toggle_statistics(&mut self) {
        let focused = self.view().and_then(|view| {
            let column = view.grid.column_in_hand()?;
            let is_shown = self.statistics.as_ref().is_some_and(|panel| {
                panel.meta().table == view.meta().table && panel.column().name == column.meta.name
            });
            (!is_shown).then_some((view.meta().table, column.position))
        });
        match focused {
            Some((table, column)) => self.show_statistics(table, column),
            None => self.statistics = None,
        }
    }

    /// Whether the statistics of what is looked at are shown.
    fn has_statistics(&self) -> bool {
        let table = self.view().map(|view| view.meta().table);
        self.statistics.as_ref().is_some_and(|panel| Some(panel.meta().table) == table)
    }

    /// Closes the statistics where they are shown; returns whether they were.
    pub(super) fn close_statistics(&mut self, effects: &mut Effects) -> bool {
        let is_shown = self.has_statistics();
        if is_shown {
            self.statistics = None;
            effects.forget(STATISTICS.only());
            self.focus = Some(super::Focused::Grid);
        }
        is_shown
    }

    fn statistics_event(&mut self, event: StatisticsEvent, effects: &mut Effects) {
        let Some(panel) = &self.statistics else { return };
        match event {
            StatisticsEvent::Ask => {
                let task = FindStatistics {
                    table: panel.meta().table,
                    column: panel.column().name,
                    filter: panel.filter().clone(),
                };
                effects.ask(STATISTICS.only(), task, move |workspace, outcome, known, _| {
                    workspace.take_statistics(outcome, known);
                });
            }
            StatisticsEvent::Filter(filter) => {
                let table = panel.meta().table;
                let filter = panel.filter().clone().and(filter);
                self.show_filtered(table, &filter);
            }
            StatisticsEvent::Closed => {
                self.close_statistics(effects);
            }
        }
    }

    /// The figures have come, or why they have not.
    fn take_statistics(&mut self, outcome: Result<ColumnFigures, Failure>, known: &Known<'_>) {
        let outcome = outcome.map_err(|failure| known.words(&failure));
        if let Some(panel) = &mut self.statistics {
            panel.take(outcome);
        }
    }

    /// Whether the record has to step back, so that of so much width something is left to the grid.
    pub(super) fn statistics_need_room(&self, width: f32, record: f32) -> bool {
        self.has_statistics() && width < record + WIDTH + GRID
    }

    /// Draws the panel where the entity that it is about is looked at.
    pub(super) fn show_statistics_panel(
        &mut self,
        ui: &mut Ui,
        surface: Frame,
        texts: &Texts,
        effects: &mut Effects,
    ) {
        let Some(view) = self.view() else { return };
        let (table, filter) = (view.meta().table, view.grid.filter().clone());
        let panel = self.statistics.as_mut().filter(|panel| panel.meta().table == table);
        let Some(panel) = panel else { return };
        panel.set_filter(&filter);
        let mut events = Vec::new();
        Panel::right("statistics")
            .frame(surface.inner_margin(Margin::symmetric(12, 10)))
            .default_size(WIDTH)
            .size_range(200.0..=420.0)
            .show(ui, |ui| events = panel.show(ui, texts));
        for event in events {
            self.statistics_event(event, effects);
        }
    }
}
