//! The pages about the whole database.

use egui::Ui;
use persistence::Catalog;

use super::AdminApp;
use super::panes::{Page, Pane, Place};
use crate::pages::diagram::{DiagramEvent, DiagramPage};

/// What the pages know.
pub(super) struct Pages {
    diagram: DiagramPage,
}

impl Pages {
    /// The pages of a catalog.
    pub fn new(catalog: &Catalog) -> Self {
        Self { diagram: DiagramPage::new(catalog.entries()) }
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
            Page::Overview | Page::QueryLog => {
                ui.heading(self.page_title(page));
            }
        }
    }
}
