//! What is going on in the window, as far as it decides which commands make sense.

/// What is going on, as far as it decides which commands make sense.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Situation {
    /// An entity is being browsed.
    pub has_entity: bool,
    /// A page with figures of the database is looked at.
    pub has_figures: bool,
    /// Something was looked at before.
    pub has_past: bool,
    /// Something was left by going back.
    pub has_future: bool,
    /// Several tabs are open.
    pub has_tabs: bool,
    /// A row is focused or open.
    pub has_row: bool,
    /// The tab is that of a record.
    pub has_record_tab: bool,
    /// A cell is focused.
    pub has_cell: bool,
    /// That of a new row.
    pub has_new_row: bool,
    /// Rows are selected.
    pub has_selection: bool,
    /// The focused cell refers to a row.
    pub has_reference: bool,
    /// Not all rows are shown.
    pub is_filtered: bool,
    /// A form is open.
    pub has_form: bool,
    /// It is that of a record at the right of the rows.
    pub has_record_beside: bool,
    /// The open form has something to write.
    pub is_changed: bool,
    /// Something is staged.
    pub has_staged: bool,
    /// Something that was staged can be taken back.
    pub can_undo: bool,
    /// Something that was taken back can be done again.
    pub can_redo: bool,
    /// What is staged is being written.
    pub is_committing: bool,
    /// Nothing can be written.
    pub is_read_only: bool,
    /// The rows that are looked at cannot be written: their table is not as the entity says.
    pub is_drifted: bool,
    /// Rows of the table that is looked at may not be added.
    pub refuses_adding: bool,
    /// They may not be changed.
    pub refuses_changing: bool,
    /// They may not be deleted.
    pub refuses_deleting: bool,
    /// Keys go into a text.
    pub is_typing: bool,
    /// A dialog wants an answer first.
    pub has_dialog: bool,
    /// An action of the program's own is being done.
    pub is_acting: bool,
    /// What is written is recorded, and can be read.
    pub has_history: bool,
}
