//! Draws the related rows below a record, and the trail above it.

use egui::accesskit::Role;
use egui::{Button, CursorIcon, Label, RichText, Sense, Ui, WidgetInfo, vec2};
use persistence::{EntityMeta, Filter, RecordKey};

use super::model::{Figures, RelatedModel};
use super::trail::Trail;
use crate::OpenIn;
use crate::form::icon_button;
use crate::i18n::{Texts, humanised};
use crate::relations::{Count, RelatedRow, RelatedRows, RelatedTo, Way};
use crate::theme::{Theme, icon};
use crate::tr;

/// The width of the name of a relation to one row, in points.
const SINGLE_NAME: f32 = 96.0;

/// What a person asks for here.
#[derive(Clone, Debug, PartialEq)]
pub enum RelatedEvent {
    /// Open a related record.
    Open {
        /// Its table.
        table: &'static str,
        /// Its primary key.
        key: RecordKey,
        /// Where.
        open_in: OpenIn,
    },
    /// Edit the rows of a relation within the record, or only list them again.
    Unfold(usize),
    /// Add a row to a relation.
    Add(usize),
    /// Show all related rows in their entity's grid.
    ShowAll {
        /// Their table.
        table: &'static str,
        /// What finds them.
        filter: Filter,
    },
    /// Go back to a record of the trail.
    Back(usize),
    /// Show the grid of the entity where the trail begins.
    Entity(&'static str),
}

/// How rows are edited within the record to which they belong.
pub struct Editing<'e> {
    /// Whether those of a relation are, by its place.
    pub is_unfolded: &'e [bool],
    /// Draws those of a relation, by its place.
    pub rows: &'e mut dyn FnMut(&mut Ui, usize),
}

/// Draws the records that a person went through, where there are several.
pub fn show_trail(
    ui: &mut Ui,
    trail: &Trail,
    entity: impl Fn(&str) -> Option<&'static EntityMeta>,
    texts: &Texts,
) -> Option<RelatedEvent> {
    if !trail.leads_back() {
        return None;
    }
    let theme = Theme::of(ui.ctx());
    let mut event = None;
    let separator = |ui: &mut Ui| {
        ui.label(RichText::new("›").size(theme.text.small).color(theme.colors.text_faint));
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme.spacing.tight;
        ui.spacing_mut().interact_size.y = theme.text.small + 4.0;
        let crumbs = trail.crumbs();
        if let Some(meta) = crumbs.first().and_then(|first| entity(first.table))
            && small_link(ui, &texts.entity(meta), &texts.entity(meta))
        {
            event = Some(RelatedEvent::Entity(meta.table));
        }
        for (place, crumb) in crumbs.iter().enumerate() {
            separator(ui);
            if place + 1 == crumbs.len() {
                let text = RichText::new(&crumb.label).size(theme.text.small);
                ui.add(Label::new(text.color(theme.colors.text_weak)).truncate());
            } else {
                let name = tr!(texts, "related-back", label = crumb.label.as_str());
                if small_link(ui, &crumb.label, &name) {
                    event = Some(RelatedEvent::Back(place));
                }
            }
        }
    });
    ui.add_space(theme.spacing.tight);
    event
}

fn small_link(ui: &mut Ui, text: &str, name: &str) -> bool {
    let theme = Theme::of(ui.ctx());
    let text = RichText::new(text).size(theme.text.small).color(theme.colors.accent);
    let response = ui.add(Label::new(text).sense(Sense::click()).truncate());
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, name));
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

