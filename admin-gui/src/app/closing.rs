//! Closing the window: what was typed is asked about first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use egui::{Align, Button, Context, Frame, Id, Label, Layout, Margin, Modal, RichText, Ui};

use crate::i18n::Texts;
use crate::theme::Theme;
use crate::tr;

/// The width of the question, in points.
const WIDTH: f32 = 420.0;

/// Records that are named.
pub(super) const MOST_NAMED: usize = 5;

/// Asks the window to close, from any thread: a session that ends, a signal.
#[derive(Clone, Debug, Default)]
pub struct CloseRequest(Arc<Requested>);

#[derive(Debug, Default)]
struct Requested {
    is_requested: AtomicBool,
    /// The window that was opened last.
    context: Mutex<Option<Context>>,
}

impl CloseRequest {
    /// Closes the window, once the person has been asked about what is not saved.
    pub fn close(&self) {
        self.0.is_requested.store(true, Ordering::Release);
        // A window that nobody moves in draws nothing by itself.
        let context = self.0.context.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(context) = &*context {
            context.request_repaint();
        }
    }

    /// Sets the window that requests wake.
    pub(super) fn wakes(&self, context: &Context) {
        let mut woken = self.0.context.lock().unwrap_or_else(PoisonError::into_inner);
        *woken = Some(context.clone());
    }

    /// Returns whether it was asked for, and forgets that.
    pub(super) fn take(&self) -> bool {
        self.0.is_requested.swap(false, Ordering::AcqRel)
    }
}

/// What the window waits for before it closes.
#[derive(Debug, Default)]
pub(super) struct Closing {
    /// Whether everything is being saved.
    pub is_saving: bool,
    is_focused: bool,
}

/// What a person wants to be done with what is not saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClosingChoice {
    Save,
    Discard,
    Cancel,
}

impl Closing {
    /// Draws the question about so many records; returns what was decided.
    pub fn show(
        &mut self,
        context: &Context,
        texts: &Texts,
        labels: &[String],
        count: usize,
    ) -> Option<ClosingChoice> {
        let theme = Theme::of(context);
        let modal = Modal::new(Id::unique("closing_dialog"))
            .frame(Frame::popup(&context.style_of(context.theme())).inner_margin(Margin::same(16)));
        let modal = modal.show(context, |ui| {
            ui.set_width(WIDTH);
            let title = tr!(texts, "closing-title", count = count);
            ui.add(Label::new(RichText::new(title).heading()).wrap());
            ui.add_space(theme.spacing.item);
            for label in labels {
                ui.add(Label::new(label).truncate());
            }
            if count > labels.len() {
                let more = count - labels.len();
                let more = RichText::new(tr!(texts, "closing-and-more", count = more));
                ui.label(more.color(theme.colors.text_weak));
            }
            ui.add_space(theme.spacing.group);
            self.buttons(ui, texts, theme)
        });
        if modal.inner.is_none() && modal.should_close() {
            return Some(ClosingChoice::Cancel);
        }
        modal.inner
    }

    fn buttons(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) -> Option<ClosingChoice> {
        let mut choice = None;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let save =
                if self.is_saving { tr!(texts, "form-saving") } else { tr!(texts, "form-save") };
            let save = RichText::new(save).color(theme.colors.on_accent);
            let save = Button::new(save).fill(theme.colors.accent);
            if ui.add_enabled(!self.is_saving, save).clicked() {
                choice = Some(ClosingChoice::Save);
            }
            if ui.button(tr!(texts, "closing-discard")).clicked() {
                choice = Some(ClosingChoice::Discard);
            }
            let cancel = ui.button(tr!(texts, "closing-cancel"));
            if !std::mem::replace(&mut self.is_focused, true) {
                cancel.request_focus();
            }
            if cancel.clicked() {
                choice = Some(ClosingChoice::Cancel);
            }
        });
        choice
    }
}
