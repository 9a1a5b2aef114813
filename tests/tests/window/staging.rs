//! Cells that are edited where they stand, by the keyboard of a person, in a program that may be killed.

use integration_tests::window::{Display, Part, Spot};

use super::{open, shop, title};

#[test]
fn what_is_typed_into_cells_outlives_a_killed_program_and_is_written_by_the_next() {
    let display = Display::start();
    let bindery = shop(&["Solaris", "Dune"]);
    let mut window = open(&display, &bindery);
    window.click(Spot::FirstRow, Part::Rows, "the cell");
    // Letters begin to edit the cell, Enter goes on to the one beneath.
    window.changes(Part::Rows, "two cells that are staged", |window| {
        window.type_text("Fiasco");
        window.press("Return");
        window.type_text("Sand");
        window.press("Return");
    });
    // A new book, of the first author.
    window.changes(Part::Rows, "a new row", |window| {
        window.press("ctrl+n");
        window.type_text("Hyperion");
        window.press("Tab");
        window.type_text("1");
        window.press("Tab");
    });
    window.calm();
    window.signal("KILL");
    assert!(!window.ended().success());
    assert_eq!(title(&bindery.database, 1).as_deref(), Some("Solaris"), "nothing is written");

    let mut window = open(&display, &bindery);
    window.press("ctrl+s");
    window.wait("the titles in the database", |_| {
        let titles = [1, 2, 3].map(|id| title(&bindery.database, id));
        (titles == ["Fiasco", "Sand", "Hyperion"].map(|it| Some(it.to_owned()))).then_some(())
    });
    window.calm();
    assert!(window.close().success(), "nothing is left to be asked about");
    // Nor is anything offered again.
    let window = open(&display, &bindery);
    assert!(window.close().success());
}
