//! What is acknowledged is on the disk, and what was set up for bulk writes is as it was.

use diesel::{QueryableByName, RunQueryDsl as _, SqliteConnection};
use integration_tests::command::on_sqlite;
use integration_tests::sqlite;
use persistence::database::DatabaseBuilder;
use persistence::{Database, Durability};

#[derive(QueryableByName)]
struct Settings {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    synchronous: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    journal_mode: String,
}

fn settings(builder: DatabaseBuilder<SqliteConnection>) -> (i64, String) {
    let mut session = builder.open().unwrap().session().unwrap();
    let settings: Settings =
        diesel::sql_query("SELECT * FROM pragma_synchronous, pragma_journal_mode")
            .get_result(session.connection().unwrap())
            .unwrap();
    (settings.synchronous, settings.journal_mode)
}

#[test]
fn a_commit_waits_for_the_disk_unless_the_program_chose_otherwise() {
    let place = sqlite();
    let builder = || Database::<SqliteConnection>::builder(place.url());
    // EXTRA, which with a log is the same as FULL.
    assert_eq!(settings(builder()).0, 3);
    assert_eq!(settings(builder().durability(Durability::Relaxed)).0, 1);
}

#[test]
fn a_database_keeps_its_journal_mode_and_a_new_one_keeps_a_log() {
    let place = sqlite();
    place.execute("CREATE TABLE t (a); PRAGMA journal_mode = DELETE");
    let builder = || Database::<SqliteConnection>::builder(place.url());
    assert_eq!(settings(builder()).1, "delete");
    assert_eq!(settings(builder().create_missing()).1, "delete");
    assert_eq!(settings(builder().write_ahead_log()).1, "wal");
    let new = place.path().with_file_name("new.db").display().to_string();
    assert_eq!(settings(Database::builder(&new).create_missing()).1, "wal");
}

#[test]
fn bulk_writes_leave_the_journal_mode_as_they_found_it() {
    for (set, found) in [("WAL", "wal"), ("DELETE", "delete")] {
        let bindery = on_sqlite();
        bindery.database.execute(&format!("PRAGMA journal_mode = {set}"));
        bindery.succeeds(&["seed", "--books", "100"]);
        let builder = Database::<SqliteConnection>::builder(bindery.database.url());
        assert_eq!(settings(builder).1, found);
        let builder = Database::<SqliteConnection>::builder(bindery.database.url());
        assert_eq!(settings(builder.bulk_writes()).1, "delete");
        let builder = Database::<SqliteConnection>::builder(bindery.database.url());
        assert_eq!(settings(builder).1, found);
    }
}
