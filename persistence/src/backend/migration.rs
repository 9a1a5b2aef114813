//! Running the embedded migrations, for every engine alike.

use diesel::connection::Connection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel_migrations::EmbeddedMigrations;

use super::{Engine, Migrations};
use crate::error::{Error, Result};

/// One migration of a [`Migrations`] set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its folder's name: `2024-01-01-000000_create_books`.
    pub name: String,
    /// Whether this database has it.
    pub is_applied: bool,
}

type Boxed<C> = Box<dyn Migration<<C as Connection>::Backend>>;

/// All migrations of the engine, in their order.
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

/// Which of the migrations are among the applied versions.
pub(super) fn status<C: Engine>(
    migrations: &Migrations,
    applied: &[String],
) -> Result<Vec<MigrationStatus>> {
    Ok(all::<C>(migrations)?
        .iter()
        .map(|migration| MigrationStatus {
            name: migration.name().to_string(),
            is_applied: applied.contains(&migration.name().version().to_string()),
        })
        .collect())
}

/// Runs the pending migrations; the caller holds the lock.
pub(super) fn run<C: Engine>(connection: &mut C, migrations: &Migrations) -> Result<Vec<String>> {
    let all = all::<C>(migrations)?;
    let applied = applied(connection)?;
    let mut names = Vec::new();
    for migration in all {
        if applied.contains(&migration.name().version().as_owned()) {
            continue;
        }
        let name = migration.name().to_string();
        connection.run_migration(&*migration).map_err(|error| Error::Schema {
            message: format!("the migration {name} failed: {error}"),
        })?;
        names.push(name);
    }
    Ok(names)
}

/// Reverts the migration that was applied last; the caller holds the lock.
pub(super) fn revert_last<C: Engine>(
    connection: &mut C,
    migrations: &Migrations,
) -> Result<Option<String>> {
    let all = all::<C>(migrations)?;
    let Some(last) = applied(connection)?.into_iter().max() else { return Ok(None) };
    let migration =
        all.iter().find(|migration| migration.name().version() == last).ok_or_else(|| {
            Error::Schema {
                message: format!("the migration {last}, applied last, is unknown to this program"),
            }
        })?;
    let name = migration.name().to_string();
    connection.revert_migration(migration).map_err(|error| Error::Schema {
        message: format!("reverting the migration {name} failed: {error}"),
    })?;
    Ok(Some(name))
}

/// Versions of the applied migrations; makes the table that holds them where it is missing.
fn applied<C: Engine>(connection: &mut C) -> Result<Vec<MigrationVersion<'static>>> {
    connection.applied_migrations().map_err(|error| {
        match error.downcast::<diesel::result::Error>() {
            Ok(error) => C::classify(*error, super::NO_ENTITY),
            Err(error) => Error::Schema { message: error.to_string() },
        }
    })
}
