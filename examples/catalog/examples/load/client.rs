//! A client that reads and writes books of its own, and checks every answer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use axum::http::Method;
use serde_json::{Value, json};

use crate::http::{Answer, Connection};
use crate::ledger::{Book, Ledger};
use crate::report::Report;

/// How long a client waits after an answer that tells it to come again.
const PAUSE: Duration = Duration::from_millis(20);
/// How long the service has to be back when everything is checked at the end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A part of every author's name in other letters, as a URL has it: `станислав`.
const NAME: &str = "%D1%81%D1%82%D0%B0%D0%BD%D0%B8%D1%81%D0%BB%D0%B0%D0%B2";

/// A client with books of its own.
pub struct Client {
    connection: Connection,
    report: Arc<Report>,
    number: u64,
    random: u64,
    made: u64,
    author: i64,
    ledger: Ledger,
    /// The row that all clients count up.
    shared: i64,
    steps: i64,
    unknown_steps: i64,
}

impl Client {
    pub fn new(address: &str, number: u64, shared: i64, report: Arc<Report>) -> Self {
        Self {
            connection: Connection::new(address),
            report,
            number,
            random: 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(number + 1),
            made: 0,
            author: 0,
            ledger: Ledger::default(),
            shared,
            steps: 0,
            unknown_steps: 0,
        }
    }

    /// Makes the author whose books these are.
    pub async fn register(&mut self) -> Result<()> {
        let author = json!({ "name": format!("Станислав № {} 村上", self.number) });
        let answer = self.connection.send(Method::POST, "/authors", None, Some(&author)).await?;
        self.author = answer.body["id"].as_i64().context("the service makes no author")?;
        Ok(())
    }

    /// Sends one request after the other.
    pub async fn work_until(&mut self, end: Instant) {
        while Instant::now() < end {
            match self.chance() % 100 {
                0..50 => self.read().await,
                50..65 => self.list().await,
                65..80 => self.make().await,
                80..90 => self.change().await,
                90..95 => self.delete().await,
                _ => self.step().await,
            }
        }
    }

    /// Steps of the shared row that were acknowledged, and those of which nobody knows.
    pub const fn steps(&self) -> (i64, i64) {
        (self.steps, self.unknown_steps)
    }

    async fn read(&mut self) {
        let chance = self.chance();
        let Some((id, book)) = self.ledger.any(chance) else { return self.make().await };
        let path = format!("/books/{id}");
        let Some(answer) = self.send("read", Method::GET, &path, None, None).await else { return };
        if answer.status != 200 || Book::of(&answer.body).as_ref() != Some(&book) {
            self.wrong(&format!("GET {path}: expected {book:?}"), &answer);
        }
    }

    async fn list(&mut self) {
        let path = format!(
            "/books?filter=author_id%20%3D%20{}%20and%20author.name%20~%20%22{NAME}%22\
             &sort=-price,title&limit=20",
            self.author
        );
        let Some(answer) = self.send("list", Method::GET, &path, None, None).await else { return };
        let found = rows(&answer.body);
        let order = |(_, book): &(i64, Book)| (std::cmp::Reverse(book.cents), book.title.clone());
        let fits = found.iter().all(|(id, book)| self.ledger.allows(*id, book));
        let expected = self.ledger.needed().count().min(20);
        if answer.status != 200 || !fits || !found.is_sorted_by_key(order) || found.len() < expected
        {
            self.wrong(&format!("GET {path}: expected {expected} books or more"), &answer);
        }
    }

    async fn make(&mut self) {
        self.made += 1;
        let cents = i64::try_from(self.chance() % 10_000).unwrap_or(0);
        let title = format!("Książka {}/{} 📚", self.number, self.made);
        let book = json!({
            "title": title, "author_id": self.author, "in_print": true, "price": price(cents),
        });
        let Some(answer) = self.send("create", Method::POST, "/books", None, Some(&book)).await
        else {
            self.ledger.maybe_made.insert(title);
            return;
        };
        let made = Book { title, cents, version: 1 };
        match (answer.status, answer.body["id"].as_i64()) {
            (201, Some(id)) if Book::of(&answer.body).as_ref() == Some(&made) => {
                self.ledger.known.insert(id, made);
            }
            (503, _) if answer.is_unknown() => {
                self.ledger.maybe_made.insert(made.title);
            }
            (503, _) => {}
            _ => self.wrong("POST /books", &answer),
        }
    }

    async fn change(&mut self) {
        let chance = self.chance();
        let Some((id, before)) = self.ledger.any(chance) else { return self.make().await };
        let cents = (before.cents + 1) % 10_000;
        let (path, change) = (format!("/books/{id}"), json!({ "price": price(cents) }));
        let after = Book { cents, version: before.version + 1, ..before.clone() };
        let version = Some(before.version);
        let sent = self.send("change", Method::PATCH, &path, version, Some(&change)).await;
        let Some(answer) = sent else { return self.ledger.doubt(id, Some(after)) };
        match answer.status {
            200 if Book::of(&answer.body).as_ref() == Some(&after) => {
                self.ledger.known.insert(id, after);
            }
            503 if answer.is_unknown() => self.ledger.doubt(id, Some(after)),
            503 => {}
            _ => self.wrong(&format!("PATCH {path}: expected {after:?}"), &answer),
        }
    }

