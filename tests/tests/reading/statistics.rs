//! What a column is like, found inside the database; the same on every engine and in memory.

use domain::{Author, Book, NewBook, Price, User};
use integration_tests::contract;
use integration_tests::shop::{Shop, author, book, user};
use persistence::statistics::MOST_BINS;
use persistence::{Browse, ColumnStatistics, Entity, Filter, Repository, Value};

fn statistics<E: Entity>(repository: &mut impl Browse<E>, column: &str) -> ColumnStatistics {
    repository.statistics(column, &Filter::All).unwrap()
}

fn rows_in_bins(statistics: &ColumnStatistics) -> u64 {
    statistics.histogram.iter().map(|bin| bin.rows).sum()
}

fn price(units: i64) -> Value {
    Value::Decimal(Price::from_units(units).scaled())
}

fn day(year: i32) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(year, 1, 1).unwrap()
}

/// Books of two authors: prices from 0.05 to 1.00, some without, published in one of four years.
fn some_books(shop: &mut impl Shop) {
    let lem: Author = shop.insert(author("Lem")).unwrap();
    let other: Author = shop.insert(author("Ё")).unwrap();
    let books = (1..=20_i64).map(|n| NewBook {
        price: (n != 7).then(|| Price::from_units(n * 5)),
        published_on: (n % 5 != 0).then(|| day(1950 + i32::try_from(n % 5).unwrap())),
        in_print: n % 4 != 0,
        ..book(if n % 3 == 0 { &other } else { &lem }, &"ж".repeat(usize::try_from(n).unwrap()))
    });
    Repository::<Book>::insert_many(shop, books.collect()).unwrap();
}

contract! {
    fn numbers_have_extremes_sum_and_mean(shop) {
        let ages = [Some(20), None, Some(40), Some(20), Some(100), None];
        let users = ages.map(|age| user("John", age)).into();
        Repository::<User>::insert_many(shop, users).unwrap();
        let ages = statistics::<User>(shop, "age");
        assert_eq!((ages.rows, ages.nulls, ages.distinct), (6, 2, Some(3)));
        assert_eq!((&ages.min, &ages.max, &ages.sum), (&20.into(), &100.into(), &180.into()));
        assert_eq!(ages.mean, Some(45.0));
        assert_eq!((ages.shortest, ages.longest), (None, None));
        assert_eq!(rows_in_bins(&ages), 4);
        assert_eq!(ages.histogram.first().map(|bin| (&bin.from, bin.rows)), Some((&20.into(), 2)));
        assert_eq!(ages.histogram.last().map(|bin| (&bin.to, bin.rows)), Some((&100.into(), 1)));
        assert!(ages.histogram.len() as u64 <= MOST_BINS);
        let adults = Browse::<User>::statistics(shop, "age", &User::AGE.ge(40).into()).unwrap();
        assert_eq!((adults.rows, adults.nulls, adults.sum), (2, 0, 140.into()));
    }

    fn an_empty_table_has_statistics_of_nothing(shop) {
        let ages = statistics::<User>(shop, "age");
        assert_eq!(ages, ColumnStatistics { distinct: Some(0), ..ColumnStatistics::default() });
        let names = statistics::<User>(shop, "name");
        assert_eq!((names.shortest, names.longest, names.min), (None, None, Value::Null));
        assert!(Browse::<User>::distinct(shop, "age", &Filter::All, 5).unwrap().is_empty());
        assert_eq!(Browse::<User>::sum(shop, &["age"], &Filter::All).unwrap(), [0.into()]);
    }

    fn decimals_are_added_up_exactly(shop) {
        some_books(shop);
        let prices = statistics::<Book>(shop, "price");
        assert_eq!((prices.rows, prices.nulls, prices.distinct), (20, 1, Some(19)));
        assert_eq!((&prices.min, &prices.max), (&price(5), &price(100)));
        assert_eq!(prices.sum, price(1_015));
        assert!((prices.mean.unwrap() - 10.15 / 19.0).abs() < 1e-12);
        assert_eq!(rows_in_bins(&prices), 19);
        let first = &prices.histogram[0];
        assert_eq!((&first.from, &first.to, first.rows), (&price(5), &price(10), 1));
        let sums = Browse::<Book>::sum(shop, &["price", "id"], &Book::IN_PRINT.eq(false).into());
        assert_eq!(sums.unwrap()[0], price(300));
    }

    fn texts_have_lengths_in_characters(shop) {
        some_books(shop);
        let titles = statistics::<Book>(shop, "title");
        assert_eq!((titles.shortest, titles.longest, titles.distinct), (Some(1), Some(20), Some(20)));
        assert_eq!((&titles.min, &titles.max), (&"ж".into(), &"ж".repeat(20).into()));
        assert!(titles.histogram.is_empty() && titles.mean.is_none() && titles.sum.is_null());
    }

    fn dates_times_and_booleans_are_described_as_far_as_they_can_be(shop) {
        some_books(shop);
        let days = statistics::<Book>(shop, "published_on");
        assert_eq!((days.nulls, days.distinct), (4, Some(4)));
        assert_eq!((&days.min, &days.max), (&Value::Date(day(1951)), &Value::Date(day(1954))));
        assert_eq!((days.histogram.len() as u64, rows_in_bins(&days)), (MOST_BINS, 16));
        assert_eq!((days.histogram[0].rows, days.histogram[19].rows), (4, 4));
        let in_print = statistics::<Book>(shop, "in_print");
        assert_eq!((in_print.distinct, &in_print.min, in_print.rows), (Some(2), &Value::Null, 20));

        let users = (0..50).map(|n| user(&format!("user {n}"), None)).collect();
        Repository::<User>::insert_many(shop, users).unwrap();
        let times = statistics::<User>(shop, "created_at");
        assert!(matches!(times.min, Value::Timestamp(_)), "{times:?}");
        assert_eq!(rows_in_bins(&times), 50);
    }

    fn the_most_frequent_values_come_first(shop) {
        some_books(shop);
        let distinct = |shop: &mut _, column, filter: &str, size| {
            let filter = Filter::parse(Book::meta(), filter).unwrap();
            Browse::<Book>::distinct(shop, column, &filter, size).unwrap()
        };
        assert_eq!(distinct(shop, "in_print", "", 9), [(true.into(), 15), (false.into(), 5)]);
        let days = distinct(shop, "published_on", "", 3);
        assert_eq!(
            days,
            [(Value::Null, 4), (Value::Date(day(1951)), 4), (Value::Date(day(1952)), 4)]
        );
        assert_eq!(distinct(shop, "isbn", "", 3), [(Value::Null, 20)]);
        assert_eq!(distinct(shop, "price", "price > 0.90", 1), [(price(95), 1)]);
        assert_eq!(distinct(shop, "in_print", "author.name = 'Ё'", 9).len(), 2);
        assert_eq!(distinct(shop, "title", "", 0), []);
    }

    fn columns_that_do_not_fit_are_refused(shop) {
        let refused = [
            Browse::<User>::distinct(shop, "lenght", &Filter::All, 5).map(drop),
            Browse::<User>::statistics(shop, "lenght", &Filter::All).map(drop),
            Browse::<User>::sum(shop, &["lenght"], &Filter::All).map(drop),
        ];
        for refused in refused {
            let error = refused.unwrap_err().to_string();
            assert!(error.contains("lenght"), "{error}");
        }
        let error = Browse::<User>::sum(shop, &["age", "name"], &Filter::All).unwrap_err();
        assert_eq!(error.to_string(), "`name` holds text, which have no sum");
    }
}
