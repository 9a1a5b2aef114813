//! The record at the right.

use egui::{Context, Frame, Margin, Panel, Ui};

use super::context::Shown;
use super::effects::Effect;
use super::open_records::OpenRecord;
use super::{AdminApp, look};
use crate::command::Situation;
use crate::tasks::RecordNumber;

impl AdminApp {
    /// Sees to it that the record at the right belongs to the rows beside it.
    pub(super) fn settle_panel(&mut self) {
        let Some(view) = self.workspace.active_entity() else { return };
        if self.workspace.records.stand_beside(view) {
            // Much may have happened meanwhile.
            self.reread_panel();
        }
    }

    pub(super) fn record_panel(&mut self, ui: &mut Ui, surface: Frame, situation: &Situation) {
        if self.statistics_need_room(ui.available_width()) {
            return;
        }
        let Some(record) = &mut self.workspace.records.panel else {
            self.workspace.records.is_panel_active = false;
            return;
        };
        let widest = (ui.available_width() - 320.0).max(260.0);
        let number = record.number;
        let shown = Shown {
            texts: &self.texts,
            catalog: &self.catalog,
            extensions: &self.extensions,
            previews: &self.previews,
            thumbnails: &self.thumbnails,
            situation: *situation,
            acting: None,
        };
        let panel = Panel::right("record")
            .frame(surface.inner_margin(Margin::symmetric(12, 10)))
            .default_size(self.settings.record_width.unwrap_or(look::RECORD))
            .size_range(240.0..=widest)
            .show(ui, |ui| record.show(ui, &shown, true));
        self.settings.record_width = Some(panel.response.rect.width());
        self.watch_panel(ui.ctx(), panel.response.rect);
        for event in panel.inner {
            self.effects.push(Effect::Record(number, event));
        }
    }

    /// Notes whether the keyboard is in the panel, or else where the pointer was pressed last.
    fn watch_panel(&mut self, context: &Context, area: egui::Rect) {
        let focused = context.memory(egui::Memory::focused);
        let focused = focused.and_then(|id| context.read_response(id)).map(|widget| widget.rect);
        let pressed = context.input(|input| {
            input.pointer.any_pressed().then(|| input.pointer.interact_pos()).flatten()
        });
        if let Some(at) = pressed.or(focused.map(|rect| rect.center())) {
            self.workspace.records.is_panel_active = area.contains(at);
        }
    }

    /// The record that keys and commands mean: that of the active tab, else the one at the right.
    pub(super) fn meant_record(&self) -> Option<&OpenRecord> {
        match self.workspace.panes.active().filter(|pane| pane.is_record()) {
            Some(pane) if !self.workspace.records.is_panel_active => {
                self.workspace.records.tab(pane)?.record()
            }
            _ => self.workspace.records.panel.as_ref(),
        }
    }

    /// The record that keys and commands mean.
    pub(super) fn meant_record_mut(&mut self) -> Option<&mut OpenRecord> {
        let number = self.meant_number()?;
        self.workspace.records.get_mut(number)
    }

    /// The number of the record that keys and commands mean.
    pub(super) fn meant_number(&self) -> Option<RecordNumber> {
        Some(self.meant_record()?.number)
    }
}
