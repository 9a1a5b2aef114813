//! Settings that are kept while a window is open.

use std::sync::mpsc::{SyncSender, sync_channel};

use admin_gui::jobs::{Jobs, Kind, Queue, Task, Work};
use admin_gui::settings::{KeptSettings, Settings, SettingsError, SettingsFile};
use admin_gui::tasks::KeepSettings;
use diesel::SqliteConnection;
use domain::Author;
use persistence::Database;

use super::{DEADLINE, SETTINGS, Slow, Told, answer_on, jobs, shop};

fn zoomed(kept: &KeptSettings, zoom: u8) -> KeepSettings {
    let settings = Settings { zoom: f32::from(zoom), ..Settings::default() };
    KeepSettings { kept: kept.clone(), settings }
}

#[test]
fn the_newest_settings_are_on_disk_when_the_window_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let file = SettingsFile::in_folder(folder.path());
    let kept = KeptSettings::new(file.clone(), Settings::default());
    let mut jobs = jobs();
    for zoom in 0..200 {
        jobs.ask(SETTINGS.only(), zoomed(&kept, zoom), |_, _, _| {});
    }
    drop(jobs);
    let kept = file.read().unwrap();
    assert!((kept.zoom - 199.0).abs() < f32::EPSILON, "{}", kept.zoom);
}

/// What is kept says that it is.
struct Kept(u8, SyncSender<u8>);

impl Task for Kept {
    type Output = ();
    const KIND: Kind = Kind::Keeps;

    fn run(self, _: &mut Work<'_>) -> persistence::Result<()> {
        self.1.send(self.0).unwrap();
        Ok(())
    }
}

#[test]
fn of_settings_that_are_not_being_written_yet_only_the_newest_are() {
    let (note, noted) = sync_channel(40);
    let (begun, has_begun) = sync_channel(1);
    let (go, go_on) = sync_channel(1);
    let mut jobs = jobs();
    jobs.ask(SETTINGS.of(1), Slow { begun, go_on }, |_, _, _| {});
    has_begun.recv_timeout(DEADLINE).unwrap();
    for number in 0..20 {
        jobs.ask(SETTINGS.only(), Kept(number, note.clone()), |_, _, _| {});
    }
    // Also those that nobody waits for are kept.
    jobs.forget(SETTINGS.only());
    drop(note);
    go.send(()).unwrap();
    drop(jobs);
    assert_eq!(noted.iter().collect::<Vec<_>>(), [19]);
}

#[test]
fn settings_that_cannot_be_written_wake_the_window_and_are_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let occupied = folder.path().join("a file");
    std::fs::write(&occupied, "no folder").unwrap();
    let (wake, woken) = sync_channel(1);
    let mut jobs = Jobs::start(&shop(), move || wake.send(()).unwrap()).unwrap();
    let kept = KeptSettings::new(SettingsFile::in_folder(&occupied), Settings::default());
    jobs.ask(SETTINGS.only(), zoomed(&kept, 2), |told: &mut Vec<_>, outcome, _| {
        told.push(outcome);
    });
    woken.recv_timeout(DEADLINE).unwrap();
    let mut told = Vec::new();
    for _ in 0..2 {
        jobs.arrived(Queue::Settings).into_iter().for_each(|arrived| arrived.deliver(&mut told));
    }
    assert!(matches!(told[..], [Ok(Err(SettingsError::File { .. }))]), "{told:?}");
}

#[test]
fn settings_are_written_while_the_database_answers_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let file = SettingsFile::in_folder(folder.path());
    let shop = folder.path().join("shop.db");
    let database = Database::<SqliteConnection>::builder(shop.to_str().unwrap());
    let database = database.create_missing().pool_size(1).connection_timeout(DEADLINE * 5);
    let catalog = database.open().unwrap().catalog().entity::<Author>().build();
    // The one connection there is.
    let _session = catalog.session().unwrap();
    let mut jobs = Jobs::<Told>::start(&catalog, || {}).unwrap();
    let kept = KeptSettings::new(file.clone(), Settings::default());
    answer_on(&mut jobs, SETTINGS.only(), zoomed(&kept, 2)).unwrap().unwrap();
    assert!((file.read().unwrap().zoom - 2.0).abs() < f32::EPSILON);
}
