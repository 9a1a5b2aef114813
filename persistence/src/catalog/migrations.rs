//! A program's migrations and a database, whose engine is known only at run time.

use crate::backend::MigrationStatus;
use crate::error::Result;
use crate::sealed::Sealed;

/// The migrations of a program, and what became of them in a catalog's database. Object-safe.
///
/// Each step takes the name of the migration that somebody has agreed to: another program may have run or
/// reverted some meanwhile, and then another one would be next.
///
/// ```no_run
/// # fn catalog() -> persistence::Catalog { unimplemented!() }
/// # let catalog = catalog();
/// if let Some(migrations) = catalog.migrations() {
///     for migration in migrations.status()?.iter().filter(|migration| !migration.is_applied) {
///         migrations.run(&migration.name)?;
///     }
/// }
/// # Ok::<(), persistence::Error>(())
/// ```
pub trait DynMigrations: Sealed + Send + Sync {
    /// Returns the migrations in their order, those among them that the database has and the program
    /// [does not know](MigrationStatus::is_known). Writes nothing.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn status(&self) -> Result<Vec<MigrationStatus>>;

    /// Runs one migration, the next that is pending, under a lock; returns whether it was still pending.
    ///
    /// # Errors
    /// [`Error::Schema`](crate::Error::Schema) that names the migration, where it fails, another comes
    /// before it, or the program has none of that name; [`Error::ReadOnly`](crate::Error::ReadOnly).
    fn run(&self, name: &str) -> Result<bool>;

    /// Reverts one migration, the one that was applied last, under the same lock; returns whether it was
    /// still applied.
    ///
    /// # Errors
    /// [`Error::Schema`](crate::Error::Schema) that names the migration, where it fails, another was applied
    /// after it, or the program has none of that name; [`Error::ReadOnly`](crate::Error::ReadOnly).
    fn revert(&self, name: &str) -> Result<bool>;
}
