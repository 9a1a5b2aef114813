//! Long values: listed by their beginnings, read whole wherever they are more than looked at.

use std::time::{Duration, Instant};

use admin_gui::i18n::Language;
use admin_gui::jobs::{Jobs, Queue, Task, Topic};
use admin_gui::tasks::{Cell, ImagePlace, ImageScale, ListedRow, ReadImages, ReadRows, Rows};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, OutputCommand};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT, Queryable};
use persistence::{Entity, Length, Memory, PageStart, Query, RecordKey, Repository, Value};
use window_driver::{
    Window, click, has, open, open_record, press, press_with, speaking, type_into, wait,
    wait_for_text,
};

mod schema {
    diesel::table! {
        scans (id) {
            id -> BigInt,
            title -> Text,
            version -> Integer,
            body -> Nullable<Text>,
            image -> Binary,
        }
    }
}

/// A scanned document.
#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::scans)]
struct Scan {
    #[entity(key, generated)]
    id: i64,
    #[entity(label)]
    title: String,
    #[entity(version)]
    version: i32,
    body: Option<String>,
    image: Vec<u8>,
}

/// How long to wait for what must happen.
const DEADLINE: Duration = Duration::from_secs(20);

const MEGABYTES: usize = 5_000_000;

/// A text of five megabytes that ends unlike it begins.
fn novel() -> String {
    let mut novel = "It was a dark and stormy night. ".repeat(MEGABYTES / 32);
    novel.push_str("The end.");
    novel
}

/// Five megabytes that begin as an image does.
fn picture() -> Vec<u8> {
    let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
    picture.resize(MEGABYTES, 7);
    picture
}

fn scan(title: &str, body: &str) -> NewScan {
    NewScan { title: title.to_owned(), body: Some(body.to_owned()), image: vec![1, 2, 3] }
}

/// A long scan, and what else is wanted.
fn library(others: Vec<NewScan>) -> Memory {
    let mut library = Memory::new().with::<Scan>();
    let long = NewScan { image: picture(), ..scan("Paul Clifford", &novel()) };
    let mut scans = vec![long];
    scans.extend(others);
    Repository::<Scan>::insert_many(&mut library, scans).unwrap();
    library.commit().unwrap();
    library
}

fn find(library: &Memory, id: i64) -> Option<Scan> {
    library.transaction(|session| Repository::<Scan>::find(session, &id)).unwrap()
}

fn stored(library: &Memory, id: i64) -> Scan {
    find(library, id).unwrap()
}

/// What a task finds.
#[track_caller]
fn found<T: Task>(library: &Memory, task: T) -> T::Output {
    let mut jobs = Jobs::<()>::start(&library.catalog(), || {}).unwrap();
    let lane = Topic::new("asked", Queue::Rows).only();
    let ticket = jobs.ask(lane, task, |(), _, _| {});
    let (outcome, _) = jobs.wait(&ticket, Instant::now() + DEADLINE).expect("no answer came");
    outcome.unwrap()
}

fn listed(library: &Memory) -> Rows {
    let (query, start) = (<Query>::new(), PageStart::First);
    found(library, ReadRows { table: "scans", query, start, size: 10 })
}

/// A window that lists the scans.
fn scans(library: &Memory) -> Window {
    let mut window = open(library.catalog(), speaking(Language::English), [1380.0, 800.0]);
    wait_for_text(&mut window, "Scans");
    click(&mut window, Role::Button, "Scans");
    wait(&mut window, "the scans", |window| has(window, Role::Cell, "Paul Clifford"));
    window
}

fn cells(window: &Window) -> Vec<String> {
    let cells = window.query_all_by_role(Role::Cell);
    cells.filter_map(|cell| cell.accesskit_node().label()).collect()
}

/// Copies as the window system asks for it; returns what is on the clipboard then.
#[track_caller]
fn copied(window: &mut Window) -> String {
    let text = |window: &Window| {
        window.output().platform_output.commands.iter().find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    };
    window.input_mut().events.push(Event::Copy);
    let deadline = Instant::now() + DEADLINE;
    loop {
        window.step();
        if let Some(text) = text(window) {
            return text;
        }
        assert!(Instant::now() < deadline, "nothing was copied");
        std::thread::yield_now();
    }
}

/// Opens the record of the long scan.
#[track_caller]
fn open_long(window: &mut Window) {
    open_record(window, "Paul Clifford");
    wait(window, "the record", |window| has(window, Role::TextInput, "Title"));
}

/// Types another title into the record, and saves it.
#[track_caller]
fn rename(window: &mut Window, title: &str) {
    window.get_by_role_and_label(Role::TextInput, "Title").focus();
    window.step();
    press_with(window, Modifiers::COMMAND, Key::A);
    type_into(window, "Title", title);
    press_with(window, Modifiers::COMMAND, Key::S);
}

