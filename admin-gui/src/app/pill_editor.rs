//! What a pill says, while a person changes it: a column, what is asked of it, and the values.

use std::collections::HashMap;

use egui::{
    Align, Button, Checkbox, ComboBox, Id, Key, KeyboardShortcut, Layout, Modifiers, Rect,
    RichText, ScrollArea, TextEdit, Ui, Vec2,
};
use persistence::{ColumnMeta, ColumnType, EntityMeta, Value};

use super::{popover, widgets};
use crate::command::take_key;
use crate::grid::{entity_column, type_icon};
use crate::i18n::Texts;
use crate::pills::{
    self, Alternative, Chosen, Condition, Draft, Kind, Mistake, Operands, Operator,
};
use crate::row_name::by_key;
use crate::tasks::Choice;
use crate::theme::{Theme, icon};
use crate::tr;

/// How wide it is, in points.
const WIDTH: f32 = 340.0;

/// How high the list of columns is, in points.
const COLUMNS: f32 = 330.0;

/// How high its other lists are, in points.
const LIST: f32 = 200.0;

/// The editor of a pill.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct PillEditor {
    /// The pill's place; `None` for a new one.
    pub place: Option<usize>,
    /// The pill as it will be; `None` until its column has been chosen.
    draft: Option<Draft>,
    /// What the list of columns, or that of rows to choose from, is searched for.
    search: String,
    /// The alternative whose list of rows is searched.
    searching: usize,
    /// The rows to choose from.
    choices: Option<Vec<Choice>>,
    /// The line that Enter chooses, once one has been searched for or gone to.
    highlighted: Option<usize>,
    /// Whether what was searched for has not been found yet.
    is_searched: bool,
    /// What is wrong; not told before a person is done.
    mistake: Option<Mistake>,
    /// Whether the first of the rows that were found is to be highlighted.
    wants_best: bool,
    /// The field in which the list is searched.
    field: Option<Id>,
    wants_focus: bool,
    wants_choices: bool,
    age: popover::Age,
}

/// What a person wants of an editor's surroundings.
#[derive(Debug)]
pub(super) enum EditorEvent {
    /// Rows to choose from.
    Search { table: &'static str, text: String },
    /// The pill.
    Apply(Vec<Condition>),
    /// What names a chosen row.
    Chosen { position: usize, value: Value, label: String },
    /// Nothing more.
    Close,
}

/// What an editor is drawn with.
pub(super) struct Surroundings<'a> {
    pub meta: &'static EntityMeta,
    pub texts: &'a Texts,
    /// What names the rows that foreign keys point to.
    pub labels: &'a crate::tasks::Labels,
}

impl PillEditor {
    /// Makes an editor of a new pill, of a column that is to be chosen yet or already is.
    pub fn new(column: Option<&'static ColumnMeta>) -> Self {
        Self::with(None, column.map(Draft::new))
    }

    /// Makes an editor of a pill that is there.
    pub fn of(place: usize, conditions: &[Condition]) -> Self {
        Self::with(Some(place), Some(Draft::of(conditions)))
    }

    fn with(place: Option<usize>, draft: Option<Draft>) -> Self {
        Self {
            place,
            draft,
            search: String::new(),
            searching: 0,
            choices: None,
            highlighted: None,
            is_searched: false,
            mistake: None,
            wants_best: false,
            field: None,
            wants_focus: true,
            wants_choices: true,
            age: popover::Age::New,
        }
    }

    /// Offers what was found.
    pub fn offer(&mut self, choices: Vec<Choice>) {
        self.choices = Some(choices);
        if std::mem::take(&mut self.is_searched) {
            self.wants_best = true;
        }
    }

    /// Draws it beneath its pill.
    pub fn show(
        &mut self,
        context: &egui::Context,
        anchor: Rect,
        with: &Surroundings<'_>,
    ) -> Vec<EditorEvent> {
        let mut events = Vec::new();
        let id = Id::unique(("pill editor", with.meta.table));
        let mut age = self.age;
        let name = tr!(with.texts, "pill-editor");
        let (_, closes) = popover::show(context, id, anchor, &name, &mut age, |ui| {
            ui.set_width(WIDTH);
            if self.draft.is_some() {
                self.form(ui, with, &mut events);
            } else {
                self.columns(ui, with);
            }
        });
        self.age = age;
        if closes {
            events.push(EditorEvent::Close);
        }
        events
    }

