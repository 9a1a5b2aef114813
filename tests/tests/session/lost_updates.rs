//! Two who write the same rows of a table without a version, in any order of their steps: what one
//! has written is merged or in the other's way, and never lost.

#![allow(
    clippy::option_option,
    clippy::needless_pass_by_value,
    reason = "a row that is to be deleted is none; a database goes with its test"
)]

use diesel::{MysqlConnection, PgConnection, SqliteConnection};
use integration_tests::{TestDatabase, mysql, postgres, sqlite};
use persistence::{
    Catalog, Database, DynSession, Entity, Error, Filter, Key, Memory, Query, Repository, Session,
    Store,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

diesel::table! {
    notes (id) { id -> BigInt, former -> Nullable<Integer>, latter -> Text }
}

/// A row without a version.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = notes)]
struct Note {
    #[entity(key)]
    id: i64,
    former: Option<i32>,
    latter: String,
}

/// What one of the two does with the row.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Reads it, and ends the transaction in which it was read or does not.
    Read {
        ends: bool,
    },
    /// Changes what was read, without writing it.
    SetFormer(Option<i32>),
    SetLatter(u8),
    /// Writes what was changed.
    Save,
    /// Deletes what was read.
    Delete,
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let step = prop_oneof![
        3 => any::<bool>().prop_map(|ends| Step::Read { ends }),
        2 => prop::option::of(0..3).prop_map(Step::SetFormer),
        2 => (0..3_u8).prop_map(Step::SetLatter),
        4 => Just(Step::Save),
        1 => Just(Step::Delete),
    ];
    prop::collection::vec((0..2_usize, step), 1..24)
}

fn text(number: u8) -> String {
    // Alike to many a collation.
    ["a", "A", "a "][usize::from(number)].to_owned()
}

fn first() -> Note {
    Note { id: 1, former: None, latter: text(0) }
}

/// What came of a write.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Written,
    Refused,
}

/// One of the two.
trait Actor {
    fn read(&mut self, ends: bool) -> Option<Note>;
    /// Writes what differs of the two, or with `None` deletes the row.
    fn write(&mut self, base: &Note, mine: Option<&Note>) -> Outcome;
}

