//! Every value is kept as it is.

use persistence::edit::NewValue;
use persistence::entity::{Fill, Storage};
use persistence::staging::journal::Journal;
use persistence::staging::{StagedValue, Staging};
use persistence::{
    CatalogEntry, ColumnMeta, ColumnType, EntityMeta, RawValue, Record, ScaledDecimal, Value,
};

static THINGS: EntityMeta = EntityMeta::new(
    "Thing",
    "things",
    &[
        ColumnMeta::new("id", ColumnType::Integer { bits: 64 }, Storage::BigInt)
            .filled(Fill::Generated),
        ColumnMeta::new("text", ColumnType::Text, Storage::Text).nullable(true),
        ColumnMeta::new("number", ColumnType::Float, Storage::Double).nullable(true),
        ColumnMeta::new("price", ColumnType::Decimal { scale: 2 }, Storage::Numeric).nullable(true),
        ColumnMeta::new("bytes", ColumnType::Bytes, Storage::Binary).nullable(true),
        ColumnMeta::new("document", ColumnType::Json, Storage::Json).nullable(true),
        ColumnMeta::new("day", ColumnType::Date, Storage::Date).nullable(true),
        ColumnMeta::new("at", ColumnType::Timestamp, Storage::Timestamp).nullable(true),
        ColumnMeta::new("thing_id", ColumnType::Integer { bits: 64 }, Storage::BigInt)
            .nullable(true),
    ],
    &[0],
);

/// A document as deep as one can be that is read by itself.
fn deep() -> serde_json::Value {
    (0..126).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]))
}

#[test]
fn values_are_kept_as_they_are() {
    let entries = [CatalogEntry::new(&THINGS)];
    let text = "a\nb\r\n\u{0}\u{2028}\"\\ ñ 🦀";
    assert!(serde_json::from_str::<serde_json::Value>(&deep().to_string()).is_ok());
    let values: [(&str, Value); 9] = [
        ("text", text.into()),
        ("number", Value::Float(f64::NAN)),
        ("number", Value::Float(f64::NEG_INFINITY)),
        ("number", Value::Float(0.1)),
        ("price", Value::Decimal(ScaledDecimal::parse("12.50", 2).unwrap())),
        ("bytes", Value::Bytes((0..=255).collect())),
        ("document", Value::Json(deep())),
        ("day", Value::Date("2026-11-30".parse().unwrap())),
        ("at", Value::Timestamp("2026-11-30T12:00:00.000001".parse().unwrap())),
    ];
    let mut row = Record(vec![Value::Null; 9]);
    row.set(0, 7.into());
    row.set(6, Value::Raw(RawValue::NonUtf8(vec![0xff, b'\n', 0])));
    for (column, value) in values {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(folder.path(), "things.db", &entries).unwrap();
        let mut staging = Staging::new(&entries);
        let mut act = staging.act();
        act.set(&THINGS, &row, column, value.clone().into()).unwrap();
        let step = act.finish().unwrap();
        journal.append(&step, &staging).unwrap();
        drop(journal);
        let left = Journal::left_behind(folder.path(), "things.db", &entries).unwrap();
        let [left] = &left[..] else { panic!("{column} is lost") };
        assert_eq!(left.cut, 0);
        let (id, staged) = left.staging.rows().next().unwrap();
        assert_eq!(staged.value(column), Some(&value.into()));
        assert_eq!(left.staging.seen(id), Some(&row));
    }
}

#[test]
fn what_is_typed_and_is_no_value_is_kept() {
    let entries = [CatalogEntry::new(&THINGS)];
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(folder.path(), "things.db", &entries).unwrap();
    let mut staging = Staging::new(&entries);
    let mut act = staging.act();
    let thing = act.insert(&THINGS).unwrap();
    let typed = StagedValue::Text("twelve".to_owned());
    act.set_new(&thing, "number", typed.clone()).unwrap();
    act.set_new(&thing, "text", StagedValue::Value(NewValue::Known(Value::Null))).unwrap();
    let step = act.finish().unwrap();
    journal.append(&step, &staging).unwrap();
    drop(journal);
    let left = Journal::left_behind(folder.path(), "things.db", &entries).unwrap();
    let staged = left[0].staging.row(&thing).unwrap();
    assert_eq!(staged.value("number"), Some(&typed));
    assert_eq!(staged.value("text"), Some(&Value::Null.into()));
}
