//! The form on the screen, driven by the names that a screen reader hears.

use egui::accesskit::Role;
use egui::{Key, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::*;
use crate::i18n::{Language, Texts};

pub(super) struct Shown {
    pub form: RecordForm,
    texts: Texts,
    events: Vec<FormEvent>,
}

fn show(form: RecordForm, language: Language) -> Harness<'static, Shown> {
    let mut is_installed = false;
    let shown = Shown { form, texts: Texts::new(language), events: Vec::new() };
    let mut harness = Harness::builder().with_size(vec2(330.0, 700.0)).build_ui_state(
        move |ui, shown: &mut Shown| {
            if !std::mem::replace(&mut is_installed, true) {
                crate::theme::install(ui.ctx());
                return;
            }
            let events = shown.form.show(ui, &shown.texts);
            shown.events.extend(events);
        },
        shown,
    );
    harness.run();
    harness
}

pub(super) fn english(form: RecordForm) -> Harness<'static, Shown> {
    show(form, Language::English)
}

#[test]
fn fields_are_found_by_their_names() {
    let harness = english(form());
    for name in ["Title", "Isbn", "Published on", "Price"] {
        let field = harness.get_by_role_and_label(Role::TextInput, name);
        assert!(!field.accesskit_node().is_disabled(), "{name}");
    }
    assert_eq!(harness.get_by_label("Title").value().as_deref(), Some("Solaris"));
    harness.get_by_role_and_label(Role::CheckBox, "In print");
}

#[test]
fn typing_saving_and_being_told_so() {
    let mut harness = english(form());
    harness.get_by_label("Price").focus();
    harness.run();
    harness.get_by_label("Price").type_text("11.40");
    harness.run();
    harness.get_by_label("Undo Price");
    harness.get_by_label("Save").click();
    harness.run();
    let event = harness.state_mut().events.pop();
    let mut stored = written(event);
    assert_eq!(stored.value(PRICE).to_string(), "11.40");
    stored.set(VERSION, Value::Integer(2));
    harness.state_mut().form.saved(stored);
    harness.run();
    assert!(harness.query_by_label("Undo Price").is_none());
}

#[test]
fn undo_brings_the_old_value_back() {
    let mut state = form();
    state.type_text(TITLE, "Other");
    let mut harness = english(state);
    harness.get_by_label("Undo Title").click();
    harness.run();
    assert_eq!(harness.get_by_label("Title").value().as_deref(), Some("Solaris"));
}

#[test]
fn an_error_stands_under_its_field_and_in_the_summary_that_leads_there() {
    let mut state = form();
    state.type_text(PRICE, "eleven");
    let mut harness = english(state);
    harness.get_by_label_contains("should be a number with at most 2 decimal places");
    harness.get_by_label("Save").click();
    harness.run();
    assert!(harness.state().events.is_empty());
    harness.get_by_label_contains("Price: should be").click();
    harness.run();
    assert!(harness.get_by_label("Price").is_focused());
}

#[test]
fn a_field_becomes_null_and_text_again() {
    let mut harness = english(form());
    harness.get_by_label("Isbn is NULL").click();
    harness.run();
    assert_eq!(harness.state().form.value(ISBN), Ok(Value::Null));
    harness.get_by_label("Isbn").focus();
    harness.run();
    harness.get_by_label("Isbn").type_text("1");
    harness.run();
    assert_eq!(harness.state().form.value(ISBN), Ok(Value::from("1")));
}

#[test]
fn the_keyboard_stays_where_it_was_when_marks_come_and_go() {
    let mut harness = english(form());
    harness.get_by_label("Isbn is NULL").focus();
    harness.run();
    harness.key_press(Key::Space);
    harness.run();
    assert_eq!(harness.state().form.value(ISBN), Ok(Value::Null));
    assert!(harness.get_by_label("Isbn is NULL").is_focused());
    harness.get_by_role_and_label(Role::CheckBox, "In print").focus();
    harness.run();
    harness.state_mut().form.type_text(PRICE, "wrong");
    harness.run();
    assert!(harness.get_by_role_and_label(Role::CheckBox, "In print").is_focused());
}

#[test]
fn undoing_with_the_keyboard_goes_back_to_the_field() {
    let mut state = form();
    state.type_text(TITLE, "Other");
    let mut harness = english(state);
    harness.get_by_label("Undo Title").focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.get_by_label("Title").is_focused());
}

