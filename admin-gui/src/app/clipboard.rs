//! The system's clipboard: what is put there, and whether it arrived.

use std::time::{Duration, Instant};

use egui::{Context, Event, ViewportCommand};

use super::Effects;
use super::Notice;
use crate::i18n::Texts;
use crate::tr;

/// How long the system may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it is looked whether something has arrived.
const TICK: Duration = Duration::from_millis(20);

/// What is being put on the clipboard.
#[derive(Debug, Default)]
pub(super) struct Clipboard(Option<OnItsWay>);

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
    /// Puts a text on the clipboard, and says so once the system gives it back.
    pub(super) fn put(&mut self, context: &Context, text: String, said: Option<String>) {
        context.copy_text(text.clone());
        let on_its_way = OnItsWay { text, said, since: Instant::now(), is_asked: false };
        // The system never gives back an empty text.
        self.0 = Some(on_its_way).filter(|way| !way.text.is_empty());
    }

    /// Tells the person once the text that was put on the clipboard is there.
    pub(super) fn watch(&mut self, context: &Context, texts: &Texts, effects: &mut Effects) {
        let Some(way) = &mut self.0 else { return };
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
            self.0 = None;
        } else if way.since.elapsed() > PATIENCE {
            effects.tell(Notice::failure(tr!(texts, "export-not-copied")));
            self.0 = None;
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
