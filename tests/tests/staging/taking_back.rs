//! What was committed is read again, and taken back as staged edits.

use integration_tests::{TestDatabase, on_every_engine};
use persistence::audit::{
    self, AuditEntry, HistoryFilter, Reason, RecordedChange, RecordedKind, TakingBack, Transaction,
};
use persistence::staging::{Conflict, RowId, StagedRow, Staging};
use persistence::{Catalog, Database, Entity, Filter, RecordKey, Store, Value};

use crate::meanwhile::save;
use crate::world::{
    Maker, Shelf, Thing, Workshop, cell, furnish, in_memory, meta_of, open, others_delete,
    others_set, shown, the,
};

fn audited_by<C: Workshop + Store<AuditEntry>>(place: &TestDatabase, actor: &str) -> Catalog {
    let database = Database::<C>::builder(place.url()).audit().actor(actor).open().unwrap();
    database.catalog().entity::<Maker>().entity::<Thing>().entity::<Shelf>().build()
}

/// Opens a workshop with its rows, in which what is written is recorded.
fn audited<C: Workshop + Store<AuditEntry>>(place: &TestDatabase) -> Catalog {
    drop(open::<C>(place));
    place.execute(&audit::create_table::<C>());
    let catalog = audited_by::<C>(place, "ann");
    furnish(&catalog);
    catalog
}

fn all(catalog: &Catalog, filter: &HistoryFilter) -> Vec<Transaction> {
    let mut session = catalog.session().unwrap();
    audit::transactions(&mut *session, filter, None, 100).unwrap().transactions
}

fn last(catalog: &Catalog) -> Transaction {
    all(catalog, &HistoryFilter::default()).remove(0)
}

fn changes(catalog: &Catalog, transaction: &Transaction) -> Vec<RecordedChange> {
    let mut session = catalog.session().unwrap();
    let every = HistoryFilter::default();
    audit::changes(&mut *session, &transaction.id, &every, None, 100).unwrap()
}

fn whole(catalog: &Catalog, transaction: &Transaction) -> TakingBack {
    TakingBack::of_transaction(&mut *catalog.session().unwrap(), &transaction.id).unwrap()
}

fn staged(catalog: &Catalog, taking_back: &TakingBack) -> (Staging, Vec<RowId>) {
    let mut staging = Staging::new(catalog.entries());
    let staged = taking_back.stage(&mut staging).unwrap();
    // Whoever takes the steps has the same.
    let mut again = Staging::new(catalog.entries());
    for step in staged.steps {
        again.take(step).unwrap();
    }
    assert_eq!(again.rows().collect::<Vec<_>>(), staging.rows().collect::<Vec<_>>());
    (staging, staged.rows)
}

fn reasons(taking_back: &TakingBack) -> Vec<&Reason> {
    taking_back.left_out().iter().map(|left_out| &left_out.reason).collect()
}

fn key(id: i64) -> RecordKey {
    RecordKey(vec![Value::Integer(id)])
}