    async fn delete(&mut self) {
        let chance = self.chance();
        let Some((id, before)) = self.ledger.any(chance) else { return self.make().await };
        let path = format!("/books/{id}");
        let version = Some(before.version);
        let Some(answer) = self.send("delete", Method::DELETE, &path, version, None).await else {
            return self.ledger.doubt(id, None);
        };
        match answer.status {
            204 => {
                self.ledger.known.remove(&id);
            }
            503 if answer.is_unknown() => self.ledger.doubt(id, None),
            503 => {}
            _ => self.wrong(&format!("DELETE {path}: expected {before:?}"), &answer),
        }
    }

    /// Counts the shared row up by one, unless another client is faster.
    async fn step(&mut self) {
        let path = format!("/books/{}", self.shared);
        let Some(answer) = self.send("read", Method::GET, &path, None, None).await else { return };
        let Some(book) = Book::of(&answer.body) else { return };
        let change = json!({ "price": price(book.cents + 1) });
        let version = Some(book.version);
        let Some(answer) = self.send("change", Method::PATCH, &path, version, Some(&change)).await
        else {
            self.unknown_steps += 1;
            return;
        };
        match answer.status {
            200 => self.steps += 1,
            503 if answer.is_unknown() => self.unknown_steps += 1,
            412 | 503 => {}
            _ => self.wrong(&format!("PATCH {path}"), &answer),
        }
    }

    /// Compares all books of the author, page by page, with what was acknowledged; returns how
    /// many are as they were.
    pub async fn verify(&mut self) -> Result<u64> {
        let mut url = Some(format!("/books?filter=author_id%20%3D%20{}&limit=200", self.author));
        let mut found = BTreeSet::new();
        while let Some(path) = url {
            let answer = patiently(&mut self.connection, &path).await?;
            for (id, book) in rows(&answer.body) {
                if !self.ledger.allows(id, &book) || !found.insert(id) {
                    let known = (self.ledger.known.get(&id), self.ledger.in_doubt.get(&id));
                    self.report.wrong(format!("at the end: {id} {book:?}, expected {known:?}"));
                }
            }
            url = answer.body["next"].as_str().map(str::to_owned);
        }
        for id in self.ledger.needed().filter(|id| !found.contains(id)) {
            self.report.wrong(format!("lost: {id}"));
        }
        Ok(found.iter().filter(|id| self.ledger.known.contains_key(id)).count() as u64)
    }

    /// Sends a request; `None` where the connection was lost.
    async fn send(
        &mut self,
        operation: &'static str,
        method: Method,
        path: &str,
        version: Option<i64>,
        body: Option<&Value>,
    ) -> Option<Answer> {
        let sent = Instant::now();
        match self.connection.send(method, path, version, body).await {
            Ok(answer) => {
                let kind = answer.body["type"].as_str().unwrap_or_default();
                let kind = kind.rsplit(':').next().unwrap_or_default();
                self.report.answered(operation, answer.status, kind, sent);
                if answer.status == 503 {
                    tokio::time::sleep(PAUSE).await;
                    let is_read = matches!(operation, "read" | "list");
                    return (!is_read).then_some(answer);
                }
                Some(answer)
            }
            Err(error) => {
                // The service itself stays: its connections are not lost.
                self.report.wrong(format!("{operation} {path}: {error:#}"));
                tokio::time::sleep(PAUSE).await;
                None
            }
        }
    }

    fn wrong(&self, expected: &str, answer: &Answer) {
        self.report.wrong(format!("{expected}, got {} {}", answer.status, answer.body));
    }

    /// A xorshift: the same on every run.
    const fn chance(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}

/// Makes the row that all clients count up.
pub async fn shared_row(address: &str, report: &Report) -> Result<i64> {
    let mut connection = Connection::new(address);
    let author = json!({ "name": "Everybody" });
    let author = connection.send(Method::POST, "/authors", None, Some(&author)).await?;
    let book = json!({
        "title": "Counted", "author_id": author.body["id"], "in_print": true, "price": 0,
    });
    let sent = Instant::now();
    let book = connection.send(Method::POST, "/books", None, Some(&book)).await?;
    report.answered("create", book.status, "", sent);
    book.body["id"].as_i64().context("the service makes no book")
}

/// How far the shared row was counted.
pub async fn shared_count(address: &str, shared: i64, report: &Report) -> Result<i64> {
    let mut connection = Connection::new(address);
    let answer = patiently(&mut connection, &format!("/books/{shared}")).await?;
    let book = Book::of(&answer.body).context("the shared row is gone")?;
    if book.version != book.cents + 1 {
        report.wrong(format!("the shared row is {book:?}: a step without a version"));
    }
    Ok(book.cents)
}

/// Reads until the service can answer.
async fn patiently(connection: &mut Connection, path: &str) -> Result<Answer> {
    let end = Instant::now() + PATIENCE;
    loop {
        let answer = connection.send(Method::GET, path, None, None).await?;
        if answer.status == 200 {
            return Ok(answer);
        }
        anyhow::ensure!(Instant::now() < end, "GET {path}: {} {}", answer.status, answer.body);
        tokio::time::sleep(PAUSE).await;
    }
}

fn rows(page: &Value) -> Vec<(i64, Book)> {
    let items = page["items"].as_array().map_or(&[][..], Vec::as_slice);
    items.iter().filter_map(|item| Some((item["id"].as_i64()?, Book::of(item)?))).collect()
}

fn price(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
