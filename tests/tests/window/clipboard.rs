//! The system's clipboard, as another program sees it.

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
