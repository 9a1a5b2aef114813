//! Rows of a CSV file into any entity of a catalog, by the header's names.

mod date_format;
mod known;
mod mapping;
mod rows;
mod spelling;

use std::io::{self, Read};
use std::ops::ControlFlow;

use persistence::{CatalogEntry, DynSession, Error, Record};

use crate::bisect::insert_or_reject;
use crate::csv_records::{BrokenLine, Record as Line, Records, written};
pub use date_format::DateFormat;
use known::{References, Uniqueness};
pub use mapping::{Given, Mapping, MappingError};
pub use spelling::{DecimalMark, Spelling};

/// Rows inserted at a time.
const ROWS_PER_BATCH: usize = 1000;
/// Bytes held at a time, apart from a single longer row.
const BYTES_PER_BATCH: usize = 8 * 1024 * 1024;

/// What is told while an import runs.
pub trait Observer {
    /// Reports that some more lines are done. The import is cancelled where this says so: nothing of
    /// it may be committed then.
    fn progress(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Reports that a line did not become a row.
    ///
    /// # Errors
    /// When the line cannot be set aside; that ends the import.
    fn rejected(&mut self, line: u64, reason: &str, text: &str) -> io::Result<()> {
        let _ = (line, reason, text);
        Ok(())
    }

    /// Reports that a line became a row, but not all of it as it was.
    ///
    /// # Errors
    /// When the note cannot be kept; that ends the import.
    fn noted(&mut self, line: u64, note: &str) -> io::Result<()> {
        let _ = (line, note);
        Ok(())
    }
}

/// Nobody wants to be told.
impl Observer for () {}

/// Why an import ended early. What it wrote must not be committed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file cannot be read to its end, or an observer cannot write.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] Error),
    /// The observer wanted it so.
    #[error("cancelled")]
    Cancelled,
}

/// What became of a file's rows: each that was read is either inserted or rejected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines with something on them, without the header.
    pub read: u64,
    /// Rows inserted.
    pub inserted: u64,
    /// Lines that are no row, or one that breaks a rule.
    pub rejected: u64,
}

/// Inserts the rows of a file. Those that break a rule are rejected, the others inserted; nothing
/// is committed here.
///
/// # Errors
/// When the database or the file fails, or the observer cancels; nothing may be committed then.
pub fn import(
    session: &mut dyn DynSession,
    entry: &CatalogEntry,
    mapping: &Mapping,
    records: Records<impl Read>,
    observer: &mut impl Observer,
) -> Result<Counts, ImportError> {
    let mut import = Import {
        session,
        entry,
        mapping,
        observer,
        references: References::new(entry.meta),
        counts: Counts::default(),
        rejected: Vec::new(),
    };
    let mut batch = Vec::new();
    let mut bytes = 0;
    for line in records {
        import.counts.read += 1;
        match line? {
            Ok(line) => {
                bytes += line.fields.iter().map(String::len).sum::<usize>();
                batch.push(line);
            }
            Err(BrokenLine { line, fault, text }) => {
                bytes += text.len();
                import.rejected.push(Rejected { line, reason: fault.to_string(), text });
            }
        }
        if batch.len() + import.rejected.len() >= ROWS_PER_BATCH || bytes >= BYTES_PER_BATCH {
            import.insert(std::mem::take(&mut batch))?;
            bytes = 0;
        }
    }
    import.insert(batch)?;
    Ok(import.counts)
}

struct Import<'i, O> {
    session: &'i mut dyn DynSession,
    entry: &'i CatalogEntry,
    mapping: &'i Mapping,
    observer: &'i mut O,
    references: References,
    counts: Counts,
    /// Lines of the batch that are set aside, to be told in the file's order.
    rejected: Vec<Rejected>,
}

/// A line that is no row.
struct Rejected {
    line: u64,
    reason: String,
    text: String,
}

/// A row on its way into the database, and the line it came from.
struct Candidate {
    line: Line,
    record: Record,
}

impl<O: Observer> Import<'_, O> {
    fn insert(&mut self, batch: Vec<Line>) -> Result<(), ImportError> {
        let candidates = self.resolved(batch)?;
        let candidates = self.valid(candidates);
        let candidates = self.unique(candidates)?;
        let mut refused = Vec::new();
        let (session, table) = (&mut *self.session, self.entry.meta.table);
        let inserted = insert_or_reject(
            &candidates,
            &mut |rows: &[Candidate]| {
                let records = rows.iter().map(|row| row.record.clone()).collect();
                session.repository(table)?.insert_many(records)
            },
            &mut |row, error| refused.push((row.line.clone(), error.to_string())),
        )?;
        self.counts.inserted += inserted.len() as u64;
        for (line, reason) in refused {
            self.reject(&line, reason);
        }
        self.tell_rejected()?;
        if self.observer.progress().is_break() {
            return Err(ImportError::Cancelled);
        }
        Ok(())
    }

    fn reject(&mut self, line: &Line, reason: String) {
        let text = written(line.iter());
        self.rejected.push(Rejected { line: line.line, reason, text });
    }

    fn tell_rejected(&mut self) -> io::Result<()> {
        self.rejected.sort_by_key(|rejected| rejected.line);
        for Rejected { line, reason, text } in std::mem::take(&mut self.rejected) {
            self.counts.rejected += 1;
            self.observer.rejected(line, &reason, &text)?;
        }
        Ok(())
    }

    /// Returns the rows with the primary keys of what their labels name.
    fn resolved(&mut self, batch: Vec<Line>) -> Result<Vec<Candidate>, ImportError> {
        let mut mapped = Vec::with_capacity(batch.len());
        for line in batch {
            match self.mapping.row(line.iter()) {
                Ok(row) => mapped.push((line, row)),
                Err(faults) => self.reject(&line, faults),
            }
        }
        self.references.look_up(self.session, mapped.iter().map(|(_, row)| row))?;
        let mut candidates = Vec::with_capacity(mapped.len());
        for (line, row) in mapped {
            match self.references.resolve(row) {
                Ok(record) => candidates.push(Candidate { line, record }),
                Err(reason) => self.reject(&line, reason),
            }
        }
        Ok(candidates)
    }

    /// Returns the rows that obey the entity's own rules.
    fn valid(&mut self, candidates: Vec<Candidate>) -> Vec<Candidate> {
        let mut valid = Vec::with_capacity(candidates.len());
        for row in candidates {
            match self.entry.validate(&row.record) {
                Ok(()) => valid.push(row),
                Err(invalid) => {
                    let faults: Vec<_> = invalid.errors.iter().map(ToString::to_string).collect();
                    self.reject(&row.line, faults.join("; "));
                }
            }
        }
        valid
    }

    /// Returns the rows whose unique values no other row has, in the batch or in the database.
    fn unique(&mut self, candidates: Vec<Candidate>) -> Result<Vec<Candidate>, ImportError> {
        let records = candidates.iter().map(|row| &row.record);
        let mut uniqueness = Uniqueness::look_up(self.session, self.entry.meta, &records)?;
        let mut unique = Vec::with_capacity(candidates.len());
        for row in candidates {
            match uniqueness.check(row.line.line, &row.record) {
                Ok(()) => unique.push(row),
                Err(reason) => self.reject(&row.line, reason),
            }
        }
        Ok(unique)
    }
}
