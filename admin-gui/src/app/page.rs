//! The pages about the whole database.

use egui::Ui;
use persistence::{Catalog, Filter};

use super::Effects;
use super::context::Shown;
use super::effects::Effect;
use super::history_page::history_event;
use super::migrations_page::{migration_obstacle, migrations_event};
use crate::i18n::Texts;
use crate::jobs::{Origin, Queue, Report, Topic};
use crate::open_in::OpenIn;
use crate::pages::diagram::{DiagramEvent, DiagramPage};
use crate::pages::history::HistoryPage;
use crate::pages::migrations::MigrationsPage;
use crate::pages::overview::{Asked, OverviewEvent, OverviewPage, creation_column};
use crate::pages::query_log::{QueryLogEvent, QueryLogPage};
use crate::panes::{Page, Pane};
use crate::tasks::{Count, Explain, FindGrowth, FindNullRates};
use crate::theme::icon;
use crate::tr;

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
    pub(super) overview: OverviewPage,
    pub(super) query_log: QueryLogPage,
    /// Where what is written is recorded.
    pub(super) history: Option<HistoryPage>,
    pub(super) migrations: MigrationsPage,
}

impl Pages {
    /// Makes the pages of a catalog.
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            diagram: DiagramPage::new(catalog.entries()),
            overview: OverviewPage::new(catalog.entries()),
            query_log: QueryLogPage::new(catalog),
            history: catalog.has_history().then(|| HistoryPage::new(catalog)),
            migrations: MigrationsPage::default(),
        }
    }

    /// Has a page of what is recorded from when that is so; it stays, for what was.
    pub fn find_history(&mut self, catalog: &Catalog) {
        if self.history.is_none() && catalog.has_history() {
            self.history = Some(HistoryPage::new(catalog));
        }
    }

    /// Returns the pages that there are, in the order of the navigation.
    pub fn all(&self) -> impl Iterator<Item = Page> {
        Page::ALL.into_iter().filter(|page| self.has(*page))
    }

    /// Returns whether there is a page of this database.
    pub const fn has(&self, page: Page) -> bool {
        !matches!(page, Page::History) || self.history.is_some()
    }

    /// Marks what the pages have read of the database to be read again when they are looked at.
    pub fn reread(&mut self) {
        self.overview.reread();
        self.reread_history();
    }

    /// Marks the history to be read again when it is looked at: something was written.
    pub fn reread_history(&mut self) {
        if let Some(history) = &mut self.history {
            history.history.reread();
        }
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

    /// Draws a page.
    pub fn show(&mut self, ui: &mut Ui, page: Page, shown: &Shown<'_>, effects: &mut Effects) {
        match page {
            Page::Diagram => {
                for event in self.diagram.show(ui, shown.texts) {
                    let DiagramEvent::OpenEntity(table) = event;
                    effects.push(Effect::Show(Pane::Entity(table.to_owned()), OpenIn::NewTab));
                }
            }
            Page::Overview => {
                for event in self.overview.show(ui, shown.texts) {
                    overview_event(event, shown, effects);
                }
            }
            Page::History => {
                let events = self
                    .history
                    .as_mut()
                    .map(|page| page.show(ui, shown.texts, shown.catalog.is_read_only()));
                for event in events.into_iter().flatten() {
                    history_event(event, effects);
                }
            }
            Page::Migrations => {
                let obstacle = migration_obstacle(&shown.situation, &self.migrations.migrations);
                let events = self.migrations.show(ui, shown.texts, shown.catalog, obstacle);
                for event in events {
                    migrations_event(event, effects);
                }
            }
            Page::QueryLog => {
                for event in self.query_log.show(ui, shown.texts) {
                    match event {
                        QueryLogEvent::Explain { number, origin } => {
                            explain(number, origin, effects);
                        }
                        QueryLogEvent::Values(binds) => effects.push(Effect::NoteValues(binds)),
                    }
                }
            }
        }
    }
}

fn overview_event(event: OverviewEvent, shown: &Shown<'_>, effects: &mut Effects) {
    match event {
        OverviewEvent::Ask(asked) => ask_for_figure(asked, shown, effects),
        OverviewEvent::OpenEntity(table) => {
            effects.push(Effect::Show(Pane::Entity(table.to_owned()), OpenIn::NewTab));
        }
        OverviewEvent::OpenFiltered { table, filter } => {
            effects.push(Effect::ShowFiltered { table, filter });
        }
    }
}

/// Asks how the database finds a page of rows.
fn explain(number: u64, origin: Origin, effects: &mut Effects) {
    effects.ask(EXPLAIN.of(number), Explain { origin }, move |workspace, outcome, known, _| {
        let outcome = known.in_words(outcome);
        workspace.pages.query_log.explained(number, outcome);
    });
}

/// Asks for a figure of the overview.
fn ask_for_figure(asked: Asked, shown: &Shown<'_>, effects: &mut Effects) {
    match asked {
        Asked::Rows(table) => {
            let task = Count { table, filter: Filter::All };
            effects.ask(COUNTED.of(table), task, move |workspace, outcome, known, _| {
                let outcome = known.in_words(outcome);
                workspace.pages.overview.figures().take_rows(table, outcome);
            });
        }
        Asked::Nulls(table) => {
            let task = FindNullRates { table };
            effects.ask(NULLS.of(table), task, move |workspace, outcome, known, _| {
                let outcome = known.in_words(outcome);
                workspace.pages.overview.figures().take_nulls(table, outcome);
            });
        }
        Asked::Growth(table) => {
            let entry = shown.catalog.entry(table).ok();
            let Some(column) = entry.and_then(|entry| creation_column(entry.meta)) else {
                return;
            };
            let task = FindGrowth { table, column };
            effects.ask(GROWTH.of(table), task, move |workspace, outcome, known, _| {
                let outcome = known.in_words(outcome);
                workspace.pages.overview.figures().take_growth(table, outcome);
            });
        }
    }
}

/// Returns what a page is called.
pub(super) fn page_title(page: Page, texts: &Texts) -> String {
    match page {
        Page::Diagram => tr!(texts, "page-diagram"),
        Page::Overview => tr!(texts, "page-overview"),
        Page::QueryLog => tr!(texts, "page-query-log"),
        Page::History => tr!(texts, "page-history"),
        Page::Migrations => tr!(texts, "page-migrations"),
    }
}

/// Returns the mark of a page.
pub(super) const fn page_icon(page: Page) -> egui_material_icons::MaterialIcon {
    match page {
        Page::Diagram => icon::ICON_SCHEMA,
        Page::Overview => icon::ICON_BAR_CHART,
        Page::QueryLog => icon::ICON_LIST_ALT,
        Page::History => icon::ICON_HISTORY,
        Page::Migrations => icon::ICON_CONSTRUCTION,
    }
}
