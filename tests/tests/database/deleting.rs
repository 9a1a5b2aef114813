//! What the window deletes while others write to the same server.

use std::time::{Duration, Instant};

use admin_gui::worker::{Answer, Lane, Request, Worker};
use domain::{Address, NewUser, User};
use integration_tests::{MysqlConnection, PgConnection, TestDatabase, mysql, postgres};
use persistence::{Database, Engine, Entity as _, Query, Repository as _, Store};
use transfer::export::{Rows, Source};

const DEADLINE: Duration = Duration::from_mins(1);

fn rows_that_others_commit_while_the_deletion_waits_are_asked_about<C>(place: &TestDatabase)
where
    C: Engine + Store<User> + Store<Address>,
{
    let database = Database::<C>::open(place.url()).unwrap();
    database.migrate(&domain::MIGRATIONS).unwrap();
    let mut session = database.session().unwrap();
    let ada: User = session.insert(NewUser { name: "Ada".to_owned(), age: None }).unwrap();
    session.commit().unwrap();
    let catalog = database.catalog().entity::<User>().entity::<Address>().build();
    let mut worker = Worker::start("deleting", catalog, || {}).unwrap();
    let source = Source { meta: User::meta(), query: <Query>::new(), rows: Rows::All };
    worker.ask(Lane::DeletionPlan, Request::PlanDeletion { source, limit: 10 });
    let answer = worker.answer_until(Lane::DeletionPlan, Instant::now() + DEADLINE).unwrap();
    let Ok(Answer::DeletionPlan(Some(planned))) = answer.outcome else { panic!("{answer:?}") };
    assert!(planned.plan.consequences.is_empty());
    // Somebody else is about to give her an address.
    let mut other = database.session().unwrap();
    let insert = format!(
        "INSERT INTO addresses (email_address, user_id) VALUES ('ada@example.org', {})",
        ada.id
    );
    other.connection().unwrap().batch_execute(&insert).unwrap();
    worker.ask(Lane::Delete, Request::Delete(planned));
    let early = worker.answer_until(Lane::Delete, Instant::now() + Duration::from_millis(300));
    assert!(early.is_none(), "it does not wait: {early:?}");
    other.commit().unwrap();
    let answer = worker.answer_until(Lane::Delete, Instant::now() + DEADLINE).unwrap();
    let Ok(Answer::DeletionPlan(Some(now))) = answer.outcome else { panic!("{answer:?}") };
    assert_eq!(now.plan.consequences.len(), 1);
    assert_eq!(database.session().unwrap().query::<Address>().count().unwrap(), 1);
}

#[test]
fn rows_that_others_commit_while_the_deletion_waits_are_asked_about_on_postgres() {
    rows_that_others_commit_while_the_deletion_waits_are_asked_about::<PgConnection>(&postgres());
}

#[test]
fn rows_that_others_commit_while_the_deletion_waits_are_asked_about_on_mysql() {
    rows_that_others_commit_while_the_deletion_waits_are_asked_about::<MysqlConnection>(&mysql());
}
