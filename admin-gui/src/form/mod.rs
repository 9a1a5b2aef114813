//! The form of one record: what is typed, what is wrong with it, and how it looks.
//!
//! The form never touches a database. It says what it wants in [`FormEvent`]s and is told what
//! came of it by [`RecordForm::saved`], [`RecordForm::failed`] and
//! [`RecordForm::reference_results`].

mod calendar;
mod cells_view;
mod conflict;
mod conflict_view;
mod deletion;
mod deletion_tree;
mod editor;
mod event;
mod field;
mod field_view;
mod label_row;
mod model;
mod outcome;
mod parts;
mod picker;
mod picker_view;
mod problem;
mod staged;
mod value_view;
mod view;

pub use cells_view::CellColumn;
pub use conflict::ConflictState;
pub use deletion::{DeletionChoice, DeletionDialog};
pub(crate) use editor::is_large;
pub use event::{FormEvent, ImageField};
pub(crate) use field::{is_too_long, text_of};
pub use model::{Access, RecordForm};
pub use outcome::Winner;
pub(crate) use parts::icon_button;
pub(crate) use picker_view::choice_line;
pub use problem::Problem;
