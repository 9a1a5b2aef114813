//! The values of a column with how many rows have each, of which a person chooses some.

use egui::{Align, Button, Checkbox, Context, Id, Layout, Rect, RichText, ScrollArea, Ui};
use persistence::relation::{RelationKind, RelationMeta};
use persistence::{ColumnMeta, EntityMeta, Filter, TextMatch, Value};

use super::pill_editor::{search_field, weak};
use super::{popover, widgets};
use crate::grid::{Content, SourceColumn, entity_column};
use crate::i18n::Texts;
use crate::pills::Kind;
use crate::tasks::{Cell, FindValues, Labels};
use crate::theme::Theme;
use crate::tr;

/// Values that are offered at once.
const SIZE: u64 = 200;

/// How wide it is, in points.
const WIDTH: f32 = 320.0;

/// How high its list is, in points.
const LIST: f32 = 280.0;

/// The open list of a column's values.
#[derive(Debug)]
pub(super) struct ValueList {
    /// The column's position among the entity's.
    pub position: usize,
    /// The header that it stands beneath.
    pub anchor: Rect,
    search: String,
    values: Option<Vec<(Value, u64)>>,
    labels: Labels,
    failure: Option<String>,
    chosen: Vec<Value>,
    wants_values: bool,
    was_focused: bool,
    age: popover::Age,
}

/// What a person wants of a list of values.
pub(super) enum ValueEvent {
    /// The values to offer.
    Ask(FindValues),
    /// The rows with these values.
    Apply(Vec<Value>),
    /// Nothing more.
    Close,
}

impl ValueList {
    /// Makes the list of a column's values.
    pub fn new(position: usize, anchor: Rect) -> Self {
        Self {
            position,
            anchor,
            search: String::new(),
            values: None,
            labels: Labels::default(),
            failure: None,
            chosen: Vec::new(),
            wants_values: true,
            was_focused: false,
            age: popover::Age::New,
        }
    }

    /// Offers what was found.
    pub fn offer(&mut self, values: Vec<(Value, u64)>, labels: &Labels) {
        self.labels.extend(labels);
        self.values = Some(values);
        self.failure = None;
    }

    /// Returns the labels of the rows that values point to.
    pub const fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Takes why there is nothing to offer.
    pub fn fail(&mut self, message: String) {
        self.failure = Some(message);
    }

    /// Draws it beneath its header. `filter` says of which rows the values are.
    pub fn show(
        &mut self,
        context: &Context,
        meta: &'static EntityMeta,
        filter: &Filter,
        texts: &Texts,
    ) -> Vec<ValueEvent> {
        let Some(column) = meta.columns.get(self.position) else {
            return vec![ValueEvent::Close];
        };
        let mut events = Vec::new();
        let id = Id::unique(("value list", meta.table));
        let name = tr!(texts, "values-of", column = texts.column(meta, column));
        let mut age = self.age;
        let anchor = self.anchor;
        let (_, closes) = popover::show(context, id, anchor, &name, &mut age, |ui| {
            ui.set_width(WIDTH);
            self.content(ui, meta, column, texts, &mut events);
        });
        self.age = age;
        if std::mem::take(&mut self.wants_values) {
            let found = searched(meta, column, self.search.trim());
            let filter = filter.clone().and(found);
            let (table, column) = (meta.table, column.name);
            events.push(ValueEvent::Ask(FindValues { table, column, filter, size: SIZE }));
        }
        if closes {
            events.push(ValueEvent::Close);
        }
        events
    }

