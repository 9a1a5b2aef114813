//! Long work: how far it is, how it is stopped, what it leaves behind.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use admin_gui::jobs::{Failure, Jobs, Kind, Queue, Task, Topic, Work};
use admin_gui::settings::{KeptSettings, Settings, SettingsFile};
use admin_gui::tasks::{CopyCell, KeepSettings, WriteFile};
use diesel::SqliteConnection;
use domain::{Author, Book};
use integration_tests::sqlite;
use persistence::observe::{Binds, Statement};
use persistence::{Comparison, Database, Entity as _, Error, Filter, Query, RecordKey, Value};
use transfer::export::{
    Export, ExportColumns, ExportError, FormatKind, FormatOptions, Rows, Source, SqlDialect,
};

use super::{
    Broken, DEADLINE, SETTINGS, Slow, TOTAL, Told, WRITTEN, answer, answer_on, count, dropped, jobs,
};

const EXPORT: Topic = Topic::new("export", Queue::Exports);
const COPY: Topic = Topic::new("copy", Queue::Copies);

/// Long work on rows: says that it has begun, and goes on until it is told to, or stopped.
struct Long {
    begun: SyncSender<()>,
    go_on: Receiver<()>,
}

impl Task for Long {
    type Output = &'static str;

    fn run(self, work: &mut Work<'_>) -> persistence::Result<&'static str> {
        work.progress.total(9);
        work.progress.done(4);
        self.begun.send(()).unwrap();
        let deadline = Instant::now() + DEADLINE;
        while !work.progress.is_cancelled() && self.go_on.try_recv().is_err() {
            assert!(Instant::now() < deadline, "nobody says anything");
            std::thread::yield_now();
        }
        Ok(if work.progress.is_cancelled() { "stopped" } else { "done" })
    }
}

#[test]
fn how_far_a_task_is_can_be_seen_while_it_works() {
    let mut jobs = jobs();
    let (begun, has_begun) = sync_channel(1);
    let (go, go_on) = sync_channel(1);
    let before = Instant::now();
    let long = jobs.ask(COPY.only(), Long { begun, go_on }, |_, _, _| {});
    has_begun.recv_timeout(DEADLINE).unwrap();
    let progress = jobs.progress(COPY.only()).unwrap();
    assert_eq!((progress.rows_done(), progress.rows_in_all()), (4, Some(9)));
    assert!(progress.elapsed() <= before.elapsed());
    assert!(jobs.progress(COPY.of(1)).is_none(), "of what nobody has asked");
    go.send(()).unwrap();
    let answer = jobs.wait(&long, Instant::now() + DEADLINE).unwrap().0;
    assert_eq!(answer.unwrap(), "done");
    assert!(jobs.progress(COPY.only()).is_none());
}

#[test]
fn what_is_stopped_is_answered_and_what_is_superseded_is_not() {
    let mut jobs = jobs();
    let (begun, has_begun) = sync_channel(2);
    let (_go, go_on) = sync_channel(1);
    let older = jobs.ask(COPY.only(), Long { begun: begun.clone(), go_on }, |_, _, _| {});
    has_begun.recv_timeout(DEADLINE).unwrap();
    let (_go, go_on) = sync_channel(1);
    let newer = jobs.ask(COPY.only(), Long { begun, go_on }, |_, _, _| {});
    // The older one has ended.
    has_begun.recv_timeout(DEADLINE).unwrap();
    jobs.stop(COPY.only());
    assert!(jobs.wait(&older, Instant::now() + DEADLINE).is_none());
    let answer = jobs.wait(&newer, Instant::now() + DEADLINE).unwrap().0;
    assert_eq!(answer.unwrap(), "stopped");
}

#[test]
fn what_is_stopped_before_it_has_begun_asks_the_database_nothing() {
    let mut jobs = jobs();
    let (begun, has_begun) = sync_channel(1);
    let (go, go_on) = sync_channel(1);
    jobs.ask(WRITTEN.only(), Slow { begun, go_on }, |_, _, _| {});
    has_begun.recv_timeout(DEADLINE).unwrap();
    let counted = jobs.ask(TOTAL.only(), count("books"), |_, _, _| {});
    jobs.stop(TOTAL.only());
    go.send(()).unwrap();
    let (answer, report) = jobs.wait(&counted, Instant::now() + DEADLINE).unwrap();
    assert!(matches!(answer, Err(Failure::Database(Error::Cancelled))), "{answer:?}");
    assert!(report.statements.is_empty());
}

/// Counts twice; waits before one of the statements, with its session open, until it is stopped.
struct CountTwice {
    waits_before: u32,
    begun: SyncSender<()>,
}

impl Task for CountTwice {
    type Output = u64;

