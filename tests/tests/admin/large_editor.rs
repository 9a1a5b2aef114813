//! One value in a field as large as the window allows.

use admin_gui::i18n::Language;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use persistence::types::Json;
use persistence::{Entity, Memory, Repository};
use serde_json::json;
use window_driver::{
    Window, ask_to_close, click, has, open, open_record, press, press_with, speaking, type_into,
    wait, wait_for, wait_for_answers, wait_for_text, wait_without,
};

mod schema {
    diesel::table! {
        notes (id) {
            id -> BigInt,
            title -> Text,
            version -> Integer,
            body -> Nullable<Text>,
            extra -> Text,
            scan -> Binary,
            pages -> Integer,
        }
    }
}

/// A note with whatever belongs to it.
#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::notes)]
struct Note {
    #[entity(key, generated)]
    id: i64,
    #[entity(label)]
    title: String,
    #[entity(version)]
    version: i32,
    body: Option<String>,
    extra: Json,
    scan: Vec<u8>,
    pages: i32,
}

const CTRL: Modifiers = Modifiers::COMMAND;

/// The field's name: the column's and the row's.
const BODY: &str = "Body · Diary";

fn notes(body: Option<&str>) -> Memory {
    let mut notes = Memory::new().with::<Note>();
    let note = NewNote {
        title: "Diary".to_owned(),
        body: body.map(str::to_owned),
        extra: Json(json!({"a": [1, 2]})),
        scan: (0..=255).collect::<Vec<u8>>().repeat(2),
        pages: 7,
    };
    Repository::<Note>::insert(&mut notes, note).unwrap();
    notes.commit().unwrap();
    notes
}

fn stored(notes: &Memory) -> Note {
    notes.transaction(|session| Repository::<Note>::find(session, &1)).unwrap().unwrap()
}

/// A window that lists the notes.
fn window_of(notes: &Memory, language: Language) -> Window {
    let mut window = open(notes.catalog(), speaking(language), [1500.0, 800.0]);
    wait_for(&mut window, Role::Cell, "Diary");
    window
}

/// Opens the value in a cell of the column of that name.
#[track_caller]
fn enlarge(window: &mut Window, cell: &str) {
    click(window, Role::Cell, cell);
    press_with(window, Modifiers::SHIFT, Key::Enter);
}

/// Opens the body, which stands beside the title.
#[track_caller]
fn enlarge_body(window: &mut Window) {
    click(window, Role::Cell, "Diary");
    press(window, Key::ArrowRight);
    press_with(window, Modifiers::SHIFT, Key::Enter);
    wait_for_field(window, BODY);
}

/// Types the path of a file in the place of what stands there.
#[track_caller]
fn type_path(window: &mut Window, field: &str, path: &str) {
    wait(window, "the field for the path", |window| {
        let field = window.query_by_role_and_label(Role::TextInput, field);
        field.is_some_and(|field| field.is_focused())
    });
    press_with(window, CTRL, Key::A);
    type_into(window, field, path);
}

/// What stands in the large field.
fn text(window: &Window, name: &str) -> Option<String> {
    let field = window.query_by_role_and_label(Role::MultilineTextInput, name)?;
    Some(field.value().unwrap_or_default())
}

#[track_caller]
fn wait_for_field(window: &mut Window, name: &str) {
    wait(window, "the large field", |window| text(window, name).is_some());
}

#[track_caller]
fn type_over(window: &mut Window, text: &str) {
    press_with(window, CTRL, Key::A);
    window.input_mut().events.push(Event::Text(text.to_owned()));
    window.step();
}

#[test]
fn a_text_of_several_lines_is_edited_taken_and_written() {
    let notes = notes(Some("Monday\nrain"));
    let mut window = window_of(&notes, Language::English);
    enlarge_body(&mut window);
    assert_eq!(text(&window, BODY).as_deref(), Some("Monday\nrain"));
    wait_for_text(&mut window, "11 characters · 2 lines");
    press_with(&mut window, CTRL, Key::End);
    press(&mut window, Key::Enter);
    window.input_mut().events.push(Event::Text("Tuesday: sun".to_owned()));
    window.step();
    press_with(&mut window, CTRL, Key::Enter);
    wait(&mut window, "the field to be gone", |window| text(window, BODY).is_none());
    wait_for_text(&mut window, "1 row changed");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&notes).body.as_deref(), Some("Monday\nrain\nTuesday: sun"));
}

