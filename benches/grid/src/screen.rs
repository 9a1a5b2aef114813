//! A display without a window manager, and the person in front of it.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use x11rb::CURRENT_TIME;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, ImageFormat, InputFocus,
    KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, MapState, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// The time from one look to the next.
const GLANCE: Duration = Duration::from_millis(1);
/// How long a part has to look the same until it counts as standing still.
const CALM: Duration = Duration::from_millis(1_500);

/// A part of the screen, in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// From the left.
    pub left: i16,
    /// From the top.
    pub top: i16,
    /// How wide.
    pub width: u16,
    /// How high.
    pub height: u16,
}

/// How a part of the screen looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture(Vec<u8>);

impl Picture {
    /// Whether there is hardly anything to be seen.
    fn is_blank(&self) -> bool {
        let mut pixels = self.0.chunks_exact(4);
        let Some(first) = pixels.next() else { return true };
        pixels.filter(|pixel| *pixel != first).count() * 200 < self.0.len() / 4
    }
}

/// A key, by its X11 name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// `Control_L`.
    Control = 0xffe3,
    /// `Home`.
    Home = 0xff50,
    /// `End`.
    End = 0xff57,
    /// `Return`.
    Return = 0xff0d,
}

/// A window on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    id: Window,
    /// How many pixels it has.
    pub area: u32,
}

/// The connection to the display.
pub struct Screen {
    connection: RustConnection,
    root: Window,
}

impl Screen {
    /// That of `DISPLAY`.
    ///
    /// # Errors
    /// When there is none.
    pub fn open() -> Result<Self> {
        let (connection, number) =
            x11rb::connect(None).context("no display: run `cargo xtask bench window`")?;
        let root = connection.setup().roots.get(number).context("no screen")?.root;
        Ok(Self { connection, root })
    }

    /// How a part looks now.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn picture(&self, part: Part) -> Result<Picture> {
        let Part { left, top, width, height } = part;
        let format = ImageFormat::Z_PIXMAP;
        let image =
            self.connection.get_image(format, self.root, left, top, width, height, u32::MAX)?;
        Ok(Picture(image.reply()?.data))
    }

    /// Waits until a part looks like that.
    ///
    /// # Errors
    /// When it does not in time.
    pub fn wait_for(&self, part: Part, wanted: &Picture, patience: Duration) -> Result<()> {
        let begun = Instant::now();
        while self.picture(part)? != *wanted {
            if begun.elapsed() > patience {
                bail!("the rows did not come within {} s", patience.as_secs());
            }
            self.answer_questions()?;
            sleep(GLANCE);
        }
        Ok(())
    }

    /// Waits until a part stands still, shows something, and looks otherwise than before.
    ///
    /// # Errors
    /// When it does not in time.
    pub fn calm(
        &self,
        part: Part,
        before: Option<&Picture>,
        patience: Duration,
    ) -> Result<Picture> {
        let begun = Instant::now();
        let mut last = self.picture(part)?;
        let mut since = Instant::now();
        loop {
            let now = self.picture(part)?;
            if now != last || now.is_blank() || before == Some(&now) {
                (last, since) = (now, Instant::now());
            } else if since.elapsed() >= CALM {
                return Ok(last);
            }
            if begun.elapsed() > patience {
                bail!("nothing to be seen stands still within {} s", patience.as_secs());
            }
            self.answer_questions()?;
            sleep(GLANCE * 10);
        }
    }

    /// The windows that can be seen, the largest first.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn windows(&self) -> Result<Vec<Shown>> {
        let mut windows = Vec::new();
        for id in self.connection.query_tree(self.root)?.reply()?.children {
            // It may be gone by now.
            let (Ok(attributes), Ok(size)) = (
                self.connection.get_window_attributes(id)?.reply(),
                self.connection.get_geometry(id)?.reply(),
            ) else {
                continue;
            };
            if attributes.map_state == MapState::VIEWABLE {
                let area = u32::from(size.width) * u32::from(size.height);
                windows.push(Shown { id, area });
            }
        }
        windows.sort_by_key(|window| std::cmp::Reverse(window.area));
        Ok(windows)
    }

    /// A program that asks whether to go on is told the default: Return.
    fn answer_questions(&self) -> Result<()> {
        let windows = self.windows()?;
        let question = windows.iter().skip(1).find(|window| window.area > 10_000);
        if let Some(question) = question {
            self.focus(*question)?;
            self.press(&[Key::Return])?;
            sleep(GLANCE * 20);
        }
        Ok(())
    }

    /// Gives a window the keyboard, as a window manager does.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn focus(&self, window: Shown) -> Result<()> {
        let focus = InputFocus::PARENT;
        self.connection.set_input_focus(focus, window.id, CURRENT_TIME)?.check().ok();
        Ok(())
    }

    /// Presses keys together.
    ///
    /// # Errors
    /// When the keyboard lacks one.
    pub fn press(&self, keys: &[Key]) -> Result<()> {
        let codes = keys.iter().map(|key| self.code(*key)).collect::<Result<Vec<u8>>>()?;
        for code in &codes {
            self.fake(KEY_PRESS_EVENT, *code, 0, 0)?;
        }
        for code in codes.iter().rev() {
            self.fake(KEY_RELEASE_EVENT, *code, 0, 0)?;
        }
        self.connection.flush()?;
        Ok(())
    }

    /// Moves the pointer to a corner.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn point_away(&self) -> Result<()> {
        self.fake(MOTION_NOTIFY_EVENT, 0, i16::MAX, i16::MAX)?;
        self.connection.flush()?;
        Ok(())
    }

    /// Clicks at a place.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn click(&self, left: i16, top: i16) -> Result<()> {
        self.fake(MOTION_NOTIFY_EVENT, 0, left, top)?;
        self.fake(BUTTON_PRESS_EVENT, 1, left, top)?;
        self.fake(BUTTON_RELEASE_EVENT, 1, left, top)?;
        self.connection.flush()?;
        Ok(())
    }

    fn fake(&self, kind: u8, detail: u8, left: i16, top: i16) -> Result<()> {
        self.connection.xtest_fake_input(kind, detail, CURRENT_TIME, self.root, left, top, 0)?;
        Ok(())
    }

    fn code(&self, key: Key) -> Result<u8> {
        let setup = self.connection.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let mapping = self.connection.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        let codes = mapping.keysyms.chunks(usize::from(mapping.keysyms_per_keycode));
        let mut codes = codes.zip(first..=last);
        let found = codes.find(|(symbols, _)| symbols.contains(&(key as u32)));
        found.map(|(_, code)| code).with_context(|| format!("the keyboard has no {key:?}"))
    }
}
