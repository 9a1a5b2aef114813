//! A cell that is edited where it stands.

/// A cell that is edited where it stands, by its row's key: it stays what it is when rows come, go and
/// scroll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellEditor<K> {
    /// Which row.
    pub key: K,
    /// The column's position among the values of a row.
    pub position: usize,
    /// What is typed.
    pub text: String,
    /// What stood there before.
    before: String,
    /// Whether it has had the keyboard.
    pub(in crate::grid) has_begun: bool,
}

impl<K> CellEditor<K> {
    /// Makes an editor of a cell in which this text stands; `typed` takes its place.
    #[must_use]
    pub fn new(key: K, position: usize, before: String, typed: Option<String>) -> Self {
        let text = typed.unwrap_or_else(|| before.clone());
        Self { key, position, text, before, has_begun: false }
    }

    /// Returns whether something else is typed than what stood there.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.text != self.before
    }
}
