//! Where the workspace and its build folder are, and how to call its cargo.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the root manifest.
pub fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// The build folder.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// The cargo that runs us, in the root folder.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The same in the folder of the benchmarks, a workspace of its own.
pub fn benches() -> Command {
    let mut command = cargo();
    command.current_dir(root().join("benches"));
    command
}