on_every_engine! {
    fn transactions_are_read_newest_first_with_their_tables<Engine>(place) {
        let catalog = audited::<Engine>(&place);
        assert!(catalog.has_history());
        assert!(catalog.entry("audit_entries").is_err(), "it is no entity of the catalog");
        let clock = the(&catalog, Thing::meta(), "title", "Clock");
        others_set(&catalog, Thing::meta(), &clock, "title", "Watch".into());
        let found = all(&catalog, &HistoryFilter::default());
        let [changed, furnished] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(changed.tables, [("things".to_owned(), 1)]);
        assert_eq!(changed.actor.as_deref(), Some("ann"));
        let mut tables = furnished.tables.clone();
        tables.sort();
        let expected = [("makers", 3), ("shelves", 1), ("things", 2)];
        assert_eq!(tables, expected.map(|(table, count)| (table.to_owned(), count)));

        let told = changes(&catalog, changed);
        let [change] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((change.table.as_str(), &change.kind), ("things", &RecordedKind::Update));
        assert_eq!(change.key, Thing::meta().key_of(&clock));
        let title = change.columns.iter().find(|column| column.name == "title").unwrap();
        assert_eq!((&title.before, &title.after), (&Some("Clock".into()), &Some("Watch".into())));
    }

    fn transactions_are_filtered_by_who_when_and_which_row<Engine>(place) {
        let catalog = audited::<Engine>(&place);
        let bobs = audited_by::<Engine>(&place, "Bob");
        let clock = the(&catalog, Thing::meta(), "title", "Clock");
        let hand = the(&catalog, Thing::meta(), "title", "Hand");
        others_set(&catalog, Thing::meta(), &hand, "title", "Pointer".into());
        others_set(&bobs, Thing::meta(), &clock, "title", "Watch".into());
        let maker = the(&catalog, Maker::meta(), "code", "c");
        others_set(&bobs, Maker::meta(), &maker, "name", Value::Null);
        let count = |filter: &HistoryFilter| all(&catalog, filter).len();
        let filter = HistoryFilter::default();
        assert_eq!(count(&filter), 4);
        assert_eq!(count(&HistoryFilter { actor: Some("bo".into()), ..filter.clone() }), 2);
        assert_eq!(count(&HistoryFilter { actor: Some("carol".into()), ..filter.clone() }), 0);
        assert_eq!(count(&HistoryFilter { table: Some("makers".into()), ..filter.clone() }), 2);
        let of_clock = HistoryFilter::row("things", Thing::meta().key_of(&clock));
        assert_eq!(count(&of_clock), 2, "it was inserted, and changed");
        let furnished = all(&catalog, &of_clock).remove(1);
        let mut session = catalog.session().unwrap();
        let told = audit::changes(&mut *session, &furnished.id, &of_clock, None, 100).unwrap();
        assert_eq!(told.len(), 1);
        drop(session);
        let of_maker = HistoryFilter::row("makers", RecordKey(vec!["c".into()]));
        assert_eq!(count(&of_maker), 2);
        let newest = last(&catalog).written_at;
        assert_eq!(count(&HistoryFilter { from: Some(newest), ..filter.clone() }), 1);
        assert_eq!(count(&HistoryFilter { until: Some(newest), ..filter }), 3);
    }

    fn pages_have_every_transaction_once_although_they_were_written_at_the_same_time<Engine>(place) {
        let catalog = audited::<Engine>(&place);
        let mut expected: Vec<String> = Vec::new();
        place.execute("DELETE FROM audit_entries");
        // The entries of five transactions, one after the other, three times.
        for _ in 0..3 {
            for number in 0..5 {
                place.execute(&format!(
                    "INSERT INTO audit_entries (transaction_id, written_at, table_name, row_key, \
                     action, old_values, new_values) VALUES ('t{number}', '2026-01-01 00:00:00', \
                     'makers', '[{{\"text\":\"a\"}}]', 'update', '{{}}', '{{}}')"
                ));
            }
        }
        expected.extend((0..5).rev().map(|number| format!("t{number}")));
        for limit in 1..7 {
            let mut session = catalog.session().unwrap();
            let (mut found, mut next) = (Vec::new(), None);
            loop {
                let every = HistoryFilter::default();
                let page = audit::transactions(&mut *session, &every, next, limit).unwrap();
                assert!(page.transactions.len() <= limit);
                found.extend(page.transactions.into_iter().map(|transaction| {
                    assert_eq!(transaction.tables, [("makers".to_owned(), 3)]);
                    transaction.id
                }));
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
            assert_eq!(found, expected, "{limit} a page");
        }
    }

    fn a_transaction_over_several_tables_is_taken_back_as_staged_edits<Engine>(place) {
        let catalog = audited::<Engine>(&place);
        let mut session = catalog.session().unwrap();
        let maker = session.add("makers", &[("code", "e".into())]).unwrap();
        session.flush().unwrap();
        let part = [("title", "Spring".into()), ("maker_code", "e".into())];
        let part = session.add("things", &part).unwrap();
        session.commit().unwrap();
        let before = shown(&catalog);
        let clock = session.get("things", &key(1)).unwrap();
        let shelf = session.get("shelves", &key(1)).unwrap();
        session.delete(shelf).unwrap();
        session.delete(part).unwrap();
        session.delete(maker).unwrap();
        session.set(clock, "title", "Watch".into()).unwrap();
        session.set(clock, "tag", Value::Null.into()).unwrap();
        session.flush().unwrap();
        session.set(clock, "title", "Sundial".into()).unwrap();
        session.add("makers", &[("code", "d".into())]).unwrap();
        session.commit().unwrap();
        drop(session);
        let mistake = last(&catalog);
        let (mut staging, rows) = staged(&catalog, &whole(&catalog, &mistake));
        assert_eq!((rows.len(), staging.len()), (5, 5));
        assert_eq!(staging.undoes().count(), 5, "it is one act");
        save(&mut staging, &catalog).unwrap();
        let after = shown(&catalog);
        assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
        for (row, record) in &before {
            let meta = meta_of(row);
            for (position, column) in meta.columns.iter().enumerate() {
                if column.name != "version" {
                    assert_eq!(after[row].value(position), record.value(position), "{row:?}");
                }
            }
        }
        // And that is taken back in its turn.
        let (mut staging, _) = staged(&catalog, &whole(&catalog, &last(&catalog)));
        save(&mut staging, &catalog).unwrap();
        the(&catalog, Thing::meta(), "title", "Sundial");
        the(&catalog, Maker::meta(), "code", "d");
        assert_eq!(shown(&catalog).len(), before.len() - 2);
    }

    fn the_same_column_changed_since_is_a_conflict_and_another_is_none<Engine>(place) {
        let catalog = audited::<Engine>(&place);
        let clock = the(&catalog, Thing::meta(), "title", "Clock");
        let mut session = catalog.session().unwrap();
        let row = session.get("things", &Thing::meta().key_of(&clock)).unwrap();
        session.set(row, "title", "Watch".into()).unwrap();
        session.set(row, "tag", "t9".into()).unwrap();
        session.commit().unwrap();
        drop(session);
        let mistake = last(&catalog);
        let now = the(&catalog, Thing::meta(), "title", "Watch");
        others_set(&catalog, Thing::meta(), &now, "title", "Sundial".into());
        others_set(&catalog, Thing::meta(), &now, "part_of", Value::Integer(2));

        let (mut staging, rows) = staged(&catalog, &whole(&catalog, &mistake));
        assert_eq!(rows, [RowId::stored(Thing::meta(), &clock)]);
        assert_eq!(staging.conflict(&rows[0]), Some(Conflict::Changed(vec!["title"])));
        let columns = staging.row(&rows[0]).unwrap().columns().unwrap();
        assert_eq!(columns.keys().collect::<Vec<_>>(), ["tag", "title"]);
        let mut act = staging.act();
        act.keep_mine(&rows[0], "title");
        act.finish();
        save(&mut staging, &catalog).unwrap();
        let stored = the(&catalog, Thing::meta(), "title", "Clock");
        assert_eq!(cell(Thing::meta(), &stored, "tag"), &"t1".into());
        assert_eq!(cell(Thing::meta(), &stored, "part_of"), &Value::Integer(2), "theirs stays");
    }

    fn some_columns_of_a_change_are_taken_back<Engine>(place) {
        let catalog = audited::<Engine>(&place);
        let mut session = catalog.session().unwrap();
        let row = session.get("things", &key(1)).unwrap();
        session.set(row, "title", "Watch".into()).unwrap();
        session.set(row, "tag", "t9".into()).unwrap();
        session.commit().unwrap();
        drop(session);
        let change = changes(&catalog, &last(&catalog)).remove(0).only(&["tag"]);
        let read = TakingBack::read(&mut *catalog.session().unwrap(), &[change]).unwrap();
        let (mut staging, _) = staged(&catalog, &read);
        save(&mut staging, &catalog).unwrap();
        let stored = the(&catalog, Thing::meta(), "title", "Watch");
        assert_eq!(cell(Thing::meta(), &stored, "tag"), &"t1".into());
    }

    fn a_deleted_row_is_there_again_once_and_an_inserted_one_is_gone<Engine>(place) {
        let catalog = audited::<Engine>(&place);
        let maker = the(&catalog, Maker::meta(), "code", "c");
        others_delete(&catalog, Maker::meta(), &maker);
        let deletion = last(&catalog);
        let taking_back = whole(&catalog, &deletion);
        let (mut staging, rows) = staged(&catalog, &taking_back);
        assert!(matches!(staging.row(&rows[0]), Some(StagedRow::New(_))));
        assert_eq!(taking_back.stage(&mut staging).unwrap().rows, [], "it is staged already");
        save(&mut staging, &catalog).unwrap();
        assert_eq!(the(&catalog, Maker::meta(), "code", "c"), maker);
        let insertion = last(&catalog);
        assert_eq!(reasons(&whole(&catalog, &deletion)), [&Reason::Already]);
        let (mut staging, rows) = staged(&catalog, &whole(&catalog, &insertion));
        assert_eq!(staging.row(&rows[0]), Some(&StagedRow::Deleted));
        save(&mut staging, &catalog).unwrap();
        assert!(!shown(&catalog).contains_key(&RowId::stored(Maker::meta(), &maker)));
        assert_eq!(reasons(&whole(&catalog, &insertion)), [&Reason::Already]);
    }

    fn an_inserted_row_that_others_have_changed_is_a_conflict<Engine>(place) {
        let catalog = audited::<Engine>(&place);
        let mut session = catalog.session().unwrap();
        session.add("makers", &[("code", "d".into()), ("name", "D".into())]).unwrap();
        session.commit().unwrap();
        drop(session);
        let insertion = last(&catalog);
        let row = the(&catalog, Maker::meta(), "code", "d");
        others_set(&catalog, Maker::meta(), &row, "name", "Others".into());
        let (staging, rows) = staged(&catalog, &whole(&catalog, &insertion));
        assert_eq!(staging.conflict(&rows[0]), Some(Conflict::Changed(vec!["name"])));
        assert!(staging.edits().is_err());
    }

    fn what_cannot_be_taken_back_is_told<Engine>(place) {
        let catalog = audited::<Engine>(&place);
        let mut session = catalog.session().unwrap();
        let assigned = [("name".to_owned(), "All".into())];
        session.repository("makers").unwrap().update_where(&Filter::All, &assigned).unwrap();
        session.commit().unwrap();
        drop(session);
        let bulk = last(&catalog);
        let told = changes(&catalog, &bulk);
        assert!(matches!(told[0].kind, RecordedKind::UpdateWhere { .. }), "{told:?}");
        let taking_back = whole(&catalog, &bulk);
        assert!(taking_back.is_empty());
        assert_eq!(reasons(&taking_back), [&Reason::Bulk]);

        let maker = the(&catalog, Maker::meta(), "code", "c");
        others_set(&catalog, Maker::meta(), &maker, "name", "Changed".into());
        let change = last(&catalog);
        others_delete(&catalog, Maker::meta(), &maker);
        let deletion = last(&catalog);
        assert_eq!(reasons(&whole(&catalog, &change)), [&Reason::Gone]);
        let mut session = catalog.session().unwrap();
        session.add("makers", &[("code", "c".into()), ("name", "Another".into())]).unwrap();
        session.commit().unwrap();
        assert_eq!(reasons(&whole(&catalog, &deletion)), [&Reason::Taken]);
        let unknown = TakingBack::of_transaction(&mut *session, "none");
        assert!(matches!(unknown, Err(persistence::Error::NotFound { .. })));
    }

    fn a_row_that_is_only_marked_as_deleted_is_shown_again<Engine>(place) {
        let catalog = audited::<Engine>(&place);
        let shelf = the(&catalog, Shelf::meta(), "name", "Top");
        for of_session in [false, true] {
            if of_session {
                let mut session = catalog.session().unwrap();
                let row = session.get("shelves", &Shelf::meta().key_of(&shelf)).unwrap();
                session.delete(row).unwrap();
                session.commit().unwrap();
            } else {
                others_delete(&catalog, Shelf::meta(), &shelf);
            }
            let marked = RowId::stored(Shelf::meta(), &shelf);
            assert!(!shown(&catalog).contains_key(&marked));
            let (mut staging, rows) = staged(&catalog, &whole(&catalog, &last(&catalog)));
            assert_eq!(rows.len(), 1);
            save(&mut staging, &catalog).unwrap();
            assert_eq!(the(&catalog, Shelf::meta(), "name", "Top"), shelf);
        }
        let (mut staging, _) = staged(&catalog, &whole(&catalog, &last(&catalog)));
        save(&mut staging, &catalog).unwrap();
        assert!(!shown(&catalog).contains_key(&RowId::stored(Shelf::meta(), &shelf)));
    }

    fn a_key_that_was_changed_is_changed_back<Engine>(place) {
        let catalog = audited::<Engine>(&place);
        let maker = the(&catalog, Maker::meta(), "code", "c");
        let mut session = catalog.session().unwrap();
        let row = session.get("makers", &Maker::meta().key_of(&maker)).unwrap();
        session.set(row, "code", "z".into()).unwrap();
        session.flush().unwrap();
        session.set(row, "name", "Zed".into()).unwrap();
        session.commit().unwrap();
        drop(session);
        the(&catalog, Maker::meta(), "code", "z");
        let (mut staging, rows) = staged(&catalog, &whole(&catalog, &last(&catalog)));
        assert_eq!(rows.len(), 1);
        save(&mut staging, &catalog).unwrap();
        assert_eq!(the(&catalog, Maker::meta(), "code", "c"), maker);
    }
}

#[test]
fn a_memory_has_no_history() {
    let catalog = in_memory();
    assert!(!catalog.has_history());
    let mut session = catalog.session().unwrap();
    let read = audit::transactions(&mut *session, &HistoryFilter::default(), None, 10);
    assert!(matches!(read, Err(persistence::Error::Schema { .. })));
}
