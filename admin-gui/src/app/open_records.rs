//! The records that are open: that of the panel at the right, and those that have a tab.

use egui::Ui;
use persistence::RecordKey;
use persistence::staging::{RowId, RowKey};

use super::children::Children;
use super::children_view;
use super::context::Shown;
use super::record_event::RecordEvent;
use super::widgets;
use crate::command::Command;
use crate::form::{Access, RecordForm};
use crate::panes::Pane;
use crate::related::{self, Editing, Figures, RelatedModel, Trail};
use crate::tasks::RecordNumber;
use crate::theme::icon;

/// A record that is open, with what belongs to it.
pub(super) struct OpenRecord {
    /// Tells its questions and their answers from those of other records.
    pub number: RecordNumber,
    /// The entity's place among the views.
    pub view: usize,
    pub form: RecordForm,
    /// The foreign key whose picker is open.
    pub choosing: Option<usize>,
    /// The row's primary key, once it has one.
    pub key: Option<RecordKey>,
    /// The records that were gone through to this one.
    pub trail: Trail,
    /// What belongs to it.
    pub related: Option<RelatedModel>,
    /// The row, where it is a new one that is staged.
    pub new_row: Option<RowId>,
    /// Whether what is staged of it was in conflict with what others wrote.
    pub is_contested: bool,
    /// The text field that had the keyboard when something was typed that is not staged.
    pub typed_in: Option<egui::Id>,
    /// The entity beside whose rows it was opened, by its place among the views.
    pub beside: usize,
}

impl OpenRecord {
    /// Makes an open record, of a row that is there or of one that is to be inserted.
    pub fn new(number: RecordNumber, view: usize, form: RecordForm, trail: Trail) -> Self {
        let (key, beside) = (form.key(), view);
        Self {
            number,
            view,
            form,
            choosing: None,
            key,
            trail,
            related: None,
            new_row: None,
            is_contested: false,
            typed_in: None,
            beside,
        }
    }

    /// Returns whether this is a certain row.
    pub fn is(&self, table: &str, key: &RecordKey) -> bool {
        self.form.meta().table == table && self.key.as_ref() == Some(key)
    }

    /// Returns which row it is; `None` of one that has no key by which it could be staged, or is to be inserted
    /// again.
    pub fn row(&self) -> Option<RowId> {
        let table = self.form.meta().table;
        if self.new_row.is_none() && !self.form.has_key() {
            return None;
        }
        let stored =
            |key: &RecordKey| RowId { table: table.into(), key: RowKey::Stored(key.clone()) };
        self.new_row.clone().or_else(|| self.key.as_ref().map(stored))
    }

    /// Returns whether something is typed that can be staged.
    pub fn has_unstaged(&self) -> bool {
        self.form.has_typed() && self.row().is_some()
    }

    /// Returns whether it is to stay open: what is typed is not saved, and cannot be staged.
    pub fn keeps_open(&self) -> bool {
        self.form.is_dirty() && self.row().is_none()
    }

