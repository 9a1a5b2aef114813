//! Draws the cell that is being edited.

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{Align2, Id, Key, KeyboardShortcut, Margin, Modifiers, Rect, TextEdit, Ui, UiBuilder};

use super::cell_view::MARGIN;
use super::event::GridEvent;
use crate::command::take_key;
use crate::grid::state::{CellEditor, Movement};
use crate::theme::Theme;

/// The least width of the field, in points.
const LEAST_WIDTH: f32 = 90.0;

/// The keys that end editing, and where the focused cell goes then.
const ENDS: [(KeyboardShortcut, Movement); 4] = [
    (KeyboardShortcut::new(Modifiers::NONE, Key::Enter), Movement::Down),
    (KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter), Movement::Up),
    (KeyboardShortcut::new(Modifiers::NONE, Key::Tab), Movement::Next),
    (KeyboardShortcut::new(Modifiers::SHIFT, Key::Tab), Movement::Previous),
];

/// Returns the id of the field in which a cell of the grid of that name is edited.
pub fn editor_id(grid: &str) -> Id {
    Id::unique(("cell editor", grid))
}

/// Draws the field where its cell stands; `rect` is nothing where that is out of sight. What is typed is
/// taken as soon as the field has lost the keyboard.
pub(super) fn show<K>(
    ui: &mut Ui,
    editor: &mut CellEditor<K>,
    grid: &str,
    (rect, at_right): (Option<Rect>, bool),
    name: &str,
    events: &mut Vec<GridEvent>,
) {
    let id = editor_id(grid);
    // It begins once its cell is drawn.
    let begins = !editor.has_begun;
    editor.has_begun |= rect.is_some();
    if begins {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let end = ENDS.iter().find(|(keys, _)| ui.input_mut(|input| take_key(input, *keys)));
    if let Some((_, movement)) = end {
        events.push(GridEvent::Edited(Some(*movement)));
    } else if !begins && !ui.memory(|memory| memory.has_focus(id)) {
        events.push(GridEvent::Edited(None));
    }
    editor.place = rect.map(|rect| rect.with_max_x(rect.right().max(rect.left() + LEAST_WIDTH)));
    let Some(rect) = editor.place else { return };
    let theme = Theme::of(ui.ctx());
    let mut child = ui.new_child(UiBuilder::new().id_salt("cell editor").max_rect(rect));
    child.painter().rect_filled(rect, 0.0, theme.colors.canvas);
    if begins {
        // What comes in the same picture is typed behind what stands there; where the last cell was left is past.
        let end = CCursor::new(editor.text.chars().count());
        let mut state = TextEditState::default();
        let start = if editor.is_selected { CCursor::new(0) } else { end };
        state.cursor.set_char_range(Some(CCursorRange::two(start, end)));
        state.store(ui.ctx(), id);
    }
    let margin = Margin::symmetric(text_margin(), 2);
    let field = TextEdit::singleline(&mut editor.text).id(id).margin(margin).lock_focus(true);
    let field = field.desired_width(rect.width()).min_size(rect.size());
    let align = if at_right { Align2::RIGHT_CENTER } else { Align2::LEFT_CENTER };
    let field = field.align(align);
    field.clip_text(true).show(&mut child);
    ui.ctx().accesskit_node_builder(id, |node| node.set_label(name));
}

#[expect(clippy::cast_possible_truncation, reason = "a few points")]
const fn text_margin() -> i8 {
    MARGIN as i8
}
