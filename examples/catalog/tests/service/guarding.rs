//! What the service refuses: other hosts, whoever may not, and too much.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use catalog::{Hosts, Limits, Policy, Pool, Settings, Shares, Shop, Tokens};
use serde_json::{Value, json};

use crate::client::{Answer, Service, request};
use crate::listing::encoded;
use crate::over_http::{get, send, serve_with};

/// A token of somebody who may do little.
const READER: &str = "0123456789abcdef-reader";
/// A token of somebody who may write.
const WRITER: &str = "0123456789abcdef-writer";

fn service(settings: Settings) -> Service {
    Service::with(Shop::in_memory(), settings)
}

fn local(names: &[&str]) -> Settings {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let hosts = Hosts::of(SocketAddr::from(([127, 0, 0, 1], 3000)), &names);
    Settings { hosts, ..Settings::default() }
}

async fn of_host(service: &Service, host: Option<&str>, url: &str) -> Answer {
    let request = Request::get(url);
    let request = match host {
        Some(host) => request.header(header::HOST, host),
        None => request,
    };
    service.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_service_of_this_computer_answers_only_to_its_names() {
    let service = service(local(&["shop.example"]));
    let right = [
        "localhost",
        "LOCALHOST:3000",
        "127.0.0.1:3000",
        "127.1.2.3",
        "[::1]:3000",
        "Shop.Example.",
    ];
    for host in right {
        of_host(&service, Some(host), "/books").await.is(StatusCode::OK);
    }
    let wrong =
        ["evil.example", "localhost.evil.example:3000", "10.0.0.1", "shop.example.evil", ""];
    for host in wrong {
        for path in ["/books", "/openapi.json", "/health", "/nowhere"] {
            let answer = of_host(&service, Some(host), path).await;
            answer.is_problem(StatusCode::MISDIRECTED_REQUEST, "wrong-host");
        }
    }
    let unsaid = of_host(&service, None, "/books").await;
    unsaid.is_problem(StatusCode::MISDIRECTED_REQUEST, "wrong-host");
    let twofold = of_host(&service, Some("localhost"), "http://evil.example/books").await;
    twofold.is_problem(StatusCode::MISDIRECTED_REQUEST, "wrong-host");
}

#[tokio::test]
async fn a_service_for_others_answers_to_what_it_is_told() {
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 3000));
    assert_eq!(Hosts::of(everywhere, &[]), Hosts::Any);
    let hosts = Hosts::of(everywhere, &["shop.example".to_owned()]);
    let service = service(Settings { hosts, ..Settings::default() });
    of_host(&service, Some("shop.example"), "/books").await.is(StatusCode::OK);
    let other = of_host(&service, Some("evil.example"), "/books").await;
    other.is_problem(StatusCode::MISDIRECTED_REQUEST, "wrong-host");
}

fn guarded() -> Service {
    let tokens =
        format!("reader {READER} read=books\nwriter {WRITER} read=authors write=books,addresses\n");
    let policy = Policy::Tokens(Tokens::parse(&tokens).unwrap());
    service(Settings { policy, ..Settings::default() })
}

async fn bearing(
    service: &Service,
    token: &str,
    method: Method,
    path: &str,
    body: Value,
) -> Answer {
    let mut request = request(method, path, Some("*"), &body);
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    service.send(request).await
}

#[tokio::test]
async fn with_tokens_nobody_else_is_answered() {
    let service = guarded();
    for path in ["/books", "/books/1", "/nowhere"] {
        let answer = service.get(path).await;
        answer.is_problem(StatusCode::UNAUTHORIZED, "unauthorized");
        assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer");
    }
    for path in ["/health", "/ready", "/openapi.json"] {
        service.get(path).await.is(StatusCode::OK);
    }
    for token in ["", "0123456789abcdef", "0123456789abcdef-reader-", &READER.to_uppercase()] {
        let answer = bearing(&service, token, Method::GET, "/books", Value::Null).await;
        answer.is_problem(StatusCode::UNAUTHORIZED, "unauthorized");
    }
    let mut basic = request(Method::GET, "/books", None, &Value::Null);
    let value = format!("Basic {READER}").parse().unwrap();
    basic.headers_mut().insert(header::AUTHORIZATION, value);
    service.send(basic).await.is_problem(StatusCode::UNAUTHORIZED, "unauthorized");
}

