//! The bookshop's admin: a window, and commands for scripts.

mod arguments;
mod cancel;
mod check;
mod count;
mod delete;
mod engine;
mod export;
mod failure;
mod import;
mod list;
mod logging;
mod migrate;
mod output;
mod place;
mod progress;
mod seed;
mod terminal;
mod window;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser as _;
use failure::{Doing, Failure};
use place::Place;

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// As it was asked to.
    Done,
    /// Some rows were refused, the others were not.
    SomeRefused,
    /// The database's tables are not as the program expects.
    Drifted,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return not_understood(&error),
    };
    logging::start(arguments.shared.verbose);
    let doing = match &arguments.command {
        Some(command) if command.writes() => Doing::Writing,
        _ => Doing::Reading,
    };
    match run(arguments) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Drifted) => failure::MISSING.into(),
        Ok(Outcome::SomeRefused) => failure::REFUSED.into(),
        Err(error) => failure::exit_code(&error, doing).map_or(ExitCode::SUCCESS, |code| {
            let words = place::without_passwords(&failure::in_words(&error, doing));
            terminal::say(&format!("bindery: {words}"));
            code
        }),
    }
}

/// Prints help that was asked for, or what is wrong with a command line.
fn not_understood(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        // Without its colours, which nothing tells from those of an argument.
        terminal::say(&place::without_passwords(&error.render().to_string()));
        return failure::USAGE.into();
    }
    // A reader that went away is no error.
    error.print().ok();
    ExitCode::SUCCESS
}

fn run(arguments: Arguments) -> anyhow::Result<Outcome> {
    let Arguments { database, read_only, create, shared, command } = arguments;
    if command.is_some() && (database.is_some() || read_only || create) {
        let usage = "a database to open, --read-only and --create are for the window; a command \
                     takes its database from --url";
        return Err(Failure::Usage(usage.to_owned()).into());
    }
    if database.is_some() && shared.url.is_some() {
        let usage = "two databases are named, one of them by --url; name one";
        return Err(Failure::Usage(usage.to_owned()).into());
    }
    let place = Place::named(database.or(shared.url).as_deref())?;
    let result = match command {
        None => window::open(&place, window::Opening::of(read_only, create)),
        // Its own errors are not mended by running it.
        Some(Command::Migrate(migrate)) => return migrate::run(&place, migrate),
        Some(Command::Check(arguments)) => check::run(&place, &arguments),
        Some(Command::List(list)) => list::run(&place, &list),
        Some(Command::Count(count)) => count::run(&place, &count),
        Some(Command::Import(import)) => import::run(&place, &import),
        Some(Command::Export(export)) => export::run(&place, &export),
        Some(Command::Delete(delete)) => delete::run(&place, &delete),
        Some(Command::Seed(seed)) => seed::run(&place, seed),
    };
    result.map_err(|error| migrate::explain(&place, error))
}
