//! The record at the right, and the question before a deletion.

use egui::{Context, Frame, Margin, Panel, Ui};

use super::{AdminApp, look};
use crate::form::DeletionChoice;
use crate::related;
use crate::worker::{Lane, Request};

impl AdminApp {
    pub(super) fn record_panel(&mut self, ui: &mut Ui, surface: Frame) {
        if self.record.is_none() || self.statistics_need_room(ui.available_width()) {
            return;
        }
        let widest = (ui.available_width() - 320.0).max(260.0);
        let mut events = Vec::new();
        let mut followed = Vec::new();
        let panel = Panel::right("record")
            .frame(surface.inner_margin(Margin::symmetric(12, 10)))
            .default_size(self.settings.record_width.unwrap_or(look::RECORD))
            .size_range(240.0..=widest)
            .show(ui, |ui| {
                let catalog = &self.catalog;
                let entity = |table: &str| catalog.entry(table).ok().map(|entry| entry.meta);
                followed.extend(related::show_trail(ui, &self.trail, entity, &self.texts));
                if let Some(record) = &mut self.record {
                    events = record.form.show_with(ui, &self.texts, |ui| {
                        if let Some(model) = &self.related {
                            followed.extend(related::show(ui, model, &self.texts));
                        }
                    });
                    if !record.form.is_asking_to_discard() && events.is_empty() {
                        // What was typed is kept: what was to be opened instead is not.
                        self.next_record = None;
                    }
                }
            });
        self.settings.record_width = Some(panel.response.rect.width());
        for event in events {
            self.form_event(event);
        }
        for event in followed {
            self.related_event(event);
        }
    }

    pub(super) fn deletion_dialog(&mut self, context: &Context) {
        let Some(dialog) = &mut self.deletion else {
            return;
        };
        match dialog.show(context, &self.texts) {
            None => {}
            Some(DeletionChoice::Delete(keys)) => {
                let table = dialog.meta().table;
                self.rows.ask(Lane::Delete, Request::Delete { table, keys });
            }
            Some(DeletionChoice::Cancel) => self.deletion = None,
        }
    }
}
