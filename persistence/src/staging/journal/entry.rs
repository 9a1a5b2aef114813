//! What the lines of a journal say.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::line::line;
use super::shape::{Shape, fingerprint};
use crate::catalog::CatalogEntry;
use crate::edit::Written;
use crate::staging::Step;
use crate::value::Record;

/// What kind of file a journal is.
const FORMAT: &str = "bindery-staging";
/// Counted up whenever a program of before could not read what is written now.
const VERSION: u32 = 1;

/// What the first line says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    format: Cow<'static, str>,
    version: u32,
    /// The database, as whoever made the journal calls it.
    pub database: String,
    /// A checksum of its tables.
    pub schema: String,
}

/// What any other line says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Entry<'e> {
    /// What a table is like. It comes before the first line that is about the table.
    Table(Shape),
    /// What was done to the staging area.
    Step(Cow<'e, Step>),
    /// What is about to be committed.
    Committing(Vec<Row<'e>>),
}

/// A row that is about to be committed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row<'e> {
    /// Its table.
    pub table: Cow<'e, str>,
    /// What it was.
    pub before: Option<Cow<'e, Record>>,
    /// What it is to be.
    pub after: Option<Cow<'e, Record>>,
}

impl Header {
    pub fn new(database: &str, entries: &[CatalogEntry]) -> Self {
        let (database, schema) = (database.to_owned(), fingerprint(entries));
        Self { format: Cow::Borrowed(FORMAT), version: VERSION, database, schema }
    }

    /// Reads the header of a journal that this program can read.
    pub fn read(text: &[u8]) -> Option<Self> {
        let header: Self = serde_json::from_slice(text).ok()?;
        (header.format == FORMAT && header.version == VERSION).then_some(header)
    }

    /// Writes it as a line.
    pub fn line(&self) -> String {
        line(&serde_json::to_string(self).expect("its fields are texts and a number"))
    }
}

impl<'e> Entry<'e> {
    pub fn committing(rows: &'e [Written]) -> Self {
        let row = |row: &'e Written| Row {
            table: Cow::Borrowed(row.entity.table),
            before: row.before.as_ref().map(Cow::Borrowed),
            after: row.after.as_ref().map(Cow::Borrowed),
        };
        Self::Committing(rows.iter().map(row).collect())
    }

    /// Reads what a line says.
    pub fn read(text: &[u8]) -> serde_json::Result<Self> {
        let mut json = serde_json::Deserializer::from_slice(text);
        // A document in a cell may be as deep as the limit allows by itself.
        json.disable_recursion_limit();
        let entry = Self::deserialize(&mut json)?;
        json.end()?;
        Ok(entry)
    }

    /// Writes it as a line.
    pub fn line(&self) -> String {
        line(&serde_json::to_string(self).expect("all keys of maps are texts"))
    }

    /// Returns the tables that it has rows of.
    pub fn tables(&self) -> BTreeSet<&str> {
        match self {
            Self::Table(_) => BTreeSet::new(),
            Self::Step(step) => match &**step {
                Step::Staged { seen, rows } => {
                    let seen = seen.iter().map(|(row, _)| &*row.table);
                    seen.chain(rows.iter().map(|(row, _)| &*row.table)).collect()
                }
                Step::Reread { row, .. } => BTreeSet::from([&*row.table]),
                Step::Undone | Step::Redone | Step::Finished => BTreeSet::new(),
            },
            Self::Committing(rows) => rows.iter().map(|row| &*row.table).collect(),
        }
    }
}
