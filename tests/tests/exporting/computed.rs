//! What a database computes is in the rows that are exported, and is computed again where they go.

use integration_tests::client::{Client as _, rows, run};
use integration_tests::{TestDatabase, counted_key, on_every_engine};
use persistence::audit::{self, AuditEntry};
use persistence::backend::Engine;
use persistence::{Database, Entity};
use transfer::export::{ExportColumns, FormatKind};

use crate::exported;

diesel::table! {
    sales (id) {
        id -> BigInt,
        price -> BigInt,
        amount -> BigInt,
        total -> Nullable<BigInt>,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = sales)]
struct Sale {
    #[entity(key, generated)]
    id: i64,
    price: i64,
    amount: i64,
    #[entity(computed)]
    total: Option<i64>,
}

fn make_table<C: Engine>(place: &TestDatabase) {
    let key = counted_key::<C>();
    place.execute(&format!(
        "CREATE TABLE sales (id {key}, price BIGINT NOT NULL, amount BIGINT NOT NULL, \
         total BIGINT GENERATED ALWAYS AS (price * amount) STORED); {}",
        audit::create_table::<C>()
    ));
}

on_every_engine! {
    fn a_script_leaves_out_what_is_computed<Engine>(place) {
        make_table::<Engine>(&place);
        place.execute("INSERT INTO sales (price, amount) VALUES (3, 4), (5, 6)");
        let database = Database::<Engine>::open(place.url()).unwrap();
        let catalog = database.catalog().entity::<Sale>().build();
        let all = |format| exported(&catalog, format, ExportColumns::all(Sale::meta()));
        assert_eq!(all(FormatKind::Csv).lines().nth(1), Some("1,3,4,12"));
        let script = all(FormatKind::Sql);
        let another = Engine::empty();
        make_table::<Engine>(&another);
        let _ = run(Engine::client(&another), script.as_bytes());
        let columns = ["id", "price", "amount", "total"];
        let there = rows::<Engine>(&another, "sales", &columns);
        assert_eq!(there, rows::<Engine>(&place, "sales", &columns));
        assert_eq!(there.lines().count(), 2);
    }

    fn a_deleted_row_comes_back_with_what_is_computed<Engine>(place) {
        make_table::<Engine>(&place);
        let database = Database::<Engine>::builder(place.url()).audit().open().unwrap();
        let mut session = database.session().unwrap();
        let sale = session.add(NewSale { price: 3, amount: 4 });
        session.commit().unwrap();
        let before = session[sale].clone();
        assert_eq!(before.total, Some(12));
        session.delete(sale).unwrap();
        session.commit().unwrap();
        let deleted = session.transaction_id().unwrap();
        audit::revert::<(Sale,), _>(&mut session, deleted).unwrap();
        session.commit().unwrap();
        assert_eq!(session.query::<Sale>().load().unwrap(), [before]);
        assert_eq!(session.query::<AuditEntry>().count().unwrap(), 3);
    }
}
