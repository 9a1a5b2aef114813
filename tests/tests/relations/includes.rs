//! Related rows read along with a query.

use integration_tests::on_every_engine;
use integration_tests::works::{Category, Genre, Profile, Review, Work, WorkGenre, Writer};
use persistence::{Engine, Error, Key, Path as _, Repository as _, Session, Store};

use crate::filled;

fn titles<C: Engine + Store<Work>>(session: &Session<C>, works: &[Key<Work>]) -> Vec<String> {
    works.iter().map(|&work| session[work].title.clone()).collect()
}

on_every_engine! {
    fn children_come_in_the_relations_order<Engine>(place) {
        let mut session = filled::<Engine>(&place);
        let writers = session.query::<Writer>().include(Writer::WORKS).all().unwrap();
        let works = |row: usize| titles(&session, &session.related(writers[row], Writer::WORKS).unwrap());
        assert_eq!(works(0), ["Fiasco", "Summa Technologiae", "Solaris"]);
        assert_eq!(works(1), ["The Dispossessed", "The Lathe of Heaven"]);
        assert_eq!(works(2), ["Iliad", "Odyssey"]);
        assert!(works(4).is_empty());
    }

    fn the_one_related_row_is_there_or_none<Engine>(place) {
        let mut session = filled::<Engine>(&place);
        let writers = session.query::<Writer>().include(Writer::PROFILE).all().unwrap();
        let motto = |row: usize| {
            let profile: Option<Key<Profile>> =
                session.related_one(writers[row], Writer::PROFILE).unwrap();
            profile.map(|profile| session[profile].motto.clone())
        };
        assert_eq!(motto(0), Some(Some("Look around".to_owned())));
        assert_eq!(motto(1), Some(None));
        assert_eq!(motto(2), None);

        let works = session.query::<Work>().include(Work::WRITER).all().unwrap();
        assert_eq!(session.related_one(works[0], Work::WRITER).unwrap(), Some(writers[0]));
        assert_eq!(session.related_one(works[7], Work::WRITER).unwrap(), None);
    }

    fn rows_find_each_other_through_the_table_between_from_both_ends<Engine>(place) {
        let mut session = filled::<Engine>(&place);
        let solaris = session
            .query::<Work>()
            .filter(Work::TITLE.eq("Solaris"))
            .include(Work::GENRES)
            .one()
            .unwrap();
        let genres = session.related(solaris, Work::GENRES).unwrap();
        let names: Vec<_> = genres.iter().map(|&genre| session[genre].name.as_str()).collect();
        assert_eq!(names, ["philosophy", "science fiction"]);

        let genres = session.query::<Genre>().include(Genre::WORKS).all().unwrap();
        let works = |row: usize| session.related(genres[row], Genre::WORKS).unwrap();
        assert_eq!(
            titles(&session, &works(0)),
            ["The Lathe of Heaven", "The Dispossessed", "Solaris", "Fiasco"]
        );
        assert!(works(3).is_empty());
        assert!(works(2).contains(&solaris), "the same row has the same key");
    }

    fn a_tree_is_read_level_by_level<Engine>(place) {
        let mut session = filled::<Engine>(&place);
        let root = session
            .query::<Category>()
            .filter(Category::NAME.eq("All"))
            .include(Category::CHILDREN.then(Category::CHILDREN).then(Category::WORKS))
            .first()
            .unwrap()
            .unwrap();
        let names = |session: &Session<Engine>, keys: &[Key<Category>]| -> Vec<String> {
            keys.iter().map(|&key| session[key].name.clone()).collect()
        };
        let children = session.related(root, Category::CHILDREN).unwrap();
        assert_eq!(names(&session, &children), ["Prose", "Verse"]);
        let grandchildren = session.related(children[0], Category::CHILDREN).unwrap();
        assert_eq!(names(&session, &grandchildren), ["Essays", "Novels"]);
        let novels = session.related(grandchildren[1], Category::WORKS).unwrap();
        assert_eq!(novels.len(), 4);
        let error = session.related(children[0], Category::WORKS).unwrap_err();
        assert!(matches!(error, Error::NotIncluded { entity: "Category", relation: "works" }));
        let up = session.query::<Category>().include(Category::PARENT).all().unwrap();
        assert_eq!(session.related_one(up[1], Category::PARENT).unwrap(), Some(root));
        assert_eq!(session.related_one(root, Category::PARENT).unwrap(), None);
    }

    fn ways_may_part_and_be_of_any_length<Engine>(place) {
        let mut session = filled::<Engine>(&place);
        let writer = session
            .query::<Writer>()
            .filter(Writer::NAME.eq("Lem"))
            .include(Writer::WORKS.then(Work::REVIEWS))
            .include(Writer::WORKS.then(Work::GENRES.then(Genre::WORKS.then(Work::WRITER))))
            .one()
            .unwrap();
        let works = session.related(writer, Writer::WORKS).unwrap();
        let stars: Vec<i32> = works
            .iter()
            .flat_map(|&work| session.related(work, Work::REVIEWS).unwrap())
            .map(|review: Key<Review>| session[review].stars)
            .collect();
        assert_eq!(stars, [4, 5, 2]);
        let mut colleagues: Vec<String> = works
            .iter()
            .flat_map(|&work| session.related(work, Work::GENRES).unwrap())
            .flat_map(|genre| session.related(genre, Genre::WORKS).unwrap())
            .filter_map(|work| session.related_one(work, Work::WRITER).unwrap())
            .map(|writer| session[writer].name.clone())
            .collect();
        colleagues.sort();
        colleagues.dedup();
        assert_eq!(colleagues, ["Le Guin", "Lem"]);
    }

    fn a_relation_that_was_written_is_read_as_it_is_now<Engine>(place) {
        let mut session = filled::<Engine>(&place);
        let link = integration_tests::works::NewWorkGenre {
            work: 8.into(),
            genre: 2.into(),
            weight: None,
        };
        let _: WorkGenre = session.insert(link).unwrap();
        let epic = session
            .query::<Genre>()
            .filter(Genre::NAME.eq("epic"))
            .include(Genre::WORKS)
            .one()
            .unwrap();
        let works = session.related(epic, Genre::WORKS).unwrap();
        assert_eq!(titles(&session, &works), ["Odyssey", "Iliad", "Beowulf"]);
    }
}
