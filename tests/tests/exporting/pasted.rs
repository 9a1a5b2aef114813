//! Statements that are copied from the window's log do in the engine's own client what they did here.

use std::time::{Duration, Instant};

use admin_gui::i18n::{Language, Texts};
use admin_gui::jobs::{Jobs, Queue, Task, Topic};
use admin_gui::pages::query_log::{Entry, QueryLog, Which};
use admin_gui::tasks::{
    Commit, Committed, Count, Find, FindChoices, FindGrowth, FindNullRates, FindRelated,
    FindStatistics, FindValues, PlanDeletion, ReadDefaults, ReadDeletion, ReadPlanned, ReadRows,
    ScanStep, Walk,
};
use domain::{Address, Author, Book, NewAddress, NewAuthor, NewBook, NewUser, Price, User};
use integration_tests::client::{Client, rows, run};
use integration_tests::{TestDatabase, on_every_engine};
use persistence::edit::{Edit, EditKind, NewValue};
use persistence::observe::{Binds, Caveat};
use persistence::{
    Catalog, ColumnType, Cursor, Database, Engine, Entity, Filter, Order, PageStart, Query, Record,
    RecordKey, Repository, Store, Value,
};
use transfer::export::{Rows as Chosen, Source};

/// How long to wait for an answer.
const DEADLINE: Duration = Duration::from_mins(1);

const ASKED: Topic = Topic::new("asked", Queue::Rows);

/// What ends the rows of a statement in what the client prints.
const END: &str = "-- that was";

/// Everything that tables hold, by their names.
const COLUMNS: [(&str, &[&str]); 4] = [
    ("users", &["id", "name", "age", "version"]),
    ("addresses", &["id", "email_address", "user_id", "version"]),
    ("authors", &["id", "name", "born_on", "biography", "version"]),
    (
        "books",
        &["id", "title", "author_id", "isbn", "published_on", "price", "in_print", "version"],
    ),
];

/// A bookshop whose texts have all that has a meaning in SQL.
fn shop<C>(place: &TestDatabase) -> Catalog
where
    C: Engine + Store<User> + Store<Address> + Store<Author> + Store<Book>,
{
    let database = Database::<C>::open(place.url()).unwrap();
    database.migrate(&domain::MIGRATIONS).unwrap();
    let mut session = database.session().unwrap();
    let author = |name: &str, born_on: Option<&str>| NewAuthor {
        name: name.to_owned(),
        born_on: born_on.map(|date| date.parse().unwrap()),
        biography: None,
    };
    let authors = vec![
        author("Stanisław Lem", Some("1921-09-12")),
        author(r"O'Brien \ \\? $1 %_", None),
        author("Kōbō Abe 安部", Some("1924-03-07")),
    ];
    let authors: Vec<Author> = session.insert_many(authors).unwrap();
    let titles =
        ["Solaris", "It's \"this\" one", "100 % \\ or _", "$1 ? -- binds: [1]", "砂の女", "Fiasco"];
    let book = |(place, title): (usize, &&str)| NewBook {
        title: (*title).to_owned(),
        author: (&authors[place % 3]).into(),
        isbn: None,
        published_on: chrono::NaiveDate::from_ymd_opt(1960 + i32::try_from(place).unwrap(), 2, 28),
        price: (place > 0).then(|| Price::from_units(950 + 125 * i64::try_from(place).unwrap())),
        in_print: place % 2 == 0,
    };
    let _: Vec<Book> = session.insert_many(titles.iter().enumerate().map(book).collect()).unwrap();
    let ada: User = session.insert(NewUser { name: "Ada".to_owned(), age: Some(36) }).unwrap();
    let address = NewAddress { email_address: "ada@example.org".to_owned(), user: (&ada).into() };
    let _: Address = session.insert(address).unwrap();
    session.commit().unwrap();
    // Deletions are guarded by what was read, and not both shops are of the same moment.
    place.execute("UPDATE users SET created_at = '2020-01-02 03:04:05'");
    database
        .catalog()
        .entity::<User>()
        .entity::<Address>()
        .entity::<Author>()
        .entity::<Book>()
        .build()
}

