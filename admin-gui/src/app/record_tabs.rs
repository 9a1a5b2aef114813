//! Records that have a tab of their own.

use egui::{Align, Frame, Layout, Margin, Rect, RichText, Ui, UiBuilder, vec2};
use persistence::{Record, RecordKey};

use super::Effects;
use super::Notice;
use super::children::Children;
use super::context::{Known, Shown};
use super::effects::Effect;
use super::open_records::OpenRecords;
use super::open_records::{Content, OpenRecord, RecordTab};
use super::record_topics::OPEN_RECORD;
use super::record_topics::forget_record;
use super::workspace::Workspace;
use crate::jobs::{Failure, Lane};
use crate::open_in::OpenIn;
use crate::panes::Pane;
use crate::related::Trail;
use crate::row_name;
use crate::tasks::{Find, Labels, RecordNumber};
use crate::theme::{Theme, icon};
use crate::tr;

/// The width up to which a record is stretched, in points: longer lines are hard to read.
const COLUMN: f32 = 720.0;

/// Characters of a record's name that are its tab's title.
const LONGEST: usize = 200;

/// Reads a record that is open.
fn ask(effects: &mut Effects, number: RecordNumber, table: &'static str, key: RecordKey) {
    let task = Find { table, key };
    effects.ask(OPEN_RECORD.of(number), task, move |workspace, outcome, known, effects| {
        match outcome {
            Ok(found) => workspace.take_record(number, found, known, effects),
            Err(failure) => workspace.records.record_failed(number, &failure, known, effects),
        }
    });
}

impl Workspace {
    /// Opens a record in a tab of its own, or goes to the tab that it has.
    pub(super) fn open_in_tab(
        &mut self,
        table: &'static str,
        key: RecordKey,
        effects: &mut Effects,
    ) {
        effects.hush();
        self.show_pane(Pane::Record { table: table.to_owned(), key }, OpenIn::NewTab);
    }

    /// Gives the record at the right, else the focused row, a tab of its own.
    pub(super) fn give_tab(&mut self, place: Option<usize>, effects: &mut Effects) {
        if self.records.panel.as_ref().is_some_and(|record| record.key.is_some()) {
            self.move_to_tab(effects);
        } else if let Some((table, key)) = self
            .entity(place)
            .and_then(|view| Some((view.meta().table, view.grid.focused_row()?.0.key(view.meta()))))
        {
            self.open_in_tab(table, key, effects);
        }
    }

    /// Moves the record at the right into a tab, with all that was typed.
    pub(super) fn move_to_tab(&mut self, effects: &mut Effects) {
        let Some(record) = self.records.panel.take() else { return };
        let Some(key) = record.key.clone() else {
            self.records.panel = Some(record);
            return;
        };
        let table = record.form.meta().table;
        let pane = Pane::Record { table: table.to_owned(), key: key.clone() };
        self.awaits_focused_row_of = None;
        match self.records.tab_mut(&pane) {
            Some(tab) if tab.is_dirty() => {
                // Nothing is lost that was typed there; what was typed here stays here.
                if record.form.is_dirty() {
                    self.records.panel = Some(record);
                } else {
                    forget_record(&record, effects);
                }
            }
            Some(tab) => {
                let record = Content::Record(Box::new(record));
                if let Content::Record(before) = std::mem::replace(&mut tab.content, record) {
                    forget_record(&before, effects);
                }
            }
            None => {
                let number = self.records.number();
                let content = Content::Record(Box::new(record));
                let tab = RecordTab::new(number, table, key);
                self.records.tabs.push(RecordTab { content, is_stale: false, ..tab });
            }
        }
        self.show_pane(pane, OpenIn::NewTab);
    }

    /// Gives each pane of a record its tab, and closes the other tabs.
    pub(super) fn settle_record_tabs(&mut self, effects: &mut Effects) {
        let panes: Vec<&Pane> = self.panes.all().filter(|pane| pane.is_record()).collect();
        let (kept, gone) = std::mem::take(&mut self.records.tabs)
            .into_iter()
            .partition(|tab| panes.iter().any(|pane| tab.is_of(pane)));
        self.records.tabs = kept;
        for pane in panes {
            let Pane::Record { table, key } = pane else { continue };
            let view = self.views.of(table);
            let Some(view) = view.filter(|_| self.records.tab(pane).is_none()) else {
                continue;
            };
            let number = self.records.number();
            self.records.tabs.push(RecordTab::new(number, view.meta().table, key.clone()));
        }
        let gone: Vec<RecordTab> = gone;
        for tab in gone {
            effects.forget(OPEN_RECORD.of(tab.number));
            if let Some(record) = tab.record() {
                forget_record(record, effects);
            }
        }
    }

