//! Pills and filters mean the same, whichever comes first.

use persistence::entity::{EntityRef, Reference, Storage};
use persistence::{ColumnMeta, ColumnType, EntityMeta, Filter, Value};
use proptest::prelude::*;
use proptest::sample::select;

use super::operator::OPERATORS;
use super::*;
use crate::i18n::{Language, Texts};

static BOOK: EntityMeta = EntityMeta::new(
    "Book",
    "books",
    &[
        column("id", ColumnType::Integer { bits: 64 }),
        column("title", ColumnType::Text),
        column("author_id", ColumnType::Integer { bits: 64 })
            .referring(Reference::new(EntityRef::new(&BOOK))),
        column("price", ColumnType::Decimal { scale: 2 }),
        column("in_print", ColumnType::Bool),
        column("genre", ColumnType::Enum { variants: &["novel", "essay"] }),
        column("published_on", ColumnType::Date),
        column("created_at", ColumnType::Timestamp),
        column("opens_at", ColumnType::Time),
        column("code", ColumnType::Uuid),
        column("notes", ColumnType::Json),
    ],
    &[0],
)
.labelled(1);

const fn column(name: &'static str, column_type: ColumnType) -> ColumnMeta {
    ColumnMeta::new(name, column_type, Storage::Text).nullable(true)
}

fn pills(text: &str) -> Pills {
    Pills::of(&BOOK, &Filter::parse(&BOOK, text).unwrap())
}

/// Returns what the pills say, one after another.
fn said(text: &str) -> Vec<String> {
    let texts = Texts::new(Language::English);
    let label = |key: &Value| Some(format!("Author {key}"));
    let words = |condition: &Condition| Words::of(&texts, &BOOK, condition, label).spoken();
    let said = |pill: &Pill| match pill {
        Pill::Text(filter) => format!("<{filter}>"),
        Pill::Conditions(conditions) => {
            conditions.iter().map(words).collect::<Vec<_>>().join(" or ")
        }
    };
    pills(text).iter().map(said).collect()
}

#[test]
fn what_is_typed_for_an_operator_means_it() {
    for operator in OPERATORS {
        for column in
            BOOK.columns.iter().filter(|column| operator.kinds.contains(&Kind::of(column)))
        {
            let value = column.column_type.any_value();
            let (operands, values) = match operator.operands {
                Operands::None => (String::new(), Vec::new()),
                Operands::One => (format!("'{value}'"), vec![value]),
                Operands::Two => (format!("'{value}' and '{value}'"), vec![value.clone(), value]),
                Operands::Many => (format!("'{value}', '{value}')"), vec![value.clone(), value]),
                Operands::Pattern => ("x".to_owned(), vec![Value::from("x")]),
                Operands::Days => ("7 days".to_owned(), vec![Value::Integer(7)]),
            };
            let text = format!("{} {} {operands}", column.name, operator.typed);
            let filter = Filter::parse(&BOOK, &text);
            assert_eq!(filter, Ok((operator.write)(column.name, &values)), "{text}");
        }
    }
}

#[test]
fn each_condition_is_a_pill() {
    assert_eq!(
        said("price >= 10 and title ~ lem and in_print"),
        ["Price ≥ 10.00", "Title contains “lem”", "In print is true"]
    );
    assert_eq!(
        said("published_on between 1950-01-01 and 1959-12-31 and id = 1"),
        ["Published on is between 1950-01-01 – 1959-12-31", "Id = 1"]
    );
    assert_eq!(said("created_at in last 7 days"), ["Created at last 7 days"]);
    assert_eq!(said("title = '' and notes is null"), ["Title is empty", "Notes is NULL"]);
    assert_eq!(said(""), [""; 0]);
}

#[test]
fn chosen_values_are_named_while_they_are_few() {
    assert_eq!(said("author_id = 7"), ["Author = Author 7"]);
    assert_eq!(said("author_id in (7, 8)"), ["Author is any of Author 7, Author 8"]);
    assert_eq!(said("author_id in (1, 2, 3)"), ["Author is any of 3"]);
    assert_eq!(said("genre not in (novel)"), ["Genre ≠ novel"]);
}

#[test]
fn alternatives_are_one_pill() {
    assert_eq!(
        said("(title ~ a or price between 1 and 2 or genre is null) and id > 3"),
        ["Title contains “a” or Price is between 1.00 – 2.00 or Genre is NULL", "Id > 3"]
    );
}

