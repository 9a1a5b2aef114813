//! Walking through results that are larger than memory.

use domain::User;
use integration_tests::TestDatabase;
use integration_tests::on_every_engine;
use integration_tests::shop::{ShopEngine, database as shop, user};
use persistence::{Database, Error, Repository};

/// Users of whom several are equally old, and some of an age that nobody knows.
fn crowd<C: ShopEngine>(place: TestDatabase) -> (Database<C>, TestDatabase) {
    let (database, place) = shop::<C>(place);
    let users = (0..1_050)
        .map(|number| user(&format!("User {number}"), (number % 7 != 0).then_some(number % 50)));
    let users: Vec<_> = users.collect();
    database
        .transaction(|session| Repository::<User>::insert_many(session, users.clone()))
        .unwrap();
    (database, place)
}

on_every_engine! {
    fn a_walk_gives_the_rows_of_a_load_in_its_order<Engine>(place) {
        let (database, _place) = crowd::<Engine>(place);
        let mut session = database.session().unwrap();
        for order in [User::AGE.asc(), User::AGE.desc(), User::NAME.desc()] {
            let loaded = session.query::<User>().order(order.clone()).load().unwrap();
            let walked: Result<Vec<_>, _> =
                session.query::<User>().order(order).walk(100).collect();
            assert_eq!(walked.unwrap(), loaded);
        }
    }

    fn a_walk_keeps_to_its_filter_and_limit<Engine>(place) {
        let (database, _place) = crowd::<Engine>(place);
        let mut session = database.session().unwrap();
        let young = User::AGE.lt(25);
        let loaded = session.query::<User>().filter(young.clone()).limit(250).load().unwrap();
        assert_eq!(loaded.len(), 250);
        for rows_at_once in [1, 100, 250, 251, 10_000] {
            let walk = session.query::<User>().filter(young.clone()).limit(250).walk(rows_at_once);
            assert_eq!(walk.collect::<Result<Vec<_>, _>>().unwrap(), loaded);
        }
        assert_eq!(session.query::<User>().limit(0).walk(10).count(), 0);
    }

    fn chunks_are_no_larger_than_asked_and_may_be_written_and_committed<Engine>(place) {
        let (database, _place) = crowd::<Engine>(place);
        let mut session = database.session().unwrap();
        let mut sizes = Vec::new();
        let count = session
            .query::<User>()
            .for_each_chunk(500, |session, users| {
                sizes.push(users.len());
                for user in users {
                    let older = User { age: Some(100), ..user.clone() };
                    session.update_from(&user, older)?;
                }
                session.commit()
            })
            .unwrap();
        assert_eq!((count, sizes), (1_050, vec![500, 500, 50]));
        let mut session = database.session().unwrap();
        assert_eq!(session.query::<User>().filter(User::AGE.eq(100)).count().unwrap(), 1_050);
    }

    fn an_error_of_a_chunk_ends_the_walk<Engine>(place) {
        let (database, _place) = crowd::<Engine>(place);
        let mut chunks = 0;
        let error = database.session().unwrap().query::<User>().for_each_chunk(10, |_, _| {
            chunks += 1;
            Err(Error::Cancelled)
        });
        assert!(matches!(error, Err(Error::Cancelled)));
        assert_eq!(chunks, 1);
    }
}
