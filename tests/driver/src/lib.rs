//! Drives the admin's window by what stands on it, as a person with a screen reader does. What is
//! waited for in vain is a panic that names it.

use std::time::{Duration, Instant};

use admin_gui::i18n::Language;
use admin_gui::settings::Settings;
use admin_gui::{AdminApp, Options};
use egui::accesskit::Role;
use egui::{Event, Id, Key, Modifiers, OutputCommand, Vec2};
use egui::{ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use persistence::Catalog;

/// How long to wait for what must happen.
const DEADLINE: Duration = Duration::from_secs(40);

/// Seconds from one frame to the next, as on a usual screen: two clicks are a double click, and a
/// finger swings, only within a short time.
const FRAME: f32 = 1.0 / 60.0;

/// The admin's window.
pub type Window = Harness<'static, AdminApp>;

/// A window as it is at the first start, in a language.
#[must_use]
pub fn speaking(language: Language) -> Options {
    let settings = Settings { language: Some(language), ..Settings::default() };
    Options { settings, ..Options::default() }
}

/// A window of so many points over a catalog.
///
/// # Panics
///
/// If the system has no more threads.
#[must_use]
pub fn open(catalog: Catalog, options: Options, size: impl Into<Vec2>) -> Window {
    let builder = Harness::builder().with_size(size).with_step_dt(FRAME);
    builder.build_eframe(move |creation| {
        AdminApp::new(&creation.egui_ctx, catalog, options).expect("threads can be started")
    })
}

/// Draws one picture, as a window system with a clipboard shows it.
pub fn step(window: &mut Window) {
    window.step();
    let clipboard = Id::unique("clipboard of the window system");
    let output = window.output();
    let copied = output.platform_output.commands.iter().find_map(|command| match command {
        OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    let commands = output.viewport_output.values().flat_map(|viewport| &viewport.commands);
    let is_asked = commands.into_iter().any(|command| *command == ViewportCommand::RequestPaste);
    if let Some(text) = copied {
        window.ctx.data_mut(|data| data.insert_temp(clipboard, text));
    }
    let text = window.ctx.data(|data| data.get_temp::<String>(clipboard));
    if let Some(text) = text.filter(|_| is_asked) {
        window.input_mut().events.push(Event::Paste(text));
    }
}

/// Asks the window to close, as its button does.
pub fn ask_to_close(window: &mut Window) {
    let root = window.input_mut().viewports.entry(ViewportId::ROOT).or_default();
    root.events.push(ViewportEvent::Close);
    step(window);
}

/// Whether the last picture told the window system something.
#[must_use]
pub fn commands(window: &Window, wanted: &ViewportCommand) -> bool {
    let viewports = window.output().viewport_output.values();
    viewports.flat_map(|viewport| &viewport.commands).any(|command| command == wanted)
}

/// Draws until something holds.
///
/// # Panics
///
/// If that takes too long.
#[track_caller]
pub fn wait(window: &mut Window, what: &str, holds: impl Fn(&Window) -> bool) {
    let deadline = Instant::now() + DEADLINE;
    loop {
        step(window);
        if holds(window) {
            // Whatever was clicked is drawn as it is now.
            step(window);
            return;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::yield_now();
    }
}

/// Draws until the window waits for nothing: all answers are shown, and copies, exports and settings
/// are written.
///
/// # Panics
///
/// If that takes too long.
#[track_caller]
pub fn wait_for_answers(window: &mut Window) {
    step(window);
    wait(window, "the answers", |window| window.state().is_idle());
}

/// Whether something has that role and name.
#[must_use]
pub fn has(window: &Window, role: Role, label: &str) -> bool {
    window.query_all_by_role_and_label(role, label).next().is_some()
}

/// Whether something says that, among other things.
#[must_use]
pub fn says(window: &Window, text: &str) -> bool {
    window.query_all_by_label_contains(text).next().is_some()
}

/// Draws until something has that role and name.
#[track_caller]
pub fn wait_for(window: &mut Window, role: Role, label: &str) {
    wait(window, &format!("{role:?} {label}"), |window| has(window, role, label));
}

/// Draws until nothing has that role and name.
#[track_caller]
pub fn wait_without(window: &mut Window, role: Role, label: &str) {
    wait(window, &format!("no {role:?} {label}"), |window| !has(window, role, label));
}

/// Draws until something says that, among other things.
#[track_caller]
pub fn wait_for_text(window: &mut Window, text: &str) {
    wait(window, text, |window| says(window, text));
}

/// Draws until nothing says that.
#[track_caller]
pub fn wait_without_text(window: &mut Window, text: &str) {
    wait(window, &format!("no {text}"), |window| !says(window, text));
}

/// Clicks the first that has that role and name, once it is there.
#[track_caller]
pub fn click(window: &mut Window, role: Role, label: &str) {
    click_with(window, role, label, Modifiers::NONE);
}

/// Clicks while keys are held.
#[track_caller]
pub fn click_with(window: &mut Window, role: Role, label: &str, modifiers: Modifiers) {
    wait_for(window, role, label);
    if let Some(node) = window.query_all_by_role_and_label(role, label).next() {
        node.click_modifiers(modifiers);
    }
    step(window);
    step(window);
}

/// Opens the record of a row, by one of its cells.
#[track_caller]
pub fn open_record(window: &mut Window, cell: &str) {
    click(window, Role::Cell, cell);
    press(window, Key::F4);
}

/// Presses a key.
pub fn press(window: &mut Window, key: Key) {
    press_with(window, Modifiers::NONE, key);
}

/// Presses a key while others are held.
pub fn press_with(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    step(window);
}

/// Types into a field, once it has the keyboard.
#[track_caller]
pub fn type_into(window: &mut Window, label: &str, text: &str) {
    wait(window, &format!("{label} to have the keyboard"), |window| {
        let field = window.query_by_role_and_label(Role::TextInput, label);
        field.is_some_and(|field| field.is_focused())
    });
    window.get_by_role_and_label(Role::TextInput, label).type_text(text);
    step(window);
}

/// Types a filter into the line of an English window.
#[track_caller]
pub fn type_filter(window: &mut Window, text: &str) {
    press_with(window, Modifiers::COMMAND, Key::F);
    type_into(window, "Filter", text);
    press(window, Key::Enter);
}
