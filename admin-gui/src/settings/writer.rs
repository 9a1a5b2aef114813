//! Keeps settings apart from the thread that draws: a safe write may take as long as many pictures.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use super::{Settings, SettingsError, SettingsFile};

/// A thread that writes settings, the newest only. What is to be kept when this is dropped is
/// written first.
#[derive(Debug)]
pub struct SettingsWriter {
    settings: Option<Sender<Settings>>,
    failures: Receiver<SettingsError>,
    thread: Option<JoinHandle<()>>,
}

impl SettingsWriter {
    /// Starts the thread; `wake` is called from it when settings could not be written.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub fn start(file: SettingsFile, wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        let (settings, inbox) = channel::<Settings>();
        let (outgoing, failures) = channel();
        let write = move || {
            while let Ok(oldest) = inbox.recv() {
                let newest = inbox.try_iter().last().unwrap_or(oldest);
                if let Err(error) = file.write(&newest) {
                    tracing::warn!(%error, "settings were not kept");
                    // Fails only when the window is gone: then nobody reads it.
                    let _ = outgoing.send(error);
                    wake();
                }
            }
        };
        let thread = std::thread::Builder::new().name("settings".to_owned()).spawn(write)?;
        Ok(Self { settings: Some(settings), failures, thread: Some(thread) })
    }

    /// Keeps settings soon.
    pub fn keep(&self, settings: &Settings) {
        if let Some(inbox) = &self.settings {
            // The thread ends with this writer only.
            let _ = inbox.send(settings.clone());
        }
    }

    /// Why settings could not be written, each time once.
    pub fn failure(&self) -> Option<SettingsError> {
        self.failures.try_recv().ok()
    }
}

impl Drop for SettingsWriter {
    fn drop(&mut self) {
        self.settings = None;
        if let Some(thread) = self.thread.take() {
            // It has no way to panic that would matter to whoever lets go of it.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_newest_settings_are_on_disk_when_the_writer_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::in_folder(folder.path());
        let writer = SettingsWriter::start(file.clone(), || {}).unwrap();
        for zoom in 0..200_u8 {
            writer.keep(&Settings { zoom: f32::from(zoom), ..Settings::default() });
        }
        drop(writer);
        let kept = file.read().unwrap();
        assert!((kept.zoom - 199.0).abs() < f32::EPSILON, "{}", kept.zoom);
    }

    #[test]
    fn what_cannot_be_written_wakes_the_window_and_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let occupied = folder.path().join("a file");
        std::fs::write(&occupied, "no folder").unwrap();
        let (wake, woken) = channel();
        let file = SettingsFile::in_folder(&occupied);
        let writer = SettingsWriter::start(file, move || wake.send(()).unwrap()).unwrap();
        writer.keep(&Settings::default());
        woken.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(matches!(writer.failure(), Some(SettingsError::File { .. })));
        assert!(writer.failure().is_none());
    }
}
