//! What a person asks for in a record.

use crate::form::FormEvent;
use crate::related::RelatedEvent;

/// What a person asks for in a record.
#[derive(Debug)]
pub(super) enum RecordEvent {
    Form(FormEvent),
    Related(RelatedEvent),
    /// Open it in a tab of its own.
    OpenInTab,
}
