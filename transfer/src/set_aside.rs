//! Files of lines that are set aside, which appear only when they are complete.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use persistence::backend::database_of;

use crate::export::{IsDatabase, NewFile, write_field};

/// Why lines cannot be set aside in a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetAsideError {
    /// The file is a database.
    #[error(transparent)]
    IsDatabase(#[from] IsDatabase),
    /// There is a file of that name.
    #[error("it is there already, and is not written over; name another file")]
    IsThere,
    /// The file system does not say what is there.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Lines of an imported file that are set aside, each with a word about it; the file is there only
/// when there are any.
#[derive(Debug)]
pub struct SetAside {
    path: PathBuf,
    header: &'static [&'static str],
    file: Option<io::BufWriter<NewFile>>,
    /// Nothing is to be written down.
    is_idle: bool,
}

impl SetAside {
    /// Starts a CSV file with that header, which takes nobody's place: what was set aside the last
    /// time may have been corrected since.
    ///
    /// # Errors
    /// When the file is there already, or is none that may be written.
    pub fn new(path: PathBuf, header: &'static [&'static str]) -> Result<Self, SetAsideError> {
        check_free(&path)?;
        Ok(Self { path, header, file: None, is_idle: false })
    }

    /// Makes one that writes nothing down.
    pub const fn idle(path: PathBuf) -> Self {
        Self { path, header: &[], file: None, is_idle: true }
    }

    /// Returns where the file is going to be, if there is anything to write.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a line.
    ///
    /// # Errors
    /// When it cannot be written; says which file that is.
    pub fn write(&mut self, line: u64, texts: &[&str]) -> io::Result<()> {
        if self.is_idle {
            return Ok(());
        }
        self.try_write(line, texts).map_err(|error| {
            let path = self.path.display();
            io::Error::new(error.kind(), format!("cannot write {path}: {error}"))
        })
    }

    fn try_write(&mut self, line: u64, texts: &[&str]) -> io::Result<()> {
        let file = if let Some(file) = &mut self.file {
            file
        } else {
            let mut file = io::BufWriter::new(NewFile::create_new(&self.path)?);
            writeln!(file, "{}", self.header.join(","))?;
            self.file.insert(file)
        };
        write!(file, "{line}")?;
        for text in texts {
            file.write_all(b",")?;
            write_field(file, text)?;
        }
        file.write_all(b"\n")
    }

    /// Gives the file its name, if there is anything in it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&mut self) -> io::Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        file.into_inner().map_err(io::IntoInnerError::into_error).and_then(NewFile::keep)
    }
}

/// Refuses what must not be written over, before anything is done.
fn check_free(path: &Path) -> Result<(), SetAsideError> {
    if let Some(path) = database_of(path)? {
        return Err(IsDatabase { path }.into());
    }
    match path.symlink_metadata() {
        Ok(_) => Err(SetAsideError::IsThere),
        Err(_) => Ok(()),
    }
}

/// Returns a name like that one which is free: `books.rejected.csv`, `books.rejected-2.csv` …
pub fn free_name(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default();
    let names = (2_u32..).map(|number| {
        let mut name = stem.to_owned();
        name.push(format!("-{number}."));
        name.push(path.extension().unwrap_or_default());
        path.with_file_name(name)
    });
    let is_free = |path: &PathBuf| path.symlink_metadata().is_err();
    std::iter::once(path.to_owned()).chain(names).find(is_free).unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_set_aside_is_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rejects.csv");
        let mut rejects = SetAside::new(path.clone(), &["line", "reason", "text"]).expect("free");
        rejects.keep().expect("nothing to do");
        assert!(!path.exists());
        rejects.write(3, &["odd, very", "a,\"b\""]).expect("written");
        rejects.keep().expect("kept");
        let text = std::fs::read_to_string(&path).expect("a file");
        assert_eq!(text, "line,reason,text\n3,\"odd, very\",\"a,\"\"b\"\"\"\n");
        assert!(SetAside::new(path.clone(), &["line"]).is_err(), "it is there already");
        assert_eq!(free_name(&path), folder.path().join("rejects-2.csv"));
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let path = "/no/such/folder/x.csv".into();
        let mut rejects = SetAside::new(path, &["line"]).expect("free");
        let error = rejects.write(1, &[]).expect_err("no folder").to_string();
        assert!(error.contains("cannot write /no/such/folder/x.csv: "), "{error}");
    }
}
