//! Reads from replicas, and servers of which another one takes over.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{MysqlConnection, PgConnection, SqliteConnection};
use domain::User;
use integration_tests::shop::{ShopEngine, database as shop, user};
use integration_tests::{Relay, TestDatabase, mysql, on_every_engine, postgres, relaying, sqlite};
use persistence::{Database, Error, Repository};

/// A bookshop with one user of that name.
fn with_user<C: ShopEngine>(place: TestDatabase, name: &str) -> TestDatabase {
    let (database, place) = shop::<C>(place);
    database.transaction(|session| session.insert(user(name, None)).map(drop::<User>)).unwrap();
    place
}

fn another(of: &TestDatabase) -> TestDatabase {
    match of.url().split("://").next() {
        Some("postgres") => postgres(),
        Some("mysql") => mysql(),
        _ => sqlite(),
    }
}

/// The one user's name in what is read.
fn read<C: ShopEngine>(database: &Database<C>) -> String {
    let mut session = database.read_session().unwrap();
    session.query::<User>().load().unwrap().remove(0).name
}

on_every_engine! {
    fn reads_go_to_the_replicas_in_turn_and_writes_to_the_database<Engine>(place) {
        let (first, second) = (another(&place), another(&place));
        let place = with_user::<Engine>(place, "primary");
        let first = with_user::<Engine>(first, "first");
        let second = with_user::<Engine>(second, "second");
        let database = Database::<Engine>::builder(place.url())
            .replica(first.url())
            .replica(second.url())
            .open()
            .unwrap();
        let names: Vec<_> = (0..4).map(|_| read(&database)).collect();
        assert_eq!(names, ["first", "second", "first", "second"]);
        let written = database.session().unwrap().query::<User>().load().unwrap().remove(0).name;
        assert_eq!(written, "primary");
    }

    fn where_no_replica_answers_the_database_itself_is_read<Engine>(place) {
        let gone = another(&place);
        let url = gone.url().to_owned();
        drop(gone);
        let place = with_user::<Engine>(place, "primary");
        let database = Database::<Engine>::builder(place.url()).replica(&url).open().unwrap();
        assert_eq!([read(&database), read(&database)], ["primary", "primary"]);
    }

    fn who_only_reads_cannot_write<Engine>(place) {
        let replica = with_user::<Engine>(another(&place), "replica");
        let place = with_user::<Engine>(place, "primary");
        let alone = Database::<Engine>::open(place.url()).unwrap();
        let with_replica =
            Database::<Engine>::builder(place.url()).replica(replica.url()).open().unwrap();
        for database in [alone, with_replica] {
            let mut session = database.read_session().unwrap();
            let error = session.insert(user("John", None)).map(drop::<User>).expect_err("read-only");
            assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
            let by_hand = session.connection().unwrap().batch_execute("DELETE FROM users");
            by_hand.expect_err("read-only by hand, too");
            session.rollback().unwrap();
            assert_eq!(session.query::<User>().count().unwrap(), 1);
        }
    }
}

#[test]
fn a_database_in_memory_can_be_read_alone() {
    let database = Database::<SqliteConnection>::open(":memory:").unwrap();
    database.migrate(&domain::MIGRATIONS).unwrap();
    let mut session = database.read_session().unwrap();
    assert_eq!(session.query::<User>().count().unwrap(), 0);
    let error = session.insert(user("John", None)).map(drop::<User>).expect_err("read-only");
    assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
}

/// The URL with other hosts.
fn at(url: &str, hosts: &str) -> String {
    let (user, rest) = url.rsplit_once('@').unwrap();
    format!("{user}@{hosts}/{}", rest.split_once('/').unwrap().1)
}

fn host(url: &str) -> &str {
    url.rsplit_once('@').unwrap().1.split('/').next().unwrap()
}

fn passes_over_hosts_that_do_not_answer<C: ShopEngine>(place: TestDatabase) {
    let place = with_user::<C>(place, "John");
    let url = at(place.url(), &format!("127.0.0.1:1,{}", host(place.url())));
    let database = Database::<C>::open(&url).unwrap();
    assert_eq!(read(&database), "John");
    let mut session = database.session().unwrap();
    session.canceller().unwrap().cancel().expect("the right host is told");
    drop(session);

    let nobody = at(place.url(), "127.0.0.1:1,127.0.0.1:2");
    let error = Database::<C>::open(&nobody).expect_err("nobody listens there");
    let secret = place.url().split(':').nth(2).unwrap().split('@').next().unwrap();
    let (message, debug) = (error.to_string(), format!("{error:?} {database:?}"));
    assert!(message.contains(":***@127.0.0.1:1,127.0.0.1:2"), "{message}");
    assert!(!message.contains(secret) && !debug.contains(secret), "{message} {debug}");
    assert!(!format!("{:?}", Database::<C>::builder(&url).replica(&url)).contains(secret));
}

#[test]
fn hosts_that_do_not_answer_are_passed_over_on_postgres() {
    passes_over_hosts_that_do_not_answer::<PgConnection>(postgres());
}

#[test]
fn hosts_that_do_not_answer_are_passed_over_on_mysql() {
    passes_over_hosts_that_do_not_answer::<MysqlConnection>(mysql());
}

fn goes_on_with_the_next_host<C: ShopEngine>(place: TestDatabase) {
    let place = with_user::<C>(place, "John");
    let (first, second): (Relay, Relay) =
        (relaying(host(place.url())), relaying(host(place.url())));
    let url = at(place.url(), &format!("{},{}", first.host(), second.host()));
    let database =
        Database::<C>::builder(&url).connection_timeout(Duration::from_secs(20)).open().unwrap();
    let mut session = database.session().unwrap();
    session.query::<User>().load().unwrap();
    assert_eq!((first.connections() > 0, second.connections()), (true, 0));
    first.stop();
    let error = session.query::<User>().load().expect_err("the connection is lost");
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    drop(session);
    let mut session = database.session().expect("the other host");
    assert_eq!(session.query::<User>().load().unwrap().remove(0).name, "John");
    assert!(second.connections() > 0);
}

#[test]
fn the_next_session_goes_to_the_next_host_on_postgres() {
    goes_on_with_the_next_host::<PgConnection>(postgres());
}

#[test]
fn the_next_session_goes_to_the_next_host_on_mysql() {
    goes_on_with_the_next_host::<MysqlConnection>(mysql());
}

/// As a primary that becomes a standby: the connection stays, and refuses.
fn demote(database: &Database<PgConnection>) {
    let mut session = database.session().unwrap();
    session.connection().unwrap().batch_execute("SET default_transaction_read_only = on").unwrap();
    session.commit().unwrap();
}

#[test]
fn a_host_that_takes_no_writes_any_more_is_left_on_postgres() {
    let place = with_user::<PgConnection>(postgres(), "John");
    let hosts = format!("{0},{0}", host(place.url()));
    let database = Database::<PgConnection>::builder(&at(place.url(), &hosts))
        .connection_timeout(Duration::from_secs(1))
        .open()
        .unwrap();
    demote(&database);
    let mut session = database.session().expect("a fresh connection");
    session.add(user("Ann", None));
    session.commit().expect("the server takes writes");
    drop(session);

    let name = place.url().rsplit_once('/').unwrap().1;
    place.execute(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    demote(&database);
    let error = database.session().expect_err("no host takes writes");
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(error.to_string().contains("read-only"), "{error}");
    database.read_session().unwrap().query::<User>().load().expect("reading is possible");
}
