//! The dialog that shows what a deletion would take along, and asks.

use std::collections::HashMap;

use egui::{
    Align, Button, Context, Frame, Id, Label, Layout, Margin, Modal, RichText, ScrollArea, Ui,
    UiBuilder,
};
use persistence::deletion::Consequence;
use persistence::{EntityMeta, OnDelete};

use super::deletion_tree::{self, counted, mark};
use crate::i18n::Texts;
use crate::tasks::{PlannedDeletion, SeenRow};
use crate::theme::Theme;
use crate::tr;

/// The width of the dialog, in points.
const WIDTH: f32 = 420.0;

/// The height up to which consequences show without scrolling, in points.
const LIST_HEIGHT: f32 = 280.0;

/// Labels of rows to delete that are named.
const MOST_NAMED: usize = 5;

/// What a person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionChoice {
    /// Delete the rows that have been [planned](DeletionDialog::planned) for.
    Delete,
    /// Leave everything as it is.
    Cancel,
}

/// The dialog that shows what a deletion would take along, and asks.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct DeletionDialog {
    meta: &'static EntityMeta,
    labels: Vec<String>,
    /// How many rows are meant, as far as that is known.
    count: u64,
    /// Rows as they were seen before the question, as far as they were.
    seen: Vec<SeenRow>,
    planned: Option<Result<PlannedDeletion, String>>,
    /// Whether somebody else has changed what was seen.
    is_changed: bool,
    /// Whether the rows are being deleted.
    is_deleting: bool,
    /// Whether what goes along is shown by what it belongs to.
    is_tree: bool,
    is_focused: bool,
    /// Whether all that is staged is written once that is answered.
    commits: bool,
}

impl DeletionDialog {
    /// Makes a dialog about a row and what it is called; what goes along is still to come.
    #[must_use]
    pub fn new(meta: &'static EntityMeta, seen: SeenRow, label: String) -> Self {
        Self { labels: vec![label], ..Self::of_rows(meta, 1, vec![seen]) }
    }

    /// Makes a dialog about so many rows, some of which have been seen; which they are and what
    /// they are called is still to come.
    #[must_use]
    pub const fn of_rows(meta: &'static EntityMeta, count: u64, seen: Vec<SeenRow>) -> Self {
        Self {
            meta,
            labels: Vec::new(),
            count,
            seen,
            planned: None,
            is_changed: false,
            is_deleting: false,
            is_tree: false,
            is_focused: false,
            commits: false,
        }
    }

    /// Makes a dialog about rows that are to be deleted as a part of what is written: more goes along with
    /// them than was seen.
    #[must_use]
    pub fn before_commit(planned: PlannedDeletion) -> Self {
        let count = planned.rows.len() as u64;
        let mut dialog = Self::of_rows(planned.plan.entity, count, Vec::new());
        dialog.planned(planned);
        Self { is_changed: true, commits: true, ..dialog }
    }

    /// Returns whether all that is staged is written once that is answered.
    #[must_use]
    pub const fn commits(&self) -> bool {
        self.commits
    }

