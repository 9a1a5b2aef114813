//! What a person stages, takes back and does again.

use persistence::edit::NewValue;
use persistence::staging::{RowId, RowKey, StagedRow, StagedValue, Staging};
use persistence::{Entity, Record, Value};

use super::world::{Maker, Shelf, Thing, furnish, in_memory, the};

pub(super) fn started() -> (persistence::Catalog, Staging) {
    let catalog = in_memory();
    furnish(&catalog);
    let staging = Staging::new(catalog.entries());
    (catalog, staging)
}

/// Stages one value.
pub(super) fn set(
    staging: &mut Staging,
    row: &Record,
    column: &str,
    value: impl Into<StagedValue>,
) {
    let mut act = staging.act();
    act.set(Thing::meta(), row, column, value.into()).unwrap();
    act.finish();
}

/// What is staged for a column.
pub(super) fn staged(staging: &Staging, row: &Record, column: &str) -> Option<Value> {
    let row = staging.row(&RowId::stored(Thing::meta(), row))?;
    row.value(column).map(|value| value.known().unwrap().clone())
}

/// A reference to a new row.
pub(super) fn key_of(row: &RowId) -> StagedValue {
    let RowKey::New(number) = row.key else { panic!("{row:?} is stored") };
    StagedValue::Value(NewValue::KeyOf { table: row.table.clone(), row: number })
}

#[test]
fn typing_the_stored_value_back_un_stages_it() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    set(&mut staging, &clock, "title", "Watch");
    set(&mut staging, &clock, "tag", Value::Null);
    assert_eq!(staged(&staging, &clock, "title"), Some("Watch".into()));
    set(&mut staging, &clock, "title", "Clock");
    assert_eq!(staged(&staging, &clock, "title"), None);
    assert_eq!(staged(&staging, &clock, "tag"), Some(Value::Null));
    set(&mut staging, &clock, "tag", "t1");
    assert!(staging.is_empty());
    staging.undo();
    staging.undo();
    assert_eq!(staged(&staging, &clock, "title"), Some("Watch".into()));
}

#[test]
fn a_value_that_a_row_has_already_is_nothing_to_undo() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let mut act = staging.act();
    act.set(Thing::meta(), &clock, "title", "Clock".into()).unwrap();
    assert_eq!(act.finish(), None);
    assert_eq!(staging.undo(), None);
    set(&mut staging, &clock, "title", "Watch");
    let mut act = staging.act();
    act.set(Thing::meta(), &clock, "title", "Watch".into()).unwrap();
    act.set(Thing::meta(), &clock, "part_of", Value::Null.into()).unwrap();
    assert_eq!(act.finish(), None);
    assert!(staging.undo().is_some());
    assert_eq!(staging.undo(), None);
}

#[test]
fn an_act_is_undone_and_done_again_as_one() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let hand = the(&catalog, Thing::meta(), "title", "Hand");
    let maker = the(&catalog, Maker::meta(), "code", "c");
    let mut act = staging.act();
    act.set(Thing::meta(), &clock, "title", "Watch".into()).unwrap();
    act.set(Thing::meta(), &clock, "tag", "".into()).unwrap();
    act.set(Thing::meta(), &hand, "title", "Watch".into()).unwrap();
    act.delete(Maker::meta(), &maker).unwrap();
    let new = act.insert(Maker::meta()).unwrap();
    act.set_new(&new, "code", "ü".into()).unwrap();
    act.finish();
    let all: Vec<_> = staging.rows().map(|(row, staged)| (row.clone(), staged.clone())).collect();
    assert_eq!(all.len(), 4);
    assert_eq!(staging.undoes().count(), 4);
    staging.undo();
    assert!(staging.is_empty());
    assert_eq!((staging.undoes().count(), staging.redoes().count()), (0, 4));
    staging.redo();
    assert_eq!(
        staging.rows().map(|(row, staged)| (row.clone(), staged.clone())).collect::<Vec<_>>(),
        all
    );
    assert_eq!(staging.redo(), None);
}

#[test]
fn what_is_done_after_an_undo_takes_the_place_of_what_was_undone() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    set(&mut staging, &clock, "title", "Watch");
    set(&mut staging, &clock, "title", "Sundial");
    staging.undo();
    set(&mut staging, &clock, "tag", "x");
    assert_eq!(staging.redo(), None);
    assert_eq!(staged(&staging, &clock, "title"), Some("Watch".into()));
    staging.undo();
    staging.undo();
    assert!(staging.is_empty());
}

