//! The page: migrations in their order, what differs, and how far it is.

use egui::{
    Align, Button, Frame, Label, Layout, Margin, ProgressBar, RichText, ScrollArea, Ui, vec2,
};
use persistence::Catalog;
use persistence::backend::MigrationStatus;
use persistence::drift::{Hindered, TableDrift};

use super::Migrations;
use crate::i18n::{TextKey, Texts};
use crate::pages::{icon_button, page_bar};
use crate::tasks::Step;
use crate::theme::{Theme, icon};
use crate::{text_key, tr};

/// The width of the column with what became of a migration, in points.
const STATE: f32 = 170.0;

/// What the page asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MigrationsEvent {
    /// Look at the database again.
    Look,
    /// Ask whether to run or revert these migrations.
    AskTo(Step, Vec<String>),
    /// Take no further step.
    Stop,
    /// Show an entity's rows.
    OpenEntity(&'static str),
}

/// Why migrations are neither run nor reverted at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Nothing can be written.
    ReadOnly,
    /// What is staged belongs to the tables as they are.
    Staged,
    /// What is staged is being written.
    Committing,
    /// Others are being run.
    Running,
}

impl Obstacle {
    /// Returns it in words.
    #[must_use]
    pub const fn text(self) -> TextKey {
        match self {
            Self::ReadOnly => text_key!("migrations-read-only"),
            Self::Staged => text_key!("migrations-staged"),
            Self::Committing => text_key!("migrations-committing"),
            Self::Running => text_key!("migrations-running"),
        }
    }
}

/// The page.
#[derive(Debug, Default)]
pub struct MigrationsPage {
    /// What is known.
    pub migrations: Migrations,
}

impl MigrationsPage {
    /// Draws the page over all the space there is; returns what it asks for.
    pub fn show(
        &self,
        ui: &mut Ui,
        texts: &Texts,
        catalog: &Catalog,
        obstacle: Option<Obstacle>,
    ) -> Vec<MigrationsEvent> {
        let mut events = Vec::new();
        self.bar(ui, texts, obstacle, &mut events);
        let theme = Theme::of(ui.ctx());
        let area = ui.available_rect_before_wrap();
        ui.painter().rect_filled(area, 0.0, theme.colors.canvas);
        let margin = Margin::symmetric(16, 8);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(margin).show(ui, |ui| {
                ui.set_width(ui.available_width());
                self.progress(ui, texts, &mut events);
                if let Some(error) = self.migrations.error() {
                    let error = RichText::new(error).color(theme.colors.wrong);
                    ui.add(Label::new(error).wrap());
                    ui.add_space(theme.spacing.group);
                }
                if self.migrations.is_known() {
                    self.list(ui, texts);
                    self.drift(ui, texts, catalog, &mut events);
                } else if self.migrations.error().is_none() {
                    let text = tr!(texts, "migrations-looking");
                    ui.label(RichText::new(text).color(theme.colors.text_weak));
                }
            });
        });
        events
    }

    fn bar(
        &self,
        ui: &mut Ui,
        texts: &Texts,
        obstacle: Option<Obstacle>,
        events: &mut Vec<MigrationsEvent>,
    ) {
        let pending = self.migrations.pending();
        let note = match self.migrations.list() {
            Some(_) => tr!(texts, "migrations-pending-count", count = pending.len()),
            None => String::new(),
        };
        page_bar(ui, &tr!(texts, "page-migrations"), &note, |ui| {
            if icon_button(ui, icon::ICON_REFRESH, &tr!(texts, "migrations-look")).clicked() {
                events.push(MigrationsEvent::Look);
            }
            if self.migrations.list().is_none() {
                return;
            }
            let why = obstacle.map(|obstacle| texts.text(obstacle.text()));
            let last = self.migrations.last();
            let (name, hint) =
                (tr!(texts, "migrations-revert"), tr!(texts, "migrations-revert-hint"));
            let refused = why
                .clone()
                .or_else(|| last.is_none().then(|| tr!(texts, "migrations-none-to-revert")));
            let revert = ui.add_enabled(refused.is_none(), Button::new(name));
            let revert = revert.on_hover_text(hint);
            let revert = revert.on_disabled_hover_text(refused.unwrap_or_default());
            if let Some(last) = last.filter(|_| revert.clicked()) {
                events.push(MigrationsEvent::AskTo(Step::Revert, vec![last.to_owned()]));
            }
            let theme = Theme::of(ui.ctx());
            let refused =
                why.or_else(|| pending.is_empty().then(|| tr!(texts, "migrations-none-to-run")));
            let is_enabled = refused.is_none();
            let name = RichText::new(tr!(texts, "migrations-run"));
            let button = if is_enabled {
                Button::new(name.color(theme.colors.on_accent)).fill(theme.colors.accent)
            } else {
                Button::new(name)
            };
            let run = ui.add_enabled(is_enabled, button);
            let run = run.on_hover_text(tr!(texts, "migrations-run-hint"));
            if run.on_disabled_hover_text(refused.unwrap_or_default()).clicked() {
                let names = pending.iter().map(|name| (*name).to_owned()).collect();
                events.push(MigrationsEvent::AskTo(Step::Run, names));
            }
        });
    }

    fn progress(&self, ui: &mut Ui, texts: &Texts, events: &mut Vec<MigrationsEvent>) {
        let Some((step, name, done, all)) = self.migrations.progress() else { return };
        let theme = Theme::of(ui.ctx());
        let text = match step {
            Step::Run => {
                tr!(texts, "migrations-progress-run", name = name, number = done + 1, all = all)
            }
            Step::Revert => tr!(texts, "migrations-progress-revert", name = name),
        };
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if all > done + 1 {
                    let stop = Button::new(tr!(texts, "migrations-stop"));
                    let stop = ui.add_enabled(!self.migrations.is_stopped(), stop);
                    if stop.on_hover_text(tr!(texts, "migrations-stop-hint")).clicked() {
                        events.push(MigrationsEvent::Stop);
                    }
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.spinner();
                    ui.add(Label::new(text).truncate());
                });
            });
        });
        #[expect(clippy::cast_precision_loss, reason = "a few migrations")]
        let part = done as f32 / all.max(1) as f32;
        ui.add(ProgressBar::new(part).desired_height(theme.spacing.tight.max(4.0)));
        ui.add_space(theme.spacing.group);
    }

    fn list(&self, ui: &mut Ui, texts: &Texts) {
        let Some(list) = self.migrations.list() else { return };
        let theme = Theme::of(ui.ctx());
        heading(ui, &tr!(texts, "migrations-list"));
        if list.is_empty() {
            let none = RichText::new(tr!(texts, "migrations-empty"));
            ui.label(none.color(theme.colors.text_weak));
        }
        for migration in list {
            line(ui, migration, texts, theme);
        }
        ui.add_space(theme.spacing.section);
    }

    fn drift(
        &self,
        ui: &mut Ui,
        texts: &Texts,
        catalog: &Catalog,
        events: &mut Vec<MigrationsEvent>,
    ) {
        let theme = Theme::of(ui.ctx());
        heading(ui, &tr!(texts, "migrations-drift"));
        let drift = self.migrations.drift();
        if drift.is_empty() {
            let fits = RichText::new(tr!(texts, "migrations-fits"));
            ui.label(fits.color(theme.colors.text_weak));
        }
        for table in drift {
            table_drift(ui, table, texts, catalog, events);
            ui.add_space(theme.spacing.group);
        }
    }
}

