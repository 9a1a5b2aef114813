//! Random operations of one person or two, and of others, beside a model.

use std::collections::BTreeMap;

use integration_tests::{TestDatabase, on_every_engine};
use persistence::edit::Edit;
use persistence::entity::Fill;
use persistence::staging::{Act, RowId, RowKey, StagedRow, StagedValue, Staging, Step};
use persistence::{Catalog, Conflict, Decimal, EntityMeta, Error, Record, Value};
use proptest::test_runner::{Config, TestRng, TestRunner};

use super::acting::key_of;
use super::keeping::{assert_same, kept, taken, told};
use super::model::{Model, ModelAct, Row, as_staged};
use super::operations::{Doing, Operation, Writing, operations};
use super::world::{Rows, Workshop, furnish, meta_of, metas, open, read, shown};
use super::written::assert_written;

/// One who stages edits.
struct Person {
    staging: Staging,
    /// What took each step of that one, as it was kept.
    taken: Staging,
    /// What was made of the kept steps some time ago, and does the same since.
    rebuilt: Staging,
    model: Model,
    /// The rows as this person has seen them, the last time last.
    looks: Vec<Rows>,
}

/// What came of all cases.
#[derive(Default)]
pub struct Outcomes {
    pub saved: u32,
    pub refused: u32,
    pub conflicts: u32,
}

struct Run<'c> {
    catalog: &'c Catalog,
    people: Vec<Person>,
    /// Makes titles and names that nothing else has.
    serial: usize,
}

fn pick<T: Clone>(of: &[T], number: usize) -> Option<T> {
    (!of.is_empty()).then(|| of[number % of.len()].clone())
}

fn people_s(meta: &'static EntityMeta, number: usize) -> &'static str {
    let columns = meta.columns.iter().filter(|column| column.fill == Fill::Draft);
    let columns: Vec<&str> = columns.map(|column| column.name).collect();
    columns[number % columns.len()]
}

/// A value by its number; some are none that the column can have.
fn value(
    (meta, column): (&EntityMeta, &str),
    number: usize,
    rows: &Rows,
    new_rows: impl Fn(&str) -> Vec<RowId>,
) -> StagedValue {
    let texts = |texts: &[&str]| StagedValue::from(texts[number % texts.len()]);
    let refer = |table: &str| -> StagedValue {
        let stored: Vec<&RowId> = rows.keys().filter(|row| row.table == table).collect();
        let new = new_rows(table);
        match number {
            0 => StagedValue::Text("somebody".into()),
            1 if table == "makers" => "nobody".into(),
            1 => 999_999.into(),
            2 => Value::Null.into(),
            number if number % 3 == 0 && !new.is_empty() => key_of(&new[number % new.len()]),
            number => match pick(&stored, number).map(|row| row.key.clone()) {
                Some(RowKey::Stored(key)) => key.0[0].clone().into(),
                _ => Value::Null.into(),
            },
        }
    };
    match (meta.table, column) {
        ("makers", "code") => texts(&["a", "b", "c", "d", "e", "ü", "A", ""]),
        ("makers", "name") if number < 4 => Value::Null.into(),
        ("makers", "name") => texts(&["a & Sons", "x", "", "łódź 🕰", "e\u{301}", "é"]),
        ("things", "title") if number == 0 => Value::Null.into(),
        ("things", "title") if number == 1 => "x".repeat(5000).into(),
        ("things", "title") => texts(&["Clock", "Watch", "", "Hand", " "]),
        ("things", "tag") if number < 6 => Value::Null.into(),
        ("things", "tag") => texts(&["t1", "t2", "t3", ""]),
        ("things", "price") => match number % 5 {
            0 => Value::Null.into(),
            1 if number < 6 => StagedValue::Text("dear".into()),
            units => Value::Decimal(
                Decimal::<2>::from_units(i64::try_from(units).unwrap() * 125 - 250).scaled(),
            )
            .into(),
        },
        ("things", "maker_code") => refer("makers"),
        ("shelves", "name") => texts(&["Top", "Bottom", "Left", "Right", ""]),
        _ => refer("things"),
    }
}

impl Person {
    fn new(catalog: &Catalog) -> Self {
        let staging = Staging::new(catalog.entries());
        Self {
            taken: staging.clone(),
            rebuilt: staging.clone(),
            staging,
            model: Model::default(),
            looks: vec![shown(catalog)],
        }
    }

    /// Takes what was done to the one staging to the others.
    fn keep(&mut self, step: Option<&Step>, again: Option<&Step>) {
        assert_eq!(step, again);
        for step in kept(&Vec::from_iter(step.cloned())) {
            self.taken.take(step).unwrap();
        }
    }

    fn reread(&mut self, row: &RowId, now: Option<Record>) {
        let step = self.staging.reread(row, now.clone());
        self.rebuilt.reread(row, now.clone());
        for step in kept(step.as_slice()) {
            self.taken.take(step).unwrap();
        }
        self.model.reread(row, now);
    }

    fn act(&mut self, age: usize, doings: &[Doing], serial: &mut usize) {
        let look = self.looks.len() - 1 - age.min(self.looks.len() - 1);
        let rows = &self.looks[look];
        let mut acts = Acts {
            one: self.staging.act(),
            other: self.rebuilt.act(),
            model: self.model.act(),
            rows,
            serial,
        };
        for doing in doings {
            acts.take(doing);
        }
        let Acts { one, other, model, .. } = acts;
        let (step, again) = (one.finish(), other.finish());
        assert_eq!(step.is_some(), model.finish());
        self.keep(step.as_ref(), again.as_ref());
    }

    fn finish(&mut self) {
        let step = self.staging.finish();
        self.rebuilt.finish();
        self.taken.take(step).unwrap();
        self.model = Model::default();
    }

    fn assert_as_modelled(&self) {
        let shown = self.model.shown();
        for staging in [&self.staging, &self.rebuilt, &self.taken] {
            let staged: BTreeMap<RowId, StagedRow> =
                staging.rows().map(|(row, staged)| (row.clone(), staged.clone())).collect();
            let wanted: BTreeMap<RowId, StagedRow> =
                shown.iter().map(|(row, staged)| (row.clone(), as_staged(staged))).collect();
            assert_eq!(staged, wanted);
            for row in shown.keys() {
                assert_eq!(staging.conflict(row), self.model.conflict(row), "{row:?}");
            }
            assert_eq!(staging.edits().is_err(), self.model.is_obstructed());
        }
        assert_eq!(told(&self.staging), told(&self.rebuilt));
        assert_eq!(told(&self.staging), told(&self.taken));
    }
}

/// The same act on two stagings and on the model.
struct Acts<'s> {
    one: Act<'s>,
    other: Act<'s>,
    model: ModelAct<'s>,
    rows: &'s Rows,
    serial: &'s mut usize,
}

