//! What a program does with a session, and sequences of that.

use proptest::collection::vec;
use proptest::prelude::*;

/// What a program does. Rows are meant by their number among those that may be meant.
#[derive(Clone, Debug)]
pub(super) enum Step {
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
    Insert { genus: usize },
    Rename { genus: usize, code: u8 },
    Remove { genus: usize },
    Detach { row: usize },
    LoadGenera,
    LoadSpecies,
    LoadLeaves,
    LoadLabels,
    LoadLites,
    LoadGenusLites,
    Expire { row: usize },
    Autoflush { is_on: bool },
    Include,
    Clear,
    Flush,
    Commit,
    Rollback,
    Savepoint { steps: Vec<Self>, is_kept: bool },
}

pub(super) fn step() -> impl Strategy<Value = Step> {
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
        1 => row().prop_map(|genus| Step::Insert { genus }),
        1 => (row(), code()).prop_map(|(genus, code)| Step::Rename { genus, code }),
        1 => row().prop_map(|genus| Step::Remove { genus }),
    ];
    let reading = prop_oneof![
        3 => (0_usize..20).prop_map(|row| Step::Detach { row }),
        1 => Just(Step::LoadGenera),
        1 => Just(Step::LoadSpecies),
        1 => Just(Step::LoadLeaves),
        1 => Just(Step::LoadLabels),
        1 => Just(Step::LoadLites),
        1 => Just(Step::LoadGenusLites),
        1 => (0_usize..20).prop_map(|row| Step::Expire { row }),
        1 => any::<bool>().prop_map(|is_on| Step::Autoflush { is_on }),
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
