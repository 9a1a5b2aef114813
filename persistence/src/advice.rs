//! What would make queries faster.

use crate::backend::{EngineKind, Index};
use crate::column_type::ColumnType;
use crate::entity::EntityMeta;
use crate::filter::{Comparison, Filter};
use crate::order::{Direction, OrderTerm};
use crate::query::Query;

/// An index that would find or sort the rows of a query; see [`missing_index`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SuggestedIndex {
    /// A name that no index of the table has.
    pub name: String,
    /// The table.
    pub table: &'static str,
    /// Its columns, and which way each sorts.
    pub columns: Vec<OrderTerm>,
    /// What there is no index for so far.
    pub lack: Lack,
    /// The columns that take NULL, save the first: PostgreSQL has to be told where these sort.
    nullable: Vec<&'static str>,
}

/// What of a query has no index behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lack {
    /// No index begins with a column that the filter compares: all rows are looked at.
    Filter,
    /// No index has the rows in order: all that are found are sorted.
    Order,
    /// Neither has one.
    Both,
}

impl SuggestedIndex {
    /// Returns the statement that makes the index.
    ///
    /// MySQL and MariaDB refuse it for columns of type `TEXT` and `BLOB`.
    #[must_use]
    pub fn sql(&self, engine: EngineKind) -> String {
        let column = |term: &OrderTerm| {
            let mut text = quoted(&term.column, engine);
            let is_nullable =
                engine == EngineKind::Postgres && self.nullable.contains(&term.column.as_ref());
            text.push_str(match (term.direction, is_nullable) {
                (Direction::Ascending, false) => "",
                (Direction::Ascending, true) => " NULLS FIRST",
                (Direction::Descending, false) => " DESC",
                (Direction::Descending, true) => " DESC NULLS LAST",
            });
            text
        };
        let columns: Vec<_> = self.columns.iter().map(column).collect();
        let (mut name, mut table) = (quoted(&self.name, engine), quoted(self.table, engine));
        if let Some((schema, local)) = self.table.split_once('.') {
            let schema = quoted(schema, engine);
            table = quoted(local, engine);
            // SQLite says with the index where both are.
            let place = if engine == EngineKind::Sqlite { &mut name } else { &mut table };
            *place = format!("{schema}.{place}");
        }
        format!("CREATE INDEX {} ON {} ({})", name, table, columns.join(", "))
    }
}

