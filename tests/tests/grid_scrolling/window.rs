//! The admin's window, used by its accessible names, and what it shows.

use std::time::{Duration, Instant};

use admin_gui::i18n::Language;
use admin_gui::settings::Settings;
use admin_gui::{AdminApp, Options};
use egui::accesskit::{Role, SortDirection};
use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, Rect, TouchPhase, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use proptest::test_runner::TestCaseError;

use crate::items::Items;

/// How long to wait for what must happen.
const DEADLINE: Duration = Duration::from_secs(20);

/// Frames in which a gesture ends: a wheel's turn is spread over some.
const GESTURE: usize = 8;

/// Half the width of the scroll bar.
const BAR: f32 = 5.0;

/// The window, and which rows it should show.
pub struct Window {
    harness: Harness<'static, AdminApp>,
    /// The filter, as SQL.
    condition: &'static str,
    /// The row that must be on the screen next.
    wanted: Option<u64>,
}

/// A row on the screen.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    /// Its number; the first is 0.
    index: u64,
    /// What its cells say.
    cells: Vec<String>,
    rect: Rect,
}

impl Window {
    /// Opens it.
    pub fn open(items: &Items) -> Self {
        let catalog = items.catalog();
        let settings = Settings { language: Some(Language::English), ..Settings::default() };
        let options = Options { settings, ..Options::default() };
        let harness =
            Harness::builder().with_size(vec2(1_200.0, 700.0)).build_eframe(move |creation| {
                AdminApp::new(&creation.egui_ctx, catalog, options).expect("threads can be started")
            });
        Self { harness, condition: "1", wanted: None }
    }

    /// Waits until the rows on the screen are those that SQL says.
    pub fn shows_what_sql_says(&mut self, items: &Items) -> Result<(), TestCaseError> {
        let deadline = Instant::now() + DEADLINE;
        let (mut order, mut expected) = (String::new(), Vec::new());
        loop {
            self.harness.step();
            if order != self.order() {
                order = self.order();
                expected = items.ids(self.condition, &order);
            }
            let Some(problem) = self.problem(&expected) else {
                self.wanted = None;
                return Ok(());
            };
            if Instant::now() > deadline {
                let condition = self.condition;
                return Err(TestCaseError::fail(format!(
                    "{problem}; of {} rows WHERE {condition} ORDER BY {order}",
                    expected.len()
                )));
            }
            std::thread::yield_now();
        }
    }

    /// In what the screen differs from these rows.
    fn problem(&self, expected: &[i64]) -> Option<String> {
        let table = self.table()?;
        let count = table.1;
        if count != Some(expected.len()) {
            return Some(format!("{count:?} rows are said to be there"));
        }
        let rows = self.rows();
        for (place, row) in rows.iter().enumerate() {
            if row.index != rows.first()?.index + place as u64 {
                return Some(format!("row {} stands at place {place} of {rows:?}", row.index));
            }
            let wanted = usize::try_from(row.index).ok().and_then(|index| expected.get(index));
            let id = row.cells.first().and_then(|cell| cell.parse::<i64>().ok());
            if id.as_ref() != wanted {
                let index = row.index;
                return Some(format!("row {index} is {:?} instead of {wanted:?}", row.cells));
            }
        }
        if let Some(wanted) = self.wanted
            && !rows.iter().any(|row| row.index == wanted)
        {
            return Some(format!("row {wanted} was wanted and is not on the screen"));
        }
        // No hole above the first or below the last.
        let last = rows.last().map_or(0, |row| row.index + 1);
        let height = rows.first().map_or(1.0, |row| row.rect.height());
        let body = table.0.height() - 2.0 * height - 4.0 * BAR;
        let room = f64::from((body / height).floor());
        if (rows.len() as f64) < room.min(expected.len() as f64) {
            return Some(format!("only {} rows up to {last}, room for {room}", rows.len()));
        }
        None
    }

    /// Where the table is, and how many rows it says it has.
    fn table(&self) -> Option<(Rect, Option<usize>)> {
        let table = self.harness.query_all_by_role(Role::Table).next()?;
        Some((table.rect(), table.accesskit_node().data().row_count()))
    }

