//! What a form asks of its surroundings.

use persistence::Value;

use crate::OpenIn;

/// What a form asks of its surroundings.
#[derive(Clone, Debug, PartialEq)]
pub enum FormEvent {
    /// Write what is [typed](super::RecordForm::take_typed); answered by
    /// [`RecordForm::saved`](super::RecordForm::saved), [`RecordForm::failed`](super::RecordForm::failed)
    /// or [`RecordForm::settled`](super::RecordForm::settled).
    SaveRequested,
    /// Show what deleting the record would take along, and ask.
    DeleteRequested,
    /// Open a new record with the same values.
    CopyRequested,
    /// Find rows that a foreign key can point to; answered by
    /// [`RecordForm::reference_results`](super::RecordForm::reference_results).
    SearchReference {
        /// The position of the foreign key's column.
        column: usize,
        /// The table to search.
        table: &'static str,
        /// What was typed; empty for the first rows.
        text: String,
    },
    /// Open the record that a foreign key points to.
    OpenReference {
        /// Its table.
        table: &'static str,
        /// Its primary key.
        key: Value,
        /// Where.
        open_in: OpenIn,
    },
    /// Show the image in a field, if it can be shown; answered by
    /// [`RecordForm::show_image`](super::RecordForm::show_image).
    ImageWanted(ImageField),
    /// Edit the value of a column, by its position, in a field as large as the window allows; answered by
    /// [`RecordForm::put`](super::RecordForm::put).
    EnlargeWanted(usize),
    /// Close the form; what is typed is staged.
    Closed,
}

/// A field that holds an image, as it is in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageField {
    /// The column's position.
    pub column: usize,
    /// How long the image is, in bytes.
    pub bytes: u64,
}
