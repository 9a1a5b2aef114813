//! The figures of the overview.

use persistence::entity::Fill;
use persistence::{CatalogEntry, ColumnType, EntityMeta};

use crate::pages::figure::Figure;
use crate::tasks::{Growth, NullRates};

/// A figure that is to be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// How many rows an entity has.
    Rows(&'static str),
    /// When they were made.
    Growth(&'static str),
    /// How many of them lack what.
    Nulls(&'static str),
}

/// The figures of one entity.
#[derive(Debug)]
pub struct EntityFigures {
    /// The entity.
    pub meta: &'static EntityMeta,
    /// How many rows it has.
    pub rows: Figure<u64>,
    /// When they were made; nothing where the entity does not say.
    pub growth: Option<Figure<Growth>>,
    /// How many of them lack what; nothing where no column takes NULL.
    pub nulls: Option<Figure<NullRates>>,
}

/// The figures of all entities.
#[derive(Debug)]
pub struct Overview {
    entities: Vec<EntityFigures>,
}

/// Returns the column that says when a row was made: the one that is filled on insert, else the
/// first with a point in time.
#[must_use]
pub fn creation_column(meta: &EntityMeta) -> Option<usize> {
    let is_filled = |position: &usize| {
        meta.columns.get(*position).is_some_and(|column| column.fill == Fill::Now)
    };
    let is_given_time = |position: &usize| {
        meta.columns.get(*position).is_some_and(|column| {
            column.column_type == ColumnType::Timestamp && column.fill == Fill::Draft
        })
    };
    let columns = 0..meta.columns.len();
    columns.clone().find(is_filled).or_else(|| columns.clone().find(is_given_time))
}

impl Overview {
    /// Makes the figures of a catalog, none of which is known.
    #[must_use]
    pub fn new(entries: &[CatalogEntry]) -> Self {
        let entities = entries.iter().map(|entry| {
            let meta = entry.meta;
            let has_nulls = meta.columns.iter().any(|column| column.is_nullable);
            EntityFigures {
                meta,
                rows: Figure::default(),
                growth: creation_column(meta).map(|_| Figure::default()),
                nulls: has_nulls.then(Figure::default),
            }
        });
        Self { entities: entities.collect() }
    }

    /// Returns the entities with their figures.
    #[must_use]
    pub fn entities(&self) -> &[EntityFigures] {
        &self.entities
    }

    /// Asks for figures anew; returns what is to be computed, what is soon done first.
    pub fn refresh(&mut self, which: impl Fn(&Asked) -> bool) -> Vec<Asked> {
        let tables: Vec<_> = self.entities.iter().map(|entity| entity.meta.table).collect();
        let all = [Asked::Rows as fn(&'static str) -> Asked, Asked::Growth, Asked::Nulls];
        let all = all.iter().flat_map(|figure| tables.iter().map(|&table| figure(table)));
        let mut asked: Vec<Asked> = all.filter(which).collect();
        asked.retain(|figure| self.wait(*figure));
        asked
    }

    /// Notes that a figure has been asked for; `false` where the entity has no such figure.
    fn wait(&mut self, asked: Asked) -> bool {
        let (Asked::Rows(table) | Asked::Growth(table) | Asked::Nulls(table)) = asked;
        let Some(entity) = self.entity(table) else { return false };
        match asked {
            Asked::Rows(_) => entity.rows.wait(),
            Asked::Growth(_) => match &mut entity.growth {
                Some(growth) => growth.wait(),
                None => return false,
            },
            Asked::Nulls(_) => match &mut entity.nulls {
                Some(nulls) => nulls.wait(),
                None => return false,
            },
        }
        true
    }

    /// Takes how many rows an entity has.
    pub fn take_rows(&mut self, table: &str, outcome: Result<u64, String>) {
        if let Some(entity) = self.entity(table) {
            entity.rows.take(outcome);
        }
    }

    /// Takes when an entity's rows were made.
    pub fn take_growth(&mut self, table: &str, outcome: Result<Growth, String>) {
        if let Some(growth) = self.entity(table).and_then(|entity| entity.growth.as_mut()) {
            growth.take(outcome);
        }
    }

    /// Takes what an entity's rows lack.
    pub fn take_nulls(&mut self, table: &str, outcome: Result<NullRates, String>) {
        if let Some(nulls) = self.entity(table).and_then(|entity| entity.nulls.as_mut()) {
            nulls.take(outcome);
        }
    }

    fn entity(&mut self, table: &str) -> Option<&mut EntityFigures> {
        self.entities.iter_mut().find(|entity| entity.meta.table == table)
    }
}
