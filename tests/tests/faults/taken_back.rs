//! Random transactions that are taken back leave all rows as they were before, or it is said which do not, and why.

use std::cell::Cell;
use std::collections::BTreeSet;

use integration_tests::family::{FamilyEngine, Rows, catalog, create, fill, meta_of, metas, read};
use integration_tests::{TestDatabase, on_every_engine};
use persistence::audit::{self, AuditEntry, HistoryFilter, LeftOut, RecordedKind, TakingBack};
use persistence::edit::Edit;
use persistence::entity::Fill;
use persistence::staging::{RowId, RowKey, Staging};
use persistence::{
    Catalog, Database, EntityMeta, Error, Given, Query, RecordKey, Result, Slot, Store, Value,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::graph::{Graph, runner};

const CASES: u32 = 60;

/// What is done to a row; numbers stand for rows and columns that there are.
#[derive(Clone, Debug)]
enum Doing {
    Set(usize, usize, usize),
    Delete(usize),
    Add(usize, usize),
    Flush,
}

fn doing() -> impl Strategy<Value = Doing> {
    let number = || 0..100_usize;
    prop_oneof![
        6 => (number(), number(), number()).prop_map(|(row, column, to)| Doing::Set(row, column, to)),
        2 => number().prop_map(Doing::Delete),
        2 => (number(), number()).prop_map(|(table, to)| Doing::Add(table, to)),
        2 => Just(Doing::Flush),
    ]
}

/// A value for a column by a number: a key of a row that it may refer to, or a text.
fn value(
    (meta, position): (&EntityMeta, usize),
    number: usize,
    slots: &[(&'static str, Slot)],
) -> Given {
    let column = &meta.columns[position];
    match &column.references {
        Some(_) if number.is_multiple_of(4) && column.is_nullable => Given::Value(Value::Null),
        Some(reference) => {
            let table = reference.entity.meta().table;
            let slots: Vec<&Slot> =
                slots.iter().filter(|(of, _)| *of == table).map(|(_, slot)| slot).collect();
            match slots.get(number % slots.len().max(1)) {
                Some(slot) => Given::Row(**slot),
                None => Given::Value(Value::Null),
            }
        }
        None if column.is_nullable && number.is_multiple_of(5) => Given::Value(Value::Null),
        None => Given::Value(format!("{} {}", column.name, number % 12).into()),
    }
}

/// Does all of it in one transaction; says whether that is written.
fn transaction(catalog: &Catalog, doings: &[Doing]) -> Result<()> {
    let mut session = catalog.writing_session()?;
    let mut slots: Vec<(&'static str, Slot)> = Vec::new();
    for meta in metas() {
        let all = session.all(meta.table, &Query::new())?;
        slots.extend(all.into_iter().map(|slot| (meta.table, slot)));
    }
    let at = |slots: &[(&'static str, Slot)], number: usize| {
        slots.get(number % slots.len().max(1)).copied()
    };
    for doing in doings {
        match doing {
            Doing::Set(row, column, to) => {
                let Some((table, slot)) = at(&slots, *row) else { continue };
                let meta = meta_of(table);
                let drafts: Vec<usize> = (0..meta.columns.len())
                    .filter(|position| meta.columns[*position].fill == Fill::Draft)
                    .collect();
                let position = drafts[column % drafts.len()];
                let given = value((meta, position), *to, &slots);
                session.set(slot, meta.columns[position].name, given)?;
            }
            Doing::Delete(row) => {
                if let Some((_, slot)) = at(&slots, *row) {
                    session.delete(slot)?;
                }
            }
            Doing::Add(table, to) => {
                let meta = metas()[table % 5];
                let drafts = meta.columns.iter().enumerate();
                let drafts = drafts.filter(|(_, column)| column.fill == Fill::Draft);
                let columns: Vec<(&str, Given)> = drafts
                    .map(|(position, column)| {
                        (column.name, value((meta, position), to + position, &slots))
                    })
                    .collect();
                slots.push((meta.table, session.add(meta.table, &columns)?));
            }
            Doing::Flush => session.flush()?,
        }
    }
    session.commit()
}

/// Whether two sets of rows are the same, but for what the framework counts and those that are left out; returns
/// what differs.
fn differing(before: &Rows, after: &Rows, left_out: &[LeftOut]) -> Vec<String> {
    let is_left_out = |row: &RowId| {
        let RowKey::Stored(key) = &row.key else { panic!("{row:?} is stored") };
        left_out.iter().any(|left| row.table == left.table && *key == left.key)
    };
    let rows: BTreeSet<&RowId> = before.keys().chain(after.keys()).collect();
    let differs = |row: &RowId| match (before.get(row), after.get(row)) {
        (Some(was), Some(now)) => {
            let meta = meta_of(&row.table);
            let columns = meta.columns.iter().enumerate();
            let mut told = columns.filter(|(_, column)| column.fill != Fill::Version);
            told.any(|(position, _)| was.value(position) != now.value(position))
        }
        // It is deleted again by a mark.
        (None, Some(now)) => {
            meta_of(&row.table).deleted().is_none_or(|mark| now.value(mark).is_null())
        }
        _ => true,
    };
    let rows = rows.into_iter().filter(|row| differs(row) && !is_left_out(row));
    let told = |row: &RowId| format!("{row:?}: {:?} became {:?}", before.get(row), after.get(row));
    rows.map(told).collect()
}

/// Takes the last transaction back; returns what was left out.
fn take_back(catalog: &Catalog) -> Result<Vec<LeftOut>> {
    let mut session = catalog.writing_session()?;
    let every = HistoryFilter::default();
    let page = audit::transactions(&mut *session, &every, None, 1)?;
    let taking_back = TakingBack::of_transaction(&mut *session, &page.transactions[0].id)?;
    let mut staging = Staging::new(catalog.entries());
    taking_back.stage(&mut staging)?;
    let edits = staging.edits().map_err(|obstacles| Error::Data {
        message: format!("nobody else has written anything: {obstacles:?}"),
    })?;
    session.apply(&edits)?;
    session.commit()?;
    Ok(taking_back.left_out().to_vec())
}

fn transactions_are_taken_back<C: FamilyEngine + Store<AuditEntry>>(place: &TestDatabase) {
    create::<C>(place);
    place.execute(&audit::create_table::<C>());
    let database = Database::<C>::builder(place.url()).audit().open().unwrap();
    let catalog = catalog(&database);
    let (written, left) = (Cell::new(0), Cell::new(0));
    let case = (Graph::random(), vec(doing(), 1..8));
    let run = runner(CASES).run(&case, |(graph, doings)| {
        graph.fill::<C>(place);
        place.execute("DELETE FROM audit_entries");
        let before = read(&catalog);
        let result = transaction(&catalog, &doings);
        let between = read(&catalog);
        if result.is_err() {
            prop_assert_eq!(before, between);
            return Ok(());
        }
        if before == between {
            return Ok(());
        }
        written.set(written.get() + 1);
        let left_out = match take_back(&catalog) {
            Ok(left_out) => left_out,
            Err(error) => {
                let differs = differing(&before, &between, &[]);
                return Err(TestCaseError::fail(format!("{error:?}\n{differs:#?}")));
            }
        };
        left.set(left.get() + u32::from(!left_out.is_empty()));
        let after = read(&catalog);
        let differs = differing(&before, &after, &left_out);
        prop_assert!(
            differs.is_empty(),
            "{:#?}\nleft out: {:?}\nwritten: {:#?}",
            differs,
            left_out,
            differing(&before, &between, &[])
        );
        Ok(())
    });
    if let Err(error) = run {
        panic!("{error}");
    }
    println!("{}: {} taken back, of {} something was left out", C::NAME, written.get(), left.get());
    assert!(written.get() > CASES / 3, "{} of {CASES} are written", written.get());
}

on_every_engine! {
    fn a_transaction_is_taken_back_exactly<Engine>(place) {
        transactions_are_taken_back::<Engine>(&place);
    }
}

fn what_is_there_again_lets_go_of_nothing<C: FamilyEngine + Store<AuditEntry>>(
    place: &TestDatabase,
) {
    create::<C>(place);
    place.execute(&audit::create_table::<C>());
    let database = Database::<C>::builder(place.url()).audit().open().unwrap();
    let catalog = catalog(&database);
    let refers = |table: &str, id: i64, column: &str, _| {
        ((table, id, column) == ("nodes", 2, "beside_id")).then_some(1)
    };
    fill::<C>(place, [2, 0, 0], refers, &[]);
    let rows = read(&catalog);
    let meta = meta_of("nodes");
    let node = |id: i64| &rows[&RowId { table: "nodes".into(), key: RowKey::Stored(key(id)) }];
    let mut again = node(2).clone();
    again.set(meta.position("beside_id").unwrap(), Value::Null);
    let edits = [
        Edit::between(meta, Some(node(2)), None).unwrap(),
        Edit::between(meta, None, Some(&again)).unwrap(),
        Edit::between(meta, Some(node(1)), None).unwrap(),
    ];
    let mut session = catalog.writing_session().unwrap();
    session.apply(&edits).unwrap();
    session.commit().unwrap();
    let every = HistoryFilter::default();
    let page = audit::transactions(&mut *session, &every, None, 1).unwrap();
    let written = &page.transactions[0].id;
    let changes = audit::changes(&mut *session, written, &every, None, 10).unwrap();
    let of_node = changes.into_iter().filter(|change| change.key == key(2));
    let kinds: Vec<RecordedKind> = of_node.map(|change| change.kind).collect();
    assert_eq!(kinds, [RecordedKind::Delete, RecordedKind::Insert]);
}

fn key(id: i64) -> RecordKey {
    RecordKey(vec![id.into()])
}

on_every_engine! {
    fn a_row_that_is_deleted_and_there_again_is_not_told_to_let_go<Engine>(place) {
        what_is_there_again_lets_go_of_nothing::<Engine>(&place);
    }
}
