//! The real Diesel CLI and the bookshop's migrations: each can go on where the other stopped.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use domain::MIGRATIONS;
use integration_tests::{TestDatabase, on_every_engine};
use persistence::{Database, Engine};
use tempfile::TempDir;

/// What the CLI reads of the checkout, copied, since it writes, too.
struct Project {
    folder: TempDir,
}

const CONFIGURATIONS: [&str; 3] = ["diesel.toml", "diesel.postgres.toml", "diesel.mysql.toml"];
const SCHEMA: &str = "domain/src/schema.rs";

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    if !from.is_dir() {
        std::fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        return;
    }
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in CONFIGURATIONS.into_iter().chain(["domain/migrations", SCHEMA]) {
            copy(&workspace().join(name), &folder.path().join(name));
        }
        Self { folder }
    }

    fn schema(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(SCHEMA)).unwrap()
    }

    /// Runs the CLI on a database; returns what it prints.
    fn diesel(&self, database: &TestDatabase, arguments: &[&str]) -> String {
        let cli = std::env::var_os("DIESEL_CLI").unwrap_or_else(|| {
            panic!(
                "DIESEL_CLI is not set: run `cargo xtask test`, or set it to the Diesel CLI's program"
            )
        });
        let configuration = match database.url().split_once("://").map(|(scheme, _)| scheme) {
            None => "diesel.toml",
            Some("postgres") => "diesel.postgres.toml",
            Some(_) => "diesel.mysql.toml",
        };
        let output = Command::new(cli)
            .args(arguments)
            .current_dir(self.folder.path())
            .env("DATABASE_URL", database.url())
            .env("DIESEL_CONFIG_FILE", configuration)
            .output()
            .expect("the Diesel CLI runs");
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "diesel {} on {configuration}: {printed}{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        printed
    }
}

fn committed_schema() -> String {
    std::fs::read_to_string(workspace().join(SCHEMA)).unwrap()
}

fn is_migrated<C: Engine>(place: &TestDatabase) -> bool {
    let database = Database::<C>::open(place.url()).unwrap();
    let status = database.migration_status(&MIGRATIONS).unwrap();
    assert!(!status.is_empty());
    status.iter().all(|migration| migration.is_applied)
}

on_every_engine! {
    fn the_cli_runs_reverts_and_redoes_the_migrations<Engine>(place) {
        let project = Project::new();
        project.diesel(&place, &["migration", "run"]);
        assert!(is_migrated::<Engine>(&place));
        project.diesel(&place, &["migration", "revert", "--all"]);
        assert!(!is_migrated::<Engine>(&place));
        place.execute("CREATE TABLE books (id BIGINT); DROP TABLE books");
        project.diesel(&place, &["migration", "run"]);
        let printed = project.diesel(&place, &["migration", "redo"]);
        assert!(printed.contains("create_audit"), "{printed}");
        assert!(is_migrated::<Engine>(&place));
    }

    fn the_printed_schema_is_the_committed_one_byte_for_byte<Engine>(place) {
        let project = Project::new();
        project.diesel(&place, &["migration", "run"]);
        assert_eq!(project.diesel(&place, &["print-schema"]), committed_schema());
        // What `migration run` wrote, where the configuration says so.
        assert_eq!(project.schema(), committed_schema());
    }

    fn what_the_cli_migrated_is_up_to_date<Engine>(place) {
        Project::new().diesel(&place, &["migration", "run"]);
        let database = Database::<Engine>::open(place.url()).unwrap();
        assert_eq!(database.migrate(&MIGRATIONS).unwrap(), Vec::<String>::new());
    }

    fn the_cli_finds_nothing_pending_after_the_programs_own_migration<Engine>(place) {
        let database = Database::<Engine>::open(place.url()).unwrap();
        assert_eq!(database.migrate(&MIGRATIONS).unwrap().len(), 2);
        drop(database);
        let project = Project::new();
        assert_eq!(project.diesel(&place, &["migration", "pending"]).trim(), "false");
        project.diesel(&place, &["migration", "redo", "--all"]);
        assert!(is_migrated::<Engine>(&place));
    }
}
