//! The rows that a cell can refer to, offered beneath it while one is being typed.

use std::collections::HashMap;

use egui::{
    Area, Context, Frame, Id, Key, KeyboardShortcut, Modifiers, Order, Rect, RichText, ScrollArea,
    Ui,
};
use persistence::Value;
use persistence::entity::Reference;
use persistence::staging::StagedValue;

use super::Effects;
use super::cell_editing::typed_value;
use super::context::Known;
use super::effects::Effect;
use super::entity_view::EntityView;
use super::staged::CellChange;
use super::workspace::Workspace;
use crate::command::take_key;
use crate::form::choice_line;
use crate::i18n::{Language, Texts};
use crate::jobs::{Queue, Topic};
use crate::tasks::{Choice, FindChoices};
use crate::theme::Theme;
use crate::tr;

/// Rows that are offered for the cell that is being edited.
const OFFERED: Topic = Topic::new("rows to refer to", Queue::Rows);
/// The row that is meant by a text that was typed before anything was offered.
const MEANT: Topic = Topic::new("row that is meant", Queue::Rows);

/// Rows that are offered at once.
const SIZE: u64 = 20;
/// The width of the list at least, in points.
const WIDTH: f32 = 260.0;
/// The height of the list at most, in points.
const HEIGHT: f32 = 240.0;

/// What is offered for the cell that is being edited.
#[derive(Debug, Default)]
pub(super) struct CellChoices {
    /// The text for which rows were asked for last.
    asked: Option<String>,
    /// The text for which these were found.
    found: Option<String>,
    choices: Vec<Choice>,
    /// Which of them is meant: the best match, until another is chosen.
    chosen: usize,
    /// Whether one has been chosen.
    pub is_chosen: bool,
    /// Whether that was by a key just now.
    has_moved: bool,
}

impl CellChoices {
    fn offer(&mut self, text: String, choices: Vec<Choice>) {
        if self.asked.as_ref() == Some(&text) {
            *self =
                Self { asked: Some(text.clone()), found: Some(text), choices, ..Self::default() };
        }
    }

    /// Takes the keys that choose another line.
    fn take_keys(&mut self, ui: &Ui) {
        let take = |key| {
            let keys = KeyboardShortcut::new(Modifiers::NONE, key);
            ui.input_mut(|input| take_key(input, keys))
        };
        let (down, up) = (take(Key::ArrowDown), take(Key::ArrowUp));
        if (down || up) && !self.choices.is_empty() {
            self.chosen = match (down, self.is_chosen || self.is_typed()) {
                (true, true) => (self.chosen + 1).min(self.choices.len() - 1),
                (true, false) => 0,
                (false, _) => self.chosen.saturating_sub(1),
            };
            (self.is_chosen, self.has_moved) = (true, true);
        }
    }

    /// Returns whether something was typed to which the first of the rows is the best match.
    fn is_typed(&self) -> bool {
        self.found.as_ref().is_some_and(|found| !found.is_empty())
    }

    /// Draws the list beneath a cell; returns whether a line was clicked, which is the chosen one then.
    fn show(&mut self, context: &Context, cell: Rect, texts: &Texts) -> bool {
        let theme = Theme::of(context);
        let mut is_clicked = false;
        let has_moved = std::mem::take(&mut self.has_moved);
        let area = Area::new(id()).order(Order::Foreground).fixed_pos(cell.left_bottom());
        area.constrain_to(context.content_rect()).show(context, |ui| {
            Frame::popup(ui.style()).inner_margin(4.0).show(ui, |ui| {
                ui.set_width(cell.width().max(WIDTH));
                ui.spacing_mut().item_spacing.y = 0.0;
                if self.found.is_none() || self.choices.is_empty() {
                    let text = match self.found {
                        Some(_) => tr!(texts, "form-nothing-found"),
                        None => tr!(texts, "form-searching"),
                    };
                    ui.label(RichText::new(text).color(theme.colors.text_weak));
                    return;
                }
                let list = ScrollArea::vertical().max_height(HEIGHT).min_scrolled_height(HEIGHT);
                list.show(ui, |ui| {
                    for (place, choice) in self.choices.iter().enumerate() {
                        let is_meant = self.chosen == place && (self.is_chosen || self.is_typed());
                        let label = RichText::new(&choice.label);
                        if choice_line(ui, is_meant, has_moved, label).clicked() {
                            (self.chosen, self.is_chosen, is_clicked) = (place, true, true);
                        }
                    }
                });
            });
        });
        is_clicked
    }
}

/// Returns the id of the list, where it is open.
pub(super) fn list_of(choosing: Option<&CellChoices>) -> Option<Id> {
    choosing.map(|_| id())
}

fn id() -> Id {
    Id::unique("rows that a cell can refer to")
}