    fn run(self, work: &mut Work<'_>) -> persistence::Result<u64> {
        let mut counted = 0;
        for statement in 1..=2 {
            work.session()?;
            if statement == self.waits_before {
                self.begun.send(()).unwrap();
                let deadline = Instant::now() + DEADLINE;
                while !work.progress.is_cancelled() {
                    assert!(Instant::now() < deadline, "it is not stopped");
                    std::thread::yield_now();
                }
            }
            counted += work.session()?.repository("books")?.count(&Filter::All)?;
        }
        Ok(counted)
    }
}

/// Counts the books so often, each time up to another key.
struct CountOften(i64);

impl Task for CountOften {
    type Output = ();

    fn run(self, work: &mut Work<'_>) -> persistence::Result<()> {
        for key in 1..=self.0 {
            let filter = Filter::compare("id", Comparison::Less, Value::Integer(key));
            work.session()?.repository("books")?.count(&filter)?;
        }
        Ok(())
    }
}

#[test]
fn of_a_task_with_many_statements_only_the_last_are_told() {
    let (database, _place) = integration_tests::shop::database::<SqliteConnection>(sqlite());
    let catalog = database.catalog().entity::<Author>().entity::<Book>().build();
    let mut jobs = Jobs::<Told>::start(&catalog, || {}).unwrap();
    jobs.note_values(Binds::Shown);
    let mut counted = |times: i64| {
        let asked = jobs.ask(TOTAL.only(), CountOften(times), |_, _, _| {});
        let (answer, report) = jobs.wait(&asked, Instant::now() + DEADLINE).unwrap();
        answer.unwrap();
        let is_count = |statement: &&Statement| statement.sql.contains("COUNT(*)");
        let counts: Vec<Statement> = report.statements.iter().filter(is_count).cloned().collect();
        (report.statements.len(), counts)
    };
    let (_, few) = counted(100);
    assert_eq!(few.len(), 100);
    let (all, many) = counted(1_200);
    assert_eq!(all, 500);
    let last = format!("{:?}", many.last().unwrap());
    assert!(last.contains("1200"), "{last}");
}

#[track_caller]
fn assert_stopped_before(statement: u32) {
    let mut jobs = jobs();
    let (begun, has_begun) = sync_channel(1);
    let task = CountTwice { waits_before: statement, begun };
    let counted = jobs.ask(TOTAL.only(), task, |_, _, _| {});
    has_begun.recv_timeout(DEADLINE).unwrap();
    jobs.stop(TOTAL.only());
    let answer = jobs.wait(&counted, Instant::now() + DEADLINE).unwrap().0;
    assert!(matches!(answer, Err(Failure::Database(Error::Cancelled))), "{answer:?}");
}

#[test]
fn what_is_stopped_between_its_session_and_its_first_statement_is_cancelled() {
    assert_stopped_before(1);
}

#[test]
fn what_is_stopped_between_two_statements_is_cancelled() {
    assert_stopped_before(2);
}

#[test]
fn what_is_stopped_while_it_waits_for_a_session_is_cancelled() {
    let place = sqlite();
    let builder = Database::<SqliteConnection>::builder(place.url());
    let database = builder.pool_size(1).open().unwrap();
    database.migrate(&domain::MIGRATIONS).unwrap();
    let catalog = database.catalog().entity::<Author>().entity::<Book>().build();
    let mut jobs = Jobs::<Told>::start(&catalog, || {}).unwrap();
    let held = catalog.session().unwrap();
    let counted = jobs.ask(TOTAL.only(), count("books"), |_, _, _| {});
    let early = jobs.wait(&counted, Instant::now() + Duration::from_millis(300));
    assert!(early.is_none(), "there was another session: {early:?}");
    jobs.stop(TOTAL.only());
    drop(held);
    let answer = jobs.wait(&counted, Instant::now() + DEADLINE).unwrap().0;
    assert!(matches!(answer, Err(Failure::Database(Error::Cancelled))), "{answer:?}");
}

/// The books as lines of JSON in a file.
fn file_of_books(path: &Path) -> WriteFile {
    let meta = Book::meta();
    let source = Source { meta, query: <Query>::new(), rows: Rows::All };
    let (columns, format) = (ExportColumns::all(meta), FormatKind::JsonLines);
    let options = FormatOptions::new(SqlDialect::Sqlite);
    WriteFile { export: Export { source, columns, format, options }, path: path.to_owned() }
}

#[test]
fn a_stopped_export_says_so_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.jsonl");
    std::fs::write(&path, "old").unwrap();
    let mut jobs = jobs();
    let (begun, has_begun) = sync_channel(1);
    let (go, go_on) = sync_channel(1);
    jobs.ask(EXPORT.of(1), Slow { begun, go_on }, |_, _, _| {});
    has_begun.recv_timeout(DEADLINE).unwrap();
    let export = jobs.ask(EXPORT.only(), file_of_books(&path), |_, _, _| {});
    jobs.stop(EXPORT.only());
    go.send(()).unwrap();
    let outcome = jobs.wait(&export, Instant::now() + DEADLINE).unwrap().0;
    assert!(matches!(outcome, Ok(Err(ExportError::Cancelled))), "{outcome:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    // The next one is written.
    let written = answer_on(&mut jobs, EXPORT.only(), file_of_books(&path)).unwrap().unwrap();
    assert_eq!(written.rows, 1);
    assert!(std::fs::read_to_string(&path).unwrap().contains("Solaris"));
}

#[test]
fn a_panic_in_an_export_is_an_answer_and_the_next_export_works() {
    let folder = tempfile::tempdir().unwrap();
    let mut jobs = jobs();
    let failure = answer_on(&mut jobs, EXPORT.only(), Broken).unwrap_err();
    assert!(matches!(failure, Failure::Panicked { .. }), "{failure}");
    let task = file_of_books(&folder.path().join("books.jsonl"));
    assert_eq!(answer_on(&mut jobs, EXPORT.only(), task).unwrap().unwrap().rows, 1);
}

#[test]
fn a_long_export_delays_neither_copies_nor_counts_nor_settings() {
    let folder = tempfile::tempdir().unwrap();
    let mut jobs = jobs();
    let (begun, has_begun) = sync_channel(1);
    let (_go, go_on) = sync_channel(1);
    jobs.ask(EXPORT.only(), Long { begun, go_on }, |_, _, _| {});
    has_begun.recv_timeout(DEADLINE).unwrap();
    let title = Book::TITLE.position();
    let cell = CopyCell { table: "books", key: RecordKey::from(1), position: title };
    assert_eq!(answer_on(&mut jobs, COPY.only(), cell).unwrap().text, "Solaris");
    assert_eq!(answer(&mut jobs, count("books")).unwrap(), 1);
    let kept = KeptSettings::new(SettingsFile::in_folder(folder.path()), Settings::default());
    let task = KeepSettings { kept, settings: Settings::default() };
    answer_on(&mut jobs, SETTINGS.only(), task).unwrap().unwrap();
    assert!(jobs.is_waiting(EXPORT.only()));
}

/// A file that is being made: when it is stopped it says so, and clears up once it is told to.
struct Made {
    begun: SyncSender<()>,
    stopped: SyncSender<()>,
    clear_up: Receiver<()>,
}

impl Task for Made {
    type Output = ();
    const KIND: Kind = Kind::Makes;

