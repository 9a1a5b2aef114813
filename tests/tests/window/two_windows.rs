//! Two people with a window each change the same row: what they did to different columns comes together, and of the
//! same column nobody's is written over unseen.

use integration_tests::client::{mariadb, psql, sqlite3};
use integration_tests::command::{Bindery, on_every_engine};
use integration_tests::window::{Display, Part, Spot, Window};

use super::open;

/// The title and the price of the first book, as the engine's own client reads them.
fn stored(bindery: &Bindery) -> String {
    let sql = "SELECT title, price FROM books WHERE id = 1";
    let rows = match bindery.engine {
        "SQLite" => sqlite3(&bindery.database, sql),
        "PostgreSQL" => psql(&bindery.database, sql),
        _ => mariadb(&bindery.database, sql),
    };
    rows.join("\n").replace(['|', '\t'], " ")
}

/// Adds a book and another.
fn add_books(bindery: &Bindery) {
    bindery.write("authors.csv", "name\nStanisław Lem\n");
    bindery.succeeds(&["import", "authors", "authors.csv"]);
    bindery.write(
        "books.csv",
        "title,author_id,price,in_print\nSolaris,1,9.00,true\nDune,1,8.00,true\n",
    );
    bindery.succeeds(&["import", "books", "books.csv"]);
}

/// Types over the title of the first book.
fn type_title(window: &mut Window<'_>, title: &str) {
    window.click(Spot::FirstRow, Part::Rows, "the cell");
    window.changes(Part::Rows, "the title that is staged", |window| {
        window.type_text(title);
        window.press("Return");
    });
}

fn save_until(window: &mut Window<'_>, bindery: &Bindery, expected: &str) {
    window.press("ctrl+s");
    window.wait(expected, |_| (stored(bindery) == expected).then_some(()));
}

#[test]
fn two_people_change_the_same_row_and_neither_is_written_over_unseen() {
    for bindery in on_every_engine() {
        add_books(&bindery);
        let (display, other_display) = (Display::start(), Display::start());
        let mut one = open(&display, &bindery);
        let mut other = open(&other_display, &bindery);
        // Different columns of the same row.
        type_title(&mut one, "Fiasco");
        other.click(Spot::FirstRow, Part::Rows, "the cell");
        other.changes(Part::Status, "the price that is staged", |window| {
            for _ in 0..4 {
                window.press("Right");
            }
            window.type_text("12.50");
            window.press("Return");
        });
        save_until(&mut one, &bindery, "Fiasco 900");
        // It is told that the row was changed, and what of it stands beside what is staged now.
        other.changes(Part::Status, "that others have changed it", |window| window.press("ctrl+s"));
        other.calm();
        assert_eq!(stored(&bindery), "Fiasco 900", "{}: it was seen by nobody", bindery.engine);
        save_until(&mut other, &bindery, "Fiasco 1250");
        // The same column: whoever is later is told.
        one.calm();
        one.press("F5");
        one.calm();
        type_title(&mut one, "Eden");
        other.calm();
        type_title(&mut other, "Katar");
        save_until(&mut one, &bindery, "Eden 1250");
        other.changes(Part::Status, "that others have changed it", |window| window.press("ctrl+s"));
        other.calm();
        assert_eq!(stored(&bindery), "Eden 1250", "{}: it was seen by nobody", bindery.engine);
        // Who has seen it may decide.
        other.press("ctrl+k");
        other.type_text("Keep my change");
        other.calm();
        other.press("Return");
        other.calm();
        save_until(&mut other, &bindery, "Katar 1250");
        other.calm();
        assert!(one.close().success());
        assert!(other.close().success(), "{}: nothing is left", bindery.engine);
    }
}
