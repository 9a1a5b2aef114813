//! An export is of one moment, whatever is written meanwhile.

use domain::User;
use integration_tests::on_every_engine;
use persistence::{Database, Entity, PageStart, Query, Repository};

on_every_engine! {
    fn a_snapshot_sees_nothing_that_was_written_after_its_first_page<Engine>(place) {
        let database = Database::<Engine>::open(place.url()).unwrap();
        database.migrate(&domain::MIGRATIONS).unwrap();
        let insert = |names: &[&str]| {
            let mut session = database.session().unwrap();
            for name in names {
                let user = domain::NewUser { name: (*name).to_owned(), age: None };
                let _: User = session.insert(user).unwrap();
            }
            session.commit().unwrap();
        };
        insert(&["Ada", "Grace"]);
        let catalog = database.catalog().entity::<User>().build();
        let mut snapshot = catalog.snapshot().unwrap();
        let mut users = snapshot.repository(User::meta().table).unwrap();
        let query = <Query>::new();
        let first = users.page(&query, &PageStart::First, 1).unwrap();
        insert(&["Joan"]);
        let second = users.page(&query, &first.next.unwrap(), 10).unwrap();
        assert_eq!(second.rows.len(), 1);
        drop(users);
        drop(snapshot);
        let mut session = catalog.session().unwrap();
        let count = session.repository("users").unwrap().count(&query.filter).unwrap();
        assert_eq!(count, 3);
    }
}
