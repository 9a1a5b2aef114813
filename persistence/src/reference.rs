//! How a program refers to a row: by its primary key, or by its place in a session.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::entity::{Entity, EntityId, ResolveReferences};
use crate::error::FieldError;
use crate::scalar::PrimaryKey;

/// A handle to a row in a session, whatever its entity: the same row always has the same slot.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The session.
    pub(crate) session: u32,
    /// The row's number among the session's rows of its entity.
    pub(crate) row: u32,
    /// The entity.
    pub(crate) entity: EntityId,
}

/// A handle to a row of `E` in a session: the same row always has the same key.
pub struct Key<E> {
    /// The session.
    pub(crate) session: u32,
    /// The row's number among the session's rows of its entity.
    pub(crate) row: u32,
    entity: PhantomData<fn() -> E>,
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slot<{}>({})", self.entity.meta().name, self.row)
    }
}

impl Slot {
    /// Returns the entity of the row.
    #[must_use]
    pub const fn entity(self) -> EntityId {
        self.entity
    }
}

/// Returns the number of the next session: what tells its handles from those of others.
pub(crate) fn next_session() -> u32 {
    static SESSIONS: AtomicU32 = AtomicU32::new(0);
    SESSIONS.fetch_add(1, Ordering::Relaxed)
}

impl<E> Key<E> {
    pub(crate) const fn new(session: u32, row: u32) -> Self {
        Self { session, row, entity: PhantomData }
    }
}

impl<E: Entity> Key<E> {
    pub(crate) fn slot(self) -> Slot {
        Slot { session: self.session, row: self.row, entity: EntityId::of::<E>() }
    }

    pub(crate) const fn of_slot(slot: Slot) -> Self {
        Self::new(slot.session, slot.row)
    }
}

impl<E> Clone for Key<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Key<E> {}

impl<E> PartialEq for Key<E> {
    fn eq(&self, other: &Self) -> bool {
        (self.session, self.row) == (other.session, other.row)
    }
}

impl<E> Eq for Key<E> {}

impl<E> Hash for Key<E> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.session, self.row).hash(state);
    }
}

impl<E: Entity> fmt::Debug for Key<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key<{}>({})", E::meta().name, self.row)
    }
}

/// A reference to a row of `E`: by primary key, or by a session's [`Key`] that may not have been
/// inserted yet.
#[derive(Debug)]
pub enum Ref<E: Entity> {
    /// The row with that primary key.
    Id(E::Key),
    /// The row with that handle in the session.
    Key(Key<E>),
}

impl<E: Entity> Ref<E> {
    /// Returns the primary key, once the row has one.
    ///
    /// # Errors
    /// [`FieldError`] for the column when the row has not been inserted yet.
    pub fn resolve(
        self,
        column: &'static str,
        references: &mut dyn ResolveReferences,
    ) -> Result<E::Key, FieldError> {
        match self {
            Self::Id(id) => Ok(id),
            Self::Key(key) => references
                .resolve(key.slot())
                .and_then(|key| E::Key::from_record_key(key).ok())
                .ok_or_else(|| {
                    FieldError::new(
                        column,
                        format!("refers to a {} that is not in this session", E::meta().name),
                    )
                }),
        }
    }
}

impl<E: Entity> Clone for Ref<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Id(id) => Self::Id(id.clone()),
            Self::Key(key) => Self::Key(*key),
        }
    }
}

impl<E: Entity> From<Key<E>> for Ref<E> {
    fn from(key: Key<E>) -> Self {
        Self::Key(key)
    }
}

impl<E: Entity<Key = i64>> From<i64> for Ref<E> {
    fn from(id: i64) -> Self {
        Self::Id(id)
    }
}

impl<E: Entity<Key = String>> From<String> for Ref<E> {
    fn from(id: String) -> Self {
        Self::Id(id)
    }
}

impl<E: Entity<Key = String>> From<&str> for Ref<E> {
    fn from(id: &str) -> Self {
        Self::Id(id.to_owned())
    }
}

impl<E: Entity<Key = i32>> From<i32> for Ref<E> {
    fn from(id: i32) -> Self {
        Self::Id(id)
    }
}

impl<E: Entity> From<&E> for Ref<E> {
    fn from(entity: &E) -> Self {
        Self::Id(entity.key())
    }
}
