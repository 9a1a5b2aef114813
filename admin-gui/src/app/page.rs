//! The pages about the whole database.

use egui::Ui;
use persistence::{Catalog, Filter};

use super::AdminApp;
use super::panes::{Page, Pane, Place};
use crate::jobs::{Failure, Origin, Queue, Report, Topic};
use crate::pages::diagram::{DiagramEvent, DiagramPage};
use crate::pages::overview::{Asked, OverviewEvent, OverviewPage, creation_column};
use crate::pages::query_log::{QueryLogEvent, QueryLogPage};
use crate::tasks::{Count, Explain, FindGrowth, FindNullRates};

/// The plan of a statement of the log, by its number: asking how it was done is no part of what was
/// done.
const EXPLAIN: Topic = Topic::new("explain", Queue::Figures).unlogged();
/// How many rows the overview says that an entity has.
const COUNTED: Topic = Topic::new("overview rows", Queue::Figures);
/// When an entity's rows were made.
const GROWTH: Topic = Topic::new("overview growth", Queue::Figures);
/// How many of them lack what.
const NULLS: Topic = Topic::new("overview nulls", Queue::Figures);

/// What the pages know.
pub(super) struct Pages {
    diagram: DiagramPage,
    overview: OverviewPage,
    query_log: QueryLogPage,
}

impl Pages {
    /// The pages of a catalog.
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            diagram: DiagramPage::new(catalog.entries()),
            overview: OverviewPage::new(catalog.entries()),
            query_log: QueryLogPage::new(catalog),
        }
    }
}

impl Pages {
    /// What they have read of the database is read again when they are looked at.
    pub fn reread(&mut self) {
        self.overview.reread();
    }

    /// Notes the statements that an answer took.
    pub fn log(&mut self, report: &Report) {
        if !report.lane.is_logged() {
            return;
        }
        let now = chrono::Local::now();
        for statement in &report.statements {
            let origin = report.origin.as_ref().filter(|origin| origin.is_of(&statement.sql));
            self.query_log.record(statement.clone(), origin.cloned(), now);
        }
    }
}

impl AdminApp {
    /// Draws a page.
    pub(super) fn page(&mut self, ui: &mut Ui, page: Page) {
        match page {
            Page::Diagram => {
                for event in self.pages.diagram.show(ui, &self.texts) {
                    let DiagramEvent::OpenEntity(table) = event;
                    self.show_pane(Pane::Entity(table.to_owned()), Place::NewTab);
                }
            }
            Page::Overview => {
                for event in self.pages.overview.show(ui, &self.texts) {
                    self.overview_event(event);
                }
            }
            Page::QueryLog => {
                for event in self.pages.query_log.show(ui, &self.texts) {
                    match event {
                        QueryLogEvent::Explain { number, origin } => {
                            self.explain(number, origin);
                        }
                        QueryLogEvent::Values(binds) => {
                            self.jobs.note_values(binds);
                        }
                    }
                }
            }
        }
    }

    fn overview_event(&mut self, event: OverviewEvent) {
        match event {
            OverviewEvent::Ask(asked) => self.ask_for_figure(asked),
            OverviewEvent::OpenEntity(table) => {
                self.show_pane(Pane::Entity(table.to_owned()), Place::NewTab);
            }
            OverviewEvent::OpenFiltered { table, filter } => self.show_filtered(table, &filter),
        }
    }

    /// Asks how the database finds a page of rows.
    fn explain(&mut self, number: u64, origin: Origin) {
        self.jobs.ask(EXPLAIN.of(number), Explain { origin }, move |app, outcome, _| {
            let outcome = app.in_words(outcome);
            app.pages.query_log.explained(number, outcome);
        });
    }

    /// Asks for a figure of the overview.
    fn ask_for_figure(&mut self, asked: Asked) {
        match asked {
            Asked::Rows(table) => {
                let task = Count { table, filter: Filter::All };
                self.jobs.ask(COUNTED.of(table), task, move |app, outcome, _| {
                    let outcome = app.in_words(outcome);
                    app.pages.overview.figures().take_rows(table, outcome);
                });
            }
            Asked::Nulls(table) => {
                let task = FindNullRates { table };
                self.jobs.ask(NULLS.of(table), task, move |app, outcome, _| {
                    let outcome = app.in_words(outcome);
                    app.pages.overview.figures().take_nulls(table, outcome);
                });
            }
            Asked::Growth(table) => {
                let entry = self.catalog.entry(table).ok();
                let Some(column) = entry.and_then(|entry| creation_column(entry.meta)) else {
                    return;
                };
                let task = FindGrowth { table, column };
                self.jobs.ask(GROWTH.of(table), task, move |app, outcome, _| {
                    let outcome = app.in_words(outcome);
                    app.pages.overview.figures().take_growth(table, outcome);
                });
            }
        }
    }

    /// An outcome whose failure is said in words.
    fn in_words<T>(&self, outcome: Result<T, Failure>) -> Result<T, String> {
        outcome.map_err(|failure| self.words(&failure))
    }
}