/// Draws the relations of a record, each with its first rows, or with those that are edited there.
pub fn show(
    ui: &mut Ui,
    model: &RelatedModel,
    texts: &Texts,
    mut editing: Option<Editing<'_>>,
) -> Vec<RelatedEvent> {
    let theme = Theme::of(ui.ctx());
    let mut events = Vec::new();
    let is_shown = |(related, figures): &&(RelatedTo, Figures)| {
        // What the record belongs to stands in its field; here only if there is more to say.
        let is_nothing = matches!(figures, Figures::Known(rows) if rows.filter.is_none());
        let can_have_new = related.way.column_of_many().is_some();
        let is_shown = model.key().is_some() || can_have_new;
        is_shown && !(matches!(related.way, Way::BelongsTo { .. }) && is_nothing)
    };
    let mut has_line = false;
    let relations = model.relations().iter().enumerate();
    for (place, (related, figures)) in relations.filter(|(_, it)| is_shown(it)) {
        let name = title(model, related, texts);
        // Single rows stand close together, each on a line of its own; lists apart.
        if !std::mem::replace(&mut has_line, true) || !related.way.is_to_one() {
            ui.add_space(theme.spacing.item);
            ui.separator();
        }
        if related.way.is_to_one() {
            single(ui, related, figures, &name, texts, &mut events);
            continue;
        }
        let editing = editing.as_mut().filter(|_| related.way.column_of_many().is_some());
        let is_unfolded =
            editing.as_ref().map(|it| it.is_unfolded.get(place).copied().unwrap_or_default());
        let is_new = model.key().is_none();
        let line = Line { place, related, figures, name: &name, is_unfolded, is_new };
        line.show(ui, texts, &mut events);
        match (figures, editing) {
            (Figures::Known(known), Some(editing)) if is_unfolded == Some(true) => {
                (editing.rows)(ui, place);
                let others = known.rows.iter().filter(|row| row.record.is_none());
                rows(ui, related, others, &mut events);
                continue;
            }
            _ => {}
        }
        match figures {
            Figures::Waiting => {}
            Figures::Failed(message) => {
                let text = RichText::new(message).size(theme.text.small);
                ui.add(Label::new(text.color(theme.colors.wrong)).wrap());
            }
            Figures::Known(known) => rows(ui, related, known.rows.iter(), &mut events),
        }
    }
    events
}

/// Draws a relation to one row: its name, and the row.
fn single(
    ui: &mut Ui,
    related: &RelatedTo,
    figures: &Figures,
    name: &str,
    texts: &Texts,
    events: &mut Vec<RelatedEvent>,
) {
    let theme = Theme::of(ui.ctx());
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = theme.text.body + 6.0;
        let small = RichText::new(name).size(theme.text.small).color(theme.colors.text_weak);
        let size = vec2(SINGLE_NAME, theme.text.body + 6.0);
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        ui.allocate_ui_with_layout(size, layout, |ui| {
            ui.set_min_width(SINGLE_NAME);
            ui.add(Label::new(small).truncate());
        });
        match figures {
            Figures::Waiting => {
                ui.label(RichText::new("…").color(theme.colors.text_faint));
            }
            Figures::Failed(message) => {
                let text = RichText::new(message).size(theme.text.small);
                ui.add(Label::new(text.color(theme.colors.wrong)).truncate());
            }
            Figures::Known(known) if known.rows.is_empty() => {
                let text = RichText::new(tr!(texts, "related-none")).size(theme.text.small);
                ui.label(text.color(theme.colors.text_faint));
            }
            Figures::Known(known) => rows(ui, related, known.rows.iter(), events),
        }
    });
}

/// The line above the rows of a relation.
struct Line<'l> {
    place: usize,
    related: &'l RelatedTo,
    figures: &'l Figures,
    name: &'l str,
    /// Whether the rows are edited here; `None` where they cannot be.
    is_unfolded: Option<bool>,
    /// Whether the record is a new one.
    is_new: bool,
}

