//! A program that stages something and writes it to a journal, for tests that end it in the middle of that, or
//! let it have no room: `stager FOLDER append`, `stager FOLDER compact`, `stager FOLDER without-room`.

use std::path::Path;

use anyhow::{Context as _, ensure};
use integration_tests::staged::{DATABASE, after, entries, seen, step};
use persistence::staging::Staging;
use persistence::staging::journal::Journal;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().context("which folder?")?;
    let folder = Path::new(&folder);
    match arguments.next().as_deref() {
        Some("append") => go_on(folder, false),
        Some("compact") => go_on(folder, true),
        Some("without-room") => without_room(folder),
        other => anyhow::bail!("what is to be done? Not {other:?}"),
    }
}

/// Stages and writes until it is ended. Says the number of each step once that is written.
fn go_on(folder: &Path, compacts: bool) -> anyhow::Result<()> {
    let mut staging = Staging::new(&entries());
    let mut journal = Journal::create(folder, DATABASE, &entries())?;
    for number in 0.. {
        let step = step(&mut staging, number);
        journal.append(&step, &staging)?;
        println!("{number}");
        if compacts {
            journal.compact(&staging)?;
        }
    }
    Ok(())
}

/// Has room for a bit more of a step each time, but never for all of it. Says how often that was.
#[cfg(unix)]
fn without_room(folder: &Path) -> anyhow::Result<()> {
    const WRITTEN: u64 = 4;
    /// Fewer bytes than any journal has.
    const HEADER: u64 = 64;
    let refused = |journal: &mut Journal, staging: &mut Staging, number| {
        journal.append(&step(staging, number), staging).is_err()
    };
    for room in 0.. {
        let mut staging = Staging::new(&entries());
        let mut journal = Journal::create(folder, DATABASE, &entries())?;
        for number in 0..WRITTEN {
            journal.append(&step(&mut staging, number), &staging)?;
        }
        let before = std::fs::read(journal.path())?;
        allow(Some(before.len() as u64 + room))?;
        let is_refused = refused(&mut journal, &mut staging, WRITTEN);
        let now = std::fs::read(journal.path())?;
        // It cannot be written anew either.
        allow(Some(room % HEADER))?;
        let is_refused_again = refused(&mut journal, &mut staging, WRITTEN + 1);
        allow(None)?;
        if !is_refused {
            println!("{room}");
            return Ok(());
        }
        ensure!(now == before, "{room}: something is left of what was not written");
        ensure!(is_refused_again, "{room}: there is no room for that");
        ensure!(std::fs::read(journal.path())? == before, "{room}: what was written is another");
        ensure!(std::fs::read_dir(folder)?.count() == 1, "{room}: there is something else");
        let next = step(&mut staging, WRITTEN + 2);
        journal.append(&next, &staging)?;
        let next = step(&mut staging, WRITTEN + 3);
        journal.append(&next, &staging)?;
        drop(journal);
        let left = Journal::left_behind(folder, DATABASE, &entries())?.pop();
        let left = left.with_context(|| format!("{room}: it is not there"))?;
        ensure!(seen(&left.staging) == seen(&after(WRITTEN + 4)), "{room}: it is another");
        left.discard()?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn without_room(_folder: &Path) -> anyhow::Result<()> {
    anyhow::bail!("this system limits no files")
}

/// Limits how large the program's files may become.
#[cfg(unix)]
fn allow(bytes: Option<u64>) -> anyhow::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(maximum), maximum })
        .context("no limit can be set")
}
