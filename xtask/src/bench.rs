//! Performance against peers: `benches/`, a workspace of its own.

use std::ffi::OsString;

use anyhow::{Context, Result, ensure};

use crate::workspace;

/// Builds and runs a program of `benches/`, optimised; the arguments go to it.
pub fn run(arguments: &[OsString]) -> Result<()> {
    let status = workspace::cargo()
        .current_dir(workspace::root().join("benches"))
        .args(["run", "--release", "--locked", "--quiet", "--"])
        .args(arguments)
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "{status}");
    Ok(())
}
