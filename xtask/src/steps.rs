//! Steps with a name, timed: one line when each begins, a table at the end.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::interruption;

/// The steps done so far. The table is printed when this is dropped.
#[derive(Default)]
pub struct Steps {
    done: Vec<Step>,
}

struct Step {
    name: String,
    took: Duration,
    outcome: &'static str,
}

impl Steps {
    /// Does one step; its error is the caller's to handle.
    pub fn run<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("\n==> {name}");
        let start = Instant::now();
        let result = work();
        let outcome = if result.is_ok() { "ok" } else { "FAILED" };
        self.done.push(Step { name: name.to_owned(), took: start.elapsed(), outcome });
        result
    }

    /// Does one step and goes on when it fails: [`Steps::finish`] reports it.
    pub fn check(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        let result = self.run(name, work);
        if interruption::is_requested() {
            return result;
        }
        if let Err(error) = result {
            eprintln!("xtask: {name}: {error:#}");
        }
        Ok(())
    }

    /// Fails when a checked step has failed.
    pub fn finish(self) -> Result<()> {
        let failed: Vec<&str> = self
            .done
            .iter()
            .filter(|step| step.outcome != "ok")
            .map(|step| step.name.as_str())
            .collect();
        if failed.is_empty() {
            return Ok(());
        }
        bail!("failed: {}", failed.join(", "))
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        let mut table = String::from("\n");
        for Step { name, took, outcome } in &self.done {
            table += &format!("{:>8.1} s  {outcome:<6}  {name}\n", took.as_secs_f64());
        }
        let total: Duration = self.done.iter().map(|step| step.took).sum();
        table += &format!("{:>8.1} s  in all\n", total.as_secs_f64());
        // Nobody may be listening any more.
        let _ = std::io::stderr().write_all(table.as_bytes());
    }
}
