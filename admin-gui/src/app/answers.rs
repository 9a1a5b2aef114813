//! What is done with the worker's answers.

use persistence::{EntityMeta, Error, RecordKey};

use super::{AdminApp, Notice, OpenRecord, Target};
use crate::form::{Access, DeletionDialog, FormEvent, RecordForm, Write};
use crate::tr;
use crate::worker::{Answer, Answered, Failure, Lane, Request};

/// Rows a picker offers at once.
const CHOICES: u64 = 20;

impl AdminApp {
    /// Takes what has come from the workers.
    pub(super) fn take_answers(&mut self) {
        self.take_found();
        for answered in self.rows.answers() {
            self.take_answer(answered);
        }
        // What was counted while something was written is dropped by now.
        for answered in self.counts.answers().into_iter().chain(self.figures.answers()) {
            self.take_answer(answered);
        }
    }

    pub(super) fn take_answer(&mut self, answered: Answered) {
        self.pages.log(&answered);
        let Answered { lane, outcome, took, .. } = answered;
        match (lane, outcome) {
            (lane @ (Lane::Estimate(_) | Lane::Total(_) | Lane::Survey(_)), outcome) => {
                self.take_count(lane, outcome);
            }
            (Lane::Rows(table), Ok(Answer::Rows(rows))) => {
                if let Some(view) = self.view_of(table) {
                    view.grid.take(rows, took);
                }
                if self.follows_focus {
                    self.open(Target::FocusedRow);
                }
            }
            (Lane::Rows(table), Err(failure)) => {
                let message = self.words(&failure);
                if let Some(view) = self.view_of(table) {
                    view.grid.fail(message);
                }
            }
            (Lane::Record(table), Ok(Answer::Found(Some((record, labels))))) => {
                self.show_record(table, record, &labels);
            }
            (Lane::Value(table), Ok(Answer::Found(Some((record, _))))) => {
                self.take_value(table, &record);
            }
            (Lane::Record(_) | Lane::Value(_), Ok(Answer::Found(None))) => {
                self.notice = Some(Notice::failure(tr!(self.texts, "shell-record-gone")));
            }
            (Lane::Choices, Ok(Answer::Choices(choices))) => {
                if let Some(record) = &mut self.record
                    && let Some(column) = record.choosing
                {
                    record.form.reference_results(column, choices);
                }
            }
            (Lane::PillChoices(table), Ok(Answer::Choices(choices))) => {
                let view = self.view_of(table);
                if let Some(editor) = view.and_then(|view| view.pill_editor.as_mut()) {
                    editor.offer(choices);
                }
            }
            (Lane::Distinct(table), Ok(Answer::Distinct(found, labels))) => {
                if let Some(list) = self.view_of(table).and_then(|view| view.values.as_mut()) {
                    list.offer(found, &labels);
                }
            }
            (Lane::Distinct(table), Err(failure)) => {
                let message = self.words(&failure);
                if let Some(list) = self.view_of(table).and_then(|view| view.values.as_mut()) {
                    list.fail(message);
                }
            }
            (Lane::PillLabels(table), Ok(Answer::Labels(labels))) => {
                if let Some(view) = self.view_of(table) {
                    view.labels.extend(&labels);
                }
            }
            (Lane::PillLabels(_), Err(failure)) => {
                tracing::warn!(%failure, "rows that pills name keep their keys for names");
            }
            (Lane::Related(relation), Ok(Answer::Related(key, rows))) => {
                self.take_related(relation, Ok((key, rows)));
            }
            (Lane::Related(relation), Err(failure)) => self.take_related(relation, Err(failure)),
            (Lane::Overview(asked), outcome) => self.take_figure(asked, outcome),
            (Lane::Statistics, Ok(Answer::Statistics(figures))) => {
                self.take_statistics(Ok(figures));
            }
            (Lane::Statistics, Err(failure)) => self.take_statistics(Err(failure)),
            (Lane::Explain(number), Ok(Answer::Explained(explanation))) => {
                self.take_explanation(number, Ok(explanation));
            }
            (Lane::Explain(number), Err(failure)) => {
                self.take_explanation(number, Err(failure));
            }
            (Lane::Preview, Ok(Answer::Found(found))) => self.take_preview(found),
            // Nobody asked for it: the pointer only passed by.
            (Lane::Preview, Err(_)) => self.take_preview(None),
            (Lane::Save, Ok(Answer::Saved { table, stored, change })) => {
                self.saved(stored);
                self.written(table, &[change], &[]);
            }
            (Lane::Save, Err(failure)) => self.not_saved(&failure),
            (Lane::DeletionPlan, Ok(Answer::DeletionPlan(plan))) => {
                if let Some(dialog) = &mut self.deletion {
                    dialog.planned(plan);
                }
            }
            (Lane::Delete, Ok(Answer::Deleted { table, count, rows })) => {
                let along = self.deletion.as_ref().map(|dialog| dialog.consequences().to_vec());
                self.deleted(count);
                self.rows_deleted(table, count, rows, along);
            }
            (Lane::DeletionPlan | Lane::Delete, Err(failure)) => {
                let message = self.words(&failure);
                if let Some(dialog) = &mut self.deletion {
                    dialog.failed(message);
                } else {
                    self.notice = Some(Notice::failure(message));
                }
            }
            (_, Err(failure)) => {
                let message = self.words(&failure);
                self.notice = Some(Notice::failure(message));
            }
            (lane, Ok(answer)) => {
                tracing::error!(?lane, ?answer, "an answer to another question");
            }
        }
    }