#[test]
fn what_no_operator_shows_keeps_its_text() {
    let nested = "not (id = 1 and price > 2.00)";
    assert_eq!(said(nested), [format!("<{nested}>")]);
    assert_eq!(said("id = 1 or id = 2 and price = 3.00"), ["<id = 1 or id = 2 and price = 3.00>"]);
    assert_eq!(said("author_id > 5"), ["<author_id > 5>"]);
}

#[test]
fn a_value_replaces_another_one_of_its_column() {
    let mut pills = pills("genre = novel and price > 3");
    let genre = BOOK.column("genre").unwrap();
    let essay = Condition::one_of(&BOOK, genre, vec!["essay".into(), Value::Null]).unwrap();
    pills.put_values(genre, essay);
    assert_eq!(
        pills.filter().to_string(),
        r#"(genre in ("essay") or genre is null) and price > 3.00"#
    );
}

#[test]
fn excluding_a_value_keeps_rows_without_any() {
    let price = BOOK.column("price").unwrap();
    let value = price.column_type.parse("3").unwrap();
    let mut pills = Pills::default();
    pills.put(None, Condition::other_than(&BOOK, price, value).unwrap());
    assert_eq!(pills.filter().to_string(), "price != 3.00 or price is null");
    let mut pills = Pills::default();
    pills.put(None, Condition::other_than(&BOOK, price, Value::Null).unwrap());
    assert_eq!(pills.filter().to_string(), "price is not null");
}

#[test]
fn a_document_is_compared_with_nothing() {
    let notes = BOOK.column("notes").unwrap();
    let document = Value::Json(serde_json::json!({ "a": 1 }));
    assert_eq!(Condition::equal(&BOOK, notes, document.clone()), None);
    assert_eq!(Condition::other_than(&BOOK, notes, document), None);
}

/// Types texts into a new pill; returns the filter it becomes, or what is wrong with it.
fn drafted(column: &str, operator: &str, texts: [&str; 2]) -> Result<String, Problem> {
    let mut draft = Draft::new(BOOK.column(column).unwrap());
    let alternative = &mut draft.alternatives[0];
    alternative.set_operator(Operator::named(operator).unwrap());
    alternative.texts = texts.map(str::to_owned);
    let mut pills = Pills::default();
    pills.put(None, draft.conditions(Language::English).map_err(|mistake| mistake.problem)?);
    Ok(pills.filter().to_string())
}

