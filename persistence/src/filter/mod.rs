//! The filter as data: built in code, typed by people, stored, run as SQL, evaluated in memory.

mod casefold;
mod error;
mod evaluate;
mod lexer;
mod long_list;
mod parse;
mod prepared;
mod print;
mod recent;
mod related;
#[cfg(test)]
pub(crate) mod samples;
mod stored;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

pub use casefold::{FoldedPattern, fold_case};
pub use error::FilterError;
pub(crate) use long_list::is_long;
pub(crate) use prepared::{Binds, Prepared};
pub use related::RelatedRows;

use crate::column_type::ValueError;
use crate::entity::{ColumnMeta, Entity, EntityMeta, Storage};
use crate::relation::RelationMeta;
use crate::scalar::Scalar as _;
use crate::value::{Record, Value};

/// Which rows: conditions on columns, joined by and, or, not.
///
/// Follows SQL's logic of three values: a comparison with NULL is neither true nor false, and
/// only rows for which the whole filter is true are found.
///
/// The text form, which [`Filter::parse`] reads and `Display` writes:
///
/// | text | finds |
/// |---|---|
/// | `age > 25`, `=`, `!=`, `<`, `<=`, `>=` | comparisons |
/// | `name ~ "мар"` | contains, whatever the case |
/// | `name !~ "мар"` | does not contain |
/// | `name ^= "The"`, `name $= "ed"` | starts with, ends with, whatever the case |
/// | `age between 18 and 30` | both ends included |
/// | `age in (18, 19)`, `age not in (18, 19)` | one of, none of |
/// | `isbn is null`, `isbn is not null` | NULL |
/// | `created_at in last 7 days` | seven days ago, today, or a day between (UTC) |
/// | `in_print`, `not in_print` | a column of true and false by itself |
/// | `a and b`, `a or b`, `not a`, `( … )` | `and` binds closer than `or` |
/// | `true`, `false` | every row, no row |
/// | `author.name ~ "Lem"`, `author.country.name = x` | has a related row for which the rest is true |
/// | `author (name ~ "Lem" and born_on < 1950-01-01)` | the same, with several conditions on one row |
/// | `any books`, `no books`, `no books (in_print)` | has related rows, has none, has none for which it is true |
/// | `all books (price > 10)` | has no related row for which it is false |
/// | `count(books) >= 3`, `count(books where in_print) = 0` | has so many |
///
/// A path leads through relations to a column; through a relation to many rows it means: any of
/// them (`books.price > 10` is `any books (price > 10)`). Whether there is such a row is always
/// true or false, never unknown: `author.name != "Lem"` finds books that have an author of another
/// name, `not author.name = "Lem"` those without an author as well.
///
/// Text stands in double or single quotes (`\\`, `\"`, `\'`, `\n`, `\t`, `\u{…}` escape), or
/// without where it is one word; a column whose name is no plain word stands in backticks. Names
/// and keywords may be written in any case.
///
/// ```
/// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text, age -> Nullable<Integer> } } }
/// # use persistence::{Entity, Filter};
/// # #[derive(Clone, Debug, PartialEq, Entity)]
/// # #[entity(table = schema::users)]
/// # struct User { #[entity(key, generated)] id: i64, name: String, age: Option<i32> }
/// let built = User::AGE.gt(25).and(User::NAME.contains("a")).into_filter();
/// let typed = Filter::parse(User::meta(), r#"age > 25 AND name ~ "a""#)?;
/// assert_eq!(typed, built);
/// assert_eq!(built.to_string(), r#"age > 25 and name ~ "a""#);
///
/// let ada = User { id: 1, name: "Ada".into(), age: Some(36) };
/// assert!(built.matches(User::meta(), &ada.to_record()));
/// # Ok::<(), persistence::FilterError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Filter {
    /// Every row.
    #[default]
    All,
    /// Rows for which all are true; every row where there are none.
    And(Vec<Filter>),
    /// Rows for which at least one is true; no row where there are none.
    Or(Vec<Filter>),
    /// Rows for which it is false (not: unknown).
    Not(Box<Filter>),
    /// A comparison with a value that is not NULL.
    Compare {
        /// The column's name.
        column: Cow<'static, str>,
        /// How to compare.
        operator: Comparison,
        /// The value to compare with.
        value: Value,
    },
    /// A search in text, whatever the case of either.
    Text {
        /// The column's name.
        column: Cow<'static, str>,
        /// Where to look.
        operator: TextMatch,
        /// The text to look for.
        pattern: String,
    },
    /// One of the values.
    In {
        /// The column's name.
        column: Cow<'static, str>,
        /// The values; none finds no row.
        values: Vec<Value>,
    },
    /// NULL.
    IsNull {
        /// The column's name.
        column: Cow<'static, str>,
    },
    /// A day of the last so many before today, or today (UTC). Which days these are is decided
    /// whenever the filter is [resolved](Filter::resolve).
    InLastDays {
        /// The name of a column of dates or timestamps.
        column: Cow<'static, str>,
        /// How many days.
        days: u32,
    },
    /// A related row for which the filter is true; false where there is none.
    Related {
        /// The relation's name.
        relation: Cow<'static, str>,
        /// Which related rows, by the related entity's columns and relations.
        filter: Box<Filter>,
    },
    /// A comparison of the number of related rows for which the filter is true.
    RelatedCount {
        /// The relation's name.
        relation: Cow<'static, str>,
        /// Which related rows are counted.
        filter: Box<Filter>,
        /// How to compare.
        operator: Comparison,
        /// The number to compare with.
        count: u64,
    },
}

