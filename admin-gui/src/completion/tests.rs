//! What is offered where, and that all of it is understood.

use persistence::entity::{EntityRef, Storage};
use persistence::relation::{RelationKind, RelationMeta};
use persistence::{ColumnMeta, ColumnType, Entity as _, EntityMeta, Filter, Value};
use proptest::prelude::*;

use super::offers::written_value;
use super::place::{Place, Wanted};
use super::*;
use crate::i18n::{Language, Texts};
use crate::samples::Volume;
use crate::shown_names::ShownNames;

const fn column(name: &'static str, column_type: ColumnType) -> ColumnMeta {
    ColumnMeta::new(name, column_type, Storage::Text).nullable(true)
}

/// Columns of every kind, some with names that mean something else in a filter.
static THING: EntityMeta = EntityMeta::new(
    "Thing",
    "things",
    &[
        column("id", ColumnType::Integer { bits: 64 }),
        column("title", ColumnType::Text),
        column("between", ColumnType::Text),
        column("unit `price`", ColumnType::Decimal { scale: 2 }),
        column("genre", ColumnType::Enum { variants: &["novel", "in print"] }),
        column("in_print", ColumnType::Bool),
        column("born_on", ColumnType::Date),
        column("seen", ColumnType::Timestamp),
        column("code", ColumnType::Uuid),
        column("notes", ColumnType::Json),
    ],
    &[0],
)
.labelled(1)
.with_relations(&[
    RelationMeta::new("owner", EntityRef::new(&THING), RelationKind::BelongsTo { column: 0 }),
    RelationMeta::new("parts", EntityRef::new(&THING), RelationKind::HasMany { column: 0 }),
]);

fn texts(language: Language) -> Texts {
    let mut sources = crate::i18n::TextSources::new();
    let russian = "column-things-title = Название\ncolumn-things-born_on = Дата рождения\n\
                   column-things-seen = Дата\nvalue-things-genre-novel = роман\n";
    sources.add(Language::Russian, russian).unwrap();
    sources.texts(language)
}

/// What is offered at `|` in a text.
fn offered(language: Language, text: &str) -> Vec<Offer> {
    let cursor = text.find('|').unwrap();
    let text = text.replacen('|', "", 1);
    let texts = texts(language);
    let places = places(&THING, &ShownNames::of(&THING, &texts), &text, cursor);
    offers(&text, &places, &texts, &[])
}

/// Checks what is offered first at `|`, and whether that is all.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let offers = offered(Language::Russian, text);
    let inserted: Vec<_> = offers.iter().map(|offer| offer.inserted.as_str()).collect();
    match expected.split_last() {
        Some((&"…", first)) => assert!(inserted.starts_with(first), "{text}: {inserted:?}"),
        _ => assert_eq!(inserted, expected, "{text}"),
    }
}

/// Checks the text after the first offer at `|` has been taken.
#[track_caller]
fn check_taken(text: &str, expected: &str) {
    let offers = offered(Language::Russian, text);
    let (mut taken, cursor) = taken(&text.replacen('|', "", 1), &offers[0]);
    taken.insert(cursor, '|');
    assert_eq!(taken, expected, "{text}");
}

#[test]
fn columns_are_found_by_their_name_and_by_the_one_that_is_shown() {
    check("|", &["id", "title", "`between`", "`unit ``price```", "…"]);
    check("ti|", &["title"]);
    check("НАЗ|", &["title"]);
    check("дата р|", &["born_on"]);
    check("Дата|", &["born_on", "seen"]);
    check("price|", &["`unit ``price```"]);
    check("id = 1 and (not ти|", &[]);
    check("id = 1 and (not naz|", &[]);
    check("id = 1 and (not ge|", &["genre"]);
    check("`unit|", &["`unit ``price```"]);
    check("title|", &[]);
    check("нет такого|", &[]);
}

