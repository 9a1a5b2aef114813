//! Rows that are all in memory, without keys, in the same grid that entities have.

use admin_gui::grid::{
    Focus, GridEvent, GridView, ListedRows, NoOverlay, RowGrid, RowSource as _, SourceColumn,
};
use admin_gui::i18n::{Language, Texts};
use admin_gui::related::Previews;
use admin_gui::theme::install;
use admin_gui::{Extensions, Thumbnails};
use egui::accesskit::Role;
use egui::{Key, Modifiers, Ui};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use persistence::{ColumnType, Record, Value};

/// Seconds from one frame to the next, as on a usual screen.
const FRAME: f32 = 1.0 / 60.0;

/// A grid with nothing around it but what puts its rows in order.
struct Lines {
    grid: RowGrid<ListedRows>,
    texts: Texts,
    is_dressed: bool,
    /// What was asked for besides.
    events: Vec<GridEvent>,
}

type Window = Harness<'static, Lines>;

impl Lines {
    fn show(&mut self, ui: &mut Ui) {
        if !std::mem::replace(&mut self.is_dressed, true) {
            install(ui.ctx());
        }
        let events = GridView {
            grid: &mut self.grid,
            texts: &self.texts,
            title: "Lines",
            opened: None,
            previews: &Previews::default(),
            thumbnails: &Thumbnails::default(),
            extensions: &Extensions::default(),
            overlay: &NoOverlay,
            editor: None,
            cell_commands: &[],
            is_filtered: false,
            is_active: true,
            read: &mut |grid| assert!(grid.request().is_none(), "everything is there"),
        }
        .show(ui);
        for event in events {
            match event {
                GridEvent::Sort(column, how) => self.grid.sort(column, how),
                GridEvent::Order(order) => self.grid.set_order(order),
                event => self.events.push(event),
            }
        }
    }
}

/// Lines of a file: a word, which may be missing, and a number.
fn lines(rows: Vec<Record>) -> Window {
    let number = SourceColumn::new("number", ColumnType::Integer { bits: 64 });
    let columns = vec![SourceColumn::new("word", ColumnType::Text), number];
    let grid = RowGrid::from_source(ListedRows::new("lines", columns, rows));
    let texts = Texts::new(Language::English);
    let lines = Lines { grid, texts, is_dressed: false, events: Vec::new() };
    let builder =
        Harness::builder().with_size([640.0, 400.0]).with_step_dt(FRAME).with_max_steps(100);
    let mut window = builder.build_ui_state(|ui, lines: &mut Lines| lines.show(ui), lines);
    window.run();
    window
}

fn line(word: impl Into<Value>, number: i64) -> Record {
    Record(vec![word.into(), number.into()])
}

fn four() -> Window {
    lines(vec![line("pear", 3), line("apple", 20), line(Value::Null, 3), line("fig", 1)])
}

/// What stands in the first column, from top to bottom.
fn words(window: &Window) -> Vec<String> {
    let left = window.get_by_role_and_label(Role::ColumnHeader, "word").rect().left();
    let cells = window.query_all_by_role(Role::Cell);
    let mut cells: Vec<_> = cells
        .filter(|cell| (cell.rect().left() - left).abs() < 1.0)
        .filter_map(|cell| Some((cell.rect().top(), cell.accesskit_node().label()?)))
        .collect();
    cells.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    cells.into_iter().map(|(_, word)| word).collect()
}

fn click(window: &mut Window, role: Role, label: &str) {
    window.get_by_role_and_label(role, label).click();
    window.run();
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run();
}

/// The numbers of the selected rows, counted from 0 as they were given.
fn selected(window: &Window) -> Vec<usize> {
    let grid = &window.state().grid;
    let keys = (0..grid.extent().total).filter_map(|row| grid.source().key(row));
    keys.filter(|key| grid.selection.contains(key)).collect()
}