/// Types another text in the place of the long one.
#[track_caller]
fn replace_body(window: &mut Window, text: &str) {
    click(window, Role::Button, "Replace Body");
    let body = |window: &Window| {
        let field = window.query_by_role_and_label(Role::MultilineTextInput, "Body");
        field.is_some_and(|field| field.is_focused())
    };
    wait(window, "the field", body);
    window.get_by_role_and_label(Role::MultilineTextInput, "Body").type_text(text);
    window.step();
}

#[test]
fn rows_with_long_values_are_listed_without_reading_these() {
    let library = library(vec![scan("Eugene Aram", "A short text")]);
    let Rows { rows, .. } = listed(&library);
    let size = |row: &ListedRow| {
        let sizes = (0..Scan::meta().columns.len()).map(|column| match row.cell(column).start() {
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            _ => 8,
        });
        sizes.sum::<usize>()
    };
    assert!(rows.iter().map(size).sum::<usize>() < 4_000, "{rows:?}");

    let length = |column: usize| match rows[0].cell(column) {
        Cell::Cut { length, .. } => length,
        Cell::Whole(value) => panic!("{value} is whole"),
    };
    let (body, image) = (Scan::BODY.position(), Scan::IMAGE.position());
    let of_body = Length { bytes: novel().len() as u64, characters: None };
    assert_eq!(length(body), of_body);
    assert_eq!(length(image), Length { bytes: MEGABYTES as u64, characters: None });
    // What is cut cannot be taken for the value, nor its row for the row.
    assert_eq!((rows[0].value(body), rows[0].whole()), (None, None));
    assert_eq!(rows[0].value(Scan::TITLE.position()), Some(&Value::from("Paul Clifford")));
    assert!(rows[1].whole().is_some());
}

#[test]
fn a_value_that_just_fits_is_whole() {
    let fits = "ж".repeat(1_000);
    let library = library(vec![scan("Fits", &fits), scan("Does not", &format!("{fits}!"))]);
    let rows = listed(&library).rows;
    let body = Scan::BODY.position();
    assert_eq!(rows[1].value(body), Some(&Value::from(fits.as_str())));
    assert_eq!(rows[1].whole().map(|row| row.value(body)), Some(&Value::from(fits)));
    let length = Length { bytes: 2_001, characters: Some(1_001) };
    assert!(matches!(rows[2].cell(body), Cell::Cut { length: found, .. } if found == length));
}

#[test]
fn a_long_value_shows_how_it_begins_what_it_is_and_how_long() {
    let window = scans(&library(vec![scan("Eugene Aram", &"Long ".repeat(400))]));
    let cells = cells(&window);
    let cell = |end: &str| cells.iter().find(|cell| cell.ends_with(end)).unwrap();
    assert!(cell("… · 5.0 MB").starts_with("It was a dark and stormy night. It was"));
    assert!(cell("… · 2\u{a0}000 characters").starts_with("Long Long"));
    assert!(cells.contains(&"PNG image, 5.0 MB".to_owned()), "{cells:?}");
    assert!(cells.contains(&"3 bytes".to_owned()), "{cells:?}");
    assert!(cells.iter().all(|cell| cell.len() < 500));
}

#[test]
fn a_record_with_long_values_is_saved_with_all_of_them() {
    let library = library(Vec::new());
    let mut window = scans(&library);
    open_long(&mut window);
    wait_for_text(&mut window, "5.0 MB");
    assert!(has(&window, Role::Button, "Replace Body"));
    rename(&mut window, "Paul Clifford, a novel");
    wait(&mut window, "it to be saved", |_| stored(&library, 1).title.ends_with("novel"));
    let scan = stored(&library, 1);
    assert!(scan.body == Some(novel()) && scan.image == picture(), "a value was cut");
}

#[test]
fn a_long_value_can_be_replaced_and_taken_back() {
    let library = library(Vec::new());
    let mut window = scans(&library);
    open_long(&mut window);
    replace_body(&mut window, "Forget it.");
    click(&mut window, Role::Button, "Undo Body");
    wait(&mut window, "the text as it was", |window| has(window, Role::Button, "Replace Body"));
    replace_body(&mut window, "A short story.");
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait(&mut window, "it to be saved", |_| stored(&library, 1).version == 2);
    let scan = stored(&library, 1);
    assert_eq!(scan.body.as_deref(), Some("A short story."));
    assert!(scan.image == picture(), "another value was cut");
}

#[test]
fn a_copy_of_a_record_has_its_long_values() {
    let library = library(Vec::new());
    let mut window = scans(&library);
    open_long(&mut window);
    click(&mut window, Role::Button, "Copy to a new record");
    wait_for_text(&mut window, "New: Scan");
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait(&mut window, "the copy", |_| find(&library, 2).is_some());
    let copy = stored(&library, 2);
    assert!(copy.body == Some(novel()) && copy.image == picture(), "a value was cut");
}

