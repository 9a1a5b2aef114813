//! The window under a finger.

use admin_gui::i18n::Language;
use domain::{Author, NewAuthor};
use egui::accesskit::Role;
use egui::{Event, Modifiers, PointerButton, Pos2, TouchDeviceId, TouchId, TouchPhase, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use persistence::{Memory, Repository};
use window_driver::{Window, open, speaking, wait, wait_for};

fn many() -> Memory {
    let mut shop = Memory::new().with::<Author>();
    let author = |number: u32| NewAuthor {
        name: format!("Author {number:04}"),
        born_on: None,
        biography: None,
    };
    Repository::<Author>::insert_many(&mut shop, (0..2_000).map(author).collect()).unwrap();
    shop.commit().unwrap();
    shop
}

/// The number of the topmost author on the screen.
fn topmost(window: &Window) -> u32 {
    let cells = window.query_all_by_role(Role::Cell).filter_map(|cell| {
        let label = cell.accesskit_node().label()?;
        Some((cell.rect().top(), label.strip_prefix("Author ")?.parse().ok()?))
    });
    let mut cells: Vec<(f32, u32)> = cells.collect();
    cells.sort_by(|(top, _), (other, _)| top.total_cmp(other));
    cells[0].1
}

fn touch(window: &mut Window, phase: TouchPhase, at: Pos2) {
    let event =
        Event::Touch { device_id: TouchDeviceId(1), id: TouchId(1), phase, pos: at, force: None };
    window.event(event);
    window.event(Event::PointerMoved(at));
    if phase != TouchPhase::Move {
        let pressed = phase == TouchPhase::Start;
        let button = PointerButton::Primary;
        window.event(Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE });
    }
    window.step();
}

#[test]
fn a_finger_drags_the_rows_and_lets_go_of_them_with_a_swing() {
    // A finger's speed is what it did in the last tenth of a second.
    let mut window = open(many().catalog(), speaking(Language::English), [1380.0, 800.0]);
    wait_for(&mut window, Role::Cell, "Author 0000");
    let x = 600.0;
    touch(&mut window, TouchPhase::Start, pos2(x, 700.0));
    for step in 1_u8..=10 {
        touch(&mut window, TouchPhase::Move, pos2(x, 700.0 - f32::from(step) * 50.0));
    }
    let dragged = topmost(&window);
    // 500 points are 20 rows.
    assert!((17..=21).contains(&dragged), "{dragged}");
    touch(&mut window, TouchPhase::End, pos2(x, 200.0));
    wait(&mut window, "the swing", |window| topmost(window) > dragged + 10);
}
