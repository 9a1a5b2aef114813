//! What a person might stage in an office and commit, round after round: always the same, so that another program can
//! tell by the rows of the database, and by a journal, how far that one has come.
//!
//! A round renames four departments, some of them twice, adds a department with an employee, and deletes the one of the
//! round before, with whoever works there.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use persistence::edit::NewValue;
use persistence::staging::journal::Journal;
use persistence::staging::{Outcome, RowKey, StagedRow, StagedValue, Staging, Step, interrupted};
use persistence::{Catalog, Database, DynSession, Engine, Entity as _, Query, Record, Value};

use crate::office::{Department, Employee, OfficeEngine};

/// How many departments are there all the time.
const LASTING: usize = 4;

/// How many acts a round has.
#[must_use]
pub const fn acts(round: usize) -> usize {
    3 + round % 5
}

/// The catalog of an office in which rounds are done.
#[must_use]
pub fn catalog<C: OfficeEngine>(database: &Database<C>) -> Catalog {
    database.catalog().entity::<Department>().entity::<Employee>().build()
}

/// Puts the rows into an office in which no round was done.
///
/// # Errors
/// As the session's.
pub fn furnish(catalog: &Catalog) -> persistence::Result<()> {
    let mut session = catalog.writing_session()?;
    for department in 0..LASTING {
        session.add("departments", &[("name", lasting_name(department, 0, 0).into())])?;
    }
    let new = session.add("departments", &[("name", new_name(0).into())])?;
    let columns = employee(0).map(|(name, value)| (name, value.into()));
    let columns = columns.into_iter().chain([("department_id", new.into())]);
    session.add("employees", &columns.collect::<Vec<_>>())?;
    session.commit()
}

fn lasting_name(department: usize, round: usize, act: usize) -> String {
    format!("Department {department}, round {round}, act {act}")
}

fn new_name(round: usize) -> String {
    format!("New in round {round}")
}

