//! What has been read of the relations of a record.

use persistence::{CatalogEntry, EntityMeta, RecordKey};

use crate::relations::{RelatedRows, RelatedTo, relations};
use crate::tasks::Labels;

/// What is known of a relation's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Figures {
    /// They have been asked for.
    #[default]
    Waiting,
    /// These are they.
    Known(RelatedRows),
    /// They could not be read, and why.
    Failed(String),
}

/// The relations of the record that is open.
#[derive(Clone, Debug)]
pub struct RelatedModel {
    meta: &'static EntityMeta,
    key: Option<RecordKey>,
    relations: Vec<(RelatedTo, Figures)>,
    /// What the rows of each refer to, as far as it was read.
    labels: Vec<Labels>,
}

impl RelatedModel {
    /// Makes the relations of a record, of which nothing has been read yet.
    #[must_use]
    pub fn new(meta: &'static EntityMeta, key: RecordKey, entries: &[CatalogEntry]) -> Self {
        Self::of(meta, Some(key), relations(meta, entries), &Figures::Waiting)
    }

    /// Makes the relations of a record that is not in the database yet: it has no rows but new ones.
    #[must_use]
    pub fn of_new(meta: &'static EntityMeta, entries: &[CatalogEntry]) -> Self {
        Self::of(meta, None, relations(meta, entries), &Figures::Known(RelatedRows::default()))
    }

    fn of(
        meta: &'static EntityMeta,
        key: Option<RecordKey>,
        relations: Vec<RelatedTo>,
        figures: &Figures,
    ) -> Self {
        let labels = vec![Labels::default(); relations.len()];
        let relations = relations.into_iter().map(|to| (to, figures.clone())).collect();
        Self { meta, key, relations, labels }
    }

    /// Returns the record's entity.
    #[must_use]
    pub const fn meta(&self) -> &'static EntityMeta {
        self.meta
    }

    /// Returns the record's primary key; `None` while it is not in the database.
    #[must_use]
    pub const fn key(&self) -> Option<&RecordKey> {
        self.key.as_ref()
    }

    /// Returns the relations, each with what is known of its rows.
    #[must_use]
    pub fn relations(&self) -> &[(RelatedTo, Figures)] {
        &self.relations
    }

    /// Returns what the rows of a relation refer to, as far as it was read.
    #[must_use]
    pub fn labels(&self, relation: usize) -> Option<&Labels> {
        self.labels.get(relation)
    }

    /// Takes the rows of a relation of a record and what they refer to. Those of a record that is not open any
    /// more are dropped.
    pub fn take(&mut self, key: &RecordKey, relation: usize, rows: RelatedRows, labels: Labels) {
        if self.key.as_ref() != Some(key) {
            return;
        }
        if let (Some((_, figures)), Some(known)) =
            (self.relations.get_mut(relation), self.labels.get_mut(relation))
        {
            *figures = Figures::Known(rows);
            *known = labels;
        }
    }

    /// Takes why the rows of a relation could not be read.
    pub fn fail(&mut self, relation: usize, message: String) {
        if let Some((_, slot)) = self.relations.get_mut(relation) {
            *slot = Figures::Failed(message);
        }
    }
}
