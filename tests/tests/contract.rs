//! What every repository does alike: on SQLite, PostgreSQL, MariaDB and in memory.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

use domain::{Address, Author, Book, NewBook, Price, User};
use integration_tests::contract;
use integration_tests::shop::{Shop, address, author, book, user};
use persistence::{
    Comparison, ConstraintKind, ConstraintViolation, Error, Filter, Page, PageStart, Query,
    Repository, Result, Upsert,
};

fn violation<T: std::fmt::Debug>(result: Result<T>) -> ConstraintViolation {
    match result {
        Err(Error::Constraint(violation)) => *violation,
        other => panic!("expected a constraint violation, got {other:?}"),
    }
}

fn names(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.name.as_str()).collect()
}

fn titles(books: &[Book]) -> Vec<&str> {
    books.iter().map(|book| book.title.as_str()).collect()
}

fn some_users(shop: &mut impl Shop) -> Vec<User> {
    let ages =
        [("Ada", Some(36)), ("Борис", None), ("Zoë", Some(20)), ("ada", Some(36)), ("Émile", None)];
    shop.insert_many(ages.map(|(name, age)| user(name, age)).into()).unwrap()
}

fn find(shop: &mut impl Shop, filter: &str, order: &str) -> Vec<User> {
    shop.list(&Query::parse(filter, order).unwrap()).unwrap()
}

fn count<E: persistence::Entity>(shop: &mut impl Repository<E>) -> u64 {
    shop.count(&Filter::All).unwrap()
}

