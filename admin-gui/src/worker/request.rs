//! What the window asks of the database, and what it is told.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use egui::ColorImage;
use persistence::deletion::{Consequence, DeletionPlan};
use persistence::observe::Statement;
use persistence::{Cursor, Filter, Order, PageStart, Query, Record, RecordKey, Value};

use super::change::Change;
use super::images::ImagePlace;
use super::listed::{ListedRow, SeenRow};
use crate::pages::overview::{Asked, Growth, NullRates};
use crate::pages::query_log::{Explanation, Origin};
use crate::pages::statistics::ColumnFigures;
use crate::related::RelatedRows;
use transfer::export::Source;

/// What the window asks of the database. Each is answered from a session of its own; one that
/// writes is committed before it is answered.
#[derive(Clone, Debug)]
pub enum Request {
    /// How many rows the filter finds.
    Count {
        /// The entity's table.
        table: &'static str,
        /// Which rows.
        filter: Filter,
    },
    /// About how many rows an entity has, without counting them.
    Estimate {
        /// The entity's table.
        table: &'static str,
    },
    /// A bounded step of finding out how many rows there are and where.
    Survey {
        /// The entity's table.
        table: &'static str,
        /// Which rows.
        filter: Filter,
        /// How to go through them.
        walk: Walk,
    },
    /// Some neighbouring rows, long values cut.
    Rows {
        /// The entity's table.
        table: &'static str,
        /// Which rows, in which order; its offset is counted from the start.
        query: Query,
        /// Where among them.
        start: PageStart,
        /// How many at most.
        size: u64,
    },
    /// One row as it is now.
    Find {
        /// The entity's table.
        table: &'static str,
        /// Its primary key.
        key: RecordKey,
    },
    /// Rows to choose a reference from.
    Choices {
        /// The table of the entity to choose from.
        table: &'static str,
        /// What the person typed; empty offers the first rows.
        text: String,
        /// How many at most.
        size: u64,
    },
    /// What rows refer to.
    Labels {
        /// The entity's table.
        table: &'static str,
        /// The rows.
        records: Vec<Record>,
    },
    /// What a new row of an entity starts from.
    Defaults {
        /// The entity's table.
        table: &'static str,
    },
    /// The values of a column, the most frequent first.
    Distinct {
        /// The entity's table.
        table: &'static str,
        /// The column's name.
        column: &'static str,
        /// Of which rows.
        filter: Filter,
        /// How many at most.
        size: u64,
    },
    /// Rows that belong to a record.
    Related {
        /// The record's table.
        table: &'static str,
        /// The record.
        record: Record,
        /// The place among its [relations](crate::related::relations).
        relation: usize,
        /// How many rows at most.
        size: u64,
    },
    /// When an entity's rows were made.
    Growth {
        /// The entity's table.
        table: &'static str,
        /// The position of the column that says so.
        column: usize,
    },
    /// How many rows of an entity have NULL in which column.
    NullRates {
        /// The entity's table.
        table: &'static str,
    },
    /// What the values of a column are like.
    Statistics {
        /// The entity's table.
        table: &'static str,
        /// The column's name.
        column: &'static str,
        /// Of which rows.
        filter: Filter,
    },
    /// Images in cells, made small.
    Images(Vec<ImagePlace>),
    /// How the database finds a page of rows.
    Explain {
        /// The page.
        origin: Origin,
    },
    /// Inserts a row.
    Insert {
        /// The entity's table.
        table: &'static str,
        /// The row.
        record: Record,
    },
    /// Writes what differs between two states of a row.
    Update {
        /// The entity's table.
        table: &'static str,
        /// The row as it was read.
        base: Record,
        /// The row as it should be.
        mine: Record,
    },
    /// The rows from one to another.
    Between {
        /// The entity's table.
        table: &'static str,
        /// Of which rows, in which order.
        query: Query,
        /// The key of the first.
        first: RecordKey,
        /// The place of the first.
        place: Cursor,
        /// The key of the last.
        last: RecordKey,
        /// How many at most.
        limit: u64,
    },
    /// Which of some rows are not found any more.
    Remaining {
        /// The entity's table.
        table: &'static str,
        /// What finds them.
        filter: Filter,
        /// Their keys.
        keys: Arc<HashSet<RecordKey>>,
    },
    /// What a deletion would take along.
    PlanDeletion {
        /// The rows to delete.
        source: Source,
        /// How many at most.
        limit: u64,
    },
    /// Deletes rows: all or none, and none when they, or what goes along, are not any more what a
    /// person has seen.
    Delete(PlannedDeletion),
}

impl Request {
    /// The page of rows that it asks for, if it does.
    pub(super) fn origin(&self) -> Option<Origin> {
        let Self::Rows { table, query, start, size } = self else { return None };
        Some(Origin { table, query: query.clone(), start: start.clone(), size: *size })
    }