#[test]
fn all_rows_are_seen_with_their_columns() {
    let window = four();
    assert_eq!(words(&window), ["pear", "apple", "NULL", "fig"]);
    for title in ["word", "number"] {
        window.get_by_role_and_label(Role::ColumnHeader, title);
    }
    window.get_by_role_and_label(Role::Cell, "20");
    window.get_by_role_and_label(Role::Table, "Lines");
}

#[test]
fn a_header_sorts_ascending_then_descending_then_as_they_were_given() {
    let mut window = four();
    for expected in [
        ["NULL", "apple", "fig", "pear"],
        ["pear", "fig", "apple", "NULL"],
        ["pear", "apple", "NULL", "fig"],
    ] {
        click(&mut window, Role::ColumnHeader, "word");
        assert_eq!(words(&window), expected);
    }
}

#[test]
fn a_columns_menu_sorts_and_offers_nothing_that_needs_a_database() {
    let mut window = four();
    window.get_by_role_and_label(Role::ColumnHeader, "number").click_secondary();
    window.run();
    let offers =
        |window: &Window, label| window.query_by_role_and_label(Role::Button, label).is_some();
    assert!(offers(&window, "Freeze") && offers(&window, "Hide"));
    for label in ["Filter…", "Filter by value…", "Statistics"] {
        assert!(!offers(&window, label), "{label}");
    }
    click(&mut window, Role::Button, "Sort descending");
    assert_eq!(words(&window), ["apple", "pear", "NULL", "fig"]);
}

#[test]
fn keys_move_the_focused_cell_which_stays_with_its_row_when_rows_are_sorted() {
    let mut window = four();
    for key in [Key::ArrowDown, Key::ArrowDown, Key::ArrowRight] {
        press(&mut window, Modifiers::NONE, key);
    }
    assert_eq!(window.state().grid.focus(), Some(Focus { row: 1, column: 1 }));
    click(&mut window, Role::ColumnHeader, "number");
    assert_eq!(words(&window), ["fig", "pear", "NULL", "apple"]);
    assert_eq!(window.state().grid.focus(), Some(Focus { row: 3, column: 1 }));
    let focused = window.get_by_role_and_label(Role::Cell, "20");
    assert_eq!(focused.accesskit_node().is_selected(), Some(true));
}

#[test]
fn rows_are_selected_by_boxes_and_keys_and_stay_selected_when_they_are_sorted() {
    let mut window = four();
    click(&mut window, Role::CheckBox, "Select row 4");
    assert_eq!(selected(&window), [3]);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    press(&mut window, Modifiers::SHIFT, Key::ArrowDown);
    assert_eq!(selected(&window), [0, 1, 3]);
    click(&mut window, Role::ColumnHeader, "word");
    assert_eq!(selected(&window), [1, 3, 0]);
    click(&mut window, Role::CheckBox, "Select all rows");
    assert_eq!(window.state().grid.selected(), 4);
}

#[test]
fn a_hundred_thousand_rows_are_scrolled_to_the_last() {
    let numbered = |number: i64| line(format!("word {number}"), number);
    let mut window = lines((0..100_000).map(numbered).collect());
    press(&mut window, Modifiers::COMMAND, Key::End);
    assert_eq!(words(&window).last().map(String::as_str), Some("word 99999"));
    let seen = words(&window).len();
    assert!(seen < 30, "only what can be seen is drawn, and that were {seen} rows");
    press(&mut window, Modifiers::COMMAND, Key::Home);
    assert_eq!(words(&window).first().map(String::as_str), Some("word 0"));
}

#[test]
fn a_double_click_asks_for_the_cell_to_be_edited() {
    let mut window = four();
    for _ in 0..2 {
        window.get_by_role_and_label(Role::Cell, "fig").click();
        window.step();
    }
    window.run();
    assert_eq!(window.state().events, [GridEvent::Edit(None)]);
    assert_eq!(window.state().grid.focus(), Some(Focus { row: 3, column: 0 }));
}

#[test]
fn that_there_are_no_rows_is_said() {
    let window = lines(Vec::new());
    assert!(words(&window).is_empty());
    window.get_by_label("No rows yet");
}
