//! Where something is opened that a person follows.

use egui::{PointerButton, Response};

/// Where something is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenIn {
    /// Instead of what it is followed from.
    Here,
    /// In a tab of its own.
    NewTab,
}

impl OpenIn {
    /// Returns where a click leads, as in a browser: Ctrl and the middle button open a tab. `None`
    /// where nothing was clicked.
    #[must_use]
    pub fn of_click(response: &Response) -> Option<Self> {
        if response.clicked_by(PointerButton::Middle) {
            return Some(Self::NewTab);
        }
        let is_command = response.ctx.input(|input| input.modifiers.command);
        response.clicked().then_some(if is_command { Self::NewTab } else { Self::Here })
    }
}