    /// A failure in words a person can act on.
    pub(super) fn words(&self, failure: &Failure) -> String {
        match failure {
            Failure::Database(error) => self.texts.error(error),
            Failure::Panicked { message } => {
                tr!(self.texts, "shell-broke-off", message = message.as_str())
            }
            Failure::Stopped => tr!(self.texts, "shell-worker-stopped"),
        }
    }

    /// Opens something in the panel at the right, once what is open there may be closed.
    pub(super) fn open(&mut self, target: Target) {
        self.follows_focus = false;
        if let Some(record) = &mut self.record {
            let is_open = matches!(target, Target::FocusedRow)
                && Some(record.view) == self.current
                && record.key.is_some()
                && record.key
                    == self
                        .current
                        .and_then(|place| self.views.get(place))
                        .and_then(|view| Some(view.grid.focused_row()?.0.key(view.meta())));
            if is_open {
                return;
            }
            if record.form.is_dirty() && !matches!(target, Target::Copy) {
                // Asks; closing it goes on with the target.
                record.form.close();
                self.next_record = Some(target);
                return;
            }
        }
        self.open_now(target);
    }

    pub(super) fn open_now(&mut self, target: Target) {
        self.next_record = None;
        self.notice = None;
        self.rows.forget(Lane::Choices);
        match target {
            Target::FocusedRow => {
                let Some(view) = self.view() else { return };
                if let Some((row, labels)) = view.grid.focused_row() {
                    let (table, key) = (view.meta().table, row.key(view.meta()));
                    let whole = row.whole().map(|record| (record.clone(), labels.clone()));
                    match whole {
                        Some((record, labels)) => {
                            // What was asked for before is not to take its place.
                            self.rows.forget(Lane::Record(table));
                            self.show_record(table, record, &labels);
                        }
                        None => self.rows.ask(Lane::Record(table), Request::Find { table, key }),
                    }
                } else {
                    self.follows_focus = view.grid.focus().is_some();
                }
            }
            Target::Row { table, key } => {
                self.rows.ask(Lane::Record(table), Request::Find { table, key });
            }
            Target::New => {
                let Some((place, view)) = self.current.zip(self.view()) else { return };
                self.show_form(place, RecordForm::blank(view.entry.clone()));
            }
            Target::Copy => {
                if let Some(record) = &self.record {
                    let (view, copy) = (record.view, record.form.copy());
                    self.show_form(view, copy);
                }
            }
        }
    }

    fn show_record(
        &mut self,
        table: &'static str,
        record: persistence::Record,
        labels: &crate::worker::Labels,
    ) {
        let Some(place) = self.views.iter().position(|view| view.meta().table == table) else {
            return;
        };
        if !self.is_followed(table, &record) {
            self.show_view(place, super::Place::Here);
        }
        let Some(view) = self.views.get(place) else {
            return;
        };
        let form = RecordForm::existing(view.entry.clone(), record, labels);
        self.show_form(place, form);
    }

