//! Parsing, printing and evaluating, each against the others.

use proptest::prelude::*;

use super::samples::{self, BOOK};
use super::*;
use crate::column_type::ColumnType;
use crate::value::Record;

fn parse(text: &str) -> Filter {
    Filter::parse(&BOOK, text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Checks that the text parses, and prints as `printed`.
fn check(text: &str, printed: &str) {
    assert_eq!(parse(text).to_string(), printed, "{text}");
    assert_eq!(parse(printed).to_string(), printed, "printed text parses back");
}

/// Checks that the text is refused with that message, and that these marks stand under the mistake.
fn check_error(text: &str, message: &str, marks: &str) {
    let error = Filter::parse(&BOOK, text).expect_err(text);
    assert_eq!(error.to_string(), message, "{text}");
    let caret = error.with_caret().expect("typed filters have a place");
    assert_eq!(caret.lines().last(), Some(marks), "{text}");
}

#[test]
fn every_form_of_the_text_parses_and_prints() {
    check("", "");
    check("  \n ", "");
    check("true", "");
    check("age>25", "age > 25");
    check("AGE >= 25", "age >= 25");
    check("age == 25", "age = 25");
    check("age <> -25", "age != -25");
    check("title ~ 'мар'", r#"title ~ "мар""#);
    check("title !~ мар", r#"title !~ "мар""#);
    check(r#"title ^= "The" and title $= "ed""#, r#"title ^= "The" and title $= "ed""#);
    check("age between 18 and 30 and id = 1", "age between 18 and 30 and id = 1");
    check("age not between 18 and 30", "not (age between 18 and 30)");
    check("age in (18,19)", "age in (18, 19)");
    check("age NOT IN ()", "age not in ()");
    check("age is null or age is not null", "age is null or age is not null");
    check("not not age is null", "age is null");
    check("not age = 1", "not (age = 1)");
    check("price > 10", "price > 10.00");
    check("price > .5", "price > 0.50");
    check("rating < 1e-7", "rating < 1e-7");
    check("in_print", "in_print = true");
    check("not in_print or in_print=NO", "not (in_print = true) or in_print = false");
    check("(in_print)", "in_print = true");
    check("genre = novel", r#"genre = "novel""#);
    check("published_on >= 1961-01-01", "published_on >= 1961-01-01");
    check("opens_at < '9:30'", "opens_at < 09:30:00");
    check("created_at > 2024-01-01T10:00:00", "created_at > 2024-01-01T10:00:00");
    check(
        "created_at > 2024-01-01 10:00 and in_print",
        "created_at > 2024-01-01T10:00:00 and in_print = true",
    );
    check("created_at > 2024-01-01", "created_at > 2024-01-01T00:00:00");
    check("cover = 0x00FF", "cover = 0x00ff");
    check(
        "code = f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "code = f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    );
    check("notes is null", "notes is null");
    check("`between` = x", r#"`between` = "x""#);
    check("`odd ``name``` = x", r#"`odd ``name``` = "x""#);
    check(r#"title = 'O''Brien "\"\\\n\u{1F600}\u{7}'"#, r#"title = "O'Brien \"\"\\\n😀\u{7}""#);
    check("title = john@example.org", r#"title = "john@example.org""#);
    check("title = \"null\"", r#"title = "null""#);
}

#[test]
fn values_in_the_form_of_a_language_are_read_outside_of_lists() {
    let with_comma = |text: &str| {
        let read = |column_type: ColumnType, text: &str| {
            column_type.parse(&text.replace(',', ".")).ok().filter(|_| text.contains(','))
        };
        Filter::parse_with(&BOOK, text, read).map(|filter| filter.to_string())
    };
    let check = |text: &str, printed: &str| {
        assert_eq!(with_comma(text).as_deref(), Ok(printed), "{text}");
    };
    check("price > 12,5", "price > 12.50");
    check("price between 1,5 and 2,25 and age = 1", "price between 1.50 and 2.25 and age = 1");
    check("(price = 0,5)", "price = 0.50");
    check("price in (12,5)", "price in (12.00, 5.00)");
    check("price in (\"12,5\", 1)", "price in (12.50, 1.00)");
    check("price not in () and price = 1,5", "price not in () and price = 1.50");
    check("title = \"1,5\"", "title = \"1,5\"");
    for wrong in ["age = 1,5", "price = 1 ,5", "price = 1, 5", "price = 1,x", "title = 1,5"] {
        assert!(with_comma(wrong).is_err(), "{wrong}");
    }
    assert!(Filter::parse(&BOOK, "price = 1,5").is_err());
}

#[test]
fn conditions_on_related_rows_parse_and_print() {
    check("author.name ~ Lem", r#"author.name ~ "Lem""#);
    check("Author.Name !~ Lem", r#"author.name !~ "Lem""#);
    check("not author.name ~ Lem", r#"no author (name ~ "Lem")"#);
    check("author.books.in_print", "author.books.in_print = true");
    check("author.born_on not in ()", "author.born_on not in ()");
    check("author.born_on in last 1 day", "author.born_on in last 1 days");
    check("created_at NOT IN LAST 30 days", "created_at not in last 30 days");
    check("author.born_on is not null and age = 1", "author.born_on is not null and age = 1");
    check("sequel.age between 1 and 2 and age = 1", "sequel.age between 1 and 2 and age = 1");
    check("sequel.age not between 1 and 2", "sequel (not (age between 1 and 2))");
    check("author (name = x)", r#"author.name = "x""#);
    check(
        "author (name ~ Lem and born_on < 1950-01-01)",
        r#"author (name ~ "Lem" and born_on < 1950-01-01)"#,
    );
    check("any prints (age > 1 or age = 0)", "prints (age > 1 or age = 0)");
    check("any author.books (age > 1 or id = 0)", "author.books (age > 1 or id = 0)");
    check("any prints and age = 1", "any prints and age = 1");
    check("not any prints", "no prints");
    check("prints (true)", "any prints");
    check("no author.books", "no author.books");
    check("all prints (age > 1 and in_print)", "all prints (age > 1 and in_print = true)");
    check("author is null", "no author");
    check("author.books.sequel is not null", "any author.books.sequel");
    check("count(prints) >= 3", "count(prints) >= 3");
    check(
        "COUNT ( prints WHERE age > 1 or id = 2 ) == 0",
        "count(prints where age > 1 or id = 2) = 0",
    );
    check("count(author.books) > 1", "author (count(books) > 1)");
    check(
        "author (count(books where any author) > 1)",
        "author (count(books where any author) > 1)",
    );
    check("`between` = a and `between`.age = 1", r#"`between` = "a" and `between`.age = 1"#);
    check("any `between`", "any `between`");
    check("any `count` (id = 1 or id = 2)", "`count` (id = 1 or id = 2)");
    check("count(count) = 1", "count(`count`) = 1");
    check("any any", "any `any`");
    check("any.age = 1", "any.age = 1");
}

#[test]
fn and_binds_closer_than_or_and_only_needed_parentheses_are_printed() {
    check("id = 1 or id = 2 and age = 3", "id = 1 or id = 2 and age = 3");
    check("(id = 1 or id = 2) and age = 3", "(id = 1 or id = 2) and age = 3");
    check("((id = 1) or (id = 2 and (age = 3)))", "id = 1 or id = 2 and age = 3");
    check("not (id = 1 or id = 2)", "not (id = 1 or id = 2)");
    check("id = 1 and true", "id = 1");
    check("id = 1 or true", "id = 1 or true");
    check("false", "false");
}

#[test]
fn a_mistake_is_named_and_pointed_at() {
    check_error(
        "age > abc",
        "column 7: expected a whole number from -2147483648 to 2147483647, got \"abc\" (age)",
        "      ^^^",
    );
    check_error(
        "id = 1 and pric > 1",
        "column 12: there is no column `pric`, did you mean `price`? Book has id, title, age, \
         price, rating, in_print, genre, published_on, opens_at, created_at, cover, code, notes, \
         between, odd `name`",
        "           ^^^^",
    );
    check_error(
        "title = John Doe",
        "column 14: expected `and`, `or` or the end, got `Doe`; text of several words stands in \
         quotes",
        "             ^^^",
    );
    check_error("(id = 1", "column 8: expected `and`, `or` or `)`, got the end", "       ^");
    check_error("id = 1)", "column 7: this `)` closes nothing", "      ^");
    check_error("title = 'мар", "column 9: this `'` is never closed", "        ^");
    check_error(
        r#"title = "a\d""#,
        r#"column 11: unknown escape; there are \\, \", \', \n, \r, \t and \u{…}, and a backslash itself is \\"#,
        "          ^^",
    );
    check_error(
        "age = null",
        "column 7: a comparison with NULL is never true: write `age is null` or `age is not null`",
        "      ^^^^",
    );
    check_error("age ~ 1", "column 5: `~` looks into text, and age is none", "    ^");
    check_error(
        "notes = 1",
        "column 7: notes holds JSON, which has no order: only `is null` fits",
        "      ^",
    );
    check_error(
        "genre = poem",
        "column 9: expected one of novel, essay, got \"poem\" (genre)",
        "        ^^^^",
    );
    check_error(
        "price = 1.999",
        "column 9: expected a number with at most 2 decimal places, got \"1.999\" (price)",
        "        ^^^^^",
    );
    check_error(
        "age",
        "column 4: expected a comparison after `age` (=, !=, <, <=, >, >=, ~, ^=, $=, in, between, \
         is null), got the end",
        "   ^",
    );
    check_error("age in 1", "column 8: expected `(` or `last`, got `1`", "       ^");
    check_error(
        "age in last 3 days",
        "column 8: `in last` looks at dates, and age holds none",
        "       ^^^^",
    );
    check_error(
        "published_on in last week",
        "column 22: expected how many days, a whole number from 0, got `week`",
        "                     ^^^^",
    );
    check_error(
        "published_on in last 3",
        "column 23: expected `days`, got the end",
        "                      ^",
    );
    check_error("age is 1", "column 8: expected `null` or `not null`, got `1`", "       ^");
    check_error(
        "age between 1",
        "column 14: expected `and` between the two ends, got the end",
        "             ^",
    );
    check_error(
        "title = and",
        "column 9: expected text (title); keywords as text need quotes, got `and`",
        "        ^^^",
    );
    check_error(
        "and age = 1",
        "column 1: expected the name of a column, `not` or `(`, got `and`",
        "^^^",
    );
    check_error(
        "id = 1 ! 2",
        "column 8: `!` means nothing here; text with such characters stands in quotes",
        "       ^",
    );
    check_error(
        "id = 1 and\n  age = x",
        "line 2, column 9: expected a whole number from -2147483648 to 2147483647, got \"x\" (age)",
        "        ^",
    );
}

#[test]
fn a_mistake_in_a_relation_is_named_and_pointed_at() {
    check_error(
        "autor.name = x",
        "column 1: there is no relation `autor`, did you mean `author`? Book has author, sequel, \
         prints, genres, between, count, any",
        "^^^^^",
    );
    check_error(
        "autor is null",
        "column 1: there is no column `autor`, did you mean `author`? Book has id, title, age, price, \
         rating, in_print, genre, published_on, opens_at, created_at, cover, code, notes, between, odd \
         `name`",
        "^^^^^",
    );
    check_error(
        "author.nme = x",
        "column 8: there is no column `nme`, did you mean `name`? Author has id, name, born_on",
        "       ^^^",
    );
    check_error(
        "author. = x",
        "column 8: expected the name of a column; Author has id, name, born_on",
        "       ^",
    );
    check_error(
        "title.name = x",
        "column 1: `title` is a column of Book and no relation; Book has author, sequel, prints, \
         genres, between, count, any",
        "^^^^^",
    );
    check_error(
        "author = Lem",
        "column 1: author is a relation: name a column of Author (`author.name`), or ask `author is \
         null`",
        "^^^^^^",
    );
    check_error(
        "prints is null",
        "column 1: prints is a relation: name a column of Book (`prints.title`), or ask `any \
         prints` or `count(prints) > 1`",
        "^^^^^^",
    );
    check_error(
        "author (name = x and price = 1)",
        "column 22: there is no column `price`; Author has id, name, born_on",
        "                     ^^^^^",
    );
    check_error(
        "author (name = x",
        "column 17: expected `and`, `or` or `)`, got the end",
        "                ^",
    );
    check_error("all prints", "column 11: expected `(`, got the end", "          ^");
    check_error(
        "count(prints) ~ 1",
        "column 15: expected a comparison (=, !=, <, <=, >, >=), got `~`",
        "              ^",
    );
    check_error(
        "count(prints) > -1",
        "column 17: expected how many, a whole number from 0, got `-1`",
        "                ^^",
    );
    check_error(
        "count(prints age) > 1",
        "column 14: expected `where` or `)`, got `age`",
        "             ^^^",
    );
    check_error("count() > 1", "column 7: expected the name of a relation, got `)`", "      ^");
    let endless = format!("{}age = 1", "sequel.".repeat(10_000));
    let error = Filter::parse(&BOOK, &endless).expect_err("too deep");
    assert_eq!(error.message(), "more than 20 relations inside each other");
    let built = (0..25).fold(parse("age = 1"), |filter, _| Filter::related("sequel", filter));
    assert_eq!(built.resolve(&BOOK).expect_err("too deep").message(), error.message());
}

#[test]
fn a_mistake_far_into_a_long_line_is_shown_with_what_stands_around_it() {
    let text = format!("{}age = x or id = 1", "id = 1 or ".repeat(1_000));
    let error = Filter::parse(&BOOK, &text).expect_err("x is no age");
    assert_eq!(error.column(), Some(10_007));
    let caret = error.with_caret().expect("typed filters have a place");
    let (line, marks) = caret.split_once('\n').expect("two lines");
    assert!(line.starts_with('…') && line.ends_with("age = x or id = 1"), "{line}");
    assert_eq!(line.chars().nth(marks.len() - 1), Some('x'));
}

#[test]
fn nesting_has_a_limit_and_chains_have_none() {
    for nested in ["(".repeat(10_000), "not ".repeat(10_000), "not (".repeat(50_000)] {
        let error = Filter::parse(&BOOK, &nested).expect_err("too deep");
        assert_eq!(error.message(), "nested deeper than 100 levels");
    }
    let chain = vec!["id = 1"; 10_000].join(" or ");
    assert_eq!(parse(&chain).to_string(), chain);
}

#[test]
fn a_filter_from_code_is_checked_as_one_that_was_typed() {
    let refused = |filter: Filter| filter.resolve(&BOOK).expect_err("it does not fit").to_string();
    assert_eq!(
        refused(Filter::compare("age", Comparison::Equal, "x")),
        "expected a whole number from -2147483648 to 2147483647, got \"x\" (age)"
    );
    let error = Filter::compare("agee", Comparison::Equal, 1).resolve(&BOOK).expect_err("no agee");
    assert_eq!((error.span(), error.column(), error.with_caret()), (None, None, None));
    let resolved = Filter::compare("Price", Comparison::Equal, 3).resolve(&BOOK);
    assert_eq!(resolved, Ok(parse("price = 3")));
}

fn book(set: &[(&str, Value)]) -> Record {
    let mut row = Record(vec![Value::Null; BOOK.columns.len()]);
    for (column, value) in set {
        row.set(BOOK.position(column).expect("a column of the entity"), value.clone());
    }
    row
}

#[test]
fn a_comparison_with_null_is_neither_true_nor_false() {
    let row = book(&[("id", 1.into()), ("title", "Марсианин".into())]);
    for (text, truth) in [
        ("age = 1", None),
        ("age != 1", None),
        ("not age = 1", None),
        ("age in (1)", None),
        ("age not in (1)", None),
        ("age in ()", Some(false)),
        ("age not in ()", Some(true)),
        ("genre ~ ''", None),
        ("genre !~ x", None),
        ("in_print", None),
        ("age is null", Some(true)),
        ("age = 1 or id = 1", Some(true)),
        ("age = 1 or id = 2", None),
        ("age = 1 and id = 1", None),
        ("age = 1 and id = 2", Some(false)),
        ("not (age = 1 and id = 2)", Some(true)),
        ("title ~ 'МАРС'", Some(true)),
        ("title ^= 'марс' and title $= 'НИН'", Some(true)),
        ("title !~ 'марс'", Some(false)),
        ("title > 'Z'", Some(true)),
        ("title = 'марсианин'", Some(false)),
        ("", Some(true)),
        ("false", Some(false)),
    ] {
        assert_eq!(parse(text).evaluate(&BOOK, &row), truth, "{text}");
        assert_eq!(parse(text).matches(&BOOK, &row), truth == Some(true), "{text}");
    }
}

/// Returns the form that parsing gives: no `and` within `and`, no `or` within `or`, no lists of one.
fn canonical(filter: Filter) -> Filter {
    let members = |filters: Vec<Filter>| filters.into_iter().map(canonical);
    match filter {
        Filter::And(filters) => {
            let mut flat = Vec::new();
            for filter in members(filters) {
                match filter {
                    Filter::All => {}
                    Filter::And(more) => flat.extend(more),
                    one => flat.push(one),
                }
            }
            match flat.len() {
                0 => Filter::All,
                1 => flat.remove(0),
                _ => Filter::And(flat),
            }
        }
        Filter::Or(filters) => {
            let mut flat = Vec::new();
            for filter in members(filters) {
                match filter {
                    Filter::Or(more) => flat.extend(more),
                    one => flat.push(one),
                }
            }
            if flat.len() == 1 { flat.remove(0) } else { Filter::Or(flat) }
        }
        Filter::Not(filter) => canonical(*filter).not(),
        Filter::Related { relation, filter } => Filter::related(relation, canonical(*filter)),
        Filter::RelatedCount { relation, filter, operator, count } => {
            let filter = Box::new(canonical(*filter));
            Filter::RelatedCount { relation, filter, operator, count }
        }
        filter => filter,
    }
}

proptest! {
    #[test]
    fn a_printed_filter_parses_back_to_the_same(filter in samples::filter()) {
        let printed = filter.to_string();
        let parsed = Filter::parse(&BOOK, &printed)
            .map_err(|error| TestCaseError::fail(format!("{printed}: {error}")))?;
        prop_assert_eq!(parsed, canonical(filter), "{}", printed);
    }

    #[test]
    fn a_printed_filter_finds_the_same_rows(
        filter in samples::filter(),
        rows in proptest::collection::vec(samples::row(), 10),
    ) {
        let parsed = parse(&filter.to_string());
        for row in rows {
            prop_assert_eq!(parsed.evaluate(&BOOK, &row), filter.evaluate(&BOOK, &row));
        }
    }

    #[test]
    fn a_stored_filter_is_the_same_when_read_again(filter in samples::filter()) {
        let json = serde_json::to_string(&filter).expect("filters are plain data");
        let read: Filter = serde_json::from_str(&json).expect("what was written can be read");
        prop_assert_eq!(read.resolve(&BOOK), filter.resolve(&BOOK));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        if let Err(error) = Filter::parse(&BOOK, &text) {
            let span = error.span().expect("typed filters have a place");
            prop_assert!(text.get(span).is_some());
            prop_assert!(error.with_caret().is_some());
        }
    }

    #[test]
    fn no_sequence_of_tokens_makes_the_parser_panic(
        tokens in proptest::collection::vec(
            proptest::sample::select(vec![
                "(", ")", ",", "=", "!=", "<", "~", "!~", "^=", "!", "and", "or", "not", "in", "is",
                "null", "between", "true", "false", "age", "title", "created_at", "any", "all",
                "no", "count", "where", "author", "author.name", "prints", ".", "`", "'", "\"",
                "\\", "\\u{", "}", "1", "2024-01-01", "10:00", "x", "é", "\n", " ",
            ]),
            0..12,
        ),
        separator in proptest::sample::select(vec!["", " "]),
    ) {
        let text = tokens.join(separator);
        if let Err(error) = Filter::parse(&BOOK, &text) {
            prop_assert!(text.get(error.span().expect("a place")).is_some());
            prop_assert!(error.with_caret().is_some());
        }
    }
}