#[tokio::test]
async fn a_token_allows_what_it_says_and_no_more() {
    let service = guarded();
    let forbidden = StatusCode::FORBIDDEN;
    bearing(&service, READER, Method::GET, "/books", Value::Null).await.is(StatusCode::OK);
    let answer = bearing(&service, READER, Method::GET, "/authors", Value::Null).await;
    answer.is_problem(forbidden, "forbidden");
    for (method, path) in
        [(Method::POST, "/books"), (Method::PATCH, "/books/1"), (Method::DELETE, "/books/1")]
    {
        let answer = bearing(&service, READER, method, path, json!({ "title": "x" })).await;
        answer.is_problem(forbidden, "forbidden");
    }
    // A filter tells of the rows that it leads to.
    for filter in ["author.name ~ \"Lem\"", "not (author (name = \"Lem\"))"] {
        let path = format!("/books?filter={}", encoded(filter));
        let answer = bearing(&service, READER, Method::GET, &path, Value::Null).await;
        answer.is_problem(forbidden, "forbidden");
        bearing(&service, WRITER, Method::GET, &path, Value::Null).await.is(StatusCode::OK);
    }
    // Who may write may read, and a deletion takes along.
    bearing(&service, WRITER, Method::GET, "/books", Value::Null).await.is(StatusCode::OK);
    let gone = bearing(&service, WRITER, Method::DELETE, "/books/1", Value::Null).await;
    gone.is_problem(StatusCode::NOT_FOUND, "not-found");
    let answer = bearing(&service, WRITER, Method::DELETE, "/users/1", Value::Null).await;
    answer.is_problem(forbidden, "forbidden");
    let nowhere = bearing(&service, WRITER, Method::GET, "/films", Value::Null).await;
    nowhere.is_problem(StatusCode::NOT_FOUND, "no-such-path");
}