#[test]
fn what_is_copied_is_whole() {
    let mut window = scans(&library(Vec::new()));
    let begins = cells(&window).into_iter().find(|cell| cell.starts_with("It was")).unwrap();
    open_record(&mut window, &begins);
    wait(&mut window, "the record", |window| has(window, Role::TextInput, "Title"));
    assert!(copied(&mut window) == novel(), "the cell was cut");
    press(&mut window, Key::Space);
    wait_for_text(&mut window, "1 row selected");
    let row = copied(&mut window);
    assert!(row.contains(&novel()), "the text of the row was cut");
    assert!(row.len() > novel().len() + 2 * MEGABYTES, "the image of the row was cut");
}

#[test]
fn what_somebody_else_changed_beyond_what_is_listed_is_a_conflict_and_is_kept() {
    let library = library(Vec::new());
    let mut window = scans(&library);
    open_long(&mut window);
    // Only the end is another.
    let theirs = novel().replace("The end.", "To be continued.");
    let base = stored(&library, 1);
    let changed = Scan { body: Some(theirs.clone()), ..base.clone() };
    library.transaction(|session| session.update_from(&base, changed.clone())).unwrap();
    rename(&mut window, "Mine");
    wait_for_text(&mut window, "Taken over from them: Body");
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait(&mut window, "it to be saved", |_| stored(&library, 1).title == "Mine");
    assert!(stored(&library, 1).body == Some(theirs), "their text was lost");
}

#[test]
fn rows_are_filtered_by_all_of_a_long_value() {
    let begins = "Alike ".repeat(300);
    let others = ["one", "two"].map(|end| scan(end, &format!("{begins}{end}")));
    let mut window = scans(&library(others.to_vec()));
    let bodies =
        |window: &Window| cells(window).iter().filter(|cell| cell.starts_with("Alike")).count();
    assert_eq!(bodies(&window), 2);
    let row_one = window.get_by_role_and_label(Role::Cell, "one").rect().center();
    let alike = |cell: &Node<'_>| {
        let label = cell.accesskit_node().label().unwrap_or_default();
        label.starts_with("Alike") && cell.rect().y_range().contains(row_one.y)
    };
    window.get_all_by_role(Role::Cell).find(alike).unwrap().click_secondary();
    wait(&mut window, "the menu", |window| has(window, Role::Button, "Filter by this value"));
    click(&mut window, Role::Button, "Filter by this value");
    wait(&mut window, "one row", |window| bodies(window) == 1);
    assert!(has(&window, Role::Cell, "one"));
}

#[test]
fn nobody_filters_by_five_megabytes() {
    let mut window = scans(&library(Vec::new()));
    let novel = cells(&window).into_iter().find(|cell| cell.starts_with("It was")).unwrap();
    window.get_by_role_and_label(Role::Cell, &novel).click_secondary();
    wait(&mut window, "the menu", |window| has(window, Role::Button, "Filter by this value"));
    click(&mut window, Role::Button, "Filter by this value");
    wait_for_text(&mut window, "A value of 5.0 MB is too long to filter by");
}

/// A picture of so many pixels a side.
fn png(side: u32) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let shade = |place: u32| u8::try_from(place % 256).unwrap();
    let pixels = image::RgbImage::from_fn(side, side, |x, y| image::Rgb([shade(x), shade(y), 90]));
    pixels.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

#[test]
fn images_are_read_and_made_small_apart_from_the_rows() {
    let broken = png(300)[..2_000].to_vec();
    let images = [png(300), broken, b"no image".to_vec()];
    let others = images.map(|image| NewScan { image, ..scan("An image", "") });
    let library = library(others.to_vec());
    let place = |id: i64| ImagePlace {
        table: "scans",
        key: RecordKey::from(id),
        column: Scan::IMAGE.position(),
        bytes: 1_000,
        scale: ImageScale::Line,
    };
    // The first is too long to be read for that, the last is gone.
    let found = found(&library, ReadImages((1..=5).map(place).collect()));
    let sizes: Vec<_> = found.iter().map(|(_, image)| image.as_ref().map(|i| i.size)).collect();
    assert_eq!(sizes, [None, Some([64, 64]), None, None, None]);
}

#[test]
fn a_record_shows_the_image_that_it_holds() {
    let library = library(vec![NewScan { image: png(300), ..scan("An image", "") }]);
    let mut window = scans(&library);
    open_record(&mut window, "An image");
    wait(&mut window, "the image", |window| has(window, Role::Image, "Image"));
    rename(&mut window, "The same image");
    wait(&mut window, "it to be saved", |_| stored(&library, 2).title == "The same image");
    assert!(stored(&library, 2).image == png(300), "the image was cut");
}