    /// Whether it changes the database. Such a request is never superseded by a newer one.
    #[must_use]
    pub const fn writes(&self) -> bool {
        matches!(self, Self::Insert { .. } | Self::Update { .. } | Self::Delete(_))
    }

    /// Whether it may look at many rows: such a request can be stopped while it runs.
    #[must_use]
    pub fn may_take_long(&self) -> bool {
        match self {
            Self::Rows { query, .. } => query.filter != Filter::All || !query.order.0.is_empty(),
            Self::Count { filter, .. } | Self::Survey { filter, .. } => *filter != Filter::All,
            Self::Choices { text, .. } => !text.is_empty(),
            Self::PlanDeletion { .. }
            | Self::Between { .. }
            | Self::Remaining { .. }
            | Self::Distinct { .. }
            | Self::Related { .. }
            | Self::Growth { .. }
            | Self::NullRates { .. }
            | Self::Statistics { .. }
            | Self::Images(_)
            | Self::Explain { .. } => true,
            Self::Estimate { .. }
            | Self::Labels { .. }
            | Self::Defaults { .. }
            | Self::Find { .. }
            | Self::Insert { .. }
            | Self::Update { .. }
            | Self::Delete(_) => false,
        }
    }
}

/// A bounded step through an entity's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Walk {
    /// From one place to the next, so many rows at a time, as far as it goes in a short while.
    Strides {
        /// In which order.
        order: Order,
        /// From where; from the first row if `None`.
        after: Option<Cursor>,
        /// Rows from one place to the next.
        step: u64,
    },
    /// From one primary key to the next, as far as it goes in a short while.
    Intervals {
        /// From where; from the first row if `None`.
        start: Option<Cursor>,
        /// Where each interval ends.
        ends: Vec<Cursor>,
        /// Whether what follows the last interval is to be counted, too.
        is_last: bool,
    },
    /// In one go.
    Whole,
}

/// What such a step found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Surveyed {
    /// Places so many rows apart.
    Strides {
        /// The places.
        ends: Vec<Cursor>,
        /// Rows from one to the next.
        step: u64,
        /// Rows after the last place, where there are fewer than another step.
        rest: Option<u64>,
    },
    /// Rows of each interval.
    Intervals {
        /// How many, for each interval that was reached.
        counts: Vec<u64>,
        /// How many follow the last interval, if that was reached and asked for.
        rest: Option<u64>,
    },
    /// All rows.
    Whole(u64),
    /// The rows would have to be sorted for each step.
    Unordered,
}

/// What the window is told.
#[derive(Debug)]
pub enum Answer {
    /// How many rows there are.
    Count(u64),
    /// About how many rows there are, if anything is known.
    Estimate(Option<u64>),
    /// What a step of a survey found.
    Surveyed(Surveyed),
    /// The rows.
    Rows(Rows),
    /// The row with the labels of what it refers to, or `None` if it is gone.
    Found(Option<(Record, Labels)>),
    /// Rows to choose from.
    Choices(Vec<Choice>),
    /// What rows refer to.
    Labels(Labels),
    /// What a new row starts from, and what its references point to.
    Defaults(Record, Labels),
    /// The values of a column with how many rows have each, and what they refer to.
    Distinct(Vec<(Value, u64)>, Labels),
    /// The record whose related rows these are, and the rows.
    Related(RecordKey, RelatedRows),
    /// When an entity's rows were made.
    Growth(Growth),
    /// How many rows have NULL in which column.
    NullRates(NullRates),
    /// What the values of a column are like.
    Statistics(ColumnFigures),
    /// The images, `None` where there is none that can be shown.
    Images(Vec<(ImagePlace, Option<ColorImage>)>),
    /// How the database finds a page of rows.
    Explained(Explanation),
    /// A row has been inserted or updated.
    Saved {
        /// The entity's table.
        table: &'static str,
        /// The row as it is stored now.
        stored: Record,
        /// What became of it.
        change: Change,
    },
    /// The rows between two, with both; `None` where they were not found one after the other.
    Between(Option<Vec<RecordKey>>),
    /// The rows that are not found any more.
    Gone(HashSet<RecordKey>),
    /// What a deletion would take along, perhaps not the same any more; `None` where they are too
    /// many rows.
    DeletionPlan(Option<PlannedDeletion>),
    /// Rows are gone.
    Deleted {
        /// The entity's table.
        table: &'static str,
        /// How many were to be deleted.
        count: usize,
        /// Those that were there, as they were; without what went with them.
        rows: Vec<Record>,
    },
}

/// Rows that are to be deleted, and what that would take along.
#[derive(Clone, Debug)]
pub struct PlannedDeletion {
    /// The rows, as far as they are there.
    pub rows: Vec<SeenRow>,
    /// What the first of them are called.
    pub labels: Vec<String>,
    /// What goes along.
    pub plan: DeletionPlan,
}

