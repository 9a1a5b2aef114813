//! The identity map: one row, one key; taking rows in, letting them go, reading them again.

use integration_tests::office::{
    Country, Department, NewCountry, NewOrder, Order, department, open,
};
use integration_tests::on_every_engine;
use persistence::session::Autoflush;
use persistence::{Error, Repository, Upsert};

on_every_engine! {
    fn a_row_has_one_key_however_it_is_found<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let added = session.add(department("Sales"));
        session.commit().unwrap();
        let id = session[added].id;
        assert_eq!(session.get::<Department>(id).unwrap(), added);
        assert_eq!(session.query::<Department>().all().unwrap(), [added]);
        assert_eq!(session.query::<Department>().first().unwrap(), Some(added));
        assert_eq!(session.query::<Department>().one().unwrap(), added);
        assert_eq!(session.query::<Department>().one_or_none().unwrap(), Some(added));
        let missing = session.query::<Department>().filter(Department::NAME.eq("none"));
        assert_eq!(missing.one_or_none().unwrap(), None);
        session.add(department("Support"));
        let many = session.query::<Department>().one_or_none();
        assert!(matches!(many, Err(Error::MultipleFound { .. })), "{many:?}");
    }

    fn a_query_finds_what_is_pending_unless_told_not_to<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        session.set_autoflush(Autoflush::Off);
        session.add(department("Sales"));
        assert_eq!(session.query::<Department>().count().unwrap(), 0);
        session.set_autoflush(Autoflush::On);
        assert_eq!(session.query::<Department>().count().unwrap(), 1);
    }

    fn a_change_that_is_not_written_survives_a_query_that_finds_the_row<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.commit().unwrap();
        session.set_autoflush(Autoflush::Off);
        session[sales].name = "Ventes".into();
        assert_eq!(session.query::<Department>().one().unwrap(), sales);
        assert_eq!(session[sales].name, "Ventes");
        session.refresh(sales).unwrap();
        assert_eq!(session[sales].name, "Sales");
        assert!(!session.has_changes());
    }

    fn an_expired_row_is_read_again<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (a, b) = (session.add(department("a")), session.add(department("b")));
        session.commit().unwrap();
        session[a].name = "never written".into();
        session.expire(a);
        assert_eq!(session.row(a), None);
        place.execute("UPDATE departments SET name = 'elsewhere', version = 7 WHERE name = 'a'");
        assert_eq!(session.get::<Department>(session[b].id - 1).unwrap(), a);
        assert_eq!((session[a].name.as_str(), session[a].version), ("elsewhere", 7));
        session.expire_all();
        assert_eq!(session.row(b), None);
        session.refresh(b).unwrap();
        assert_eq!(session[b].name, "b");
        session.expire(b);
        session.delete(b).unwrap();
        session.commit().unwrap();
        assert_eq!(session.query::<Department>().all().unwrap(), [a]);
    }

    fn rolling_back_does_not_bring_back_what_was_known_before_it_was_read_again<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.commit().unwrap();
        session.expire_all();
        place.execute("UPDATE departments SET name = 'elsewhere', version = 7");
        session.refresh(sales).unwrap();
        session.rollback().unwrap();
        assert_eq!((session[sales].name.as_str(), session[sales].version), ("elsewhere", 7));
    }

    fn a_detached_row_is_not_written_until_it_is_merged<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.commit().unwrap();
        session[sales].name = "Ventes".into();
        let detached = session.detach(sales).unwrap();
        assert_eq!(session.row(sales), None);
        session.commit().unwrap();
        assert_eq!(session.query::<Department>().load().unwrap()[0].name, "Sales");
        let merged = session.merge(detached).unwrap();
        assert_eq!(session.changes().len(), 1);
        session.commit().unwrap();
        assert_eq!(session[merged].name, "Ventes");
        assert_eq!(session.query::<Department>().load().unwrap(), [session[merged].clone()]);
    }

    fn merging_a_stale_row_is_a_conflict_and_changes_nothing<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.commit().unwrap();
        let mut stale = session[sales].clone();
        session[sales].name = "Ventes".into();
        session.commit().unwrap();
        stale.name = "Vertrieb".into();
        for session in [&mut session, &mut database.session().unwrap()] {
            let error = session.merge(stale.clone()).unwrap_err();
            let Error::Conflict(conflict) = &error else { panic!("{error:?}") };
            assert!(conflict.mine.is_some() && conflict.theirs.is_some());
            assert!(!session.has_changes());
        }
    }

    fn merging_a_row_with_a_natural_key_inserts_or_updates_it<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let germany = |name: &str| Country { code: "DE".into(), name: name.into() };
        let new = session.merge(germany("Germany")).unwrap();
        session.commit().unwrap();
        assert_eq!(session[new].name, "Germany");
        let same = session.merge(germany("Deutschland")).unwrap();
        assert_eq!(same, new);
        session.commit().unwrap();
        assert_eq!(session.query::<Country>().load().unwrap(), [germany("Deutschland")]);
    }

    fn merging_an_equal_row_writes_nothing<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.commit().unwrap();
        let same = session[sales].clone();
        assert_eq!(session.merge(same).unwrap(), sales);
        assert!(!session.has_changes());
    }

    fn a_bulk_statement_keeps_the_map_honest<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (a, b) = (session.add(department("a")), session.add(department("b")));
        let germany = session.add(NewCountry { code: "DE".into(), name: "Germany".into() });
        session.commit().unwrap();
        let renamed = session
            .query::<Department>()
            .filter(Department::NAME.eq("a"))
            .update(&[Department::NAME.set("renamed")]);
        assert_eq!(renamed.unwrap(), 1);
        assert_eq!(session.query::<Country>().filter(Country::CODE.eq("DE")).delete().unwrap(), 1);
        assert_eq!(session.row(germany), None);
        let found = session.query::<Department>().order(Department::NAME.asc()).all().unwrap();
        assert_eq!(found, [b, a]);
        assert_eq!((session[a].name.as_str(), session[a].version), ("renamed", 2));
        session[a].name = "and again".into();
        session.commit().unwrap();
    }

    fn every_update_keeps_its_time<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let order = session.add(NewOrder { number: "1".into() });
        session.commit().unwrap();
        let (created, mut last) = (session[order].created_at, session[order].updated_at);
        assert_eq!(created, last);
        let by_number = Upsert::on(Order::NUMBER).set(Order::NUMBER);
        for round in 0..4 {
            // The clock has moved on before the next update, to the microsecond.
            while chrono::Utc::now().naive_utc() <= last + chrono::Duration::microseconds(1) {}
            match round {
                0 => session[order].number = "2".into(),
                1 => {
                    let mine = Order { number: "3".into(), ..session[order].clone() };
                    session.update(mine).unwrap();
                }
                2 => {
                    session.query::<Order>().update(&[Order::NUMBER.set("4")]).unwrap();
                    session.refresh(order).unwrap();
                }
                _ => {
                    session.upsert(vec![NewOrder { number: "4".into() }], &by_number).unwrap();
                }
            }
            session.commit().unwrap();
            assert!(session[order].updated_at > last, "round {round}");
            last = session[order].updated_at;
            assert_eq!(session[order].created_at, created);
        }
        assert_eq!(session.query::<Order>().load().unwrap(), [session[order].clone()]);
    }

    fn reading_a_pending_row_again_is_refused_and_loses_nothing<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        assert!(matches!(session.refresh(sales), Err(Error::NotFound { .. })));
        session.expire(sales);
        assert!(session.draft(sales).is_some());
        session.commit().unwrap();
        assert_eq!(session[sales].name, "Sales");
    }
}
