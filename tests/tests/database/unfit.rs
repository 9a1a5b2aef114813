//! Tables that another program alters while a catalog is in use: what does not fit is not written, what can
//! be read is, and it all goes on once the table fits again.

use domain::{Address, Author, Book, User};
use integration_tests::on_every_engine;
use integration_tests::shop::{ShopEngine, database as shop};
use integration_tests::{TestDatabase, sqlite};
use persistence::audit::{self, HistoryFilter, transactions};
use persistence::backend::Engine;
use persistence::drift::Hindered;
use persistence::{Catalog, Database, DynSession, Error, Filter, Query};

fn catalog<C: ShopEngine>(place: TestDatabase) -> (Catalog, TestDatabase) {
    let (database, place) = shop::<C>(place);
    let catalog = database.catalog();
    let catalog = catalog.entity::<User>().entity::<Address>().entity::<Author>().entity::<Book>();
    (catalog.build(), place)
}

/// What one program does to a table, and another to mend it.
struct Altered<'s> {
    table: &'static str,
    spoil: &'s str,
    mend: &'s str,
    hinders: Hindered,
}

fn write(session: &mut dyn DynSession, table: &str) -> persistence::Result<u64> {
    let written = session.repository(table)?.delete_where(&Filter::All);
    session.rollback()?;
    written
}

impl Altered<'_> {
    /// Checks that the table is refused from when it is looked at until it is mended, and others never are.
    fn check<C: ShopEngine>(self, place: TestDatabase) {
        let Self { table, spoil, mend, hinders } = self;
        let (catalog, place) = catalog::<C>(place);
        assert_eq!(*catalog.recheck().unwrap(), []);
        let mut session = catalog.session().unwrap();
        write(&mut *session, table).unwrap();
        place.execute(spoil);
        let found = catalog.clone().recheck().unwrap();
        let drift = found.iter().find(|drift| drift.table == table).unwrap();
        assert_eq!(drift.hinders(), hinders, "{drift}");
        assert_eq!(catalog.drift(), found);
        for session in [&mut *session, &mut *catalog.writing_session().unwrap()] {
            match write(session, table) {
                Err(Error::Drifted(refused)) => assert_eq!(*refused, *drift),
                other => panic!("{other:?}"),
            }
            let read = session.repository(table).unwrap().list(&Query::new());
            match (hinders, read) {
                (Hindered::Reading, Err(Error::Drifted(told))) => {
                    let told = Error::Drifted(told).to_string();
                    assert!(told.contains("cannot be read") && told.contains(table), "{told}");
                }
                (Hindered::Reading, other) => panic!("{other:?}"),
                (_, read) => assert_eq!(read.unwrap(), []),
            }
            session.rollback().unwrap();
            write(session, "users").unwrap();
        }
        place.execute(mend);
        // Who is going to write finds out by itself that it is mended; from then on others write as well.
        write(&mut *catalog.writing_session().unwrap(), table).unwrap();
        assert!(!catalog.drift().iter().any(persistence::drift::TableDrift::is_read_only));
        write(&mut *session, table).unwrap();
        session.repository(table).unwrap().list(&Query::new()).unwrap();
    }
}

fn is<C: Engine>(name: &str) -> bool {
    C::NAME == name
}

