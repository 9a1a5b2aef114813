//! A program that copies cells as spreadsheets do, as a table and as a text: `copier TABLE TEXT`. It has them on
//! the clipboard until it is ended, and says so once they are there.

use std::time::Duration;

use anyhow::Context as _;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let table = arguments.next().context("which table?")?;
    let text = arguments.next().context("which text?")?;
    let mut clipboard = arboard::Clipboard::new()?;
    clipboard.set().html(table, Some(text))?;
    println!("copied");
    loop {
        std::thread::sleep(Duration::from_mins(1));
    }
}
