//! Files that appear only when they are complete, and never in a database's place.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};

use persistence::backend::database_of;
use tempfile::TempPath;

/// How the names of files begin that have to have one before they are complete: where the system
/// knows no files without a name, and for the moment of a replacement.
const UNFINISHED: &str = ".bindery-unfinished-";
/// Links that lead from one to the next before that is taken for a circle.
const MOST_LINKS: usize = 40;

/// A file that takes its name, and the place of another, only when it is kept; it is gone
/// otherwise, even if the program is killed.
#[derive(Debug)]
pub struct NewFile {
    file: File,
    name: Name,
    path: PathBuf,
    existing: Existing,
}

/// What becomes of a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Existing {
    Replaced,
    Spared,
}

/// What the unfinished file is called.
#[derive(Debug)]
enum Name {
    /// Nothing: the system removes it when the program ends, however it ends.
    #[cfg(target_os = "linux")]
    None,
    /// Nothing, and it never will be: it is in another folder, since its own takes no files.
    Never,
    /// A name that somebody else sweeps up if the program is killed.
    Unfinished(TempPath),
}

/// A file is not written, because it is a database or belongs to one.
#[derive(Debug, thiserror::Error)]
#[error("{} is a database of SQLite, or belongs to one, and is not written over", path.display())]
pub struct IsDatabase {
    /// The database.
    pub path: PathBuf,
}

impl IsDatabase {
    /// Returns what an error says of a database, if that is what it is about.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl NewFile {
    /// Creates a new file that is going to take the place of the one of that name, if there is one.
    /// Where that is a link, the file it leads to is replaced, and the link stays one.
    ///
    /// The file keeps its owner and its permissions. One that has other names, or rights beside
    /// those, stays the file it is: what is new is copied into it once it is complete, so that only
    /// the end of that copying can meet a full disk or a killed program.
    ///
    /// # Errors
    /// When the folder takes no file, something that is no file has the name, or [`IsDatabase`].
    pub fn create(path: &Path) -> io::Result<Self> {
        Self::begin(path, Existing::Replaced)
    }

    /// Creates a new file that takes nobody's place.
    ///
    /// # Errors
    /// As [`create`](Self::create), and when something has the name.
    pub fn create_new(path: &Path) -> io::Result<Self> {
        Self::begin(path, Existing::Spared)
    }

    fn begin(path: &Path, existing: Existing) -> io::Result<Self> {
        let path = followed(path)?;
        let there = check(&path, existing)?;
        let folder = folder_of(&path);
        sweep(folder);
        let (file, name) = match unfinished(folder) {
            Ok(begun) => begun,
            // The folder takes no files, but this one may be written to.
            Err(error) if there.is_some() && is_refusal(&error) => {
                OpenOptions::new().write(true).open(&path)?;
                (tempfile::tempfile()?, Name::Never)
            }
            Err(error) => return Err(error),
        };
        Ok(Self { file, name, path, existing })
    }

    /// Returns where to write.
    #[must_use]
    pub fn as_file(&self) -> &File {
        &self.file
    }

    /// Gives the file its name, once it is safe on the disk.
    ///
    /// # Errors
    /// When it cannot have it.
    pub fn keep(self) -> io::Result<()> {
        let Self { mut file, name, path, existing } = self;
        file.sync_all()?;
        // Somebody may have put a database there meanwhile.
        match check(&path, existing)? {
            None => match named(&file, name, &path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    let there = check(&path, existing)?.ok_or(error)?;
                    copy_into(&mut file, &path, &there)?;
                }
                named => named?,
            },
            Some(there) => {
                if !replaced(&file, name, &path, &there)? {
                    copy_into(&mut file, &path, &there)?;
                }
            }
        }
        // The name is safe once the folder is. Not every system opens folders.
        if let Ok(folder) = File::open(folder_of(&path)) {
            folder.sync_all().ok();
        }
        Ok(())
    }
}

impl io::Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Returns the folder a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns where links lead, to a file that need not be there.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match std::fs::read_link(&path) {
            Ok(to) => path = folder_of(&path).join(to),
            // That is no link, or nothing at all.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "the links lead in a circle"))
}

