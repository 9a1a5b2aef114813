//! Related rows read along with a query.

use std::sync::{Arc, Mutex};

use integration_tests::on_every_engine;
use integration_tests::works::{
    Category, Genre, NewCategory, NewReview, Profile, Review, Work, WorkGenre, Writer,
};
use persistence::observe::TARGET;
use persistence::{Engine, Error, Key, Path as _, Repository as _, Session, Store};

use crate::filled;

fn titles<C: Engine + Store<Work>>(session: &Session<C>, works: &[Key<Work>]) -> Vec<String> {
    works.iter().map(|&work| session[work].title.clone()).collect()
}

/// How many statements that read are sent while something runs.
fn queries(run: impl FnOnce()) -> usize {
    let lines = Arc::new(Mutex::new(Vec::<u8>::new()));
    let written = Arc::clone(&lines);
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_writer(move || Lines(Arc::clone(&written)))
        .finish();
    tracing::subscriber::with_default(subscriber, run);
    let text = String::from_utf8(lines.lock().unwrap().clone()).unwrap();
    text.lines().filter(|line| line.contains(TARGET) && line.contains("SELECT")).count()
}

struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

on_every_engine! {
    fn the_number_of_queries_does_not_grow_with_the_rows<Engine>(place) {
        let mut session = filled::<Engine>(&place);
        let by_rows = [1, 5].map(|rows| {
            queries(|| {
                session
                    .query::<Writer>()
                    .limit(rows)
                    .include(Writer::PROFILE)
                    .include(Writer::WORKS.then(Work::GENRES).then(Genre::WORKS))
                    .all()
                    .unwrap();
            })
        });
        // The writers, their profiles, works, and two for each table between.
        assert_eq!(by_rows, [7, 7]);
    }

    fn ways_that_part_share_the_queries_up_to_there<Engine>(place) {
        let mut session = filled::<Engine>(&place);
        let mut lem = None;
        let count = queries(|| {
            let parted = (Work::REVIEWS, Work::GENRES.then(Genre::WORKS), Work::CATEGORY);
            let query = session.query::<Writer>().filter(Writer::NAME.eq("Lem"));
            lem = query.include(Writer::WORKS.then(parted)).first().unwrap();
        });
        // The writer, works, reviews, categories, and two for each table between.
        assert_eq!(count, 8);
        let works = session.related(lem.unwrap(), Writer::WORKS).unwrap();
        let reviews = session.related(works[2], Work::REVIEWS).unwrap();
        let category = session.related_one(works[2], Work::CATEGORY).unwrap().unwrap();
        assert_eq!((reviews.len(), session[category].name.as_str()), (2, "Novels"));
        assert_eq!(session.related(works[2], Work::GENRES).unwrap().len(), 2);
    }

    fn many_thousands_of_rows_are_read_along_in_a_few_queries<Engine>(place) {
        let mut session = filled::<Engine>(&place);
        let reviews = (0..12_000_i64)
            .map(|id| NewReview { id: 100 + id, work: (1 + id % 9).into(), stars: 3, words: None });
        let reviews: Vec<Review> = session.insert_many(reviews.collect()).unwrap();
        let links = reviews.len();
        let mut found = 0;
        let count = queries(|| {
            let reviews = session.query::<Review>().include(Review::WORK).all().unwrap();
            found = reviews
                .iter()
                .filter(|&&review| session.related_one(review, Review::WORK).unwrap().is_some())
                .count();
        });
        assert_eq!((found, count), (links + 7, 2));
        let categories = (0..6_001_i64).map(|id| NewCategory {
            id: 100 + id,
            name: format!("{id}"),
            parent: Some(6.into()),
        });
        session.insert_many(categories.collect()).map(|rows: Vec<Category>| rows.len()).unwrap();
        let count = queries(|| {
            let all = session.query::<Category>().include(Category::CHILDREN).all().unwrap();
            let children = |&key: &Key<Category>| session.related(key, Category::CHILDREN).unwrap();
            assert_eq!(all.iter().map(|key| children(key).len()).max(), Some(6_001));
        });
        assert_eq!(count, 3);
    }

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