/// How to compare two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Equal,
        Self::NotEqual,
        Self::Less,
        Self::LessOrEqual,
        Self::Greater,
        Self::GreaterOrEqual,
    ];

    /// Returns the sign in a filter's text.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Returns whether the comparison holds for two values in that order.
    #[must_use]
    pub const fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// Where to look for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextMatch {
    /// Anywhere.
    Contains,
    /// At the start.
    StartsWith,
    /// At the end.
    EndsWith,
}

impl TextMatch {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Contains, Self::StartsWith, Self::EndsWith];

    /// Returns the sign in a filter's text.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Contains => "~",
            Self::StartsWith => "^=",
            Self::EndsWith => "$=",
        }
    }
}

/// Returns what names the rows that rows of an entity belong to, where that is text: the relation
/// and the other entity's column.
fn searched_labels(
    meta: &EntityMeta,
) -> impl Iterator<Item = (&'static str, &'static ColumnMeta)> + '_ {
    meta.relations.iter().filter_map(|relation| {
        let target = relation.target.meta();
        let label = target.columns.get(target.label)?;
        let is_seen = matches!(relation.kind, crate::relation::RelationKind::BelongsTo { .. });
        (is_seen && label.column_type.is_text()).then_some((relation.name, label))
    })
}

impl Filter {
    /// Makes a comparison.
    #[must_use]
    pub fn compare(
        column: impl Into<Cow<'static, str>>,
        operator: Comparison,
        value: impl Into<Value>,
    ) -> Self {
        Self::Compare { column: column.into(), operator, value: value.into() }
    }

    /// Makes a filter for rows whose column has that value; NULL finds NULL.
    #[must_use]
    pub fn equals(column: impl Into<Cow<'static, str>>, value: Value) -> Self {
        let column = column.into();
        if value.is_null() {
            Self::IsNull { column }
        } else {
            Self::Compare { column, operator: Comparison::Equal, value }
        }
    }

    /// Makes a filter for the row with that primary key; of a part that is NULL, for the rows that
    /// have none.
    #[must_use]
    pub fn key(meta: &EntityMeta, key: &crate::value::RecordKey) -> Self {
        meta.key_columns().zip(&key.0).fold(Self::All, |filter, (column, value)| {
            filter.and(if value.is_null() {
                Self::IsNull { column: column.name.into() }
            } else {
                Self::compare(column.name, Comparison::Equal, value.clone())
            })
        })
    }

    /// Makes a filter for a row by its primary key, also where it is marked as deleted.
    pub(crate) fn row(meta: &EntityMeta, row: &Record) -> Self {
        let filter = Self::key(meta, &meta.key_of(row));
        let mark = meta.deleted().filter(|mark| !row.value(*mark).is_null());
        match mark.and_then(|mark| meta.columns.get(mark)) {
            Some(mark) => filter.and(Self::IsNull { column: mark.name.into() }.not()),
            None => filter,
        }
    }

