//! The threads that work for the window.

mod long;
mod settings;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use admin_gui::jobs::{Failure, Jobs, Kind, Lane, Queue, Task, Topic, Work};
use admin_gui::tasks::{Count, FindChoices, ReadRows, RecordNumber, Write};
use domain::{Author, Book, NewAuthor, NewBook};
use persistence::edit::{Edit, EditKind, NewValue};
use persistence::{Catalog, Entity as _, Filter, Memory, PageStart, Query, Repository, Value};

/// How long to wait for what must happen.
const DEADLINE: Duration = Duration::from_secs(20);

fn shop() -> Catalog {
    let mut shop = Memory::new().with::<Author>().with::<Book>();
    for name in ["Stanisław Lem", "Leo Tolstoy", "Anton Lemke"] {
        let name = name.to_owned();
        Repository::<Author>::insert(&mut shop, NewAuthor { name, born_on: None, biography: None })
            .unwrap();
    }
    let solaris = NewBook {
        title: "Solaris".to_owned(),
        author: 1_i64.into(),
        isbn: None,
        published_on: None,
        price: None,
        in_print: true,
    };
    Repository::<Book>::insert(&mut shop, solaris).unwrap();
    shop.commit().unwrap();
    shop.catalog()
}

const CHOICES: Topic = Topic::new("choices", Queue::Rows);
const TOTAL: Topic = Topic::new("total", Queue::Rows);
const WRITTEN: Topic = Topic::new("written", Queue::Rows);
const SETTINGS: Topic = Topic::new("settings", Queue::Settings);

