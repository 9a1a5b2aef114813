//! Rows of a file into any entity of a catalog, by the header's names.

mod date_format;
mod known;
mod mapping;
mod mode;
mod reason;
mod rows;
mod spelling;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::io;
use std::ops::ControlFlow;

use persistence::entity::Fill;
use persistence::{CatalogEntry, DynRepository, DynSession, Error, Record, Value};

use crate::bisect::{insert_or_reject, is_fault_of_a_row};
use crate::csv_records::{BrokenLine, Record as Line, written};
pub use date_format::DateFormat;
use known::{References, Uniqueness};
pub use mapping::{Given, Mapping, MappingError, NormalForm};
use mode::Existing;
pub use mode::Mode;
pub use reason::{Owner, Reason};
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

    /// Reports that a line is written: as a change of a stored row, where `before` has that, else as a new one. What
    /// the database fills in of a new row is NULL.
    fn accepted(&mut self, line: u64, before: Option<&Record>, row: &Record) {
        let _ = (line, before, row);
    }

    /// Reports that a line did not become a row.
    ///
    /// # Errors
    /// When the line cannot be set aside; that ends the import.
    fn rejected(&mut self, line: u64, reason: Reason, text: &str) -> io::Result<()> {
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

/// What became of a file's rows: each that was read is inserted, updated, unchanged, or rejected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines with something on them, without the header.
    pub read: u64,
    /// Rows inserted.
    pub inserted: u64,
    /// Rows changed that were there already.
    pub updated: u64,
    /// Rows that were there already, as the file has them.
    pub unchanged: u64,
    /// Lines that are no row, or one that breaks a rule.
    pub rejected: u64,
}

/// Writes the rows of a file as the mapping's [`Mode`] says. Those that break a rule are rejected, the others written;
/// nothing is committed here.
///
/// # Errors
/// When the database or the file fails, or the observer cancels; nothing may be committed then.
pub fn import(
    session: &mut dyn DynSession,
    entry: &CatalogEntry,
    mapping: &Mapping,
    lines: impl Iterator<Item = io::Result<Result<Line, BrokenLine>>>,
    observer: &mut impl Observer,
) -> Result<Counts, ImportError> {
    let mut import = Import {
        session,
        entry,
        mapping,
        observer,
        references: References::new(entry.meta),
        existing: mapping.found_by().map(|by| Existing::new(entry.meta, by.to_vec())),
        written: mapping.written(),
        counts: Counts::default(),
        rejected: Vec::new(),
    };
    let mut batch = Vec::new();
    let mut bytes = 0;
    for line in lines {
        import.counts.read += 1;
        match line? {
            Ok(line) => {
                bytes += line.fields.iter().map(String::len).sum::<usize>();
                batch.push(line);
            }
            Err(BrokenLine { line, fault, text }) => {
                bytes += text.len();
                import.rejected.push(Rejected { line, reason: fault.into(), text });
            }
        }
        if batch.len() + import.rejected.len() >= ROWS_PER_BATCH || bytes >= BYTES_PER_BATCH {
            import.write(std::mem::take(&mut batch))?;
            bytes = 0;
        }
    }
    import.write(batch)?;
    Ok(import.counts)
}

struct Import<'i, O> {
    session: &'i mut dyn DynSession,
    entry: &'i CatalogEntry,
    mapping: &'i Mapping,
    observer: &'i mut O,
    references: References,
    /// The rows that are there already, where these are changed.
    existing: Option<Existing>,
    /// The columns that change in these.
    written: Vec<usize>,
    counts: Counts,
    /// Lines of the batch that are set aside, to be told in the file's order.
    rejected: Vec<Rejected>,
}

/// A line that is no row.
struct Rejected {
    line: u64,
    reason: Reason,
    text: String,
}

/// A row on its way into the database, and the line it came from.
struct Candidate {
    line: Line,
    record: Record,
    /// The row as it is stored, where it is.
    stored: Option<Record>,
    /// Columns of which the line says nothing.
    absent: Vec<usize>,
}

