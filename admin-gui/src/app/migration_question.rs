//! The question whether to run or revert migrations; in production with the name of the database.

use egui::{Align, Button, Context, Frame, Id, Key, Label, Layout, Margin, Modal, RichText};
use egui::{TextEdit, Ui};

use crate::i18n::Texts;
use crate::tasks::Step;
use crate::theme::Theme;
use crate::tr;

/// The width of the question, in points.
const WIDTH: f32 = 460.0;

/// Migrations that are listed by name.
const MOST_LISTED: usize = 8;

/// The question.
#[derive(Debug)]
pub(super) struct MigrationQuestion {
    step: Step,
    names: Vec<String>,
    /// What is to be typed first, where that is wanted.
    database: Option<String>,
    typed: String,
    is_focused: bool,
}

impl MigrationQuestion {
    /// Asks about these migrations; wants the name of a database typed, where one is given.
    pub const fn new(step: Step, names: Vec<String>, database: Option<String>) -> Self {
        Self { step, names, database, typed: String::new(), is_focused: false }
    }

    /// Returns what was agreed to.
    pub fn into_steps(self) -> (Step, Vec<String>) {
        (self.step, self.names)
    }

    /// Draws it; returns whether it was agreed to, once that is decided.
    pub fn show(&mut self, context: &Context, texts: &Texts) -> Option<bool> {
        let frame = Frame::popup(&context.style_of(context.theme()));
        let modal = Modal::new(Id::unique("migration question"));
        let modal = modal.frame(frame.inner_margin(Margin::same(16))).show(context, |ui| {
            ui.set_width(WIDTH);
            self.content(ui, texts)
        });
        if modal.inner.is_none() && modal.should_close() {
            return Some(false);
        }
        modal.inner
    }

    fn content(&mut self, ui: &mut Ui, texts: &Texts) -> Option<bool> {
        let theme = Theme::of(ui.ctx());
        let is_run = self.step == Step::Run;
        let title = if is_run {
            tr!(texts, "migrations-ask-run", count = self.names.len())
        } else {
            tr!(texts, "migrations-ask-revert")
        };
        ui.label(RichText::new(title).heading());
        ui.add_space(theme.spacing.item);
        for name in self.names.iter().take(MOST_LISTED) {
            ui.add(Label::new(RichText::new(name).monospace()).truncate());
        }
        if let Some(more) = self.names.len().checked_sub(MOST_LISTED).filter(|more| *more > 0) {
            ui.label(tr!(texts, "migrations-ask-more", count = more));
        }
        ui.add_space(theme.spacing.item);
        if is_run {
            ui.add(Label::new(tr!(texts, "migrations-run-means")).wrap());
        } else {
            let means = RichText::new(tr!(texts, "migrations-revert-means"));
            ui.add(Label::new(means.color(theme.colors.wrong)).wrap());
        }
        let mut is_typed = true;
        let mut is_entered = false;
        if let Some(database) = &self.database {
            ui.add_space(theme.spacing.item);
            ui.add(Label::new(tr!(texts, "production-type", name = database.as_str())).wrap());
            let field = TextEdit::singleline(&mut self.typed).desired_width(f32::INFINITY);
            let field = ui.add(field).accessible_name(tr!(texts, "production-name"));
            if !std::mem::replace(&mut self.is_focused, true) {
                field.request_focus();
            }
            is_typed = self.typed.trim() == database;
            is_entered = ui.input(|input| input.key_pressed(Key::Enter));
            if is_entered && !is_typed {
                field.request_focus();
            }
        }
        let mut choice = (is_entered && is_typed).then_some(true);
        ui.add_space(theme.spacing.group);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let text = if is_run {
                tr!(texts, "migrations-ask-run-yes")
            } else {
                tr!(texts, "migrations-ask-revert-yes")
            };
            let (on, fill) = if is_run {
                (theme.colors.on_accent, theme.colors.accent)
            } else {
                (theme.colors.on_wrong, theme.colors.wrong)
            };
            let button = if is_typed {
                Button::new(RichText::new(text).color(on)).fill(fill)
            } else {
                Button::new(text)
            };
            if ui.add_enabled(is_typed, button).clicked() {
                choice = Some(true);
            }
            let cancel = ui.button(tr!(texts, "production-cancel"));
            // Enter is not enough to change a database.
            if !std::mem::replace(&mut self.is_focused, true) {
                cancel.request_focus();
            }
            if cancel.clicked() {
                choice = Some(false);
            }
        });
        choice
    }
}