    /// The rows on the screen, from the top.
    fn rows(&self) -> Vec<Row> {
        let rows = self.harness.query_all_by_role(Role::Row).filter_map(|row| {
            let index = row.accesskit_node().data().row_index()?;
            let cells = row
                .children_recursive()
                .filter(|node| node.accesskit_node().role() == Role::Cell)
                .filter_map(|cell| cell.accesskit_node().label());
            Some(Row { index: index as u64, cells: cells.collect(), rect: row.rect() })
        });
        let mut rows: Vec<Row> = rows.collect();
        rows.sort_by_key(|row| row.index);
        rows
    }

    /// The order that the headers show, as SQL.
    fn order(&self) -> String {
        let sorted = self.harness.query_all_by_role(Role::ColumnHeader).find_map(|header| {
            let node = header.accesskit_node();
            let direction = match node.data().sort_direction()? {
                SortDirection::Descending => "DESC",
                _ => "ASC",
            };
            Some((node.label()?, direction))
        });
        match sorted {
            Some((column, direction)) => format!("{column} {direction}, id {direction}"),
            None => "id".to_owned(),
        }
    }

    fn body(&self) -> Rect {
        self.table().map_or(Rect::NOTHING, |(rect, _)| rect)
    }

    fn settle(&mut self) {
        for _ in 0..GESTURE {
            self.harness.step();
        }
    }

