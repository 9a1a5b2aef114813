//! Tables whose rows hold on to each other more firmly than an office's, in one flush.

use integration_tests::archive::{
    Carton, Collection, Duplicate, Facsimile, Folder, Fonds, Keeper, Letter, Loan, Map,
    NewCollection, NewDuplicate, NewFacsimile, NewFonds, NewKeeper, NewLetter, NewLoan, NewMap,
    NewOriginal, NewRoom, NewSheet, NewShelf, Room, Sheet, Shelf, carton, folder, fonds, open,
};
use integration_tests::on_every_engine;
use persistence::observe::recorded;
use persistence::{Engine as _, Error, Key, Ref};

fn shelf(name: &str) -> NewShelf {
    NewShelf { name: name.to_owned() }
}

fn collection(name: &str) -> NewCollection {
    NewCollection { name: name.to_owned() }
}

fn map(collection: Key<Collection>) -> NewMap {
    NewMap { title: "a map".to_owned(), collection: collection.into() }
}

fn letter(collection: Key<Collection>) -> NewLetter {
    NewLetter { title: "a letter".to_owned(), former: None, collection: collection.into() }
}

on_every_engine! {
    fn a_tree_whose_rows_all_have_a_parent_is_deleted_leaves_first<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        // The outermost is in itself. By their keys, parents are before children.
        place.execute("INSERT INTO folders VALUES (1, 'folder 1', 1)");
        let keys = session.add_all(
            [folder(2, 1), folder(3, 2), folder(4, 2), folder(5, 3), folder(6, 5)],
        );
        session.commit().unwrap();
        for key in keys {
            session.delete(key).unwrap();
        }
        session.commit().unwrap();
        let root = session.query::<Folder>().one().unwrap();
        assert_eq!(session[root].id, 1);
        // InnoDB itself refuses to delete what refers to itself.
        if Engine::NAME != "MySQL" {
            session.delete(root).unwrap();
            session.commit().unwrap();
            assert!(!session.query::<Folder>().exists().unwrap());
        }
    }

    fn rows_that_keep_each_other_are_deleted_together_whatever_their_tables_are_called<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let room = session.add(NewRoom { name: "1".into(), keeper: None });
        let keeper = session.add(NewKeeper { name: "Ada".into(), room: room.into() });
        session.draft_mut(room).unwrap().keeper = Some(keeper.into());
        let duplicate = session.add(NewDuplicate { title: "map".into(), loan: None });
        let loan = session.add(NewLoan { reader: "Bob".into(), duplicate: duplicate.into() });
        session.draft_mut(duplicate).unwrap().loan = Some(loan.into());
        session.commit().unwrap();
        assert_eq!(session[room].keeper_id, Some(session[keeper].id));
        session.delete(room).unwrap();
        session.delete(keeper).unwrap();
        session.delete(duplicate).unwrap();
        session.delete(loan).unwrap();
        session.commit().unwrap();
        let mut session = database.session().unwrap();
        assert!(!session.query::<Room>().exists().unwrap());
        assert!(!session.query::<Keeper>().exists().unwrap());
        assert!(!session.query::<Duplicate>().exists().unwrap());
        assert!(!session.query::<Loan>().exists().unwrap());
    }

    fn what_stands_on_a_shelf_stays_when_the_shelf_is_only_marked<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (old, new) = (session.add(shelf("old")), session.add(shelf("new")));
        let still = session.add(carton(1, old));
        let changed = session.add(carton(2, old));
        let moved = session.add(integration_tests::archive::NewCarton {
            former: Some(old.into()), ..carton(3, new)
        });
        session.commit().unwrap();
        let id = session[old].id;
        session[changed].place = 20;
        let added = session.add(carton(4, old));
        session.delete(old).unwrap();
        session.commit().unwrap();
        assert_eq!(session.row(old), None);
        assert_eq!(session[still].shelf_id, id);
        assert_eq!((session[changed].shelf_id, session[changed].place), (id, 20));
        assert_eq!(session[moved].former_id, Some(id));
        assert_eq!(session[added].shelf_id, id);
        let stored = database.session().unwrap()
            .query::<Carton>().order(Carton::DEPTH.asc()).load().unwrap();
        assert_eq!(stored, [still, changed, moved, added].map(|key| session[key].clone()));
        let marked = Shelf::DELETED_AT.is_not_null();
        assert_eq!(session.query::<Shelf>().filter(marked).count().unwrap(), 1);
    }

    fn a_key_that_others_refer_to_is_kept_and_they_are_named<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let atlas = session.add(collection("Atlas"));
        session.add(letter(atlas));
        session.commit().unwrap();
        // Its letters go along when it is deleted; they do not follow another key.
        let id = session[atlas].id;
        let changed = session.query::<Collection>().update(&[Collection::ID.set(id + 1)]);
        let Err(Error::Constraint(violation)) = changed else { panic!("{changed:?}") };
        assert_eq!(violation.referenced_by, ["letters"]);
        assert_eq!(
            violation.to_string(),
            "this Collection is still referred to by rows of letters"
        );
    }

    fn small_numbers_that_are_unique_change_hands<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let shelf = session.add(shelf("1"));
        let keys = session.add_all((1..=5).map(|number| carton(number, shelf)));
        session.commit().unwrap();
        for (key, (place, depth)) in keys.iter().zip([(2, 5), (1, 3), (4, 2), (5, 1), (3, 4)]) {
            session[*key].place = place;
            session[*key].depth = depth;
        }
        session.commit().unwrap();
        let stored = database.session().unwrap()
            .query::<Carton>().order(Carton::ID.asc()).load().unwrap();
        let now: Vec<_> = stored.iter().map(|carton| (carton.place, carton.depth)).collect();
        assert_eq!(now, [(2, 5), (1, 3), (4, 2), (5, 1), (3, 4)]);
        assert_eq!(stored, keys.iter().map(|&key| session[key].clone()).collect::<Vec<_>>());
    }

    fn a_conflict_within_a_swap_keeps_the_row_and_its_change<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let shelf = session.add(shelf("1"));
        let [a, b] = [1, 2].map(|number| session.add(carton(number, shelf)));
        session.commit().unwrap();
        for mine in [a, b] {
            let id = session[mine].id;
            place.execute(&format!(
                "UPDATE cartons SET label = 'theirs', version = version + 1 WHERE id = {id}"
            ));
            let (was_a, was_b) = (session[a].place, session[b].place);
            session[a].place = was_b;
            session[b].place = was_a;
            session[mine].label = "mine".into();
            for _ in 0..2 {
                assert!(matches!(session.commit(), Err(Error::Conflict(_))));
                assert_eq!((session[a].place, session[b].place), (was_b, was_a));
                assert_eq!(session[mine].label, "mine");
            }
            session.rollback().unwrap();
            session.refresh(mine).unwrap();
            session[a].place = was_b;
            session[b].place = was_a;
            session.commit().unwrap();
            let stored = database.session().unwrap()
                .query::<Carton>().order(Carton::ID.asc()).load().unwrap();
            assert_eq!(stored, [session[a].clone(), session[b].clone()]);
            assert_eq!((stored[0].place, stored[1].place), (was_b, was_a));
            assert_eq!(session[mine].label, "theirs");
        }
    }

    fn a_row_that_is_deleted_and_added_again_has_the_new_values<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let old = session.add(fonds("A", "Old"));
        session.commit().unwrap();
        session.delete(old).unwrap();
        let new = session.add(fonds("A", "New"));
        session.commit().unwrap();
        let stored = database.session().unwrap().query::<Fonds>().load().unwrap();
        let [Fonds { title, version, .. }] = stored.as_slice() else { panic!("{stored:?}") };
        assert_eq!((title.as_str(), *version), ("New", 2));
        assert_eq!(stored, [session[new].clone()]);
        session[new].title = "Newer".into();
        session.commit().unwrap();
    }

    fn a_row_that_is_deleted_and_added_again_as_it_was_counts_on<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let old = session.add(fonds("A", "First"));
        session.commit().unwrap();
        session[old].title = "Second".into();
        session.commit().unwrap();
        session.delete(old).unwrap();
        let new = session.add(fonds("A", "Second"));
        session.commit().unwrap();
        assert_eq!(session[new].version, 3);
        assert_eq!(
            database.session().unwrap().query::<Fonds>().load().unwrap(), [session[new].clone()]
        );
        session[new].title = "Third".into();
        session.commit().unwrap();
        session.delete(new).unwrap();
        session.commit().unwrap();
    }

    fn a_natural_key_that_is_given_up_is_taken_by_another_in_the_same_flush<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let first = session.add(fonds("A", "first"));
        let second = session.add(fonds("B", "second"));
        session.commit().unwrap();
        session[first].code = "C".into();
        session[second].code = "A".into();
        let third = session.add(fonds("B", "third"));
        session.commit().unwrap();
        for session in [&mut session, &mut database.session().unwrap()] {
            let stored = session.query::<Fonds>().order(Fonds::CODE.asc()).load().unwrap();
            let told: Vec<_> = stored.iter().map(|f| (f.code.as_str(), f.title.as_str())).collect();
            assert_eq!(told, [("A", "second"), ("B", "third"), ("C", "first")]);
        }
        for (code, key) in [("A", second), ("B", third), ("C", first)] {
            assert_eq!(session.get::<Fonds>(code).unwrap(), key);
        }
        for key in [first, second, third] {
            session[key].title.push('!');
        }
        session.commit().unwrap();
    }

    fn rows_that_refer_to_one_new_row_are_all_inserted<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let part = |code: &str, above: Key<Fonds>| NewFonds {
            above: Some(above.into()), ..fonds(code, code)
        };
        let old = session.add(fonds("A", "old"));
        session.commit().unwrap();
        // One is new altogether, the other takes a deleted row's place.
        let [a, b] = ["A 1", "A 2"].map(|code| session.add(part(code, old)));
        let [c, d] = ["B 1", "B 2"].map(|code| session.add(part(code, old)));
        session.delete(old).unwrap();
        let (new, other) = (session.add(fonds("A", "new")), session.add(fonds("B", "other")));
        for (above, parts) in [(new, [a, b]), (other, [c, d])] {
            for part in parts {
                session.draft_mut(part).unwrap().above = Some(above.into());
            }
        }
        session.commit().unwrap();
        let stored = database.session().unwrap()
            .query::<Fonds>().order(Fonds::CODE.asc()).load().unwrap();
        let told: Vec<_> = stored.iter()
            .map(|fonds| (fonds.code.as_str(), fonds.above_code.as_deref(), fonds.version))
            .collect();
        assert_eq!(told, [
            ("A", None, 2),
            ("A 1", Some("A"), 1),
            ("A 2", Some("A"), 1),
            ("B", None, 1),
            ("B 1", Some("B"), 1),
            ("B 2", Some("B"), 1),
        ]);
    }

    fn only_a_circles_first_row_is_written_twice<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let keys = session.add_all((0..20).map(|n| fonds(&format!("{n:02}"), "in a circle")));
        for (n, &key) in keys.iter().enumerate() {
            session.draft_mut(key).unwrap().above = Some(keys[(n + 1) % 20].into());
        }
        session.commit().unwrap();
        let stored = database.session().unwrap()
            .query::<Fonds>().order(Fonds::CODE.asc()).load().unwrap();
        let versions: Vec<i64> = stored.iter().map(|fonds| fonds.version).collect();
        assert_eq!((versions[0], versions[1..].iter().max()), (2, Some(&1)));
        assert_eq!(stored[0].above_code.as_deref(), Some("01"));
        assert_eq!(stored[19].above_code.as_deref(), Some("00"));
    }

    fn a_circle_of_two_tables_is_named_as_it_goes_round<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        // One that only waits for the circle is none of it.
        let outside = session.add(NewFacsimile { original: Ref::Id(0) });
        let original = session.add(NewOriginal { facsimile: Ref::Id(0) });
        let facsimile = session.add(NewFacsimile { original: original.into() });
        session.draft_mut(outside).unwrap().original = original.into();
        session.draft_mut(original).unwrap().facsimile = facsimile.into();
        let Err(Error::Invalid(invalid)) = session.commit() else { panic!() };
        let told = invalid.errors[0].to_string();
        let (field, round) = if invalid.entity == "Original" {
            ("facsimile_id", "(Original → Facsimile → Original)")
        } else {
            ("original_id", "(Facsimile → Original → Facsimile)")
        };
        assert_eq!(invalid.errors[0].field, field);
        assert!(told.contains(round), "{}: {told}", invalid.entity);
        session.rollback().unwrap();
        assert!(!session.query::<Facsimile>().exists().unwrap());
    }

    fn a_relation_to_a_new_row_that_is_given_up_goes_with_it<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let old = session.add(collection("old"));
        let map = session.add(map(old));
        session.commit().unwrap();
        let new = session.add(collection("new"));
        session.relate(map, Map::COLLECTION, new).unwrap();
        session.delete(new).unwrap();
        assert_eq!(session.related_one(map, Map::COLLECTION).unwrap(), Some(old));
        session.commit().unwrap();
        assert_eq!(session[map].collection_id, session[old].id);
    }

    fn a_relation_that_was_discarded_is_not_written<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let old = session.add(collection("old"));
        let [a, b, c] = [0; 3].map(|_| session.add(map(old)));
        session.commit().unwrap();
        let new = session.add(collection("new"));
        for map in [a, b, c] {
            session.relate(map, Map::COLLECTION, new).unwrap();
        }
        // Reading one again writes what the others are to be.
        session.detach(b).unwrap();
        session.delete(c).unwrap();
        session.refresh(a).unwrap();
        session.commit().unwrap();
        assert_eq!(session[a].collection_id, session[old].id);
        let stored = database.session().unwrap().query::<Map>().load().unwrap();
        let where_to: Vec<i64> = stored.iter().map(|map| map.collection_id).collect();
        assert_eq!(where_to, [session[old].id, session[old].id]);
    }

    fn a_relation_of_a_row_that_is_let_go_is_in_nobodys_way<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let old = session.add(collection("old"));
        let [a, b] = [0; 2].map(|_| session.add(map(old)));
        session.commit().unwrap();
        let new = session.add(collection("new"));
        session.relate(a, Map::COLLECTION, new).unwrap();
        session.relate(b, Map::COLLECTION, new).unwrap();
        session.detach(a).unwrap();
        session.delete(b).unwrap();
        session.delete(new).unwrap();
        session.commit().unwrap();
        let stored = database.session().unwrap().query::<Map>().load().unwrap();
        assert_eq!(stored.len(), 1);
        assert_eq!(database.session().unwrap().query::<Collection>().count().unwrap(), 1);
    }

    fn a_row_that_is_deleted_or_let_go_is_related_to_nothing<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let old = session.add(collection("old"));
        let [a, b, c] = [0; 3].map(|_| session.add(letter(old)));
        session.commit().unwrap();
        let new = session.add(collection("new"));
        for letter in [a, b, c] {
            session.relate(letter, Letter::COLLECTION, new).unwrap();
        }
        assert_eq!(session.related(new, Collection::LETTERS).unwrap(), [a, b, c]);
        session.detach(a).unwrap();
        session.delete(b).unwrap();
        assert_eq!(session.related(new, Collection::LETTERS).unwrap(), [c]);
        session.commit().unwrap();
        session.query::<Collection>().include(Collection::LETTERS).all().unwrap();
        assert_eq!(session.related(new, Collection::LETTERS).unwrap(), [c]);
    }

    fn a_parent_is_replaced_by_one_of_the_same_name_while_its_children_move<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let old = session.add(collection("Maps"));
        let map = session.add(map(old));
        let letter = session.add(letter(old));
        let other = session.add(fonds("A", "deleted along"));
        session.commit().unwrap();
        session.delete(other).unwrap();
        session.delete(old).unwrap();
        let new = session.add(collection("Maps"));
        session.relate(map, Map::COLLECTION, new).unwrap();
        session.relate(letter, Letter::COLLECTION, new).unwrap();
        session.commit().unwrap();
        assert_eq!(session[map].collection_id, session[new].id);
        assert_eq!(session[letter].collection_id, session[new].id);
        let mut other = database.session().unwrap();
        assert_eq!(other.query::<Collection>().load().unwrap(), [session[new].clone()]);
        assert_eq!(other.query::<Map>().load().unwrap(), [session[map].clone()]);
        assert_eq!(other.query::<Letter>().load().unwrap(), [session[letter].clone()]);
    }

    fn a_relation_to_a_row_that_is_to_be_read_again_ends_with_it<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (one, other) = (session.add(collection("one")), session.add(collection("other")));
        let letter = session.add(letter(one));
        session.commit().unwrap();
        let id = session[other].id;
        session.expire(other);
        session.relate(letter, Letter::FORMER, other).unwrap();
        assert_eq!(session[letter].former_id, Some(id));
        session.delete(other).unwrap();
        session.commit().unwrap();
        assert_eq!(session[letter].former_id, None);
        let stored = database.session().unwrap().query::<Letter>().load().unwrap();
        assert_eq!(stored, [session[letter].clone()]);
    }

    fn a_child_that_moves_to_a_new_parent_survives_the_old_one<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let old = session.add(collection("old"));
        let moved = session.add(letter(old));
        let back = session.add(NewLetter { former: Some(old.into()), ..letter(old) });
        session.commit().unwrap();
        session.delete(old).unwrap();
        let new = session.add(collection("new"));
        session.relate(moved, Letter::COLLECTION, new).unwrap();
        session.relate(back, Letter::COLLECTION, new).unwrap();
        session.relate(back, Letter::FORMER, new).unwrap();
        session.commit().unwrap();
        let id = session[new].id;
        assert_eq!((session[moved].collection_id, session[moved].former_id), (id, None));
        assert_eq!((session[back].collection_id, session[back].former_id), (id, Some(id)));
        let stored = database.session().unwrap()
            .query::<Letter>().order(Letter::ID.asc()).load().unwrap();
        assert_eq!(stored, [session[moved].clone(), session[back].clone()]);
    }

    fn a_parents_name_goes_to_the_one_its_children_move_to<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (old, new) = (session.add(collection("Maps")), session.add(collection("New maps")));
        let (map, other) = (session.add(map(old)), session.add(fonds("A", "deleted along")));
        session.commit().unwrap();
        session.delete(other).unwrap();
        session.delete(old).unwrap();
        session[new].name = "Maps".into();
        session[map].collection_id = session[new].id;
        session.commit().unwrap();
        let mut other = database.session().unwrap();
        assert_eq!(other.query::<Collection>().load().unwrap(), [session[new].clone()]);
        assert_eq!(other.query::<Map>().load().unwrap(), [session[map].clone()]);
    }

    fn what_a_statement_takes_along_is_gone_in_the_session<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (going, staying) = (session.add(collection("going")), session.add(collection("staying")));
        let gone = session.add(letter(going));
        let kept = session.add(NewLetter { former: Some(going.into()), ..letter(staying) });
        for letter in [gone, kept] {
            session.add(NewSheet { number: 1, letter: letter.into() });
        }
        session.add(map(staying));
        session.commit().unwrap();
        // Whether or not the session knows the rows that the statement deletes.
        for knows in [false, true] {
            let mut session = database.session().unwrap();
            if knows {
                session.query::<Collection>().all().unwrap();
            }
            let letters = session.query::<Letter>().order(Letter::ID.asc()).all().unwrap();
            let sheets = session.query::<Sheet>().order(Sheet::ID.asc()).all().unwrap();
            let map = session.query::<Map>().one().unwrap();
            let going = Collection::NAME.eq("going");
            assert_eq!(session.query::<Collection>().filter(going).delete().unwrap(), 1);
            assert_eq!((session.row(letters[0]), session.row(sheets[0])), (None, None));
            for error in [session.refresh(letters[0]), session.refresh(sheets[0])] {
                assert!(matches!(error, Err(Error::NotFound { .. })), "{error:?}");
            }
            // What may have changed is read again, what cannot have is not.
            session.refresh(letters[1]).unwrap();
            assert_eq!(session[letters[1]].former_id, None);
            assert_eq!(session[map].title, "a map");
            assert_eq!(session.query::<Sheet>().all().unwrap(), [sheets[1]]);
            session.rollback().unwrap();
            assert_eq!(session[letters[1]].former_id, Some(session[letters[0]].collection_id));
            assert_eq!(session[sheets[0]].letter_id, session[letters[0]].id);
        }
    }

    fn tables_that_nothing_ties_are_written_in_the_order_of_their_names<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        session.add(shelf("1"));
        session.add(fonds("A", "a"));
        session.add(NewRoom { name: "1".into(), keeper: None });
        session.add(collection("1"));
        session.add(NewDuplicate { title: "1".into(), loan: None });
        let ((), statements) = recorded(|| session.flush().unwrap());
        let tables: Vec<&str> = statements.iter()
            .filter_map(|statement| statement.sql.strip_prefix("INSERT INTO "))
            .map(|rest| rest.split(['`', '"']).nth(1).unwrap())
            .collect();
        assert_eq!(tables, ["collections", "duplicates", "fonds", "rooms", "shelves"]);
    }

    fn a_new_row_that_is_not_valid_is_not_inserted<Engine>(place) {
        let (database, _place) = integration_tests::shop::database::<Engine>(place);
        let mut session = database.session().unwrap();
        let user = session.add(integration_tests::shop::user("", Some(200)));
        for _ in 0..2 {
            let Err(Error::Invalid(invalid)) = session.commit() else { panic!() };
            let fields: Vec<_> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
            assert_eq!((invalid.entity, fields), ("User", vec!["name", "age"]));
        }
        let draft = session.draft_mut(user).unwrap();
        draft.name = "Ada".into();
        draft.age = Some(36);
        session.commit().unwrap();
        assert_eq!(database.session().unwrap().query::<domain::User>().count().unwrap(), 1);
    }
}
