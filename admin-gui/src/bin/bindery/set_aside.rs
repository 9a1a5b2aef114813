//! Files of lines that are set aside, which appear only when they are complete.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use admin_gui::export::{NewFile, write_field};
use anyhow::Context as _;

/// Lines of an imported file that are set aside, each with a word about it; the file is there only
/// when there are any.
#[derive(Debug)]
pub struct SetAside {
    path: PathBuf,
    header: &'static [&'static str],
    file: Option<io::BufWriter<NewFile>>,
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
            let mut file = io::BufWriter::new(NewFile::create(&self.path)?);
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
        let file =
            file.into_inner().map_err(io::IntoInnerError::into_error).and_then(NewFile::keep);
        file.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
