//! Random values, filters and orders.

use std::collections::HashSet;

use chrono::{NaiveDate, NaiveTime};
use persistence::{
    ColumnMeta, ColumnType, Comparison, Direction, Entity as _, Filter, Order, OrderTerm, Query,
    Record, ScaledDecimal, TextMatch, Value,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::sample::Sample;

/// Letters of several alphabets in both cases, what `LIKE` and quotes trip over, and characters of
/// up to four bytes.
const LETTERS: &[char] = &[
    'a', 'A', 'b', 'B', 'z', 'Z', 'é', 'É', 'ß', 's', 'S', 'ж', 'Ж', 'я', 'Я', 'ё', 'α', 'Α', 'σ',
    'ς', 'Σ', 'ω', '0', '9', '%', '_', '!', '\'', '"', '\\', '-', ' ', '中', '😀', '🎉',
];

/// A value of a column: from so few that ties are common.
fn value(column: &ColumnMeta) -> BoxedStrategy<Value> {
    match column.column_type {
        ColumnType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        ColumnType::Integer { bits: 16 } => {
            select(vec![-32_768, -1, 0, 1, 7, 32_767]).prop_map(Value::Integer).boxed()
        }
        ColumnType::Integer { bits: 32 } => prop_oneof![
            4 => -5_i64..5,
            1 => select(vec![-2_147_483_648, 2_147_483_647]),
        ]
        .prop_map(Value::Integer)
        .boxed(),
        ColumnType::Integer { .. } => prop_oneof![
            4 => -5_i64..5,
            // More than a double holds exactly.
            1 => select(vec![i64::MIN, i64::MAX, 9_007_199_254_740_993, 9_007_199_254_740_992]),
        ]
        .prop_map(Value::Integer)
        .boxed(),
        ColumnType::Float if column.name == "single" => {
            select(vec![-1.5_f32, -0.0, 0.0, 0.1, 0.25, 1.0e-7, 3.3, 1.0e20, 16_777_217.0])
                .prop_map(|value| Value::Float(value.into()))
                .boxed()
        }
        ColumnType::Float => {
            select(vec![-1.5, -0.0, 0.0, 0.1, 0.25, 0.3, 0.1 + 0.2, 1.0e-300, 1.0e300, 123.456])
                .prop_map(Value::Float)
                .boxed()
        }
        ColumnType::Decimal { scale } => prop_oneof![
            4 => -3_i64..1500,
            1 => select(vec![10, 100, 110, 999_999_999, -999_999_999]),
        ]
        .prop_map(move |units| Value::Decimal(ScaledDecimal { units, scale }))
        .boxed(),
        ColumnType::Text => text().prop_map(Value::Text).boxed(),
        ColumnType::Enum { variants } => select(variants.to_vec()).prop_map(Value::from).boxed(),
        ColumnType::Date => day().prop_map(Value::Date).boxed(),
        ColumnType::Time => time().prop_map(Value::Time).boxed(),
        ColumnType::Timestamp => {
            (day(), time()).prop_map(|(day, time)| Value::Timestamp(day.and_time(time))).boxed()
        }
        ColumnType::Uuid => (0_u128..6)
            .prop_map(|number| Value::Uuid(uuid::Uuid::from_u128(number << 100 | number)))
            .boxed(),
        ColumnType::Bytes => {
            vec(select(vec![0_u8, 1, 32, 127, 128, 255]), 0..4).prop_map(Value::Bytes).boxed()
        }
        other => panic!("no values for {other:?}"),
    }
}

/// A text that every engine compares alike: without a blank at its end.
fn text() -> impl Strategy<Value = String> {
    vec(select(LETTERS), 0..5).prop_map(|letters| String::from_iter(letters).trim_end().to_owned())
}

fn day() -> impl Strategy<Value = NaiveDate> {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).expect("a day");
    select(vec![
        day(1000, 1, 1),
        day(1969, 12, 31),
        day(1970, 1, 1),
        day(2000, 2, 29),
        day(2024, 12, 31),
        day(9999, 12, 31),
    ])
}

