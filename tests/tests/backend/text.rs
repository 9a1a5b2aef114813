//! Text is found whatever the case of either, in every alphabet.

use diesel::backend::Backend;
use diesel::connection::LoadConnection;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use diesel::{MysqlConnection, PgConnection, SqliteConnection};
use integration_tests::{TestDatabase, mysql, postgres, sqlite};
use persistence::TextMatch;
use persistence::backend::{Dialect, Engine, FoldedPattern};

use crate::library::open;

/// `SELECT word FROM words WHERE word … ORDER BY id`
struct Search {
    operator: TextMatch,
    folded: FoldedPattern,
}

impl Search {
    fn new(operator: TextMatch, text: &str) -> Self {
        Self { operator, folded: FoldedPattern::new(operator, text) }
    }
}

impl<DB: Dialect> QueryFragment<DB> for Search {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("SELECT word FROM words WHERE ");
        DB::text_match(out.reborrow(), "words", "word", self.operator, &self.folded)?;
        out.push_sql(" ORDER BY id");
        Ok(())
    }
}

impl QueryId for Search {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Search {
    type SqlType = (Text,);
}

impl<C: Connection> RunQueryDsl<C> for Search {}

fn words<C>(database: &TestDatabase, search: Search) -> Vec<String>
where
    C: Engine + LoadConnection,
    Search: diesel::query_dsl::LoadQuery<'static, C, (String,)>,
    C::Backend: Backend,
{
    let mut connection = open::<C>(database);
    let rows: Vec<(String,)> = search.load(&mut connection).expect("a search");
    rows.into_iter().map(|(word,)| word).collect()
}

const UTF8MB4: &str = "VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

const WORDS: [&str; 16] = [
    "Мастер и Маргарита",
    "STRASSE",
    "Straße",
    "ΟΔΥΣΣΕΎΣ",
    "Οδυσσεύς",
    "İstanbul",
    "ırmak",
    "Irmak",
    "café",
    "cafe",
    "100% sure",
    "a_b!c",
    "back\\slash",
    "quo'te",
    "",
    "ÆØÅ",
];

fn filled(database: TestDatabase, column: &str) -> TestDatabase {
    database.execute(&format!("CREATE TABLE words (id INTEGER PRIMARY KEY, word {column})"));
    let rows: Vec<_> = WORDS
        .iter()
        .enumerate()
        .map(|(id, word)| {
            let word = word.replace('\'', "''");
            // A backslash escapes in MySQL's literals.
            let word = if column.contains("utf8mb4") { word.replace('\\', "\\\\") } else { word };
            format!("({id}, '{word}')")
        })
        .collect();
    database.execute(&format!("INSERT INTO words VALUES {}, (99, NULL)", rows.join(", ")));
    database
}

fn on_sqlite() -> TestDatabase {
    filled(sqlite(), "TEXT")
}

fn on_postgres() -> TestDatabase {
    filled(postgres(), "TEXT COLLATE \"C\"")
}

fn on_mysql() -> TestDatabase {
    filled(mysql(), UTF8MB4)
}

fn check(search: impl Fn(Search) -> Vec<String>) {
    for operator in TextMatch::ALL {
        for pattern in [
            "мар",
            "МАС",
            "strass",
            "straße",
            "SS",
            "οδυσσεύς",
            "σ",
            "istanbul",
            "İ",
            "i",
            "I",
            "ı",
            "IRMAK",
            "CAFÉ",
            "cafe",
            "e",
            "%",
            "_",
            "!",
            "\\",
            "'",
            "",
            "æø",
            "sure",
            "k",
        ] {
            let expected: Vec<_> = WORDS
                .iter()
                .filter(|word| {
                    let (word, pattern) = (word.to_uppercase(), pattern.to_uppercase());
                    match operator {
                        TextMatch::Contains => word.contains(&pattern),
                        TextMatch::StartsWith => word.starts_with(&pattern),
                        TextMatch::EndsWith => word.ends_with(&pattern),
                    }
                })
                .collect();
            let found = search(Search::new(operator, pattern));
            assert_eq!(
                found.iter().map(String::as_str).collect::<Vec<_>>(),
                expected.into_iter().copied().collect::<Vec<_>>(),
                "{operator:?} {pattern:?}"
            );
        }
    }
}

#[test]
fn text_is_found_whatever_its_case_on_sqlite() {
    let database = on_sqlite();
    check(|search| words::<SqliteConnection>(&database, search));
}

#[test]
fn text_is_found_whatever_its_case_on_postgres() {
    let database = on_postgres();
    check(|search| words::<PgConnection>(&database, search));
}

#[test]
fn text_is_found_whatever_its_case_on_mysql() {
    let database = on_mysql();
    check(|search| words::<MysqlConnection>(&database, search));
}

/// The letters of an alphabet that `text` finds as its row, each the row of its own number.
fn finds<C>(database: &TestDatabase, column: &str, letters: &[char], text: impl Fn(char) -> String)
where
    C: Engine + LoadConnection,
    Search: diesel::query_dsl::LoadQuery<'static, C, (String,)>,
{
    database.execute(&format!("CREATE TABLE words (id INTEGER PRIMARY KEY, word {column})"));
    let rows: Vec<_> =
        letters.iter().enumerate().map(|(id, letter)| format!("({id}, '{letter}')")).collect();
    database.execute(&format!("INSERT INTO words VALUES {}", rows.join(", ")));
    let mut connection = open::<C>(database);
    for &letter in letters {
        let search = Search::new(TextMatch::Contains, &text(letter));
        let found: Vec<(String,)> = search.load(&mut connection).expect("a search");
        let is_found = found.iter().any(|(word,)| word.contains(letter));
        assert!(is_found, "{letter} U+{:04X} is not found", u32::from(letter));
    }
}

fn lowercase_letters(ranges: &[std::ops::RangeInclusive<char>]) -> Vec<char> {
    let letters = ranges.iter().cloned().flatten();
    letters.filter(|letter| !letter.to_uppercase().eq([*letter])).collect()
}

/// Latin, Greek, Cyrillic and Armenian.
const ALPHABETS: [std::ops::RangeInclusive<char>; 4] = ['à'..='ɏ', 'ͱ'..='ϻ', 'а'..='ӿ', 'ա'..='ֆ'];

#[test]
fn a_letter_is_found_by_its_capital_in_every_alphabet() {
    let letters = lowercase_letters(&ALPHABETS);
    let capital = |letter: char| letter.to_uppercase().collect();
    finds::<SqliteConnection>(&sqlite(), "TEXT", &letters, capital);
    // Letters whose capitals came with Unicode 16.
    let letters: Vec<_> = letters.into_iter().filter(|letter| !"ƛɤ".contains(*letter)).collect();
    finds::<PgConnection>(&postgres(), "TEXT COLLATE \"C\"", &letters, capital);
    // What becomes two letters stays one in MySQL; letters after Unicode 5.2 have no case in it.
    let is_known = |letter: &char| letter.to_uppercase().len() == 1 && *letter != 'ϳ';
    let letters: Vec<_> = letters.into_iter().filter(is_known).collect();
    finds::<MysqlConnection>(&mysql(), UTF8MB4, &letters, capital);
}

#[test]
fn a_letter_is_found_as_it_is_written_whatever_the_engine_knows_of_it() {
    // Old Greek, Georgian, Cherokee, ligatures, Deseret.
    let rare = ['ἀ'..='ῷ', 'ა'..='ჿ', 'ꭰ'..='ꮿ', 'ﬀ'..='ﬗ', '𐐨'..='𐑏'];
    let letters = lowercase_letters(&[&ALPHABETS[..], &rare[..]].concat());
    finds::<SqliteConnection>(&sqlite(), "TEXT", &letters, String::from);
    finds::<PgConnection>(&postgres(), "TEXT COLLATE \"C\"", &letters, String::from);
    finds::<MysqlConnection>(&mysql(), UTF8MB4, &letters, String::from);
}
