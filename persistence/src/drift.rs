//! Drift: where a database's tables are not what the entities say; see
//! [`Database::check`](crate::Database::check).

mod table;

use std::fmt;

use crate::entity::{Entity, EntityMeta, OnDelete, Storage};
use crate::sealed::Sealed;

pub(crate) use table::Remembered;
pub use table::TableDrift;

/// What is not to be done with the rows of a table that is not as its entity says. Each holds for
/// those before it as well: rows that cannot be read are not written either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hindered {
    /// Everything works, if slower or checked less than it should be.
    #[default]
    Nothing,
    /// No row can be inserted.
    Inserting,
    /// What is written may be another thing than what was meant, or be refused.
    Writing,
    /// Rows cannot be read, at least not with all of their columns.
    Reading,
}

/// One thing in which a database differs from what the entities say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Drift {
    /// The table is not there.
    MissingTable {
        /// The entity's name.
        entity: &'static str,
        /// The table's name.
        table: &'static str,
    },
    /// A column is not there.
    MissingColumn {
        /// The table's name.
        table: &'static str,
        /// The column's name.
        column: &'static str,
    },
    /// A column that the entity does not have.
    ExtraColumn {
        /// The table's name.
        table: &'static str,
        /// The column's name.
        column: String,
        /// Whether it must have a value and has no default: no row can be inserted.
        blocks_inserts: bool,
    },
    /// A column of another type.
    OtherType {
        /// The table's name.
        table: &'static str,
        /// The column's name.
        column: &'static str,
        /// The type the entity has.
        expected: Storage,
        /// The type the database has, in its own words.
        found: String,
    },
    /// A column that compares and sorts texts by rules of its own, not by code point: filters find
    /// what they would not find elsewhere, and rows come in another order. Pages lose none of them.
    OtherCollation {
        /// The table's name.
        table: &'static str,
        /// The column's name.
        column: &'static str,
        /// The rules, in the engine's words.
        found: String,
    },
    /// A key that the entity leaves to the database, which does not count it up.
    NotGenerated {
        /// The table's name.
        table: &'static str,
        /// The column's name.
        column: &'static str,
    },
    /// A column that takes NULL and should not, or the reverse.
    OtherNullability {
        /// The table's name.
        table: &'static str,
        /// The column's name.
        column: &'static str,
        /// Whether the database's column takes NULL.
        is_nullable: bool,
    },
    /// Another primary key, or none.
    OtherPrimaryKey {
        /// The table's name.
        table: &'static str,
        /// The columns the entity has.
        expected: Vec<&'static str>,
        /// The columns the database has.
        found: Vec<String>,
    },
    /// Nothing keeps two rows from sharing these values.
    MissingUnique {
        /// The table's name.
        table: &'static str,
        /// The columns.
        columns: Vec<&'static str>,
    },
    /// Nothing keeps a row from referring to one that does not exist.
    MissingForeignKey {
        /// The table's name.
        table: &'static str,
        /// The column that refers.
        column: &'static str,
        /// The table that is referred to.
        references: &'static str,
    },
    /// Something else becomes of a row when the one it refers to is deleted.
    OtherOnDelete {
        /// The table's name.
        table: &'static str,
        /// The column that refers.
        column: &'static str,
        /// What the entity says.
        expected: OnDelete,
        /// What the database does; `None` where no entity can say it.
        found: Option<OnDelete>,
    },
    /// No index finds the rows that refer to a row: deleting that one, and reading them along,
    /// looks through the whole table.
    MissingIndex {
        /// The table's name.
        table: &'static str,
        /// The column that refers.
        column: &'static str,
    },
}

