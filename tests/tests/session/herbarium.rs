//! Random sequences of session operations in a world of natural keys, levels that are not loaded,
//! links, owned rows, bulk statements and two entities on one table, compared with a model: maps of
//! rows that refer to each other by number.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use integration_tests::herbarium::{
    Collector, Find, Genus, HerbariumEngine, Label, Leaf, NewCollector, NewGenus, NewLabel,
    NewLeaf, NewSpecies, Species, SpeciesLite, open,
};
use integration_tests::{MysqlConnection, PgConnection, SqliteConnection, TestDatabase};
use persistence::{Database, Engine, Error, Key, Result, Session};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// What a program does. Rows are meant by their number among those that may be meant.
#[derive(Clone, Debug)]
enum Step {
    AddGenus { code: u8 },
    AddSpecies { genus: usize, former: Option<usize>, origin: Option<usize> },
    AddLeaf { species: usize },
    AddLabel { species: usize },
    AddCollector,
    Link { species: usize, collector: usize },
    Unlink { species: usize, collector: usize },
    Recode { genus: usize, code: u8 },
    Move { species: usize, genus: usize },
    Former { species: usize, genus: Option<usize> },
    Note { species: usize, note: i64 },
    NoteLite { species: usize, note: i64 },
    Attach { leaf: usize, species: usize },
    TakeOut { label: usize },
    PutIn { label: usize, species: usize },
    Delete { row: usize },
    DeleteLite { species: usize },
    NoteAll { genus: usize, note: i64 },
    MoveAll { from: usize, to: usize },
    DeleteNoted { note: i64 },
    DeleteGenus { genus: usize },
    Detach { row: usize },
    LoadGenera,
    LoadSpecies,
    LoadLeaves,
    LoadLabels,
    LoadLites,
    Include,
    Clear,
    Flush,
    Commit,
    Rollback,
    Savepoint { steps: Vec<Self>, is_kept: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let row = || 0_usize..6;
    let other = || proptest::option::of(0_usize..6);
    let (code, note) = (|| 0_u8..4, || 0_i64..3);
    let adding = prop_oneof![
        4 => code().prop_map(|code| Step::AddGenus { code }),
        5 => (row(), other(), other())
            .prop_map(|(genus, former, origin)| Step::AddSpecies { genus, former, origin }),
        3 => row().prop_map(|species| Step::AddLeaf { species }),
        2 => row().prop_map(|species| Step::AddLabel { species }),
        1 => Just(Step::AddCollector),
        2 => (row(), row()).prop_map(|(species, collector)| Step::Link { species, collector }),
    ];
    let changing = prop_oneof![
        1 => (row(), row()).prop_map(|(species, collector)| Step::Unlink { species, collector }),
        3 => (row(), code()).prop_map(|(genus, code)| Step::Recode { genus, code }),
        2 => (row(), row()).prop_map(|(species, genus)| Step::Move { species, genus }),
        1 => (row(), other()).prop_map(|(species, genus)| Step::Former { species, genus }),
        1 => (row(), note()).prop_map(|(species, note)| Step::Note { species, note }),
        1 => (row(), note()).prop_map(|(species, note)| Step::NoteLite { species, note }),
        1 => (row(), row()).prop_map(|(leaf, species)| Step::Attach { leaf, species }),
        1 => row().prop_map(|label| Step::TakeOut { label }),
        1 => (row(), row()).prop_map(|(label, species)| Step::PutIn { label, species }),
        4 => (0_usize..20).prop_map(|row| Step::Delete { row }),
        1 => row().prop_map(|species| Step::DeleteLite { species }),
    ];
    let bulk = prop_oneof![
        2 => (row(), note()).prop_map(|(genus, note)| Step::NoteAll { genus, note }),
        1 => (row(), row()).prop_map(|(from, to)| Step::MoveAll { from, to }),
        1 => note().prop_map(|note| Step::DeleteNoted { note }),
        1 => row().prop_map(|genus| Step::DeleteGenus { genus }),
    ];
    let reading = prop_oneof![
        3 => (0_usize..20).prop_map(|row| Step::Detach { row }),
        1 => Just(Step::LoadGenera),
        1 => Just(Step::LoadSpecies),
        1 => Just(Step::LoadLeaves),
        1 => Just(Step::LoadLabels),
        1 => Just(Step::LoadLites),
        1 => Just(Step::Include),
        1 => Just(Step::Clear),
    ];
    let ending = prop_oneof![
        4 => Just(Step::Flush),
        2 => Just(Step::Commit),
        1 => Just(Step::Rollback),
    ];
    let simple = prop_oneof![6 => adding, 5 => changing, 1 => bulk, 2 => reading, 3 => ending];
    let simple = simple.boxed();
    let part = (vec(simple.clone(), 0..6), any::<bool>());
    prop_oneof![
        15 => simple,
        1 => part.prop_map(|(steps, is_kept)| {
            let ends = |step: &Step| matches!(step, Step::Commit | Step::Rollback);
            let steps = steps.into_iter().filter(|step| !ends(step)).collect();
            Step::Savepoint { steps, is_kept }
        }),
    ]
}

/// A row; references by number.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Row {
    Genus { code: String },
    Species { genus: usize, former: Option<usize>, origin: Option<usize>, note: i64 },
    Leaf { species: usize },
    Label { species: Option<usize>, is_orphan: bool },
    Collector,
    Find { species: usize, collector: usize },
}

