//! What holds of every place in tables of ten, a million and a thousand million rows, whatever a
//! person does.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use super::{Extent, Scroll};

const TOTALS: [u64; 4] = [10, 1_000_000, 1_000_000_000, 1_000_000_000_000];

/// Steps a row is divided into: sums of these are exact in binary floating point.
const PARTS: i64 = 64;

/// Tests the same cases in every run.
fn holds<S: Strategy>(strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    if let Err(error) = runner.run(strategy, test) {
        panic!("{error}");
    }
}

/// Makes tables, and how much of each fits on the screen.
fn extents() -> impl Strategy<Value = Extent> + Clone {
    let visible = (1_i32..120, 0_i32..64).prop_map(|(whole, part)| sixty_fourths(whole, part));
    (prop::sample::select(TOTALS.as_slice()), visible)
        .prop_map(|(total, visible)| Extent { total, visible })
}

fn sixty_fourths(whole: i32, part: i32) -> f64 {
    f64::from(whole) + f64::from(part) / 64.0
}

/// Makes tables and a place in each, the ends more often than chance would have them.
fn places() -> impl Strategy<Value = (Extent, Scroll)> + Clone {
    extents().prop_flat_map(|extent| {
        let row = prop_oneof![
            2 => 0..extent.total,
            1 => 0..extent.total.min(200),
            1 => extent.total.saturating_sub(200)..extent.total,
        ];
        (Just(extent), (row, 0_i32..64)).prop_map(|(extent, (top, part))| {
            (extent, Scroll { top, fraction: sixty_fourths(0, part) }.clamped(extent))
        })
    })
}

/// Returns a place in sixty-fourths of a row: integers, which cannot drift.
fn parts(scroll: Scroll) -> i128 {
    i128::from(scroll.top) * i128::from(PARTS) + part(scroll.fraction)
}

#[expect(clippy::cast_possible_truncation, reason = "sixty-fourths of a few rows")]
fn part(rows: f64) -> i128 {
    let parts = rows * 64.0;
    assert!(parts.fract() == 0.0, "{rows} is no multiple of a 64th");
    parts as i128
}

/// Returns the last place of a table, in sixty-fourths.
fn end(extent: Extent) -> i128 {
    (i128::from(extent.total) * i128::from(PARTS) - part(extent.visible)).max(0)
}

/// Returns whether a place is the other one or lies above it.
fn is_at_or_above(this: Scroll, that: Scroll) -> bool {
    (this.top, this.fraction) <= (that.top, that.fraction)
}

fn check_place(scroll: Scroll, extent: Extent) -> Result<(), TestCaseError> {
    prop_assert!((0.0..1.0).contains(&scroll.fraction), "{scroll:?}");
    prop_assert_eq!(scroll.clamped(extent), scroll, "inside the table");
    let rows = scroll.rows(extent);
    let whole = scroll.whole_rows(extent);
    prop_assert!(rows.start <= whole.start && whole.end <= rows.end, "{rows:?} {whole:?}");
    prop_assert!(rows.end <= extent.total, "{rows:?}");
    // The screen is full wherever there are rows enough.
    let seen = (rows.end - rows.start) as f64 - scroll.fraction;
    prop_assert!(seen >= extent.visible.min(extent.total as f64), "{scroll:?} shows {rows:?}");
    Ok(())
}

#[test]
fn steps_add_up_exactly_and_stop_at_the_ends() {
    let steps = prop::collection::vec((-3_000_i64..3_000, 0..3_usize), 1..60);
    holds(&(places(), steps), |((extent, start), steps)| {
        let (mut scroll, mut expected) = (start, parts(start));
        for (step, kind) in steps {
            // A notch of a touchpad, a wheel's, a page's.
            let step = step * [1, PARTS, PARTS * 40].get(kind).copied().unwrap_or(1);
            scroll = scroll.moved(step as f64 / PARTS as f64, extent);
            expected = (expected + i128::from(step)).clamp(0, end(extent));
            prop_assert_eq!(parts(scroll), expected, "{:?} after {} of {:?}", scroll, step, extent);
            check_place(scroll, extent)?;
        }
        Ok(())
    });
}

