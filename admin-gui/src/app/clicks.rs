//! Clicks count where they were made.

use egui::{Event, RawInput};

/// What came after a press or a release within one frame, for the next frame.
///
/// egui finds what is under the pointer once a frame, where the pointer was last: in a slow frame a
/// click would count for what the pointer has moved on to.
#[derive(Debug, Default)]
pub(super) struct LaterInput(Vec<Event>);

impl LaterInput {
    /// Leaves in a frame's input what belongs to one place of the pointer; returns whether there is
    /// more for the next frame.
    pub(super) fn hold_back(&mut self, input: &mut RawInput) -> bool {
        let mut events = std::mem::take(&mut self.0);
        events.append(&mut input.events);
        let button = events.iter().position(|event| matches!(event, Event::PointerButton { .. }));
        let moves_on = |event: &Event| {
            matches!(
                event,
                Event::PointerMoved(_) | Event::PointerButton { .. } | Event::PointerGone
            )
        };
        if let Some(button) = button {
            let rest = events.iter().skip(button + 1).position(moves_on);
            if let Some(place) = rest {
                self.0 = events.split_off(button + 1 + place);
            }
        }
        input.events = events;
        !self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use egui::{Modifiers, PointerButton, Pos2, pos2};

    use super::*;

    fn button(pos: Pos2, pressed: bool) -> Event {
        let modifiers = Modifiers::NONE;
        Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers }
    }

    #[test]
    fn a_click_and_what_the_pointer_does_afterwards_are_of_different_frames() {
        let (here, there) = (pos2(1.0, 1.0), pos2(1.0, 100.0));
        let mut later = LaterInput::default();
        let events = vec![
            Event::PointerMoved(here),
            button(here, true),
            button(here, false),
            Event::PointerMoved(there),
        ];
        let mut input = RawInput { events, ..RawInput::default() };
        assert!(later.hold_back(&mut input));
        assert_eq!(input.events, [Event::PointerMoved(here), button(here, true)]);
        input = RawInput::default();
        assert!(later.hold_back(&mut input));
        assert_eq!(input.events, [button(here, false)]);
        input = RawInput::default();
        assert!(!later.hold_back(&mut input));
        assert_eq!(input.events, [Event::PointerMoved(there)]);
    }

    #[test]
    fn what_is_typed_after_a_click_is_not_held_back() {
        let here = pos2(1.0, 1.0);
        let typed = Event::Text("a".to_owned());
        let mut input =
            RawInput { events: vec![button(here, true), typed.clone()], ..RawInput::default() };
        assert!(!LaterInput::default().hold_back(&mut input));
        assert_eq!(input.events, [button(here, true), typed]);
    }
}
