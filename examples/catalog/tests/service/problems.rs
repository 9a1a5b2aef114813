//! Each error as the client is told.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::IntoResponse as _;
use catalog::{Limits, Problem, Settings, Shop};
use http_body_util::BodyExt as _;
use persistence::{
    Conflict, ConstraintKind, ConstraintViolation, Error, FieldError, Invalid, RecordKey,
    RetryReason,
};
use serde_json::{Value, json};

use crate::client::{Answer, Service, request};

/// What stands in messages that no client may see.
const SECRET: &str = "postgres://bindery:s3cret@db.internal:5432/shop";

async fn told(error: Error) -> Answer {
    let (head, body) = Problem::from(error).into_response().into_parts();
    Answer::new(head.status, head.headers, &body.collect().await.unwrap().to_bytes())
}

fn violation(kind: ConstraintKind) -> Error {
    let (table, columns) = (Some("books".to_owned()), vec!["isbn".to_owned()]);
    let (constraint, message) = (Some("books_isbn".to_owned()), SECRET.to_owned());
    let referenced_by = Vec::new();
    let entity = "Book";
    ConstraintViolation { kind, entity, table, columns, constraint, referenced_by, message }.into()
}

#[tokio::test]
async fn each_error_has_its_status_and_type() {
    let (target, message) = (SECRET.to_owned(), SECRET.to_owned());
    let filter = persistence::Filter::parse(<domain::Book as persistence::Entity>::meta(), "x = 1");
    let errors = vec![FieldError::new("isbn", "is too short")];
    let conflict =
        Conflict { entity: "Book", key: RecordKey::from(1), base: None, mine: None, theirs: None };
    let (unavailable, busy, wanted) = (target.clone(), message.clone(), "id = 7".to_owned());
    let cases = [
        (Error::NotFound { entity: "Book", wanted: wanted.clone() }, 404, "not-found"),
        (Error::MultipleFound { entity: "Book", wanted }, 500, "internal"),
        (Invalid { entity: "Book", errors }.into(), 422, "invalid"),
        (violation(ConstraintKind::Unique), 409, "constraint"),
        (violation(ConstraintKind::ForeignKey), 409, "constraint"),
        (violation(ConstraintKind::NotNull), 422, "invalid"),
        (violation(ConstraintKind::Check), 422, "invalid"),
        (conflict.into(), 412, "conflict"),
        (filter.unwrap_err().into(), 400, "filter"),
        (Error::Retryable { reason: RetryReason::Deadlock, message: busy }, 503, "busy"),
        (Error::Unavailable { target: unavailable, message: message.clone() }, 503, "unavailable"),
        (
            Error::CommitUnknown { target: target.clone(), message: message.clone() },
            503,
            "outcome-unknown",
        ),
        (Error::ReadOnly { target }, 403, "read-only"),
        (Error::Schema { message: message.clone() }, 500, "internal"),
        (Error::Data { message: "a NUL character".to_owned() }, 422, "unusable-value"),
        (Error::NotIncluded { entity: "Book", relation: "author" }, 500, "internal"),
        (Error::Timeout { message: message.clone() }, 503, "timeout"),
        (Error::Cancelled, 503, "timeout"),
        (
            Error::Database { message, source: diesel::result::Error::NotInTransaction },
            500,
            "internal",
        ),
    ];
    for (error, status, kind) in cases {
        let shown = format!("{error:?}");
        let answer = told(error).await;
        answer.is_problem(StatusCode::from_u16(status).unwrap(), kind);
        let text = format!("{answer:?}");
        assert!(!text.contains("s3cret") && !text.contains("db.internal"), "{shown}: {text}");
        // Sent again, what may have been written is written twice.
        let may_be_sent_again = status == 503 && kind != "outcome-unknown";
        let has_retry = answer.headers.contains_key(header::RETRY_AFTER);
        assert_eq!(has_retry, may_be_sent_again, "{shown}");
    }
}

#[tokio::test]
async fn what_is_wrong_before_any_handler_is_a_problem_too() {
    let service = Service::in_memory();
    service.get("/films").await.is_problem(StatusCode::NOT_FOUND, "no-such-path");
    service.get("/books/seven").await.is_problem(StatusCode::NOT_FOUND, "not-found");
    let wrong = service.send(request(Method::PUT, "/books/1", None, &Value::Null)).await;
    wrong.is_problem(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed");
    assert_eq!(wrong.header(header::ALLOW), "GET,HEAD,PATCH,DELETE");

    let post = |kind: &str, body: &str| {
        let request = Request::post("/authors").header(header::CONTENT_TYPE, kind);
        let (service, request) = (service.clone(), request.body(Body::from(body.to_owned())));
        async move { service.send(request.unwrap()).await }
    };
    let text = post("text/plain", "{}").await;
    text.is_problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type");
    for body in ["", "{", "[]", "7", "{\"name\": \"\u{0}\"}"] {
        post("application/json", body).await.is_problem(StatusCode::BAD_REQUEST, "bad-request");
    }
    let long = json!({ "name": "x".repeat(100_000) }).to_string();
    let long = post("application/json; charset=utf-8", &long).await;
    long.is_problem(StatusCode::PAYLOAD_TOO_LARGE, "too-large");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_request_that_takes_too_long_is_answered() {
    let place = integration_tests::sqlite();
    let Shop::Sqlite(database) = Shop::open(place.url(), catalog::Pool::default()).unwrap() else {
        panic!("a path is SQLite's");
    };
    // The one who writes.
    let mut session = database.session().unwrap();
    session.add(domain::NewUser { name: "First".into(), age: None });
    session.flush().unwrap();
    let limits = Limits { time: Duration::from_millis(50), ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let service = Service::with(Shop::Sqlite(database), settings);
    let waiting = service.post("/users", json!({ "name": "Second" })).await;
    waiting.is_problem(StatusCode::SERVICE_UNAVAILABLE, "outcome-unknown");
    // Its work goes on: it is written once it can be.
    session.commit().unwrap();
    drop(session);
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    loop {
        let page = service.get("/users?count=true").await;
        if page.body["count"] == json!(2) {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{page:?}");
        tokio::task::yield_now().await;
    }
}
