//! The real window beside that of DB Browser for SQLite: the same file, the same display.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bench_sizes::thousands;
use clap::ValueEnum;
use rustix::fs::{Advice, fadvise};
use tempfile::TempDir;

use crate::process::{activity, megabytes, memory};
use crate::report::{median, milliseconds};
use crate::screen::{Key, Part, Picture, Screen};
use crate::shop::{Engine, Place, Shop};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long a program is left alone before it is asked for more.
const PAUSE: Duration = Duration::from_secs(2);
/// How long to watch it doing nothing.
const REST: Duration = Duration::from_secs(10);

/// What of the system's page cache is emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Cold {
    /// The database's pages.
    File,
    /// Everything, programs and libraries too; needs root.
    All,
}

/// What is to be compared.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The program `bindery`.
    #[arg(long)]
    program: PathBuf,
    /// The peer.
    #[arg(long, default_value = "sqlitebrowser")]
    peer: PathBuf,
    /// Only ours.
    #[arg(long)]
    no_peer: bool,
    /// How many books the table has.
    #[arg(long, value_parser = crate::size, default_value = "5M")]
    books: u64,
    /// Starts of each program with warm pages, and with cold ones; the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// What is cold in a cold start.
    #[arg(long, value_enum, default_value = "file")]
    cold: Cold,
    /// Where to leave pictures of what was measured.
    #[arg(long)]
    pictures: Option<PathBuf>,
    /// Where the databases are kept for the next run.
    #[arg(long, env = "BINDERY_BENCH_FOLDER", default_value = "target/bench-grid")]
    folder: PathBuf,
}

/// Whose window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Ours,
    Theirs,
}

impl Side {
    const fn name(self) -> &'static str {
        match self {
            Self::Ours => "Bindery",
            Self::Theirs => "DB Browser for SQLite",
        }
    }

    /// Where its rows are.
    const fn rows(self) -> Part {
        match self {
            Self::Ours => Part { left: 300, top: 240, width: 480, height: 380 },
            Self::Theirs => Part { left: 12, top: 192, width: 400, height: 440 },
        }
    }
}

/// How the rows look at each point.
struct Looks {
    first: Picture,
    home: Picture,
    end: Picture,
}

/// What one start took.
#[derive(Clone, Copy, Debug, Default)]
struct Took {
    first_rows: Duration,
    /// The first Ctrl+End.
    end: Duration,
    /// The median of more of them.
    end_again: Duration,
    peak: u64,
}

/// A running program; it ends when this is dropped.
struct Running {
    child: Child,
    begun: Instant,
    _home: TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended by itself needs no end.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

struct Comparison<'a> {
    arguments: &'a Arguments,
    screen: Screen,
    database: PathBuf,
}

/// Compares, and prints a table.
///
/// # Errors
/// When one of the programs does not show its rows.
pub fn run(arguments: &Arguments) -> Result<()> {
    let place = Place { folder: arguments.folder.clone(), postgres: None };
    let shop = Shop::make(&place, Engine::Sqlite, arguments.books)?;
    let database = Path::new(&shop.url).to_owned();
    let comparison = Comparison { arguments, screen: Screen::open()?, database };
    println!(
        "\n{} books: ms from the program's start to its first rows, from Ctrl+End to the last rows\n",
        thousands(arguments.books)
    );
    println!(
        "{:<32}{:>12}{:>16}{:>14}{:>12}",
        "", "first rows", "first Ctrl+End", "then, median", "peak memory"
    );
    let sides = if arguments.no_peer { vec![Side::Ours] } else { vec![Side::Ours, Side::Theirs] };
    let mut medians = Vec::new();
    for side in sides {
        let looks = comparison.learn(side)?;
        for is_cold in [false, true] {
            let mut all = Vec::new();
            for _ in 0..arguments.rounds {
                if is_cold {
                    comparison.cool()?;
                }
                all.push(comparison.measure(side, &looks)?);
            }
            let took = Took {
                first_rows: median(all.iter().map(|took| took.first_rows).collect()),
                end: median(all.iter().map(|took| took.end).collect()),
                end_again: median(all.iter().map(|took| took.end_again).collect()),
                peak: all.iter().map(|took| took.peak).max().unwrap_or(0),
            };
            let state = if is_cold { "cold" } else { "warm" };
            println!(
                "{:<32}{:>12}{:>16}{:>14}{:>12}",
                format!("{}, {state}", side.name()),
                milliseconds(took.first_rows),
                milliseconds(took.end),
                milliseconds(took.end_again),
                megabytes(took.peak)
            );
            medians.push(took);
        }
    }
    if let [our_warm, our_cold, their_warm, their_cold] = medians.as_slice() {
        let ratio = |theirs: Duration, ours: Duration| theirs.as_secs_f64() / ours.as_secs_f64();
        println!(
            "\nfirst rows {:.1} times sooner warm, {:.1} times cold; Ctrl+End {:.1} and {:.1} times",
            ratio(their_warm.first_rows, our_warm.first_rows),
            ratio(their_cold.first_rows, our_cold.first_rows),
            ratio(their_warm.end, our_warm.end),
            ratio(their_cold.end, our_cold.end)
        );
    }
    comparison.rest()
}

