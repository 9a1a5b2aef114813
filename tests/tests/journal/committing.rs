//! A program ends while it commits what is staged: before that, after it, and after it has said so.

use std::path::Path;

use integration_tests::office::{Department, Employee, OfficeEngine, open};
use persistence::staging::journal::{Journal, LeftBehind};
use persistence::staging::{Outcome, Staging, interrupted};
use persistence::{Catalog, Database, Entity as _, Query, Record};

pub(super) fn catalog<C: OfficeEngine>(database: &Database<C>) -> Catalog {
    database
        .catalog()
        .entity::<Department>()
        .entity::<Employee>()
        .entity::<integration_tests::office::Country>()
        .entity::<integration_tests::office::City>()
        .build()
}

pub(super) fn rows(catalog: &Catalog, table: &str) -> Vec<Record> {
    let mut session = catalog.session().unwrap();
    session.repository(table).unwrap().list(&Query::new()).unwrap()
}

/// When the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    BeforeCommit,
    AfterCommit,
    AfterFinished,
}

/// Has a department and an employee, renames one, deletes the other, adds another, and ends.
fn end(catalog: &Catalog, folder: &Path, end: End) {
    let mut session = catalog.session().unwrap();
    let sales = session.add("departments", &[("name", "Sales".into())]).unwrap();
    let columns =
        [("name", "Eve".into()), ("badge", "Eve".into()), ("department_id", sales.into())];
    session.add("employees", &columns).unwrap();
    session.commit().unwrap();
    drop(session);
    let (departments, employees) = (rows(catalog, "departments"), rows(catalog, "employees"));

    let mut staging = Staging::new(catalog.entries());
    let mut journal = Journal::create(folder, &catalog.target(), catalog.entries()).unwrap();
    let mut act = staging.act();
    act.set(Department::meta(), &departments[0], "name", "Trade".into()).unwrap();
    act.delete(Employee::meta(), &employees[0]).unwrap();
    let stores = act.insert(Department::meta()).unwrap();
    act.set_new(&stores, "name", "Stores".into()).unwrap();
    let step = act.finish().unwrap();
    journal.append(&step, &staging).unwrap();

    let mut session = catalog.writing_session().unwrap();
    let applied = session.apply(&staging.edits().unwrap()).unwrap();
    journal.committing(&applied.rows).unwrap();
    if end == End::BeforeCommit {
        return;
    }
    session.commit().unwrap();
    if end == End::AfterFinished {
        let step = staging.finish();
        journal.append(&step, &staging).unwrap();
    }
}

fn left_behind(catalog: &Catalog, folder: &Path) -> Option<LeftBehind> {
    Journal::left_behind(folder, &catalog.target(), catalog.entries()).unwrap().pop()
}

fn outcome(catalog: &Catalog, left: &LeftBehind) -> Outcome {
    let mut session = catalog.writing_session().unwrap();
    interrupted(left.committing.as_ref().unwrap(), &mut *session).unwrap()
}

integration_tests::on_every_engine! {
    fn a_program_that_ends_before_it_commits_has_all_staged_as_before<Engine>(place) {
        let folder = tempfile::tempdir().unwrap();
        let catalog = catalog(&open::<Engine>(&place));
        end(&catalog, folder.path(), End::BeforeCommit);
        let left = left_behind(&catalog, folder.path()).unwrap();
        assert_eq!(outcome(&catalog, &left), Outcome::NotCommitted);
        let (mut journal, mut staging) = left.adopt().unwrap();
        assert_eq!(staging.len(), 3);
        let mut session = catalog.session().unwrap();
        session.apply(&staging.edits().unwrap()).unwrap();
        session.commit().unwrap();
        let step = staging.finish();
        journal.append(&step, &staging).unwrap();
        let names = rows(&catalog, "departments");
        let names: Vec<_> = names.iter().map(|row| row.value(1).to_string()).collect();
        assert_eq!(names, ["Trade", "Stores"]);
        drop(journal);
        assert!(left_behind(&catalog, folder.path()).is_none());
    }

    fn a_program_that_ends_after_it_has_committed_is_told_so<Engine>(place) {
        let folder = tempfile::tempdir().unwrap();
        let catalog = catalog(&open::<Engine>(&place));
        end(&catalog, folder.path(), End::AfterCommit);
        let left = left_behind(&catalog, folder.path()).unwrap();
        assert_eq!(outcome(&catalog, &left), Outcome::Committed);
        left.discard().unwrap();
        assert!(left_behind(&catalog, folder.path()).is_none());
        assert_eq!(rows(&catalog, "departments").len(), 2);
        assert!(rows(&catalog, "employees").is_empty());
    }

    fn a_program_that_ends_after_it_has_said_so_is_offered_nothing<Engine>(place) {
        let folder = tempfile::tempdir().unwrap();
        let catalog = catalog(&open::<Engine>(&place));
        end(&catalog, folder.path(), End::AfterFinished);
        assert!(left_behind(&catalog, folder.path()).is_none());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    fn what_is_done_after_a_commit_says_that_it_failed<Engine>(place) {
        let folder = tempfile::tempdir().unwrap();
        let catalog = catalog(&open::<Engine>(&place));
        end(&catalog, folder.path(), End::BeforeCommit);
        let (mut journal, mut staging) =
            left_behind(&catalog, folder.path()).unwrap().adopt().unwrap();
        // To read rows meanwhile says nothing of it.
        let row = staging.rows().next().unwrap().0.clone();
        let mut now = staging.stored(&row).unwrap().clone();
        now.set(2, persistence::Value::Integer(7));
        let step = staging.reread(&row, Some(now)).unwrap();
        journal.append(&step, &staging).unwrap();
        drop(journal);
        let left = left_behind(&catalog, folder.path()).unwrap();
        assert_eq!(left.committing.as_ref().unwrap().len(), 3);
        let (mut journal, mut staging) = left.adopt().unwrap();
        let step = staging.undo().unwrap();
        journal.append(&step, &staging).unwrap();
        let step = staging.redo().unwrap();
        journal.append(&step, &staging).unwrap();
        drop(journal);
        assert!(left_behind(&catalog, folder.path()).unwrap().committing.is_none());
    }
}