    /// Makes a filter for the rows with these primary keys.
    #[must_use]
    pub fn keys<'k>(
        meta: &EntityMeta,
        keys: impl IntoIterator<Item = &'k crate::value::RecordKey>,
    ) -> Self {
        let keys = keys.into_iter();
        match meta.key_columns().next().filter(|_| meta.key.len() == 1) {
            Some(column) => {
                let values = keys.filter_map(|key| key.0.first().cloned()).collect();
                Self::In { column: column.name.into(), values }
            }
            None => Self::Or(keys.map(|key| Self::key(meta, key)).collect()),
        }
    }

    /// Makes a filter for rows that contain the text where a person sees them: in a searched
    /// column, or in the label of a row they belong to. It finds every row where the text is empty,
    /// no row where the entity has nothing to [look into](Self::has_quick_search).
    #[must_use]
    pub fn quick_search(meta: &EntityMeta, text: &str) -> Self {
        Self::quick_search_in(meta, text, |_, _| true)
    }

    /// Makes that filter, of columns that may be searched.
    pub(crate) fn quick_search_in(
        meta: &EntityMeta,
        text: &str,
        is_permitted: impl Fn(&EntityMeta, &ColumnMeta) -> bool,
    ) -> Self {
        if text.is_empty() {
            return Self::All;
        }
        let contains = |column: &'static ColumnMeta| Self::Text {
            column: column.name.into(),
            operator: TextMatch::Contains,
            pattern: text.to_owned(),
        };
        let own = meta.columns.iter().filter(|column| column.is_searched);
        let own = own.filter(|column| is_permitted(meta, column)).map(contains);
        let labels = searched_labels(meta).filter(|(relation, label)| {
            let target = meta.relation(relation).map(|relation| relation.target.meta());
            target.is_some_and(|target| is_permitted(target, label))
        });
        let labels = labels.map(|(relation, label)| Self::related(relation, contains(label)));
        Self::Or(own.chain(labels).collect())
    }

    /// Returns whether [quick search](Self::quick_search) has anything to look into.
    #[must_use]
    pub fn has_quick_search(meta: &EntityMeta) -> bool {
        meta.columns.iter().any(|column| column.is_searched)
            || searched_labels(meta).next().is_some()
    }

    /// Makes a filter for rows that have a related row for which the filter, of the related entity,
    /// is true.
    #[must_use]
    pub fn related(relation: impl Into<Cow<'static, str>>, filter: Self) -> Self {
        Self::Related { relation: relation.into(), filter: Box::new(filter) }
    }

    /// Joins two filters, both of which must be true.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, filter) | (filter, Self::All) => filter,
            (Self::And(mut all), Self::And(more)) => {
                all.extend(more);
                Self::And(all)
            }
            (Self::And(mut all), one) => {
                all.push(one);
                Self::And(all)
            }
            (one, Self::And(mut all)) => {
                all.insert(0, one);
                Self::And(all)
            }
            (one, other) => Self::And(vec![one, other]),
        }
    }

    /// Joins two filters, at least one of which must be true.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Or(mut any), Self::Or(more)) => {
                any.extend(more);
                Self::Or(any)
            }
            (Self::Or(mut any), one) => {
                any.push(one);
                Self::Or(any)
            }
            (one, Self::Or(mut any)) => {
                any.insert(0, one);
                Self::Or(any)
            }
            (one, other) => Self::Or(vec![one, other]),
        }
    }

    /// Negates the filter: it must be false.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "`a.not()` reads as the other two do")]
    pub fn not(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            filter => Self::Not(Box::new(filter)),
        }
    }

    /// Returns the same filter with every value turned into its column's type, and without rows
    /// that are only [marked as deleted](crate::entity::Fill::Deleted), unless it asks for that
    /// column; every repository does this with a filter before it is used.
    ///
    /// # Errors
    /// [`FilterError`] when the entity has no such column or relation, a value is of another type,
    /// or the operator makes no sense for the column's type.
    pub fn resolve(self, meta: &EntityMeta) -> Result<Self, FilterError> {
        self.resolve_within(meta, 0)
    }

    /// Does what [`resolve`](Self::resolve) does, inside so many relations.
    fn resolve_within(self, meta: &EntityMeta, relations: usize) -> Result<Self, FilterError> {
        Ok(self.resolve_parts(meta, relations)?.without_deleted(meta))
    }

    /// Returns the same filter, by which also rows are found that are only
    /// [marked as deleted](crate::entity::Fill::Deleted).
    #[must_use]
    pub fn with_deleted(self, meta: &EntityMeta) -> Self {
        let deleted = meta.deleted().and_then(|position| meta.columns.get(position));
        match deleted {
            Some(column) if !self.mentions(column.name) => {
                let is_seen = || Self::IsNull { column: column.name.into() };
                self.and(is_seen().or(is_seen().not()))
            }
            _ => self,
        }
    }

    /// Returns the same filter without rows that are only marked as deleted, unless it asks for them.
    fn without_deleted(self, meta: &EntityMeta) -> Self {
        let deleted = meta.deleted().and_then(|position| meta.columns.get(position));
        match deleted {
            Some(column) if !self.mentions(column.name) => {
                self.and(Self::IsNull { column: column.name.into() })
            }
            _ => self,
        }
    }

    /// Returns whether a column of the entity itself is asked for.
    #[must_use]
    pub fn mentions(&self, name: &str) -> bool {
        match self {
            Self::All | Self::Related { .. } | Self::RelatedCount { .. } => false,
            Self::And(filters) | Self::Or(filters) => {
                filters.iter().any(|filter| filter.mentions(name))
            }
            Self::Not(filter) => filter.mentions(name),
            Self::Compare { column, .. }
            | Self::Text { column, .. }
            | Self::In { column, .. }
            | Self::InLastDays { column, .. }
            | Self::IsNull { column } => column == name,
        }
    }

    fn resolve_parts(self, meta: &EntityMeta, relations: usize) -> Result<Self, FilterError> {
        let all = |filters: Vec<Self>| {
            filters
                .into_iter()
                .map(|filter| filter.resolve_parts(meta, relations))
                .collect::<Result<Vec<_>, _>>()
        };
        let related = |name: &str, filter: Self| {
            if relations == MAX_RELATIONS {
                return Err(FilterError::too_many_relations());
            }
            let relation = known_relation(meta, name)?;
            let filter = filter.resolve_within(relation.target.meta(), relations + 1)?;
            Ok((relation.name.into(), Box::new(filter)))
        };
        Ok(match self {
            Self::All => Self::All,
            Self::And(filters) => Self::And(all(filters)?),
            Self::Or(filters) => Self::Or(all(filters)?),
            Self::Not(filter) => Self::Not(Box::new(filter.resolve_parts(meta, relations)?)),
            Self::Compare { column, operator, value } => {
                let meta = known(meta, &column)?;
                let value = comparable(meta, value)?;
                Self::Compare { column: meta.name.into(), operator, value }
            }
            Self::In { column, values } => {
                let meta = known(meta, &column)?;
                let values = values.into_iter().map(|value| comparable(meta, value));
                Self::In { column: meta.name.into(), values: values.collect::<Result<_, _>>()? }
            }
            Self::Text { column, operator, pattern } => {
                let meta = known(meta, &column)?;
                if !meta.column_type.is_text() {
                    return Err(FilterError::not_text(meta.name, operator));
                }
                Self::Text { column: meta.name.into(), operator, pattern }
            }
            Self::IsNull { column } => Self::IsNull { column: known(meta, &column)?.name.into() },
            Self::InLastDays { column, days } => {
                let meta = known(meta, &column)?;
                recent::within(meta.name, meta.column_type, days, recent::today())
                    .ok_or_else(|| FilterError::no_date(meta.name))?
            }
            Self::Related { relation, filter } => {
                let (relation, filter) = related(&relation, *filter)?;
                Self::Related { relation, filter }
            }
            Self::RelatedCount { relation, filter, operator, count } => {
                let (relation, filter) = related(&relation, *filter)?;
                Self::RelatedCount { relation, filter, operator, count }
            }
        })
    }

    /// Returns whether it takes rows of other entities, or other rows of its own, to evaluate the
    /// filter.
    #[must_use]
    pub fn needs_relations(&self) -> bool {
        match self {
            Self::And(filters) | Self::Or(filters) => filters.iter().any(Self::needs_relations),
            Self::Not(filter) => filter.needs_relations(),
            Self::Related { .. } | Self::RelatedCount { .. } => true,
            Self::All
            | Self::Compare { .. }
            | Self::Text { .. }
            | Self::In { .. }
            | Self::InLastDays { .. }
            | Self::IsNull { .. } => false,
        }
    }

    /// Returns whether only the database can say which rows the filter finds: which are related,
    /// and which texts are the same by a column's collation.
    pub(crate) fn is_up_to_database(&self, meta: &EntityMeta) -> bool {
        let is_text = |column: &str| meta.column(column).is_none_or(|it| it.column_type.is_text());
        match self {
            Self::And(filters) | Self::Or(filters) => {
                filters.iter().any(|filter| filter.is_up_to_database(meta))
            }
            Self::Not(filter) => filter.is_up_to_database(meta),
            Self::Related { .. } | Self::RelatedCount { .. } => true,
            Self::Compare { column, .. } | Self::In { column, .. } => is_text(column),
            Self::All | Self::Text { .. } | Self::InLastDays { .. } | Self::IsNull { .. } => false,
        }
    }
}