impl Comparison<'_> {
    /// Starts a program on the file, as if for the first time.
    fn start(&self, side: Side) -> Result<Running> {
        let home = tempfile::tempdir()?;
        let mut command = match side {
            Side::Ours => Command::new(&self.arguments.program),
            Side::Theirs => Command::new(&self.arguments.peer),
        };
        match side {
            Side::Ours => command.arg(&self.database),
            Side::Theirs => command.args(["--table", "books"]).arg(&self.database),
        };
        command
            .env("HOME", home.path())
            .env("BINDERY_CONFIG_DIR", home.path())
            .env("XDG_CONFIG_HOME", home.path())
            .env("XDG_DATA_HOME", home.path())
            .env("LC_ALL", "C.UTF-8")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // What the pointer is on looks otherwise, and tells more of itself after a while.
        self.screen.point_away()?;
        let begun = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        Ok(Running { child, begun, _home: home })
    }

    /// Gives the rows the keyboard.
    fn focus(&self, side: Side) -> Result<()> {
        let windows = self.screen.windows()?;
        self.screen.focus(*windows.first().context("no window")?)?;
        if side == Side::Theirs {
            let rows = side.rows();
            self.screen.click(rows.left + 20, rows.top + 10)?;
            self.screen.point_away()?;
        }
        sleep(PAUSE);
        Ok(())
    }

    /// How the rows look, before anything is measured.
    fn learn(&self, side: Side) -> Result<Looks> {
        let part = side.rows();
        let _running = self.start(side)?;
        let calm = |before: Option<&Picture>, what: &str| {
            self.screen
                .calm(part, before, PATIENCE)
                .with_context(|| format!("{}: {what}", side.name()))
        };
        let first = calm(None, "the first rows")?;
        self.take_picture(side, "first-rows")?;
        self.focus(side)?;
        self.screen.press(&[Key::Control, Key::End])?;
        let end = calm(Some(&first), "the last rows")?;
        self.take_picture(side, "last-rows")?;
        self.screen.press(&[Key::Control, Key::Home])?;
        let home = calm(Some(&end), "the first rows again")?;
        Ok(Looks { first, home, end })
    }

    fn measure(&self, side: Side, looks: &Looks) -> Result<Took> {
        let part = side.rows();
        let running = self.start(side)?;
        self.screen
            .wait_for(part, &looks.first, PATIENCE)
            .with_context(|| format!("{} has started", side.name()))?;
        let first_rows = running.begun.elapsed();
        self.focus(side)?;
        let press = |key: Key, wanted: &Picture| {
            let begun = Instant::now();
            self.screen.press(&[Key::Control, key])?;
            self.screen
                .wait_for(part, wanted, PATIENCE)
                .with_context(|| format!("{}: Ctrl+{key:?}", side.name()))?;
            anyhow::Ok(begun.elapsed())
        };
        let end = press(Key::End, &looks.end)?;
        let mut more = Vec::new();
        for _ in 0..5 {
            press(Key::Home, &looks.home)?;
            more.push(press(Key::End, &looks.end)?);
        }
        let peak = memory(running.child.id())?.peak;
        Ok(Took { first_rows, end, end_again: median(more), peak })
    }

    /// What our program does while nobody does anything.
    fn rest(&self) -> Result<()> {
        let running = self.start(Side::Ours)?;
        self.screen.calm(Side::Ours.rows(), None, PATIENCE)?;
        let process = running.child.id();
        // The survey of the rows goes on behind the first of them.
        let begun = Instant::now();
        loop {
            let before = activity(process)?;
            sleep(PAUSE);
            if activity(process)?.0 == before.0 || begun.elapsed() > PATIENCE {
                break;
            }
        }
        let (cpu, waits) = activity(process)?;
        sleep(REST);
        let (cpu_after, waits_after) = activity(process)?;
        println!(
            "\nat rest for {} s: {} ms of CPU time, {} wake-ups of its threads",
            REST.as_secs(),
            milliseconds(cpu_after.saturating_sub(cpu)),
            waits_after.saturating_sub(waits)
        );
        Ok(())
    }

    /// Empties the system's page cache.
    fn cool(&self) -> Result<()> {
        match self.arguments.cold {
            Cold::All => std::fs::write("/proc/sys/vm/drop_caches", "3")
                .context("cannot empty the page cache: that needs root"),
            Cold::File => {
                let file = File::open(&self.database)?;
                fadvise(&file, 0, None, Advice::DontNeed)?;
                Ok(())
            }
        }
    }

    fn take_picture(&self, side: Side, what: &str) -> Result<()> {
        let Some(folder) = &self.arguments.pictures else { return Ok(()) };
        std::fs::create_dir_all(folder)?;
        let name = match side {
            Side::Ours => "bindery",
            Side::Theirs => "peer",
        };
        let path = folder.join(format!("{name}-{what}.png"));
        let status = Command::new("import").args(["-window", "root"]).arg(&path).status();
        anyhow::ensure!(status.is_ok_and(|status| status.success()), "cannot run import");
        Ok(())
    }
}
