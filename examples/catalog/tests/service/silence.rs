//! A server that falls silent: what is said of a commit, how the others go on, and the end.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use catalog::{Pool, Settings, Shop};
use domain::{NewUser, User};
use integration_tests::{Fault, Side, TestDatabase, mysql, postgres, relaying_url};
use persistence::{Error, Filter, Repository};
use tokio::sync::Semaphore;

use crate::over_http::{get, serve_with};

/// How many servers fall silent at once.
const AT_ONCE: usize = 8;
/// More bytes than a commit has, and than its answer.
const BYTES: usize = 40;

fn pool(connections: u32) -> Pool {
    Pool {
        connections,
        patience: Duration::from_secs(10),
        statement_timeout: Duration::from_millis(500),
    }
}

async fn open(url: &str, pool: Pool) -> Shop {
    let url = url.to_owned();
    tokio::task::spawn_blocking(move || Shop::open(&url, pool).unwrap()).await.unwrap()
}

/// What is said of a commit when the server falls silent after so many bytes of one side: written,
/// or unknown.
async fn commit(url: &str, name: String, side: Side, bytes: usize) -> (bool, bool) {
    let (relay, url) = relaying_url(url);
    let shop = open(&url, pool(1)).await;
    let relay = Arc::new(relay);
    let failing = Arc::clone(&relay);
    let written = shop
        .write(move |shop| {
            let user = NewUser { name: name.clone(), age: None };
            let _: User = Repository::<User>::insert(shop, user)?;
            failing.fail_after(side, bytes, Fault::Silence);
            Ok(())
        })
        .await;
    let has_fallen_silent = !relay.is_failing_later();
    relay.fail_no_more();
    // The only connection hangs, and yet there is one; where the commit was answered before, this is
    // what notices.
    if shop.ping().await.is_err() {
        shop.ping().await.expect("a new connection");
    }
    // What hangs ends with the test.
    relay.go_away();
    match written {
        Ok(()) => (true, has_fallen_silent),
        Err(Error::CommitUnknown { .. }) => (false, has_fallen_silent),
        Err(error) => panic!("{side:?} {bytes}: {error:?}"),
    }
}

async fn what_is_said_of_a_commit_is_true(place: TestDatabase) {
    let directly = open(place.url(), pool(1)).await;
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut commits = Vec::new();
    for side in [Side::Client, Side::Server] {
        for bytes in 0..=BYTES {
            let (turns, url) = (Arc::clone(&turns), place.url().to_owned());
            let name = format!("{side:?} {bytes}");
            let commit = async move {
                let _turn = turns.acquire().await.unwrap();
                let said = commit(&url, name.clone(), side, bytes).await;
                (name, said)
            };
            commits.push(tokio::spawn(commit));
        }
    }
    let (mut unknown, mut unknown_and_written) = (0, 0);
    for commit in commits {
        let (name, (is_written, has_fallen_silent)) = commit.await.unwrap();
        let wanted = name.clone();
        let found = directly
            .read(move |shop| {
                let wanted = Filter::equals("name", persistence::Value::Text(wanted.clone()));
                Repository::<User>::count(shop, &wanted)
            })
            .await
            .unwrap();
        assert!(found <= 1, "{name}");
        if is_written {
            assert_eq!(found, 1, "{name}");
        } else {
            assert!(has_fallen_silent, "{name}");
            unknown += 1;
            unknown_and_written += found;
        }
    }
    println!("silent: {unknown} unknown, of which {unknown_and_written} were written");
    assert!(0 < unknown_and_written && unknown_and_written < unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_commit_is_true_wherever_the_server_falls_silent_on_postgres() {
    what_is_said_of_a_commit_is_true(postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_commit_is_true_wherever_the_server_falls_silent_on_mysql() {
    what_is_said_of_a_commit_is_true(mysql()).await;
}

/// All connections fall silent, and new ones work.
async fn the_others_go_on(place: TestDatabase) {
    let (relay, url) = relaying_url(place.url());
    let shop = open(&url, pool(3)).await;
    let address = serve_with(shop, Settings::default()).await;
    let requests = || (0..6).map(|_| tokio::spawn(async move { get(address, "/books").await }));
    let all: Vec<_> = requests().collect();
    for request in all {
        request.await.unwrap().is(StatusCode::OK);
    }
    let before = relay.connections();
    relay.fall_silent();
    let all: Vec<_> = requests().collect();
    for request in all {
        let answer = request.await.unwrap();
        // Whichever limit came first has given it up.
        assert!(matches!(answer.status, StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE));
    }
    // Whoever comes later is answered at once.
    let begun = Instant::now();
    let all: Vec<_> = requests().collect();
    for request in all {
        request.await.unwrap().is(StatusCode::OK);
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(relay.connections() > before, "new connections");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_connections_fall_silent_the_others_go_on_with_new_ones_on_postgres() {
    the_others_go_on(postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_connections_fall_silent_the_others_go_on_with_new_ones_on_mysql() {
    the_others_go_on(mysql()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_end_the_process_does_not_wait_for_a_silent_database() {
    let place = postgres();
    let (relay, url) = relaying_url(place.url());
    let mut process = Command::new(env!("CARGO_BIN_EXE_catalog"))
        .env("CATALOG_DATABASE_URL", &url)
        .env("CATALOG_LISTEN", "127.0.0.1:0")
        .env("CATALOG_HOSTS", "test")
        .env("RUST_LOG", "catalog=debug")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
    let address = log.find_map(|line| line.split_once("address=")?.1.parse().ok()).unwrap();
    let mut is_taken = || log.any(|line| line.contains("begun"));
    get(address, "/books").await.is(StatusCode::OK);
    assert!(is_taken(), "the first request");
    relay.fall_silent();
    let waiting = tokio::spawn(async move { get(address, "/books").await });
    assert!(is_taken(), "the request that waits");
    let begun = Instant::now();
    let killed = Command::new("kill").arg("-TERM").arg(process.id().to_string()).status().unwrap();
    assert!(killed.success());
    let reading = std::thread::Builder::new().spawn(move || log.count()).unwrap();
    let ended = tokio::task::spawn_blocking(move || process.wait().unwrap()).await.unwrap();
    assert!(ended.success(), "{ended}");
    assert!(begun.elapsed() < Duration::from_secs(35), "{:?}", begun.elapsed());
    let answer = waiting.await.unwrap();
    answer.is_problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable");
    reading.join().unwrap();
}
