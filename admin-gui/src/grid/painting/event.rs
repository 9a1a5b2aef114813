//! What drawing a grid asks its surroundings for.

use egui::Rect;
use persistence::{Order, RecordKey, Value};

use super::column_menu::ColumnAction;
use crate::command::Command;
use crate::grid::state::{Movement, SortBy};
use crate::tasks::ImagePlace;

/// What a person wants of the grid's surroundings.
#[derive(Clone, Debug, PartialEq)]
pub enum GridEvent {
    /// To see the focused row's record.
    Open,
    /// To edit the focused cell; what is typed takes the place of what stands there.
    Edit(Option<String>),
    /// What has been typed into the cell that is being edited to be taken, and the focused cell to go on.
    Edited(Option<Movement>),
    /// A text from the clipboard, from the focused cell on.
    Paste(String),
    /// To see the row that a cell refers to.
    OpenReference {
        /// The table of the entity.
        table: &'static str,
        /// The row's primary key.
        key: Value,
    },
    /// To have a look at the row that the cell under the pointer refers to.
    Preview {
        /// The table of the entity.
        table: &'static str,
        /// The row's primary key.
        key: RecordKey,
    },
    /// To have a look at the image in a cell.
    Image(ImagePlace),
    /// Another order: that of a column by its position, turned by each click.
    Sort(usize, SortBy),
    /// This order.
    Order(Order),
    /// What the menu of a column offers, and where its header stands.
    Column {
        /// The column's position among the values of a row.
        position: usize,
        /// What is wanted of it.
        action: ColumnAction,
        /// The header on the screen.
        anchor: Rect,
    },
    /// All rows.
    ClearFilter,
    /// To try again.
    Retry,
    /// To wait no longer for the rows.
    Stop,
    /// What a menu offers.
    Command(Command),
}
