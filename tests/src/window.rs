//! Opens the real program's window on a display of its own, and uses it as a person does: by keys
//! and the pointer, going on when what was done is to be seen.

mod display;
mod picture;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::command::Bindery;
pub use display::Display;
pub use picture::{Part, Picture};

/// How long anything may take, on a machine that does much else.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long the window has to look the same until it counts as waiting for the person. A text
/// cursor blinks faster than that.
const CALM: Duration = Duration::from_millis(700);

/// The time from one look to the next.
const GLANCE: Duration = Duration::from_millis(40);

/// Where the window can be pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The middle of the top bar, where nothing reacts.
    Nothing,
    /// The first row's title. The rows begin beneath the top bar, the filter bar and the header.
    FirstRow,
    /// The open record's second field, the title: the first is the key, which is only shown.
    Title,
}

impl Spot {
    /// Where it is in a window of that width: the record hangs on the right edge, everything else
    /// on the top left corner.
    const fn of(self, width: usize) -> (usize, usize) {
        match self {
            Self::Nothing => (width / 2, 22),
            Self::FirstRow => (400, 128),
            Self::Title => (width - 160, 168),
        }
    }
}

/// The program's open window.
#[derive(Debug)]
pub struct Window<'a> {
    display: &'a Display,
    program: Child,
    log: PathBuf,
    /// Where a picture is left when something does not come.
    pictures: &'a Path,
    id: u32,
    width: usize,
}

impl<'a> Window<'a> {
    /// Opens the window and waits for its rows. A picture of what goes wrong is left in the folder
    /// `pictures`.
    ///
    /// # Panics
    /// When the window does not come.
    #[must_use]
    pub fn open(display: &'a Display, bindery: &Bindery, pictures: &'a Path) -> Self {
        let log = bindery.path(&format!("window{}.log", display.name()));
        let program = display
            .put(&mut bindery.command(&["-v", bindery.database.url()]))
            .env("BINDERY_CONFIG_DIR", bindery.path("settings"))
            .env("LC_ALL", "en_US.UTF-8")
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a log in a folder of our own"))
            .spawn()
            .expect("the program starts");
        let mut window = Self { display, program, log, pictures, id: 0, width: 0 };
        window.id = window.wait("the window", |window| {
            let found = window.xdotool(&["search", "--onlyvisible", "--name", "Bindery"])?;
            let mut windows = found.lines();
            windows.next().filter(|_| windows.next().is_none())?.parse().ok()
        });
        window.width = window.wait("a first picture", |window| Some(window.picture()?.width()));
        window.point(Spot::Nothing);
        window.wait("the keyboard", |window| {
            let id = window.id.to_string();
            window.xdotool(&["windowfocus", &id])?;
            (window.xdotool(&["getwindowfocus"])?.trim() == id).then_some(())
        });
        // The filter may be one from before a restart.
        window.wait_for_statement(0, &["FROM `books`", "ORDER BY", "LIMIT"]);
        for table in ["books", "authors", "users", "addresses"] {
            window.wait_for_statement(0, &[&format!("COUNT(*) FROM `{table}`")]);
        }
        window.calm();
        window
    }

    /// Presses a key, like `ctrl+s`.
    pub fn press(&self, key: &str) {
        self.display.xdotool(&["key", key]);
    }

    /// Types over what is in the field that has the keyboard.
    pub fn type_over(&self, text: &str) {
        self.press("ctrl+a");
        self.type_text(text);
    }

    /// Types.
    pub fn type_text(&self, text: &str) {
        self.display.xdotool(&["type", "--delay", "10", text]);
    }

    /// Moves the pointer.
    pub fn point(&self, spot: Spot) {
        let (x, y) = spot.of(self.width);
        let [id, x, y] = [self.id.to_string(), x.to_string(), y.to_string()];
        self.display.xdotool(&["mousemove", "--window", &id, &x, &y]);
    }

    /// Clicks, from which a part of the window is to look different, and moves the pointer away.
    ///
    /// # Panics
    /// When that part looks the same.
    pub fn click(&mut self, spot: Spot, part: Part, what: &str) {
        // What only shows that the pointer is there comes before; and the pointer stays until the
        // window has taken the click, which counts where the pointer is by then.
        self.point(spot);
        self.changes(part, what, |window| window.display.xdotool(&["click", "1"]));
        self.point(Spot::Nothing);
    }

    /// Does something from which a part of the window is to look different.
    ///
    /// # Panics
    /// When it looks the same.
    pub fn changes(&mut self, part: Part, what: &str, action: impl FnOnce(&Self)) {
        let before = self.calm().part(part);
        action(self);
        self.wait(what, |window| (window.picture()?.part(part) != before).then_some(()));
    }

