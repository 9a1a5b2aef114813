//! Records: what is asked about them, and what is done with the answers.

use persistence::{Error, RecordKey, RetryReason};

use super::context::words;
use super::open_records::{OpenRecord, RecordEvent};
use super::{AdminApp, Notice, Target};
use crate::form::{Access, FormEvent, RecordForm, Write};
use crate::jobs::{Arrived, Failure, Queue, Topic};
use crate::place::Place;
use crate::tasks::{Find, FindChoices, Insert, ReadDefaults, RecordNumber, Saved, Update};
use crate::tr;

/// Rows a picker offers at once.
const OFFERED: u64 = 20;

/// A record of an entity that is to be looked at.
const RECORD: Topic = Topic::new("record", Queue::Rows);
/// What the picker offers that is open in a record.
pub(super) const CHOICES: Topic = Topic::new("choices", Queue::Rows);
/// What a new record that is open starts from.
const DEFAULTS: Topic = Topic::new("defaults", Queue::Rows);
/// Writing a record that is open.
const SAVE: Topic = Topic::new("save", Queue::Rows);

impl AdminApp {
    /// Takes what has come from the other threads.
    pub(super) fn take_answers(&mut self) {
        for queue in Queue::ALL {
            for arrived in self.jobs.arrived(queue) {
                self.take_answer(arrived);
            }
        }
    }

    pub(super) fn take_answer(&mut self, arrived: Arrived<Self>) {
        self.workspace.pages.log(&arrived.report);
        arrived.deliver(self);
    }

    /// Tells the person why something could not be had.
    pub(super) fn not_found(&mut self, failure: &Failure) {
        self.notice = Some(Notice::failure(self.words(failure)));
    }

    /// Reads a record of an entity to look at it.
    fn ask_for_record(&mut self, table: &'static str, key: RecordKey) {
        self.jobs.ask(
            RECORD.of(table),
            Find { table, key },
            move |app, outcome, _| match outcome {
                Ok(Some((record, labels))) => app.show_record(table, record, &labels),
                Ok(None) => app.record_gone(),
                Err(failure) => app.not_found(&failure),
            },
        );
    }

    pub(super) fn record_gone(&mut self) {
        self.notice = Some(Notice::failure(tr!(self.texts, "shell-record-gone")));
    }

    /// Asks what the database gives to a new record.
    fn ask_for_defaults(&mut self, number: RecordNumber, table: &'static str) {
        self.jobs.ask(DEFAULTS.of(number), ReadDefaults { table }, move |app, outcome, _| {
            match outcome {
                Ok((defaults, labels)) => {
                    if let Some(record) = app.workspace.records.get_mut(number) {
                        record.form.start_from(&defaults, &labels);
                    }
                }
                Err(failure) => {
                    tracing::warn!(%failure, "a new record starts without the database's defaults");
                }
            }
        });
    }

    /// Asks for rows that a person may choose as what a record refers to.
    fn ask_for_choices(&mut self, number: RecordNumber, table: &'static str, text: String) {
        let task = FindChoices { table, text, size: OFFERED };
        self.jobs.ask(CHOICES.of(number), task, move |app, outcome, _| match outcome {
            Ok(choices) => {
                if let Some(record) = app.workspace.records.get_mut(number)
                    && let Some(column) = record.choosing
                {
                    record.form.reference_results(column, choices);
                }
            }
            Err(failure) => app.not_found(&failure),
        });
    }

    /// Writes a record.
    fn write(&mut self, number: RecordNumber, table: &'static str, write: Write) {
        let lane = SAVE.of(number);
        let receive = move |app: &mut Self, outcome: Result<Saved, Failure>, _| match outcome {
            Ok(Saved { stored, change }) => {
                app.saved(number, stored);
                app.written(table, &[change], &[]);
            }
            Err(failure) => app.not_saved(number, &failure),
        };
        match write {
            Write::Insert(record) => {
                self.jobs.ask(lane, Insert { table, record }, receive);
            }
            Write::Update { base, mine } => {
                self.jobs.ask(lane, Update { table, base, mine }, receive);
            }
        }
    }

    /// Says a failure in words a person can act on.
    pub(super) fn words(&self, failure: &Failure) -> String {
        words(&self.texts, failure)
    }

    /// Shows the focused row where that has been waited for: rows have come.
    pub(super) fn follow_focus(&mut self) {
        if self.workspace.follows_focus
            && let Some(table) = self.workspace.view().map(|view| view.meta().table)
        {
            self.open(Target::FocusedRow(table));
        }
    }