/// Relations inside each other that every engine can take.
const MAX_RELATIONS: usize = 20;

pub(crate) fn known(meta: &EntityMeta, column: &str) -> Result<&'static ColumnMeta, FilterError> {
    let whatever_the_case =
        || meta.columns.iter().find(|candidate| candidate.name.eq_ignore_ascii_case(column));
    meta.column(column)
        .or_else(whatever_the_case)
        .ok_or_else(|| FilterError::unknown_column(meta, column))
}

pub(crate) fn known_relation(
    meta: &EntityMeta,
    name: &str,
) -> Result<&'static RelationMeta, FilterError> {
    let whatever_the_case =
        || meta.relations.iter().find(|candidate| candidate.name.eq_ignore_ascii_case(name));
    meta.relation(name)
        .or_else(whatever_the_case)
        .ok_or_else(|| FilterError::unknown_relation(meta, name))
}

fn comparable(column: &ColumnMeta, value: Value) -> Result<Value, FilterError> {
    if value.is_null() {
        return Err(FilterError::null_comparison(column.name));
    }
    if value.as_raw().is_some() {
        // Compared as the database does it.
        return Ok(value);
    }
    if column.column_type == crate::column_type::ColumnType::Json {
        return Err(FilterError::not_comparable(column.name));
    }
    let value = if column.storage == Storage::Float {
        // As the engine will: 0.1 in single precision is not the 0.1 of double precision.
        f32::from_value(value).map(|single| single.to_value())
    } else {
        column.column_type.coerce(value).and_then(|value| column.keeps(value))
    };
    value.map_err(|error: ValueError| FilterError::wrong_value(column.name, &error))
}

