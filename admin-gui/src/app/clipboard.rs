//! The system's clipboard: what is put there and whether it arrived, and which cells come from there.

use std::time::{Duration, Instant};

use egui::{Context, Event, ViewportCommand};
use transfer::{cells, html_cells};

use super::Effects;
use super::Notice;
use crate::i18n::Texts;
use crate::tasks::LONGEST_TABLE;
use crate::tr;

/// How long the system may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it is looked whether something has arrived.
const TICK: Duration = Duration::from_millis(20);

/// The system's clipboard, and what is being put there.
#[derive(Default)]
pub(super) struct Clipboard {
    on_its_way: Option<OnItsWay>,
    /// The system's, by which tables come and go: egui knows only texts.
    tables: Option<arboard::Clipboard>,
}

/// A text on its way to the clipboard.
#[derive(Debug)]
struct OnItsWay {
    text: String,
    /// What to say when it is there.
    said: Option<String>,
    since: Instant,
    /// Whether the system has been asked what it has.
    is_asked: bool,
}

impl Clipboard {
    /// Makes the clipboard of a window of the system, where tables can come and go as well.
    pub(super) fn of_system() -> Self {
        // There, another clipboard than that of the window would be meant.
        let is_wayland = std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty());
        let tables = if is_wayland { None } else { arboard::Clipboard::new().ok() };
        Self { on_its_way: None, tables }
    }

    /// Puts a text on the clipboard, and says so once the system gives it back.
    pub(super) fn put(&mut self, context: &Context, text: String, said: Option<String>) {
        context.copy_text(text.clone());
        self.await_arrival(text, said);
    }

    /// Puts cells on the clipboard, as a table too where the system takes one.
    pub(super) fn put_cells(
        &mut self,
        context: &Context,
        (text, table): (String, Option<String>),
        said: Option<String>,
    ) {
        let put = self.tables.as_mut().zip(table);
        let put = put.map(|(tables, table)| tables.set().html(table, Some(text.clone())));
        match put {
            Some(Ok(())) => self.await_arrival(text, said),
            Some(Err(error)) => {
                tracing::debug!(%error, "no table can be put on the clipboard");
                self.put(context, text, said);
            }
            None => self.put(context, text, said),
        }
    }

    /// Returns the cells that are meant by a text that was pasted: those of the table beside it, where there is one.
    pub(super) fn cells(&mut self, text: &str) -> Vec<Vec<Option<String>>> {
        let is_block = text.contains(['\t', '\n', '\r']) && text.len() <= LONGEST_TABLE;
        let tables = self.tables.as_mut().filter(|_| is_block);
        let table = tables.and_then(|tables| tables.get().html().ok());
        let table = table.filter(|table| table.len() <= 16 * LONGEST_TABLE);
        table.and_then(|table| html_cells(&table)).unwrap_or_else(|| cells(text))
    }

    fn await_arrival(&mut self, text: String, said: Option<String>) {
        let on_its_way = OnItsWay { text, said, since: Instant::now(), is_asked: false };
        // The system never gives back an empty text.
        self.on_its_way = Some(on_its_way).filter(|way| !way.text.is_empty());
    }

    /// Tells the person once the text that was put on the clipboard is there.
    pub(super) fn watch(&mut self, context: &Context, texts: &Texts, effects: &mut Effects) {
        let Some(way) = &mut self.on_its_way else { return };
        let has_arrived = context.input_mut(|input| {
            let before = input.events.len();
            input.events.retain(|event| match event {
                Event::Paste(pasted) => !(way.is_asked && is_same(pasted, &way.text)),
                _ => true,
            });
            input.events.len() < before
        });
        if has_arrived {
            if let Some(said) = way.said.take() {
                effects.tell(Notice::success(said));
            }
            self.on_its_way = None;
        } else if way.since.elapsed() > PATIENCE {
            effects.tell(Notice::failure(tr!(texts, "export-not-copied")));
            self.on_its_way = None;
        } else {
            // In the picture after the one that put it there: then the system has it.
            if !std::mem::replace(&mut way.is_asked, true) {
                context.send_viewport_cmd(ViewportCommand::RequestPaste);
            }
            context.request_repaint_after(TICK);
        }
    }
}

/// Returns whether two texts are the same but for how their lines end, which systems change.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let text = |text: &str| text.replace("\r\n", "\n");
    one == other || text(one) == text(other)
}
