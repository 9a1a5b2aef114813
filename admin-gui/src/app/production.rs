//! A database in production: much is written to it only after a person has typed its name.

use egui::{
    Align, Button, Context, Frame, Id, Key, Label, Layout, Margin, Modal, RichText, TextEdit, Ui,
};

use super::AdminApp;
use super::top_bar::short_target;
use crate::command::Command;
use crate::i18n::Texts;
use crate::theme::Theme;
use crate::tr;

/// The width of the question, in points.
const WIDTH: f32 = 420.0;

/// Rows that are written at once without a question.
pub(super) const MOST: usize = 10;

/// Returns what a database is called, to be typed: a file's name, or the last part of a server's address.
pub(super) fn name_of(target: &str) -> String {
    let name = short_target(target).split('/').rfind(|part| !part.is_empty());
    name.unwrap_or(target).to_owned()
}

/// The question for the name of the database.
#[derive(Debug)]
pub(super) struct ProductionQuestion {
    /// The database's name.
    name: String,
    /// How many rows are to be written.
    count: usize,
    typed: String,
    is_focused: bool,
}

/// What a person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ProductionChoice {
    Write,
    Cancel,
}

impl ProductionQuestion {
    fn new(target: &str, count: usize) -> Self {
        Self { name: name_of(target), count, typed: String::new(), is_focused: false }
    }

    /// Draws it; returns what was decided.
    fn show(&mut self, context: &Context, texts: &Texts) -> Option<ProductionChoice> {
        let frame = Frame::popup(&context.style_of(context.theme()));
        let modal = Modal::new(Id::unique("production question"));
        let modal = modal.frame(frame.inner_margin(Margin::same(16))).show(context, |ui| {
            ui.set_width(WIDTH);
            self.content(ui, texts)
        });
        if modal.inner.is_none() && modal.should_close() {
            return Some(ProductionChoice::Cancel);
        }
        modal.inner
    }

    fn content(&mut self, ui: &mut Ui, texts: &Texts) -> Option<ProductionChoice> {
        let theme = Theme::of(ui.ctx());
        ui.label(RichText::new(tr!(texts, "production-title")).heading());
        ui.add_space(theme.spacing.item);
        let (name, count) = (self.name.as_str(), self.count);
        ui.add(Label::new(tr!(texts, "production-asks", count = count, name = name)).wrap());
        ui.add_space(theme.spacing.item);
        let field = TextEdit::singleline(&mut self.typed).desired_width(f32::INFINITY);
        let field = ui.add(field).accessible_name(tr!(texts, "production-name"));
        if !std::mem::replace(&mut self.is_focused, true) {
            field.request_focus();
        }
        let is_typed = self.typed.trim() == self.name;
        let mut choice = None;
        if ui.input(|input| input.key_pressed(Key::Enter)) {
            if is_typed {
                choice = Some(ProductionChoice::Write);
            } else {
                field.request_focus();
            }
        }
        ui.add_space(theme.spacing.group);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let text = RichText::new(tr!(texts, "production-write", count = self.count));
            let write = if is_typed {
                Button::new(text.color(theme.colors.on_production)).fill(theme.colors.production)
            } else {
                Button::new(text)
            };
            if ui.add_enabled(is_typed, write).clicked() {
                choice = Some(ProductionChoice::Write);
            }
            if ui.button(tr!(texts, "production-cancel")).clicked() {
                choice = Some(ProductionChoice::Cancel);
            }
        });
        choice
    }
}

impl AdminApp {
    /// Asks for the name of the database before much is written to one in production; returns whether it does.
    pub(super) fn asks_for_name(&mut self) -> bool {
        let staged = &mut self.workspace.staged;
        let count = staged.staging().len().saturating_add(staged.goes_along());
        let is_confirmed = staged.confirmed_at == Some(staged.revision());
        if !self.preferences.is_production() || count <= MOST || is_confirmed || staged.is_open {
            return false;
        }
        // Nobody goes on behind the question.
        staged.lock.stop();
        if self.dialogs.production.is_some() {
            return true;
        }
        self.workspace.records.settle();
        self.dialogs.production = Some(ProductionQuestion::new(&self.program.target, count));
        true
    }

    /// Draws that question, and writes once it is answered.
    pub(super) fn show_production_question(&mut self, context: &Context) {
        let Some(question) = &mut self.dialogs.production else { return };
        match question.show(context, &self.preferences.texts) {
            None => {}
            Some(ProductionChoice::Cancel) => {
                self.dialogs.production = None;
                self.workspace.staged.goes_on = false;
            }
            Some(ProductionChoice::Write) => {
                self.dialogs.production = None;
                let staged = &mut self.workspace.staged;
                staged.confirmed_at = Some(staged.revision());
                self.effects.run(Command::Commit);
            }
        }
    }
}