fn heading(ui: &mut Ui, text: &str) {
    let theme = Theme::of(ui.ctx());
    ui.label(RichText::new(text).size(theme.text.body + 1.0).strong());
    ui.add_space(theme.spacing.tight);
}

/// Draws a migration and what became of it: one sentence to who listens.
fn line(ui: &mut Ui, migration: &MigrationStatus, texts: &Texts, theme: &Theme) {
    let (mark, color, state) = match (migration.is_applied, migration.is_known) {
        (true, true) => {
            (icon::ICON_CHECK_CIRCLE, theme.colors.new, tr!(texts, "migrations-applied"))
        }
        (true, false) => {
            (icon::ICON_HELP, theme.colors.text_weak, tr!(texts, "migrations-unknown"))
        }
        (false, _) => (icon::ICON_SCHEDULE, theme.colors.staged, tr!(texts, "migrations-pending")),
    };
    let spoken = format!("{}: {state}", migration.name);
    ui.horizontal(|ui| {
        ui.label(mark.rich_text().size(theme.text.icon).color(color));
        let size = vec2(STATE.min(ui.available_width() / 3.0), theme.spacing.control);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(size.x);
            ui.add(Label::new(RichText::new(state).color(color)).truncate());
        });
        ui.add(Label::new(&migration.name).truncate()).accessible_name(spoken);
    });
}

fn table_drift(
    ui: &mut Ui,
    table: &TableDrift,
    texts: &Texts,
    catalog: &Catalog,
    events: &mut Vec<MigrationsEvent>,
) {
    let theme = Theme::of(ui.ctx());
    let meta = catalog.entry(table.table).ok().map(|entry| entry.meta);
    let name = meta.map_or_else(|| table.table.to_owned(), |meta| texts.entity(meta));
    ui.horizontal(|ui| {
        let link = ui.link(RichText::new(&name).strong());
        if link.on_hover_text(tr!(texts, "migrations-open", entity = name)).clicked() {
            events.push(MigrationsEvent::OpenEntity(table.table));
        }
        let state = match table.hinders() {
            Hindered::Nothing => tr!(texts, "migrations-harmless"),
            Hindered::Inserting | Hindered::Writing => tr!(texts, "migrations-read-only-table"),
            Hindered::Reading => tr!(texts, "migrations-unreadable-table"),
        };
        let color = if table.is_read_only() { theme.colors.wrong } else { theme.colors.text_weak };
        ui.label(RichText::new(state).color(color));
    });
    for drift in &table.drifts {
        let (mark, color) = match drift.hinders() {
            Hindered::Nothing => (icon::ICON_INFO, theme.colors.text_weak),
            _ => (icon::ICON_ERROR, theme.colors.wrong),
        };
        ui.horizontal_top(|ui| {
            ui.add_space(theme.spacing.group);
            ui.label(mark.rich_text().size(theme.text.icon).color(color));
            ui.add(Label::new(texts.drift(drift)).wrap());
        });
    }
}
