//! What a typed filter may say, said of an entity's own columns.

use persistence::relation::RelationMeta;
use persistence::{ColumnMeta, ColumnType, Comparison, EntityMeta, Filter, TextMatch, Value};

use super::{HelpLine, HelpSection};
use crate::completion::written;
use crate::i18n::{Language, TextKey, Texts};
use crate::pills::{Kind, Operands, Operator};
use crate::shown_names::ShownNames;
use crate::{text_key, tr};

/// The kinds of columns, in the order in which they are shown.
const KINDS: [(Kind, TextKey); 9] = [
    (Kind::Text, text_key!("help-text")),
    (Kind::Number, text_key!("help-numbers")),
    (Kind::Date, text_key!("help-dates")),
    (Kind::Timestamp, text_key!("help-moments")),
    (Kind::Time, text_key!("help-times")),
    (Kind::Bool, text_key!("help-yes-and-no")),
    (Kind::Enum, text_key!("help-names")),
    (Kind::Reference, text_key!("help-references")),
    (Kind::Opaque, text_key!("help-codes")),
];

/// Returns what a filter of an entity's rows may say, each as it would be typed.
#[must_use]
pub fn examples(meta: &'static EntityMeta, texts: &Texts) -> Vec<HelpSection> {
    let kinds = KINDS.iter().filter_map(|(kind, title)| {
        let column = column_of(meta, *kind)?;
        let lines = Operator::of(*kind).filter(|operator| !operator.name.ends_with("null"));
        let lines = lines.map(|operator| {
            let filter = (operator.write)(column.name, &operands(operator.operands, column, texts));
            line(&filter, texts.text(operator.text))
        });
        Some(HelpSection { title: texts.text(*title), lines: lines.collect() })
    });
    let mut sections: Vec<_> = kinds.collect();
    sections.extend([
        section(texts, text_key!("help-null"), nulls(meta, texts)),
        section(texts, text_key!("help-together"), together(meta, texts)),
        section(texts, text_key!("help-related"), related(meta, texts)),
        section(texts, text_key!("help-forms"), forms(meta, texts)),
        section(texts, text_key!("help-quotes"), quotes(meta, texts)),
    ]);
    sections.retain(|section| !section.lines.is_empty());
    sections
}

fn section(texts: &Texts, title: TextKey, lines: Vec<HelpLine>) -> HelpSection {
    HelpSection { title: texts.text(title), lines }
}

fn line(typed: &impl ToString, meaning: String) -> HelpLine {
    HelpLine { typed: typed.to_string(), meaning }
}

