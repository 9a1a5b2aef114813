//! What is offered for a place.

use std::ops::Range;

use persistence::{ColumnType, Comparison, EntityMeta, Filter, Value};

use super::place::{Of, Place, Wanted};
use crate::i18n::{TextKey, Texts};
use crate::pills::{Kind, Operator};
use crate::text_key;

/// Offers that are made at once.
const MOST: usize = 50;

/// The longest value that is offered, in characters.
const LONGEST: usize = 80;

/// Something that can stand where the cursor stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What is inserted.
    pub inserted: String,
    /// What it takes the place of, in bytes.
    pub replaced: Range<usize>,
    /// What it is called, or does.
    pub meaning: String,
    /// Whether something else follows it.
    pub goes_on: bool,
}

impl Offer {
    /// Returns whether a blank follows it.
    pub(super) fn ends(&self) -> bool {
        self.goes_on && !self.inserted.ends_with(['(', '.'])
    }
}

/// A question for the values of a column that contain a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Whose.
    pub of: Of,
    /// The text.
    pub text: String,
}

/// A value that is stored in a column.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredValue {
    /// The value.
    pub value: Value,
    /// How it is shown, where that is something else.
    pub label: String,
}

/// Returns which stored values are wanted at some places.
#[must_use]
pub fn question(places: &[Place]) -> Option<Question> {
    places.iter().find_map(|place| match place.wanted {
        Wanted::Value(of) if matches!(Kind::of(of.column), Kind::Text | Kind::Reference) => {
            Some(Question { of, text: place.typed.clone() })
        }
        _ => None,
    })
}

/// Returns what is offered for some places of a text; `stored` are the values that were found for the
/// question of these places.
#[must_use]
pub fn offers(text: &str, places: &[Place], texts: &Texts, stored: &[StoredValue]) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    for place in places {
        let found = match place.wanted {
            Wanted::Condition(meta) => conditions(meta, &place.typed, texts),
            Wanted::ShownName(meta) => columns(meta, &place.typed, texts),
            Wanted::Relation(meta) => relations(meta, &place.typed, texts),
            Wanted::Operator(of) => operators(of, &place.typed, texts),
            Wanted::Value(of) => values(of, &place.typed, texts, stored),
            Wanted::Words(words) => {
                let words = words.iter().filter(|word| begins(word, &place.typed));
                words.map(|word| Found::new(*word, String::new(), true)).collect()
            }
        };
        let found = found.into_iter().map(|found| Offer {
            inserted: found.inserted,
            replaced: place.replaced.clone(),
            meaning: found.meaning,
            goes_on: found.goes_on,
        });
        // What stands there already need not be offered.
        offers.extend(found.filter(|offer| {
            text.get(offer.replaced.clone()).is_none_or(|typed| typed != offer.inserted)
        }));
    }
    offers.truncate(MOST);
    offers
}

/// What is offered for a place that is known.
struct Found {
    inserted: String,
    meaning: String,
    goes_on: bool,
}

impl Found {
    fn new(inserted: impl Into<String>, meaning: String, goes_on: bool) -> Self {
        Self { inserted: inserted.into(), meaning, goes_on }
    }
}

/// Returns whether a name begins with a text, in any case.
fn begins(name: &str, typed: &str) -> bool {
    name.to_lowercase().starts_with(&typed.to_lowercase())
}

/// Returns how well a text is the beginning of a name, or of a word in it; 0 is best.
fn fit(name: &str, typed: &str) -> Option<usize> {
    if begins(name, typed) {
        return Some(0);
    }
    let mut words = name.split(|character: char| !character.is_alphanumeric());
    words.any(|word| begins(word, typed)).then_some(1)
}

fn conditions(meta: &'static EntityMeta, typed: &str, texts: &Texts) -> Vec<Found> {
    let mut found = columns(meta, typed, texts);
    found.extend(
        relations(meta, typed, texts)
            .into_iter()
            .map(|relation| Found { inserted: format!("{}.", relation.inserted), ..relation }),
    );
    let has_many = meta.relations.iter().any(|relation| !relation.is_to_one());
    let words = [
        ("not", text_key!("help-not"), true),
        ("any", text_key!("help-any"), has_many),
        ("no", text_key!("help-no"), has_many),
        ("all", text_key!("help-all"), has_many),
        ("count(", text_key!("help-count"), has_many),
    ];
    // Not before somebody begins to type them: they would stand in the way of the columns.
    let words = words.into_iter().filter(|(_, _, is_there)| *is_there && !typed.is_empty());
    let words = words.filter(|(word, _, _)| begins(word, typed));
    found.extend(words.map(|(word, meaning, _)| Found::new(word, texts.text(meaning), true)));
    found
}

