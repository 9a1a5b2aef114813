//! Keeps settings apart from the thread that draws: a safe write may take as long as many pictures.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::{Settings, SettingsError, SettingsFile};

/// A thread that writes settings, the newest only. What is to be kept when this is dropped is
/// written first.
#[derive(Debug)]
pub struct SettingsWriter {
    mailbox: Arc<Mailbox>,
    failures: Receiver<SettingsError>,
    thread: Option<JoinHandle<()>>,
}

/// Where settings lie until they are written.
#[derive(Debug, Default)]
struct Mailbox {
    pending: Mutex<Pending>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Pending {
    newest: Option<Settings>,
    is_closed: bool,
}

impl Mailbox {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        // Nothing is left half done here, whoever panicked.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Pending)) {
        change(&mut self.pending());
        self.changed.notify_one();
    }

    /// Waits for settings that are to be written; none when there will be no more.
    fn take(&self) -> Option<Settings> {
        let is_idle = |pending: &mut Pending| pending.newest.is_none() && !pending.is_closed;
        let pending = self.changed.wait_while(self.pending(), is_idle);
        pending.unwrap_or_else(PoisonError::into_inner).newest.take()
    }
}

impl SettingsWriter {
    /// Starts the thread; `read` is what was in the file: of it only what is changed is written, so
    /// that several windows can share a file. `wake` is called from it when settings could not be written.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub fn start(
        file: SettingsFile,
        read: Settings,
        wake: impl Fn() + Send + 'static,
    ) -> io::Result<Self> {
        let mailbox = Arc::new(Mailbox::default());
        let (outgoing, failures) = sync_channel(1);
        let work = Arc::clone(&mailbox);
        let thread = std::thread::Builder::new()
            .name("settings".to_owned())
            .spawn(move || write_all(&work, &file, read, &outgoing, wake))?;
        Ok(Self { mailbox, failures, thread: Some(thread) })
    }

    /// Keeps settings soon.
    pub fn keep(&self, settings: &Settings) {
        self.mailbox.change(|pending| pending.newest = Some(settings.clone()));
    }

    /// Returns why settings could not be written, each time once.
    pub fn failure(&self) -> Option<SettingsError> {
        self.failures.try_recv().ok()
    }
}

impl Drop for SettingsWriter {
    fn drop(&mut self) {
        self.mailbox.change(|pending| pending.is_closed = true);
        if let Some(thread) = self.thread.take() {
            // Should it have panicked, that has been said on its own.
            let _ = thread.join();
        }
    }
}

fn write_all(
    mailbox: &Mailbox,
    file: &SettingsFile,
    mut known: Settings,
    outgoing: &SyncSender<SettingsError>,
    wake: impl Fn(),
) {
    while let Some(settings) = mailbox.take() {
        match file.merge(&known, &settings) {
            Ok(()) => known = settings,
            Err(error) => {
                tracing::warn!(%error, "settings were not kept");
                // One failure that has not been read yet says as much as two.
                let _ = outgoing.try_send(error);
                wake();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_newest_settings_are_on_disk_when_the_writer_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::in_folder(folder.path());
        let writer = SettingsWriter::start(file.clone(), Settings::default(), || {}).unwrap();
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
        let (wake, woken) = sync_channel(1);
        let file = SettingsFile::in_folder(&occupied);
        let wake = move || wake.send(()).unwrap();
        let writer = SettingsWriter::start(file, Settings::default(), wake).unwrap();
        writer.keep(&Settings::default());
        woken.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(matches!(writer.failure(), Some(SettingsError::File { .. })));
        assert!(writer.failure().is_none());
    }
}