    fn run(self, work: &mut Work<'_>) -> persistence::Result<()> {
        self.begun.send(()).unwrap();
        let deadline = Instant::now() + DEADLINE;
        while !work.progress.is_cancelled() {
            assert!(Instant::now() < deadline, "it is not stopped");
            std::thread::yield_now();
        }
        self.stopped.send(()).unwrap();
        self.clear_up.recv_timeout(DEADLINE).unwrap();
        Ok(())
    }
}

#[test]
fn closing_stops_an_export_and_waits_until_it_has_left_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.jsonl");
    let (begun, has_begun) = sync_channel(1);
    let (stopped, has_stopped) = sync_channel(1);
    let (go, clear_up) = sync_channel(1);
    let task = file_of_books(&path);
    let dropped = dropped(move || {
        let mut jobs = jobs();
        jobs.ask(EXPORT.of(1), Made { begun, stopped, clear_up }, |_, _, _| {});
        has_begun.recv_timeout(DEADLINE).unwrap();
        // This one will not begin any more.
        jobs.ask(EXPORT.of(2), task, |_, _, _| {});
        jobs
    });
    has_stopped.recv_timeout(DEADLINE).expect("it was not stopped");
    let early = dropped.recv_timeout(Duration::from_millis(300));
    assert!(early.is_err(), "it was not waited for");
    go.send(()).unwrap();
    dropped.recv_timeout(DEADLINE).expect("it hangs");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn closing_does_not_wait_for_what_only_reads() {
    let (begun, has_begun) = sync_channel(1);
    // Nobody listens to this one.
    let (stopped, _has_stopped) = sync_channel(1);
    let (go, clear_up) = sync_channel(1);
    let dropped = dropped(move || {
        let mut jobs = jobs();
        jobs.ask(COPY.only(), Deaf(Made { begun, stopped, clear_up }), |_, _, _| {});
        has_begun.recv_timeout(DEADLINE).unwrap();
        jobs
    });
    dropped.recv_timeout(DEADLINE).expect("it was waited for");
    go.send(()).unwrap();
}

/// The same, where it makes nothing.
struct Deaf(Made);

impl Task for Deaf {
    type Output = ();

    fn run(self, work: &mut Work<'_>) -> persistence::Result<()> {
        self.0.run(work)
    }
}
