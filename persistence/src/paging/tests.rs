use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::filter::samples::{self, BOOK};
use crate::order::{Direction, Order, OrderTerm};
use crate::query::{Any, Stride};
use crate::value::Value;

/// Returns the rows of a query without an offset, as any engine finds them.
fn list(rows: &[Record], query: &Query) -> Vec<Record> {
    let mut found: Vec<Record> =
        rows.iter().filter(|row| query.filter.matches(&BOOK, row)).cloned().collect();
    found.sort_by(|a, b| query.order.compare(&BOOK, a, b));
    found
}

/// Rows as an engine has them that keeps NULL at the other end.
struct Rows<'r>(&'r [Record]);

impl Source<Any> for Rows<'_> {
    type Row = Record;
    const NULL_SORTS_FIRST: bool = false;

    fn rows(&mut self, query: &Query) -> Result<Vec<Record>> {
        assert!(query.limit != Some(0), "rows are asked for");
        let offset = usize::try_from(query.offset).expect("a small offset");
        let limit = query.limit.and_then(|limit| usize::try_from(limit).ok());
        let all = list(self.0, query);
        Ok(all.into_iter().skip(offset).take(limit.unwrap_or(usize::MAX)).collect())
    }

    fn place(&mut self, query: &Query) -> Result<Option<Cursor>> {
        assert_eq!(query.limit, Some(1), "one place is asked for");
        let first = self.rows(query)?.into_iter().next();
        Ok(first.map(|row| Cursor::of(&BOOK, &query.order, &row)).transpose()?)
    }

    fn count(&mut self, query: &Query) -> Result<u64> {
        assert!(query.limit.is_some_and(|limit| limit > 0), "what is counted has an end");
        Ok(self.rows(query)?.len() as u64)
    }

    fn to_record(row: &Record) -> Record {
        row.clone()
    }
}

fn page_of(rows: &[Record], query: &Query, start: &PageStart, size: u64) -> Page<Record> {
    page(&BOOK, query, start, size, &mut Rows(rows)).expect("the query fits")
}

fn stride_of(rows: &[Record], query: &Query, place: Option<&Cursor>, length: u64) -> Stride {
    stride(&BOOK, query, place, length, &mut Rows(rows)).expect("the query fits")
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
fn the_rows_after_a_place_come_in_ranges_that_an_index_has() {
    check_after("id", vec![7.into()], &["id > 7"]);
    check_after("-id", vec![7.into()], &["id < 7"]);
    check_after(
        "title",
        vec!["b".into(), 7.into()],
        &[r#"title = "b" and id > 7"#, r#"title > "b""#],
    );
    check_after("id,title", vec![7.into(), "b".into()], &["id > 7"]);
}

#[test]
fn rows_with_and_without_null_are_read_apart() {
    let one = || vec![1.into(), 7.into()];
    let null = || vec![Value::Null, 7.into()];
    check_after("age", one(), &["age = 1 and id > 7", "age > 1"]);
    check_after("age", null(), &["age is null and id > 7", "age is not null"]);
    check_after("-age", one(), &["age = 1 and id < 7", "age < 1", "age is null"]);
    check_after("-age", null(), &["age is null and id < 7"]);
}

#[test]
fn further_columns_may_be_null_and_sort_another_way() {
    check_after(
        "title,-age,id",
        vec!["b".into(), 1.into(), 7.into()],
        &[
            r#"title = "b" and age = 1 and id > 7"#,
            r#"title = "b" and age < 1"#,
            r#"title = "b" and age is null"#,
            r#"title > "b""#,
        ],
    );
    check_after(
        "title,-age,id",
        vec!["b".into(), Value::Null, 7.into()],
        &[r#"title = "b" and age is null and id > 7"#, r#"title > "b""#],
    );
    check_after(
        "title,age,-id",
        vec!["b".into(), Value::Null, 7.into()],
        &[
            r#"title = "b" and age is null and id < 7"#,
            r#"title = "b" and age is not null"#,
            r#"title > "b""#,
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
    assert_eq!((beyond.rows.len(), beyond.previous, beyond.next), (0, Some(PageStart::Last), None));
}

#[test]
fn a_page_of_no_rows_and_a_place_that_does_not_fit_are_refused() {
    let refused = |start: PageStart, size| {
        let query = Query::<Any>::new().order(order("age"));
        page(&BOOK, &query, &start, size, &mut Rows(&[])).expect_err("it does not fit").to_string()
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

/// Makes rows with few different values, so that many tie, and as many NULLs.
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_offset_passes_over_rows_on_from_any_place(
        rows in rows(),
        order in any_order(),
        filter in samples::filter(),
        from in 0_usize..30,
        offset in 0_u64..12,
        size in 1_u64..8,
    ) {
        let query = Query::<Any>::new().filter(filter).order(order).offset(offset);
        let resolved = query.resolve(&BOOK).expect("the query fits");
        let all = list(&rows, &resolved);
        let cursor = |row: &Record| Cursor::of(&BOOK, &resolved.order, row).expect("a place");
        let cut = |rows: &mut dyn Iterator<Item = &Record>| -> Vec<Record> {
            let offset = usize::try_from(offset).expect("a small offset");
            rows.skip(offset).take(usize::try_from(size).expect("a small page")).cloned().collect()
        };
        let (mut after, mut before) = (PageStart::First, PageStart::Last);
        let (mut later, mut earlier) = (all.as_slice(), all.as_slice());
        if let Some(row) = all.get(from) {
            (after, before) = (PageStart::After(cursor(row)), PageStart::Before(cursor(row)));
            (later, earlier) = (&all[from + 1..], &all[..from]);
        }

        let forwards = page_of(&rows, &query, &after, size);
        prop_assert_eq!(&forwards.rows, &cut(&mut later.iter()));
        prop_assert_eq!(forwards.next.is_some(), later.len() as u64 > offset + size);
        let mut backwards = page_of(&rows, &query, &before, size);
        backwards.rows.reverse();
        prop_assert_eq!(&backwards.rows, &cut(&mut earlier.iter().rev()));
        if offset > 0 {
            prop_assert!(forwards.previous.is_some() && backwards.next.is_some());
        }
        prop_assert_eq!(
            super::list(&BOOK, &resolved.clone().limit(size), &mut Rows(&rows)).expect("the query fits"),
            cut(&mut all.iter())
        );
    }

    #[test]
    fn strides_end_at_every_nth_row_and_count_the_rest(
        rows in rows(),
        order in any_order(),
        filter in samples::filter(),
        length in 1_u64..8,
    ) {
        let query = Query::<Any>::new().filter(filter).order(order);
        let resolved = query.resolve(&BOOK).expect("the query fits");
        let all = list(&rows, &resolved);
        let (mut place, mut passed) = (None, 0);
        loop {
            let stride = stride_of(&rows, &query, place.as_ref(), length);
            passed += usize::try_from(stride.rows).expect("few rows");
            prop_assert!(passed <= all.len());
            let Some(end) = stride.end else {
                prop_assert!(stride.rows < length);
                break;
            };
            prop_assert_eq!(stride.rows, length);
            prop_assert_eq!(&end, &Cursor::of(&BOOK, &resolved.order, &all[passed - 1]).expect("a place"));
            place = Some(end);
        }
        prop_assert_eq!(passed, all.len());
    }
}

#[test]
fn a_stride_of_no_rows_is_refused() {
    let refused =
        stride(&BOOK, &Query::<Any>::new(), None, 0, &mut Rows(&[])).expect_err("no rows");
    assert_eq!(refused.to_string(), "a stride passes over at least 1 row, 0 were asked for");
}