fn employee(round: usize) -> [(&'static str, Value); 2] {
    [("name", format!("Eve {round}").into()), ("badge", format!("badge {round}").into())]
}

/// The office after a round: departments by their names, each with those who work there.
#[must_use]
pub fn after(round: usize) -> Vec<String> {
    let mut office: Vec<String> = (0..LASTING).map(|it| last_name(it, round)).collect();
    office.push(format!("{}: Eve {round}", new_name(round)));
    office.sort();
    office
}

/// What a lasting department is called after a round, which may not have been about it.
fn last_name(department: usize, round: usize) -> String {
    let in_round = |round| (0..acts(round)).rev().find(|act| act % LASTING == department);
    let found = (1..=round).rev().find_map(|round| Some((round, in_round(round)?)));
    let (round, act) = found.unwrap_or_default();
    lasting_name(department, round, act)
}

/// The office as it is.
///
/// # Errors
/// When it cannot be read.
pub fn now(catalog: &Catalog) -> anyhow::Result<Vec<String>> {
    let mut session = catalog.snapshot()?;
    let mut list = |table: &str| session.repository(table)?.list(&Query::new());
    let (departments, employees) = (list("departments")?, list("employees")?);
    let text = |row: &Record, column: usize| row.value(column).to_string();
    let office = departments.iter().map(|department| {
        let here = employees.iter().filter(|row| row.value(2) == department.value(0));
        let names: Vec<String> = here.map(|row| text(row, 1)).collect();
        let name = text(department, 1);
        if names.is_empty() { name } else { format!("{name}: {}", names.join(", ")) }
    });
    let mut office: Vec<String> = office.collect();
    office.sort();
    Ok(office)
}

/// The round that was committed last, by the one department that only that has.
///
/// # Errors
/// When there are none, or more than one: the office is between two rounds.
pub fn round_of(office: &[String]) -> anyhow::Result<usize> {
    let mut new = office
        .iter()
        .filter_map(|name| name.strip_prefix("New in round ")?.split(':').next()?.parse().ok());
    let (round, other) = (new.next(), new.next());
    match (round, other) {
        (Some(round), None) => Ok(round),
        _ => bail!("this is after no round: {office:?}"),
    }
}

/// Stages an act of a round, and returns the steps that it took.
///
/// # Errors
/// When the rows cannot be read, or are not as the round before has left them.
pub fn act(
    staging: &mut Staging,
    session: &mut dyn DynSession,
    round: usize,
    number: usize,
) -> anyhow::Result<Vec<Step>> {
    let departments = session.repository("departments")?.list(&Query::new())?;
    let department = |name: &str| {
        let mut rows = departments.iter();
        rows.find(|row| row.value(1).to_string().starts_with(name)).context("no such department")
    };
    let mut act = staging.act();
    let place = number % LASTING;
    let row = department(&format!("Department {place},"))?;
    act.set(Department::meta(), row, "name", lasting_name(place, round, number).into())?;
    if number == 1 {
        let new = act.insert(Department::meta())?;
        act.set_new(&new, "name", new_name(round).into())?;
        let eve = act.insert(Employee::meta())?;
        for (column, value) in employee(round) {
            act.set_new(&eve, column, value.into())?;
        }
        let RowKey::New(row) = new.key else { bail!("it is new") };
        let key = NewValue::KeyOf { table: new.table, row };
        act.set_new(&eve, "department_id", StagedValue::Value(key))?;
    }
    if number == 2 {
        act.delete(Department::meta(), department(&new_name(round - 1))?)?;
    }
    let mut steps = vec![act.finish().context("it changes something")?];
    if number % 2 == 1 {
        steps.extend(staging.undo());
        steps.extend(staging.redo());
    }
    Ok(steps)
}

/// What is staged, in words: what rows become, whichever keys they have.
#[must_use]
pub fn told(staging: &Staging) -> Vec<String> {
    let columns = |columns: &persistence::staging::Columns| {
        let columns = columns.iter().map(|(name, value)| match value.known() {
            Some(value) => format!("{name} = {value}"),
            None => format!("{name} is that of a new row"),
        });
        columns.collect::<Vec<_>>().join(", ")
    };
    let row = |(row, staged): (&persistence::staging::RowId, &StagedRow)| match staged {
        StagedRow::New(values) => format!("new in {}: {}", row.table, columns(values)),
        StagedRow::Changed(values) => format!("changed in {}: {}", row.table, columns(values)),
        StagedRow::Deleted => format!("deleted from {}", row.table),
    };
    let mut told: Vec<String> = staging.rows().map(row).collect();
    told.sort();
    told
}

/// How many acts of a round are staged.
#[must_use]
pub fn acts_staged(staging: &Staging, round: usize) -> usize {
    let told = told(staging);
    let is_there = |number: &usize| {
        let name = format!("round {round}, act {number}");
        told.iter().any(|row| row.ends_with(&name))
    };
    (0..acts(round)).rev().find(is_there).map_or(0, |last| last + 1)
}

/// Edits and commits for ever, from where an earlier program was ended. Says `staged ROUND ACTS` once these are in the
/// journal, and `committed ROUND` once that is known.
///
/// # Errors
/// When something of that is refused, or is not as the earlier program must have left it.
pub fn go_on<C: OfficeEngine + Engine>(folder: &Path, url: &str) -> anyhow::Result<()> {
    let database = Database::<C>::open(url)?;
    let catalog = catalog(&database);
    let (mut journal, mut staging) = recovered(&catalog, folder)?;
    let mut round = round_of(&now(&catalog)?)? + 1;
    loop {
        for number in acts_staged(&staging, round)..acts(round) {
            let mut session = catalog.session()?;
            for step in act(&mut staging, &mut *session, round, number)? {
                journal.append(&step, &staging)?;
            }
            println!("staged {round} {}", number + 1);
        }
        let mut session = catalog.writing_session()?;
        let edits = staging.edits().map_err(|wrong| anyhow::anyhow!("{wrong:?}"))?;
        let applied = session.apply(&edits)?;
        journal.committing(&applied.rows)?;
        session.commit()?;
        let step = staging.finish();
        journal.append(&step, &staging)?;
        println!("committed {round}");
        if round.is_multiple_of(7) {
            journal.compact(&staging)?;
        }
        round += 1;
    }
}

/// Goes on with what an earlier program has left behind, if it has.
fn recovered(catalog: &Catalog, folder: &Path) -> anyhow::Result<(Journal, Staging)> {
    let (target, entries) = (catalog.target(), catalog.entries());
    let mut left = Journal::left_behind(folder, &target, entries)?;
    ensure!(left.len() < 2, "one program leaves one journal");
    let Some(left) = left.pop() else {
        return Ok((Journal::create(folder, &target, entries)?, Staging::new(entries)));
    };
    let committing = left.committing.clone();
    let (mut journal, mut staging) = left.adopt()?;
    let Some(rows) = committing else { return Ok((journal, staging)) };
    let mut session = catalog.writing_session()?;
    match interrupted(&rows, &mut *session)? {
        Outcome::Committed => {
            let step = staging.finish();
            journal.append(&step, &staging)?;
        }
        Outcome::NotCommitted => {}
        Outcome::Unknown => bail!("nobody else writes: it is known how the commit ended"),
    }
    Ok((journal, staging))
}
