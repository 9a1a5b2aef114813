//! What the window deletes while others write to the same server.

use std::time::{Duration, Instant};

use admin_gui::jobs::{Jobs, Queue, Topic};
use admin_gui::tasks::{Commit, Committed, PlanDeletion, SeenDeletion};
use domain::{Address, NewUser, User};
use integration_tests::{MysqlConnection, PgConnection, TestDatabase, mysql, postgres};
use persistence::{Database, Edit, Engine, Entity as _, Query, Repository as _, Store};
use transfer::export::{Rows, Source};

const DEADLINE: Duration = Duration::from_mins(1);

const DELETION: Topic = Topic::new("deletion", Queue::Rows);

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
    let mut jobs = Jobs::<()>::start(&catalog, || {}).unwrap();
    let source = Source { meta: User::meta(), query: <Query>::new(), rows: Rows::All };
    let task = PlanDeletion { source, limit: 10 };
    let ticket = jobs.ask(DELETION.only(), task, |(), _, _| {});
    let (planned, _) = jobs.wait(&ticket, Instant::now() + DEADLINE).unwrap();
    let planned = planned.unwrap().unwrap();
    assert!(planned.plan.consequences.is_empty());
    // Somebody else is about to give her an address.
    let mut other = database.session().unwrap();
    let insert = format!(
        "INSERT INTO addresses (email_address, user_id) VALUES ('ada@example.org', {})",
        ada.id
    );
    other.connection().unwrap().batch_execute(&insert).unwrap();
    let edit = Edit::between(User::meta(), Some(&ada.to_record()), None).unwrap();
    let seen = SeenDeletion::new(User::meta(), ada.id.into());
    let ticket = jobs.ask(DELETION.only(), Commit::new(vec![edit], vec![seen]), |(), _, _| {});
    let early = jobs.wait(&ticket, Instant::now() + Duration::from_millis(300));
    assert!(early.is_none(), "it does not wait: {early:?}");
    other.commit().unwrap();
    let (deleted, _) = jobs.wait(&ticket, Instant::now() + DEADLINE).unwrap();
    let Ok(Committed::Unseen(now)) = deleted else { panic!("{deleted:?}") };
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
