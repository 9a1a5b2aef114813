//! The record at the right.

use egui::{Context, Frame, Margin, Panel, Ui};

use super::context::Shown;
use super::effects::Effect;
use super::open_records::OpenRecord;
use super::open_records::OpenRecords;
use super::widgets;
use super::workspace::Workspace;
use super::{Effects, Focused, Target};
use crate::grid::Movement;
use crate::tasks::RecordNumber;

impl Workspace {
    /// Makes the record at the right belong to the rows beside it.
    pub(super) fn settle_panel(&mut self, effects: &mut Effects) {
        let Some(view) = self.active_entity() else { return };
        if self.records.stand_beside(view) {
            // Much may have happened meanwhile.
            self.records.reread_panel(effects);
        }
    }

    /// Returns the record that keys and commands mean: that of the active tab, else the one at the
    /// right.
    pub(super) fn meant_record(&self) -> Option<&OpenRecord> {
        match self.panes.active().filter(|pane| pane.is_record()) {
            Some(pane) if !self.records.is_panel_active => self.records.tab(pane)?.record(),
            _ => self.records.panel.as_ref(),
        }
    }

    /// Returns the record that keys and commands mean, to change it.
    pub(super) fn meant_record_mut(&mut self) -> Option<&mut OpenRecord> {
        let number = self.meant_number()?;
        self.records.get_mut(number)
    }

    /// Returns the number of the record that keys and commands mean.
    pub(super) fn meant_number(&self) -> Option<RecordNumber> {
        Some(self.meant_record()?.number)
    }

    /// Returns whether the record that keys and commands mean is the one at the right, beside its entity's rows.
    pub(super) fn has_record_beside(&self) -> bool {
        let panel = self.records.panel.as_ref();
        panel.is_some_and(|record| {
            Some(record.beside) == self.active_entity()
                && self.meant_number() == Some(record.number)
        })
    }

    /// Opens the record of another row, in the order of the rows.
    pub(super) fn step_record(&mut self, movement: Movement, effects: &mut Effects) {
        let is_in_record = self.records.is_panel_active;
        let Some(view) = self.view_mut() else { return };
        view.grid.move_focus(movement);
        effects.push(Effect::Open(Target::FocusedRow(view.meta().table)));
        if is_in_record {
            effects.focus(Focused::Record);
        }
    }

    /// Draws the record at the right, as wide as it was left.
    pub(super) fn show_record_panel(
        &mut self,
        ui: &mut Ui,
        surface: Frame,
        width: &mut Option<f32>,
        shown: &Shown<'_>,
        effects: &mut Effects,
    ) {
        let usual = width.unwrap_or(widgets::RECORD);
        if self.statistics.need_room(self.view(), ui.available_width(), usual) {
            return;
        }
        let Some(record) = &mut self.records.panel else {
            self.records.is_panel_active = false;
            return;
        };
        let widest = (ui.available_width() - 320.0).max(260.0);
        let number = record.number;
        let panel = Panel::right("record")
            .frame(surface.inner_margin(Margin::symmetric(12, 10)))
            .default_size(usual)
            .size_range(240.0..=widest)
            .show(ui, |ui| record.show(ui, shown, true, &mut self.records.children));
        *width = Some(panel.response.rect.width());
        self.records.watch_panel(ui.ctx(), panel.response.rect);
        for event in panel.inner {
            effects.push(Effect::Record(number, event));
        }
    }
}

impl OpenRecords {
    /// Notes whether the keyboard is in the panel, or else where the pointer was pressed last.
    fn watch_panel(&mut self, context: &Context, area: egui::Rect) {
        let focused = context.memory(egui::Memory::focused);
        let focused = focused.and_then(|id| context.read_response(id)).map(|widget| widget.rect);
        let pressed = context.input(|input| {
            input.pointer.any_pressed().then(|| input.pointer.interact_pos()).flatten()
        });
        if let Some(at) = pressed.or(focused.map(|rect| rect.center())) {
            self.is_panel_active = area.contains(at);
        }
    }
}