fn time() -> impl Strategy<Value = NaiveTime> {
    let time = |second: u32, micro: u32| {
        NaiveTime::from_num_seconds_from_midnight_opt(second, micro * 1000).expect("a time")
    };
    select(vec![
        time(0, 0),
        time(0, 1),
        time(34_200, 0),
        time(34_200, 500_000),
        time(34_200, 500_001),
        time(86_399, 999_999),
    ])
}

fn columns() -> &'static [ColumnMeta] {
    Sample::meta().columns
}

/// A row whose key is still to be set.
pub fn row() -> impl Strategy<Value = Record> {
    columns()
        .iter()
        .map(|column| {
            let value = value(column);
            if column.is_nullable {
                prop_oneof![1 => Just(Value::Null), 4 => value].boxed()
            } else {
                value
            }
        })
        .collect::<Vec<_>>()
        .prop_map(Record)
}

/// A condition on one column.
fn condition() -> BoxedStrategy<Filter> {
    select((0..columns().len()).collect::<Vec<_>>()).prop_flat_map(on_column).boxed()
}

fn on_column(position: usize) -> BoxedStrategy<Filter> {
    let column = &columns()[position];
    let name = column.name;
    let compare = (select(Comparison::ALL.to_vec()), value(column))
        .prop_map(move |(operator, value)| Filter::compare(name, operator, value));
    // What a person types is a double, whatever the column's precision.
    let compare = if name == "single" {
        let typed = select(vec![0.1, 3.3, 0.25])
            .prop_map(move |value| Filter::compare(name, Comparison::Equal, Value::Float(value)));
        prop_oneof![compare, typed].boxed()
    } else {
        compare.boxed()
    };
    let one_of =
        vec(value(column), 0..4).prop_map(move |values| Filter::In { column: name.into(), values });
    let is_null = Just(Filter::IsNull { column: name.into() });
    if column.column_type.is_text() {
        let search = (select(TextMatch::ALL.to_vec()), vec(select(LETTERS), 0..3)).prop_map(
            move |(operator, letters)| Filter::Text {
                column: name.into(),
                operator,
                pattern: letters.into_iter().collect(),
            },
        );
        prop_oneof![2 => compare, 1 => one_of, 1 => is_null, 5 => search].boxed()
    } else if matches!(column.column_type, ColumnType::Date | ColumnType::Timestamp) {
        let recent = select(vec![0, 1, 5_000, 20_000, 100_000, u32::MAX])
            .prop_map(move |days| Filter::InLastDays { column: name.into(), days });
        prop_oneof![5 => compare, 2 => one_of, 1 => is_null, 2 => recent].boxed()
    } else {
        prop_oneof![5 => compare, 2 => one_of, 1 => is_null].boxed()
    }
}

fn filter() -> impl Strategy<Value = Filter> {
    let whole = prop_oneof![8 => condition(), 1 => Just(Filter::All)];
    whole.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Filter::And),
            vec(inner.clone(), 0..4).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

fn order() -> impl Strategy<Value = Order> {
    let term = (select((0..columns().len()).collect::<Vec<_>>()), any::<bool>());
    vec(term, 0..4).prop_map(|terms| {
        let mut known = HashSet::new();
        let terms = terms.into_iter().filter(|(position, _)| known.insert(*position));
        Order(
            terms
                .map(|(position, is_ascending)| OrderTerm {
                    column: columns()[position].name.into(),
                    direction: if is_ascending {
                        Direction::Ascending
                    } else {
                        Direction::Descending
                    },
                })
                .collect(),
        )
    })
}

/// A filter and an order.
pub fn query() -> impl Strategy<Value = Query<Sample>> {
    (filter(), order()).prop_map(|(filter, order)| {
        let mut query = Query::new();
        query.filter = filter;
        query.order = order;
        query
    })
}

/// A query that finds many rows, and how many of them are a page.
pub fn paged() -> impl Strategy<Value = (Query<Sample>, u64)> {
    let filter = prop_oneof![2 => Just(Filter::All), 1 => filter()];
    let query = (filter, order()).prop_map(|(filter, order)| {
        let mut query = Query::new();
        query.filter = filter;
        query.order = order;
        query
    });
    (query, select(vec![1_u64, 7, 30, 64, 199, 200, 500]))
}
