//! Debian's packages: what is missing gets installed, and no service of theirs gets started.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::watchdog::Watchdog;

/// The database servers and the programs that look after them.
pub const SERVERS: &[&str] = &["mariadb-server", "postgresql", "util-linux"];

/// What the C libraries of the database drivers need to build.
pub const BUILD: &[&str] = &["build-essential", "libmariadb-dev", "libpq-dev", "pkg-config"];

/// What a window needs: a display in memory, software OpenGL, software Vulkan for the pictures that
/// are drawn without a display, and the libraries that winit and
/// glutin look for when they run; and the programs that press keys, take pictures and share
/// the clipboard.
pub const WINDOWS: &[&str] = &[
    "imagemagick",
    "libegl1",
    "libgl1",
    "libgl1-mesa-dri",
    "libvulkan1",
    "libx11-xcb1",
    "libxcursor1",
    "libxi6",
    "libxkbcommon-x11-0",
    "libxrandr2",
    "mesa-vulkan-drivers",
    "xauth",
    "xclip",
    "xdotool",
    "xvfb",
];

/// What the window is compared with.
pub const PEERS: &[&str] = &["sqlitebrowser"];

/// What the checkers from PyPI need.
pub const CHECKERS: &[&str] = &["python3", "python3-venv"];

/// Debian asks this program whether a freshly installed service may start.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Installs those of `packages` that are missing.
pub fn install(packages: &[&str], watchdog: &Watchdog) -> Result<()> {
    if process::find_program("dpkg-query").is_none() {
        eprintln!("This is not Debian: taking it that these are installed: {}", packages.join(" "));
        return Ok(());
    }
    let missing: Vec<&str> =
        packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let sudo = sudo(&missing)?;
    eprintln!("Installing {}", missing.join(" "));
    let _policy = Policy::forbid_services(&sudo)?;
    process::run(apt(&sudo).args(["update", "--quiet=2"]), watchdog)?;
    process::run(
        apt(&sudo)
            .args(["install", "--yes", "--quiet=2", "--no-install-recommends"])
            .args(&missing),
        watchdog,
    )
    .with_context(|| format!("cannot install {}", missing.join(" ")))
}

fn is_installed(package: &str) -> bool {
    process::output(Command::new("dpkg-query").args([
        "--show",
        "--showformat=${db:Status-Status}",
        package,
    ]))
    .is_ok_and(|status| status == "installed")
}

/// The words before a command that needs root.
fn sudo(missing: &[&str]) -> Result<Vec<&'static str>> {
    if rustix::process::geteuid().is_root() {
        Ok(Vec::new())
    } else if process::find_program("sudo").is_some() {
        Ok(vec!["sudo"])
    } else {
        bail!("neither root nor sudo: please run apt-get install {}", missing.join(" "))
    }
}

fn privileged(sudo: &[&str], words: &[&str]) -> Command {
    let mut words = sudo.iter().chain(words);
    let mut command = Command::new(words.next().copied().unwrap_or("true"));
    command.args(words);
    command
}

fn apt(sudo: &[&str]) -> Command {
    // Not as a variable of this process: sudo would not pass it on.
    let mut command = privileged(sudo, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    // Progress is no result.
    command.stdout(std::io::stderr());
    command
}

/// Forbids new services to start until it is dropped, unless the machine has a rule of its own.
struct Policy {
    sudo: Vec<&'static str>,
    is_ours: bool,
}

impl Policy {
    fn forbid_services(sudo: &[&'static str]) -> Result<Self> {
        let mut policy = Self { sudo: sudo.to_vec(), is_ours: false };
        if Path::new(POLICY).exists() {
            return Ok(policy);
        }
        let mut script = tempfile::Builder::new()
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .tempfile()?;
        script.write_all(b"#!/bin/sh\n# cargo xtask: while packages are installed, no service starts\nexit 101\n")?;
        let source = script.path().to_string_lossy().into_owned();
        process::output(&mut privileged(sudo, &["install", "--mode=755", &source, POLICY]))?;
        policy.is_ours = true;
        Ok(policy)
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        if self.is_ours
            && let Err(error) =
                process::output(&mut privileged(&self.sudo, &["rm", "--force", POLICY]))
        {
            eprintln!("xtask: please remove {POLICY}: {error:#}");
        }
    }
}