fn quoted(name: &str, engine: EngineKind) -> String {
    match engine {
        EngineKind::Mysql => format!("`{}`", name.replace('`', "``")),
        EngineKind::Sqlite | EngineKind::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// Returns the index that a query lacks: for its filter, where no index begins with a column that
/// it compares; for its order, where none has the rows in it. `None` where nothing is lacking, or
/// where no index would help: a search within text, `or`, a condition on related rows.
///
/// First come the columns that the filter binds to one value, then those of the order, the primary
/// key last where the engine does not add it by itself. `indexes` are those of the entity's table:
/// [`Browse::indexes`](crate::Browse::indexes).
///
/// Looks at the query and the indexes alone. Whether the rows are so many that it matters, the time
/// that a page takes says, and its [plan](crate::Browse::explain).
///
/// ```
/// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text, age -> Nullable<Integer> } } }
/// # use persistence::{Browse, Entity, Memory, Query};
/// # #[derive(Clone, Debug, PartialEq, Entity)]
/// # #[entity(table = schema::users)]
/// # struct User { #[entity(key, generated)] id: i64, name: String, age: Option<i32> }
/// use persistence::advice::missing_index;
/// use persistence::backend::EngineKind;
///
/// # let mut users = Memory::new().with::<User>();
/// let indexes = Browse::<User>::indexes(&mut users)?;
/// let by_name = Query::<User>::parse("age = 30", "-name")?.erase();
/// let suggested = missing_index(User::meta(), &by_name, &indexes).expect("there is none");
/// assert_eq!(
///     suggested.sql(EngineKind::Sqlite),
///     r#"CREATE INDEX "users_age_name_index" ON "users" ("age", "name")"#
/// );
/// assert_eq!(missing_index(User::meta(), &Query::new(), &indexes), None);
/// # Ok::<(), persistence::Error>(())
/// ```
#[must_use]
pub fn missing_index(
    meta: &EntityMeta,
    query: &Query,
    indexes: &[Index],
) -> Option<SuggestedIndex> {
    // A query that does not fit is refused by whoever runs it.
    let query = query.resolve(meta).ok()?;
    let mut bounds = Bounds::default();
    bounds.collect(&query.filter);
    let is_bound = |column: &str| bounds.equal.iter().any(|equal| equal == column);
    let finds_one = |index: &Index| {
        let is_equal = |column: &String| bounds.compared_equal.contains(column);
        index.is_unique && !index.columns.is_empty() && index.columns.iter().all(is_equal)
    };
    if indexes.iter().any(finds_one) {
        return None;
    }
    let terms: Vec<&OrderTerm> =
        query.order.0.iter().filter(|term| !is_bound(&term.column)).collect();

    let begins = |index: &Index| {
        index.columns.first().is_some_and(|first| is_bound(first) || bounds.ranges.contains(first))
    };
    let has_bounds = !(bounds.equal.is_empty() && bounds.ranges.is_empty());
    let lacks_filter = has_bounds && !indexes.iter().any(begins);
    let lacks_order = !indexes.iter().any(|index| has_order(meta, index, &is_bound, &terms));
    let lack = match (lacks_filter, lacks_order) {
        (false, false) => return None,
        (true, false) => Lack::Filter,
        (false, true) => Lack::Order,
        (true, true) => Lack::Both,
    };

    let ascending = |column: &String| OrderTerm {
        column: column.clone().into(),
        direction: Direction::Ascending,
    };
    let mut columns: Vec<OrderTerm> = bounds.equal.iter().map(ascending).collect();
    if columns.is_empty() && lack == Lack::Filter {
        columns.extend(bounds.ranges.first().map(ascending));
    } else {
        let adds_key = indexes.iter().any(|index| index.is_primary && index.ends_in_key);
        let wanted = if adds_key { without_key(meta, &terms) } else { &terms };
        columns.extend(wanted.iter().map(|term| (*term).clone()));
    }
    let cannot_be_sorted = |term: &OrderTerm| {
        let column = meta.column(&term.column);
        column
            .is_none_or(|column| matches!(column.column_type, ColumnType::Json | ColumnType::Bytes))
    };
    if columns.is_empty() || columns.iter().any(cannot_be_sorted) {
        return None;
    }
    // An index is read either way: it begins upwards.
    let sorted = bounds.equal.len().min(columns.len());
    if columns.iter().skip(sorted).all(|term| term.direction == Direction::Descending) {
        for term in &mut columns {
            term.direction = Direction::Ascending;
        }
    }
    let nullable = meta.columns.iter().filter(|column| column.is_nullable);
    let nullable = nullable
        .map(|column| column.name)
        .filter(|name| columns.iter().skip(sorted.max(1)).any(|term| term.column == *name));
    Some(SuggestedIndex {
        name: free_name(meta, &columns, indexes),
        table: meta.table,
        nullable: nullable.collect(),
        columns,
        lack,
    })
}

/// What a filter says of single columns, in all rows that it finds.
#[derive(Default)]
struct Bounds {
    /// Columns in which these rows are alike, NULL included.
    equal: Vec<String>,
    /// Those of them that are compared with a value.
    compared_equal: Vec<String>,
    /// Columns whose values lie in a range or a list.
    ranges: Vec<String>,
}

impl Bounds {
    fn collect(&mut self, filter: &Filter) {
        let add = |to: &mut Vec<String>, column: &str| {
            if !to.iter().any(|known| known == column) {
                to.push(column.to_owned());
            }
        };
        match filter {
            Filter::And(filters) => filters.iter().for_each(|filter| self.collect(filter)),
            Filter::Compare { column, operator: Comparison::Equal, .. } => {
                add(&mut self.equal, column);
                add(&mut self.compared_equal, column);
            }
            Filter::IsNull { column } => add(&mut self.equal, column),
            Filter::Compare { column, operator, .. } if *operator != Comparison::NotEqual => {
                add(&mut self.ranges, column);
            }
            Filter::In { column, .. } | Filter::InLastDays { column, .. } => {
                add(&mut self.ranges, column);
            }
            Filter::All
            | Filter::Compare { .. }
            | Filter::Or(_)
            | Filter::Not(_)
            | Filter::Text { .. }
            | Filter::Related { .. }
            | Filter::RelatedCount { .. } => {}
        }
    }
}

/// Returns whether an index has rows in an order, among rows that are alike in the columns that are
/// bound.
fn has_order(
    meta: &EntityMeta,
    index: &Index,
    is_bound: &impl Fn(&str) -> bool,
    terms: &[&OrderTerm],
) -> bool {
    let mut left = terms;
    let mut is_reversed = None;
    for (column, direction) in index.columns.iter().zip(&index.directions) {
        let Some((term, rest)) = left.split_first() else { return true };
        if term.column == *column {
            let reversed = term.direction != *direction;
            if *is_reversed.get_or_insert(reversed) != reversed {
                return false;
            }
            left = rest;
        } else if !is_bound(column) {
            return false;
        }
    }
    let is_null = |column: &String| {
        meta.column(column).is_none_or(|column| column.is_nullable) && !is_bound(column)
    };
    left.is_empty()
        || index.is_unique && !index.columns.iter().any(is_null)
        || index.ends_in_key && ends_in_key(meta, left, is_reversed)
}

/// Returns whether these terms are the primary key's columns, which are not yet sorted by, in one
/// direction.
fn ends_in_key(meta: &EntityMeta, terms: &[&OrderTerm], is_reversed: Option<bool>) -> bool {
    let mut key = meta.key_columns();
    let Some(first) = terms.first() else { return true };
    let is_reversed = is_reversed.unwrap_or(first.direction == Direction::Descending);
    terms.iter().all(|term| {
        (term.direction == Direction::Descending) == is_reversed
            && key.any(|column| column.name == term.column)
    })
}

/// Returns the terms up to the primary key's at the end, where these go the way of the one before.
fn without_key<'t, 'o>(meta: &EntityMeta, terms: &'t [&'o OrderTerm]) -> &'t [&'o OrderTerm] {
    let is_key = |term: &&OrderTerm| meta.key_columns().any(|column| column.name == term.column);
    let kept = terms.iter().rposition(|term| !is_key(term)).map_or(0, |last| last + 1);
    let (begin, key) = terms.split_at(kept);
    let direction = begin.last().map(|term| term.direction);
    let goes_on = key.iter().all(|term| direction.is_none_or(|way| way == term.direction))
        && begin.iter().all(|term| Some(term.direction) == direction);
    if goes_on { begin } else { terms }
}

