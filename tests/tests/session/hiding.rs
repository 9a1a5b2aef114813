//! Rows that are marked as deleted instead of being deleted.

use integration_tests::office::{City, Country, NewCity, NewCountry, open};
use integration_tests::on_every_engine;
use persistence::audit::{self, AuditEntry};
use persistence::{Database, Error, Filter, Memory, Repository, Upsert};

fn country() -> NewCountry {
    NewCountry { code: "DE".into(), name: "Germany".into() }
}

fn city(name: &str) -> NewCity {
    NewCity { name: name.into(), country: persistence::Ref::Id("DE".into()) }
}

/// A row that is hidden still has its unique values: it is found by them.
fn check_upsert(shop: &mut (impl Repository<Country> + Repository<City>)) {
    let _: Country = shop.insert(country()).unwrap();
    let bonn: City = shop.insert(city("Bonn")).unwrap();
    Repository::<City>::delete(shop, &bonn.id).unwrap();
    let by_name = Upsert::on(City::NAME);
    let kept: Vec<City> = shop.upsert(vec![city("Bonn")], &by_name).unwrap();
    assert_eq!(kept[0].id, bonn.id);
    assert!(kept[0].deleted_at.is_some());
    let revived = shop.upsert(vec![city("Bonn")], &by_name.set(City::DELETED_AT)).unwrap();
    assert_eq!((revived[0].id, revived[0].deleted_at), (bonn.id, None));
    assert_eq!(Repository::<City>::count(shop, &Filter::All).unwrap(), 1);
}

/// What a repository does with such rows, whichever it is.
fn check(shop: &mut (impl Repository<Country> + Repository<City>)) {
    let _: Country = shop.insert(country()).unwrap();
    let cities: Vec<City> = shop.insert_many(["Bonn", "Köln", "Ulm"].map(city).into()).unwrap();
    Repository::<City>::delete(shop, &cities[0].id).unwrap();
    let again = Repository::<City>::delete(shop, &cities[0].id);
    assert!(matches!(again, Err(Error::NotFound { .. })), "{again:?}");
    let missing: persistence::Result<City> = shop.get(cities[0].id);
    assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
    assert_eq!(Repository::<City>::count(shop, &Filter::All).unwrap(), 2);
    assert_eq!(Repository::<City>::delete_where(shop, &City::NAME.eq("Ulm").into()).unwrap(), 1);
    assert_eq!(Repository::<City>::count(shop, &Filter::All).unwrap(), 1);
    let deleted: Filter = City::DELETED_AT.is_not_null().into();
    assert_eq!(Repository::<City>::count(shop, &deleted).unwrap(), 2);
    let with_two = Country::CITIES.count().eq(1).into();
    assert_eq!(Repository::<Country>::count(shop, &with_two).unwrap(), 1);
    // Brought back by whoever asks for it.
    let back = deleted.and(City::NAME.eq("Bonn").into());
    assert_eq!(shop.update_where(&back, &[City::DELETED_AT.set(None)]).unwrap(), 1);
    let bonn: City = shop.get(cities[0].id).unwrap();
    assert_eq!((bonn.name.as_str(), bonn.version), ("Bonn", 3));
}

#[test]
fn a_hidden_row_is_found_by_its_unique_values_in_memory() {
    check_upsert(&mut Memory::new().with::<Country>().with::<City>());
}

#[test]
fn a_deleted_row_is_hidden_in_memory() {
    check(&mut Memory::new().with::<Country>().with::<City>());
}

on_every_engine! {
    fn a_hidden_row_is_found_by_its_unique_values<Engine>(place) {
        check_upsert(&mut open::<Engine>(&place).session().unwrap());
    }

    fn a_deleted_row_is_hidden_in_repositories<Engine>(place) {
        check(&mut open::<Engine>(&place).session().unwrap());
    }

    fn a_deleted_row_is_hidden_in_sessions<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let germany = session.add(country());
        let (bonn, ulm) = (session.add(city("Bonn")), session.add(city("Ulm")));
        session.commit().unwrap();
        let id = session[bonn].id;
        session.delete(bonn).unwrap();
        session.commit().unwrap();
        assert_eq!(session.row(bonn), None);
        assert_eq!(session.query::<City>().all().unwrap(), [ulm]);
        session.query::<Country>().include(Country::CITIES).all().unwrap();
        assert_eq!(session.related(germany, Country::CITIES).unwrap(), [ulm]);
        let hidden = session.query::<City>().filter(City::DELETED_AT.is_not_null()).one().unwrap();
        assert_eq!(session[hidden].id, id);
        session[hidden].deleted_at = None;
        session.commit().unwrap();
        assert_eq!(session.query::<City>().count().unwrap(), 2);
        session.delete(hidden).unwrap();
        session.flush().unwrap();
        session.rollback().unwrap();
        assert_eq!(session[hidden].deleted_at, None);
        assert_eq!(session.query::<City>().count().unwrap(), 2);
    }

    fn a_mark_is_recorded_as_an_update_and_taken_back_as_one<Engine>(place) {
        drop(open::<Engine>(&place));
        place.execute(&audit::create_table::<Engine>());
        let database = Database::<Engine>::builder(place.url()).audit().open().unwrap();
        let mut session = database.session().unwrap();
        session.add(country());
        let bonn = session.add(city("Bonn"));
        session.commit().unwrap();
        session.delete(bonn).unwrap();
        session.commit().unwrap();
        let mistake = session.transaction_id().unwrap();
        let recorded = session.query::<AuditEntry>().order(AuditEntry::ID.desc()).load().unwrap();
        assert_eq!(recorded[0].action, "update");
        audit::revert::<(City,), _>(&mut session, mistake).unwrap();
        session.commit().unwrap();
        assert_eq!(session.query::<City>().count().unwrap(), 1);
    }
}
