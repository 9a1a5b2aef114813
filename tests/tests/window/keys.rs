//! Keys count in the order in which they were pressed, however slow a frame is.

use integration_tests::window::{Display, Part, Spot};

use super::{open, shop};

#[test]
fn keys_that_come_in_one_moment_count_in_their_order() {
    let display = Display::start();
    let bindery = shop(&["Solaris", "Eden", "Fiasco"]);
    let mut window = open(&display, &bindery);
    window.click(Spot::FirstRow, Part::Rows, "the cell");
    window.calm();
    window.press_at_once(&["ctrl+a", "ctrl+c"]);
    window.wait("all rows in another program", |_| {
        display.clipboard().filter(|text| text.lines().count() == 3)
    });
    // The first row is ticked, not the one that the arrow goes on to.
    window.press_at_once(&["Escape", "space", "Down", "ctrl+c"]);
    let copied = window.wait("one row in another program", |_| {
        display.clipboard().filter(|text| text.lines().count() == 1)
    });
    assert!(copied.contains("\tSolaris\t"), "{copied}");
    // And a second row with it: two presses of the same key are two.
    window.press_at_once(&["space", "Down", "space", "space", "ctrl+c"]);
    let copied = window.wait("two rows in another program", |_| {
        display.clipboard().filter(|text| text.lines().count() == 2)
    });
    assert!(copied.contains("\tSolaris\t") && copied.contains("\tEden\t"), "{copied}");
    assert!(window.close().success());
}
