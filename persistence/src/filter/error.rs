//! What is wrong with a filter or an order, and where in its text.

use std::fmt;
use std::ops::Range;

use super::TextMatch;
use crate::column_type::ValueError;
use crate::entity::EntityMeta;
use crate::relation::RelationMeta;

/// Edits that may lie between a mistyped name and the one that was meant.
const LARGEST_TYPO: usize = 2;
/// Characters of a long line that are shown around a mistake.
const SHOWN_AROUND: usize = 60;
/// Characters of a name or token that an error repeats.
const SHOWN_OF_A_TOKEN: usize = 40;

/// A filter or order that does not fit its entity, or a text that is none.
///
/// Shown as one line: `column 7: expected a whole number, got "abc" (age)`.
/// [`with_caret`](Self::with_caret) points at the mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError(Box<Contents>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Contents {
    message: String,
    field: Option<String>,
    excerpt: Option<Excerpt>,
}

/// Where in which text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Excerpt {
    text: String,
    span: Range<usize>,
}

impl FilterError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Contents { message: message.into(), field: None, excerpt: None }))
    }

    fn of_field(field: &str, message: impl Into<String>) -> Self {
        let mut error = Self::new(message);
        error.0.field = Some(field.to_owned());
        error
    }

    pub(crate) fn unknown_column(meta: &EntityMeta, column: &str) -> Self {
        let names: Vec<&str> = meta.columns.iter().map(|column| column.name).collect();
        if column.is_empty() {
            return Self::new(format!(
                "expected the name of a column; {} has {}",
                meta.name,
                names.join(", ")
            ));
        }
        let relations: Vec<&str> = meta.relations.iter().map(|relation| relation.name).collect();
        let meant = match nearest(&names, column).or_else(|| nearest(&relations, column)) {
            Some(name) => format!(", did you mean `{name}`?"),
            None => ";".to_owned(),
        };
        Self::new(format!(
            "there is no column {}{meant} {} has {}",
            shown(column),
            meta.name,
            names.join(", ")
        ))
    }

    pub(super) fn unknown_relation(meta: &EntityMeta, relation: &str) -> Self {
        let names: Vec<&str> = meta.relations.iter().map(|relation| relation.name).collect();
        let known = match names.as_slice() {
            [] => "none".to_owned(),
            names => names.join(", "),
        };
        if relation.is_empty() {
            return Self::new(format!(
                "expected the name of a relation; {} has {known}",
                meta.name
            ));
        }
        if meta.columns.iter().any(|column| column.name.eq_ignore_ascii_case(relation)) {
            return Self::new(format!(
                "{} is a column of {} and no relation; {} has {known}",
                shown(relation),
                meta.name,
                meta.name
            ));
        }
        let meant = match nearest(&names, relation) {
            Some(name) => format!(", did you mean `{name}`?"),
            None => ";".to_owned(),
        };
        Self::new(format!(
            "there is no relation {}{meant} {} has {known}",
            shown(relation),
            meta.name
        ))
    }

    /// Makes the error for a relation where a column is compared.
    pub(super) fn no_column_but_relation(relation: &RelationMeta) -> Self {
        let (name, target) = (relation.name, relation.target.meta());
        let column = target.columns.get(target.label).map_or("…", |column| column.name);
        let hint = if relation.is_to_one() {
            format!("or ask `{name} is null`")
        } else {
            format!("or ask `any {name}` or `count({name}) > 1`")
        };
        Self::new(format!(
            "{name} is a relation: name a column of {} (`{name}.{column}`), {hint}",
            target.name
        ))
    }

    pub(super) fn too_many_relations() -> Self {
        Self::new(format!("more than {} relations inside each other", super::MAX_RELATIONS))
    }

    pub(crate) fn not_text(column: &str, operator: TextMatch) -> Self {
        let message = format!("`{}` looks into text, and {column} is none", operator.sign());
        Self::of_field(column, message)
    }

    pub(super) fn no_date(column: &str) -> Self {
        Self::of_field(column, format!("`in last` looks at dates, and {column} holds none"))
    }

    pub(crate) fn null_comparison(column: &str) -> Self {
        let message = format!(
            "a comparison with NULL is never true: write `{column} is null` or \
             `{column} is not null`"
        );
        Self::of_field(column, message)
    }

    pub(crate) fn not_comparable(column: &str) -> Self {
        let message = format!("{column} holds JSON, which has no order: only `is null` fits");
        Self::of_field(column, message)
    }

    pub(crate) fn wrong_value(column: &str, error: &ValueError) -> Self {
        let ValueError { expected, value } = error;
        Self::of_field(column, format!("expected {expected}, got {value:?} ({column})"))
    }

    /// Returns the same error at a place in the text it comes from: the word that begins there.
    pub(crate) fn at(self, text: &str, offset: usize) -> Self {
        let rest = text.get(offset..).unwrap_or_default();
        let length = rest
            .find(|character: char| !(character.is_alphanumeric() || character == '_'))
            .unwrap_or(rest.len());
        self.at_span(text, offset..offset + length)
    }

    /// Returns the same error at a place in the text it comes from.
    pub(super) fn at_span(mut self, text: &str, span: Range<usize>) -> Self {
        self.0.excerpt.get_or_insert_with(|| Excerpt { text: text.to_owned(), span });
        self
    }

    /// Returns what is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the column of the entity that the mistake is about, where it is about one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// Returns the text with the mistake; `None` for a filter that was not typed.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.0.excerpt.as_ref().map(|place| place.text.as_str())
    }

    /// Returns the range of the bytes of the text that are wrong; empty at the end of a text that
    /// lacks something.
    #[must_use]
    pub fn span(&self) -> Option<Range<usize>> {
        self.0.excerpt.as_ref().map(|place| place.span.clone())
    }

    /// Returns the character of the line at which the mistake begins, from 1.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.0.excerpt.as_ref().map(|place| place.before().chars().count() + 1)
    }

    /// Returns the line of the text in which the mistake is, from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.0.excerpt.as_ref().map(Excerpt::line)
    }

    /// Returns the line of the text with a `^` under the mistake, to be shown in a fixed-width
    /// font; `None` for a filter that was not typed.
    ///
    /// ```text
    /// age > abc
    ///       ^^^
    /// ```
    #[must_use]
    pub fn with_caret(&self) -> Option<String> {
        self.0.excerpt.as_ref().map(Excerpt::with_caret)
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(place), Some(column)) = (&self.0.excerpt, self.column()) {
            if place.text.contains('\n') {
                write!(f, "line {}, ", place.line())?;
            }
            write!(f, "column {column}: ")?;
        }
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for FilterError {}

