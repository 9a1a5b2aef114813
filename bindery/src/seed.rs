//! `bindery seed`

use std::ops::ControlFlow;

use domain::seed::{SeedError, Seeded, seed};

use persistence::{Begin, SessionOptions};

use crate::arguments::Seed;
use crate::engine::{self, BookshopEngine, Mode, OnEngine};
use crate::failure::Failure;
use crate::place::Place;
use crate::progress::Progress;
use crate::{Outcome, cancel, migrate, terminal};

/// Makes up books, in one transaction.
///
/// # Errors
/// When the database refuses, or with Ctrl-C; nothing is kept then.
pub fn run(place: &Place, arguments: Seed) -> anyhow::Result<Outcome> {
    cancel::on_ctrl_c()?;
    migrate::make_where_missing(place, arguments.create)?;
    // Before it is set up for bulk writes: what is no bookshop stays as it is.
    if let Some(advice) = migrate::advice(place)? {
        return Err(Failure::Missing(advice).into());
    }
    let Seeded { authors, books } = engine::on_engine(place, Work(arguments))?;
    terminal::print_line(format_args!("{books} books and {authors} authors made up"))?;
    Ok(Outcome::Done)
}

struct Work(Seed);

impl OnEngine for Work {
    type Output = Seeded;

    fn run<C: BookshopEngine>(self, place: &Place) -> anyhow::Result<Seeded> {
        let Self(Seed { books, seed: number, .. }) = self;
        let database = engine::open::<C>(place, Mode::Bulk)?;
        let begin = SessionOptions { begin: Begin::AtOnce, ..SessionOptions::default() };
        let mut session = database.session_with(begin)?;
        let progress = Progress::rows(books, "seeding");
        let seeded = seed(&mut session, books, number, |done| {
            progress.at(done);
            if cancel::is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match seeded {
            Ok(seeded) => {
                cancel::committing(|| session.commit())?;
                Ok(seeded)
            }
            Err(SeedError::Cancelled) => {
                session.rollback()?;
                Err(Failure::Cancelled.into())
            }
            Err(error @ SeedError::TooMany { .. }) => {
                Err(Failure::Refused(error.to_string()).into())
            }
            Err(SeedError::Database(error)) => Err(error.into()),
            Err(error) => Err(error.into()),
        }
    }
}