impl Row {
    /// The rows with which it goes.
    fn owners(&self) -> Vec<usize> {
        match self {
            Self::Genus { .. } | Self::Collector => Vec::new(),
            Self::Species { genus, .. } => vec![*genus],
            Self::Leaf { species } => vec![*species],
            Self::Label { species, .. } => species.iter().copied().collect(),
            Self::Find { species, collector } => vec![*species, *collector],
        }
    }

    /// References that become NULL.
    fn forget(&mut self, is_gone: impl Fn(usize) -> bool) {
        if let Self::Species { former, origin, .. } = self {
            *former = former.filter(|&row| !is_gone(row));
            *origin = origin.filter(|&row| !is_gone(row));
        }
    }

    fn refers_to(&self, other: usize) -> bool {
        let by_choice = match self {
            Self::Species { former, origin, .. } => [*former, *origin],
            _ => [None, None],
        };
        self.owners().contains(&other) || by_choice.contains(&Some(other))
    }
}

type Table = BTreeMap<usize, Row>;

/// What the session and the database should have.
#[derive(Clone, Debug, Default)]
struct Model {
    committed: Table,
    written: Table,
    added: Table,
    changed: Table,
    deleted: BTreeSet<usize>,
}

/// Takes these rows out, with what goes along.
fn take(rows: &mut Table, mut gone: BTreeSet<usize>) {
    loop {
        let goes = |(row, value): (&usize, &Row)| {
            let goes = !gone.contains(row) && value.owners().iter().any(|row| gone.contains(row));
            goes.then_some(*row)
        };
        let more: Vec<usize> = rows.iter().filter_map(goes).collect();
        if more.is_empty() {
            break;
        }
        gone.extend(more);
    }
    rows.retain(|row, _| !gone.contains(row));
    for row in rows.values_mut() {
        row.forget(|row| gone.contains(&row));
    }
}

impl Model {
    /// A stored row as the program sees it.
    fn seen(&self, row: usize) -> Option<&Row> {
        self.changed.get(&row).or_else(|| self.written.get(&row))
    }

    /// Whether others can refer to the row.
    fn is_alive(&self, row: usize) -> bool {
        self.added.contains_key(&row) || self.is_stored(row)
    }

    fn is_stored(&self, row: usize) -> bool {
        self.written.contains_key(&row) && !self.deleted.contains(&row)
    }

    fn pending(&self, row: usize) -> Option<&Row> {
        self.added.get(&row).or_else(|| self.seen(row).filter(|_| !self.deleted.contains(&row)))
    }

    /// All rows as they would be.
    fn all(&self) -> impl Iterator<Item = (usize, &Row)> {
        let rows = self.written.keys().chain(self.added.keys());
        rows.filter_map(|&row| Some((row, self.pending(row)?)))
    }

    fn discard(&mut self) {
        self.added.clear();
        self.changed.clear();
        self.deleted.clear();
    }

    /// Everything pending, written; not where two rows would share what they may not.
    fn flush(&mut self) -> bool {
        let mut rows = self.written.clone();
        rows.extend(self.added.clone());
        rows.extend(self.changed.clone());
        let mut gone = self.deleted.clone();
        let is_orphan = |row: &Row| matches!(row, Row::Label { is_orphan: true, .. });
        gone.extend(rows.iter().filter(|(_, row)| is_orphan(row)).map(|(row, _)| *row));
        take(&mut rows, gone);
        let (mut codes, mut finds) = (BTreeSet::new(), BTreeSet::new());
        let is_unique = rows.values().all(|row| match row {
            Row::Genus { code } => codes.insert(code.clone()),
            Row::Find { species, collector } => finds.insert((*species, *collector)),
            _ => true,
        });
        if is_unique {
            self.written = rows;
            self.discard();
        }
        is_unique
    }

