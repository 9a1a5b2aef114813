//! What others do while something is staged.

use persistence::staging::{Conflict, ObstacleKind, RowId, StagedRow, Staging};
use persistence::{Catalog, Entity, EntityMeta, Record, Value};

use super::acting::{set, staged, started};
use super::world::{Maker, Shelf, Thing, cell, others_delete, others_set, shown, the};

fn thing(catalog: &Catalog) -> Record {
    the(catalog, Thing::meta(), "title", "Clock")
}

fn id(row: &Record) -> RowId {
    RowId::stored(Thing::meta(), row)
}

fn reread(staging: &mut Staging, catalog: &Catalog, row: &RowId) {
    staging.reread(row, shown(catalog).remove(row));
}

fn others(catalog: &Catalog, row: &Record, column: &str, value: impl Into<Value>) -> Record {
    others_set(catalog, Thing::meta(), row, column, value.into())
}

fn keep_mine(staging: &mut Staging, row: &RowId, column: &str) {
    let mut act = staging.act();
    act.keep_mine(row, column);
    act.finish();
}

/// Writes what is staged.
pub(super) fn save(staging: &mut Staging, catalog: &Catalog) -> persistence::Result<()> {
    let edits = staging.edits().unwrap();
    let mut session = catalog.session().unwrap();
    session.apply(&edits)?;
    session.commit()?;
    staging.finish();
    Ok(())
}

#[test]
fn what_others_changed_in_other_columns_merges() {
    let (catalog, mut staging) = started();
    let clock = thing(&catalog);
    set(&mut staging, &clock, "title", "Watch");
    let theirs = others(&catalog, &clock, "tag", "theirs");
    reread(&mut staging, &catalog, &id(&clock));
    assert_eq!(staging.conflict(&id(&clock)), None);
    let merged = staging.merged(&id(&clock)).unwrap();
    assert_eq!(cell(Thing::meta(), &merged, "tag"), &"theirs".into());
    assert_eq!(staging.stored(&id(&clock)), Some(&theirs));
    assert_eq!(staging.seen(&id(&clock)), Some(&clock));
    save(&mut staging, &catalog).unwrap();
    let stored = the(&catalog, Thing::meta(), "title", "Watch");
    assert_eq!(cell(Thing::meta(), &stored, "tag"), &"theirs".into());
}

#[test]
fn what_others_changed_in_the_same_column_is_a_conflict_until_somebody_decides() {
    let (catalog, mut staging) = started();
    let clock = thing(&catalog);
    let row = id(&clock);
    set(&mut staging, &clock, "title", "Watch");
    set(&mut staging, &clock, "tag", "mine");
    others(&catalog, &clock, "title", "Sundial");
    others(&catalog, &clock, "tag", "theirs");
    reread(&mut staging, &catalog, &row);
    let both = Conflict::Changed(vec!["title", "tag"]);
    assert_eq!(staging.conflict(&row), Some(both.clone()));
    let obstacles = staging.edits().unwrap_err();
    assert_eq!((&obstacles[0].row, &obstacles[0].kind), (&row, &ObstacleKind::Conflict(both)));
    keep_mine(&mut staging, &row, "title");
    assert_eq!(staging.conflict(&row), Some(Conflict::Changed(vec!["tag"])));
    let mut act = staging.act();
    act.revert(&row, "tag");
    act.finish();
    assert_eq!(staging.conflict(&row), None);
    save(&mut staging, &catalog).unwrap();
    let stored = the(&catalog, Thing::meta(), "title", "Watch");
    assert_eq!(cell(Thing::meta(), &stored, "tag"), &"theirs".into());
}

#[test]
fn a_decision_is_about_what_others_made_of_the_row_until_then() {
    let (catalog, mut staging) = started();
    let clock = thing(&catalog);
    set(&mut staging, &clock, "title", "Watch");
    others(&catalog, &clock, "title", "Sundial");
    reread(&mut staging, &catalog, &id(&clock));
    keep_mine(&mut staging, &id(&clock), "title");
    assert_eq!(staging.conflict(&id(&clock)), None);
    others(&catalog, &clock, "title", "Hourglass");
    assert!(save(&mut staging, &catalog).is_err(), "the database has it otherwise");
    reread(&mut staging, &catalog, &id(&clock));
    assert_eq!(staging.conflict(&id(&clock)), Some(Conflict::Changed(vec!["title"])));
    the(&catalog, Thing::meta(), "title", "Hourglass");
}

