//! The pages about the whole database.

use egui::Ui;
use persistence::Catalog;

use super::AdminApp;
use super::panes::{Page, Pane, Place};
use crate::pages::diagram::{DiagramEvent, DiagramPage};
use crate::pages::query_log::QueryLogPage;

/// What the pages know.
pub(super) struct Pages {
    diagram: DiagramPage,
    query_log: QueryLogPage,
}

impl Pages {
    /// The pages of a catalog.
    pub fn new(catalog: &Catalog) -> Self {
        Self { diagram: DiagramPage::new(catalog.entries()), query_log: QueryLogPage::default() }
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
            Page::QueryLog => {
                self.pages.query_log.show(ui, &self.texts);
            }
            Page::Overview => {
                ui.heading(self.page_title(page));
            }
        }
    }
}
