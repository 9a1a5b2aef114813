//! What drawing asks for: a list, done once the picture is complete.

use std::panic::Location;
use std::path::PathBuf;

use persistence::deletion::Consequence;
use persistence::edit::Written;
use persistence::observe::Binds;
use persistence::{Filter, RecordKey};

use super::large_editor::LargeEditor;
use super::notice::Notice;
use super::record_event::RecordEvent;
use super::staged::{CellChange, Changes};
use super::target::{Focused, Target};
use super::view_action::ViewAction;
use crate::command::Command;
use crate::extensions::Action;
use crate::form::{DeletionDialog, ImageField};
use crate::jobs::{Failure, Jobs, Lane, Report, Task};
use crate::open_in::OpenIn;
use crate::palette::Destination;
use crate::panes::Pane;
use crate::tasks::{ImagePlace, PlannedDeletion, RecordNumber, Step};
use transfer::export::{Export, Source};

/// Something that is to be done.
pub(super) enum Effect<S> {
    /// Do what a command says: to an entity's rows, or to those that are looked at.
    Run { command: Command, table: Option<&'static str> },
    /// Show a pane.
    Show(Pane, OpenIn),
    /// Show an entity's rows that a filter finds.
    ShowFiltered { table: &'static str, filter: Filter },
    /// Open something in the panel at the right.
    Open(Target),
    /// Close a pane, once nothing is lost with it.
    Close(Pane),
    /// Close a pane, and what was typed in it.
    LetGo(Pane),
    /// Read the record of a pane again.
    Reread(Pane),
    /// Do what was asked for in a record.
    Record(RecordNumber, RecordEvent),
    /// Show what the values of a column are like, by its position.
    ShowStatistics { table: &'static str, column: usize },
    /// Do what a person wants of a saved view.
    View(ViewAction),
    /// Go where a person has chosen to go.
    GoTo(Destination),
    /// Write rows into a file.
    Export(Box<Export>, PathBuf),
    /// Do an action of the program's own to rows.
    Act(Action),
    /// Show the focused row where that has been waited for: rows have come.
    Follow,
    /// Read a row that a cell under the pointer refers to.
    Preview { table: &'static str, key: RecordKey },
    /// Read an image.
    Image(ImagePlace),
    /// Ask whether to run or revert migrations.
    AskToMigrate(Step, Vec<String>),
    /// Take no further step.
    StopMigrating,
    /// Tell the person something.
    Tell(Notice),
    /// Say no more what was said last.
    Hush,
    /// Put cells from the clipboard where the focused cell is.
    Paste { table: &'static str, text: String },
    /// Show a value in a field as large as the window allows.
    Enlarge(Box<LargeEditor>),
    /// Stage changes of cells.
    Stage { table: &'static str, changes: Changes },
    /// Stage that a cell refers to the row that is meant by what was typed.
    Refer { table: &'static str, change: CellChange },
    /// Ask whether to delete rows.
    AskToDelete(Box<(DeletionDialog, Source)>),
    /// Ask again whether to delete rows, before what is staged is written.
    AskAgainToDelete(Box<PlannedDeletion>),
    /// Count and show rows as they are after a write of our own.
    Written { rows: Vec<Written>, along: Vec<Consequence> },
    /// Count and read again what others turned out to have written.
    WrittenByOthers(&'static str),
    /// Read again the many rows of which something is staged.
    RereadStaged,
    /// Forget what was looked at in passing: it may be another thing by now.
    ForgetLookups,
    /// Give an open record an image that it holds.
    RecordImage(RecordNumber, ImageField),
    /// Give the keyboard to an area.
    Focus(Focused),
    /// Ask the database something.
    Ask(Question<S>),
    /// Wait no longer for an answer.
    Forget(Lane),
    /// Stop work, whose answer says so.
    Stop(Lane),
    /// Say, or say no more, in the log which values statements bound.
    NoteValues(Binds),
    /// Note the statements that an answer took.
    Log(Report),
}

/// What asks a question of the threads.
type Ask<S> = Box<dyn FnOnce(&mut Jobs<S>)>;

/// A question to the database, with what is done with its answer.
pub(super) struct Question<S>(Ask<S>);

impl<S> Question<S> {
    /// Asks the question.
    pub fn ask(self, jobs: &mut Jobs<S>) {
        (self.0)(jobs);
    }
}

/// What is to be done, in the order in which it was asked for.
pub(super) struct Effects<S>(Vec<(Effect<S>, &'static Location<'static>)>);

impl<S> Default for Effects<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S: 'static> Effects<S> {
    /// Adds something that is to be done.
    #[track_caller]
    pub fn push(&mut self, effect: Effect<S>) {
        self.0.push((effect, Location::caller()));
    }

    /// Does what a command says to the rows that are looked at.
    #[track_caller]
    pub fn run(&mut self, command: Command) {
        self.push(Effect::Run { command, table: None });
    }

    /// Does what a command says to the rows of an entity.
    #[track_caller]
    pub fn run_on(&mut self, command: Command, table: &'static str) {
        self.push(Effect::Run { command, table: Some(table) });
    }

    /// Tells the person something.
    #[track_caller]
    pub fn tell(&mut self, notice: Notice) {
        self.push(Effect::Tell(notice));
    }

    /// Takes back the notice that was shown last.
    #[track_caller]
    pub fn hush(&mut self) {
        self.push(Effect::Hush);
    }

    /// Gives the keyboard to an area.
    #[track_caller]
    pub fn focus(&mut self, area: Focused) {
        self.push(Effect::Focus(area));
    }

    /// Asks the database; `receive` does to the window what the answer says.
    #[track_caller]
    pub fn ask_window<T: Task>(
        &mut self,
        lane: Lane,
        task: T,
        receive: impl FnOnce(&mut S, Result<T::Output, Failure>) + 'static,
    ) {
        let ask = Box::new(move |jobs: &mut Jobs<S>| {
            jobs.ask(lane, task, |state, outcome, _| receive(state, outcome));
        });
        self.push(Effect::Ask(Question(ask)));
    }

    /// Waits no longer for an answer.
    #[track_caller]
    pub fn forget(&mut self, lane: Lane) {
        self.push(Effect::Forget(lane));
    }

    /// Stops work, whose answer says so.
    #[track_caller]
    pub fn stop(&mut self, lane: Lane) {
        self.push(Effect::Stop(lane));
    }

    /// Puts what is to be done before all else.
    pub fn put_first(&mut self, mut first: Self) {
        first.0.append(&mut self.0);
        *self = first;
    }

    /// Returns what is to be done, and forgets it; the log says who asked for it.
    pub fn take(&mut self) -> impl Iterator<Item = Effect<S>> + use<S> {
        std::mem::take(&mut self.0).into_iter().map(|(effect, from)| {
            // Not what it is: what a person has typed is nobody's business.
            tracing::debug!(%from, "does what was asked for");
            effect
        })
    }
}
