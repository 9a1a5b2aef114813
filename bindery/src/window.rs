//! Opening the window.

use admin_gui::i18n::{Language, TextSources};
use admin_gui::{Admin, CloseRequest};
use clap::CommandFactory as _;
use domain::{Author, sample};
use persistence::{Filter, Repository};

use crate::arguments::Arguments;
use crate::engine::{self, BookshopEngine, Mode, OnEngine};
use crate::failure::Failure;
use crate::place::{Existence, NamedBy, Place};
use crate::{Outcome, migrate};

/// How the window is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// For everything.
    ReadWrite,
    /// To look only.
    ReadOnly,
    /// For everything, after making the tables, and the file, where they are missing.
    Create,
}

impl Opening {
    /// Returns the mode of the command line's options, which exclude each other.
    pub const fn of(is_read_only: bool, is_create: bool) -> Self {
        match (is_read_only, is_create) {
            (true, _) => Self::ReadOnly,
            (false, true) => Self::Create,
            (false, false) => Self::ReadWrite,
        }
    }
}

/// Opens the window, and ends when it is closed.
///
/// # Errors
/// When there is no bookshop, or no screen.
pub fn open(place: &Place, opening: Opening) -> anyhow::Result<Outcome> {
    prepare(place, opening)?;
    let mode = if opening == Opening::ReadOnly { Mode::ReadOnly } else { Mode::ReadWrite };
    let catalog = engine::open_catalog(place, mode)?;
    let mut texts = TextSources::new();
    texts.add(Language::English, include_str!("i18n/en.ftl"))?;
    texts.add(Language::Russian, include_str!("i18n/ru.ftl"))?;
    let request = close_on_signal();
    Admin::from_catalog(catalog).title("Bindery").texts(texts).close_request(request).run()?;
    Ok(Outcome::Done)
}

/// Closes the window as its own button does when the system asks the program to end: SIGTERM, SIGINT
/// and SIGHUP, or what another system has in their place.
fn close_on_signal() -> CloseRequest {
    let request = CloseRequest::default();
    let closed = request.clone();
    if let Err(error) = ctrlc::set_handler(move || closed.close()) {
        tracing::warn!(%error, "signals end the program at once, whatever is not saved");
    }
    request
}

/// Makes what may be made, and finds out whether the tables are there.
fn prepare(place: &Place, opening: Opening) -> anyhow::Result<()> {
    let is_missing = place.existence() == Existence::Missing;
    match (place.named_by(), opening) {
        // An older bookshop of this computer is brought up to date, too.
        (NamedBy::Default, Opening::ReadWrite | Opening::Create) => {
            place.make_folder()?;
            migrate::apply(place)?;
            if is_missing {
                engine::on_engine(place, Stock)?;
            }
        }
        (NamedBy::User, Opening::Create) => {
            migrate::check_ours(place)?;
            migrate::apply(place)?;
        }
        (NamedBy::User, Opening::ReadWrite) if is_missing => {
            let word = place.as_word();
            let hint = match nearest_command(&word) {
                Some(command) => format!("did you mean `bindery {command}`?"),
                None => format!("to make a new bookshop there, run `bindery {word} --create`"),
            };
            let missing = format!("there is no file {}; {hint}", place.shown());
            return Err(Failure::Missing(missing).into());
        }
        _ => {
            if let Some(advice) = migrate::why_no_window(place)? {
                return Err(Failure::Missing(advice).into());
            }
        }
    }
    Ok(())
}

/// Returns the command that a word was probably meant to be.
fn nearest_command(word: &str) -> Option<String> {
    let commands = Arguments::command();
    let names = commands.get_subcommands().map(clap::Command::get_name);
    let distance = |name: &str| strsim::damerau_levenshtein(name, word);
    let nearest = names.min_by_key(|name| distance(name))?;
    (distance(nearest) <= 2).then(|| nearest.to_owned())
}

/// Puts a few well-known books into a new bookshop.
struct Stock;

impl OnEngine for Stock {
    type Output = ();

    fn run<C: BookshopEngine>(self, place: &Place) -> anyhow::Result<()> {
        let mut session = engine::open::<C>(place, Mode::ReadWrite)?.session()?;
        // Another window may have been opened for the first time at the same moment.
        if Repository::<Author>::count(&mut session, &Filter::All)? > 0 {
            return Ok(());
        }
        sample::stock(&mut session)?;
        Ok(session.commit()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_sound_fluent() {
        let mut texts = TextSources::new();
        texts.add(Language::English, include_str!("i18n/en.ftl")).expect("sound English texts");
        texts.add(Language::Russian, include_str!("i18n/ru.ftl")).expect("sound Russian texts");
    }

    #[test]
    fn a_mistyped_command_is_recognised_and_a_file_is_not() {
        assert_eq!(nearest_command("lst").as_deref(), Some("list"));
        assert_eq!(nearest_command("imprt").as_deref(), Some("import"));
        assert_eq!(nearest_command("bookshop.db"), None);
    }
}
