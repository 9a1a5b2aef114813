//! Steps make the same of any staging area, whatever others have done meanwhile.

use integration_tests::office::Department;
use integration_tests::staged::{after, department, entries, seen};
use persistence::staging::{
    Columns, Conflict, RowId, RowKey, StagedRow, StagedValue, Staging, Step,
};
use persistence::{Entity as _, Error};

#[test]
fn the_steps_of_a_staging_area_make_the_same_of_another() {
    for number in 0..300 {
        let staging = after(number);
        let mut other = Staging::new(&entries());
        for step in staging.steps() {
            other.take(step).unwrap();
        }
        assert!(seen(&other) == seen(&staging), "{number}");
        assert_eq!(other.steps(), staging.steps());
    }
}

#[test]
fn what_others_have_done_as_well_is_staged_again_when_they_take_it_back() {
    let mut staging = Staging::new(&entries());
    let row = department(1);
    let mut act = staging.act();
    act.set(Department::meta(), &row, "name", "mine".into()).unwrap();
    act.finish();
    let id = staging.rows().next().unwrap().0.clone();
    let mut now = row.clone();
    now.set(1, "mine".into());
    staging.reread(&id, Some(now.clone()));
    assert!(staging.is_empty());
    now.set(1, "theirs".into());
    staging.reread(&id, Some(now));
    assert_eq!(staging.conflict(&id), Some(Conflict::Changed(vec!["name"])));
    staging.undo();
    assert!(staging.is_empty());
    staging.redo();
    assert_eq!(staging.len(), 1);
}

#[test]
fn a_row_that_others_have_deleted_is_checked_without_it() {
    let mut staging = Staging::new(&entries());
    let row = department(1);
    let id = RowId::stored(Department::meta(), &row);
    let mut act = staging.act();
    act.set(Department::meta(), &row, "name", "mine".into()).unwrap();
    act.finish();
    staging.reread(&id, None);
    assert_eq!(staging.conflict(&id), Some(Conflict::Gone));
    assert!(staging.check(&id).is_ok());
    assert!(staging.edits().is_err());
}

#[test]
fn what_no_act_could_have_staged_is_refused() {
    let stored = RowId::stored(Department::meta(), &department(1));
    let new = RowId { table: "departments".into(), key: RowKey::New(1) };
    let name: Columns = [("name".into(), StagedValue::from("x"))].into();
    for (row, staged) in [
        (&stored, StagedRow::New(name.clone())),
        (&stored, StagedRow::Changed(name.clone())),
        (&stored, StagedRow::Deleted),
        (&new, StagedRow::Changed(name.clone())),
        (&new, StagedRow::Deleted),
    ] {
        let mut staging = Staging::new(&entries());
        let step = Step::Staged { seen: Vec::new(), rows: vec![(row.clone(), Some(staged))] };
        assert!(matches!(staging.take(step), Err(Error::Schema { .. })));
        assert!(staging.is_empty());
    }
}
