//! Throw-away databases: each test makes its own, and its end drops it.

use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use diesel::{Connection, MysqlConnection, PgConnection, RunQueryDsl as _, SqliteConnection};
use tempfile::TempDir;

/// An empty database of one test, dropped at the test's end.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    kind: Kind,
}

/// What there is to clean up.
#[derive(Debug)]
enum Kind {
    Sqlite { folder: TempDir },
    Postgres { server: String, name: String },
    Mysql { server: String, name: String },
}

/// A new, empty SQLite database in a folder of its own.
#[must_use]
pub fn sqlite() -> TestDatabase {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = folder.path().join("test.db").to_string_lossy().into_owned();
    // As programs make their own databases.
    SqliteConnection::establish(&url)
        .expect("a new SQLite file")
        .batch_execute("PRAGMA journal_mode = WAL")
        .expect("a log");
    TestDatabase { url, kind: Kind::Sqlite { folder } }
}

/// A new, empty database on the PostgreSQL server of `BINDERY_TEST_POSTGRES_URL`.
#[must_use]
pub fn postgres() -> TestDatabase {
    let server = server_url("BINDERY_TEST_POSTGRES_URL");
    let name = random_name();
    PgConnection::establish(&server)
        .expect("the PostgreSQL server of the tests answers")
        .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
        .expect("a new PostgreSQL database");
    TestDatabase { url: with_database(&server, &name), kind: Kind::Postgres { server, name } }
}

/// A new, empty database on the MySQL or MariaDB server of `BINDERY_TEST_MYSQL_URL`.
#[must_use]
pub fn mysql() -> TestDatabase {
    let server = server_url("BINDERY_TEST_MYSQL_URL");
    let name = random_name();
    MysqlConnection::establish(&server)
        .expect("the MySQL server of the tests answers")
        .batch_execute(&format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"))
        .expect("a new MySQL database");
    TestDatabase { url: with_database(&server, &name), kind: Kind::Mysql { server, name } }
}

impl TestDatabase {
    /// Where the database is: a path, `postgres://…` or `mysql://…`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The SQLite database's file.
    ///
    /// # Panics
    /// When this is a database on a server.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        match &self.kind {
            Kind::Sqlite { folder } => folder.path().join("test.db"),
            Kind::Postgres { .. } | Kind::Mysql { .. } => panic!("{} is no file", self.url),
        }
    }

    /// Runs SQL past everything that is tested: one statement or many.
    ///
    /// # Panics
    /// When the database refuses.
    pub fn execute(&self, sql: &str) {
        let result = match &self.kind {
            Kind::Sqlite { .. } => {
                SqliteConnection::establish(&self.url).expect("a connection").batch_execute(sql)
            }
            Kind::Postgres { .. } => {
                PgConnection::establish(&self.url).expect("a connection").batch_execute(sql)
            }
            Kind::Mysql { .. } => {
                MysqlConnection::establish(&self.url).expect("a connection").batch_execute(sql)
            }
        };
        result.unwrap_or_else(|error| panic!("{error} in {sql}"));
    }
}

impl TestDatabase {
    /// What SQLite itself says of the file: `ok`, or what is wrong with it.
    ///
    /// # Panics
    /// When it cannot be read at all.
    #[must_use]
    pub fn integrity(&self) -> String {
        let mut connection = SqliteConnection::establish(&self.url).expect("a connection");
        diesel::sql_query(
            "SELECT group_concat(integrity_check) AS said FROM pragma_integrity_check",
        )
        .get_result::<Said>(&mut connection)
        .expect("a file that can be read")
        .said
    }

    /// Has the server end everybody's connections to the database.
    ///
    /// # Panics
    /// When this is a file, which has no server, or the server refuses.
    pub fn end_connections(&self) {
        match &self.kind {
            Kind::Sqlite { .. } => panic!("{} has no server", self.url),
            Kind::Postgres { .. } => self.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            ),
            // KILL takes no subquery; a block may build its statements.
            Kind::Mysql { name, .. } => self.execute(&format!(
                "BEGIN NOT ATOMIC \
                   FOR connection IN (SELECT id FROM information_schema.processlist \
                                      WHERE db = '{name}' AND id <> CONNECTION_ID()) DO \
                     EXECUTE IMMEDIATE CONCAT('KILL ', connection.id); \
                   END FOR; \
                 END"
            )),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // A database that stays behind is no reason to hide why a test failed; the server that
        // holds it is thrown away too.
        let dropped = match &self.kind {
            Kind::Sqlite { .. } => Ok(()),
            Kind::Postgres { server, name } => PgConnection::establish(server)
                .map_err(|error| error.to_string())
                .and_then(|mut connection| {
                    connection
                        .batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
                        .map_err(|error| error.to_string())
                }),
            Kind::Mysql { server, name } => MysqlConnection::establish(server)
                .map_err(|error| error.to_string())
                .and_then(|mut connection| {
                    // An open transaction of the test would make DROP wait.
                    connection
                        .batch_execute(&format!(
                            "SET SESSION lock_wait_timeout = 10; DROP DATABASE {name}"
                        ))
                        .map_err(|error| error.to_string())
                }),
        };
        if let Err(error) = dropped {
            eprintln!("cannot drop a database of the tests: {error}");
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Said {
    #[diesel(sql_type = diesel::sql_types::Text)]
    said: String,
}

fn server_url(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!(
            "{variable} is not set: run `cargo xtask test`, or `source` what \
             `cargo xtask servers` prints"
        )
    })
}

fn random_name() -> String {
    format!("bindery_test_{}", uuid::Uuid::new_v4().simple())
}

/// The server's URL with its path replaced.
fn with_database(server: &str, name: &str) -> String {
    let (address, parameters) =
        server.split_once('?').map_or((server, None), |(address, rest)| (address, Some(rest)));
    let authority = address.find("://").map_or(0, |scheme| scheme + 3);
    let end = address[authority..].find('/').map_or(address.len(), |slash| authority + slash);
    let parameters = parameters.map(|parameters| format!("?{parameters}")).unwrap_or_default();
    format!("{}/{name}{parameters}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_replaces_the_path_of_the_servers_url() {
        assert_eq!(with_database("mysql://u:p@h:1/", "x"), "mysql://u:p@h:1/x");
        assert_eq!(with_database("postgres://h/postgres?a=b", "x"), "postgres://h/x?a=b");
        assert_eq!(with_database("mysql://h", "x"), "mysql://h/x");
    }

    #[test]
    fn each_engine_gives_an_empty_database_and_takes_statements() {
        for database in [sqlite(), postgres(), mysql()] {
            database.execute("CREATE TABLE empty (id BIGINT PRIMARY KEY); DROP TABLE empty");
        }
    }
}