impl PlannedDeletion {
    /// Whether it means the same rows, unchanged, and takes the same along.
    #[must_use]
    pub fn is_as(&self, other: &Self) -> bool {
        let rows: HashSet<&SeenRow> = self.rows.iter().collect();
        let (along, others) = (&self.plan.consequences, &other.plan.consequences);
        self.rows.len() == other.rows.len()
            && other.rows.iter().all(|row| rows.contains(row))
            && along.len() == others.len()
            && along.iter().zip(others).all(|(one, other)| is_same(one, other))
    }
}

/// Whether the same rows go along, as far as they are counted and named.
fn is_same(one: &Consequence, other: &Consequence) -> bool {
    let described = |it: &Consequence| (it.entity.table, it.column.name, it.rule, it.count);
    let mut samples = one.samples.iter().zip(&other.samples);
    described(one) == described(other) && samples.all(|(one, other)| one.key == other.key)
}

/// Some neighbouring rows.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// The rows, in the query's order.
    pub rows: Vec<ListedRow>,
    /// What their references point to.
    pub labels: Labels,
    /// Whether there are rows after these.
    pub has_next: bool,
}

/// The labels of rows that foreign keys point to, by the position of the column that holds the
/// key and the key.
#[derive(Clone, Debug, Default)]
pub struct Labels(HashMap<usize, HashMap<Value, String>>);

impl Labels {
    /// The label of the row that a column's value points to, where it is known.
    #[must_use]
    pub fn get(&self, column: usize, key: &Value) -> Option<&str> {
        self.0.get(&column)?.get(key).map(String::as_str)
    }

    /// Remembers the labels of what a column points to.
    pub fn insert(&mut self, column: usize, labels: HashMap<Value, String>) {
        self.0.entry(column).or_default().extend(labels);
    }

    /// Remembers other labels, too.
    pub fn extend(&mut self, other: &Self) {
        for (&column, labels) in &other.0 {
            self.insert(column, labels.clone());
        }
    }
}

/// A row to choose as what a foreign key points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its primary key.
    pub key: Value,
    /// What names it to people.
    pub label: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database said no, or nothing.
    #[error(transparent)]
    Database(#[from] persistence::Error),
    /// The work itself broke off. The window and the next request are not affected.
    #[error("the work broke off unexpectedly: {message}")]
    Panicked {
        /// What the panic said.
        message: String,
    },
    /// The worker's thread is gone.
    #[error("the database worker has stopped")]
    Stopped,
}

/// An answer that has come.
#[derive(Debug)]
pub struct Answered {
    /// The lane it was asked on.
    pub lane: Lane,
    /// What was asked for, or why it could not be had.
    pub outcome: Result<Answer, Failure>,
    /// How long the database took.
    pub took: Duration,
    /// The page of rows that was asked for, if it was one.
    pub origin: Option<Origin>,
    /// The statements it took.
    pub statements: Vec<Statement>,
}

/// Tells records that are open from each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RecordNumber(u64);

impl RecordNumber {
    /// The number after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// What a request is about: a newer request supersedes older ones of its lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// About how many rows an entity has.
    Estimate(&'static str),
    /// How many rows an entity has.
    Total(&'static str),
    /// The survey of an entity's rows.
    Survey(&'static str),
    /// Rows of an entity's grid.
    Rows(&'static str),
    /// A record of an entity that is to be looked at.
    Record(&'static str),
    /// A record that is open, as it is now, or what is to be shown in its stead.
    OpenRecord(RecordNumber),
    /// A record of an entity of which one value is wanted whole.
    Value(&'static str),
    /// Records of an entity by what they are called.
    Anything(&'static str),
    /// What the picker offers that is open in a record.
    Choices(RecordNumber),
    /// What the editor of an entity's pill offers.
    PillChoices(&'static str),
    /// What rows are called that an entity's pills name.
    PillLabels(&'static str),
    /// Values of a column of an entity.
    Distinct(&'static str),
    /// Rows of a relation of a record that is open, by the relation's place.
    Related(RecordNumber, usize),
    /// A figure of the overview.
    Overview(Asked),
    /// The statistics of a column.
    Statistics,
    /// Images in cells.
    Images,
    /// The plan of a statement of the log, by its number.
    Explain(u64),
    /// A row under the pointer.
    Preview,
    /// Rows of an entity that are being selected.
    Between(&'static str),
    /// Rows of an entity that are selected and may be gone.
    Remaining(&'static str),
    /// What the open dialog would delete.
    DeletionPlan,
    /// What a new record that is open starts from.
    Defaults(RecordNumber),
    /// Writing a record that is open.
    Save(RecordNumber),
    /// Deleting.
    Delete,
}