    /// Draws the columns, of which one is to be chosen.
    fn columns(&mut self, ui: &mut Ui, with: &Surroundings<'_>) {
        let name = tr!(with.texts, "pill-search-columns");
        let field = search_field(ui, &mut self.search, &name);
        if std::mem::take(&mut self.wants_focus) {
            field.request_focus();
        }
        let wanted = self.search.trim().to_lowercase();
        let columns = with.meta.columns.iter().filter(|column| {
            let name = with.texts.column(with.meta, column).to_lowercase();
            name.contains(&wanted) || column.name.contains(&wanted)
        });
        let columns: Vec<_> = columns.collect();
        let is_entered =
            field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let mut chosen = columns.first().copied().filter(|_| is_entered);
        list(ui, "columns", COLUMNS, |ui| {
            if columns.is_empty() {
                ui.label(weak(ui, tr!(with.texts, "form-nothing-found")));
            }
            for column in &columns {
                let theme = Theme::of(ui.ctx());
                let mark = widgets::icon(
                    type_icon(&entity_column(with.meta, column)),
                    theme,
                    theme.colors.text_weak,
                );
                let name = with.texts.column(with.meta, column);
                let button = Button::new((mark, name.as_str(), egui::Atom::grow()))
                    .frame_when_inactive(false)
                    .min_size(Vec2::new(ui.available_width(), theme.spacing.control));
                if ui.add(button).accessible_name(&name).clicked() {
                    chosen = Some(column);
                }
            }
        });
        if let Some(column) = chosen {
            *self = Self { age: popover::Age::New, ..Self::new(Some(column)) };
        }
    }

