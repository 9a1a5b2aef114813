//! The engines' own clients, which know nothing of this program.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use diesel::{MysqlConnection, PgConnection, SqliteConnection};
use persistence::Engine;

use crate::TestDatabase;

/// An engine whose client is a program: `sqlite3`, `psql` or `mariadb`.
pub trait Client: Engine {
    /// An empty database of the engine.
    fn empty() -> TestDatabase;

    /// The client on a database, ready to read SQL.
    fn client(database: &TestDatabase) -> Command;

    /// The client of a person whose terminal reads and writes UTF-8.
    #[must_use]
    fn on_terminal(database: &TestDatabase) -> Command {
        Self::client(database)
    }

    /// An SQL expression that shows a value exactly, as hexadecimal digits.
    fn exactly(column: &str) -> String;
}

impl Client for SqliteConnection {
    fn empty() -> TestDatabase {
        crate::sqlite()
    }

    fn client(database: &TestDatabase) -> Command {
        let mut command = Command::new("sqlite3");
        command.args(["-init", "/dev/null", "-batch", "-bail"]).arg(database.path());
        command
    }

    fn exactly(column: &str) -> String {
        format!(
            "CASE typeof({column}) WHEN 'real' THEN printf('%!.17g', {column}) \
             ELSE typeof({column}) || hex({column}) END"
        )
    }
}

impl Client for PgConnection {
    fn empty() -> TestDatabase {
        crate::postgres()
    }

    fn client(database: &TestDatabase) -> Command {
        let mut command = Command::new("psql");
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", database.url()]);
        command
    }

    fn exactly(column: &str) -> String {
        format!("encode(convert_to({column}::text, 'UTF8'), 'hex')")
    }
}

impl Client for MysqlConnection {
    fn empty() -> TestDatabase {
        crate::mysql()
    }

    fn client(database: &TestDatabase) -> Command {
        let (_, rest) = database.url().split_once("://").expect("a URL");
        let (person, rest) = rest.split_once('@').expect("an account");
        let (user, password) = person.split_once(':').unwrap_or((person, ""));
        let (host, name) = rest.split_once('/').expect("a database");
        let (host, port) = host.split_once(':').unwrap_or((host, "3306"));
        let mut command = Command::new("mariadb");
        command
            .args(["--no-defaults", "--batch", "--skip-column-names", "--local-infile=1"])
            .args(["-h", host, "-P", port, "-u", user, name])
            .env("MYSQL_PWD", password);
        command
    }

    fn on_terminal(database: &TestDatabase) -> Command {
        let mut command = Self::client(database);
        command.arg("--default-character-set=utf8mb4");
        command
    }

    fn exactly(column: &str) -> String {
        // A FLOAT shows six digits by itself.
        let shown = if column == "single" { "CAST(single AS DOUBLE)" } else { column };
        format!("HEX(CAST({shown} AS BINARY))")
    }
}

/// Runs a client, with something on its standard input; returns what it printed.
///
/// # Panics
/// When the client complains.
#[must_use]
pub fn run(mut client: Command, input: &[u8]) -> String {
    let mut child = client
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{client:?}: {error}"));
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writing = std::thread::Builder::new()
        .name("client input".to_owned())
        // A client that does not read to the end says why.
        .spawn(move || stdin.write_all(&input).ok())
        .expect("a thread");
    let Output { status, stdout, stderr } = child.wait_with_output().expect("its end");
    writing.join().expect("no panic");
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success() && stderr.is_empty(), "{client:?}: {stderr}");
    String::from_utf8_lossy(&stdout).into_owned()
}

/// What the client says of a table's rows, each value exactly, in the order of their ids.
#[must_use]
pub fn rows<C: Client>(database: &TestDatabase, table: &str, columns: &[&str]) -> String {
    let shown: Vec<String> = columns.iter().map(|column| C::exactly(column)).collect();
    let sql = format!("SELECT {} FROM {table} ORDER BY id;\n", shown.join(", "));
    run(C::client(database), sql.as_bytes())
}

/// The rows of a query, as `sqlite3` prints them: one line a row, `|` between the columns.
#[must_use]
pub fn sqlite3(database: &TestDatabase, sql: &str) -> Vec<String> {
    lines::<SqliteConnection>(database, sql)
}

/// The rows of a query, as `psql` prints them, in the same form.
#[must_use]
pub fn psql(database: &TestDatabase, sql: &str) -> Vec<String> {
    lines::<PgConnection>(database, sql)
}

/// The rows of a query, as `mariadb` prints them, tabulators between the columns.
#[must_use]
pub fn mariadb(database: &TestDatabase, sql: &str) -> Vec<String> {
    lines::<MysqlConnection>(database, sql)
}

fn lines<C: Client>(database: &TestDatabase, sql: &str) -> Vec<String> {
    let printed = run(C::on_terminal(database), format!("{sql};\n").as_bytes());
    printed.lines().map(str::to_owned).collect()
}
