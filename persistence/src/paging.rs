//! Keyset paging: the rows right after a place in an order, found by the place's own values.

use crate::column_type::ValueError;
use crate::entity::{ColumnMeta, Entity, EntityMeta};
use crate::error::Result;
use crate::filter::{Comparison, Filter, FilterError, known};
use crate::order::{Direction, Order};
use crate::query::{Cursor, Page, PageStart, Query};
use crate::value::{Record, Value};

/// At most `size` rows of the query, which `list` reads with the filters, orders and limits it is
/// given; it is called once or twice.
///
/// A page that was asked for by a place always has a page before (after) it: whether the row at
/// that place and those on its other side are still there is not asked. At worst that page is
/// empty; no row is ever passed over.
///
/// # Errors
/// [`Error::Filter`](crate::Error::Filter) when the query or the place does not fit the entity,
/// and the errors of `list`.
pub(crate) fn page<E: Entity>(
    query: &Query<E>,
    start: &PageStart,
    size: u64,
    list: impl FnMut(&Query<E>) -> Result<Vec<E>>,
) -> Result<Page<E>> {
    assemble(E::meta(), query, start, size, list, E::to_record)
}

fn assemble<E, R>(
    meta: &EntityMeta,
    query: &Query<E>,
    start: &PageStart,
    size: u64,
    mut list: impl FnMut(&Query<E>) -> Result<Vec<R>>,
    to_record: impl Fn(&R) -> Record,
) -> Result<Page<R>> {
    if size == 0 {
        return Err(FilterError::new("a page holds at least 1 row, 0 were asked for").into());
    }
    let mut query = query.resolve(meta)?;
    let order = query.order.clone();
    let is_backwards = matches!(start, PageStart::Last | PageStart::Before(_));
    if is_backwards {
        query.order = order.reversed();
    }
    let conditions = match start {
        PageStart::First | PageStart::Last => vec![Filter::All],
        PageStart::After(place) | PageStart::Before(place) => after(meta, &query.order, place)?,
    };

    // One row more says whether there is another page.
    let wanted = size.saturating_add(1);
    let mut rows = Vec::new();
    for condition in conditions {
        let missing = wanted.saturating_sub(rows.len() as u64);
        if missing == 0 {
            break;
        }
        let mut part = query.clone().limit(missing).offset(0);
        part.filter = part.filter.and(condition);
        rows.extend(list(&part)?);
    }
    let has_more = rows.len() as u64 > size;
    rows.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    if is_backwards {
        rows.reverse();
    }

    let place =
        |row: Option<&R>| row.map(|row| Cursor::of(meta, &order, &to_record(row))).transpose();
    let before = place(rows.first())?.map_or(PageStart::Last, PageStart::Before);
    let after = place(rows.last())?.map_or(PageStart::First, PageStart::After);
    let (previous, next) = match start {
        PageStart::First => (None, has_more.then_some(after)),
        PageStart::Last => (has_more.then_some(before), None),
        PageStart::After(_) => (Some(before), has_more.then_some(after)),
        PageStart::Before(_) => (has_more.then_some(before), Some(after)),
    };
    Ok(Page { rows, previous, next })
}

/// The filter in parts whose rows follow one another in the order, so that engines that keep NULL
/// at the other end can read each part by an ordinary index: rows with and without NULL in the
/// leading column apart. One part where that is settled already.
pub(crate) fn blocks(meta: &EntityMeta, order: &Order, filter: &Filter) -> Vec<Filter> {
    let leading = order.0.first().filter(|term| {
        meta.column(&term.column).is_some_and(|column| column.is_nullable)
            && !settles_null(filter, &term.column)
    });
    let Some(term) = leading else { return vec![filter.clone()] };
    let nulls = Filter::IsNull { column: term.column.clone() };
    let blocks = match term.direction {
        Direction::Ascending => [nulls.clone(), nulls.not()],
        Direction::Descending => [nulls.clone().not(), nulls],
    };
    blocks.into_iter().map(|block| filter.clone().and(block)).collect()
}

/// Whether all rows that a filter finds are alike in a column being NULL.
pub(crate) fn settles_null(filter: &Filter, name: &str) -> bool {
    match filter {
        Filter::And(filters) => filters.iter().any(|filter| settles_null(filter, name)),
        Filter::Not(inner) => matches!(&**inner, Filter::IsNull { column } if column == name),
        Filter::IsNull { column }
        | Filter::Compare { column, .. }
        | Filter::In { column, .. }
        | Filter::InLastDays { column, .. }
        | Filter::Text { column, .. } => column == name,
        Filter::All | Filter::Or(_) | Filter::Related { .. } | Filter::RelatedCount { .. } => false,
    }
}