#[test]
fn what_is_typed_is_given_up_only_when_that_is_said_twice() {
    let notes = notes(None);
    let mut window = window_of(&notes, Language::English);
    enlarge_body(&mut window);
    type_over(&mut window, "a day");
    press(&mut window, Key::Escape);
    wait_for_text(&mut window, "What is typed here is not taken yet");
    assert_eq!(text(&window, BODY).as_deref(), Some("a day"), "nothing is lost by one key");
    // Who goes on has not given it up, and the field has the keyboard.
    window.input_mut().events.push(Event::Text(" out".to_owned()));
    window.step();
    wait(&mut window, "what is typed", |window| text(window, BODY).as_deref() == Some("a day out"));
    press(&mut window, Key::Escape);
    wait_for_text(&mut window, "What is typed here is not taken yet");
    click(&mut window, Role::Button, "Save to a file…");
    wait(&mut window, "no question", |window| {
        window.query_by_label("What is typed here is not taken yet").is_none()
    });
    press(&mut window, Key::Escape);
    assert_eq!(text(&window, BODY).as_deref(), Some("a day out"), "the line for the file closes");
    press(&mut window, Key::Escape);
    wait_for_text(&mut window, "What is typed here is not taken yet");
    press(&mut window, Key::Escape);
    wait(&mut window, "the field to be gone", |window| text(window, BODY).is_none());
    assert!(!has(&window, Role::Button, "Commit"));
    // Where nothing is typed there is nothing to ask, and NULL stays NULL.
    press_with(&mut window, Modifiers::SHIFT, Key::Enter);
    wait_for_field(&mut window, BODY);
    press_with(&mut window, CTRL, Key::Enter);
    wait(&mut window, "the field to be gone", |window| text(window, BODY).is_none());
    press_with(&mut window, Modifiers::SHIFT, Key::Enter);
    wait_for_field(&mut window, BODY);
    press(&mut window, Key::Escape);
    wait(&mut window, "the field to be gone", |window| text(window, BODY).is_none());
    assert_eq!(stored(&notes).body, None);
}

#[test]
fn what_is_typed_is_not_lost_where_the_window_closes() {
    let notes = notes(None);
    let mut window = window_of(&notes, Language::English);
    enlarge_body(&mut window);
    type_over(&mut window, "a long day");
    ask_to_close(&mut window);
    wait_for_text(&mut window, "Save what you have changed in 1 record?");
    click(&mut window, Role::Button, "Save");
    wait(&mut window, "the text in the database", |_| {
        stored(&notes).body.as_deref() == Some("a long day")
    });
}

#[test]
fn json_is_checked_and_formatted_and_kept_where_it_is_none() {
    let notes = notes(None);
    let name = "Extra · Diary";
    let mut window = window_of(&notes, Language::English);
    enlarge(&mut window, "{\"a\":[1,2]}");
    wait_for_field(&mut window, name);
    type_over(&mut window, "{\"a\": [1, 2,\n \"b\" 3}");
    wait_for_text(&mut window, "No JSON at line 2, column 6: expected `,` or `]`");
    click(&mut window, Role::Button, "Format");
    assert!(text(&window, name).unwrap().contains("\"b\" 3"), "bad input is kept");
    press_with(&mut window, CTRL, Key::Enter);
    // It is staged as it is, told as wrong, and not written.
    wait_for_text(&mut window, "1 row changed");
    press_with(&mut window, CTRL, Key::S);
    wait_for_answers(&mut window);
    assert_eq!(stored(&notes).extra.0, json!({"a": [1, 2]}));
    press_with(&mut window, Modifiers::SHIFT, Key::Enter);
    wait_for_field(&mut window, name);
    type_over(&mut window, "{\"b\":   [3]}");
    click(&mut window, Role::Button, "Format");
    assert_eq!(text(&window, name).as_deref(), Some("{\n  \"b\": [\n    3\n  ]\n}"));
    click(&mut window, Role::Button, "On one line");
    assert_eq!(text(&window, name).as_deref(), Some("{\"b\":[3]}"));
    press_with(&mut window, CTRL, Key::Enter);
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&notes).extra.0, json!({"b": [3]}));
}