    fn content(
        &mut self,
        ui: &mut Ui,
        meta: &'static EntityMeta,
        column: &'static ColumnMeta,
        texts: &Texts,
        events: &mut Vec<ValueEvent>,
    ) {
        let theme = Theme::of(ui.ctx());
        let field = search_field(ui, &mut self.search, &tr!(texts, "form-search"));
        if !std::mem::replace(&mut self.was_focused, true) {
            field.request_focus();
        }
        self.wants_values |= field.changed() && is_searched_there(column);
        let wanted = self.search.trim().to_lowercase();
        let is_entered =
            field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let mut shown = Vec::new();
        let source = entity_column(meta, column);
        for (value, count) in self.values.iter().flatten() {
            let label = match (Kind::of(column), value.as_text()) {
                (Kind::Enum, Some(variant)) => texts.variant(meta, column, variant),
                _ => said(value, &source, self.position, &self.labels, texts),
            };
            if label.to_lowercase().contains(&wanted) {
                shown.push((value.clone(), label, *count));
            }
        }
        ScrollArea::vertical().max_height(LIST).min_scrolled_height(LIST).show(ui, |ui| {
            // Room for the scroll bar.
            ui.set_width(ui.available_width() - theme.spacing.group);
            if let Some(failure) = &self.failure {
                ui.label(RichText::new(failure).color(theme.colors.wrong));
            } else if self.values.is_none() {
                ui.label(weak(ui, tr!(texts, "form-searching")));
            } else if shown.is_empty() {
                ui.label(weak(ui, tr!(texts, "form-nothing-found")));
            }
            for (value, label, count) in &shown {
                ui.horizontal(|ui| {
                    let mut is_chosen = self.chosen.contains(value);
                    let room = ui.available_width() - 70.0;
                    let line = ui.scope(|ui| {
                        ui.set_width(room);
                        widgets::outline_boxes(ui);
                        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
                        ui.add(Checkbox::new(&mut is_chosen, label.as_str()))
                    });
                    if line.inner.clicked() {
                        match self.chosen.iter().position(|chosen| chosen == value) {
                            Some(place) => drop(self.chosen.remove(place)),
                            None => self.chosen.push(value.clone()),
                        }
                    }
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        ui.label(weak(ui, texts.number(*count)).monospace());
                    });
                });
            }
        });
        ui.add_space(theme.spacing.item);
        ui.horizontal(|ui| {
            if self.values.as_ref().is_some_and(|values| values.len() as u64 >= SIZE) {
                let more = tr!(texts, "values-first", count = SIZE);
                ui.label(weak(ui, more).size(theme.text.small));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let apply = RichText::new(tr!(texts, "pill-apply")).color(theme.colors.on_accent);
                let apply = Button::new(apply).fill(theme.colors.accent);
                let can_apply = !self.chosen.is_empty() || shown.len() == 1;
                let apply = ui.add_enabled(can_apply, apply);
                if can_apply && (apply.clicked() || is_entered) {
                    let chosen = match (self.chosen.as_slice(), shown.as_slice()) {
                        // What is found alone need not be chosen as well.
                        ([], [(only, _, _)]) => vec![only.clone()],
                        _ => self.chosen.clone(),
                    };
                    events.push(ValueEvent::Apply(chosen));
                }
            });
        });
    }
}

/// Returns whether the database searches the values; otherwise only those that are offered are
/// searched.
fn is_searched_there(column: &ColumnMeta) -> bool {
    matches!(Kind::of(column), Kind::Text | Kind::Reference)
}

/// Returns a filter for the rows whose value contains the text.
pub(super) fn searched(meta: &EntityMeta, column: &ColumnMeta, text: &str) -> Filter {
    let contains = |column: &'static str| Filter::Text {
        column: column.into(),
        operator: TextMatch::Contains,
        pattern: text.to_owned(),
    };
    if text.is_empty() {
        return Filter::All;
    }
    match Kind::of(column) {
        Kind::Text => contains(column.name),
        Kind::Reference => {
            let leads_there = |relation: &&RelationMeta| {
                matches!(relation.kind, RelationKind::BelongsTo { column: own }
                    if meta.columns.get(own).is_some_and(|own| own.name == column.name))
            };
            let relation = meta.relations.iter().find(leads_there);
            let label = relation.and_then(|relation| {
                let target = relation.target.meta();
                target.columns.get(target.label).filter(|label| label.column_type.is_text())
            });
            match (relation, label) {
                (Some(relation), Some(label)) => {
                    Filter::related(relation.name, contains(label.name))
                }
                _ => Filter::All,
            }
        }
        _ => Filter::All,
    }
}

/// Returns a value as the grid says it.
pub(super) fn said(
    value: &Value,
    column: &SourceColumn,
    position: usize,
    labels: &Labels,
    texts: &Texts,
) -> String {
    match Content::of(Cell::Whole(value), column, position, labels) {
        Content::Null => "NULL".to_owned(),
        Content::EmptyText => tr!(texts, "form-empty"),
        Content::Text(text)
        | Content::Reference(text)
        | Content::Hint(text)
        | Content::Odd(text)
        | Content::LongText { start: text, .. } => text.into_owned(),
        Content::Number(text) | Content::Moment(text) | Content::Unnamed(text) => text,
        Content::Masked => tr!(texts, "column-masked"),
        Content::Mark(true) => tr!(texts, "grid-yes"),
        Content::Mark(false) => tr!(texts, "grid-no"),
        Content::Blob { kind, bytes } => texts.blob(kind, bytes),
    }
}