/// Whether all rows that a filter finds are alike in a column, so that there is nothing to sort by
/// it.
pub(crate) fn settles_value(filter: &Filter, name: &str) -> bool {
    match filter {
        Filter::And(filters) => filters.iter().any(|filter| settles_value(filter, name)),
        Filter::IsNull { column } | Filter::Compare { column, operator: Comparison::Equal, .. } => {
            column == name
        }
        _ => false,
    }
}

/// What the rows after a place must meet, in parts that follow one another in the order, as
/// [`blocks`] does. The order is [resolved](Order::resolve): it ends in the primary key.
///
/// The first part begins with a bound on the leading column alone (`a >= 1 and (a > 1 or a = 1 and
/// id > 7)`), by which an index finds its first row at once; from `a > 1 or a = 1 and id > 7` by
/// itself no engine does.
///
/// # Errors
/// When the place has more or fewer values than the order has columns, or of another type.
pub(crate) fn after(
    meta: &EntityMeta,
    order: &Order,
    place: &Cursor,
) -> Result<Vec<Filter>, FilterError> {
    let terms = terms(meta, order, place)?;
    let Some((leading, rest)) = terms.split_first() else { return Ok(Vec::new()) };
    let mut parts = Vec::with_capacity(2);
    if leading.value.is_null() {
        if !rest.is_empty() {
            parts.push(leading.is_null().and(strictly_after(rest)));
        }
        if leading.direction == Direction::Ascending {
            parts.push(leading.is_null().not());
        }
    } else {
        parts.push(if rest.is_empty() {
            leading.beyond()
        } else {
            let within = leading.equal().and(strictly_after(rest));
            leading.at_or_beyond().and(leading.beyond().or(within))
        });
        if leading.direction == Direction::Descending && leading.column.is_nullable {
            parts.push(leading.is_null());
        }
    }
    Ok(parts)
}

/// One column of an order with its value at a place.
struct Term {
    column: &'static ColumnMeta,
    direction: Direction,
    value: Value,
}

fn terms(meta: &EntityMeta, order: &Order, place: &Cursor) -> Result<Vec<Term>, FilterError> {
    if order.0.len() != place.0.len() {
        return Err(FilterError::new(format!(
            "a place in the order {order} has {} values, got {}",
            order.0.len(),
            place.0.len()
        )));
    }
    let term = |(term, value): (&crate::OrderTerm, &Value)| {
        let column = known(meta, &term.column)?;
        let value = column
            .column_type
            .coerce(value.clone())
            .map_err(|error: ValueError| FilterError::wrong_value(column.name, &error))?;
        Ok(Term { column, direction: term.direction, value })
    };
    order.0.iter().zip(&place.0).map(term).collect()
}

impl Term {
    fn compare(&self, operator: Comparison) -> Filter {
        Filter::compare(self.column.name, operator, self.value.clone())
    }

    fn is_null(&self) -> Filter {
        Filter::IsNull { column: self.column.name.into() }
    }

    fn equal(&self) -> Filter {
        Filter::equals(self.column.name, self.value.clone())
    }

    /// Among rows whose value is not NULL: those after this one's value.
    fn beyond(&self) -> Filter {
        self.compare(match self.direction {
            Direction::Ascending => Comparison::Greater,
            Direction::Descending => Comparison::Less,
        })
    }

    /// Among rows whose value is not NULL: those with this value or after it.
    fn at_or_beyond(&self) -> Filter {
        self.compare(match self.direction {
            Direction::Ascending => Comparison::GreaterOrEqual,
            Direction::Descending => Comparison::LessOrEqual,
        })
    }

    /// Among all rows: those after this one's value; `None` where that is the last.
    fn beyond_or_null(&self) -> Option<Filter> {
        match (self.direction, self.value.is_null()) {
            (Direction::Ascending, true) => Some(self.is_null().not()),
            (Direction::Descending, true) => None,
            (Direction::Descending, false) if self.column.is_nullable => {
                Some(self.beyond().or(self.is_null()))
            }
            (Direction::Ascending | Direction::Descending, false) => Some(self.beyond()),
        }
    }
}

