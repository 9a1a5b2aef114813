//! The box that goes anywhere: entities, records, pages, actions, rows.

use egui::{
    Align, Area, Context, Frame, Id, Key, KeyboardShortcut, Layout, Modifiers, Order, Rect,
    RichText, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2,
};
use egui_material_icons::MaterialIcon;
use persistence::RecordKey;

use super::Effects;
use super::action_buttons::can_act;
use super::context::Shown;
use super::effects::Effect;
use super::page::page_title;
use super::panes_view::pane_icon;
use super::status_bar::total_in_words;
use super::view_action::ViewAction;
use super::workspace::Workspace;
use super::{AdminApp, Focused, Jobs, Target, widgets};
use crate::command::{Command, Situation, take_key};
use crate::extensions::Action;
use crate::jobs::{Queue, Topic};
use crate::open_in::OpenIn;
use crate::palette::{Candidate, Destination, ranked, row_number};
use crate::panes::Pane;
use crate::settings::SavedView;
use crate::tasks::{Choice, FindChoices};
use crate::theme::{Theme, icon};
use crate::tr;

/// The width of the box, in points.
const WIDTH: f32 = 560.0;

/// The height of a line, in points.
const LINE: f32 = 30.0;

/// Records of an entity that are offered.
const RECORDS: u64 = 5;

/// Letters from which on records are looked for.
const FEWEST_LETTERS: usize = 2;

/// The box while it is open.
#[derive(Debug)]
pub(super) struct Palette {
    text: String,
    chosen: usize,
    /// Records whose names fit, as far as they have been found.
    records: Vec<(&'static str, Choice)>,
    /// Whether only rows of the grid are meant.
    is_for_rows: bool,
    is_focused: bool,
}

/// The space around its content, in points.
const MARGIN: f32 = 8.0;

impl Palette {
    /// Makes a box that finds everything.
    pub const fn new() -> Self {
        Self {
            text: String::new(),
            chosen: 0,
            records: Vec::new(),
            is_for_rows: false,
            is_focused: false,
        }
    }

    /// Makes a box in which only the number of a row is typed.
    pub fn for_rows() -> Self {
        Self { is_for_rows: true, ..Self::new() }
    }
}

/// Records of an entity by what they are called.
const FOUND: Topic = Topic::new("anything", Queue::Searches).unlogged();

/// What the box leads to.
#[derive(Clone, Copy)]
pub(super) struct Reach<'a> {
    pub shown: Shown<'a>,
    pub workspace: &'a Workspace,
    pub saved: &'a [SavedView],
    /// Whether records are being looked for.
    pub is_looking: bool,
}