    /// Turns the wheel over the rows.
    pub fn wheel(&mut self, points: f32) {
        self.harness.event(Event::PointerMoved(self.body().center()));
        self.harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, points),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        });
        self.settle();
    }

    /// Drags the scroll bar's handle from where it is taken to a share of the bar.
    pub fn drag_to(&mut self, share: f32) {
        let body = self.body();
        let at = |share: f32| {
            let top = body.top() + 40.0;
            Pos2::new(body.right() - BAR, top + (body.bottom() - 20.0 - top) * share)
        };
        self.harness.hover_at(at(0.5));
        self.harness.drag_at(at(0.5));
        self.harness.step();
        for part in [0.25, 0.5, 0.75, 1.0] {
            self.harness.hover_at(at(0.5 + (share - 0.5) * part));
            self.harness.step();
        }
        self.harness.drop_at(at(share));
        self.settle();
    }

    /// Presses a key.
    pub fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.step();
    }

    /// Goes to a row by its number, that share of all rows.
    pub fn go_to_row(&mut self, items: &Items, share: f64) -> Result<(), TestCaseError> {
        let count = items.ids(self.condition, "id").len();
        // The first row that lies beyond that share.
        let is_beyond = |row: &usize| *row as f64 >= count as f64 * share;
        let Some(row) = (0..count).find(is_beyond).or(count.checked_sub(1)) else {
            return Ok(());
        };
        let row = row as u64;
        self.press(Modifiers::COMMAND, Key::G);
        self.wait("the box for the row's number", |harness| {
            let field = harness.query_by_role_and_label(Role::TextInput, "Go to row …");
            field.is_some_and(|field| field.is_focused())
        })?;
        let field = self.harness.get_by_role_and_label(Role::TextInput, "Go to row …");
        field.type_text(&(row + 1).to_string());
        self.harness.step();
        self.press(Modifiers::NONE, Key::Enter);
        self.settle();
        self.wanted = Some(row);
        Ok(())
    }

    /// Makes the window another size.
    pub fn resize(&mut self, width: f32, height: f32) {
        self.harness.set_size(vec2(width, height));
        self.settle();
    }

    /// Clicks a column's header.
    pub fn sort(&mut self, column: &str) {
        let header = self.harness.query_all_by_role_and_label(Role::ColumnHeader, column).next();
        if let Some(header) = header {
            header.click();
        }
        self.settle();
    }

    /// Types a filter over the one there is.
    pub fn filter(&mut self, typed: &str, condition: &'static str) -> Result<(), TestCaseError> {
        self.press(Modifiers::COMMAND, Key::F);
        self.wait("the filter's focus", |harness| {
            let field = harness.query_by_role_and_label(Role::TextInput, "Filter");
            field.is_some_and(|field| field.is_focused())
        })?;
        self.press(Modifiers::COMMAND, Key::A);
        if typed.is_empty() {
            self.press(Modifiers::NONE, Key::Delete);
        } else {
            self.harness.get_by_role_and_label(Role::TextInput, "Filter").type_text(typed);
        }
        self.harness.step();
        self.press(Modifiers::NONE, Key::Enter);
        self.settle();
        self.condition = condition;
        Ok(())
    }

    /// Adds a row by the form, which is closed again.
    pub fn insert(&mut self, items: &Items) -> Result<(), TestCaseError> {
        let before = items.ids("1", "id").len();
        self.press(Modifiers::COMMAND, Key::N);
        self.wait("the new row below the others", |harness| {
            harness.query_by_role_and_label(Role::Cell, "auto").is_some()
        })?;
        self.press(Modifiers::NONE, Key::F4);
        self.wait("the form", |harness| {
            harness.query_by_role_and_label(Role::TextInput, "Name").is_some()
        })?;
        self.harness.get_by_role_and_label(Role::TextInput, "Name").focus();
        self.harness.step();
        self.harness.get_by_role_and_label(Role::TextInput, "Name").type_text("new 7");
        self.harness.step();
        self.press(Modifiers::COMMAND, Key::S);
        self.wait("the new row", |_| items.ids("1", "id").len() == before + 1)?;
        self.close_form()
    }

    /// Gives the focused row a weight that no other has, by the form, which is closed again.
    pub fn update(&mut self, items: &Items) -> Result<(), TestCaseError> {
        if items.ids(self.condition, "id").is_empty() {
            return Ok(());
        }
        let of_weight = |weight: &u32| items.ids(&format!("weight = {weight}"), "id");
        let Some(weight) = (1_000..10_000).find(|weight| of_weight(weight).is_empty()) else {
            return Ok(());
        };
        self.press(Modifiers::NONE, Key::ArrowDown);
        self.press(Modifiers::NONE, Key::Enter);
        self.wait("the form", |harness| {
            harness.query_by_role_and_label(Role::TextInput, "Weight").is_some()
        })?;
        self.harness.get_by_role_and_label(Role::TextInput, "Weight").focus();
        self.harness.step();
        self.press(Modifiers::COMMAND, Key::A);
        let field = self.harness.get_by_role_and_label(Role::TextInput, "Weight");
        field.type_text(&weight.to_string());
        self.harness.step();
        self.press(Modifiers::COMMAND, Key::S);
        self.wait("the new weight", |_| of_weight(&weight).len() == 1)?;
        self.close_form()
    }

    fn close_form(&mut self) -> Result<(), TestCaseError> {
        self.press(Modifiers::NONE, Key::Escape);
        self.wait("the form's end", |harness| {
            harness.key_press(Key::Escape);
            harness.query_by_role_and_label(Role::TextInput, "Name").is_none()
        })
    }

    /// Deletes the focused row, if there is one.
    pub fn delete(&mut self, items: &Items) -> Result<(), TestCaseError> {
        if items.ids(self.condition, "id").is_empty() {
            return Ok(());
        }
        let before = items.ids("1", "id").len();
        self.press(Modifiers::NONE, Key::ArrowDown);
        self.press(Modifiers::NONE, Key::Delete);
        self.wait("the question", |harness| {
            let delete = harness.query_all_by_role_and_label(Role::Button, "Delete").last();
            let has_dialog = harness.query_all_by_role(Role::Dialog).next().is_some();
            has_dialog && delete.is_some_and(|delete| !delete.accesskit_node().is_disabled())
        })?;
        let delete = self.harness.query_all_by_role_and_label(Role::Button, "Delete").last();
        if let Some(delete) = delete {
            delete.click();
        }
        self.wait("the row that is to be deleted", |harness| {
            harness.query_by_label("1 row to be deleted").is_some()
        })?;
        self.press(Modifiers::COMMAND, Key::S);
        self.wait("the row's end", |_| items.ids("1", "id").len() + 1 == before)
    }

    fn wait(
        &mut self,
        what: &str,
        holds: impl Fn(&Harness<'static, AdminApp>) -> bool,
    ) -> Result<(), TestCaseError> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            self.harness.step();
            if holds(&self.harness) {
                self.harness.step();
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(TestCaseError::fail(format!("waited in vain for {what}")));
            }
            std::thread::yield_now();
        }
    }
}
