//! Two windows on one record of a table without a version, in any order of their steps: what one has
//! saved is merged or asked about in the other, and never lost.

use admin_gui::i18n::Language;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel::{QueryableByName, SqliteConnection};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use integration_tests::chinook::{Chinook, Customer, chinook};
use persistence::Database;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use window_driver::{
    Window, click, has, open, open_record, press, press_with, says, speaking, wait, wait_for,
    wait_for_text, wait_without_text,
};

/// Fields as they are called on the screen, which is how their columns are called, too.
const FIELDS: [&str; 3] = ["Company", "Phone", "Fax"];

/// What each of them holds.
type Values = [String; 3];

const CHANGED: &str = "Somebody else changed this record meanwhile";

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Types a value that was never there before.
    Type(usize),
    /// Saves, and decides for its own value or the other's where both have changed one.
    Save { keeps_mine: bool },
    /// Reads the record again.
    Refresh,
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let step = prop_oneof![
        4 => (0..FIELDS.len()).prop_map(Step::Type),
        3 => any::<bool>().prop_map(|keeps_mine| Step::Save { keeps_mine }),
        1 => Just(Step::Refresh),
    ];
    prop::collection::vec((0..2_usize, step), 8..20)
}

/// A window, and what it should know.
struct Person {
    window: Window,
    /// What was stored when it last looked.
    base: Values,
    typed: [Option<String>; 3],
}

impl Person {
    fn start(chinook: &Chinook) -> Self {
        let database = Database::<SqliteConnection>::open(chinook.file.url()).unwrap();
        let catalog = database.catalog().entity::<Customer>().build();
        let mut window = open(catalog, speaking(Language::English), [1400.0, 1400.0]);
        click(&mut window, Role::Button, "Customer");
        wait_for(&mut window, Role::Cell, "Gonçalves");
        open_record(&mut window, "Gonçalves");
        wait_for(&mut window, Role::TextInput, "Fax");
        let person = Self { window, base: stored(chinook), typed: [const { None }; 3] };
        assert_eq!(shown(&person.window), person.base);
        person
    }

    /// What the form should say.
    fn expected(&self) -> Values {
        std::array::from_fn(|at| self.typed[at].clone().unwrap_or_else(|| self.base[at].clone()))
    }

    fn wait_for_values(&mut self) {
        let expected = self.expected();
        wait(&mut self.window, &format!("{expected:?}"), |window| shown(window) == expected);
    }

    fn type_over(&mut self, field: usize, text: &str) {
        let window = &mut self.window;
        window.get_by_role_and_label(Role::TextInput, FIELDS[field]).focus();
        window.step();
        press_with(window, Modifiers::COMMAND, Key::A);
        window.get_by_role_and_label(Role::TextInput, FIELDS[field]).type_text(text);
        window.step();
        self.typed[field] = Some(text.to_owned());
    }

    /// Saves, and checks what became of it.
    fn save(&mut self, chinook: &Chinook, keeps_mine: bool) {
        let before = stored(chinook);
        let is_contested = |at: &usize| self.typed[*at].is_some() && self.base[*at] != before[*at];
        let contested: Vec<usize> = (0..FIELDS.len()).filter(is_contested).collect();
        press_with(&mut self.window, Modifiers::COMMAND, Key::S);
        if !contested.is_empty() {
            wait_for_text(&mut self.window, CHANGED);
            assert_eq!(stored(chinook), before, "nothing is written before it is decided");
            self.base.clone_from(&before);
            for at in contested {
                let keep = format!("Keep mine: {}", FIELDS[at]);
                let take = format!("Take theirs: {}", FIELDS[at]);
                assert!(has(&self.window, Role::Button, &take));
                if keeps_mine {
                    click(&mut self.window, Role::Button, &keep);
                } else {
                    click(&mut self.window, Role::Button, &take);
                    self.typed[at] = None;
                }
            }
            assert_eq!(shown(&self.window), self.expected());
            press_with(&mut self.window, Modifiers::COMMAND, Key::S);
        }
        let after: Values =
            std::array::from_fn(|at| self.typed[at].clone().unwrap_or_else(|| before[at].clone()));
        let is_written = after != before;
        wait(&mut self.window, "what was typed in the database", |_| stored(chinook) == after);
        if is_written {
            wait_without_text(&mut self.window, CHANGED);
            wait(&mut self.window, "the end of saving", |window| !says(window, "Saving"));
            // The row as it was written, with what the other has changed.
            self.base = after;
            self.typed = [const { None }; 3];
            self.wait_for_values();
        }
    }

    /// Reads again what has not been changed.
    fn refresh(&mut self, chinook: &Chinook) {
        if self.typed.iter().any(Option::is_some) {
            return;
        }
        press(&mut self.window, Key::F5);
        self.base = stored(chinook);
        self.wait_for_values();
    }
}

/// What the form says.
fn shown(window: &Window) -> Values {
    FIELDS.map(|field| {
        let input = window.get_by_role_and_label(Role::TextInput, field);
        input.value().unwrap_or_default()
    })
}

/// What is stored, as a program sees it that is none of ours.
fn stored(chinook: &Chinook) -> Values {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Text>, column_name = "Company")]
        company: Option<String>,
        #[diesel(sql_type = Nullable<Text>, column_name = "Phone")]
        phone: Option<String>,
        #[diesel(sql_type = Nullable<Text>, column_name = "Fax")]
        fax: Option<String>,
    }
    let mut direct = SqliteConnection::establish(chinook.file.url()).unwrap();
    let query = "SELECT Company, Phone, Fax FROM Customer WHERE CustomerId = 1";
    let row: Row = diesel::sql_query(query).get_result(&mut direct).unwrap();
    [row.company, row.phone, row.fax].map(Option::unwrap_or_default)
}

#[test]
fn two_windows_merge_or_ask_whatever_the_order_of_their_steps() {
    let mut runner = TestRunner::new(Config { cases: 6, max_shrink_iters: 0, ..Config::default() });
    let outcome = runner.run(&steps(), |steps| {
        let chinook = chinook();
        let mut people: Vec<Person> = (0..2).map(|_| Person::start(&chinook)).collect();
        for (number, (who, step)) in steps.into_iter().enumerate() {
            let person = &mut people[who];
            match step {
                Step::Type(field) => person.type_over(field, &format!("{number} of {who}")),
                Step::Save { keeps_mine } => person.save(&chinook, keeps_mine),
                Step::Refresh => person.refresh(&chinook),
            }
            assert_eq!(shown(&person.window), person.expected(), "window {who} after {step:?}");
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
