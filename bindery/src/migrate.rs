//! `bindery migrate`

use std::io::{self, IsTerminal as _};

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
        Migrate::Run { yes } => {
            if !yes {
                agree(place)?;
            }
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

/// Returns every migration, and whether the database has it. Writes nothing.
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

/// Makes an empty bookshop where there is no file yet, if that was asked for.
///
/// # Errors
/// When the file cannot be made.
pub fn make_where_missing(place: &Place, is_wanted: bool) -> anyhow::Result<()> {
    if is_wanted && place.existence() == Existence::Missing {
        place.make_folder()?;
        apply(place)?;
        terminal::say(&format!("made a new bookshop in {}", harmless(&place.shown())));
    }
    Ok(())
}

/// Returns the error with what to do about it, where that is to run migrations, or what else the
/// database is.
pub fn explain(place: &Place, error: anyhow::Error) -> anyhow::Error {
    let is_about_schema =
        error.chain().any(|cause| matches!(cause.downcast_ref(), Some(Error::Schema { .. })));
    // A second error while looking for a cause of the first says nothing new.
    match is_about_schema.then(|| advice(place)) {
        Some(Ok(Some(advice))) => error.context(advice),
        _ => error,
    }
}

/// Returns what to do about tables of the bookshop that are not there; `None` where they are.
///
/// # Errors
/// When the database cannot be read.
pub fn advice(place: &Place) -> anyhow::Result<Option<String>> {
    let found = engine::on_engine(place, Look)?;
    Ok(match found.pending {
        Pending::None => None,
        Pending::Some => Some(pending(place)),
        Pending::All if found.others.is_empty() => Some(pending(place)),
        Pending::All if found.missing.is_empty() => None,
        Pending::All => Some(format!(
            "{} is no bookshop: these tables are not there: {}; it has {}",
            place.shown(),
            found.missing.join(", "),
            listed(&found.others)
        )),
    })
}

/// Returns why a window cannot be opened on a database: it has no table of the bookshop. One that is
/// only behind can be looked at, and its migrations run from there.
///
/// # Errors
/// When the database cannot be read.
pub fn why_no_window(place: &Place) -> anyhow::Result<Option<String>> {
    let is_behind = engine::on_engine(place, Look)?.pending == Pending::Some;
    if is_behind { Ok(None) } else { advice(place) }
}

/// Refuses a database that is something else.
///
/// # Errors
/// [`Failure::Usage`] then, and when the database cannot be read.
pub fn check_ours(place: &Place) -> anyhow::Result<()> {
    match question(place)? {
        Some(question) => Err(Failure::Usage(format!(
            "{question}; if that may be, run `bindery migrate run{} --yes`",
            place.as_option()
        ))
        .into()),
        None => Ok(()),
    }
}

/// Asks before anything is added to a database that is something else.
fn agree(place: &Place) -> anyhow::Result<()> {
    let Some(question) = question(place)? else { return Ok(()) };
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let usage = format!("{question}; say --yes if that may be");
        return Err(Failure::Usage(usage).into());
    }
    eprint!("{}.\nAdd them? [y/N] ", harmless(&question));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::Usage("nothing was added".to_owned()).into()),
    }
}

/// Returns what has to be agreed to before tables are added; `None` where the database is a
/// bookshop, or empty, or not there yet.
fn question(place: &Place) -> anyhow::Result<Option<String>> {
    if place.existence() == Existence::Missing {
        return Ok(None);
    }
    let found = engine::on_engine(place, Look)?;
    Ok(match found.pending {
        Pending::All if !found.others.is_empty() => Some(format!(
            "{} has tables of something else: {}; the bookshop's would be added: {}",
            place.shown(),
            listed(&found.others),
            engine::tables().join(", "),
        )),
        _ => None,
    })
}

/// Returns the first of them, and how many more there are.
fn listed(tables: &[String]) -> String {
    const MOST: usize = 8;
    let first = tables.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    match tables.len().checked_sub(MOST) {
        None | Some(0) => first,
        Some(more) => format!("{first} and {more} more"),
    }
}

fn pending(place: &Place) -> String {
    format!(
        "{} lacks tables of the bookshop; `bindery migrate run{}` makes them",
        place.shown(),
        place.as_option()
    )
}

/// What a database has of the bookshop, and beside it.
struct Found {
    pending: Pending,
    /// Tables of the bookshop that are not there.
    missing: Vec<&'static str>,
    /// Tables that are there, where no migration of the bookshop was run: of something else.
    others: Vec<String>,
}

/// Which migrations the database does not have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    None,
    Some,
    All,
}

struct Look;

impl OnEngine for Look {
    type Output = Found;

    fn run<C: BookshopEngine>(self, place: &Place) -> anyhow::Result<Found> {
        let database = engine::open::<C>(place, Mode::ReadOnly)?;
        let migrations = database.migration_status(&MIGRATIONS)?;
        let mut others = database.tables()?;
        // Where the tools keep which migrations were run.
        others.retain(|table| table != "__diesel_schema_migrations");
        let is_there = |table: &str| others.iter().any(|there| there == table);
        let missing = engine::tables().into_iter().filter(|table| !is_there(table)).collect();
        let applied = migrations.iter().filter(|migration| migration.is_applied).count();
        let pending = match applied {
            all if all == migrations.len() => Pending::None,
            0 => Pending::All,
            _ => Pending::Some,
        };
        Ok(Found { pending, missing, others })
    }
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
        let builder = Database::<C>::builder(place.url()).create_missing();
        Ok(builder.open()?.migrate(&MIGRATIONS)?)
    }
}

impl OnEngine for Revert {
    type Output = Option<String>;

    fn run<C: BookshopEngine>(self, place: &Place) -> anyhow::Result<Self::Output> {
        Ok(engine::open::<C>(place, Mode::ReadWrite)?.revert_migration(&MIGRATIONS)?)
    }
}
