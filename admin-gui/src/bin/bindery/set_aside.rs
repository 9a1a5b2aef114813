//! Files that appear only when they are complete.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use crate::output::write_field;

/// A file that takes its name, and the place of another, only when it is kept; it is gone
/// otherwise.
#[derive(Debug)]
pub struct NewFile {
    file: NamedTempFile,
    path: PathBuf,
}

impl NewFile {
    /// A new file beside the one it is going to be.
    ///
    /// # Errors
    /// When the folder takes no file.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        let writing = || format!("cannot write {}", path.display());
        if path.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory)).with_context(writing);
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        builder.prefix(".bindery-");
        // As any program creates files; temporary ones are for their owner alone.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder.unwrap_or(Path::new("."))).with_context(writing)?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Where to write.
    pub fn as_file(&self) -> &File {
        self.file.as_file()
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When it cannot have it.
    pub fn keep(self) -> anyhow::Result<()> {
        let Self { file, path } = self;
        file.as_file()
            .sync_all()
            .and_then(|()| file.persist(&path).map_err(|error| error.error))
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(())
    }
}

/// Lines of an imported file that are set aside, each with a word about it; the file is there only
/// when there are any.
#[derive(Debug)]
pub struct SetAside {
    path: PathBuf,
    header: &'static [&'static str],
    file: Option<io::BufWriter<NamedTempFile>>,
}

impl SetAside {
    /// A CSV file with that header.
    pub const fn new(path: PathBuf, header: &'static [&'static str]) -> Self {
        Self { path, header, file: None }
    }

    /// Where the file is going to be, if there is anything to write.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a line.
    ///
    /// # Errors
    /// When it cannot be written; says which file that is.
    pub fn write(&mut self, line: u64, texts: &[&str]) -> io::Result<()> {
        let path = self.path.clone();
        self.try_write(line, texts).map_err(|error| {
            io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display()))
        })
    }

    fn try_write(&mut self, line: u64, texts: &[&str]) -> io::Result<()> {
        let file = if let Some(file) = &mut self.file {
            file
        } else {
            let new = NewFile::create(&self.path).map_err(|error| {
                let kind = error.downcast_ref().map_or(io::ErrorKind::Other, io::Error::kind);
                io::Error::new(kind, error.root_cause().to_string())
            })?;
            let mut file = io::BufWriter::new(new.file);
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
    pub fn keep(&mut self) -> anyhow::Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let file = file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        NewFile { file, path: self.path.clone() }.keep()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_replaces_another_only_when_it_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.csv");
        std::fs::write(&path, "old").expect("a file");
        let file = NewFile::create(&path).expect("a file");
        file.as_file().write_all(b"half").expect("written");
        drop(file);
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "old");
        let file = NewFile::create(&path).expect("a file");
        file.as_file().write_all(b"new").expect("written");
        file.keep().expect("kept");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "new");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn nothing_set_aside_is_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rejects.csv");
        let mut rejects = SetAside::new(path.clone(), &["line", "reason", "text"]);
        rejects.keep().expect("nothing to do");
        assert!(!path.exists());
        rejects.write(3, &["odd, very", "a,\"b\""]).expect("written");
        rejects.keep().expect("kept");
        let text = std::fs::read_to_string(&path).expect("a file");
        assert_eq!(text, "line,reason,text\n3,\"odd, very\",\"a,\"\"b\"\"\"\n");
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let mut rejects = SetAside::new("/no/such/folder/x.csv".into(), &["line"]);
        let error = rejects.write(1, &[]).expect_err("no folder").to_string();
        assert!(error.contains("cannot write /no/such/folder/x.csv: "), "{error}");
    }
}
