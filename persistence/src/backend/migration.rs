//! Running the embedded migrations, for every engine alike.

use diesel::connection::{Connection, TransactionManager};
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel_migrations::EmbeddedMigrations;

use super::{Engine, Migrations, classify_commit, classify_plain};
use crate::error::{Error, Result};

/// One migration of a [`Migrations`] set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MigrationStatus {
    /// Its folder's name: `2024-01-01-000000_create_books`; of one that the program does not know, its
    /// version: `20240101000000`.
    pub name: String,
    /// Whether this database has it.
    pub is_applied: bool,
    /// Whether the program has it: another one, or a newer one, has applied it where that is not so.
    pub is_known: bool,
}

type Boxed<C> = Box<dyn Migration<<C as Connection>::Backend>>;

/// Returns all migrations of the engine, in their order.
pub(super) fn all<C: Engine>(migrations: &Migrations) -> Result<Vec<Boxed<C>>> {
    let embedded: &EmbeddedMigrations = C::migrations(migrations).ok_or_else(|| Error::Schema {
        message: format!("there are no migrations for {}", C::NAME),
    })?;
    let mut migrations = MigrationSource::<C::Backend>::migrations(embedded).map_err(|error| {
        Error::Schema { message: format!("the embedded migrations cannot be read: {error}") }
    })?;
    migrations.sort_by(|a, b| a.name().version().cmp(&b.name().version()));
    Ok(migrations)
}

/// Returns each of the migrations with whether it is among the applied versions, and the versions that
/// are of none of them, in their order.
pub(super) fn status<C: Engine>(
    migrations: &Migrations,
    applied: &[String],
) -> Result<Vec<MigrationStatus>> {
    let all = all::<C>(migrations)?;
    let versions: Vec<String> =
        all.iter().map(|migration| migration.name().version().to_string()).collect();
    let known = all.iter().zip(&versions).map(|(migration, version)| {
        let (name, is_applied) = (migration.name().to_string(), applied.contains(version));
        (version, MigrationStatus { name, is_applied, is_known: true })
    });
    let unknown = applied.iter().filter(|version| !versions.contains(version)).map(|version| {
        let name = version.clone();
        (version, MigrationStatus { name, is_applied: true, is_known: false })
    });
    let mut found: Vec<_> = known.chain(unknown).collect();
    found.sort_by_key(|(version, _)| *version);
    Ok(found.into_iter().map(|(_, status)| status).collect())
}

/// What an engine does with a statement that changes tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SchemaChanges {
    /// It is a part of the transaction, as any other.
    #[cfg_attr(
        all(feature = "mysql", not(any(feature = "postgres", feature = "sqlite"))),
        expect(dead_code, reason = "what PostgreSQL and SQLite do")
    )]
    InTransaction,
    /// It commits what was before it, and itself.
    #[cfg_attr(not(feature = "mysql"), expect(dead_code, reason = "what MySQL does"))]
    AtOnce,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Run,
    Revert,
}

/// Runs the pending migrations; the caller holds the lock.
pub(super) fn run<C: Engine>(
    connection: &mut C,
    migrations: &Migrations,
    only: Option<&str>,
    changes: SchemaChanges,
) -> Result<Vec<String>> {
    let all = all::<C>(migrations)?;
    let applied = applied(connection)?;
    let is_pending =
        |migration: &&Boxed<C>| !applied.contains(&migration.name().version().as_owned());
    let mut pending: Vec<&Boxed<C>> = all.iter().filter(is_pending).collect();
    if let Some(only) = only {
        let wanted = named::<C>(&all, only)?;
        if !is_pending(&wanted) {
            return Ok(Vec::new());
        }
        pending.retain(|migration| migration.name().version() <= wanted.name().version());
        let is_other = |next: &&&Boxed<C>| next.name().version() != wanted.name().version();
        if let Some(next) = pending.first().filter(is_other) {
            let next = next.name();
            let message = format!("the migration {only} is not the next one: that is {next}");
            return Err(Error::Schema { message });
        }
    }
    let mut names = Vec::new();
    for migration in pending {
        take(connection, migration, Step::Run, changes)?;
        names.push(migration.name().to_string());
    }
    Ok(names)
}