    /// Opens something in the panel at the right, once what is open there may be closed.
    pub(super) fn open(&mut self, target: Target) {
        self.workspace.follows_focus = false;
        let is_its_copy = self.workspace.records.panel.as_ref().is_some_and(|record| {
            record.form.is_dirty()
                && matches!(target, Target::Copy(number) if number == record.number)
        });
        if is_its_copy {
            // What was typed is no part of the copy, and is not lost for it.
            self.move_to_tab();
        }
        if matches!(target, Target::FocusedRow(table) if self.workspace.is_focused_row_open(table))
        {
            return;
        }
        if let Some(record) = &mut self.workspace.records.panel
            && !record.may_close()
        {
            // Closing it goes on with the target.
            record.next = Some(target);
            return;
        }
        self.open_now(target);
    }

    pub(super) fn open_now(&mut self, target: Target) {
        self.notice = None;
        if let Some(record) = &mut self.workspace.records.panel {
            record.next = None;
            self.jobs.forget(CHOICES.of(record.number));
        }
        match target {
            Target::FocusedRow(table) => {
                let Some(view) = self.workspace.view_of(table) else { return };
                if let Some((row, labels)) = view.grid.focused_row() {
                    let key = row.key(view.meta());
                    let whole = row.whole().map(|record| (record.clone(), labels.clone()));
                    match whole {
                        Some((record, labels)) => {
                            // What was asked for before is not to take its place.
                            self.jobs.forget(RECORD.of(table));
                            self.show_record(table, record, &labels);
                        }
                        None => self.ask_for_record(table, key),
                    }
                } else {
                    self.workspace.follows_focus = view.grid.focus().is_some();
                }
            }
            Target::Row { table, key } => {
                self.ask_for_record(table, key);
            }
            Target::New(table) => {
                let Some(place) = self.workspace.place_of(table) else { return };
                let Some(view) = self.workspace.views.get(place) else { return };
                let form = RecordForm::blank(view.entry.clone());
                if let Some(number) = self.show_form(place, place, form) {
                    self.ask_for_defaults(number, table);
                }
            }
            Target::Copy(number) => {
                if let Some(record) = self.workspace.records.get(number) {
                    let (view, beside, copy) = (record.view, record.beside, record.form.copy());
                    self.show_form(view, self.workspace.active_entity().unwrap_or(beside), copy);
                }
            }
        }
    }

    fn show_record(
        &mut self,
        table: &'static str,
        record: persistence::Record,
        labels: &crate::tasks::Labels,
    ) {
        let Some(place) = self.workspace.views.iter().position(|view| view.meta().table == table)
        else {
            return;
        };
        let mut beside = place;
        if self.is_followed(table, &record) {
            // The rows stay those from which it was followed.
            beside = self.workspace.records.panel.as_ref().map_or(place, |panel| panel.beside);
        } else {
            self.workspace.show_view(place, Place::Here);
        }
        if let Some(form) = self.form_of(place, record, labels) {
            self.show_form(place, beside, form);
        }
    }

    /// Shows a record of an entity at the right of rows, in place of the one that is there, unless
    /// something would be lost with that.
    fn show_form(&mut self, view: usize, beside: usize, form: RecordForm) -> Option<RecordNumber> {
        self.workspace.records.stand_beside(beside);
        if self.workspace.records.panel.as_ref().is_some_and(|record| record.form.is_dirty()) {
            // Something was typed while this one was on its way.
            self.move_to_tab();
            if self.workspace.records.panel.is_some() {
                return None;
            }
        }
        let number = self.workspace.records.number();
        let form = form.with_access(self.access());
        let mut before = self.workspace.records.panel.take();
        let trail = before.as_mut().map(|record| std::mem::take(&mut record.trail));
        if let Some(before) = before {
            self.forget_record(&before);
        }
        let record = OpenRecord::new(number, view, form, trail.unwrap_or_default());
        self.workspace.records.panel = Some(OpenRecord { beside, ..record });
        self.opened_record(number);
        Some(number)
    }

    /// Whether records can be written.
    pub(super) fn access(&self) -> Access {
        if self.catalog.is_read_only() {
            Access::ReadOnly(tr!(self.texts, "shell-read-only-reason"))
        } else {
            Access::ReadWrite
        }
    }

    /// Does what was asked for in a record.
    pub(super) fn record_event(&mut self, number: RecordNumber, event: RecordEvent) {
        match event {
            RecordEvent::Form(event) => self.form_event(number, event),
            RecordEvent::Related(event) => self.related_event(number, event),
            RecordEvent::OpenInTab => self.give_tab(self.workspace.active_entity()),
        }
    }

