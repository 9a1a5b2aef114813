//! What is written is what is read back, by readers that know nothing of this program.

use std::io::Cursor as Bytes;

use calamine::{Data, Reader as _, Xlsx};
use chrono::{NaiveDate, NaiveTime};
use persistence::entity::{ColumnMeta, Storage};
use persistence::{ColumnType, EntityMeta, ScaledDecimal, Value};
use proptest::prelude::*;

use super::format::FormatKind;
use super::{ExportColumns, FormatError, FormatOptions, Formulas, Framing, Header, SqlDialect};

const fn column(name: &'static str, column_type: ColumnType, storage: Storage) -> ColumnMeta {
    ColumnMeta::new(name, column_type, storage).nullable(true)
}

static META: EntityMeta = EntityMeta::new(
    "Thing",
    "things",
    &[
        column("id", ColumnType::Integer { bits: 64 }, Storage::BigInt),
        column("text", ColumnType::Text, Storage::Text),
        column("price", ColumnType::Decimal { scale: 2 }, Storage::BigInt),
        column("weight", ColumnType::Decimal { scale: 3 }, Storage::Numeric),
        column("day", ColumnType::Date, Storage::Date),
        column("moment", ColumnType::Timestamp, Storage::Timestamp),
        column("is_new", ColumnType::Bool, Storage::Bool),
        column("bytes", ColumnType::Bytes, Storage::Binary),
        column("ratio", ColumnType::Float, Storage::Double),
        column("document", ColumnType::Json, Storage::Json),
    ],
    &[0],
)
.labelled(1);

static TEXTS: EntityMeta = EntityMeta::new(
    "Text",
    "texts",
    &[
        column("one", ColumnType::Text, Storage::Text),
        column("other", ColumnType::Text, Storage::Text),
    ],
    &[0],
);

fn options() -> FormatOptions {
    FormatOptions::new(SqlDialect::Sqlite)
}

fn try_written(
    format: FormatKind,
    meta: &'static EntityMeta,
    options: &FormatOptions,
    rows: &[Vec<Value>],
) -> Result<Vec<u8>, FormatError> {
    let mut output = Vec::new();
    let mut writer = format.writer(&ExportColumns::own(meta), options, &mut output);
    writer.start()?;
    for row in rows {
        writer.row(&row.iter().collect::<Vec<_>>())?;
    }
    writer.end()?;
    drop(writer);
    Ok(output)
}

fn written(format: FormatKind, meta: &'static EntityMeta, rows: &[Vec<Value>]) -> Vec<u8> {
    try_written(format, meta, &options(), rows).unwrap()
}

