//! Handles after a rollback, a refused commit and a cleared session: one handle for one row, and never
//! for another.

use integration_tests::herbarium::{Collector, Find, Genus, NewGenus, Species, open};
use integration_tests::on_every_engine;
use persistence::{Error, Repository};

use super::agreeing::{agree, genus, species};

on_every_engine! {
    fn what_was_read_of_a_transaction_that_is_taken_back_is_read_again<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        session.add(genus("A"));
        session.add(species("row", "A"));
        session.commit().unwrap();
        session.clear();
        let added: Species = Repository::insert(&mut session, species("added", "A")).unwrap();
        session.query::<Species>().update(&[Species::NOTE.set(1)]).unwrap();
        let all = session.query::<Species>().all().unwrap();
        assert_eq!(all.len(), 2);
        session.rollback().unwrap();
        let left: Vec<i64> = all.iter().filter_map(|key| session.row(*key)).map(|row| row.note).collect();
        assert_eq!(left, [0]);
        agree(&mut session, &all);
        assert!(session.get::<Species>(added.id).is_err());
    }

    fn a_rollback_begins_no_transaction<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let row = session.add(genus("A"));
        session.commit().unwrap();
        session[row].name = "taken back".into();
        session.flush().unwrap();
        assert_eq!(session.query::<Genus>().one().unwrap(), row);
        session.rollback().unwrap();
        let mut other = database.session().unwrap();
        other.add(genus("B"));
        other.commit().unwrap();
        session[row].name = "changed".into();
        session.commit().unwrap();
    }

    fn a_commit_that_is_refused_leaves_rows_that_can_be_read<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let row = session.add(genus("A"));
        session.commit().unwrap();
        session[row].name = "changed".into();
        session.flush().unwrap();
        session.query::<Genus>().all().unwrap();
        session.add(genus("A"));
        assert!(matches!(session.commit(), Err(Error::Constraint(_))));
        session.rollback().unwrap();
        assert_eq!(session[row].name, "genus A");
    }

    fn a_row_that_was_read_before_a_key_was_given_stays<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        session.add_all([genus("A"), genus("B")]);
        session.commit().unwrap();
        session.clear();
        session.query().update(&[Genus::NAME.set("new")]).unwrap();
        let row = session.get::<Genus>("B").unwrap();
        for code in ["C", "B"] {
            session[row].code = code.into();
            session.flush().unwrap();
        }
        session.rollback().unwrap();
        assert_eq!(session[row].name, "genus B");
    }

    fn a_row_that_is_to_be_read_again_is_lost_with_the_key_it_was_read_by<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let row = session.add(genus("A"));
        session.commit().unwrap();
        session[row].code = "B".into();
        session.flush().unwrap();
        session.detach(row).unwrap();
        let read = session.get::<Genus>("B").unwrap();
        session.expire(read);
        session.rollback().unwrap();
        let again = session.get::<Genus>("A").unwrap();
        assert_eq!((again == read, session.row(read)), (false, None));
        assert!(matches!(session.refresh(read), Err(Error::NotFound { .. })));
        agree(&mut session, &[again]);
    }

    fn one_row_has_one_handle_after_a_rollback<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (a, b) = (session.add(genus("A")), session.add(genus("B")));
        session.commit().unwrap();
        for is_part in [true, false] {
            let mut later = Vec::new();
            let _: Result<(), Error> = session.savepoint(|session| {
                session[a].code = "C".into();
                session.flush()?;
                // Its key is another row's for a while, which the session does not know.
                session.query().filter(Genus::CODE.eq("B")).update(&[Genus::CODE.set("A")])?;
                session.detach(b);
                later.push(session.get::<Genus>("A")?);
                if is_part { Err(Error::Cancelled) } else { Ok(()) }
            });
            session.rollback().unwrap();
            assert_eq!(session[a].code, "A");
            assert_eq!(later.iter().find_map(|key| session.row(*key)), None);
            session[a].name = "changed".into();
            session.commit().unwrap();
        }
    }

    fn a_handle_does_not_become_another_row_by_a_rollback<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        session.add_all([genus("A"), genus("B")]);
        session.commit().unwrap();
        session.clear();
        session.query::<Genus>().filter(Genus::CODE.eq("B")).delete().unwrap();
        session.query().filter(Genus::CODE.eq("A")).update(&[Genus::CODE.set("B")]).unwrap();
        let was_a = session.get::<Genus>("B").unwrap();
        assert_eq!(session[was_a].name, "genus A");
        session.rollback().unwrap();
        assert_eq!(session.row(was_a), None);
        Repository::<Genus>::delete(&mut session, &"B".to_owned()).unwrap();
        Repository::<Genus>::insert(&mut session, NewGenus { name: "new".into(), ..genus("B") })
            .unwrap();
        let new = session.get::<Genus>("B").unwrap();
        let stays = session.get::<Genus>("A").unwrap();
        session.rollback().unwrap();
        assert_eq!((session.row(new), session[stays].code.as_str()), (None, "A"));
        session.delete(stays).unwrap();
        session.add(genus("A"));
        session.flush().unwrap();
        session.clear();
        let new = session.get::<Genus>("A").unwrap();
        session.rollback().unwrap();
        assert_eq!(session.row(new), None);
    }

    fn a_part_in_which_a_session_is_cleared_is_taken_back<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let parent = session.add(genus("A"));
        let row = session.add(species("row", parent));
        session.flush().unwrap();
        session[row].note = 1;
        let (mut added, mut read) = (None, None);
        let part = session.savepoint(|session| {
            session.clear();
            added = Some(session.add(genus("B")));
            session.query::<Species>().update(&[Species::NOTE.set(2)])?;
            read = session.query::<Species>().one_or_none()?;
            Err::<(), _>(Error::Cancelled)
        });
        assert!(matches!(part, Err(Error::Cancelled)));
        let (added, read) = (added.unwrap(), read.unwrap());
        assert!(session.row(added).is_none() && session.draft(added).is_none());
        assert_eq!(session[read].note, 1);
        session.commit().unwrap();
        agree(&mut session, &[read]);
    }

    fn a_session_that_is_cleared_knows_nothing_and_goes_on<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let parent = session.add(genus("A"));
        let row = session.add(species("row", parent));
        session.commit().unwrap();
        session[row].note = 1;
        let pending = session.add(genus("B"));
        session.clear();
        assert!(!session.has_changes());
        assert!(session.row(row).is_none() && session.draft(pending).is_none());
        assert!(matches!(session.delete(row), Err(Error::NotFound { .. })));
        let again = session.query::<Species>().one().unwrap();
        assert_ne!(again, row);
        assert_eq!(session[again].note, 0);
        session[again].note = 2;
        session.commit().unwrap();
        agree(&mut session, &[again]);
        assert_eq!(session.query::<Find>().count().unwrap(), 0);
        assert_eq!(session.query::<Collector>().count().unwrap(), 0);
    }
}
