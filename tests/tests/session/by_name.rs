//! The unit of work by names, on every engine and in memory.

use std::panic::{AssertUnwindSafe, catch_unwind};

use integration_tests::office::{
    City, Country, Department, Employee, OfficeEngine, Order, OrderLine, Rival, open,
};
use integration_tests::works;
use persistence::catalog::DynSession;
use persistence::edit::{EditKind, NewValue};
use persistence::{
    Catalog, ConstraintKind, Database, Entity, Error, Filter, Given, Memory, Query, Record,
    RecordKey, Slot, Value,
};

pub(super) fn catalog<C: OfficeEngine>(database: &Database<C>) -> Catalog {
    database
        .catalog()
        .entity::<Department>()
        .entity::<Employee>()
        .entity::<Country>()
        .entity::<City>()
        .entity::<Order>()
        .entity::<OrderLine>()
        .entity::<Rival>()
        .build()
}

pub(super) fn in_memory() -> Memory {
    Memory::new()
        .with::<Department>()
        .with::<Employee>()
        .with::<Country>()
        .with::<City>()
        .with::<Order>()
        .with::<OrderLine>()
        .with::<Rival>()
}

/// Makes a test module of each function, which takes the catalog of an office without rows: one test
/// for each engine, one for memory.
macro_rules! on_every_catalog {
    ($(fn $name:ident($catalog:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            fn check($catalog: &Catalog) $body

            #[test]
            fn memory() {
                check(&in_memory().catalog());
            }

            integration_tests::on_every_engine! {
                fn databases<Engine>(place) {
                    check(&catalog(&open::<Engine>(&place)));
                }
            }
        }
    )*};
}
pub(super) use on_every_catalog;

pub(super) fn department(session: &mut dyn DynSession, name: &str) -> Slot {
    session.add("departments", &[("name", name.into())]).unwrap()
}

pub(super) fn employee(
    session: &mut dyn DynSession,
    name: &str,
    department: impl Into<Given>,
) -> Slot {
    let columns =
        [("name", name.into()), ("badge", name.into()), ("department_id", department.into())];
    session.add("employees", &columns).unwrap()
}

pub(super) fn value(session: &dyn DynSession, row: Slot, column: &str) -> Value {
    let meta = row.entity().meta();
    session.row(row).unwrap().value(meta.position(column).unwrap()).clone()
}

pub(super) fn names(catalog: &Catalog, table: &str) -> Vec<String> {
    let mut session = catalog.session().unwrap();
    let rows = session.repository(table).unwrap().list(&Query::new()).unwrap();
    rows.iter().map(|row| row.value(1).to_string()).collect()
}

pub(super) fn fields(error: &Error) -> Vec<String> {
    match error {
        Error::Invalid(invalid) => invalid.errors.iter().map(|error| error.field.clone()).collect(),
        other => panic!("{other:?}"),
    }
}

