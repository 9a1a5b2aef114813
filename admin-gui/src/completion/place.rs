//! What can stand where the cursor stands.
//!
//! The text before the cursor is read as the parser of filters reads it, as far as it goes. Nothing
//! of it is an error here: where it means nothing, nothing is offered.

use std::ops::Range;

use persistence::relation::RelationMeta;
use persistence::{ColumnMeta, ColumnType, EntityMeta};

use super::tokens::{Kind, Token, segments, tokens};
use crate::shown_names::ShownNames;

/// A column with its entity.
#[derive(Clone, Copy, Debug)]
pub struct Of {
    /// The entity.
    pub meta: &'static EntityMeta,
    /// One of its columns.
    pub column: &'static ColumnMeta,
}

impl PartialEq for Of {
    fn eq(&self, other: &Self) -> bool {
        (self.meta.table, self.column.name) == (other.meta.table, other.column.name)
    }
}

impl Eq for Of {}

/// What can stand somewhere.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// A column of an entity, or one of its relations.
    Condition(&'static EntityMeta),
    /// A column by the name that the window shows, of which several words have been typed.
    ShownName(&'static EntityMeta),
    /// A relation of an entity.
    Relation(&'static EntityMeta),
    /// What can be asked of a column.
    Operator(Of),
    /// A value of a column.
    Value(Of),
    /// One of these words.
    Words(&'static [&'static str]),
}

/// Where something can stand.
#[derive(Clone, Debug)]
pub struct Place {
    /// What can stand there.
    pub wanted: Wanted,
    /// What of it has been typed, before the cursor.
    pub typed: String,
    /// What it takes the place of, in bytes.
    pub replaced: Range<usize>,
}

/// Returns what can stand where the cursor stands, in bytes; several places where words may be the
/// name of a column or what follows one.
#[must_use]
pub fn places(
    meta: &'static EntityMeta,
    names: &ShownNames,
    text: &str,
    cursor: usize,
) -> Vec<Place> {
    if !text.is_char_boundary(cursor) {
        return Vec::new();
    }
    let tokens = tokens(text, names);
    // What ends before the cursor has been typed; what the cursor stands in or behind is being typed.
    let is_typed =
        |token: &&Token| token.span.end < cursor || token.span.end == cursor && !is_open(token);
    let count = tokens.iter().take_while(is_typed).count();
    let (typed, rest) = tokens.split_at(count);
    let mut reader = Reader::new(meta, text);
    for (place, token) in typed.iter().enumerate() {
        reader.take(token, tokens.get(place + 1));
    }
    let partial = rest.first().filter(|token| token.span.start < cursor);
    reader.places(partial, cursor)
}

/// Returns whether a token can go on where it ends.
const fn is_open(token: &Token) -> bool {
    match token.kind {
        Kind::Word | Kind::Shown(_) | Kind::PartOfSign => true,
        Kind::Quoted => !token.is_closed,
        Kind::Sign | Kind::Open | Kind::Close | Kind::Comma => false,
    }
}

/// What comes after a value.
#[derive(Clone, Copy, Debug)]
enum After {
    Joiner,
    /// Another one of a list, or its end.
    List,
    /// `and`, and the greater one.
    Low,
}

/// What stands before a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Nothing,
    AnyOrNo,
    All,
    Count,
}

/// What is expected next. Of a column that is not known nothing can be offered.
#[derive(Clone, Copy, Debug)]
enum Expected {
    Condition,
    Relation(Before),
    AfterRelation(&'static RelationMeta, Before),
    Operator(Option<Of>),
    Is,
    IsNot,
    Not(Option<Of>),
    In(Option<Of>),
    Value(Option<Of>, After),
    ListNext(Option<Of>),
    BetweenAnd(Option<Of>),
    LastDays,
    Days,
    Joiner,
    CountWhere,
    CountSign,
}

/// An open parenthesis, or the whole text.
#[derive(Clone, Copy, Debug)]
struct Group {
    meta: &'static EntityMeta,
    /// Whether it is that of `count(`.
    is_count: bool,
}

struct Reader<'t> {
    text: &'t str,
    outermost: Group,
    groups: Vec<Group>,
    expected: Expected,
    /// Where the condition began that is being read.
    begun: Option<usize>,
}

