//! Opening a database: every form of a URL, and errors that say what was tried without the
//! password.

use diesel::connection::SimpleConnection;
use diesel::{MysqlConnection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};
use domain::User;
use integration_tests::command::on_sqlite;
use integration_tests::shop::user;
use integration_tests::{mysql, postgres, sqlite};
use persistence::backend::{Engine, Missing, OpenOptions};
use persistence::{Database, Error, Filter, Repository};

#[track_caller]
fn refused<C: Engine>(url: &str, options: &OpenOptions) -> Error {
    match C::open(url, options) {
        Ok(_) => panic!("{url} opens"),
        Err(error) => error,
    }
}

#[track_caller]
fn unavailable<C: Engine>(url: &str, parts: &[&str]) {
    let error = refused::<C>(url, &OpenOptions::default());
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    let message = error.to_string();
    for part in parts {
        assert!(message.contains(part), "no `{part}` in `{message}`");
    }
    assert!(!format!("{error:?} {message}").contains("hush"), "{message}");
}

/// The URL with another user, password, port or path.
fn changed(url: &str, user: Option<&str>, port: Option<&str>, path: Option<&str>) -> String {
    let (scheme, rest) = url.split_once("://").expect("a URL");
    let (old_user, rest) = rest.rsplit_once('@').expect("a user");
    let (address, old_path) = rest.split_once('/').expect("a path");
    let (host, old_port) = address.split_once(':').expect("a port");
    let (user, port) = (user.unwrap_or(old_user), port.unwrap_or(old_port));
    format!("{scheme}://{user}@{host}:{port}/{}", path.unwrap_or(old_path))
}

#[test]
fn a_wrong_password_host_or_database_is_told_on_postgres() {
    let database = postgres();
    let url = database.url();
    unavailable::<PgConnection>(
        &changed(url, Some("nobody:hush"), None, None),
        &["cannot reach postgres://nobody:***@127.0.0.1", "authentication failed"],
    );
    unavailable::<PgConnection>(
        &changed(url, None, None, Some("nothing")),
        &["nothing", "not exist"],
    );
    unavailable::<PgConnection>(
        &changed(url, Some("nobody:hush"), Some("1"), None),
        &["127.0.0.1:1/", "Connection refused"],
    );
    unavailable::<PgConnection>(
        "postgres://a:hush@no-such-host.invalid/d",
        &["no-such-host.invalid"],
    );
    unavailable::<PgConnection>("postgres://a:hu/sh@h/d", &["percent-encoded"]);
    unavailable::<PgConnection>("mysql://a:hush@h/d", &["MySQL or MariaDB, not for PostgreSQL"]);
    unavailable::<PgConnection>("postgres://a:hush@h:port/d", &["port"]);
}

#[test]
fn a_wrong_password_host_or_database_is_told_on_mysql() {
    let database = mysql();
    let url = database.url();
    unavailable::<MysqlConnection>(
        &changed(url, Some("nobody:hush"), None, None),
        &["cannot reach mysql://nobody:***@127.0.0.1", "Access denied"],
    );
    unavailable::<MysqlConnection>(&changed(url, None, None, Some("nothing")), &["nothing"]);
    unavailable::<MysqlConnection>(
        &changed(url, Some("nobody:hush"), Some("1"), None),
        &["127.0.0.1:1/", "Can't connect"],
    );
    unavailable::<MysqlConnection>(
        "mysql://a:hush@no-such-host.invalid/d",
        &["no-such-host.invalid"],
    );
    unavailable::<MysqlConnection>("mysql://a:hush@h/d/e", &["mysql://"]);
    unavailable::<MysqlConnection>("postgres://a:hush@h/d", &["PostgreSQL, not for MySQL"]);
}

#[test]
fn both_names_of_an_engine_open_it() {
    let database = mysql();
    let url = database.url().replacen("mysql://", "mariadb://", 1);
    MysqlConnection::open(&url, &OpenOptions::default()).expect("mariadb://");
    let database = postgres();
    let url = database.url().replacen("postgres://", "postgresql://", 1);
    PgConnection::open(&url, &OpenOptions::default()).expect("postgresql://");
}

#[test]
fn a_password_of_odd_characters_works_percent_encoded() {
    let database = postgres();
    let name = format!("odd_{}", uuid::Uuid::new_v4().simple());
    database.execute(&format!("CREATE ROLE {name} LOGIN PASSWORD 'a@b/c?d#e%f:g'"));
    let url =
        changed(database.url(), Some(&format!("{name}:a%40b%2Fc%3Fd%23e%25f%3Ag")), None, None);
    let opened = PgConnection::open(&url, &OpenOptions::default());
    database.execute(&format!("DROP ROLE {name}"));
    assert!(opened.is_ok(), "{:?}", opened.err());
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let url = format!("postgres://a:hush@127.0.0.1:{port}/d?connect_timeout=2");
    unavailable::<PgConnection>(&url, &["timeout expired"]);
}

#[test]
fn sqlite_opens_every_form_of_a_path_and_creates_the_file_when_asked_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    for (url, file) in [
        (path("plain.db"), "plain.db"),
        (format!("sqlite://{}", path("url.db")), "url.db"),
        (path("a?b#c%41 d.db"), "a?b#c%41 d.db"),
        (path("кни́ги.db"), "кни́ги.db"),
    ] {
        unavailable::<SqliteConnection>(&url, &["no such file"]);
        let asked = OpenOptions { missing: Missing::Created, ..OpenOptions::default() };
        let mut connection = SqliteConnection::open(&url, &asked).expect("a new file");
        connection.batch_execute("CREATE TABLE t (a)").expect("a database that can be written");
        assert!(folder.path().join(file).is_file(), "{file}");
    }
    for url in [":memory:", "sqlite::memory:"] {
        SqliteConnection::open(url, &OpenOptions::default()).expect("memory");
    }
}

