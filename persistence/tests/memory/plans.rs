//! What a deletion would take along, before it does.

use persistence::deletion::{self, Count, DeletionPlan};
use persistence::{DynSession, Entity, Memory, OnDelete, RecordKey};

use super::*;

fn plan<E: Entity>(memory: &mut Memory, keys: &[RecordKey]) -> DeletionPlan {
    memory.commit().expect("nothing is in the way");
    let catalog = memory.catalog();
    let mut session: Box<dyn DynSession + '_> = catalog.session().expect("nothing is in the way");
    deletion::plan(&mut *session, catalog.entries(), E::meta().table, keys)
        .expect("nothing is in the way")
}

/// What goes along: table, rule, count and labels.
fn consequences(plan: &DeletionPlan) -> Vec<(&str, OnDelete, Count, Vec<&str>)> {
    plan.consequences
        .iter()
        .map(|found| {
            let labels = found.samples.iter().map(|sample| sample.label.as_str()).collect();
            (found.entity.table, found.rule, found.count, labels)
        })
        .collect()
}

#[test]
fn a_plan_tells_what_a_delete_takes_along_and_what_is_in_its_way() {
    let mut memory = memory();
    let tor: Publisher = insert(&mut memory, NewPublisher { name: "Tor".into() }).unwrap();
    let author: Author =
        insert(&mut memory, NewAuthor { name: "A".into(), publisher: Some((&tor).into()) })
            .unwrap();
    let books = vec![book_of(&author, "T"), book_of(&author, "U")];
    let books: Vec<Book> = insert_many(&mut memory, books).unwrap();
    insert(&mut memory, NewReview { book: (&books[0]).into(), text: "good".into() }).unwrap();

    let of_publisher = plan::<Publisher>(&mut memory, &[tor.id.into(), tor.id.into()]);
    assert_eq!(of_publisher.rows, 1);
    assert!(!of_publisher.is_blocked());
    assert_eq!(
        consequences(&of_publisher),
        [("authors", OnDelete::SetNull, Count::Exactly(1), vec!["A"])]
    );

    let of_author = plan::<Author>(&mut memory, &[author.id.into()]);
    assert!(of_author.is_blocked());
    assert_eq!(
        consequences(&of_author),
        [("books", OnDelete::Restrict, Count::Exactly(2), vec!["T", "U"])]
    );

    let of_book = plan::<Book>(&mut memory, &[books[0].id.into()]);
    assert_eq!(
        consequences(&of_book),
        [("reviews", OnDelete::Cascade, Count::Exactly(1), vec!["good"])]
    );
    assert!(plan::<Book>(&mut memory, &[books[1].id.into()]).consequences.is_empty());
}

#[test]
fn a_plan_ends_where_rows_refer_to_each_other_in_circles() {
    let mut memory = memory();
    let rows = vec![category("a", Some("c")), category("b", Some("a")), category("c", Some("b"))];
    insert_many(&mut memory, rows).unwrap();
    let plan_of_a = plan::<Category>(&mut memory, &[RecordKey(vec!["a".into()])]);
    let cascade = &plan_of_a.consequences[0];
    assert_eq!((plan_of_a.rows, cascade.count), (1, Count::Exactly(2)));

    let boss: Employee = insert(&mut memory, NewEmployee { name: "B".into(), boss: None }).unwrap();
    let clerk: Employee =
        insert(&mut memory, NewEmployee { name: "C".into(), boss: Some((&boss).into()) }).unwrap();
    assert!(plan::<Employee>(&mut memory, &[boss.id.into()]).is_blocked());
    let both = [boss.id.into(), clerk.id.into()];
    assert!(!plan::<Employee>(&mut memory, &both).is_blocked());
}

#[test]
fn a_plan_stops_counting_at_ten_thousand() {
    let mut memory = memory();
    let author = author(&mut memory, "A");
    let book: Book = insert(&mut memory, book_of(&author, "T")).unwrap();
    let review = || NewReview { book: (&book).into(), text: "good".into() };
    insert_many(&mut memory, (0..10_000).map(|_| review()).collect()).unwrap();
    let exact = plan::<Book>(&mut memory, &[book.id.into()]);
    assert_eq!(exact.consequences[0].count, Count::Exactly(10_000));
    insert(&mut memory, review()).unwrap();
    let capped = plan::<Book>(&mut memory, &[book.id.into()]);
    assert_eq!(capped.consequences[0].count, Count::AtLeast(10_000));
    assert_eq!(capped.consequences[0].samples.len(), 5);
}

#[test]
fn a_plan_that_was_cut_says_so_at_every_level_below() {
    let mut memory = memory();
    let author = author(&mut memory, "A");
    let book: Book = insert(&mut memory, book_of(&author, "T")).unwrap();
    let review = || NewReview { book: (&book).into(), text: "good".into() };
    let reviews = insert_many(&mut memory, (0..10_001).map(|_| review()).collect()).unwrap();
    let answer: Answer =
        insert(&mut memory, NewAnswer { review: (&reviews[0]).into(), text: "no".into() }).unwrap();
    insert(&mut memory, NewVote { answer: (&answer).into(), voter: "B".into() }).unwrap();
    let cut = plan::<Book>(&mut memory, &[book.id.into()]);
    let counts: Vec<_> =
        cut.consequences.iter().map(|found| (found.entity.table, found.count)).collect();
    assert_eq!(
        counts,
        [
            ("reviews", Count::AtLeast(10_000)),
            ("answers", Count::AtLeast(1)),
            ("votes", Count::AtLeast(1)),
        ]
    );
    let whole = plan::<Review>(&mut memory, &[reviews[0].id.into()]);
    assert!(whole.consequences.iter().all(|found| found.count == Count::Exactly(1)));
}

#[test]
fn a_plan_of_many_rows_counts_no_further_either() {
    let mut memory = memory();
    let author = author(&mut memory, "A");
    let books = (0..600).map(|_| book_of(&author, "T")).collect();
    let books: Vec<Book> = insert_many(&mut memory, books).unwrap();
    let of = |book: &Book| NewReview { book: book.into(), text: "good".into() };
    let reviews =
        [&books[0], &books[599]].into_iter().flat_map(|book| (0..6_000).map(|_| of(book)));
    insert_many(&mut memory, reviews.collect()).unwrap();
    let keys: Vec<RecordKey> = books.iter().map(|book| book.id.into()).collect();
    let cut = plan::<Book>(&mut memory, &keys);
    assert_eq!(cut.consequences[0].count, Count::AtLeast(10_000));
}

#[test]
fn a_plan_names_rows_that_are_in_the_way_however_many_go_along_before_them() {
    let mut memory = memory();
    let boss: Employee = insert(&mut memory, NewEmployee { name: "B".into(), boss: None }).unwrap();
    let clerks = (0..200).map(|n| NewEmployee { name: format!("{n}"), boss: Some((&boss).into()) });
    let clerks: Vec<Employee> = insert_many(&mut memory, clerks.collect()).unwrap();
    let mut keys: Vec<RecordKey> = vec![boss.id.into()];
    keys.extend(clerks[..198].iter().map(|clerk| clerk.id.into()));
    let plan = plan::<Employee>(&mut memory, &keys);
    assert_eq!(
        consequences(&plan),
        [("employees", OnDelete::Restrict, Count::Exactly(2), vec!["198", "199"])]
    );
}