/// Returns what is there already, if that may be written over.
fn check(path: &Path, existing: Existing) -> io::Result<Option<Metadata>> {
    let there = match std::fs::metadata(path) {
        Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        // Taking the place of a device would be the end of it.
        Ok(there) if !there.is_file() => {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "that is not a file"));
        }
        Ok(there) => Some(there),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if let Some(path) = database_of(path)? {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, IsDatabase { path }));
    }
    if there.is_some() && existing == Existing::Spared {
        let message = "it is there already, and is not written over";
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
    }
    Ok(there)
}

fn is_refusal(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// Creates a file in that folder, without a name where the system can do that.
fn unfinished(folder: &Path) -> io::Result<(File, Name)> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, Mode, OFlags};
        // As any program creates files; temporary ones are for their owner alone.
        let mode = Mode::from_raw_mode(0o666);
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        if let Ok(file) = rustix::fs::openat(CWD, folder, flags, mode) {
            let file = File::from(file);
            file.lock().ok();
            if std::fs::exists(own_path(&file))? {
                return Ok((file, Name::None));
            }
        }
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let (file, path) = builder.tempfile_in(folder)?.into_parts();
    // Whoever sweeps can tell that it is still being written.
    file.lock().ok();
    Ok((file, Name::Unfinished(path)))
}

/// Removes what programs left behind that were killed: nobody holds its lock any more.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_unfinished = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        if is_unfinished && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            std::fs::remove_file(entry.path()).ok();
        }
    }
}

