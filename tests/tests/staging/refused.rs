//! Wrong calls.

use persistence::edit::NewValue;
use persistence::entity::Storage;
use persistence::staging::{RowId, RowKey, StagedRow, StagedValue, Staging, Step};
use persistence::{
    CatalogEntry, ColumnMeta, ColumnType, Decimal, Entity, EntityMeta, Error, Record, RecordKey,
    Result, Value,
};

use super::acting::{key_of, started};
use super::world::{Maker, Note, Shelf, Thing, the};

/// Tries something wrong on a row of things, and something right before and after it.
fn refused(wrong: impl Fn(&mut persistence::staging::Act<'_>, &Record) -> Result<()>) -> Error {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let mut act = staging.act();
    let error = wrong(&mut act, &clock).unwrap_err();
    assert_eq!(act.finish(), None, "nothing is staged by it");
    let mut act = staging.act();
    act.set(Thing::meta(), &clock, "title", "Watch".into()).unwrap();
    wrong(&mut act, &clock).unwrap_err();
    act.finish();
    assert_eq!(staging.len(), 1);
    let row = staging.row(&RowId::stored(Thing::meta(), &clock)).unwrap();
    assert_eq!(*row, StagedRow::Changed([("title".into(), "Watch".into())].into()));
    error
}

fn fields(error: &Error) -> Vec<String> {
    let Error::Invalid(invalid) = error else { panic!("{error:?}") };
    invalid.errors.iter().map(|error| error.field.clone()).collect()
}

#[test]
fn a_column_that_there_is_not_is_refused() {
    let error = refused(|act, row| act.set(Thing::meta(), row, "colour", "red".into()));
    assert!(matches!(error, Error::Filter(_)), "{error:?}");
}

#[test]
fn a_value_of_another_type_or_out_of_range_is_refused() {
    let long = Value::Decimal(Decimal::<2>::from_units(1).scaled().rescale(4).unwrap());
    let finer: Value = persistence::ScaledDecimal::parse("0.001", 3).map(Value::Decimal).unwrap();
    for (column, value) in [
        ("title", Value::Integer(7)),
        ("price", "cheap".into()),
        ("price", finer),
        ("part_of", "clock".into()),
        ("tag", Value::Bool(true)),
    ] {
        let error = refused(|act, row| act.set(Thing::meta(), row, column, value.clone().into()));
        assert_eq!(fields(&error), [column]);
    }
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let mut act = staging.act();
    act.set(Thing::meta(), &clock, "price", long.into()).unwrap();
    act.finish();
    let row = staging.row(&RowId::stored(Thing::meta(), &clock)).unwrap();
    let cent = Value::Decimal(Decimal::<2>::from_units(1).scaled());
    assert_eq!(row.value("price"), Some(&cent.into()), "it is taken as the column has it");
}

#[test]
fn columns_that_the_database_or_the_framework_fills_are_refused() {
    for column in ["id", "version"] {
        let error = refused(|act, row| act.set(Thing::meta(), row, column, 7.into()));
        assert_eq!(fields(&error), [column]);
    }
    let (catalog, mut staging) = started();
    let shelf = the(&catalog, Shelf::meta(), "name", "Top");
    let mut act = staging.act();
    let error = act.set(Shelf::meta(), &shelf, "deleted_at", Value::Null.into()).unwrap_err();
    assert_eq!(fields(&error), ["deleted_at"]);
    let new = act.insert(Shelf::meta()).unwrap();
    assert_eq!(fields(&act.set_new(&new, "id", 7.into()).unwrap_err()), ["id"]);
}

#[test]
fn a_row_with_too_few_values_or_too_many_is_refused() {
    let too_few = |row: &Record| Record(row.0[..3].to_vec());
    let too_many = |row: &Record| Record([row.0.clone(), vec![Value::Null]].concat());
    for cut in [&too_few as &dyn Fn(&Record) -> Record, &too_many, &|_| Record(Vec::new())] {
        let error = refused(|act, row| act.set(Thing::meta(), &cut(row), "title", "x".into()));
        assert_eq!(fields(&error), [""]);
        let error = refused(|act, row| act.delete(Thing::meta(), &cut(row)));
        assert_eq!(fields(&error), [""]);
    }
}

#[test]
fn an_entity_of_another_catalog_is_refused() {
    let note = Note { words: "x".into() }.to_record();
    let error = refused(|act, _| act.set(Note::meta(), &note, "words", "y".into()));
    assert!(matches!(error, Error::Schema { .. }), "{error:?}");
    let error = refused(|act, _| act.delete(Note::meta(), &note));
    assert!(matches!(error, Error::Schema { .. }), "{error:?}");
    let error = refused(|act, _| act.insert(Note::meta()).map(drop));
    assert!(matches!(error, Error::Schema { .. }), "{error:?}");
    let there = RowId { table: "notes".into(), key: RowKey::New(1) };
    let error = refused(|act, _| act.set_new(&there, "words", "y".into()));
    assert!(matches!(error, Error::Schema { .. }), "{error:?}");
}

#[test]
fn a_row_without_a_primary_key_is_refused() {
    static KEYLESS: EntityMeta = EntityMeta::new(
        "Log",
        "log",
        &[ColumnMeta::new("line", ColumnType::Text, Storage::Text)],
        &[],
    );
    let row = Record(vec!["x".into()]);
    let mut staging = Staging::new(&[CatalogEntry::new(&KEYLESS)]);
    let mut act = staging.act();
    let error = act.set(&KEYLESS, &row, "line", "y".into()).unwrap_err();
    assert!(error.to_string().ends_with("rows have no primary key"), "{error}");
    act.delete(&KEYLESS, &row).unwrap_err();
    act.insert(&KEYLESS).unwrap();
    act.finish();
    assert_eq!(staging.len(), 1, "a new one needs none");
}

#[test]
fn a_reference_to_a_new_row_that_is_not_there_is_refused() {
    let to =
        |table: &'static str, row| StagedValue::Value(NewValue::KeyOf { table: table.into(), row });
    let error = refused(|act, row| act.set(Thing::meta(), row, "part_of", to("things", 7)));
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
    let error = refused(|act, row| act.set(Thing::meta(), row, "part_of", to("notes", 7)));
    assert!(matches!(error, Error::Schema { .. }), "{error:?}");
    let error = refused(|act, row| {
        let maker = act.insert(Maker::meta())?;
        let wrong = act.set(Thing::meta(), row, "part_of", key_of(&maker));
        act.revert_row(&maker);
        wrong
    });
    assert_eq!(fields(&error), ["part_of"], "of another entity");
    let error = refused(|act, row| {
        let maker = act.insert(Maker::meta())?;
        let wrong = act.set(Thing::meta(), row, "title", key_of(&maker));
        act.revert_row(&maker);
        wrong
    });
    assert_eq!(fields(&error), ["title"], "it refers to nothing");
    let error = refused(|act, row| {
        let maker = act.insert(Maker::meta())?;
        act.revert_row(&maker);
        act.set(Thing::meta(), row, "maker_code", key_of(&maker))
    });
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
    let new = RowId { table: "things".into(), key: RowKey::New(3) };
    let error = refused(|act, _| act.set_new(&new, "title", "x".into()));
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
    let error =
        refused(|act, row| act.set_new(&RowId::stored(Thing::meta(), row), "title", "x".into()));
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
}

#[test]
fn rows_that_nothing_is_staged_of_are_nothing_to_ask_about() {
    let (_, mut staging) = started();
    let key = RowKey::Stored(RecordKey(vec![7.into()]));
    for row in
        [RowId { table: "things".into(), key: key.clone() }, RowId { table: "notes".into(), key }]
    {
        assert_eq!(
            (staging.row(&row), staging.stored(&row), staging.seen(&row)),
            (None, None, None)
        );
        assert_eq!((staging.merged(&row), staging.conflict(&row)), (None, None));
        assert_eq!((staging.obstacle(&row), staging.check(&row)), (None, Ok(())));
        assert_eq!(staging.reread(&row, None), None);
        let mut act = staging.act();
        act.revert(&row, "title");
        act.revert_row(&row);
        act.keep_mine(&row, "title");
        assert_eq!(act.insert_again(&row), None);
        assert_eq!(act.finish(), None);
    }
    assert_eq!(staging.edits(), Ok(Vec::new()));
}

#[test]
fn steps_that_no_staging_makes_are_refused_and_change_nothing() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let id = RowId::stored(Thing::meta(), &clock);
    let new = RowId { table: "things".into(), key: RowKey::New(1) };
    let changed =
        |column: &'static str| Some(StagedRow::Changed([(column.into(), "x".into())].into()));
    let staged = |seen: &[(&RowId, &Record)], rows: &[(&RowId, Option<StagedRow>)]| Step::Staged {
        seen: seen.iter().map(|(row, seen)| ((*row).clone(), (*seen).clone())).collect(),
        rows: rows.iter().map(|(row, staged)| ((*row).clone(), staged.clone())).collect(),
    };
    let short = Record(clock.0[..2].to_vec());
    let note = RowId { table: "notes".into(), key: RowKey::New(1) };
    let hand = the(&catalog, Thing::meta(), "title", "Hand");
    for (wrong, why) in [
        (Step::Undone, "there is nothing to undo"),
        (Step::Redone, "there is nothing to do again"),
        (staged(&[(&id, &clock)], &[(&id, changed("colour"))]), "a column that there is not"),
        (staged(&[(&id, &clock)], &[(&id, changed("TITLE"))]), "a column by another name"),
        (staged(&[(&id, &short)], &[(&id, changed("title"))]), "a row with too few values"),
        (staged(&[(&id, &hand)], &[(&id, changed("title"))]), "the row of another key"),
        (staged(&[(&note, &note_row())], &[]), "an entity that there is not"),
        (staged(&[], &[(&note, None)]), "an entity that there is not"),
        (staged(&[], &[(&id, changed("title"))]), "a row that nobody has seen"),
        (staged(&[], &[(&id, Some(StagedRow::Deleted))]), "a row that nobody has seen"),
        (staged(&[(&id, &clock)], &[(&id, Some(StagedRow::New([].into())))]), "no new row"),
        (staged(&[], &[(&new, changed("title"))]), "a new row that is changed"),
        (staged(&[], &[(&new, Some(StagedRow::Deleted))]), "a new row that is deleted"),
    ] {
        assert!(staging.take(wrong).is_err(), "{why}");
        assert!(staging.is_empty(), "{why}");
        assert_eq!((staging.undoes().count(), staging.steps().len()), (0, 0), "{why}");
    }
}

fn note_row() -> Record {
    Note { words: "x".into() }.to_record()
}
