//! What a person wants of a saved view.

/// What a person wants of a saved view.
#[derive(Clone, Debug)]
pub(super) enum ViewAction {
    Open(usize),
    Rename(usize),
    Update(usize),
    Delete(usize),
    Save,
    /// Give it a name: one that is there, or what is shown.
    Name {
        renamed: Option<usize>,
        name: String,
    },
}