impl<'t> Reader<'t> {
    const fn new(meta: &'static EntityMeta, text: &'t str) -> Self {
        Self {
            text,
            outermost: Group { meta, is_count: false },
            groups: Vec::new(),
            expected: Expected::Condition,
            begun: None,
        }
    }

    fn group(&self) -> Group {
        self.groups.last().copied().unwrap_or(self.outermost)
    }

    fn word(&self, token: &Token) -> &'t str {
        self.text.get(token.span.clone()).unwrap_or_default()
    }

    /// Takes a token that has been typed.
    fn take(&mut self, token: &Token, next: Option<&Token>) {
        let word = match token.kind {
            Kind::Word => self.word(token),
            _ => "",
        };
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        if matches!(self.expected, Expected::Condition) && token.kind != Kind::Open {
            self.begun = Some(token.span.start);
        }
        self.expected = match (self.expected, token.kind) {
            (Expected::Value(of, After::List) | Expected::ListNext(of), Kind::Comma) => {
                Expected::Value(of, After::List)
            }
            (Expected::Value(_, After::List) | Expected::ListNext(_), Kind::Close) => {
                Expected::Joiner
            }
            (_, Kind::Close) => self.close(),
            (Expected::In(of), Kind::Open) => Expected::Value(of, After::List),
            (Expected::AfterRelation(relation, _), Kind::Open) => {
                self.open(relation.target.meta(), false)
            }
            (expected @ Expected::Relation(Before::Count), Kind::Open) => expected,
            (_, Kind::Open) => self.open(self.group().meta, false),
            (Expected::Condition, Kind::Word) => self.condition(word, next),
            (Expected::Condition, Kind::Shown(column)) => {
                Expected::Operator(self.own_column(column))
            }
            (Expected::Relation(before), Kind::Word) => self.relation(word, before),
            (Expected::CountWhere, _) if is("where") => Expected::Condition,
            (Expected::CountSign, Kind::Sign) => Expected::Value(None, After::Joiner),
            (Expected::Operator(of), Kind::Sign) => Expected::Value(of, After::Joiner),
            (Expected::Operator(_) | Expected::AfterRelation(..), _) if is("is") => Expected::Is,
            (Expected::Operator(of), _) if is("not") => Expected::Not(of),
            (Expected::Operator(of) | Expected::Not(of), _) if is("in") => Expected::In(of),
            (Expected::Operator(of) | Expected::Not(of), _) if is("between") => {
                Expected::Value(of, After::Low)
            }
            (Expected::Is, _) if is("not") => Expected::IsNot,
            (Expected::Is | Expected::IsNot, _) if is("null") => Expected::Joiner,
            (Expected::In(_), _) if is("last") => Expected::LastDays,
            (Expected::LastDays, _) => Expected::Days,
            (Expected::Days, _) => Expected::Joiner,
            (Expected::BetweenAnd(of), _) if is("and") => Expected::Value(of, After::Joiner),
            (Expected::Value(of, after), Kind::Word | Kind::Quoted | Kind::Shown(_)) => match after
            {
                After::Joiner => Expected::Joiner,
                After::List => Expected::ListNext(of),
                After::Low => Expected::BetweenAnd(of),
            },
            // Of yes and no nothing need be asked; and what is not known has an end as well.
            (_, Kind::Word) if is("and") || is("or") => Expected::Condition,
            // A time behind its date, a number behind its comma.
            (Expected::Joiner, _) => Expected::Joiner,
            (expected @ (Expected::BetweenAnd(_) | Expected::ListNext(_)), _) => expected,
            _ => Expected::Operator(None),
        };
    }

    fn open(&mut self, meta: &'static EntityMeta, is_count: bool) -> Expected {
        self.groups.push(Group { meta, is_count });
        Expected::Condition
    }

    fn close(&mut self) -> Expected {
        match self.groups.pop() {
            Some(group) if group.is_count => Expected::CountSign,
            _ => Expected::Joiner,
        }
    }

    fn condition(&mut self, word: &str, next: Option<&Token>) -> Expected {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        let next = next.map(|next| next.kind);
        if is("not") || is("and") || is("or") {
            return Expected::Condition;
        }
        if is("true") || is("false") {
            return Expected::Joiner;
        }
        if is("count") && next == Some(Kind::Open) {
            self.open(self.group().meta, true);
            return Expected::Relation(Before::Count);
        }
        let is_quantifier = is("any") || is("all") || is("no");
        if is_quantifier && !matches!(next, Some(Kind::Sign | Kind::Open)) {
            return Expected::Relation(if is("all") { Before::All } else { Before::AnyOrNo });
        }
        let Some((meta, last)) = follow(self.group().meta, word) else {
            return Expected::Operator(None);
        };
        match (column(meta, &last), relation(meta, &last)) {
            (_, Some(relation)) if next == Some(Kind::Open) => {
                Expected::AfterRelation(relation, Before::Nothing)
            }
            (Some(column), _) => Expected::Operator(Some(Of { meta, column })),
            (None, Some(relation)) => Expected::AfterRelation(relation, Before::Nothing),
            (None, None) => Expected::Operator(None),
        }
    }

    fn relation(&mut self, word: &str, before: Before) -> Expected {
        let group = self.group();
        let found = follow(group.meta, word).and_then(|(meta, last)| relation(meta, &last));
        let Some(found) = found else { return Expected::Operator(None) };
        match (before, self.groups.last_mut()) {
            (Before::Count, Some(group)) => {
                group.meta = found.target.meta();
                Expected::CountWhere
            }
            _ => Expected::AfterRelation(found, before),
        }
    }

    /// Returns a column of the entity whose rows are filtered.
    fn own_column(&self, name: &str) -> Option<Of> {
        let meta = self.outermost.meta;
        Some(Of { meta, column: column(meta, name)? })
    }

    /// Returns what can stand at the cursor, where perhaps something is being typed.
    fn places(&self, partial: Option<&Token>, cursor: usize) -> Vec<Place> {
        let mut places = Vec::new();
        places.extend(self.shown_name(partial, cursor));
        let wanted = match self.expected {
            Expected::Condition => return self.names(partial, cursor, Wanted::Condition),
            Expected::Relation(_) => {
                return self.names(partial, cursor, Wanted::Relation);
            }
            Expected::Operator(Some(of)) => Wanted::Operator(of),
            Expected::Value(Some(of), _) => Wanted::Value(of),
            Expected::AfterRelation(_, Before::AnyOrNo) if self.groups.is_empty() => {
                Wanted::Words(&["(", "and", "or"])
            }
            Expected::AfterRelation(_, Before::AnyOrNo) => Wanted::Words(&["(", "and", "or", ")"]),
            Expected::AfterRelation(relation, Before::Nothing) if relation.is_to_one() => {
                Wanted::Words(&["(", "is null", "is not null"])
            }
            Expected::Is => Wanted::Words(&["null", "not null"]),
            Expected::IsNot => Wanted::Words(&["null"]),
            Expected::Not(_) => Wanted::Words(&["in (", "between"]),
            Expected::In(Some(of)) if has_days(of) => Wanted::Words(&["(", "last"]),
            Expected::In(_) | Expected::AfterRelation(..) => Wanted::Words(&["("]),
            Expected::ListNext(_) => Wanted::Words(&[")"]),
            Expected::BetweenAnd(_) => Wanted::Words(&["and"]),
            Expected::Days => Wanted::Words(&["days"]),
            Expected::Joiner if self.groups.is_empty() => Wanted::Words(&["and", "or"]),
            Expected::Joiner => Wanted::Words(&["and", "or", ")"]),
            Expected::CountWhere => Wanted::Words(&["where", ")"]),
            Expected::CountSign => Wanted::Words(&["=", "!=", "<", "<=", ">", ">="]),
            Expected::Operator(None) | Expected::Value(None, _) | Expected::LastDays => {
                return places;
            }
        };
        let Some(partial) = partial else {
            places.push(Place { wanted, typed: String::new(), replaced: cursor..cursor });
            return places;
        };
        let is_value = matches!(wanted, Wanted::Value(_));
        if partial.kind == Kind::Quoted && !is_value {
            return places;
        }
        let typed = self.text.get(partial.span.start..cursor).unwrap_or_default();
        let typed = match partial.kind {
            Kind::Quoted => unquoted(typed),
            _ => typed.to_owned(),
        };
        // What is not closed yet goes on to the end of the text: of that only what has been typed.
        let end = if partial.is_closed { partial.span.end } else { cursor };
        places.push(Place { wanted, typed, replaced: partial.span.start..end });
        places
    }

    /// Returns the last of the names that dots join.
    fn names(
        &self,
        partial: Option<&Token>,
        cursor: usize,
        wanted: fn(&'static EntityMeta) -> Wanted,
    ) -> Vec<Place> {
        let meta = self.group().meta;
        let whole = |typed: &str, replaced| {
            vec![Place { wanted: wanted(meta), typed: typed.to_owned(), replaced }]
        };
        let Some(partial) = partial else { return whole("", cursor..cursor) };
        let before = self.text.get(partial.span.start..cursor).unwrap_or_default();
        match partial.kind {
            Kind::Shown(_) => whole(before, partial.span.clone()),
            Kind::Word => {
                let mut names = segments(before);
                let Some((typed, place)) = names.pop() else { return Vec::new() };
                let mut meta = meta;
                for (name, _) in names {
                    let Some(relation) = relation(meta, &name) else { return Vec::new() };
                    meta = relation.target.meta();
                }
                let start = partial.span.start + place.start;
                let end = if partial.is_closed { partial.span.end } else { cursor };
                vec![Place { wanted: wanted(meta), typed, replaced: start..end.max(start) }]
            }
            _ => Vec::new(),
        }
    }

    /// Returns the place of a shown name of which several words have been typed: `Date of b`.
    fn shown_name(&self, partial: Option<&Token>, cursor: usize) -> Option<Place> {
        if !matches!(self.expected, Expected::Operator(_)) {
            return None;
        }
        let (start, partial) = (self.begun?, partial?);
        let typed = self.text.get(start..cursor)?.to_owned();
        let wanted = Wanted::ShownName(self.outermost.meta);
        Some(Place { wanted, typed, replaced: start..partial.span.end })
    }
}

