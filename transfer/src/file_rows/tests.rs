use super::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

fn rows(format: FileFormat, bytes: &[u8]) -> Result<FileRows<&[u8]>, HeaderError> {
    FileRows::new(bytes, &Reading { format, ..Reading::default() })
}

fn json(text: &str) -> Vec<Result<Record, String>> {
    let rows = rows(FileFormat::Json, text.as_bytes()).expect("a header");
    let rows = rows.map(|row| row.expect("the file is read"));
    rows.map(|row| row.map_err(|it| format!("{}: {} | {}", it.line, it.fault, it.text))).collect()
}

fn shown(row: &Record) -> Vec<(&str, Form)> {
    row.iter().collect()
}

#[test]
fn an_array_and_lines_of_objects_have_the_same_rows() {
    let objects = [
        r#"{"title": "A, \"b\" ]}", "year": 1961, "price": 12345678901234567890.10, "good": true}"#,
        r#"{"good": null, "tags": ["x", {"y": 1}], "title": ""}"#,
    ];
    for text in [format!("[{}\n, {}]\n", objects[0], objects[1]), objects.join("\n")] {
        let rows = json(&text);
        let [Ok(first), Ok(second)] = rows.as_slice() else { panic!("two rows: {rows:?}") };
        assert_eq!(
            shown(first),
            [
                ("A, \"b\" ]}", Form::Quoted),
                ("1961", Form::Exact),
                ("12345678901234567890.10", Form::Exact),
                ("true", Form::Exact),
                ("", Form::Absent),
            ]
        );
        assert_eq!(second.line, 2);
        assert_eq!(
            shown(second),
            [
                ("", Form::Quoted),
                ("", Form::Absent),
                ("", Form::Absent),
                ("", Form::Null),
                (r#"["x", {"y": 1}]"#, Form::Quoted),
            ]
        );
    }
}

#[test]
fn an_object_that_is_broken_costs_itself_alone() {
    let lines = json("{\"a\": 1}\n{\"a\": \n\n[2]\n{\"a\": 3, \"a\": 4}\n{\"a\": 5}");
    let wrong: Vec<&str> =
        lines.iter().filter_map(|row| row.as_ref().err().map(String::as_str)).collect();
    assert_eq!(wrong.len(), 3, "{wrong:?}");
    assert!(wrong[0].starts_with("2: the row is no JSON object: EOF"), "{wrong:?}");
    assert!(wrong[1].starts_with("4: the row is no JSON object: invalid type"), "{wrong:?}");
    assert_eq!(wrong[2], r#"5: `a` is twice in the object | {"a": 3, "a": 4}"#);
    let elements = json("[{\"a\": 1},\n{a: 2},\n 7, {\"a\": 3}]");
    assert_eq!(elements.iter().filter(|row| row.is_ok()).count(), 2);
    assert!(elements[1].as_ref().is_err_and(|wrong| wrong.starts_with("2: ")), "{elements:?}");
}

#[test]
fn elements_on_one_line_are_told_apart() {
    let lines = |text: &str| -> Vec<u64> {
        json(text).into_iter().map(|row| row.expect("a row").line).collect()
    };
    assert_eq!(lines(r#"[{"a": 1}, {"a": 2}, {"a": 3}]"#), [1, 2, 3]);
    assert_eq!(lines("[{\"a\": 1}, {\"a\": 2},\n\n\n{\"a\":\n3},\n{\"a\": 4}]"), [1, 2, 4, 6]);
}

#[test]
fn a_name_that_comes_late_is_said_and_not_dropped() {
    let mut text = "{\"a\": 1}\n".repeat(1_000);
    text.push_str("{\"a\": 2, \"b\": 3}\n");
    let rows = json(&text);
    let wrong = rows[1_000].as_ref().expect_err("an unknown name");
    assert!(wrong.starts_with("1001: none of the first 1000 rows has `b`"), "{wrong}");
}

#[test]
fn an_array_that_is_not_closed_is_no_file_of_rows() {
    for (text, problem) in [
        ("", "there is no object in it"),
        ("[]", "there is no object in it"),
        ("[1, 2]", "line 1: the row is no JSON object"),
        ("{\n\"a\": 1\n}", "line 1: the row is no JSON object"),
        ("[", "line 1: the array is not closed"),
        ("[,]", "line 1: an object was expected"),
        ("[{\"a\": 1}] x", "line 1: something follows the array"),
    ] {
        let error = rows(FileFormat::Json, text.as_bytes()).expect_err(text).to_string();
        assert!(error.contains(problem), "{text}: {error}");
    }
    for (text, problem) in [
        ("[{\"a\": 1},\n{\"a\": 2}", "line 2: the array is not closed"),
        ("[{\"a\": 1},]", "line 1: an object was expected"),
    ] {
        let mut rows = rows(FileFormat::Json, text.as_bytes()).expect("a header");
        let error = rows.find_map(Result::err).expect(text).to_string();
        assert_eq!(error, problem, "{text}");
    }
}

#[test]
fn json_of_other_encodings_is_read() {
    let utf_16: Vec<u8> =
        "\u{FEFF}[{\"имя\": \"Лем\"}]".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let rows = rows(FileFormat::Json, &utf_16).expect("a header");
    assert_eq!(rows.header(), ["имя"]);
    assert_eq!(rows.charset().map(|(charset, _)| charset.name()), Some("UTF-16LE"));
}

fn workbook() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Books").expect("a name");
    for (place, name) in ["title", "isbn", "day", "at", "price"].into_iter().enumerate() {
        sheet.write(1, u16::try_from(place).expect("few") + 1, name).expect("written");
    }
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let date = ExcelDateTime::from_ymd(1961, 6, 1).expect("a day");
    sheet.write(3, 1, "Solaris").expect("written");
    sheet.write(3, 2, 9_780_156_027_601_u64).expect("written");
    sheet.write_with_format(3, 3, &date, &day).expect("written");
    let at = ExcelDateTime::from_ymd(2024, 2, 29).and_then(|day| day.and_hms(13, 5, 7.0));
    sheet.write_with_format(3, 4, at.expect("a moment"), &moment).expect("written");
    sheet.write(3, 5, 12.5).expect("written");
    sheet.write(4, 1, "Ubik").expect("written");
    sheet.write(4, 6, "beside").expect("written");
    sheet
        .write_formula(5, 5, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!"))
        .expect("written");
    workbook.add_worksheet().set_name("Empty").expect("a name");
    workbook.save_to_buffer().expect("a workbook")
}

#[test]
fn a_sheet_is_read_from_where_its_table_begins() {
    let bytes = workbook();
    let rows = rows(FileFormat::Xlsx, &bytes).expect("a header");
    assert_eq!(rows.header(), ["title", "isbn", "day", "at", "price"]);
    assert_eq!(rows.sheets(), ["Books", "Empty"]);
    let rows: Vec<_> = rows.map(|row| row.expect("read")).collect();
    let first = rows[0].as_ref().expect("a row");
    assert_eq!(first.line, 4);
    assert_eq!(
        shown(first),
        [
            ("Solaris", Form::Bare),
            ("9780156027601", Form::Exact),
            ("1961-06-01", Form::Exact),
            ("2024-02-29T13:05:07", Form::Exact),
            ("12.5", Form::Exact),
        ]
    );
    let beside = rows[1].as_ref().expect_err("a cell too many");
    assert_eq!((beside.line, beside.fault.to_string().as_str()), (5, "6 instead of 5 fields"));
    assert_eq!(beside.text, "Ubik,,,,");
    assert_eq!(rows.len(), 3);
    assert!(rows[2].is_err());
}

#[test]
fn what_is_no_workbook_or_sheet_of_it_is_said() {
    let reading = |sheet: &str| Reading {
        format: FileFormat::Xlsx,
        sheet: Some(sheet.to_owned()),
        charset: None,
    };
    let bytes = workbook();
    let error = |reading: &Reading, bytes: &[u8]| {
        FileRows::new(bytes, reading).expect_err("no rows").to_string()
    };
    assert_eq!(
        error(&reading("Bücher"), &bytes),
        "the workbook has no sheet `Bücher`; it has Books, Empty"
    );
    assert!(error(&reading("Empty"), &bytes).starts_with("the file is empty"));
    assert!(error(&reading("Books"), b"title\n").starts_with("the file is no workbook"));
}