    /// Draws the alternatives, and the buttons beneath them.
    fn form(&mut self, ui: &mut Ui, with: &Surroundings<'_>, events: &mut Vec<EditorEvent>) {
        let Some(mut draft) = self.draft.take() else { return };
        let theme = Theme::of(ui.ctx());
        let mut applies = false;
        let mut removed = None;
        let is_single = draft.alternatives.len() == 1;
        for (place, alternative) in draft.alternatives.iter_mut().enumerate() {
            if place > 0 {
                ui.label(weak(ui, tr!(with.texts, "pill-or")));
            }
            ui.push_id(place, |ui| {
                if self.head(ui, with, place, alternative, is_single) {
                    removed = Some(place);
                }
                applies |= self.operands(ui, with, place, alternative, events);
            });
        }
        if let Some(place) = removed {
            draft.alternatives.remove(place);
            self.mistake = None;
            self.searching = 0;
        }
        ui.add_space(theme.spacing.item);
        ui.horizontal(|ui| {
            let or = ui.add(Button::new(tr!(with.texts, "pill-add-or")).frame_when_inactive(false));
            if or.clicked() {
                draft.add();
                self.wants_focus = true;
                self.searching = draft.alternatives.len() - 1;
                self.choices = None;
                self.wants_choices = true;
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let apply = RichText::new(tr!(with.texts, "pill-apply"));
                let apply = Button::new(apply.color(theme.colors.on_accent));
                applies |= ui.add(apply.fill(theme.colors.accent)).clicked();
            });
        });
        if applies {
            match draft.conditions(with.texts.language()) {
                Ok(conditions) => events.push(EditorEvent::Apply(conditions)),
                Err(mistake) => self.mistake = Some(mistake),
            }
        }
        self.draft = Some(draft);
    }

    /// Draws the column and what is asked of it; returns whether the alternative is to go.
    fn head(
        &mut self,
        ui: &mut Ui,
        with: &Surroundings<'_>,
        place: usize,
        alternative: &mut Alternative,
        is_single: bool,
    ) -> bool {
        let theme = Theme::of(ui.ctx());
        let mut is_removed = false;
        let mut is_changed = false;
        ui.horizontal(|ui| {
            let reserved = if is_single { 0.0 } else { theme.spacing.control + theme.spacing.item };
            let width = (ui.available_width() - reserved - theme.spacing.item) / 2.0;
            let column = alternative.column();
            let mut chosen = None;
            let shown = ComboBox::from_id_salt("column")
                .width(width)
                .truncate()
                .icon(widgets::arrow)
                .selected_text(with.texts.column(with.meta, column))
                .show_ui(ui, |ui| {
                    for other in with.meta.columns {
                        let name = with.texts.column(with.meta, other);
                        if ui.selectable_label(other.name == column.name, name).clicked() {
                            chosen = Some(other);
                        }
                    }
                });
            shown.response.accessible_name(tr!(with.texts, "pill-column"));
            if let Some(chosen) = chosen {
                alternative.set_column(chosen);
                is_changed = true;
            }
            let operator = alternative.operator();
            let mut chosen = None;
            let shown = ComboBox::from_id_salt("operator")
                .width(width)
                .truncate()
                .icon(widgets::arrow)
                .height(400.0)
                .selected_text(with.texts.text(operator.text))
                .show_ui(ui, |ui| {
                    for other in Operator::of(Kind::of(alternative.column())) {
                        let words = pills::operator_words(with.texts, other);
                        if ui.selectable_label(other == operator, words).clicked() {
                            chosen = Some(other);
                        }
                    }
                });
            shown.response.accessible_name(tr!(with.texts, "pill-operator"));
            if let Some(chosen) = chosen {
                alternative.set_operator(chosen);
                is_changed = true;
            }
            if !is_single {
                let close = widgets::icon(icon::ICON_CLOSE, theme, theme.colors.text_weak);
                let close = Button::new(close).frame_when_inactive(false);
                let close = ui.add(close).accessible_name(tr!(with.texts, "pill-remove-or"));
                is_removed = close.clicked();
            }
        });
        if is_changed {
            self.mistake = None;
            self.wants_focus = true;
            self.searching = place;
            self.choices = None;
            self.wants_choices = true;
        }
        is_removed
    }

    /// Draws what is given beside the operator; returns whether a person is done.
    fn operands(
        &mut self,
        ui: &mut Ui,
        with: &Surroundings<'_>,
        place: usize,
        alternative: &mut Alternative,
        events: &mut Vec<EditorEvent>,
    ) -> bool {
        let is_chosen = Kind::of(alternative.column()).is_chosen();
        let theme = Theme::of(ui.ctx());
        let done = match alternative.operator().operands {
            Operands::None => {
                let is_last = self.searching == place;
                // Nothing is typed: Enter reaches the button.
                if is_last {
                    self.wants_focus = false;
                }
                false
            }
            Operands::Many if is_chosen => {
                self.list_of_values(ui, with, place, alternative, events)
            }
            Operands::Days => {
                ui.horizontal(|ui| {
                    let entered = self.text(ui, with, place, alternative, 0, 70.0);
                    ui.label(tr!(with.texts, "pill-days-after"));
                    entered
                })
                .inner
            }
            Operands::Two => {
                ui.horizontal(|ui| {
                    let width = (ui.available_width() - 3.0 * theme.spacing.item - 10.0) / 2.0;
                    let first = self.text(ui, with, place, alternative, 0, width);
                    ui.label(weak(ui, "–"));
                    self.text(ui, with, place, alternative, 1, width) || first
                })
                .inner
            }
            Operands::One | Operands::Many | Operands::Pattern => {
                let width = ui.available_width();
                self.text(ui, with, place, alternative, 0, width)
            }
        };
        if let Some(mistake) = self.mistake.as_ref().filter(|mistake| mistake.alternative == place)
        {
            let words = pills::mistake(with.texts, &mistake.problem);
            ui.label(RichText::new(words).size(theme.text.small).color(theme.colors.wrong));
        }
        done
    }

    /// Draws a field in which a value is typed; returns whether Enter was pressed in it.
    fn text(
        &mut self,
        ui: &mut Ui,
        with: &Surroundings<'_>,
        place: usize,
        alternative: &mut Alternative,
        which: usize,
        width: f32,
    ) -> bool {
        let theme = Theme::of(ui.ctx());
        let column_type = alternative.column().column_type;
        let operands = alternative.operator().operands;
        let hint = match operands {
            Operands::Many => tr!(with.texts, "pill-list-hint"),
            Operands::Days => "7".to_owned(),
            Operands::Pattern => String::new(),
            _ => with.texts.format_hint(column_type).unwrap_or_default(),
        };
        let name = if which == 0 {
            tr!(with.texts, "pill-value")
        } else {
            tr!(with.texts, "pill-second-value")
        };
        let Some(text) = alternative.texts.get_mut(which) else { return false };
        let field = TextEdit::singleline(text)
            .id_salt(which)
            .desired_width(width)
            .min_size(Vec2::new(0.0, theme.spacing.control))
            .align(egui::Align2::LEFT_CENTER)
            .hint_text(RichText::new(hint).color(theme.colors.text_faint));
        let field =
            if is_code(column_type) { field.font(egui::TextStyle::Monospace) } else { field };
        let response = ui.add(field).accessible_name(name);
        if which == 0 && self.searching == place && std::mem::take(&mut self.wants_focus) {
            response.request_focus();
        }
        if response.changed()
            && self.mistake.as_ref().is_some_and(|mistake| mistake.alternative == place)
        {
            self.mistake = None;
        }
        response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter))
    }

    /// Draws the values of an enum or the rows that a foreign key can point to; returns whether a
    /// person is done.
    fn list_of_values(
        &mut self,
        ui: &mut Ui,
        with: &Surroundings<'_>,
        place: usize,
        alternative: &mut Alternative,
        events: &mut Vec<EditorEvent>,
    ) -> bool {
        let column = alternative.column();
        if let ColumnType::Enum { variants } = column.column_type {
            let lines = variants.iter().map(|variant| {
                let label = with.texts.variant(with.meta, column, variant);
                (Value::from(*variant), label)
            });
            let lines: Vec<_> = lines.collect();
            list(ui, ("variants", place), LIST, |ui| {
                for (value, label) in &lines {
                    self.line(ui, alternative, value, label, false);
                }
            });
        }
        let Some(reference) = &column.references else { return false };
        let table = reference.entity.meta().table;
        let position = with.meta.position(column.name).unwrap_or_default();
        let name = tr!(with.texts, "form-search");
        let mut search = if self.searching == place { self.search.clone() } else { String::new() };
        // Before the field, which would lose the keyboard with them.
        let [is_down, is_up, is_entered] = self.list_keys(ui, place);
        let field = search_field(ui, &mut search, &name);
        if self.searching == place {
            self.field = Some(field.id);
        }
        if self.searching == place && std::mem::take(&mut self.wants_focus) {
            field.request_focus();
        }
        if field.gained_focus() && self.searching != place {
            self.searching = place;
            self.choices = None;
            self.wants_choices = true;
        }
        if field.changed() {
            self.searching = place;
            self.search.clone_from(&search);
            self.wants_choices = true;
            self.is_searched = !search.is_empty();
            self.highlighted = None;
        }
        if self.searching == place && std::mem::take(&mut self.wants_choices) {
            events.push(EditorEvent::Search { table, text: search });
        }
        let label_of = |value: &Value, known: Option<&String>| {
            known
                .cloned()
                .or_else(|| with.labels.get(position, value).map(str::to_owned))
                .unwrap_or_else(|| by_key(value))
        };
        // What is chosen stands first and stays there while something else is searched for.
        let chosen: Vec<(Value, String)> = alternative
            .chosen
            .iter()
            .map(|Chosen { value, label }| (value.clone(), label_of(value, label.as_ref())))
            .collect();
        let offered: Vec<(Value, String)> = match &self.choices {
            Some(choices) if self.searching == place => choices
                .iter()
                .filter(|choice| chosen.iter().all(|(value, _)| *value != choice.key))
                .map(|choice| (choice.key.clone(), choice.label.clone()))
                .collect(),
            _ => Vec::new(),
        };
        let is_waiting = self.searching == place && self.choices.is_none();
        let lines = chosen.len() + offered.len();
        if self.searching == place && std::mem::take(&mut self.wants_best) {
            self.highlighted = (!offered.is_empty()).then_some(chosen.len());
        }
        if is_down {
            let next = self.highlighted.map_or(0, |line| line + 1);
            self.highlighted = (lines > 0).then(|| next.min(lines - 1));
        }
        if is_up {
            self.highlighted = self.highlighted.and_then(|line| line.checked_sub(1));
        }
        let highlighted = self.highlighted.filter(|_| self.searching == place);
        let entered = highlighted.filter(|line| is_entered && *line < lines);
        let is_done = is_entered && entered.is_none() && !self.is_searched;
        let mut learned: HashMap<Value, String> = HashMap::new();
        list(ui, ("rows", place), LIST, |ui| {
            let all = chosen.iter().chain(&offered).enumerate();
            for (line, (value, label)) in all {
                let is_highlighted = highlighted == Some(line);
                let is_entered = entered == Some(line);
                if is_entered {
                    alternative.toggle(value, Some(label.clone()));
                    self.mistake = None;
                }
                let is_clicked = self.line(ui, alternative, value, label, is_highlighted);
                if (is_clicked || is_entered) && alternative.is_chosen(value) {
                    learned.insert(value.clone(), label.clone());
                }
            }
            if is_waiting {
                ui.label(weak(ui, tr!(with.texts, "form-searching")));
            } else if chosen.is_empty() && offered.is_empty() {
                ui.label(weak(ui, tr!(with.texts, "form-nothing-found")));
            }
        });
        if entered.is_some() {
            // The next one is searched for; Enter alone is all that is wanted.
            self.search.clear();
            self.highlighted = None;
            self.wants_choices = true;
        }
        events.extend(learned.into_iter().map(|(value, label)| EditorEvent::Chosen {
            position,
            value,
            label,
        }));
        is_done
    }

    /// Takes the keys that go through the list, while its search field has the keyboard.
    fn list_keys(&self, ui: &Ui, place: usize) -> [bool; 3] {
        let focused = ui.memory(egui::Memory::focused);
        if self.searching != place || self.field.is_none() || focused != self.field {
            return [false; 3];
        }
        let plain = |key| KeyboardShortcut::new(Modifiers::NONE, key);
        let keys = [Key::ArrowDown, Key::ArrowUp, Key::Enter];
        ui.input_mut(|input| keys.map(|key| take_key(input, plain(key))))
    }

    /// Draws a value that can be chosen; returns whether it has just been.
    fn line(
        &mut self,
        ui: &mut Ui,
        alternative: &mut Alternative,
        value: &Value,
        label: &str,
        is_highlighted: bool,
    ) -> bool {
        let mut is_chosen = alternative.is_chosen(value);
        let behind = ui.painter().add(egui::Shape::Noop);
        let line = ui.scope(|ui| {
            widgets::outline_boxes(ui);
            ui.add(Checkbox::new(&mut is_chosen, label))
        });
        let response = line.inner;
        if is_highlighted {
            let theme = Theme::of(ui.ctx());
            let area = Rect::from_x_y_ranges(ui.max_rect().x_range(), response.rect.y_range());
            let radius = f32::from(theme.spacing.radius);
            let fill = theme.colors.selected;
            ui.painter().set(behind, egui::Shape::rect_filled(area, radius, fill));
            response.scroll_to_me(None);
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(true));
        }
        if response.clicked() {
            alternative.toggle(value, Some(label.to_owned()));
            self.mistake = None;
            return alternative.is_chosen(value);
        }
        false
    }
}