contract! {
    fn an_inserted_row_is_found_with_everything_filled_in(shop) {
        let inserted: User = shop.insert(user("John Doe", Some(30))).unwrap();
        assert!(inserted.id > 0);
        assert_eq!(inserted.version, 1);
        let age = chrono::Utc::now().naive_utc() - inserted.created_at;
        assert!(age.num_minutes() < 5, "{age}");
        let found: User = shop.get(inserted.id).unwrap();
        assert_eq!(found, inserted);
    }

    fn a_missing_row_is_an_error_that_names_entity_and_key(shop) {
        let missing: Result<User> = shop.get(4711);
        let error = missing.unwrap_err();
        assert!(matches!(&error, Error::NotFound { entity: "User", .. }), "{error:?}");
        assert_eq!(error.to_string(), "no User with id = 4711");
        assert!(Repository::<User>::find(shop, &4711).unwrap().is_none());
        let deleted = Repository::<User>::delete(shop, &4711);
        assert!(matches!(deleted, Err(Error::NotFound { .. })), "{deleted:?}");
    }

    fn one_row_is_neither_none_nor_many(shop) {
        some_users(shop);
        let query = |filter| Query::<User>::parse(filter, "").unwrap();
        assert_eq!(shop.one(&query("name = 'Zoë'")).unwrap().name, "Zoë");
        assert!(matches!(shop.one(&query("age = 36")), Err(Error::MultipleFound { .. })));
        assert!(matches!(shop.one(&query("age = 99")), Err(Error::NotFound { .. })));
        assert!(shop.first(&query("age = 99")).unwrap().is_none());
    }

    fn text_sorts_by_code_point_and_null_first(shop) {
        some_users(shop);
        assert_eq!(names(&find(shop, "", "name")), ["Ada", "Zoë", "ada", "Émile", "Борис"]);
        assert_eq!(names(&find(shop, "", "-name")), ["Борис", "Émile", "ada", "Zoë", "Ada"]);
        assert_eq!(names(&find(shop, "", "age,name")), ["Émile", "Борис", "Zoë", "Ada", "ada"]);
        assert_eq!(names(&find(shop, "", "-age,name")), ["Ada", "ada", "Zoë", "Émile", "Борис"]);
    }

    fn searching_ignores_case_in_every_alphabet_and_equality_does_not(shop) {
        some_users(shop);
        assert_eq!(names(&find(shop, "name ~ 'ADA'", "")), ["Ada", "ada"]);
        assert_eq!(names(&find(shop, "name ~ 'борис'", "")), ["Борис"]);
        assert_eq!(names(&find(shop, "name ^= 'ÉM'", "")), ["Émile"]);
        assert_eq!(names(&find(shop, "name $= 'OË'", "")), ["Zoë"]);
        assert_eq!(names(&find(shop, "name ~ 'e'", "")), ["Émile"]);
        assert_eq!(names(&find(shop, "name = 'ada'", "")), ["ada"]);
        assert_eq!(names(&find(shop, "name !~ 'a'", "name")), ["Zoë", "Émile", "Борис"]);
    }

    fn signs_of_patterns_are_plain_text(shop) {
        for name in ["100%", "a_b", "a!b", "axb", "it's", "back\\slash", "\"quoted\""] {
            let _: User = shop.insert(user(name, None)).unwrap();
        }
        for (pattern, found) in [
            ("%", "100%"),
            ("a_", "a_b"),
            ("a!", "a!b"),
            ("'", "it's"),
            ("\\", "back\\slash"),
            ("\"", "\"quoted\""),
        ] {
            let users = shop.list(&Query::<User>::new().filter(User::NAME.contains(pattern))).unwrap();
            assert_eq!(names(&users), [found], "contains {pattern}");
        }
    }

    fn a_comparison_with_null_is_never_true(shop) {
        some_users(shop);
        assert_eq!(find(shop, "age > 0", "").len(), 3);
        assert_eq!(find(shop, "not (age > 0)", "").len(), 0);
        assert_eq!(find(shop, "age != 36", "").len(), 1);
        assert_eq!(find(shop, "age not in (36)", "").len(), 1);
        assert_eq!(find(shop, "age is null", "").len(), 2);
        assert_eq!(find(shop, "age is not null or name = 'Борис'", "").len(), 4);
    }

    fn limit_and_offset_cut_the_sorted_rows(shop) {
        some_users(shop);
        let query = || Query::<User>::new().order(User::NAME.asc());
        assert_eq!(names(&shop.list(&query().limit(2)).unwrap()), ["Ada", "Zoë"]);
        assert_eq!(names(&shop.list(&query().limit(2).offset(3)).unwrap()), ["Émile", "Борис"]);
        assert_eq!(names(&shop.list(&query().offset(4)).unwrap()), ["Борис"]);
        assert!(shop.list(&query().limit(0)).unwrap().is_empty());
    }

    fn the_null_block_and_the_value_block_of_a_limited_list_meet(shop) {
        some_users(shop);
        let whole = find(shop, "", "age,name");
        for limit in 0..=5 {
            let query = Query::<User>::parse("", "age,name").unwrap();
            let first = shop.list(&query.limit(limit)).unwrap();
            assert_eq!(names(&first), names(&whole[..usize::try_from(limit).unwrap()]));
        }
    }

    fn counting_and_existence_follow_the_filter(shop) {
        some_users(shop);
        assert_eq!(count::<User>(shop), 5);
        assert_eq!(Repository::<User>::count(shop, &User::AGE.ge(36).into()).unwrap(), 2);
        assert!(Repository::<User>::exists(shop, &User::AGE.eq(20).into()).unwrap());
        assert!(!Repository::<User>::exists(shop, &User::AGE.eq(21).into()).unwrap());
    }

    fn pages_by_key_cover_every_row_once_both_ways(shop) {
        let users: Vec<_> =
            (0..23).map(|n| user(&format!("{}", n % 4), (n % 3 != 0).then_some(n % 5))).collect();
        let _: Vec<User> = shop.insert_many(users).unwrap();
        for order in ["", "age", "-age", "name,-age", "-name,age", "-id"] {
            let query = Query::<User>::parse("", order).unwrap();
            let whole = shop.list(&query).unwrap();
            let (mut start, mut forwards) = (Some(PageStart::First), Vec::new());
            while let Some(at) = start {
                let page: Page<User> = shop.page(&query, &at, 5).unwrap();
                assert!(page.rows.len() <= 5);
                forwards.extend(page.rows);
                start = page.next;
            }
            assert_eq!(forwards, whole, "forwards by {order}");
            let (mut start, mut backwards) = (Some(PageStart::Last), Vec::new());
            while let Some(at) = start {
                let mut page: Page<User> = shop.page(&query, &at, 4).unwrap();
                page.rows.extend(backwards);
                backwards = page.rows;
                start = page.previous;
            }
            assert_eq!(backwards, whole, "backwards by {order}");
        }
    }

    fn many_rows_are_inserted_in_order_past_every_bind_limit(shop) {
        let users: Vec<_> = (0..12_000).map(|n| user(&format!("user {n}"), None)).collect();
        let inserted: Vec<User> = shop.insert_many(users).unwrap();
        assert_eq!(inserted.len(), 12_000);
        assert!(inserted.windows(2).all(|pair| pair[0].id < pair[1].id));
        let found: User = shop.get(inserted[11_999].id).unwrap();
        assert_eq!(found, inserted[11_999]);
        assert_eq!(count::<User>(shop), 12_000);
    }

    fn an_update_writes_what_differs_and_counts_the_version_up(shop) {
        let before: User = shop.insert(user("John", Some(30))).unwrap();
        let mut john = before.clone();
        john.age = Some(31);
        let updated = shop.update(john).unwrap();
        assert_eq!((updated.age, updated.version), (Some(31), 2));
        assert_eq!(updated.created_at, before.created_at);
        let found: User = shop.get(before.id).unwrap();
        assert_eq!(found, updated);
        let again = shop.update(updated.clone()).unwrap();
        assert_eq!(again, updated, "nothing differs, nothing is written");
        let without_age = User { age: None, ..updated };
        assert_eq!(shop.update(without_age).unwrap().age, None);
    }

    fn a_lost_update_is_a_conflict_with_base_mine_and_theirs(shop) {
        let base: User = shop.insert(user("John", Some(30))).unwrap();
        let mine = User { age: Some(31), ..base.clone() };
        let theirs = User { name: "Johnny".into(), ..base.clone() };
        shop.update_from(&base, theirs).unwrap();
        let explicit = shop.update_from(&base, mine.clone()).unwrap_err();
        let implicit = shop.update(mine.clone()).unwrap_err();
        for error in [explicit, implicit] {
            let Error::Conflict(conflict) = error else { panic!("{error:?}") };
            assert_eq!(conflict.entity, "User");
            assert_eq!(conflict.mine.unwrap().value(2).as_integer(), Some(31));
            assert_eq!(conflict.theirs.unwrap().value(1).as_text(), Some("Johnny"));
        }
        Repository::<User>::delete(shop, &base.id).unwrap();
        let Err(Error::Conflict(conflict)) = shop.update_from(&base, mine) else { panic!() };
        assert!(conflict.theirs.is_none(), "the row is gone");
    }

    fn rules_are_checked_before_anything_is_sent(shop) {
        let refused = Repository::<User>::insert(shop, user("", Some(200)));
        let Err(Error::Invalid(invalid)) = refused else { panic!("{refused:?}") };
        let fields: Vec<_> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "age"]);
        let author: Author = shop.insert(author("A")).unwrap();
        let wrong = NewBook {
            isbn: Some("9780156027602".into()),
            price: Some(Price::from_units(-1)),
            ..book(&author, "T")
        };
        let refused = Repository::<Book>::insert_many(shop, vec![book(&author, "fine"), wrong]);
        let Err(Error::Invalid(invalid)) = refused else { panic!("{refused:?}") };
        assert_eq!(invalid.errors.len(), 2);
        assert_eq!(count::<Book>(shop), 0);
    }

    fn a_value_taken_twice_names_its_field_and_spoils_nothing(shop) {
        let john: User = shop.insert(user("John", None)).unwrap();
        let _: Address = shop.insert(address(&john, "john@example.org")).unwrap();
        let again = Repository::<Address>::insert(shop, address(&john, "john@example.org"));
        let taken = violation(again);
        assert_eq!((taken.kind, taken.entity), (ConstraintKind::Unique, "Address"));
        assert_eq!(taken.fields(), ["email_address"]);
        let fresh: Address = shop.insert(address(&john, "doe@example.org")).unwrap();
        let renamed = Address { email_address: "john@example.org".into(), ..fresh };
        assert_eq!(violation(shop.update(renamed)).fields(), ["email_address"]);
        let many = vec![address(&john, "a@example.org"), address(&john, "doe@example.org")];
        let refused = violation(Repository::<Address>::insert_many(shop, many));
        assert_eq!(refused.kind, ConstraintKind::Unique);
        assert_eq!(count::<Address>(shop), 2, "all or none");
        shop.commit().unwrap();
        assert_eq!(count::<Address>(shop), 2);
    }

    fn null_is_never_taken(shop) {
        let author: Author = shop.insert(author("A")).unwrap();
        let books = vec![book(&author, "one"), book(&author, "two")];
        assert_eq!(Repository::<Book>::insert_many(shop, books).unwrap().len(), 2);
    }

    fn a_reference_to_nothing_names_its_field(shop) {
        let author: Author = shop.insert(author("A")).unwrap();
        let nowhere = NewBook { author: 4711.into(), ..book(&author, "T") };
        let dangling = violation(Repository::<Book>::insert(shop, nowhere));
        assert_eq!((dangling.kind, dangling.entity), (ConstraintKind::ForeignKey, "Book"));
        assert_eq!(dangling.fields(), ["author_id"]);
        let book: Book = shop.insert(book(&author, "T")).unwrap();
        let moved = Book { author_id: 4711, ..book };
        assert_eq!(violation(shop.update(moved)).fields(), ["author_id"]);
    }

    fn an_author_with_books_stays_and_the_error_names_the_books(shop) {
        let author: Author = shop.insert(author("A")).unwrap();
        let book: Book = shop.insert(book(&author, "T")).unwrap();
        let kept = violation(Repository::<Author>::delete(shop, &author.id));
        assert_eq!((kept.kind, kept.entity), (ConstraintKind::ForeignKey, "Author"));
        assert_eq!(kept.referenced_by, ["books"]);
        let kept = violation(Repository::<Author>::delete_where(shop, &Filter::All));
        assert_eq!(kept.referenced_by, ["books"]);
        Repository::<Book>::delete(shop, &book.id).unwrap();
        Repository::<Author>::delete(shop, &author.id).unwrap();
        assert_eq!(count::<Author>(shop), 0);
    }

    fn addresses_go_with_their_user(shop) {
        let john: User = shop.insert(user("John", None)).unwrap();
        let jane: User = shop.insert(user("Jane", None)).unwrap();
        let _: Address = shop.insert(address(&john, "john@example.org")).unwrap();
        let kept: Address = shop.insert(address(&jane, "jane@example.org")).unwrap();
        Repository::<User>::delete(shop, &john.id).unwrap();
        let left: Vec<Address> = shop.list(&Query::new()).unwrap();
        assert_eq!(left, [kept]);
    }

    fn bulk_writes_follow_the_filter_and_count_versions_up(shop) {
        some_users(shop);
        let aged = shop.update_where(&User::AGE.is_null().into(), &[User::AGE.set(50)]).unwrap();
        assert_eq!(aged, 2);
        let fifty = find(shop, "age = 50", "");
        assert_eq!(fifty.iter().map(|user| user.version).collect::<Vec<_>>(), [2, 2]);
        let deleted = Repository::<User>::delete_where(shop, &User::AGE.eq(36).into()).unwrap();
        assert_eq!(deleted, 2);
        assert_eq!(names(&find(shop, "", "id")), ["Борис", "Zoë", "Émile"]);
    }

    fn bulk_writes_that_break_a_rule_change_nothing(shop) {
        let john: User = shop.insert(user("John", None)).unwrap();
        let addresses = ["a@example.org", "b@example.org"].map(|email| address(&john, email));
        let before: Vec<Address> = shop.insert_many(addresses.into()).unwrap();
        let same = [Address::EMAIL_ADDRESS.set("c@example.org")];
        let refused = violation(shop.update_where(&Filter::All, &same));
        assert_eq!(refused.kind, ConstraintKind::Unique);
        let after: Vec<Address> = shop.list(&Query::new()).unwrap();
        assert_eq!(after, before);
    }

    fn what_is_rolled_back_never_was(shop) {
        let kept: User = shop.insert(user("kept", None)).unwrap();
        shop.commit().unwrap();
        let _: User = shop.insert(user("gone", None)).unwrap();
        Repository::<User>::delete(shop, &kept.id).unwrap();
        shop.rollback().unwrap();
        assert_eq!(names(&find(shop, "", "")), ["kept"]);
    }

    fn dates_prices_and_flags_come_back_as_they_went(shop) {
        let author: Author = shop.insert(author("Гомер")).unwrap();
        let date = chrono::NaiveDate::from_ymd_opt(8, 12, 31);
        let odd = NewBook {
            isbn: Some("9780156027601".into()),
            published_on: date,
            price: "12.99".parse().ok(),
            in_print: false,
            ..book(&author, "😀 \u{301} '; DROP TABLE books; --")
        };
        let inserted: Book = shop.insert(odd).unwrap();
        let found: Book = shop.get(inserted.id).unwrap();
        assert_eq!(found, inserted);
        assert_eq!((found.published_on, found.price), (date, "12.99".parse().ok()));
        for filter in [
            "price = 12.99",
            "price > 12.98",
            "published_on = 0008-12-31",
            "not in_print",
            "isbn = 9780156027601",
            "title ~ \"'; drop table BOOKS; --\"",
        ] {
            let query = Query::<Book>::parse(filter, "").unwrap();
            assert_eq!(titles(&shop.list(&query).unwrap()), [found.title.as_str()], "{filter}");
        }
    }

    fn a_query_that_does_not_fit_is_refused(shop) {
        let mut query = Query::<User>::new();
        query.filter = Filter::compare("shoe_size", Comparison::Equal, 43);
        assert!(matches!(shop.list(&query), Err(Error::Filter(_))));
        query.filter = Filter::compare("age", Comparison::Equal, "old");
        assert!(matches!(shop.list(&query), Err(Error::Filter(_))));
        assert_eq!(count::<User>(shop), 0);
    }

    fn a_row_that_is_there_is_updated_or_kept_and_any_other_inserted(shop) {
        let author: Author = shop.insert(author("Lem")).unwrap();
        let novel = |title: &str, isbn: &str, price: &str| NewBook {
            isbn: Some(isbn.into()),
            price: price.parse().ok(),
            ..book(&author, title)
        };
        let (solaris, eden) = ("9780156027601", "9780156278065");
        let first: Book = shop.insert(novel("Solaris", solaris, "10.00")).unwrap();
        let by_isbn = Upsert::on(Book::ISBN);

        let drafts = vec![novel("Kept?", solaris, "11.00"), novel("Eden", eden, "12.00")];
        let rows = shop.upsert(drafts.clone(), &by_isbn).unwrap();
        assert_eq!(titles(&rows), ["Solaris", "Eden"]);
        assert_eq!(rows[0], first);

        let rows = shop.upsert(drafts, &by_isbn.set(Book::PRICE)).unwrap();
        assert_eq!(titles(&rows), ["Solaris", "Eden"]);
        assert_eq!((rows[0].id, rows[0].price, rows[0].version), (first.id, "11.00".parse().ok(), 2));
        let rows = shop.upsert(vec![novel("All", solaris, "1.00")], &by_isbn.set_all()).unwrap();
        assert_eq!(rows, [shop.get(first.id).unwrap()]);
        assert_eq!((rows[0].title.as_str(), rows[0].version), ("All", 3));
        assert_eq!(count::<Book>(shop), 2);
    }

    fn rows_without_the_value_are_like_no_other_and_the_last_of_equal_ones_wins(shop) {
        let author: Author = shop.insert(author("Lem")).unwrap();
        let isbn = Some("9780156027601".to_owned());
        let drafts = vec![
            book(&author, "without"),
            NewBook { isbn: isbn.clone(), ..book(&author, "first") },
            book(&author, "without either"),
            NewBook { isbn: isbn.clone(), ..book(&author, "second") },
        ];
        for round in 1..=2 {
            let rows = shop.upsert(drafts.clone(), &Upsert::on(Book::ISBN).set(Book::TITLE)).unwrap();
            assert_eq!(rows.len(), 4);
            assert_eq!(rows[3].title, "second");
            assert_eq!(count::<Book>(shop), 1 + 2 * round);
        }
    }

    fn rows_are_upserted_only_by_what_is_unique_and_all_or_none(shop) {
        let author: Author = shop.insert(author("Lem")).unwrap();
        let refused = shop.upsert(vec![book(&author, "x")], &Upsert::on(Book::TITLE));
        let Err(Error::Schema { message }) = &refused else { panic!("{refused:?}") };
        assert_eq!(message, "Book: rows are not unique by title, so none can be upserted");

        let orphan = NewBook { author: 4711.into(), isbn: Some("9780156278065".into()), ..book(&author, "y") };
        let good = NewBook { isbn: Some("9780156027601".into()), ..book(&author, "x") };
        let refused = violation(shop.upsert(vec![good, orphan], &Upsert::on(Book::ISBN)));
        assert_eq!((refused.kind, refused.fields()), (ConstraintKind::ForeignKey, vec!["author_id"]));
        assert_eq!(count::<Book>(shop), 0);
    }
}
