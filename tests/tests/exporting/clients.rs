//! Exported rows that the engines' own clients insert are the rows that were there, as these clients
//! see them.

use integration_tests::client::{Client, rows, run};
use integration_tests::{TestDatabase, on_every_engine};
use persistence::{Entity as _, Store};
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;
use transfer::export::{ExportColumns, FormatKind};

use crate::exported;
use crate::samples::{NewSample, Sample, catalog, insert, make_table, sample};

const COLUMNS: [&str; 16] = [
    "id", "flag", "small", "number", "big", "single", "ratio", "price", "weight", "text", "day",
    "time", "moment", "bytes", "code", "document",
];

/// Rows of a test.
const SAMPLES: usize = 250;

fn samples<C: Client>() -> Vec<NewSample> {
    let mut runner = TestRunner::default();
    let strategy = proptest::collection::vec(sample(C::NAME), SAMPLES);
    strategy.new_tree(&mut runner).unwrap().current()
}

/// Another database of the same engine.
fn another<C: Client>() -> TestDatabase {
    let place = C::empty();
    make_table::<C>(&place);
    place
}

/// Compares line by line, so that a difference can be read.
fn assert_same(before: &str, after: &str) {
    assert!(before.lines().count() >= SAMPLES, "{before}");
    for (before, after) in before.lines().zip(after.lines()) {
        assert_eq!(before, after);
    }
    assert_eq!(before.lines().count(), after.lines().count());
}

fn check_sql<C: Client + Store<Sample>>(from: &TestDatabase, settings: &str) {
    make_table::<C>(from);
    insert::<C>(from, samples::<C>());
    let script = exported(&catalog::<C>(from), FormatKind::Sql, ExportColumns::all(Sample::meta()));
    let to = another::<C>();
    let _ = run(C::client(&to), format!("{settings}{script}").as_bytes());
    assert_same(&rows::<C>(from, "samples", &COLUMNS), &rows::<C>(&to, "samples", &COLUMNS));
}

on_every_engine! {
    fn every_value_that_a_client_inserts_from_a_script_is_the_one_that_was_there<Engine>(place) {
        check_sql::<Engine>(&place, "");
    }

    fn a_script_means_the_same_whatever_the_clients_settings_are<Engine>(place) {
        let settings = match <Engine as persistence::Engine>::NAME {
            "PostgreSQL" => "SET standard_conforming_strings = off;\nSET escape_string_warning = off;\n",
            "MySQL" => "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES,ANSI_QUOTES';\n",
            _ => ".mode csv\n",
        };
        check_sql::<Engine>(&place, settings);
    }

    fn keys_are_counted_on_after_a_script<Engine>(place) {
        make_table::<Engine>(&place);
        insert::<Engine>(&place, samples::<Engine>());
        place.execute("DELETE FROM samples WHERE id < 200");
        let columns = ExportColumns::all(Sample::meta());
        let script = exported(&catalog::<Engine>(&place), FormatKind::Sql, columns);
        let to = another::<Engine>();
        let _ = run(Engine::client(&to), script.as_bytes());
        let _ = run(Engine::client(&to), b"INSERT INTO samples (small) VALUES (7);\n");
        let ids = rows::<Engine>(&to, "samples", &["id"]);
        let of_source = rows::<Engine>(&place, "samples", &["id"]);
        assert_eq!(ids.lines().count(), of_source.lines().count() + 1);
        // A script without rows changes nothing, nor does one whose rows are behind.
        let none = another::<Engine>();
        let columns = ExportColumns::all(Sample::meta());
        let script = exported(&catalog::<Engine>(&none), FormatKind::Sql, columns);
        let _ = run(Engine::client(&to), script.as_bytes());
        let _ = run(Engine::client(&to), b"INSERT INTO samples (small) VALUES (8);\n");
        assert_eq!(rows::<Engine>(&to, "samples", &["id"]).lines().count(), ids.lines().count() + 1);
    }

    fn texts_that_a_client_reads_from_csv_are_those_that_were_there<Engine>(place) {
        make_table::<Engine>(&place);
        let mut samples = samples::<Engine>();
        for sample in &mut samples {
            // No client takes a zero from a file of text.
            sample.text = sample.text.as_ref().map(|text| text.replace('\0', "0"));
        }
        insert::<Engine>(&place, samples);
        let columns = ExportColumns::named(Sample::meta(), ["id", "text"]).unwrap();
        let csv = exported(&catalog::<Engine>(&place), FormatKind::Csv, columns);
        let to = another::<Engine>();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples.csv");
        std::fs::write(&path, csv).unwrap();
        let path = path.display();
        let (read, tells_null) = match <Engine as persistence::Engine>::NAME {
            "PostgreSQL" => {
                (format!("\\copy samples (id, text) FROM '{path}' WITH (FORMAT csv, HEADER)\n"), true)
            }
            "MySQL" => (
                format!(
                    "LOAD DATA LOCAL INFILE '{path}' INTO TABLE samples CHARACTER SET utf8mb4 \
                     FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ESCAPED BY '' \
                     LINES TERMINATED BY '\\n' IGNORE 1 LINES (id, text);\n"
                ),
                false,
            ),
            _ => (
                format!(
                    "CREATE TABLE texts (id INTEGER, text TEXT);\n.import --csv --skip 1 {path} texts\n\
                     INSERT INTO samples (id, text) SELECT id, text FROM texts;\n"
                ),
                false,
            ),
        };
        let _ = run(Engine::client(&to), read.as_bytes());
        let text = if tells_null { "text" } else { "coalesce(text, '')" };
        let columns = ["id", text];
        assert_same(
            &rows::<Engine>(&place, "samples", &columns),
            &rows::<Engine>(&to, "samples", &columns),
        );
    }
}