#[test]
fn a_decision_is_undone_and_done_again() {
    let (catalog, mut staging) = started();
    let clock = thing(&catalog);
    set(&mut staging, &clock, "title", "Watch");
    others(&catalog, &clock, "title", "Sundial");
    reread(&mut staging, &catalog, &id(&clock));
    keep_mine(&mut staging, &id(&clock), "title");
    assert_eq!(staging.undoes().collect::<Vec<_>>(), [&id(&clock)]);
    staging.undo();
    assert_eq!(staged(&staging, &clock, "title"), Some("Watch".into()), "it is staged still");
    assert_eq!(staging.conflict(&id(&clock)), Some(Conflict::Changed(vec!["title"])));
    staging.redo();
    assert_eq!(staging.conflict(&id(&clock)), None);
}

#[test]
fn undoing_a_deletion_brings_the_conflict_back_that_there_was() {
    let (catalog, mut staging) = started();
    let clock = thing(&catalog);
    set(&mut staging, &clock, "title", "Watch");
    let theirs = others(&catalog, &clock, "title", "Sundial");
    reread(&mut staging, &catalog, &id(&clock));
    let mut act = staging.act();
    act.delete(Thing::meta(), &theirs).unwrap();
    act.finish();
    assert_eq!(staging.conflict(&id(&clock)), None, "it was seen as it is");
    staging.undo();
    assert_eq!(staging.conflict(&id(&clock)), Some(Conflict::Changed(vec!["title"])));
}

#[test]
fn undoing_another_value_brings_the_conflict_back_that_there_was() {
    let (catalog, mut staging) = started();
    let clock = thing(&catalog);
    set(&mut staging, &clock, "title", "Watch");
    let theirs = others(&catalog, &clock, "title", "Sundial");
    reread(&mut staging, &catalog, &id(&clock));
    set(&mut staging, &theirs, "title", "Hourglass");
    assert_eq!(staging.conflict(&id(&clock)), None, "it was seen as it is");
    staging.undo();
    assert_eq!(staged(&staging, &clock, "title"), Some("Watch".into()));
    assert_eq!(staging.conflict(&id(&clock)), Some(Conflict::Changed(vec!["title"])));
    staging.redo();
    assert_eq!(staging.conflict(&id(&clock)), None);
}

#[test]
fn a_row_that_others_made_into_what_was_staged_is_un_staged() {
    let (catalog, mut staging) = started();
    let clock = thing(&catalog);
    set(&mut staging, &clock, "title", "Watch");
    set(&mut staging, &clock, "tag", "mine");
    others(&catalog, &clock, "title", "Watch");
    reread(&mut staging, &catalog, &id(&clock));
    assert_eq!(staged(&staging, &clock, "title"), None);
    assert_eq!(staged(&staging, &clock, "tag"), Some("mine".into()));
    assert_eq!(staging.conflict(&id(&clock)), None);
    others(&catalog, &clock, "tag", "mine");
    reread(&mut staging, &catalog, &id(&clock));
    assert!(staging.is_empty());

    let part = the(&catalog, Shelf::meta(), "name", "Top");
    let mut act = staging.act();
    act.delete(Shelf::meta(), &part).unwrap();
    act.finish();
    others_delete(&catalog, Shelf::meta(), &part);
    reread(&mut staging, &catalog, &RowId::stored(Shelf::meta(), &part));
    assert!(staging.is_empty());
}

