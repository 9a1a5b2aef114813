//! A column that is changed in many rows at once: what becomes of values of every type, and of rows of which
//! something is staged already.

use domain::{Author, Book, Price};
use persistence::entity::{ColumnMeta, Storage};
use persistence::staging::bulk::{
    Bulk, BulkChange, BulkError, BulkOutcome, BulkRefusal, Calculation, Extent, LetterCase,
    Replacement, Shift, TimeUnit,
};
use persistence::staging::{Conflict, RowId, StagedValue};
use persistence::{Catalog, ColumnType, Entity, Memory, Record, Value};

use super::acting::started;
use super::world::{Thing, others_set, the};

const WHOLE: ColumnType = ColumnType::Integer { bits: 16 };
const LARGE: ColumnType = ColumnType::Integer { bits: 64 };
const PRICE: ColumnType = ColumnType::Decimal { scale: 2 };
const KINDS: ColumnType = ColumnType::Enum { variants: &["new", "used"] };

/// Checks what becomes of a value, given as it is typed; `None` where nothing can.
#[track_caller]
fn check(change: &BulkChange, column_type: ColumnType, value: &str, expected: Option<&str>) {
    let column = ColumnMeta::new("c", column_type, Storage::Text);
    let value = column_type.parse(value).unwrap();
    let after = change.apply(&column, &value);
    let shown = after.as_ref().ok().map(ToString::to_string);
    assert_eq!(shown.as_deref(), expected, "{value} by {change:?}: {after:?}");
    if let Ok(after) = after {
        assert_eq!(column_type.coerce(after.clone()), Ok(after), "it is one of the column's");
    }
}

fn calculated(
    what: fn(persistence::staging::bulk::Operand) -> Calculation,
    number: &str,
) -> BulkChange {
    BulkChange::Calculate(what(number.parse().unwrap()))
}

fn moved(amount: i32, unit: TimeUnit) -> BulkChange {
    BulkChange::Shift(Shift { amount, unit })
}

fn replaced(find: &str, with: &str) -> BulkChange {
    let replacement = Replacement::new(find, with, LetterCase::Any, Extent::Anywhere);
    BulkChange::Replace(replacement.unwrap())
}

/// Returns a column that takes NULL.
fn open_to_null(column_type: ColumnType) -> ColumnMeta {
    ColumnMeta::new("c", column_type, Storage::Text).nullable(true)
}

#[test]
fn numbers_are_exact_and_rounded_to_the_places_of_their_column() {
    let add = |number| calculated(Calculation::Add, number);
    let percent = |number| calculated(Calculation::Percent, number);
    let times = |number| calculated(Calculation::Multiply, number);
    check(&add("0.1"), PRICE, "0.20", Some("0.30"));
    check(&add("-12.99"), PRICE, "12.99", Some("0.00"));
    check(&calculated(Calculation::Subtract, "1"), WHOLE, "0", Some("-1"));
    check(&percent("10"), PRICE, "0.05", Some("0.06"));
    check(&percent("-10"), PRICE, "-0.05", Some("-0.05"));
    check(&percent("-50"), PRICE, "-0.05", Some("-0.03"));
    check(&percent("-100"), PRICE, "99999999.99", Some("0.00"));
    check(&times("1.5"), WHOLE, "3", Some("5"));
    check(&times("1.5"), WHOLE, "-3", Some("-5"));
    check(&times("0.005"), PRICE, "1.00", Some("0.01"));
    check(&times("2"), LARGE, "4503599627370497", Some("9007199254740994"));
    check(&add("0.25"), ColumnType::Float, "0.5", Some("0.75"));
    check(&percent("50"), ColumnType::Float, "3", Some("4.5"));
}

#[test]
fn what_has_no_room_is_an_error_that_says_what_would_come_out() {
    let times = |number| calculated(Calculation::Multiply, number);
    check(&times("2"), WHOLE, "16384", None);
    check(&times("2"), WHOLE, "16383", Some("32766"));
    check(&times("2"), LARGE, "4611686018427387904", None);
    check(&times("10"), PRICE, "92233720368547758.07", None);
    check(&times("10"), PRICE, "1", Some("10.00"));
    let column = ColumnMeta::new("stock", WHOLE, Storage::SmallInt);
    let error = times("2").apply(&column, &Value::Integer(20_000)).unwrap_err();
    let said = "`stock`: expected a whole number from -32768 to 32767, got `40000`";
    assert_eq!(error.to_string(), said);
    let float = ColumnMeta::new("c", ColumnType::Float, Storage::Double);
    assert!(times("10").apply(&float, &Value::Float(1.7e308)).is_err());
}

#[test]
fn only_a_plain_number_is_calculated_with() {
    for text in ["", "-", "1e5", "1,5", "1.", ".5", "0x10", "NaN", "inf", &"9".repeat(41)] {
        let read = text.parse::<persistence::staging::bulk::Operand>();
        assert!(read.is_err(), "{text:?}: {read:?}");
    }
    for text in ["5", "-5", "+5", "0.05", " 7 ", "-0"] {
        text.parse::<persistence::staging::bulk::Operand>().unwrap();
    }
}