on_every_catalog! {
    fn clearing_lets_go_of_rows_and_of_what_is_not_written(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        session.flush().unwrap();
        let support = department(&mut *session, "Support");
        session.set(sales, "name", "Ventes".into()).unwrap();
        session.clear();
        assert_eq!(session.changes(), []);
        assert_eq!((session.row(sales), session.draft(support)), (None, None));
        let set = session.set(sales, "name", "Vendite".into());
        assert!(matches!(set, Err(Error::NotFound { .. })), "{set:?}");
        let again = session.all("departments", &Query::new()).unwrap();
        assert!(again.len() == 1 && again[0] != sales && again[0] != support);
        session.commit().unwrap();
        assert_eq!(names(catalog, "departments"), ["Sales"]);
        session.set(again[0], "name", "Vendite".into()).unwrap();
        session.commit().unwrap();
        assert_eq!(names(catalog, "departments"), ["Vendite"]);
    }

    fn rows_that_refer_to_each_other_are_added_in_any_order(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        let eve = employee(&mut *session, "Eve", sales);
        let ada = employee(&mut *session, "Ada", sales);
        session.set(eve, "manager_id", ada.into()).unwrap();
        session.set(sales, "head_id", eve.into()).unwrap();
        assert_eq!(session.row(eve), None);
        assert_eq!(session.draft(eve).unwrap()[3], Given::Row(ada));
        let changes = session.changes();
        let tables: Vec<&str> = changes.iter().map(|edit| &*edit.table).collect();
        assert_eq!(tables, ["departments", "employees", "employees"]);

        session.commit().unwrap();
        assert_eq!(session.draft(eve), None);
        assert_eq!(value(&*session, eve, "manager_id"), value(&*session, ada, "id"));
        assert_eq!(value(&*session, sales, "head_id"), value(&*session, eve, "id"));
        assert_eq!(session.related(sales, "employees").unwrap(), [eve, ada]);
        assert_eq!(session.related(ada, "reports").unwrap(), [eve]);
        assert!(session.changes().is_empty());
    }

    fn what_is_changed_is_written_and_told(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        session.commit().unwrap();
        session.set(sales, "name", "Trade".into()).unwrap();
        assert_eq!(value(&*session, sales, "name"), "Trade".into());
        let [edit] = &session.changes()[..] else { panic!("one") };
        let EditKind::Update { key, version, columns } = &edit.kind else { panic!("{edit:?}") };
        assert_eq!(*key, RecordKey(vec![value(&*session, sales, "id")]));
        assert_eq!(*version, Some(1.into()));
        assert_eq!((&*columns[0].column, &columns[0].before), ("name", &"Sales".into()));
        assert_eq!(columns[0].after, NewValue::Known("Trade".into()));
        session.set(sales, "name", "Sales".into()).unwrap();
        assert!(session.changes().is_empty(), "it is as it was");
        session.set(sales, "name", "Trade".into()).unwrap();
        session.commit().unwrap();
        assert_eq!(value(&*session, sales, "version"), 2.into());
        assert_eq!(names(catalog, "departments"), ["Trade"]);
    }

    fn values_that_do_not_fit_name_their_columns(catalog) {
        let mut session = catalog.session().unwrap();
        let wrong = [("name", 7.into()), ("department_id", "Sales".into())];
        let error = session.add("employees", &wrong).unwrap_err();
        let mut wrong = fields(&error);
        wrong.sort();
        assert_eq!(wrong, ["badge", "department_id", "name"]);
        let country = session.add("countries", &[("code", "DE".into()), ("name", "Germany".into())]);
        let country = country.unwrap();
        let sales = department(&mut *session, "Sales");
        let error = session.set(sales, "head_id", country.into()).unwrap_err();
        assert_eq!(fields(&error), ["head_id"]);
        assert!(error.to_string().contains("refers to rows of Employee, not of Country"), "{error}");
        session.commit().unwrap();
        assert_eq!(fields(&session.set(sales, "name", Value::Null.into()).unwrap_err()), ["name"]);
        assert_eq!(fields(&session.set(sales, "version", 7.into()).unwrap_err()), ["version"]);
        assert_eq!(fields(&session.set(sales, "head_id", country.into()).unwrap_err()), ["head_id"]);
        assert!(matches!(session.set(sales, "surname", 7.into()), Err(Error::Filter(_))));
        assert!(matches!(session.add("staff", &[]), Err(Error::Schema { .. })));
        assert!(session.changes().is_empty());
    }

    fn what_a_flush_could_not_write_is_there_still(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        session.commit().unwrap();
        let stores = department(&mut *session, "Stores");
        let again = department(&mut *session, "Sales");
        let Err(Error::Constraint(violation)) = session.flush() else { panic!("it is taken") };
        assert_eq!((violation.kind, violation.fields()), (ConstraintKind::Unique, vec!["name"]));
        assert_eq!(session.changes().len(), 2);
        session.set(again, "name", "Lager".into()).unwrap();
        session.commit().unwrap();
        assert_eq!(value(&*session, stores, "name"), "Stores".into());
        assert_eq!(names(catalog, "departments"), ["Sales", "Stores", "Lager"]);
        assert_eq!(value(&*session, sales, "name"), "Sales".into());
    }

    fn unique_values_change_hands(catalog) {
        let mut session = catalog.session().unwrap();
        let (one, other) = (department(&mut *session, "one"), department(&mut *session, "other"));
        session.commit().unwrap();
        session.set(one, "name", "other".into()).unwrap();
        session.set(other, "name", "one".into()).unwrap();
        session.commit().unwrap();
        assert_eq!(names(catalog, "departments"), ["other", "one"]);
        session.delete(one).unwrap();
        let third = department(&mut *session, "other");
        session.commit().unwrap();
        assert_eq!(names(catalog, "departments"), ["one", "other"]);
        assert_eq!(value(&*session, third, "name"), "other".into());
    }

    fn a_row_that_waits_for_a_new_one_frees_what_that_one_waits_for(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        let (one, other) =
            (employee(&mut *session, "1", sales), employee(&mut *session, "2", sales));
        session.commit().unwrap();

        // The new one gets the badge of the other, that one's the first one's, who reports to the new one.
        let new = session
            .add(
                "employees",
                &[("name", "new".into()), ("badge", "2".into()), ("department_id", sales.into())],
            )
            .unwrap();
        session.set(other, "badge", "1".into()).unwrap();
        session.set(one, "badge", "3".into()).unwrap();
        session.set(one, "manager_id", new.into()).unwrap();
        // The same where the column may not be NULL.
        let trade = department(&mut *session, "Trade");
        session.set(one, "department_id", trade.into()).unwrap();
        session.set(new, "department_id", trade.into()).unwrap();
        session.commit().unwrap();
        assert_eq!(value(&*session, one, "manager_id"), value(&*session, new, "id"));

        let mut later = catalog.session().unwrap();
        let rows = later.repository("employees").unwrap().list(&Query::new()).unwrap();
        let column = |name: &str| Employee::meta().position(name).unwrap();
        let stored = |name: &str| {
            let row = rows.iter().find(|row| *row.value(1) == name.into()).unwrap();
            ["badge", "manager_id", "department_id"].map(|name| row.value(column(name)).clone())
        };
        let (new, trade) = (value(&*session, new, "id"), value(&*session, trade, "id"));
        assert_eq!(stored("1"), ["3".into(), new, trade.clone()]);
        assert_eq!(stored("2"), ["1".into(), Value::Null, value(&*session, sales, "id")]);
        assert_eq!(stored("new"), ["2".into(), Value::Null, trade]);
    }

    fn keys_change_hands_round_a_circle(catalog) {
        let mut session = catalog.session().unwrap();
        let rows = ["DE", "FR", "IT"].map(|code| {
            session.add("countries", &[("code", code.into()), ("name", code.into())]).unwrap()
        });
        session.commit().unwrap();
        for (row, code) in rows.into_iter().zip(["FR", "IT", "DE"]) {
            session.set(row, "code", code.into()).unwrap();
        }
        session.commit().unwrap();
        let codes = rows.map(|row| value(&*session, row, "code"));
        assert_eq!(codes, ["FR".into(), "IT".into(), "DE".into()]);
        // Each is found by the key that it has now.
        let it = session.get("countries", &RecordKey(vec!["IT".into()])).unwrap();
        assert_eq!(it, rows[1]);

        let mut later = catalog.session().unwrap();
        let mut stored = later.repository("countries").unwrap().list(&Query::new()).unwrap();
        stored.sort_by(|one, other| one.0.cmp(&other.0));
        let stored: Vec<String> =
            stored.iter().map(|row| format!("{} {}", row.value(0), row.value(1))).collect();
        assert_eq!(stored, ["DE IT", "FR DE", "IT FR"]);
    }

    fn rows_are_deleted_children_first_and_with_what_goes_along(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        let eve = employee(&mut *session, "Eve", sales);
        session.commit().unwrap();
        session.delete(sales).unwrap();
        let [edit] = &session.changes()[..] else { panic!("one") };
        assert!(matches!(edit.kind, EditKind::Delete { .. }));
        session.flush().unwrap();
        assert_eq!(session.row(eve), None);
        assert!(matches!(session.delete(eve), Err(Error::NotFound { .. })));
        session.rollback().unwrap();
        assert_eq!(value(&*session, eve, "name"), "Eve".into());
        assert_eq!(names(catalog, "employees"), ["Eve"]);
    }

    fn what_is_added_and_given_up_is_forgotten(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        let eve = employee(&mut *session, "Eve", sales);
        session.delete(sales).unwrap();
        assert!(session.changes().is_empty());
        assert!(session.set(eve, "name", "Eve".into()).is_err(), "she went along");
        let added = department(&mut *session, "Stores");
        session.flush().unwrap();
        session.rollback().unwrap();
        assert_eq!(session.row(added), None);
        assert!(matches!(session.delete(added), Err(Error::NotFound { .. })));
    }

    fn rows_are_read_with_what_belongs_to_them(catalog) {
        let mut writer = catalog.session().unwrap();
        let sales = department(&mut *writer, "Sales");
        let eve = employee(&mut *writer, "Eve", sales);
        let ada = employee(&mut *writer, "Ada", sales);
        writer.set(ada, "manager_id", eve.into()).unwrap();
        writer.commit().unwrap();
        drop(writer);

        let mut session = catalog.session().unwrap();
        let [sales] = session.all("departments", &Query::new()).unwrap()[..] else { panic!("one") };
        assert!(matches!(session.related(sales, "employees"), Err(Error::NotIncluded { .. })));
        let staff = session.include(&[sales], "employees").unwrap();
        assert_eq!(session.related(sales, "employees").unwrap(), staff);
        let [eve, ada] = staff[..] else { panic!("two") };
        assert_eq!(session.related(ada, "manager").unwrap(), [eve]);
        assert_eq!(session.related(eve, "manager").unwrap(), []);
        let mut query = Query::new();
        query.filter = Filter::parse(Employee::meta(), "name = \"Ada\"").unwrap();
        assert_eq!(session.all("employees", &query).unwrap(), [ada], "one row, one handle");
        let stores = department(&mut *session, "Stores");
        session.relate(ada, "department", stores).unwrap();
        assert_eq!(session.related(sales, "employees").unwrap(), [eve]);
        assert_eq!(session.related(stores, "employees").unwrap(), [ada]);
        session.unrelate(eve, "reports", ada).unwrap();
        session.commit().unwrap();
        assert_eq!(value(&*session, ada, "department_id"), value(&*session, stores, "id"));
        assert_eq!(value(&*session, ada, "manager_id"), Value::Null);
        let error = session.relate(ada, "department", eve).unwrap_err();
        assert_eq!(fields(&error), ["department"]);
        assert!(session.include(&[sales], "workers").is_err());
        assert!(matches!(session.get("departments", &RecordKey(vec![99.into()])), Err(Error::NotFound { .. })));
    }

    fn lines_go_with_the_order_they_are_parted_from(catalog) {
        let mut session = catalog.session().unwrap();
        let order = session.add("orders", &[("number", "A1".into())]).unwrap();
        let line = |session: &mut dyn DynSession, article: &str| {
            session.add("order_lines", &[("article", article.into()), ("order_id", order.into())]).unwrap()
        };
        let (nails, screws) = (line(&mut *session, "nails"), line(&mut *session, "screws"));
        session.commit().unwrap();
        session.unrelate(order, "lines", nails).unwrap();
        session.unrelate(order, "lines", screws).unwrap();
        session.relate(order, "lines", screws).unwrap();
        session.commit().unwrap();
        assert_eq!(session.row(nails), None);
        assert_eq!(session.related(order, "lines").unwrap(), [screws]);
    }

    fn a_part_is_written_or_taken_back_as_a_whole(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        let mut inner = None;
        let refused = session.savepoint(&mut |part| {
            inner = Some(department(part, "Stores"));
            part.set(sales, "name", "Stores".into())
        });
        assert!(matches!(refused, Err(Error::Constraint(_))));
        assert_eq!(session.row(inner.unwrap()), None);
        assert_eq!(value(&*session, sales, "name"), "Sales".into());
        session.savepoint(&mut |part| part.set(sales, "name", "Trade".into())).unwrap();
        session.commit().unwrap();
        assert_eq!(names(catalog, "departments"), ["Trade"]);
    }

    fn rows_from_elsewhere_are_taken_in(catalog) {
        let mut session = catalog.session().unwrap();
        let row = |id: i64, name: &str, version: i64| {
            Record(vec![id.into(), name.into(), Value::Null, version.into()])
        };
        let sales = session.merge("departments", row(70, "Sales", 3)).unwrap();
        session.commit().unwrap();
        assert_eq!(session.row(sales), Some(row(70, "Sales", 3)));
        let again = session.merge("departments", row(70, "Trade", 3)).unwrap();
        assert_eq!(again, sales);
        session.commit().unwrap();
        assert_eq!(session.row(sales), Some(row(70, "Trade", 4)));
        assert!(matches!(session.merge("departments", row(70, "Old", 3)), Err(Error::Conflict(_))));
    }

    fn what_others_have_changed_is_not_written_over(catalog) {
        let mut mine = catalog.session().unwrap();
        let sales = department(&mut *mine, "Sales");
        mine.commit().unwrap();
        let key = RecordKey(vec![value(&*mine, sales, "id")]);
        drop(mine);
        let mut mine = catalog.session().unwrap();
        let sales = mine.get("departments", &key).unwrap();
        mine.set(sales, "name", "mine".into()).unwrap();
        mine.rollback().unwrap();
        mine.set(sales, "name", "mine".into()).unwrap();
        let mut theirs = catalog.session().unwrap();
        let row = theirs.get("departments", &key).unwrap();
        theirs.set(row, "name", "theirs".into()).unwrap();
        theirs.commit().unwrap();
        drop(theirs);
        let Err(Error::Conflict(conflict)) = mine.flush() else { panic!("it is another") };
        assert_eq!(conflict.theirs.unwrap().value(1), &"theirs".into());
        assert_eq!(conflict.mine.unwrap().value(1), &"mine".into());
        mine.refresh(sales).unwrap();
        assert_eq!(value(&*mine, sales, "name"), "theirs".into());
    }

    fn handles_of_another_session_are_refused(catalog) {
        let mut one = catalog.session().unwrap();
        let sales = department(&mut *one, "Sales");
        one.commit().unwrap();
        drop(one);
        let mut other = catalog.session().unwrap();
        department(&mut *other, "Stores");
        assert_eq!(other.row(sales), None);
        assert!(matches!(other.set(sales, "name", "x".into()), Err(Error::NotFound { .. })));
        assert!(matches!(other.delete(sales), Err(Error::NotFound { .. })));
        assert!(matches!(other.related(sales, "employees"), Err(Error::NotFound { .. })));
        let columns = [("name", "Eve".into()), ("badge", "Eve".into()), ("department_id", sales.into())];
        assert!(matches!(other.add("employees", &columns), Err(Error::NotFound { .. })));
    }

    fn rows_that_are_taken_in_may_refer_to_new_ones(catalog) {
        let mut session = catalog.session().unwrap();
        let row = Record(vec![70.into(), "Sales".into(), Value::Null, 1.into()]);
        let sales = session.merge("departments", row.clone()).unwrap();
        assert_eq!(session.merge("departments", row).unwrap(), sales);
        let eve = employee(&mut *session, "Eve", sales);
        session.set(sales, "head_id", eve.into()).unwrap();
        session.commit().unwrap();
        assert_eq!(value(&*session, sales, "id"), 70.into());
        assert_eq!(value(&*session, sales, "head_id"), value(&*session, eve, "id"));
    }

    fn a_part_that_ends_the_transaction_takes_nothing_back(catalog) {
        let mut session = catalog.session().unwrap();
        department(&mut *session, "A");
        let failed = session.savepoint(&mut |part| {
            part.rollback()?;
            Err(Error::Cancelled)
        });
        assert!(matches!(failed, Err(Error::Cancelled)));
        session.commit().unwrap();
        assert!(names(catalog, "departments").is_empty());
        let failed = session.savepoint(&mut |part| {
            department(part, "B");
            part.commit()?;
            Err(Error::Cancelled)
        });
        assert!(failed.is_err());
        session.commit().unwrap();
        assert_eq!(names(catalog, "departments"), ["B"]);
    }

    fn handles_of_rows_that_went_along_are_those_of_no_other(catalog) {
        let mut session = catalog.session().unwrap();
        let order = session.add("orders", &[("number", "A1".into())]).unwrap();
        let columns = [("article", "nails".into()), ("order_id", order.into())];
        let line = session.add("order_lines", &columns).unwrap();
        session.commit().unwrap();
        let row = session.row(line).unwrap();
        session.delete(order).unwrap();
        session.flush().unwrap();
        let mut again = row.clone();
        again.set(1, Value::Null);
        let other = session.merge("order_lines", again).unwrap();
        session.flush().unwrap();
        assert_ne!(other, line);
        assert_eq!(session.row(line), None);
        let mut read = None;
        let failed = session.savepoint(&mut |part| {
            read = part.all("order_lines", &Query::new())?.pop();
            Err(Error::Cancelled)
        });
        assert!(failed.is_err());
        assert_eq!(read, Some(other));
        session.rollback().unwrap();
        assert_eq!(session.row(line), Some(row));
    }

    fn what_others_write_between_reading_and_changing_is_a_conflict(catalog) {
        let mut mine = catalog.session().unwrap();
        let sales = department(&mut *mine, "Sales");
        mine.commit().unwrap();
        let key = RecordKey(vec![value(&*mine, sales, "id")]);
        {
            let mut theirs = catalog.session().unwrap();
            let row = theirs.get("departments", &key).unwrap();
            theirs.set(row, "name", "theirs".into()).unwrap();
            theirs.commit().unwrap();
        }
        mine.all("countries", &Query::new()).unwrap();
        assert_eq!(value(&*mine, sales, "name"), "Sales".into(), "as it was read");
        mine.rollback().unwrap();
        mine.set(sales, "head_id", Value::Null.into()).unwrap();
        mine.set(sales, "name", "mine".into()).unwrap();
        let Err(Error::Conflict(conflict)) = mine.commit() else { panic!("it is another") };
        assert_eq!(conflict.theirs.unwrap().value(1), &"theirs".into());
        drop(mine);
        assert_eq!(names(catalog, "departments"), ["theirs"]);
    }

    fn repositories_and_handles_agree(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "a");
        session.commit().unwrap();
        let row = session.row(sales).unwrap();
        let mut renamed = row.clone();
        renamed.set(1, "b".into());
        session.repository("departments").unwrap().update_from(&row, renamed).unwrap();
        assert_eq!(value(&*session, sales, "name"), "b".into());
        session.set(sales, "name", "c".into()).unwrap();
        session.flush().unwrap();
        let all = [("name".to_owned(), "d".into())];
        session.repository("departments").unwrap().update_where(&Filter::All, &all).unwrap();
        assert_eq!(value(&*session, sales, "name"), "d".into());
        let key = RecordKey(vec![row.value(0).clone()]);
        session.repository("departments").unwrap().delete(&key).unwrap();
        assert_eq!(session.row(sales), None);
        assert!(matches!(session.set(sales, "name", "x".into()), Err(Error::NotFound { .. })));
        session.rollback().unwrap();
        session.refresh(sales).unwrap();
        assert_eq!(session.row(sales), Some(row));
    }

    fn a_part_that_panics_is_taken_back(catalog) {
        let mut session = catalog.session().unwrap();
        department(&mut *session, "a");
        session.flush().unwrap();
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            session.savepoint(&mut |part| {
                department(part, "b");
                part.flush()?;
                department(part, "c");
                panic!("on the way");
            })
        }));
        assert!(panicked.is_err());
        session.commit().unwrap();
        assert_eq!(names(catalog, "departments"), ["a"]);
    }

    fn a_circle_that_cannot_be_broken_is_named(catalog) {
        let mut session = catalog.session().unwrap();
        let one = session.add("rivals", &[("name", "one".into()), ("rival_id", 1.into())]).unwrap();
        let other = session.add("rivals", &[("name", "other".into()), ("rival_id", one.into())]).unwrap();
        session.set(one, "rival_id", other.into()).unwrap();
        assert_eq!(fields(&session.flush().unwrap_err()), ["rival_id"]);
        assert_eq!(session.changes().len(), 2);
    }
}