#[test]
fn what_a_row_became_and_is_no_longer_is_staged_again() {
    let (catalog, mut staging) = started();
    let clock = thing(&catalog);
    set(&mut staging, &clock, "title", "Watch");
    others(&catalog, &clock, "title", "Watch");
    reread(&mut staging, &catalog, &id(&clock));
    assert!(staging.is_empty());
    others(&catalog, &clock, "title", "Sundial");
    reread(&mut staging, &catalog, &id(&clock));
    assert_eq!(staged(&staging, &clock, "title"), Some("Watch".into()));
    assert_eq!(staging.conflict(&id(&clock)), Some(Conflict::Changed(vec!["title"])));
    others(&catalog, &clock, "title", "Watch");
    reread(&mut staging, &catalog, &id(&clock));
    let mut act = staging.act();
    act.revert_all();
    act.finish();
    others(&catalog, &clock, "title", "Sundial");
    reread(&mut staging, &catalog, &id(&clock));
    assert!(staging.is_empty(), "it was given up");
}

#[test]
fn a_row_that_others_deleted_is_inserted_again_as_it_was_last() {
    let (catalog, mut staging) = started();
    let maker = the(&catalog, Maker::meta(), "code", "c");
    let row = RowId::stored(Maker::meta(), &maker);
    let clock = thing(&catalog);
    set(&mut staging, &clock, "title", "Watch");
    others(&catalog, &clock, "tag", "theirs");
    reread(&mut staging, &catalog, &id(&clock));
    others_delete(&catalog, Thing::meta(), &clock);
    reread(&mut staging, &catalog, &id(&clock));
    assert_eq!(staging.conflict(&id(&clock)), Some(Conflict::Gone));
    assert!(staging.edits().is_err());
    assert_eq!(staging.merged(&id(&clock)), None);
    assert_eq!(staging.check(&id(&clock)), Ok(()), "no rule is broken by that");
    let mut act = staging.act();
    assert_eq!(act.insert_again(&row), None, "of that nothing is staged");
    let again = act.insert_again(&id(&clock)).unwrap();
    act.finish();
    assert!(matches!(staging.row(&again), Some(StagedRow::New(_))));
    assert_eq!(staging.row(&id(&clock)), None);
    save(&mut staging, &catalog).unwrap();
    let stored = the(&catalog, Thing::meta(), "title", "Watch");
    assert_eq!(Thing::meta().key_of(&stored), Thing::meta().key_of(&clock));
    assert_eq!(
        cell(Thing::meta(), &stored, "tag"),
        &"theirs".into(),
        "others had changed that before"
    );
}

#[test]
fn a_row_that_others_deleted_is_given_up() {
    let (catalog, mut staging) = started();
    let clock = thing(&catalog);
    set(&mut staging, &clock, "title", "Watch");
    others_delete(&catalog, Thing::meta(), &clock);
    reread(&mut staging, &catalog, &id(&clock));
    let mut act = staging.act();
    act.keep_mine(&id(&clock), "title");
    assert_eq!(act.finish(), None, "there is nothing to keep it in");
    assert_eq!(staging.conflict(&id(&clock)), Some(Conflict::Gone));
    let mut act = staging.act();
    act.revert_row(&id(&clock));
    act.finish();
    assert!(staging.is_empty());
    staging.undo();
    assert_eq!(staging.conflict(&id(&clock)), Some(Conflict::Gone));
}

#[test]
fn a_deletion_of_a_row_that_others_changed_is_a_conflict() {
    let (catalog, mut staging) = started();
    let clock = thing(&catalog);
    let mut act = staging.act();
    act.delete(Thing::meta(), &clock).unwrap();
    act.finish();
    others(&catalog, &clock, "price", Value::Null);
    reread(&mut staging, &catalog, &id(&clock));
    assert_eq!(staging.conflict(&id(&clock)), None, "it is as it was, but for its version");
    let theirs = others(&catalog, &clock, "title", "Sundial");
    reread(&mut staging, &catalog, &id(&clock));
    assert_eq!(staging.conflict(&id(&clock)), Some(Conflict::Changed(vec!["title"])));
    keep_mine(&mut staging, &id(&clock), "title");
    assert_eq!(staging.conflict(&id(&clock)), None);
    assert_eq!(staging.seen(&id(&clock)), Some(&theirs));
    save(&mut staging, &catalog).unwrap();
    assert_eq!(shown(&catalog).get(&id(&clock)), None);
}

