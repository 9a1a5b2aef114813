//! What is done, by the person in front of the window and by others.

use egui::{Key, Modifiers};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::items::Items;
use crate::window::Window;

/// Filters as they are typed, and the same as SQL.
pub const FILTERS: [(&str, &str); 4] = [
    ("weight >= 40", "weight >= 40"),
    ("name ~ \"7\" and weight < 50", "name LIKE '%7%' AND weight < 50"),
    ("weight is null", "weight IS NULL"),
    ("name = \"nothing\"", "name = 'nothing'"),
];

/// Something that is done.
#[derive(Clone, Debug)]
pub enum Step {
    /// Turns the wheel so far, in points.
    Wheel { points: f32 },
    /// Drags the scroll bar's handle to a share of its length, and lets go of it or not at first.
    Drag { to: f32 },
    /// Presses a key so often.
    Press { key: Key, times: u8 },
    /// Goes to the last row.
    LastCell,
    /// Goes to the first row.
    FirstCell,
    /// Goes to a row by its number: that share of all rows.
    GoToRow { share: f64 },
    /// Makes the window another size.
    Resize { width: f32, height: f32 },
    /// Clicks a column's header.
    Sort { column: &'static str },
    /// Types a filter.
    Filter { number: usize },
    /// Takes the filter away.
    ClearFilter,
    /// Adds a row by the form.
    Insert,
    /// Gives the focused row another weight by the form.
    Update,
    /// Deletes the focused row.
    Delete,
    /// Others add rows, and the person has them shown.
    OthersInsert { count: u32 },
    /// Others delete rows, and the person has the rest shown.
    OthersDelete { share: f64 },
    /// Others change rows, and the person has them shown.
    OthersUpdate { share: f64 },
}

/// Sequences of them.
pub fn steps(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    let key = prop::sample::select(vec![
        Key::ArrowDown,
        Key::ArrowUp,
        Key::PageDown,
        Key::PageUp,
        Key::Home,
        Key::End,
    ]);
    let step = prop_oneof![
        4 => (-3_000.0_f32..3_000.0).prop_map(|points| Step::Wheel { points }),
        2 => (-40_000.0_f32..40_000.0).prop_map(|points| Step::Wheel { points }),
        4 => (0.0_f32..=1.0).prop_map(|to| Step::Drag { to }),
        4 => (key, 1_u8..12).prop_map(|(key, times)| Step::Press { key, times }),
        2 => Just(Step::LastCell),
        1 => Just(Step::FirstCell),
        2 => (0.0_f64..1.0).prop_map(|share| Step::GoToRow { share }),
        1 => (900.0_f32..1_600.0, 600.0_f32..1_000.0)
            .prop_map(|(width, height)| Step::Resize { width, height }),
        3 => prop::sample::select(vec!["Id", "Name", "Weight"])
            .prop_map(|column| Step::Sort { column }),
        2 => (0..FILTERS.len()).prop_map(|number| Step::Filter { number }),
        2 => Just(Step::ClearFilter),
        2 => Just(Step::Insert),
        2 => Just(Step::Update),
        2 => Just(Step::Delete),
        1 => (1_u32..700).prop_map(|count| Step::OthersInsert { count }),
        1 => (0.0_f64..0.7).prop_map(|share| Step::OthersDelete { share }),
        1 => (0.0_f64..0.5).prop_map(|share| Step::OthersUpdate { share }),
    ];
    prop::collection::vec(step, length)
}

impl Step {
    /// Does it.
    ///
    /// # Errors
    /// When the window does not do its part.
    pub fn take(&self, window: &mut Window, items: &Items) -> Result<(), TestCaseError> {
        match *self {
            Self::Wheel { points } => window.wheel(points),
            Self::Drag { to } => window.drag_to(to),
            Self::Press { key, times } => {
                for _ in 0..times {
                    window.press(Modifiers::NONE, key);
                }
            }
            Self::LastCell => window.press(Modifiers::COMMAND, Key::End),
            Self::FirstCell => window.press(Modifiers::COMMAND, Key::Home),
            Self::GoToRow { share } => window.go_to_row(items, share)?,
            Self::Resize { width, height } => window.resize(width, height),
            Self::Sort { column } => window.sort(column),
            Self::Filter { number } => {
                let (typed, sql) = FILTERS.get(number).copied().unwrap_or(("", "1"));
                window.filter(typed, sql)?;
            }
            Self::ClearFilter => window.filter("", "1")?,
            Self::Insert => window.insert(items)?,
            Self::Update => window.update(items)?,
            Self::Delete => window.delete(items)?,
            Self::OthersInsert { count } => {
                items.insert(count);
                window.press(Modifiers::NONE, Key::F5);
            }
            Self::OthersDelete { share } => {
                items.delete(share);
                window.press(Modifiers::NONE, Key::F5);
            }
            Self::OthersUpdate { share } => {
                items.update(share);
                window.press(Modifiers::NONE, Key::F5);
            }
        }
        Ok(())
    }
}
