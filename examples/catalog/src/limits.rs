//! What a request may take, and a line in the log for each.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;
use tracing::Instrument as _;

use crate::Problem;
use crate::cost::FilterLimits;

/// What a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a body at most.
    pub body: usize,
    /// How long a client may take to send it.
    pub body_time: Duration,
    /// How long a client may take to send what stands before it, on a connection that it keeps, too.
    pub headers: Duration,
    /// How long a request may take once it is there; what it has begun to write may still be
    /// written.
    pub time: Duration,
    /// Connections that are open at once; others wait.
    pub connections: usize,
    /// What a filter may have.
    pub filter: FilterLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 64 * 1024,
            body_time: Duration::from_secs(10),
            headers: Duration::from_secs(10),
            time: Duration::from_secs(10),
            connections: 1_024,
            filter: FilterLimits::default(),
        }
    }
}

/// Reads the body before anything is done: what never comes writes nothing.
pub async fn with_body(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, limits.body);
    let problem = match tokio::time::timeout(limits.body_time, body).await {
        Ok(Ok(body)) => return next.run(Request::from_parts(head, Body::from(body))).await,
        Ok(Err(error)) if is_too_long(&error) => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "The body is too large",
            format!("at most {} bytes are read", limits.body),
        ),
        Ok(Err(_)) => Problem::bad_request("the body broke off"),
        Err(_) => Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "body-timeout",
            "The body did not come",
            "nothing was written: the request's body did not come in time",
        ),
    };
    let mut response = problem.into_response();
    // What is left of the body would be taken for the next request.
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<LengthLimitError>)
}

/// Answers a request that takes too long; its work on the database goes on to its end.
pub async fn in_time(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    match tokio::time::timeout(limits.time, next.run(request)).await {
        Ok(response) => response,
        Err(_) if is_read => {
            Problem::unavailable("timeout", "the request took too long").into_response()
        }
        Err(_) => Problem::outcome_unknown().into_response(),
    }
}

/// Logs each request, without its query, which may name people.
pub async fn logged(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let span =
        tracing::info_span!("request", method = %request.method(), path = request.uri().path());
    span.in_scope(|| tracing::debug!("begun"));
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    span.in_scope(|| tracing::info!(status, took = ?begun.elapsed()));
    response
}
