//! Inserting and looking up many values of which some may be refused.

use persistence::{Error, Result, Value};

/// Values asked for at a time: every engine takes so many.
const VALUES_PER_QUERY: usize = 500;

/// Bytes asked for at a time: every server takes so many.
const BYTES_PER_QUERY: usize = 32 << 10;

/// Longer values name nothing and are in no index.
const LONGEST_VALUE: usize = 8 << 10;

/// Finds what there is by some values, however many: asked for in parts, and what a database cannot
/// even be asked for (a letter that its encoding lacks, a text longer than any name) is not found.
///
/// # Errors
/// An error that is no value's fault ends the work.
pub fn look_up<R>(
    values: Vec<Value>,
    find: &mut impl FnMut(&[Value]) -> Result<Vec<R>>,
) -> Result<Vec<R>> {
    let mut found = Vec::new();
    let mut values = values.into_iter().filter(|value| length(value) <= LONGEST_VALUE).peekable();
    while values.peek().is_some() {
        let mut bytes = 0;
        let mut asked = Vec::new();
        while let Some(value) = values.next_if(|value| {
            let fits = bytes + length(value) <= BYTES_PER_QUERY;
            asked.is_empty() || fits && asked.len() < VALUES_PER_QUERY
        }) {
            bytes += length(&value);
            asked.push(value);
        }
        // A query that one value spoils is asked in halves, as rows are inserted.
        found.extend(insert_or_reject(&asked, find, &mut |_, _| {})?);
    }
    Ok(found)
}

/// Returns how many bytes a value has, about.
fn length(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 8,
    }
}

/// Inserts as many rows at once as go in, and finds those that are refused: a batch that fails is
/// halved until the rows at fault stand alone. With `k` of `n` rows refused that takes about
/// `2 k log₂ n` tries, and one where none is.
///
/// `insert` writes all of its rows or none; `refuse` is told of a row that cannot be written.
/// Returns what `insert` returned, in the order of the rows.
///
/// # Errors
/// An error that is no row's fault ends the work.
pub fn insert_or_reject<T, R>(
    rows: &[T],
    insert: &mut impl FnMut(&[T]) -> Result<Vec<R>>,
    refuse: &mut impl FnMut(&T, Error),
) -> Result<Vec<R>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    match insert(rows) {
        Ok(inserted) => Ok(inserted),
        Err(error) if is_fault_of_a_row(&error) => {
            if let [row] = rows {
                refuse(row, error);
                return Ok(Vec::new());
            }
            let (first, second) = rows.split_at(rows.len() / 2);
            let mut inserted = insert_or_reject(first, insert, refuse)?;
            inserted.extend(insert_or_reject(second, insert, refuse)?);
            Ok(inserted)
        }
        Err(error) => Err(error),
    }
}

/// Returns whether other rows may well be written.
#[must_use]
pub const fn is_fault_of_a_row(error: &Error) -> bool {
    matches!(error, Error::Invalid(_) | Error::Constraint(_) | Error::Data { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused() -> Error {
        Error::Data { message: "odd".to_owned() }
    }

    #[test]
    fn an_error_that_is_no_rows_fault_ends_the_work() {
        let mut tries = 0;
        let result = insert_or_reject(
            &[1, 2, 3],
            &mut |_: &[i32]| -> Result<Vec<i32>> {
                tries += 1;
                Err(Error::Cancelled)
            },
            &mut |_, _| panic!("no row is at fault"),
        );
        assert!(matches!(result, Err(Error::Cancelled)));
        assert_eq!(tries, 1);
    }

    #[test]
    fn one_bad_row_among_a_thousand_takes_few_tries() {
        let rows: Vec<i32> = (0..1000).collect();
        let mut tries = 0;
        let inserted = insert_or_reject(
            &rows,
            &mut |rows: &[i32]| {
                tries += 1;
                if rows.contains(&700) { Err(refused()) } else { Ok(rows.to_vec()) }
            },
            &mut |_, _| {},
        );
        assert_eq!(inserted.expect("only a row was at fault").len(), 999);
        assert!(tries < 25, "{tries}");
    }

    #[test]
    fn values_are_looked_up_in_parts_and_what_spoils_a_query_is_not_found() {
        let mut values: Vec<Value> = (0..1_200).map(Value::Integer).collect();
        values.extend(["x".repeat(8_000), "y".repeat(9_000)].map(Value::from));
        let mut largest = 0;
        let found = look_up(values, &mut |values: &[Value]| {
            largest = largest.max(values.len());
            if values.contains(&Value::Integer(700)) { Err(refused()) } else { Ok(values.to_vec()) }
        })
        .expect("only values are at fault");
        assert_eq!(largest, VALUES_PER_QUERY);
        assert_eq!(found.len(), 1_200);
        assert!(!found.contains(&Value::Integer(700)));
        let mut queries = 0;
        look_up(vec![Value::from("x".repeat(8_000)); 9], &mut |values: &[Value]| {
            queries += 1;
            Ok(values.to_vec())
        })
        .expect("found");
        assert_eq!(queries, 3);
    }

    proptest! {
        #[test]
        fn every_row_is_inserted_or_refused_once_and_in_order(rows in proptest::collection::vec(0..20_i32, 0..60)) {
            let mut bad = Vec::new();
            let inserted = insert_or_reject(
                &rows,
                &mut |rows: &[i32]| {
                    if rows.iter().any(|row| row % 3 == 0) { Err(refused()) } else { Ok(rows.to_vec()) }
                },
                &mut |row, _| bad.push(*row),
            )
            .expect("only rows are at fault");
            let (expected_bad, expected): (Vec<i32>, Vec<i32>) = rows.iter().partition(|row| *row % 3 == 0);
            prop_assert_eq!(inserted, expected);
            prop_assert_eq!(bad, expected_bad);
        }
    }
}
