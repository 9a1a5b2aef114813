//! Staged edits are written: all, or none.

use integration_tests::on_every_engine;
use persistence::staging::{ObstacleKind, RowId, StagedRow, StagedValue, Staging};
use persistence::{Catalog, Decimal, Entity, Error, Value};

use super::acting::{key_of, started};
use super::meanwhile::save;
use super::world::{
    Maker, Shelf, Thing, cell, furnish, open, others_delete, others_set, read, shown, the,
};

fn price(units: i64) -> Value {
    Value::Decimal(Decimal::<2>::from_units(units).scaled())
}

fn opened(catalog: Catalog) -> (Catalog, Staging) {
    furnish(&catalog);
    let staging = Staging::new(catalog.entries());
    (catalog, staging)
}

on_every_engine! {
    fn new_rows_refer_to_each_other_before_they_have_keys_and_are_written_at_once<Engine>(place) {
        let (catalog, mut staging) = opened(open::<Engine>(&place));
        let clock = the(&catalog, Thing::meta(), "title", "Clock");
        let mut act = staging.act();
        // What refers comes first, and in a circle.
        let shelf = act.insert(Shelf::meta()).unwrap();
        let spring = act.insert(Thing::meta()).unwrap();
        let coil = act.insert(Thing::meta()).unwrap();
        let maker = act.insert(Maker::meta()).unwrap();
        act.set_new(&shelf, "name", "Spare parts".into()).unwrap();
        act.set_new(&shelf, "thing_id", key_of(&coil)).unwrap();
        for (thing, other, title) in [(&spring, &coil, "Spring"), (&coil, &spring, "Coil")] {
            act.set_new(thing, "title", title.into()).unwrap();
            act.set_new(thing, "maker_code", key_of(&maker)).unwrap();
            act.set_new(thing, "part_of", key_of(other)).unwrap();
        }
        act.set_new(&maker, "code", "Łódź 🕰".into()).unwrap();
        act.set(Thing::meta(), &clock, "part_of", key_of(&spring)).unwrap();
        act.set(Thing::meta(), &clock, "maker_code", key_of(&maker)).unwrap();
        act.finish();
        assert_eq!(staging.edits().unwrap().len(), 5);
        save(&mut staging, &catalog).unwrap();
        assert!(staging.is_empty());
        let spring = the(&catalog, Thing::meta(), "title", "Spring");
        let coil = the(&catalog, Thing::meta(), "title", "Coil");
        let clock = the(&catalog, Thing::meta(), "title", "Clock");
        let shelf = the(&catalog, Shelf::meta(), "name", "Spare parts");
        let id = |row| cell(Thing::meta(), row, "id");
        assert_eq!(cell(Thing::meta(), &spring, "part_of"), id(&coil));
        assert_eq!(cell(Thing::meta(), &coil, "part_of"), id(&spring));
        assert_eq!(cell(Thing::meta(), &clock, "part_of"), id(&spring));
        assert_eq!(cell(Thing::meta(), &clock, "maker_code"), &"Łódź 🕰".into());
        assert_eq!(cell(Shelf::meta(), &shelf, "thing_id"), id(&coil));
    }

    fn a_row_is_not_taken_for_one_that_is_gone_and_whose_key_it_gets<Engine>(place) {
        let (catalog, mut staging) = opened(open::<Engine>(&place));
        let a = the(&catalog, Maker::meta(), "code", "a");
        let c = the(&catalog, Maker::meta(), "code", "c");
        let mut act = staging.act();
        act.set(Maker::meta(), &a, "code", "c".into()).unwrap();
        act.set(Maker::meta(), &c, "code", "d".into()).unwrap();
        act.finish();
        others_set(&catalog, Maker::meta(), &c, "code", "e".into());
        let before = read(&catalog);
        let error = save(&mut staging, &catalog).unwrap_err();
        assert!(matches!(error, Error::Conflict(_)), "{error:?}");
        assert_eq!(read(&catalog), before);
    }

    fn a_failed_apply_leaves_database_and_staging_as_they_were<Engine>(place) {
        let (catalog, mut staging) = opened(open::<Engine>(&place));
        let clock = the(&catalog, Thing::meta(), "title", "Clock");
        let hand = the(&catalog, Thing::meta(), "title", "Hand");
        let maker = the(&catalog, Maker::meta(), "code", "a");
        let before = read(&catalog);
        for wrong in 0..5 {
            let mut act = staging.act();
            act.set(Thing::meta(), &clock, "title", "Watch".into()).unwrap();
            let new = act.insert(Maker::meta()).unwrap();
            act.set_new(&new, "code", "new".into()).unwrap();
            match wrong {
                0 => act.set(Thing::meta(), &hand, "tag", "t1".into()).unwrap(),
                1 => act.set(Thing::meta(), &hand, "maker_code", "nobody".into()).unwrap(),
                2 => act.delete(Maker::meta(), &maker).unwrap(),
                3 => act.set_new(&new, "code", "b".into()).unwrap(),
                _ => act.set(Thing::meta(), &hand, "part_of", 1_000_000.into()).unwrap(),
            }
            act.finish();
            let told = |staging: &Staging| format!("{:?}", staging.rows().collect::<Vec<_>>());
            let was = (told(&staging), staging.edits(), staging.undoes().count());
            let error = save(&mut staging, &catalog).unwrap_err();
            assert!(matches!(error, Error::Constraint(_)), "{wrong}: {error:?}");
            assert_eq!((told(&staging), staging.edits(), staging.undoes().count()), was, "{wrong}");
            assert_eq!(read(&catalog), before, "{wrong}");
            staging.undo();
            assert!(staging.is_empty());
        }
        let mut act = staging.act();
        act.set(Thing::meta(), &clock, "title", "Watch".into()).unwrap();
        act.finish();
        others_set(&catalog, Thing::meta(), &clock, "title", "Sundial".into());
        assert!(matches!(save(&mut staging, &catalog).unwrap_err(), Error::Conflict(_)));
        assert_eq!(staging.len(), 1);
    }

    fn values_change_hands_and_keys_are_changed<Engine>(place) {
        let (catalog, mut staging) = opened(open::<Engine>(&place));
        let (a, b) = (the(&catalog, Maker::meta(), "code", "a"), the(&catalog, Maker::meta(), "code", "b"));
        let clock = the(&catalog, Thing::meta(), "title", "Clock");
        let hand = the(&catalog, Thing::meta(), "title", "Hand");
        let mut act = staging.act();
        act.set(Thing::meta(), &clock, "tag", Value::Null.into()).unwrap();
        act.set(Thing::meta(), &hand, "tag", "t1".into()).unwrap();
        act.set(Maker::meta(), &a, "code", "A".into()).unwrap();
        act.delete(Maker::meta(), &b).unwrap();
        let new = act.insert(Maker::meta()).unwrap();
        act.set_new(&new, "code", "b".into()).unwrap();
        act.set_new(&new, "name", "Brothers".into()).unwrap();
        act.finish();
        save(&mut staging, &catalog).unwrap();
        let hand = the(&catalog, Thing::meta(), "tag", "t1");
        assert_eq!(cell(Thing::meta(), &hand, "title"), &"Hand".into());
        assert_eq!(cell(Thing::meta(), &hand, "maker_code"), &"A".into(), "it follows the key");
        assert_eq!(cell(Maker::meta(), &the(&catalog, Maker::meta(), "code", "b"), "name"), &"Brothers".into());
    }

    fn awkward_values_are_written_as_they_were_staged<Engine>(place) {
        let (catalog, mut staging) = opened(open::<Engine>(&place));
        let mut titles: Vec<Value> = vec!["".into(), " ".into(), "NULL".into(), "a\0b".into()];
        if catalog.engine() == "PostgreSQL" {
            titles.pop(); // It stores no NUL.
        }
        titles.extend(["'; DROP TABLE things; --".into(), "é e\u{301} 🕰\u{200f}".into(), "x".repeat(70_000).into()]);
        for (title, units) in titles.into_iter().zip([0, -1, 99_999_999, -99_999_999, 1, 10, 100]) {
            let clock = the(&catalog, Thing::meta(), "tag", "t1");
            let mut act = staging.act();
            act.set(Thing::meta(), &clock, "title", title.clone().into()).unwrap();
            act.set(Thing::meta(), &clock, "price", price(units).into()).unwrap();
            act.finish();
            save(&mut staging, &catalog).unwrap();
            let clock = the(&catalog, Thing::meta(), "tag", "t1");
            assert_eq!(cell(Thing::meta(), &clock, "title"), &title);
            assert_eq!(cell(Thing::meta(), &clock, "price"), &price(units));
        }
    }

    fn a_row_that_others_marked_as_deleted_is_inserted_again_with_what_is_staged<Engine>(place) {
        let (catalog, mut staging) = opened(open::<Engine>(&place));
        let shelf = the(&catalog, Shelf::meta(), "name", "Top");
        let row = RowId::stored(Shelf::meta(), &shelf);
        let mut act = staging.act();
        act.set(Shelf::meta(), &shelf, "name", "Bottom".into()).unwrap();
        act.finish();
        others_delete(&catalog, Shelf::meta(), &shelf);
        staging.reread(&row, shown(&catalog).remove(&row));
        let mut act = staging.act();
        act.insert_again(&row).unwrap();
        act.finish();
        save(&mut staging, &catalog).unwrap();
        let mut back = shelf.clone();
        back.set(Shelf::meta().position("name").unwrap(), "Bottom".into());
        assert_eq!(shown(&catalog).get(&row), Some(&back));
    }

    fn a_row_that_others_marked_as_deleted_is_not_changed_unseen<Engine>(place) {
        let (catalog, mut staging) = opened(open::<Engine>(&place));
        let shelf = the(&catalog, Shelf::meta(), "name", "Top");
        let mut act = staging.act();
        act.set(Shelf::meta(), &shelf, "name", "Bottom".into()).unwrap();
        act.finish();
        others_delete(&catalog, Shelf::meta(), &shelf);
        let before = read(&catalog);
        let error = save(&mut staging, &catalog).unwrap_err();
        assert!(matches!(error, Error::Conflict(_)), "{error:?}");
        assert_eq!(read(&catalog), before);
        assert_eq!(staging.len(), 1);
    }
}

