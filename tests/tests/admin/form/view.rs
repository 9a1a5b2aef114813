//! The form on the screen, driven by the names that a screen reader hears.

use egui::accesskit::Role;
use egui::{Key, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use persistence::RawValue;

use super::*;
use admin_gui::form::Access;
use admin_gui::i18n::{Language, Texts};

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
                admin_gui::theme::install(ui.ctx());
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
    let mut stored = edited(&harness.state().form, event.as_ref());
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
    harness.get_by_label("Isbn is NULL").click();
    harness.run();
    assert_eq!(harness.state().form.value(ISBN), Ok(Value::Null));
    assert!(harness.get_by_label("Isbn").is_focused());
    harness.get_by_role_and_label(Role::CheckBox, "In print").focus();
    harness.run();
    harness.state_mut().form.type_text(PRICE, "wrong");
    harness.run();
    assert!(harness.get_by_role_and_label(Role::CheckBox, "In print").is_focused());
}

#[test]
fn undoing_goes_back_to_the_field() {
    let mut state = form();
    state.type_text(TITLE, "Other");
    let mut harness = english(state);
    harness.get_by_label("Undo Title").click();
    harness.run();
    assert!(harness.get_by_label("Title").is_focused());
}

#[test]
fn tab_goes_from_field_to_field() {
    let mut state = form();
    state.type_text(TITLE, "Other");
    state.type_text(PRICE, "11.40");
    let mut harness = english(state);
    harness.get_by_label("Title").focus();
    harness.run();
    for name in ["Author", "Isbn", "Published on", "Price", "In print"] {
        harness.key_press(Key::Tab);
        harness.run();
        let focused = harness.get_all_by_label(name).any(|field| field.is_focused());
        assert!(focused, "{name}");
    }
}

#[test]
fn what_is_typed_after_null_was_chosen_goes_into_the_field() {
    let mut harness = english(form());
    harness.get_by_label("Isbn is NULL").click();
    harness.run();
    harness.event(egui::Event::Text("978".to_owned()));
    harness.run();
    assert_eq!(harness.state().form.value(ISBN), Ok(Value::from("978")));
}

#[test]
fn what_is_typed_on_a_reference_is_searched_for() {
    let mut harness = english(form());
    harness.get_by_role_and_label(Role::Button, "Author").focus();
    harness.run();
    harness.event(egui::Event::Text("le".to_owned()));
    harness.run();
    let search =
        FormEvent::SearchReference { column: AUTHOR, table: "authors", text: "le".to_owned() };
    assert_eq!(harness.state_mut().events.pop(), Some(search));
    harness.event(egui::Event::Text("m".to_owned()));
    harness.run();
    let typed = harness.get_by_label("Search").value();
    assert_eq!(typed.as_deref(), Some("lem"));
}

#[test]
fn nothing_moves_when_an_error_comes_or_goes() {
    let mut harness = english(form());
    harness.set_size(vec2(330.0, 1000.0));
    harness.run();
    let places = |harness: &Harness<'static, Shown>| {
        ["Isbn", "Published on", "Price", "In print"]
            .map(|name| harness.get_all_by_label(name).last().unwrap().rect())
    };
    let before = places(&harness);
    harness.state_mut().form.type_text(ISBN, "97801560276");
    harness.run();
    harness.get_by_label("Save").click();
    harness.run();
    assert!(harness.query_by_label_contains("Isbn: ").is_some(), "the summary is there");
    assert_eq!(places(&harness), before);
    harness.state_mut().form.revert(ISBN);
    harness.run();
    assert_eq!(places(&harness), before);
}

#[test]
fn values_that_cannot_be_edited_begin_at_one_place() {
    let harness = english(form().with_access(Access::ReadOnly("so".to_owned())));
    let shapes = harness.output().shapes.iter().map(|clipped| &clipped.shape);
    let texts = shapes.filter_map(|shape| match shape {
        egui::Shape::Text(text) => Some((text.galley.text(), text.pos.x)),
        _ => None,
    });
    let texts: Vec<_> = texts.collect();
    let begins = ["6", "Stanisław Lem", "9780156027601", "1961-01-01", "NULL", "yes"]
        .map(|value| texts.iter().find(|(text, _)| *text == value).map(|(_, left)| *left).unwrap());
    assert!(begins.iter().all(|left| (left - begins[0]).abs() < 0.5), "{begins:?}");
}

#[test]
fn numbers_and_dates_are_typed_as_the_language_has_them_and_shown_as_understood() {
    let mut harness = show(form(), Language::Russian);
    for (column, typed, shown) in
        [(PRICE, "12,50", "12.50"), (PUBLISHED, "13.02.1999", "1999-02-13")]
    {
        let meta = harness.state().form.meta();
        let name = harness.state().texts.column(meta, meta.columns.get(column).unwrap());
        harness.get_by_role_and_label(Role::TextInput, &name).focus();
        harness.run();
        harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
        harness.event(egui::Event::Text(typed.to_owned()));
        harness.run();
        let understood = harness.state().form.value(column).map(|value| value.to_string());
        assert_eq!(understood, Ok(shown.to_owned()));
        harness.key_press(Key::Tab);
        harness.run();
        let field = harness.get_by_role_and_label(Role::TextInput, &name).value();
        assert_eq!(field.as_deref(), Some(shown));
    }
    let mut english = english(form());
    english.state_mut().form.type_text(PRICE, "12,50");
    english.run();
    assert!(english.state().form.value(PRICE).is_err());
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
    let expected = FormEvent::OpenReference {
        table: "authors",
        key: Value::Integer(7),
        open_in: OpenIn::Here,
    };
    assert_eq!(harness.state().events, [expected]);
}

