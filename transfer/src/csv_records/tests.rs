//! What is read of a file, line by line.

use proptest::prelude::*;

use super::*;

/// Returns each record as its fields joined by `|`, each broken line as its fault.
fn read(file: &[u8]) -> Vec<String> {
    shown(Records::new(file).expect("a header"))
}

fn shown(records: impl Iterator<Item = io::Result<Result<Record, BrokenLine>>>) -> Vec<String> {
    let show = |item: Result<Record, BrokenLine>| match item {
        Ok(record) => format!("{}: {}", record.line, record.fields.join("|")),
        Err(broken) => format!("{}: {} in {}", broken.line, broken.fault, broken.text),
    };
    records.map(|item| show(item.expect("memory can be read"))).collect()
}

#[test]
fn quoted_fields_keep_commas_quotes_and_line_breaks() {
    let read = read(b"a,b\r\n\"x, y\",\"he said \"\"no\"\"\"\r\n\"two\r\nlines\",z");
    assert_eq!(read, ["2: x, y|he said \"no\"", "3: two\r\nlines|z"]);
}

#[test]
fn the_header_says_what_stands_between_fields() {
    assert_eq!(read(b"a;b\n1,5;\"x;y\"\n"), ["2: 1,5|x;y"]);
    assert_eq!(read(b"a\tb\n1;2\t3,4\n"), ["2: 1;2|3,4"]);
    assert_eq!(read(b"\"a;b;c\",d\n1,2\n"), ["2: 1|2"]);
    assert_eq!(read(b"a\nb;c\n"), ["2: b;c"]);
}

#[test]
fn a_byte_order_mark_and_blank_lines_are_no_data() {
    let records = Records::new(&b"\xEF\xBB\xBFa,b\n\n1,2\n \n3,4\n\n"[..]).expect("a header");
    assert_eq!(records.header(), ["a", "b"]);
    assert_eq!(read(b"\xEF\xBB\xBFa,b\n\n1,2\n \n3,4\n\n"), ["3: 1|2", "5: 3|4"]);
}

#[test]
fn a_quote_never_closed_costs_one_line() {
    let read = read(b"a,b\n1,2\n\"3,4\n5,6\n7,8\n");
    assert_eq!(
        read,
        ["2: 1|2", "3: the quote that opens field 1 is never closed in \"3,4", "4: 5|6", "5: 7|8"]
    );
}

#[test]
fn a_quote_closed_by_the_next_lines_quote_costs_one_line() {
    let read = read(b"a,b\n1,\"2\n3,\"4, four\"\n5,6\n");
    assert_eq!(
        read,
        ["2: field 2 goes on after its closing quote in 1,\"2", "3: 3|4, four", "4: 5|6"]
    );
}

#[test]
fn lines_with_too_few_or_too_many_fields_are_set_aside() {
    let read = read(b"a,b\n1\n1,2,3\n1,2\n");
    assert_eq!(
        read,
        ["2: 1 instead of 2 fields in 1", "3: 3 instead of 2 fields in 1,2,3", "4: 1|2"]
    );
}

#[test]
fn invalid_utf_8_names_line_and_field() {
    let read = read(b"a,b\n1,M\xFCnchen\nx,y\n");
    assert_eq!(read, ["2: field 2 is not valid UTF-8 in 1,M\u{fffd}nchen", "3: x|y"]);
}

#[test]
fn a_file_without_a_readable_header_is_refused() {
    let refusal = |file: &'static [u8]| Records::new(file).expect_err("no header").to_string();
    assert_eq!(refusal(b""), "the file is empty; a header line with column names was expected");
    assert_eq!(refusal(b"\n\n"), "the file is empty; a header line with column names was expected");
    assert_eq!(
        refusal(b"a,\"b\n"),
        "the header line cannot be read: the quote that opens field 2 is never closed"
    );
    assert_eq!(refusal(b"a,\xFF\n"), "the header line cannot be read: field 2 is not valid UTF-8");
}

#[test]
fn a_cell_of_fifty_megabytes_is_read_whole() {
    let cell = "x".repeat(50 * 1024 * 1024);
    let file = format!("a,b\n1,\"{cell}\"\n3,4\n");
    let records = Records::new(file.as_bytes()).expect("a header");
    let lengths: Vec<usize> =
        records.map(|item| item.expect("read").expect("a record").fields[1].len()).collect();
    assert_eq!(lengths, [50 * 1024 * 1024, 1]);
}