#[test]
fn nothing_is_wider_than_the_panel() {
    let mut state = form();
    state.type_text(TITLE, "Very long ".repeat(20));
    state.type_text(ISBN, "97801560276");
    state.type_text(PRICE, "eleven and some more words");
    let mut harness = show(state, Language::Russian);
    harness.set_size(vec2(220.0, 700.0));
    harness.get_by_label("Сохранить").click();
    harness.run();
    for role in [Role::Button, Role::CheckBox, Role::Label, Role::TextInput] {
        for node in harness.get_all_by_role(role) {
            let right = node.rect().right();
            assert!(right <= 220.0, "{:?} ends at {right}", node.accesskit_node().label());
        }
    }
}

#[test]
fn a_reference_is_searched_and_chosen_with_the_keyboard() {
    let mut harness = english(form());
    harness.get_by_role_and_label(Role::Button, "Author").click();
    harness.run();
    let search = |text: &str| FormEvent::SearchReference {
        column: AUTHOR,
        table: "authors",
        text: text.to_owned(),
    };
    assert_eq!(harness.state_mut().events.pop(), Some(search("")));
    let found = vec![choice(7, "Stanisław Lem"), choice(8, "Ursula K. Le Guin")];
    harness.state_mut().form.reference_results(AUTHOR, found.clone());
    harness.run();
    harness.get_by_label("Search").type_text("u");
    harness.run();
    assert_eq!(harness.state_mut().events.pop(), Some(search("u")));
    harness.state_mut().form.reference_results(AUTHOR, found);
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().form.value(AUTHOR), Ok(Value::Integer(8)));
    assert!(harness.query_by_label("Search").is_none(), "the picker is closed");
}

#[test]
fn escape_closes_the_picker_and_changes_nothing() {
    let mut harness = english(form());
    harness.get_by_role_and_label(Role::Button, "Author").click();
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_label("Search").is_none());
    assert!(!harness.state().form.is_dirty());
}

#[test]
fn a_reference_can_be_opened() {
    let mut harness = english(form());
    harness.get_by_label("Open Author").click();
    harness.run();
    let expected =
        FormEvent::OpenReference { table: "authors", key: Value::Integer(7), place: Place::Here };
    assert_eq!(harness.state().events, [expected]);
}

#[test]
fn deleting_copying_and_closing_are_asked_for() {
    let mut harness = english(form());
    for (name, expected) in [
        ("Delete record", FormEvent::DeleteRequested(6.into())),
        ("Copy to a new record", FormEvent::CopyRequested),
        ("Close", FormEvent::Closed),
    ] {
        harness.get_by_label(name).click();
        harness.run();
        assert_eq!(harness.state_mut().events.pop(), Some(expected));
    }
}

#[test]
fn closing_a_changed_form_asks_first() {
    let mut state = form();
    state.type_text(TITLE, "Other");
    let mut harness = english(state);
    harness.get_by_label("Close").click();
    harness.run();
    assert!(harness.state().events.is_empty());
    assert!(harness.get_by_label("Keep editing").is_focused());
    harness.get_by_label("Give up").click();
    harness.run();
    assert_eq!(harness.state().events, [FormEvent::Closed]);
}

#[test]
fn a_conflict_is_decided_field_by_field() {
    let mut state = form();
    state.type_text(TITLE, "Mine");
    let mine = written(state.save());
    let theirs = Book { title: "Theirs".to_owned(), version: 2, ..solaris() };
    state.failed(&conflict(&mine, Some(theirs)), &Texts::new(Language::English));
    let mut harness = english(state);
    harness.get_by_label_contains("Somebody else changed");
    harness.get_by_label("Take theirs: Title").click();
    harness.run();
    assert_eq!(harness.get_by_label("Title").value().as_deref(), Some("Theirs"));
}

#[test]
fn a_form_without_changes_cannot_be_saved() {
    let harness = english(form());
    assert!(harness.get_by_label("Save").accesskit_node().is_disabled());
}

#[test]
fn the_form_speaks_russian() {
    let mut state = form();
    state.type_text(PRICE, "x");
    let harness = show(state, Language::Russian);
    harness.get_by_label("Сохранить");
    harness.get_by_label_contains("должно быть число");
}

#[test]
fn what_is_typed_survives_scrolling_out_of_sight() {
    let mut harness = english(form());
    harness.set_size(vec2(330.0, 200.0));
    harness.get_by_label("Title").focus();
    harness.run();
    harness.get_by_label("Title").type_text("!");
    harness.run();
    for _ in 0..20 {
        harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, -100.0),
            modifiers: egui::Modifiers::NONE,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
        });
        harness.run();
    }
    let typed = harness.state().form.value(TITLE).unwrap().to_string();
    assert!(typed.contains('!'), "{typed}");
    assert!(harness.state().form.is_changed(TITLE));
}
