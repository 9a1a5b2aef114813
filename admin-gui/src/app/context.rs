//! What drawing may read, and does not change.

use persistence::Catalog;

use crate::command::Situation;
use crate::extensions::Extensions;
use crate::i18n::Texts;
use crate::jobs::Failure;
use crate::related::Previews;
use crate::thumbnails::Thumbnails;
use crate::tr;

/// What drawing may read.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    /// The language.
    pub texts: &'a Texts,
    /// The entities.
    pub catalog: &'a Catalog,
    /// What the program adds.
    pub extensions: &'a Extensions,
    /// Rows that cells under the pointer referred to.
    pub previews: &'a Previews,
    /// Images in cells.
    pub thumbnails: &'a Thumbnails,
    /// What is going on.
    pub situation: Situation,
    /// The action of the program's own that is being done.
    pub acting: Option<&'a str>,
}

/// Says a failure in words a person can act on.
pub(super) fn words(texts: &Texts, failure: &Failure) -> String {
    match failure {
        Failure::Database(error) => texts.error(error),
        Failure::Panicked { message } => {
            tr!(texts, "shell-broke-off", message = message.as_str())
        }
        Failure::Stopped => tr!(texts, "shell-worker-stopped"),
    }
}