#[test]
fn dates_move_by_the_calendar_and_stay_within_it() {
    for (amount, unit, before, after) in [
        (1, TimeUnit::Days, "2024-02-28", Some("2024-02-29")),
        (-1, TimeUnit::Weeks, "2024-01-03", Some("2023-12-27")),
        (1, TimeUnit::Months, "2024-01-31", Some("2024-02-29")),
        (-1, TimeUnit::Months, "2024-03-31", Some("2024-02-29")),
        (1, TimeUnit::Years, "2024-02-29", Some("2025-02-28")),
        (1, TimeUnit::Days, "9999-12-31", None),
        (-1, TimeUnit::Days, "0001-01-01", None),
        (i32::MAX, TimeUnit::Years, "2024-01-01", None),
        (i32::MIN, TimeUnit::Months, "2024-01-01", None),
        (i32::MIN, TimeUnit::Weeks, "2024-01-01", None),
        (5, TimeUnit::Hours, "2024-01-01", None),
    ] {
        check(&moved(amount, unit), ColumnType::Date, before, after);
    }
    for (amount, unit, after) in [
        (90, TimeUnit::Minutes, "2024-02-29T00:30:00"),
        (-24, TimeUnit::Hours, "2024-02-27T23:00:00"),
        (1, TimeUnit::Years, "2025-02-28T23:00:00"),
    ] {
        check(&moved(amount, unit), ColumnType::Timestamp, "2024-02-28T23:00", Some(after));
    }
    check(&moved(1, TimeUnit::Hours), ColumnType::Time, "12:00", None);
}

#[test]
fn text_is_replaced_in_texts_alone() {
    check(
        &replaced("MOSKVA", "Москва"),
        ColumnType::Text,
        "moskva, Moskva",
        Some("Москва, Москва"),
    );
    check(&replaced("x", ""), ColumnType::Text, "xx", Some(""));
    check(&replaced("new", "used"), KINDS, "new", None);
    check(&replaced("1", "2"), WHOLE, "11", None);
    check(&replaced("a", "b"), ColumnType::Uuid, "00000000-0000-0000-0000-00000000000a", None);
}

#[test]
fn every_type_is_set_and_cleared() {
    for (column_type, value) in [
        (ColumnType::Bool, "true"),
        (WHOLE, "7"),
        (ColumnType::Float, "7.5"),
        (PRICE, "7.50"),
        (ColumnType::Text, "seven"),
        (KINDS, "used"),
        (ColumnType::Date, "2024-02-29"),
        (ColumnType::Time, "12:30:00"),
        (ColumnType::Timestamp, "2024-02-29T12:30:00"),
        (ColumnType::Bytes, "0x07"),
        (ColumnType::Uuid, "00000000-0000-0000-0000-000000000007"),
        (ColumnType::Json, "[7]"),
    ] {
        let new = column_type.parse(value).unwrap();
        let before = column_type.any_value();
        let column = open_to_null(column_type);
        assert_eq!(BulkChange::Set(new.clone()).apply(&column, &before), Ok(new.clone()));
        assert_eq!(BulkChange::Set(new.clone()).apply(&column, &Value::Null), Ok(new));
        assert_eq!(BulkChange::Clear.apply(&column, &before), Ok(Value::Null));
        let required = ColumnMeta::new("c", column_type, Storage::Text);
        let cleared = BulkChange::Clear.apply(&required, &before);
        match column_type {
            ColumnType::Text => assert_eq!(cleared, Ok("".into())),
            _ => assert_eq!(cleared, Err(BulkError::Required { column: "c" })),
        }
    }
    let wrong = BulkChange::Set("old".into()).apply(&open_to_null(KINDS), &Value::Null);
    assert!(matches!(wrong, Err(BulkError::Invalid { column: "c", .. })), "{wrong:?}");
}

#[test]
fn null_stays_null_unless_it_is_set() {
    for (change, column_type) in [
        (replaced("a", "b"), ColumnType::Text),
        (calculated(Calculation::Add, "1"), WHOLE),
        (moved(1, TimeUnit::Days), ColumnType::Date),
    ] {
        let column = open_to_null(column_type);
        assert_eq!(change.apply(&column, &Value::Null), Ok(Value::Null));
    }
}

