//! What the diagram shows: entities, their columns, and how they refer to each other.

use persistence::entity::Storage;
use persistence::relation::RelationKind;
use persistence::{CatalogEntry, EntityMeta, OnDelete};

/// The entities of a catalog and what links them.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The entities, in the catalog's order.
    pub entities: Vec<DiagramEntity>,
    /// The foreign keys, and the relations through tables that are no entities of the catalog.
    pub links: Vec<Link>,
}

/// An entity as the diagram shows it.
#[derive(Clone, Debug)]
pub struct DiagramEntity {
    /// Table, columns, keys and relations.
    pub meta: &'static EntityMeta,
    /// Its columns, in order.
    pub columns: Vec<DiagramColumn>,
}

/// A column as the diagram shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiagramColumn {
    /// Its name in the database.
    pub name: &'static str,
    /// Its type in the database, and a question mark where it takes NULL.
    pub type_name: String,
    /// Whether it belongs to the primary key.
    pub is_key: bool,
    /// Whether it holds the primary key of a row of some entity.
    pub is_reference: bool,
}

/// A line of the diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The place of the entity that refers.
    pub from: usize,
    /// The position of its column.
    pub from_column: usize,
    /// The place of the entity that is referred to.
    pub to: usize,
    /// The position of its key's column.
    pub to_column: usize,
    /// How.
    pub kind: LinkKind,
}

/// How a line's entities belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// Many rows may refer to one.
    Many(OnDelete),
    /// At most one row refers to one.
    One(OnDelete),
    /// Many to many, through a table that is no entity of the catalog.
    Through(&'static str),
}

impl Graph {
    /// Makes the graph of a catalog's entities. A foreign key to what is not in the catalog is a
    /// column like others.
    #[must_use]
    pub fn of(entries: &[CatalogEntry]) -> Self {
        let metas: Vec<_> = entries.iter().map(|entry| entry.meta).collect();
        Self::of_metas(&metas)
    }

    /// Makes the graph of some entities.
    #[must_use]
    pub fn of_metas(metas: &[&'static EntityMeta]) -> Self {
        let place = |table: &str| metas.iter().position(|meta| meta.table == table);
        let mut links = Vec::new();
        for (from, meta) in metas.iter().enumerate() {
            for (from_column, column) in meta.columns.iter().enumerate() {
                let Some(reference) = &column.references else { continue };
                let target = reference.entity.meta();
                let Some(to) = place(target.table) else { continue };
                let is_unique =
                    meta.key == [from_column] || meta.unique.contains(&&[from_column][..]);
                links.push(Link {
                    from,
                    from_column,
                    to,
                    to_column: target.key.first().copied().unwrap_or(0),
                    kind: if is_unique {
                        LinkKind::One(reference.on_delete)
                    } else {
                        LinkKind::Many(reference.on_delete)
                    },
                });
            }
            for relation in meta.relations {
                let RelationKind::ManyToMany { through, .. } = relation.kind else { continue };
                let (target, through) = (relation.target.meta(), through.meta());
                let Some(to) = place(target.table) else { continue };
                let link = Link {
                    from,
                    from_column: meta.key.first().copied().unwrap_or(0),
                    to,
                    to_column: target.key.first().copied().unwrap_or(0),
                    kind: LinkKind::Through(through.table),
                };
                let is_reverse = |other: &Link| {
                    other.kind == link.kind && other.from == link.to && other.to == link.from
                };
                if place(through.table).is_none() && !links.iter().any(is_reverse) {
                    links.push(link);
                }
            }
        }
        Self { entities: metas.iter().map(|meta| DiagramEntity::of(meta)).collect(), links }
    }

    /// Returns the places of the entities that are linked with one, and of itself.
    #[must_use]
    pub fn neighbourhood(&self, entity: usize) -> Vec<usize> {
        let mut places = vec![entity];
        for link in &self.links {
            for (one, other) in [(link.from, link.to), (link.to, link.from)] {
                if one == entity && !places.contains(&other) {
                    places.push(other);
                }
            }
        }
        places
    }
}

impl DiagramEntity {
    fn of(meta: &'static EntityMeta) -> Self {
        let columns = meta.columns.iter().enumerate().map(|(position, column)| DiagramColumn {
            name: column.name,
            type_name: format!(
                "{}{}",
                storage_name(column.storage),
                if column.is_nullable { "?" } else { "" }
            ),
            is_key: meta.key.contains(&position),
            is_reference: column.references.is_some(),
        });
        Self { meta, columns: columns.collect() }
    }

    /// Returns the positions of the columns that a box shows: at most so many, keys and references
    /// before others, all in the entity's order.
    #[must_use]
    pub fn shown(&self, most: usize) -> Vec<usize> {
        if self.columns.len() <= most {
            return (0..self.columns.len()).collect();
        }
        let is_link = |column: &DiagramColumn| column.is_key || column.is_reference;
        let links = self.columns.iter().enumerate().filter(|(_, column)| is_link(column));
        let others = self.columns.iter().enumerate().filter(|(_, column)| !is_link(column));
        let mut shown: Vec<_> = links.chain(others).map(|(position, _)| position).collect();
        shown.truncate(most);
        shown.sort_unstable();
        shown
    }

    /// Returns the positions of the columns that are keys or references.
    #[must_use]
    pub fn linking(&self) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        columns
            .filter(|(_, column)| column.is_key || column.is_reference)
            .map(|(position, _)| position)
            .collect()
    }
}

/// Returns a storage's name as schemas have it.
fn storage_name(storage: Storage) -> String {
    format!("{storage:?}").to_lowercase()
}
