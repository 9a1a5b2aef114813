//! What a scan finds out of tables whose answers come in small steps.

use persistence::edit::Written;
use persistence::{Comparison, Cursor, Filter, Order, Record, Value};

use super::samples::{PAIRS, THINGS, WORDS, cursor, number, thing, written};
use super::scan::Scan;
use crate::tasks::{ScanStep, Scanned, Walk};

/// Answers as a table would whose keys are those numbers, by twos at most: nothing is found
/// out in one go.
fn answer(keys: &[i64], request: &ScanStep) -> Scanned {
    let ScanStep { filter, walk, .. } = request;
    let found = |key: &&i64| match filter {
        Filter::Compare { operator: Comparison::Less, value: Value::Integer(limit), .. } => {
            *key < limit
        }
        _ => true,
    };
    match walk {
        Walk::Skips { order, after, step } => {
            let is_descending = order.to_string().starts_with('-');
            let mut keys: Vec<i64> = keys.iter().filter(found).copied().collect();
            if is_descending {
                keys.reverse();
            }
            let start = after
                .as_ref()
                .map_or(0, |after| keys.iter().position(|key| *key == number(after)).unwrap() + 1);
            let length = usize::try_from(*step).unwrap();
            let chunks: Vec<_> = keys[start..].chunks(length).take(2).collect();
            let full = chunks.iter().filter(|chunk| chunk.len() == length);
            let ends: Vec<_> = full.map(|chunk| cursor(*chunk.last().unwrap())).collect();
            let left = keys.len() - start - ends.len() * length;
            let rest = (ends.len() < 2).then_some(left as u64);
            Scanned::Skips { ends, step: *step, rest }
        }
        Walk::Intervals { start, ends, is_last } => {
            let count = |start: Option<i64>, end: Option<i64>| {
                let keys = keys.iter().filter(found);
                let keys = keys.filter(|key| start.is_none_or(|start| **key > start));
                keys.filter(|key| end.is_none_or(|end| **key <= end)).count() as u64
            };
            let mut start = start.as_ref().map(number);
            let mut counts = Vec::new();
            for end in ends.iter().take(2) {
                counts.push(count(start, Some(number(end))));
                start = Some(number(end));
            }
            let rest = (ends.len() <= 2 && *is_last).then(|| count(start, None));
            Scanned::Intervals { counts, rest }
        }
        Walk::Whole => Scanned::Whole(keys.iter().filter(found).count() as u64),
    }
}

fn finish(scan: &mut Scan, keys: &[i64]) -> bool {
    let mut is_other = false;
    while let Some(request) = scan.request() {
        is_other |= scan.take(answer(keys, &request));
    }
    is_other
}

fn below(limit: i64) -> Filter {
    Filter::Compare {
        column: "id".into(),
        operator: Comparison::Less,
        value: Value::Integer(limit),
    }
}

/// Returns every third number.
fn keys(length: i64) -> Vec<i64> {
    (0..length).map(|row| row * 3).collect()
}

/// Asserts that every mark is where the rows say.
fn check(scan: &Scan, keys: &[i64]) {
    for row in (0..keys.len() as u64).step_by(97) {
        if let Some(mark) = scan.before(row) {
            let last = usize::try_from(mark.rows).unwrap();
            assert!(mark.rows <= row && row - mark.rows <= 1_024 * 8, "{row}: {mark:?}");
            assert_eq!(keys.partition_point(|key| *key <= number(&mark.position)), last);
        }
    }
}

#[test]
fn all_rows_are_counted_and_marked_in_bounded_steps() {
    let keys = keys(50_003);
    let mut scan = Scan::new(&THINGS);
    finish(&mut scan, &keys);
    assert_eq!((scan.rows(), scan.all_rows()), (Some(50_003), Some(50_003)));
    assert!(scan.before(40_000).is_some());
    check(&scan, &keys);
}

#[test]
fn a_filter_is_counted_from_key_to_key_and_says_how_far_it_is() {
    let keys = keys(50_003);
    let mut scan = Scan::new(&THINGS);
    finish(&mut scan, &keys);
    scan.set_query(&below(60_000), &Order::default());
    let mut last = -1.0;
    while let Some(request) = scan.request() {
        let progress = scan.progress().unwrap();
        assert!(progress.share > last && progress.share <= 1.0, "{progress:?}");
        last = progress.share;
        scan.take(answer(&keys, &request));
    }
    assert_eq!((scan.rows(), scan.progress()), (Some(20_000), None));
    check(&scan, &keys[..20_000]);
}

#[test]
fn another_order_has_marks_of_its_own() {
    let keys = keys(9_000);
    let mut scan = Scan::new(&THINGS);
    scan.set_query(&Filter::All, &Order::parse(&THINGS, "-id").unwrap());
    finish(&mut scan, &keys);
    assert_eq!(scan.before(3_000).map(|mark| number(&mark.position)), Some((9_000 - 2_048) * 3));
}