#[tokio::test]
async fn deleting_needs_the_right_to_what_goes_along() {
    let tokens = format!("clerk {WRITER} write=users\nboss {READER} write=users,addresses");
    let policy = Policy::Tokens(Tokens::parse(&tokens).unwrap());
    let service = service(Settings { policy, ..Settings::default() });
    let answer = bearing(&service, WRITER, Method::DELETE, "/users/1", Value::Null).await;
    answer.is_problem(StatusCode::FORBIDDEN, "forbidden");
    assert!(answer.body["detail"].as_str().unwrap().contains("addresses"), "{answer:?}");
    let gone = bearing(&service, READER, Method::DELETE, "/users/1", Value::Null).await;
    gone.is_problem(StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn the_description_says_whether_anybody_is_asked_who_they_are() {
    let open = service(Settings::default()).get("/openapi.json").await.body;
    let says = |document: &Value| document["info"]["description"].as_str().unwrap().to_owned();
    assert!(says(&open).contains("There is no authentication"), "{open}");
    assert_eq!(open["security"], Value::Null);
    let guarded = guarded().get("/openapi.json").await.body;
    assert!(!says(&guarded).contains("no authentication"), "{guarded}");
    assert_eq!(guarded["security"], json!([{ "bearer": [] }]));
    assert_eq!(guarded["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
}

#[tokio::test]
async fn a_filter_that_asks_for_too_much_is_refused_and_the_limit_named() {
    let place = integration_tests::sqlite();
    let service = Service::on(Shop::open(place.url(), Pool::default()).unwrap());
    let repeated = |part: &str, times: usize| vec![part; times].join(" or ");
    let list = (0..201).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
    for (filter, limit) in [
        (repeated("id = 7", 1_100), "conditions"),
        (repeated("id = 7", 201), "conditions"),
        (format!("id in ({list})"), "conditions"),
        (repeated("title ~ \"q\"", 90), "searches"),
        (repeated("author.name ~ \"q\"", 6), "searches"),
        (repeated("author.id = 7", 9), "relations"),
    ] {
        let answer = service.get(&format!("/books?filter={}", encoded(&filter))).await;
        answer.is_problem(StatusCode::BAD_REQUEST, "filter-too-costly");
        assert_eq!(answer.body["limit"], limit, "{answer:?}");
        assert!(answer.body["at_most"].is_number(), "{answer:?}");
    }
    let counts = repeated("count(books) >= 3", 3);
    let answer = service.get(&format!("/authors?filter={}", encoded(&counts))).await;
    answer.is_problem(StatusCode::BAD_REQUEST, "filter-too-costly");
    for filter in [
        repeated("id = 7", 200),
        repeated("title ~ \"q\"", 5),
        repeated("author.id = 7", 8),
        vec!["not"; 20].join(" ") + " id = 7",
    ] {
        service.get(&format!("/books?filter={}", encoded(&filter))).await.is(StatusCode::OK);
    }
}

/// A service on PostgreSQL with so many connections, and the database itself.
fn on_postgres(
    place: &integration_tests::TestDatabase,
    connections: u32,
) -> (Shop, persistence::Database<diesel::PgConnection>, Pool) {
    let pool = Pool {
        connections,
        patience: Duration::from_secs(2),
        statement_timeout: Duration::from_secs(6),
    };
    let Shop::Postgres(database) = Shop::open(place.url(), pool).unwrap() else {
        panic!("the URL is PostgreSQL's");
    };
    (Shop::Postgres(database.clone()), database, pool)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_client_gets_all_connections() {
    let place = integration_tests::postgres();
    let (shop, database, pool) = on_postgres(&place, 4);
    let tokens = format!("reader {READER} read=*\nwriter {WRITER} read=* write=*");
    let policy = Policy::Tokens(Tokens::parse(&tokens).unwrap());
    let service = Service::with(
        shop,
        Settings { policy, shares: Shares::of(pool, None), ..Settings::default() },
    );
    // Somebody holds the table.
    let mut session = database.session().unwrap();
    diesel::connection::SimpleConnection::batch_execute(
        session.connection().unwrap(),
        "LOCK TABLE books",
    )
    .unwrap();
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let service = service.clone();
            tokio::spawn(async move {
                bearing(&service, READER, Method::GET, "/books", Value::Null).await
            })
        })
        .collect();
    // The other is answered all the while.
    for _ in 0..20 {
        let other = bearing(&service, WRITER, Method::GET, "/authors", Value::Null).await;
        other.is(StatusCode::OK);
    }
    let mut statuses = Vec::new();
    for answer in waiting {
        let answer = answer.await.unwrap();
        assert_eq!(answer.header(header::RETRY_AFTER), "1", "{answer:?}");
        statuses.push(answer.status);
    }
    let refused = statuses.iter().filter(|status| **status == StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.count(), 6, "half of four connections are its share: {statuses:?}");
    session.rollback().unwrap();
    bearing(&service, READER, Method::GET, "/books", Value::Null).await.is(StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_leave_connections_for_what_is_quick() {
    let place = integration_tests::postgres();
    let (shop, database, pool) = on_postgres(&place, 4);
    let shares = Shares::of(pool, Some(100));
    let service = Service::with(shop, Settings { shares, ..Settings::default() });
    let mut session = database.session().unwrap();
    diesel::connection::SimpleConnection::batch_execute(
        session.connection().unwrap(),
        "LOCK TABLE books",
    )
    .unwrap();
    let path = format!("/books?count=true&filter={}", encoded("title ~ \"q\""));
    let searching: Vec<_> = (0..12)
        .map(|_| {
            let (service, path) = (service.clone(), path.clone());
            tokio::spawn(async move { service.get(&path).await.status })
        })
        .collect();
    for _ in 0..20 {
        service.get("/authors").await.is(StatusCode::OK);
    }
    let mut statuses = Vec::new();
    for search in searching {
        statuses.push(search.await.unwrap());
    }
    assert!(statuses.iter().all(|status| *status == StatusCode::SERVICE_UNAVAILABLE));
    session.rollback().unwrap();
    service.get(&path).await.is(StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_never_comes_is_told_and_nothing_is_written() {
    let limits = Limits { body_time: Duration::from_millis(200), ..Limits::default() };
    let address = serve_with(Shop::in_memory(), Settings { limits, ..Settings::default() }).await;
    for sent in ["", "{\"name\": \"Lem\""] {
        let head = "POST /authors HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                    content-length: 20\r\n\r\n";
        let sent = format!("{head}{sent}");
        let talk = move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(sent.as_bytes()).unwrap();
            let mut answer = String::new();
            // The end of the answer is that of the connection.
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        let answer = tokio::task::spawn_blocking(talk).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("body-timeout") && !answer.contains("unknown"), "{answer}");
    }
    let authors = get(address, "/authors?count=true").await.is(StatusCode::OK);
    assert_eq!(authors.body["count"], json!(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_are_not_sent_to_their_end_do_not_keep_a_connection() {
    let limits =
        Limits { headers: Duration::from_millis(500), connections: 50, ..Limits::default() };
    let address = serve_with(Shop::in_memory(), Settings { limits, ..Settings::default() }).await;
    let open = move || -> Vec<TcpStream> {
        let half = (0..200).map(|number| {
            let mut stream = TcpStream::connect(address).unwrap();
            let head = "GET /books HTTP/1.1\r\nhost: x\r\nx-a";
            stream.write_all(if number % 2 == 0 { b"" } else { head.as_bytes() }).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            stream
        });
        half.collect()
    };
    let half = tokio::task::spawn_blocking(open).await.unwrap();
    // Others have to wait until the first of these are over.
    let begun = Instant::now();
    get(address, "/books").await.is(StatusCode::OK);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let all_end = move || {
        for mut stream in half {
            match stream.read_to_end(&mut Vec::new()) {
                // With an answer or without, or with a reset: it is over.
                Ok(_) => {}
                Err(error) => assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "{error}"),
            }
        }
    };
    tokio::task::spawn_blocking(all_end).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_checks_hosts_and_reads_tokens_and_shows_no_password() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::write(&tokens, format!("reader {READER} read=books\n")).unwrap();
    let program = || {
        let mut program = Command::new(env!("CARGO_BIN_EXE_catalog"));
        program.env("CATALOG_LISTEN", "127.0.0.1:0").stderr(Stdio::piped()).stdout(Stdio::null());
        program
    };
    let mut process = program().arg("--tokens").arg(&tokens).spawn().unwrap();
    let log = std::io::BufReader::new(process.stderr.take().unwrap());
    // As long as the program writes into it.
    let mut log = std::io::BufRead::lines(log).map_while(Result::ok);
    let address = log.find_map(|line| line.split_once("address=")?.1.parse().ok()).unwrap();
    let local = |path: &str, token: &str, host: &str| {
        let request = Request::get(path)
            .header(header::HOST, host)
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        send(address, request.body(Body::empty()).unwrap())
    };
    local("/books", READER, "localhost").await.is(StatusCode::OK);
    local("/users", READER, "localhost").await.is(StatusCode::FORBIDDEN);
    local("/books", WRITER, "localhost").await.is(StatusCode::UNAUTHORIZED);
    local("/books", READER, "evil.example").await.is(StatusCode::MISDIRECTED_REQUEST);
    process.kill().unwrap();
    process.wait().unwrap();

    for arguments in [
        ["--database-url", " postgres://u:s3cret@h/x"],
        ["--database-url", "postgres:/u:s3cret@h/x"],
        ["--database-url", "u:s3cret@h/x"],
        ["--database-url", "postgres://u:s3cret/x"],
        ["--listen", "postgres://u:s3cret@h/x"],
        ["--connections", "postgres://u:s3cret@h/x"],
        ["--no-such-option=postgres://u:s3cret@h/x", "u:s3cret@h/x"],
        ["postgres://u:s3cret@h/x", "mysql://u:s3cret@h/x"],
    ] {
        let output = program().args(arguments).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("s3cret"), "{arguments:?}: {said}");
        assert!(!said.is_empty(), "{arguments:?}");
    }
}