/// Goes through steps, comparing what is written with what has to be.
fn check(
    actors: &mut [Box<dyn Actor + '_>; 2],
    steps: &[(usize, Step)],
    stored: &mut dyn FnMut() -> Option<Note>,
) -> Result<(), TestCaseError> {
    let mut now = Some(first());
    let mut known: [Option<(Note, Note)>; 2] = [None, None];
    for &(who, step) in steps {
        match (step, &mut known[who]) {
            (Step::Read { ends }, known) => {
                let read = actors[who].read(ends);
                prop_assert_eq!(&read, &now);
                *known = read.map(|row| (row.clone(), row));
            }
            (Step::SetFormer(former), Some((_, mine))) => mine.former = former,
            (Step::SetLatter(latter), Some((_, mine))) => mine.latter = text(latter),
            (Step::Save | Step::Delete, place @ Some(_)) => {
                let (base, mine) = place.take().unwrap();
                let mine = matches!(step, Step::Save).then_some(mine);
                let outcome = actors[who].write(&base, mine.as_ref());
                let merged = now.as_ref().and_then(|now| merged(now, &base, mine.as_ref()));
                let may_be_merged = merged.is_some() || mine.as_ref() == Some(&base);
                if outcome == Outcome::Written {
                    prop_assert!(may_be_merged, "lost {:?}: {:?} → {:?}", now, base, mine);
                    now = merged.unwrap_or(now);
                }
                // Refusing what could be merged loses nothing: a snapshot may be too old.
                prop_assert_eq!(&stored(), &now);
            }
            _ => {}
        }
    }
    Ok(())
}

/// What the row is after a write that takes nothing back which the other has written; `None`
/// where there is none.
fn merged(now: &Note, base: &Note, mine: Option<&Note>) -> Option<Option<Note>> {
    let Some(mine) = mine else { return (now == base).then_some(None) };
    let former = if mine.former == base.former { now.former } else { mine.former };
    let latter = if mine.latter == base.latter { &now.latter } else { &mine.latter };
    let clashes = mine.former != base.former && now.former != base.former
        || mine.latter != base.latter && now.latter != base.latter;
    (!clashes).then(|| Some(Note { former, latter: latter.clone(), ..*now }))
}

/// Works on rows that a session tracks.
struct Tracking<C: Store<Note>>(Session<C>, Option<Key<Note>>);

impl<C: Store<Note>> Actor for Tracking<C> {
    fn read(&mut self, ends: bool) -> Option<Note> {
        self.0.rollback().unwrap();
        self.0.expire_all();
        self.1 = self.0.query::<Note>().one_or_none().unwrap();
        if ends {
            self.0.commit().unwrap();
        }
        self.1.map(|key| self.0[key].clone())
    }

    fn write(&mut self, _: &Note, mine: Option<&Note>) -> Outcome {
        let key = self.1.take().unwrap();
        match mine {
            Some(mine) => self.0[key] = mine.clone(),
            None => self.0.delete(key).unwrap(),
        }
        let result = self.0.commit();
        outcome(result, || self.0.rollback().unwrap())
    }
}

/// Works on rows that a program holds, as a service's handlers do.
struct Holding<C: Store<Note>>(Session<C>);

impl<C: Store<Note>> Actor for Holding<C> {
    fn read(&mut self, ends: bool) -> Option<Note> {
        self.0.rollback().unwrap();
        let found = self.0.find(&1).unwrap();
        if ends {
            self.0.commit().unwrap();
        }
        found
    }

    fn write(&mut self, _: &Note, mine: Option<&Note>) -> Outcome {
        let result = match mine {
            Some(mine) => Repository::update(&mut self.0, mine.clone()).map(drop),
            None => Repository::<Note>::delete(&mut self.0, &1),
        };
        let result = result.and_then(|()| self.0.commit());
        outcome(result, || self.0.rollback().unwrap())
    }
}

/// The same in memory.
struct Remembering(Memory);

impl Actor for Remembering {
    fn read(&mut self, _: bool) -> Option<Note> {
        self.0.rollback().unwrap();
        self.0.find(&1).unwrap()
    }

    fn write(&mut self, _: &Note, mine: Option<&Note>) -> Outcome {
        let result = match mine {
            Some(mine) => Repository::update(&mut self.0, mine.clone()).map(drop),
            None => Repository::<Note>::delete(&mut self.0, &1),
        };
        let result = result.and_then(|()| self.0.commit());
        outcome(result, || self.0.rollback().unwrap())
    }
}

/// Works as the window does: each request in a session of its own.
struct Window(Catalog);

impl Window {
    fn in_session<T>(
        &self,
        run: impl FnOnce(&mut dyn DynSession) -> persistence::Result<T>,
    ) -> persistence::Result<T> {
        let mut session = self.0.session()?;
        let value = run(session.as_mut())?;
        session.commit()?;
        Ok(value)
    }
}

impl Actor for Window {
    fn read(&mut self, _: bool) -> Option<Note> {
        let rows = self.in_session(|session| session.repository("notes")?.list(&Query::new()));
        rows.unwrap().pop().map(|row| Note::from_record(row).unwrap())
    }

    fn write(&mut self, base: &Note, mine: Option<&Note>) -> Outcome {
        let result = self.in_session(|session| {
            let mut notes = session.repository("notes")?;
            match mine {
                Some(mine) => notes.update_from(&base.to_record(), mine.to_record()).map(drop),
                None => notes.delete_from(&base.to_record()),
            }
        });
        outcome(result, || {})
    }
}

fn outcome(result: persistence::Result<()>, refused: impl FnOnce()) -> Outcome {
    match result {
        Ok(()) => Outcome::Written,
        Err(Error::Conflict(_) | Error::NotFound { .. } | Error::Retryable { .. }) => {
            refused();
            Outcome::Refused
        }
        Err(error) => panic!("{error:?}"),
    }
}

/// Goes through many random orders, beginning each time with the same row.
fn check_all(
    cases: u32,
    mut begin: impl FnMut(),
    mut actors: impl FnMut() -> [Box<dyn Actor>; 2],
    mut stored: impl FnMut() -> Option<Note>,
) {
    let mut actors = actors();
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let cell = std::cell::RefCell::new((&mut begin, &mut actors, &mut stored));
    runner
        .run(&steps(), |steps| {
            let (begin, actors, stored) = &mut *cell.borrow_mut();
            // Nobody holds a transaction open from the last time.
            for actor in actors.iter_mut() {
                actor.read(true);
            }
            begin();
            check(actors, &steps, stored)
        })
        .unwrap();
}

fn on<C: Store<Note>>(place: TestDatabase, cases: u32) {
    let text = match C::NAME {
        "SQLite" => "TEXT COLLATE NOCASE",
        "PostgreSQL" => "TEXT",
        _ => "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    };
    place.execute(&format!(
        "CREATE TABLE notes (id BIGINT PRIMARY KEY, former INTEGER, latter {text} NOT NULL)"
    ));
    let database = Database::<C>::open(place.url()).unwrap();
    let begin = || {
        let mut session = database.session().unwrap();
        Repository::<Note>::delete_where(&mut session, &Filter::All).unwrap();
        let Note { id, former, latter } = first();
        let _: Note = session.insert(NewNote { id, former, latter }).unwrap();
        session.commit().unwrap();
    };
    let stored = || database.session().unwrap().find(&1).unwrap();
    begin();
    let session = || database.session().unwrap();
    let tracking = || Box::new(Tracking(session(), None)) as Box<dyn Actor>;
    let holding = || Box::new(Holding(session())) as Box<dyn Actor>;
    check_all(cases, begin, || [tracking(), tracking()], stored);
    check_all(cases, begin, || [tracking(), holding()], stored);
    let window = || Box::new(Window(database.catalog().entity::<Note>().build())) as Box<dyn Actor>;
    check_all(cases, begin, || [window(), window()], stored);
    check_all(cases, begin, || [window(), holding()], stored);
}

#[test]
fn nothing_is_lost_on_sqlite() {
    on::<SqliteConnection>(sqlite(), 64);
}

#[test]
fn nothing_is_lost_on_postgres() {
    on::<PgConnection>(postgres(), 16);
}

#[test]
fn nothing_is_lost_on_mysql() {
    on::<MysqlConnection>(mysql(), 10);
}

#[test]
fn nothing_is_lost_in_memory() {
    let memory = Memory::new().with::<Note>();
    let begin = || {
        let mut session = memory.session();
        Repository::<Note>::delete_where(&mut session, &Filter::All).unwrap();
        let Note { id, former, latter } = first();
        let _: Note = session.insert(NewNote { id, former, latter }).unwrap();
        session.commit().unwrap();
    };
    let stored = || memory.session().find(&1).unwrap();
    begin();
    let holding = || Box::new(Remembering(memory.session())) as Box<dyn Actor>;
    let window = || Box::new(Window(memory.catalog())) as Box<dyn Actor>;
    check_all(256, begin, || [holding(), holding()], stored);
    check_all(256, begin, || [window(), holding()], stored);
}