on_every_engine! {
    fn a_column_that_is_renamed<Engine>(place) {
        Altered {
            table: "authors",
            spoil: "ALTER TABLE authors RENAME COLUMN born_on TO birthday",
            mend: "ALTER TABLE authors RENAME COLUMN birthday TO born_on",
            hinders: Hindered::Reading,
        }.check::<Engine>(place);
    }

    fn a_column_that_is_dropped<Engine>(place) {
        Altered {
            table: "authors",
            spoil: "ALTER TABLE authors DROP COLUMN born_on",
            mend: "ALTER TABLE authors ADD COLUMN born_on DATE",
            hinders: Hindered::Reading,
        }.check::<Engine>(place);
    }

    fn a_column_of_another_type<Engine>(place) {
        let other = "ALTER TABLE authors DROP COLUMN born_on; ALTER TABLE authors ADD COLUMN born_on ";
        Altered {
            table: "authors",
            spoil: &format!("{other} BIGINT"),
            mend: &format!("{other} DATE"),
            hinders: Hindered::Writing,
        }.check::<Engine>(place);
    }

    fn a_column_that_must_have_a_value<Engine>(place) {
        let spoil = if is::<Engine>("SQLite") {
            "DROP TABLE addresses; CREATE TABLE addresses (
                id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, email_address VARCHAR(254) NOT NULL,
                user_id BIGINT NOT NULL, version BIGINT NOT NULL, kind VARCHAR(9) NOT NULL)"
        } else {
            "ALTER TABLE addresses ADD COLUMN kind VARCHAR(9) NOT NULL"
        };
        Altered {
            table: "addresses",
            spoil,
            mend: "ALTER TABLE addresses DROP COLUMN kind",
            hinders: Hindered::Inserting,
        }.check::<Engine>(place);
    }

    fn a_table_that_is_dropped<Engine>(place) {
        Altered {
            table: "books",
            spoil: "ALTER TABLE books RENAME TO shelved",
            mend: "ALTER TABLE shelved RENAME TO books",
            hinders: Hindered::Reading,
        }.check::<Engine>(place);
    }

    fn a_flush_is_refused_as_well_and_its_changes_stay<Engine>(place) {
        let (catalog, place) = catalog::<Engine>(place);
        let mut session = catalog.session().unwrap();
        session.add("authors", &[("name", "Lem".into())]).unwrap();
        place.execute("ALTER TABLE authors DROP COLUMN born_on");
        catalog.recheck().unwrap();
        let refused = session.commit().unwrap_err();
        assert!(matches!(&refused, Error::Drifted(drift) if drift.table == "authors"), "{refused}");
        assert!(refused.to_string().contains("born_on"), "{refused}");
        assert_eq!(session.changes().len(), 1);
        place.execute("ALTER TABLE authors ADD COLUMN born_on DATE");
        catalog.recheck().unwrap();
        session.commit().unwrap();
        assert_eq!(catalog.session().unwrap().repository("authors").unwrap().count(&Filter::All).unwrap(), 1);
    }

    fn what_hinders_nothing_is_listed_and_written<Engine>(place) {
        let (catalog, place) = catalog::<Engine>(place);
        place.execute("ALTER TABLE authors ADD COLUMN nickname VARCHAR(20)");
        let found = catalog.recheck().unwrap();
        assert_eq!(found.len(), 1);
        assert!(!found[0].is_read_only());
        let mut session = catalog.session().unwrap();
        session.add("authors", &[("name", "Lem".into())]).unwrap();
        session.commit().unwrap();
    }

    fn what_is_written_is_recorded_while_the_table_for_that_is_there<Engine>(place) {
        let database = Database::<Engine>::open(place.url()).unwrap().audit_where_possible().unwrap();
        let catalog = database.catalog().entity::<Author>().migrations(&domain::MIGRATIONS).build();
        let add = |name: &str| {
            let mut session = catalog.writing_session().unwrap();
            session.add("authors", &[("name", name.into())]).unwrap();
            session.commit().unwrap();
        };
        let recorded = || {
            let mut session = catalog.session().unwrap();
            let (filter, start) = (HistoryFilter::default(), None);
            transactions(&mut *session, &filter, start, 100).unwrap().transactions.len()
        };
        let migrations = catalog.migrations().unwrap();
        let names: Vec<_> = migrations.status().unwrap().into_iter().map(|it| it.name).collect();
        migrations.run(&names[0]).unwrap();
        assert!(!catalog.has_history());
        add("Lem");
        migrations.run(&names[1]).unwrap();
        assert!(catalog.has_history());
        assert_eq!(recorded(), 0);
        add("Strugatsky");
        assert_eq!(recorded(), 1);
        migrations.revert(&names[1]).unwrap();
        assert!(!catalog.has_history());
        add("Vance");
        // Another program makes the table: who looks at the tables finds it.
        place.execute(&audit::create_table::<Engine>());
        add("Wolfe");
        assert_eq!(recorded(), 0);
        assert_eq!(*catalog.recheck().unwrap(), []);
        add("Zelazny");
        assert!(catalog.has_history());
        assert_eq!(recorded(), 1);
        let mut session = catalog.session().unwrap();
        assert_eq!(session.repository("authors").unwrap().count(&Filter::All).unwrap(), 5);
    }

    fn migrations_are_run_and_reverted_by_name<Engine>(place) {
        let database = Database::<Engine>::open(place.url()).unwrap();
        let catalog = database.catalog().entity::<Author>().migrations(&domain::MIGRATIONS).build();
        let migrations = catalog.migrations().unwrap();
        let names: Vec<_> = migrations.status().unwrap().into_iter().map(|it| it.name).collect();
        let error = migrations.run(&names[1]).unwrap_err().to_string();
        assert!(error.contains(&names[0]) && error.contains(&names[1]), "{error}");
        assert!(migrations.run(&names[0]).unwrap());
        assert!(!migrations.run(&names[0]).unwrap(), "it is run once");
        assert!(!migrations.revert(&names[1]).unwrap(), "it is not applied");
        assert!(migrations.run(&names[1]).unwrap());
        let error = migrations.revert(&names[0]).unwrap_err().to_string();
        assert!(error.contains(&names[0]) && error.contains(&names[1]), "{error}");
        place.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')");
        let status = migrations.status().unwrap();
        let last = status.last().unwrap();
        assert!(last.is_applied && !last.is_known && last.name == "29991231000000", "{last:?}");
        assert_eq!(database.migration_status(&domain::MIGRATIONS).unwrap().len(), names.len());
        let error = migrations.revert(&names[1]).unwrap_err().to_string();
        assert!(error.contains("29991231000000") && error.contains("unknown"), "{error}");
        place.execute("DELETE FROM __diesel_schema_migrations WHERE version = '29991231000000'");
        assert!(migrations.revert(&names[1]).unwrap());
        migrations.run("no_such_migration").unwrap_err();
    }
}

#[test]
fn reading_only_changes_no_table() {
    let place = sqlite();
    let (_, place) = shop::<diesel::SqliteConnection>(place);
    let builder = Database::<diesel::SqliteConnection>::builder(place.url()).read_only();
    let database = builder.open().unwrap();
    let catalog = database.catalog().entity::<Author>().migrations(&domain::MIGRATIONS).build();
    let migrations = catalog.migrations().unwrap();
    let last = migrations.status().unwrap().pop().unwrap();
    assert!(matches!(migrations.revert(&last.name), Err(Error::ReadOnly { .. })));
    assert!(migrations.status().unwrap().pop().unwrap().is_applied);
}