impl Acts<'_> {
    fn row(&self, number: usize) -> Option<(RowId, Record)> {
        let rows: Vec<(&RowId, &Record)> = self.rows.iter().collect();
        pick(&rows, number).map(|(row, record)| (row.clone(), record.clone()))
    }

    fn touchable(&self, number: usize) -> Option<RowId> {
        pick(&self.model.touchable(), number)
    }

    fn value(&self, meta: &EntityMeta, column: &str, number: usize) -> StagedValue {
        value((meta, column), number, self.rows, |table| self.model.new_rows(table))
    }

    fn set_new(&mut self, row: &RowId, column: &'static str, value: StagedValue) {
        self.one.set_new(row, column, value.clone()).unwrap();
        self.other.set_new(row, column, value.clone()).unwrap();
        self.model.set_new(row, column, value);
    }

    fn take(&mut self, doing: &Doing) {
        match *doing {
            Doing::Set(row, column, number) => {
                let Some((row, copy)) = self.row(row) else { return };
                let meta = meta_of(&row);
                let column = people_s(meta, column);
                let value = self.value(meta, column, number);
                self.one.set(meta, &copy, column, value.clone()).unwrap();
                self.other.set(meta, &copy, column, value.clone()).unwrap();
                self.model.set(&row, &copy, column, value);
            }
            Doing::Insert(table, numbers) => {
                let meta = metas()[table];
                let new = self.one.insert(meta).unwrap();
                assert_eq!(self.other.insert(meta).unwrap(), new);
                assert_eq!(self.model.current(&new), None);
                self.model.insert(new.clone());
                *self.serial += 1;
                let named = meta.columns[usize::from(meta.columns[0].fill.is_by_database())].name;
                // A key that others have is tried as well.
                if numbers[0] > 5 || meta.table != "makers" {
                    self.set_new(&new, named, format!("new {}", self.serial).into());
                } else {
                    self.set_new(&new, named, self.value(meta, named, numbers[1]));
                }
                for (column, number) in meta.columns.iter().zip(numbers.iter().cycle()) {
                    let is_wanted = number % 4 != 0 || column.references.is_some();
                    if column.fill == Fill::Draft && column.name != named && is_wanted {
                        let value = self.value(meta, column.name, *number);
                        self.set_new(&new, column.name, value);
                    }
                }
            }
            Doing::SetNew(row, column, number) => {
                let rows = metas()
                    .iter()
                    .flat_map(|meta| self.model.new_rows(meta.table))
                    .collect::<Vec<_>>();
                let Some(row) = pick(&rows, row) else { return };
                let meta = meta_of(&row);
                let column = people_s(meta, column);
                if !["code", "title", "name"].contains(&column) {
                    let value = self.value(meta, column, number);
                    self.set_new(&row, column, value);
                }
            }
            Doing::Delete(row) => {
                let Some((row, copy)) = self.row(row) else { return };
                self.one.delete(meta_of(&row), &copy).unwrap();
                self.other.delete(meta_of(&row), &copy).unwrap();
                self.model.delete(&row, &copy);
            }
            Doing::Revert(row, column) => {
                let Some(row) = self.touchable(row) else { return };
                let column = people_s(meta_of(&row), column);
                if matches!(row.key, RowKey::New(_)) && ["code", "title", "name"].contains(&column)
                {
                    return; // By that it is found once it is written.
                }
                self.one.revert(&row, column);
                self.other.revert(&row, column);
                self.model.revert(&row, column);
            }
            Doing::RevertRow(row) => {
                let Some(row) = self.touchable(row) else { return };
                self.one.revert_row(&row);
                self.other.revert_row(&row);
                self.model.revert_row(&row);
            }
            Doing::RevertAll => {
                self.one.revert_all();
                self.other.revert_all();
                self.model.revert_all();
            }
            Doing::KeepMine(row, column) => {
                let Some(row) = self.touchable(row) else { return };
                let column = people_s(meta_of(&row), column);
                self.one.keep_mine(&row, column);
                self.other.keep_mine(&row, column);
                self.model.keep_mine(&row, column);
            }
            Doing::InsertAgain(row) => {
                let Some(row) = self.touchable(row) else { return };
                let new = self.one.insert_again(&row);
                assert_eq!(self.other.insert_again(&row), new);
                assert_eq!(new.is_some(), self.model.is_gone(&row));
                if let Some(new) = new {
                    self.model.insert_again(&row, new);
                }
            }
        }
    }
}