/// The rows after a place, in one part.
fn strictly_after(terms: &[Term]) -> Filter {
    let Some((first, rest)) = terms.split_first() else { return Filter::Or(Vec::new()) };
    let within = first.equal().and(strictly_after(rest));
    match (first.beyond_or_null(), rest.is_empty()) {
        (Some(beyond), true) => beyond,
        (Some(beyond), false) => beyond.or(within),
        (None, _) => within,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::OrderTerm;
    use crate::filter::samples::{self, BOOK};
    use crate::query::Any;

    /// The rows of a query, as any engine finds them.
    fn list(rows: &[Record], query: &Query) -> Vec<Record> {
        let mut found: Vec<Record> =
            rows.iter().filter(|row| query.filter.matches(&BOOK, row)).cloned().collect();
        found.sort_by(|a, b| query.order.compare(&BOOK, a, b));
        let limit = query.limit.and_then(|limit| usize::try_from(limit).ok());
        found.truncate(limit.unwrap_or(usize::MAX));
        found
    }

    fn page_of(rows: &[Record], query: &Query, start: &PageStart, size: u64) -> Page<Record> {
        let list = |query: &Query<Any>| {
            assert_eq!(query.offset, 0, "keyset paging passes over no rows");
            Ok(list(rows, query))
        };
        assemble(&BOOK, query, start, size, list, Record::clone).expect("the query fits")
    }

    fn book(id: i64, age: Option<i64>) -> Record {
        let mut row = Record(vec![Value::Null; BOOK.columns.len()]);
        row.set(0, id.into());
        row.set(1, "".into());
        row.set(2, age.map_or(Value::Null, Value::Integer));
        row
    }

    fn order(text: &str) -> Order {
        Order::parse(&BOOK, text).and_then(|order| order.resolve(&BOOK)).expect("an order")
    }

    fn check_after(order_text: &str, place: Vec<Value>, parts: &[&str]) {
        let filters = after(&BOOK, &order(order_text), &Cursor(place)).expect("the place fits");
        let printed: Vec<_> = filters.iter().map(ToString::to_string).collect();
        assert_eq!(printed, parts, "{order_text}");
    }

    #[test]
    fn the_rows_after_a_place_begin_with_a_bound_that_an_index_can_use() {
        check_after("id", vec![7.into()], &["id > 7"]);
        check_after("-id", vec![7.into()], &["id < 7"]);
        check_after(
            "title",
            vec!["b".into(), 7.into()],
            &[r#"title >= "b" and (title > "b" or title = "b" and id > 7)"#],
        );
    }

    #[test]
    fn rows_with_and_without_null_in_the_leading_column_are_read_apart() {
        let one = || vec![1.into(), 7.into()];
        let null = || vec![Value::Null, 7.into()];
        check_after("age", one(), &["age >= 1 and (age > 1 or age = 1 and id > 7)"]);
        check_after("age", null(), &["age is null and id > 7", "age is not null"]);
        check_after(
            "-age",
            one(),
            &["age <= 1 and (age < 1 or age = 1 and id < 7)", "age is null"],
        );
        check_after("-age", null(), &["age is null and id < 7"]);
    }

    #[test]
    fn further_columns_may_be_null_and_sort_another_way() {
        check_after(
            "title,-age,id",
            vec!["b".into(), 1.into(), 7.into()],
            &[
                r#"title >= "b" and (title > "b" or title = "b" and (age < 1 or age is null or age = 1 and id > 7))"#,
            ],
        );
        check_after(
            "title,-age,id",
            vec!["b".into(), Value::Null, 7.into()],
            &[r#"title >= "b" and (title > "b" or title = "b" and age is null and id > 7)"#],
        );
        check_after(
            "title,age,-id",
            vec!["b".into(), Value::Null, 7.into()],
            &[
                r#"title >= "b" and (title > "b" or title = "b" and (age is not null or age is null and id < 7))"#,
            ],
        );
    }

    #[test]
    fn a_query_is_cut_into_blocks_only_where_null_is_not_settled() {
        let check = |order_text: &str, filter: &str, expected: &[&str]| {
            let filter = Filter::parse(&BOOK, filter).expect("a filter");
            let blocks = blocks(&BOOK, &order(order_text), &filter);
            let printed: Vec<_> = blocks.iter().map(ToString::to_string).collect();
            assert_eq!(printed, expected, "{order_text}");
        };
        check("age", "", &["age is null", "age is not null"]);
        check("-age", "id = 1", &["id = 1 and age is not null", "id = 1 and age is null"]);
        check("title,age", "", &[""]);
        check("age", "id = 1 and age > 2", &["id = 1 and age > 2"]);
        check("age", "age is null", &["age is null"]);
        check(
            "age",
            "age = 1 or id = 1",
            &["(age = 1 or id = 1) and age is null", "(age = 1 or id = 1) and age is not null"],
        );
    }

    #[test]
    fn first_and_last_pages_know_whether_there_are_more() {
        let rows: Vec<_> = (1..=3).map(|id| book(id, None)).collect();
        let query = Query::<Any>::new();
        let all = page_of(&rows, &query, &PageStart::First, 3);
        assert_eq!((all.rows.len(), all.previous, all.next), (3, None, None));

        let first = page_of(&rows, &query, &PageStart::First, 2);
        assert_eq!(first.rows, &rows[..2]);
        assert_eq!(first.next, Some(PageStart::After(Cursor(vec![2.into()]))));

        let last = page_of(&rows, &query, &PageStart::Last, 2);
        assert_eq!(last.rows, &rows[1..]);
        assert_eq!(last.previous, Some(PageStart::Before(Cursor(vec![2.into()]))));
        assert_eq!(last.next, None);

        let beyond = page_of(&rows, &query, &PageStart::After(Cursor(vec![9.into()])), 2);
        assert_eq!(
            (beyond.rows.len(), beyond.previous, beyond.next),
            (0, Some(PageStart::Last), None)
        );
    }

    #[test]
    fn a_page_of_no_rows_and_a_place_that_does_not_fit_are_refused() {
        let refused = |start: PageStart, size| {
            let query = Query::<Any>::new().order(order("age"));
            assemble(&BOOK, &query, &start, size, |_| Ok(Vec::<Record>::new()), Record::clone)
                .expect_err("it does not fit")
                .to_string()
        };
        assert_eq!(refused(PageStart::First, 0), "a page holds at least 1 row, 0 were asked for");
        assert_eq!(
            refused(PageStart::After(Cursor(vec![1.into()])), 5),
            "a place in the order age,id has 2 values, got 1"
        );
        assert_eq!(
            refused(PageStart::Before(Cursor(vec!["x".into(), 1.into()])), 5),
            "expected a whole number from -2147483648 to 2147483647, got \"x\" (age)"
        );
    }

    #[test]
    fn the_largest_page_is_just_all_rows() {
        let rows: Vec<_> = (1..=3).map(|id| book(id, None)).collect();
        let page = page_of(&rows, &Query::new(), &PageStart::Last, u64::MAX);
        assert_eq!(page.rows, rows);
    }

    /// Rows with few different values, so that many tie, and as many NULLs.
    fn rows() -> impl Strategy<Value = Vec<Record>> {
        vec(samples::row(), 0..30).prop_map(|mut rows| {
            for (id, row) in (0_i64..).zip(&mut rows) {
                row.set(0, id.into());
            }
            rows
        })
    }

    fn any_order() -> impl Strategy<Value = Order> {
        let sortable: Vec<&str> =
            BOOK.columns.iter().map(|column| column.name).filter(|name| *name != "notes").collect();
        let term = (
            proptest::sample::select(sortable),
            proptest::sample::select(vec![Direction::Ascending, Direction::Descending]),
        )
            .prop_map(|(column, direction)| OrderTerm { column: column.into(), direction });
        vec(term, 0..4).prop_map(Order)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn pages_cover_every_row_exactly_once_in_both_directions(
            rows in rows(),
            order in any_order(),
            filter in samples::filter(),
            size in 1_u64..8,
        ) {
            let query = Query::<Any>::new().filter(filter).order(order);
            let resolved = query.resolve(&BOOK).expect("the query fits");
            let expected = list(&rows, &resolved);

            let mut forwards = Vec::new();
            let mut next = Some(PageStart::First);
            while let Some(start) = next {
                let page = page_of(&rows, &query, &start, size);
                prop_assert!(page.rows.len() as u64 <= size);
                forwards.extend(page.rows);
                prop_assert!(forwards.len() <= expected.len());
                next = page.next;
            }
            prop_assert_eq!(&forwards, &expected);

            let mut backwards = Vec::new();
            let mut previous = Some(PageStart::Last);
            while let Some(start) = previous {
                let page = page_of(&rows, &query, &start, size);
                backwards.extend(page.rows.into_iter().rev());
                prop_assert!(backwards.len() <= expected.len());
                previous = page.previous;
            }
            backwards.reverse();
            prop_assert_eq!(&backwards, &expected);
        }

        #[test]
        fn blocks_are_the_query_itself(
            rows in rows(),
            order in any_order(),
            filter in samples::filter(),
        ) {
            let query = Query::<Any>::new().filter(filter).order(order);
            let query = query.resolve(&BOOK).expect("the query fits");
            let mut found = Vec::new();
            for filter in blocks(&BOOK, &query.order, &query.filter) {
                let mut block = query.clone();
                block.filter = filter;
                found.extend(list(&rows, &block));
            }
            prop_assert_eq!(found, list(&rows, &query));
        }

        #[test]
        fn columns_in_which_all_rows_are_alike_need_no_sorting(
            rows in rows(),
            order in any_order(),
            filter in samples::filter(),
        ) {
            let query = Query::<Any>::new().filter(filter).order(order);
            let query = query.resolve(&BOOK).expect("the query fits");
            for filter in blocks(&BOOK, &query.order, &query.filter) {
                let mut block = query.clone();
                block.filter = filter;
                let sorted = list(&rows, &block);
                let Query { filter, order, .. } = &mut block;
                order.0.retain(|term| !settles_value(filter, &term.column));
                prop_assert_eq!(list(&rows, &block), sorted);
            }
        }
    }
}
