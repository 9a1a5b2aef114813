//! The statements that a commit will run, before it does.

use egui::{Align, Button, Context, Frame, Id, Layout, Margin, Modal, RichText, ScrollArea};

use crate::command::Command;
use crate::i18n::Texts;
use crate::tasks::Reviewed;
use crate::theme::Theme;
use crate::tr;

/// The largest size of the dialog, in points.
const SIZE: egui::Vec2 = egui::vec2(760.0, 420.0);

/// What stands in the dialog.
#[derive(Debug)]
pub(super) struct Review(Reviewed);

/// What a person wants of what is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReviewChoice {
    Copy,
    Commit,
    Close,
}

impl Review {
    /// Statements that are shown; all of them are copied.
    pub const MOST_SHOWN: usize = 200;

    /// Makes the dialog of what was found.
    pub const fn new(reviewed: Reviewed) -> Self {
        Self(reviewed)
    }

    /// Returns the statements as a text that can be run elsewhere.
    pub fn text(&self) -> String {
        self.0.text.clone()
    }

    /// Draws it; returns what was decided.
    pub fn show(&self, context: &Context, texts: &Texts) -> Option<ReviewChoice> {
        let theme = Theme::of(context);
        let frame = Frame::popup(&context.style_of(context.theme()));
        let modal =
            Modal::new(Id::unique("review dialog")).frame(frame.inner_margin(Margin::same(16)));
        let room = context.content_rect().size() - egui::vec2(80.0, 160.0);
        let modal = modal.show(context, |ui| {
            ui.set_width(SIZE.x.min(room.x));
            let title = tr!(texts, "review-title", count = self.0.count);
            ui.label(RichText::new(title).heading());
            if self.0.obstacles > 0 {
                let wrong = RichText::new(tr!(texts, "staged-obstacles", count = self.0.obstacles));
                ui.label(wrong.color(theme.colors.wrong));
            }
            ui.add_space(theme.spacing.item);
            let area =
                ScrollArea::vertical().max_height(SIZE.y.min(room.y)).auto_shrink([false, true]);
            area.show(ui, |ui| {
                for statement in &self.0.first {
                    let statement = RichText::new(format!("{statement};")).monospace();
                    ui.add(egui::Label::new(statement).selectable(true).wrap());
                }
                let more = self.0.count - self.0.first.len();
                if more > 0 {
                    let more = RichText::new(tr!(texts, "review-more", count = more));
                    ui.label(more.color(theme.colors.text_weak));
                }
            });
            ui.add_space(theme.spacing.group);
            let mut choice = None;
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let commit = RichText::new(texts.text(Command::Commit.name()));
                let commit = Button::new(commit.color(theme.colors.on_staged));
                if ui.add(commit.fill(theme.colors.staged)).clicked() {
                    choice = Some(ReviewChoice::Commit);
                }
                if ui.button(tr!(texts, "review-copy")).clicked() {
                    choice = Some(ReviewChoice::Copy);
                }
                if ui.button(texts.text(Command::Close.name())).clicked() {
                    choice = Some(ReviewChoice::Close);
                }
            });
            choice
        });
        if modal.inner.is_none() && modal.should_close() {
            return Some(ReviewChoice::Close);
        }
        modal.inner
    }
}
