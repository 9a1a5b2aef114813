//! What stands on the screen has room there: nothing lies over anything else or outside the window,
//! and nothing moves or goes without need.

use crate::shop::{TITLES, books, headers, shop, titles};
use admin_gui::i18n::{Language, TextKey, Texts};
use admin_gui::settings::Settings;
use domain::{Author, Book, NewBook};
use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, Shape};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use persistence::{Entity as _, Repository};
use window_driver::{
    Window, click, click_with, has, open_record, press, press_with, wait, wait_for, wait_for_text,
    wait_without,
};

/// What says the order: as wide as what it says, in room of its own.
const ORDER: &str = "Back to the usual order";

/// What is above the rows and can be used: its name, and where it is.
fn controls_above_rows(window: &Window) -> Vec<(String, Rect)> {
    let header = window.query_all_by_role(Role::ColumnHeader).next().unwrap().rect();
    let roles = [Role::Button, Role::TextInput, Role::ComboBox];
    let nodes = roles.into_iter().flat_map(|role| window.query_all_by_role(role));
    let controls = nodes
        .map(|node| (node.accesskit_node().label().unwrap_or_default(), node.rect()))
        .filter(|(_, rect)| rect.center().y < header.top());
    controls.collect()
}

/// A text that is drawn.
#[derive(Debug)]
struct Drawn {
    text: String,
    area: Rect,
    is_cut: bool,
}

