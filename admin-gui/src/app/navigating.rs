//! Going back and forward through what was looked at, and finding it again after a start.

use egui::{Context, PointerButton};

use super::Effects;
use super::Focused;
use super::preferences::Preferences;
use super::visit::Visit;
use super::workspace::Workspace;
use crate::command::Command;
use crate::open_in::OpenIn;
use crate::panes::Panes;

impl Workspace {
    /// Notes where the person is.
    pub(super) fn watch_history(&mut self) {
        if let Some(pane) = self.panes.active() {
            let view = self.active_entity().and_then(|place| self.views.get(place));
            if !self.history.here().is_some_and(|visit| visit.is_at(pane, view)) {
                self.history.arrive(Visit::of(pane, view));
            }
            let focus = view.and_then(|view| view.grid.focus());
            if let Some(here) = self.history.here() {
                here.row = focus.map(|focus| focus.row);
            }
        }
    }

    pub(super) fn go_back(&mut self) {
        let visit = self.history.back().cloned();
        self.visit(visit);
    }

    pub(super) fn go_forward(&mut self) {
        let visit = self.history.forward().cloned();
        self.visit(visit);
    }

    fn visit(&mut self, visit: Option<Visit>) {
        let Some(Visit { pane, filter, search, order, row }) = visit else { return };
        self.show_pane(pane, OpenIn::Here);
        if let Some(view) = self.view_mut() {
            view.line.set(view.entry.meta, filter);
            view.line.search = search;
            view.line.apply_search();
            view.apply_filter();
            view.grid.set_order(order);
            if let Some(row) = row {
                view.grid.return_to_row(row);
            }
        }
        self.focus = Some(Focused::Grid);
    }

    /// Opens the tabs that were open when the database was last open.
    pub(super) fn restore_panes(&mut self, preferences: &Preferences) {
        let Some(database) = preferences.of_database() else { return };
        let Some(mut panes) = database.panes.clone() else { return };
        panes.retain(|pane| self.can_show(pane));
        if panes.count() > 0 {
            self.panes = panes;
        }
    }

    /// Keeps which tabs are open, if that has changed.
    pub(super) fn watch_panes(&self, context: &Context, preferences: &mut Preferences) {
        if context.input(|input| input.pointer.any_down()) {
            return;
        }
        let known = preferences.of_database();
        let known: Option<&Panes> = known.and_then(|database| database.panes.as_ref());
        if known != Some(&self.panes) {
            let panes = self.panes.clone();
            preferences.of_database_mut().panes = Some(panes);
            preferences.keep();
        }
    }
}

/// Goes back and forward by the buttons at a mouse's side.
pub(super) fn watch_mouse(context: &Context, effects: &mut Effects) {
    let (back, forward) = context.input(|input| {
        let pointer = &input.pointer;
        let pressed = |button| pointer.button_pressed(button);
        (pressed(PointerButton::Extra1), pressed(PointerButton::Extra2))
    });
    if back {
        effects.run(Command::Back);
    } else if forward {
        effects.run(Command::Forward);
    }
}
