//! Two entities on one table, in one session.

use integration_tests::herbarium::{
    Genus, GenusLabel, GenusLite, Leaf, Species, SpeciesLite, open,
};
use integration_tests::on_every_engine;
use persistence::{Repository, Session};

use super::agreeing::{agree, genus, leaf, species};

on_every_engine! {
    fn two_entities_of_one_table_are_told_apart_and_agree<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let parent = session.add(genus("A"));
        let row = session.add(species("row", parent));
        let leaf = session.add(leaf("leaf", row));
        session.commit().unwrap();
        let short = session.query::<SpeciesLite>().one().unwrap();
        assert_eq!(session.related_one(leaf, Leaf::SPECIES).unwrap(), Some(row));
        session[short].note = 7;
        session.flush().unwrap();
        assert_eq!(session[row].note, 7);
        session[row].note = 8;
        session.flush().unwrap();
        assert_eq!(session[short].note, 8);
        session.query::<Species>().update(&[Species::NOTE.set(9)]).unwrap();
        assert_eq!((session[row].note, session[short].note), (9, 9));
        session.delete(parent).unwrap();
        session.commit().unwrap();
        assert_eq!((session.row(row), session.row(short), session.row(leaf)), (None, None, None));
    }

    fn one_row_is_changed_as_two_entities<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let long = session.add(genus("A"));
        session.commit().unwrap();
        let short = session.query::<GenusLabel>().one().unwrap();
        for (code, name) in [("B", "b"), ("C", "c")] {
            session[long].code = code.into();
            session[short].name = name.into();
            session.flush().unwrap();
            assert_eq!((session[long].code.as_str(), session[long].name.as_str()), (code, name));
            assert_eq!((session[short].code.as_str(), session[short].name.as_str()), (code, name));
        }
        session.commit().unwrap();
        agree(&mut session, &[long]);
    }

    fn another_entity_of_a_table_follows_its_keys<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (a, b) = (session.add(genus("A")), session.add(genus("B")));
        session.commit().unwrap();
        let [short_a, short_b] = session.query::<GenusLite>().all().unwrap()[..] else { panic!() };
        let codes = |session: &Session<Engine>| {
            [short_a, short_b].map(|key| session.row(key).map(|row| row.code.clone()))
        };
        session[a].code = "B".into();
        session[b].code = "A".into();
        session.flush().unwrap();
        assert_eq!(codes(&session), [Some("B".into()), Some("A".into())]);
        session.query().filter(Genus::CODE.eq("A")).update(&[Genus::CODE.set("C")]).unwrap();
        assert_eq!(codes(&session), [Some("B".into()), Some("C".into())]);
        let base = session[b].clone();
        let mine = Genus { code: "D".into(), ..base.clone() };
        session.update_from(&base, mine).unwrap();
        assert_eq!(codes(&session), [Some("B".into()), Some("D".into())]);
        // Who gets the key of one that is deleted is another, however often it is flushed.
        session.delete(a).unwrap();
        session.add(genus("B"));
        session.delete(b).unwrap();
        session.flush().unwrap();
        session.add(genus("D"));
        session.flush().unwrap();
        assert_eq!(codes(&session), [None, None]);
        session.rollback().unwrap();
        assert_eq!(codes(&session), [Some("A".into()), Some("B".into())]);
    }
}