    /// Returns the entity whose rows are to be deleted.
    #[must_use]
    pub const fn meta(&self) -> &'static EntityMeta {
        self.meta
    }

    /// Takes which rows are to be deleted and what goes along: as found for the first time, or as
    /// they are after somebody else has changed them.
    pub fn planned(&mut self, planned: PlannedDeletion) {
        let seen: HashMap<_, _> = self.seen.iter().map(|seen| (&seen.key, seen)).collect();
        let is_as_seen = |row: &SeenRow| seen.get(&row.key).is_none_or(|seen| *seen == row);
        self.is_changed |= self.is_deleting || !planned.rows.iter().all(is_as_seen);
        // Asked again, Enter deletes nothing again.
        self.is_focused &= !self.is_deleting;
        self.is_deleting = false;
        self.count = planned.rows.len() as u64;
        self.labels.clone_from(&planned.labels);
        self.planned = Some(Ok(planned));
    }

    /// Returns whether somebody else turned out to have changed what was seen.
    #[must_use]
    pub const fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// Returns the rows that are to be deleted and what goes along, once they are known.
    #[must_use]
    pub const fn plan(&self) -> Option<&PlannedDeletion> {
        match &self.planned {
            Some(Ok(planned)) => Some(planned),
            Some(Err(_)) | None => None,
        }
    }

    /// Returns the same, to be kept or let go of.
    pub(crate) fn into_plan(self) -> Option<PlannedDeletion> {
        self.planned?.ok()
    }

    /// Returns what the deletion takes along, as far as it has been found out.
    #[must_use]
    pub fn consequences(&self) -> &[Consequence] {
        self.plan().map_or(&[], |planned| &planned.plan.consequences)
    }

    /// Takes why it could not be found out what the deletion would take along, in words.
    pub fn failed(&mut self, reason: String) {
        self.planned = Some(Err(reason));
        self.is_deleting = false;
    }

    /// Returns whether the rows are being deleted.
    #[must_use]
    pub const fn is_deleting(&self) -> bool {
        self.is_deleting
    }

    /// Returns whether the person may go on: what goes along is known, and nothing is in the way.
    #[must_use]
    pub fn can_delete(&self) -> bool {
        !self.is_deleting && self.plan().is_some_and(|planned| !planned.plan.is_blocked())
    }

    /// Shows the dialog over everything else; returns what was decided.
    pub fn show(&mut self, context: &Context, texts: &Texts) -> Option<DeletionChoice> {
        let theme = Theme::of(context);
        let modal = Modal::new(Id::unique("deletion_dialog"))
            .frame(Frame::popup(&context.style_of(context.theme())).inner_margin(Margin::same(16)));
        let modal = modal.show(context, |ui| {
            ui.set_width(WIDTH);
            self.heading(ui, texts, theme);
            ui.add_space(theme.spacing.item);
            self.body(ui, texts, theme);
            ui.add_space(theme.spacing.group);
            // What stands above changes when the plan comes; the buttons keep identity and focus.
            let scope = UiBuilder::new().scope_id(Id::unique("deletion_buttons"));
            ui.scope_builder(scope, |ui| self.buttons(ui, texts, theme)).inner
        });
        if modal.inner.is_none() && modal.should_close() {
            return Some(DeletionChoice::Cancel);
        }
        self.is_deleting |= modal.inner == Some(DeletionChoice::Delete);
        modal.inner
    }

    fn heading(&self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        let title = match self.labels.as_slice() {
            [label] if self.count == 1 => tr!(
                texts,
                "deletion-title-one",
                entity = texts.entity_one(self.meta),
                label = label.as_str(),
            ),
            _ => tr!(
                texts,
                "deletion-title-many",
                entity = texts.entity(self.meta),
                count = self.count,
            ),
        };
        ui.add(Label::new(RichText::new(title).heading()).wrap());
        if self.count > 1 && !self.labels.is_empty() {
            ui.add(
                Label::new(
                    RichText::new(samples(texts, &self.labels, self.count))
                        .color(theme.colors.text_weak),
                )
                .wrap(),
            );
        }
    }

    fn body(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        let plan = match &self.planned {
            _ if self.is_deleting => {
                let deleting = RichText::new(tr!(texts, "deletion-deleting"));
                ui.label(deleting.color(theme.colors.text_weak));
                return;
            }
            None => {
                let looking = RichText::new(tr!(texts, "deletion-looking"));
                ui.label(looking.color(theme.colors.text_weak));
                return;
            }
            Some(Err(reason)) => {
                let reason = tr!(texts, "deletion-plan-failed", reason = reason.as_str());
                ui.add(Label::new(RichText::new(reason).color(theme.colors.wrong)).wrap());
                return;
            }
            Some(Ok(planned)) => &planned.plan,
        };
        if self.is_changed {
            let changed = tr!(texts, "deletion-changed", count = self.count);
            ui.add(Label::new(RichText::new(changed).color(theme.colors.staged)).wrap());
            ui.add_space(theme.spacing.tight);
        }
        if plan.consequences.is_empty() {
            ui.label(tr!(texts, "deletion-nothing-else", count = self.count));
            return;
        }
        // Where all of it refers to the rows themselves there is no tree to see.
        if plan.consequences.iter().any(|found| found.referred.table != self.meta.table) {
            ui.checkbox(&mut self.is_tree, tr!(texts, "deletion-as-tree"));
            ui.add_space(theme.spacing.tight);
        }
        ScrollArea::vertical().max_height(LIST_HEIGHT).show(ui, |ui| {
            if self.is_tree {
                deletion_tree::show(ui, texts, theme, plan);
                return;
            }
            for rule in [OnDelete::Restrict, OnDelete::Cascade, OnDelete::SetNull] {
                let consequences: Vec<_> = plan
                    .consequences
                    .iter()
                    .filter(|consequence| consequence.rule == rule)
                    .collect();
                if !consequences.is_empty() {
                    group(ui, texts, theme, rule, &consequences);
                }
            }
        });
    }

    fn buttons(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) -> Option<DeletionChoice> {
        let mut choice = None;
        let is_blocked = self.plan().is_some_and(|planned| planned.plan.is_blocked());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let can_delete = self.can_delete();
            let text = RichText::new(tr!(texts, "deletion-delete"));
            let delete = if can_delete {
                Button::new(text.color(theme.colors.on_wrong)).fill(theme.colors.wrong)
            } else {
                Button::new(text)
            };
            let mut delete = ui.add_enabled(can_delete, delete);
            if is_blocked {
                delete = delete.on_disabled_hover_text(tr!(texts, "deletion-blocked"));
            }
            if delete.clicked() {
                choice = Some(DeletionChoice::Delete);
            }
            let cancel = Button::new(tr!(texts, "deletion-cancel"));
            let cancel = ui.add_enabled(!self.is_deleting, cancel);
            if !std::mem::replace(&mut self.is_focused, true) {
                cancel.request_focus();
            }
            if cancel.clicked() {
                choice = Some(DeletionChoice::Cancel);
            }
            if is_blocked {
                let reason = RichText::new(tr!(texts, "deletion-blocked")).small();
                ui.add(Label::new(reason.color(theme.colors.wrong)).wrap());
            }
        });
        choice
    }
}