#[test]
fn operators_are_those_of_the_column() {
    check("title |", &["~", "!~", "^=", "$=", "…"]);
    check("название |", &["~", "!~", "…"]);
    check("title !|", &["!~", "!= \"\"", "!=", "…"]);
    check("notes |", &["is null", "is not null"]);
    check("notes is |", &["null", "not null"]);
    check("notes is n|", &["null", "not null"]);
    check("born_on in |", &["(", "last"]);
    check("id in |", &["("]);
    check("id not |", &["in (", "between"]);
    check("born_on in last 7 |", &["days"]);
    check("genre |", &["=", "!=", "in (", "…"]);
}

#[test]
fn values_are_those_of_the_column() {
    check("in_print = |", &["true", "false"]);
    check("in_print = t|", &["true"]);
    check("genre = |", &["\"novel\"", "\"in print\""]);
    check("genre in (\"novel\", i|", &["\"in print\""]);
    check("genre = ром|", &["\"novel\""]);
    check("genre = \"in p|", &["\"in print\""]);
    check("genre=|", &["\"novel\"", "\"in print\""]);
    check("id between 1 |", &["and"]);
    check("id between 1 and 2 |", &["and", "or"]);
    check("(id = 1 |", &["and", "or", ")"]);
    check("id in (1 |", &[")"]);
    check("id = 1|", &[]);
    check("title = \"and |", &[]);
}

#[test]
fn stored_values_are_asked_for_by_what_has_been_typed() {
    let names = ShownNames::default();
    let asked = |text: &str| {
        let places = places(&THING, &names, text, text.len());
        question(&places).map(|question| (question.of.column.name, question.text))
    };
    let of = |column, text: &str| Some((column, text.to_owned()));
    assert_eq!(asked("title ~ мас"), of("title", "мас"));
    assert_eq!(asked("title = \"Мастер и М"), of("title", "Мастер и М"));
    assert_eq!(asked("title = 'it''s \\\"x"), of("title", "it's \"x"));
    assert_eq!(asked("owner.title in ('a', "), of("title", ""));
    assert_eq!(asked("title in ('a', 😀"), of("title", "😀"));
    assert_eq!(asked("id = 1"), None);
    assert_eq!(asked("title "), None);
    let places = places(Volume::meta(), &names, "writer_id = le", 14);
    assert_eq!(question(&places).unwrap().text, "le");
}

#[test]
fn related_rows_are_led_to() {
    check("own|", &["owner."]);
    check("owner.ti|", &["title"]);
    check("owner.parts.in_|", &["in_print"]);
    check("owner |", &["(", "is null", "is not null"]);
    check("owner (ti|", &["title"]);
    check("any |", &["owner", "parts"]);
    check("any parts |", &["(", "and", "or"]);
    check("count(pa|", &["parts"]);
    check("count(parts |", &["where", ")"]);
    check("count(parts where ti|", &["title"]);
    check("count(parts where title = 'x') |", &["=", "!=", "<", "<=", ">", ">="]);
    check("count(parts) > 1 |", &["and", "or"]);
    check("owner (count(parts) > 1 |", &["and", "or", ")"]);
}

#[test]
fn what_is_taken_stands_in_the_place_of_what_was_typed() {
    check_taken("ti|", "title |");
    check_taken("ti|xyz > 1", "title |> 1");
    check_taken("t|it ~ 'x'", "title |~ 'x'");
    check_taken("дата р| > 1", "born_on |> 1");
    check_taken("id = 1 and дата р|", "id = 1 and born_on |");
    check_taken("in_print = f|", "in_print = false|");
    check("title|~ 'x'", &[]);
    check_taken("id = 1 an| title = 'ы'", "id = 1 and |title = 'ы'");
    check_taken("genre = \"in p| and id = 1", "genre = \"in print\"| and id = 1");
    check_taken("owner.ti|", "owner.title |");
    check_taken("genre in|", "genre in (|");
    check_taken("genre = \"novel\"|", "genre = \"novel\" and |");
    check_taken("(genre = 'novel' )|", "(genre = 'novel' ) and |");
}

