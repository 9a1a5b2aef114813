//! The connection is cut after every byte of a commit of what is staged: nothing staged is lost, what is said of the
//! commit is true, and it is written once.

use std::collections::BTreeMap;

use diesel::{MysqlConnection, PgConnection};
use integration_tests::office::{OfficeEngine, open};
use integration_tests::rounds::{act, acts, after, catalog, furnish, now, told};
use integration_tests::{Fault, Side, TestDatabase, mysql, postgres, relaying_url};
use persistence::edit::Written;
use persistence::staging::journal::Journal;
use persistence::staging::{Outcome, Staging, interrupted};
use persistence::{Catalog, Database, Error};

/// Of how many bytes before a commit's own one has its turn: `BINDERY_CUT_EVERY`, a prime number where nothing is said.
fn every() -> usize {
    let every = std::env::var("BINDERY_CUT_EVERY").ok();
    every.map_or(211, |every| every.parse().expect("BINDERY_CUT_EVERY is a number"))
}

/// Since when bytes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    /// Since the first statement.
    Statements,
    /// Since the commit.
    Commit,
}

/// Writes what is staged; `None` where it could not even begin.
fn write(
    catalog: &Catalog,
    (staging, journal): (&Staging, &mut Journal),
    before_commit: impl FnOnce(),
) -> (Option<Vec<Written>>, Result<(), Error>) {
    let mut session = match catalog.writing_session() {
        Ok(session) => session,
        Err(error) => return (None, Err(error)),
    };
    let applied = match session.apply(&staging.edits().unwrap()) {
        Ok(applied) => applied,
        Err(error) => return (None, Err(error)),
    };
    journal.committing(&applied.rows).unwrap();
    before_commit();
    (Some(applied.rows), session.commit())
}

fn nothing_is_lost<C: OfficeEngine>(place: &TestDatabase) {
    drop(open::<C>(place));
    let directly = catalog(&Database::<C>::open(place.url()).unwrap());
    furnish(&directly).unwrap();
    let (relay, url) = relaying_url(place.url());
    let relayed = catalog(&Database::<C>::builder(&url).pool_size(1).open().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let entries = directly.entries();
    let mut staging = Staging::new(entries);
    let mut journal = Journal::create(folder.path(), "office", entries).unwrap();
    let mut round = 0;
    let mut ends: BTreeMap<String, u32> = BTreeMap::new();
    let mut unknown = (0, 0);
    for since in [Since::Statements, Since::Commit] {
        for side in [Side::Client, Side::Server] {
            let step = if since == Since::Commit { 1 } else { every() };
            for bytes in (0..).step_by(step) {
                round += 1;
                for number in 0..acts(round) {
                    let mut session = directly.session().unwrap();
                    for step in act(&mut staging, &mut *session, round, number).unwrap() {
                        journal.append(&step, &staging).unwrap();
                    }
                }
                let staged = told(&staging);
                let fail = |now| {
                    if since == now {
                        relay.fail_after(side, bytes, Fault::Cut);
                    }
                };
                fail(Since::Statements);
                let (rows, result) =
                    write(&relayed, (&staging, &mut journal), || fail(Since::Commit));
                let is_over = relay.is_failing_later();
                relay.fail_no_more();
                let name = format!("{since:?} {side:?} {bytes}");
                if is_over {
                    assert!(result.is_ok(), "{name}: nothing was cut, but {result:?}");
                }
                let kind = match &result {
                    Ok(()) => "committed",
                    Err(Error::CommitUnknown { .. }) => "unknown",
                    Err(Error::Unavailable { .. }) => "unavailable",
                    Err(Error::Retryable { .. }) => "retryable",
                    Err(error) => panic!("{name}: this says not what to do: {error:?}"),
                };
                *ends.entry(kind.to_owned()).or_default() += 1;
                let is_written = match (&result, rows) {
                    (Ok(()), _) => true,
                    (Err(Error::CommitUnknown { .. }), Some(rows)) => {
                        let mut session = directly.writing_session().unwrap();
                        let outcome = interrupted(&rows, &mut *session).unwrap();
                        unknown.0 += 1;
                        unknown.1 += u32::from(outcome == Outcome::Committed);
                        assert_ne!(outcome, Outcome::Unknown, "{name}");
                        outcome == Outcome::Committed
                    }
                    _ => false,
                };
                let expected = if is_written { round } else { round - 1 };
                assert_eq!(now(&directly).unwrap(), after(expected), "{name}");
                assert_eq!(told(&staging), staged, "{name}: it is staged no more");
                if !is_written {
                    // The same is written as soon as it can be.
                    let (_, result) = write(&relayed, (&staging, &mut journal), || {});
                    result.unwrap();
                    assert_eq!(now(&directly).unwrap(), after(round), "{name}");
                }
                let step = staging.finish();
                journal.append(&step, &staging).unwrap();
                if is_over {
                    break;
                }
            }
        }
    }
    println!("{}: {ends:?}, of {} unknown {} were written", C::NAME, unknown.0, unknown.1);
    assert!(
        0 < unknown.1 && unknown.1 < unknown.0,
        "some are cut before it is written, some after"
    );
}

#[test]
fn nothing_staged_is_lost_wherever_a_commit_is_cut_on_postgres() {
    nothing_is_lost::<PgConnection>(&postgres());
}

#[test]
fn nothing_staged_is_lost_wherever_a_commit_is_cut_on_mysql() {
    nothing_is_lost::<MysqlConnection>(&mysql());
}