    /// Asks for records whose tabs can be seen and that are to be read. Returns where those are
    /// waited for of which nothing can be seen yet.
    pub(super) fn ask_for_records(&mut self, effects: &mut Effects) -> Vec<Lane> {
        self.settle_record_tabs(effects);
        let mut awaited = Vec::new();
        for tab in &mut self.records.tabs {
            if !tab.is_stale || !self.panes.visible().any(|pane| tab.is_of(pane)) {
                continue;
            }
            // What has been typed is not thrown away for what is stored; a record that is on its
            // way to be shown here is not held up.
            if tab.is_dirty() || tab.awaited.is_some() {
                continue;
            }
            tab.is_stale = false;
            tab.awaited = Some((tab.table, tab.key.clone()));
            ask(effects, tab.number, tab.table, tab.key.clone());
            if matches!(tab.content, Content::Waiting) {
                awaited.push(OPEN_RECORD.of(tab.number));
            }
        }
        awaited
    }

    /// Takes the record of a tab that was read, or the record at the right that was read again.
    pub(super) fn take_record(
        &mut self,
        number: RecordNumber,
        found: Option<(Record, Labels)>,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let Some(tab) = self.records.tabs.iter_mut().find(|tab| tab.number == number) else {
            if self.records.is_in_panel(number) {
                self.records.take_panel_again(number, found, known, effects);
            }
            return;
        };
        let own = (tab.table, tab.key.clone());
        let (table, key) = tab.awaited.take().unwrap_or_else(|| own.clone());
        let is_own = (table, &key) == (own.0, &own.1);
        let pane = tab.pane();
        match found {
            None if !is_own => {
                effects.tell(known.record_gone());
            }
            // Saving says so, and offers to insert it again.
            None if tab.is_dirty() => {}
            None => tab.content = Content::Gone,
            // Something was typed while the other record was on its way.
            Some(_) if !is_own && tab.is_dirty() => self.open_in_tab(table, key, effects),
            Some((record, labels)) => {
                let shown = tab.record().map(|record| record.number);
                match shown.filter(|_| is_own) {
                    Some(shown) => self.records.show_again(shown, record, &labels, known, effects),
                    None => self.show_in_tab(&pane, (table, key), record, &labels, known, effects),
                }
            }
        }
    }

    /// Shows a record in a tab, after the one that it shows.
    fn show_in_tab(
        &mut self,
        pane: &Pane,
        (table, key): (&'static str, RecordKey),
        record: Record,
        labels: &Labels,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let Some(view) = self.views.place_of(table) else { return };
        let Some(form) = known.form_of(table, record, labels) else { return };
        let shown = Pane::Record { table: table.to_owned(), key: key.clone() };
        if shown != *pane && self.panes.contains(&shown) {
            // It has a tab already.
            self.show_pane(shown, OpenIn::Here);
            return;
        }
        let number = self.records.number();
        let Some(tab) = self.records.tab_mut(pane) else { return };
        let before = std::mem::replace(&mut tab.content, Content::Waiting);
        let (trail, before) = match before {
            Content::Record(mut record) => (std::mem::take(&mut record.trail), Some(record)),
            Content::Waiting | Content::Gone | Content::Failed(_) => (Trail::default(), None),
        };
        tab.table = table;
        tab.key = key;
        tab.content = Content::Record(Box::new(OpenRecord::new(number, view, form, trail)));
        self.panes.replace(pane, shown);
        if let Some(before) = before {
            forget_record(&before, effects);
        }
        self.records.opened_record(number, known, effects);
    }

    /// Gives a tab the key of its record, which has another one after it was inserted again.
    pub(super) fn rename_tab(&mut self, number: RecordNumber) {
        let Some(tab) = self.records.tab_of(number) else { return };
        let key = tab.record().and_then(|record| record.key.clone());
        if let Some(key) = key.filter(|key| *key != tab.key) {
            let before = tab.pane();
            tab.key = key;
            let now = tab.pane();
            self.panes.replace(&before, now);
        }
    }
}

impl OpenRecords {
    /// Marks the records of the tabs to be read again, because something was written or everything
    /// is to be read again.
    pub(super) fn reread_tabs(&mut self) {
        for tab in &mut self.tabs {
            tab.is_stale = true;
        }
    }

    /// Reads the record at the right again, unless something was typed.
    pub(super) fn reread_panel(&mut self, effects: &mut Effects) {
        if let Some(record) = self.panel.as_ref().filter(|record| !record.form.is_dirty())
            && let Some(key) = record.key.clone()
        {
            let (number, table) = (record.number, record.form.meta().table);
            ask(effects, number, table, key);
        }
    }