/// A text that looks like a filter, or not at all.
fn any_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        proptest::sample::select(vec![
            "title",
            "owner",
            "parts",
            "born_on",
            "Дата рождения",
            "дата",
            ".",
            " ",
            "`",
            "\"",
            "'",
            "\\",
            "(",
            ")",
            ",",
            "=",
            "!=",
            "!",
            "~",
            "<",
            "and",
            "or",
            "not",
            "in",
            "is",
            "null",
            "between",
            "any",
            "all",
            "no",
            "count",
            "where",
            "last",
            "days",
            "12",
            "1,5",
            "😀",
            "é",
            "\u{301}",
            "ß",
            "İ",
            "\t",
            "\n",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec((part, prop_oneof![Just(""), Just(" ")]), 0..16)
        .prop_map(|parts| parts.into_iter().map(|(part, space)| part + space).collect())
}

proptest! {
    #[test]
    fn whatever_is_typed_wherever_the_cursor_stands_can_be_completed(
        text in any_text(),
        cursor in 0_usize..60,
    ) {
        for language in Language::ALL {
            let texts = texts(language);
            let names = ShownNames::of(&THING, &texts);
            let cursor = cursor.min(text.len());
            let places = places(&THING, &names, &text, cursor);
            if !text.is_char_boundary(cursor) {
                prop_assert!(places.is_empty());
            }
            let stored = StoredValue { value: Value::from("ё\"\n'"), label: String::new() };
            for offer in offers(&text, &places, &texts, &[stored]) {
                prop_assert!(offer.replaced.start <= cursor && cursor <= offer.replaced.end);
                let (taken, cursor) = taken(&text, &offer);
                prop_assert!(taken.is_char_boundary(cursor));
                prop_assert!(taken[..cursor].trim_end().ends_with(&offer.inserted));
            }
        }
    }

    #[test]
    fn a_filter_that_was_put_together_of_offers_is_understood(
        choices in proptest::collection::vec(any::<proptest::sample::Index>(), 0..14),
    ) {
        let texts = texts(Language::English);
        let names = ShownNames::of(&THING, &texts);
        let (mut text, mut cursor) = (String::new(), 0);
        let mut choices = choices.into_iter();
        for _ in 0..80 {
            let choice = choices.next();
            let mut found = places(&THING, &names, &text, cursor);
            if let (Some(choice), [Place { wanted: Wanted::Condition(_), typed, .. }]) =
                (choice, found.as_slice())
                && typed.is_empty()
            {
                // What is offered only where its beginning has been typed.
                let begun: &&str = choice.get(&["", "an", "al", "no", "cou"]);
                text.push_str(begun);
                cursor = text.len();
                found = places(&THING, &names, &text, cursor);
            }
            let value = found.iter().find_map(|place| match place.wanted {
                Wanted::Value(of) => Some(written_value(of, &of.column.column_type.any_value())),
                _ => None,
            });
            let offers = offers(&text, &found, &texts, &[]);
            let is_complete = offers.iter().any(|offer| offer.inserted == "or")
                && offers.iter().all(|offer| offer.inserted != ")");
            if is_complete && choice.is_none() {
                break;
            }
            let offer = match choice {
                Some(choice) if !offers.is_empty() => offers.get(choice.index(offers.len())),
                // What ends it, so far as it can be ended.
                _ => offers.iter().find(|offer| offer.inserted == ")").or(offers.first()),
            };
            match (offer, value) {
                (Some(offer), _) => (text, cursor) = taken(&text, offer),
                (None, Some(value)) => text.push_str(&format!("{value} ")),
                // How many, or how many days.
                (None, None) => text.push_str("3 "),
            }
            cursor = text.len().max(cursor);
        }
        let filter = Filter::parse(&THING, &text);
        prop_assert!(filter.is_ok(), "{text}: {filter:?}");
    }
}
