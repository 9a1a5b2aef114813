//! Inserting what was added.

use super::{Circles, Inserted, Writing};
use crate::entity::{Draft, Entity, EntityId, Given, ResolveReferences, Slot};
use crate::error::Result;
use crate::scalar::PrimaryKey as _;
use crate::sealed::Sealed;
use crate::session::identity_map::{AllRows, Rows, State, changes};
use crate::session::rows::{AnyRows, first_value};
use crate::sql::guard_of_deletion;
use crate::store::Store;
use crate::value::{RecordKey, Value};

/// Finds the keys of rows that drafts refer to.
struct References<'s, C: crate::Engine, E: Entity> {
    session: u32,
    own: &'s Rows<E>,
    others: &'s AllRows<C>,
    circles: Circles,
    /// The first row without a key.
    waits_for: Option<Slot>,
    /// References that were left out.
    postponed: Vec<(&'static str, Slot)>,
}

impl<C: Store<E>, E: Entity> References<'_, C, E> {
    fn is_pending(&self, slot: Slot) -> bool {
        slot.session == self.session
            && if slot.entity == EntityId::of::<E>() {
                matches!(self.own.state(slot.row), State::Pending(_))
            } else {
                self.others.get(&slot.entity).is_some_and(|rows| rows.is_pending(slot.row))
            }
    }
}

impl<C: Store<E>, E: Entity> Sealed for References<'_, C, E> {}

impl<C: Store<E>, E: Entity> ResolveReferences for References<'_, C, E> {
    fn resolve(&mut self, slot: Slot) -> Option<RecordKey> {
        let key = super::key_of(slot, self.session, self.own, self.others);
        if key.is_none() && self.is_pending(slot) {
            self.waits_for.get_or_insert(slot);
        }
        key
    }

    fn postpone(&mut self, column: &'static str, slot: Slot) -> bool {
        let postpones = self.circles == Circles::Break && self.is_pending(slot);
        if postpones {
            self.postponed.push((column, slot));
        }
        postpones
    }
}

/// Inserts those of the rows whose references have keys.
pub(in crate::session) fn insert<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    others: &AllRows<C>,
    wanted: &[u32],
    circles: Circles,
) -> Result<Inserted> {
    let mut inserted = Inserted::default();
    let (mut new, mut entities) =
        (Vec::with_capacity(wanted.len()), Vec::with_capacity(wanted.len()));
    let (mut merged, mut given) = (Vec::new(), Vec::new());
    let has_merged = rows.has_merged() || others.values().any(|rows| rows.has_merged());
    for &row in wanted {
        let State::Pending(draft) = rows.state(row) else { continue };
        let mut references = References {
            session: writing.session.id,
            own: rows,
            others,
            circles,
            waits_for: None,
            postponed: Vec::new(),
        };
        let mut draft = draft.clone();
        if has_merged {
            refer_to_merged(&mut draft, row, &references);
        }
        let built = draft.build(writing.now, &mut references);
        let References { waits_for, postponed, .. } = references;
        if let (Err(_), Some(slot)) = (&built, waits_for) {
            inserted.waiting.push((row, slot));
            continue;
        }
        let mut entity = built?;
        rows.complete(row, &mut entity);
        entity.validate()?;
        count_on(writing, &mut entity);
        for (column, to) in postponed {
            if let Some(column) = E::meta().position(column) {
                inserted.links.push((row, column, to));
            }
        }
        inserted.rows.push(row);
        if let Some(deleted) = replaced(rows, &entity) {
            replace(rows, writing, (deleted, row), entity)?;
        } else if rows.is_merged(row) {
            merged.push(row);
            given.push(entity);
        } else {
            new.push(row);
            entities.push(entity);
        }
    }
    // Those with keys first: the database counts the others on from there.
    if !given.is_empty() {
        writing.send(&mut given, Store::insert_with_keys)?;
    }
    for (row, entity) in merged.into_iter().zip(given) {
        rows.written(row, State::Stored(entity));
    }
    if !entities.is_empty() {
        writing
            .send(&mut entities, |connection, entities| Store::<E>::insert(connection, entities))?;
    }
    for (row, entity) in new.into_iter().zip(entities) {
        rows.written(row, State::Stored(entity));
    }
    Ok(inserted)
}

/// Makes a draft that refers by their keys to rows that were merged and are to be inserted wait for
/// them, as one does that refers to them by their handles.
fn refer_to_merged<C: Store<E>, E: Entity>(
    draft: &mut E::Draft,
    row: u32,
    references: &References<'_, C, E>,
) {
    let References { session, own, others, .. } = *references;
    for (position, column) in E::meta().columns.iter().enumerate() {
        let Some(reference) = &column.references else { continue };
        let Given::Value(value) = draft.given(position) else { continue };
        let meta = reference.entity.meta();
        let found = if std::ptr::eq(meta, E::meta()) {
            // A row that refers to itself waits for nothing.
            let found = AnyRows::<C>::find_merged(own, &value).filter(|&found| found != row);
            found.map(|row| (EntityId::of::<E>(), row))
        } else {
            let other = others.iter().find(|(_, rows)| std::ptr::eq(rows.meta(), meta));
            other.and_then(|(entity, rows)| Some((*entity, rows.find_merged(&value)?)))
        };
        if let Some((entity, row)) = found {
            draft.refer(position, Some(Slot { session, row, entity }));
        }
    }
}

/// Finds the row that is to be deleted and has the key of one that is to be inserted.
fn replaced<E: Entity>(rows: &Rows<E>, entity: &E) -> Option<u32> {
    if E::meta().has_generated_key() {
        return None;
    }
    let row = rows.find(&entity.key())?;
    matches!(rows.state(row), State::Deleted(_)).then_some(row)
}

/// Counts on the version of a row that was deleted before, in the one that gets its key, so that
/// whoever has the old one notices.
fn count_on<C: Store<E>, E: Entity>(writing: &mut Writing<'_, C>, entity: &mut E) {
    let Some(version) = E::meta().version.filter(|_| !writing.deleted_versions.is_empty()) else {
        return;
    };
    let key = (EntityId::of::<E>(), entity.key().to_record_key());
    if let Some(Value::Integer(count)) = writing.deleted_versions.remove(&key) {
        entity
            .set_value(version, Value::Integer(count + 1))
            .expect("a version is an integer that counts up");
    }
}

/// Writes a new row over one that is to be deleted, has the same key and cannot be deleted yet, for
/// others move away from it. What does not move goes along with the old one.
fn replace<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    (deleted, row): (u32, u32),
    mut mine: E,
) -> Result<()> {
    let State::Deleted(base) = rows.state(deleted) else { return Ok(()) };
    let base = base.clone();
    if let Some(key) = first_value(&*base) {
        // Marking the old one as deleted would have been nothing to those that refer to it.
        if E::meta().deleted().is_none() {
            writing.replaced.push((E::meta(), key));
        }
    }
    for (position, column) in E::meta().columns.iter().enumerate() {
        if column.fill.is_by_database() {
            mine.set_value(position, base.value(position))
                .expect("a value fits the column that it was read from");
        }
    }
    let changed = changes(&*base, &mine);
    if changed.is_empty() {
        mine = *base;
    } else {
        let guard = guard_of_deletion(E::meta());
        writing.update_if(&*base, &mut mine, changed, (guard, || rows.known(deleted)))?;
    }
    rows.written(deleted, State::Gone);
    rows.written(row, State::Stored(mine));
    Ok(())
}
