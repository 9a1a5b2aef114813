//! The account of an import, as it is printed.

use std::io::Write as _;

use domain::goodbooks::import::Report;
use transfer::csv_records::Charset;

use super::Ending;
use super::watcher::Watcher;
use crate::terminal::{self, harmless};
use transfer::import::{Counts, Mapping};

/// What became of every row, in numbers.
#[derive(Debug)]
pub struct Summary {
    counts: Counts,
    /// More numbers, each with what it counts.
    details: Vec<(u64, String)>,
    remarks: Vec<String>,
}

impl Summary {
    /// Makes the summary of a file whose header names the entity's columns.
    pub fn of_rows(counts: Counts, mapping: &Mapping) -> Self {
        Self { counts, details: Vec::new(), remarks: mapping.remarks() }
    }

    /// Makes the summary of a goodbooks catalogue.
    pub fn of_catalogue(report: &Report) -> Self {
        let &Report { read, inserted, rejected, authors_created, repaired, .. } = report;
        let mut details = vec![
            (authors_created, "authors created".to_owned()),
            (repaired, "ISBNs repaired".to_owned()),
        ];
        let repairs = report.repairs.iter().map(|(how, count)| (*count, format!("  {how}")));
        details.extend(repairs);
        let notes: Vec<_> =
            report.notes.iter().map(|(what, count)| (*count, format!("  {what}"))).collect();
        if !notes.is_empty() {
            details.push((notes.iter().map(|(count, _)| count).sum(), "notes".to_owned()));
            details.extend(notes);
        }
        let counts = Counts { read, inserted, rejected, ..Counts::default() };
        Self { counts, details, remarks: Vec::new() }
    }

    /// Adds what the file was read as, where nobody said that it is.
    pub fn read_as(mut self, charset: Option<(Charset, bool)>) -> Self {
        if let Some((charset, true)) = charset {
            let charset = charset.name();
            self.remarks.push(format!("the file was read as {charset}, which it looks like"));
        }
        self
    }

    /// Returns how many rows were not taken in.
    pub const fn rejected(&self) -> u64 {
        self.counts.rejected
    }

    /// Prints it on standard output.
    ///
    /// # Errors
    /// When nobody reads it.
    pub fn print(&self, watcher: &Watcher, ending: Ending) -> std::io::Result<()> {
        let Counts { read, inserted, updated, unchanged, rejected } = self.counts;
        let rejected_to = if rejected > 0 && ending == Ending::Commit {
            format!("rejected, see {}", watcher.rejects().display())
        } else {
            "rejected".to_owned()
        };
        let changed = [(updated, "updated"), (unchanged, "there already, as they are in the file")];
        let changed = changed.into_iter().filter(|(count, _)| *count > 0);
        let first = [(read, "read"), (inserted, "inserted")];
        let first = first.into_iter().chain(changed).chain([(rejected, rejected_to.as_str())]);
        let details = self.details.iter().map(|(count, what)| (*count, what.as_str()));
        let lines: Vec<_> = first.chain(details).collect();
        let largest = lines.iter().map(|(count, _)| *count).max().unwrap_or(0);
        let width = largest.to_string().len();
        let mut stdout = terminal::stdout();
        for (count, what) in lines {
            writeln!(stdout, "{count:>width$}  {}", harmless(what))?;
        }
        for line in watcher.shown() {
            writeln!(stdout, "  {}", harmless(line))?;
        }
        if watcher.shown().len() as u64 != rejected && ending == Ending::Rollback {
            let more = rejected.saturating_sub(watcher.shown().len() as u64);
            writeln!(stdout, "  … and {more} more, which an import writes down")?;
        }
        for remark in &self.remarks {
            writeln!(stdout, "{}", harmless(remark))?;
        }
        if self.details.iter().any(|(_, what)| what == "notes") {
            match watcher.notes() {
                Some(path) => {
                    let path = path.display().to_string();
                    writeln!(stdout, "the notes are in {}", harmless(&path))?;
                }
                None => writeln!(stdout, "--notes FILE writes the notes down, line by line")?,
            }
        }
        if ending == Ending::Rollback {
            writeln!(stdout, "dry run: none of it was kept")?;
        }
        stdout.flush()
    }
}
