//! The engines' own clients, which know nothing of this program.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use integration_tests::{MysqlConnection, PgConnection, SqliteConnection, TestDatabase};
use persistence::Engine;

/// An engine whose client is a program: `sqlite3`, `psql` or `mariadb`.
pub(crate) trait Client: Engine {
    /// The client on a database, ready to read SQL.
    fn client(database: &TestDatabase) -> Command;

    /// An SQL expression that shows a value exactly, as hexadecimal digits.
    fn exactly(column: &str) -> String;
}

impl Client for SqliteConnection {
    fn client(database: &TestDatabase) -> Command {
        let mut command = Command::new("sqlite3");
        command.args(["-batch", "-bail"]).arg(database.path());
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
    fn client(database: &TestDatabase) -> Command {
        let (_, rest) = database.url().split_once("://").unwrap();
        let (person, rest) = rest.split_once('@').unwrap();
        let (user, password) = person.split_once(':').unwrap_or((person, ""));
        let (host, name) = rest.split_once('/').unwrap();
        let (host, port) = host.split_once(':').unwrap_or((host, "3306"));
        let mut command = Command::new("mariadb");
        command
            .args(["--no-defaults", "--batch", "--skip-column-names", "--local-infile=1"])
            .args(["-h", host, "-P", port, "-u", user, name])
            .env("MYSQL_PWD", password);
        command
    }

    fn exactly(column: &str) -> String {
        // A FLOAT shows six digits by itself.
        let shown = if column == "single" { "CAST(single AS DOUBLE)" } else { column };
        format!("HEX(CAST({shown} AS BINARY))")
    }
}

/// Runs a client, with something on its standard input; returns what it printed.
pub(crate) fn run(mut client: Command, input: &[u8]) -> String {
    let mut child = client
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{client:?}: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writing = std::thread::Builder::new()
        .name("client input".to_owned())
        // A client that does not read to the end says why.
        .spawn(move || stdin.write_all(&input).ok())
        .unwrap();
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    writing.join().unwrap();
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success() && stderr.is_empty(), "{client:?}: {stderr}");
    String::from_utf8_lossy(&stdout).into_owned()
}

/// What the client says of a table's rows, each value exactly, in the order of their ids.
pub(crate) fn rows<C: Client>(database: &TestDatabase, table: &str, columns: &[&str]) -> String {
    let shown: Vec<String> = columns.iter().map(|column| C::exactly(column)).collect();
    let sql = format!("SELECT {} FROM {table} ORDER BY id;\n", shown.join(", "));
    run(C::client(database), sql.as_bytes())
}
