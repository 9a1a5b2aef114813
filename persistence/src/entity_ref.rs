//! How entities are told apart, and how metadata refers to metadata.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use crate::entity::{Entity, EntityMeta};

/// What an entity is known by within a program: the place of its metadata. Two entities of one table are
/// two; a table that is found at run time has no type, and is told apart all the same.
#[derive(Clone, Copy)]
pub struct EntityId(&'static EntityMeta);

impl EntityId {
    /// Returns what an entity is known by.
    #[must_use]
    pub fn of<E: Entity>() -> Self {
        Self(E::meta())
    }

    /// Returns what the entity with this metadata is known by.
    #[must_use]
    pub const fn new(meta: &'static EntityMeta) -> Self {
        Self(meta)
    }

    /// Returns the metadata.
    #[must_use]
    pub const fn meta(self) -> &'static EntityMeta {
        self.0
    }
}

impl PartialEq for EntityId {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for EntityId {}

impl Hash for EntityId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::hash(self.0, state);
    }
}

/// Writes the name only: the metadata may lead back to here.
impl fmt::Debug for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EntityId").field(&self.0.name).finish()
    }
}

/// A handle of an entity's metadata, by which references and relations name the other entity.
///
/// Entities may refer to each other in circles, whether they are derived or found at run time.
#[derive(Clone, Copy)]
pub struct EntityRef(Metadata);

#[derive(Clone, Copy)]
enum Metadata {
    Static(&'static EntityMeta),
    Late(&'static OnceLock<EntityMeta>),
}

impl EntityRef {
    /// Returns the handle of metadata that is there.
    #[must_use]
    pub const fn new(meta: &'static EntityMeta) -> Self {
        Self(Metadata::Static(meta))
    }

    /// Returns the handle of metadata that is made later: tables found at run time may refer to each
    /// other before all of them are known.
    ///
    /// ```
    /// use std::sync::OnceLock;
    ///
    /// use persistence::entity::{EntityMeta, EntityRef};
    /// use persistence::{RelationKind, RelationMeta};
    ///
    /// let place: &'static OnceLock<EntityMeta> = Box::leak(Box::default());
    /// let kind = RelationKind::BelongsTo { column: 1 };
    /// let boss = RelationMeta::new("boss", EntityRef::late(place), kind);
    /// let people = place.get_or_init(|| {
    ///     EntityMeta::new("people", "people", &[], &[]).with_relations(vec![boss].leak())
    /// });
    /// assert_eq!(people.relations[0].target.meta().name, "people");
    /// ```
    #[must_use]
    pub const fn late(place: &'static OnceLock<EntityMeta>) -> Self {
        Self(Metadata::Late(place))
    }

    /// Returns the metadata.
    ///
    /// # Panics
    /// When metadata that was to be made [late](Self::late) is not made yet.
    #[must_use]
    pub fn meta(self) -> &'static EntityMeta {
        self.known().expect("metadata is made before it is used")
    }

    fn known(self) -> Option<&'static EntityMeta> {
        match self.0 {
            Metadata::Static(meta) => Some(meta),
            Metadata::Late(place) => place.get(),
        }
    }
}

/// Writes the name only: the metadata may lead back to here.
impl fmt::Debug for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EntityRef").field(&self.known().map(|meta| meta.name)).finish()
    }
}