#[cfg(target_os = "linux")]
fn own_path(file: &File) -> String {
    use std::os::fd::AsRawFd as _;
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// Gives the file a name that nobody has.
fn named(file: &File, name: Name, path: &Path) -> io::Result<()> {
    match name {
        #[cfg(target_os = "linux")]
        Name::None => link(file, path),
        Name::Never => Err(io::ErrorKind::NotFound.into()),
        Name::Unfinished(unfinished) => {
            let _ = file;
            unfinished.persist_noclobber(path).map_err(|error| error.error)
        }
    }
}

#[cfg(target_os = "linux")]
fn link(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD};
    Ok(rustix::fs::linkat(CWD, own_path(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

/// Puts the file into the place of the one that is there, unless something would be lost by that.
fn replaced(file: &File, name: Name, path: &Path, there: &Metadata) -> io::Result<bool> {
    if !make_alike(file, path, there) {
        return Ok(false);
    }
    let unfinished = match name {
        Name::Never => return Ok(false),
        Name::Unfinished(unfinished) => unfinished,
        #[cfg(target_os = "linux")]
        Name::None => {
            let mut builder = tempfile::Builder::new();
            let linked = builder
                .prefix(UNFINISHED)
                .make_in(folder_of(path), |unfinished| link(file, unfinished));
            match linked {
                Ok(linked) => linked.into_temp_path(),
                Err(error) if is_refusal(&error) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    };
    // A folder may keep files from being replaced by others than their owners.
    Ok(unfinished.persist(path).is_ok())
}

/// Gives the file the owner and the permissions of the one that is there; returns whether there is
/// nothing more to that one.
#[cfg(unix)]
fn make_alike(file: &File, path: &Path, there: &Metadata) -> bool {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let has_rights = {
        // Labels of the system's own are given to every file anew.
        let mut names = vec![0; 1 << 12];
        rustix::fs::listxattr(path, names.as_mut_slice()).is_ok_and(|length| {
            let names = names.get(..length).unwrap_or_default();
            let mut names = names.split(|byte| *byte == 0).filter(|name| !name.is_empty());
            names.any(|name| !name.starts_with(b"security."))
        })
    };
    there.nlink() == 1
        && !has_rights
        && fchown(file, Some(there.uid()), Some(there.gid())).is_ok()
        && file.set_permissions(there.permissions()).is_ok()
}

#[cfg(not(unix))]
fn make_alike(file: &File, _path: &Path, there: &Metadata) -> bool {
    file.set_permissions(there.permissions()).is_ok()
}

/// Writes what is new into the file that is there.
fn copy_into(file: &mut File, path: &Path, there: &Metadata) -> io::Result<()> {
    let mut target = OpenOptions::new().write(true).open(path)?;
    let length = file.metadata()?.len();
    // What it takes beyond what it has is had before the first byte is written.
    #[cfg(target_os = "linux")]
    if length > there.len() {
        use rustix::fs::FallocateFlags;
        let (from, more) = (there.len(), length - there.len());
        match rustix::fs::fallocate(&target, FallocateFlags::KEEP_SIZE, from, more) {
            Ok(()) | Err(rustix::io::Errno::OPNOTSUPP) => {}
            Err(error) => return Err(error.into()),
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = there;
    file.rewind()?;
    io::copy(file, &mut target)?;
    target.set_len(length)?;
    target.sync_all()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn written(path: &Path, text: &str) -> io::Result<()> {
        let mut file = NewFile::create(path)?;
        file.write_all(text.as_bytes())?;
        file.keep()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_replaces_another_only_when_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        std::fs::write(&path, "old").unwrap();
        let mut file = NewFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        written(&path, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(folder.path()), ["out.csv"]);
    }

    #[test]
    fn a_file_that_is_to_be_new_takes_nobodys_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let early = NewFile::create_new(&path).unwrap();
        let mut late = NewFile::create_new(&path).unwrap();
        late.write_all(b"first").unwrap();
        late.keep().unwrap();
        assert_eq!(early.keep().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let error = NewFile::create_new(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "first");
    }

    #[test]
    fn what_a_killed_program_left_is_swept_up_and_what_is_being_written_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(format!("{UNFINISHED}left"));
        let busy = folder.path().join(format!("{UNFINISHED}busy"));
        std::fs::write(&left, "half").unwrap();
        let being_written = File::create(&busy).unwrap();
        being_written.lock().unwrap();
        written(&folder.path().join("out.csv"), "new").unwrap();
        assert!(!left.exists() && busy.exists());
    }

    #[test]
    fn a_database_is_not_written_over_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("shop.db"), "SQLite format 3\0 and more").unwrap();
        std::fs::hard_link(path("shop.db"), path("other.csv")).unwrap();
        for name in ["shop.db", "other.csv", "shop.db-wal", "shop.db-journal"] {
            let error = NewFile::create(&path(name)).unwrap_err();
            assert!(IsDatabase::of(&error).is_some(), "{error}");
        }
        // One that appears while the file is being written.
        let late = NewFile::create(&path("late.csv")).unwrap();
        std::fs::write(path("late.csv"), "SQLite format 3\0 and more").unwrap();
        assert!(late.keep().is_err());
        assert!(std::fs::read_to_string(path("late.csv")).unwrap().starts_with("SQLite"));
    }

    #[cfg(unix)]
    #[test]
    fn owner_permissions_and_other_names_stay() {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt, chown};
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("out.csv"), folder.path().join("other.csv"));
        std::fs::write(&path, "old, and longer than what is new").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        // Only an administrator may give files away.
        let owner = if chown(&path, Some(4711), Some(4712)).is_ok() {
            4711
        } else {
            std::fs::metadata(&path).unwrap().uid()
        };
        written(&path, "new").unwrap();
        let there = std::fs::metadata(&path).unwrap();
        assert_eq!((there.uid(), there.mode() & 0o777), (owner, 0o640));
        std::fs::hard_link(&path, &other).unwrap();
        written(&path, "newer").unwrap();
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "newer");
        let there = std::fs::metadata(&other).unwrap();
        assert_eq!((there.uid(), there.nlink()), (owner, 2));
        assert_eq!(names(folder.path()), ["other.csv", "out.csv"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one_and_what_is_no_file_is_left_alone() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("out.csv"), "old").unwrap();
        symlink("out.csv", path("link.csv")).unwrap();
        symlink("not-yet.csv", path("empty.csv")).unwrap();
        written(&path("link.csv"), "new").unwrap();
        written(&path("empty.csv"), "first").unwrap();
        assert!(path("link.csv").is_symlink() && path("empty.csv").is_symlink());
        assert_eq!(std::fs::read_to_string(path("out.csv")).unwrap(), "new");
        assert_eq!(std::fs::read_to_string(path("not-yet.csv")).unwrap(), "first");
        let error = NewFile::create(Path::new("/dev/null")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert_eq!(NewFile::create(folder.path()).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        symlink("round", path("round")).unwrap();
        assert!(NewFile::create(&path("round")).is_err());
    }
}
