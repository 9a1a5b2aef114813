//! The keys that move the focused cell.

use egui::{Key, Modifiers};

use crate::grid::state::Movement;

/// Returns the movement that a key means, and whether it takes the selection along.
pub(super) const fn movement(key: Key, modifiers: Modifiers) -> Option<(Movement, bool)> {
    if modifiers.alt {
        return None;
    }
    let extends = modifiers.shift && !matches!(key, Key::Tab);
    let movement = match (modifiers.command, key) {
        (false, Key::ArrowUp) => Movement::Up,
        (false, Key::ArrowDown) => Movement::Down,
        (false, Key::ArrowLeft) => Movement::Left,
        (false, Key::ArrowRight) => Movement::Right,
        (false, Key::PageUp) => Movement::PageUp,
        (false, Key::PageDown) => Movement::PageDown,
        (false, Key::Home) => Movement::FirstColumn,
        (false, Key::End) => Movement::LastColumn,
        (true, Key::Home | Key::ArrowUp) => Movement::FirstCell,
        (true, Key::End | Key::ArrowDown) => Movement::LastCell,
        (false, Key::Tab) if modifiers.shift => Movement::Previous,
        (false, Key::Tab) => Movement::Next,
        _ => return None,
    };
    Some((movement, extends))
}
