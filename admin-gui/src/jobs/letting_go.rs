//! Much that nobody needs any more takes long to be let go of.

use std::thread;

use persistence::staging::Staging;

/// Rows that are let go of at once.
const MANY: usize = 500;

/// Something of which there may be much.
pub(crate) trait Large: Send + 'static {
    /// Returns of how many rows it is.
    fn rows(&self) -> usize;
}

/// Lets go of something: on a thread of its own where there is much of it.
pub(crate) fn let_go(of: impl Large) {
    if of.rows() > MANY
        && let Err(error) = thread::Builder::new().name("letting go".to_owned()).spawn(|| drop(of))
    {
        tracing::warn!(%error, "much is let go of by the thread that draws");
    }
}

impl Large for Staging {
    fn rows(&self) -> usize {
        // What can be undone as one was many rows by then.
        self.len()
            .max(self.undoes().take(MANY + 1).count())
            .max(self.redoes().take(MANY + 1).count())
    }
}

impl<T: Large> Large for Option<T> {
    fn rows(&self) -> usize {
        self.as_ref().map_or(0, T::rows)
    }
}

impl<T: Send + 'static> Large for Vec<T> {
    fn rows(&self) -> usize {
        self.len()
    }
}