/// Characters that every engine lets a name have.
const LONGEST_NAME: usize = 60;

fn free_name(meta: &EntityMeta, columns: &[OrderTerm], indexes: &[Index]) -> String {
    let names: Vec<_> = columns.iter().map(|term| term.column.as_ref()).collect();
    let mut name = format!("{}_{}", meta.table_in_schema(), names.join("_"));
    name.truncate(name.floor_char_boundary(LONGEST_NAME - "_index_99".len()));
    let mut free = format!("{name}_index");
    let mut number = 1;
    while indexes.iter().any(|index| index.name.eq_ignore_ascii_case(&free)) {
        number += 1;
        free = format!("{name}_index_{number}");
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::samples::BOOK;

    fn index(columns: &[&'static str]) -> Index {
        Index {
            name: format!("{}_index", columns.join("_")),
            columns: columns.iter().map(|name| name.trim_start_matches('-').to_owned()).collect(),
            directions: columns
                .iter()
                .map(|name| {
                    if name.starts_with('-') { Direction::Descending } else { Direction::Ascending }
                })
                .collect(),
            is_unique: false,
            is_primary: false,
            ends_in_key: false,
        }
    }

    fn key() -> Index {
        Index { is_unique: true, is_primary: true, ..index(&["id"]) }
    }

    /// Marks the indexes as SQLite and MySQL keep them: each ends in the primary key.
    fn ending_in_key(mut indexes: Vec<Index>) -> Vec<Index> {
        for index in &mut indexes {
            index.ends_in_key = true;
        }
        indexes
    }

    fn suggested(filter: &str, order: &str, indexes: &[Index]) -> Option<(String, Lack)> {
        let query = Query::parse_for(&BOOK, filter, order).expect("a query");
        let suggested = missing_index(&BOOK, &query, indexes)?;
        let columns = crate::Order(suggested.columns).to_string();
        Some((columns, suggested.lack))
    }

    #[track_caller]
    fn check(filter: &str, order: &str, indexes: &[Index], expected: Option<(&str, Lack)>) {
        let expected = expected.map(|(columns, lack)| (columns.to_owned(), lack));
        assert_eq!(suggested(filter, order, indexes), expected);
    }

    #[test]
    fn the_primary_key_serves_itself_and_the_order_by_it() {
        for order in ["", "id", "-id"] {
            check("", order, &[key()], None);
            check("id = 5", order, &[key()], None);
            check("id > 5 and title ~ 'x'", order, &[key()], None);
        }
        check("id = 5", "-price", &[key()], None);
    }

    #[test]
    fn an_order_without_an_index_lacks_one_that_ends_in_the_key() {
        check("", "price", &[key()], Some(("price,id", Lack::Order)));
        check("", "-price", &[key()], Some(("price,id", Lack::Order)));
        check("", "-price", &ending_in_key(vec![key()]), Some(("price", Lack::Order)));
        check("", "-price,title", &[key()], Some(("-price,title,id", Lack::Order)));
        let indexes = ending_in_key(vec![key()]);
        check("", "-price,title", &indexes, Some(("-price,title,id", Lack::Order)));
        check("", "price,-id", &indexes, Some(("price,-id", Lack::Order)));
    }

    #[test]
    fn an_index_serves_an_order_either_way_and_nothing_else() {
        let by_title = || vec![key(), index(&["title", "id"])];
        check("", "title", &by_title(), None);
        check("", "-title", &by_title(), None);
        check("", "title,-id", &by_title(), Some(("title,-id", Lack::Order)));
        check("", "title,price", &by_title(), Some(("title,price,id", Lack::Order)));
        let mixed = vec![key(), index(&["-price", "title", "id"])];
        check("", "-price,title", &mixed, None);
        check("", "price,-title", &mixed, None);
        check("", "-price,title,-id", &mixed, Some(("-price,title,-id", Lack::Order)));
    }

    #[test]
    fn the_key_is_at_the_end_by_itself_on_some_engines() {
        let by_title = || vec![key(), index(&["title"])];
        check("", "title", &by_title(), Some(("title,id", Lack::Order)));
        check("", "title", &ending_in_key(by_title()), None);
        check("", "-title", &ending_in_key(by_title()), None);
        check("", "title,-id", &ending_in_key(by_title()), Some(("title,-id", Lack::Order)));
    }

    #[test]
    fn unique_values_leave_nothing_to_sort_but_null_does() {
        let unique = |name| Index { is_unique: true, ..index(&[name]) };
        check("", "title,price", &[key(), unique("title")], None);
        check("", "age,price", &[key(), unique("age")], Some(("age,price,id", Lack::Order)));
        check("age = 3", "price", &[key(), unique("age")], None);
        check("age is null", "", &[key(), unique("age")], None);
    }

    #[test]
    fn columns_with_one_value_come_first() {
        check("age = 3", "", &[key()], Some(("age,id", Lack::Filter)));
        check("age = 3", "", &ending_in_key(vec![key()]), Some(("age", Lack::Filter)));
        check(
            "age = 3 and in_print = true",
            "-title",
            &[key()],
            Some(("age,in_print,title,id", Lack::Both)),
        );
        check("age = 3", "title", &[key(), index(&["age"])], Some(("age,title,id", Lack::Order)));
        check(
            "age = 3",
            "title",
            &[key(), index(&["title", "id"])],
            Some(("age,title,id", Lack::Filter)),
        );
        check("age = 3", "title", &[key(), index(&["age", "title", "id"])], None);
        check("age is null", "age", &[key(), index(&["age", "id"])], None);
        check("age = 3", "age,title", &[key(), index(&["age", "title", "id"])], None);
    }

    #[test]
    fn a_range_is_found_by_an_index_that_begins_with_it() {
        check("price > 3", "", &[key()], Some(("price", Lack::Filter)));
        check("price in (3, 4)", "", &[key()], Some(("price", Lack::Filter)));
        check("price > 3", "", &[key(), index(&["price"])], None);
        check("price > 3", "price", &[key(), index(&["price", "id"])], None);
        check("price > 3", "price", &[key()], Some(("price,id", Lack::Both)));
    }

    #[test]
    fn what_no_index_helps_asks_for_none() {
        for filter in [
            "title ~ 'x'",
            "age = 1 or price = 2",
            "not (age = 1)",
            "age != 1",
            "author.name = 'x'",
        ] {
            check(filter, "", &[key()], None);
        }
        check("", "code", &[], Some(("code,id", Lack::Order)));
        check("", "cover", &[key()], None);
    }

    #[test]
    fn the_statement_quotes_names_and_says_where_null_sorts() {
        let query =
            Query::parse_for(&BOOK, "in_print = true", "-age,title,-price").expect("a query");
        let mut indexes = vec![key()];
        let sql = |indexes: &[Index], engine| {
            missing_index(&BOOK, &query, indexes).expect("there is none").sql(engine)
        };
        assert_eq!(
            sql(&indexes, EngineKind::Mysql),
            "CREATE INDEX `books_in_print_age_title_price_id_index` ON `books` \
             (`in_print`, `age` DESC, `title`, `price` DESC, `id` DESC)"
        );
        assert_eq!(
            sql(&indexes, EngineKind::Postgres),
            "CREATE INDEX \"books_in_print_age_title_price_id_index\" ON \"books\" \
             (\"in_print\", \"age\" DESC NULLS LAST, \"title\", \"price\" DESC NULLS LAST, \"id\" DESC)"
        );
        let taken =
            Index { name: "books_in_print_age_title_price_id_index".into(), ..index(&["title"]) };
        indexes.push(taken);
        assert!(sql(&indexes, EngineKind::Sqlite).contains("_index_2\" ON"));
    }
}
