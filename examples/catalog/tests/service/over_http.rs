//! The whole service over HTTP, on real databases.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use catalog::{Pool, Settings, Shop, router, server};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use integration_tests::{TestDatabase, cutting_at, mysql, postgres, relaying, sqlite};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use crate::client::{Answer, request};
use crate::listing::encoded;

/// Sends a request to a service on a connection of its own.
pub async fn send(address: SocketAddr, request: Request<Body>) -> Answer {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await.unwrap().into_parts();
    Answer::new(head.status, head.headers, &body.collect().await.unwrap().to_bytes())
}

pub async fn get(address: SocketAddr, path: &str) -> Answer {
    send(address, request(Method::GET, path, None, &Value::Null)).await
}

pub async fn post(address: SocketAddr, path: &str, body: Value) -> Answer {
    send(address, request(Method::POST, path, None, &body)).await
}

/// Serves a shop on a free port as long as the test runs.
pub async fn serve_with(shop: Shop, settings: Settings) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (never, is_ending) = tokio::sync::watch::channel(false);
    tokio::spawn(async move {
        let limits = settings.limits;
        server::serve(listener, router(shop, settings), limits, is_ending).await;
        drop(never);
    });
    address
}

async fn serve(shop: Shop) -> SocketAddr {
    serve_with(shop, Settings::default()).await
}

async fn serve_url(url: &str) -> SocketAddr {
    let (url, pool) = (url.to_owned(), Pool { connections: 4, ..Pool::default() });
    let shop = tokio::task::spawn_blocking(move || Shop::open(&url, pool).unwrap()).await.unwrap();
    assert_eq!(shop.check().unwrap(), [], "the tables are as the entities say");
    serve(shop).await
}