#[test]
fn steps_of_any_length_there_and_back_lead_to_where_they_began() {
    let strategy = (places(), 0.001_f64..40.0, 1_u32..500);
    holds(&strategy, |((extent, start), step, count)| {
        let room = (end(extent) - parts(start)) as f64 / PARTS as f64;
        // As many as lead to no end.
        let count = (1..=count).take_while(|count| step * f64::from(*count) < room).count();
        let mut scroll = start;
        for _ in 0..count {
            scroll = scroll.moved(step, extent);
            check_place(scroll, extent)?;
        }
        let moved = (scroll.top - start.top) as f64 + scroll.fraction - start.fraction;
        prop_assert!((moved - step * count as f64).abs() < 1e-8, "{start:?} {scroll:?}");
        for _ in 0..count {
            scroll = scroll.moved(-step, extent);
        }
        let off = scroll.top as f64 - start.top as f64 + scroll.fraction - start.fraction;
        prop_assert!(off.abs() < 1e-8, "{start:?} became {scroll:?}");
        Ok(())
    });
}

#[test]
fn dragging_further_never_goes_back_and_reaches_both_ends() {
    let strategy = (extents(), prop::collection::vec(0.0_f64..=1.0, 2..40), 0.0_f64..0.5);
    holds(&strategy, |(extent, mut shares, shortest)| {
        shares.sort_by(f64::total_cmp);
        let length = Scroll::default().handle(extent, shortest).length;
        prop_assert_eq!(Scroll::of_handle(0.0, length, extent), Scroll::default());
        if length < 1.0 {
            prop_assert_eq!(Scroll::of_handle(1.0 - length, length, extent), extent.end());
        }
        let mut last = Scroll::default();
        for share in shares {
            let scroll = Scroll::of_handle(share * (1.0 - length), length, extent);
            prop_assert!(is_at_or_above(last, scroll), "{last:?}, then {scroll:?}");
            check_place(scroll, extent)?;
            last = scroll;
        }
        Ok(())
    });
}

#[test]
fn the_handle_stands_where_it_was_let_go() {
    let strategy = (extents(), 0.0_f64..=1.0, 0.0_f64..0.5);
    holds(&strategy, |(extent, share, shortest)| {
        let length = Scroll::default().handle(extent, shortest).length;
        let start = share * (1.0 - length);
        let handle = Scroll::of_handle(start, length, extent).handle(extent, shortest);
        prop_assert!((handle.length - length).abs() < 1e-12);
        prop_assert!((handle.start - start).abs() < 1e-9, "{start} became {}", handle.start);
        prop_assert!(handle.start >= 0.0 && handle.start + handle.length <= 1.0 + 1e-12);
        Ok(())
    });
}

#[test]
fn a_row_that_is_revealed_can_be_seen_whole_and_one_that_could_be_moves_nothing() {
    let strategy = places().prop_flat_map(|(extent, scroll)| {
        let near = scroll.top.saturating_sub(200)..(scroll.top + 200).min(extent.total);
        (Just((extent, scroll)), prop_oneof![0..extent.total, near])
    });
    holds(&strategy, |((extent, scroll), row)| {
        let revealed = scroll.revealing(row, extent);
        check_place(revealed, extent)?;
        prop_assert!(revealed.whole_rows(extent).contains(&row), "{row}: {revealed:?}");
        if scroll.whole_rows(extent).contains(&row) {
            prop_assert_eq!(revealed, scroll);
        } else {
            // As little as possible: the row touches the edge it came in by.
            let whole = revealed.whole_rows(extent);
            prop_assert!(row == whole.start || row + 1 == whole.end, "{row} in {whole:?}");
        }
        Ok(())
    });
}

#[test]
fn a_window_that_is_resized_or_rows_that_go_leave_a_place_of_the_table() {
    let strategy = (places(), 1_i32..200, 0_i32..64, 0_u64..1_000);
    holds(&strategy, |((extent, scroll), whole, part, gone)| {
        let resized = Extent {
            total: extent.total.saturating_sub(gone),
            visible: sixty_fourths(whole, part),
        };
        let moved = scroll.clamped(resized);
        check_place(moved, resized)?;
        prop_assert_eq!(moved.clamped(resized), moved);
        // Never further down, and not at all where that is not needed.
        prop_assert!(is_at_or_above(moved, scroll));
        if parts(scroll) <= end(resized) {
            prop_assert_eq!(moved, scroll);
        }
        Ok(())
    });
}