/// Returns each record as its fields joined by `|`, each broken line as its fault, of a file in
/// that charset.
fn read_in(charset: &str, file: &[u8]) -> Vec<String> {
    let charset = Charset::named(charset).expect("a charset");
    shown(Records::in_charset(file, Some(charset)).expect("a header"))
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn utf_16_is_known_by_its_mark_or_by_its_zeros_and_said_to_be_guessed() {
    let text = "name,year\nЛем 🙂,1921\n";
    let marked = format!("\u{feff}{text}");
    for (file, name) in [
        (utf_16(&marked, u16::to_le_bytes), "UTF-16LE"),
        (utf_16(&marked, u16::to_be_bytes), "UTF-16BE"),
        // Nothing but letters of ASCII in the sample.
        (utf_16(&format!("{}{text}", "name,".repeat(10)), u16::to_le_bytes), "UTF-16LE"),
        (utf_16(&format!("{}{text}", "name,".repeat(10)), u16::to_be_bytes), "UTF-16BE"),
    ] {
        let mut records = Records::new(file.as_slice()).expect("a header");
        let (charset, is_guessed) = records.charset();
        assert_eq!((charset.name(), is_guessed), (name, true));
        assert_eq!(records.header()[0], "name");
        records.header.truncate(2);
        assert_eq!(shown(records), ["2: Лем 🙂|1921"]);
    }
    let (charset, is_guessed) = Records::new(&b"\xEF\xBB\xBFa\n"[..]).expect("a header").charset();
    assert_eq!((charset.name(), is_guessed), ("UTF-8", false));
}

#[test]
fn a_charset_that_is_named_is_read_and_what_it_does_not_have_costs_its_line() {
    assert_eq!(read_in("windows-1251", b"a,b\n\xcb\xe5\xec,1\n"), ["2: Лем|1"]);
    assert_eq!(read_in("latin1", b"a,b\nM\xfcnchen,1\n"), ["2: München|1"]);
    assert_eq!(read_in("utf-8", b"\xEF\xBB\xBFa,b\nx,1\n"), ["2: x|1"]);
    assert_eq!(
        read_in("windows-1253", b"a,b\n\xd2x,1\ny,2\n"),
        ["2: field 1 is not valid windows-1253 in \u{fffd}x,1", "3: y|2"]
    );
    let mut half = utf_16("a,b\nx", u16::to_le_bytes);
    half.extend([0x3d, 0xd8]);
    half.extend(utf_16(",1\ny,2\n", u16::to_le_bytes));
    assert_eq!(
        read_in("utf-16le", &half),
        ["2: field 1 is not valid UTF-16LE in x\u{fffd},1", "3: y|2"]
    );
    assert!(Charset::named("klingon").is_err());
}

#[test]
fn a_mark_is_one_at_the_start_alone() {
    assert_eq!(
        read("\u{feff}a,b\n\u{feff}1,2\n\u{feff}3,\u{feff}\n".as_bytes()),
        ["2: \u{feff}1|2", "3: \u{feff}3|\u{feff}"]
    );
    assert_eq!(read("a\n\u{feff}1\n".as_bytes()), ["2: \u{feff}1"]);
}

#[test]
fn lines_may_end_in_cr_alone() {
    assert_eq!(read(b"a,b\r1,2\r\r\"x\ry\",z\r"), ["2: 1|2", "4: x\ry|z"]);
    assert_eq!(read(b"a,\"b\rc\"\r1,2"), ["3: 1|2"]);
    // Where LF ends lines, a CR among letters is one of them.
    assert_eq!(read(b"a,b\n1\r1,2\r\n"), ["2: 1\r1|2"]);
}

#[test]
fn a_first_line_may_say_what_stands_between_fields() {
    assert_eq!(read(b"sep=;\r\na;b\r\n1,5;2\r\n"), ["3: 1,5|2"]);
    assert_eq!(read(b"\"sep=|\"\na|b\n1,5|2;\n"), ["3: 1,5|2;"]);
    assert_eq!(read(b"SEP=\t\na,x\tb\n1\t2\n"), ["3: 1|2"]);
    let records = Records::new(&b"sep=;;\n1;2;3\n"[..]).expect("a header");
    assert_eq!(records.header(), ["sep="], "a name like any other");
}

#[test]
fn a_separator_at_the_end_of_every_line_or_of_some_makes_no_field() {
    assert_eq!(read(b"a,b,\n1,2,\n3,4\n5,6,,,\n"), ["2: 1|2", "3: 3|4", "4: 5|6"]);
    assert_eq!(
        read(b"a,b\n1,2,\n1,2,,3,\n1,2,\"\"\n1,,\n"),
        [
            "2: 1|2",
            "3: 5 instead of 2 fields in 1,2,,3,",
            "4: 3 instead of 2 fields in 1,2,\"\"",
            "5: 1|"
        ]
    );
}

#[test]
fn quotes_around_nothing_are_told_from_nothing() {
    let records = Records::new(&b"a,b\n\"\",\n\"x\",y\n"[..]).expect("a header");
    assert!(!records.quotes_everything());
    let quoted: Vec<[bool; 2]> = records
        .map(|item| item.expect("memory").expect("a record"))
        .map(|record| [record.is_quoted(0), record.is_quoted(1)])
        .collect();
    assert_eq!(quoted, [[true, false], [true, false]]);
    let all = Records::new(&b"\"a\",\"b\",\n"[..]).expect("a header");
    assert!(all.quotes_everything());
}

/// Reads records that may be so many bytes long; returns them as [`read`] shows them, and how many
/// bytes were looked at in vain.
fn read_within(record: usize, file: &[u8]) -> (Vec<String>, u64) {
    let limits = Limits { record, kept: 8, header: 16 };
    let mut records = Records::limited(file, None, limits).expect("a header");
    let shown = shown(records.by_ref());
    (shown, records.wasted)
}

#[test]
fn a_record_beyond_the_limit_costs_one_line() {
    assert_eq!(read_within(12, b"a,b\n\"45678\n9\",x\n").0, ["2: 45678\n9|x"]);
    assert_eq!(
        read_within(11, b"a,b\n\"45678\n9\",x\n").0,
        ["2: the quote that opens field 1 is never closed in \"45678", "3: 9\"|x",]
    );
    assert_eq!(
        read_within(12, b"a,b\n123456789,12345\n1,2\n").0,
        [
            "2: the line is longer than 12 bytes, of which only the first are kept here in 12345678",
            "3: 1|2"
        ]
    );
    assert_eq!(read_within(12, b"a,b\n1,2\n123456789,12345").0.len(), 2);
    let header =
        Records::limited(&[b'a'; 17][..], None, Limits { record: 12, kept: 8, header: 16 });
    assert!(matches!(header, Err(HeaderError::Broken(Fault::TooLong { longest: 16 }))));
}

#[test]
fn quotes_that_open_in_every_line_are_not_looked_for_to_the_end_of_the_file() {
    let many = "a\",b,\"c\n".repeat(2_000);
    let file = format!("a,b,c\n{many}1,2,3\n");
    let (shown, wasted) = read_within(1 << 20, file.as_bytes());
    assert_eq!(shown.len(), 2_001);
    assert_eq!(shown[7], "9: the quote that opens field 3 is never closed in a\",b,\"c");
    assert_eq!(shown[2_000], "2002: 1|2|3");
    assert!(wasted < 2 * file.len() as u64, "{wasted}");
    // Nor where as many columns as lines leave that open.
    let header = ["a"; 8].join(",");
    let lines = "x\n\"a\",\"b\n".repeat(1_000);
    let (_, wasted) = read_within(64, format!("{header}\n{lines}").as_bytes());
    assert!(wasted <= (lines.len() as u64 + 64) * WASTE_PER_BYTE, "{wasted}");
}

fn fields() -> impl Strategy<Value = Vec<Vec<String>>> {
    proptest::collection::vec(proptest::collection::vec("[a-zя\",\r\n ]{0,6}", 3), 0..8)
}

proptest! {
    #[test]
    fn what_a_csv_writer_wrote_is_read_back(rows in fields()) {
        let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        writer.write_record(["a", "b", "c"]).expect("memory");
        for row in &rows {
            writer.write_record(row).expect("memory");
        }
        let file = writer.into_inner().expect("memory");
        let records = Records::new(file.as_slice()).expect("a header");
        let read: Vec<Vec<String>> =
            records.map(|item| item.expect("memory").expect("a record").fields).collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn any_bytes_are_read_to_the_end_and_no_line_twice(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(records) = Records::new(bytes.as_slice()) {
            let line = |item: io::Result<Result<Record, BrokenLine>>| match item.expect("memory") {
                Ok(record) => record.line,
                Err(broken) => broken.line,
            };
            let lines: Vec<u64> = records.map(line).collect();
            prop_assert!(lines.is_sorted_by(|one, next| one < next), "{:?}", lines);
        }
    }
}
