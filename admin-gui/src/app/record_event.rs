//! What a person asks for in a record.

use persistence::staging::StagedValue;

use crate::command::Command;
use crate::form::FormEvent;
use crate::open_in::OpenIn;
use crate::related::RelatedEvent;
use crate::tasks::RecordNumber;

/// What a person asks for in a row that is edited within another record.
#[derive(Debug)]
pub(super) enum ChildEvent {
    Form(FormEvent),
    /// Open its own record.
    Open(OpenIn),
    /// Delete it, or keep it after all.
    Delete,
}

/// What a person asks for in a record.
#[derive(Debug)]
pub(super) enum RecordEvent {
    Form(FormEvent),
    Related(RelatedEvent),
    /// Put what was edited in a larger field into the field of a column, by its position.
    Edited {
        position: usize,
        value: StagedValue,
    },
    /// Give the keyboard to the field of a column, by its position.
    GoTo(usize),
    /// Open it in a tab of its own.
    OpenInTab,
    /// Do what a command says.
    Command(Command),
    /// What is asked for in a row that is edited within it.
    Child(RecordNumber, ChildEvent),
}
