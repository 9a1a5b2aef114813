//! What a person might stage in an office, one step after the other: always the same steps, so that
//! another program can tell what somebody has staged by how many steps that were.

use persistence::edit::NewValue;
use persistence::staging::{RowId, RowKey, StagedRow, StagedValue, Staging, Step};
use persistence::{CatalogEntry, Entity as _, Record, Value};

use crate::office::{Department, Employee};

/// What the database of the office is called.
pub const DATABASE: &str = "office.db";

/// The entities of which rows are staged.
#[must_use]
pub fn entries() -> Vec<CatalogEntry> {
    vec![CatalogEntry::of::<Department>(), CatalogEntry::of::<Employee>()]
}

/// A department as it is in the database at first.
#[must_use]
pub fn department(id: i64) -> Record {
    Record(vec![id.into(), format!("Department {id}").into(), Value::Null, 1.into()])
}

/// Does the step of that number.
///
/// # Panics
/// When it cannot be done: that is a mistake in this file, or in what is tested.
pub fn step(staging: &mut Staging, number: u64) -> Step {
    // The mixer of SplitMix64, by Guy Steele, Doug Lea and Christine Flood.
    let mut chance = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    chance = (chance ^ (chance >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    chance = (chance ^ (chance >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    chance ^= chance >> 31;
    let row = department(1 + i64::try_from(chance >> 32).expect("32 bits") % 4);
    let step = match chance % 16 {
        // There is always something staged, but where all is finished.
        _ if staging.len() < 2 => None,
        0..=2 => staging.undo(),
        3..=4 => staging.redo(),
        5..=7 => reread(staging, &row, chance >> 8),
        8 => {
            let mut act = staging.act();
            act.delete(Department::meta(), &row).expect("it has a key");
            act.finish()
        }
        9 => {
            let mut act = staging.act();
            let new = act.insert(Department::meta()).expect("it is an entity");
            let name = format!("New {number}");
            act.set_new(&new, "name", name.as_str().into()).expect("it is a text");
            let employee = act.insert(Employee::meta()).expect("it is an entity");
            act.set_new(&employee, "name", "Eve".into()).expect("it is a text");
            let typed = StagedValue::Text("seven".to_owned());
            act.set_new(&employee, "desk", typed).expect("text is kept as it is");
            let number = match new.key {
                RowKey::New(number) => number,
                RowKey::Stored(_) => unreachable!("it is new"),
            };
            let department = NewValue::KeyOf { table: new.table, row: number };
            let department = StagedValue::Value(department);
            act.set_new(&employee, "department_id", department).expect("it is there");
            act.finish()
        }
        10 => {
            let mut act = staging.act();
            act.revert_row(&RowId::stored(Department::meta(), &row));
            act.finish()
        }
        11 if number.is_multiple_of(5) => Some(staging.finish()),
        _ => None,
    };
    step.unwrap_or_else(|| {
        let mut act = staging.act();
        let name = format!("Named {number}");
        act.set(Department::meta(), &row, "name", name.as_str().into()).expect("it is a text");
        act.finish().expect("nothing else has this name")
    })
}

/// Reads a row again: it may be gone, others may have done what is staged, or something else.
fn reread(staging: &mut Staging, row: &Record, chance: u64) -> Option<Step> {
    let id = RowId::stored(Department::meta(), row);
    let staged = staging.row(&id).and_then(|staged| staged.value("name")?.known().cloned());
    let mut now = row.clone();
    match chance % 4 {
        0 => return staging.reread(&id, None),
        1 => {}
        2 => now.set(1, format!("Theirs {chance}").into()),
        _ => now.set(1, staged?),
    }
    now.set(3, (2 + i64::try_from(chance % 100).expect("a small number")).into());
    staging.reread(&id, Some(now))
}

/// What these many steps come to.
#[must_use]
pub fn after(steps: u64) -> Staging {
    let mut staging = Staging::new(&entries());
    for number in 0..steps {
        step(&mut staging, number);
    }
    staging
}

/// Everything that a person can see of a staging area: what is staged and what others have done to it,
/// now, and as often as something can be undone, and done again from there.
#[must_use]
pub fn seen(staging: &Staging) -> Vec<String> {
    let mut staging = staging.clone();
    let rows = |staging: &Staging| {
        let row = |(id, staged): (&RowId, &StagedRow)| {
            let (seen, stored) = (staging.seen(id), staging.stored(id));
            format!("{id:?}: {staged:?}, {seen:?}, {stored:?}, {:?}", staging.conflict(id))
        };
        staging.rows().map(row).collect::<Vec<_>>().join("\n")
    };
    let mut all = vec![rows(&staging)];
    while staging.undo().is_some() {
        all.push(rows(&staging));
    }
    while staging.redo().is_some() {
        all.push(rows(&staging));
    }
    all
}