    /// Draws the trail, the form and the related rows.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        shown: &Shown<'_>,
        can_have_tab: bool,
        children: &mut Children,
    ) -> Vec<RecordEvent> {
        let Shown { catalog, texts, ref situation, .. } = *shown;
        let entity = |table: &str| catalog.entry(table).ok().map(|entry| entry.meta);
        let mut asked_for = Vec::new();
        let mut goes_on = false;
        let mut followed = Vec::new();
        let mut asked = Vec::new();
        let mut edited = Vec::new();
        // Texts of different records share neither cursor nor undo.
        ui.push_id(self.number, |ui| {
            followed.extend(related::show_trail(ui, &self.trail, entity, texts));
            let (is_stored, related, number) = (self.key.is_some(), &self.related, self.number);
            let can_edit = *self.form.access() == Access::ReadWrite && self.row().is_some();
            let head = |ui: &mut Ui| {
                if !can_have_tab {
                    return;
                }
                let mut button =
                    |command, mark| widgets::icon_button(ui, command, mark, texts, situation);
                if is_stored && button(Command::OpenInTab, icon::ICON_OPEN_IN_NEW) {
                    asked_for.push(RecordEvent::OpenInTab);
                }
                for (command, mark) in [
                    (Command::NextRecord, icon::ICON_KEYBOARD_ARROW_DOWN),
                    (Command::PreviousRecord, icon::ICON_KEYBOARD_ARROW_UP),
                ] {
                    if button(command, mark) {
                        asked_for.push(RecordEvent::Command(command));
                    }
                }
            };
            let foot = |ui: &mut Ui| {
                let (command, mark) = (Command::SaveAndNext, icon::ICON_SKIP_NEXT);
                goes_on = can_have_tab && widgets::icon_button(ui, command, mark, texts, situation);
            };
            let below = |ui: &mut Ui| {
                if let Some(model) = related {
                    let is_unfolded: Vec<bool> = (0..model.relations().len())
                        .map(|relation| can_edit && children.is_unfolded(model, relation))
                        .collect();
                    let mut rows = |ui: &mut Ui, relation: usize| {
                        let Some((to, figures)) = model.relations().get(relation) else { return };
                        let Some(column) = to.way.column_of_many() else { return };
                        let is_empty =
                            !matches!(figures, Figures::Known(known) if !known.rows.is_empty());
                        let rows = children.rows.iter_mut();
                        let rows = rows.filter(|it| (it.parent, it.relation) == (number, relation));
                        let meant = (to.target, column);
                        edited.extend(children_view::show(ui, rows, shown, meant, is_empty));
                    };
                    let editing = Editing { is_unfolded: &is_unfolded, rows: &mut rows };
                    followed.extend(related::show(ui, model, texts, can_edit.then_some(editing)));
                }
            };
            asked = self.form.show_with(ui, texts, head, below, foot);
        });
        let form = asked.into_iter().map(RecordEvent::Form);
        let related = followed.into_iter().map(RecordEvent::Related);
        let on = goes_on.then_some(RecordEvent::Command(Command::SaveAndNext));
        form.chain(related).chain(edited).chain(asked_for).chain(on).collect()
    }
}

/// A record's tab.
pub(super) struct RecordTab {
    /// Tells its questions and their answers from those of other tabs.
    pub number: RecordNumber,
    pub table: &'static str,
    pub key: RecordKey,
    pub content: Content,
    /// Whether the record is to be read, for the first time or again, once the tab can be seen.
    pub is_stale: bool,
    /// The record that is being read: its own, or one to show instead.
    pub awaited: Option<(&'static str, RecordKey)>,
}

/// What a record's tab shows.
pub(super) enum Content {
    /// Nothing yet.
    Waiting,
    Record(Box<OpenRecord>),
    /// That there is no such record any more.
    Gone,
    /// Why it could not be read.
    Failed(String),
}

impl RecordTab {
    /// Makes a tab whose record is still to be read.
    pub const fn new(number: RecordNumber, table: &'static str, key: RecordKey) -> Self {
        let content = Content::Waiting;
        Self { number, table, key, content, is_stale: true, awaited: None }
    }

    /// Returns the pane that shows it.
    pub fn pane(&self) -> Pane {
        Pane::Record { table: self.table.to_owned(), key: self.key.clone() }
    }

    pub fn is_of(&self, pane: &Pane) -> bool {
        matches!(pane, Pane::Record { table, key } if *table == self.table && *key == self.key)
    }

    pub fn record(&self) -> Option<&OpenRecord> {
        match &self.content {
            Content::Record(record) => Some(record),
            Content::Waiting | Content::Gone | Content::Failed(_) => None,
        }
    }

    pub fn record_mut(&mut self) -> Option<&mut OpenRecord> {
        match &mut self.content {
            Content::Record(record) => Some(record),
            Content::Waiting | Content::Gone | Content::Failed(_) => None,
        }
    }

