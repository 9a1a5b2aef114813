//! Runs the real program, as a shell does.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::{TestDatabase, mysql, postgres, sqlite};

/// The program with a database and a folder of its own.
#[derive(Debug)]
pub struct Bindery {
    /// The engine's name.
    pub engine: &'static str,
    /// The database that commands work on.
    pub database: TestDatabase,
    folder: TempDir,
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// The program on an empty bookshop of each engine.
#[must_use]
pub fn on_every_engine() -> Vec<Bindery> {
    [("SQLite", sqlite()), ("PostgreSQL", postgres()), ("MySQL", mysql())]
        .into_iter()
        .map(|(engine, database)| Bindery::new(engine, database).migrated())
        .collect()
}

/// The program on an empty bookshop of SQLite.
#[must_use]
pub fn on_sqlite() -> Bindery {
    on_empty_file().migrated()
}

/// The program on a file of SQLite without tables.
#[must_use]
pub fn on_empty_file() -> Bindery {
    Bindery::new("SQLite", sqlite())
}

impl Bindery {
    /// The program on a database.
    #[must_use]
    pub fn new(engine: &'static str, database: TestDatabase) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { engine, database, folder }
    }

    fn migrated(self) -> Self {
        self.succeeds(&["migrate", "run"]);
        self
    }

    /// A file in the folder the program runs in.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder the program runs in.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).expect("a file in a folder of our own");
    }

    /// Reads a file from the folder the program runs in.
    #[must_use]
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The program, not yet started: in its folder, on its database, with no settings of the person
    /// who runs the tests.
    #[must_use]
    pub fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(program());
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("BINDERY_URL", self.database.url())
            .env("XDG_DATA_HOME", self.folder.path().join("data"))
            .env("HOME", self.folder.path())
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Answer {
        answer(&mut self.command(arguments))
    }

    /// Runs the program with something on its standard input.
    #[must_use]
    pub fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Answer {
        let mut child =
            self.command(arguments).stdin(Stdio::piped()).spawn().expect("the program starts");
        // A program that does not read to the end is what some tests are about.
        child.stdin.take().expect("a pipe").write_all(input).ok();
        Answer::of(&child.wait_with_output().expect("the program ends"))
    }

    /// Runs the program, which has to succeed; returns what it printed.
    pub fn succeeds(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        assert_eq!(answer.code, 0, "{} {arguments:?}: {answer:?}", self.engine);
        answer.stdout
    }

    /// Runs the program, which has to fail with that code; returns what it said on standard error.
    pub fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        assert_eq!(answer.code, code, "{} {arguments:?}: {answer:?}", self.engine);
        assert!(!answer.stderr.contains("panicked"), "{}", answer.stderr);
        answer.stderr
    }
}

impl Answer {
    /// Of a program that has ended.
    #[must_use]
    pub fn of(output: &std::process::Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs a program to its end.
///
/// # Panics
/// When it does not start.
#[must_use]
pub fn answer(command: &mut Command) -> Answer {
    Answer::of(&command.output().expect("the program starts"))
}

/// The goodbooks catalogue among the shared data.
///
/// # Panics
/// When it is not there; names the folder.
#[must_use]
pub fn goodbooks() -> String {
    let folder = std::env::var_os("BINDERY_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join("goodbooks-books.csv");
    assert!(
        path.exists(),
        "{} is not there: the tests read real data from {}",
        path.display(),
        folder.display()
    );
    path.to_string_lossy().into_owned()
}

/// The program beside the tests: Cargo puts both into one folder.
fn program() -> PathBuf {
    let tests = std::env::current_exe().expect("a running program has a path");
    let folder = tests.parent().and_then(std::path::Path::parent).expect("target/debug/deps");
    let program = folder.join(format!("bindery{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is not there: run `cargo build -p bindery --all-features` before these tests, or \
         `cargo xtask test`, which does",
        program.display()
    );
    program
}
