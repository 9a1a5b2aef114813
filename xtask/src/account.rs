//! Who the database servers run as: both refuse to run as root.

use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// The account a server runs under.
pub enum Account {
    /// The one that runs this program.
    Own,
    /// The package's own, because this program runs as root.
    Other { user: u32, group: u32 },
}

impl Account {
    /// `name` when we are root, else ourselves.
    pub fn unprivileged(name: &str) -> Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Own);
        }
        Ok(Self::Other { user: number("-u", name)?, group: number("-g", name)? })
    }

    /// A command that runs under this account and gets `end_signal` when this program is gone.
    pub fn command(&self, program: &Path, end_signal: &str) -> Command {
        let mut command = Command::new("setpriv");
        if let Self::Other { user, group } = self {
            command.args([format!("--reuid={user}"), format!("--regid={group}")]);
            command.arg("--clear-groups");
        }
        command.arg("--pdeathsig").arg(end_signal).arg("--").arg(program);
        command
    }

    /// Makes a folder that only this account can open.
    pub fn make_folder(&self, folder: &Path) -> Result<()> {
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        self.own(folder)
    }

    /// Gives a file or folder to this account.
    pub fn own(&self, path: &Path) -> Result<()> {
        if let Self::Other { user, group } = *self {
            chown(path, Some(user), Some(group))
                .with_context(|| format!("cannot give away {}", path.display()))?;
        }
        Ok(())
    }
}

fn number(option: &str, name: &str) -> Result<u32> {
    let answer = process::output(Command::new("id").args([option, name]))?;
    answer.trim().parse().with_context(|| format!("id {option} {name} answered {answer:?}"))
}
