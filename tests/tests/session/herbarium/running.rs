//! The steps, done to the session and to the model.

use std::collections::{BTreeMap, BTreeSet};

use integration_tests::herbarium::{
    Collector, Genus, GenusLite, HerbariumEngine, Label, Leaf, NewCollector, NewGenus, NewLabel,
    NewLeaf, NewSpecies, Species, SpeciesLite,
};
use persistence::session::Autoflush;
use persistence::{Database, Engine, Error, Key, Repository, Result, Session};

use super::model::{Model, Row, take};
use super::steps::Step;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handle {
    Genus(Key<Genus>),
    Species(Key<Species>),
    Leaf(Key<Leaf>),
    Label(Key<Label>),
    Collector(Key<Collector>),
}

/// Runs something with the key in a handle.
macro_rules! with_key {
    ($handle:expr, $key:ident => $run:expr) => {
        match $handle {
            Handle::Genus($key) => $run,
            Handle::Species($key) => $run,
            Handle::Leaf($key) => $run,
            Handle::Label($key) => $run,
            Handle::Collector($key) => $run,
        }
    };
}

pub(super) struct Run<'d, C: Engine> {
    pub(super) database: &'d Database<C>,
    pub(super) model: Model,
    pub(super) rows: usize,
    pub(super) handles: BTreeMap<usize, Handle>,
    pub(super) lites: BTreeMap<usize, Key<SpeciesLite>>,
    pub(super) genus_lites: BTreeMap<usize, Key<GenusLite>>,
    /// Rows that may have to be read again.
    pub(super) expired: BTreeSet<usize>,
    /// Whether reading flushes.
    pub(super) flushes: bool,
    /// The keys of rows that have them.
    pub(super) ids: BTreeMap<usize, i64>,
    /// Rows of which the session knows all that refers to them.
    pub(super) born: BTreeSet<usize>,
    /// Rows whose handles come from reading.
    pub(super) reloaded: BTreeSet<usize>,
}

pub(super) fn code(number: u8) -> String {
    format!("code {number}")
}

pub(super) fn number_of(name: &str) -> usize {
    name.parse().unwrap()
}

pub(super) fn pick<T: Copy>(rows: &[T], number: usize) -> Option<T> {
    rows.get(number % rows.len().max(1)).copied()
}

pub(super) use with_key;

/// Whether a row is to be read again before it can be changed.
pub(super) fn is_unread<C: HerbariumEngine>(session: &Session<C>, handle: Handle) -> bool {
    with_key!(handle, key => session.row(key).is_none() && session.draft(key).is_none())
}

/// The rows of one entity that fulfil a condition, by number and handle.
macro_rules! known {
    ($run:expr, $variant:ident, $condition:ident) => {{
        let run = &*$run;
        let rows = run.handles.iter().filter_map(|(row, handle)| match handle {
            Handle::$variant(key) => Some((*row, *key)),
            _ => None,
        });
        rows.filter(|(row, _)| run.model.$condition(*row)).collect::<Vec<_>>()
    }};
}