    /// Returns whether something was typed that is not saved.
    pub fn is_dirty(&self) -> bool {
        self.record().is_some_and(|record| record.form.is_dirty())
    }
}

/// All records that are open.
#[derive(Default)]
pub(super) struct OpenRecords {
    /// The record at the right.
    pub panel: Option<OpenRecord>,
    /// Those that come back to the right with the rows beside which they were opened.
    pub put_by: Vec<OpenRecord>,
    /// Those with a tab.
    pub tabs: Vec<RecordTab>,
    /// The rows that are edited within others.
    pub children: Children,
    /// Whether the keyboard is in the panel, where a tab could have it as well.
    pub is_panel_active: bool,
    last: RecordNumber,
}

impl OpenRecords {
    /// Returns a number that no other record has.
    pub fn number(&mut self) -> RecordNumber {
        self.last = self.last.next();
        self.last
    }

    /// Returns the number that was given last.
    pub const fn last_number(&self) -> RecordNumber {
        self.last
    }

    /// Takes the number that was given last.
    pub const fn set_last_number(&mut self, last: RecordNumber) {
        self.last = last;
    }

    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut OpenRecord> {
        let tabs = self.tabs.iter_mut().filter_map(RecordTab::record_mut);
        let children = self.children.rows.iter_mut().map(|child| &mut child.record);
        self.panel.iter_mut().chain(&mut self.put_by).chain(tabs).chain(children)
    }

    /// Returns all open records.
    pub fn all(&self) -> impl Iterator<Item = &OpenRecord> {
        let children = self.children.rows.iter().map(|child| &child.record);
        self.on_their_own().chain(children)
    }

    /// Returns the open records that are not edited within others.
    pub fn on_their_own(&self) -> impl Iterator<Item = &OpenRecord> {
        let tabs = self.tabs.iter().filter_map(RecordTab::record);
        self.panel.iter().chain(&self.put_by).chain(tabs)
    }

    /// Notes that none of them is being written any more.
    pub fn settle(&mut self) {
        self.all_mut().for_each(|record| record.form.settled());
    }

    /// Returns the table of the record at the right.
    pub fn panel_table(&self) -> Option<&'static str> {
        self.panel.as_ref().map(|record| record.form.meta().table)
    }

    pub fn get(&self, number: RecordNumber) -> Option<&OpenRecord> {
        self.all().find(|record| record.number == number)
    }

    /// Puts the record at the right aside if it was opened beside other rows than these, and takes
    /// back that of these; returns whether one has come back.
    pub fn stand_beside(&mut self, view: usize) -> bool {
        if let Some(other) = self.panel.take_if(|record| record.beside != view) {
            self.put_by.push(other);
            self.is_panel_active = false;
        }
        let own = self.put_by.iter().position(|record| record.beside == view);
        let own = own.filter(|_| self.panel.is_none()).map(|place| self.put_by.remove(place));
        let is_back = own.is_some();
        self.panel = own.or(self.panel.take());
        is_back
    }

    pub fn get_mut(&mut self, number: RecordNumber) -> Option<&mut OpenRecord> {
        self.all_mut().find(|record| record.number == number)
    }

    /// Returns whether a record is the one at the right.
    pub fn is_in_panel(&self, number: RecordNumber) -> bool {
        self.panel.as_ref().is_some_and(|record| record.number == number)
    }

    /// Returns the tab of a pane.
    pub fn tab(&self, pane: &Pane) -> Option<&RecordTab> {
        self.tabs.iter().find(|tab| tab.is_of(pane))
    }

    /// Returns the tab of a pane, to change it.
    pub fn tab_mut(&mut self, pane: &Pane) -> Option<&mut RecordTab> {
        self.tabs.iter_mut().find(|tab| tab.is_of(pane))
    }

    /// Returns the tab that shows an open record.
    pub fn tab_of(&mut self, number: RecordNumber) -> Option<&mut RecordTab> {
        self.tabs.iter_mut().find(|tab| tab.record().is_some_and(|record| record.number == number))
    }
}
