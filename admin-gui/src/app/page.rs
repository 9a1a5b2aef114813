//! The pages about the whole database.

use egui::Ui;

use super::AdminApp;
use super::panes::Page;

impl AdminApp {
    /// Draws a page.
    #[expect(clippy::needless_pass_by_ref_mut, reason = "pages have state")]
    pub(super) fn page(&mut self, ui: &mut Ui, page: Page) {
        match page {
            Page::Diagram | Page::Overview | Page::QueryLog => {
                ui.heading(self.page_title(page));
            }
        }
    }
}
