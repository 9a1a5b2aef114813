//! What has been read of the relations of a record.

use persistence::{CatalogEntry, EntityMeta, RecordKey};

use crate::relations::{RelatedRows, RelatedTo, relations};

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
    key: RecordKey,
    relations: Vec<(RelatedTo, Figures)>,
}

impl RelatedModel {
    /// Makes the relations of a record, of which nothing has been read yet.
    #[must_use]
    pub fn new(meta: &'static EntityMeta, key: RecordKey, entries: &[CatalogEntry]) -> Self {
        let relations = relations(meta, entries);
        Self {
            meta,
            key,
            relations: relations.into_iter().map(|to| (to, Figures::Waiting)).collect(),
        }
    }

    /// Returns the record's entity.
    #[must_use]
    pub const fn meta(&self) -> &'static EntityMeta {
        self.meta
    }

    /// Returns the record's primary key.
    #[must_use]
    pub const fn key(&self) -> &RecordKey {
        &self.key
    }

    /// Returns the relations, each with what is known of its rows.
    #[must_use]
    pub fn relations(&self) -> &[(RelatedTo, Figures)] {
        &self.relations
    }

    /// Takes the rows of a relation of a record, or why they could not be read. Those of a record
    /// that is not open any more are dropped.
    pub fn take(&mut self, key: &RecordKey, relation: usize, figures: Figures) {
        if *key != self.key {
            return;
        }
        if let Some((_, slot)) = self.relations.get_mut(relation) {
            *slot = figures;
        }
    }
}