#[test]
fn rows_that_came_meanwhile_are_found_when_it_starts_over() {
    let mut scan = Scan::new(&THINGS);
    finish(&mut scan, &keys(9_000));
    scan.restart();
    assert_eq!(scan.rows(), Some(9_000), "what is known is used until it is replaced");
    assert!(finish(&mut scan, &keys(9_001)));
    assert_eq!(scan.rows(), Some(9_001));
    scan.restart();
    assert!(!finish(&mut scan, &keys(9_001)), "nothing is new");
}

fn inserted(key: i64) -> Written {
    written(&THINGS, None, Some(thing(key)))
}

#[test]
fn rows_of_our_own_move_marks_and_nothing_is_asked_again() {
    let mut keys = keys(9_000);
    for order in ["", "-id"] {
        let mut scan = Scan::new(&THINGS);
        scan.set_query(&Filter::All, &Order::parse(&THINGS, order).unwrap());
        finish(&mut scan, &keys);
        keys.insert(0, keys[0] - 1);
        let last = keys.pop().unwrap();
        let changes =
            [inserted(keys[0]), inserted(-900), written(&THINGS, Some(thing(last)), None)];
        keys.insert(0, -900);
        assert_eq!(scan.write(&changes), Some(1));
        keys.sort_unstable();
        assert_eq!((scan.rows(), scan.is_done()), (Some(keys.len() as u64), true));
        assert!(scan.request().is_none());
        if order.is_empty() {
            check(&scan, &keys);
        }
        keys.remove(0);
    }
}

#[test]
fn rows_that_are_written_while_they_are_counted_are_counted_once() {
    let mut keys = keys(9_000);
    let mut scan = Scan::new(&THINGS);
    let mut new = -1;
    while let Some(request) = scan.request() {
        scan.take(answer(&keys, &request));
        for key in [new, 30_000 + new] {
            let place = keys.binary_search(&key).unwrap_or_else(|place| place);
            keys.insert(place, key);
            scan.write(&[inserted(key)]);
        }
        new -= 3;
    }
    assert_eq!(scan.rows(), Some(keys.len() as u64));
    check(&scan, &keys);
}

#[test]
fn a_filter_is_counted_again_only_if_what_it_finds_may_be_another() {
    let keys = keys(9_000);
    let mut scan = Scan::new(&THINGS);
    scan.set_query(&below(600), &Order::default());
    finish(&mut scan, &keys);
    let after = Record(vec![Value::Integer(3), Value::Integer(70)]);
    let changes = [written(&THINGS, Some(thing(3)), Some(after))];
    assert_eq!((scan.write(&changes), scan.is_done()), (Some(0), true));
    assert_eq!(scan.write(&[inserted(1)]), None);
    assert_eq!(scan.all_rows(), Some(9_001));
    let request = scan.request();
    assert!(matches!(request, Some(ScanStep { filter, .. }) if filter == below(600)));
}

#[test]
fn what_is_kept_as_text_is_marked_anew_and_its_number_known_at_once() {
    let mut scan = Scan::new(&WORDS);
    assert!(scan.request().is_some());
    let end = Cursor(vec![Value::from("m")]);
    scan.take(Scanned::Skips { ends: vec![end], step: 1_024, rest: Some(5) });
    assert_eq!(
        scan.write(&[written(&WORDS, Some(Record(vec![Value::from("a")])), None)]),
        Some(-1)
    );
    assert_eq!((scan.rows(), scan.is_done()), (Some(1_028), false));
    assert!(scan.request().is_some());
}

#[test]
fn what_is_stopped_asks_for_nothing_until_there_is_another_query() {
    let mut scan = Scan::new(&THINGS);
    scan.stop();
    assert!(scan.request().is_none());
    scan.set_query(&below(5), &Order::default());
    assert!(scan.request().is_some());
}

#[test]
fn an_order_without_an_index_is_left_unmarked() {
    let mut scan = Scan::new(&THINGS);
    finish(&mut scan, &keys(3_000));
    scan.set_query(&Filter::All, &Order::parse(&THINGS, "size").unwrap());
    assert!(scan.request().is_some());
    assert!(!scan.take(Scanned::Unordered), "nothing else than was known");
    assert!(scan.request().is_none());
    assert_eq!((scan.rows(), scan.before(2_000)), (Some(3_000), None));
}

#[test]
fn a_filter_is_counted_as_a_whole_only_where_keys_have_several_columns() {
    for (meta, is_whole) in [(&THINGS, false), (&PAIRS, true)] {
        let mut scan = Scan::new(meta);
        scan.set_query(&below(600), &Order::default());
        let place = Cursor(vec![Value::Integer(3); meta.key.len()]);
        scan.take(Scanned::Skips { ends: vec![place], step: 1_024, rest: Some(5) });
        let Some(ScanStep { walk, .. }) = scan.request() else { panic!() };
        assert_eq!(matches!(walk, Walk::Whole), is_whole, "{walk:?}");
        assert_eq!(matches!(walk, Walk::Intervals { .. }), !is_whole, "{walk:?}");
    }
}

#[test]
fn one_row_is_a_guess_and_none_is_not() {
    let mut scan = Scan::new(&THINGS);
    assert_eq!(scan.guess(), None);
    scan.set_estimate(1);
    assert_eq!(scan.guess(), Some(1));
    scan.set_query(&below(600), &Order::default());
    assert_eq!(scan.guess(), None);
}
