//! How the database fits the program, as it is asked for; what is run and reverted, and what follows.

use egui::Context;

use super::AdminApp;
use super::context::Known;
use super::effects::Effect;
use super::migration_question::MigrationQuestion;
use super::production::name_of;
use super::workspace::Workspace;
use super::{Effects, Notice};
use crate::command::Situation;
use crate::jobs::{Failure, Lane, Queue, Topic};
use crate::open_in::OpenIn;
use crate::pages::migrations::{Migrations, MigrationsEvent, Obstacle};
use crate::panes::{Page, Pane};
use crate::tasks::{LookAtSchema, Step, TakeStep};
use crate::tr;

/// How the database fits the program.
const SCHEMA: Topic = Topic::new("schema", Queue::Searches).unlogged();
/// One migration that is run or reverted; what is committed waits for it.
const STEP: Topic = Topic::new("migration", Queue::Rows);

/// Returns why no migration is run or reverted now.
pub(super) const fn migration_obstacle(
    now: &Situation,
    migrations: &Migrations,
) -> Option<Obstacle> {
    if now.is_read_only {
        Some(Obstacle::ReadOnly)
    } else if migrations.is_running() {
        Some(Obstacle::Running)
    } else if now.is_committing {
        Some(Obstacle::Committing)
    } else if now.has_staged || now.is_changed {
        Some(Obstacle::Staged)
    } else {
        None
    }
}

/// Does what the page asks for.
pub(super) fn migrations_event(event: MigrationsEvent, effects: &mut Effects) {
    match event {
        MigrationsEvent::Look => look_at_schema(effects),
        MigrationsEvent::AskTo(step, names) => effects.push(Effect::AskToMigrate(step, names)),
        MigrationsEvent::Stop => effects.push(Effect::StopMigrating),
        MigrationsEvent::OpenEntity(table) => {
            effects.push(Effect::Show(Pane::Entity(table.to_owned()), OpenIn::NewTab));
        }
    }
}

/// Looks how the database fits the program.
pub(super) fn look_at_schema(effects: &mut Effects) {
    effects.ask(SCHEMA.only(), LookAtSchema, |workspace, outcome, known, effects| {
        let tables = workspace.pages.migrations.migrations.take(known.in_words(outcome));
        workspace.pages.find_history(known.catalog);
        workspace.reread_tables(&tables, effects);
    });
}

fn take_step(step: Step, name: String, effects: &mut Effects) {
    let task = TakeStep { step, name: name.clone() };
    effects.ask(STEP.only(), task, move |workspace, outcome, known, effects| {
        workspace.migrated((step, &name), outcome, known, effects);
    });
}

impl Workspace {
    /// Reads again what is shown of tables that fit in another way than before.
    fn reread_tables(&mut self, tables: &[&'static str], effects: &mut Effects) {
        if tables.is_empty() {
            return;
        }
        for table in tables {
            effects.push(Effect::WrittenByOthers(table));
        }
        effects.push(Effect::ForgetLookups);
        self.pages.reread();
        self.statistics.reread();
        self.records.reread_panel(effects);
        self.records.reread_tabs();
    }

    /// Goes on after a step, or tells what has come of all of them and looks how the database fits now.
    fn migrated(
        &mut self,
        (step, name): (Step, &str),
        outcome: Result<(), Failure>,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let (texts, error) = (known.texts, known.in_words(outcome).err());
        let migrations = &mut self.pages.migrations.migrations;
        if let Some((step, next)) = migrations.stepped(error.is_none()) {
            return take_step(step, next, effects);
        }
        effects.tell(match (&error, step) {
            (Some(error), _) => Notice::failure(error.clone()),
            (None, Step::Run) => Notice::success(tr!(texts, "migrations-ran", name = name)),
            (None, Step::Revert) => Notice::success(tr!(texts, "migrations-reverted", name = name)),
        });
        effects.ask(SCHEMA.only(), LookAtSchema, move |workspace, outcome, known, effects| {
            let migrations = &mut workspace.pages.migrations.migrations;
            migrations.take(known.in_words(outcome));
            migrations.keep_error(error);
            workspace.pages.find_history(known.catalog);
            // Any table may be another one now, whether its entity fits as before or not.
            let tables: Vec<_> = workspace.views.iter().map(|view| view.meta().table).collect();
            workspace.reread_tables(&tables, effects);
        });
    }
}

impl AdminApp {
    /// Asks whether to run or revert migrations, or says why not.
    pub(super) fn ask_to_migrate(&mut self, context: &Context, step: Step, names: Vec<String>) {
        let now = self.situation_apart(context);
        let migrations = &self.workspace.pages.migrations.migrations;
        if let Some(obstacle) = migration_obstacle(&now, migrations) {
            let said = self.preferences.texts.text(obstacle.text());
            return self.effects.tell(Notice::failure(said));
        }
        let is_production = self.preferences.is_production();
        let name = is_production.then(|| name_of(&self.program.target));
        self.dialogs.migration = Some(MigrationQuestion::new(step, names, name));
    }

    /// Begins to run or revert migrations that a person has agreed to.
    pub(super) fn migrate(&mut self, context: &Context, step: Step, names: Vec<String>) {
        let now = self.situation_apart(context);
        let migrations = &mut self.workspace.pages.migrations.migrations;
        if let Some(obstacle) = migration_obstacle(&now, migrations) {
            let said = self.preferences.texts.text(obstacle.text());
            return self.effects.tell(Notice::failure(said));
        }
        if let Some(first) = migrations.begin(step, names) {
            self.effects.hush();
            take_step(step, first, &mut self.effects);
        }
    }

    /// Draws the question whether to run or revert migrations, and begins once it is answered.
    pub(super) fn show_migration_question(&mut self, context: &Context) {
        let Some(question) = &mut self.dialogs.migration else { return };
        let Some(is_agreed) = question.show(context, &self.preferences.texts) else { return };
        if let Some(question) = self.dialogs.migration.take().filter(|_| is_agreed) {
            let (step, names) = question.into_steps();
            self.migrate(context, step, names);
        }
    }

    /// Looks again how the database fits, where an answer on a lane says that it does not, or who wrote has found it
    /// to fit in another way. Where looking itself said so, it would do that for ever.
    pub(super) fn watch_schema(&mut self, lane: Lane, is_unfit: bool) {
        let is_other = || {
            let migrations = &self.workspace.pages.migrations.migrations;
            migrations.is_known() && *migrations.drift() != *self.program.catalog.drift()
        };
        // After migrations it is looked at anyway.
        let is_ours = lane == SCHEMA.only() || lane == STEP.only();
        if !is_ours && !self.jobs.is_waiting(SCHEMA.only()) && (is_unfit || is_other()) {
            look_at_schema(&mut self.effects);
        }
    }

    /// Shows the page.
    pub(super) fn show_migrations(&mut self) {
        self.workspace.show_pane(Pane::Page(Page::Migrations), OpenIn::NewTab);
    }
}