impl Drift {
    /// Returns the name of the table that it is about.
    #[must_use]
    pub const fn table(&self) -> &'static str {
        match self {
            Self::MissingTable { table, .. }
            | Self::MissingColumn { table, .. }
            | Self::ExtraColumn { table, .. }
            | Self::OtherType { table, .. }
            | Self::OtherCollation { table, .. }
            | Self::NotGenerated { table, .. }
            | Self::OtherNullability { table, .. }
            | Self::OtherPrimaryKey { table, .. }
            | Self::MissingUnique { table, .. }
            | Self::MissingForeignKey { table, .. }
            | Self::OtherOnDelete { table, .. }
            | Self::MissingIndex { table, .. } => table,
        }
    }

    /// Returns what it keeps a program from doing with the table's rows.
    ///
    /// A missing table or column cannot be read. A column of another type makes other values of
    /// those that are written, and another primary key has a statement that means one row write
    /// several. A column that wants a value which the entity does not have, and a key that the
    /// database does not count up, keep rows from being inserted. What the database checks less
    /// than the entity says (NULL, unique values, references), or does otherwise when a row is
    /// deleted, hinders nothing: no row that is read or written becomes another one by it.
    ///
    /// ```
    /// use persistence::Drift;
    /// use persistence::drift::Hindered;
    ///
    /// let drift = Drift::MissingIndex { table: "books", column: "author_id" };
    /// assert_eq!(drift.hinders(), Hindered::Nothing);
    /// let drift = Drift::MissingColumn { table: "books", column: "author_id" };
    /// assert!(drift.hinders() >= Hindered::Writing);
    /// ```
    #[must_use]
    pub const fn hinders(&self) -> Hindered {
        match self {
            Self::MissingTable { .. } | Self::MissingColumn { .. } => Hindered::Reading,
            Self::OtherType { .. } | Self::OtherPrimaryKey { .. } => Hindered::Writing,
            Self::ExtraColumn { blocks_inserts: true, .. } | Self::NotGenerated { .. } => {
                Hindered::Inserting
            }
            Self::ExtraColumn { blocks_inserts: false, .. }
            | Self::OtherCollation { .. }
            | Self::OtherNullability { .. }
            | Self::MissingUnique { .. }
            | Self::MissingForeignKey { .. }
            | Self::OtherOnDelete { .. }
            | Self::MissingIndex { .. } => Hindered::Nothing,
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingTable { entity, table } => {
                write!(f, "{table}: the table is missing (entity {entity})")
            }
            Self::MissingColumn { table, column } => {
                write!(f, "{table}.{column}: the column is missing")
            }
            Self::ExtraColumn { table, column, blocks_inserts: false } => {
                write!(f, "{table}.{column}: the entity has no such column")
            }
            Self::ExtraColumn { table, column, blocks_inserts: true } => write!(
                f,
                "{table}.{column}: the entity has no such column, and no row can be inserted \
                 without it"
            ),
            Self::OtherType { table, column, expected, found } => {
                write!(f, "{table}.{column}: the type is {found}, expected {expected:?}")
            }
            Self::OtherCollation { table, column, found } => {
                write!(f, "{table}.{column}: compares text by {found}, expected by code point")
            }
            Self::NotGenerated { table, column } => write!(
                f,
                "{table}.{column}: the database gives it no value, and the entity leaves it out"
            ),
            Self::OtherNullability { table, column, is_nullable: true } => {
                write!(f, "{table}.{column}: takes NULL, which the entity cannot hold")
            }
            Self::OtherNullability { table, column, is_nullable: false } => {
                write!(f, "{table}.{column}: does not take NULL, which the entity may hold")
            }
            Self::OtherPrimaryKey { table, expected, found } if found.is_empty() => {
                write!(f, "{table}: no primary key, expected ({})", expected.join(", "))
            }
            Self::OtherPrimaryKey { table, expected, found } => write!(
                f,
                "{table}: the primary key is ({}), expected ({})",
                found.join(", "),
                expected.join(", ")
            ),
            Self::MissingUnique { table, columns } => {
                write!(f, "{table}: nothing keeps ({}) unique", columns.join(", "))
            }
            Self::MissingForeignKey { table, column, references } => {
                write!(f, "{table}.{column}: no foreign key to {references}")
            }
            Self::OtherOnDelete { table, column, expected, found } => {
                let found = found.map_or("something else", words);
                write!(f, "{table}.{column}: on delete the database does {found}, ")?;
                write!(f, "expected {}", words(*expected))
            }
            Self::MissingIndex { table, column } => {
                write!(f, "{table}.{column}: no index on the foreign key")
            }
        }
    }
}

const fn words(on_delete: OnDelete) -> &'static str {
    match on_delete {
        OnDelete::Restrict => "RESTRICT",
        OnDelete::Cascade => "CASCADE",
        OnDelete::SetNull => "SET NULL",
    }
}

/// Entities that are named together: a tuple of up to twelve, like `(User, Book)` or `(User,)`.
pub trait Entities: Sealed {
    /// Returns what the derive says of each.
    fn metas() -> Vec<&'static EntityMeta>;
}

macro_rules! entities_of_tuples {
    ($first:ident $($rest:ident)*) => {
        impl<$first: Entity $(, $rest: Entity)*> Entities for ($first, $($rest,)*) {
            fn metas() -> Vec<&'static EntityMeta> {
                vec![$first::meta() $(, $rest::meta())*]
            }
        }
        entities_of_tuples! { $($rest)* }
    };
    () => {};
}

entities_of_tuples! { A B C D E F G H I J K L }