#[test]
fn what_is_typed_becomes_a_filter() {
    let is = |column, operator, texts, expected: &str| {
        assert_eq!(drafted(column, operator, texts).as_deref(), Ok(expected));
    };
    is("title", "contains", ["a \"b\"", ""], r#"title ~ "a \"b\"""#);
    is("price", "is between", ["1", "2.5"], "price between 1.00 and 2.50");
    is("created_at", "is at least", ["2026-01-01 10:00", ""], "created_at >= 2026-01-01T10:00:00");
    is("published_on", "is in the last days", [" 30 ", ""], "published_on in last 30 days");
    is("id", "is in", ["1, 2,3,", ""], "id in (1, 2, 3)");
    is("title", "is in", [r#"a, "b, ""c""""#, ""], r#"title in ("a", "b, \"c\"")"#);
}

#[test]
fn a_mistake_says_what_is_wrong() {
    let wrong = |column, operator, texts| drafted(column, operator, texts).unwrap_err();
    let number = ColumnType::Decimal { scale: 2 };
    assert_eq!(wrong("price", "equals", ["abc", ""]), Problem::WrongType(number, "abc".to_owned()));
    assert_eq!(wrong("price", "equals", [" ", ""]), Problem::Missing);
    assert_eq!(wrong("price", "is between", ["1", ""]), Problem::Missing);
    assert_eq!(wrong("price", "is between", ["2", "1"]), Problem::WrongOrder);
    assert_eq!(wrong("created_at", "is in the last days", ["-1", ""]), Problem::NotDays);
    assert_eq!(wrong("genre", "is any of", ["", ""]), Problem::NothingChosen);
    assert_eq!(
        wrong("id", "is in", ["1, x", ""]),
        Problem::WrongType(ColumnType::Integer { bits: 64 }, "x".to_owned())
    );
    assert_eq!(wrong("title", "contains", ["", ""]), Problem::Missing);
}

#[test]
fn another_column_keeps_the_operator_where_it_fits() {
    let mut draft = Draft::new(BOOK.column("price").unwrap());
    let alternative = &mut draft.alternatives[0];
    alternative.set_operator(Operator::named("is at least").unwrap());
    alternative.set_column(BOOK.column("id").unwrap());
    assert_eq!(alternative.operator().name, "is at least");
    alternative.set_column(BOOK.column("title").unwrap());
    assert_eq!(alternative.operator().name, "contains");
}

fn value(column_type: ColumnType) -> BoxedStrategy<Value> {
    let parsed = move |text: String| column_type.parse(&text).unwrap();
    match column_type {
        ColumnType::Integer { .. } => (-3..3_i64).prop_map(Value::Integer).boxed(),
        ColumnType::Decimal { .. } => (0..300_u32)
            .prop_map(move |cents| parsed(format!("{}.{:02}", cents / 100, cents % 100)))
            .boxed(),
        ColumnType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        ColumnType::Enum { variants } => select(variants).prop_map(Value::from).boxed(),
        ColumnType::Date => {
            (1..28_u32).prop_map(move |d| parsed(format!("2026-02-{d:02}"))).boxed()
        }
        ColumnType::Timestamp => {
            (0..24_u32).prop_map(move |h| parsed(format!("2026-02-03 {h:02}:00"))).boxed()
        }
        ColumnType::Time => (0..24_u32).prop_map(move |h| parsed(format!("{h:02}:30"))).boxed(),
        ColumnType::Uuid => {
            any::<u128>().prop_map(move |bits| parsed(format!("{bits:032x}"))).boxed()
        }
        // The empty text has operators of its own.
        _ => "[ab,\"м ]{1,4}".prop_map(Value::Text).boxed(),
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    (0..BOOK.columns.len(), 0..OPERATORS.len())
        .prop_filter_map("operators fit some columns", |(column, operator)| {
            let (column, operator) = (&BOOK.columns[column], &OPERATORS[operator]);
            operator.kinds.contains(&Kind::of(column)).then_some((column, operator))
        })
        .prop_flat_map(|(column, operator)| {
            let one = value(column.column_type);
            let operands = match operator.operands {
                Operands::None => Just(Vec::new()).boxed(),
                Operands::One | Operands::Pattern => proptest::collection::vec(one, 1).boxed(),
                Operands::Two => proptest::collection::vec(one, 2)
                    .prop_map(|mut ends| {
                        ends.sort();
                        ends
                    })
                    .boxed(),
                Operands::Many => proptest::collection::vec(one, 1..4).boxed(),
                Operands::Days => (0..400_i64).prop_map(|days| vec![Value::Integer(days)]).boxed(),
            };
            operands.prop_map(move |operands| Condition { column, operator, operands })
        })
}

fn some_pills() -> impl Strategy<Value = Pills> {
    let pill = proptest::collection::vec(condition(), 1..4).prop_map(Pill::Conditions);
    proptest::collection::vec(pill, 0..5).prop_map(Pills).prop_filter(
        "two comparisons side by side are a range",
        |pills| {
            pills.0.windows(2).all(|pair| {
                let both = Filter::And(vec![pair[0].filter(), pair[1].filter()]);
                Condition::of(&BOOK, &both).is_none()
            })
        },
    )
}

proptest! {
    #[test]
    fn pills_become_a_filter_and_the_same_pills_again(pills in some_pills()) {
        prop_assert_eq!(Pills::of(&BOOK, &pills.filter()), pills);
    }

    #[test]
    fn pills_become_a_text_and_the_same_pills_again(pills in some_pills()) {
        let text = pills.filter().to_string();
        let parsed = Filter::parse(&BOOK, &text)
            .map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(Pills::of(&BOOK, &parsed), pills, "{}", text);
    }

    #[test]
    fn a_pill_that_is_opened_and_left_alone_stays_the_same(condition in condition()) {
        let draft = Draft::of(std::slice::from_ref(&condition));
        prop_assert_eq!(draft.conditions(Language::English), Ok(vec![condition]));
    }

    #[test]
    fn a_list_of_anything_that_is_typed_does_not_panic(list in ".*") {
        let mut draft = Draft::new(BOOK.column("title").unwrap());
        draft.alternatives[0].set_operator(Operator::named("is in").unwrap());
        draft.alternatives[0].texts[0] = list;
        let _ = draft.conditions(Language::English);
    }
}