async fn rows_live_from_request_to_request(place: TestDatabase) {
    let address = serve_url(place.url()).await;
    get(address, "/ready").await.is(StatusCode::OK);
    let names = ["Станислав", "村上 春樹", "Ångström 👩‍👩‍👧"];
    for name in names {
        let made =
            post(address, "/authors", json!({ "name": name, "born_on": "1921-09-12" })).await;
        assert_eq!(made.is(StatusCode::CREATED).body["name"], name);
    }
    for number in 0..25 {
        let book = json!({
            "title": format!("№ {number}"), "author_id": number % 3 + 1, "in_print": true,
            "price": if number % 5 == 0 { Value::Null } else { json!(number % 7) },
        });
        post(address, "/books", book).await.is(StatusCode::CREATED);
    }
    let filter = encoded("author.name ~ \"стани\" or author.name ~ \"春\"");
    let mut url = format!("/books?filter={filter}&sort=-price,title&limit=4&count=true");
    let mut keys = Vec::new();
    loop {
        let page = get(address, &url).await.is(StatusCode::OK).body;
        assert_eq!(page["count"], json!(17));
        keys.extend(page["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64()));
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut url),
            None => break,
        }
    }
    assert_eq!(keys.len(), 17);
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 17, "no row comes twice");

    let twice = json!({ "title": "x", "author_id": 1, "in_print": true, "isbn": "9780156027601" });
    post(address, "/books", twice.clone()).await.is(StatusCode::CREATED);
    let twice = post(address, "/books", twice).await;
    twice.is_problem(StatusCode::CONFLICT, "constraint");
    assert_eq!(twice.body["fields"], json!(["isbn"]));
    let needed = send(address, request(Method::DELETE, "/authors/1", None, &Value::Null)).await;
    needed.is_problem(StatusCode::CONFLICT, "constraint");
    assert_eq!(needed.body["referenced_by"], json!(["books"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_live_from_request_to_request_on_postgres() {
    rows_live_from_request_to_request(postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_live_from_request_to_request_on_mysql() {
    rows_live_from_request_to_request(mysql()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_live_from_request_to_request_on_sqlite() {
    rows_live_from_request_to_request(sqlite()).await;
}

/// Makes a year pass for user 1, again and again until nobody was faster. Returns how often
/// somebody was.
async fn age(address: SocketAddr) -> u32 {
    let mut overtaken = 0;
    loop {
        let user = get(address, "/users/1").await.is(StatusCode::OK);
        let tag = user.header(axum::http::header::ETAG).to_owned();
        let older = json!({ "age": user.body["age"].as_i64().unwrap() + 1 });
        let answer = send(address, request(Method::PATCH, "/users/1", Some(&tag), &older)).await;
        if answer.status == StatusCode::OK {
            return overtaken;
        }
        answer.is_problem(StatusCode::PRECONDITION_FAILED, "conflict");
        assert_ne!(answer.body["theirs"], Value::Null);
        overtaken += 1;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_update_is_lost_among_many() {
    let place = postgres();
    let address = serve_url(place.url()).await;
    post(address, "/users", json!({ "name": "John", "age": 0 })).await.is(StatusCode::CREATED);
    let clients: Vec<_> = (0..12).map(|_| tokio::spawn(age(address))).collect();
    for client in clients {
        client.await.unwrap();
    }
    let user = get(address, "/users/1").await.body;
    assert_eq!((&user["age"], &user["version"]), (&json!(12), &json!(13)));
}

/// Alters a table that the service has prepared statements for, on each of its connections.
async fn answers_after_its_tables_were_altered(place: TestDatabase, alterations: &[&str]) {
    let address = serve_url(place.url()).await;
    post(address, "/users", json!({ "name": "John" })).await.is(StatusCode::CREATED);
    for alteration in alterations {
        let ask = || async {
            let asking: Vec<_> = (0..8).map(|_| tokio::spawn(get(address, "/users"))).collect();
            for answer in asking {
                answer.await.unwrap().is(StatusCode::OK);
            }
            get(address, "/users/1").await.is(StatusCode::OK);
        };
        ask().await;
        place.execute(alteration);
        ask().await;
        post(address, "/users", json!({ "name": "Jane" })).await.is(StatusCode::CREATED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_table_is_read_on_postgres() {
    let alterations = [
        "ALTER TABLE users ALTER name TYPE VARCHAR(300)",
        "ALTER TABLE users ADD COLUMN nickname TEXT",
    ];
    answers_after_its_tables_were_altered(postgres(), &alterations).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_table_is_read_on_mysql() {
    let alterations = [
        "ALTER TABLE users MODIFY name LONGTEXT NOT NULL",
        "ALTER TABLE users ADD COLUMN nickname TEXT FIRST",
    ];
    answers_after_its_tables_were_altered(mysql(), &alterations).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_the_service_lives_and_says_so() {
    let place = postgres();
    let (before, rest) = place.url().rsplit_once('@').unwrap();
    let (server, path) = rest.split_once('/').unwrap();
    let relay = relaying(server);
    let address = serve_url(&format!("{before}@{}/{path}", relay.host())).await;
    get(address, "/ready").await.is(StatusCode::OK);

    relay.stop();
    get(address, "/health").await.is(StatusCode::OK);
    let password = before.rsplit_once(':').unwrap().1;
    for answer in [
        get(address, "/ready").await,
        get(address, "/books").await,
        post(address, "/authors", json!({ "name": "Lem" })).await,
    ] {
        answer.is_problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable");
        assert_eq!(answer.header(axum::http::header::RETRY_AFTER), "1");
        assert!(!format!("{answer:?}").contains(password), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_into_a_file_that_was_removed_or_replaced() {
    let (place, other) = (sqlite(), sqlite());
    let (address, _) = (serve_url(place.url()).await, serve_url(other.url()).await);
    let author = json!({ "name": "Lem" });
    post(address, "/authors", author.clone()).await.is(StatusCode::CREATED);
    let elsewhere = place.path().with_file_name("elsewhere.db");
    std::fs::rename(place.path(), &elsewhere).unwrap();
    for replacement in [None, Some(other.path())] {
        if let Some(replacement) = replacement {
            std::fs::copy(replacement, place.path()).unwrap();
        }
        get(address, "/health").await.is(StatusCode::OK);
        for answer in [
            get(address, "/ready").await,
            get(address, "/authors").await,
            post(address, "/authors", author.clone()).await,
        ] {
            answer.is_problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable");
        }
    }
    std::fs::rename(&elsewhere, place.path()).unwrap();
    get(address, "/ready").await.is(StatusCode::OK);
    post(address, "/authors", author).await.is(StatusCode::CREATED);
    let all = get(address, "/authors?count=true").await.is(StatusCode::OK);
    assert_eq!(all.body["items"].as_array().map(Vec::len), Some(2), "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_without_an_answer_is_told_as_such() {
    let place = postgres();
    serve_url(place.url()).await;
    // Migrations commit as well: they are done by now.
    let address = serve_url(&cutting_at(place.url(), "COMMIT")).await;
    let answer = post(address, "/authors", json!({ "name": "Lem" })).await;
    answer.is_problem(StatusCode::SERVICE_UNAVAILABLE, "outcome-unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_connections_are_in_use_a_request_is_told_to_come_again() {
    let place = postgres();
    let pool = Pool { connections: 1, patience: Duration::from_millis(50), ..Pool::default() };
    let Shop::Postgres(database) = Shop::open(place.url(), pool).unwrap() else {
        panic!("the URL is PostgreSQL's");
    };
    let address = serve(Shop::Postgres(database.clone())).await;
    let session = database.session().unwrap();
    get(address, "/books").await.is_problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable");
    drop(session);
    get(address, "/books").await.is(StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_end_the_process_answers_what_it_was_asked() {
    let place = sqlite();
    let mut process = Command::new(env!("CARGO_BIN_EXE_catalog"))
        .env("CATALOG_DATABASE_URL", place.url())
        .env("CATALOG_LISTEN", "127.0.0.1:0")
        .env("CATALOG_HOSTS", "test")
        .env("RUST_LOG", "catalog=debug")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
    let address = log.find_map(|line| line.split_once("address=")?.1.parse().ok()).unwrap();

    // Somebody else writes: the request has to wait.
    let database = persistence::Database::<diesel::SqliteConnection>::open(place.url()).unwrap();
    let mut session = database.session().unwrap();
    session.add(domain::NewUser { name: "First".into(), age: None });
    session.flush().unwrap();
    let waiting = tokio::spawn(post(address, "/users", json!({ "name": "Second" })));
    assert!(log.any(|line| line.contains("begun")), "the request is taken");
    let killed = Command::new("kill").arg("-TERM").arg(process.id().to_string()).status().unwrap();
    assert!(killed.success());
    assert!(log.any(|line| line.contains("ending")), "the signal is noticed");
    session.commit().unwrap();
    assert_eq!(waiting.await.unwrap().is(StatusCode::CREATED).body["id"], json!(2));
    let ended = tokio::task::spawn_blocking(move || process.wait().unwrap()).await.unwrap();
    assert!(ended.success(), "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_is_none_of_its_column_hides_no_row() {
    let place = sqlite();
    let address = serve_url(place.url()).await;
    for name in ["Lem", "Le Guin", "Dick"] {
        let author = json!({ "name": name, "born_on": "1921-09-12" });
        post(address, "/authors", author).await.is(StatusCode::CREATED);
    }
    place.execute("UPDATE authors SET born_on = '02/03/2001' WHERE name = 'Le Guin'");
    let page = get(address, "/authors?sort=born_on&limit=2").await.is(StatusCode::OK).body;
    let rest = get(address, page["next"].as_str().unwrap()).await.is(StatusCode::OK).body;
    let rows: Vec<_> =
        [&page, &rest].into_iter().flat_map(|page| page["items"].as_array().unwrap()).collect();
    assert_eq!(rows.len(), 3);
    let odd = rows.iter().find(|row| row["name"] == "Le Guin").unwrap();
    assert_eq!(odd["born_on"], json!({ "unreadable": "02/03/2001" }));
    let one = get(address, &format!("/authors/{}", odd["id"])).await;
    one.is_problem(StatusCode::INTERNAL_SERVER_ERROR, "unreadable-value");
}
