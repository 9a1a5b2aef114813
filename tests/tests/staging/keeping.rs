//! Steps that are kept and taken again.

use persistence::staging::{RowId, Staging, Step};
use persistence::{Catalog, Entity, Record};

use super::acting::{set, started};
use super::world::{Thing, the};

/// Writes steps down and reads them again.
pub(super) fn kept(steps: &[Step]) -> Vec<Step> {
    serde_json::from_str(&serde_json::to_string(steps).unwrap()).unwrap()
}

pub(super) fn taken(catalog: &Catalog, steps: Vec<Step>) -> Staging {
    let mut staging = Staging::new(catalog.entries());
    for step in steps {
        staging.take(step).unwrap();
    }
    staging
}

fn rebuilt(catalog: &Catalog, staging: &Staging) -> Staging {
    taken(catalog, kept(&staging.steps()))
}

/// All that can be asked of what is staged.
pub(super) fn told(staging: &Staging) -> Vec<String> {
    let mut told: Vec<String> = staging
        .rows()
        .map(|(row, staged)| {
            let (seen, stored) = (staging.seen(row), staging.stored(row));
            format!("{row:?} {staged:?}\n  {seen:?}\n  {stored:?}\n  {:?}", staging.conflict(row))
        })
        .collect();
    told.push(format!("{:?}", staging.edits()));
    told.push(format!("{:?}", staging.undoes().collect::<Vec<_>>()));
    told.push(format!("{:?}", staging.redoes().collect::<Vec<_>>()));
    told
}

/// Compares two, and what comes of undoing and of doing again all that can be, on the way back too.
pub(super) fn assert_same(one: &Staging, other: &Staging) {
    assert_eq!(told(one), told(other));
    for goes_back in [true, false] {
        let (mut one, mut other) = (one.clone(), other.clone());
        for turn in 0..2 {
            loop {
                let steps = if goes_back == (turn == 0) {
                    (one.undo(), other.undo())
                } else {
                    (one.redo(), other.redo())
                };
                assert_eq!(steps.0, steps.1);
                assert_eq!(told(&one), told(&other));
                if steps.0.is_none() {
                    break;
                }
            }
        }
    }
}

fn changed(row: &Record, column: &str, value: &str) -> Record {
    let mut row = row.clone();
    row.set(Thing::meta().position(column).unwrap(), value.into());
    row
}

#[test]
fn steps_bring_back_what_a_conflict_was_decided_on() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let row = RowId::stored(Thing::meta(), &clock);
    set(&mut staging, &clock, "title", "Watch");
    staging.reread(&row, Some(changed(&clock, "title", "Sundial")));
    assert_same(&staging, &rebuilt(&catalog, &staging));
    let mut act = staging.act();
    act.keep_mine(&row, "title");
    act.finish();
    assert_same(&staging, &rebuilt(&catalog, &staging));
    staging.undo();
    assert_same(&staging, &rebuilt(&catalog, &staging));
}

#[test]
fn steps_bring_back_what_a_row_had_become_by_itself_before_it_became_something_else() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let row = RowId::stored(Thing::meta(), &clock);
    set(&mut staging, &clock, "title", "Watch");
    let mut act = staging.act();
    act.set(Thing::meta(), &clock, "title", "Watch".into()).unwrap();
    act.set(Thing::meta(), &clock, "tag", "mine".into()).unwrap();
    act.finish();
    let mut again = rebuilt(&catalog, &staging);
    for title in ["Watch", "Sundial", "Clock", "Watch", "Hourglass"] {
        staging.reread(&row, Some(changed(&clock, "title", title)));
        again.reread(&row, Some(changed(&clock, "title", title)));
        assert_same(&staging, &again);
        again = rebuilt(&catalog, &staging);
        assert_same(&staging, &again);
    }
}

#[test]
fn steps_bring_back_a_row_that_is_gone_as_it_was_last() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let row = RowId::stored(Thing::meta(), &clock);
    set(&mut staging, &clock, "title", "Watch");
    staging.reread(&row, Some(changed(&clock, "tag", "theirs")));
    staging.reread(&row, None);
    let mut again = rebuilt(&catalog, &staging);
    assert_same(&staging, &again);
    for staging in [&mut staging, &mut again] {
        let mut act = staging.act();
        act.insert_again(&row).unwrap();
        act.finish();
    }
    assert_same(&staging, &again);
}

#[test]
fn no_new_row_gets_the_number_of_one_that_there_was_before_the_steps_were_kept() {
    let (catalog, mut staging) = started();
    for _ in 0..3 {
        let mut act = staging.act();
        act.insert(Thing::meta()).unwrap();
        act.finish();
    }
    staging.undo();
    staging.undo();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    set(&mut staging, &clock, "title", "Watch");
    for _ in 0..2 {
        let mut again = rebuilt(&catalog, &staging);
        assert_same(&staging, &again);
        assert_eq!(
            staging.clone().act().insert(Thing::meta()).unwrap(),
            again.act().insert(Thing::meta()).unwrap()
        );
        staging.finish();
    }
    assert_eq!(taken(&catalog, staging.steps()).undo(), None);
}
