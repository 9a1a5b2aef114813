//! Requests and what comes of them.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use catalog::{Settings, Shop, router};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// What the service answers.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn new(status: StatusCode, headers: HeaderMap, body: &[u8]) -> Self {
        let body =
            if body.is_empty() { Value::Null } else { serde_json::from_slice(body).unwrap() };
        Self { status, headers, body }
    }

    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts that this is a problem document of that kind.
    #[track_caller]
    pub fn is_problem(&self, status: StatusCode, kind: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header(header::CONTENT_TYPE), "application/problem+json");
        assert_eq!(self.body["type"], format!("urn:bindery:problem:{kind}"), "{self:?}");
        assert_eq!(self.body["status"], status.as_u16());
        assert!(self.body["title"].is_string() && self.body["detail"].is_string(), "{self:?}");
    }

    #[track_caller]
    pub fn is(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

/// A request with a JSON body; none where it is `null`.
pub fn request(method: Method, path: &str, if_match: Option<&str>, body: &Value) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header("host", "test");
    if let Some(tag) = if_match {
        request = request.header(header::IF_MATCH, tag);
    }
    if body.is_null() {
        return request.body(Body::empty()).unwrap();
    }
    let request = request.header(header::CONTENT_TYPE, "application/json");
    request.body(Body::from(body.to_string())).unwrap()
}

/// The service, called without a network.
#[derive(Clone)]
pub struct Service(Router);

impl Service {
    pub fn on(shop: Shop) -> Self {
        Self::with(shop, Settings::default())
    }

    pub fn with(shop: Shop, settings: Settings) -> Self {
        Self(router(shop, settings))
    }

    pub fn in_memory() -> Self {
        Self::on(Shop::in_memory())
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.0.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        Answer::new(head.status, head.headers, &body.collect().await.unwrap().to_bytes())
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, None, &Value::Null)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(request(Method::POST, path, None, &body)).await
    }

    pub async fn patch(&self, path: &str, if_match: &str, body: Value) -> Answer {
        self.send(request(Method::PATCH, path, Some(if_match), &body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(request(Method::DELETE, path, None, &Value::Null)).await
    }

    /// A new author; returns its key.
    pub async fn author(&self, name: &str) -> i64 {
        let author = self.post("/authors", json!({ "name": name })).await.is(StatusCode::CREATED);
        author.body["id"].as_i64().unwrap()
    }

    /// A new book; returns its key.
    pub async fn book(&self, title: &str, author: i64, price: Value) -> i64 {
        let book = json!({ "title": title, "author_id": author, "price": price, "in_print": true });
        let book = self.post("/books", book).await.is(StatusCode::CREATED);
        book.body["id"].as_i64().unwrap()
    }
}
