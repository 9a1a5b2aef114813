//! A bar for long work, on standard error and only where a person sees it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far along the work is; nothing is drawn where standard error is no terminal.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// Starts a bar for work of so many rows.
    pub fn rows(total: u64, doing: &'static str) -> Self {
        Self::new(Some(total), doing, "{human_pos} of {human_len} rows, {per_sec}, {eta} left")
    }

    /// Starts a bar for work of so many bytes; of unknown length where that is `None`.
    pub fn bytes(total: Option<u64>, doing: &'static str) -> Self {
        let counts = if total.is_some() {
            "{decimal_bytes} of {decimal_total_bytes}, {eta} left"
        } else {
            "{decimal_bytes}"
        };
        Self::new(total, doing, counts)
    }

    fn new(total: Option<u64>, doing: &'static str, counts: &str) -> Self {
        // Hidden by itself where standard error is no terminal.
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        let shape = if total.is_some() { "[{bar:30}] " } else { "{spinner} " };
        if let Ok(style) = ProgressStyle::with_template(&format!("{{msg}} {shape}{counts}")) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(doing);
        Self(bar)
    }

    /// Sets how much is done.
    pub fn at(&self, position: u64) {
        self.0.set_position(position);
    }

    /// Takes the bar away, so that something else can be printed.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