    fn show_form(&mut self, view: usize, form: RecordForm) {
        let access = if self.catalog.is_read_only() {
            Access::ReadOnly(tr!(self.texts, "shell-read-only-reason"))
        } else {
            Access::ReadWrite
        };
        let key = form.key();
        self.record =
            Some(OpenRecord { view, form: form.with_access(access), choosing: None, key });
        self.opened_record();
    }

    /// Does what the form asks for.
    pub(super) fn form_event(&mut self, event: FormEvent) {
        let Some(record) = &mut self.record else {
            return;
        };
        let table = record.form.meta().table;
        match event {
            FormEvent::SaveRequested(write) => {
                let request = match write {
                    Write::Insert(record) => Request::Insert { table, record },
                    Write::Update { base, mine } => Request::Update { table, base, mine },
                };
                self.rows.ask(Lane::Save, request);
            }
            FormEvent::DeleteRequested(key) => {
                let meta = record.form.meta();
                let label = meta.label_of(record.form.base());
                self.ask_to_delete(meta, key, label);
            }
            FormEvent::CopyRequested => self.open(Target::Copy),
            FormEvent::SearchReference { column, table, text } => {
                record.choosing = Some(column);
                self.rows.ask(Lane::Choices, Request::Choices { table, text, size: CHOICES });
            }
            FormEvent::OpenReference { table, key } => {
                self.follow(table, RecordKey(vec![key]));
            }
            FormEvent::ImageWanted(field) => self.image_of_record(field),
            FormEvent::Closed => {
                self.record = None;
                self.opened_record();
                self.follows_focus = false;
                self.focus = Some(super::Focused::Grid);
                if let Some(target) = self.next_record.take() {
                    self.open_now(target);
                }
            }
        }
    }

    /// Asks whether to delete a row; what goes along is shown as soon as it is known.
    pub(super) fn ask_to_delete(
        &mut self,
        meta: &'static EntityMeta,
        key: RecordKey,
        label: String,
    ) {
        self.notice = None;
        let keys = vec![key];
        self.deletion = Some(DeletionDialog::new(meta, keys.clone(), vec![label]));
        let request = Request::PlanDeletion { table: meta.table, keys };
        self.rows.ask(Lane::DeletionPlan, request);
    }

    fn saved(&mut self, stored: persistence::Record) {
        if let Some(record) = &mut self.record {
            let labels = crate::worker::Labels::default();
            if let Some(view) = self.views.get_mut(record.view) {
                view.grid.update_row(&stored, &labels);
            }
            record.form.saved(stored);
            record.key = record.form.key();
        }
        self.opened_record();
        self.notice = Some(Notice::success(tr!(self.texts, "shell-saved")));
        self.changed();
    }

    fn not_saved(&mut self, failure: &Failure) {
        let message = self.words(failure);
        let Some(record) = &mut self.record else {
            self.notice = Some(Notice::failure(message));
            return;
        };
        match failure {
            Failure::Database(error) => {
                let is_conflict = matches!(error, Error::Conflict(_));
                let table = record.form.meta().table;
                record.form.failed(error, &self.texts);
                if is_conflict {
                    self.changed();
                    self.written_by_others(table);
                }
            }
            Failure::Panicked { .. } | Failure::Stopped => record.form.broke_off(message),
        }
    }

    fn deleted(&mut self, count: usize) {
        if let Some(dialog) = self.deletion.take()
            && let Some(record) = &self.record
            && record.form.meta().table == dialog.meta().table
            && record.key.as_ref().is_some_and(|key| dialog.keys().contains(key))
        {
            self.record = None;
        }
        self.focus = Some(super::Focused::Grid);
        self.notice = Some(Notice::success(tr!(self.texts, "shell-deleted", count = count)));
        self.changed();
    }

    /// Something was written: what is shown may be another thing by now.
    pub(super) fn changed(&mut self) {
        self.previews.clear();
        self.images.clear();
        if let Some(statistics) = &mut self.statistics {
            statistics.reread();
        }
    }
}