    /// Types a filter; returns how the rows it finds look.
    pub fn filter(&mut self, filter: &str) -> Picture {
        self.changes(Part::FilterLine, "the filter line's focus", |window| window.press("ctrl+f"));
        let before = self.log().len();
        self.type_over(filter);
        self.press("Return");
        self.wait_for_statement(before, &["FROM `books` WHERE", "LIMIT"]);
        self.wait_for_statement(before, &["COUNT(*) FROM `books` WHERE"]);
        self.calm().part(Part::Rows)
    }

    /// Waits until the window shows nothing new.
    ///
    /// # Panics
    /// When it goes on moving.
    pub fn calm(&mut self) -> Picture {
        let mut last: Option<(Picture, Instant)> = None;
        self.wait("a window that stands still", |window| {
            let picture = window.picture()?;
            match &last {
                Some((same, since)) if *same == picture => {
                    (since.elapsed() >= CALM).then_some(picture)
                }
                _ => {
                    last = Some((picture, Instant::now()));
                    None
                }
            }
        })
    }

    /// Waits for a condition.
    ///
    /// # Panics
    /// When it does not come about; shows what the program logged, and where a picture is.
    pub fn wait<T>(&mut self, what: &str, condition: impl FnMut(&Self) -> Option<T>) -> T {
        let mut condition = condition;
        let began = Instant::now();
        loop {
            if let Some(met) = condition(self) {
                return met;
            }
            if let Some(status) = self.program.try_wait().expect("a program of our own") {
                self.fail(&format!("waiting for {what}: the program has ended, {status}"));
            }
            if began.elapsed() > PATIENCE {
                self.fail(&format!("{what} did not come within {} s", PATIENCE.as_secs()));
            }
            std::thread::sleep(GLANCE);
        }
    }

    /// Asks the window to close, as a window manager does.
    ///
    /// # Panics
    /// When it is not open.
    pub fn ask_to_close(&self) {
        self.display.close(self.id).expect("a window that is open");
    }

    /// Sends the program a signal by its name, as the end of a session does.
    ///
    /// # Panics
    /// When there is no such program any more.
    pub fn signal(&self, name: &str) {
        let process = self.program.id().to_string();
        assert!(self.display.ask("kill", &["-s", name, &process]).is_some(), "kill fails");
    }

    /// Presses keys so that the program learns of all of them in one moment, as it does in a slow
    /// frame.
    ///
    /// # Panics
    /// When the program has ended.
    pub fn press_at_once(&self, keys: &[&str]) {
        self.signal("STOP");
        for key in keys {
            self.press(key);
        }
        self.signal("CONT");
    }

    /// Closes the window as a window manager does, and waits for the program's end.
    ///
    /// # Panics
    /// When it stays open.
    pub fn close(self) -> ExitStatus {
        self.ask_to_close();
        self.ended()
    }

    /// Waits for the program's end.
    ///
    /// # Panics
    /// When it stays open.
    pub fn ended(mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.program.try_wait().expect("a program of our own") {
                return status;
            }
            if began.elapsed() > PATIENCE {
                self.fail("the window does not close");
            }
            std::thread::sleep(GLANCE);
        }
    }

    /// Ends the test with a picture of what is to be seen.
    ///
    /// # Panics
    /// That is what it is for.
    pub fn fail(&self, problem: &str) -> ! {
        let path = self.pictures.join("window.png");
        let drawn = self.display.ask("import", &["-window", "root", &path.to_string_lossy()]);
        let picture = drawn.map_or_else(|| "none".to_owned(), |_| path.display().to_string());
        let log = self.log();
        let lines: Vec<&str> = log.lines().rev().take(20).collect();
        let last: Vec<&str> = lines.into_iter().rev().collect();
        panic!("{problem}\na picture of it: {picture}\nthe program's log:\n{}", last.join("\n"));
    }

    /// Waits for a statement's answer after the log's first `from` bytes.
    fn wait_for_statement(&mut self, from: usize, parts: &[&str]) {
        self.wait(&format!("a statement with {parts:?}"), |window| {
            let log = window.log();
            // A line without an end is still being written.
            let complete = log.rfind('\n').and_then(|end| log.get(from..end))?;
            // PostgreSQL's names stand in other quotes.
            let complete = complete.replace('"', "`");
            let has_all = |line: &str| parts.iter().all(|part| line.contains(part));
            complete.lines().any(has_all).then_some(())
        });
    }

    fn log(&self) -> String {
        let log = std::fs::read(&self.log).expect("a log of our own");
        String::from_utf8_lossy(&log).into_owned()
    }

    /// What is to be seen; `None` where there is no window (any more).
    #[must_use]
    pub fn picture(&self) -> Option<Picture> {
        self.display.picture(self.id).ok()
    }

    fn xdotool(&self, arguments: &[&str]) -> Option<String> {
        String::from_utf8(self.display.ask("xdotool", arguments)?).ok()
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        // One that has ended by itself needs no end.
        self.program.kill().ok();
        self.program.wait().ok();
    }
}
