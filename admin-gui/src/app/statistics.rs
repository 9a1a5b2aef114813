//! The statistics of a column, beside the grid.

use egui::{Frame, Margin, Panel, Ui};

use super::Effects;
use super::effects::Effect;
use super::entity_view::EntityView;
use super::target::Focused;
use crate::i18n::Texts;
use crate::jobs::{Queue, Topic};
use crate::pages::statistics::{StatisticsEvent, StatisticsPanel};
use crate::tasks::FindStatistics;

const STATISTICS: Topic = Topic::new("statistics", Queue::Figures);

/// The usual width of the panel, in points.
const WIDTH: f32 = 270.0;

/// The least width of the grid between navigation and panels, in points.
const GRID: f32 = 300.0;

/// The statistics of a column, while they are shown.
#[derive(Default)]
pub(super) struct Statistics(Option<StatisticsPanel>);

impl Statistics {
    /// Shows the statistics of a column of an entity, by its position.
    pub fn show(&mut self, view: &EntityView, column: usize) {
        let meta = view.meta();
        if let Some(column) = meta.columns.get(column) {
            let filter = view.grid.filter().clone();
            self.0 = Some(StatisticsPanel::new(meta, column, filter));
        }
    }

    /// Shows the statistics of the focused column; closes them where they are shown.
    pub fn toggle(&mut self, view: Option<&EntityView>) {
        let focused = view.and_then(|view| {
            let column = view.grid.column_in_hand()?;
            let is_shown = self.0.as_ref().is_some_and(|panel| {
                panel.meta().table == view.meta().table && panel.column().name == column.meta.name
            });
            (!is_shown).then_some((view, column.position))
        });
        match focused {
            Some((view, column)) => self.show(view, column),
            None => self.0 = None,
        }
    }

    /// Marks the statistics to be computed again.
    pub fn reread(&mut self) {
        if let Some(panel) = &mut self.0 {
            panel.reread();
        }
    }

    /// Returns whether those of an entity are shown.
    fn are_of(&self, view: Option<&EntityView>) -> bool {
        let table = view.map(|view| view.meta().table);
        self.0.as_ref().is_some_and(|panel| Some(panel.meta().table) == table)
    }

    /// Returns whether the record has to step back, so that of so much width something is left to the grid.
    pub fn need_room(&self, view: Option<&EntityView>, width: f32, record: f32) -> bool {
        self.are_of(view) && width < record + WIDTH + GRID
    }

    /// Closes them where they are shown; returns whether they were.
    pub fn close(&mut self, view: Option<&EntityView>, effects: &mut Effects) -> bool {
        let is_shown = self.are_of(view);
        if is_shown {
            self.0 = None;
            effects.forget(STATISTICS.only());
            effects.focus(Focused::Grid);
        }
        is_shown
    }

    /// Draws the panel where the entity that it is about is looked at.
    pub fn show_panel(
        &mut self,
        ui: &mut Ui,
        surface: Frame,
        view: Option<&EntityView>,
        texts: &Texts,
        effects: &mut Effects,
    ) {
        let Some(open) = view.filter(|_| self.are_of(view)) else { return };
        let Some(panel) = &mut self.0 else { return };
        panel.set_filter(open.grid.filter());
        let mut events = Vec::new();
        Panel::right("statistics")
            .frame(surface.inner_margin(Margin::symmetric(12, 10)))
            .default_size(WIDTH)
            .size_range(200.0..=420.0)
            .show(ui, |ui| events = panel.show(ui, texts));
        for event in events {
            self.do_what_is_asked(event, view, effects);
        }
    }

    fn do_what_is_asked(
        &mut self,
        event: StatisticsEvent,
        view: Option<&EntityView>,
        effects: &mut Effects,
    ) {
        let Some(panel) = &self.0 else { return };
        match event {
            StatisticsEvent::Ask => {
                let task = FindStatistics {
                    table: panel.meta().table,
                    column: panel.column().name,
                    filter: panel.filter().clone(),
                };
                effects.ask(STATISTICS.only(), task, |workspace, outcome, known, _| {
                    let outcome = known.in_words(outcome);
                    if let Some(panel) = &mut workspace.statistics.0 {
                        panel.take(outcome);
                    }
                });
            }
            StatisticsEvent::Filter(filter) => {
                let filter = panel.filter().clone().and(filter);
                effects.push(Effect::ShowFiltered { table: panel.meta().table, filter });
            }
            StatisticsEvent::Closed => {
                self.close(view, effects);
            }
        }
    }
}