impl Line<'_> {
    fn show(&self, ui: &mut Ui, texts: &Texts, events: &mut Vec<RelatedEvent>) {
        let theme = Theme::of(ui.ctx());
        let small = |text: String| RichText::new(text).size(theme.text.small);
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size.y = theme.text.small + 6.0;
            ui.label(small(self.name.to_owned()).color(theme.colors.text_weak));
            let known = match self.figures {
                Figures::Known(known) => known,
                Figures::Waiting => {
                    ui.label(small("…".to_owned()).color(theme.colors.text_faint));
                    return;
                }
                Figures::Failed(_) => return,
            };
            if !self.is_new {
                let count = match known.count {
                    Count::Exactly(count) => texts.number(count),
                    Count::MoreThan(count) => {
                        tr!(texts, "related-more-than", count = texts.number(count))
                    }
                };
                ui.label(small(count).color(theme.colors.text_faint));
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                self.buttons(ui, texts, events);
                self.show_all(ui, known, texts, events);
            });
        });
    }

    /// Draws the ways to edit the rows here, and to add one.
    fn buttons(&self, ui: &mut Ui, texts: &Texts, events: &mut Vec<RelatedEvent>) {
        let Some(is_unfolded) = self.is_unfolded else { return };
        let name = tr!(texts, "related-add", relation = self.name);
        if icon_button(ui, icon::ICON_ADD, &name).clicked() {
            events.push(RelatedEvent::Add(self.place));
        }
        if self.is_new {
            return;
        }
        let (mark, name) = if is_unfolded {
            (icon::ICON_UNFOLD_LESS, tr!(texts, "related-fold", relation = self.name))
        } else {
            (icon::ICON_EDIT, tr!(texts, "related-unfold", relation = self.name))
        };
        if icon_button(ui, mark, &name).clicked() {
            events.push(RelatedEvent::Unfold(self.place));
        }
    }

    fn show_all(
        &self,
        ui: &mut Ui,
        known: &RelatedRows,
        texts: &Texts,
        events: &mut Vec<RelatedEvent>,
    ) {
        let has_more = u64::try_from(known.rows.len()).is_ok_and(|shown| match known.count {
            Count::Exactly(count) => count > shown,
            Count::MoreThan(_) => true,
        });
        if let Some(filter) = known.filter.as_ref().filter(|_| has_more) {
            let name = tr!(texts, "related-show-all-of", relation = self.name);
            if small_link(ui, &tr!(texts, "related-show-all"), &name) {
                let (table, filter) = (self.related.target.table, filter.clone());
                events.push(RelatedEvent::ShowAll { table, filter });
            }
        }
    }
}

fn rows<'r>(
    ui: &mut Ui,
    related: &RelatedTo,
    shown: impl Iterator<Item = &'r RelatedRow>,
    events: &mut Vec<RelatedEvent>,
) {
    let theme = Theme::of(ui.ctx());
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(0.0, 1.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().interact_size.y = theme.text.body + 5.0;
        for row in shown {
            let text = RichText::new(&row.label).color(theme.colors.accent);
            let link = ui.add(Button::new(text).frame(false).truncate());
            link.widget_info(|| WidgetInfo::labeled(Role::Link, true, &row.label));
            let link = link.on_hover_cursor(CursorIcon::PointingHand);
            if let Some(open_in) = OpenIn::of_click(&link) {
                let (table, key) = (related.target.table, row.key.clone());
                events.push(RelatedEvent::Open { table, key, open_in });
            }
        }
    });
}

/// Returns what a relation is called: the column that holds the key, or the entity of the rows;
/// where several relations lead to that, which of them it is.
fn title(model: &RelatedModel, related: &RelatedTo, texts: &Texts) -> String {
    let (meta, target) = (model.meta(), related.target);
    let is_alone = model
        .relations()
        .iter()
        .filter(|(other, _)| other.target.table == target.table)
        .filter(|(other, _)| !matches!(other.way, Way::BelongsTo { .. }))
        .count()
        < 2;
    match related.way {
        Way::BelongsTo { column } => match meta.columns.get(column) {
            Some(column) => texts.column(meta, column),
            None => texts.entity_one(target),
        },
        // An entity that refers to itself: its own name says nothing.
        _ if is_alone && target.table != meta.table => {
            if related.way.is_to_one() {
                texts.entity_one(target)
            } else {
                texts.entity(target)
            }
        }
        Way::Has { column, .. } => match (related.name, target.columns.get(column)) {
            (Some(name), _) => humanised(name),
            (None, Some(column)) => {
                format!("{} · {}", texts.entity(target), texts.column(target, column))
            }
            (None, None) => texts.entity(target),
        },
        Way::Through { .. } => related.name.map_or_else(|| texts.entity(target), humanised),
    }
}