#[derive(QueryableByName)]
struct Settings {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    foreign_keys: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    journal_mode: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    timeout: i64,
}

#[test]
fn sqlite_connections_check_foreign_keys_keep_a_log_and_wait_for_locks() {
    let database = sqlite();
    let mut connection =
        SqliteConnection::open(database.url(), &OpenOptions::default()).expect("a database");
    let settings = diesel::sql_query(
        "SELECT * FROM pragma_foreign_keys, pragma_journal_mode, pragma_busy_timeout",
    )
    .get_result::<Settings>(&mut connection)
    .expect("settings");
    assert_eq!(settings.foreign_keys, 1);
    assert_eq!(settings.journal_mode, "wal");
    assert_eq!(settings.timeout, 5_000);
}

#[test]
fn what_is_no_sqlite_database_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "just a text that is long enough to be looked at").expect("a file");
    let path = path.display().to_string();
    let error = refused::<SqliteConnection>(&path, &OpenOptions::default());
    assert!(matches!(error, Error::Schema { .. }), "{error:?}");
    assert!(error.to_string().contains(&format!("`{path}` is not an SQLite database")), "{error}");

    let path = folder.path().join("cut.db");
    std::fs::write(&path, b"SQLite format 3\0 and then nothing of use").expect("a file");
    let path = path.display().to_string();
    let error = refused::<SqliteConnection>(&path, &OpenOptions::default());
    assert!(matches!(error, Error::Schema { .. }), "{error:?}");
}

#[test]
fn a_folder_or_missing_place_says_so_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().display().to_string();
    unavailable::<SqliteConnection>(&path, &[&path, "is a folder"]);
    let missing = folder.path().join("no/where.db").display().to_string();
    unavailable::<SqliteConnection>(&missing, &[&missing, "does not exist"]);
    unavailable::<SqliteConnection>("oracle://a:hush@h/d", &["oracle", "sqlite://path"]);

    let missing = folder.path().join("missing.db").display().to_string();
    let options = OpenOptions { read_only: true, ..OpenOptions::default() };
    let error = refused::<SqliteConnection>(&missing, &options);
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(error.to_string().contains(&missing), "{error}");
    assert!(!std::path::Path::new(&missing).exists());
}

#[test]
fn a_file_that_is_filled_in_bulk_is_as_before_for_others() {
    #[derive(QueryableByName)]
    struct Mode {
        #[diesel(sql_type = diesel::sql_types::Text)]
        journal_mode: String,
    }
    let mode = |session: &mut persistence::Session<SqliteConnection>| {
        let connection = session.connection().expect("a connection");
        let mode = diesel::sql_query("PRAGMA journal_mode").get_result::<Mode>(connection);
        mode.expect("a mode").journal_mode
    };
    let place = sqlite();
    let bulk = || Database::<SqliteConnection>::builder(place.url()).bulk_writes().open();
    let usual = Database::<SqliteConnection>::open(place.url()).expect("a file");
    // While others have it open, what they read stays readable.
    let filling = bulk().expect("a file others have open");
    assert_eq!(mode(&mut filling.session().expect("a session")), "wal");
    drop((usual, filling));

    let filling = bulk().expect("a file of its own");
    let mut session = filling.session().expect("a session");
    // The session may be the last that has it open.
    drop(filling);
    assert_eq!(mode(&mut session), "delete");
    drop(session);
    let usual = Database::<SqliteConnection>::open(place.url()).expect("a file");
    assert_eq!(mode(&mut usual.session().expect("a session")), "wal");
}

#[test]
fn connections_of_servers_speak_utc_and_strictly() {
    #[derive(QueryableByName)]
    struct Setting {
        #[diesel(sql_type = diesel::sql_types::Text)]
        value: String,
    }
    let database = mysql();
    let mut connection =
        MysqlConnection::open(database.url(), &OpenOptions::default()).expect("a database");
    let value = diesel::sql_query("SELECT CONCAT(@@sql_mode, ' ', @@time_zone) AS value")
        .get_result::<Setting>(&mut connection)
        .expect("settings")
        .value;
    assert!(value.contains("STRICT_ALL_TABLES") && value.ends_with("+00:00"), "{value}");

    let database = postgres();
    let mut connection =
        PgConnection::open(database.url(), &OpenOptions::default()).expect("a database");
    let value = diesel::sql_query(
        "SELECT current_setting('TimeZone') || ' ' || current_setting('application_name') AS value",
    )
    .get_result::<Setting>(&mut connection)
    .expect("settings")
    .value;
    assert_eq!(value, "UTC bindery");
}

#[test]
fn what_is_written_after_another_program_looked_at_an_open_sqlite_database_is_kept() {
    let bindery = on_sqlite();
    let database = Database::<SqliteConnection>::open(bindery.database.url()).expect("a database");
    let mut writer = database.session().expect("a session");
    let mut reader = database.session().expect("another session");
    // Opening the second connection must not release the locks of the first: the other program
    // would take itself for the last one, and remove the log that the first goes on writing to.
    for session in [&mut writer, &mut reader] {
        let count = Repository::<User>::count(session, &Filter::All).expect("a count");
        assert_eq!(count, 0);
    }
    writer.rollback().expect("no changes");
    reader.rollback().expect("no changes");
    bindery.succeeds(&["migrate", "run"]);
    writer.add(user("John Doe", None));
    writer.commit().expect("a commit");
    assert_eq!(bindery.succeeds(&["count", "users"]).trim(), "1");
}