/// Every text that is drawn.
fn drawn(window: &Window) -> Vec<Drawn> {
    fn texts(shape: &Shape, found: &mut Vec<Drawn>) {
        match shape {
            Shape::Text(shape) => found.push(Drawn {
                text: shape.galley.text().to_owned(),
                area: shape.visual_bounding_rect(),
                is_cut: shape.galley.elided,
            }),
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| texts(shape, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for clipped in &window.output().shapes {
        texts(&clipped.shape, &mut found);
    }
    found
}

#[test]
fn what_is_connected_is_cut_before_it_lies_over_anything() {
    for language in [Language::English, Language::Russian] {
        for (size, zoom) in [([1380.0, 800.0], 1.0), ([900.0, 600.0], 1.0), ([900.0, 600.0], 2.0)] {
            let settings = Settings { language: Some(language), zoom, ..Settings::default() };
            let options = admin_gui::Options { settings, ..admin_gui::Options::default() };
            let mut window = window_driver::open(shop().catalog(), options, size);
            click(&mut window, Role::Button, &Texts::new(language).entity(Book::meta()));
            wait_for(&mut window, Role::Cell, TITLES[0]);
            let mut texts = drawn(&window);
            let button = texts.iter().find(|text| text.text == language.name()).unwrap();
            let middle = button.area.center().y;
            texts.retain(|text| (text.area.center().y - middle).abs() < 6.0);
            assert!(texts.len() > 3, "{language:?} {size:?} {zoom}: {texts:?}");
            for (place, one) in texts.iter().enumerate() {
                for other in &texts[place + 1..] {
                    let both = one.area.intersect(other.area);
                    assert!(!both.is_positive(), "{language:?} {size:?} {zoom}: {one:?} {other:?}");
                }
            }
        }
    }
}

#[test]
fn controls_lie_beside_each_other_in_small_and_in_enlarged_windows() {
    for language in [Language::English, Language::Russian] {
        let texts = Texts::new(language);
        let say = |key| texts.text(TextKey::new(key));
        for (size, zoom) in [([1380.0, 800.0], 1.0), ([900.0, 600.0], 1.0), ([1400.0, 900.0], 2.0)]
        {
            let settings = Settings { language: Some(language), zoom, ..Settings::default() };
            let options = admin_gui::Options { settings, ..admin_gui::Options::default() };
            let mut window = window_driver::open(shop().catalog(), options, size);
            click(&mut window, Role::Button, &texts.entity(Book::meta()));
            wait_for(&mut window, Role::Cell, TITLES[0]);
            for is_open in [false, true] {
                if is_open {
                    open_record(&mut window, TITLES[0]);
                    wait_for(&mut window, Role::Button, &say("form-save"));
                }
                // One more picture, in which everything has found its place.
                window.step();
                let screen = window.ctx.content_rect();
                let controls = controls_above_rows(&window);
                for name in ["command-new", "command-add-filter", "command-filter"] {
                    let name = say(name);
                    assert!(controls.iter().any(|(other, _)| *other == name), "{name}");
                }
                for (place, (name, rect)) in controls.iter().enumerate() {
                    let place_of = format!("{name} at {rect:?} of {screen:?}, {size:?} × {zoom}");
                    assert!(screen.expand(0.5).contains_rect(*rect), "outside: {place_of}");
                    for (other, under) in &controls[place + 1..] {
                        let is_over = rect.shrink(1.0).intersects(under.shrink(1.0));
                        assert!(!is_over, "{other} at {under:?} lies over {place_of}");
                    }
                }
            }
        }
    }
}

#[test]
fn controls_stay_where_they_are_when_rows_are_sorted() {
    let mut window = books(&shop());
    let before = controls_above_rows(&window);
    click(&mut window, Role::ColumnHeader, "Title");
    wait(&mut window, "another order", |window| titles(window)[0] == TITLES[1]);
    click_with(&mut window, Role::ColumnHeader, "Price", Modifiers::SHIFT);
    window.step();
    let places = |controls: Vec<(String, Rect)>| -> Vec<(String, Rect)> {
        controls.into_iter().filter(|(name, _)| name != ORDER).collect()
    };
    assert_eq!(places(controls_above_rows(&window)), places(before));
}

#[test]
fn a_menus_button_leaves_what_rows_are_sorted_by_in_sight() {
    let mut window = books(&shop());
    click(&mut window, Role::ColumnHeader, "In print");
    click_with(&mut window, Role::ColumnHeader, "Title", Modifiers::SHIFT);
    click_with(&mut window, Role::ColumnHeader, "Price", Modifiers::SHIFT);
    for (column, number) in [("Title", " 2"), ("Price", " 3")] {
        window.get_by_role_and_label(Role::ColumnHeader, column).hover();
        window.step();
        window.step();
        let header = window.get_by_role_and_label(Role::ColumnHeader, column).rect();
        let button =
            window.get_by_role_and_label(Role::Button, &format!("Menu of {column}")).rect();
        let marks = drawn(&window).into_iter().filter(|drawn| {
            header.contains_rect(drawn.area)
                && (drawn.text.ends_with(number) || drawn.text == column)
        });
        let marks: Vec<_> = marks.collect();
        assert_eq!(marks.len(), 2, "the title and its number: {marks:?}");
        for mark in marks {
            assert!(!mark.area.intersects(button), "{mark:?} is beneath {button:?}");
        }
    }
}

#[test]
fn what_names_rows_is_whole_while_there_is_room() {
    let mut shop = shop();
    let author = Repository::<Author>::find(&mut shop, &1).unwrap().unwrap();
    let long = "The Hitchhiker's Guide to the Galaxy, told once more";
    let book = NewBook {
        title: long.to_owned(),
        author: (&author).into(),
        isbn: None,
        published_on: None,
        price: None,
        in_print: true,
    };
    Repository::<Book>::insert(&mut shop, book).unwrap();
    shop.commit().unwrap();
    let mut window = books(&shop);
    wait_for(&mut window, Role::Cell, long);
    let cell = window.get_by_role_and_label(Role::Cell, long).rect();
    let title = drawn(&window).into_iter().find(|drawn| cell.contains(drawn.area.center()));
    assert!(title.is_some_and(|title| title.text == long && !title.is_cut));
    let ends = window.query_all_by_role(Role::ColumnHeader).map(|header| header.rect().right());
    assert!(ends.fold(0.0, f32::max) <= window.ctx.content_rect().right());
}

#[test]
fn a_click_alone_hides_no_part_of_the_rows() {
    let mut window = books(&shop());
    let columns = |window: &Window| -> Vec<Rect> {
        window.query_all_by_role(Role::ColumnHeader).map(|header| header.rect()).collect()
    };
    let (before, names) = (columns(&window), headers(&window));
    click(&mut window, Role::Cell, TITLES[1]);
    for _ in 0..20 {
        window.step();
    }
    assert!(!has(&window, Role::Button, "Save"), "no record is open");
    assert_eq!((columns(&window), headers(&window)), (before, names));
    // Keys open what was clicked; from then on a click shows another record.
    press(&mut window, Key::F4);
    wait_for_text(&mut window, "Books / 2");
    click(&mut window, Role::Cell, TITLES[3]);
    wait_for_text(&mut window, "Books / 4");
    press(&mut window, Key::Escape);
    wait_without(&mut window, Role::Button, "Save");
}

#[test]
fn a_record_is_opened_with_the_pointer_as_well() {
    let mut window = books(&shop());
    click(&mut window, Role::Cell, TITLES[1]);
    // What is at the end of its name.
    click(&mut window, Role::Button, "Open record 2");
    wait_for_text(&mut window, "Books / 2");
    press(&mut window, Key::Escape);
    wait_without(&mut window, Role::Button, "Save");
}

#[test]
fn a_double_click_edits_a_cell_where_it_stands() {
    let mut window = books(&shop());
    let cell = window.get_by_role_and_label(Role::Cell, TITLES[1]).rect().center();
    window.hover_at(cell);
    // A second has passed since the last click: these are two clicks, not the last of three.
    for _ in 0..60 {
        window.step();
    }
    for pressed in [true, false, true, false] {
        window.event(egui::Event::PointerButton {
            pos: cell,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        window.step();
    }
    let mut field = wait_for_editor(&mut window, "Title");
    assert!(field.contains(cell), "{field:?} stands where the cell does");
    // It is as high as the row.
    field = field.intersect(window.get_by_role_and_label(Role::Cell, TITLES[1]).rect());
    assert!(field.height() > 20.0, "{field:?}");
    press(&mut window, Key::Escape);
    wait_without(&mut window, Role::TextInput, "Title");
}

/// Draws until a cell is being edited; returns where.
fn wait_for_editor(window: &mut Window, column: &str) -> Rect {
    wait_for(window, Role::TextInput, column);
    window.get_by_role_and_label(Role::TextInput, column).rect()
}

#[test]
fn the_frame_around_what_is_staged_touches_no_edge() {
    let mut window = books(&shop());
    click(&mut window, Role::Cell, "9.99");
    window.event(egui::Event::Text("10".to_owned()));
    window.step();
    press(&mut window, Key::Enter);
    wait_for_text(&mut window, "1 row changed");
    let button = window.get_by_role_and_label(Role::Button, "Commit").rect();
    let frames = window.output().shapes.iter().filter_map(|clipped| match &clipped.shape {
        Shape::Rect(frame) if frame.rect.contains_rect(button.expand(2.0)) => Some(frame.rect),
        _ => None,
    });
    let smallest = frames.min_by(|one, other| one.area().total_cmp(&other.area())).unwrap();
    // What lies around that is the bar itself.
    assert!(smallest.height() < 30.0, "{smallest:?}");
    let bottom = window.ctx.content_rect().bottom();
    assert!(smallest.bottom() <= bottom - 2.0, "{smallest:?} ends at {bottom}");
    assert!(smallest.top() >= bottom - 28.0, "{smallest:?} begins above its bar");
}

#[test]
fn the_box_that_goes_anywhere_opens_where_it_stands() {
    let mut window = books(&shop());
    let closed = window.get_by_role_and_label(Role::Button, "Go to …").rect();
    press_with(&mut window, Modifiers::COMMAND, Key::K);
    wait_for(&mut window, Role::TextInput, "Go to …");
    let open = window.get_by_role_and_label(Role::TextInput, "Go to …").rect();
    assert!((open.min - closed.min).length() < 6.0, "{closed:?} opens at {open:?}");
    assert!(open.width() >= closed.width() - 6.0, "{closed:?} opens as {open:?}");
}
