//! What a plan says of a deletion is what the database does.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use integration_tests::family::{FamilyEngine, Rows, catalog, create, meta_of, metas, read};
use integration_tests::{TestDatabase, on_every_engine};
use persistence::deletion::{Count, DeletionPlan, plan};
use persistence::edit::Edit;
use persistence::staging::{RowId, RowKey};
use persistence::{Catalog, ConstraintKind, Database, Error, Filter, OnDelete, RecordKey, Result};
use proptest::collection::vec;
use proptest::prelude::*;

use super::graph::{Graph, runner};

const CASES: u32 = 60;

/// How rows are deleted.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// As edits, such as are staged.
    Edits,
    /// By a unit of work, which knows all rows, or only these.
    UnitOfWork { knows_all: bool },
    /// By one statement.
    Filter,
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![
        3 => Just(Way::Edits),
        1 => Just(Way::UnitOfWork { knows_all: true }),
        1 => Just(Way::UnitOfWork { knows_all: false }),
        1 => Just(Way::Filter),
    ]
}

fn key(row: &RowId) -> &RecordKey {
    let RowKey::Stored(key) = &row.key else { panic!("{row:?} is stored") };
    key
}

/// Deletes rows of a table.
fn delete(catalog: &Catalog, rows: &Rows, keys: &BTreeSet<&RowId>, way: Way) -> Result<()> {
    let Some(first) = keys.first() else { return Ok(()) };
    let meta = meta_of(&first.table);
    let mut session = catalog.writing_session()?;
    match way {
        Way::Edits => {
            let edits =
                keys.iter().map(|row| Edit::between(meta, Some(&rows[*row]), None).unwrap());
            session.apply(&edits.collect::<Vec<_>>())?;
        }
        Way::UnitOfWork { knows_all } => {
            for meta in metas().into_iter().filter(|_| knows_all) {
                session.all(meta.table, &persistence::Query::new())?;
            }
            // All of them are read first: a read flushes what is pending.
            let slots = keys.iter().map(|row| session.get(meta.table, key(row)));
            for slot in slots.collect::<Result<Vec<_>>>()? {
                session.delete(slot)?;
            }
        }
        Way::Filter => {
            let filter = Filter::keys(meta, keys.iter().map(|row| key(row)));
            session.repository(meta.table)?.delete_where(&filter)?;
        }
    }
    session.commit()
}

/// Returns whether a row that goes along keeps another that is deleted: then the database may refuse it, which depends
/// on the engine and on what it comes to first. On MySQL rows that one statement deletes may keep each other, too.
fn may_be_refused(before: &Rows, deleted: &BTreeSet<&RowId>, is_one_statement: bool) -> bool {
    let refers = |row: &RowId, rule: OnDelete, to: &BTreeSet<RowId>| {
        let meta = meta_of(&row.table);
        let columns = meta.columns.iter().enumerate().filter_map(|(position, column)| {
            let reference = column.references.as_ref().filter(|it| it.on_delete == rule)?;
            let key = RowKey::Stored(RecordKey(vec![before[row].value(position).clone()]));
            Some(RowId { table: reference.entity.meta().table.into(), key })
        });
        columns.into_iter().any(|referred| to.contains(&referred))
    };
    let mut gone: BTreeSet<RowId> = deleted.iter().map(|row| (*row).clone()).collect();
    loop {
        let goes = |row: &&RowId| !gone.contains(*row) && refers(row, OnDelete::Cascade, &gone);
        let along: Vec<RowId> = before.keys().filter(goes).cloned().collect();
        if along.is_empty() {
            break;
        }
        gone.extend(along);
    }
    let mut keepers = gone.iter().filter(|row| is_one_statement || !deleted.contains(row));
    keepers.any(|row| refers(row, OnDelete::Restrict, &gone))
}

/// What became of rows, by table and column, as a plan tells it.
type Consequences = BTreeMap<(String, String), u64>;

