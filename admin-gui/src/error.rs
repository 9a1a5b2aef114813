//! What can keep the admin's window from opening.

/// What can keep the admin's window from opening.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] persistence::Error),
    /// There is no display, or it has no OpenGL.
    #[error("cannot open a window: {message}")]
    Window {
        /// The window system's words.
        message: String,
    },
    /// The system has no more threads.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
    /// The application's own texts are not well-formed.
    #[error(transparent)]
    Texts(#[from] crate::i18n::TextsError),
}