/// Returns whether values are read digit by digit.
const fn is_code(column_type: ColumnType) -> bool {
    !matches!(column_type, ColumnType::Text | ColumnType::Enum { .. } | ColumnType::Bool)
}

/// Draws a list that scrolls when it is long.
fn list(
    ui: &mut Ui,
    salt: impl std::hash::Hash + std::fmt::Debug,
    height: f32,
    content: impl FnOnce(&mut Ui),
) {
    ScrollArea::vertical()
        .id_salt(ui.unique_id().with(salt))
        .max_height(height)
        .min_scrolled_height(height)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            content(ui);
        });
}

/// Draws a field in which a list is searched.
pub(super) fn search_field(ui: &mut Ui, text: &mut String, name: &str) -> egui::Response {
    let theme = Theme::of(ui.ctx());
    let field = TextEdit::singleline(text)
        .id_salt("search")
        .desired_width(ui.available_width())
        .min_size(Vec2::new(0.0, theme.spacing.control))
        .align(egui::Align2::LEFT_CENTER)
        .prefix(widgets::icon(icon::ICON_SEARCH, theme, theme.colors.text_weak))
        .hint_text(RichText::new(name).color(theme.colors.text_faint));
    ui.add(field).accessible_name(name)
}

/// Returns text in a weak colour, which is not to stand out.
pub(super) fn weak(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).color(Theme::of(ui.ctx()).colors.text_weak)
}
