//! The bookshop's own words, in both languages.

use std::collections::BTreeSet;

use admin_gui::i18n::{Language, TextSources, Texts};
use domain::{Address, Author, Book, User, rules};
use persistence::Entity;

const ENGLISH: &str = include_str!("../src/i18n/en.ftl");
const RUSSIAN: &str = include_str!("../src/i18n/ru.ftl");

fn texts(language: Language) -> Texts {
    let mut sources = TextSources::new();
    sources.add(Language::English, ENGLISH).expect("well-formed Fluent");
    sources.add(Language::Russian, RUSSIAN).expect("well-formed Fluent");
    sources.texts(language)
}

fn keys(ftl: &str) -> BTreeSet<&str> {
    let is_message = |line: &&str| line.starts_with(|first: char| first.is_ascii_lowercase());
    ftl.lines().filter(is_message).filter_map(|line| Some(line.split_once(" =")?.0)).collect()
}

#[test]
fn both_languages_name_the_same_things() {
    assert_eq!(keys(ENGLISH), keys(RUSSIAN));
}

#[test]
fn every_entity_and_column_has_a_russian_name() {
    let russian = texts(Language::Russian);
    let keys = keys(RUSSIAN);
    for meta in [Address::meta(), Author::meta(), Book::meta(), User::meta()] {
        assert!(keys.contains(format!("entity-{}", meta.table).as_str()), "{}", meta.table);
        assert_ne!(russian.entity_one(meta), meta.name);
        for column in meta.columns {
            let key = format!("column-{}-{}", meta.table, column.name);
            assert!(keys.contains(key.as_str()), "{key}");
        }
    }
}

#[test]
fn every_rule_speaks_russian() {
    let date = |text: &str| rules::date(&text.parse().unwrap(), &());
    let broken = [
        rules::age(&151, &()),
        rules::name(" ", &()),
        rules::name(&"x".repeat(201), &()),
        rules::name("a\0b", &()),
        rules::title(&"x".repeat(501), &()),
        rules::biography(&"x".repeat(100_001), &()),
        rules::price(&domain::Price::from_units(-1), &()),
        date("-0001-01-01"),
        rules::isbn("9780156027602", &()),
        rules::isbn("978-0-15-602760-1", &()),
        rules::isbn("97801560276", &()),
        rules::isbn("1234567890123", &()),
        rules::isbn("978015602760a", &()),
        rules::email_address("olga", &()),
        rules::email_address("olga@@example.org", &()),
        rules::email_address("olga @example.org", &()),
        rules::email_address(".olga@example.org", &()),
        rules::email_address("olga@example", &()),
    ];
    let russian = texts(Language::Russian);
    for error in broken {
        let message = error.unwrap_err().message().to_owned();
        let told = russian.rule(&message);
        assert_ne!(told, message);
        assert!(!told.contains("should"), "{told}");
    }
}
