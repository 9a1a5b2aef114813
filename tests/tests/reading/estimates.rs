//! Estimates: near the number of rows without counting them.

use diesel::SqliteConnection;
use domain::User;
use integration_tests::shop::{Shop, database as shop, user};
use integration_tests::works::{WorkGenre, create_tables, fill, memory};
use integration_tests::{contract, on_every_engine, sqlite};
use persistence::testing::statements;
use persistence::{Browse, Database, Engine as _, Filter, Repository};

fn insert(shop: &mut impl Shop, count: usize) {
    let users = (0..count).map(|n| user(&format!("user {n}"), None)).collect();
    Repository::<User>::insert_many(shop, users).unwrap();
}

fn estimate(users: &mut impl Browse<User>) -> Option<u64> {
    users.estimate(&Filter::All).unwrap()
}

contract! {
    fn an_empty_table_is_estimated_as_empty(shop) {
        assert_eq!(estimate(shop), Some(0));
    }

    fn a_table_without_gaps_is_estimated_near_its_rows(shop) {
        insert(shop, 2_000);
        let estimate = estimate(shop).unwrap();
        assert!((1_500..=2_500).contains(&estimate), "{estimate}");
    }

    fn a_filter_that_does_not_fit_has_no_estimate(shop) {
        let refused = Browse::<User>::estimate(shop, &Filter::equals("lenght", 1.into()));
        assert!(refused.is_err());
    }
}

on_every_engine! {
    fn statistics_tell_the_rows_where_keys_have_gaps<Engine>(place) {
        let (database, place) = shop::<Engine>(place);
        let mut session = database.session().unwrap();
        insert(&mut session, 3_000);
        let gap: Filter = User::ID.between(100, 2_099).into();
        Repository::<User>::delete_where(&mut session, &gap).unwrap();
        session.commit().unwrap();
        place.execute(if Engine::NAME == "MySQL" { "ANALYZE TABLE users" } else { "ANALYZE users" });
        let estimate = estimate(&mut database.session().unwrap()).unwrap();
        assert!((700..=1_400).contains(&estimate), "{estimate}");
    }

    fn a_filter_is_estimated_only_by_a_planner_that_knows_values<Engine>(place) {
        let (database, place) = shop::<Engine>(place);
        let mut session = database.session().unwrap();
        insert(&mut session, 2_000);
        session.commit().unwrap();
        place.execute(if Engine::NAME == "MySQL" { "ANALYZE TABLE users" } else { "ANALYZE users" });
        let mut session = database.session().unwrap();
        let estimate = Browse::<User>::estimate(&mut session, &User::ID.le(500).into()).unwrap();
        match estimate {
            Some(rows) => assert!((300..=700).contains(&rows), "{rows}"),
            None => assert_ne!(Engine::NAME, "PostgreSQL"),
        }
    }

    fn an_estimate_reads_no_table<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let mut session = database.session().unwrap();
        insert(&mut session, 10);
        let (_, sent) = statements(|| estimate(&mut session));
        assert!(sent.iter().all(|sql| !sql.to_lowercase().contains("count(*) from `users`")), "{sent:?}");
        assert!(sent.len() <= 3, "{sent:?}");
    }

    fn a_key_that_does_not_count_has_no_span<Engine>(place) {
        create_tables(&place);
        let database = Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        fill(&mut session);
        let estimate = Browse::<WorkGenre>::estimate(&mut session, &Filter::All).unwrap();
        // Servers may know by themselves; nobody makes something up.
        assert!(estimate.is_none_or(|rows| rows <= 20), "{estimate:?}");
    }
}

#[test]
fn a_memory_knows_its_rows() {
    let mut memory = memory();
    fill(&mut memory);
    assert_eq!(Browse::<WorkGenre>::estimate(&mut memory, &Filter::All).unwrap(), Some(9));
}

#[test]
fn keys_far_apart_are_no_rows_that_could_not_fit_the_file() {
    let (database, place) = shop::<SqliteConnection>(sqlite());
    place.execute("INSERT INTO users (id, name) VALUES (1, 'a'), (9000000000000000000, 'b')");
    let estimate = estimate(&mut database.session().unwrap()).unwrap();
    assert!(estimate < 100_000, "{estimate}");
}

#[test]
fn statistics_of_an_index_of_some_rows_or_of_several_columns_are_not_taken_for_the_rows() {
    let (database, place) = shop::<SqliteConnection>(sqlite());
    let mut session = database.session().unwrap();
    insert(&mut session, 3_000);
    let gap: Filter = User::ID.between(100, 2_099).into();
    Repository::<User>::delete_where(&mut session, &gap).unwrap();
    session.commit().unwrap();
    // `3 1` are the rows of the one, `1000 1000 1` those of the other.
    place.execute(
        "CREATE INDEX few ON users (name) WHERE id < 4; \
         CREATE INDEX pairs ON users (version, name); \
         ANALYZE users",
    );
    let estimate = estimate(&mut database.session().unwrap()).unwrap();
    assert!((700..=1_400).contains(&estimate), "{estimate}");
}