#[test]
fn a_binary_value_goes_into_a_file_and_another_comes_from_one() {
    let folder = tempfile::tempdir().unwrap();
    let (saved, loaded) = (folder.path().join("out.bin"), folder.path().join("in.bin"));
    std::fs::write(&loaded, b"\x7fELF\0\x01 and more").unwrap();
    let notes = notes(None);
    let mut window = window_of(&notes, Language::English);
    open_record(&mut window, "Diary");
    wait_for(&mut window, Role::Button, "Edit Scan in a large field");
    click(&mut window, Role::Button, "Edit Scan in a large field");
    wait_for_text(&mut window, "Scan · Diary");
    let line = "00000010  10 11 12 13 14 15 16 17  18 19 1a 1b 1c 1d 1e 1f  ................";
    wait_for_text(&mut window, line);
    click(&mut window, Role::Button, "Save to a file…");
    type_path(&mut window, "File", saved.to_str().unwrap());
    click(&mut window, Role::Button, "Save as this file");
    wait(&mut window, "the file", |_| saved.is_file());
    assert_eq!(std::fs::read(&saved).unwrap(), stored(&notes).scan);
    // A file that is there is not written over.
    click(&mut window, Role::Button, "Save to a file…");
    type_path(&mut window, "File", loaded.to_str().unwrap());
    click(&mut window, Role::Button, "Save as this file");
    let refused = "could not be saved";
    wait(&mut window, "the refusal", |window| window.query_by_label_contains(refused).is_some());
    assert!(std::fs::read(&loaded).unwrap().starts_with(b"\x7fELF"));
    click(&mut window, Role::Button, "Load from a file…");
    type_path(&mut window, "File", folder.path().to_str().unwrap());
    click(&mut window, Role::Button, "Load this file");
    let refused = "could not be loaded: it is no file";
    wait(&mut window, "the refusal", |window| window.query_by_label_contains(refused).is_some());
    window.get_by_role_and_label(Role::TextInput, "File").focus();
    window.step();
    type_path(&mut window, "File", loaded.to_str().unwrap());
    click(&mut window, Role::Button, "Load this file");
    wait(&mut window, "the bytes", |window| window.query_by_label_contains("is loaded").is_some());
    click(&mut window, Role::Button, "Apply Ctrl+Enter");
    wait_without(&mut window, Role::Button, "Save to a file…");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&notes).scan, b"\x7fELF\0\x01 and more");
}

#[test]
fn what_others_wrote_meanwhile_is_not_overwritten() {
    let mut notes = notes(Some("as it was"));
    let mut window = window_of(&notes, Language::English);
    open_record(&mut window, "Diary");
    click(&mut window, Role::Button, "Edit Body in a large field");
    wait_for_field(&mut window, BODY);
    let theirs = Note { body: Some("theirs".to_owned()), ..stored(&notes) };
    Repository::<Note>::update(&mut notes, theirs).unwrap();
    notes.commit().unwrap();
    type_over(&mut window, "mine");
    press_with(&mut window, CTRL, Key::Enter);
    wait_for_text(&mut window, "1 row changed");
    press_with(&mut window, CTRL, Key::S);
    wait_for_answers(&mut window);
    assert_eq!(stored(&notes).body.as_deref(), Some("theirs"));
    // Whoever has seen that may write theirs over.
    wait_for_text(&mut window, "1 row changed");
}

#[test]
fn shift_enter_goes_on_from_the_cell_in_the_large_field() {
    let notes = notes(Some("short"));
    let mut window = window_of(&notes, Language::English);
    click(&mut window, Role::Cell, "short");
    press(&mut window, Key::Enter);
    window.step();
    window.input_mut().events.push(Event::Text(" and more".to_owned()));
    window.step();
    press_with(&mut window, Modifiers::SHIFT, Key::Enter);
    wait_for_field(&mut window, BODY);
    assert_eq!(text(&window, BODY).as_deref(), Some("short and more"));
    press_with(&mut window, CTRL, Key::Enter);
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&notes).body.as_deref(), Some("short and more"));
}