/// A [`Filter`] whose columns the compiler has checked to be those of `E`.
///
/// Fits wherever Diesel takes a condition: `users::table.filter(User::AGE.gt(25))`.
pub struct Predicate<E> {
    filter: Prepared,
    /// The filter with values as they are stored, where that differs.
    stored: Option<Box<Prepared>>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Predicate<E> {
    pub(crate) fn new(filter: Filter) -> Self {
        let stored = filter.clone().into_stored(E::meta());
        let stored = (stored != filter).then(|| Box::new(Prepared::new(stored)));
        Self { filter: Prepared::new(filter), stored, entity: PhantomData }
    }

    /// Makes the filter of a row's primary key.
    #[must_use]
    pub fn key(key: &E::Key) -> Self {
        use crate::scalar::PrimaryKey as _;
        Self::new(Filter::key(E::meta(), &key.to_record_key()))
    }

    /// Joins two conditions, both of which must be true.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::new(self.filter.into_filter().and(other.into()))
    }

    /// Joins two conditions, at least one of which must be true.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::new(self.filter.into_filter().or(other.into()))
    }

    /// Negates the condition: it must be false.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "`a.not()` reads as the other two do")]
    pub fn not(self) -> Self {
        Self::new(self.filter.into_filter().not())
    }

    /// Returns the filter as [`Repository::count`](crate::Repository::count) and its kin take it.
    #[must_use]
    pub fn into_filter(self) -> Filter {
        self.into()
    }

    /// Returns the filter as it is sent.
    pub(crate) fn prepared(&self) -> &Prepared {
        self.stored.as_deref().unwrap_or(&self.filter)
    }

    /// Returns the filter as data.
    #[must_use]
    pub const fn as_filter(&self) -> &Filter {
        self.filter.filter()
    }
}

impl<E> Clone for Predicate<E> {
    fn clone(&self) -> Self {
        Self { filter: self.filter.clone(), stored: self.stored.clone(), entity: PhantomData }
    }
}

impl<E> std::fmt::Debug for Predicate<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.filter.filter().fmt(f)
    }
}

impl<E> std::fmt::Display for Predicate<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self.filter.filter(), f)
    }
}

impl<E> From<Predicate<E>> for Filter {
    fn from(predicate: Predicate<E>) -> Self {
        predicate.filter.into_filter()
    }
}