impl<O: Observer> Import<'_, O> {
    fn write(&mut self, batch: Vec<Line>) -> Result<(), ImportError> {
        let candidates = self.resolved(batch)?;
        let candidates = self.found(candidates)?;
        let candidates = self.valid(candidates);
        let candidates = self.unique(candidates)?;
        let (changed, new): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|row| row.stored.is_some());
        let is_keyed = |row: &Candidate| {
            let meta = self.entry.meta;
            let is_filled =
                |it: &usize| meta.columns.get(*it).is_some_and(|it| it.fill != Fill::Draft);
            meta.key.iter().any(|it| is_filled(it) && !row.record.value(*it).is_null())
        };
        let (keyed, new): (Vec<_>, Vec<_>) = new.into_iter().partition(is_keyed);
        self.insert(&keyed, |repository, rows| repository.insert_with_keys(rows))?;
        self.insert(&new, |repository, rows| repository.insert_many(rows))?;
        self.update(changed)?;
        self.tell_rejected()?;
        if self.observer.progress().is_break() {
            return Err(ImportError::Cancelled);
        }
        Ok(())
    }

    fn insert(
        &mut self,
        rows: &[Candidate],
        insert: impl Fn(&mut dyn DynRepository, Vec<Record>) -> persistence::Result<Vec<Record>>,
    ) -> Result<(), ImportError> {
        // By their places: several rows may stand on one line.
        let placed: Vec<(usize, &Candidate)> = rows.iter().enumerate().collect();
        let mut refused = Vec::new();
        let (session, table) = (&mut *self.session, self.entry.meta.table);
        let inserted = insert_or_reject(
            &placed,
            &mut |rows: &[(usize, &Candidate)]| {
                let records = rows.iter().map(|(_, row)| row.record.clone()).collect();
                insert(&mut *session.repository(table)?, records)
            },
            &mut |(place, row), error| refused.push((*place, row.line.clone(), error)),
        )?;
        self.counts.inserted += inserted.len() as u64;
        let places: HashSet<usize> = refused.iter().map(|(place, ..)| *place).collect();
        for (_, row) in placed.iter().filter(|(place, _)| !places.contains(place)) {
            self.observer.accepted(row.line.line, None, &row.record);
        }
        for (_, line, error) in refused {
            self.reject(&line, Reason::Database(error));
        }
        Ok(())
    }

    fn update(&mut self, rows: Vec<Candidate>) -> Result<(), ImportError> {
        for Candidate { line, record, stored, .. } in rows {
            let Some(stored) = stored else { continue };
            if stored == record {
                self.counts.unchanged += 1;
                continue;
            }
            let mut repository = self.session.repository(self.entry.meta.table)?;
            match repository.update_from(&stored, record.clone()) {
                Ok(_) => {
                    drop(repository);
                    self.counts.updated += 1;
                    self.observer.accepted(line.line, Some(&stored), &record);
                }
                Err(error) if is_about_the_row(&error) => {
                    drop(repository);
                    self.reject(&line, Reason::Database(error));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn reject(&mut self, line: &Line, reason: Reason) {
        let text = written(line.iter());
        self.rejected.push(Rejected { line: line.line, reason, text });
    }

    fn tell_rejected(&mut self) -> io::Result<()> {
        self.rejected.sort_by_key(|rejected| rejected.line);
        for Rejected { line, reason, text } in std::mem::take(&mut self.rejected) {
            self.counts.rejected += 1;
            self.observer.rejected(line, reason, &text)?;
        }
        Ok(())
    }

    /// Returns the rows with the primary keys of what their labels name.
    fn resolved(&mut self, batch: Vec<Line>) -> Result<Vec<Candidate>, ImportError> {
        let mut mapped = Vec::with_capacity(batch.len());
        for line in batch {
            match self.mapping.row(line.iter()) {
                Ok(row) => mapped.push((line, row)),
                Err(reason) => self.reject(&line, reason),
            }
        }
        self.references.look_up(self.session, mapped.iter().map(|(_, row)| row))?;
        let mut candidates = Vec::with_capacity(mapped.len());
        for (line, mut row) in mapped {
            let absent = std::mem::take(&mut row.absent);
            match self.references.resolve(row) {
                Ok(record) => candidates.push(Candidate { line, record, stored: None, absent }),
                Err(reason) => self.reject(&line, reason),
            }
        }
        Ok(candidates)
    }

    /// Returns the rows with those that are there already, changed as their lines say.
    fn found(&mut self, candidates: Vec<Candidate>) -> Result<Vec<Candidate>, ImportError> {
        let Some(mut existing) = self.existing.take() else { return Ok(candidates) };
        let wanted: HashSet<Vec<Value>> =
            candidates.iter().filter_map(|row| existing.values(&row.record)).collect();
        let mut stored = existing.find(self.session, wanted.into_iter().collect())?;
        let mut found = Vec::with_capacity(candidates.len());
        for mut row in candidates {
            let values = existing.values(&row.record);
            let columns = existing.names();
            let again = values.as_ref().and_then(|it| existing.note(it, row.line.line));
            if let Some(line) = again {
                self.reject(&row.line, Reason::Again { line, columns });
                continue;
            }
            match values.as_ref().and_then(|values| stored.remove(values)) {
                Some(stored) => {
                    let mut record = stored.clone();
                    for position in self.written.iter().filter(|it| !row.absent.contains(it)) {
                        record.set(*position, row.record.value(*position).clone());
                    }
                    (row.record, row.stored) = (record, Some(stored));
                    found.push(row);
                }
                None if self.mapping.inserts() => found.push(row),
                None => {
                    let entity = self.entry.meta;
                    let reason = match values {
                        Some(values) => Reason::NotFound { entity, columns, values },
                        None => Reason::NothingToFind { columns },
                    };
                    self.reject(&row.line, reason);
                }
            }
        }
        self.existing = Some(existing);
        Ok(found)
    }

    /// Returns the rows that obey the entity's own rules.
    fn valid(&mut self, candidates: Vec<Candidate>) -> Vec<Candidate> {
        let mut valid = Vec::with_capacity(candidates.len());
        for row in candidates {
            let checked = match &row.stored {
                Some(stored) => self.entry.validate_change(stored, &row.record),
                None => self.entry.validate(&row.record),
            };
            match checked {
                Ok(()) => valid.push(row),
                Err(invalid) => self.reject(&row.line, Reason::Invalid(invalid)),
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
            match uniqueness.check(row.line.line, &row.record, row.stored.as_ref()) {
                Ok(()) => unique.push(row),
                Err(reason) => self.reject(&row.line, reason),
            }
        }
        Ok(unique)
    }
}

/// Returns whether other rows may well be changed.
const fn is_about_the_row(error: &Error) -> bool {
    is_fault_of_a_row(error) || matches!(error, Error::Conflict(_) | Error::NotFound { .. })
}
