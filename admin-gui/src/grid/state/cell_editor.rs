//! A cell that is edited where it stands.

use persistence::Value;

/// A cell that is edited where it stands, by its row's key: it stays what it is when rows come, go and
/// scroll.
#[derive(Clone, Debug, PartialEq)]
pub struct CellEditor<K> {
    /// Which row.
    pub key: K,
    /// The column's position among the values of a row.
    pub position: usize,
    /// What is typed.
    pub text: String,
    /// What stood there before.
    before: String,
    /// What was stored there, as far as it was to be seen.
    pub seen: Option<Value>,
    /// Where its field was drawn last; `None` where the cell is out of sight.
    pub place: Option<egui::Rect>,
    /// Whether what stands there is selected when it begins, so that what is typed takes its place.
    pub(in crate::grid) is_selected: bool,
    /// Whether it has had the keyboard.
    pub(in crate::grid) has_begun: bool,
}

impl<K> CellEditor<K> {
    /// Makes an editor of a cell in which this text stands, and this is stored.
    #[must_use]
    pub fn new(key: K, position: usize, before: String, seen: Option<Value>) -> Self {
        Self {
            key,
            position,
            text: before.clone(),
            before,
            seen,
            place: None,
            is_selected: false,
            has_begun: false,
        }
    }

    /// Has what is typed take the place of what stands there.
    #[must_use]
    pub fn typed(self, typed: Option<String>) -> Self {
        let text = typed.unwrap_or(self.text);
        Self { text, ..self }
    }

    /// Has what stands there selected when it begins.
    #[must_use]
    pub fn selected(self) -> Self {
        Self { is_selected: true, ..self }
    }

    /// Returns whether something else is typed than what stood there.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.text != self.before
    }
}