#[test]
fn what_is_staged_already_is_what_it_starts_from() {
    let (catalog, mut staging) = started();
    let [clock, hand] = ["Clock", "Hand"].map(|title| the(&catalog, Thing::meta(), "title", title));
    let entry = catalog.entry("things").unwrap();
    let mut act = staging.act();
    act.set(Thing::meta(), &clock, "title", "Watch".into()).unwrap();
    act.set(Thing::meta(), &clock, "tag", StagedValue::Text("no tag".into())).unwrap();
    act.delete(Thing::meta(), &hand).unwrap();
    let new = act.insert(Thing::meta()).unwrap();
    act.set_new(&new, "title", "Old watch".into()).unwrap();
    act.finish();
    let bulk = Bulk::new(entry, "title", replaced("watch", "timer")).unwrap();
    let changed = |before: &str, after: &str| BulkOutcome::Changed {
        before: before.into(),
        after: after.into(),
    };
    assert_eq!(bulk.outcome(&staging, &clock), changed("Watch", "timer"));
    assert_eq!(bulk.outcome(&staging, &hand), BulkOutcome::Deleted);
    assert_eq!(bulk.outcome_of_new(&staging, &new), Some(changed("Old watch", "Old timer")));
    let gone = RowId::stored(Thing::meta(), &clock);
    staging.undo();
    assert_eq!(bulk.outcome_of_new(&staging, &gone), None);
    assert_eq!(bulk.outcome(&staging, &clock), BulkOutcome::Same);
    staging.redo();
    // What is no value of the column is none to start from, and can be replaced by one.
    let bulk = Bulk::new(entry, "tag", replaced("no", "a")).unwrap();
    let outcome = bulk.outcome(&staging, &clock);
    let BulkOutcome::Refused { after: None, reason: BulkRefusal::Value(error), .. } = outcome
    else {
        panic!("{outcome:?}");
    };
    assert_eq!(error.to_string(), "`tag`: `no tag` is no value of the column");
    let bulk = Bulk::new(entry, "tag", BulkChange::Set("t".into())).unwrap();
    assert!(matches!(bulk.outcome(&staging, &clock), BulkOutcome::Changed { .. }));
}

#[test]
fn a_conflict_stays_when_many_rows_are_changed() {
    let (catalog, mut staging) = started();
    let clock = the(&catalog, Thing::meta(), "title", "Clock");
    let row = RowId::stored(Thing::meta(), &clock);
    let mut act = staging.act();
    act.set(Thing::meta(), &clock, "title", "Watch".into()).unwrap();
    act.finish();
    let theirs = others_set(&catalog, Thing::meta(), &clock, "title", "Sundial".into());
    let conflict = Some(Conflict::Changed(vec!["title"]));
    for (has_read, title) in [(false, "Timer"), (true, "Old clock"), (true, "Clock")] {
        if has_read {
            staging.reread(&row, Some(theirs.clone()));
            assert_eq!(staging.conflict(&row), conflict);
        }
        let mut act = staging.act();
        act.set_unseen(Thing::meta(), &theirs, "title", title.into()).unwrap();
        act.finish();
        assert_eq!(staging.row(&row).unwrap().value("title"), Some(&title.into()));
        assert_eq!(staging.seen(&row), Some(&clock), "what others did is not seen");
    }
    assert_eq!(staging.conflict(&row), conflict);
    let mut act = staging.act();
    act.set_unseen(Thing::meta(), &theirs, "title", "Sundial".into()).unwrap();
    act.finish();
    assert_eq!(staging.row(&row), None, "all agree");
}

#[test]
fn keys_and_what_is_filled_in_are_not_changed() {
    let (catalog, _) = started();
    let entry = catalog.entry("things").unwrap();
    for column in ["id", "version"] {
        let refused = Bulk::new(entry, column, BulkChange::Set(1.into())).unwrap_err();
        assert!(matches!(refused, BulkError::Fixed { .. }), "{column}: {refused:?}");
    }
    let unknown = Bulk::new(entry, "weight", BulkChange::Clear).unwrap_err();
    assert_eq!(unknown.to_string(), "`Thing` has no column `weight`");
    let required = Bulk::new(entry, "maker_code", BulkChange::Set(Value::Null)).unwrap_err();
    assert_eq!(required, BulkError::Required { column: "maker_code" });
}

fn shop() -> Catalog {
    Memory::new().with::<Author>().with::<Book>().catalog()
}

fn book(price: i64) -> Record {
    let book = Book {
        id: price,
        title: "Dune".to_owned(),
        author_id: 1,
        isbn: None,
        published_on: None,
        price: Some(Price::from_units(price)),
        in_print: true,
        version: 1,
    };
    book.to_record()
}

#[test]
fn rows_that_would_break_a_rule_are_told_with_what_they_would_be() {
    let catalog = shop();
    let staging = persistence::staging::Staging::new(catalog.entries());
    let cheaper = calculated(Calculation::Subtract, "1");
    let bulk = Bulk::new(catalog.entry("books").unwrap(), "price", cheaper).unwrap();
    assert!(matches!(bulk.outcome(&staging, &book(100)), BulkOutcome::Changed { .. }));
    let outcome = bulk.outcome(&staging, &book(99));
    let BulkOutcome::Refused { before, after, reason: BulkRefusal::Rules(errors) } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        (before.to_string().as_str(), after.unwrap().to_string().as_str()),
        ("0.99", "-0.01")
    );
    assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["price"]);
}
