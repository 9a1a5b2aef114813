//! Kinds of columns that the bookshop does not have.

use std::time::Duration;

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use persistence::{CatalogEntry, ColumnType, Entity, Scalar, Value};

use super::view::english;
use super::written;
use admin_gui::form::{Problem, RecordForm};
use admin_gui::tasks::Labels;

diesel::table! {
    loans (id) {
        id -> BigInt,
        code -> Text,
        state -> Text,
        returned -> Nullable<Bool>,
        due_at -> Nullable<Timestamp>,
        weight -> Nullable<Double>,
        notes -> Nullable<Text>,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scalar)]
enum State {
    Ordered,
    Lent,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = loans)]
struct Loan {
    #[entity(key)]
    id: i64,
    #[entity(label)]
    code: String,
    state: State,
    returned: Option<bool>,
    due_at: Option<chrono::NaiveDateTime>,
    weight: Option<f64>,
    notes: Option<String>,
}

const ID: usize = 0;
const CODE: usize = 1;
const STATE: usize = 2;
const RETURNED: usize = 3;
const DUE: usize = 4;
const WEIGHT: usize = 5;

fn form() -> RecordForm {
    let loan = Loan {
        id: 1,
        code: "L-1".to_owned(),
        state: State::Lent,
        returned: None,
        due_at: chrono::DateTime::UNIX_EPOCH
            .naive_utc()
            .checked_add_signed(chrono::TimeDelta::from_std(Duration::from_secs(90)).unwrap()),
        weight: None,
        notes: Some("Handle with care".to_owned()),
    };
    RecordForm::existing(CatalogEntry::of::<Loan>(), loan.to_record(), &Labels::default())
}

#[test]
fn a_variant_is_chosen_from_a_list() {
    let mut harness = english(form());
    harness.get_by_role_and_label(Role::ComboBox, "State").click();
    harness.run();
    harness.get_by_label("ordered").click();
    harness.run();
    assert_eq!(harness.state().form.value(STATE), Ok(Value::from("ordered")));
}

#[test]
fn a_truth_value_is_true_false_or_null() {
    let mut harness = english(form());
    let value = |harness: &egui_kittest::Harness<'_, super::view::Shown>| {
        harness.state().form.value(RETURNED).unwrap()
    };
    harness.get_by_role_and_label(Role::CheckBox, "Returned").click();
    harness.run();
    assert_eq!(value(&harness), Value::Bool(true));
    harness.get_by_role_and_label(Role::CheckBox, "Returned").click();
    harness.run();
    assert_eq!(value(&harness), Value::Bool(false));
    harness.get_by_label("Returned is NULL").click();
    harness.run();
    assert_eq!(value(&harness), Value::Null);
}

#[test]
fn notes_are_edited_over_several_lines() {
    let harness = english(form());
    harness.get_by_role_and_label(Role::MultilineTextInput, "Notes");
}

#[test]
fn a_time_is_shown_as_it_is_typed() {
    let mut form = form();
    assert_eq!(form.text(DUE), Some("1970-01-01 00:01:30"));
    form.type_text(DUE, "1970-01-01 00:01");
    assert!(form.is_changed(DUE));
    form.type_text(DUE, "1970-01-01 00:01:30");
    assert!(!form.is_dirty());
}

#[test]
fn a_number_that_is_none_is_refused() {
    let mut form = form();
    for text in ["NaN", "inf", "1,5", "1e400"] {
        form.type_text(WEIGHT, text);
        let problem = Problem::WrongType(ColumnType::Float, text.to_owned());
        assert_eq!(form.problem(WEIGHT), Some(&problem), "{text}");
    }
    form.type_text(WEIGHT, "1.5");
    assert_eq!(form.value(WEIGHT), Ok(Value::Float(1.5)));
}

#[test]
fn a_key_that_nobody_counts_up_is_typed_once_and_then_fixed() {
    assert!(!form().is_editable(ID));
    let mut blank = RecordForm::blank(CatalogEntry::of::<Loan>());
    assert!(blank.is_editable(ID));
    blank.type_text(ID, "7");
    blank.type_text(CODE, "L-7");
    blank.put(STATE, &Value::from("lent"));
    assert_eq!(written(&mut blank).value(ID), &Value::Integer(7));
}

#[test]
fn typing_in_a_new_form_starts_in_its_first_field() {
    let mut harness = english(RecordForm::blank(CatalogEntry::of::<Loan>()));
    harness.run();
    assert!(harness.get_by_label("Id").is_focused());
}