/// What every unit of work does with one-to-one and many-to-many, in a library that is filled.
fn check_links(catalog: &Catalog) {
    let mut session = catalog.session().unwrap();
    let key = |id: i64| RecordKey(vec![id.into()]);
    let work = session.get("works", &key(1)).unwrap();
    assert!(matches!(session.related(work, "genres"), Err(Error::NotIncluded { .. })));
    let included = session.include(&[work], "genres").unwrap();
    let genres = session.related(work, "genres").unwrap();
    assert_eq!(genres, included);
    let ids = |session: &dyn DynSession, rows: &[Slot]| -> Vec<i64> {
        let mut ids: Vec<i64> =
            rows.iter().map(|row| value(session, *row, "id").as_integer().unwrap()).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(ids(&*session, &genres), [1, 3]);
    let (second, first) =
        (session.get("genres", &key(2)).unwrap(), session.get("genres", &key(1)).unwrap());
    session.relate(work, "genres", second).unwrap();
    session.unrelate(work, "genres", first).unwrap();
    assert_eq!(ids(&*session, &session.related(work, "genres").unwrap()), [2, 3]);
    let new = session.add("works", &[("id", 70.into()), ("title", "new".into())]).unwrap();
    session.relate(second, "works", new).unwrap();
    assert_eq!(session.related(new, "genres").unwrap(), [second]);
    assert_eq!(fields(&session.relate(work, "genres", new).unwrap_err()), ["genres"]);

    let writers = session.all("writers", &Query::new()).unwrap();
    session.include(&writers, "profile").unwrap();
    let owner = writers.iter().find(|row| !session.related(**row, "profile").unwrap().is_empty());
    let owner = *owner.unwrap();
    let profile = session.related(owner, "profile").unwrap()[0];
    let heir = session.add("writers", &[("id", 90.into()), ("name", "heir".into())]).unwrap();
    session.relate(heir, "profile", profile).unwrap();
    assert_eq!(session.related(heir, "profile").unwrap(), [profile]);
    assert_eq!(session.related(owner, "profile").unwrap(), []);
    session.commit().unwrap();

    let mut fresh = catalog.session().unwrap();
    let works = [fresh.get("works", &key(1)).unwrap(), fresh.get("works", &key(70)).unwrap()];
    fresh.include(&works, "genres").unwrap();
    assert_eq!(ids(&*fresh, &fresh.related(works[0], "genres").unwrap()), [2, 3]);
    assert_eq!(ids(&*fresh, &fresh.related(works[1], "genres").unwrap()), [2]);
    let heir = fresh.get("writers", &key(90)).unwrap();
    fresh.include(&[heir], "profile").unwrap();
    assert_eq!(fresh.related(heir, "profile").unwrap().len(), 1);
    let genre = fresh.get("genres", &key(2)).unwrap();
    assert!(fresh.include(&[works[0], genre], "genres").is_err(), "they are of two entities");
}

#[test]
fn rows_are_linked_in_memory() {
    let mut memory = works::memory();
    works::fill(&mut memory);
    memory.commit().unwrap();
    check_links(&memory.catalog());
}

integration_tests::on_every_engine! {
    fn rows_are_linked<Engine>(place) {
        works::create_tables(&place);
        let database = Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        works::fill(&mut session);
        session.commit().unwrap();
        drop(session);
        let catalog = database
            .catalog()
            .entity::<works::Category>()
            .entity::<works::Writer>()
            .entity::<works::Profile>()
            .entity::<works::Work>()
            .entity::<works::Genre>()
            .entity::<works::WorkGenre>()
            .entity::<works::Review>()
            .build();
        check_links(&catalog);
    }
}