impl Run<'_> {
    fn take(&mut self, who: usize, operation: &Operation, outcomes: &mut Outcomes) {
        match operation {
            Operation::Look => self.people[who].looks.push(shown(self.catalog)),
            Operation::Act(age, doings) => self.people[who].act(*age, doings, &mut self.serial),
            Operation::Undo => {
                let person = &mut self.people[who];
                let (step, again) = (person.staging.undo(), person.rebuilt.undo());
                assert_eq!(step.is_some(), person.model.undo());
                person.keep(step.as_ref(), again.as_ref());
            }
            Operation::Redo => {
                let person = &mut self.people[who];
                let (step, again) = (person.staging.redo(), person.rebuilt.redo());
                assert_eq!(step.is_some(), person.model.redo());
                person.keep(step.as_ref(), again.as_ref());
            }
            Operation::Others(writing) => drop(self.write(who, writing)),
            Operation::Reread(one) => self.reread(who, *one),
            Operation::Save { rereads } => self.save(who, *rereads, outcomes),
            Operation::Rebuild => {
                let person = &mut self.people[who];
                person.rebuilt = taken(self.catalog, kept(&person.staging.steps()));
                assert_same(&person.staging, &person.rebuilt);
                assert_same(&person.staging, &person.taken);
            }
        }
        for person in &self.people {
            person.assert_as_modelled();
            outcomes.conflicts += u32::from(
                person.model.shown().keys().any(|row| person.model.conflict(row).is_some()),
            );
        }
    }

    fn reread(&mut self, who: usize, one: Option<usize>) {
        let now = shown(self.catalog);
        let person = &mut self.people[who];
        let rows: Vec<RowId> = person.staging.rows().map(|(row, _)| row.clone()).collect();
        let rows = match one {
            Some(number) => pick(&rows, number).into_iter().collect(),
            None => rows,
        };
        for row in rows {
            person.reread(&row, now.get(&row).cloned());
        }
    }

    /// Others write something, if the database takes it.
    fn write(&mut self, who: usize, writing: &Writing) -> Result<(), Error> {
        let rows = shown(self.catalog);
        let listed: Vec<(&RowId, &Record)> = rows.iter().collect();
        let known = |meta: &EntityMeta, column: &str, number| {
            value((meta, column), number, &rows, |_| Vec::new()).known().cloned()
        };
        let mut session = self.catalog.writing_session()?;
        match *writing {
            Writing::Set(row, column, number) => {
                let Some((row, stored)) = pick(&listed, row) else { return Ok(()) };
                let meta = meta_of(row);
                let column = people_s(meta, column);
                let Some(value) = known(meta, column, number) else { return Ok(()) };
                let mut mine = stored.clone();
                mine.set(meta.position(column).unwrap(), value);
                session.repository(meta.table)?.update_from(stored, mine)?;
            }
            Writing::Delete(row) => {
                let Some((row, stored)) = pick(&listed, row) else { return Ok(()) };
                session.repository(&row.table)?.delete_from(stored)?;
            }
            Writing::Insert(table, numbers) => {
                let meta = metas()[table];
                let columns = meta.columns.iter().filter(|column| column.fill == Fill::Draft);
                let columns = columns.zip(numbers.iter().cycle());
                let columns = columns.filter_map(|(column, number)| {
                    Some((column.name, known(meta, column.name, *number)?.into()))
                });
                session.add(meta.table, &columns.collect::<Vec<_>>())?;
            }
            Writing::Same(row) => {
                let state = self.people[who].model.shown();
                let staged: Vec<(&RowId, &Row)> = state.iter().collect();
                let Some((row, staged)) = pick(&staged, row) else { return Ok(()) };
                let Some(stored) = rows.get(row) else { return Ok(()) };
                match staged {
                    Row::Changed(cells) => {
                        let mut mine = stored.clone();
                        for (column, cell) in cells {
                            if let Some(value) = cell.value.known() {
                                mine.set(meta_of(row).position(column).unwrap(), value.clone());
                            }
                        }
                        session.repository(&row.table)?.update_from(stored, mine)?;
                    }
                    _ => session.repository(&row.table)?.delete_from(stored)?,
                }
            }
            Writing::Replace(row) => {
                let Some((row, stored)) = pick(&listed, row) else { return Ok(()) };
                let meta = meta_of(row);
                let edits = [
                    Edit::between(meta, Some(stored), None),
                    Edit::between(meta, None, Some(stored)),
                ];
                session.apply(&edits.map(Option::unwrap))?;
            }
        }
        session.commit()
    }

    fn save(&mut self, who: usize, rereads: bool, outcomes: &mut Outcomes) {
        if rereads {
            self.reread(who, None);
        }
        let person = &mut self.people[who];
        let Ok(edits) = person.staging.edits() else { return };
        let before = read(self.catalog);
        let state = person.model.shown();
        let (was, was_rebuilt) = (told(&person.staging), told(&person.rebuilt));
        let mut session = self.catalog.writing_session().unwrap();
        let result = session.apply(&edits).and_then(|_| session.commit());
        drop(session);
        let after = read(self.catalog);
        if let Err(error) = result {
            assert_eq!(after, before, "{error}");
            assert_eq!((told(&person.staging), told(&person.rebuilt)), (was, was_rebuilt));
            // What is inserted again, others may have changed before they marked it as deleted: that has not
            // been seen, and only giving it up helps.
            let is_unseen = |conflict: &Conflict| conflict.base.is_none();
            let is_conflict = matches!(&error, Error::Conflict(conflict) if !is_unseen(conflict));
            assert!(
                !(is_conflict && rereads),
                "{error:?} of what was read just now\n{state:#?}\n{edits:#?}"
            );
            let is_known =
                matches!(error, Error::Conflict(_) | Error::Constraint(_) | Error::Invalid(_));
            assert!(is_known, "{error:?}");
            outcomes.refused += 1;
        } else {
            assert_written(&before, &state, &after);
            outcomes.saved += u32::from(!state.is_empty());
            person.finish();
        }
    }
}