impl Palette {
    /// Draws the box, where that is on the screen that opens it; returns whether it stays open.
    pub fn show(
        &mut self,
        context: &Context,
        opener: Option<Rect>,
        reach: Reach<'_>,
        effects: &mut Effects,
    ) -> bool {
        let screen = context.content_rect();
        let width = WIDTH.min(screen.width() - 40.0);
        // The field stands where the box is that opens it.
        let place = match opener {
            Some(area) => area.min - vec2(MARGIN, MARGIN),
            None => pos2(screen.center().x - width / 2.0, screen.top() + 8.0),
        };
        let area = Area::new(Id::unique("palette"))
            .order(Order::Foreground)
            .fixed_pos(place)
            .constrain_to(screen)
            .show(context, |ui| {
                let theme = Theme::of(ui.ctx());
                Frame::popup(ui.style()).inner_margin(MARGIN).show(ui, |ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing.y = theme.spacing.tight;
                    self.content(ui, reach, effects)
                })
            });
        let clicked_elsewhere = context.input(|input| {
            let at = input.pointer.interact_pos();
            input.pointer.any_pressed() && at.is_some_and(|at| !area.response.rect.contains(at))
        });
        let chosen = area.inner.inner;
        let is_done = chosen.is_some() || clicked_elsewhere;
        if is_done {
            forget_records(reach.workspace, effects);
        }
        if let Some(destination) = chosen {
            effects.focus(Focused::Grid);
            effects.push(Effect::GoTo(destination));
        }
        !is_done
    }

    /// Draws the field and what fits it; what was chosen.
    fn content(
        &mut self,
        ui: &mut Ui,
        reach: Reach<'_>,
        effects: &mut Effects,
    ) -> Option<Destination> {
        let texts = reach.shown.texts;
        let mut is_looking = reach.is_looking;
        let theme = Theme::of(ui.ctx());
        // Before the field, which would take them.
        let keys = [Key::ArrowDown, Key::ArrowUp, Key::Enter];
        let [is_down, is_up, is_entered] = ui.input_mut(|input| {
            keys.map(|key| take_key(input, KeyboardShortcut::new(Modifiers::NONE, key)))
        });
        let (name, hint) = if self.is_for_rows {
            (tr!(texts, "command-go-to-row"), tr!(texts, "palette-row-hint"))
        } else {
            (tr!(texts, "command-go-to"), tr!(texts, "palette-hint"))
        };
        let field = TextEdit::singleline(&mut self.text)
            .id(Id::unique("palette text"))
            .desired_width(f32::INFINITY)
            .min_size(vec2(0.0, theme.spacing.control + 4.0))
            .align(egui::Align2::LEFT_CENTER)
            .prefix(widgets::icon(icon::ICON_SEARCH, theme, theme.colors.text_weak))
            .hint_text(RichText::new(hint).color(theme.colors.text_faint));
        let response = ui.add(field);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
        if !std::mem::replace(&mut self.is_focused, true) {
            response.request_focus();
        }
        if response.changed() {
            self.records.clear();
            self.chosen = 0;
            is_looking = self.look_for_records(reach.workspace, effects);
        }
        // After the field: Enter may come in one frame with the last letters.
        let lines = self.lines(ui.ctx(), reach);
        let last = lines.len().saturating_sub(1);
        self.chosen = self.chosen.min(last);
        if is_down {
            self.chosen = if self.chosen >= last { 0 } else { self.chosen + 1 };
        }
        if is_up {
            self.chosen = self.chosen.checked_sub(1).unwrap_or(last);
        }
        let mut chosen = lines.get(self.chosen).filter(|_| is_entered);
        for (place, line) in lines.iter().enumerate() {
            if show_line(ui, line, place == self.chosen, reach.workspace) {
                chosen = Some(line);
            }
        }
        if lines.is_empty() {
            let nothing = if is_looking {
                tr!(texts, "palette-looking")
            } else {
                tr!(texts, "palette-nothing")
            };
            let nothing = RichText::new(nothing);
            ui.label(nothing.color(theme.colors.text_weak));
        }
        chosen.map(|line| line.destination.clone())
    }

    /// Returns the candidates that fit what was typed.
    fn lines(&self, context: &Context, reach: Reach<'_>) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        candidates.extend(reach.row(&self.text));
        if !self.is_for_rows {
            candidates.extend(reach.panes());
            candidates.extend(reach.saved_views());
            candidates.extend(self.records.iter().map(|(table, choice)| Candidate {
                title: choice.label.clone(),
                detail: format!("{} {}", reach.entity(table), choice.key),
                destination: Destination::Record { table, key: choice.key.clone() },
            }));
            candidates.extend(reach.actions());
            candidates.extend(reach.commands(context));
        }
        ranked(&self.text, candidates)
    }

    /// Looks for records whose names fit what was typed; returns whether they are looked for.
    fn look_for_records(&self, workspace: &Workspace, effects: &mut Effects) -> bool {
        forget_records(workspace, effects);
        let text = self.text.trim();
        let is_number = text.parse::<i64>().is_ok();
        if self.is_for_rows || (text.chars().count() < FEWEST_LETTERS && !is_number) {
            return false;
        }
        for view in workspace.views.iter() {
            let table = view.meta().table;
            let task = FindChoices { table, text: text.to_owned(), size: RECORDS };
            effects.ask_window(FOUND.of(table), task, move |app, outcome| match outcome {
                Ok(choices) => {
                    if let Some(palette) = &mut app.dialogs.palette {
                        let found = choices.into_iter().map(|choice| (table, choice));
                        palette.records.extend(found);
                    }
                }
                Err(failure) => tracing::warn!(%failure, "records were not looked for"),
            });
        }
        !workspace.views.is_empty()
    }
}

/// Returns whether records are being looked for.
pub(super) fn is_looking_for_records(workspace: &Workspace, jobs: &Jobs) -> bool {
    workspace.views.iter().any(|view| jobs.is_waiting(FOUND.of(view.meta().table)))
}

/// Ends the search for records.
pub(super) fn forget_records(workspace: &Workspace, effects: &mut Effects) {
    for view in workspace.views.iter() {
        effects.forget(FOUND.of(view.meta().table));
    }
}

