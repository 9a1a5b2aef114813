//! What was typed is not lost when the window is to close.

use integration_tests::command::Bindery;
use integration_tests::window::{Display, Part, Spot, Window};

use super::{open, open_record, shop, title};

/// A window in which the title of the first book has been changed.
fn edited<'a>(display: &'a Display, bindery: &Bindery) -> Window<'a> {
    let mut window = open(display, bindery);
    open_record(&mut window);
    window.click(Spot::Title, Part::Record, "the title's focus");
    window.type_over("Fiasco");
    // Leaves the field, whose cursor would go on blinking.
    window.press("Tab");
    window.calm();
    window
}

/// Answers the question: "Cancel" has the keyboard, "Discard" stands before it and "Save" before that.
fn answer(window: &mut Window<'_>, steps: usize) {
    for _ in 0..steps {
        window.changes(Part::Rows, "the next answer", |window| window.press("shift+Tab"));
    }
    window.press("Return");
}

#[test]
fn the_close_button_asks_and_saves() {
    let display = Display::start();
    let bindery = shop(&["Solaris"]);
    let mut window = edited(&display, &bindery);
    window.changes(Part::Rows, "the question", Window::ask_to_close);
    assert_eq!(title(&bindery.database, 1).as_deref(), Some("Solaris"));
    answer(&mut window, 2);
    assert!(window.ended().success());
    assert_eq!(title(&bindery.database, 1).as_deref(), Some("Fiasco"));
}

#[test]
fn ctrl_q_asks_and_discards() {
    let display = Display::start();
    let bindery = shop(&["Solaris"]);
    let mut window = edited(&display, &bindery);
    window.changes(Part::Rows, "the question", |window| window.press("ctrl+q"));
    answer(&mut window, 1);
    assert!(window.ended().success());
    assert_eq!(title(&bindery.database, 1).as_deref(), Some("Solaris"));
}

#[test]
fn every_signal_that_ends_a_session_asks_and_cancelling_keeps_what_was_typed() {
    let display = Display::start();
    let bindery = shop(&["Solaris"]);
    let mut window = edited(&display, &bindery);
    for signal in ["TERM", "INT", "HUP"] {
        window.changes(Part::Rows, "the question", |window| window.signal(signal));
        window.changes(Part::Rows, "no question any more", |window| window.press("Return"));
    }
    // What was typed is still there.
    window.press("ctrl+s");
    window.wait("the title in the database", |_| {
        title(&bindery.database, 1).filter(|title| title == "Fiasco")
    });
    window.calm();
    // Without anything unsaved a signal ends the window at once.
    window.signal("TERM");
    assert!(window.ended().success());
}