    /// Shows another record in the tab of one; what is typed there is staged.
    pub(super) fn follow_in_tab(
        &mut self,
        number: RecordNumber,
        table: &'static str,
        key: RecordKey,
        effects: &mut Effects,
    ) {
        let Some(tab) = self.tab_of(number) else { return };
        tab.awaited = Some((table, key.clone()));
        ask(effects, tab.number, table, key);
    }

    fn take_panel_again(
        &mut self,
        number: RecordNumber,
        found: Option<(Record, Labels)>,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        match found {
            Some((record, labels)) => self.show_again(number, record, &labels, known, effects),
            None => effects.tell(known.record_gone()),
        }
    }

    /// Takes why the record of a tab could not be read: the tab shows it, or a notice where the tab
    /// already has a record.
    pub(super) fn record_failed(
        &mut self,
        number: RecordNumber,
        failure: &Failure,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let message = known.words(failure);
        let tab = self.tabs.iter_mut().find(|tab| tab.number == number);
        if let Some(tab) = tab {
            tab.awaited = None;
            if !matches!(tab.content, Content::Record(_)) {
                tab.content = Content::Failed(message);
                return;
            }
        }
        effects.tell(Notice::failure(message));
    }

    /// Shows a record as it is now, after it was read again, unless something was typed.
    fn show_again(
        &mut self,
        number: RecordNumber,
        record: Record,
        labels: &Labels,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let Some(open) = self.get(number) else { return };
        let is_same = *open.form.base() == record;
        let table = open.form.meta().table;
        let Some(form) = known.form_of(table, record, labels) else { return };
        let Some(open) = self.get_mut(number).filter(|open| !open.form.is_dirty()) else {
            return;
        };
        if is_same {
            open.form.set_labels(labels);
        } else {
            open.form = form;
        }
        self.opened_record(number, known, effects);
    }
}

impl RecordTab {
    /// Returns what the tab is called: as its record, once that is known.
    pub(super) fn name(&self) -> Option<String> {
        let form = &self.record().filter(|record| !record.form.is_new())?.form;
        let label = row_name::label(form.meta(), form.base())?;
        Some(label.chars().take(LONGEST).collect())
    }

    /// Draws its record, or what is to be said in its stead.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        shown: &Shown<'_>,
        children: &mut Children,
        effects: &mut Effects,
    ) {
        let theme = Theme::of(ui.ctx());
        let pane = self.pane();
        let surface =
            Frame::new().fill(theme.colors.canvas).inner_margin(Margin::symmetric(16, 10));
        surface.show(ui, |ui| {
            let room = ui.available_rect_before_wrap();
            let size = vec2(room.width().min(COLUMN), room.height());
            let area = Rect::from_center_size(room.center(), size);
            ui.allocate_rect(room, egui::Sense::hover());
            let column = UiBuilder::new().max_rect(area).layout(Layout::top_down(Align::Min));
            ui.scope_builder(column, |ui| match &mut self.content {
                Content::Waiting => {}
                Content::Record(record) => {
                    let number = record.number;
                    for event in record.show(ui, shown, false, children) {
                        effects.push(Effect::Record(number, event));
                    }
                }
                Content::Gone => {
                    let text = tr!(shown.texts, "shell-record-gone");
                    let name = tr!(shown.texts, "command-close-tab");
                    if message(ui, icon::ICON_ARTICLE, &text, "", &name) {
                        effects.push(Effect::LetGo(pane));
                    }
                }
                Content::Failed(reason) => {
                    let text = tr!(shown.texts, "record-failed");
                    let name = tr!(shown.texts, "grid-retry");
                    if message(ui, icon::ICON_ERROR, &text, reason, &name) {
                        effects.push(Effect::Reread(pane));
                    }
                }
            });
        });
    }
}

/// Draws in the middle of a tab why it shows no record, and what can be done; returns whether that
/// is wanted.
fn message(
    ui: &mut Ui,
    mark: egui_material_icons::MaterialIcon,
    text: &str,
    detail: &str,
    action: &str,
) -> bool {
    let theme = Theme::of(ui.ctx());
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() / 2.0 - 60.0).max(0.0));
        let mark = RichText::new(mark.codepoint).size(30.0);
        ui.label(mark.color(theme.colors.text_weak));
        ui.add_space(theme.spacing.item);
        ui.label(text);
        if !detail.is_empty() {
            ui.label(RichText::new(detail).color(theme.colors.text_weak));
        }
        ui.add_space(theme.spacing.group);
        ui.button(action).clicked()
    })
    .inner
}