/// Returns whether it can be asked of a column whether its value is of the last days.
const fn has_days(of: Of) -> bool {
    matches!(of.column.column_type, ColumnType::Date | ColumnType::Timestamp)
}

/// Follows the relations in names that dots join; returns the entity at their end, and the last name.
fn follow(mut meta: &'static EntityMeta, word: &str) -> Option<(&'static EntityMeta, String)> {
    let mut names: Vec<_> = segments(word).into_iter().map(|(name, _)| name).collect();
    let last = names.pop()?;
    for name in names {
        meta = relation(meta, &name)?.target.meta();
    }
    Some((meta, last))
}

fn column(meta: &'static EntityMeta, name: &str) -> Option<&'static ColumnMeta> {
    let whatever_the_case = || meta.columns.iter().find(|own| own.name.eq_ignore_ascii_case(name));
    meta.column(name).or_else(whatever_the_case)
}

fn relation(meta: &'static EntityMeta, name: &str) -> Option<&'static RelationMeta> {
    let whatever_the_case =
        || meta.relations.iter().find(|own| own.name.eq_ignore_ascii_case(name));
    meta.relation(name).or_else(whatever_the_case)
}

/// Returns what stands in quotes, as far as it has been typed.
fn unquoted(typed: &str) -> String {
    let mut characters = typed.chars();
    let quote = characters.next().unwrap_or('"');
    let mut text = String::new();
    while let Some(character) = characters.next() {
        if character == '\\' {
            text.extend(characters.next());
        } else if character == quote {
            // Doubled, or the end.
            text.extend(characters.next());
        } else {
            text.push(character);
        }
    }
    text
}
