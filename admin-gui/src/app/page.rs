//! The pages about the whole database.

use egui::Ui;
use persistence::{Catalog, Filter};

use super::AdminApp;
use super::panes::{Page, Pane, Place};
use crate::pages::diagram::{DiagramEvent, DiagramPage};
use crate::pages::overview::{Asked, OverviewEvent, OverviewPage, creation_column};
use crate::pages::query_log::{Explanation, QueryLogEvent, QueryLogPage};
use crate::worker::{Answer, Answered, Failure, Lane, Request};

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
    pub fn log(&mut self, answered: &Answered) {
        // Asking how it was done is no part of what was done.
        // The many small steps of counting would push everything else out.
        if matches!(answered.lane, Lane::Explain(_) | Lane::Survey(_)) {
            return;
        }
        let now = chrono::Local::now();
        for statement in &answered.statements {
            let origin = answered.origin.as_ref().filter(|origin| origin.is_of(&statement.sql));
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
                            self.figures.ask(Lane::Explain(number), Request::Explain { origin });
                        }
                        QueryLogEvent::Values(binds) => {
                            for worker in [&mut self.rows, &mut self.counts, &mut self.figures] {
                                worker.note_values(binds);
                            }
                        }
                    }
                }
            }
        }
    }

    fn overview_event(&mut self, event: OverviewEvent) {
        match event {
            OverviewEvent::Ask(asked) => {
                let request = match asked {
                    Asked::Rows(table) => Request::Count { table, filter: Filter::All },
                    Asked::Nulls(table) => Request::NullRates { table },
                    Asked::Growth(table) => {
                        let entry = self.catalog.entry(table).ok();
                        let column = entry.and_then(|entry| creation_column(entry.meta));
                        let Some(column) = column else { return };
                        Request::Growth { table, column }
                    }
                };
                self.figures.ask(Lane::Overview(asked), request);
            }
            OverviewEvent::OpenEntity(table) => {
                self.show_pane(Pane::Entity(table.to_owned()), Place::NewTab);
            }
            OverviewEvent::OpenFiltered { table, filter } => self.show_filtered(table, &filter),
        }
    }

    /// The plan of a statement has come, or why it has not.
    pub(super) fn take_explanation(&mut self, number: u64, outcome: Result<Explanation, Failure>) {
        let outcome = outcome.map_err(|failure| self.words(&failure));
        self.pages.query_log.explained(number, outcome);
    }

    /// A figure of the overview has come, or why it has not.
    pub(super) fn take_figure(&mut self, asked: Asked, outcome: Result<Answer, Failure>) {
        let outcome = outcome.map_err(|failure| self.words(&failure));
        let figures = self.pages.overview.figures();
        match (asked, outcome) {
            (Asked::Rows(table), Ok(Answer::Count(count))) => figures.take_rows(table, Ok(count)),
            (Asked::Growth(table), Ok(Answer::Growth(growth))) => {
                figures.take_growth(table, Ok(growth));
            }
            (Asked::Nulls(table), Ok(Answer::NullRates(rates))) => {
                figures.take_nulls(table, Ok(rates));
            }
            (Asked::Rows(table), Err(message)) => figures.take_rows(table, Err(message)),
            (Asked::Growth(table), Err(message)) => figures.take_growth(table, Err(message)),
            (Asked::Nulls(table), Err(message)) => figures.take_nulls(table, Err(message)),
            (asked, Ok(answer)) => {
                tracing::error!(?asked, ?answer, "an answer to another question");
            }
        }
    }
}