/// What was told: the question, and how it ended.
type Told = Vec<(&'static str, Result<String, Failure>)>;

fn jobs() -> Jobs<Told> {
    Jobs::start(&shop(), || {}).unwrap()
}

/// Asks, and has the answer told under a name.
fn ask<T: Task>(jobs: &mut Jobs<Told>, name: &'static str, about: u64, task: T)
where
    T::Output: std::fmt::Debug,
{
    let topic = if name == "choices" { CHOICES } else { TOTAL };
    jobs.ask(topic.of(about), task, move |told, outcome, _| {
        told.push((name, outcome.map(|output| format!("{output:?}"))));
    });
}

/// Asks, and waits for the answer.
#[track_caller]
fn answer<T: Task>(jobs: &mut Jobs<Told>, task: T) -> Result<T::Output, Failure> {
    answer_on(jobs, WRITTEN.only(), task)
}

#[track_caller]
fn answer_on<T: Task>(jobs: &mut Jobs<Told>, lane: Lane, task: T) -> Result<T::Output, Failure> {
    let ticket = jobs.ask(lane, task, |_, _, _| {});
    jobs.wait(&ticket, Instant::now() + DEADLINE).expect("no answer came").0
}

/// The next answers that are told.
#[track_caller]
fn told(jobs: &mut Jobs<Told>) -> Told {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let mut told = Told::new();
        for arrived in jobs.arrived(Queue::Rows) {
            arrived.deliver(&mut told);
        }
        if !told.is_empty() {
            return told;
        }
        assert!(Instant::now() < deadline, "no answer came");
        std::thread::yield_now();
    }
}

fn choices(text: &str) -> FindChoices {
    FindChoices { table: "authors", text: text.to_owned(), size: 20 }
}

fn count(table: &'static str) -> Count {
    Count { table, filter: Filter::All }
}

/// Asserts that one answer is told next, and which.
#[track_caller]
fn assert_told(jobs: &mut Jobs<Told>, name: &str, output: &str) {
    let told = told(jobs);
    assert!(matches!(&told[..], [(of, Ok(found))] if *of == name && found == output), "{told:?}");
}

#[test]
fn only_the_newest_question_of_a_lane_is_answered() {
    let mut jobs = jobs();
    for text in ["x", "y", "Tolstoy"] {
        ask(&mut jobs, "choices", 0, choices(text));
    }
    assert_told(&mut jobs, "choices", r#"[Choice { key: Integer(2), label: "Leo Tolstoy" }]"#);
    assert!(!jobs.is_waiting(CHOICES.of(0)));
    ask(&mut jobs, "books", 1, count("books"));
    assert_told(&mut jobs, "books", "1");
}

#[test]
fn a_lane_that_was_forgotten_is_not_answered() {
    let mut jobs = jobs();
    ask(&mut jobs, "choices", 0, choices(""));
    jobs.forget(CHOICES.of(0));
    ask(&mut jobs, "books", 1, count("books"));
    assert_told(&mut jobs, "books", "1");
}

#[test]
fn what_starts_with_the_text_is_offered_before_what_contains_it() {
    let mut jobs = jobs();
    let found = answer(&mut jobs, choices("lem")).unwrap();
    let labels: Vec<_> = found.iter().map(|choice| choice.label.as_str()).collect();
    assert_eq!(labels, ["Anton Lemke", "Stanisław Lem"]);
    let found = answer(&mut jobs, choices("leo")).unwrap();
    assert_eq!(found.first().map(|choice| choice.key.clone()), Some(Value::Integer(2)));
}

#[test]
fn rows_come_with_the_labels_of_what_they_refer_to() {
    let (query, start) = (<Query>::new(), PageStart::First);
    let rows = answer(&mut jobs(), ReadRows { table: "books", query, start, size: 10 }).unwrap();
    let author = Book::AUTHOR_ID.position();
    assert_eq!(rows.labels.get(author, &Value::Integer(1)), Some("Stanisław Lem"));
    assert!(!rows.has_next);
}

#[test]
fn a_failure_is_an_answer_and_the_next_question_works() {
    let mut jobs = jobs();
    ask(&mut jobs, "loans", 1, count("loans"));
    let failed = told(&mut jobs);
    assert!(matches!(failed[..], [("loans", Err(Failure::Database(_)))]), "{failed:?}");
    ask(&mut jobs, "books", 1, count("books"));
    assert_told(&mut jobs, "books", "1");
}

/// A question whose answer is a panic.
struct Broken;

impl Task for Broken {
    type Output = ();

    fn run(self, _: &mut Work<'_>) -> persistence::Result<()> {
        panic!("a wheel came off")
    }
}

#[test]
fn a_panic_is_an_answer_and_the_next_question_works() {
    let mut jobs = jobs();
    let failure = answer(&mut jobs, Broken).unwrap_err();
    assert!(matches!(&failure, Failure::Panicked { message } if message == "a wheel came off"));
    assert_eq!(answer(&mut jobs, count("books")).unwrap(), 1);
}

#[test]
fn a_write_that_fails_leaves_nothing_behind() {
    let catalog = shop();
    let mut jobs = Jobs::start(&catalog, || {}).unwrap();
    let mut session = catalog.session().unwrap();
    let author = session.repository("authors").unwrap().find(&1.into()).unwrap().unwrap();
    let edit = Edit::between(Author::meta(), Some(&author), None).unwrap();
    assert!(answer(&mut jobs, Write(edit)).is_err(), "an author with books was deleted");
    let mut session = catalog.session().unwrap();
    assert_eq!(session.repository("authors").unwrap().count(&Filter::All).unwrap(), 3);
}

#[test]
fn writes_asked_for_are_done_even_if_the_window_closes() {
    let catalog = shop();
    let mut jobs = Jobs::<Told>::start(&catalog, || {}).unwrap();
    for number in 0..50 {
        let name = NewValue::Known(format!("Author {number}").into());
        let kind = EditKind::Insert { row: 0, columns: vec![("name".into(), name)] };
        let edit = Edit { table: "authors".into(), kind };
        jobs.ask(WRITTEN.of(RecordNumber::default()), Write(edit), |_, _, _| {});
    }
    drop(jobs);
    let mut session = catalog.session().unwrap();
    assert_eq!(session.repository("authors").unwrap().count(&Filter::All).unwrap(), 53);
}

/// Asks and closes on a thread of its own; says when that is done.
fn dropped(asked: impl FnOnce() -> Jobs<Told> + Send + 'static) -> Receiver<()> {
    let (done, told) = sync_channel(1);
    let close = move || {
        drop(asked());
        done.send(()).ok();
    };
    std::thread::Builder::new().name("closing".to_owned()).spawn(close).unwrap();
    told
}

/// A write that says that it was done.
struct Noted(SyncSender<()>);

impl Task for Noted {
    type Output = ();
    const KIND: Kind = Kind::Writes;

    fn run(self, _: &mut Work<'_>) -> persistence::Result<()> {
        self.0.send(()).unwrap();
        Ok(())
    }
}

#[test]
fn more_writes_than_fit_are_done_though_nobody_takes_the_answers() {
    const ALL: u64 = 200;
    let (note, noted) = sync_channel(200);
    let (told, all_noted) = sync_channel(1);
    let dropped = dropped(move || {
        let mut jobs = jobs();
        for number in 0..ALL {
            jobs.ask(WRITTEN.of(number), Noted(note.clone()), |_, _, _| {});
            // After 33 of them the thread has no room for its answers.
            let awaited = match number {
                19 => 20,
                39 => 13,
                _ => 0,
            };
            (0..awaited).for_each(|_| noted.recv_timeout(DEADLINE).unwrap());
        }
        told.send(noted).unwrap();
        jobs
    });
    dropped.recv_timeout(DEADLINE).expect("it hangs");
    assert_eq!(all_noted.recv().unwrap().iter().count(), 200 - 33);
}

/// A write that begins, and goes on when it is told to.
struct Slow {
    begun: SyncSender<()>,
    go_on: Receiver<()>,
}

impl Task for Slow {
    type Output = ();
    const KIND: Kind = Kind::Writes;

    fn run(self, _: &mut Work<'_>) -> persistence::Result<()> {
        self.begun.send(()).unwrap();
        self.go_on.recv_timeout(DEADLINE).unwrap();
        Ok(())
    }
}

#[test]
fn a_write_whose_answer_nobody_wants_is_waited_for() {
    let (begun, has_begun) = sync_channel(1);
    let (go, go_on) = sync_channel(1);
    let dropped = dropped(move || {
        let mut jobs = jobs();
        jobs.ask(WRITTEN.of(1), Slow { begun, go_on }, |_, _, _| {});
        has_begun.recv_timeout(DEADLINE).unwrap();
        jobs.forget(WRITTEN.of(1));
        jobs
    });
    let early = dropped.recv_timeout(Duration::from_millis(300));
    assert!(early.is_err(), "the write was not waited for");
    go.send(()).unwrap();
    dropped.recv_timeout(DEADLINE).expect("it hangs");
}

#[test]
fn the_window_is_woken_once_for_every_answer() {
    let woken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&woken);
    let wake = move || {
        counter.fetch_add(1, Ordering::SeqCst);
    };
    let mut jobs = Jobs::start(&shop(), wake).unwrap();
    answer(&mut jobs, count("books")).unwrap();
    let deadline = Instant::now() + DEADLINE;
    while woken.load(Ordering::SeqCst) == 0 {
        assert!(Instant::now() < deadline, "the window was not woken");
        std::thread::yield_now();
    }
    assert_eq!(woken.load(Ordering::SeqCst), 1);
}

#[test]
fn a_thread_that_has_died_is_replaced() {
    // Whoever wakes the window may fail, too: that is outside of everything that is caught.
    let failed = AtomicBool::new(false);
    let wake = move || assert!(failed.swap(true, Ordering::SeqCst), "the window is not there");
    let mut jobs = Jobs::start(&shop(), wake).unwrap();
    ask(&mut jobs, "books", 1, count("books"));
    // The answer may have come before the thread died.
    told(&mut jobs);
    ask(&mut jobs, "authors", 1, count("authors"));
    let mut answered = told(&mut jobs);
    if answered.iter().any(|(_, outcome)| outcome.is_err()) {
        ask(&mut jobs, "authors", 1, count("authors"));
        answered = told(&mut jobs);
    }
    assert!(matches!(&answered[..], [("authors", Ok(count))] if count == "3"), "{answered:?}");
}

#[test]
fn one_answer_can_be_waited_for_and_the_others_are_kept() {
    let mut jobs = jobs();
    ask(&mut jobs, "authors", 1, count("authors"));
    ask(&mut jobs, "choices", 0, choices("leo"));
    let arrived = jobs.arrives(CHOICES.of(0), Instant::now() + DEADLINE).unwrap();
    let mut told = Told::new();
    arrived.deliver(&mut told);
    assert!(matches!(told[..], [("choices", Ok(_))]), "{told:?}");
    assert_told(&mut jobs, "authors", "3");
}

#[test]
fn a_frame_waits_for_many_answers_no_longer_than_for_one() {
    let (begun, has_begun) = sync_channel(1);
    let (go, go_on) = sync_channel(1);
    let mut jobs = jobs();
    let slow = jobs.ask(WRITTEN.only(), Slow { begun, go_on }, |_, _, _| {});
    has_begun.recv_timeout(DEADLINE).unwrap();
    jobs.set_patience(Duration::from_millis(20));
    assert!(jobs.wait_in_frame(&slow).is_none());
    assert_eq!(jobs.patience(), Duration::ZERO, "nothing is left for another one");
    go.send(()).unwrap();
    jobs.set_patience(DEADLINE);
    assert!(jobs.wait_in_frame(&slow).is_some());
    assert!(jobs.patience() > Duration::ZERO);
}

#[test]
fn nothing_is_waited_for_that_has_not_been_asked() {
    let mut jobs = jobs();
    let begun = Instant::now();
    assert!(jobs.arrives(CHOICES.of(0), begun + DEADLINE).is_none());
    // Nor for what a newer question has superseded.
    let old = jobs.ask(CHOICES.of(0), choices("lem"), |_, _, _| {});
    ask(&mut jobs, "choices", 0, choices("leo"));
    assert!(jobs.wait(&old, begun + DEADLINE).is_none());
    assert!(begun.elapsed() < DEADLINE);
}
