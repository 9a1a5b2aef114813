//! What a writer left behind that was killed: taken back or told, never passed over. And databases
//! that may only be read.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use integration_tests::command::{Answer, answer, on_sqlite};
use tempfile::TempDir;

/// A bookshop in a folder of its own, which everybody may look into.
struct Shop {
    folder: TempDir,
    program: PathBuf,
}

impl Shop {
    /// Of 2,000 books, in a journal mode.
    fn new(journal_mode: &str) -> Self {
        let bindery = on_sqlite();
        bindery.succeeds(&["seed", "--books", "2000"]);
        bindery.database.execute(&format!("PRAGMA journal_mode = {journal_mode}"));
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("bin/bindery");
        std::fs::create_dir(folder.path().join("bin")).unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        std::fs::copy(bindery.command(&[""]).get_program(), &program).unwrap();
        std::fs::copy(bindery.database.path(), folder.path().join("data/shop.db")).unwrap();
        let shop = Self { folder, program };
        for path in ["", "bin", "bin/bindery", "data"] {
            shop.allow(path, 0o755);
        }
        shop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn allow(&self, name: &str, mode: u32) {
        std::fs::set_permissions(self.path(name), Permissions::from_mode(mode)).unwrap();
    }

    /// Leaves a transaction half-done, as a program does that is killed: what it had written so far
    /// is there, and so is its journal or its log.
    fn interrupt(&self, then: &str) {
        let (shop, writing) = (self.path("data/shop.db"), self.path("writing.db"));
        std::fs::rename(&shop, &writing).unwrap();
        let mut connection = SqliteConnection::establish(writing.to_str().unwrap()).unwrap();
        connection
            .batch_execute(&format!(
                "PRAGMA cache_size = 5; BEGIN; UPDATE books SET title = 'half-done'; {then}"
            ))
            .unwrap();
        // As the disk has it at this moment.
        for end in ["", "-journal", "-wal", "-shm"] {
            let from = self.path(&format!("writing.db{end}"));
            if from.exists() {
                std::fs::copy(from, self.path(&format!("data/shop.db{end}"))).unwrap();
            }
        }
    }

    /// How many books are half-done, as the program says that may not write there.
    fn half_done(&self, who: Who) -> Answer {
        let filter = "title = \"half-done\"";
        let mut command = match who {
            Who::Owner | Who::Other => Command::new(&self.program),
            Who::ReadOnlyMount => {
                let mut command = Command::new("unshare");
                let script = "mount --bind -o ro \"$1\" \"$1\" && exec \"$2\" \"$3\" \"$4\" \
                              \"$5\" \"$6\" \"$7\" \"$8\"";
                command.args(["-m", "sh", "-c", script, "sh"]);
                command.arg(self.path("data")).arg(&self.program);
                command
            }
        };
        let shop = self.path("data/shop.db");
        command.args(["count", "books", "--filter", filter, "--url", shop.to_str().unwrap()]);
        command.current_dir("/").env_remove("RUST_LOG");
        if who == Who::Other {
            as_nobody(&mut command);
        }
        answer(&mut command)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Owner,
    /// Somebody who may only look.
    Other,
    /// The administrator, on a medium that nobody writes to.
    ReadOnlyMount,
}

/// Those who may look only: another user and, where the system lets us mount, a read-only medium.
fn onlookers() -> Vec<Who> {
    let may_mount = Command::new("unshare").args(["-m", "true"]).output();
    let may_mount = may_mount.is_ok_and(|output| output.status.success());
    if may_mount { vec![Who::Other, Who::ReadOnlyMount] } else { vec![Who::Other] }
}

/// The administrator may do everything, whatever the permissions say.
fn as_nobody(command: &mut Command) {
    use std::os::unix::fs::MetadataExt as _;
    use std::os::unix::process::CommandExt as _;
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.uid(65_534).gid(65_534);
    }
}

#[track_caller]
fn says(answer: &Answer, count: u32) {
    assert_eq!((answer.code, &*answer.stdout), (0, &*format!("{count}\n")), "{answer:?}");
}

fn is_there(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0)
}

#[test]
fn a_killed_writer_is_taken_back_by_who_only_reads() {
    let shop = Shop::new("DELETE");
    shop.interrupt("");
    assert!(is_there(&shop.path("data/shop.db-journal")), "the journal is hot");
    says(&shop.half_done(Who::Owner), 0);
    assert!(!shop.path("data/shop.db-journal").exists());
    says(&shop.half_done(Who::Owner), 0);
}

#[test]
fn a_hot_journal_is_never_passed_over() {
    let shop = Shop::new("DELETE");
    shop.interrupt("");
    shop.allow("data", 0o555);
    for who in onlookers() {
        let answer = shop.half_done(who);
        assert_eq!(answer.code, 6, "{answer:?}");
        for part in ["shop.db-journal", "half-done", "taken back"] {
            assert!(answer.stderr.contains(part), "{answer:?}");
        }
    }
    shop.allow("data", 0o755);
    says(&shop.half_done(Who::Owner), 0);
}

#[test]
fn a_database_that_may_only_be_read_is_read() {
    for journal_mode in ["DELETE", "WAL"] {
        let shop = Shop::new(journal_mode);
        shop.allow("data/shop.db", 0o444);
        shop.allow("data", 0o555);
        for who in onlookers() {
            says(&shop.half_done(who), 0);
        }
        shop.allow("data", 0o755);
        let left: Vec<_> = std::fs::read_dir(shop.path("data")).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}

#[test]
fn a_log_that_was_left_behind_is_read_or_named() {
    let shop = Shop::new("WAL");
    shop.interrupt("COMMIT;");
    assert!(is_there(&shop.path("data/shop.db-wal")), "the log was left");
    std::fs::remove_file(shop.path("data/shop.db-shm")).unwrap();
    shop.allow("data", 0o555);
    for who in onlookers() {
        let answer = shop.half_done(who);
        assert_eq!(answer.code, 6, "{answer:?}");
        assert!(answer.stderr.contains("shop.db-wal` holds changes"), "{answer:?}");
    }
    shop.allow("data", 0o755);
    says(&shop.half_done(Who::Owner), 2000);
}

#[test]
fn a_file_that_may_not_be_written_to_is_named_by_who_tries() {
    let shop = Shop::new("DELETE");
    shop.allow("data/shop.db", 0o444);
    shop.allow("data", 0o555);
    let path = shop.path("data/shop.db");
    let mut command = Command::new(&shop.program);
    command.args(["delete", "books", "--filter", "id > 0", "--url", path.to_str().unwrap()]);
    as_nobody(command.current_dir("/"));
    let answer = answer(&mut command);
    assert_eq!(answer.code, 6, "{answer:?}");
    assert!(answer.stderr.contains("shop.db"), "{answer:?}");
    assert!(answer.stderr.contains("read-only"), "{answer:?}");
    shop.allow("data", 0o755);
}