/// Draws the consequences that follow from one rule.
fn group(ui: &mut Ui, texts: &Texts, theme: &Theme, rule: OnDelete, consequences: &[&Consequence]) {
    let (icon, color) = mark(theme, rule);
    let title = match rule {
        OnDelete::Restrict => tr!(texts, "deletion-in-the-way"),
        OnDelete::Cascade => tr!(texts, "deletion-goes-along"),
        OnDelete::SetNull => tr!(texts, "deletion-loses-reference"),
    };
    ui.horizontal(|ui| {
        ui.label(icon.rich_text().color(color));
        ui.label(RichText::new(title).color(color));
    });
    for consequence in consequences {
        let count = counted(texts, consequence.count);
        let entity = texts.entity(consequence.entity);
        let column = texts.column(consequence.entity, consequence.column);
        let line = match consequence.rule {
            OnDelete::SetNull => {
                tr!(texts, "deletion-line-column", entity = entity, column = column, count = count)
            }
            _ => tr!(texts, "deletion-line", entity = entity, count = count),
        };
        let labels: Vec<_> =
            consequence.samples.iter().map(|sample| sample.label.clone()).collect();
        ui.indent(("consequence", consequence.entity.table, consequence.column.name), |ui| {
            ui.add(Label::new(line).wrap());
            if !labels.is_empty() {
                let samples = samples(texts, &labels, consequence.count.number());
                let samples = RichText::new(samples).small().color(theme.colors.text_weak);
                ui.add(Label::new(samples).wrap());
            }
        });
    }
    ui.add_space(theme.spacing.item);
}

/// Returns the first labels, and how many more there are.
fn samples(texts: &Texts, labels: &[String], of: u64) -> String {
    let named: Vec<&str> = labels.iter().take(MOST_NAMED).map(String::as_str).collect();
    let more = of.saturating_sub(named.len() as u64);
    let named = named.join(" · ");
    if more == 0 { named } else { tr!(texts, "deletion-and-more", named = named, count = more) }
}