/// Finds a migration by its name.
fn named<'m, C: Engine>(all: &'m [Boxed<C>], name: &str) -> Result<&'m Boxed<C>> {
    let found = all.iter().find(|migration| migration.name().to_string() == name);
    found.ok_or_else(|| Error::Schema {
        message: format!("the migration {name} is unknown to this program"),
    })
}

/// Reverts the migration that was applied last; the caller holds the lock.
pub(super) fn revert_last<C: Engine>(
    connection: &mut C,
    migrations: &Migrations,
    only: Option<&str>,
    changes: SchemaChanges,
) -> Result<Option<String>> {
    let all = all::<C>(migrations)?;
    let applied = applied(connection)?;
    if let Some(only) = only {
        let version = named::<C>(&all, only)?.name().version().as_owned();
        if !applied.contains(&version) {
            return Ok(None);
        }
    }
    let Some(last) = applied.into_iter().max() else { return Ok(None) };
    let migration =
        all.iter().find(|migration| migration.name().version() == last).ok_or_else(|| {
            Error::Schema {
                message: format!("the migration {last}, applied last, is unknown to this program"),
            }
        })?;
    let name = migration.name().to_string();
    if let Some(only) = only.filter(|only| name != *only) {
        let message =
            format!("the migration {only} is not the one that was applied last: {name} is");
        return Err(Error::Schema { message });
    }
    take(connection, migration, Step::Revert, changes)?;
    Ok(Some(name))
}

/// Runs or reverts a migration and notes that down, as Diesel does, which does not tell a commit
/// that failed from one whose answer was lost.
fn take<C: Engine>(
    connection: &mut C,
    migration: &Boxed<C>,
    step: Step,
    changes: SchemaChanges,
) -> Result<()> {
    let name = migration.name();
    let failed = match step {
        Step::Run => format!("the migration {name} failed"),
        Step::Revert => format!("reverting the migration {name} failed"),
    };
    let in_transaction = migration.metadata().run_in_transaction();
    if in_transaction {
        C::TransactionManager::begin_transaction(connection).map_err(classify_plain::<C>)?;
    }
    if let Err(error) = take_statements(connection, migration, step) {
        if in_transaction {
            // The first error is what matters.
            C::TransactionManager::rollback_transaction(connection).ok();
        }
        let message = format!("{failed}: {error}");
        if connection.ping().is_ok() {
            return Err(Error::Schema { message });
        }
        let target = C::NAME.to_owned();
        // Where nothing takes back what was done, how far it came is not known.
        return Err(if in_transaction && changes == SchemaChanges::InTransaction {
            Error::Unavailable { target, message }
        } else {
            Error::CommitUnknown { target, message }
        });
    }
    if !in_transaction {
        return Ok(());
    }
    let committed = C::TransactionManager::commit_transaction(connection);
    committed.map_err(|error| match classify_commit::<C>(error) {
        Error::CommitUnknown { target, message } => {
            Error::CommitUnknown { target, message: format!("{name}: {message}") }
        }
        Error::Unavailable { target, message } => {
            Error::Unavailable { target, message: format!("{failed}: {message}") }
        }
        error => Error::Schema { message: format!("{failed}: {error}") },
    })
}

fn take_statements<C: Engine>(
    connection: &mut C,
    migration: &Boxed<C>,
    step: Step,
) -> diesel::migration::Result<()> {
    let version = migration.name().version().to_string().replace('\'', "''");
    let noted = match step {
        Step::Run => {
            migration.run(connection)?;
            format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}')")
        }
        Step::Revert => {
            migration.revert(connection)?;
            format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'")
        }
    };
    connection.batch_execute(&noted)?;
    Ok(())
}

/// Returns the versions of the applied migrations; makes the table that holds them where it is missing.
fn applied<C: Engine>(connection: &mut C) -> Result<Vec<MigrationVersion<'static>>> {
    connection.applied_migrations().map_err(|error| {
        match error.downcast::<diesel::result::Error>() {
            Ok(error) => C::classify(*error, super::NO_ENTITY),
            Err(error) => Error::Schema { message: error.to_string() },
        }
    })
}