impl<C: HerbariumEngine> Run<'_, C> {
    pub(super) fn new_row(&mut self, value: Row) -> usize {
        let row = self.rows;
        self.rows += 1;
        self.model.added.insert(row, value);
        row
    }

    pub(super) fn change(&mut self, row: usize, change: impl FnOnce(&mut Row)) {
        if let Some(value) = self.model.added.get_mut(&row) {
            change(value);
            return;
        }
        let mut value = self.model.seen(row).expect("it is stored").clone();
        change(&mut value);
        self.model.changed.insert(row, value);
    }

    /// Whether two rows of the world have or get the same code at some time of the next flush, so
    /// that a code alone does not say which is meant.
    pub(super) fn is_ambiguous(&self, row: usize) -> bool {
        let codes = |row: usize| {
            let code = |value: Option<&Row>| match value {
                Some(Row::Genus { code }) => Some(code.clone()),
                _ => None,
            };
            [
                code(self.model.written.get(&row)),
                code(self.model.changed.get(&row)),
                code(self.model.added.get(&row)),
            ]
        };
        let own = codes(row);
        let others = self.model.written.keys().chain(self.model.added.keys());
        others.filter(|&&other| other != row).any(|&other| {
            codes(other).iter().flatten().any(|code| own.iter().flatten().any(|own| own == code))
        })
    }

    /// Whether a species is to refer by this code to a genus that has it now: whoever has it in the end
    /// would be meant.
    pub(super) fn is_meant(&self, code: &str) -> bool {
        let has_code = |genus: usize| matches!(self.model.written.get(&genus), Some(Row::Genus { code: own }) if own == code);
        self.model.changed.iter().any(|(row, value)| match (value, self.model.written.get(row)) {
            (
                Row::Species { genus, former, .. },
                Some(Row::Species { genus: genus_before, former: former_before, .. }),
            ) => {
                (genus != genus_before && has_code(*genus))
                    || (former != former_before && former.is_some_and(has_code))
            }
            _ => false,
        })
    }

    pub(super) fn code_of(&self, row: usize) -> String {
        match self.model.written.get(&row) {
            Some(Row::Genus { code }) => code.clone(),
            other => panic!("{other:?} is no genus"),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm a step")]
    pub(super) fn step(&mut self, session: &mut Session<C>, step: &Step) -> Result<()> {
        match step {
            Step::AddGenus { code: number } | Step::Recode { code: number, .. }
                if self.is_meant(&code(*number)) => {}
            Step::AddGenus { code: number } => {
                let row = self.new_row(Row::Genus { code: code(*number) });
                let key = session.add(NewGenus { code: code(*number), name: row.to_string() });
                self.handles.insert(row, Handle::Genus(key));
            }
            Step::AddSpecies { genus, former, origin } => {
                let genera = known!(self, Genus, is_alive);
                let Some(genus) = pick(&genera, *genus) else { return Ok(()) };
                let former = former.and_then(|number| pick(&genera, number));
                let species = known!(self, Species, is_alive);
                let origin = origin.and_then(|number| pick(&species, number));
                let row = self.new_row(Row::Species {
                    genus: genus.0,
                    former: former.map(|(row, _)| row),
                    origin: origin.map(|(row, _)| row),
                    note: 0,
                });
                let key = session.add(NewSpecies {
                    name: row.to_string(),
                    genus: genus.1.into(),
                    former: former.map(|(_, key)| key.into()),
                    origin: origin.map(|(_, key)| key.into()),
                    note: 0,
                });
                self.handles.insert(row, Handle::Species(key));
            }
            Step::AddLeaf { species } => {
                let species = pick(&known!(self, Species, is_alive), *species);
                let Some((of, species)) = species else { return Ok(()) };
                let row = self.new_row(Row::Leaf { species: of });
                let key = session.add(NewLeaf { name: row.to_string(), species: species.into() });
                self.handles.insert(row, Handle::Leaf(key));
            }
            Step::AddLabel { species } => {
                let species = pick(&known!(self, Species, is_alive), *species);
                let Some((of, species)) = species else { return Ok(()) };
                let row = self.new_row(Row::Label { species: Some(of), is_orphan: false });
                let species = Some(species.into());
                let key = session.add(NewLabel { name: row.to_string(), species });
                self.handles.insert(row, Handle::Label(key));
            }
            Step::AddCollector => {
                let row = self.new_row(Row::Collector);
                let key = session.add(NewCollector { name: row.to_string() });
                self.handles.insert(row, Handle::Collector(key));
            }
            Step::Link { species, collector } => {
                let species = pick(&known!(self, Species, is_alive), *species);
                let collector = pick(&known!(self, Collector, is_alive), *collector);
                let (Some(species), Some(collector)) = (species, collector) else { return Ok(()) };
                let find = Row::Find { species: species.0, collector: collector.0 };
                if self.model.all().any(|(_, row)| *row == find) {
                    return Ok(());
                }
                session.relate(species.1, Species::COLLECTORS, collector.1)?;
                self.new_row(find);
            }
            Step::Unlink { species, collector } => {
                let species = pick(&known!(self, Species, is_alive), *species);
                let collector = pick(&known!(self, Collector, is_alive), *collector);
                let (Some(species), Some(collector)) = (species, collector) else { return Ok(()) };
                let find = Row::Find { species: species.0, collector: collector.0 };
                let are_stored =
                    self.model.is_stored(species.0) && self.model.is_stored(collector.0);
                let unlinked = session.unrelate(species.1, Species::COLLECTORS, collector.1);
                self.model.added.retain(|_, row| *row != find);
                if !are_stored {
                    return unlinked;
                }
                if self.expect_read(&unlinked) {
                    let stored = self.model.written.iter().find(|(_, row)| **row == find);
                    self.model.deleted.extend(stored.map(|(row, _)| *row));
                }
            }
            Step::Recode { genus, code: number } => {
                let Some((row, key)) = pick(&known!(self, Genus, is_stored), *genus) else {
                    return Ok(());
                };
                if is_unread(session, Handle::Genus(key)) {
                    return Ok(());
                }
                session[key].code = code(*number);
                self.change(row, |value| *value = Row::Genus { code: code(*number) });
            }
            Step::Move { species, genus } => {
                let species = pick(&known!(self, Species, is_alive), *species);
                let genus = pick(&known!(self, Genus, is_alive), *genus);
                let (Some(species), Some(genus)) = (species, genus) else { return Ok(()) };
                if self.is_ambiguous(genus.0) || is_unread(session, Handle::Species(species.1)) {
                    return Ok(());
                }
                session.relate(species.1, Species::GENUS, genus.1)?;
                self.change(species.0, |value| {
                    let Row::Species { genus: old, .. } = value else { unreachable!() };
                    *old = genus.0;
                });
            }
            Step::Former { species, genus } => {
                let Some(species) = pick(&known!(self, Species, is_stored), *species) else {
                    return Ok(());
                };
                if is_unread(session, Handle::Species(species.1)) {
                    return Ok(());
                }
                let genus = genus.and_then(|number| pick(&known!(self, Genus, is_alive), number));
                match genus {
                    Some((row, _)) if self.is_ambiguous(row) => return Ok(()),
                    Some((_, genus)) => session.relate(species.1, Species::FORMER, genus)?,
                    None => {
                        let Some(Row::Species { former, .. }) = self.model.seen(species.0) else {
                            return Ok(());
                        };
                        if former.is_some_and(|row| self.is_waiting(row)) {
                            // It is told by parting.
                            return Ok(());
                        }
                        session[species.1].former_code = None;
                    }
                }
                self.change(species.0, |value| {
                    let Row::Species { former: old, .. } = value else { unreachable!() };
                    *old = genus.map(|(row, _)| row);
                });
            }
            Step::Note { species, note } => {
                let Some((row, key)) = pick(&known!(self, Species, is_stored), *species) else {
                    return Ok(());
                };
                if is_unread(session, Handle::Species(key)) {
                    return Ok(());
                }
                session[key].note = *note;
                self.change(row, |value| {
                    let Row::Species { note: old, .. } = value else { unreachable!() };
                    *old = *note;
                });
            }
            Step::NoteLite { species, note } => {
                let flushed = session.flush();
                if !self.expect(&flushed) {
                    return Ok(());
                }
                let Some((row, key)) = self.pick_lite(*species) else { return Ok(()) };
                session[key].note = *note;
                session.flush()?;
                self.note(|other, _| other == row, *note);
            }
            Step::DeleteLite { species } => {
                let flushed = session.flush();
                if !self.expect(&flushed) {
                    return Ok(());
                }
                let Some((row, key)) = self.pick_lite(*species) else { return Ok(()) };
                session.delete(key)?;
                session.flush()?;
                take(&mut self.model.written, BTreeSet::from([row]));
            }
            Step::Attach { leaf, species } => {
                let leaf = pick(&known!(self, Leaf, is_alive), *leaf);
                let species = pick(&known!(self, Species, is_alive), *species);
                let (Some(leaf), Some(species)) = (leaf, species) else { return Ok(()) };
                if is_unread(session, Handle::Leaf(leaf.1)) {
                    return Ok(());
                }
                session.relate(species.1, Species::LEAVES, leaf.1)?;
                self.change(leaf.0, |value| *value = Row::Leaf { species: species.0 });
            }
            Step::TakeOut { label } => {
                let Some((row, key)) = pick(&known!(self, Label, is_alive), *label) else {
                    return Ok(());
                };
                let Some(Row::Label { species: Some(of), .. }) = self.model.pending(row) else {
                    return Ok(());
                };
                let Some(Handle::Species(species)) = self.handles.get(of).copied() else {
                    return Ok(());
                };
                if self.model.deleted.contains(of) || is_unread(session, Handle::Label(key)) {
                    return Ok(());
                }
                session.unrelate(species, Species::LABELS, key)?;
                self.change(row, |value| *value = Row::Label { species: None, is_orphan: true });
            }
            Step::PutIn { label, species } => {
                let label = pick(&known!(self, Label, is_alive), *label);
                let species = pick(&known!(self, Species, is_alive), *species);
                let (Some(label), Some(species)) = (label, species) else { return Ok(()) };
                if is_unread(session, Handle::Label(label.1)) {
                    return Ok(());
                }
                session.relate(species.1, Species::LABELS, label.1)?;
                let species = Some(species.0);
                self.change(label.0, |value| *value = Row::Label { species, is_orphan: false });
            }
            Step::Delete { row } => {
                let alive: Vec<(usize, Handle)> =
                    self.handles.iter().map(|(r, h)| (*r, *h)).collect();
                let alive: Vec<_> =
                    alive.into_iter().filter(|(row, _)| self.model.is_alive(*row)).collect();
                let Some((row, handle)) = pick(&alive, *row) else { return Ok(()) };
                if is_unread(session, handle) {
                    return Ok(());
                }
                with_key!(handle, key => session.delete(key))?;
                if self.model.added.contains_key(&row) {
                    self.model.give_up(row);
                } else {
                    self.model.changed.remove(&row);
                    self.model.deleted.insert(row);
                }
            }
            Step::NoteAll { genus, note } => {
                let flushed = session.flush();
                if !self.expect(&flushed) {
                    return Ok(());
                }
                let Some((genus, _)) = pick(&known!(self, Genus, is_stored), *genus) else {
                    return Ok(());
                };
                let of_genus = Species::GENUS_CODE.eq(self.code_of(genus));
                let updated =
                    session.query().filter(of_genus).update(&[Species::NOTE.set(*note)])?;
                let is_of =
                    |_, row: &Row| matches!(row, Row::Species { genus: of, .. } if *of == genus);
                assert_eq!(updated, self.note(is_of, *note));
            }
            Step::MoveAll { from, to } => {
                let flushed = session.flush();
                if !self.expect(&flushed) {
                    return Ok(());
                }
                let genera = known!(self, Genus, is_stored);
                let (Some((from, _)), Some((to, _))) = (pick(&genera, *from), pick(&genera, *to))
                else {
                    return Ok(());
                };
                let (old, new) = (self.code_of(from), self.code_of(to));
                let filter = Species::GENUS_CODE.eq(old);
                session.query().filter(filter).update(&[Species::GENUS_CODE.set(new)])?;
                // Some of them may be unknown.
                self.born.remove(&to);
                for row in self.model.written.values_mut() {
                    if let Row::Species { genus, .. } = row {
                        *genus = if *genus == from { to } else { *genus };
                    }
                }
            }
            Step::DeleteNoted { note } => {
                let filter = Species::NOTE.eq(*note);
                let deleted = session.query::<Species>().filter(filter).delete();
                if self.expect(&deleted) {
                    let is_noted =
                        |row: &Row| matches!(row, Row::Species { note: of, .. } if of == note);
                    let rows = self.model.written.iter().filter(|(_, row)| is_noted(row));
                    let gone: BTreeSet<usize> = rows.map(|(row, _)| *row).collect();
                    assert_eq!(deleted?, gone.len() as u64);
                    take(&mut self.model.written, gone);
                }
            }
            Step::Insert { genus } => {
                let flushed = session.flush();
                if !self.expect(&flushed) {
                    return Ok(());
                }
                let Some((genus, _)) = pick(&known!(self, Genus, is_stored), *genus) else {
                    return Ok(());
                };
                let row = self.rows;
                self.rows += 1;
                let (name, code) = (row.to_string(), self.code_of(genus));
                let new =
                    NewSpecies { name, genus: code.into(), former: None, origin: None, note: 0 };
                let stored = Repository::<Species>::insert(session, new)?;
                let value = Row::Species { genus, former: None, origin: None, note: 0 };
                self.model.written.insert(row, value);
                self.handles.insert(row, Handle::Species(session.get(stored.id)?));
            }
            Step::Rename { genus, code: number } => {
                let flushed = session.flush();
                if !self.expect(&flushed) {
                    return Ok(());
                }
                let Some((row, key)) = pick(&known!(self, Genus, is_stored), *genus) else {
                    return Ok(());
                };
                let new = Row::Genus { code: code(*number) };
                let Some(base) = session.row(key).cloned() else { return Ok(()) };
                if self.model.written.values().any(|row| *row == new) {
                    return Ok(());
                }
                let mine = Genus { code: code(*number), ..base.clone() };
                session.update_from(&base, mine)?;
                self.model.written.insert(row, new);
            }
            Step::Remove { genus } => {
                let flushed = session.flush();
                if !self.expect(&flushed) {
                    return Ok(());
                }
                let Some((genus, _)) = pick(&known!(self, Genus, is_stored), *genus) else {
                    return Ok(());
                };
                Repository::<Genus>::delete(session, &self.code_of(genus))?;
                take(&mut self.model.written, BTreeSet::from([genus]));
            }
            Step::DeleteGenus { genus } => {
                let flushed = session.flush();
                if !self.expect(&flushed) {
                    return Ok(());
                }
                let Some((genus, _)) = pick(&known!(self, Genus, is_stored), *genus) else {
                    return Ok(());
                };
                let filter = Genus::CODE.eq(self.code_of(genus));
                assert_eq!(session.query::<Genus>().filter(filter).delete()?, 1);
                take(&mut self.model.written, BTreeSet::from([genus]));
            }
            Step::Detach { row } => {
                self.note_ids(session);
                let is_quiet = |row: usize| {
                    self.model.is_stored(row)
                        && !self.model.changed.contains_key(&row)
                        && !self.model.added.values().any(|other| other.refers_to(row))
                };
                let quiet: Vec<_> =
                    self.handles.iter().filter(|(row, _)| is_quiet(**row)).collect();
                let Some((&row, &handle)) = pick(&quiet, *row) else { return Ok(()) };
                if is_unread(session, handle) {
                    return Ok(());
                }
                assert!(with_key!(handle, key => session.detach(key).is_some()), "row {row}");
                self.handles.remove(&row);
                self.born.remove(&row);
            }
            Step::Autoflush { is_on } => {
                session.set_autoflush(if *is_on { Autoflush::On } else { Autoflush::Off });
                self.flushes = *is_on;
            }
            Step::Expire { row } => {
                self.note_ids(session);
                let is_quiet = |row: &usize| {
                    self.model.is_stored(*row) && !self.model.changed.contains_key(row)
                };
                let quiet: Vec<_> = self.handles.iter().filter(|(row, _)| is_quiet(row)).collect();
                let Some((&row, &handle)) = pick(&quiet, *row) else { return Ok(()) };
                with_key!(handle, key => session.expire(key));
                self.expired.insert(row);
            }
            Step::LoadGenusLites => {
                let loaded = session.query::<GenusLite>().all();
                if self.expect_read(&loaded) {
                    for key in loaded? {
                        let code = &session[key].code;
                        let is_it =
                            |row: &Row| matches!(row, Row::Genus { code: own } if own == code);
                        let found = self.model.written.iter().find(|(_, row)| is_it(row));
                        let row = *found.expect("a genus of that code").0;
                        let known = self.genus_lites.insert(row, key);
                        assert!(known.is_none_or(|known| known == key), "row {row} in short");
                    }
                }
            }
            Step::LoadGenera => {
                let loaded = session.query::<Genus>().all();
                self.take_in(session, &loaded, Handle::Genus, |row: &Genus| &row.name);
            }
            Step::LoadSpecies => {
                let loaded = session.query::<Species>().all();
                self.take_in(session, &loaded, Handle::Species, |row: &Species| &row.name);
            }
            Step::LoadLeaves => {
                let loaded = session.query::<Leaf>().all();
                self.take_in(session, &loaded, Handle::Leaf, |row: &Leaf| &row.name);
            }
            Step::LoadLabels => {
                let loaded = session.query::<Label>().all();
                self.take_in(session, &loaded, Handle::Label, |row: &Label| &row.name);
            }
            Step::LoadLites => {
                let loaded = session.query::<SpeciesLite>().all();
                if self.expect_read(&loaded) {
                    for key in loaded? {
                        self.lites.insert(number_of(&session[key].name), key);
                    }
                }
            }
            Step::Include => {
                let genera = session.query::<Genus>().include(Genus::SPECIES).all();
                if self.expect_read(&genera) {
                    let species = session.query::<Species>().include(Species::LEAVES);
                    let species =
                        species.include(Species::LABELS).include(Species::COLLECTORS).all();
                    let all = session.query::<Collector>().all();
                    self.take_in(session, &all, Handle::Collector, |row: &Collector| &row.name);
                    let all = session.query::<Leaf>().all();
                    self.take_in(session, &all, Handle::Leaf, |row: &Leaf| &row.name);
                    let all = session.query::<Label>().all();
                    self.take_in(session, &all, Handle::Label, |row: &Label| &row.name);
                    self.take_in(session, &species, Handle::Species, |row: &Species| &row.name);
                    self.take_in(session, &genera, Handle::Genus, |row: &Genus| &row.name);
                }
            }
            Step::Clear => {
                self.note_ids(session);
                session.clear();
                self.model.discard();
                self.handles.clear();
                self.lites.clear();
                self.genus_lites.clear();
                self.expired.clear();
                self.born.clear();
            }
            Step::Flush => {
                let flushed = session.flush();
                self.expect(&flushed);
            }
            Step::Commit => {
                let committed = session.commit();
                if self.expect(&committed) {
                    self.model.committed = self.model.written.clone();
                    self.compare_database(&mut self.database.session()?)?;
                }
            }
            Step::Rollback => {
                session.rollback()?;
                self.model.discard();
                self.model.written = self.model.committed.clone();
                self.born.clear();
                self.forget_lost(session);
            }
            Step::Savepoint { steps, is_kept } => {
                let before = {
                    let mut model = self.model.clone();
                    model.flush().then_some(model)
                };
                let mut has_begun = false;
                let result = session.savepoint(|session| {
                    has_begun = true;
                    self.model.flush();
                    for step in steps {
                        self.step(session, step)?;
                        self.compare_session(session, step);
                    }
                    if *is_kept { Ok(()) } else { Err(Error::Cancelled) }
                });
                assert_eq!(has_begun, before.is_some(), "{result:?}");
                if let Some(before) = before {
                    let is_kept = *is_kept && self.model.flush();
                    assert_eq!(result.is_ok(), is_kept, "{result:?}");
                    if !is_kept {
                        self.model = before;
                        self.forget_lost(session);
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn pick_lite(&self, number: usize) -> Option<(usize, Key<SpeciesLite>)> {
        let lites = self.lites.iter().map(|(row, key)| (*row, *key));
        let lites: Vec<_> = lites.filter(|(row, _)| self.model.is_stored(*row)).collect();
        pick(&lites, number)
    }

    /// Notes on written species; returns how many.
    pub(super) fn note(&mut self, is_meant: impl Fn(usize, &Row) -> bool, note: i64) -> u64 {
        let mut noted = 0;
        for (row, value) in &mut self.model.written {
            if is_meant(*row, value)
                && let Row::Species { note: old, .. } = value
            {
                *old = note;
                noted += 1;
            }
        }
        noted
    }

    /// Notes the handles of what was read.
    pub(super) fn take_in<E>(
        &mut self,
        session: &Session<C>,
        loaded: &Result<Vec<Key<E>>>,
        handle: impl Fn(Key<E>) -> Handle,
        name: impl Fn(&E) -> &String,
    ) where
        E: persistence::Entity,
    {
        if !self.expect_read(loaded) {
            return;
        }
        let Ok(keys) = loaded else { return };
        for &key in keys {
            let row = number_of(name(session.row(key).expect("it was just read")));
            assert!(self.model.written.contains_key(&row), "row {row} is read, and is not there");
            if let Some(known) = self.handles.insert(row, handle(key)) {
                assert_eq!(known, handle(key), "row {row} has another handle");
            } else {
                self.reloaded.insert(row);
            }
        }
    }

    /// Whether rows were read, before which what is pending is written, or is not.
    pub(super) fn expect_read<T>(&mut self, result: &Result<T>) -> bool {
        if self.flushes {
            return self.expect(result);
        }
        if let Err(error) = result {
            panic!("not read: {error:?}");
        }
        true
    }

    /// Whether the model's flush and the session's have come to the same.
    pub(super) fn expect<T>(&mut self, result: &Result<T>) -> bool {
        let expected = self.model.flush();
        match result {
            Ok(_) => assert!(expected, "written, although two rows share a unique value"),
            Err(error) => {
                assert!(matches!(error, Error::Constraint(_)), "{error:?}");
                assert!(!expected, "refused: {error:?}");
            }
        }
        expected
    }

    /// A genus that was read by a code which was taken back is nobody's any more; of one that is to be
    /// read again nothing tells whether it is.
    pub(super) fn forget_lost(&mut self, session: &Session<C>) {
        let is_lost = |row: &usize, handle: &Handle| match handle {
            Handle::Genus(key) => self.reloaded.contains(row) && session.row(*key).is_none(),
            _ => false,
        };
        self.handles.retain(|row, handle| !is_lost(row, handle));
        self.genus_lites.retain(|_, key| session.row(*key).is_some());
    }
}
