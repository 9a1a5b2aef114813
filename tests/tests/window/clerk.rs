//! Fifty prices are changed, as a clerk does it: by filling down, and by what a spreadsheet has copied.

use std::time::Instant;

use integration_tests::client::sqlite3;
use integration_tests::command::Bindery;
use integration_tests::window::{Display, Part, Spot, Window};

use super::{open, shop};

/// Books that get a price, and one more that gets none.
const PRICED: usize = 50;

fn books() -> Bindery {
    let titles: Vec<String> =
        (1..=PRICED + 1).map(|number| format!("Volume {number:02}")).collect();
    shop(&titles.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Goes to the price of the first book: the fourth column after the title.
fn to_first_price(window: &mut Window<'_>) {
    window.click(Spot::FirstRow, Part::Rows, "the cell");
    for _ in 0..4 {
        window.press("Right");
    }
    window.calm();
}

/// Saves, and waits for the prices as another program reads them; prints how long all took since it began.
fn save(
    window: &mut Window<'_>,
    bindery: &Bindery,
    expected: &[String],
    what: &str,
    began: Instant,
) {
    window.press("ctrl+s");
    window.wait("the prices in the database", |_| {
        let sql = "SELECT id, price, version FROM books ORDER BY id";
        (sqlite3(&bindery.database, sql) == expected).then_some(())
    });
    println!("{PRICED} prices {what}: {:.1} s", began.elapsed().as_secs_f64());
}

/// Rows as they are to be: with these prices, in hundredths, and the last as it was.
fn expected(price: impl Fn(usize) -> usize) -> Vec<String> {
    let priced = (1..=PRICED).map(|number| format!("{number}|{}|2", price(number)));
    priced.chain([format!("{}||1", PRICED + 1)]).collect()
}

#[test]
fn fifty_prices_are_filled_down_from_the_first() {
    let display = Display::start();
    let bindery = books();
    let mut window = open(&display, &bindery);
    to_first_price(&mut window);
    let began = Instant::now();
    window.type_text("12.50");
    window.press("Return");
    window.press("Up");
    let down = vec!["shift+Down"; PRICED - 1];
    display.xdotool(&[["key"].as_slice(), &down].concat());
    window.changes(Part::Status, "the prices that are staged", |window| {
        window.press("ctrl+shift+d");
    });
    save(&mut window, &bindery, &expected(|_| 1_250), "filled down", began);
    window.calm();
    assert!(window.close().success(), "nothing is left to be asked about");
}

#[test]
fn fifty_prices_of_a_spreadsheet_are_pasted() {
    let display = Display::start();
    let bindery = books();
    let mut window = open(&display, &bindery);
    to_first_price(&mut window);
    let prices: Vec<String> = (1..=PRICED).map(|number| format!("{number}.{number:02}")).collect();
    display.copy(&prices.join("\n"));
    let began = Instant::now();
    window.changes(Part::Status, "the prices that are staged", |window| window.press("ctrl+v"));
    save(&mut window, &bindery, &expected(|number| number * 101), "pasted", began);
    window.calm();
    assert!(window.close().success(), "nothing is left to be asked about");
}
