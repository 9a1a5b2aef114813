//! Which column of a source goes into which of an entity.

use std::collections::HashSet;

use persistence::EntityMeta;
use persistence::entity::Fill;
use transfer::export::{ExportColumn, label_name};
use transfer::import::Mode;

use crate::i18n::{Texts, humanised};
use crate::tr;

/// What becomes of rows that are there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Taking {
    #[default]
    Insert,
    Update,
    Upsert,
}

impl Taking {
    pub const ALL: [Self; 3] = [Self::Insert, Self::Update, Self::Upsert];

    /// Returns what it is called.
    pub fn name(self, texts: &Texts) -> String {
        match self {
            Self::Insert => tr!(texts, "import-insert"),
            Self::Update => tr!(texts, "import-update"),
            Self::Upsert => tr!(texts, "import-upsert"),
        }
    }

    /// Returns what it does.
    pub fn hint(self, texts: &Texts) -> String {
        match self {
            Self::Insert => tr!(texts, "import-insert-hint"),
            Self::Update => tr!(texts, "import-update-hint"),
            Self::Upsert => tr!(texts, "import-upsert-hint"),
        }
    }
}

/// A column of a source, and where it goes: nowhere, into a column, or as the label of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mapped {
    pub header: String,
    pub target: Option<ExportColumn>,
}

/// Returns the columns that a source can give, those with labels after their keys.
pub(super) fn choices(meta: &EntityMeta, taking: Taking) -> Vec<ExportColumn> {
    let mut choices = Vec::new();
    for (position, column) in meta.columns.iter().enumerate() {
        let is_key = meta.key.contains(&position) && taking != Taking::Insert;
        if column.fill == Fill::Draft || is_key {
            if column.references.is_some() {
                choices.push(ExportColumn::Label(position));
            }
            choices.push(ExportColumn::Own(position));
        }
    }
    choices
}

/// Returns what a column is called for people.
pub(super) fn shown(meta: &EntityMeta, column: ExportColumn, texts: &Texts) -> String {
    let (ExportColumn::Own(position) | ExportColumn::Label(position)) = column;
    let Some(it) = meta.columns.get(position) else { return String::new() };
    let name = texts.column(meta, it);
    match column {
        ExportColumn::Own(_) if it.references.is_some() => {
            tr!(texts, "import-by-key", column = name)
        }
        ExportColumn::Label(_) => tr!(texts, "import-by-label", column = name),
        ExportColumn::Own(_) => name,
    }
}

/// Returns what a column is called in files.
pub(super) fn in_files(meta: &EntityMeta, column: ExportColumn) -> String {
    let (ExportColumn::Own(position) | ExportColumn::Label(position)) = column;
    let name = meta.columns.get(position).map_or("", |column| column.name);
    match column {
        ExportColumn::Own(_) => name.to_owned(),
        ExportColumn::Label(_) => label_name(meta, name),
    }
}

/// Returns where each column of a source goes, as far as its name says: that of a column in files, in words, or in the
/// person's language.
pub(super) fn matched(
    meta: &EntityMeta,
    header: &[String],
    taking: Taking,
    texts: &Texts,
) -> Vec<Mapped> {
    let choices = choices(meta, taking);
    let mut taken = HashSet::new();
    let plain = |name: &str| name.trim().replace('_', " ").to_lowercase();
    let names = |column: ExportColumn| {
        let (ExportColumn::Own(position) | ExportColumn::Label(position)) = column;
        let it = meta.columns.get(position);
        let mut names = vec![in_files(meta, column), humanised(&in_files(meta, column))];
        names.extend(it.map(|it| texts.column(meta, it)));
        names.push(shown(meta, column, texts));
        names
    };
    let mapped = header.iter().map(|header| {
        let wanted = plain(header);
        let mut fitting = choices
            .iter()
            .filter(|column| names(**column).iter().any(|name| plain(name) == wanted));
        let target = fitting.find(|column| taken.insert(**column)).copied();
        Mapped { header: header.clone(), target }
    });
    mapped.collect()
}

/// Returns the position of the column that something goes into.
pub(super) const fn position(column: ExportColumn) -> usize {
    let (ExportColumn::Own(position) | ExportColumn::Label(position)) = column;
    position
}

/// Returns the sets of columns by which rows can be found, as far as the source has them.
pub(super) fn found_by(meta: &'static EntityMeta, mapped: &[Mapped]) -> Vec<&'static [usize]> {
    let given: HashSet<usize> = mapped.iter().filter_map(|it| it.target).map(position).collect();
    let sets = std::iter::once(meta.key).chain(meta.unique.iter().copied());
    sets.filter(|set| set.iter().all(|position| given.contains(position))).collect()
}

/// Returns the mode that a choice is, by the columns by which rows are found.
pub(super) fn mode(meta: &EntityMeta, taking: Taking, by: Option<&[usize]>) -> Mode {
    let by = by.map(|by| meta.names(by).into_iter().map(str::to_owned).collect());
    match taking {
        Taking::Insert => Mode::Insert,
        Taking::Update => Mode::Update(by.unwrap_or_default()),
        Taking::Upsert => Mode::Upsert(by.unwrap_or_default()),
    }
}

/// Returns why rows cannot be taken in so, in words.
pub(super) fn problem(
    meta: &'static EntityMeta,
    mapped: &[Mapped],
    taking: Taking,
    defaults: &[usize],
    texts: &Texts,
) -> Option<String> {
    let targets: Vec<ExportColumn> = mapped.iter().filter_map(|it| it.target).collect();
    if targets.is_empty() {
        return Some(tr!(texts, "import-no-columns"));
    }
    let mut seen = HashSet::new();
    if let Some(twice) = targets.iter().find(|target| !seen.insert(**target)) {
        return Some(tr!(texts, "import-twice", column = shown(meta, *twice, texts)));
    }
    if taking != Taking::Insert && found_by(meta, mapped).is_empty() {
        let sets = std::iter::once(meta.key).chain(meta.unique.iter().copied());
        let names = |set: &[usize]| {
            let columns = set.iter().filter_map(|position| meta.columns.get(*position));
            columns.map(|column| texts.column(meta, column)).collect::<Vec<_>>().join(" + ")
        };
        let sets: Vec<String> = sets.map(names).collect();
        return Some(tr!(texts, "import-nothing-to-find-by", columns = sets.join(" / ")));
    }
    if taking == Taking::Update {
        return None;
    }
    let given: HashSet<usize> = targets.into_iter().map(position).collect();
    let is_missing = |(position, column): &(usize, &persistence::ColumnMeta)| {
        let is_needed = column.fill == Fill::Draft && !column.is_nullable;
        is_needed && !given.contains(position) && !defaults.contains(position)
    };
    let missing = meta.columns.iter().enumerate().filter(is_missing);
    let missing: Vec<String> = missing.map(|(_, column)| texts.column(meta, column)).collect();
    (!missing.is_empty()).then(|| tr!(texts, "import-missing", columns = missing.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;
    use crate::samples::Volume;
    use persistence::Entity as _;

    #[test]
    fn columns_go_where_their_names_say_in_files_and_in_words() {
        let texts = Texts::new(Language::English);
        let header = ["Title", " WRITER ", "writer id", "shelf"].map(str::to_owned);
        let mapped = matched(Volume::meta(), &header, Taking::Insert, &texts);
        let names: Vec<Option<String>> = mapped
            .iter()
            .map(|it| it.target.map(|target| in_files(Volume::meta(), target)))
            .collect();
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(names, [some("title"), some("writer"), some("writer_id"), None]);
    }
}
