//! The system's clipboard, as another program sees it.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use integration_tests::window::{Display, Part, Spot};

use super::{open, open_record, shop, title};

#[test]
fn rows_that_are_copied_are_what_another_program_pastes() {
    let display = Display::start();
    let bindery = shop(&["Solaris", "Żółw i \"лодка\"", "日本"]);
    let mut window = open(&display, &bindery);
    window.click(Spot::FirstRow, Part::Rows, "the cell");
    let silent = window.calm().part(Part::Status);
    window.press("ctrl+a");
    window.press("ctrl+c");
    let copied = window.wait("the rows in another program", |_| {
        display.clipboard().filter(|text| text.lines().count() == 3)
    });
    for expected in ["Solaris\tStanisław Lem", "Żółw i \"лодка\"", "日本"] {
        assert!(
            copied.contains(expected) || copied.contains(&expected.replace('"', "\"\"")),
            "{copied}"
        );
    }
    // That it was copied is said, and goes away by itself.
    window.press("Escape");
    window.wait("the end of the notice", |window| {
        (window.picture()?.part(Part::Status) == silent).then_some(())
    });
    // A single cell.
    window.press("ctrl+c");
    window.wait("the cell in another program", |_| {
        display.clipboard().filter(|text| text == "Solaris")
    });
    assert!(window.close().success());
}

#[test]
fn cells_that_are_copied_are_a_table_for_a_spreadsheet() {
    let display = Display::start();
    let bindery = shop(&["007 & <b>"]);
    let mut window = open(&display, &bindery);
    window.click(Spot::FirstRow, Part::Rows, "the cell");
    window.press("ctrl+a");
    window.press("ctrl+shift+c");
    let table = window.wait("the table in another program", |_| display.table());
    assert!(table.contains("<th>title</th>"), "{table}");
    assert!(table.contains(r#"sdnum="1033;0;@">007 &amp; &lt;b&gt;</td>"#), "a text: {table}");
    assert!(table.contains("<td>1</td>"), "a number: {table}");
    // And what is not a spreadsheet has the text.
    assert!(display.clipboard().is_some_and(|text| text.contains("007 & <b>\t")));
    assert!(window.close().success());
}

#[test]
fn the_table_that_a_spreadsheet_has_copied_is_pasted_into_cells() {
    let display = Display::start();
    let bindery = shop(&["Solaris", "Dune"]);
    let mut window = open(&display, &bindery);
    window.click(Spot::FirstRow, Part::Rows, "the cell");
    // Its text says less, as that of spreadsheets does.
    let table = "<table><tr><td>Fiasco</td></tr><tr><td>Sand &amp;\n  Spice</td></tr></table>";
    let mut program = Command::new(env!("CARGO_BIN_EXE_copier"));
    display.put(program.args([table, "Fiasco\nSand"])).stdout(Stdio::piped());
    let mut copier = program.spawn().unwrap();
    BufReader::new(copier.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    window.changes(Part::Rows, "two cells that are staged", |window| window.press("ctrl+v"));
    window.press("ctrl+s");
    window.wait("the titles in the database", |_| {
        let titles = [1, 2].map(|id| title(&bindery.database, id));
        (titles == ["Fiasco", "Sand & Spice"].map(|it| Some(it.to_owned()))).then_some(())
    });
    copier.kill().unwrap();
    copier.wait().unwrap();
    assert!(window.close().success());
}

#[test]
fn what_another_program_has_copied_is_pasted_into_a_field() {
    let display = Display::start();
    let bindery = shop(&["Solaris"]);
    let mut window = open(&display, &bindery);
    open_record(&mut window);
    window.click(Spot::Title, Part::Record, "the title's focus");
    display.copy("Głos Pana — «Голос»");
    window.press("ctrl+a");
    window.press("ctrl+v");
    window.press("ctrl+s");
    window.wait("the pasted title in the database", |_| {
        title(&bindery.database, 1).filter(|title| title == "Głos Pana — «Голос»")
    });
    // And out of a field again.
    window.press("ctrl+a");
    display.copy("something else");
    window.press("ctrl+c");
    window.wait("the title in another program", |_| {
        display.clipboard().filter(|text| text == "Głos Pana — «Голос»")
    });
    assert!(window.close().success());
}
