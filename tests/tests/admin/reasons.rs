//! What is said of values that cannot be right.

use crate::shop::{books, shop, window};
use admin_gui::i18n::Language;
use domain::Book;
use egui::accesskit::Role;
use egui::{Event, Key};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use persistence::Entity as _;
use window_driver::{Window, click, press, wait};

/// Types into the cell with this content, and waits until the cell says why that cannot be right.
#[track_caller]
fn check(window: &mut Window, cell: &str, typed: &str, reason: &str) {
    click(window, Role::Cell, cell);
    window.event(Event::Text(typed.to_owned()));
    window.step();
    window.step();
    press(window, Key::Enter);
    wait(window, &format!("{typed}: {reason}"), |window| {
        let cell = window.query_by_role_and_label(Role::Cell, typed);
        let remark = cell.and_then(|cell| cell.accesskit_node().description());
        remark.is_some_and(|remark| remark.replace('\u{a0}', " ").contains(reason))
    });
}

#[test]
fn days_that_there_are_not_are_named() {
    let mut window = books(&shop());
    check(&mut window, "1961-06-01", "2026-13-01", "there is no month 13");
    check(&mut window, "1965-06-01", "2026-02-31", "2026-02 has only 28 days");
    check(&mut window, "1967-06-01", "soon", "should be a date like 2024-12-31");
}

#[test]
fn days_that_there_are_not_are_named_in_russian() {
    let mut window = window(&shop(), Language::Russian);
    click(
        &mut window,
        Role::Button,
        &admin_gui::i18n::Texts::new(Language::Russian).entity(Book::meta()),
    );
    check(&mut window, "1961-06-01", "31.02.2026", "в 02.2026 только 28");
    check(&mut window, "1965-06-01", "01.13.2026", "месяца 13 нет");
}

#[test]
fn numbers_that_have_no_room_are_told_their_limit() {
    let mut window = books(&shop());
    let forty = "1234567890123456789012345678901234567890";
    check(&mut window, "11.40", forty, "too large: at most 92 233 720 368 547 758.07");
    let negative = format!("-{forty}");
    check(&mut window, "9.99", &negative, "too small: at least -92 233 720 368 547 758.08");
    check(&mut window, "12.00", "1.234", "at most 2 decimal places");
}