    /// A row that was added is given up, and drafts that go with it.
    fn give_up(&mut self, row: usize) {
        self.added.remove(&row);
        let along: Vec<usize> = self
            .added
            .iter()
            .filter(|(_, other)| other.owners().contains(&row))
            .map(|(row, _)| *row)
            .collect();
        for value in self.added.values_mut() {
            value.forget(|other| other == row);
        }
        // What was to refer to it refers to what it did.
        for (changed, value) in &mut self.changed {
            let Some(before) = self.written.get(changed) else { continue };
            match (value, before) {
                (
                    Row::Species { genus, former, .. },
                    Row::Species { genus: genus_before, former: former_before, .. },
                ) => {
                    if *genus == row {
                        *genus = *genus_before;
                    }
                    if *former == Some(row) {
                        *former = *former_before;
                    }
                }
                (Row::Leaf { species }, Row::Leaf { species: before }) if *species == row => {
                    *species = *before;
                }
                (Row::Label { species, .. }, Row::Label { species: before, .. })
                    if *species == Some(row) =>
                {
                    *species = *before;
                }
                _ => {}
            }
        }
        for row in along {
            self.give_up(row);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handle {
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

struct Run<'d, C: Engine> {
    database: &'d Database<C>,
    model: Model,
    rows: usize,
    handles: BTreeMap<usize, Handle>,
    lites: BTreeMap<usize, Key<SpeciesLite>>,
    /// The keys of rows that have them.
    ids: BTreeMap<usize, i64>,
    /// Rows of which the session knows all that refers to them.
    born: BTreeSet<usize>,
    /// Rows whose handles come from reading.
    reloaded: BTreeSet<usize>,
}

fn code(number: u8) -> String {
    format!("code {number}")
}

fn number_of(name: &str) -> usize {
    name.parse().unwrap()
}

fn pick<T: Copy>(rows: &[T], number: usize) -> Option<T> {
    rows.get(number % rows.len().max(1)).copied()
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
    fn new_row(&mut self, value: Row) -> usize {
        let row = self.rows;
        self.rows += 1;
        self.model.added.insert(row, value);
        row
    }

    fn change(&mut self, row: usize, change: impl FnOnce(&mut Row)) {
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
    fn is_ambiguous(&self, row: usize) -> bool {
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
    fn is_meant(&self, code: &str) -> bool {
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

    fn code_of(&self, row: usize) -> String {
        match self.model.written.get(&row) {
            Some(Row::Genus { code }) => code.clone(),
            other => panic!("{other:?} is no genus"),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm a step")]
    fn step(&mut self, session: &mut Session<C>, step: &Step) -> Result<()> {
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
                if self.expect(&unlinked) {
                    let stored = self.model.written.iter().find(|(_, row)| **row == find);
                    self.model.deleted.extend(stored.map(|(row, _)| *row));
                }
            }
            Step::Recode { genus, code: number } => {
                let Some((row, key)) = pick(&known!(self, Genus, is_stored), *genus) else {
                    return Ok(());
                };
                session[key].code = code(*number);
                self.change(row, |value| *value = Row::Genus { code: code(*number) });
            }
            Step::Move { species, genus } => {
                let species = pick(&known!(self, Species, is_alive), *species);
                let genus = pick(&known!(self, Genus, is_alive), *genus);
                let (Some(species), Some(genus)) = (species, genus) else { return Ok(()) };
                if self.is_ambiguous(genus.0) {
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
                if self.model.deleted.contains(of) {
                    return Ok(());
                }
                session.unrelate(species, Species::LABELS, key)?;
                self.change(row, |value| *value = Row::Label { species: None, is_orphan: true });
            }
            Step::PutIn { label, species } => {
                let label = pick(&known!(self, Label, is_alive), *label);
                let species = pick(&known!(self, Species, is_alive), *species);
                let (Some(label), Some(species)) = (label, species) else { return Ok(()) };
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
                assert!(with_key!(handle, key => session.detach(key).is_some()), "row {row}");
                self.handles.remove(&row);
                self.born.remove(&row);
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
                if self.expect(&loaded) {
                    for key in loaded? {
                        self.lites.insert(number_of(&session[key].name), key);
                    }
                }
            }
            Step::Include => {
                let genera = session.query::<Genus>().include(Genus::SPECIES).all();
                if self.expect(&genera) {
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

    fn pick_lite(&self, number: usize) -> Option<(usize, Key<SpeciesLite>)> {
        let lites = self.lites.iter().map(|(row, key)| (*row, *key));
        let lites: Vec<_> = lites.filter(|(row, _)| self.model.is_stored(*row)).collect();
        pick(&lites, number)
    }

    /// Notes on written species; returns how many.
    fn note(&mut self, is_meant: impl Fn(usize, &Row) -> bool, note: i64) -> u64 {
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
    fn take_in<E>(
        &mut self,
        session: &Session<C>,
        loaded: &Result<Vec<Key<E>>>,
        handle: impl Fn(Key<E>) -> Handle,
        name: impl Fn(&E) -> &String,
    ) where
        E: persistence::Entity,
    {
        if !self.expect(loaded) {
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

    /// Whether the model's flush and the session's have come to the same.
    fn expect<T>(&mut self, result: &Result<T>) -> bool {
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

    /// The code by which a species may refer to a genus; `None` where it waits for a flush.
    fn is_code(&self, genus: usize, code: &str) -> bool {
        let is = |row: Option<&Row>| matches!(row, Some(Row::Genus { code: own }) if own == code);
        self.is_waiting(genus) || is(self.model.written.get(&genus))
    }

    /// Whether what refers to a row shows that once it is flushed.
    fn is_waiting(&self, row: usize) -> bool {
        self.model.added.contains_key(&row)
            || self.model.deleted.contains(&row)
            || matches!(self.model.changed.get(&row), Some(Row::Genus { .. }))
    }

    fn is_id(&self, row: usize, id: i64) -> bool {
        self.model.added.contains_key(&row) || self.ids.get(&row) == Some(&id)
    }

    /// A genus that was read by a code which was taken back is nobody's any more.
    fn forget_lost(&mut self, session: &Session<C>) {
        let is_lost = |row: &usize, handle: &Handle| match handle {
            Handle::Genus(key) => {
                let is_it = |found: &Genus| number_of(&found.name) == *row;
                self.reloaded.contains(row) && !session.row(*key).is_some_and(is_it)
            }
            _ => false,
        };
        self.handles.retain(|row, handle| !is_lost(row, handle));
    }

    /// Notes the keys of rows that have them by now.
    fn note_ids(&mut self, session: &Session<C>) {
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
    fn compare_session(&mut self, session: &Session<C>, step: &Step) {
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
        self.compare_relations(session, step);
    }

    /// Compares what the session says of relations.
    fn compare_relations(&mut self, session: &Session<C>, step: &Step) {
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
    fn compare_genus(&self, session: &Session<C>, row: usize, key: Key<Species>, step: &Step) {
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

    fn row_of(&self, handle: Handle) -> Option<usize> {
        self.handles.iter().find(|(_, known)| **known == handle).map(|(row, _)| *row)
    }

    fn compare_related<E>(
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
    fn compare_database(&self, other: &mut Session<C>) -> Result<()> {
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

fn run<C: HerbariumEngine>(database: &Database<C>, steps: &[Step]) {
    let mut cleaner = database.session().unwrap();
    cleaner.query::<Collector>().delete().unwrap();
    cleaner.query::<Genus>().delete().unwrap();
    cleaner.query::<Label>().delete().unwrap();
    cleaner.commit().unwrap();
    drop(cleaner);
    let mut session = database.session().unwrap();
    let mut run = Run {
        database,
        model: Model::default(),
        rows: 0,
        handles: BTreeMap::new(),
        lites: BTreeMap::new(),
        ids: BTreeMap::new(),
        reloaded: BTreeSet::new(),
        born: BTreeSet::new(),
    };
    for step in steps.iter().chain([&Step::Commit]) {
        run.step(&mut session, step).unwrap_or_else(|error| panic!("{step:?}: {error:?}"));
        run.compare_session(&session, step);
    }
    let step = Step::Rollback;
    run.step(&mut session, &step).unwrap();
    run.compare_session(&session, &step);
    let step = Step::Include;
    run.step(&mut session, &step).unwrap();
    run.compare_session(&session, &step);
}

/// Runs so many sequences; `HERBARIUM_SEED` and `HERBARIUM_CASES` choose others.
fn check<C: HerbariumEngine>(place: &TestDatabase, cases: u32) {
    let database = open::<C>(place);
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let seed: u64 = number("HERBARIUM_SEED").unwrap_or_else(rand_seed);
    let cases = number("HERBARIUM_CASES").and_then(|cases| cases.try_into().ok()).unwrap_or(cases);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let ran = std::cell::Cell::new(0);
    let outcome = TestRunner::new_with_rng(config, random).run(&vec(step(), 1..40), |steps| {
        ran.set(ran.get() + 1);
        catch_unwind(AssertUnwindSafe(|| run(&database, &steps))).map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            TestCaseError::fail(text)
        })
    });
    if let Err(error) = outcome {
        panic!("HERBARIUM_SEED={seed}, run {}: {error}", ran.get());
    }
}

fn rand_seed() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0
}

#[test]
fn a_session_does_what_the_model_does_on_sqlite() {
    check::<SqliteConnection>(&integration_tests::sqlite(), 300);
}

#[test]
fn a_session_does_what_the_model_does_on_postgres() {
    check::<PgConnection>(&integration_tests::postgres(), 100);
}

#[test]
fn a_session_does_what_the_model_does_on_mysql() {
    check::<MysqlConnection>(&integration_tests::mysql(), 100);
}