impl Excerpt {
    /// Returns the part of the line before the mistake.
    fn before(&self) -> &str {
        let before = self.text.get(..self.span.start).unwrap_or(&self.text);
        before.rsplit('\n').next().unwrap_or(before)
    }

    fn line(&self) -> usize {
        self.text.bytes().take(self.span.start).filter(|&byte| byte == b'\n').count() + 1
    }

    fn with_caret(&self) -> String {
        let flat = |character: char| if character.is_control() { ' ' } else { character };
        let before = self.before();
        let wrong = self.text.get(self.span.clone()).unwrap_or_default();
        let wrong = wrong.split('\n').next().unwrap_or(wrong);
        let after = self.text.get(self.span.start + wrong.len()..).unwrap_or_default();
        let after = after.split('\n').next().unwrap_or(after);

        let cut = before.chars().count().saturating_sub(SHOWN_AROUND);
        let mut line = String::from(if cut > 0 { "…" } else { "" });
        line.extend(before.chars().skip(cut).map(flat));
        let indent = line.chars().count();
        line.extend(wrong.chars().chain(after.chars()).take(SHOWN_AROUND).map(flat));
        let carets = wrong.chars().take(SHOWN_AROUND).count().max(1);
        format!("{}\n{}{}", line.trim_end(), " ".repeat(indent), "^".repeat(carets))
    }
}

/// Puts a name or token in quotes, cut to a readable length.
pub(super) fn shown(token: &str) -> String {
    match token.char_indices().nth(SHOWN_OF_A_TOKEN) {
        Some((end, _)) => format!("`{}…`", token.get(..end).unwrap_or_default()),
        None => format!("`{token}`"),
    }
}

/// Returns the name that was most probably meant.
fn nearest<'n>(names: &[&'n str], typed: &str) -> Option<&'n str> {
    if typed.len() > SHOWN_OF_A_TOKEN {
        return None;
    }
    let typed = typed.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &typed);
    let begins_alike =
        |name: &&str| typed.len() > 2 && (name.starts_with(&typed) || typed.starts_with(*name));
    names
        .iter()
        .copied()
        .map(|name| (distance(name), name))
        .filter(|&(distance, name)| distance <= LARGEST_TYPO && distance * 2 <= name.len())
        .min()
        .map(|(_, name)| name)
        .or_else(|| names.iter().copied().find(begins_alike))
}