impl EntityView {
    /// Returns what the cell refers to that is being edited.
    fn edited_reference(&self) -> Option<&'static Reference> {
        let editor = self.editor.as_ref()?;
        self.meta().columns.get(editor.position)?.references.as_ref()
    }

    /// Asks for the rows that the cell can refer to which is being edited, and takes the keys that choose one.
    pub(super) fn watch_choices(&mut self, ui: &Ui, effects: &mut Effects) {
        let (Some(reference), Some(editor)) = (self.edited_reference(), &self.editor) else {
            self.choosing = None;
            return;
        };
        let text = if editor.is_changed() { editor.text.clone() } else { String::new() };
        let choosing = self.choosing.get_or_insert_default();
        choosing.take_keys(ui);
        if choosing.asked.as_ref() == Some(&text) {
            return;
        }
        choosing.asked = Some(text.clone());
        // What was chosen was one for another text.
        (choosing.chosen, choosing.is_chosen) = (0, false);
        let (own, table) = (self.entry.meta.table, reference.entity.meta().table);
        let task = FindChoices { table, text: text.clone(), size: SIZE };
        effects.ask(
            OFFERED.of(own),
            task,
            move |workspace, outcome, known, effects| match outcome {
                Ok(choices) => {
                    let view = workspace.views.of_mut(own);
                    if let Some(choosing) = view.and_then(|view| view.choosing.as_mut()) {
                        choosing.offer(text, choices);
                    }
                }
                Err(failure) => effects.tell(known.not_found(&failure)),
            },
        );
    }

    /// Draws what the cell can refer to that is being edited; returns whether one of it was clicked.
    pub(super) fn show_choices(&mut self, context: &Context, texts: &Texts) -> bool {
        let place = self.editor.as_ref().and_then(|editor| editor.place);
        match (&mut self.choosing, place) {
            (Some(choosing), Some(place)) => choosing.show(context, place, texts),
            _ => false,
        }
    }

    /// Stages the row that is meant by what was typed into a cell that refers to one.
    pub(super) fn refer(
        &mut self,
        change: CellChange,
        choosing: CellChoices,
        (text, language): (&str, Language),
        effects: &mut Effects,
    ) {
        let (table, position) = (self.meta().table, change.position);
        if text.trim().is_empty() && !choosing.is_chosen {
            let change = CellChange { value: Value::Null.into(), ..change };
            let changes = vec![change].into();
            return effects.push(Effect::Stage { table, changes });
        }
        if choosing.found.as_deref() != Some(text) && !choosing.is_chosen {
            return effects.push(Effect::Refer { table, change });
        }
        let chosen = choosing.choices.into_iter().nth(choosing.chosen);
        let change = self.referring(change, (position, language), chosen);
        effects.push(Effect::Stage { table, changes: vec![change].into() });
    }

    /// Returns a change that refers to a row, whose name is remembered; where there is none, to the key that the text
    /// may be.
    fn referring(
        &mut self,
        change: CellChange,
        (position, language): (usize, Language),
        to: Option<Choice>,
    ) -> CellChange {
        let Some(Choice { key, label }) = to else {
            return match (&change.value, self.meta().columns.get(position)) {
                (StagedValue::Text(text), Some(column)) => {
                    CellChange { value: typed_value(language, column, text), ..change }
                }
                _ => change,
            };
        };
        self.labels.insert(position, HashMap::from([(key.clone(), label)]));
        CellChange { value: key.into(), ..change }
    }
}

impl Workspace {
    /// Finds the row that is meant by a text, and stages that a cell refers to it.
    pub(super) fn refer(
        &mut self,
        table: &'static str,
        change: CellChange,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let meta = self.views.of(table).map(EntityView::meta);
        let column = meta.and_then(|meta| meta.columns.get(change.position));
        let (Some(reference), StagedValue::Text(text)) =
            (column.and_then(|column| column.references.as_ref()), &change.value)
        else {
            return self.stage(table, vec![change].into(), known, effects);
        };
        self.staged.unread += 1;
        let task =
            FindChoices { table: reference.entity.meta().table, text: text.clone(), size: 1 };
        let number = self.records.number();
        effects.ask(MEANT.of(number), task, move |workspace, outcome, known, effects| {
            workspace.staged.unread -= 1;
            let found = match outcome {
                Ok(choices) => choices.into_iter().next(),
                Err(failure) => {
                    effects.tell(known.not_found(&failure));
                    None
                }
            };
            let position = change.position;
            if let Some(view) = workspace.views.of_mut(table) {
                let place = (position, known.texts.language());
                let change = view.referring(change, place, found);
                effects.push(Effect::Stage { table, changes: vec![change].into() });
            }
            workspace.commit_awaited(effects);
        });
    }
}
