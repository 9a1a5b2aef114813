//! What the session and the database should have: maps of rows, and what is pending beside them.

use std::collections::{BTreeMap, BTreeSet};

/// A row; references by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    Genus { code: String },
    Species { genus: usize, former: Option<usize>, origin: Option<usize>, note: i64 },
    Leaf { species: usize },
    Label { species: Option<usize>, is_orphan: bool },
    Collector,
    Find { species: usize, collector: usize },
}

impl Row {
    /// The rows with which it goes.
    pub(super) fn owners(&self) -> Vec<usize> {
        match self {
            Self::Genus { .. } | Self::Collector => Vec::new(),
            Self::Species { genus, .. } => vec![*genus],
            Self::Leaf { species } => vec![*species],
            Self::Label { species, .. } => species.iter().copied().collect(),
            Self::Find { species, collector } => vec![*species, *collector],
        }
    }

    /// References that become NULL.
    pub(super) fn forget(&mut self, is_gone: impl Fn(usize) -> bool) {
        if let Self::Species { former, origin, .. } = self {
            *former = former.filter(|&row| !is_gone(row));
            *origin = origin.filter(|&row| !is_gone(row));
        }
    }

    pub(super) fn refers_to(&self, other: usize) -> bool {
        let by_choice = match self {
            Self::Species { former, origin, .. } => [*former, *origin],
            _ => [None, None],
        };
        self.owners().contains(&other) || by_choice.contains(&Some(other))
    }
}

pub(super) type Table = BTreeMap<usize, Row>;

/// What the session and the database should have.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) committed: Table,
    pub(super) written: Table,
    pub(super) added: Table,
    pub(super) changed: Table,
    pub(super) deleted: BTreeSet<usize>,
}

/// Takes these rows out, with what goes along.
pub(super) fn take(rows: &mut Table, mut gone: BTreeSet<usize>) {
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
    pub(super) fn seen(&self, row: usize) -> Option<&Row> {
        self.changed.get(&row).or_else(|| self.written.get(&row))
    }

    /// Whether others can refer to the row.
    pub(super) fn is_alive(&self, row: usize) -> bool {
        self.added.contains_key(&row) || self.is_stored(row)
    }

    pub(super) fn is_stored(&self, row: usize) -> bool {
        self.written.contains_key(&row) && !self.deleted.contains(&row)
    }

    pub(super) fn pending(&self, row: usize) -> Option<&Row> {
        self.added.get(&row).or_else(|| self.seen(row).filter(|_| !self.deleted.contains(&row)))
    }

    /// All rows as they would be.
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, &Row)> {
        let rows = self.written.keys().chain(self.added.keys());
        rows.filter_map(|&row| Some((row, self.pending(row)?)))
    }

    pub(super) fn discard(&mut self) {
        self.added.clear();
        self.changed.clear();
        self.deleted.clear();
    }

    /// Everything pending, written; not where two rows would share what they may not.
    pub(super) fn flush(&mut self) -> bool {
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
    pub(super) fn give_up(&mut self, row: usize) {
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