#[test]
fn text_that_is_no_value_is_kept_and_keeps_all_from_being_written() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let row = RowId::stored(Thing::meta(), &clock);
    let mut act = staging.act();
    act.set(Thing::meta(), &clock, "title", "Watch".into()).unwrap();
    act.set(Thing::meta(), &clock, "price", StagedValue::Text(" twelve ".into())).unwrap();
    let new = act.insert(Thing::meta()).unwrap();
    act.set_new(&new, "title", "Spring".into()).unwrap();
    act.set_new(&new, "maker_code", "a".into()).unwrap();
    act.set_new(&new, "part_of", StagedValue::Text("x".into())).unwrap();
    act.finish();
    let obstacles = staging.edits().unwrap_err();
    let told = obstacles.iter().map(|obstacle| match &obstacle.kind {
        ObstacleKind::Invalid(errors) => {
            (obstacle.row.clone(), errors.iter().map(ToString::to_string).collect::<Vec<_>>())
        }
        ObstacleKind::Conflict(conflict) => panic!("{conflict:?}"),
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (
                row.clone(),
                vec![
                    "price: expected a number with at most 2 decimal places, got ` twelve `".into()
                ]
            ),
            (new.clone(), vec!["part_of: expected a whole number, got `x`".into()]),
        ]
    );
    assert_eq!(
        staging.row(&row).unwrap().value("price"),
        Some(&StagedValue::Text(" twelve ".into()))
    );
    assert_eq!(cell(Thing::meta(), &staging.merged(&row).unwrap(), "price"), &Value::Null);
    let mut act = staging.act();
    act.set(Thing::meta(), &clock, "price", price(1200).into()).unwrap();
    act.revert(&new, "part_of");
    act.finish();
    save(&mut staging, &catalog).unwrap();
    let stored = the(&catalog, Thing::meta(), "title", "Watch");
    assert_eq!(cell(Thing::meta(), &stored, "price"), &price(1200));
}

#[test]
fn a_column_that_may_not_be_null_keeps_its_row_from_being_written() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let mut act = staging.act();
    act.set(Thing::meta(), &clock, "title", Value::Null.into()).unwrap();
    let new = act.insert(Thing::meta()).unwrap();
    act.set_new(&new, "maker_code", Value::Null.into()).unwrap();
    act.finish();
    let missing = |row: &RowId| {
        let invalid = staging.check(row).unwrap_err();
        invalid.errors.iter().map(|error| error.field.clone()).collect::<Vec<_>>()
    };
    assert_eq!(missing(&RowId::stored(Thing::meta(), &clock)), ["title"]);
    assert_eq!(missing(&new), ["title", "maker_code"]);
    assert_eq!(staging.edits().unwrap_err().len(), 2);
}

#[test]
fn a_new_row_of_which_nothing_is_given_is_one_that_lacks_something() {
    let (_, mut staging) = started();
    let mut act = staging.act();
    let new = act.insert(Shelf::meta()).unwrap();
    act.finish();
    assert_eq!(staging.row(&new), Some(&StagedRow::New([].into())));
    assert_eq!(staging.check(&new).unwrap_err().errors.len(), 2);
}