/// Returns the column of a kind that is the best example: what rows are called, rather than another
/// text; what is no key, rather than a key.
fn column_of(meta: &'static EntityMeta, kind: Kind) -> Option<&'static ColumnMeta> {
    let is_of = |column: &&ColumnMeta| Kind::of(column) == kind;
    let label = meta.columns.get(meta.label).filter(is_of);
    let is_key = |place: usize| meta.key.contains(&place) || meta.version == Some(place);
    let plain = meta.columns.iter().enumerate().filter(|(place, _)| !is_key(*place));
    let mut plain = plain.map(|(_, column)| column).filter(is_of);
    label.or_else(|| plain.next()).or_else(|| meta.columns.iter().find(is_of))
}

/// Returns what is given beside an operator.
fn operands(operands: Operands, column: &ColumnMeta, texts: &Texts) -> Vec<Value> {
    let [one, other] = values(column, texts);
    match operands {
        Operands::None => Vec::new(),
        Operands::One => vec![one],
        Operands::Two | Operands::Many => vec![one, other],
        Operands::Pattern => vec![Value::Text(tr!(texts, "help-word"))],
        Operands::Days => vec![Value::Integer(30)],
    }
}

/// Returns two values of a column, the smaller one first.
fn values(column: &ColumnMeta, texts: &Texts) -> [Value; 2] {
    let pair = match column.column_type {
        ColumnType::Text => {
            return [tr!(texts, "help-word"), tr!(texts, "help-other-word")].map(Value::Text);
        }
        ColumnType::Enum { variants } => {
            [variants.first(), variants.last()].map(|name| name.copied().unwrap_or_default())
        }
        ColumnType::Bool => ["false", "true"],
        ColumnType::Integer { .. } | ColumnType::Decimal { scale: 0 } => ["10", "20"],
        ColumnType::Decimal { .. } | ColumnType::Float => ["12.5", "20"],
        ColumnType::Date => ["1999-02-13", "2025-12-31"],
        ColumnType::Timestamp => ["1999-02-13 09:30", "2025-12-31 18:00"],
        ColumnType::Time => ["09:30", "18:00"],
        _ => return [column.column_type.any_value(), column.column_type.any_value()],
    };
    pair.map(|text| {
        column.column_type.parse(text).unwrap_or_else(|_| column.column_type.any_value())
    })
}

/// Returns two simple conditions on two columns, if there are two.
fn conditions(meta: &'static EntityMeta, texts: &Texts) -> Option<[Filter; 2]> {
    let condition = |kind: Kind| {
        let column = column_of(meta, kind)?;
        let operator = Operator::of(kind).next()?;
        Some((operator.write)(column.name, &operands(operator.operands, column, texts)))
    };
    let mut conditions = KINDS.iter().filter_map(|(kind, _)| condition(*kind));
    Some([conditions.next()?, conditions.next()?])
}

fn nulls(meta: &'static EntityMeta, texts: &Texts) -> Vec<HelpLine> {
    let nullable = meta.columns.iter().find(|column| column.is_nullable);
    let Some(column) = nullable.or_else(|| meta.columns.first()) else { return Vec::new() };
    let is_null = Filter::IsNull { column: column.name.into() };
    vec![
        line(&is_null.clone(), tr!(texts, "pill-is-null")),
        line(&is_null.not(), tr!(texts, "pill-is-not-null")),
    ]
}

fn together(meta: &'static EntityMeta, texts: &Texts) -> Vec<HelpLine> {
    let Some([one, other]) = conditions(meta, texts) else { return Vec::new() };
    let either = Filter::Or(vec![one.clone(), other.clone()]);
    let both = Filter::And(vec![one.clone(), other]);
    vec![
        line(&both, tr!(texts, "help-and")),
        line(&either, tr!(texts, "help-or")),
        line(&one.clone().not(), tr!(texts, "help-not")),
        line(&Filter::And(vec![either, one.not()]), tr!(texts, "help-parentheses")),
    ]
}

fn related(meta: &'static EntityMeta, texts: &Texts) -> Vec<HelpLine> {
    let find = |is_wanted: fn(&RelationMeta) -> bool| {
        meta.relations.iter().find(|relation| is_wanted(relation))
    };
    let mut lines = Vec::new();
    if let Some(relation) = find(RelationMeta::is_to_one) {
        let about = about(relation, texts);
        lines.push(line(&Filter::related(relation.name, about), tr!(texts, "help-to-one")));
    }
    if let Some(relation) = find(|relation| !relation.is_to_one()) {
        let some = |filter| Filter::related(relation.name, filter);
        let about = about(relation, texts);
        let count = Filter::RelatedCount {
            relation: relation.name.into(),
            filter: Box::new(Filter::All),
            operator: Comparison::GreaterOrEqual,
            count: 3,
        };
        lines.extend([
            line(&some(Filter::All), tr!(texts, "help-any")),
            line(&some(Filter::All).not(), tr!(texts, "help-no")),
            line(&some(about.clone()), tr!(texts, "help-any-with")),
            line(&some(about.not()).not(), tr!(texts, "help-all")),
            line(&count, tr!(texts, "help-count")),
        ]);
    }
    lines
}

/// Returns a condition on the rows that a relation leads to.
fn about(relation: &'static RelationMeta, texts: &Texts) -> Filter {
    let target = relation.target.meta();
    let Some(column) = target.columns.get(target.label) else { return Filter::All };
    if column.column_type == ColumnType::Text {
        let pattern = tr!(texts, "help-word");
        let operator = TextMatch::Contains;
        return Filter::Text { column: column.name.into(), operator, pattern };
    }
    Filter::IsNull { column: column.name.into() }.not()
}

/// Returns the forms that the language has: of numbers, of dates, of the names of columns.
fn forms(meta: &'static EntityMeta, texts: &Texts) -> Vec<HelpLine> {
    let names = ShownNames::of(meta, texts);
    let language = texts.language();
    let mut lines = Vec::new();
    let has_places = |column: &&ColumnMeta| match column.column_type {
        ColumnType::Decimal { scale } => scale > 0,
        ColumnType::Float => true,
        _ => false,
    };
    if let Some(column) = meta.columns.iter().find(has_places) {
        let column = written(column.name);
        match language {
            Language::English => {
                lines.push(line(&format!("{column} > 1234.5"), tr!(texts, "help-number")));
            }
            Language::Russian => lines.extend([
                line(&format!("{column} > 12,5"), tr!(texts, "help-number")),
                line(&format!("{column} > \"1 234,5\""), tr!(texts, "help-grouped")),
            ]),
        }
    }
    if let Some(column) = column_of(meta, Kind::Date).or_else(|| column_of(meta, Kind::Timestamp)) {
        let day = match language {
            Language::English => "1999-02-13",
            Language::Russian => "13.02.1999",
        };
        lines.push(line(&format!("{} > {day}", written(column.name)), tr!(texts, "help-date")));
    }
    let named = KINDS.iter().filter_map(|(kind, _)| column_of(meta, *kind));
    let mut named = named.filter_map(|column| {
        let name = names.of_column(column.name)?;
        (name.to_lowercase() != column.name).then_some(name)
    });
    if let Some(name) = named.next() {
        lines.push(line(&format!("{name} is not null"), tr!(texts, "help-shown-name")));
    }
    lines
}

fn quotes(meta: &'static EntityMeta, texts: &Texts) -> Vec<HelpLine> {
    let Some(column) = column_of(meta, Kind::Text) else { return Vec::new() };
    let (word, other) = (tr!(texts, "help-word"), tr!(texts, "help-other-word"));
    let name = written(column.name);
    vec![
        line(&format!("{name} ~ {word}"), tr!(texts, "help-no-quotes")),
        line(&format!("{name} = \"{word} {other}\""), tr!(texts, "help-several-words")),
        line(&format!("{name} ~ '\"{word}\"'"), tr!(texts, "help-other-quotes")),
        line(&format!("{name} ~ \"\"\"{word}\""), tr!(texts, "help-doubled-quotes")),
        line(
            &format!("`{}` ~ {word}", column.name.replace('`', "``")),
            tr!(texts, "help-backticks"),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use persistence::Entity as _;
    use persistence::entity::Storage;

    use super::*;
    use crate::filter_line::FilterLine;
    use crate::samples::{Loan, Reader, Volume, Writer};

    const fn column(name: &'static str, column_type: ColumnType) -> ColumnMeta {
        ColumnMeta::new(name, column_type, Storage::Text).nullable(true)
    }

    /// Columns of every kind, some with names that mean something else in a filter.
    static EVERYTHING: EntityMeta = EntityMeta::new(
        "Thing",
        "things",
        &[
            column("id", ColumnType::Integer { bits: 16 }),
            column("between", ColumnType::Text),
            column("unit `price`", ColumnType::Decimal { scale: 1 }),
            column("genre", ColumnType::Enum { variants: &["novel", "in print"] }),
            column("not", ColumnType::Bool),
            column("born on", ColumnType::Date),
            column("seen", ColumnType::Timestamp),
            column("opens", ColumnType::Time),
            column("code", ColumnType::Uuid),
            column("cover", ColumnType::Bytes),
            column("notes", ColumnType::Json),
        ],
        &[0],
    )
    .labelled(1);

    /// The examples of an entity as they are parsed by the line in which filters are typed.
    fn parsed(meta: &'static EntityMeta, language: Language) -> Vec<(String, Filter)> {
        let texts = Texts::new(language);
        let names = ShownNames::of(meta, &texts);
        let lines = examples(meta, &texts).into_iter().flat_map(|section| section.lines);
        let parsed = lines.map(|line| {
            let mut typed = FilterLine::default();
            typed.text.clone_from(&line.typed);
            typed.apply(meta, &names, language);
            assert_eq!(typed.error(), None, "{} of {}", line.typed, meta.name);
            (line.typed, typed.applied().clone())
        });
        parsed.collect()
    }

    #[test]
    fn every_example_is_understood_and_means_something() {
        for language in Language::ALL {
            for meta in [&EVERYTHING, Volume::meta(), Loan::meta(), Reader::meta(), Writer::meta()]
            {
                for (typed, filter) in parsed(meta, language) {
                    assert_ne!(filter, Filter::All, "{typed}");
                }
            }
        }
    }

    #[test]
    fn every_operator_of_every_kind_has_an_example() {
        let examples = parsed(&EVERYTHING, Language::English);
        let references = parsed(Volume::meta(), Language::English);
        for (kind, _) in KINDS {
            for operator in Operator::of(kind) {
                let examples = if kind == Kind::Reference { &references } else { &examples };
                let is_there = examples.iter().any(|(_, filter)| (operator.read)(filter).is_some());
                assert!(is_there, "{} of {kind:?}", operator.name);
            }
        }
    }

    #[test]
    fn numbers_dates_and_names_have_the_form_of_the_language() {
        let examples = parsed(Volume::meta(), Language::Russian);
        let filter = |wanted: &str| {
            let found = examples.iter().find(|(typed, _)| typed == wanted);
            found.map(|(_, filter)| filter.to_string())
        };
        assert_eq!(filter("price > 12,5").as_deref(), Some("price > 12.50"));
        assert_eq!(filter("price > \"1 234,5\"").as_deref(), Some("price > 1234.50"));
        let day = "published_on > 13.02.1999";
        assert_eq!(filter(day).as_deref(), Some("published_on > 1999-02-13"));
    }
}
