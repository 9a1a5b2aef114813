//! What the database gives a row besides its key is read back when the row is inserted.

use chrono::NaiveDateTime;
use integration_tests::{TestDatabase, counted_key, on_every_engine};
use persistence::backend::Engine;
use persistence::{Database, Entity, Filter, Memory, Record, Repository, Value};

diesel::table! {
    orders (id) {
        id -> BigInt,
        price -> BigInt,
        amount -> BigInt,
        total -> Nullable<BigInt>,
        state -> Text,
        created -> Timestamp,
    }
}

diesel::table! {
    parcels (code) {
        code -> Text,
        note -> Nullable<Text>,
        created -> Timestamp,
    }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = orders)]
struct Order {
    #[entity(key, generated)]
    id: i64,
    price: i64,
    amount: i64,
    #[entity(computed)]
    total: Option<i64>,
    #[entity(generated)]
    state: String,
    #[entity(generated)]
    created: NaiveDateTime,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = parcels)]
struct Parcel {
    #[entity(key)]
    code: String,
    note: Option<String>,
    #[entity(generated)]
    created: NaiveDateTime,
}

fn database<C: Engine>(place: &TestDatabase) -> Database<C> {
    let code = match C::NAME {
        "SQLite" => "TEXT",
        "PostgreSQL" => "character(6)",
        _ => "VARCHAR(6)",
    };
    place.execute(&format!(
        "CREATE TABLE orders (id {}, price BIGINT NOT NULL, amount BIGINT NOT NULL, \
         total BIGINT GENERATED ALWAYS AS (price * amount) STORED, \
         state VARCHAR(9) NOT NULL DEFAULT 'new', \
         created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
         CREATE TABLE parcels (code {code} NOT NULL PRIMARY KEY, note VARCHAR(9), \
         created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
        counted_key::<C>()
    ));
    Database::open(place.url()).unwrap()
}

fn new(price: i64, amount: i64) -> NewOrder {
    NewOrder { price, amount }
}

/// Complete, as the database has it.
fn check(order: &Order) {
    assert_eq!(order.total, Some(order.price * order.amount), "{order:?}");
    assert_eq!(order.state, "new");
    let age = chrono::Utc::now().naive_utc() - order.created;
    assert!(age.num_hours().abs() < 2, "{order:?}");
}

on_every_engine! {
    fn what_the_database_gives_is_in_the_inserted_row<Engine>(place) {
        let database = database::<Engine>(&place);
        let mut session = database.session().unwrap();
        let one: Order = session.insert(new(3, 4)).unwrap();
        check(&one);
        let many = Repository::<Order>::insert_many(
            &mut session, (0..2_300).map(|n| new(n, 2)).collect(),
        ).unwrap();
        assert!(many.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert!((0..).zip(&many).all(|(n, order)| order.price == n));
        many.iter().for_each(check);
        let stored: Vec<_> = session.query::<Order>().load().unwrap();
        assert_eq!(stored[0], one);
        assert_eq!(stored[1..], many);
    }

    fn what_the_database_gives_is_in_the_session_after_a_flush<Engine>(place) {
        let database = database::<Engine>(&place);
        let mut session = database.session().unwrap();
        let keys = [session.add(new(2, 3)), session.add(new(4, 5))];
        session.flush().unwrap();
        for key in keys {
            check(&session[key]);
        }
        session[keys[0]].price = 7;
        session.commit().unwrap();
        let stored: Order = session.get::<Order>(session[keys[0]].id).map(|key| session[key].clone()).unwrap();
        assert_eq!((stored.price, stored.total), (7, Some(21)));
        assert_eq!(session[keys[0]].total, Some(21));
    }

    fn what_the_database_computes_follows_an_update_and_is_never_written<Engine>(place) {
        let database = database::<Engine>(&place);
        let mut session = database.session().unwrap();
        let order: Order = session.insert(new(3, 4)).unwrap();
        let dearer = session.update_from(&order, Order { price: 5, ..order.clone() }).unwrap();
        assert_eq!(dearer.total, Some(20));
        // A row as it was before, in what is computed.
        let old = Order { total: order.total, amount: 9, ..dearer.clone() };
        assert_eq!(Repository::<Order>::update(&mut session, old).unwrap().total, Some(45));
        let refused = session.update_where(&Filter::All, &[Order::TOTAL.set(1)]).unwrap_err();
        assert!(refused.to_string().contains("computed by the database"), "{refused}");
        let stored: Vec<Order> = session.query().load().unwrap();
        assert_eq!(stored, [Order { amount: 9, total: Some(45), ..dearer }]);
    }

    fn a_row_added_again_under_its_key_has_what_the_database_gives_a_new_one<Engine>(place) {
        let database = database::<Engine>(&place);
        let mut session = database.session().unwrap();
        let parcel = session.add(NewParcel { code: "abcdef".into(), note: None });
        session.commit().unwrap();
        session.delete(parcel).unwrap();
        let again = session.add(NewParcel { code: "abcdef".into(), note: Some("new".into()) });
        session.commit().unwrap();
        assert_eq!(session.row(parcel), None);
        assert_eq!(session[again].note.as_deref(), Some("new"));
        let stored: Vec<Parcel> = session.query().load().unwrap();
        assert_eq!(stored, [session[again].clone()]);
    }

    fn a_key_that_comes_back_in_another_form_finds_its_row<Engine>(place) {
        let database = database::<Engine>(&place);
        let mut session = database.session().unwrap();
        let parcel = |code: &str| NewParcel { code: code.into(), note: None };
        let parcels = Repository::<Parcel>::insert_many(
            &mut session, vec![parcel("b"), parcel("a"), parcel("abcdef")],
        ).unwrap();
        let codes: Vec<_> = parcels.iter().map(|parcel| parcel.code.trim_end()).collect();
        assert_eq!(codes, ["b", "a", "abcdef"]);
        assert!(parcels.iter().all(|parcel| parcel.created.and_utc().timestamp() > 1_000_000_000));
    }

    fn rows_of_types_known_at_run_time_need_no_generated_values<Engine>(place) {
        let catalog = database::<Engine>(&place).catalog().entity::<Order>().build();
        let mut session = catalog.session().unwrap();
        let mut orders = session.repository("orders").unwrap();
        let row = Record(vec![Value::Null, 3.into(), 4.into(), Value::Null, Value::Null, Value::Null]);
        let inserted = orders.insert(row).unwrap();
        assert_eq!(inserted.value(3), &Value::Integer(12));
        assert_eq!(inserted.value(4), &Value::from("new"));
    }
}

#[test]
fn memory_gives_times_of_the_insert_and_nothing_else() {
    let mut orders = Memory::new().with::<Order>();
    let order: Order = orders.insert(new(3, 4)).unwrap();
    assert_eq!((order.total, order.state.as_str()), (None, ""));
    assert!((chrono::Utc::now().naive_utc() - order.created).num_hours() < 1);
}