/// Returns the columns whose name, or that which the window shows, begins with a text.
fn columns(meta: &'static EntityMeta, typed: &str, texts: &Texts) -> Vec<Found> {
    let columns = meta.columns.iter().filter_map(|column| {
        let shown = texts.column(meta, column);
        let fits = fit(column.name, typed).into_iter().chain(fit(&shown, typed));
        Some((fits.min()?, Found::new(written(column.name), shown, true)))
    });
    let mut columns: Vec<_> = columns.collect();
    columns.sort_by_key(|(fit, _)| *fit);
    columns.into_iter().map(|(_, found)| found).collect()
}

fn relations(meta: &'static EntityMeta, typed: &str, texts: &Texts) -> Vec<Found> {
    let relations = meta.relations.iter().filter(|relation| {
        // Where a column has the same name, that is meant.
        begins(relation.name, typed) && meta.column(relation.name).is_none()
    });
    let found = relations.map(|relation| {
        let related = Filter::related(relation.name, Filter::All).to_string();
        let name = related.strip_prefix("any ").unwrap_or(relation.name).to_owned();
        Found::new(name, texts.entity(relation.target.meta()), true)
    });
    found.collect()
}

fn operators(of: Of, typed: &str, texts: &Texts) -> Vec<Found> {
    const SAME: [(&str, TextKey); 2] =
        [("=", text_key!("pill-equals")), ("!=", text_key!("pill-equals-not"))];
    let kind = Kind::of(of.column);
    let same = SAME.into_iter().filter(|_| kind.is_chosen());
    let others = Operator::of(kind).map(|operator| (operator.typed, operator.text));
    let all = same.chain(others).filter(|(sign, _)| begins(sign, typed));
    all.map(|(sign, text)| Found::new(sign, texts.text(text), true)).collect()
}

fn values(of: Of, typed: &str, texts: &Texts, stored: &[StoredValue]) -> Vec<Found> {
    let Of { meta, column } = of;
    match column.column_type {
        _ if matches!(Kind::of(column), Kind::Text | Kind::Reference) => {
            let typed = typed.trim().to_lowercase();
            let fits = |text: &str| text.to_lowercase().contains(&typed);
            let is_short = |found: &&StoredValue| {
                !found.value.is_null()
                    && (fits(&found.label) || found.value.as_text().is_some_and(fits))
                    && found.value.as_text().is_none_or(|text| text.chars().count() <= LONGEST)
            };
            let stored = stored.iter().filter(is_short);
            stored
                .map(|found| {
                    let inserted = written_value(of, &found.value);
                    let is_said = found.label.is_empty() || inserted.contains(&found.label);
                    let meaning = if is_said { String::new() } else { found.label.clone() };
                    Found::new(inserted, meaning, false)
                })
                .collect()
        }
        ColumnType::Bool => {
            let both = ["true", "false"].into_iter().filter(|word| begins(word, typed));
            both.map(|word| Found::new(word, String::new(), false)).collect()
        }
        ColumnType::Enum { variants } => {
            let variants = variants.iter().filter_map(|variant| {
                let said = texts.variant(meta, column, variant);
                let inserted = written_value(of, &Value::from(*variant));
                let fits = fit(variant, typed).or_else(|| fit(&said, typed)).is_some();
                let meaning = if said == **variant { String::new() } else { said };
                fits.then(|| Found::new(inserted, meaning, false))
            });
            variants.collect()
        }
        _ => Vec::new(),
    }
}

/// Returns a column's name as it stands in a filter.
#[must_use]
pub fn written(column: &'static str) -> String {
    let filter = Filter::IsNull { column: column.into() }.to_string();
    filter.strip_suffix(" is null").unwrap_or(column).to_owned()
}

/// Returns a value as it stands in a filter.
pub(super) fn written_value(of: Of, value: &Value) -> String {
    let filter = Filter::compare(of.column.name, Comparison::Equal, value.clone()).to_string();
    let before = format!("{} = ", written(of.column.name));
    filter.strip_prefix(&before).unwrap_or(&filter).to_owned()
}