#[test]
fn a_text_that_is_none_is_refused_with_where_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latin1.txt");
    std::fs::write(&path, b"Lyc\xe9e").unwrap();
    let notes = notes(Some("as it was"));
    let mut window = window_of(&notes, Language::Russian);
    enlarge_body(&mut window);
    click(&mut window, Role::Button, "Загрузить из файла…");
    type_path(&mut window, "Файл", path.to_str().unwrap());
    click(&mut window, Role::Button, "Загрузить этот файл");
    let refused = "это не текст в UTF-8 (байт 3)";
    wait(&mut window, "the refusal", |window| window.query_by_label_contains(refused).is_some());
    assert_eq!(text(&window, BODY).as_deref(), Some("as it was"));
}

#[test]
fn a_file_that_comes_late_is_not_for_the_next_value() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.txt");
    // It takes longer to be read than the next value to be opened.
    std::fs::write(&path, "a line of many\n".repeat(4 << 20)).unwrap();
    let notes = notes(Some("as it was"));
    let mut window = window_of(&notes, Language::English);
    enlarge_body(&mut window);
    click(&mut window, Role::Button, "Load from a file…");
    type_path(&mut window, "File", path.to_str().unwrap());
    click(&mut window, Role::Button, "Load this file");
    // The line for the file closes first; where the file is there already, it is asked for.
    for _ in 0..3 {
        press(&mut window, Key::Escape);
        window.step();
    }
    wait(&mut window, "the field to be gone", |window| text(window, BODY).is_none());
    press_with(&mut window, Modifiers::SHIFT, Key::Enter);
    wait_for_field(&mut window, BODY);
    wait_for_answers(&mut window);
    assert_eq!(text(&window, BODY).as_deref(), Some("as it was"));
}

#[test]
fn a_hundred_thousand_letters_are_typed_and_more_are_kept_whole() {
    let long = "ж".repeat(100_000);
    let notes_of_long = notes(Some(&long));
    let mut window = window_of(&notes_of_long, Language::English);
    click(&mut window, Role::Cell, "Diary");
    press(&mut window, Key::ArrowRight);
    // Also where only its beginning is listed.
    press(&mut window, Key::F2);
    wait_for_field(&mut window, BODY);
    assert_eq!(text(&window, BODY).map(|text| text.len()), Some(200_000));
    window.input_mut().events.push(Event::Text("!".to_owned()));
    window.step();
    press_with(&mut window, CTRL, Key::Enter);
    wait_for_text(&mut window, "1 row changed");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&notes_of_long).body, Some(format!("{long}!")));

    // Now it is one letter too long to be typed.
    press_with(&mut window, Modifiers::SHIFT, Key::Enter);
    let told = "Too long to be typed";
    wait(&mut window, "what it is", |window| window.query_by_label_contains(told).is_some());
    assert_eq!(text(&window, BODY), None);
    press_with(&mut window, CTRL, Key::Enter);
    press_with(&mut window, CTRL, Key::S);
    wait_for_answers(&mut window);
    assert_eq!(stored(&notes_of_long).body, Some(format!("{long}!")));
}

#[test]
fn a_value_that_cannot_be_edited_is_looked_at_with_the_reason() {
    let notes = notes(Some("to be read\nonly"));
    let mut window =
        open(notes.read_only().catalog(), speaking(Language::English), [1500.0, 800.0]);
    wait_for(&mut window, Role::Cell, "Diary");
    enlarge_body(&mut window);
    wait_for_text(&mut window, "The connection is read-only");
    type_over(&mut window, "something else");
    press_with(&mut window, CTRL, Key::Enter);
    assert_eq!(text(&window, BODY).as_deref(), Some("to be read\nonly"));
    press(&mut window, Key::Escape);
    wait(&mut window, "the field to be gone", |window| text(window, BODY).is_none());
}

#[test]
fn what_needs_no_room_is_edited_where_it_stands() {
    let notes = notes(None);
    let mut window = window_of(&notes, Language::English);
    enlarge(&mut window, "7");
    wait(&mut window, "the cell's own field", |window| {
        let fields = window.query_all_by_role(Role::TextInput);
        fields.into_iter().any(|field| field.accesskit_node().value().as_deref() == Some("7"))
    });
}
