//! Files of journals: whose they are, whether somebody has them, and how one takes the place of another.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// How the names of journals end.
const JOURNAL: &str = "journal";
/// How the names of files end that are not complete.
const UNFINISHED: &str = "unfinished";

/// A file that nobody else has.
#[derive(Debug)]
pub(super) struct Locked(File);

impl Locked {
    /// Opens a file and locks it; `None` where somebody else has it, or it is gone.
    pub fn open(path: &Path) -> io::Result<Option<Self>> {
        let Some(file) = existing(path)? else { return Ok(None) };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let file = Self(file);
        // Since it was opened it may have been removed, or another may have taken its place.
        Ok(if is_at(&file.0, path)? { Some(file) } else { None })
    }

    /// Writes a complete new file, which appears as a whole in the place of the one of that name, and is
    /// locked by then.
    pub fn place(path: &Path, bytes: &[u8]) -> io::Result<Self> {
        let (mut file, unfinished) = loop {
            let unfinished = path.with_file_name(name_like(path, UNFINISHED));
            let file = options().create_new(true).open(&unfinished)?;
            file.lock()?;
            // Somebody may have swept it away before it was locked.
            if unfinished.try_exists()? {
                break (Self(file), unfinished);
            }
        };
        let mut written = file.0.write_all(bytes).and_then(|()| file.0.sync_all());
        written = written.and_then(|()| fs::rename(&unfinished, path));
        if let Err(error) = written {
            fs::remove_file(&unfinished).ok();
            return Err(error);
        }
        sync_folder(path);
        Ok(file)
    }

    /// Writes after the first bytes, and returns once that is on the disk.
    pub fn write(&mut self, after: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.seek(SeekFrom::Start(after))?;
        self.0.write_all(bytes)?;
        self.0.sync_data()
    }

    /// Cuts off everything after the first bytes.
    pub fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    /// Reads all of it.
    pub fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.0.rewind()?;
        self.0.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Returns when it was written last.
    pub fn written_at(&self) -> io::Result<std::time::SystemTime> {
        self.0.metadata()?.modified()
    }

    /// Removes it.
    pub fn remove(self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)?;
        sync_folder(path);
        self.forget();
        Ok(())
    }

    /// Leaves nothing in a file that has no name any more: somebody may have opened it when it had one,
    /// and waits for nothing but its lock.
    pub fn forget(self) {
        self.0.set_len(0).ok();
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // Closing it would not do at once where a program is just being started, which has a copy.
        self.0.unlock().ok();
    }
}

/// Makes a folder, for its owner alone, where there is none.
pub(super) fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Returns a path that no other journal of that database has.
pub(super) fn new_path(folder: &Path, database: &str) -> PathBuf {
    folder.join(format!("{}{}.{JOURNAL}", prefix(database), Uuid::new_v4().simple()))
}

/// Returns the journals of a database, and perhaps some of another with the same checksum.
pub(super) fn journals(folder: &Path, database: &str) -> io::Result<Vec<PathBuf>> {
    files(folder, database, JOURNAL)
}

/// Removes what programs have left behind that ended before a file was complete.
pub(super) fn sweep(folder: &Path, database: &str) -> io::Result<()> {
    for path in files(folder, database, UNFINISHED)? {
        if let Some(file) = Locked::open(&path)? {
            file.remove(&path)?;
        }
    }
    Ok(())
}

/// Returns whether somebody has a file.
pub(super) fn is_in_use(path: &Path) -> io::Result<bool> {
    let Some(file) = existing(path)? else { return Ok(false) };
    // Several can ask at once without taking each other for its owner.
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn files(folder: &Path, database: &str, extension: &str) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let prefix = prefix(database);
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_wanted = path.extension().is_some_and(|found| found == extension);
        if is_wanted && name.starts_with(&prefix) {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// Returns how the names of a database's files begin.
fn prefix(database: &str) -> String {
    format!("{:08x}-", crc32fast::hash(database.as_bytes()))
}

/// Returns a new name for a file of the same database.
fn name_like(path: &Path, extension: &str) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let prefix = name.split_once('-').map_or("", |(prefix, _)| prefix);
    format!("{prefix}-{}.{extension}", Uuid::new_v4().simple())
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    // What is staged is nobody else's business.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Opens a file, if it is there.
fn existing(path: &Path) -> io::Result<Option<File>> {
    match options().open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether a file is still the one of that name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let opened = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns whether a file is still the one of that name, as far as that can be told: one that was
/// replaced has nothing inside.
#[cfg(not(unix))]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    Ok(file.metadata()?.len() > 0 && path.try_exists()?)
}

/// Makes a name safe on the disk. Not every system opens folders.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        folder.sync_all().ok();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::Journal;
    use super::{File, Locked};
    use crate::catalog::CatalogEntry;
    use crate::filter::samples::AUTHOR;
    use crate::staging::{Staging, Step};

    /// A file that takes all that is written, and refuses when that is to be on the disk, and to be cut.
    fn refusing() -> Locked {
        let null = File::options().read(true).write(true).open("/dev/null");
        Locked(null.expect("there is one on every system"))
    }

    fn staged(staging: &mut Staging) -> Step {
        let mut act = staging.act();
        let row = act.insert(&AUTHOR).expect("it is an entity");
        act.set_new(&row, "name", "Lem".into()).expect("it is a text");
        act.finish().expect("it is new")
    }

    #[test]
    fn what_could_not_be_synced_at_every_nth_step_is_written_with_the_next() {
        const STEPS: usize = 12;
        let entries = [CatalogEntry::new(&AUTHOR)];
        for every in 2..STEPS {
            let folder = tempfile::tempdir().unwrap();
            let mut staging = Staging::new(&entries);
            let mut journal = Journal::create(folder.path(), "books", &entries).unwrap();
            let mut kept = 0;
            for number in 1..=STEPS {
                let step = staged(&mut staging);
                let is_to_fail = number % every == 0;
                if is_to_fail {
                    journal.file = refusing();
                }
                let appended = journal.append(&step, &staging);
                assert_eq!(appended.is_err(), is_to_fail, "{every}, {number}: {appended:?}");
                if is_to_fail {
                    journal.committing(&[]).unwrap_err();
                } else {
                    kept = number;
                }
            }
            drop(journal);
            let left = Journal::left_behind(folder.path(), "books", &entries).unwrap().pop();
            assert_eq!(left.unwrap().staging.len(), kept, "{every}");
        }
    }
}