/// What a plan says becomes of other rows. How many of a table are deleted along is said of each foreign key, and
/// counts together.
fn planned(plan: &DeletionPlan) -> Consequences {
    let mut consequences = Consequences::new();
    for found in &plan.consequences {
        let column = match found.rule {
            OnDelete::Cascade => "",
            OnDelete::SetNull => found.column.name,
            OnDelete::Restrict => panic!("it is in the way: {found:?}"),
        };
        let Count::Exactly(count) = found.count else { panic!("these are few rows: {found:?}") };
        let place = (found.entity.table.to_owned(), column.to_owned());
        *consequences.entry(place).or_default() += count;
    }
    consequences
}

/// What became of other rows.
fn done(before: &Rows, after: &Rows, deleted: &BTreeSet<&RowId>) -> Consequences {
    let mut consequences = Consequences::new();
    for (row, was) in before.iter().filter(|(row, _)| !deleted.contains(row)) {
        let meta = meta_of(&row.table);
        let mut count = |column: &str| {
            *consequences.entry((row.table.to_string(), column.to_owned())).or_default() += 1;
        };
        let Some(now) = after.get(row) else {
            count("");
            continue;
        };
        for (position, column) in meta.columns.iter().enumerate() {
            let is_emptied = !was.value(position).is_null() && now.value(position).is_null();
            if is_emptied {
                count(column.name);
            }
        }
    }
    consequences
}

fn plans_are_kept<C: FamilyEngine>(place: &TestDatabase) {
    create::<C>(place);
    let database = Database::<C>::open(place.url()).unwrap();
    let catalog = catalog(&database);
    let (refused, along) = (Cell::new(0), Cell::new(0));
    let picks = (0..3_usize, vec(any::<prop::sample::Index>(), 1..4));
    let case = (Graph::random(), picks, way());
    let run = runner(CASES).run(&case, |(graph, (table, picks), way)| {
        graph.fill::<C>(place);
        let before = read(&catalog);
        let table = ["nodes", "leaves", "links"][table];
        let rows: Vec<&RowId> = before.keys().filter(|row| row.table == table).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let deleted: BTreeSet<&RowId> = picks.iter().map(|pick| *pick.get(&rows)).collect();
        let keys: Vec<RecordKey> = deleted.iter().map(|row| key(row).clone()).collect();
        let plan = plan(&mut *catalog.session().unwrap(), catalog.entries(), table, &keys).unwrap();
        let result = delete(&catalog, &before, &deleted, way);
        let after = read(&catalog);
        if plan.is_blocked() {
            refused.set(refused.get() + 1);
            let Err(Error::Constraint(violation)) = result else {
                panic!("it was not refused: {result:?}")
            };
            prop_assert_eq!(violation.kind, ConstraintKind::ForeignKey);
            prop_assert_eq!(before, after);
        } else {
            let is_one_statement = C::NAME == "MySQL" && matches!(way, Way::Filter);
            if let Err(Error::Constraint(violation)) = &result
                && may_be_refused(&before, &deleted, is_one_statement)
            {
                prop_assert_eq!(violation.kind, ConstraintKind::ForeignKey);
                prop_assert_eq!(before, after);
                return Ok(());
            }
            prop_assert!(result.is_ok(), "{:?}", result);
            for row in &deleted {
                prop_assert!(!after.contains_key(row), "{:?} is there", row);
            }
            let done = done(&before, &after, &deleted);
            prop_assert_eq!(planned(&plan), done.clone());
            along.set(along.get() + u32::from(!done.is_empty()));
        }
        Ok(())
    });
    if let Err(error) = run {
        panic!("{error}");
    }
    let (refused, along) = (refused.get(), along.get());
    println!("{}: {refused} refused, {along} with others along", C::NAME);
    assert!(refused > CASES / 20 && along > CASES / 20, "{refused} refused, {along} along");
}

on_every_engine! {
    fn a_deletion_does_what_its_plan_says<Engine>(place) {
        plans_are_kept::<Engine>(&place);
    }
}
