//! Values that come from files and go into them.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use persistence::backend::database_of;
use persistence::{RawValue, Result, Value};
use transfer::export::NewFile;

use crate::jobs::{Kind, Task, Work};

/// Bytes of the largest file that is taken in as one value.
const LARGEST: u64 = 64 << 20;

/// Reads a file that is to be a value.
#[derive(Clone, Debug)]
pub struct LoadValue(pub PathBuf);

impl Task for LoadValue {
    type Output = io::Result<Vec<u8>>;

    fn run(self, _: &mut Work<'_>) -> Result<Self::Output> {
        Ok(load(&self.0))
    }
}

fn load(path: &Path) -> io::Result<Vec<u8>> {
    let refused = |said: &str| io::Error::new(io::ErrorKind::InvalidInput, said);
    let told = path.metadata()?;
    // What is no file may never end.
    if !told.is_file() {
        return Err(refused("it is no file"));
    }
    // Before it is opened: see `persistence::backend::database_of`.
    if database_of(path)?.is_some() {
        return Err(refused("it is a database, or belongs to one"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(refused(&format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    Ok(bytes)
}

/// Writes a value into a new file; one that is there already stays as it is.
#[derive(Clone, Debug)]
pub struct SaveValue {
    /// The file.
    pub path: PathBuf,
    /// What is to be in it: bytes as they are, anything else as a text.
    pub value: Arc<Value>,
}

impl Task for SaveValue {
    type Output = io::Result<()>;

    const KIND: Kind = Kind::Makes;

    fn run(self, _: &mut Work<'_>) -> Result<Self::Output> {
        let write = || {
            let file = NewFile::create_new(&self.path)?;
            match &*self.value {
                Value::Bytes(bytes)
                | Value::Raw(RawValue::Bytes(bytes) | RawValue::NonUtf8(bytes)) => {
                    file.as_file().write_all(bytes)?;
                }
                Value::Text(text) => file.as_file().write_all(text.as_bytes())?,
                value => write!(file.as_file(), "{value}")?,
            }
            file.keep()
        };
        Ok(write())
    }
}
