//! What the session knows is what the database has: keys that change hands, levels that are not
//! loaded, bulk statements, rows that are given up or parted.

use integration_tests::herbarium::{
    Cabinet, Collector, Drawer, Find, Genus, GenusLabel, HerbariumEngine, Label, NewCabinet,
    NewCollector, NewDrawer, NewGenus, NewLabel, NewLeaf, NewPage, NewRemark, NewSpecies, Species,
    open,
};
use integration_tests::on_every_engine;
use persistence::session::Autoflush;
use persistence::{Entity, Error, Key, Ref, Repository, Session};

pub(super) fn genus(code: &str) -> NewGenus {
    NewGenus { code: code.to_owned(), name: format!("genus {code}") }
}

pub(super) fn species(name: &str, genus: impl Into<Ref<Genus>>) -> NewSpecies {
    NewSpecies { name: name.to_owned(), genus: genus.into(), former: None, origin: None, note: 0 }
}

pub(super) fn leaf(name: &str, species: impl Into<Ref<Species>>) -> NewLeaf {
    NewLeaf { name: name.to_owned(), species: species.into() }
}

pub(super) fn label(name: &str, species: Option<Key<Species>>) -> NewLabel {
    NewLabel { name: name.to_owned(), species: species.map(Into::into) }
}

/// Asserts that the session has of these rows what the database has, and no more.
pub(super) fn agree<C: HerbariumEngine + persistence::Store<E>, E: Entity>(
    session: &mut Session<C>,
    known: &[Key<E>],
) where
    E::Key: std::fmt::Debug,
{
    let mut found: Vec<E> = known.iter().filter_map(|key| session.row(*key).cloned()).collect();
    let mut stored: Vec<E> = session.query::<E>().load().unwrap();
    found.sort_by_key(Entity::key);
    stored.sort_by_key(Entity::key);
    assert_eq!(found, stored);
}