#[test]
fn an_act_that_is_dropped_stages_nothing() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let mut act = staging.act();
    act.set(Thing::meta(), &clock, "title", "Watch".into()).unwrap();
    act.insert(Shelf::meta()).unwrap();
    drop(act);
    assert!(staging.is_empty());
    assert_eq!(staging.undo(), None);
}

#[test]
fn a_new_row_that_is_given_up_is_referred_to_no_longer() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let hand = the(&catalog, Thing::meta(), "title", "Hand");
    let mut act = staging.act();
    let maker = act.insert(Maker::meta()).unwrap();
    act.set_new(&maker, "code", "new".into()).unwrap();
    let thing = act.insert(Thing::meta()).unwrap();
    act.set_new(&thing, "maker_code", key_of(&maker)).unwrap();
    act.set_new(&thing, "title", "Spring".into()).unwrap();
    act.set(Thing::meta(), &clock, "maker_code", key_of(&maker)).unwrap();
    act.set(Thing::meta(), &clock, "part_of", key_of(&thing)).unwrap();
    act.set(Thing::meta(), &hand, "maker_code", key_of(&maker)).unwrap();
    act.finish();
    let mut act = staging.act();
    act.revert_row(&maker);
    act.finish();
    assert_eq!(staging.row(&maker), None);
    let StagedRow::New(columns) = staging.row(&thing).unwrap() else { panic!("it is new") };
    assert_eq!(columns.keys().collect::<Vec<_>>(), ["title"]);
    let clock = staging.row(&RowId::stored(Thing::meta(), &clock)).unwrap();
    assert_eq!(clock.columns().unwrap().keys().collect::<Vec<_>>(), ["part_of"]);
    assert_eq!(staging.row(&RowId::stored(Thing::meta(), &hand)), None);
    staging.undo();
    assert_eq!(staging.len(), 4);
    staging.undo();
    assert!(staging.is_empty());
}

#[test]
fn a_column_is_given_up_alone_and_all_together() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let id = RowId::stored(Thing::meta(), &clock);
    set(&mut staging, &clock, "title", "Watch");
    set(&mut staging, &clock, "tag", "x");
    let mut act = staging.act();
    act.revert(&id, "title");
    act.revert(&id, "price");
    act.finish();
    assert_eq!(staged(&staging, &clock, "title"), None);
    assert_eq!(staged(&staging, &clock, "tag"), Some("x".into()));
    let mut act = staging.act();
    act.insert(Maker::meta()).unwrap();
    act.revert_all();
    act.finish();
    assert!(staging.is_empty());
    staging.undo();
    assert_eq!(staged(&staging, &clock, "tag"), Some("x".into()));
}

#[test]
fn a_deletion_gives_up_what_was_staged_for_columns_until_it_is_undone() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let id = RowId::stored(Thing::meta(), &clock);
    set(&mut staging, &clock, "title", "Watch");
    let mut act = staging.act();
    act.delete(Thing::meta(), &clock).unwrap();
    act.finish();
    assert_eq!(staging.row(&id), Some(&StagedRow::Deleted));
    assert_eq!(staging.merged(&id), None);
    staging.undo();
    assert_eq!(staged(&staging, &clock, "title"), Some("Watch".into()));
}

#[test]
fn new_rows_stand_last_and_keep_their_numbers_to_themselves() {
    let (catalog, mut staging) = started();
    let mut names = Vec::new();
    for _ in 0..3 {
        let mut act = staging.act();
        names.push(act.insert(Thing::meta()).unwrap());
        act.finish();
    }
    staging.undo();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    set(&mut staging, &clock, "title", "Watch");
    let mut act = staging.act();
    let next = act.insert(Thing::meta()).unwrap();
    act.finish();
    assert!(!names.contains(&next));
    let rows: Vec<RowId> = staging.rows_of("things").map(|(row, _)| row.clone()).collect();
    assert_eq!(
        rows,
        [RowId::stored(Thing::meta(), &clock), names[0].clone(), names[1].clone(), next]
    );
    let new = staging.new_rows_of("things").map(RowKey::New);
    assert!(new.eq(rows[1..].iter().map(|row| row.key.clone())));
    assert_eq!(staging.rows_of("makers").count() + staging.new_rows_of("makers").count(), 0);
    staging.finish();
    let mut act = staging.act();
    let after = act.insert(Thing::meta()).unwrap();
    act.finish();
    assert!(!rows.contains(&after));
}