/// A person at a window with its log.
struct Person {
    catalog: Catalog,
    jobs: Jobs<()>,
    log: QueryLog,
}

impl Person {
    fn at(catalog: Catalog) -> Self {
        let mut jobs = Jobs::start(&catalog, || {}).unwrap();
        jobs.note_values(Binds::Shown);
        Self { catalog, jobs, log: QueryLog::default() }
    }

    /// Has something done, and its statements noted.
    fn does<T: Task>(&mut self, task: T) -> T::Output {
        let ticket = self.jobs.ask(ASKED.only(), task, |(), _, _| {});
        let (outcome, report) = self.jobs.wait(&ticket, Instant::now() + DEADLINE).unwrap();
        let engine = self.catalog.engine();
        let entities: Vec<_> = self.catalog.entries().iter().map(|entry| entry.meta).collect();
        for statement in report.statements {
            let now = chrono::Local::now();
            self.log.record(statement, |it| it.for_client(engine, &entities), None, now);
        }
        outcome.unwrap()
    }

    fn deletes<E: Entity>(&mut self, query: &Query<E>) {
        let source = Source { meta: E::meta(), query: query.clone().erase(), rows: Chosen::All };
        let planned = self.does(PlanDeletion { source, limit: 10 }).unwrap();
        let read = self.does(ReadPlanned(planned));
        let ReadDeletion::AsSeen { seen, rows } = read else { panic!("{read:?}") };
        let edits = rows.iter().filter_map(|row| Edit::between(E::meta(), Some(row), None));
        let written = self.does(Commit::new(edits.collect(), vec![seen]));
        assert!(matches!(written, Committed::Written { .. }), "{written:?}");
    }

    fn lists<E: Entity>(&mut self, filter: Filter, order: &str, start: PageStart) -> Vec<Record> {
        let (table, order) = (E::meta().table, Order::parse(E::meta(), order).unwrap());
        let query = <Query>::new().filter(filter).order(order);
        let found = self.does(ReadRows { table, query, start, size: 2 });
        found.rows.iter().map(|row| row.whole().unwrap().clone()).collect()
    }

    fn counts<E: Entity>(&mut self, filter: &str) {
        let filter = Query::<E>::parse(filter, "").unwrap().erase().filter;
        self.does(Count { table: E::meta().table, filter });
    }
}