#[test]
fn a_value_staged_on_an_older_copy_is_a_conflict_with_what_others_made_of_it() {
    let (catalog, mut staging) = started();
    let old = thing(&catalog);
    set(&mut staging, &old, "tag", "mine");
    others(&catalog, &old, "title", "Sundial");
    reread(&mut staging, &catalog, &id(&old));
    set(&mut staging, &old, "title", "Watch");
    reread(&mut staging, &catalog, &id(&old));
    assert_eq!(staging.conflict(&id(&old)), Some(Conflict::Changed(vec!["title"])));
}

#[test]
fn an_older_copy_overwrites_nothing_even_if_nobody_reads_again() {
    let (catalog, mut staging) = started();
    let old = thing(&catalog);
    set(&mut staging, &old, "tag", "mine");
    others(&catalog, &old, "title", "Sundial");
    reread(&mut staging, &catalog, &id(&old));
    staging.undo();
    set(&mut staging, &old, "title", "Watch");
    let refused = match staging.edits() {
        Ok(edits) => catalog.session().unwrap().apply(&edits).is_err(),
        Err(_) => true,
    };
    assert!(refused);
    the(&catalog, Thing::meta(), "title", "Sundial");
}

#[test]
fn what_is_typed_into_a_row_that_was_read_meanwhile_is_staged_whatever_it_was_before() {
    let (catalog, mut staging) = started();
    let clock = thing(&catalog);
    set(&mut staging, &clock, "title", "Watch");
    staging.undo();
    // Nothing is staged of it, so nobody reads it again for the staging.
    let theirs = others(&catalog, &clock, "title", "Sundial");
    set(&mut staging, &theirs, "title", "Clock");
    assert_eq!(staged(&staging, &clock, "title"), Some("Clock".into()));
    assert_eq!(staging.conflict(&id(&clock)), None);
    save(&mut staging, &catalog).unwrap();
    the(&catalog, Thing::meta(), "title", "Clock");
}

#[test]
fn what_is_typed_into_another_column_of_a_row_that_was_read_meanwhile_is_staged() {
    let (catalog, mut staging) = started();
    let clock = thing(&catalog);
    set(&mut staging, &clock, "tag", "mine");
    let theirs = others(&catalog, &clock, "title", "Sundial");
    set(&mut staging, &theirs, "title", "Clock");
    assert_eq!(staged(&staging, &clock, "title"), Some("Clock".into()));
    reread(&mut staging, &catalog, &id(&clock));
    assert_eq!(staging.conflict(&id(&clock)), None, "it was seen as it is");
    save(&mut staging, &catalog).unwrap();
    the(&catalog, Thing::meta(), "title", "Clock");
}

#[test]
fn a_row_that_is_there_again_can_be_deleted() {
    let (catalog, mut staging) = started();
    let meta: &EntityMeta = Maker::meta();
    let maker = the(&catalog, Maker::meta(), "code", "c");
    let row = RowId::stored(meta, &maker);
    let mut act = staging.act();
    act.set(Maker::meta(), &maker, "name", "x".into()).unwrap();
    act.finish();
    staging.undo();
    others_delete(&catalog, Maker::meta(), &maker);
    reread(&mut staging, &catalog, &row);
    let mut session = catalog.session().unwrap();
    session.add("makers", &[("code", "c".into()), ("name", "Others".into())]).unwrap();
    session.commit().unwrap();
    drop(session);
    let again = the(&catalog, Maker::meta(), "code", "c");
    let mut act = staging.act();
    act.delete(Maker::meta(), &again).unwrap();
    act.finish();
    assert_eq!(staging.row(&row), Some(&StagedRow::Deleted));
    save(&mut staging, &catalog).unwrap();
    assert_eq!(shown(&catalog).get(&row), None);
}

#[test]
fn what_others_do_to_rows_of_which_nothing_is_staged_is_nothing_to_keep() {
    let (catalog, mut staging) = started();
    let clock = thing(&catalog);
    assert_eq!(staging.reread(&id(&clock), Some(clock.clone())), None);
    set(&mut staging, &clock, "title", "Watch");
    assert_eq!(staging.reread(&id(&clock), Some(clock.clone())), None, "it is what it was");
    assert!(staging.reread(&id(&clock), None).is_some());
}
