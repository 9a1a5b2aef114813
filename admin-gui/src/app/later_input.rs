//! Keys and clicks count in their order, each where it was made.

use egui::{Event, Key, Modifiers, RawInput};

/// What came within one frame after the first act in it, for the next frames.
///
/// egui finds what is under the pointer once a frame, where the pointer was last; and who asks a
/// frame for a key does not learn what came before it. In a slow frame a click would count for what
/// the pointer has moved on to, and Space for the row that an arrow moved on to afterwards.
#[derive(Debug, Default)]
pub(super) struct LaterInput(Vec<Event>);

impl LaterInput {
    /// Leaves in a frame's input one act and what belongs to it; returns whether there is more for
    /// the next frame.
    ///
    /// `hold` says what of it waits as well, whatever comes first.
    pub(super) fn hold_back(&mut self, input: &mut RawInput, hold: Hold) -> bool {
        let mut events = std::mem::take(&mut self.0);
        events.append(&mut input.events);
        let mut begun = None;
        let held = match hold {
            Hold::Nothing => None,
            Hold::Moves => events.iter().position(moves_focus),
            Hold::Keys => events.iter().position(is_typed),
        };
        let next = held.or_else(|| events.iter().position(|event| !belongs(event, &mut begun)));
        if let Some(next) = next {
            self.0 = events.split_off(next);
        }
        input.events = events;
        !self.0.is_empty()
    }
}

/// What a person does in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// A button goes down or up.
    Button,
    /// A key that does something, perhaps held down.
    Key { key: Key, modifiers: Modifiers, is_up: bool },
    /// Letters, and whatever else only adds to a text.
    Typing,
    /// Something is cut, copied or pasted.
    Clipboard,
}

/// What of the input waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    Nothing,
    /// Keys that go from one widget to the next: what has just got the keyboard has not said yet which keys it
    /// takes, and egui would go on.
    Moves,
    /// All that is typed: it is meant for something that is on its way.
    Keys,
}

/// Returns whether something comes from the keyboard.
const fn is_typed(event: &Event) -> bool {
    matches!(
        event,
        Event::Key { .. }
            | Event::Text(_)
            | Event::Ime(_)
            | Event::Paste(_)
            | Event::Cut
            | Event::Copy
    )
}

/// Returns whether egui goes on to another widget with a key.
fn moves_focus(event: &Event) -> bool {
    let Event::Key { key, pressed: true, .. } = event else { return false };
    matches!(key, Key::ArrowUp | Key::ArrowDown | Key::ArrowLeft | Key::ArrowRight | Key::Tab)
}

/// Returns whether an event belongs to the act that has begun; where none has, the event may begin
/// one.
fn belongs(event: &Event, begun: &mut Option<Act>) -> bool {
    let act = match event {
        Event::PointerButton { .. } => Act::Button,
        Event::PointerMoved(_) | Event::PointerGone => return *begun != Some(Act::Button),
        Event::Cut | Event::Copy | Event::Paste(_) => Act::Clipboard,
        // The one key that both does something and is a letter.
        Event::Text(text) if text == " " && is_held(*begun, Key::Space) => return true,
        Event::Text(_) | Event::Ime(_) => Act::Typing,
        &Event::Key { key, pressed: true, modifiers, .. } if is_letter(key, modifiers) => {
            Act::Typing
        }
        &Event::Key { key, pressed: true, modifiers, .. } => {
            Act::Key { key, modifiers, is_up: false }
        }
        &Event::Key { key: released, pressed: false, .. } => {
            if let Some(Act::Key { key, is_up, .. }) = begun {
                *is_up |= *key == released;
            }
            return true;
        }
        // Who asks a frame what is held learns of its end, and a click may mean another thing then.
        Event::ModifiersChanged(_) => return !matches!(begun, Some(Act::Button | Act::Clipboard)),
        _ => return true,
    };
    match begun {
        None => {
            *begun = Some(act);
            true
        }
        // A key that is held down goes on; letters follow each other.
        Some(begun) => *begun == act && matches!(act, Act::Key { .. } | Act::Typing),
    }
}

fn is_held(begun: Option<Act>, held: Key) -> bool {
    matches!(begun, Some(Act::Key { key, is_up: false, .. }) if key == held)
}

/// Returns whether a key only adds to a text, where one is being typed.
fn is_letter(key: Key, modifiers: Modifiers) -> bool {
    let is_with_others = modifiers.ctrl || modifiers.alt || modifiers.command;
    let is_arrow = matches!(key, Key::ArrowUp | Key::ArrowDown | Key::ArrowLeft | Key::ArrowRight);
    !is_with_others && !is_arrow && key.symbol_or_name().chars().count() == 1
}