/// What a person does in an hour.
fn an_hour(person: &mut Person) {
    // Looking around.
    let by_title = || Order::parse(Book::meta(), "-title").unwrap();
    for text in ["lem", "it's", "100 %", r"\", "?", "o'brien"] {
        let filter = Filter::quick_search(Book::meta(), text);
        let first = person.lists::<Book>(filter.clone(), "-title", PageStart::First);
        if let Some(last) = first.last() {
            let place = Cursor::of(Book::meta(), &by_title(), last).unwrap();
            person.lists::<Book>(filter.clone(), "-title", PageStart::After(place));
        }
        person.lists::<Book>(filter, "price", PageStart::Last);
    }
    for filter in [
        r#"title ~ "it's""#,
        "price >= 12.00 and in_print",
        "price between 10 and 13 or not in_print",
        "published_on > 1962-02-27 and published_on is not null",
        r#"author.name ~ "'brien" and price != 9.50"#,
        "title in (Solaris, Fiasco, \"It's \\\"this\\\" one\")",
        "isbn is null and title ^= s and title $= s",
    ] {
        person.counts::<Book>(filter);
    }
    person.counts::<Author>("count(books where in_print) >= 1 and born_on < 1999-02-13");
    person.counts::<User>("created_at in last 7 days and age = 36");
    let table = "books";
    person.does(FindChoices { table: "authors", text: "o'b".to_owned(), size: 5 });
    person.does(FindValues { table, column: "author_id", filter: Filter::All, size: 9 });
    for column in ["price", "title", "published_on", "in_print"] {
        person.does(FindStatistics { table, column, filter: Filter::All });
    }
    person.does(FindNullRates { table });
    person.does(FindGrowth { table: "users", column: User::CREATED_AT.position() });
    let order = by_title();
    let walk = Walk::Skips { order, after: None, step: 2 };
    person.does(ScanStep { table, filter: Filter::All, walk });
    person.does(ReadDefaults { table });
    // Writing.
    let (base, _) = person.does(Find { table, key: RecordKey::from(2) }).unwrap();
    let mut mine = base.clone();
    mine.set(Book::TITLE.position(), r"it\'s $1, ? \\ -- and «砂» 📚".into());
    mine.set(Book::PRICE.position(), Value::Null);
    let edit = Edit::between(Book::meta(), Some(&base), Some(&mine)).unwrap();
    person.does(Commit::new(vec![edit], Vec::new()));
    let new = |table: &'static str, columns: Vec<(&'static str, Value)>| {
        let given = |(name, value): (&'static str, _)| (name.into(), NewValue::Known(value));
        let kind = EditKind::Insert { row: 0, columns: columns.into_iter().map(given).collect() };
        Commit::new(vec![Edit { table: table.into(), kind }], Vec::new())
    };
    let written = person.does(new("authors", vec![("name", "D'Arcy \\".into())]));
    let Committed::Written { rows, .. } = written else { panic!("{written:?}") };
    let mut rows = rows.into_rows();
    let author = rows.remove(0).after.unwrap();
    let columns = vec![
        ("title", "New; DROP".into()),
        ("author_id", author.value(Author::ID.position()).clone()),
        ("price", ColumnType::Decimal { scale: 2 }.parse("12.50").unwrap()),
        ("in_print", true.into()),
    ];
    person.does(new(table, columns));
    let related =
        FindRelated { table: "authors", record: author, relation: 0, size: 5, are_edited: false };
    person.does(related);
    person.deletes(&Query::<User>::parse("id = 1", "").unwrap());
    person.deletes(&Query::<Book>::parse("id = 3 or id = 6", "").unwrap());
}

fn is_read(entry: &Entry) -> bool {
    entry.client.sql.starts_with("SELECT") || entry.client.sql.starts_with("WITH")
}

on_every_engine! {
    fn what_is_copied_from_the_log_does_the_same_in_the_engines_own_client<Engine>(place) {
        let elsewhere = <Engine as Client>::empty();
        shop::<Engine>(&elsewhere);
        let mut person = Person::at(shop::<Engine>(&place));
        an_hour(&mut person);
        // The oldest first, as they were sent.
        let mut entries = person.log.found("", Which::All);
        entries.reverse();
        assert!((80..500).contains(&entries.len()), "{} statements", entries.len());
        let texts = Texts::new(Language::English);
        let mut script = String::new();
        for entry in &entries {
            for caveat in &entry.client.caveats {
                match caveat {
                    // All that is searched for here is ASCII.
                    Caveat::AsciiCase => {}
                    Caveat::ForeignKeys => script.push_str("PRAGMA foreign_keys = ON;\n"),
                    other => panic!("{other:?}: {entry:?}"),
                }
            }
            script.push_str(&entry.script(&texts));
            script.push_str(&format!("SELECT '{END}';\n"));
        }
        let printed = run(Engine::on_terminal(&elsewhere), script.as_bytes());
        let mut printed = printed.lines();
        let mut compared = 0;
        for entry in &entries {
            let lines = printed.by_ref().take_while(|line| *line != END).count() as u64;
            if let Some(rows) = entry.statement.rows.filter(|_| is_read(entry)) {
                assert_eq!(lines, rows, "{}", entry.script(&texts));
                compared += 1;
            }
        }
        assert!(compared > 50, "{compared} of {}", entries.len());
        for (table, columns) in COLUMNS {
            assert_eq!(
                rows::<Engine>(&elsewhere, table, columns),
                rows::<Engine>(&place, table, columns),
                "{table}"
            );
        }
    }
}
