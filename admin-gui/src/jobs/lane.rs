//! What questions are about: the newest of a lane is answered.

use std::fmt;

/// A thread that answers questions one after the other, apart from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Looks for records by their names.
    Searches,
    /// Reads and writes rows.
    Rows,
    /// Does what a program adds, which may take long.
    Actions,
    /// Counts rows, which may take long, apart from everything a person waits for.
    Counts,
    /// Looks at many rows that are to be changed, and stages that.
    Changes,
    /// Computes what is only looked at.
    Figures,
    /// Reads images and makes them small.
    Images,
    /// Reads rows that are copied, however many.
    Copies,
    /// Writes rows into files, however many.
    Exports,
    /// Takes the rows of files in, however many.
    Imports,
    /// Adds up what is selected.
    Sums,
    /// Keeps settings: a safe write may take as long as many pictures.
    Settings,
}

impl Queue {
    /// All of them, in the order in which their answers are taken: what was counted while something
    /// was written is dropped by then.
    pub const ALL: [Self; 12] = [
        Self::Searches,
        Self::Rows,
        Self::Actions,
        Self::Counts,
        Self::Changes,
        Self::Figures,
        Self::Images,
        Self::Copies,
        Self::Exports,
        Self::Imports,
        Self::Sums,
        Self::Settings,
    ];

    /// Returns the name of its thread.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Searches => "database searches",
            Self::Rows => "database rows",
            Self::Actions => "database actions",
            Self::Counts => "database counts",
            Self::Changes => "database changes",
            Self::Figures => "database figures",
            Self::Images => "database images",
            Self::Copies => "copies",
            Self::Exports => "exports",
            Self::Imports => "imports",
            Self::Sums => "sums",
            Self::Settings => "settings",
        }
    }
}

/// A kind of questions, named by who asks them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Topic {
    name: &'static str,
    queue: Queue,
    is_logged: bool,
}

impl Topic {
    /// Makes a kind of questions for a thread.
    #[must_use]
    pub const fn new(name: &'static str, queue: Queue) -> Self {
        Self { name, queue, is_logged: true }
    }

    /// Keeps its statements out of the log that people read: they would only be in the way.
    #[must_use]
    pub const fn unlogged(self) -> Self {
        Self { is_logged: false, ..self }
    }

    /// Returns the lane of the questions about something.
    #[must_use]
    pub fn of(self, about: impl Into<About>) -> Lane {
        Lane { topic: self, about: about.into() }
    }

    /// Returns the one lane of a kind that is about nothing in particular.
    #[must_use]
    pub const fn only(self) -> Lane {
        Lane { topic: self, about: About::Nothing }
    }
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum About {
    /// There is one question of its kind at a time.
    Nothing,
    /// An entity, by its table.
    Entity(&'static str),
    /// Something with a number, like a record that is open.
    Numbered(u64),
    /// A part of that.
    Part(u64, usize),
}

impl From<&'static str> for About {
    fn from(table: &'static str) -> Self {
        Self::Entity(table)
    }
}

impl From<u64> for About {
    fn from(number: u64) -> Self {
        Self::Numbered(number)
    }
}

/// What a question is about: a newer one supersedes older ones of its lane.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lane {
    topic: Topic,
    about: About,
}

impl Lane {
    /// Returns the thread that answers.
    #[must_use]
    pub const fn queue(self) -> Queue {
        self.topic.queue
    }

    /// Returns whether what it takes is noted in the log that people read.
    #[must_use]
    pub const fn is_logged(self) -> bool {
        self.topic.is_logged
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}({:?})", self.topic.name, self.about)
    }
}
