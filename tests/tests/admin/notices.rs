//! What is said in red goes away with its cause.

use crate::shop::{books, shop};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use window_driver::{Window, click, press, press_with, wait_for_text, wait_without_text};

/// Types into the cell with this content.
#[track_caller]
fn type_over(window: &mut Window, cell: &str, text: &str) {
    click(window, Role::Cell, cell);
    window.event(Event::Text(text.to_owned()));
    window.step();
    window.step();
    press(window, Key::Enter);
    window.step();
}

fn paste(window: &mut Window, text: &str) {
    window.event(Event::Paste(text.to_owned()));
    window.step();
    window.step();
}

const REFUSED: &str = "1 row cannot be saved";
const BEYOND: &str = "There are not 4 columns from here on";

#[test]
fn that_a_commit_was_refused_is_said_until_what_is_staged_changes() {
    let mut window = books(&shop());
    type_over(&mut window, "9.99", "a lot");
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait_for_text(&mut window, REFUSED);
    type_over(&mut window, "a lot", "10");
    wait_without_text(&mut window, REFUSED);
    press_with(&mut window, Modifiers::COMMAND, Key::Z);
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait_for_text(&mut window, REFUSED);
    press_with(&mut window, Modifiers::COMMAND, Key::Z);
    wait_without_text(&mut window, REFUSED);
}

#[test]
fn that_a_paste_is_impossible_is_said_until_one_is_not() {
    let mut window = books(&shop());
    click(&mut window, Role::Cell, "12.00");
    paste(&mut window, "1\t2\t3\t4\n");
    wait_for_text(&mut window, BEYOND);
    paste(&mut window, "1");
    wait_for_text(&mut window, "1 row changed");
    wait_without_text(&mut window, BEYOND);
}

#[test]
fn what_has_nothing_to_do_with_staged_cells_stays_said() {
    let mut window = books(&shop());
    click(&mut window, Role::Cell, "12.00");
    paste(&mut window, "1\t2\t3\t4\n");
    wait_for_text(&mut window, BEYOND);
    // Only moving on changes nothing.
    press(&mut window, Key::ArrowUp);
    press(&mut window, Key::ArrowLeft);
    wait_for_text(&mut window, BEYOND);
}
