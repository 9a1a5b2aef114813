//! `cargo xtask test`: everything, with real servers and a display.

use std::ffi::{OsStr, OsString};

use anyhow::Result;

use crate::display::Display;
use crate::servers::Servers;
use crate::steps::Steps;
use crate::watchdog::Watchdog;
use crate::{process, system_packages, tools, workspace};

/// Runs the tests; `arguments` go to `cargo test`.
pub fn run(arguments: &[OsString], watchdog: &Watchdog) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("Debian packages", || {
        system_packages::install(
            &[system_packages::BUILD, system_packages::SERVERS, system_packages::WINDOWS].concat(),
            watchdog,
        )
    })?;
    let diesel_cli = steps.run("Diesel CLI", || tools::diesel_cli(watchdog))?;
    steps.run("build", || process::run(workspace::cargo().args(build(arguments)), watchdog))?;
    let display = steps.run("display", || Display::start(watchdog))?;
    let mut servers = steps.run("database servers", || Servers::start(watchdog))?;

    let mut test = workspace::cargo();
    test.args(["test", "--all-features", "--no-fail-fast"]);
    if !chooses_packages(arguments) {
        test.arg("--workspace");
    }
    test.args(arguments).envs(servers.environment()).env("DIESEL_CLI", &diesel_cli);
    display.set_environment(&mut test);
    let result = steps.run("cargo test", || process::run(&mut test, watchdog));
    if result.is_err() {
        // A server that fell over explains a failed test better than the test does.
        servers.check_running()?;
    }
    result
}

/// What to build beforehand, apart from the tests' own time: the integration tests run the `bindery`
/// program, which has to be up to date.
fn build(arguments: &[OsString]) -> &'static [&'static str] {
    if chooses_packages(arguments) {
        &["build", "--package=bindery", "--all-features", "--bin=bindery"]
    } else {
        // Cargo builds a package's programs for its integration tests, and bindery has one. After
        // `cargo build` everything would be built once more: `cargo test` compiles macros otherwise.
        &["test", "--workspace", "--all-features", "--no-run"]
    }
}

fn chooses_packages(arguments: &[OsString]) -> bool {
    arguments.iter().take_while(|argument| *argument != OsStr::new("--")).any(|argument| {
        let argument = argument.to_string_lossy();
        argument.starts_with("-p") || argument == "--package" || argument.starts_with("--package=")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chooses(arguments: &[&str]) -> bool {
        chooses_packages(&arguments.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn without_a_package_the_whole_workspace_is_tested() {
        assert!(!chooses(&[]));
        assert!(!chooses(&["keyset"]));
        assert!(!chooses(&["--", "-p"]));
    }

    #[test]
    fn a_package_may_be_chosen_in_each_of_cargos_ways() {
        assert!(chooses(&["-p", "domain"]));
        assert!(chooses(&["-pdomain"]));
        assert!(chooses(&["--package", "domain"]));
        assert!(chooses(&["keyset", "--package=domain"]));
    }
}
