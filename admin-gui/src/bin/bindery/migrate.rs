//! `bindery migrate`

use domain::MIGRATIONS;
use persistence::backend::MigrationStatus;
use persistence::{Database, Error};

use crate::Outcome;
use crate::arguments::Migrate;
use crate::engine::{self, BookshopEngine, Mode, OnEngine};
use crate::failure::Failure;
use crate::place::{Existence, Place};
use crate::terminal::{self, harmless};

/// Prints, runs or reverts migrations.
///
/// # Errors
/// When the database cannot be reached or a migration fails.
pub fn run(place: &Place, command: Migrate) -> anyhow::Result<Outcome> {
    match command {
        Migrate::Status => {
            for migration in status(place)? {
                let state = if migration.is_applied { "applied" } else { "pending" };
                terminal::print_line(format_args!("{state}  {}", migration.name))?;
            }
        }
        Migrate::Run => {
            place.make_folder()?;
            let applied = engine::on_engine(place, Apply)?;
            if applied.is_empty() {
                terminal::print_line("nothing to do: every migration is applied")?;
            }
            for name in applied {
                terminal::print_line(format_args!("applied  {name}"))?;
            }
        }
        Migrate::Revert { yes: false } => {
            return Err(Failure::Usage(format!(
                "reverting takes tables of {} away with all their rows; say --yes if they may go",
                place.shown()
            ))
            .into());
        }
        Migrate::Revert { yes: true } => match engine::on_engine(place, Revert)? {
            Some(name) => terminal::print_line(format_args!("reverted  {name}"))?,
            None => terminal::print_line("nothing to do: no migration is applied")?,
        },
    }
    Ok(Outcome::Done)
}

/// Every migration, and whether the database has it. Writes nothing.
///
/// # Errors
/// When the database cannot be read.
pub fn status(place: &Place) -> anyhow::Result<Vec<MigrationStatus>> {
    engine::on_engine(place, Status)
}

/// Runs the pending migrations of a database that may not be there yet.
///
/// # Errors
/// When the database cannot be reached or a migration fails.
pub fn apply(place: &Place) -> anyhow::Result<Vec<String>> {
    engine::on_engine(place, Apply)
}

/// Makes an empty bookshop where there is no file yet, for commands that bring rows in.
///
/// # Errors
/// When the file cannot be made.
pub fn make_where_missing(place: &Place) -> anyhow::Result<()> {
    if place.existence() == Existence::Missing {
        place.make_folder()?;
        apply(place)?;
        terminal::say(&format!("made a new bookshop in {}", harmless(&place.shown())));
    }
    Ok(())
}

/// The error with what to do about it, where that is to run migrations.
pub fn explain(place: &Place, error: anyhow::Error) -> anyhow::Error {
    let is_about_schema =
        error.chain().any(|cause| matches!(cause.downcast_ref(), Some(Error::Schema { .. })));
    // A second error while looking for a cause of the first says nothing new.
    match is_about_schema.then(|| status(place)) {
        Some(Ok(status)) if status.iter().any(|migration| !migration.is_applied) => {
            error.context(pending(place))
        }
        _ => error,
    }
}

/// What to do about pending migrations.
pub fn pending(place: &Place) -> String {
    format!(
        "{} lacks tables of the bookshop; `bindery migrate run{}` makes them",
        place.shown(),
        place.as_option()
    )
}

struct Status;
struct Apply;
struct Revert;

impl OnEngine for Status {
    type Output = Vec<MigrationStatus>;

    fn run<C: BookshopEngine>(self, place: &Place) -> anyhow::Result<Self::Output> {
        Ok(engine::open::<C>(place, Mode::ReadOnly)?.migration_status(&MIGRATIONS)?)
    }
}

impl OnEngine for Apply {
    type Output = Vec<String>;

    fn run<C: BookshopEngine>(self, place: &Place) -> anyhow::Result<Self::Output> {
        Ok(Database::<C>::open(place.url())?.migrate(&MIGRATIONS)?)
    }
}

impl OnEngine for Revert {
    type Output = Option<String>;

    fn run<C: BookshopEngine>(self, place: &Place) -> anyhow::Result<Self::Output> {
        Ok(engine::open::<C>(place, Mode::ReadWrite)?.revert_migration(&MIGRATIONS)?)
    }
}