fn text_of(format: FormatKind, meta: &'static EntityMeta, rows: &[Vec<Value>]) -> String {
    String::from_utf8(written(format, meta, rows)).unwrap()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// Returns a row with a value of every type.
fn sample() -> Vec<Value> {
    let moment = day(2026, 11, 21).and_hms_milli_opt(7, 48, 19, 250).unwrap();
    vec![
        Value::Integer(9_007_199_254_740_993),
        Value::from("Мастер \"и\" Маргарита, том 1\n"),
        Value::Decimal(ScaledDecimal { units: 1290, scale: 2 }),
        Value::Decimal(ScaledDecimal { units: -5, scale: 3 }),
        Value::Date(day(1967, 1, 2)),
        Value::Timestamp(moment),
        Value::Bool(true),
        Value::Bytes(vec![0, 0xff]),
        Value::Float(0.1),
        Value::Json(serde_json::json!({"a": [1, "b,c"]})),
    ]
}

fn nulls() -> Vec<Value> {
    vec![Value::Null; META.columns.len()]
}

#[test]
fn csv_keeps_every_digit_and_tells_null_from_the_empty_text() {
    let mut empty = nulls();
    empty[1] = Value::from("");
    assert_eq!(
        text_of(FormatKind::Csv, &META, &[sample(), nulls(), empty]),
        "id,text,price,weight,day,moment,is_new,bytes,ratio,document\n\
         9007199254740993,\"Мастер \"\"и\"\" Маргарита, том 1\n\",12.90,-0.005,1967-01-02,\
         2026-11-21T07:48:19.250,true,0x00ff,0.1,\"{\"\"a\"\":[1,\"\"b,c\"\"]}\"\n\
         ,,,,,,,,,\n\
         ,\"\",,,,,,,,\n"
    );
}

#[test]
fn no_rows_are_a_header_or_nothing() {
    assert_eq!(text_of(FormatKind::Csv, &TEXTS, &[]), "one,other\n");
    assert_eq!(text_of(FormatKind::Json, &TEXTS, &[]), "[]\n");
    assert_eq!(text_of(FormatKind::JsonLines, &TEXTS, &[]), "");
    assert_eq!(text_of(FormatKind::Sql, &TEXTS, &[]), "BEGIN;\nCOMMIT;\n");
    let bare = FormatOptions { header: Header::Absent, framing: Framing::Bare, ..options() };
    for format in [FormatKind::Csv, FormatKind::Tsv, FormatKind::Sql] {
        assert_eq!(try_written(format, &TEXTS, &bare, &[]).unwrap(), b"", "{format:?}");
    }
}

#[test]
fn a_single_null_is_a_line_that_readers_do_not_pass_over() {
    let mut output = Vec::new();
    let only = ExportColumns::named(&TEXTS, ["other"]).unwrap();
    let mut writer = FormatKind::Csv.writer(&only, &options(), &mut output);
    writer.start().unwrap();
    writer.row(&[&Value::Null]).unwrap();
    drop(writer);
    assert_eq!(output, b"other\n\"\"\n");
}

#[test]
fn a_formula_is_made_harmless_only_on_request() {
    let rows =
        [vec![Value::from("=1+1"), Value::from("@a")], vec![Value::from("a=b"), Value::Null]];
    let plain = String::from_utf8(written(FormatKind::Csv, &TEXTS, &rows)).unwrap();
    assert_eq!(plain, "one,other\n=1+1,@a\na=b,\n");
    let guarded = FormatOptions { formulas: Formulas::Guarded, ..options() };
    let guarded = try_written(FormatKind::Csv, &TEXTS, &guarded, &rows).unwrap();
    assert_eq!(String::from_utf8(guarded).unwrap(), "one,other\n'=1+1,'@a\na=b,\n");
    // A number is none: its minus stays.
    let negative = Value::Integer(-1);
    let options = FormatOptions { formulas: Formulas::Guarded, ..self::options() };
    let columns = ExportColumns::named(&META, ["id"]).unwrap();
    let mut output = Vec::new();
    FormatKind::Csv.writer(&columns, &options, &mut output).row(&[&negative]).unwrap();
    assert_eq!(output, b"-1\n");
}

#[test]
fn json_has_numbers_where_no_digit_is_lost() {
    let text = text_of(FormatKind::Json, &META, &[sample(), nulls()]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(
        rows[0],
        serde_json::json!({
            "id": 9_007_199_254_740_993_i64,
            "text": "Мастер \"и\" Маргарита, том 1\n",
            "price": 12.9,
            "weight": -0.005,
            "day": "1967-01-02",
            "moment": "2026-11-21T07:48:19.250",
            "is_new": true,
            "bytes": "0x00ff",
            "ratio": 0.1,
            "document": {"a": [1, "b,c"]},
        })
    );
    assert!(rows[1].as_object().unwrap().values().all(serde_json::Value::is_null));
    for (column, value) in META.columns.iter().zip(sample()) {
        let read = column.column_type.from_json(&rows[0][column.name]).unwrap();
        assert_eq!(read, value, "{}", column.name);
    }
}

#[test]
fn an_object_keeps_the_order_of_the_columns() {
    let text = text_of(FormatKind::Json, &TEXTS, &[vec![Value::from("a"), Value::from("b")]]);
    assert_eq!(text, "[\n  {\"one\": \"a\", \"other\": \"b\"}\n]\n");
    let lines = text_of(FormatKind::JsonLines, &TEXTS, &[vec![Value::from("a"), Value::Null]]);
    assert_eq!(lines, "{\"one\": \"a\", \"other\": null}\n");
}

#[test]
fn sql_is_written_as_each_engine_reads_it() {
    let row = vec![
        Value::Integer(1),
        Value::from("it's a \\ \0"),
        Value::Decimal(ScaledDecimal { units: 1290, scale: 2 }),
        Value::Decimal(ScaledDecimal { units: 5, scale: 3 }),
        Value::Date(day(-44, 3, 15)),
        Value::Null,
        Value::Bool(true),
        Value::Bytes(vec![0, 0xff]),
        Value::Float(f64::INFINITY),
        Value::Null,
    ];
    let values = |dialect| {
        let mut row = row.clone();
        if dialect == SqlDialect::Mysql {
            row[8] = Value::Float(0.1);
        }
        let bare = FormatOptions { framing: Framing::Bare, ..FormatOptions::new(dialect) };
        let sql = try_written(FormatKind::Sql, &META, &bare, std::slice::from_ref(&row)).unwrap();
        String::from_utf8(sql).unwrap()
    };
    assert_eq!(
        values(SqlDialect::Sqlite),
        "INSERT INTO \"things\" (\"id\", \"text\", \"price\", \"weight\", \"day\", \"moment\", \
         \"is_new\", \"bytes\", \"ratio\", \"document\") VALUES\n  \
         (1, replace('it''s a \\ [NUL]', '[NUL]', char(0)), 1290, 0.005, '-0044-03-15', NULL, 1, X'00ff', \
         9e999, NULL);\n"
    );
    assert!(values(SqlDialect::Postgres).ends_with(
        "(1, E'it''s a \\\\ \0', 1290, 0.005, '0045-03-15 BC', NULL, TRUE, E'\\\\x00ff', \
         'Infinity'::float8, NULL);\n"
    ));
    assert!(values(SqlDialect::Mysql).starts_with("INSERT INTO `things` (`id`, `text`,"));
    assert!(values(SqlDialect::Mysql).ends_with(
        "(1, CONVERT(X'697427732061205c2000' USING utf8mb4), 1290, 0.005, '-0044-03-15', NULL, TRUE, \
         X'00ff', 1e-1, NULL);\n"
    ));
}

fn bare(dialect: SqlDialect, value: Value) -> Result<String, FormatError> {
    let options = FormatOptions { framing: Framing::Bare, ..FormatOptions::new(dialect) };
    let mut row = nulls();
    let column = if matches!(value, Value::Float(_)) { 8 } else { 1 };
    row[column] = value;
    let sql = try_written(FormatKind::Sql, &META, &options, &[row])?;
    let sql = String::from_utf8(sql).unwrap();
    let values = sql.split_once("(NULL, ").unwrap().1;
    let (text, rest) = values.split_once(", NULL, NULL, NULL, NULL, NULL, NULL, ").unwrap();
    Ok(if text == "NULL" { rest.split(", NULL").next().unwrap() } else { text }.to_owned())
}

#[test]
fn numbers_without_end_are_what_they_are_or_refused_and_never_another_value() {
    let number = |dialect, number| bare(dialect, Value::Float(number)).ok();
    let is = |dialect, value, expected: Option<&str>| {
        assert_eq!(number(dialect, value).as_deref(), expected, "{dialect} {value}");
    };
    is(SqlDialect::Sqlite, f64::INFINITY, Some("9e999"));
    is(SqlDialect::Sqlite, f64::NEG_INFINITY, Some("-9e999"));
    is(SqlDialect::Sqlite, f64::NAN, None);
    is(SqlDialect::Postgres, f64::INFINITY, Some("'Infinity'::float8"));
    is(SqlDialect::Postgres, f64::NEG_INFINITY, Some("'-Infinity'::float8"));
    is(SqlDialect::Postgres, f64::NAN, Some("'NaN'::float8"));
    is(SqlDialect::Postgres, -0.0, Some("'-0'::float8"));
    is(SqlDialect::Postgres, 0.0, Some("0.0"));
    for value in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        is(SqlDialect::Mysql, value, None);
    }
    is(SqlDialect::Mysql, -0.5, Some("-5e-1"));
}

#[test]
fn characters_that_clients_change_are_written_as_what_makes_them() {
    let text = |dialect, text: &str| bare(dialect, Value::from(text)).unwrap();
    assert_eq!(text(SqlDialect::Sqlite, "a\r\nb'c"), "replace('a[CR]\nb''c', '[CR]', char(13))");
    assert_eq!(
        text(SqlDialect::Sqlite, "\0[CR]\r"),
        "replace(replace('[NUL][CR][CR+]', '[CR+]', char(13)), '[NUL]', char(0))"
    );
    assert_eq!(text(SqlDialect::Postgres, "a\r\nb\\'c"), "E'a\\r\nb\\\\''c'");
    // Statements alone do not say what a backslash is.
    assert_eq!(text(SqlDialect::Mysql, "a\\"), "CONVERT(X'615c' USING utf8mb4)");
    let rows = [vec![Value::from("a\r\\'"), Value::Null]];
    let script =
        try_written(FormatKind::Sql, &TEXTS, &FormatOptions::new(SqlDialect::Mysql), &rows);
    let script = String::from_utf8(script.unwrap()).unwrap();
    assert!(script.contains("('a\\r\\\\''', NULL)"), "{script}");
}

#[test]
fn blanks_at_either_end_and_marks_of_encodings_stand_in_quotes() {
    for text in [" a", "a ", "\ta", "a\u{a0}", "\u{feff}a"] {
        let text = text_of(FormatKind::Csv, &TEXTS, &[vec![Value::from(text), Value::from("b c")]]);
        assert!(text.contains("\n\""), "{text:?}");
        assert!(text.ends_with("\",b c\n"), "{text:?}");
    }
}

#[test]
fn words_that_stand_for_null_elsewhere_are_texts_in_quotes() {
    let rows =
        [vec![Value::from("NULL"), Value::from("\\N")], vec![Value::from("NULLS"), Value::Null]];
    let text = text_of(FormatKind::Csv, &TEXTS, &rows);
    assert_eq!(text, "one,other\n\"NULL\",\"\\N\"\nNULLS,\n");
}

#[test]
fn statements_are_neither_one_a_row_nor_endless() {
    let row = vec![Value::from("a"), Value::from("b")];
    let text = text_of(FormatKind::Sql, &TEXTS, &vec![row; 500]);
    assert_eq!(text.matches("INSERT").count(), 3);
    let long = vec![Value::from("a".repeat(300 << 10)), Value::Null];
    let text = text_of(FormatKind::Sql, &TEXTS, &vec![long; 3]);
    assert_eq!(text.matches("INSERT").count(), 3);
}

fn sheet(workbook: Vec<u8>) -> Vec<Vec<Data>> {
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Bytes::new(workbook)).unwrap();
    let name = workbook.sheet_names().first().unwrap().clone();
    let range = workbook.worksheet_range(&name).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

#[test]
fn excel_has_numbers_dates_and_texts_of_its_own() {
    let rows = sheet(written(FormatKind::Xlsx, &META, &[sample()]));
    assert_eq!(rows[0][2], Data::String("price".to_owned()));
    let row = &rows[1];
    // More digits than Excel keeps.
    assert_eq!(row[0], Data::String("9007199254740993".to_owned()));
    assert_eq!(row[1], Data::String("Мастер \"и\" Маргарита, том 1\n".to_owned()));
    assert_eq!(row[2], Data::Float(12.9));
    assert_eq!(row[3], Data::Float(-0.005));
    let Data::DateTime(date) = &row[4] else { panic!("{:?}", row[4]) };
    assert_eq!(date.to_ymd_hms_milli(), (1967, 1, 2, 0, 0, 0, 0));
    let Data::DateTime(moment) = &row[5] else { panic!("{:?}", row[5]) };
    assert_eq!(moment.to_ymd_hms_milli(), (2026, 11, 21, 7, 48, 19, 250));
    assert_eq!(row[6], Data::Bool(true));
    assert_eq!(row[7], Data::String("0x00ff".to_owned()));
    assert_eq!(row[8], Data::Float(0.1));
    assert_eq!(row[9], Data::String("{\"a\":[1,\"b,c\"]}".to_owned()));
}

#[test]
fn a_date_before_excel_is_a_text() {
    let mut row = nulls();
    row[4] = Value::Date(day(1818, 2, 14));
    row[5] = Value::Timestamp(day(1818, 2, 14).and_time(NaiveTime::MIN));
    let rows = sheet(written(FormatKind::Xlsx, &META, &[sample(), row]));
    assert_eq!(rows[2][4], Data::String("1818-02-14".to_owned()));
    assert_eq!(rows[2][5], Data::String("1818-02-14T00:00:00".to_owned()));
}

#[test]
fn a_formula_is_a_text_in_excel() {
    let rows = [vec![Value::from("=1+1"), Value::from("{=a}")]];
    let rows = sheet(written(FormatKind::Xlsx, &TEXTS, &rows));
    assert_eq!(rows[1], ["=1+1", "{=a}"].map(|text| Data::String(text.to_owned())));
}

#[test]
fn a_text_too_long_for_excel_is_refused_and_its_column_is_named() {
    let fits = vec![Value::Null, Value::from("я".repeat(32_767))];
    let too_long = vec![Value::Null, Value::from("я".repeat(32_768))];
    let fitting = std::slice::from_ref(&fits);
    assert!(try_written(FormatKind::Xlsx, &TEXTS, &options(), fitting).is_ok());
    let error = try_written(FormatKind::Xlsx, &TEXTS, &options(), &[fits, too_long]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column 1: a cell of Excel takes 32767 characters, this text has 32768"
    );
}

/// Makes texts that something may trip over.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\""),
        Just("'"),
        Just("\\"),
        Just(","),
        Just("\t"),
        Just("\n"),
        Just("\r\n"),
        Just("\r"),
        Just(";"),
        Just("="),
        Just("-"),
        Just("@"),
        Just("NULL"),
        Just("--"),
        Just("/*"),
        Just(" "),
        Just("я"),
        Just("三"),
        Just("🙂"),
        Just("e\u{301}"),
        Just("a"),
        Just("<b>&amp;"),
        Just("]]>"),
        Just("_x000D_"),
        Just("\u{feff}"),
        Just("\u{202e}"),
        Just("%s"),
        Just("$1"),
        Just("?"),
        Just(":a"),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn cell() -> impl Strategy<Value = Option<String>> {
    prop_oneof![1 => Just(None), 5 => nasty().prop_map(Some)]
}

fn value(cell: Option<&String>) -> Value {
    cell.map_or(Value::Null, |text| Value::from(text.as_str()))
}

type Cells = Vec<(Option<String>, Option<String>)>;

fn values(rows: &Cells) -> Vec<Vec<Value>> {
    rows.iter().map(|(one, other)| vec![value(one.as_ref()), value(other.as_ref())]).collect()
}

fn check_delimited(format: FormatKind, delimiter: u8, rows: &Cells) {
    let text = text_of(format, &TEXTS, &values(rows));
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let read: Vec<Vec<String>> = reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect();
    let expected: Vec<Vec<String>> = rows
        .iter()
        .map(|(one, other)| [one, other].map(|cell| cell.clone().unwrap_or_default()).to_vec())
        .collect();
    assert_eq!(read, expected);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives_csv_and_tsv(rows in prop::collection::vec((cell(), cell()), 0..6)) {
        check_delimited(FormatKind::Csv, b',', &rows);
        check_delimited(FormatKind::Tsv, b'\t', &rows);
    }

    #[test]
    fn any_text_survives_json(rows in prop::collection::vec((cell(), cell()), 0..6)) {
        let expected: Vec<serde_json::Value> = rows
            .iter()
            .map(|(one, other)| serde_json::json!({"one": one, "other": other}))
            .collect();
        let array = text_of(FormatKind::Json, &TEXTS, &values(&rows));
        prop_assert_eq!(&serde_json::from_str::<Vec<serde_json::Value>>(&array).unwrap(), &expected);
        let lines = text_of(FormatKind::JsonLines, &TEXTS, &values(&rows));
        let read: Vec<serde_json::Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        prop_assert_eq!(&read, &expected);
    }

    #[test]
    fn any_text_survives_excel(rows in prop::collection::vec((nasty(), nasty()), 1..6)) {
        let values: Vec<_> = rows
            .iter()
            .map(|(one, other)| vec![Value::from(format!("{one}a")), Value::from(format!("a{other}"))])
            .collect();
        let read = sheet(written(FormatKind::Xlsx, &TEXTS, &values));
        for (read, written) in read.iter().skip(1).zip(&values) {
            for (read, written) in read.iter().zip(written) {
                let Data::String(read) = read else { panic!("{read:?}") };
                prop_assert_eq!(read, written.as_text().unwrap());
            }
        }
    }
}
