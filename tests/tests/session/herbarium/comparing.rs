//! What the session and the database have, compared with the model.

use std::collections::BTreeSet;

use integration_tests::herbarium::{Collector, Find, Genus, HerbariumEngine, Label, Leaf, Species};
use persistence::{Key, Result, Session};

use super::model::{Row, Table};
use super::running::{Handle, Run, is_unread, number_of, with_key};
use super::steps::Step;

impl<C: HerbariumEngine> Run<'_, C> {
    /// The code by which a species may refer to a genus; `None` where it waits for a flush.
    pub(super) fn is_code(&self, genus: usize, code: &str) -> bool {
        let is = |row: Option<&Row>| matches!(row, Some(Row::Genus { code: own }) if own == code);
        self.is_waiting(genus) || is(self.model.written.get(&genus))
    }

    /// Whether what refers to a row shows that once it is flushed.
    pub(super) fn is_waiting(&self, row: usize) -> bool {
        self.model.added.contains_key(&row)
            || self.model.deleted.contains(&row)
            || matches!(self.model.changed.get(&row), Some(Row::Genus { .. }))
    }

    pub(super) fn is_id(&self, row: usize, id: i64) -> bool {
        self.model.added.contains_key(&row) || self.ids.get(&row) == Some(&id)
    }

    /// Notes the keys of rows that have them by now.
    pub(super) fn note_ids(&mut self, session: &Session<C>) {
        for (&row, &handle) in &self.handles {
            let id = match handle {
                Handle::Genus(_) => None,
                Handle::Species(key) => session.row(key).map(|row| row.id),
                Handle::Leaf(key) => session.row(key).map(|row| row.id),
                Handle::Label(key) => session.row(key).map(|row| row.id),
                Handle::Collector(key) => session.row(key).map(|row| row.id),
            };
            self.ids.extend(id.map(|id| (row, id)));
        }
    }

    /// Compares every row that the session knows.
    pub(super) fn compare_session(&mut self, session: &Session<C>, step: &Step) {
        self.note_ids(session);
        for (&row, &handle) in &self.handles {
            if self.model.deleted.contains(&row) {
                continue;
            }
            let is_draft = with_key!(handle, key => session.draft(key).is_some());
            assert_eq!(is_draft, self.model.added.contains_key(&row), "{step:?}: draft {row}");
            let Some(seen) = self.model.seen(row) else {
                let is_there = with_key!(handle, key => session.row(key).is_some());
                assert!(!is_there, "{step:?}: row {row} is gone");
                continue;
            };
            if self.expired.contains(&row) && is_unread(session, handle) {
                continue;
            }
            let is_same = match (handle, seen) {
                (Handle::Genus(key), Row::Genus { code }) => {
                    session.row(key).is_some_and(|row| row.code == *code)
                }
                (Handle::Species(key), Row::Species { genus, former, origin, note }) => {
                    session.row(key).is_some_and(|row| {
                        let is_former = match (&row.former_code, former) {
                            (Some(code), Some(genus)) => self.is_code(*genus, code),
                            (code, genus) => {
                                code.is_none() && genus.is_none_or(|row| self.is_waiting(row))
                            }
                        };
                        let is_origin = match (row.origin_id, *origin) {
                            (Some(id), Some(row)) => self.is_id(row, id),
                            (id, row) => id.is_none() && row.is_none(),
                        };
                        row.note == *note
                            && self.is_code(*genus, &row.genus_code)
                            && is_former
                            && is_origin
                    })
                }
                (Handle::Leaf(key), Row::Leaf { species }) => {
                    session.row(key).is_some_and(|row| self.is_id(*species, row.species_id))
                }
                (Handle::Label(key), Row::Label { species, is_orphan }) => {
                    session.row(key).is_some_and(|row| match (species, row.species_id) {
                        _ if *is_orphan => true,
                        (Some(species), Some(id)) => self.is_id(*species, id),
                        (species, None) => {
                            species.is_none_or(|row| self.model.added.contains_key(&row))
                        }
                        (None, Some(_)) => false,
                    })
                }
                (Handle::Collector(key), Row::Collector) => session.row(key).is_some(),
                _ => false,
            };
            assert!(is_same, "{step:?}: row {row} is {}, not {seen:?}", shown(session, handle));
        }
        for (&row, &key) in &self.lites {
            let lite = session.row(key).map(|row| row.note);
            let note = match self.model.written.get(&row) {
                Some(Row::Species { note, .. }) => Some(*note),
                _ => None,
            };
            assert_eq!(lite, note, "{step:?}: row {row} in short");
        }
        for (&row, &key) in &self.genus_lites {
            let lite = session.row(key).map(|row| row.code.clone());
            let code = match self.model.written.get(&row) {
                Some(Row::Genus { code }) => Some(code.clone()),
                _ => None,
            };
            assert_eq!(lite, code, "{step:?}: row {row} in short");
        }
        self.compare_relations(session, step);
    }

    /// Compares what the session says of relations.
    pub(super) fn compare_relations(&mut self, session: &Session<C>, step: &Step) {
        let new: Vec<usize> = self.model.added.keys().copied().collect();
        self.born.extend(new);
        for (&row, &handle) in &self.handles {
            if !self.model.is_alive(row) {
                continue;
            }
            let of = |owner: fn(&Row) -> Option<usize>| {
                let rows = self.model.all().filter(move |(_, value)| owner(value) == Some(row));
                rows.map(|(row, _)| row).collect::<BTreeSet<usize>>()
            };
            match handle {
                Handle::Genus(key) => {
                    let expected = of(|row| match row {
                        Row::Species { genus, .. } => Some(*genus),
                        _ => None,
                    });
                    let found = session.related(key, Genus::SPECIES);
                    self.compare_related(row, found, Handle::Species, &expected, step);
                }
                Handle::Species(key) => {
                    let leaves = of(|row| match row {
                        Row::Leaf { species } => Some(*species),
                        _ => None,
                    });
                    let found = session.related(key, Species::LEAVES);
                    self.compare_related(row, found, Handle::Leaf, &leaves, step);
                    let labels = of(|row| match row {
                        Row::Label { species, .. } => *species,
                        _ => None,
                    });
                    let found = session.related(key, Species::LABELS);
                    self.compare_related(row, found, Handle::Label, &labels, step);
                    let finds = self.model.all().filter_map(|(_, value)| match value {
                        Row::Find { species, collector } if *species == row => Some(*collector),
                        _ => None,
                    });
                    // Links of collectors that are about to go are still there.
                    let finds: BTreeSet<usize> =
                        finds.filter(|row| !self.model.deleted.contains(row)).collect();
                    let found = session.related(key, Species::COLLECTORS).map(|found| {
                        let stays = |key: &Key<Collector>| {
                            let row = self.row_of(Handle::Collector(*key));
                            row.is_none_or(|row| !self.model.deleted.contains(&row))
                        };
                        found.into_iter().filter(stays).collect()
                    });
                    // A link to one that the session has let go of cannot be told.
                    if finds.iter().all(|row| self.handles.contains_key(row)) {
                        self.compare_related(row, found, Handle::Collector, &finds, step);
                    }
                    self.compare_genus(session, row, key, step);
                }
                _ => {}
            }
        }
    }

    /// The row to which a species belongs.
    pub(super) fn compare_genus(
        &self,
        session: &Session<C>,
        row: usize,
        key: Key<Species>,
        step: &Step,
    ) {
        let Some(Row::Species { genus, .. }) = self.model.pending(row) else { return };
        if self.model.deleted.contains(genus) || self.is_ambiguous(*genus) {
            return;
        }
        let Some(handle) = self.handles.get(genus) else { return };
        if self.model.changed.contains_key(genus) {
            return;
        }
        let found = session.related_one(key, Species::GENUS).map(|key| key.map(Handle::Genus));
        assert_eq!(found.ok(), Some(Some(*handle)), "{step:?}: the genus of row {row}");
    }

    pub(super) fn row_of(&self, handle: Handle) -> Option<usize> {
        self.handles.iter().find(|(_, known)| **known == handle).map(|(row, _)| *row)
    }

    pub(super) fn compare_related<E>(
        &self,
        row: usize,
        found: Result<Vec<Key<E>>>,
        handle: fn(Key<E>) -> Handle,
        expected: &BTreeSet<usize>,
        step: &Step,
    ) {
        let Ok(found) = found else {
            assert!(!self.born.contains(&row), "{step:?}: nothing is known of new row {row}");
            return;
        };
        let found: BTreeSet<usize> = found
            .into_iter()
            .map(|key| {
                let found = self.row_of(handle(key));
                found.unwrap_or_else(|| panic!("{step:?}: row {row} is related to a stranger"))
            })
            .collect();
        let known: BTreeSet<usize> =
            expected.iter().copied().filter(|row| self.handles.contains_key(row)).collect();
        assert_eq!(found, known, "{step:?}: related to row {row}");
    }

    /// Compares what another connection reads.
    pub(super) fn compare_database(&self, other: &mut Session<C>) -> Result<()> {
        let mut found = Table::new();
        let genera = other.query::<Genus>().load()?;
        let species = other.query::<Species>().load()?;
        let genus = |code: &String| {
            let genus = genera.iter().find(|genus| genus.code == *code).expect("a genus");
            number_of(&genus.name)
        };
        let named = |id: i64| {
            let found = species.iter().find(|species| species.id == id).expect("a species");
            number_of(&found.name)
        };
        for row in &genera {
            found.insert(number_of(&row.name), Row::Genus { code: row.code.clone() });
        }
        for row in &species {
            let value = Row::Species {
                genus: genus(&row.genus_code),
                former: row.former_code.as_ref().map(genus),
                origin: row.origin_id.map(named),
                note: row.note,
            };
            found.insert(number_of(&row.name), value);
        }
        for row in other.query::<Leaf>().load()? {
            found.insert(number_of(&row.name), Row::Leaf { species: named(row.species_id) });
        }
        for row in other.query::<Label>().load()? {
            let value = Row::Label { species: row.species_id.map(named), is_orphan: false };
            found.insert(number_of(&row.name), value);
        }
        let collectors = other.query::<Collector>().load()?;
        for row in &collectors {
            found.insert(number_of(&row.name), Row::Collector);
        }
        let mut finds = BTreeSet::new();
        for find in other.query::<Find>().load()? {
            let collector = collectors.iter().find(|row| row.id == find.collector_id);
            let collector = number_of(&collector.expect("a collector").name);
            finds.insert((named(find.species_id), collector));
        }
        let mut expected = self.model.committed.clone();
        let mut expected_finds = BTreeSet::new();
        expected.retain(|_, row| match row {
            Row::Find { species, collector } => {
                expected_finds.insert((*species, *collector));
                false
            }
            _ => true,
        });
        assert_eq!(found, expected, "stored");
        assert_eq!(finds, expected_finds, "stored finds");
        Ok(())
    }
}

fn shown<C: HerbariumEngine>(session: &Session<C>, handle: Handle) -> String {
    with_key!(handle, key => format!("{:?}", session.row(key)))
}
