//! Parts of a transaction that are taken back on their own.

use integration_tests::office::{Department, department, open};
use integration_tests::on_every_engine;
use persistence::{Error, Result};

/// An error of the program's own, to leave a savepoint with.
fn stop<T>() -> Result<T> {
    Err(Error::Cancelled)
}

on_every_engine! {
    fn a_failed_part_is_taken_back_and_the_rest_stays<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.flush().unwrap();
        session[sales].name = "Verkauf".into();
        let mut inner = None;
        let failed: Result<()> = session.savepoint(|session| {
            inner = Some(session.add(department("Support")));
            session.flush()?;
            session[sales].name = "Ventes".into();
            session.flush()?;
            session[sales].name = "pending".into();
            stop()
        });
        assert!(matches!(failed, Err(Error::Cancelled)));
        assert_eq!(session.row(inner.unwrap()), None);
        assert_eq!(session[sales].name, "Verkauf");
        session.commit().unwrap();
        let stored = database.session().unwrap().query::<Department>().load().unwrap();
        assert_eq!(stored, [session[sales].clone()]);
    }

    fn savepoints_nest<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        session.savepoint(|session| {
            session.add(department("outer"));
            let failed: Result<()> = session.savepoint(|session| {
                session.add(department("inner"));
                session.flush()?;
                session.savepoint(|session| {
                    session.add(department("innermost"));
                    Ok(())
                })?;
                stop()
            });
            assert!(failed.is_err());
            session.savepoint(|session| {
                session.add(department("second"));
                Ok(())
            })
        }).unwrap();
        session.commit().unwrap();
        let names: Vec<String> = database.session().unwrap()
            .query::<Department>().order(Department::NAME.asc()).load().unwrap()
            .into_iter().map(|department| department.name).collect();
        assert_eq!(names, ["outer", "second"]);
    }

    fn rolling_back_takes_back_what_a_savepoint_kept<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let kept = session.savepoint(|session| Ok(session.add(department("kept")))).unwrap();
        assert!(session.row(kept).is_some());
        session.rollback().unwrap();
        assert_eq!(session.row(kept), None);
        assert!(!session.query::<Department>().exists().unwrap());
    }

    fn a_part_that_panics_is_taken_back<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            session.savepoint(|session| -> Result<()> {
                session.add(department("half"));
                session.flush()?;
                session[sales].name = "changed".into();
                panic!("the part's own")
            })
        }));
        assert!(caught.is_err());
        session.add(department("after"));
        session.commit().unwrap();
        let stored = database.session().unwrap()
            .query::<Department>().order(Department::ID.asc()).load().unwrap();
        let names: Vec<_> = stored.iter().map(|department| &*department.name).collect();
        assert_eq!(names, ["Sales", "after"]);
    }
}