#[cfg(test)]
mod tests {
    use egui::{PointerButton, Pos2, pos2};

    use super::*;

    const HERE: Pos2 = pos2(1.0, 1.0);
    const THERE: Pos2 = pos2(1.0, 100.0);

    fn button(pos: Pos2, pressed: bool) -> Event {
        let modifiers = Modifiers::NONE;
        Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers }
    }

    fn key(key: Key, modifiers: Modifiers, pressed: bool) -> Event {
        Event::Key { key, physical_key: None, pressed, repeat: false, modifiers }
    }

    fn down(key: Key) -> Event {
        self::key(key, Modifiers::NONE, true)
    }

    fn up(key: Key) -> Event {
        self::key(key, Modifiers::NONE, false)
    }

    fn text(text: &str) -> Event {
        Event::Text(text.to_owned())
    }

    /// Asserts that these come together in one frame's input, and each part in a frame of its own.
    #[track_caller]
    fn assert_frames(frames: &[&[Event]]) {
        let mut later = LaterInput::default();
        let mut input = RawInput { events: frames.concat(), ..RawInput::default() };
        for (number, events) in frames.iter().enumerate() {
            let is_more = later.hold_back(&mut input, Hold::Nothing);
            assert_eq!(input.events, *events, "frame {number}");
            assert_eq!(is_more, number + 1 < frames.len(), "after frame {number}");
            input = RawInput::default();
        }
    }

    #[test]
    fn a_click_and_what_the_pointer_does_afterwards_are_of_different_frames() {
        assert_frames(&[
            &[Event::PointerMoved(HERE), button(HERE, true)],
            &[button(HERE, false)],
            &[Event::PointerMoved(THERE)],
        ]);
        assert_frames(&[&[button(HERE, true)], &[Event::PointerGone]]);
    }

    #[test]
    fn what_is_pressed_after_a_click_counts_for_what_was_clicked() {
        assert_frames(&[&[button(HERE, true)], &[button(HERE, false)], &[down(Key::Delete)]]);
        assert_frames(&[&[button(HERE, true)], &[text("a")]]);
        assert_frames(&[&[down(Key::Escape), up(Key::Escape)], &[button(HERE, true)]]);
    }

    #[test]
    fn keys_that_do_something_are_of_different_frames() {
        let control = |name, pressed| key(name, Modifiers::COMMAND, pressed);
        let held = Event::ModifiersChanged(Modifiers::COMMAND);
        assert_frames(&[
            &[held.clone(), control(Key::A, true), control(Key::A, false)],
            &[Event::Copy],
            &[control(Key::S, true)],
        ]);
        assert_frames(&[
            &[down(Key::ArrowDown), up(Key::ArrowDown)],
            &[down(Key::Space), text(" ")],
        ]);
        assert_frames(&[&[down(Key::Space), text(" "), up(Key::Space)], &[down(Key::ArrowDown)]]);
        assert_frames(&[&[down(Key::ArrowDown)], &[key(Key::ArrowDown, Modifiers::SHIFT, true)]]);
        assert_frames(&[&[down(Key::Space), up(Key::Space)], &[down(Key::Space), up(Key::Space)]]);
        assert_frames(&[&[Event::Paste("a".to_owned())], &[Event::Paste("b".to_owned())]]);
    }

    #[test]
    fn a_click_counts_with_the_keys_that_were_held() {
        let shift = Event::ModifiersChanged(Modifiers::SHIFT);
        let none = Event::ModifiersChanged(Modifiers::NONE);
        assert_frames(&[
            &[shift.clone(), button(HERE, true)],
            &[button(HERE, false)],
            &[none.clone(), Event::PointerMoved(THERE)],
        ]);
        assert_frames(&[&[shift, Event::Copy], &[none, button(HERE, true)]]);
    }

    #[test]
    fn a_key_that_is_held_down_does_not_lag_behind() {
        let held = vec![down(Key::PageDown); 20];
        assert_frames(&[&held]);
    }

    #[test]
    fn letters_stay_together_and_come_before_the_key_that_follows() {
        let word = [down(Key::N), text("n"), down(Key::O), up(Key::N), text("o"), up(Key::O)];
        assert_frames(&[&word]);
        assert_frames(&[&word, &[down(Key::Enter)], &[text("x"), down(Key::Comma), text(",")]]);
        assert_frames(&[&[down(Key::Space), text(" "), up(Key::Space)], &word]);
    }

    #[test]
    fn what_is_no_act_holds_nothing_back() {
        let focused = Event::WindowFocused(true);
        let moved = Event::PointerMoved(HERE);
        assert_frames(&[&[moved.clone(), down(Key::Enter), moved, focused, up(Key::Enter)]]);
        assert_frames(&[&[]]);
    }
}
