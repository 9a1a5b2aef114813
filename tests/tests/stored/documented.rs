//! The table of `docs/types.md` says which Rust type to choose for a column: each row is tried.

use std::path::Path;

use integration_tests::{
    MysqlConnection, PgConnection, SqliteConnection, TestDatabase, mysql, postgres, sqlite,
};
use persistence::EntityMeta;
use persistence::backend::{Engine, OpenOptions};
use persistence::entity::Storage;

/// A row of the table: the column's type and the type in `table!`.
struct Row {
    engine: String,
    column: String,
    storage: String,
    field: String,
}

fn rows() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/types.md");
    let document = std::fs::read_to_string(path).unwrap();
    let rows = document.lines().filter_map(|line| line.strip_prefix("| ")).skip(1);
    rows.map(|row| {
        let cells: Vec<_> = row.split('|').map(|cell| cell.trim().replace('`', "")).collect();
        let [engine, column, storage, field] = [0, 1, 2, 3].map(|cell| cells[cell].clone());
        Row { engine, column, storage, field }
    })
    .collect()
}

fn storage(name: &str) -> Storage {
    match name {
        "Bool" => Storage::Bool,
        "SmallInt" => Storage::SmallInt,
        "Integer" => Storage::Integer,
        "BigInt" => Storage::BigInt,
        "Float" => Storage::Float,
        "Double" => Storage::Double,
        "Numeric" => Storage::Numeric,
        "Text" => Storage::Text,
        "Date" => Storage::Date,
        "Time" => Storage::Time,
        "Timestamp" => Storage::Timestamp,
        "Timestamptz" => Storage::Timestamptz,
        "Binary" => Storage::Binary,
        "Uuid" => Storage::Uuid,
        "Json" => Storage::Json,
        "Jsonb" => Storage::Jsonb,
        other => panic!("{other} is no storage"),
    }
}

/// The table that each column is tried in.
static TRIED: EntityMeta = EntityMeta::new("Tried", "tried", &[], &[]);

fn check<C: Engine>(place: &TestDatabase, engine: &str) {
    let mut connection = C::open(place.url(), &OpenOptions::default()).unwrap();
    let rows: Vec<_> = rows().into_iter().filter(|row| row.engine == engine).collect();
    assert!(rows.len() > 10, "{engine}: {} rows", rows.len());
    for Row { column, storage: stored, field, .. } in &rows {
        place.execute(&format!("CREATE TABLE tried (id INTEGER PRIMARY KEY, v {column})"));
        let live = connection.live_table(&TRIED).unwrap().unwrap();
        place.execute("DROP TABLE tried");
        let found = live.columns.iter().find(|column| column.name == "v").unwrap();
        assert!(C::fits(found, storage(stored)), "{engine}: {column} as {stored} for {field}");
        // Another type that is no synonym does not fit.
        let other = if field == "Vec<u8>" { Storage::BigInt } else { Storage::Binary };
        assert!(!C::fits(found, other), "{engine}: {column} as {other:?}");
    }
}

#[test]
fn the_types_of_the_guide_fit_their_columns() {
    check::<SqliteConnection>(&sqlite(), "SQLite");
    check::<PgConnection>(&postgres(), "PostgreSQL");
    check::<MysqlConnection>(&mysql(), "MySQL");
}