impl Reach<'_> {
    fn row(&self, text: &str) -> Option<Candidate> {
        let view = self.workspace.view()?;
        let row = row_number(text)?;
        let total = view.grid.total()?;
        (row < total.rows || !total.is_exact).then(|| Candidate {
            title: tr!(self.shown.texts, "palette-row", row = row + 1),
            detail: tr!(
                self.shown.texts,
                "palette-of",
                total = total_in_words(total, self.shown.texts)
            ),
            destination: Destination::Row(row),
        })
    }

    fn panes(&self) -> Vec<Candidate> {
        let entities = self.workspace.views.iter().map(|view| Candidate {
            title: self.shown.texts.entity(view.meta()),
            detail: view
                .total
                .map(|total| total_in_words(total, self.shown.texts))
                .unwrap_or_default(),
            destination: Destination::Pane(Pane::Entity(view.meta().table.to_owned())),
        });
        let pages = self.workspace.pages.all().map(|page| Candidate {
            title: page_title(page, self.shown.texts),
            detail: String::new(),
            destination: Destination::Pane(Pane::Page(page)),
        });
        entities.chain(pages).collect()
    }

    fn commands(&self, context: &Context) -> Vec<Candidate> {
        // Whoever chooses one here has answered the box and types no more.
        let then = Situation { has_dialog: false, is_typing: false, ..self.shown.situation };
        let commands = Command::ALL.iter().copied();
        commands
            .filter(|command| command.is_enabled(&then) && !command.opens_palette())
            .map(|command| Candidate {
                title: self.shown.texts.text(command.name()),
                detail: match command.shortcuts().first() {
                    Some(shortcut) => context.format_shortcut(shortcut),
                    None => String::new(),
                },
                destination: Destination::Command(command),
            })
            .collect()
    }

    /// Returns the program's own actions on the rows that are selected.
    fn actions(&self) -> Vec<Candidate> {
        let table = self.workspace.view().map(|view| view.meta().table);
        let table = table.filter(|_| can_act(&self.shown.situation));
        let candidate = |action: &Action| Candidate {
            title: self.shown.texts.action(action),
            detail: self.shown.texts.entity(action.meta()),
            destination: Destination::Action(action.clone()),
        };
        let actions =
            table.map(|table| self.shown.extensions.actions_of(table).map(candidate).collect());
        actions.unwrap_or_default()
    }

    fn entity(&self, table: &str) -> String {
        let view = self.workspace.views.of(table);
        view.map(|view| self.shown.texts.entity(view.meta())).unwrap_or_default()
    }

    /// Returns the saved views, as candidates to go to.
    fn saved_views(&self) -> Vec<Candidate> {
        let views = self.saved.iter().enumerate();
        let candidate = |(place, saved): (usize, &SavedView)| {
            let view = self.workspace.views.of(&saved.table)?;
            Some(Candidate {
                title: saved.name.clone(),
                detail: self.shown.texts.entity(view.meta()),
                destination: Destination::View(place),
            })
        };
        views.filter_map(candidate).collect()
    }
}

/// Draws a line; returns whether it was clicked.
fn show_line(ui: &mut Ui, line: &Candidate, is_chosen: bool, workspace: &Workspace) -> bool {
    let theme = Theme::of(ui.ctx());
    let size = vec2(ui.available_width(), LINE);
    let (area, response) = ui.allocate_exact_size(size, Sense::click());
    let name = format!("{} {}", line.title, line.detail);
    response.widget_info(|| {
        WidgetInfo::selected(egui::Role::ListBoxOption, true, is_chosen, name.trim_end())
    });
    if is_chosen || response.hovered() {
        let fill = if is_chosen { theme.colors.selected } else { theme.colors.control };
        ui.painter().rect_filled(area, f32::from(theme.spacing.radius), fill);
    }
    let inner = area.shrink2(vec2(theme.spacing.item, 0.0));
    let layout = Layout::left_to_right(Align::Center);
    ui.scope_builder(egui::UiBuilder::new().max_rect(inner).layout(layout), |ui| {
        // What is under the pointer is the line, not its text.
        ui.style_mut().interaction.selectable_labels = false;
        ui.label(widgets::icon(
            destination_icon(&line.destination, workspace),
            theme,
            theme.colors.accent,
        ));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let detail = RichText::new(&line.detail).size(theme.text.small);
            ui.label(detail.color(theme.colors.text_weak));
            ui.with_layout(layout, |ui| {
                ui.add(egui::Label::new(RichText::new(&line.title)).truncate());
            });
        });
    });
    response.clicked()
}

fn destination_icon(destination: &Destination, workspace: &Workspace) -> MaterialIcon {
    match destination {
        Destination::Pane(pane) => pane_icon(pane, &workspace.views),
        Destination::Row(_) => icon::ICON_TABLE_ROWS,
        Destination::Record { .. } => icon::ICON_ARTICLE,
        Destination::View(_) => icon::ICON_FILTER_LIST,
        Destination::Command(_) | Destination::Action(_) => icon::ICON_CHEVRON_RIGHT,
    }
}

impl AdminApp {
    /// Goes where a person has chosen to go.
    pub(super) fn go_to(&mut self, destination: Destination) {
        match destination {
            Destination::Pane(pane) => self.workspace.show_pane(pane, OpenIn::Here),
            Destination::Row(row) => {
                if let Some(view) = self.workspace.view_mut() {
                    view.grid.go_to_row(row);
                }
            }
            Destination::Record { table, key } => {
                self.with(|workspace, known, effects| {
                    workspace.open(
                        Target::Row { table, key: RecordKey(vec![key]) },
                        known,
                        effects,
                    );
                });
            }
            Destination::View(place) => self.view_action(ViewAction::Open(place)),
            Destination::Command(command) => self.effects.run(command),
            Destination::Action(action) => self.act(action),
        }
    }
}
