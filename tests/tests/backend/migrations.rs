//! Migrations run once, whoever runs them, and tell which one failed.

use diesel::{MysqlConnection, PgConnection, SqliteConnection};
use integration_tests::{TestDatabase, mysql, postgres, sqlite};
use persistence::backend::Engine;
use persistence::{Database, Error, Migrations};

const PROCESSES: usize = 4;

fn by_many_at_once<C: Engine>(database: &TestDatabase) {
    let all = Database::<C>::open(database.url())
        .and_then(|database| database.migration_status(&domain::MIGRATIONS))
        .expect("the migrations of an empty database");
    assert!(!all.is_empty() && all.iter().all(|migration| !migration.is_applied), "{all:?}");
    let runs: Vec<_> = std::thread::scope(|scope| {
        let run = || {
            Database::<C>::open(database.url())
                .and_then(|database| database.migrate(&domain::MIGRATIONS))
                .expect("migrations that wait for each other")
        };
        let threads: Vec<_> = (0..PROCESSES).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    let mut names = runs.concat();
    names.sort();
    let expected: Vec<_> = all.iter().map(|migration| migration.name.clone()).collect();
    assert_eq!(names, expected, "each migration is run by one of them");

    let database = Database::<C>::open(database.url()).expect("a database");
    for name in expected.iter().rev() {
        let reverted = database.revert_migration(&domain::MIGRATIONS).expect("a way back");
        assert_eq!(reverted.as_ref(), Some(name));
    }
    assert_eq!(database.revert_migration(&domain::MIGRATIONS).expect("nothing to do"), None);
    let all = database.migration_status(&domain::MIGRATIONS).expect("the migrations");
    assert!(all.iter().all(|migration| !migration.is_applied), "{all:?}");
}

#[test]
fn migrations_run_once_and_back_on_sqlite() {
    by_many_at_once::<SqliteConnection>(&sqlite());
}

#[test]
fn migrations_run_once_and_back_on_postgres() {
    by_many_at_once::<PgConnection>(&postgres());
}

#[test]
fn migrations_run_once_and_back_on_mysql() {
    by_many_at_once::<MysqlConnection>(&mysql());
}

fn fails_by_name<C: Engine>(database: &TestDatabase, table: &str) {
    database.execute(&format!("CREATE TABLE {table} (unlike TEXT)"));
    let database = Database::<C>::open(database.url()).expect("a database");
    let error = database.migrate(&domain::MIGRATIONS).expect_err("the table is taken");
    assert!(matches!(error, Error::Schema { .. }), "{error:?}");
    let message = error.to_string();
    assert!(message.contains("the migration ") && message.contains("exists"), "{message}");
    let error = database.migrate(&domain::MIGRATIONS).expect_err("as before, without waiting");
    assert!(matches!(error, Error::Schema { .. }), "{error:?}");
}

#[test]
fn a_failed_migration_is_named_and_gives_the_lock_back() {
    fails_by_name::<SqliteConnection>(&sqlite(), "users");
    fails_by_name::<PgConnection>(&postgres(), "users");
    fails_by_name::<MysqlConnection>(&mysql(), "users");
}

#[test]
fn the_status_can_be_read_from_a_read_only_database() {
    for is_migrated in [false, true] {
        for database in [sqlite(), postgres(), mysql()] {
            let applied = match database.url().split_once("://") {
                None => applied_read_only::<SqliteConnection>(&database, is_migrated),
                Some(("postgres", _)) => applied_read_only::<PgConnection>(&database, is_migrated),
                Some(_) => applied_read_only::<MysqlConnection>(&database, is_migrated),
            };
            assert_eq!(applied, is_migrated, "{}", database.url());
        }
    }
}

fn applied_read_only<C: Engine>(database: &TestDatabase, is_migrated: bool) -> bool {
    if is_migrated {
        let database = Database::<C>::open(database.url()).expect("a database");
        database.migrate(&domain::MIGRATIONS).expect("the migrations");
    }
    let database = Database::<C>::builder(database.url()).read_only().open().expect("a database");
    let all = database.migration_status(&domain::MIGRATIONS).expect("the migrations");
    all.iter().all(|migration| migration.is_applied)
}

#[test]
fn an_engine_without_migrations_says_so() {
    let file = sqlite();
    let database = Database::<SqliteConnection>::open(file.url()).expect("a database");
    let error = database.migrate(&Migrations::default()).expect_err("nothing to run");
    assert!(error.to_string().contains("no migrations for SQLite"), "{error}");
}