    /// Does what a form asks for.
    pub(super) fn form_event(&mut self, number: RecordNumber, event: FormEvent) {
        let Some(record) = self.workspace.records.get_mut(number) else {
            return;
        };
        let table = record.form.meta().table;
        match event {
            FormEvent::SaveRequested(write) => {
                self.write(number, table, write);
            }
            FormEvent::DeleteRequested => {
                let (meta, record) = (record.form.meta(), record.form.base().clone());
                self.ask_to_delete_record(meta, &record);
            }
            FormEvent::CopyRequested => self.open(Target::Copy(number)),
            FormEvent::SearchReference { column, table, text } => {
                record.choosing = Some(column);
                self.ask_for_choices(number, table, text);
            }
            FormEvent::OpenReference { table, key, place } => {
                self.follow(number, table, RecordKey(vec![key]), place);
            }
            FormEvent::ImageWanted(field) => self.image_of_record(number, field),
            FormEvent::Closed => match record.next.take() {
                Some(target) => {
                    // What was typed has been given up; what is shown stays until the next comes.
                    record.form.revert_all();
                    self.go_on(number, target);
                }
                None => self.close_record(number),
            },
        }
    }

    /// Opens what was to be opened instead of a record.
    fn go_on(&mut self, number: RecordNumber, target: Target) {
        match target {
            Target::Row { table, key } if !self.workspace.records.is_in_panel(number) => {
                self.follow_in_tab(number, table, key);
            }
            target => self.open_now(target),
        }
    }

    /// Closes a record, and its tab if it has one.
    fn close_record(&mut self, number: RecordNumber) {
        if self.workspace.records.is_in_panel(number) {
            if let Some(record) = self.workspace.records.panel.take() {
                self.forget_record(&record);
            }
            self.workspace.follows_focus = false;
            self.workspace.focus = Some(super::Focused::Grid);
        } else if let Some(pane) = self.workspace.records.tab_of(number).map(|tab| tab.pane()) {
            self.workspace.let_go_of(&pane);
        }
    }

    fn saved(&mut self, number: RecordNumber, stored: persistence::Record) {
        if let Some(record) = self.workspace.records.get_mut(number) {
            let labels = crate::tasks::Labels::default();
            if let Some(view) = self.workspace.views.get_mut(record.view) {
                view.grid.update_row(&stored, &labels);
            }
            record.form.saved(stored);
            record.retry = None;
            record.key = record.form.key();
            self.rename_tab(number);
            self.opened_record(number);
        }
        if !self.workspace.records.is_in_panel(number) {
            self.reread_panel();
        }
        self.notice = Some(Notice::success(tr!(self.texts, "shell-saved")));
        self.changed();
        if self.workspace.records.get_mut(number).is_some_and(|record| record.form.take_closing()) {
            self.form_event(number, FormEvent::Closed);
        }
    }

    /// Tries again to save what another program kept from being saved.
    pub(super) fn save_again(&mut self, context: &egui::Context) {
        let now = std::time::Instant::now();
        let mut due = Vec::new();
        for record in self.workspace.records.all_mut() {
            let Some(retry) = &record.retry else { continue };
            if record.form.record().as_ref() != Ok(&retry.mine) {
                // Something else has been typed: that is saved when it is asked for.
                record.retry = None;
                record.form.forget_remarks();
            } else if retry.at > now {
                context.request_repaint_after(retry.at - now);
            } else if let Some(event) = record.form.save() {
                due.push((record.number, event));
            }
        }
        for (number, event) in due {
            self.form_event(number, event);
        }
    }

    fn not_saved(&mut self, number: RecordNumber, failure: &Failure) {
        let message = self.words(failure);
        let Some(record) = self.workspace.records.get_mut(number) else {
            self.notice = Some(Notice::failure(message));
            return;
        };
        match failure {
            Failure::Database(error) => {
                let is_conflict = matches!(error, Error::Conflict(_));
                let is_locked = matches!(error, Error::Retryable { reason: RetryReason::Busy, .. });
                let table = record.form.meta().table;
                record.form.failed(error, &self.texts);
                if is_locked {
                    record.wait_for_lock(&self.texts);
                } else {
                    record.retry = None;
                }
                if is_conflict {
                    self.changed();
                    self.written_by_others(table);
                }
            }
            Failure::Panicked { .. } | Failure::Stopped => record.form.broke_off(message),
        }
    }

    /// Something was written: what is shown may be another thing by now.
    pub(super) fn changed(&mut self) {
        self.previews.clear();
        self.reread_tabs();
        self.forget_images();
        if let Some(statistics) = &mut self.workspace.statistics {
            statistics.reread();
        }
    }
}
