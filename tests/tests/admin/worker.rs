//! The thread that talks to the database for the window.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use admin_gui::worker::{Answer, Answered, Lane, RecordNumber, Request, Worker};
use domain::{Author, Book, NewAuthor, NewBook};
use persistence::{
    Catalog, Entity as _, Filter, Memory, PageStart, Query, Record, Repository, Value,
};
use transfer::export::{self, Source};

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

fn worker() -> Worker {
    Worker::start("test", shop(), || {}).unwrap()
}

/// The next answer.
#[track_caller]
fn answer(worker: &mut Worker) -> Answered {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(answered) = worker.answers().pop() {
            return answered;
        }
        assert!(Instant::now() < deadline, "no answer came");
        std::thread::yield_now();
    }
}

fn choices(text: &str) -> Request {
    Request::Choices { table: "authors", text: text.to_owned(), size: 20 }
}

fn count(table: &'static str) -> Request {
    Request::Count { table, filter: Filter::All }
}

#[test]
fn only_the_newest_request_of_a_lane_is_answered() {
    let mut worker = worker();
    for text in ["x", "y", "Tolstoy"] {
        worker.ask(Lane::Choices(RecordNumber::default()), choices(text));
    }
    let Ok(Answer::Choices(found)) = answer(&mut worker).outcome else { panic!("no choices") };
    assert_eq!(found.len(), 1);
    assert!(!worker.is_waiting(Lane::Choices(RecordNumber::default())));
    worker.ask(Lane::Total("books"), count("books"));
    assert_eq!(answer(&mut worker).lane, Lane::Total("books"), "an old answer came late");
}

#[test]
fn a_lane_that_was_forgotten_is_not_answered() {
    let mut worker = worker();
    worker.ask(Lane::Choices(RecordNumber::default()), choices(""));
    worker.forget(Lane::Choices(RecordNumber::default()));
    worker.ask(Lane::Total("books"), count("books"));
    assert_eq!(answer(&mut worker).lane, Lane::Total("books"));
}

#[test]
fn what_starts_with_the_text_is_offered_before_what_contains_it() {
    let mut worker = worker();
    worker.ask(Lane::Choices(RecordNumber::default()), choices("lem"));
    let Ok(Answer::Choices(found)) = answer(&mut worker).outcome else { panic!("no choices") };
    let labels: Vec<_> = found.iter().map(|choice| choice.label.as_str()).collect();
    assert_eq!(labels, ["Anton Lemke", "Stanisław Lem"]);
    worker.ask(Lane::Choices(RecordNumber::default()), choices("leo"));
    let Ok(Answer::Choices(found)) = answer(&mut worker).outcome else { panic!("no choices") };
    assert_eq!(found.first().map(|choice| choice.key.clone()), Some(Value::Integer(2)));
}

#[test]
fn rows_come_with_the_labels_of_what_they_refer_to() {
    let mut worker = worker();
    let request =
        Request::Rows { table: "books", query: <Query>::new(), start: PageStart::First, size: 10 };
    worker.ask(Lane::Rows("books"), request);
    let Ok(Answer::Rows(rows)) = answer(&mut worker).outcome else { panic!("no rows") };
    let author = domain::Book::AUTHOR_ID.position();
    assert_eq!(rows.labels.get(author, &Value::Integer(1)), Some("Stanisław Lem"));
    assert!(!rows.has_next);
}

#[test]
fn a_failure_is_an_answer_and_the_next_request_works() {
    let mut worker = worker();
    worker.ask(Lane::Total("loans"), count("loans"));
    assert!(answer(&mut worker).outcome.is_err());
    worker.ask(Lane::Total("books"), count("books"));
    assert!(matches!(answer(&mut worker).outcome, Ok(Answer::Count(1))));
}

#[test]
fn a_write_that_fails_leaves_nothing_behind() {
    let catalog = shop();
    let mut worker = Worker::start("test", catalog.clone(), || {}).unwrap();
    let source =
        Source { meta: Author::meta(), query: <Query>::new(), rows: export::Rows::default() };
    worker.ask(Lane::DeletionPlan, Request::PlanDeletion { source, limit: 10 });
    let Ok(Answer::DeletionPlan(Some(planned))) = answer(&mut worker).outcome else {
        panic!("no plan")
    };
    worker.ask(Lane::Delete, Request::Delete(planned));
    assert!(answer(&mut worker).outcome.is_err(), "an author with books was deleted");
    let mut session = catalog.session().unwrap();
    assert_eq!(session.repository("authors").unwrap().count(&Filter::All).unwrap(), 3);
}

#[test]
fn writes_asked_for_are_done_even_if_the_window_closes() {
    let catalog = shop();
    let mut worker = Worker::start("test", catalog.clone(), || {}).unwrap();
    for number in 0..50 {
        let mut record = Record(vec![Value::Null; Author::BIOGRAPHY.position() + 2]);
        record.set(Author::NAME.position(), format!("Author {number}").into());
        worker
            .ask(Lane::Save(RecordNumber::default()), Request::Insert { table: "authors", record });
    }
    drop(worker);
    let mut session = catalog.session().unwrap();
    assert_eq!(session.repository("authors").unwrap().count(&Filter::All).unwrap(), 53);
}

#[test]
fn the_window_is_woken_once_for_every_answer() {
    let woken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&woken);
    let wake = move || {
        counter.fetch_add(1, Ordering::SeqCst);
    };
    let mut worker = Worker::start("test", shop(), wake).unwrap();
    worker.ask(Lane::Total("books"), count("books"));
    answer(&mut worker);
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
    let mut worker = Worker::start("fragile", shop(), wake).unwrap();
    worker.ask(Lane::Total("books"), count("books"));
    // The answer may have come before the thread died.
    answer(&mut worker);
    worker.ask(Lane::Total("authors"), count("authors"));
    let mut answered = answer(&mut worker);
    if answered.outcome.is_err() {
        worker.ask(Lane::Total("authors"), count("authors"));
        answered = answer(&mut worker);
    }
    assert!(matches!(answered.outcome, Ok(Answer::Count(_))), "{:?}", answered.outcome);
}

#[test]
fn one_answer_can_be_waited_for_and_the_others_are_kept() {
    let mut worker = worker();
    worker.ask(Lane::Total("authors"), count("authors"));
    worker.ask(Lane::Choices(RecordNumber::default()), choices("lem"));
    let answered = worker
        .answer_until(Lane::Choices(RecordNumber::default()), Instant::now() + DEADLINE)
        .unwrap();
    assert!(matches!(answered.outcome, Ok(Answer::Choices(_))), "{:?}", answered.outcome);
    let kept = answer(&mut worker);
    assert!(matches!((kept.lane, kept.outcome), (Lane::Total("authors"), Ok(Answer::Count(3)))));
}

#[test]
fn nothing_is_waited_for_that_has_not_been_asked() {
    let mut worker = worker();
    let begun = Instant::now();
    assert!(
        worker.answer_until(Lane::Choices(RecordNumber::default()), begun + DEADLINE).is_none()
    );
    assert!(begun.elapsed() < DEADLINE);
}
