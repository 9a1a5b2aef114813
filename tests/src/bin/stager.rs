//! A program that stages something and writes it to a journal, for tests that end it in the middle of that, or
//! let it have no room: `stager FOLDER append`, `stager FOLDER compact`, `stager FOLDER without-room`; or that commits it
//! to a database, too: `stager FOLDER commit URL`, `stager FOLDER commit-without-room FILE`, `stager FOLDER fail-every`.

use std::path::Path;

use anyhow::{Context as _, ensure};
use integration_tests::staged::{DATABASE, after, entries, seen, step};
use integration_tests::{MysqlConnection, PgConnection, SqliteConnection, rounds};
use persistence::Database;
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
        Some("fail-every") => fail_every(folder),
        Some("commit-without-room") => {
            commit_without_room(folder, &arguments.next().context("to which file?")?)
        }
        Some("commit") => commit(folder, &arguments.next().context("to which database?")?),
        other => anyhow::bail!("what is to be done? Not {other:?}"),
    }
}

/// Stages, writes and commits to the database of a URL until it is ended.
fn commit(folder: &Path, url: &str) -> anyhow::Result<()> {
    match url.split_once("://") {
        Some(("postgres" | "postgresql", _)) => rounds::go_on::<PgConnection>(folder, url),
        Some(("mysql" | "mariadb", _)) => rounds::go_on::<MysqlConnection>(folder, url),
        _ => rounds::go_on::<SqliteConnection>(folder, url),
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

/// Has every n-th write to the journal fail, for every n, and the program end at the end of it. Says how many writes
/// failed.
#[cfg(unix)]
fn fail_every(folder: &Path) -> anyhow::Result<()> {
    const STEPS: u64 = 40;
    let mut failed = 0;
    for every in 1..=STEPS {
        let mut staging = Staging::new(&entries());
        let mut journal = Journal::create(folder, DATABASE, &entries())?;
        // What is certainly on the disk.
        let mut kept = 0;
        for number in 0..STEPS {
            let step = step(&mut staging, number);
            let is_to_fail = (number + 1).is_multiple_of(every);
            if is_to_fail {
                // A part of what is written has room, another one each time.
                let length = std::fs::metadata(journal.path())?.len();
                allow(Some(length.min(number * 7) + number % 5))?;
            }
            let appended = journal.append(&step, &staging);
            allow(None)?;
            match appended {
                Ok(()) => kept = number + 1,
                Err(_) if is_to_fail => failed += 1,
                Err(error) => return Err(error).context("there was room"),
            }
            if number % 11 == 3 && !is_to_fail {
                journal.compact(&staging)?;
                kept = number + 1;
            }
        }
        drop(journal);
        let left = Journal::left_behind(folder, DATABASE, &entries())?;
        ensure!(left.len() < 2, "{every}: another journal is left");
        let staged = left.first().map(|left| seen(&left.staging));
        let expected = after(kept);
        let is_as_expected = match &staged {
            Some(staged) => *staged == seen(&expected),
            None => expected.is_empty(),
        };
        ensure!(is_as_expected, "{every}: it is not what was kept, {kept} steps");
        for left in left {
            left.discard()?;
        }
    }
    println!("{failed}");
    Ok(())
}

/// Commits to a file that has room for a bit more each time, until it has enough; then once more, where there is none
/// for the journal. Says how often that was.
#[cfg(unix)]
fn commit_without_room(folder: &Path, file: &str) -> anyhow::Result<()> {
    use persistence::staging::{Outcome, interrupted};
    let database = Database::<SqliteConnection>::open(file)?;
    let catalog = rounds::catalog(&database);
    rounds::furnish(&catalog)?;
    let mut staging = Staging::new(catalog.entries());
    let mut journal = Journal::create(folder, file, catalog.entries())?;
    for number in 0..rounds::acts(1) {
        let mut session = catalog.session()?;
        for step in rounds::act(&mut staging, &mut *session, 1, number)? {
            journal.append(&step, &staging)?;
        }
    }
    let staged = rounds::told(&staging);
    let edits = staging.edits().map_err(|wrong| anyhow::anyhow!("{wrong:?}"))?;
    let lengths = || -> anyhow::Result<u64> {
        let lengths = ["", "-wal", "-shm"].map(|end| std::fs::metadata(format!("{file}{end}")));
        Ok(lengths.into_iter().flatten().map(|found| found.len()).max().unwrap_or_default())
    };
    let write = |room: Option<u64>| -> anyhow::Result<persistence::Result<()>> {
        let mut session = catalog.writing_session()?;
        allow(room)?;
        let result = session.apply(&edits).map(|applied| applied.rows);
        let result = result.map(|rows| (session.commit(), rows));
        drop(session);
        allow(None)?;
        Ok(match result {
            Ok((Err(persistence::Error::CommitUnknown { .. }), rows)) => {
                let mut session = catalog.writing_session()?;
                let outcome = interrupted(&rows, &mut *session)?;
                ensure!(outcome == Outcome::NotCommitted, "without room it is {outcome:?}");
                Err(persistence::Error::Data { message: "not committed".to_owned() })
            }
            Ok((committed, _)) => committed,
            Err(error) => Err(error),
        })
    };
    let before = rounds::now(&catalog)?;
    let mut kinds = std::collections::BTreeMap::<String, u32>::new();
    for times in 0.. {
        // All files have the same limit: the largest of them has no room at first.
        let room = times * 509;
        match write(Some(room))? {
            Ok(()) => {
                ensure!(
                    rounds::now(&catalog)? == rounds::after(1),
                    "{room}: something else is written"
                );
                eprintln!("{kinds:?}, written with {room} bytes, {} are there", lengths()?);
                println!("{times}");
                break;
            }
            Err(error) => {
                *kinds.entry(error.to_string()).or_default() += 1;
                ensure!(
                    rounds::now(&catalog)? == before,
                    "{room}: {error}, but something is written"
                );
                ensure!(rounds::told(&staging) == staged, "{room}: it is staged no more");
            }
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn fail_every(_folder: &Path) -> anyhow::Result<()> {
    anyhow::bail!("this system limits no files")
}

#[cfg(not(unix))]
fn commit_without_room(_folder: &Path, _file: &str) -> anyhow::Result<()> {
    anyhow::bail!("this system limits no files")
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