#[test]
fn deleting_copying_and_closing_are_asked_for() {
    let mut harness = english(form());
    for (name, expected) in [
        ("Delete record", FormEvent::DeleteRequested),
        ("Copy to a new record", FormEvent::CopyRequested),
        ("Close", FormEvent::Closed),
    ] {
        harness.get_by_label(name).click();
        harness.run();
        assert_eq!(harness.state_mut().events.pop(), Some(expected));
    }
}

#[test]
fn a_conflict_is_decided_field_by_field() {
    let mut state = form();
    state.type_text(TITLE, "Mine");
    let mine = written(&mut state);
    let theirs = Book { title: "Theirs".to_owned(), version: 2, ..solaris() };
    state.failed(&conflict(&mine, Some(theirs)), &Texts::new(Language::English));
    let mut harness = english(state);
    harness.get_by_label_contains("Somebody else changed");
    harness.get_by_label("Take theirs: Title").click();
    harness.run();
    assert_eq!(harness.get_by_label("Title").value().as_deref(), Some("Theirs"));
}

#[test]
fn what_is_said_of_a_stored_value_that_is_none_of_its_column_is_whole_and_true() {
    for language in [Language::English, Language::Russian] {
        // A number of as many places as a price has: that is not what is wrong with it.
        for raw in [RawValue::Float(12.5), RawValue::Text("12,50".into())] {
            let mut record = solaris().to_record();
            record.set(PRICE, Value::Raw(raw));
            let form = RecordForm::existing(CatalogEntry::of::<Book>(), record, &labels());
            let said = form.shown_problem(PRICE).unwrap().text(&Texts::new(language));
            let mut harness = show(form, language);
            harness.set_size(vec2(300.0, 1000.0));
            harness.run();
            assert!(!said.contains('2') && !said.contains("число") && !said.contains("number"));
            let lines = texts_of(&harness);
            let line = lines.iter().find(|(text, _)| *text == said);
            assert!(line.is_some_and(|(_, is_cut)| !is_cut), "{said}: {lines:?}");
        }
    }
}

/// Every text that is drawn, and whether it is cut.
fn texts_of(harness: &Harness<'static, Shown>) -> Vec<(String, bool)> {
    let shapes = harness.output().shapes.iter().map(|clipped| &clipped.shape);
    let texts = shapes.filter_map(|shape| match shape {
        egui::Shape::Text(text) => Some((text.galley.text().to_owned(), text.galley.elided)),
        _ => None,
    });
    texts.collect()
}

#[test]
fn a_date_is_asked_for_as_the_language_writes_it() {
    for (language, name, hint) in [
        (Language::English, "Published on", "YYYY-MM-DD"),
        (Language::Russian, "Published on", "ДД.ММ.ГГГГ"),
    ] {
        let mut state = form();
        state.put_null(PUBLISHED);
        let mut harness = show(state, language);
        harness.get_by_role_and_label(Role::TextInput, name).focus();
        harness.run();
        assert!(texts_of(&harness).iter().any(|(text, _)| text == hint), "{hint}");
        // What is written as the hint has it is understood.
        let typed = hint.replace("YYYY", "1999").replace("MM", "02").replace("DD", "13");
        let typed = typed.replace("ГГГГ", "1999").replace("ММ", "02").replace("ДД", "13");
        harness.event(egui::Event::Text(typed));
        harness.run();
        let understood = harness.state().form.value(PUBLISHED).map(|value| value.to_string());
        assert_eq!(understood, Ok("1999-02-13".to_owned()));
    }
}

#[test]
fn a_conflict_shows_what_the_field_was_before_both_changed_it() {
    let mut state = form();
    state.type_text(TITLE, "Mine");
    state.choose(AUTHOR, &choice(8, "Ursula K. Le Guin"));
    let mine = written(&mut state);
    let theirs = Book { title: "Theirs".to_owned(), author_id: 9, version: 2, ..solaris() };
    state.failed(&conflict(&mine, Some(theirs)), &Texts::new(Language::English));
    let mut harness = english(state);
    let was = |harness: &Harness<'static, Shown>| {
        let was = harness.query_all_by_label("It was").map(|node| node.rect().center().y);
        let was: Vec<f32> = was.collect();
        ["Solaris", "Stanisław Lem"].map(|value| {
            let values = harness.query_all_by_role_and_label(Role::Label, value);
            let mut lines = values.map(|node| node.rect().center().y);
            lines.any(|line| was.iter().any(|was| (was - line).abs() < 2.0))
        })
    };
    assert_eq!(was(&harness), [true, true], "a title, and an author by the name");
    harness.get_by_label("Keep mine: Title").click();
    harness.run();
    assert_eq!(was(&harness), [false, true], "only what is still to be decided");
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
