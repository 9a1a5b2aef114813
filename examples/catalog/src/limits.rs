//! What a request may take, and a line in the log for each.

use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument as _;

use crate::Problem;

/// What a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a body at most.
    pub body: usize,
    /// How long a request may take; what it has begun to write may still be written.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: 64 * 1024, time: Duration::from_secs(10) }
    }
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
