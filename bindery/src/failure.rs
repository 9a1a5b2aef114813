//! What went wrong, as a person reads it and as an exit code.

use std::io;
use std::process::ExitCode;

use persistence::{Error, FilterError};
use transfer::export::IsDatabase;

use crate::terminal::harmless;

/// A failure of the command line itself, or of something it names.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The arguments do not fit together.
    #[error("{0}")]
    Usage(String),
    /// Something named does not exist.
    #[error("{0}")]
    Missing(String),
    /// A file's rows cannot be taken in.
    #[error("{0}")]
    Refused(String),
    /// Ctrl-C.
    #[error("cancelled: nothing was written")]
    Cancelled,
}

const OTHER: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 2;
pub const MISSING: u8 = 3;
/// Rows were refused.
pub const REFUSED: u8 = 4;
const IN_THE_WAY: u8 = 5;
const UNAVAILABLE: u8 = 6;
/// Whether it was written is not known.
pub const UNKNOWN: u8 = 7;
/// What shells report of a program ended by Ctrl-C.
const CANCELLED: u8 = 130;

/// What was being done to the database when something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It was only read.
    Reading,
    /// It was written to.
    Writing,
}

/// Returns the exit code of an error; `None` where the reader of the output went away (`| head`),
/// which is no error.
pub fn exit_code(error: &anyhow::Error, doing: Doing) -> Option<ExitCode> {
    let is_broken_pipe = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    if causes::<io::Error>(error).any(is_broken_pipe) {
        return None;
    }
    let code = causes::<Failure>(error)
        .map(failure_code)
        .chain(causes::<Error>(error).map(|error| database_code(error, doing)))
        .chain(causes::<FilterError>(error).map(|_| USAGE))
        .chain(causes::<io::Error>(error).map(file_code))
        .next();
    Some(code.unwrap_or(OTHER).into())
}

fn causes<E: std::error::Error + Send + Sync + 'static>(
    error: &anyhow::Error,
) -> impl Iterator<Item = &E> {
    error.chain().filter_map(|cause| cause.downcast_ref::<E>())
}

const fn failure_code(failure: &Failure) -> u8 {
    match failure {
        Failure::Usage(_) => USAGE,
        Failure::Missing(_) => MISSING,
        Failure::Refused(_) => REFUSED,
        Failure::Cancelled => CANCELLED,
    }
}

const fn database_code(error: &Error, doing: Doing) -> u8 {
    match error {
        // A stored value that cannot be read is no row that is refused.
        Error::Data { .. } if matches!(doing, Doing::Reading) => OTHER,
        Error::Filter(_) => USAGE,
        Error::NotFound { .. } | Error::Schema { .. } | Error::Drifted(_) => MISSING,
        Error::Invalid(_) | Error::Constraint(_) | Error::Data { .. } => REFUSED,
        Error::Conflict(_) | Error::Retryable { .. } => IN_THE_WAY,
        Error::Unavailable { .. }
        | Error::ReadOnly { .. }
        | Error::NotPermitted(_)
        | Error::Corrupt { .. } => UNAVAILABLE,
        Error::CommitUnknown { .. } => UNKNOWN,
        Error::Cancelled => CANCELLED,
        _ => OTHER,
    }
}

fn file_code(error: &io::Error) -> u8 {
    match error.kind() {
        io::ErrorKind::NotFound => MISSING,
        // A file that is not written over.
        io::ErrorKind::AlreadyExists => USAGE,
        _ if IsDatabase::of(error).is_some() => USAGE,
        _ => OTHER,
    }
}

/// Returns the error in words: what was tried, why it failed, and for a filter where the mistake
/// is.
pub fn in_words(error: &anyhow::Error, doing: Doing) -> String {
    let mut words = String::new();
    let mut last = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        let cause = harmless(cause.trim_end());
        // Transparent errors say what their source says.
        if cause != last {
            if !words.is_empty() {
                words.push_str(": ");
            }
            words.push_str(&cause);
            last = cause.into_owned();
        }
    }
    for line in hints(error, doing) {
        words.push('\n');
        words.push_str(&line);
    }
    words
}

fn hints(error: &anyhow::Error, doing: Doing) -> Vec<String> {
    let mut hints = Vec::new();
    let of_database = causes::<Error>(error).find_map(|error| match error {
        Error::Filter(error) => Some(error),
        _ => None,
    });
    let filter = causes::<FilterError>(error).next().or(of_database);
    if let Some(caret) = filter.and_then(FilterError::with_caret) {
        hints.extend(caret.lines().map(|line| format!("  {line}")));
    }
    for error in causes::<Error>(error) {
        match error {
            Error::Retryable { .. } => hints.push(match doing {
                Doing::Reading => "try again".to_owned(),
                Doing::Writing => "nothing was written; try again".to_owned(),
            }),
            Error::CommitUnknown { .. } => {
                hints.push("look whether it was written before you try again".to_owned());
            }
            _ => {}
        }
    }
    hints
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    fn check(error: impl Into<anyhow::Error>, code: u8, words: &str) {
        let error = error.into();
        let exit_code = exit_code(&error, Doing::Writing);
        assert_eq!(format!("{exit_code:?}"), format!("{:?}", Some(ExitCode::from(code))));
        assert_eq!(in_words(&error, Doing::Writing), words);
    }

    #[test]
    fn each_kind_of_failure_has_its_code() {
        check(Failure::Usage("no".into()), 2, "no");
        check(Failure::Missing("gone".into()), 3, "gone");
        check(Error::Cancelled, 130, "cancelled");
        check(
            Error::Unavailable { target: "db".into(), message: "refused".into() },
            6,
            "cannot reach db: refused",
        );
        check(
            Error::CommitUnknown { target: "db".into(), message: "lost".into() },
            7,
            "db: the connection was lost while committing, whether the transaction is written is \
             unknown: lost\nlook whether it was written before you try again",
        );
        check(anyhow::anyhow!("odd"), 1, "odd");
        check(io::Error::new(io::ErrorKind::NotFound, "no such file"), 3, "no such file");
    }

    #[test]
    fn who_only_reads_has_had_no_rows_refused_and_nothing_to_write() {
        let unreadable = anyhow::Error::from(Error::Data { message: "no date".into() });
        let code = |doing| format!("{:?}", exit_code(&unreadable, doing));
        assert_eq!(code(Doing::Reading), format!("{:?}", Some(ExitCode::from(OTHER))));
        assert_eq!(code(Doing::Writing), format!("{:?}", Some(ExitCode::from(REFUSED))));
        let reason = persistence::RetryReason::Busy;
        let busy = anyhow::Error::from(Error::Retryable { reason, message: "locked".into() });
        assert!(in_words(&busy, Doing::Reading).ends_with("locked\ntry again"));
        assert!(
            in_words(&busy, Doing::Writing).ends_with("locked\nnothing was written; try again")
        );
    }

    #[test]
    fn what_was_tried_stands_before_why_it_failed() {
        let error = Err::<(), _>(Error::Schema { message: "no table books".into() })
            .context("counting books")
            .expect_err("an error");
        check(error, 3, "counting books: the database does not fit: no table books");
    }

    #[test]
    fn nothing_in_an_error_speaks_to_the_terminal() {
        let error = anyhow::anyhow!("no such\u{9b}31m file\n").context("reading \u{1b}[2Ja\nb.csv");
        check(error, 1, "reading ␛[2Ja␊b.csv: no such\u{fffd}31m file");
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let error = anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(exit_code(&error.context("writing rows"), Doing::Reading).is_none());
    }
}
