//! The databases' own clients, run as programs.

use std::process::Command;

use integration_tests::TestDatabase;

/// The rows of a query, as `sqlite3` prints them: one line a row, `|` between the columns.
pub fn sqlite3(database: &TestDatabase, sql: &str) -> Vec<String> {
    lines(Command::new("sqlite3").arg(database.path()).arg(sql))
}

/// The rows of a query, as `psql` prints them.
pub fn psql(database: &TestDatabase, sql: &str) -> Vec<String> {
    lines(Command::new("psql").args(["-X", "-A", "-t", "-d", database.url(), "-c", sql]))
}

/// The rows of a query, as `mariadb` prints them, tabulators between the columns.
pub fn mariadb(database: &TestDatabase, sql: &str) -> Vec<String> {
    let rest = database.url().strip_prefix("mysql://").expect("a URL of MySQL");
    let (account, place) = rest.split_once('@').expect("an account");
    let (user, password) = account.split_once(':').expect("a password");
    let (host, name) = place.split_once('/').expect("a database");
    let (host, port) = host.split_once(':').expect("a port");
    let mut command = Command::new("mariadb");
    command.args(["--batch", "--skip-column-names", "--default-character-set=utf8mb4"]);
    command.args(["-h", host, "-P", port, "-u", user, name, "-e", sql]);
    lines(command.env("MYSQL_PWD", password))
}

fn lines(command: &mut Command) -> Vec<String> {
    let program = command.get_program().to_owned();
    let output = command.output().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}
