//! The file that is imported, and how much of it is read.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use persistence::backend::database_of;

use crate::failure::Failure;

/// What stands for standard input on the command line.
const STANDARD_INPUT: &str = "-";

/// A file, or standard input.
pub struct Input {
    name: String,
    path: PathBuf,
    reader: Box<dyn Read>,
    length: Option<u64>,
    position: Arc<AtomicU64>,
}

impl Input {
    /// Opens a file; `-` is standard input.
    ///
    /// # Errors
    /// When the file cannot be opened; names it.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let position = Arc::default();
        if path == Path::new(STANDARD_INPUT) {
            return Ok(Self {
                name: "standard input".to_owned(),
                path: "stdin.csv".into(),
                reader: Box::new(io::stdin().lock()),
                length: None,
                position,
            });
        }
        // Before the database is open: see `persistence::backend::database_of`.
        if let Ok(Some(database)) = database_of(path) {
            let refused = format!("{} is a database, not a file of rows", database.display());
            return Err(Failure::Refused(refused).into());
        }
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        let (metadata, file) = opened.with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self {
            name: path.display().to_string(),
            path: path.to_owned(),
            reader: Box::new(file),
            length: metadata.is_file().then_some(metadata.len()),
            position,
        })
    }

    /// Returns what people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its length in bytes, where that is known.
    pub const fn length(&self) -> Option<u64> {
        self.length
    }

    /// Returns how many bytes have been read by now; goes on counting while the input is read
    /// elsewhere.
    pub fn position(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.position)
    }

    /// Returns where its rejected rows go: `catalogue.rejected.csv` beside `catalogue.csv`.
    pub fn rejects(&self) -> PathBuf {
        self.path.with_extension("rejected.csv")
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.position.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
