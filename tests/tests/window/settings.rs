//! Two windows, one file of settings.

use integration_tests::window::{Display, Part, Spot, Window};

use super::{open, shop};

/// Saves what is shown as a view of that name.
fn save_view(window: &mut Window<'_>, name: &str) {
    window.changes(Part::Navigation, "the question for a name", |window| {
        window.press("ctrl+shift+s");
    });
    window.type_over(name);
    window.changes(Part::Navigation, "the view", |window| window.press("Return"));
}

#[test]
fn views_that_two_programs_save_are_both_kept() {
    let bindery = shop(&["Solaris", "Fiasco"]);
    // Each on a display of its own, so that the keyboard is nobody else's.
    let (one, other) = (Display::start(), Display::start());
    let mut first = open(&one, &bindery);
    let mut second = open(&other, &bindery);
    save_view(&mut first, "by the first");
    save_view(&mut second, "by the second");
    save_view(&mut first, "another by the first");
    // What one does later does not undo what the other has done.
    second.click(Spot::FirstRow, Part::Rows, "the cell");
    assert!(first.close().success());
    assert!(second.close().success());
    let settings = bindery.read("settings/settings.json");
    for name in ["by the first", "by the second", "another by the first"] {
        let entry = format!("\"name\": \"{name}\"");
        assert_eq!(settings.matches(&entry).count(), 1, "{name}: {settings}");
    }
}