on_every_engine! {
    fn what_refers_to_a_row_goes_with_it_where_another_gets_its_key<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (old, other) = (session.add(genus("A")), session.add(genus("B")));
        let along = session.add(species("along", old));
        let stays = session.add(NewSpecies { former: Some(old.into()), ..species("stays", other) });
        session.commit().unwrap();
        session.delete(old).unwrap();
        let new = session.add(genus("A"));
        // By its key as by its handle, who is new means who is new.
        let by_key = session.add(species("by key", "A"));
        session.commit().unwrap();
        assert_eq!((session.row(old), session.row(along)), (None, None));
        assert_eq!(session[stays].former_code, None);
        assert_eq!(session.related(new, Genus::SPECIES).unwrap(), [by_key]);
        agree(&mut session, &[new, other]);
        agree(&mut session, &[along, stays, by_key]);
    }

    fn a_row_that_moves_to_the_new_holder_of_a_key_stays<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let old = session.add(genus("A"));
        let other = session.add(genus("B"));
        let (moves, along) = (session.add(species("moves", old)), session.add(species("along", old)));
        let was = session.add(NewSpecies { former: Some(old.into()), ..species("was", other) });
        let unknown = session.add(species("unknown", old));
        session.commit().unwrap();
        session.detach(unknown).unwrap();
        session.delete(old).unwrap();
        let new = session.add(genus("A"));
        session.relate(moves, Species::GENUS, new).unwrap();
        session.commit().unwrap();
        assert_eq!(session.row(along), None);
        assert_eq!(session[was].former_code, None);
        agree(&mut session, &[new, other]);
        agree(&mut session, &[moves, was]);
        session[was].note = 1;
        session.commit().unwrap();
    }

    fn what_refers_to_a_row_follows_its_key<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (a, b) = (session.add(genus("A")), session.add(genus("B")));
        let of_a = session.add(NewSpecies { former: Some(b.into()), ..species("of a", a) });
        let of_b = session.add(species("of b", b));
        session.commit().unwrap();
        // They swap keys, which takes a third one in between.
        session[a].code = "B".into();
        session[b].code = "A".into();
        let new = session.add(species("new", a));
        session.commit().unwrap();
        for _ in 0..2 {
            assert_eq!(session.related(a, Genus::SPECIES).unwrap(), [of_a, new]);
            assert_eq!(session.related(b, Genus::SPECIES).unwrap(), [of_b]);
            agree(&mut session, &[of_a, of_b, new]);
        }
        assert_eq!(session[of_a].former_code.as_deref(), Some("A"));
        session.delete(a).unwrap();
        session.commit().unwrap();
        agree(&mut session, &[of_a, of_b, new]);
    }

    fn what_refers_to_a_row_follows_a_key_that_is_not_changed_by_a_flush<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (a, b) = (session.add(genus("A")), session.add(genus("B")));
        let of_a = session.add(NewSpecies { former: Some(b.into()), ..species("of a", a) });
        session.commit().unwrap();
        let is_a = Genus::CODE.eq("A");
        assert_eq!(session.query().filter(is_a).update(&[Genus::CODE.set("C")]).unwrap(), 1);
        assert_eq!(session.related_one(of_a, Species::GENUS).unwrap(), Some(a));
        agree(&mut session, &[of_a]);
        let before = session[b].clone();
        let after = Genus { code: "D".into(), ..before.clone() };
        Repository::update_from(&mut session, &before, after).unwrap();
        assert_eq!(session[of_a].former_code.as_deref(), Some("D"));
        // Of rows that the session does not know as well.
        session.detach(a).unwrap();
        let is_c = Genus::CODE.eq("C");
        assert_eq!(session.query().filter(is_c).update(&[Genus::CODE.set("E")]).unwrap(), 1);
        agree(&mut session, &[of_a]);
        session[of_a].note = 1;
        session.commit().unwrap();
        agree(&mut session, &[of_a]);
        assert_eq!(session[of_a].genus_code, "E");
    }

    fn what_goes_along_by_way_of_rows_that_are_not_loaded_is_gone<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (goes, stays) = (session.add(genus("A")), session.add(genus("B")));
        let between = [goes, stays].map(|genus| session.add(species("between", genus)));
        let leaves = between.map(|species| session.add(leaf("leaf", species)));
        session.commit().unwrap();
        for species in between {
            session.detach(species).unwrap();
        }
        session.delete(goes).unwrap();
        session.commit().unwrap();
        assert_eq!(session.row(leaves[0]), None);
        agree(&mut session, &leaves);
        // By a bulk statement as well, which leaves others alone.
        session.query::<Genus>().delete().unwrap();
        assert_eq!(session.row(leaves[1]), None);
        session.rollback().unwrap();
        agree(&mut session, &leaves);
    }

    fn what_a_bulk_statement_wrote_is_known<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (a, b) = (session.add(genus("A")), session.add(genus("B")));
        let all = [a, b].map(|genus| session.add(species("species", genus)));
        let leaves = all.map(|species| session.add(leaf("leaf", species)));
        session.commit().unwrap();
        let of_a = || Species::GENUS_CODE.eq("A");
        let set = [Species::NOTE.set(5), Species::GENUS_CODE.set("B")];
        assert_eq!(session.query().filter(of_a()).update(&set).unwrap(), 1);
        assert_eq!((session[all[0]].note, session[all[1]].note), (5, 0));
        assert_eq!(session.related(b, Genus::SPECIES).unwrap().len(), 2);
        agree(&mut session, &all);
        let noted = Species::NOTE.eq(5);
        assert_eq!(session.query::<Species>().filter(noted).delete().unwrap(), 1);
        assert_eq!(session.row(leaves[0]), None);
        assert_eq!(session[leaves[1]].name, "leaf");
        agree(&mut session, &leaves);
        session.rollback().unwrap();
        agree(&mut session, &all);
        agree(&mut session, &leaves);
    }

    fn giving_up_what_was_added_leaves_a_session_that_can_be_flushed<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let old = session.add(genus("A"));
        let row = session.add(species("row", old));
        session.commit().unwrap();
        let new = session.add(genus("B"));
        let along = session.add(species("along", new));
        let further = session.add(leaf("further along", along));
        let former = session.add(NewSpecies { former: Some(new.into()), ..species("former", old) });
        session.relate(row, Species::GENUS, new).unwrap();
        session.delete(new).unwrap();
        session.commit().unwrap();
        assert!(session.row(along).is_none() && session.row(further).is_none());
        assert_eq!((session[row].genus_code.as_str(), &session[former].former_code), ("A", &None));
        agree(&mut session, &[row, former]);
    }

    fn an_orphan_is_found_at_the_flush<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let parent = session.add(genus("A"));
        let [one, other] = ["one", "other"].map(|name| session.add(species(name, parent)));
        let labels = ["back", "moved", "orphan"].map(|name| session.add(label(name, Some(one))));
        session.commit().unwrap();
        let new = session.add(label("new orphan", Some(one)));
        for label in labels.into_iter().chain([new]) {
            session.unrelate(one, Species::LABELS, label).unwrap();
        }
        assert!(session.related(one, Species::LABELS).unwrap().is_empty());
        let [back, moved, orphan] = labels;
        session.relate(one, Species::LABELS, back).unwrap();
        session.relate(other, Species::LABELS, moved).unwrap();
        session.commit().unwrap();
        assert_eq!(session.related(one, Species::LABELS).unwrap(), [back]);
        assert_eq!(session.related(other, Species::LABELS).unwrap(), [moved]);
        assert!(session.row(orphan).is_none() && session.draft(new).is_none());
        agree(&mut session, &labels);
        // Put into another list before it is taken out of its own.
        session.relate(other, Species::LABELS, back).unwrap();
        session.unrelate(one, Species::LABELS, back).unwrap();
        session.commit().unwrap();
        agree(&mut session, &labels);
        assert!(session.row(back).is_some());
    }

    fn a_flush_that_fails_keeps_its_orphans<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let parent = session.add(genus("A"));
        let one = session.add(species("one", parent));
        let stored = session.add(label("stored", Some(one)));
        session.commit().unwrap();
        let new = session.add(label("new", Some(one)));
        session.unrelate(one, Species::LABELS, stored).unwrap();
        session.unrelate(one, Species::LABELS, new).unwrap();
        let twice = session.add(genus("A"));
        assert!(matches!(session.flush(), Err(Error::Constraint(_))));
        session.draft_mut(twice).unwrap().code = "B".into();
        session.commit().unwrap();
        assert!(session.row(stored).is_none() && session.row(new).is_none());
        assert_eq!(session.query::<Label>().count().unwrap(), 0);
    }

    fn what_is_related_to_a_new_row_is_known_also_by_way_of_the_repository<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let parent = session.add(genus("A"));
        assert_eq!(session.related(parent, Genus::SPECIES).unwrap(), []);
        session.flush().unwrap();
        assert_eq!(session.related(parent, Genus::SPECIES).unwrap(), []);
        let inserted: Species =
            Repository::insert(&mut session, species("inserted", "A")).unwrap();
        let [key] = session.related(parent, Genus::SPECIES).unwrap()[..] else { panic!() };
        assert_eq!(session[key], inserted);
        assert_eq!(session.related(key, Species::COLLECTORS).ok(), None);
        session.rollback().unwrap();
        assert_eq!(session.row(key), None);
    }

    fn rows_are_related_through_a_table_whose_columns_have_defaults<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let parent = session.add(genus("A"));
        let row = session.add(species("row", parent));
        let collector = session.add(NewCollector { name: "collector".into() });
        session.relate(row, Species::COLLECTORS, collector).unwrap();
        session.commit().unwrap();
        assert_eq!(session.related(row, Species::COLLECTORS).unwrap(), [collector]);
        let find = session.query::<Find>().one().unwrap();
        let find = &session[find];
        let found_on = chrono::NaiveDate::from_ymd_opt(2001, 2, 3).unwrap();
        let found_at = chrono::NaiveTime::from_hms_opt(4, 5, 6).unwrap();
        assert_eq!((find.is_certain, find.found_on, find.found_at), (true, found_on, found_at));
    }

    fn what_others_wrote_is_not_taken_for_own_after_a_bulk_statement<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let collector = session.add(NewCollector { name: "mine".into() });
        let row = session.add(species("row", "A"));
        session.add(genus("A"));
        session.commit().unwrap();
        let mut other = database.session().unwrap();
        let theirs = other.query::<Collector>().one().unwrap();
        other[theirs].name = "theirs".into();
        let theirs = other.query::<Species>().one().unwrap();
        other[theirs].note = 3;
        other.commit().unwrap();
        drop(other);
        let named = Collector::ID.gt(0);
        session.query().filter(named).update(&[Collector::NAME.set("both")]).unwrap();
        // The filter finds what is stored, not what the session had.
        let noted = session.query().filter(Species::NOTE.eq(0)).update(&[Species::NOTE.set(7)]);
        assert_eq!(noted.unwrap(), 0);
        assert_eq!((session[row].note, session[collector].name.as_str()), (3, "both"));
        session[row].note = 4;
        session.commit().unwrap();
        agree(&mut session, &[row]);
    }

    fn a_marked_row_that_is_added_again_takes_nothing_along<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let old = session.add(NewCabinet { code: "A".into() });
        session.add(NewDrawer { name: "unknown".into(), cabinet: old.into(), spare: None });
        session.commit().unwrap();
        session.clear();
        let old = session.get::<Cabinet>("A").unwrap();
        session.delete(old).unwrap();
        let new = session.add(NewCabinet { code: "A".into() });
        session.commit().unwrap();
        assert_eq!(session[new].deleted_at, None);
        assert_eq!(session.query::<Drawer>().count().unwrap(), 1);
    }

    fn a_level_that_is_to_be_read_again_is_not_known<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let parent = session.add(genus("A"));
        let between = session.add(species("between", parent));
        let leaf = session.add(leaf("leaf", between));
        session.commit().unwrap();
        session.expire(between);
        session.delete(parent).unwrap();
        session.commit().unwrap();
        assert_eq!(session.row(leaf), None);
    }

    fn an_orphan_is_put_back_by_its_field_and_told_as_what_is_deleted<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let parent = session.add(genus("A"));
        let one = session.add(species("one", parent));
        let labels = ["back", "goes"].map(|name| session.add(label(name, Some(one))));
        session.commit().unwrap();
        let new = session.add(label("new", Some(one)));
        for label in labels.into_iter().chain([new]) {
            session.unrelate(one, Species::LABELS, label).unwrap();
        }
        session[labels[0]].species_id = Some(session[one].id);
        assert_eq!(session.related(one, Species::LABELS).unwrap(), [labels[0]]);
        let told: Vec<String> = session.changes().iter().map(ToString::to_string).collect();
        let [told] = told.as_slice() else { panic!("{told:?}") };
        assert!(told.starts_with("DELETE FROM labels"), "{told}");
        session.commit().unwrap();
        agree(&mut session, &labels);
        assert!(session.row(labels[0]).is_some());
    }

    fn a_key_that_the_database_keeps_for_others_is_refused_and_they_are_named<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let cabinet = session.add(NewCabinet { code: "A".into() });
        let drawer = session.add(NewDrawer { name: "drawer".into(), cabinet: cabinet.into(), spare: None });
        session.commit().unwrap();
        // A cabinet is only marked as deleted, which is nothing to its drawers.
        assert!(session.plan_deletion([cabinet]).unwrap().consequences.is_empty());
        session[cabinet].code = "B".into();
        let Err(Error::Constraint(violation)) = session.flush() else { panic!() };
        assert_eq!(violation.referenced_by, ["drawers"]);
        assert_eq!(session[cabinet].code, "B");
        session.rollback().unwrap();
        assert_eq!((session[cabinet].code.as_str(), &*session[drawer].cabinet_code), ("A", "A"));
    }

    fn a_row_that_follows_a_key_is_not_taken_for_written<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let [home, spare] = ["A", "B"].map(|code| session.add(NewCabinet { code: code.into() }));
        let (cabinet, spare_of) = (home.into(), Some(spare.into()));
        let drawer = session.add(NewDrawer { name: "drawer".into(), cabinet, spare: spare_of });
        session.commit().unwrap();
        let mut other = database.session().unwrap();
        other.query().update(&[Drawer::NAME.set("theirs")]).unwrap();
        other.commit().unwrap();
        session[spare].code = "C".into();
        session.flush().unwrap();
        assert_eq!(session[drawer].spare_code.as_deref(), Some("C"));
        session[drawer].name = "mine".into();
        let written = session.commit();
        assert!(matches!(written, Err(Error::Conflict { .. })), "{written:?}");
    }

    fn what_is_to_be_read_again_goes_along_where_it_would<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (a, b) = (session.add(genus("A")), session.add(genus("B")));
        let (goes, stays) = (session.add(species("goes", a)), session.add(species("stays", a)));
        session.commit().unwrap();
        let mut other = database.session().unwrap();
        other.query().filter(Species::NAME.eq("stays"))
            .update(&[Species::GENUS_CODE.set("B")]).unwrap();
        other.commit().unwrap();
        session.expire(goes);
        session.expire(stays);
        session.delete(a).unwrap();
        session.flush().unwrap();
        assert_eq!((session.row(goes), session[stays].genus_code.as_str()), (None, "B"));
        session.commit().unwrap();
        agree(&mut session, &[b]);
        agree(&mut session, &[stays]);
    }

    fn what_somebody_deleted_is_inserted_anew<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (old, known) = (session.add(genus("A")), session.add(genus("B")));
        session.commit().unwrap();
        let mut other = database.session().unwrap();
        other.query::<Genus>().delete().unwrap();
        other.commit().unwrap();
        let new = session.add(NewGenus { name: "new".into(), ..genus("A") });
        Repository::<Genus>::insert(&mut session, NewGenus { name: "new".into(), ..genus("B") })
            .unwrap();
        assert_eq!((session.row(old), session[known].name.as_str()), (None, "new"));
        agree(&mut session, &[new, known]);
    }

    fn what_somebody_deleted_gives_its_key_to_another<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (a, b) = (session.add(genus("A")), session.add(genus("B")));
        session.commit().unwrap();
        let short = session.query::<GenusLabel>().filter(GenusLabel::CODE.eq("A")).one().unwrap();
        session.commit().unwrap();
        let mut other = database.session().unwrap();
        other.query::<Genus>().filter(Genus::CODE.eq("A")).delete().unwrap();
        other.commit().unwrap();
        session[b].code = "A".into();
        session.flush().unwrap();
        assert_eq!(session.row(a), None);
        assert!(session.refresh(a).is_err());
        assert_eq!(session.row(short).map(|row| row.name.as_str()), None);
        agree(&mut session, &[b]);
    }

    fn what_is_assigned_after_a_row_was_related_counts<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (a, b) = (session.add(genus("A")), session.add(genus("B")));
        let former = Some(a.into());
        let row = session.add(NewSpecies { former, ..species("row", a) });
        session.commit().unwrap();
        let new = session.add(genus("C"));
        session.relate(row, Species::FORMER, new).unwrap();
        assert_eq!(session.related_one(row, Species::FORMER).unwrap(), Some(new));
        session[row].former_code = Some("B".into());
        assert_eq!(session.related_one(row, Species::FORMER).unwrap(), Some(b));
        session.flush().unwrap();
        assert_eq!(session[row].former_code.as_deref(), Some("B"));
        session[a].code = "D".into();
        session.relate(row, Species::FORMER, a).unwrap();
        session[row].former_code = None;
        session.commit().unwrap();
        assert_eq!(session[row].former_code, None);
        // So does deleting the other one.
        session[b].code = "E".into();
        session.relate(row, Species::FORMER, b).unwrap();
        session.delete(b).unwrap();
        session.commit().unwrap();
        assert_eq!(session[row].former_code, None);
        agree(&mut session, &[row]);
    }

    fn keys_that_are_references_follow_by_way_of_unknown_rows<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let root = session.add(genus("A"));
        let page = session.add(NewPage { genus: root.into(), text: "page".into() });
        let remark = session.add(NewRemark { page: page.into(), text: "remark".into() });
        session.commit().unwrap();
        session.detach(page).unwrap();
        session[root].code = "B".into();
        session.flush().unwrap();
        assert_eq!(session[remark].page_code, "B");
        agree(&mut session, &[remark]);
    }

    fn what_was_added_before_it_was_included_is_related<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let parent = session.add(genus("A"));
        session.commit().unwrap();
        session.clear();
        session.set_autoflush(Autoflush::Off);
        let new = session.add(species("new", "A"));
        let found = session.query::<Genus>().include(Genus::SPECIES).one().unwrap();
        assert_ne!(found, parent);
        assert_eq!(session.related(found, Genus::SPECIES).unwrap(), [new]);
        session.commit().unwrap();
        assert_eq!(session.related(found, Genus::SPECIES).unwrap(), [new]);
    }

    fn what_is_to_be_read_again_is_related_still<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let parent = session.add(genus("A"));
        let child = session.add(species("child", parent));
        session.commit().unwrap();
        session.expire(child);
        assert_eq!(session.related(parent, Genus::SPECIES).unwrap(), [child]);
        session[parent].code = "B".into();
        session.flush().unwrap();
        assert_eq!(session.related(parent, Genus::SPECIES).unwrap(), [child]);
        session.refresh(child).unwrap();
        agree(&mut session, &[child]);
    }
}
