//! Opening the window.

use domain::sample;

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
    /// Of the command line's options, which exclude each other.
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
    let _catalog = engine::open_catalog(place, mode)?;
    Ok(Outcome::Done)
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
            migrate::apply(place)?;
        }
        (NamedBy::User, Opening::ReadWrite) if is_missing => {
            return Err(Failure::Missing(format!(
                "there is no file {0}; to make a new bookshop there, run `bindery {1} --create`",
                place.shown(),
                place.as_word()
            ))
            .into());
        }
        _ => {
            if migrate::status(place)?.iter().any(|migration| !migration.is_applied) {
                return Err(Failure::Missing(migrate::pending(place)).into());
            }
        }
    }
    Ok(())
}

/// Puts a few well-known books into a new bookshop.
struct Stock;

impl OnEngine for Stock {
    type Output = ();

    fn run<C: BookshopEngine>(self, place: &Place) -> anyhow::Result<()> {
        let mut session = engine::open::<C>(place, Mode::ReadWrite)?.session()?;
        sample::stock(&mut session)?;
        Ok(session.commit()?)
    }
}