/// Runs random operations of so many people on an engine.
pub fn check<C: Workshop>(place: &TestDatabase, people: usize, cases: u32) {
    let catalog = open::<C>(place);
    let wanted = std::env::var("STAGING_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: wanted.unwrap_or(cases),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let outcomes = std::cell::RefCell::new(Outcomes::default());
    // The same ones each time, but where more are asked for.
    let mut runner = if wanted.is_some() {
        TestRunner::new(config)
    } else {
        let same = TestRng::deterministic_rng(config.rng_algorithm);
        TestRunner::new_with_rng(config, same)
    };
    let result = runner.run(&operations(people), |operations| {
        place.execute(
            "UPDATE things SET part_of = NULL; DELETE FROM shelves; DELETE FROM things; DELETE FROM makers;",
        );
        furnish(&catalog);
        let people = (0..people).map(|_| Person::new(&catalog)).collect();
        let mut run = Run { catalog: &catalog, people, serial: 0 };
        for (who, operation) in &operations {
            run.take(*who, operation, &mut outcomes.borrow_mut());
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let Outcomes { saved, refused, conflicts } = *outcomes.borrow();
    assert!(
        saved > cases / 8 && refused > cases / 50 && conflicts > cases / 8,
        "{saved} {refused} {conflicts}"
    );
}

/// Fewer on servers, which take longer.
pub fn cases<C: Workshop>(on_sqlite: u32) -> u32 {
    if C::NAME == "SQLite" { on_sqlite } else { on_sqlite / 5 }
}

on_every_engine! {
    fn what_is_staged_is_written_or_kept_and_overwrites_nothing_unseen<Engine>(place) {
        check::<Engine>(&place, 1, cases::<Engine>(200));
    }
}
